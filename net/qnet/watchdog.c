// SPDX-License-Identifier: GPL-2.0-only
/*
 * Beside the floors: when is a node to be asked, and when is it given up?
 *
 * A node is polled when nothing was heard of it for idle_time, and not more
 * often than once in poll_period; when num_polls of them were not answered it
 * is given up, one poll_period after the last.  So the longest that a node can
 * be gone without being missed is
 *
 *	max(idle_time, poll_period) + num_polls * poll_period
 *
 * A node that compares circuits is polled although it is heard, for what it
 * says of other things does not tell whether it has the same circuits.  One poll
 * tells both, so that whoever is polled need not poll.  That two do not do so at
 * the same time for ever, one of them waits an eighth of a poll_period longer;
 * the time that it has lost then it makes up for with the next poll.
 */
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "watchdog.h"

/* Those of QNX 4; it does not tell of the last two. */
const struct qnet_wd_conf qnet_wd_default = {
	.poll_period	= 10 * MSEC_PER_SEC,
	.idle_time	= 10 * MSEC_PER_SEC,
	.max_idle_time	= 0,
	.num_polls	= 6,
	.num_qpkts	= 16,
};

static unsigned long wd_period(const struct qnet_wd *wd)
{
	return msecs_to_jiffies(wd->conf.poll_period);
}

/* How long the node is let go first. */
static unsigned long wd_yield(const struct qnet_wd *wd)
{
	return wd->yields ? wd_period(wd) / 8 : 0;
}

/**
 * qnet_wd_set() - what is in force, from what was said
 * @wd:  watchdog; @wd->own is what was said of this node
 * @all: what was said of all
 */
void qnet_wd_set(struct qnet_wd *wd, const struct qnet_wd_conf *all)
{
	const u32 *own = (const u32 *)&wd->own;
	const u32 *from = (const u32 *)all;
	u32 *to = (u32 *)&wd->conf;
	u32 i;

	BUILD_BUG_ON(sizeof(*all) % sizeof(u32));
	for (i = 0; i < QNET_WD_FIELDS; i++)
		WRITE_ONCE(to[i], own[i] != QNET_WD_UNSET ? own[i] : from[i]);
}

/**
 * qnet_wd_init() - of a node to come
 * @wd:  watchdog
 * @all: what was said of all
 */
void qnet_wd_init(struct qnet_wd *wd, const struct qnet_wd_conf *all)
{
	memset(wd, 0, sizeof(*wd));
	memset32((u32 *)&wd->own, QNET_WD_UNSET, QNET_WD_FIELDS);
	qnet_wd_set(wd, all);
}

/**
 * qnet_wd_worst() - how long a node can be gone without being missed
 * @conf: parameters
 *
 * Return: ms.
 */
u32 qnet_wd_worst(const struct qnet_wd_conf *conf)
{
	return max(conf->idle_time, conf->poll_period) +
	       conf->num_polls * conf->poll_period;
}

/**
 * qnet_wd_open() - a connection is open
 * @wd: watchdog
 */
void qnet_wd_open(struct qnet_wd *wd)
{
	wd->state = QNET_WD_UP;
	wd->yields = false;
	wd->polls = 0;
	wd->heard = jiffies;
	wd->checked = jiffies;
	wd->scanned = jiffies;
	/* It may be polled as soon as idle_time is over. */
	wd->polled = jiffies - wd_period(wd);
}

/**
 * qnet_wd_close() - the connection has ended
 * @wd: watchdog; if it has given the node up, that is remembered
 */
void qnet_wd_close(struct qnet_wd *wd)
{
	if (wd->state != QNET_WD_DEAD)
		wd->state = QNET_WD_OFF;
	wd->polls = 0;
}

/**
 * qnet_wd_doubt() - something says that the node may be another one by now
 * @wd: watchdog of a node that is up
 *
 * The caller polls it.
 */
void qnet_wd_doubt(struct qnet_wd *wd)
{
	if (wd->polls)
		return;
	wd->polls = 1;
	wd->polled = jiffies;
	wd->state = QNET_WD_PROBING;
}

/**
 * qnet_wd_due() - when to call qnet_wd_tick() next
 * @wd: watchdog of a node that is up
 *
 * Return: the time in jiffies, perhaps in the past.
 */
unsigned long qnet_wd_due(const struct qnet_wd *wd)
{
	unsigned long next = wd->polled + wd_period(wd);
	unsigned long idle = wd->heard;

	if (wd->polls)
		return next;
	/* It has the same circuits, and it hears us: both must be fresh. */
	if (wd->circuits && time_before(wd->checked, idle))
		idle = wd->checked;
	idle += msecs_to_jiffies(wd->conf.idle_time);
	return (time_after(idle, next) ? idle : next) + wd_yield(wd);
}

/* When a poll of now counts as sent: earlier by what it was late since another
 * was let go first.
 */
static unsigned long wd_poll_time(const struct qnet_wd *wd)
{
	unsigned long at = wd->heard +
			   max(wd_period(wd),
			       msecs_to_jiffies(wd->conf.idle_time));
	unsigned long first = jiffies - wd_yield(wd);

	if (!time_before(at, jiffies))
		return jiffies;
	return time_before(at, first) ? first : at;
}

/**
 * qnet_wd_scan_due() - when to look for circuits that nobody uses
 * @wd: watchdog with a max_idle_time
 *
 * Return: the time in jiffies, perhaps in the past.
 */
unsigned long qnet_wd_scan_due(const struct qnet_wd *wd)
{
	u32 ms = min(wd->conf.poll_period, wd->conf.max_idle_time);

	return wd->scanned + msecs_to_jiffies(ms);
}

/**
 * qnet_wd_tick() - is it time for something?
 * @wd:     watchdog of a node that is up
 * @speaks: it is not silent, though it does not answer: then it is polled on
 * @stuck:  it takes nothing, and was given time enough for that
 *
 * Return: the verdict; a poll is counted as sent.
 */
enum qnet_wd_verdict qnet_wd_tick(struct qnet_wd *wd, bool speaks, bool stuck)
{
	bool due = !time_before(jiffies, qnet_wd_due(wd));

	if (stuck || (due && !speaks && wd->polls >= wd->conf.num_polls)) {
		wd->state = QNET_WD_DEAD;
		return QNET_WD_GIVE_UP;
	}
	if (!due)
		return QNET_WD_WAIT;
	if (wd->polls < U8_MAX)
		wd->polls++;
	wd->state = wd->polls > 1 ? QNET_WD_SUSPECT : QNET_WD_PROBING;
	wd->polled = wd_poll_time(wd);
	wd->yields = false;
	return QNET_WD_POLL;
}
