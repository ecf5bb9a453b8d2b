// SPDX-License-Identifier: GPL-2.0-only
/*
 * The watchdog of a node, with a clock that the tests turn.
 */
#include <linux/build_bug.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "qnet_test.h"

static unsigned long wd_now;

#undef jiffies
#define jiffies			wd_now
#define qnet_wd_default		clock_wd_default
#define qnet_wd_set		clock_wd_set
#define qnet_wd_init		clock_wd_init
#define qnet_wd_worst		clock_wd_worst
#define qnet_wd_open		clock_wd_open
#define qnet_wd_close		clock_wd_close
#define qnet_wd_doubt		clock_wd_doubt
#define qnet_wd_due		clock_wd_due
#define qnet_wd_scan_due	clock_wd_scan_due
#define qnet_wd_tick		clock_wd_tick
#include "../watchdog.c"

/* Just before the clock of a machine with 32 bits wraps. */
#define START	((unsigned long)-200)

static void wd_begin(struct qnet_wd *wd, const struct qnet_wd_conf *conf)
{
	wd_now = START;
	qnet_wd_init(wd, conf);
	qnet_wd_open(wd);
}

static const struct qnet_wd_conf fast = {
	.poll_period = 1000, .idle_time = 1000, .num_polls = 3, .num_qpkts = 16,
};

/* To the next deadline, which must not be past. */
static enum qnet_wd_verdict wd_next(struct kunit *test, struct qnet_wd *wd)
{
	unsigned long due = qnet_wd_due(wd);

	KUNIT_EXPECT_FALSE(test, time_before(due, wd_now));
	if (time_after(due, wd_now)) {
		wd_now = due - 1;
		KUNIT_EXPECT_EQ(test, qnet_wd_tick(wd, false, false), QNET_WD_WAIT);
	}
	wd_now = due;
	return qnet_wd_tick(wd, false, false);
}

static void wd_defaults(struct kunit *test)
{
	struct qnet_wd wd;

	qnet_wd_init(&wd, &qnet_wd_default);
	KUNIT_EXPECT_EQ(test, wd.conf.poll_period, 10000);
	KUNIT_EXPECT_EQ(test, wd.conf.idle_time, 10000);
	KUNIT_EXPECT_EQ(test, wd.conf.num_polls, 6);
	KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_OFF);
	KUNIT_EXPECT_EQ(test, qnet_wd_worst(&wd.conf), 70000);
}

static void wd_silence(struct kunit *test)
{
	unsigned long second = msecs_to_jiffies(1000);
	struct qnet_wd wd;

	wd_begin(&wd, &fast);
	KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_UP);
	KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
	KUNIT_EXPECT_EQ(test, wd_now - START, second);
	KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_PROBING);
	KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
	KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_SUSPECT);
	KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
	KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_SUSPECT);
	KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_GIVE_UP);
	KUNIT_EXPECT_EQ(test, wd_now - START,
			msecs_to_jiffies(qnet_wd_worst(&fast)));
	qnet_wd_close(&wd);
	KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_DEAD);
}

static void wd_answer(struct kunit *test)
{
	struct qnet_wd wd;
	int i;

	wd_begin(&wd, &fast);
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
		KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
		KUNIT_EXPECT_TRUE(test, qnet_wd_heard(&wd));
		KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_UP);
		KUNIT_EXPECT_FALSE(test, qnet_wd_heard(&wd));
	}
}

/* One that is heard all the time is not polled, unless circuits are compared. */
static void wd_busy(struct kunit *test)
{
	int polls[2] = { 0 }, i, circuits;
	struct qnet_wd wd;

	for (circuits = 0; circuits < 2; circuits++) {
		wd_begin(&wd, &fast);
		wd.circuits = circuits;
		for (i = 0; i < 100; i++) {
			wd_now += msecs_to_jiffies(100);
			qnet_wd_heard(&wd);
			if (qnet_wd_tick(&wd, true, false) != QNET_WD_POLL)
				continue;
			polls[circuits]++;
			qnet_wd_heard(&wd);
			qnet_wd_checked(&wd);
		}
	}
	KUNIT_EXPECT_EQ(test, polls[0], 0);
	KUNIT_EXPECT_EQ(test, polls[1], 10);
}

/* The other side polled: no need to. */
static void wd_checked_by_other(struct kunit *test)
{
	struct qnet_wd wd;
	int i;

	wd_begin(&wd, &fast);
	wd.circuits = true;
	for (i = 0; i < 10; i++) {
		wd_now += msecs_to_jiffies(900);
		KUNIT_EXPECT_EQ(test, qnet_wd_tick(&wd, true, false), QNET_WD_WAIT);
		qnet_wd_heard(&wd);
		qnet_wd_checked(&wd);
	}
}

/* Two that polled at the same time do so once. */
static void wd_crossing(struct kunit *test)
{
	unsigned long period = msecs_to_jiffies(1000);
	struct qnet_wd wd;
	int first;

	for (first = 0; first < 2; first++) {
		wd_begin(&wd, &fast);
		wd.circuits = true;
		KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
		qnet_wd_heard(&wd);
		qnet_wd_polled(&wd, first);
		qnet_wd_checked(&wd);
		wd_now += period;
		KUNIT_EXPECT_EQ(test, qnet_wd_tick(&wd, false, false),
				first ? QNET_WD_POLL : QNET_WD_WAIT);
		if (first)
			continue;
		/* It does not come: then at once, and no time is lost. */
		KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
		KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
		KUNIT_EXPECT_EQ(test, wd_now - START, 3 * period);
	}
}

/* A node that hears nothing but speaks is polled on. */
static void wd_speaks(struct kunit *test)
{
	struct qnet_wd wd;
	int i;

	wd_begin(&wd, &fast);
	for (i = 0; i < 300; i++) {
		wd_now = qnet_wd_due(&wd);
		KUNIT_EXPECT_EQ(test, qnet_wd_tick(&wd, true, false), QNET_WD_POLL);
	}
	KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_GIVE_UP);
}

static void wd_stuck(struct kunit *test)
{
	struct qnet_wd wd;

	wd_begin(&wd, &fast);
	KUNIT_EXPECT_EQ(test, qnet_wd_tick(&wd, true, false), QNET_WD_WAIT);
	KUNIT_EXPECT_EQ(test, qnet_wd_tick(&wd, true, true), QNET_WD_GIVE_UP);
	KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_DEAD);
}

static void wd_doubt(struct kunit *test)
{
	struct qnet_wd wd;

	wd_begin(&wd, &fast);
	wd_now += 10;
	qnet_wd_doubt(&wd);
	KUNIT_EXPECT_EQ(test, wd.state, QNET_WD_PROBING);
	KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
	/* Said twice it gains no time. */
	qnet_wd_doubt(&wd);
	KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_POLL);
	KUNIT_EXPECT_EQ(test, wd_next(test, &wd), QNET_WD_GIVE_UP);
	KUNIT_EXPECT_EQ(test, wd_now - START - 10, msecs_to_jiffies(3000));
}

static void wd_own(struct kunit *test)
{
	struct qnet_wd_conf all = fast;
	struct qnet_wd wd;

	qnet_wd_init(&wd, &all);
	wd.own.num_polls = 9;
	wd.own.max_idle_time = 0;
	all.max_idle_time = 77;
	all.idle_time = 500;
	qnet_wd_set(&wd, &all);
	KUNIT_EXPECT_EQ(test, wd.conf.num_polls, 9);
	KUNIT_EXPECT_EQ(test, wd.conf.max_idle_time, 0);
	KUNIT_EXPECT_EQ(test, wd.conf.idle_time, 500);
	wd.own.num_polls = QNET_WD_UNSET;
	qnet_wd_set(&wd, &all);
	KUNIT_EXPECT_EQ(test, wd.conf.num_polls, 3);
}

/* Whatever was heard before, and when: from the last word on it takes at least
 * as long as the polls, and not longer than the worst case.
 */
static void wd_bounds(struct kunit *test)
{
	u32 seed = 4711, i;

	for (i = 0; i < 2000; i++) {
		struct qnet_wd_conf conf = {
			.poll_period = 100 * (1 + test_random(&seed) % 30),
			.idle_time = 100 * (1 + test_random(&seed) % 30),
			.num_polls = 1 + test_random(&seed) % 10,
		};
		u32 words = test_random(&seed) % 20, polls = 0;
		enum qnet_wd_verdict v;
		unsigned long last;
		struct qnet_wd wd;

		wd_begin(&wd, &conf);
		wd.circuits = i % 2;
		while (words--) {
			wd_now += test_random(&seed) %
				  msecs_to_jiffies(conf.poll_period);
			qnet_wd_heard(&wd);
			if (words % 3 == 1)
				qnet_wd_checked(&wd);
			else if (words % 3 == 2)
				qnet_wd_polled(&wd, words % 2);
			if (qnet_wd_tick(&wd, false, false) == QNET_WD_POLL)
				qnet_wd_heard(&wd);
		}
		last = wd_now;
		while ((v = wd_next(test, &wd)) == QNET_WD_POLL)
			polls++;
		KUNIT_EXPECT_EQ(test, v, QNET_WD_GIVE_UP);
		KUNIT_EXPECT_EQ(test, polls, conf.num_polls);
		KUNIT_EXPECT_GE(test, wd_now - last,
				msecs_to_jiffies(conf.num_polls *
						 conf.poll_period));
		KUNIT_EXPECT_LE(test, wd_now - last,
				msecs_to_jiffies(qnet_wd_worst(&conf)));
	}
}

static struct kunit_case qnet_watchdog_cases[] = {
	KUNIT_CASE(wd_defaults),
	KUNIT_CASE(wd_silence),
	KUNIT_CASE(wd_answer),
	KUNIT_CASE(wd_busy),
	KUNIT_CASE(wd_checked_by_other),
	KUNIT_CASE(wd_crossing),
	KUNIT_CASE(wd_speaks),
	KUNIT_CASE(wd_stuck),
	KUNIT_CASE(wd_doubt),
	KUNIT_CASE(wd_own),
	KUNIT_CASE(wd_bounds),
	{}
};

static struct kunit_suite qnet_watchdog_suite = {
	.name = "qnet_watchdog",
	.test_cases = qnet_watchdog_cases,
};

kunit_test_suites(&qnet_watchdog_suite);
