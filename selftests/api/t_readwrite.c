// SPDX-License-Identifier: GPL-2.0
/* MsgRead() and MsgWrite() at any offset. */
#include <sys/neutrino.h>

#include "harness.h"
#include "server.h"

#define LEN	100000

static char msg[LEN], area[LEN];

static long begin(struct server *s, struct call *c, size_t room)
{
	struct answer a;
	int coid;

	server_start(s, 0);
	coid = server_connect(s, s->chid);
	fill(msg, LEN, 3);
	memset(area, 0x77, LEN);
	call_start(c, coid, msg, LEN, area, LEN, 0);
	a = server_do(s, "recv %d %zu", s->chid, room);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_MSGLEN], room < LEN ? room : LEN);
	CHECK_EQ(a.v[R_SRCMSGLEN], LEN);
	return a.ret;
}

static void check_read(struct server *s, const char *how, long rcvid,
		       size_t off, size_t n)
{
	size_t want = off >= LEN ? 0 : n < LEN - off ? n : LEN - off;
	struct answer a = server_do(s, "%s %ld %zu %zu", how, rcvid, off, n);

	CHECK_EQ(a.ret, want);
	CHECK(a.v[0] == hash_fill(off, want, 3));
}

TEST(read_anywhere)
{
	static const size_t offs[] = { 0, 1, 9, 10, 100, 4095, 4096, 8191,
				       8192, 8193, 50000, LEN - 1, LEN,
				       LEN + 1, 10 * LEN };
	static const size_t lens[] = { 0, 1, 100, 4096, 8192, 65536, LEN,
				       2 * LEN };
	struct server s;
	struct call c;
	long rcvid = begin(&s, &c, 10);
	size_t i, j;

	for (i = 0; i < sizeof(offs) / sizeof(offs[0]); i++)
		for (j = 0; j < sizeof(lens) / sizeof(lens[0]); j++)
			check_read(&s, "read", rcvid, offs[i], lens[j]);
	check_read(&s, "readv", rcvid, 0, 20000);
	check_read(&s, "readv", rcvid, 77777, 5000);
	check_read(&s, "readv", rcvid, LEN - 10, 5000);
	server_do(&s, "reply %ld 0 0 0", rcvid);
	CHECK_EQ(call_join(&c), 0);
}

/* Again and again, also what the receive has taken, also backwards. */
TEST(read_again)
{
	struct server s;
	struct call c;
	long rcvid = begin(&s, &c, LEN);
	int i;

	for (i = 9; i >= 0; i--) {
		check_read(&s, "read", rcvid, (size_t)i * 10000, 20000);
		check_read(&s, "read", rcvid, 0, LEN);
	}
	server_do(&s, "reply %ld 0 0 0", rcvid);
	CHECK_EQ(call_join(&c), 0);
}

TEST(read_far_beyond)
{
	struct server s;
	struct call c;
	long rcvid = begin(&s, &c, 0);

	CHECK_EQ(server_do(&s, "read %ld %ld 10", rcvid, 1L << 40).ret, 0);
	CHECK_EQ(server_do(&s, "read %ld %ld 10", rcvid, 0x7ffffffffffffff0L)
		 .ret, 0);
	server_do(&s, "reply %ld 0 0 0", rcvid);
	CHECK_EQ(call_join(&c), 0);
}

static size_t check_write(struct server *s, long rcvid, size_t off, size_t n,
			  unsigned int seed)
{
	size_t want = off >= LEN ? 0 : n < LEN - off ? n : LEN - off;
	struct answer a = server_do(s, "write %ld %zu %zu %u", rcvid, off, n,
				    seed);

	CHECK_EQ(a.ret, want);
	return want;
}

TEST(write_anywhere)
{
	struct server s;
	struct call c;
	long rcvid = begin(&s, &c, 10);

	check_write(&s, rcvid, 50000, 1000, 1);
	check_write(&s, rcvid, 10, 5, 2);
	check_write(&s, rcvid, 60000, 8193, 4);
	check_write(&s, rcvid, LEN - 10, 100, 5);
	check_write(&s, rcvid, LEN, 10, 6);
	check_write(&s, rcvid, LEN * 3, 10, 6);
	check_write(&s, rcvid, 20, 0, 6);
	server_do(&s, "reply %ld 11 0 0", rcvid);
	CHECK_EQ(call_join(&c), 11);
	CHECK_EQ(area[9], 0x77);
	CHECK(hash(area + 10, 5) == hash_fill(0, 5, 2));
	CHECK_EQ(area[15], 0x77);
	CHECK_EQ(area[49999], 0x77);
	CHECK(hash(area + 50000, 1000) == hash_fill(0, 1000, 1));
	CHECK_EQ(area[51000], 0x77);
	CHECK(hash(area + 60000, 8193) == hash_fill(0, 8193, 4));
	CHECK(hash(area + LEN - 10, 10) == hash_fill(0, 10, 5));
}

TEST(reply_over_write)
{
	struct server s;
	struct call c;
	long rcvid = begin(&s, &c, 10);

	check_write(&s, rcvid, 0, 100, 1);
	CHECK_EQ(server_do(&s, "reply %ld 0 50 2", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), 0);
	CHECK(hash(area, 50) == hash_fill(0, 50, 2));
	CHECK(hash(area + 50, 50) == hash_fill(50, 50, 1));
	CHECK_EQ(area[100], 0x77);
}

TEST(later_write_wins)
{
	struct server s;
	struct call c;
	long rcvid = begin(&s, &c, 10);

	check_write(&s, rcvid, 0, 1000, 1);
	check_write(&s, rcvid, 500, 1000, 2);
	check_write(&s, rcvid, 900, 10, 4);
	server_do(&s, "reply %ld 0 0 0", rcvid);
	CHECK_EQ(call_join(&c), 0);
	CHECK(hash(area, 500) == hash_fill(0, 500, 1));
	CHECK(hash(area + 500, 400) == hash_fill(0, 400, 2));
	CHECK(hash(area + 900, 10) == hash_fill(0, 10, 4));
	CHECK(hash(area + 910, 590) == hash_fill(410, 590, 2));
}

TEST(whole_area_by_writes)
{
	struct server s;
	struct call c;
	long rcvid = begin(&s, &c, 0);
	size_t off;

	for (off = 0; off < LEN; off += 7000)
		check_write(&s, rcvid, off, 7000, (unsigned int)(off / 7000));
	server_do(&s, "reply %ld 0 0 0", rcvid);
	CHECK_EQ(call_join(&c), 0);
	for (off = 0; off + 7000 <= LEN; off += 7000)
		CHECK(hash(area + off, 7000) ==
		      hash_fill(0, 7000, (unsigned int)(off / 7000)));
}

TEST(stale_after_reply)
{
	struct server s;
	struct call c;
	long rcvid = begin(&s, &c, 10);

	server_do(&s, "reply %ld 0 0 0", rcvid);
	CHECK_EQ(call_join(&c), 0);
	CHECK_EQ(server_do(&s, "read %ld 0 10", rcvid).err, ESRCH);
	CHECK_EQ(server_do(&s, "write %ld 0 10 0", rcvid).err, ESRCH);
	CHECK_EQ(server_do(&s, "info %ld", rcvid).err, ESRCH);
}

TEST(info_as_received)
{
	struct answer a, b;
	struct server s;
	struct call c;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	fill(msg, LEN, 3);
	call_start(&c, coid, msg, LEN, area, 1234, 0);
	a = server_do(&s, "recv %d 100", s.chid);
	REQUIRE(a.ret > 0);
	b = server_do(&s, "info %ld", a.ret);
	CHECK_EQ(b.ret, 0);
	for (i = R_MSGLEN; i <= R_FLAGS; i++)
		CHECK_EQ(b.v[i], a.v[i]);
	CHECK_EQ(a.v[R_DSTMSGLEN], 1234);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
}
