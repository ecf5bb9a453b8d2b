/* SPDX-License-Identifier: GPL-2.0-only */
/* Beside the floors: when is a node to be asked, and when is it given up?
 * Events go in, verdicts come out; it sends nothing and takes no lock.
 */
#ifndef _QNET_WATCHDOG_H
#define _QNET_WATCHDOG_H

#include <linux/jiffies.h>
#include <linux/types.h>

/**
 * struct qnet_wd_conf - what the administrator says; the names are QNX 4's
 * @poll_period: from one poll of a node to the next, in ms
 * @idle_time:   so long nothing need be heard before a node is polled, in ms
 * @max_idle_time: a circuit over which nothing went for so long is ended, in
 *               ms; 0 = never
 * @num_polls:   polls without an answer before a node is given up
 * @num_qpkts:   packets about circuits that may be sent at one time
 */
struct qnet_wd_conf {
	u32	poll_period;
	u32	idle_time;
	u32	max_idle_time;
	u32	num_polls;
	u32	num_qpkts;
};

#define QNET_WD_FIELDS		(sizeof(struct qnet_wd_conf) / sizeof(u32))
/* In a node's own, for what it takes from its namespace. */
#define QNET_WD_UNSET		U32_MAX

#define QNET_WD_TIME_MIN	100		/* ms */
#define QNET_WD_TIME_MAX	(3600 * 1000)
#define QNET_WD_MAX_IDLE_MAX	2000000000
#define QNET_WD_POLLS_MAX	100
#define QNET_WD_QPKTS_MAX	1000

enum qnet_wd_state {
	QNET_WD_OFF,		/* there is no connection */
	QNET_WD_UP,		/* it answers */
	QNET_WD_PROBING,	/* a poll is out */
	QNET_WD_SUSPECT,	/* at least one was not answered in time */
	QNET_WD_DEAD,		/* none was: it was given up */
};

enum qnet_wd_verdict {
	QNET_WD_WAIT,
	QNET_WD_POLL,
	QNET_WD_GIVE_UP,
};

/**
 * struct qnet_wd - the watchdog of one node, under the lock of the node
 * @conf:     in force
 * @own:      of it, what was said of this node; else QNET_WD_UNSET
 * @circuits: the node compares sets of circuits, see integrity.c
 * @yields:   the node polls us, and is let go first
 * @state:    enum qnet_wd_state
 * @polls:    polls that were not answered
 * @heard:    last word from the node about our connection, in jiffies
 * @checked:  when both had the same circuits, in jiffies
 * @polled:   last poll, in jiffies
 * @scanned:  last look for circuits that nobody uses, in jiffies
 */
struct qnet_wd {
	struct qnet_wd_conf	conf;
	struct qnet_wd_conf	own;
	bool			circuits;
	bool			yields;
	u8			state;
	u8			polls;
	unsigned long		heard;
	unsigned long		checked;
	unsigned long		polled;
	unsigned long		scanned;
};

extern const struct qnet_wd_conf qnet_wd_default;

void qnet_wd_init(struct qnet_wd *wd, const struct qnet_wd_conf *all);
void qnet_wd_set(struct qnet_wd *wd, const struct qnet_wd_conf *all);
u32 qnet_wd_worst(const struct qnet_wd_conf *conf);

void qnet_wd_open(struct qnet_wd *wd);
void qnet_wd_close(struct qnet_wd *wd);
void qnet_wd_doubt(struct qnet_wd *wd);
unsigned long qnet_wd_due(const struct qnet_wd *wd);
unsigned long qnet_wd_scan_due(const struct qnet_wd *wd);
enum qnet_wd_verdict qnet_wd_tick(struct qnet_wd *wd, bool speaks, bool stuck);

/**
 * qnet_wd_heard() - the node said something about our connection
 * @wd: watchdog of a node that is up
 *
 * On the way of every message.
 *
 * Return: whether the state has changed.
 */
static inline bool qnet_wd_heard(struct qnet_wd *wd)
{
	wd->heard = jiffies;
	if (likely(!wd->polls))
		return false;
	wd->polls = 0;
	wd->state = QNET_WD_UP;
	return true;
}

/* Both had the same circuits. */
static inline void qnet_wd_checked(struct qnet_wd *wd)
{
	wd->checked = jiffies;
}

/* The node has found that by a poll of its own.  Of two that poll at the same
 * time one must yield; @first: it is not we.
 */
static inline void qnet_wd_polled(struct qnet_wd *wd, bool first)
{
	qnet_wd_checked(wd);
	wd->yields = !first;
}

#endif /* _QNET_WATCHDOG_H */
