// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 6: receive ids, and whose they were.
 *
 * A server may deliver an event long after it has replied, and says to whom by
 * the receive id of that time.  So each number must lead to its circuit as long
 * as that lives, however many messages came since, and at next to no cost for
 * them.  Therefore a circuit takes its numbers from a row of its own, 8 at first
 * and then twice as many each time: 30 rows hold ten million numbers.  Rows are
 * looked up for events only.  A number means nothing else once its message is
 * replied to, and comes back when some 2^30 others have been given out: then the
 * row it was in is forgotten.
 */
#include <linux/slab.h>

#include "qnet_priv.h"

/* The first row that ends behind @n, or NULL. */
static struct qnet_row *qnet_row_from(struct qnet_proc *proc, u32 n)
{
	struct rb_node *node = proc->rows.rb_node;
	struct qnet_row *found = NULL;

	lockdep_assert_held(&proc->lock);
	while (node) {
		struct qnet_row *r = rb_entry(node, struct qnet_row, node);

		if (n < r->end) {
			found = r;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

struct qnet_row *qnet_row_find(struct qnet_proc *proc, u32 rcvid)
{
	struct qnet_row *r = qnet_row_from(proc, rcvid);

	return r && rcvid >= r->first && rcvid < r->next ? r : NULL;
}

static void qnet_row_forget(struct qnet_proc *proc, struct qnet_row *r)
{
	int i;

	for (i = 0; i < QNET_ROW_THREADS; i++)
		if (r->vc->row[i] == r)
			r->vc->row[i] = NULL;
	rb_erase(&r->node, &proc->rows);
	list_del(&r->list);
	kfree(r);
}

void qnet_row_end_vc(struct qnet_proc *proc, struct qnet_vc *vc)
{
	struct qnet_row *r, *next;

	lockdep_assert_held(&proc->lock);
	list_for_each_entry_safe(r, next, &vc->rows, list)
		qnet_row_forget(proc, r);
}

/* Numbers from qnet_proc.next_rcvid on that are in no row: how many, at most
 * @want.  Of old rows that are in the way one that is used up goes, one in use
 * is passed over.  0: too many of those.
 */
static u32 qnet_row_room(struct qnet_proc *proc, u32 want)
{
	struct qnet_row *r;
	int tries;

	for (tries = 0; tries < 64; tries++) {
		if (proc->next_rcvid > S32_MAX)
			proc->rcvid_again = true;
		if (!proc->next_rcvid || proc->rcvid_again)
			proc->next_rcvid = max(proc->next_rcvid & S32_MAX, 1U);
		r = qnet_row_from(proc, proc->next_rcvid);
		if (!r)
			return min(want, S32_MAX + 1U - proc->next_rcvid);
		if (r->first > proc->next_rcvid)
			return min(want, r->first - proc->next_rcvid);
		if (r->next == r->end)
			qnet_row_forget(proc, r);
		else
			proc->next_rcvid = r->end;
	}
	return 0;
}

static bool qnet_row_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct qnet_row, node)->first <
	       rb_entry(b, struct qnet_row, node)->first;
}

static struct qnet_row *qnet_row_new(struct qnet_proc *proc,
				     struct qnet_vc *vc, s32 tid)
{
	u32 n = qnet_row_room(proc, QNET_ROW_FIRST <<
			      min(vc->nr_rows, QNET_ROW_DOUBLINGS));
	struct qnet_row *r;

	r = n ? kzalloc(sizeof(*r), GFP_ATOMIC | __GFP_NOWARN) : NULL;
	if (!r)
		return NULL;
	r->vc = vc;
	r->tid = tid;
	r->first = proc->next_rcvid;
	r->next = r->first;
	r->end = r->first + n;
	proc->next_rcvid = r->end;
	vc->nr_rows++;
	rb_add(&r->node, &proc->rows, qnet_row_less);
	list_add(&r->list, &vc->rows);
	return r;
}

/**
 * qnet_row_next() - the row that a message's number is to be taken from
 * @proc: the server's
 * @m: message, for which the first row of its circuit will not do
 *
 * Return: a row with a number to give, or NULL if there is no memory, or if the
 * circuit has ended.
 */
struct qnet_row *qnet_row_next(struct qnet_proc *proc, struct qnet_msg *m)
{
	struct qnet_vc *vc = m->vc;
	struct qnet_row *r;
	int i;

	lockdep_assert_held(&proc->lock);
	/* It has left its channel, and ends no rows any more. */
	if (list_empty(&vc->chan_list))
		return NULL;
	for (i = 0; i < QNET_ROW_THREADS - 1; i++)
		if (!vc->row[i] || vc->row[i]->tid == m->tid)
			break;
	r = vc->row[i];
	if (!r || r->next == r->end) {
		r = qnet_row_new(proc, vc, r ? r->tid : m->tid);
		if (!r)
			return NULL;
		vc->row[i] = r;
	}
	if (r->tid != m->tid)
		r->tid = 0;
	return r;
}

/* A number that will not be remembered. */
u32 qnet_row_stray(struct qnet_proc *proc)
{
	struct qnet_row *r;

	if (!qnet_row_room(proc, 1)) {
		if (proc->next_rcvid > S32_MAX)
			proc->next_rcvid = 1;
		/* Better none for its client than another's. */
		r = qnet_row_from(proc, proc->next_rcvid);
		if (r && r->first <= proc->next_rcvid)
			qnet_row_forget(proc, r);
	}
	return proc->next_rcvid++;
}
