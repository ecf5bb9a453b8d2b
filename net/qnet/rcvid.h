/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 6: receive ids, and whose they were. */
#ifndef _QNET_RCVID_H
#define _QNET_RCVID_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

struct qnet_msg;
struct qnet_proc;
struct qnet_vc;

/**
 * struct qnet_row - receive ids in one row, all of one circuit
 * @node:  in qnet_proc.rows, by @first; no two have a number in common
 * @list:  qnet_vc.rows
 * @vc:    the circuit, which ends the row with itself
 * @first: the first number
 * @next:  the next to be given, @end once all are
 * @end:   behind the last
 * @tid:   the client's thread they were given to; 0: several
 * @handle: of a circuit from another node: client_handle of the last message
 *
 * All under the lock of the server's process.
 */
struct qnet_row {
	struct rb_node		node;
	struct list_head	list;
	struct qnet_vc		*vc;
	u32			first;
	u32			next;
	u32			end;
	s32			tid;
	s32			handle;
};

/* Threads of a client that each have rows of their own; the last stands for all
 * the others.
 */
#define QNET_ROW_THREADS	4
/* Numbers in the first row of a circuit, and how often the next is twice as long. */
#define QNET_ROW_FIRST		8
#define QNET_ROW_DOUBLINGS	17

struct qnet_row *qnet_row_next(struct qnet_proc *proc, struct qnet_msg *m);
u32 qnet_row_stray(struct qnet_proc *proc);

/* Which circuit's was it?  NULL: nobody's, or it is forgotten. */
struct qnet_row *qnet_row_find(struct qnet_proc *proc, u32 rcvid);

/* A circuit leaves its channel: none of its numbers means anything any more. */
void qnet_row_end_vc(struct qnet_proc *proc, struct qnet_vc *vc);

#endif /* _QNET_RCVID_H */
