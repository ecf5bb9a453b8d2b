/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 4: have both ends the same circuits? */
#ifndef _QNET_INTEGRITY_H
#define _QNET_INTEGRITY_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/qnet_wire.h>

struct qnet_node;
struct qnet_vc;
struct sk_buff;

/**
 * struct qnet_integ_part - a part of the circuits with a node
 * @vcs: struct qnet_vc
 * @sum: of the open ones, by enum qnet_watch_side
 */
struct qnet_integ_part {
	struct list_head	vcs;
	u32			sum[QNET_WATCH_SIDES];
};

/**
 * struct qnet_integ - the circuits with a node
 * @part:   by client_id, all of them
 * @n:      how many are open, by enum qnet_watch_side
 * @sum:    sum of qnet_watch_hash() of these
 * @differ: parts whose circuits the node is still to be asked about
 * @done:   circuits of the first of these it has been asked about
 * @id:     of the last SET
 * @told:   last PARTS, in jiffies
 * @scan:   next part to look through for circuits that nobody uses;
 *          QNET_WATCH_NPARTS: none
 *
 * The first three are under qnet_node.vcs_lock.  The others are those of whoever
 * is in a call of struct qnet_node_ops, for there is never more than one.
 */
struct qnet_integ {
	struct qnet_integ_part	part[QNET_WATCH_NPARTS];
	u32			n[QNET_WATCH_SIDES];
	u64			sum[QNET_WATCH_SIDES];
	DECLARE_BITMAP(differ, QNET_WATCH_NPARTS);
	u32			done;
	u32			id;
	unsigned long		told;
	u32			scan;
};

void qnet_integ_init(struct qnet_integ *g);

/* Where a circuit is listed. */
static inline struct list_head *qnet_integ_list(struct qnet_integ *g, u32 id)
{
	return &g->part[id % QNET_WATCH_NPARTS].vcs;
}

/**
 * qnet_integ_count() - a circuit is open now, or is not any more
 * @vc: circuit with another node, in the table of all
 * @on: it is open
 *
 * Under qnet_node.vcs_lock.
 */
void qnet_integ_count(struct qnet_vc *vc, bool on);

/* Of struct qnet_node_ops. */
void qnet_integ_watch(struct qnet_node *node, bool poll);
void qnet_integ_rx(struct qnet_node *node, struct sk_buff *skb, bool big);

#endif /* _QNET_INTEGRITY_H */
