// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 3: names to addresses (LR) and to other nodes' numbers (NR).
 *
 * Who owns what
 * -------------
 * Nothing outlives a call here but the timer of the announcements, one per
 * namespace, which runs while there is a bearer and a name, and is shut down
 * before the namespace goes.  A question to another node, struct qnet_ask,
 * lives on the stack of the thread that waits for its answer; it is in
 * qnet_node.asks, under the lock of the node, until the thread takes it out.
 *
 * Only addresses of peers are learned, and only they are answered: whoever else
 * listens gets to know this node by its announcements alone.  Who may become a
 * peer by telling its name is trust.c's to say.
 */
#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/slab.h>

#include "qnet_priv.h"

#define LR_ANNOUNCE	(30 * HZ)
#define LR_ROOM		(QNET_LR_HDR_LEN + 4 * (QNET_NODE_NAME_MAX + 8) + \
			 2 * sizeof(struct qnet_w_lr_addr))

static const u8 lr_all[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* ------------------------------------------------- packets of no connection */

/* Does the frame go on where the one before it ended? */
static bool join_fits(const struct qnet_join *j, const struct qnet_hdr *h,
		      const u8 *src)
{
	return j->type == h->type && j->sconn == h->sconn &&
	       j->len == h->offset && ether_addr_equal(j->mac, src);
}

static struct sk_buff *join_done(const struct qnet_join *j, struct qnet_hdr *h)
{
	struct sk_buff *skb = alloc_skb(j->len, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_put_data(skb, j->buf, j->len);
	h->offset = 0;
	h->length = j->len;
	return skb;
}

/**
 * qnet_join() - a piece of a packet that does not belong to a connection
 * @b:   from where
 * @h:   header; on success that of the whole
 * @skb: payload; consumed
 * @src: who sent it
 *
 * Anybody can send these, so there is room for one packet per bearer, and its
 * pieces must come in order; whatever disturbs that, it is sent again.
 *
 * Context: softirq.
 * Return: the whole, or NULL.
 */
struct sk_buff *qnet_join(struct qnet_bearer *b, struct qnet_hdr *h,
			  struct sk_buff *skb, const u8 *src)
{
	struct qnet_join *j = &b->join;
	struct sk_buff *whole = NULL;
	bool fits;

	spin_lock(&j->lock);
	if (h->flags & QNET_F_FIRST) {
		j->type = h->type;
		j->sconn = h->sconn;
		j->len = 0;
		ether_addr_copy(j->mac, src);
	}
	fits = join_fits(j, h, src) && h->length <= sizeof(j->buf) - j->len &&
	       !skb_copy_bits(skb, 0, j->buf + j->len, h->length);
	j->len += fits ? h->length : 0;
	if (fits && h->flags & QNET_F_LAST)
		whole = join_done(j, h);
	spin_unlock(&j->lock);
	if (!fits)
		qnet_drop(b->qn, skb, QNET_MIB_BAD + QNET_BAD_OFFSET);
	else if (h->flags & QNET_F_LAST && !whole)
		qnet_drop(b->qn, skb, QNET_MIB_RX_NOMEM);
	else
		consume_skb(skb);
	return whole;
}

/* --------------------------------------------------------------- LR, sending */

/* With our own name and address in it. */
static void lr_send(struct qnet_bearer *b, const u8 *to, struct qnet_lr *r,
		    struct sk_buff_head *xmitq)
{
	struct qnet_hdr h = {
		.type	= QNET_T_LRES,
		.layer	= QNET_L_LR,
	};
	struct qnet_l4_path path = {
		.dev	= b->dev,
		.crc	= b->crc ? QNET_F_CRC : 0,
		.mss	= READ_ONCE(b->mss),
	};
	struct qnet_net *qn = b->qn;
	u8 *buf;

	buf = kmalloc(LR_ROOM, GFP_ATOMIC);
	if (!buf)
		return;
	ether_addr_copy(path.mac, to);
	read_lock(&qn->name_lock);
	r->src = qn->name;
	r->src_len = strlen(qn->name);
	r->src_dom = qn->domain;
	r->src_dom_len = strlen(qn->domain);
	r->src_mac = b->dev->dev_addr;
	if (r->src_len)
		h.length = qnet_lr_build(buf, LR_ROOM, r);
	read_unlock(&qn->name_lock);
	if (h.length)
		qnet_l4_ctl(&path, &h, buf, xmitq);
	kfree(buf);
}

/**
 * qnet_lr_ask() - ask all who hear us where a node is
 * @node:  node
 * @xmitq: receives the frames
 *
 * Context: RCU read side, BH off.
 */
void qnet_lr_ask(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	struct qnet_lr r = {
		.type	     = QNET_LR_REQUEST,
		.dst	     = node->name,
		.dst_len     = strlen(node->name),
		.dst_dom     = node->domain,
		.dst_dom_len = strlen(node->domain),
	};
	struct qnet_bearer *b;

	list_for_each_entry_rcu(b, &node->qn->bearers, list)
		if (!node->ifindex || node->ifindex == b->dev->ifindex)
			lr_send(b, lr_all, &r, xmitq);
}

/* At once. */
static void lr_send_now(struct qnet_bearer *b, const u8 *to, struct qnet_lr *r)
{
	struct sk_buff_head xmitq;

	__skb_queue_head_init(&xmitq);
	lr_send(b, to, r, &xmitq);
	qnet_dev_xmit(b->qn, &xmitq);
}

static void lr_announce_on(struct qnet_bearer *b)
{
	struct qnet_lr r = { .type = QNET_LR_REPLY };

	lr_send_now(b, lr_all, &r);
}

/* A question for ourselves. */
static void lr_hello_on(struct qnet_bearer *b)
{
	char name[QNET_NODE_NAME_MAX], domain[QNET_NODE_NAME_MAX];
	struct qnet_lr r = {
		.type	= QNET_LR_REQUEST,
		.dst	= name,
		.dst_dom = domain,
	};
	struct qnet_net *qn = b->qn;

	read_lock(&qn->name_lock);
	r.dst_len = strscpy(name, qn->name, sizeof(name));
	r.dst_dom_len = strscpy(domain, qn->domain, sizeof(domain));
	read_unlock(&qn->name_lock);
	lr_send_now(b, lr_all, &r);
}

/* Return: whether there is a bearer. */
static bool lr_each(struct qnet_net *qn, void (*on)(struct qnet_bearer *b))
{
	struct qnet_bearer *b;
	bool any = false;

	local_bh_disable();
	rcu_read_lock();
	list_for_each_entry_rcu(b, &qn->bearers, list) {
		on(b);
		any = true;
	}
	rcu_read_unlock();
	local_bh_enable();
	return any;
}

/**
 * qnet_lr_hello() - let the nodes of the LAN tell us their names
 * @qn: namespace
 *
 * Who asks for himself is answered by all that talk with him, and by those that
 * trust everybody, who by that learn of him, too.
 *
 * Context: process or softirq.
 */
void qnet_lr_hello(struct qnet_net *qn)
{
	lr_each(qn, lr_hello_on);
}

/**
 * qnet_lr_announce() - tell all who hear us where we are, now and regularly
 * @qn: namespace
 *
 * Without a bearer or a name nothing is sent.
 *
 * Context: process or softirq.
 */
void qnet_lr_announce(struct qnet_net *qn)
{
	if (lr_each(qn, lr_announce_on))
		mod_timer(&qn->announce, jiffies + LR_ANNOUNCE);
}

static void lr_timer(struct timer_list *t)
{
	struct qnet_net *qn = timer_container_of(qn, t, announce);

	qnet_lr_announce(qn);
}

/**
 * qnet_lr_bearer() - something happened to a bearer
 * @b:  bearer
 * @ev: what
 *
 * Context: process, under qnet_net.cfg.
 */
void qnet_lr_bearer(struct qnet_bearer *b, enum qnet_dev_event ev)
{
	if (ev == QNET_DEV_GONE)
		return;
	qnet_lr_announce(b->qn);
	if (b->qn->trust)
		qnet_lr_hello(b->qn);
}

/* ------------------------------------------------------------- LR, receiving */

static bool lr_for_us(struct qnet_net *qn, const struct qnet_lr *r)
{
	bool us;

	read_lock(&qn->name_lock);
	us = qnet_node_named(qn->name, qn->domain, r->dst, r->dst_len,
			     r->dst_dom, r->dst_dom_len);
	read_unlock(&qn->name_lock);
	return us;
}

static void lr_answer(struct qnet_bearer *b, const struct qnet_lr *q,
		      const u8 *src)
{
	struct qnet_lr r = {
		.type	     = QNET_LR_REPLY,
		.dst	     = q->src,
		.dst_len     = q->src_len,
		.dst_dom     = q->src_dom,
		.dst_dom_len = q->src_dom_len,
		.dst_mac     = src,
	};

	lr_send_now(b, src, &r);
}

/**
 * qnet_lr_tell() - tell one node our name and address, though it has not asked
 * @b:    over this bearer
 * @node: the node
 * @mac:  its address there
 *
 * Context: RCU read side.
 */
void qnet_lr_tell(struct qnet_bearer *b, const struct qnet_node *node,
		  const u8 *mac)
{
	const struct qnet_lr q = {
		.src	     = node->name,
		.src_len     = strlen(node->name),
		.src_dom     = node->domain,
		.src_dom_len = strlen(node->domain),
	};

	local_bh_disable();
	lr_answer(b, &q, mac);
	local_bh_enable();
}

/* Does somebody ask for himself, see qnet_lr_hello()? */
static bool lr_is_hello(const struct qnet_lr *r)
{
	return r->dst_len == r->src_len && r->dst_dom_len == r->src_dom_len &&
	       !memcmp(r->dst, r->src, r->src_len) &&
	       !memcmp(r->dst_dom, r->src_dom, r->src_dom_len);
}

static bool lr_wants_answer(struct qnet_net *qn, const struct qnet_lr *r)
{
	return r->type == QNET_LR_REQUEST &&
	       (lr_for_us(qn, r) || lr_is_hello(r));
}

/* Who speaks for another address than its own is not believed. */
static int lr_check(struct qnet_lr *r, const struct qnet_hdr *h,
		    struct sk_buff *skb, const u8 *src)
{
	int bad;

	if (h->length > ETH_DATA_LEN || !pskb_may_pull(skb, h->length))
		return QNET_BAD_LR;
	bad = qnet_lr_parse(r, skb->data, h->length, h->big);
	if (bad)
		return bad;
	if (r->src_mac && !ether_addr_equal(r->src_mac, src))
		return QNET_BAD_LR;
	return QNET_BAD_NONE;
}

/**
 * qnet_lr_rx() - a packet of the LAN resolver has come
 * @b:   from where
 * @h:   header
 * @skb: payload, stays the caller's
 * @src: who sent it
 *
 * Context: softirq, RCU read side.
 * Return: why it goes no further, or 0.
 */
int qnet_lr_rx(struct qnet_bearer *b, const struct qnet_hdr *h,
	       struct sk_buff *skb, const u8 *src)
{
	struct qnet_net *qn = b->qn;
	struct qnet_node *node;
	struct qnet_lr r;
	int bad;

	bad = lr_check(&r, h, skb, src);
	if (bad)
		return QNET_MIB_BAD + bad;
	node = qnet_node_of(qn, r.src, r.src_len, r.src_dom, r.src_dom_len);
	if (!node)
		return qnet_trust_heard(b, &r, src);
	if (!qnet_node_learn(node, b, src))
		return QNET_MIB_RX_STRANGER;
	if (lr_wants_answer(qn, &r))
		lr_answer(b, &r, src);
	return 0;
}

/* ----------------------------------------------------------------------- NR */

/**
 * struct qnet_ask - a question about a number, waiting for its answer
 * @list: qnet_node.asks
 * @id:   of the question
 * @err:  out: 0 or a negative errno
 * @nd:   out: the answer
 * @done: answered
 */
struct qnet_ask {
	struct list_head	list;
	u16			id;
	int			err;
	u32			nd;
	struct completion	done;
};

static int nr_send(struct qnet_node *node, const struct qnet_nr *n)
{
	u8 buf[sizeof(struct qnet_w_nr)];
	struct qnet_l4_pkt p = { .layer = QNET_L_NR, .head = buf };

	p.hlen = qnet_nr_build(buf, sizeof(buf), n);
	return qnet_node_send(node, 0, &p);
}

/* Which number do we have for a name? */
static void nr_asked(struct qnet_node *node, const struct qnet_nr *q)
{
	struct qnet_nr n = { .type = QNET_NR_ANSWER, .id = q->id };
	char name[2 * QNET_NODE_NAME_MAX];
	struct qnet_node *of = ERR_PTR(-ENOENT);
	bool self = false;

	if (q->name_len < sizeof(name)) {
		memcpy(name, q->name, q->name_len);
		name[q->name_len] = 0;
		self = qnet_node_is_self(node->qn, name);
		if (!self)
			of = qnet_node_by_name(node->qn, name);
	}
	if (!IS_ERR(of)) {
		n.nd = of->nd;
		qnet_node_put(of);
	} else if (!self) {
		n.type = QNET_NR_ERROR;
		n.nd = qnet_errno_to_wire(ENOENT);
	}
	/* Who asked waits for this, or for the end of the connection. */
	if (nr_send(node, &n))
		qnet_node_fail(node);
}

static void nr_finish(struct qnet_ask *ask, int err, u32 nd)
{
	ask->err = err;
	ask->nd = nd;
	list_del_init(&ask->list);
	complete(&ask->done);
}

static void nr_answered(struct qnet_node *node, const struct qnet_nr *n)
{
	struct qnet_ask *ask;
	int err = 0;

	if (n->type == QNET_NR_ERROR)
		err = -qnet_errno_from_wire(n->nd);
	spin_lock_bh(&node->lock);
	list_for_each_entry(ask, &node->asks, list) {
		if (ask->id != n->id)
			continue;
		nr_finish(ask, err, n->nd);
		break;
	}
	spin_unlock_bh(&node->lock);
}

/**
 * qnet_nr_rx() - a packet of the node resolver has come
 * @node: from whom
 * @skb:  packet; consumed
 * @big:  byte order
 *
 * Context: softirq or BH off, no lock held.
 */
void qnet_nr_rx(struct qnet_node *node, struct sk_buff *skb, bool big)
{
	struct qnet_nr pong = { .type = QNET_NR_PONG };
	struct qnet_nr n;

	if (skb_linearize(skb)) {
		qnet_node_fail(node);
		qnet_drop(node->qn, skb, QNET_MIB_RX_NOMEM);
		return;
	}
	if (qnet_nr_parse(&n, skb->data, skb->len, big)) {
		qnet_drop(node->qn, skb, QNET_MIB_BAD + QNET_BAD_NR);
		return;
	}
	switch (n.type) {
	case QNET_NR_PING:
		/* A peer that asks faster than it listens gets no answer. */
		if (!qnet_node_full(node))
			nr_send(node, &pong);
		break;
	case QNET_NR_ASK:
		nr_asked(node, &n);
		break;
	case QNET_NR_ANSWER:
	case QNET_NR_ERROR:
		nr_answered(node, &n);
		break;
	}
	consume_skb(skb);
}

/**
 * qnet_nr_down() - a node is gone, and so are its answers
 * @node: node
 * @err:  why
 *
 * Context: under the lock of the node.
 */
void qnet_nr_down(struct qnet_node *node, int err)
{
	struct qnet_ask *ask, *next;

	lockdep_assert_held(&node->lock);
	list_for_each_entry_safe(ask, next, &node->asks, list)
		nr_finish(ask, err, 0);
}

static int nr_ask(struct qnet_node *of, const char *name, struct qnet_ask *ask)
{
	struct qnet_nr n = {
		.type	  = QNET_NR_ASK,
		.id	  = ask->id,
		.name	  = name,
		.name_len = strlen(name),
	};
	u32 room = QNET_NR_NAME_OFF + n.name_len + 1;
	struct qnet_l4_pkt p = { .layer = QNET_L_NR };
	int err = -EINVAL;
	u8 *buf;

	buf = kmalloc(room, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	p.head = buf;
	p.hlen = qnet_nr_build(buf, room, &n);
	if (p.hlen)
		err = qnet_node_send(of, 0, &p);
	kfree(buf);
	return err;
}

int qnet_node_remote_nd(struct qnet_node *of, const char *name, u32 *nd)
{
	struct qnet_ask ask = {
		.done = COMPLETION_INITIALIZER_ONSTACK(ask.done),
	};
	int err;

	if (strnlen(name, 2 * QNET_NODE_NAME_MAX) == 2 * QNET_NODE_NAME_MAX)
		return -ENOENT;
	spin_lock_bh(&of->lock);
	ask.id = of->next_ask++;
	list_add_tail(&ask.list, &of->asks);
	spin_unlock_bh(&of->lock);

	qnet_node_set_busy(of, 1);
	err = nr_ask(of, name, &ask);
	if (!err && wait_for_completion_interruptible(&ask.done))
		err = -EINTR;
	qnet_node_set_busy(of, -1);

	spin_lock_bh(&of->lock);
	list_del_init(&ask.list);
	spin_unlock_bh(&of->lock);
	if (err)
		return err;
	*nd = ask.nd;
	return ask.err;
}

/* --------------------------------------------------------------------- life */

/**
 * qnet_lr_net_init() - before anything else of floor 3
 * @qn: namespace
 */
void qnet_lr_net_init(struct qnet_net *qn)
{
	timer_setup(&qn->announce, lr_timer, 0);
}

/**
 * qnet_lr_net_exit() - no announcement comes after this
 * @qn: namespace
 */
void qnet_lr_net_exit(struct qnet_net *qn)
{
	timer_shutdown_sync(&qn->announce);
}
