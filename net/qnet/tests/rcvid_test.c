// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of rcvid.c: whose a receive id was, for long, and when all have been
 * given out.
 */
#include "../qnet_priv.h"
#include "qnet_test.h"

struct rcvids {
	struct qnet_proc proc;
	struct qnet_vc vc[4];
	struct qnet_msg m;
};

static struct rcvids *rcvids_new(struct kunit *test)
{
	struct rcvids *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	spin_lock_init(&t->proc.lock);
	t->proc.rows = RB_ROOT;
	for (i = 0; i < ARRAY_SIZE(t->vc); i++)
		INIT_LIST_HEAD(&t->vc[i].rows);
	return t;
}

static void end_vc(struct rcvids *t, int vc)
{
	spin_lock_bh(&t->proc.lock);
	qnet_row_end_vc(&t->proc, &t->vc[vc]);
	spin_unlock_bh(&t->proc.lock);
}

static void rcvids_end(struct kunit *test, struct rcvids *t)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(t->vc); i++)
		end_vc(t, i);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&t->proc.rows));
}

/* A number for a message of a thread, 0 if there is none. */
static u32 take(struct rcvids *t, int vc, s32 tid)
{
	struct qnet_row *r;
	u32 n = 0;

	t->m.vc = &t->vc[vc];
	t->m.tid = tid;
	spin_lock_bh(&t->proc.lock);
	r = qnet_row_next(&t->proc, &t->m);
	if (r)
		n = r->next++;
	spin_unlock_bh(&t->proc.lock);
	return n;
}

static u32 stray(struct rcvids *t)
{
	u32 n;

	spin_lock_bh(&t->proc.lock);
	n = qnet_row_stray(&t->proc);
	spin_unlock_bh(&t->proc.lock);
	return n;
}

/* The row of a number as it is, all zero if there is none. */
static struct qnet_row row_of(struct rcvids *t, u32 rcvid)
{
	struct qnet_row *r, row = {};

	spin_lock_bh(&t->proc.lock);
	r = qnet_row_find(&t->proc, rcvid);
	if (r)
		row = *r;
	spin_unlock_bh(&t->proc.lock);
	return row;
}

/* Which circuit's a number is, -1: nobody's. */
static int owner(struct rcvids *t, u32 rcvid)
{
	struct qnet_row row = row_of(t, rcvid);

	return row.vc ? row.vc - t->vc : -1;
}

static s32 thread(struct rcvids *t, u32 rcvid)
{
	struct qnet_row row = row_of(t, rcvid);

	return row.vc ? row.tid : -1;
}

#define NUMBERS	20000

/* No number twice, and each leads to who had it, until that is gone. */
static void rcvid_owners(struct kunit *test)
{
	u32 *had = kunit_kcalloc(test, NUMBERS, sizeof(u32), GFP_KERNEL);
	u8 *whose = kunit_kzalloc(test, NUMBERS, GFP_KERNEL);
	struct rcvids *t = rcvids_new(test);
	u32 i, bad = 0, seed = 1;

	KUNIT_ASSERT_NOT_NULL(test, had);
	KUNIT_ASSERT_NOT_NULL(test, whose);
	for (i = 0; i < NUMBERS; i++) {
		whose[i] = test_random(&seed) % 4;
		had[i] = take(t, whose[i], 1);
		bad += !had[i] || had[i] > S32_MAX;
	}
	for (i = 0; i < NUMBERS; i++)
		bad += owner(t, had[i]) != whose[i];
	KUNIT_EXPECT_EQ(test, bad, 0);
	for (i = 0; i < ARRAY_SIZE(t->vc); i++)
		KUNIT_EXPECT_LE(test, t->vc[i].nr_rows, 12);
	end_vc(t, 2);
	for (i = 0; i < NUMBERS; i++)
		bad += owner(t, had[i]) != (whose[i] == 2 ? -1 : whose[i]);
	KUNIT_EXPECT_EQ(test, bad, 0);
	rcvids_end(test, t);
}

/* Of a row only what was given out is anybody's. */
static void rcvid_not_given(struct kunit *test)
{
	struct rcvids *t = rcvids_new(test);
	u32 n = take(t, 0, 1);

	KUNIT_EXPECT_EQ(test, owner(t, n), 0);
	KUNIT_EXPECT_EQ(test, owner(t, n + 1), -1);
	KUNIT_EXPECT_EQ(test, owner(t, n - 1), -1);
	KUNIT_EXPECT_EQ(test, owner(t, S32_MAX), -1);
	KUNIT_EXPECT_EQ(test, stray(t), n + QNET_ROW_FIRST);
	KUNIT_EXPECT_EQ(test, owner(t, n + QNET_ROW_FIRST), -1);
	rcvids_end(test, t);
}

static void rcvid_threads(struct kunit *test)
{
	struct rcvids *t = rcvids_new(test);
	u32 first[10], last[10], i, round;

	for (round = 0; round < 100; round++) {
		for (i = 0; i < 10; i++) {
			last[i] = take(t, 0, 100 + i);
			if (!round)
				first[i] = last[i];
		}
	}
	for (i = 0; i < 10; i++) {
		s32 tid = i < QNET_ROW_THREADS - 1 ? 100 + i : 0;

		KUNIT_EXPECT_EQ(test, owner(t, first[i]), 0);
		KUNIT_EXPECT_EQ(test, thread(t, first[i]), tid);
		KUNIT_EXPECT_EQ(test, thread(t, last[i]), tid);
	}
	rcvids_end(test, t);
}

/* When all have been given out the oldest rows go, but for those in use. */
static void rcvid_come_again(struct kunit *test)
{
	struct rcvids *t = rcvids_new(test);
	u32 used[QNET_ROW_FIRST], open, i, n;

	for (i = 0; i < QNET_ROW_FIRST; i++)
		used[i] = take(t, 0, 1);
	open = take(t, 1, 1);
	KUNIT_EXPECT_FALSE(test, t->proc.rcvid_again);
	t->proc.next_rcvid = S32_MAX - 2;
	/* what is left is less than a row */
	n = take(t, 2, 1);
	KUNIT_EXPECT_EQ(test, n, S32_MAX - 2);
	KUNIT_EXPECT_EQ(test, take(t, 2, 1), S32_MAX - 1);
	KUNIT_EXPECT_EQ(test, take(t, 2, 1), S32_MAX);
	KUNIT_EXPECT_EQ(test, owner(t, S32_MAX), 2);
	KUNIT_EXPECT_EQ(test, owner(t, used[0]), 0);
	n = take(t, 3, 1);
	KUNIT_EXPECT_TRUE(test, t->proc.rcvid_again);
	KUNIT_EXPECT_EQ(test, n, 1);
	KUNIT_EXPECT_EQ(test, owner(t, n), 3);
	KUNIT_EXPECT_EQ(test, owner(t, used[QNET_ROW_FIRST - 1]), -1);
	/* the row in use is passed over */
	for (i = 0; i < 100; i++) {
		n = take(t, 3, 1);
		KUNIT_EXPECT_TRUE(test, n < open || n >= open + QNET_ROW_FIRST);
	}
	KUNIT_EXPECT_EQ(test, owner(t, open), 1);
	KUNIT_EXPECT_EQ(test, take(t, 1, 1), open + 1);
	rcvids_end(test, t);
}

/* The circuit whose row goes does not give from it any more. */
static void rcvid_forgotten_row(struct kunit *test)
{
	struct rcvids *t = rcvids_new(test);
	u32 i, n;

	for (i = 0; i < QNET_ROW_FIRST; i++)
		n = take(t, 0, 1);
	t->proc.next_rcvid = S32_MAX + 1U;
	KUNIT_EXPECT_EQ(test, take(t, 1, 1), 1);
	KUNIT_EXPECT_PTR_EQ(test, t->vc[0].row[0], NULL);
	n = take(t, 0, 1);
	KUNIT_EXPECT_EQ(test, owner(t, n), 0);
	KUNIT_EXPECT_GT(test, n, 1);
	rcvids_end(test, t);
}

static struct kunit_case rcvid_cases[] = {
	KUNIT_CASE(rcvid_owners),
	KUNIT_CASE(rcvid_not_given),
	KUNIT_CASE(rcvid_threads),
	KUNIT_CASE(rcvid_come_again),
	KUNIT_CASE(rcvid_forgotten_row),
	{}
};

static struct kunit_suite qnet_rcvid_suite = {
	.name = "qnet_rcvid",
	.test_cases = rcvid_cases,
};

kunit_test_suites(&qnet_rcvid_suite);
