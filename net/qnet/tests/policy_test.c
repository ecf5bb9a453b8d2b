// SPDX-License-Identifier: GPL-2.0-only
/* Who a peer's clients are here, with a turned clock. */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "qnet_test.h"

static unsigned long policy_now;
#undef jiffies
#define jiffies policy_now

#define qnet_policy_default policy_test_default
#define qnet_policy_map policy_test_map
#define qnet_policy_take policy_test_take
#include "../policy.c"

static struct qnet_kcred policy_who(u32 uid, u32 gid)
{
	struct qnet_kcred c = {
		.ruid = uid, .euid = uid, .suid = uid,
		.rgid = gid, .egid = gid, .sgid = gid,
		.ngroups = 2, .groups = { 0, 7 },
	};

	return c;
}

static void nobody_is_mapped(struct kunit *test)
{
	struct qnet_policy p = qnet_policy_default;
	struct qnet_kcred c = policy_who(0, 0), was = c;

	KUNIT_EXPECT_EQ(test, qnet_policy_map(&p, &c), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&c, &was, sizeof(c)), 0);
}

static void root_is_mapped(struct kunit *test)
{
	struct qnet_policy p = qnet_policy_default;
	struct qnet_kcred c = policy_who(0, 0);

	p.maproot_uid = 65534;
	p.maproot_gid = 65533;
	KUNIT_EXPECT_EQ(test, qnet_policy_map(&p, &c), 0);
	KUNIT_EXPECT_EQ(test, c.euid, 65534);
	KUNIT_EXPECT_EQ(test, c.ruid, 65534);
	KUNIT_EXPECT_EQ(test, c.suid, 65534);
	KUNIT_EXPECT_EQ(test, c.egid, 65533);
	KUNIT_EXPECT_EQ(test, c.groups[0], 65533);
	KUNIT_EXPECT_EQ(test, c.groups[1], 7);
	/* One who can become root is mapped where he could. */
	c = policy_who(1000, 100);
	c.suid = 0;
	KUNIT_EXPECT_EQ(test, qnet_policy_map(&p, &c), 0);
	KUNIT_EXPECT_EQ(test, c.euid, 1000);
	KUNIT_EXPECT_EQ(test, c.suid, 65534);
	KUNIT_EXPECT_EQ(test, c.egid, 100);
}

static void everybody_is_mapped(struct kunit *test)
{
	struct qnet_policy p = qnet_policy_default;
	struct qnet_kcred c = policy_who(0, 0);

	p.maproot_uid = 1;
	p.mapany_uid = 5000;
	p.mapany_gid = 5001;
	KUNIT_EXPECT_EQ(test, qnet_policy_map(&p, &c), 0);
	KUNIT_EXPECT_EQ(test, c.euid, 5000);
	KUNIT_EXPECT_EQ(test, c.sgid, 5001);
	KUNIT_EXPECT_EQ(test, c.ngroups, 0);
	c = policy_who(-1, -1);
	KUNIT_EXPECT_EQ(test, qnet_policy_map(&p, &c), 0);
	KUNIT_EXPECT_EQ(test, c.euid, 5000);
}

static void low_ids_are_refused(struct kunit *test)
{
	static const struct { u32 uid; int err; } cases[] = {
		{ 0, -EPERM }, { 999, -EPERM }, { 1000, 0 }, { 1001, 0 },
		{ 0xfffffffe, 0 }, { -1, -EPERM },
	};
	struct qnet_policy p = qnet_policy_default;
	struct qnet_kcred c;
	int i;

	p.min_uid = 1000;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		c = policy_who(cases[i].uid, 0);
		KUNIT_EXPECT_EQ(test, qnet_policy_map(&p, &c), cases[i].err);
	}
	/* It is who they are here that counts. */
	p.maproot_uid = 1000;
	c = policy_who(0, 0);
	KUNIT_EXPECT_EQ(test, qnet_policy_map(&p, &c), 0);
}

static int policy_taken(struct qnet_bucket *b, u32 rate, int tries)
{
	int n = 0;

	while (tries--)
		n += qnet_policy_take(b, rate);
	return n;
}

static void rate_is_kept(struct kunit *test)
{
	struct qnet_bucket b = {};
	int i, n = 0;

	policy_now = (unsigned long)-3 * HZ;	/* it wraps on the way */
	b.at = policy_now - HZ;
	KUNIT_EXPECT_EQ(test, policy_taken(&b, 10, 100), 10);
	for (i = 0; i < 20 * HZ; i++) {
		policy_now++;
		n += policy_taken(&b, 10, 3);
	}
	KUNIT_EXPECT_EQ(test, n, 200);
	/* What was not used is not kept for long. */
	policy_now += 1000 * HZ;
	KUNIT_EXPECT_EQ(test, policy_taken(&b, 10, 100), 10);
	KUNIT_EXPECT_EQ(test, policy_taken(&b, 0, 100), 100);
}

static struct kunit_case qnet_policy_cases[] = {
	KUNIT_CASE(nobody_is_mapped),
	KUNIT_CASE(root_is_mapped),
	KUNIT_CASE(everybody_is_mapped),
	KUNIT_CASE(low_ids_are_refused),
	KUNIT_CASE(rate_is_kept),
	{}
};

static struct kunit_suite qnet_policy_suite = {
	.name		= "qnet-policy",
	.test_cases	= qnet_policy_cases,
};

kunit_test_suites(&qnet_policy_suite);
