// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of the watchdogs.
 */
#include <linux/swab.h>

#include "qnet_test.h"

#define HEAD	8
#define SET	24
#define VC	24

static void turn(u8 *p, const char *layout)
{
	for (; *layout; layout++) {
		u32 i, n = *layout == 'b' ? 1 : *layout == 'h' ? 2 :
			   *layout == 'i' ? 4 : 8;

		for (i = 0; i < n / 2; i++)
			swap(p[i], p[n - 1 - i]);
		p += n;
	}
}

static void watch_set(struct kunit *test)
{
	const struct qnet_watch w = {
		.op = QNET_WATCH_SET_ANSWER, .id = 0x01020304,
		.n = { 5, 0x80000006 },
		.sum = { 0x1122334455667788ULL, 0xfedcba9876543210ULL },
	};
	u8 *p = test_buf(test, HEAD + SET);
	struct qnet_watch r;
	int big;

	for (big = 0; big < 2; big++) {
		KUNIT_ASSERT_EQ(test, qnet_watch_build(p, HEAD + SET, &w),
				HEAD + SET);
		if (big)
			turn(p, "bbhiiill");
		memset(&r, 0xff, sizeof(r));
		KUNIT_ASSERT_EQ(test, qnet_watch_parse(&r, p, HEAD + SET, big),
				0);
		KUNIT_EXPECT_EQ(test, r.op, w.op);
		KUNIT_EXPECT_EQ(test, r.id, w.id);
		KUNIT_EXPECT_EQ(test, r.n[0], w.n[0]);
		KUNIT_EXPECT_EQ(test, r.n[1], w.n[1]);
		KUNIT_EXPECT_TRUE(test, r.sum[0] == w.sum[0]);
		KUNIT_EXPECT_TRUE(test, r.sum[1] == w.sum[1]);
	}
}

static const struct qnet_watch_vc some_vcs[] = {
	{ 0x11, 0x50000001, 4711, QNET_WATCH_IDLE, true },
	{ -2, 0x5fffffff, 1, QNET_WATCH_CLOSING, false },
	{ 0, 0, 0, QNET_WATCH_NONE, true },
};

static u32 some_poll(u8 *p, u32 room)
{
	const struct qnet_watch w = {
		.op = QNET_WATCH_POLL, .id = 9, .count = ARRAY_SIZE(some_vcs),
	};
	u32 len = qnet_watch_build(p, room, &w), i;

	for (i = 0; i < w.count; i++)
		len += qnet_watch_vc_put(p + len, &some_vcs[i]);
	return len;
}

static void watch_circuits(struct kunit *test)
{
	const u32 size = HEAD + ARRAY_SIZE(some_vcs) * VC;
	u8 *p = test_buf(test, size);
	struct qnet_watch_vc v;
	struct qnet_watch r;
	int big;
	u32 i;

	for (big = 0; big < 2; big++) {
		KUNIT_ASSERT_EQ(test, some_poll(p, size), size);
		if (big)
			turn(p, "bbhiiiiiihhiiiiihhiiiiihh");
		KUNIT_ASSERT_EQ(test, qnet_watch_parse(&r, p, size, big), 0);
		KUNIT_ASSERT_EQ(test, r.count, ARRAY_SIZE(some_vcs));
		KUNIT_EXPECT_EQ(test, r.id, 9);
		for (i = 0; i < r.count; i++) {
			qnet_watch_vc_get(&v, &r, i, big);
			KUNIT_EXPECT_EQ(test, v.server_id,
					some_vcs[i].server_id);
			KUNIT_EXPECT_EQ(test, v.client_id,
					some_vcs[i].client_id);
			KUNIT_EXPECT_EQ(test, v.client_pid,
					some_vcs[i].client_pid);
			KUNIT_EXPECT_EQ(test, v.state, some_vcs[i].state);
			KUNIT_EXPECT_EQ(test, v.mine, some_vcs[i].mine);
		}
	}
}

static void watch_parts(struct kunit *test)
{
	const u32 size = HEAD + QNET_WATCH_NPARTS * QNET_WATCH_PART_LEN;
	const struct qnet_watch w = { .op = QNET_WATCH_PARTS };
	u8 *p = test_buf(test, size);
	struct qnet_watch r;
	u32 sum[2], len, i;

	len = qnet_watch_build(p, size, &w);
	for (i = 0; i < QNET_WATCH_NPARTS; i++) {
		sum[0] = i;
		sum[1] = ~i;
		len += qnet_watch_part_put(p + len, sum);
	}
	KUNIT_ASSERT_EQ(test, len, size);
	KUNIT_ASSERT_EQ(test, qnet_watch_parse(&r, p, size, false), 0);
	for (i = 0; i < QNET_WATCH_NPARTS; i++) {
		KUNIT_EXPECT_EQ(test, qnet_watch_part_get(&r, i, 0, false), i);
		KUNIT_EXPECT_EQ(test, qnet_watch_part_get(&r, i, 1, false), ~i);
		KUNIT_EXPECT_EQ(test, qnet_watch_part_get(&r, i, 1, true),
				swab32(~i));
	}
}

/* Each cut short, and each too long. */
static void watch_lengths(struct kunit *test)
{
	const u32 room = HEAD + QNET_WATCH_NPARTS * QNET_WATCH_PART_LEN + 1;
	static const u8 ops[] = { QNET_WATCH_SET, QNET_WATCH_SET_ANSWER,
				  QNET_WATCH_PARTS };
	struct qnet_watch w = {}, r;
	u8 *p = test_buf(test, room);
	u32 len, want, i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		w.op = ops[i];
		want = ops[i] == QNET_WATCH_PARTS ? room - 1 : HEAD + SET;
		qnet_watch_build(p, room, &w);
		for (len = 0; len <= room; len++)
			KUNIT_EXPECT_EQ(test,
					qnet_watch_parse(&r, test_copy(test, p,
								       len),
							 len, false),
					len == want ? 0 : QNET_BAD_WATCH);
	}
	w.op = QNET_WATCH_SET;
	for (len = 0; len < HEAD + SET; len++)
		KUNIT_EXPECT_EQ(test, qnet_watch_build(p, len, &w), 0);
}

static void watch_counts(struct kunit *test)
{
	u32 room = HEAD + (QNET_WATCH_VCS + 1) * VC, n, says;
	u8 *p = test_buf(test, room);
	struct qnet_watch r;

	p[0] = QNET_WATCH_STATUS;
	p[1] = 1;
	for (n = 0; n <= QNET_WATCH_VCS + 1; n++) {
		for (says = 0; says <= QNET_WATCH_VCS + 1; says++) {
			bool ok = n && n == says && n <= QNET_WATCH_VCS;

			p[2] = says;
			KUNIT_EXPECT_EQ(test, qnet_watch_parse(&r, p,
							       HEAD + n * VC,
							       false),
					ok ? 0 : QNET_BAD_WATCH);
		}
	}
	p[2] = 1;
	p[3] = 1;
	KUNIT_EXPECT_EQ(test, qnet_watch_parse(&r, p, HEAD + VC, false),
			QNET_BAD_WATCH);
}

static void watch_head(struct kunit *test)
{
	u8 *p = test_buf(test, HEAD + SET);
	struct qnet_watch w = { .op = QNET_WATCH_SET }, r;
	u32 i;

	qnet_watch_build(p, HEAD + SET, &w);
	for (i = 0; i < 256; i++) {
		p[1] = i;
		KUNIT_EXPECT_EQ(test, qnet_watch_parse(&r, p, HEAD + SET,
						       false),
				i == 1 ? 0 : QNET_BAD_WATCH);
	}
	p[1] = 1;
	p[2] = 1;	/* one circuit is as long as a set */
	for (i = 0; i < 256; i++) {
		bool ok = i == QNET_WATCH_POLL || i == QNET_WATCH_STATUS ||
			  i == QNET_WATCH_SET || i == QNET_WATCH_SET_ANSWER;

		p[0] = i;
		KUNIT_EXPECT_EQ(test, qnet_watch_parse(&r, p, HEAD + SET,
						       false),
				ok ? 0 : QNET_BAD_WATCH);
	}
}

/* It is part of the protocol. */
static void watch_hashes(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, qnet_watch_hash(0, 0) == 0);
	KUNIT_EXPECT_TRUE(test, qnet_watch_hash(0, 1) ==
			  0x5692161d100b05e5ULL);
	KUNIT_EXPECT_TRUE(test, qnet_watch_hash(1, 0) !=
			  qnet_watch_hash(0, 1));
}

static struct kunit_case qnet_watch_cases[] = {
	KUNIT_CASE(watch_set),
	KUNIT_CASE(watch_circuits),
	KUNIT_CASE(watch_parts),
	KUNIT_CASE(watch_lengths),
	KUNIT_CASE(watch_counts),
	KUNIT_CASE(watch_head),
	KUNIT_CASE(watch_hashes),
	{}
};

struct kunit_suite qnet_watch_suite = {
	.name = "qnet_watch",
	.test_cases = qnet_watch_cases,
};
