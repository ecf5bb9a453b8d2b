// SPDX-License-Identifier: GPL-2.0
/* Messages and replies of which the kernel holds the first part only. */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/neutrino.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define MIB	(1UL << 20)
/* More than is held, not a multiple of anything */
#define LEN	(3 * MIB + 12345)
/* More than was ever held; less where all is slow */
#define HUGE	(17 * MIB / (unsigned int)test_slow() + 1)

/* LEN bytes of which the first @n, whole pages, can be touched. */
static char *fenced(size_t n)
{
	char *p = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(p != MAP_FAILED && !mprotect(p + n, LEN - n, PROT_NONE));
	return p;
}

TEST(received_and_replied_at_once)
{
	char *msg = malloc(HUGE), *area = malloc(HUGE);
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	fill(msg, HUGE, 3);
	call_start(&c, coid, msg, HUGE, area, HUGE, 0);
	a = server_do(&s, "recv %d %lu", s.chid, HUGE);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_MSGLEN], HUGE);
	CHECK_EQ(a.v[R_SRCMSGLEN], HUGE);
	CHECK_EQ(a.v[R_DSTMSGLEN], HUGE);
	CHECK(a.v[R_HASH] == hash_fill(0, HUGE, 3));
	CHECK_EQ(server_do(&s, "reply %ld 42 %lu 9", a.ret, HUGE).ret, 0);
	CHECK_EQ(call_join(&c), 42);
	CHECK(hash(area, HUGE) == hash_fill(0, HUGE, 9));
}

/* So many that not all has room on its way, and where that is slow all wait for
 * their connection to open.
 */
TEST(many_on_a_connection_that_opens)
{
	enum { CALLS = 80, BYTES = 60000 };
	const int n = CALLS / test_slow();
	char *msg = malloc(BYTES);
	struct call c[CALLS];
	struct server s;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	fill(msg, BYTES, 3);
	for (i = 0; i < n; i++)
		call_start(&c[i], coid, msg, BYTES, NULL, 0, 0);
	CHECK_EQ(server_do(&s, "serve %d %d %d 3 42", s.chid, BYTES, n).ret, n);
	for (i = 0; i < n; i++)
		CHECK_EQ(call_join(&c[i]), 42);
}

static long begin(struct server *s, struct call *c, char *msg, char *area)
{
	struct answer a;
	int coid;

	server_start(s, 0);
	coid = server_connect(s, s->chid);
	call_start(c, coid, msg, LEN, area, area ? LEN : 0, 0);
	a = server_do(s, "recv %d 100", s->chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_MSGLEN], 100);
	CHECK_EQ(a.v[R_SRCMSGLEN], LEN);
	return a.ret;
}

TEST(read_anywhere)
{
	static const size_t at[] = { 0, 100, MIB - 1, MIB, MIB + 1,
				     2 * MIB + 60000, LEN - 1, LEN, LEN + 1,
				     5 * MIB };
	static const size_t lens[] = { 0, 1, 2, 61440, 100000, 2 * LEN };
	char *msg = malloc(LEN);
	struct server s;
	struct answer a;
	struct call c;
	size_t i, j, n;
	long rcvid;

	fill(msg, LEN, 3);
	rcvid = begin(&s, &c, msg, NULL);
	for (i = sizeof(at) / sizeof(at[0]); i--;) {
		for (j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
			n = at[i] > LEN ? 0 : LEN - at[i];
			n = n < lens[j] ? n : lens[j];
			a = server_do(&s, "read %ld %zu %zu", rcvid, at[i],
				      lens[j]);
			CHECK_EQ(a.ret, n);
			CHECK(a.v[0] == hash_fill(at[i], n, 3));
		}
	}
	a = server_do(&s, "readv %ld %lu 5000", rcvid, MIB - 1234);
	CHECK_EQ(a.ret, 5000);
	CHECK(a.v[0] == hash_fill(MIB - 1234, 5000, 3));
	server_do(&s, "reply %ld 5 0 0", rcvid);
	CHECK_EQ(call_join(&c), 5);
}

TEST(write_anywhere_and_reply)
{
	char *msg = calloc(1, LEN), *area = malloc(LEN);
	struct server s;
	struct call c;
	long rcvid;

	memset(area, 0x77, LEN);
	rcvid = begin(&s, &c, msg, area);
	CHECK_EQ(server_do(&s, "write %ld %lu 1500000 1", rcvid,
			   2 * MIB).ret, LEN - 2 * MIB > 1500000 ? 1500000 :
		 LEN - 2 * MIB);
	CHECK_EQ(server_do(&s, "write %ld %lu 10 2", rcvid, MIB + 5).ret, 10);
	CHECK_EQ(server_do(&s, "write %ld %lu 10 2", rcvid, LEN).ret, 0);
	CHECK_EQ(server_do(&s, "reply %ld 6 %lu 4", rcvid, MIB).ret, 0);
	CHECK_EQ(call_join(&c), 6);
	CHECK(hash(area, MIB) == hash_fill(0, MIB, 4));
	CHECK_EQ(area[MIB + 4], 0x77);
	CHECK(hash(area + MIB + 5, 10) == hash_fill(0, 10, 2));
	CHECK_EQ(area[MIB + 15], 0x77);
	CHECK(hash(area + 2 * MIB, LEN - 2 * MIB) ==
	      hash_fill(0, LEN - 2 * MIB, 1));
}

/* The reply may be longer than its area, and shorter. */
TEST(reply_is_cut)
{
	char *msg = calloc(1, LEN), *area = malloc(LEN + 1);
	struct server s;
	struct call c;
	long rcvid;

	memset(area, 0x77, LEN + 1);
	rcvid = begin(&s, &c, msg, area);
	CHECK_EQ(server_do(&s, "reply %ld 7 %lu 4", rcvid, 2 * LEN).ret, 0);
	CHECK_EQ(call_join(&c), 7);
	CHECK(hash(area, LEN) == hash_fill(0, LEN, 4));
	CHECK_EQ(area[LEN], 0x77);
}

TEST(error_after_writes)
{
	char *msg = calloc(1, LEN), *area = malloc(LEN);
	struct server s;
	struct call c;
	long rcvid;

	rcvid = begin(&s, &c, msg, area);
	CHECK_EQ(server_do(&s, "write %ld 0 %lu 1", rcvid, LEN).ret, LEN);
	CHECK_EQ(server_do(&s, "error %ld %d", rcvid, EBUSY).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EBUSY);
}

/* What the client cannot bring fails the read; the call goes on. */
TEST(read_of_bad_memory)
{
	char *msg = fenced(2 * MIB);
	struct server s;
	struct answer a;
	struct call c;
	long rcvid;

	fill(msg, 2 * MIB, 3);
	rcvid = begin(&s, &c, msg, NULL);
	a = server_do(&s, "read %ld %lu 100", rcvid, 2 * MIB - 50);
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, EFAULT);
	a = server_do(&s, "read %ld %lu 100", rcvid, 2 * MIB - 100);
	CHECK_EQ(a.ret, 100);
	CHECK(a.v[0] == hash_fill(2 * MIB - 100, 100, 3));
	CHECK_EQ(server_do(&s, "reply %ld 8 0 0", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), 8);
}

/* If it is the receive that finds it, the call fails, and another is received. */
TEST(receive_of_bad_memory)
{
	char *msg = fenced(2 * MIB);
	struct call c, other;
	struct server s;
	struct answer a;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, msg, LEN, NULL, 0, 0);
	server_say(&s, "recv %d %lu", s.chid, LEN);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EFAULT);
	call_start(&other, coid, "ok", 2, NULL, 0, 0);
	a = server_hear(&s);
	CHECK_EQ(a.v[R_SRCMSGLEN], 2);
	server_do(&s, "reply %ld 1 0 0", a.ret);
	CHECK_EQ(call_join(&other), 1);
	check_alive(&s, coid);
}

/* The server has replied; what the client cannot take is its own affair. */
TEST(reply_into_bad_memory)
{
	char *msg = calloc(1, LEN), *area = fenced(2 * MIB);
	struct server s;
	struct call c;
	long rcvid;

	rcvid = begin(&s, &c, msg, area);
	CHECK_EQ(server_do(&s, "reply %ld 0 %lu 1", rcvid, LEN).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EFAULT);
	check_alive(&s, c.coid);
}

/* Of so much, the server hears it. */
TEST(write_into_bad_memory)
{
	char *msg = calloc(1, LEN), *area = fenced(4096);
	struct server s;
	struct answer a;
	struct call c;
	long rcvid;

	rcvid = begin(&s, &c, msg, area);
	a = server_do(&s, "write %ld 0 %lu 1", rcvid, LEN);
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, EFAULT);
	server_do(&s, "reply %ld 0 0 0", rcvid);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EFAULT);
	check_alive(&s, c.coid);
}

static void handler(int sig)
{
	(void)sig;
}

/* A client that has left brings nothing any more. */
TEST(interrupted)
{
	struct sigaction sa = { .sa_handler = handler };
	char *msg = calloc(1, LEN), *area = malloc(LEN);
	struct server s;
	struct answer a;
	struct call c;
	long rcvid;

	sigaction(SIGUSR1, &sa, NULL);
	rcvid = begin(&s, &c, msg, area);
	CHECK_EQ(server_do(&s, "write %ld 0 %lu 1", rcvid, LEN).ret, LEN);
	pthread_kill(c.thread, SIGUSR1);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	/* Of another node's client the server hears a while later. */
	do
		a = server_do(&s, "read %ld %lu 100", rcvid, 2 * MIB);
	while (server_remote() && a.ret == 100);
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, ESRCH);
	CHECK_EQ(server_do(&s, "write %ld 0 %lu 1", rcvid, LEN).err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 0 %lu 1", rcvid, LEN).err, ESRCH);
	check_alive(&s, c.coid);
}

/* The server ends in the middle of it. */
TEST(server_is_killed)
{
	char *msg = calloc(1, LEN), *area = malloc(LEN);
	struct server s;
	struct call c;

	begin(&s, &c, msg, area);
	server_kill(&s, SIGKILL);
	server_reap(&s);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ESRCH);
}

/* Sent again from the beginning */
TEST(restart)
{
	char *msg = malloc(LEN);
	struct server s;
	struct answer a;
	struct call c;
	long rcvid;

	fill(msg, LEN, 3);
	rcvid = begin(&s, &c, msg, NULL);
	CHECK_EQ(server_do(&s, "read %ld %lu 100", rcvid, 2 * MIB).ret, 100);
	CHECK_EQ(server_do(&s, "error %ld %d", rcvid, ERESTART).ret, 0);
	a = server_do(&s, "recv %d %lu", s.chid, LEN);
	CHECK_EQ(a.v[R_MSGLEN], LEN);
	CHECK(a.v[R_HASH] == hash_fill(0, LEN, 3));
	server_do(&s, "reply %ld 1 0 0", a.ret);
	CHECK_EQ(call_join(&c), 1);
}

/* Message and reply area may be the same memory. */
TEST(same_memory)
{
	char *buf = malloc(LEN);
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	fill(buf, LEN, 3);
	call_start(&c, coid, buf, LEN, buf, LEN, 0);
	a = server_do(&s, "recv %d %lu", s.chid, LEN);
	CHECK(a.v[R_HASH] == hash_fill(0, LEN, 3));
	server_do(&s, "reply %ld 0 %lu 8", a.ret, LEN);
	CHECK_EQ(call_join(&c), 0);
	CHECK(hash(buf, LEN) == hash_fill(0, LEN, 8));
}

/* The largest there is, and one byte more; no memory stands behind it. */
TEST(largest)
{
	char *p = mmap(NULL, QNET_MSG_MAX + 1UL, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	REQUIRE(p != MAP_FAILED);
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_ERRNO(MsgSend(coid, p, QNET_MSG_MAX + 1UL, NULL, 0), EMSGSIZE);
	call_start(&c, coid, p, QNET_MSG_MAX, p, QNET_MSG_MAX + 1UL, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_SRCMSGLEN], QNET_MSG_MAX);
	CHECK_EQ(a.v[R_DSTMSGLEN], QNET_MSG_MAX);
	CHECK_EQ(server_do(&s, "write %ld %lu 10 5", a.ret,
			   QNET_MSG_MAX - 5UL).ret, 5);
	CHECK_EQ(server_do(&s, "read %ld %lu 10", a.ret,
			   QNET_MSG_MAX - 3UL).ret, 3);
	CHECK_EQ(server_do(&s, "reply %ld 2 0 0", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 2);
	CHECK(hash(p + QNET_MSG_MAX - 5, 5) == hash_fill(0, 5, 5));
	CHECK_EQ(p[QNET_MSG_MAX], 0);
}
