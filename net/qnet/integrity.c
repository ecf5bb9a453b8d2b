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
/* Circuits that are looked at in one go, for a packet or for those that nobody
 * uses, and that are ended: what a peer made of its parts is not to matter.
 */
#define INTEG_LOOKS	(4 * QNET_WATCH_VCS)
#define INTEG_SCAN	1024
#define INTEG_ENDS	64

void qnet_integ_init(struct qnet_integ *g)
{
	u32 i;

	g->all = RB_ROOT;
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

static u64 integ_hash(const struct qnet_vc *vc)
{
	return qnet_watch_hash(vc->key.id, integ_client_pid(vc));
}

static struct qnet_integ_part *integ_part(const struct qnet_vc *vc)
{
	return &vc->node->integ.part[qnet_watch_part(integ_hash(vc))];
}

void qnet_integ_add(struct qnet_vc *vc)
{
	struct qnet_integ_part *part = integ_part(vc);

	lockdep_assert_held(&vc->node->vcs_lock);
	list_add_tail(&vc->node_list, &part->vcs);
	part->nr++;
	/* It is open from the first; a client's end when it is answered. */
	if (vc->side == QNET_VC_SERVER)
		qnet_integ_count(vc, true);
}

void qnet_integ_del(struct qnet_vc *vc)
{
	lockdep_assert_held(&vc->node->vcs_lock);
	list_del_init(&vc->node_list);
	integ_part(vc)->nr--;
	qnet_integ_count(vc, false);
}

void qnet_integ_count(struct qnet_vc *vc, bool on)
{
	struct qnet_integ *g = &vc->node->integ;
	u32 side = integ_side(vc);
	u64 hash = integ_hash(vc);

	lockdep_assert_held(&vc->node->vcs_lock);
	if (vc->counted == on)
		return;
	vc->counted = on;
	g->n[side] += on ? 1 : -1;
	g->sum[side] += on ? hash : -hash;
	integ_part(vc)->sum[side] += on ? (u32)hash : -(u32)hash;
}

/* The next circuit of a part, which goes to its end; @left: how many are left.
 * Those that come meanwhile are met by the next poll.
 */
static struct qnet_vc *integ_next(struct qnet_integ_part *part, u32 *left)
{
	struct qnet_vc *vc = NULL;

	if (*left)
		vc = list_first_entry_or_null(&part->vcs, struct qnet_vc,
					      node_list);
	if (!vc) {
		*left = 0;
		return NULL;
	}
	--*left;
	list_move_tail(&vc->node_list, &part->vcs);
	return vc;
}

void qnet_integ_walk_begin(struct qnet_node *node,
			   void (*fn)(struct qnet_vc *vc, u64 arg), u64 key)
{
	struct qnet_integ *g = &node->integ;
	struct qnet_walk *w = &g->walk;

	w->fn = fn;
	w->key = key;
	w->todo = QNET_WATCH_NPARTS;
	spin_lock_bh(&node->vcs_lock);
	w->left = g->part[w->part].nr;
	spin_unlock_bh(&node->vcs_lock);
}

struct qnet_vc *qnet_integ_walk(struct qnet_node *node)
{
	struct qnet_integ *g = &node->integ;
	struct qnet_walk *w = &g->walk;
	struct qnet_vc *vc = NULL;

	spin_lock_bh(&node->vcs_lock);
	while (w->todo && !(vc = integ_next(&g->part[w->part], &w->left))) {
		w->todo--;
		w->part = (w->part + 1) % QNET_WATCH_NPARTS;
		w->left = g->part[w->part].nr;
	}
	if (vc)
		qnet_vc_hold(vc);
	spin_unlock_bh(&node->vcs_lock);
	return vc;
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

	if (jiffies - g->told < INTEG_GAP)
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

/* Writes up to QNET_WATCH_VCS open circuits of a part. */
static u32 integ_collect(struct qnet_node *node, struct qnet_integ_part *part,
			 u32 *left, u8 *p)
{
	u32 n = 0, looks = INTEG_LOOKS;
	struct qnet_watch_vc v;
	struct qnet_vc *vc;

	spin_lock_bh(&node->vcs_lock);
	if (!*left)
		*left = part->nr;
	while (n < QNET_WATCH_VCS && looks-- &&
	       (vc = integ_next(part, left))) {
		if (!vc->counted)
			continue;
		integ_describe(vc, &v);
		p += qnet_watch_vc_put(p, &v);
		n++;
	}
	spin_unlock_bh(&node->vcs_lock);
	return n;
}

/* Asks about some circuits of a part. */
static int integ_ask(struct qnet_node *node, struct qnet_integ_part *part,
		     u32 *left)
{
	struct qnet_watch w = { .op = QNET_WATCH_POLL };
	const u32 head = sizeof(struct qnet_w_watch);
	u8 *buf;

	buf = kmalloc(QNET_WATCH_MAX, GFP_ATOMIC);
	if (!buf)
		return -ENOMEM;
	w.count = integ_collect(node, part, left, buf + head);
	if (!w.count) {
		kfree(buf);
		return 0;
	}
	qnet_watch_build(buf, head, &w);
	return integ_send(node, buf, head + w.count * QNET_WATCH_VC_LEN);
}

/* Asks about circuits of the parts that differ, not too many at one time. */
static void integ_ask_some(struct qnet_node *node)
{
	u32 packets = READ_ONCE(node->wd.conf.num_qpkts), i;
	struct qnet_integ *g = &node->integ;

	while ((i = find_first_bit(g->differ, QNET_WATCH_NPARTS)) <
	       QNET_WATCH_NPARTS) {
		if (!packets--) {
			qnet_node_watch_soon(node, INTEG_PAUSE);
			return;
		}
		if (integ_ask(node, &g->part[i], &g->left)) {
			/* The next poll finds the same. */
			bitmap_zero(g->differ, QNET_WATCH_NPARTS);
			g->left = 0;
		}
		if (!g->left)
			__clear_bit(i, g->differ);
	}
}

/* -------------------------------------------------- circuits nobody uses */

/* The next one of the part that is looked through, with a reference. */
static struct qnet_vc *integ_unused(struct qnet_node *node, u32 max_ms,
				    u32 *looks)
{
	struct qnet_integ *g = &node->integ;
	struct qnet_integ_part *part = &g->part[g->scan];
	struct qnet_vc *vc = NULL;

	spin_lock_bh(&node->vcs_lock);
	if (!g->unseen)
		g->unseen = part->nr;
	while (*looks && (vc = integ_next(part, &g->unseen))) {
		--*looks;
		if (vc->counted &&
		    qnet_ms_since(READ_ONCE(vc->stamp)) >= max_ms) {
			qnet_vc_hold(vc);
			break;
		}
		vc = NULL;
	}
	spin_unlock_bh(&node->vcs_lock);
	return vc;
}

/* Ends what nothing went over for too long, and tells the other end. */
static void integ_scan_some(struct qnet_node *node)
{
	u32 max = READ_ONCE(node->wd.conf.max_idle_time);
	u32 looks = INTEG_SCAN, ends = INTEG_ENDS;
	struct qnet_integ *g = &node->integ;
	struct qnet_vc *vc;

	if (!max)
		g->scan = QNET_WATCH_NPARTS;
	while (g->scan < QNET_WATCH_NPARTS) {
		/* The other end must be told, so there must be room. */
		if (!looks || !ends || qnet_node_full(node)) {
			qnet_node_watch_soon(node, INTEG_PAUSE);
			return;
		}
		vc = integ_unused(node, max, &looks);
		if (vc) {
			QNET_INC(node->qn, QNET_MIB_WATCH_EXPIRED);
			qnet_kif_end(vc, -EHOSTDOWN, true);
			qnet_vc_put(vc);
			ends--;
		}
		if (!g->unseen)
			g->scan++;
	}
}

/**
 * qnet_integ_watch() - the watchdog of a node has something for floor 4 to do
 * @node: node that is up
 * @ev:   QNET_NODE_EV_*, see struct qnet_node_ops
 */
void qnet_integ_watch(struct qnet_node *node, u8 ev)
{
	struct qnet_integ *g = &node->integ;

	if (ev & QNET_NODE_EV_POLL && READ_ONCE(node->caps) & QNET_CAP_WATCH)
		integ_send_set(node, QNET_WATCH_SET, ++g->id);
	if (ev & QNET_NODE_EV_SCAN && g->scan == QNET_WATCH_NPARTS)
		g->scan = 0;
	integ_scan_some(node);
	integ_ask_some(node);
}

void qnet_integ_down(struct qnet_node *node)
{
	struct qnet_integ *g = &node->integ;

	bitmap_zero(g->differ, QNET_WATCH_NPARTS);
	g->left = 0;
	g->scan = QNET_WATCH_NPARTS;
	g->unseen = 0;
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
	g->left = 0;
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
	int why = QNET_MIB_BAD + QNET_BAD_WATCH;
	struct qnet_watch w;

	if (skb->len <= QNET_WATCH_MAX)
		why = skb_linearize(skb) ? QNET_MIB_RX_NOMEM : QNET_MIB_BAD +
		      qnet_watch_parse(&w, skb->data, skb->len, big);
	if (why) {
		qnet_drop(node->qn, skb, why);
		return;
	}
	integ_rx(node, &w, big);
	consume_skb(skb);
}
