// SPDX-License-Identifier: GPL-2.0
/* The order in which a channel hands out what waits on it. */
#include <sched.h>
#include <sys/neutrino.h>

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
