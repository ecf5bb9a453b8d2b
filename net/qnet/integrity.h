/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 4: have both ends the same circuits? */
#ifndef _QNET_INTEGRITY_H
#define _QNET_INTEGRITY_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/qnet_wire.h>
#include <linux/rbtree.h>

struct qnet_node;
struct qnet_vc;
struct sk_buff;

/**
 * struct qnet_integ_part - a part of the circuits with a node
 * @vcs: struct qnet_vc
 * @nr:  their number
 * @sum: of the open ones, by enum qnet_watch_side
 */
struct qnet_integ_part {
	struct list_head	vcs;
	u32			nr;
	u32			sum[QNET_WATCH_SIDES];
};

/**
 * struct qnet_walk - how far somebody has come who goes through all circuits
 * @fn:   what for; NULL: nobody does
 * @key:  likewise: with another one all begins anew
 * @part: where
 * @todo: so many parts, with that one
 * @left: so many circuits of that one
 */
struct qnet_walk {
	void	(*fn)(struct qnet_vc *vc, u64 arg);
	u64	key;
	u32	part;
	u32	todo;
	u32	left;
};

/**
 * struct qnet_integ - the circuits with a node
 * @all:    all of them, by their ids: what goes through them part by part finds
 *          its place again
 * @part:   the same, by qnet_watch_part(); their order changes
 * @n:      how many are open, by enum qnet_watch_side
 * @sum:    sum of qnet_watch_hash() of these
 * @differ: parts whose circuits the node is still to be asked about
 * @left:   circuits of the first of these it is still to be asked about;
 *          0: that is not begun
 * @id:     of the last SET
 * @told:   last PARTS, in jiffies
 * @scan:   next part to look through for circuits that nobody uses;
 *          QNET_WATCH_NPARTS: none
 * @unseen: circuits of that part not looked at yet; 0: that is not begun
 * @life:   of the node, before which its circuits are ended, or were last
 * @walk:   of who ends very many
 *
 * The first four are under qnet_node.vcs_lock.  The others are those of whoever
 * is in a call of struct qnet_node_ops, for there is never more than one.
 */
struct qnet_integ {
	struct rb_root		all;
	struct qnet_integ_part	part[QNET_WATCH_NPARTS];
	u32			n[QNET_WATCH_SIDES];
	u64			sum[QNET_WATCH_SIDES];
	DECLARE_BITMAP(differ, QNET_WATCH_NPARTS);
	u32			left;
	u32			id;
	unsigned long		told;
	u32			scan;
	u32			unseen;
	u32			life;
	struct qnet_walk	walk;
};

void qnet_integ_init(struct qnet_integ *g);

/* A circuit with another node has come, or goes; under qnet_node.vcs_lock. */
void qnet_integ_add(struct qnet_vc *vc);
void qnet_integ_del(struct qnet_vc *vc);

/**
 * qnet_integ_count() - a circuit is open now, or is not any more
 * @vc: circuit with another node, in the table of all
 * @on: it is open
 *
 * Under qnet_node.vcs_lock.
 */
void qnet_integ_count(struct qnet_vc *vc, bool on);

/* Begin to go through all circuits: see struct qnet_walk. */
void qnet_integ_walk_begin(struct qnet_node *node,
			   void (*fn)(struct qnet_vc *vc, u64 arg), u64 key);
/* The next of them, with a reference, or NULL.  Of those that come meanwhile some
 * are met and some are not.
 */
struct qnet_vc *qnet_integ_walk(struct qnet_node *node);

/* Of struct qnet_node_ops. */
void qnet_integ_watch(struct qnet_node *node, u8 ev);
/* All has ended between the nodes. */
void qnet_integ_down(struct qnet_node *node);
void qnet_integ_rx(struct qnet_node *node, struct sk_buff *skb, bool big);

#endif /* _QNET_INTEGRITY_H */
