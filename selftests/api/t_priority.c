// SPDX-License-Identifier: GPL-2.0
/* The order in which a channel hands out what waits on it, and the priority at
 * which it is worked on.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/neutrino.h>
#include <sys/prctl.h>
#include <sys/qnet.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define MANY	12

/*
 * All that this process sent before on the same connection is queued when the
 * pulse is there: receive it, and leave the messages.
 */
static void await_queued(struct server *s, int coid)
{
	struct answer a;

	REQUIRE_EQ(MsgSendPulse(coid, 255, 99, 0), 0);
	a = server_do(s, "pulse %d 24", s->chid);
	REQUIRE_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_CODE], 99);
}

/*
 * The same while pulses wait that must not be taken: a message on another
 * channel of the same process.  Other nodes keep the order on a circuit.
 */
static void await_all(struct server *s)
{
	struct answer a = server_do(s, "create 0");
	struct call c;

	call_start(&c, server_connect(s, (int)a.ret), "x", 1, NULL, 0, 0);
	a = server_do(s, "recv %ld 1", a.ret);
	REQUIRE(a.ret > 0);
	server_do(s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
}

TEST(messages_by_priority_then_age)
{
	static const int prio[MANY] = { 20, 5, 0, 40, 20, 1, 63, 0, 40, 5, 20,
					0 };
	unsigned char id[MANY];
	struct call c[MANY];
	struct server s;
	struct answer a;
	int coid, i, j, want, best;
	bool taken[MANY] = { false };

	if (sched_get_priority_max(SCHED_FIFO) < 63)
		SKIP("no real-time priorities");
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < MANY; i++) {
		id[i] = (unsigned char)i;
		call_start(&c[i], coid, &id[i], 1, NULL, 0, prio[i]);
	}
	await_queued(&s, coid);
	for (i = 0; i < MANY; i++) {
		for (best = -1, j = 0; j < MANY; j++) {
			want = prio[j] ? prio[j] : 10;
			if (!taken[j] && (best < 0 ||
			    want > (prio[best] ? prio[best] : 10)))
				best = j;
		}
		taken[best] = true;
		a = server_do(&s, "recv %d 1", s.chid);
		REQUIRE(a.ret > 0);
		CHECK_EQ(a.v[R_PRIORITY], prio[best] ? prio[best] : 10);
		CHECK(a.v[R_HASH] == hash(&id[best], 1));
		CHECK_EQ(server_do(&s, "reply %ld %d 0 0", a.ret, best).ret, 0);
		CHECK_EQ(call_join(&c[best]), best);
	}
}

TEST(pulses_by_priority_then_age)
{
	static const int prio[] = { 10, 200, 10, 0, 255, 200, 10 };
	static const int order[] = { 4, 1, 5, 0, 2, 6, 3 };
	struct server s;
	struct answer a;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < 7; i++)
		CHECK_EQ(MsgSendPulse(coid, prio[i], 1, i), 0);
	await_all(&s);
	for (i = 0; i < 7; i++) {
		a = server_do(&s, "recv %d 24", s.chid);
		REQUIRE_EQ(a.ret, 0);
		CHECK_EQ(a.v[P_VALUE], order[i]);
	}
}

TEST(messages_and_pulses_mixed)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_EQ(MsgSendPulse(coid, 5, 1, 100), 0);
	call_start(&c, coid, "m", 1, NULL, 0, 0);
	CHECK_EQ(MsgSendPulse(coid, 20, 2, 200), 0);
	await_queued(&s, coid);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_VALUE], 200);
	a = server_do(&s, "recv %d 24", s.chid);
	REQUIRE(a.ret > 0);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_VALUE], 100);
}

TEST(default_priority)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "m", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK_EQ(a.v[R_PRIORITY], 10);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
}

/* --- what a server's thread has of its clients ------------------------- */

#define OWN	30

/* Three clients wait, each at its priority; the last has no real-time one. */
static const int lent[] = { OWN + 10, OWN - 10, 0 };
static const int reported[] = { OWN + 10, OWN - 10, 10 };

static void three_calls(struct call *c, int coid)
{
	int i;

	for (i = 0; i < 3; i++)
		call_start(&c[i], coid, "m", 1, NULL, 0, lent[i]);
}

static long prio_of(struct server *s)
{
	return (long)server_do(s, "prio").v[0];
}

/* Has the server, one of @chf, these priorities with the three? */
static void works_at(struct server *s, const int *want, int own)
{
	int coid = server_connect(s, s->chid), i;
	struct call c[3];
	struct answer a;

	three_calls(c, coid);
	await_queued(s, coid);
	for (i = 0; i < 3; i++) {
		a = server_do(s, "recv %d 1", s->chid);
		REQUIRE(a.ret > 0);
		CHECK_EQ(a.v[R_PRIORITY], reported[i]);
		CHECK_EQ(prio_of(s), want[i]);
		CHECK_EQ(server_do(s, "reply %ld %d 0 0", a.ret, i).ret, 0);
		CHECK_EQ(call_join(&c[i]), i);
		CHECK_EQ(prio_of(s), want[i]);
	}
	/* It waits at its own, and a pulse lends none. */
	CHECK_EQ(MsgSendPulse(coid, 63, 1, 1), 0);
	CHECK_EQ(server_do(s, "pulse %d 24", s->chid).ret, 0);
	CHECK_EQ(prio_of(s), own);
}

static void server_with_priority(struct server *s, unsigned int flags)
{
	if (getuid())
		SKIP("needs root for real-time priorities");
	server_start(s, flags);
	CHECK_EQ(server_do(s, "fifo %d", OWN).ret, 0);
}

TEST(server_works_at_its_clients_priority)
{
	struct server s;

	server_with_priority(&s, 0);
	works_at(&s, reported, OWN);
	/* What it sets itself is its own from then on. */
	CHECK_EQ(server_do(&s, "fifo %d", OWN + 1).ret, 0);
	works_at(&s, reported, OWN + 1);
}

TEST(server_of_fixed_priority)
{
	static const int own[] = { OWN, OWN, OWN };
	struct server s;

	server_with_priority(&s, _NTO_CHF_FIXED_PRIORITY);
	works_at(&s, own, OWN);
}

/* Who cannot come back does not go. */
TEST(server_without_a_right_to_priorities)
{
	static const int own[] = { OWN, OWN, OWN };
	struct server s;

	server_with_priority(&s, 0);
	CHECK_EQ(server_do(&s, "become 4711").ret, 0);
	works_at(&s, own, OWN);
}

TEST(server_without_a_real_time_priority)
{
	static const int none[] = { 0, 0, 0 };
	struct server s;

	if (getuid())
		SKIP("needs root for real-time priorities");
	server_start(&s, 0);
	works_at(&s, none, 0);
}

static int my_prio(void)
{
	struct sched_param sp = { 0 };

	sched_getparam(0, &sp);
	return sp.sched_priority;
}

TEST_LOCAL(reply_and_receive_at_its_clients_priority)
{
	struct sched_param own = { .sched_priority = OWN };
	int chid = ChannelCreate(0), rcvid = 0, i;
	struct call c[3];
	char byte;

	if (getuid())
		SKIP("needs root for real-time priorities");
	three_calls(c, ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0));
	REQUIRE(!sched_setscheduler(0, SCHED_FIFO, &own));
	for (i = 0; i < 3; i++) {
		rcvid = qnet_reply_receive(chid, &rcvid, i - 1, NULL, 0, &byte,
					   1, NULL);
		REQUIRE(rcvid > 0);
		CHECK_EQ(my_prio(), reported[i]);
	}
	CHECK_EQ(TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_RECEIVE, NULL,
			      NULL, NULL), 0);
	CHECK_ERRNO(qnet_reply_receive(chid, &rcvid, 2, NULL, 0, &byte, 1,
				       NULL), ETIMEDOUT);
	CHECK_EQ(my_prio(), OWN);
	for (i = 0; i < 3; i++)
		CHECK_EQ(call_join(&c[i]), i);
}

/* Whoever asks for a priority, or sets one, is killed from now on. */
static bool leave_priorities_alone(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_getparam, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_setparam, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = { sizeof(f) / sizeof(f[0]), f };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

/* It is looked at once, and then when it is another. */
TEST_LOCAL(the_same_priority_costs_no_call)
{
	int chid = ChannelCreate(0), coid, rcvid, i;
	struct call c[3];
	char byte;

	coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	for (i = 0; i < 3; i++)
		call_start(&c[i], coid, "m", 1, NULL, 0, 0);
	for (i = 0; i < 3; i++) {
		rcvid = MsgReceive(chid, &byte, 1, NULL);
		REQUIRE(rcvid > 0);
		CHECK_EQ(MsgReply(rcvid, i, NULL, 0), 0);
		CHECK_EQ(call_join(&c[i]), i);
		if (!i && !leave_priorities_alone())
			SKIP("no seccomp");
	}
}
