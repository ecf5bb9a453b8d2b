// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of l4.c on a bad wire: whatever is lost, doubled, overtaken or
 * late, each packet arrives once, in order and as it was sent, and then
 * nothing is left.  A run is the same every time.
 */
#include <linux/sched.h>

#include "l4_link.h"

/* The floor above gives up when it hears nothing for so long. */
#define STUCK	(4 * HZ)
#define MOST	(20 * HZ)

/* From each end; a run takes emulated processors some tenths of a second. */
#define PACKETS	40

/**
 * struct sim - a wire, and who is at its ends
 * @what:    that is
 * @wire:    how bad it is
 * @more:    once, and so often again, each time otherwise
 * @mtu:     of it
 * @s0:      initial sequence number
 * @plain:   both are of the plain kind
 * @nomem:   allocations that fail, of 1000
 * @flaps:   a way comes and goes
 */
struct sim {
	const char	*what;
	struct l4_wire	wire;
	u32		more;
	u32		mtu;
	u32		s0;
	bool		plain;
	u32		nomem;
	bool		flaps;
};

static const struct sim sims[] = {
	{ .what = "a good wire" },
	{ .what = "slow", .wire = { .delay = 10 } },
	{ .what = "1 % lost", .wire = { .loss = 10, .delay = 1 } },
	{ .what = "10 % lost", .wire = { .loss = 100, .delay = 1 } },
	{ .what = "30 % lost", .more = 2, .wire = { .loss = 300, .delay = 1 } },
	{ .what = "doubled", .wire = { .twice = 300, .delay = 1 } },
	{ .what = "overtaken", .wire = { .swap = 300, .delay = 1 } },
	{ .what = "uneven", .wire = { .delay = 1, .jitter = 8 } },
	{ .what = "all of it", .more = 1, .wire = { 100, 100, 100, 1, 4 } },
	{ .what = "the worst of it", .more = 1, .wire = { 300, 300, 300, 0, 20 } },
	{ .what = "plain, 10 % lost", .plain = true,
	  .wire = { .loss = 100, .delay = 1 } },
	{ .what = "plain, 30 % lost", .more = 1, .plain = true,
	  .wire = { .loss = 300, .delay = 1 } },
	{ .what = "plain, all of it", .plain = true,
	  .wire = { 100, 100, 100, 1, 4 } },
	{ .what = "narrow", .mtu = 68, .wire = { 50, 50, 50, 1, 2 } },
	{ .what = "wide", .mtu = 9000, .wire = { 100, 50, 50, 1, 2 } },
	{ .what = "around zero", .s0 = U32_MAX - 30,
	  .wire = { 100, 100, 100, 1, 4 } },
	{ .what = "plain, around zero", .s0 = U32_MAX - 30, .plain = true,
	  .wire = { 100, 100, 100, 1, 4 } },
	{ .what = "little memory", .nomem = 50,
	  .wire = { 50, 50, 50, 1, 2 } },
	{ .what = "ways come and go", .flaps = true,
	  .wire = { 100, 50, 50, 1, 2 } },
};

static void sim_desc(const struct sim *s, char *desc)
{
	strscpy(desc, s->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sim, sims, sim_desc);

static u32 nomem_rate, nomem_seed;

static bool nomem_by_chance(void)
{
	return test_random(&nomem_seed) % 1000 < nomem_rate;
}

static u32 any(struct l4_link *l, u32 n)
{
	return test_random(&l->seed) % n;
}

/* Mostly short, sometimes nothing at all, sometimes many frames. */
static u32 any_size(struct l4_link *l)
{
	u32 mss = l->a.route.way[0].mss;

	switch (any(l, 16)) {
	case 0:
		return 0;
	case 1 ... 9:
		return any(l, QNET_L4_INLINE);
	case 10 ... 14:
		return any(l, 4 * mss);
	default:
		return any(l, QNET_L4_PKT_FRAMES * mss);
	}
}

static void put_any(struct l4_end *e, const struct sim *s)
{
	struct l4_link *l = e->link;
	u32 len = any_size(l);
	struct l4_want w = {
		.hlen	 = any(l, min_t(u32, len, QNET_L4_INLINE) + 1),
		.layer	 = any(l, 2) ? QNET_L_KIF : QNET_L_NAME,
		.refer	 = any(l, 2),
	};

	w.len = len - w.hlen;
	if (s->flaps && any(l, 2)) {
		w.lane = QNET_L4_ONLY + any(l, 2);
		w.may_fail = true;
	}
	link_put(e, &w);
}

static void feed(struct l4_end *e, const struct sim *s)
{
	u32 n = any(e->link, 4);

	while (n-- && e->put < PACKETS && e->tx.bytes < 256 * 1024)
		put_any(e, s);
}

/* Way 1 is closed, or open again; who takes no other gives up. */
static void flap(struct l4_end *e)
{
	u8 *lane = &e->route.lane[QNET_L4_ONLY + 1];

	if (any(e->link, 20))
		return;
	*lane = *lane == 1 ? QNET_L4_NOWHERE : 1;
	link_reroute(e);
}

static bool sim_over(const struct l4_link *l)
{
	return l->faults ||
	       (l->a.put == PACKETS && l->b.put == PACKETS && link_idle(l));
}

static bool stuck(const struct l4_end *e)
{
	return !qnet_l4_tx_idle(&e->tx) &&
	       time_after(clock_now, e->tx.since + STUCK);
}

static void sim_turn(struct l4_link *l, const struct sim *s)
{
	feed(&l->a, s);
	feed(&l->b, s);
	if (s->flaps) {
		flap(&l->a);
		flap(&l->b);
	}
	link_turn(l);
	cond_resched();
}

static void expect_all(struct kunit *test, const struct l4_end *e,
		       const struct sim *s)
{
	KUNIT_EXPECT_EQ(test, e->got, PACKETS);
	KUNIT_EXPECT_EQ(test, e->tx.bytes, 0);
	KUNIT_EXPECT_EQ(test, e->tx.flight, 0);
	KUNIT_EXPECT_EQ(test, e->tx.frames, 0);
	KUNIT_EXPECT_EQ(test, e->rx.nslots, 0);
	KUNIT_EXPECT_EQ(test, e->rx.held, 0);
	KUNIT_EXPECT_EQ(test, e->rx.ready_bytes, 0);
	if (!s->flaps)
		KUNIT_EXPECT_EQ(test, e->fillers, 0);
}

static void sim_run(struct kunit *test, const struct sim *s)
{
	struct l4_link *l = test->priv;
	u32 n;

	for (n = 0; n < MOST && !sim_over(l); n++) {
		sim_turn(l, s);
		if (stuck(&l->a) || stuck(&l->b))
			break;
	}
	KUNIT_EXPECT_FALSE(test, stuck(&l->a));
	KUNIT_EXPECT_FALSE(test, stuck(&l->b));
	KUNIT_EXPECT_LT(test, n, MOST);
	expect_all(test, &l->a, s);
	expect_all(test, &l->b, s);
	kunit_info(test, "%u jiffies, %u frames, %u again, %u nacks, %u acks\n",
		   n, l->a.frames + l->b.frames, l->a.again + l->b.again,
		   l->a.nacks + l->b.nacks, l->a.acks + l->b.acks);
}

static void sim_begin(struct l4_link *l, const struct sim *s, u32 seed)
{
	l->seed = seed;
	l->wire = s->wire;
	if (s->plain)
		link_plain(l);
	if (s->mtu)
		link_mtu(l, s->mtu);
	if (s->s0)
		link_start(l, s->s0);
	nomem_rate = s->nomem;
	nomem_seed = seed;
	clock_no_memory = s->nomem ? nomem_by_chance : NULL;
}

static void all_arrives(struct kunit *test)
{
	const struct sim *s = test->param_value;
	u32 seed = 1 + 100 * (s - sims), i;

	for (i = 0; i <= s->more; i++) {
		if (!test->priv)
			KUNIT_ASSERT_EQ(test, link_init(test), 0);
		sim_begin(test->priv, s, seed + i);
		sim_run(test, s);
		link_exit(test);
		test->priv = NULL;
	}
}

static struct kunit_case qnet_l4_sim_cases[] = {
	KUNIT_CASE_PARAM(all_arrives, sim_gen_params),
	{}
};

static struct kunit_suite qnet_l4_sim_suite = {
	.name = "qnet_l4_sim",
	.suite_init = link_suite_init,
	.suite_exit = link_suite_exit,
	.init = link_init,
	.exit = link_exit,
	.test_cases = qnet_l4_sim_cases,
};

kunit_test_suites(&qnet_l4_sim_suite);
