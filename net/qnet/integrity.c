// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 4: have both ends the same circuits?
 *
 * QNX 4 asks about each circuit that is idle.  Here each node keeps, for the
 * circuits that it has with another, their number and a sum over their ids, of
 * those whose clients are its own and of the others: the set.  One packet with
 * the set, and one with that of the other, prove any number of circuits.  It is
 * sent when the watchdog of the node says so.
 *
 * Where the sets differ both send theirs in parts, and of the parts that differ
 * each asks the other about every circuit; what the other does not have is
 * ended here.  That is sure and needs no second look, since packets arrive in
 * order: what the other had ended of its own accord we have heard before we hear
 * its answer.  That sets differ is not even strange, while circuits come and
 * go; then nothing comes of it but some packets.
 *
 * All is done in the calls of struct qnet_node_ops, in softirq.  What is lost
 * for want of memory is made up for at the next poll.
 */
#include <linux/slab.h>

#include "qnet_priv.h"

/* Until more may be sent, or looked through. */
#define INTEG_PAUSE	msecs_to_jiffies(20)
/* A peer may not make us tell our parts more often. */
#define INTEG_GAP	msecs_to_jiffies(50)
#define INTEG_SCAN	8	/* parts at one time */

void qnet_integ_init(struct qnet_integ *g)
{
	u32 i;

	for (i = 0; i < QNET_WATCH_NPARTS; i++)
		INIT_LIST_HEAD(&g->part[i].vcs);
	g->scan = QNET_WATCH_NPARTS;
	g->told = jiffies - INTEG_GAP;
}

/* ------------------------------------------------------------------ the set */

static u32 integ_side(const struct qnet_vc *vc)
{
	return vc->side == QNET_VC_CLIENT ? QNET_WATCH_MINE :
					    QNET_WATCH_THEIRS;
}

static u32 integ_client_pid(const struct qnet_vc *vc)
{
	return vc->side == QNET_VC_CLIENT ? vc->proc->nr : vc->rpid;
}

void qnet_integ_count(struct qnet_vc *vc, bool on)
{
	u64 hash = qnet_watch_hash(vc->key.id, integ_client_pid(vc));
	u32 side = integ_side(vc), i = vc->key.id % QNET_WATCH_NPARTS;
	struct qnet_integ *g = &vc->node->integ;

	lockdep_assert_held(&vc->node->vcs_lock);
	if (vc->counted == on)
		return;
	vc->counted = on;
	g->n[side] += on ? 1 : -1;
	g->sum[side] += on ? hash : -hash;
	g->part[i].sum[side] += on ? (u32)hash : -(u32)hash;
}

/* What is mine to one is theirs to the other. */
static bool integ_same(struct qnet_node *node, const struct qnet_watch *w)
{
	struct qnet_integ *g = &node->integ;
	bool same;

	spin_lock_bh(&node->vcs_lock);
	same = w->n[QNET_WATCH_MINE] == g->n[QNET_WATCH_THEIRS] &&
	       w->n[QNET_WATCH_THEIRS] == g->n[QNET_WATCH_MINE] &&
	       w->sum[QNET_WATCH_MINE] == g->sum[QNET_WATCH_THEIRS] &&
	       w->sum[QNET_WATCH_THEIRS] == g->sum[QNET_WATCH_MINE];
	spin_unlock_bh(&node->vcs_lock);
	return same;
}

/* --------------------------------------------------------------------- send */

static int integ_send(struct qnet_node *node, void *buf, u32 len)
{
	struct qnet_l4_pkt p = {
		.layer	 = QNET_L_WATCH,
		.data	 = buf,
		.len	 = len,
		.release = qnet_kif_free_data,
		.arg	 = buf,
	};
	int err = qnet_node_send(node, 0, &p);

	if (err)
		kvfree(buf);
	return err;
}

static void integ_send_set(struct qnet_node *node, u8 op, u32 id)
{
	u8 buf[sizeof(struct qnet_w_watch) + sizeof(struct qnet_w_watch_set)];
	struct qnet_l4_pkt p = { .layer = QNET_L_WATCH, .head = buf };
	struct qnet_integ *g = &node->integ;
	struct qnet_watch w = { .op = op, .id = id };

	spin_lock_bh(&node->vcs_lock);
	memcpy(w.n, g->n, sizeof(w.n));
	memcpy(w.sum, g->sum, sizeof(w.sum));
	spin_unlock_bh(&node->vcs_lock);
	p.hlen = qnet_watch_build(buf, sizeof(buf), &w);
	qnet_node_send(node, 0, &p);
}

static void integ_send_parts(struct qnet_node *node)
{
	const u32 size = sizeof(struct qnet_w_watch) +
			 QNET_WATCH_NPARTS * QNET_WATCH_PART_LEN;
	struct qnet_watch w = { .op = QNET_WATCH_PARTS };
	struct qnet_integ *g = &node->integ;
	u32 len, i;
	u8 *buf;

	if (time_before(jiffies, g->told + INTEG_GAP))
		return;
	buf = kmalloc(size, GFP_ATOMIC);
	if (!buf)
		return;
	g->told = jiffies;
	len = qnet_watch_build(buf, size, &w);
	spin_lock_bh(&node->vcs_lock);
	for (i = 0; i < QNET_WATCH_NPARTS; i++)
		len += qnet_watch_part_put(buf + len, g->part[i].sum);
	spin_unlock_bh(&node->vcs_lock);
	integ_send(node, buf, len);
}

/* ----------------------------------------------------- ask about circuits */

static u16 integ_state(struct qnet_vc *vc)
{
	u16 state = QNET_WATCH_IDLE;

	if (READ_ONCE(vc->closing))
		state = QNET_WATCH_CLOSING;
	else if (READ_ONCE(vc->msgs.first))
		state = QNET_WATCH_REPLY;
	return state;
}

static void integ_describe(struct qnet_vc *vc, struct qnet_watch_vc *v)
{
	v->server_id = vc->server_id;
	v->client_id = vc->key.id;
	v->client_pid = integ_client_pid(vc);
	v->state = integ_state(vc);
	v->mine = vc->side == QNET_VC_CLIENT;
}

/* Writes up to QNET_WATCH_VCS open circuits of a part, from the @done-th on. */
static u32 integ_collect(struct qnet_node *node, u32 part, u32 done, u8 *p)
{
	struct qnet_watch_vc v;
	struct qnet_vc *vc;
	u32 n = 0;

	spin_lock_bh(&node->vcs_lock);
	list_for_each_entry(vc, &node->integ.part[part].vcs, node_list) {
		if (!vc->counted)
			continue;
		if (done) {
			done--;
			continue;
		}
		if (n == QNET_WATCH_VCS)
			break;
		integ_describe(vc, &v);
		p += qnet_watch_vc_put(p, &v);
		n++;
	}
	spin_unlock_bh(&node->vcs_lock);
	return n;
}

/* Asks about some circuits of a part.  Return: how many. */
static int integ_ask(struct qnet_node *node, u32 part, u32 done)
{
	struct qnet_watch w = { .op = QNET_WATCH_POLL };
	const u32 head = sizeof(struct qnet_w_watch);
	u8 *buf;
	int err;

	buf = kmalloc(QNET_WATCH_MAX, GFP_ATOMIC);
	if (!buf)
		return -ENOMEM;
	w.count = integ_collect(node, part, done, buf + head);
	if (!w.count) {
		kfree(buf);
		return 0;
	}
	qnet_watch_build(buf, head, &w);
	err = integ_send(node, buf, head + w.count * QNET_WATCH_VC_LEN);
	return err ?: w.count;
}

/* Asks about circuits of the parts that differ, not too many at one time. */
static void integ_ask_some(struct qnet_node *node)
{
	u32 left = READ_ONCE(node->wd.conf.num_qpkts), part;
	struct qnet_integ *g = &node->integ;

	while ((part = find_first_bit(g->differ, QNET_WATCH_NPARTS)) <
	       QNET_WATCH_NPARTS) {
		int n;

		if (!left--) {
			qnet_node_watch_soon(node, INTEG_PAUSE);
			return;
		}
		n = integ_ask(node, part, g->done);
		if (n < 0) {
			/* The next poll finds the same. */
			bitmap_zero(g->differ, QNET_WATCH_NPARTS);
			n = 0;
		}
		g->done += n;
		if (n < QNET_WATCH_VCS) {
			__clear_bit(part, g->differ);
			g->done = 0;
		}
	}
}

/* -------------------------------------------------- circuits nobody uses */

static struct qnet_vc *integ_unused(struct qnet_node *node, u32 part,
				    unsigned long max)
{
	struct qnet_vc *vc;

	spin_lock_bh(&node->vcs_lock);
	list_for_each_entry(vc, &node->integ.part[part].vcs, node_list) {
		if (!vc->counted ||
		    time_before(jiffies, READ_ONCE(vc->stamp) + max))
			continue;
		qnet_vc_hold(vc);
		spin_unlock_bh(&node->vcs_lock);
		return vc;
	}
	spin_unlock_bh(&node->vcs_lock);
	return NULL;
}

/* Ends what nothing went over for too long, and tells the other end. */
static void integ_scan_part(struct qnet_node *node, u32 part, u32 max_ms)
{
	unsigned long max = msecs_to_jiffies(max_ms);
	struct qnet_vc *vc;

	while ((vc = integ_unused(node, part, max))) {
		QNET_INC(node->qn, QNET_MIB_WATCH_EXPIRED);
		qnet_kif_end(vc, -EHOSTDOWN, true);
		qnet_vc_put(vc);
	}
}

static void integ_scan_some(struct qnet_node *node)
{
	u32 max = READ_ONCE(node->wd.conf.max_idle_time), left = INTEG_SCAN;
	struct qnet_integ *g = &node->integ;

	if (!max)
		g->scan = QNET_WATCH_NPARTS;
	for (; g->scan < QNET_WATCH_NPARTS && left; g->scan++, left--)
		integ_scan_part(node, g->scan, max);
	if (g->scan < QNET_WATCH_NPARTS)
		qnet_node_watch_soon(node, INTEG_PAUSE);
}

/* Once for each poll, whoever sends it. */
static void integ_scan(struct qnet_node *node)
{
	if (node->integ.scan == QNET_WATCH_NPARTS)
		node->integ.scan = 0;
	integ_scan_some(node);
}

/**
 * qnet_integ_watch() - the watchdog of a node has something for floor 4 to do
 * @node: node that is up
 * @poll: compare circuits with it; else go on with what was too much to be done
 *        at one time
 */
void qnet_integ_watch(struct qnet_node *node, bool poll)
{
	struct qnet_integ *g = &node->integ;

	if (poll && READ_ONCE(node->caps) & QNET_CAP_WATCH)
		integ_send_set(node, QNET_WATCH_SET, ++g->id);
	if (poll)
		integ_scan(node);
	else
		integ_scan_some(node);
	integ_ask_some(node);
}

/* ------------------------------------------------------------------ receive */

static void integ_compare(struct qnet_node *node, const struct qnet_watch *w)
{
	if (integ_same(node, w)) {
		qnet_node_checked(node, w->op == QNET_WATCH_SET);
		return;
	}
	QNET_INC(node->qn, QNET_MIB_WATCH_DIFFER);
	integ_send_parts(node);
}

static void integ_rx_parts(struct qnet_node *node, const struct qnet_watch *w,
			   bool big)
{
	struct qnet_integ *g = &node->integ;
	const u32 *sum;
	u32 i;

	/* One that is being asked about is not begun anew. */
	if (!bitmap_empty(g->differ, QNET_WATCH_NPARTS))
		return;
	spin_lock_bh(&node->vcs_lock);
	for (i = 0; i < QNET_WATCH_NPARTS; i++) {
		sum = g->part[i].sum;
		if (qnet_watch_part_get(w, i, QNET_WATCH_MINE, big) !=
		    sum[QNET_WATCH_THEIRS] ||
		    qnet_watch_part_get(w, i, QNET_WATCH_THEIRS, big) !=
		    sum[QNET_WATCH_MINE])
			__set_bit(i, g->differ);
	}
	spin_unlock_bh(&node->vcs_lock);
	g->done = 0;
	integ_ask_some(node);
}

/* What we have of a circuit that we are asked about. */
static u16 integ_have(struct qnet_node *node, const struct qnet_watch_vc *v)
{
	u32 side = v->mine ? QNET_VC_SERVER : QNET_VC_CLIENT;
	struct qnet_vc *vc = qnet_vc_find(node, v->client_id, side);
	u16 state = QNET_WATCH_NONE;

	if (!vc)
		return state;
	if (side == QNET_VC_SERVER || qnet_vc_known(vc))
		state = integ_state(vc);
	qnet_vc_put(vc);
	return state;
}

static void integ_answer(struct qnet_node *node, const struct qnet_watch *w,
			 bool big)
{
	struct qnet_watch a = {
		.op = QNET_WATCH_STATUS, .id = w->id, .count = w->count,
	};
	struct qnet_watch_vc v;
	u32 len, i;
	u8 *buf;

	buf = kmalloc(QNET_WATCH_MAX, GFP_ATOMIC);
	if (!buf)
		return;
	len = qnet_watch_build(buf, QNET_WATCH_MAX, &a);
	for (i = 0; i < w->count; i++) {
		qnet_watch_vc_get(&v, w, i, big);
		v.state = integ_have(node, &v);
		len += qnet_watch_vc_put(buf + len, &v);
	}
	integ_send(node, buf, len);
}

/* The other end has no such circuit, so ours leads nowhere. */
static void integ_end(struct qnet_node *node, const struct qnet_watch_vc *v)
{
	u32 side = v->mine ? QNET_VC_CLIENT : QNET_VC_SERVER;
	struct qnet_vc *vc = qnet_vc_find(node, v->client_id, side);

	if (!vc)
		return;
	/* One that is not open is on its way to be, or closed by itself. */
	if (side == QNET_VC_SERVER || READ_ONCE(vc->state) == QNET_VC_UP) {
		QNET_INC(node->qn, QNET_MIB_WATCH_LOST);
		qnet_kif_end(vc, -ESRCH, false);
	}
	qnet_vc_put(vc);
}

static void integ_rx_status(struct qnet_node *node, const struct qnet_watch *w,
			    bool big)
{
	struct qnet_watch_vc v;
	u32 i;

	for (i = 0; i < w->count; i++) {
		qnet_watch_vc_get(&v, w, i, big);
		if (v.state == QNET_WATCH_NONE)
			integ_end(node, &v);
	}
}

static void integ_rx(struct qnet_node *node, const struct qnet_watch *w,
		     bool big)
{
	switch (w->op) {
	case QNET_WATCH_SET:
		integ_send_set(node, QNET_WATCH_SET_ANSWER, w->id);
		integ_compare(node, w);
		integ_scan(node);
		break;
	case QNET_WATCH_SET_ANSWER:
		if (w->id == node->integ.id)
			integ_compare(node, w);
		break;
	case QNET_WATCH_PARTS:
		integ_rx_parts(node, w, big);
		break;
	case QNET_WATCH_POLL:
		integ_answer(node, w, big);
		break;
	case QNET_WATCH_STATUS:
		integ_rx_status(node, w, big);
		break;
	}
}

/**
 * qnet_integ_rx() - a packet of the other node's watchdog
 * @node: node
 * @skb:  packet, consumed
 * @big:  its byte order
 */
void qnet_integ_rx(struct qnet_node *node, struct sk_buff *skb, bool big)
{
	struct qnet_watch w;
	int bad = QNET_BAD_WATCH;

	if (skb->len <= QNET_WATCH_MAX && !skb_linearize(skb))
		bad = qnet_watch_parse(&w, skb->data, skb->len, big);
	if (bad)
		QNET_INC(node->qn, QNET_MIB_BAD + bad);
	else
		integ_rx(node, &w, big);
	kfree_skb(skb);
}
