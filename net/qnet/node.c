// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 3: peers, how packets reach them, and when they are gone.
 *
 * Who owns what
 * -------------
 * A node is made by qnet_peer_add() and taken out of qnet_net.nodes by
 * qnet_peer_remove() or by the end of the namespace.  The table holds one
 * reference; whoever keeps a pointer beyond an RCU read-side section or a lock
 * holds another.  A removed node is gone: it has no connection, no timer and
 * no way, and all that is tried with it fails; its memory stays until the last
 * reference is dropped.
 * Connections have no life of their own: they are part of the node, and the
 * table qnet_net.conns leads from an id to the node without a reference.  An
 * id that is looked up is compared under the lock.
 *
 * How things happen
 * -----------------
 * Every event, be it a frame, a packet to send, the timer or the administrator,
 * is worked on under qnet_node.lock, with a queue of frames on the stack of the
 * one who works.  Before he leaves he calls floor 4, without the lock, with all
 * that has piled up for it, unless somebody else is doing that already: so
 * floor 4 is never called twice at once for a node and sees everything in
 * order.  At last the frames are sent.
 *
 * Opening
 * -------
 * Each side opens its own connection for what it sends, when it has something
 * to send or when the other side opens one.  The two live and die together:
 * when a connection is lost all that was between the nodes has ended, floor 4
 * is told, and both start from nothing.  A peer shows by its boot id that it
 * restarted.  A new connection from the same boot says that the peer gave up
 * the old one, which ends everything if packets had come over it; if none had,
 * the new one just takes its place.  So when both sides open at once neither
 * disturbs the other, and a forged TCS_INIT costs one restart, not a storm of
 * them.  A plain peer may reopen its sending side alone: the circuits that
 * came over it are gone, and it is asked whether it still knows ours.
 */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "qnet_priv.h"

#include <trace/events/qnet.h>

#define NODE_WHOLE	(QNET_F_FIRST | QNET_F_LAST)
#define NODE_CAPS	(QNET_CAP_NAMES | QNET_CAP_WATCH | QNET_CAP_ACKS | \
			 QNET_CAP_EVENTS)

#define NODE_TRY	msecs_to_jiffies(200)
#define NODE_TRIES	4	/* once and three times again */
#define NODE_OPEN_GAP	msecs_to_jiffies(50)
#define NODE_LATE	HZ	/* so late may a copy of a plain peer's opening be */
#define NODE_RESET_GAP	msecs_to_jiffies(100)
#define NODE_REFUSE_GAP	msecs_to_jiffies(20)
#define NODE_BEAT	HZ
#define NODE_IDLE	(10 * HZ)
#define NODE_STUCK	(30 * HZ)	/* it speaks, but takes nothing */
#define NODE_MAX	0xffff
#define NODE_STEPS	256
#define NODE_LONG_STEP	128	/* of these: to end some of very many circuits */

const struct qnet_node_ops *qnet_node_ops __read_mostly;

/* --------------------------------------------------------- in and out again */

/* In softirq, under RCU */
static void node_begin(struct qnet_node *node, struct sk_buff_head *xmitq)
	__acquires(&node->lock)
{
	__skb_queue_head_init(xmitq);
	spin_lock(&node->lock);
}

/* Anywhere */
static void node_enter(struct qnet_node *node, struct sk_buff_head *xmitq)
	__acquires(RCU_BH) __acquires(&node->lock)
{
	rcu_read_lock_bh();
	node_begin(node, xmitq);
}

/* Return: what of it is still to be told. */
static u8 node_tell(struct qnet_node *node, u8 ev, int err, u64 lost)
{
	if (ev & QNET_NODE_EV_DOWN && qnet_node_ops->down(node, err))
		return ev;
	ev &= ~QNET_NODE_EV_DOWN;
	if (ev & QNET_NODE_EV_LOST && qnet_node_ops->lost_clients(node))
		return ev;
	ev &= ~QNET_NODE_EV_LOST;
	if (ev & QNET_NODE_EV_WAY && qnet_node_ops->lost_way(node, lost))
		return ev;
	if (ev & QNET_NODE_EV_WATCH)
		qnet_node_ops->watch(node, ev & QNET_NODE_EV_WATCH);
	/* Also all there is to do when it is up, or has room again. */
	wake_up_all(&node->wait);
	return 0;
}

static void node_deliver(struct qnet_node *node, struct sk_buff *skb)
{
	struct qnet_rxcb cb = *QNET_RXCB(skb);

	QNET_INC(node->qn, QNET_MIB_RX_PACKETS);
	if (cb.layer == QNET_L_SEQ)
		consume_skb(skb);
	else if (cb.layer == QNET_L_NR)
		qnet_nr_rx(node, skb, cb.big);
	else
		qnet_node_ops->rx(node, cb.layer, skb, cb.big);
}

/* The timer may be late, never early: most events find it running. */
static void node_arm(struct qnet_node *node, unsigned long due)
{
	lockdep_assert_held(&node->lock);
	if (!timer_pending(&node->timer) ||
	    time_before(due, node->timer.expires))
		mod_timer(&node->timer, due);
}

static void node_ack(struct qnet_node *node, u32 seq, u32 len,
		     struct sk_buff_head *xmitq)
{
	struct qnet_l4_rx *rx = &node->rx;

	if (rx->cumulative) {
		seq = rx->done;
		len = rx->done_len;
	}
	qnet_l4_rx_ack(rx, seq, len, qnet_path_any(node), xmitq);
	QNET_INC(node->qn, QNET_MIB_SEND_ACKS);
}

static void node_delivered(struct qnet_node *node, u32 seq, u32 len,
			   struct sk_buff_head *xmitq)
{
	if (qnet_l4_rx_done(&node->rx, seq, len))
		node_ack(node, seq, len, xmitq);
	else
		node_arm(node, node->rx.ack_due);
}

/* Is there anything for floor 4? */
static bool node_pending(const struct qnet_node *node)
{
	return node->ev || !skb_queue_empty(&node->rx.ready);
}

/* Hand up one packet, or tell of what happened.  Return: how many steps that was. */
static int node_step(struct qnet_node *node, struct sk_buff_head *xmitq)
	__must_hold(&node->lock)
{
	u32 id = node->rx.id, seq = 0, len = 0;
	int err = node->down_err;
	u64 lost = node->lost;
	u8 ev = node->ev;
	struct sk_buff *skb;

	skb = ev ? NULL : qnet_l4_rx_next(&node->rx);
	node->rx_life = node->life;
	node->ev = 0;
	node->lost = 0;
	spin_unlock(&node->lock);

	if (!skb_queue_empty(xmitq))
		qnet_dev_xmit(node->qn, xmitq);
	if (skb) {
		seq = QNET_RXCB(skb)->seq;
		len = skb->len;
		node_deliver(node, skb);
	} else {
		ev = node_tell(node, ev, err, lost);
	}

	spin_lock(&node->lock);
	if (skb && node->rx.id == id)
		node_delivered(node, seq, len, xmitq);
	node->unended = ev;
	if (likely(!ev))
		return 1;
	node->ended_at = jiffies;
	node->ev |= ev;
	if (ev & QNET_NODE_EV_WAY)
		node->lost |= lost;
	return NODE_LONG_STEP;
}

/* Somebody who only wanted to send must not work for others for ever. */
static void node_run(struct qnet_node *node, struct sk_buff_head *xmitq)
	__must_hold(&node->lock)
{
	int steps = NODE_STEPS;

	if (node->running)
		return;
	/* What takes long goes on with the timer, not with each frame. */
	if (unlikely(node->unended) && !time_after(jiffies, node->ended_at) &&
	    !node->gone) {
		node_arm(node, jiffies + 1);
		return;
	}
	node->running = true;
	/* Once it is gone there is but its end to tell of. */
	while ((steps > 0 || node->gone) && node_pending(node))
		steps -= min(steps, node_step(node, xmitq));
	node->running = false;
	if (unlikely(!steps) && !node->gone)
		node_arm(node, jiffies);
}

static void node_end(struct qnet_node *node, struct sk_buff_head *xmitq)
	__releases(&node->lock)
{
	struct qnet_l4_out *done;

	if (node_pending(node))
		node_run(node, xmitq);
	done = node->tx.done;
	node->tx.done = NULL;
	spin_unlock(&node->lock);
	if (!skb_queue_empty(xmitq))
		qnet_dev_xmit(node->qn, xmitq);
	if (done)
		qnet_l4_free(done);
}

static void node_leave(struct qnet_node *node, struct sk_buff_head *xmitq)
	__releases(&node->lock) __releases(RCU_BH)
{
	node_end(node, xmitq);
	rcu_read_unlock_bh();
}

/* -------------------------------------------------------------------- names */

/**
 * qnet_node_named() - is that its name?
 * @name:   of a node
 * @domain: of it, may be empty
 * @n:      name asked about
 * @nlen:   its length
 * @d:      domain asked about
 * @dlen:   its length
 *
 * A domain that is not given agrees with any.
 *
 * Return: true if so.
 */
bool qnet_node_named(const char *name, const char *domain, const char *n,
		     u32 nlen, const char *d, u32 dlen)
{
	if (!nlen || strlen(name) != nlen || memcmp(name, n, nlen))
		return false;
	if (!dlen || !*domain)
		return true;
	return strlen(domain) == dlen && !memcmp(domain, d, dlen);
}

/* "node" or "node.domain" */
static bool node_full_name(const char *name, const char *domain, const char *s)
{
	size_t len = strlen(name);

	if (!len || strncmp(s, name, len))
		return false;
	if (!s[len])
		return true;
	return s[len] == '.' && !strcmp(s + len + 1, domain);
}

/**
 * qnet_node_of() - the node of a name in a packet
 * @qn:   namespace
 * @n:    name
 * @nlen: its length
 * @d:    domain
 * @dlen: its length
 *
 * Context: RCU read side.
 * Return: the node without a reference, or NULL.
 */
struct qnet_node *qnet_node_of(struct qnet_net *qn, const char *n, u32 nlen,
			       const char *d, u32 dlen)
{
	struct qnet_node *node;
	unsigned long nd;

	xa_for_each(&qn->nodes, nd, node)
		if (qnet_node_named(node->name, node->domain, n, nlen, d, dlen))
			return node;
	return NULL;
}

struct qnet_node *qnet_node_hold(struct qnet_node *node)
{
	refcount_inc(&node->ref);
	return node;
}

/* Who came by RCU may still look into the tables. */
static void node_free_rcu(struct rcu_head *rcu)
{
	struct qnet_node *node = container_of(rcu, struct qnet_node, rcu);

	qnet_calls_free(&node->calls);
	xa_destroy(&node->questions);
	kfree(node);
}

void qnet_node_put(struct qnet_node *node)
{
	if (refcount_dec_and_test(&node->ref))
		call_rcu(&node->rcu, node_free_rcu);
}

static struct qnet_node *node_hold_rcu(struct qnet_node *node)
{
	return node && refcount_inc_not_zero(&node->ref) ? node : NULL;
}

struct qnet_node *qnet_node_find(struct qnet_net *qn, u32 nd)
{
	struct qnet_node *node;

	rcu_read_lock();
	node = node_hold_rcu(xa_load(&qn->nodes, nd & QNET_ND_MASK));
	rcu_read_unlock();
	return node;
}

struct qnet_node *qnet_node_by_name(struct qnet_net *qn, const char *name)
{
	struct qnet_node *node, *found = NULL;
	bool several = false;
	unsigned long nd;

	rcu_read_lock();
	xa_for_each(&qn->nodes, nd, node) {
		if (!node_full_name(node->name, node->domain, name))
			continue;
		/* Of those that an administrator has added no stranger can
		 * take the name away.
		 */
		if (!found || found->itself > node->itself) {
			found = node;
			several = false;
		} else if (found->itself == node->itself) {
			several = true;
		}
	}
	if (several)
		found = ERR_PTR(-ENOTUNIQ);
	else
		found = node_hold_rcu(found) ?: ERR_PTR(-ENOENT);
	rcu_read_unlock();
	return found;
}

bool qnet_node_is_self(struct qnet_net *qn, const char *name)
{
	bool self;

	read_lock_bh(&qn->name_lock);
	self = node_full_name(qn->name, qn->domain, name);
	read_unlock_bh(&qn->name_lock);
	return self;
}

/* -------------------------------------------------------------------- ways */

static bool node_bound(const struct qnet_node *node,
		       const struct qnet_bearer *b)
{
	return !node->ifindex || node->ifindex == b->dev->ifindex;
}

/* May @src be the node's address, as the administrator sees it? */
static bool node_may_be(const struct qnet_node *node,
			const struct qnet_bearer *b, const u8 *src)
{
	if (!node_bound(node, b) || !is_valid_ether_addr(src))
		return false;
	return !node->fixed || ether_addr_equal(node->mac, src);
}

static bool node_is_at(struct qnet_node *node, const struct qnet_bearer *b,
		       const u8 *src)
{
	bool is;

	spin_lock(&node->lock);
	is = !node->gone && qnet_path_from(node, b, src);
	spin_unlock(&node->lock);
	return is;
}

/* The node that has address @src; @nd is what the frame says. */
static struct qnet_node *node_of_mac(struct qnet_bearer *b, const u8 *src,
				     u16 nd)
{
	struct qnet_node *node = xa_load(&b->qn->nodes, nd);
	unsigned long i;

	if (node && node_is_at(node, b, src))
		return node;
	xa_for_each(&b->qn->nodes, i, node)
		if (node_is_at(node, b, src))
			return node;
	return NULL;
}

/**
 * qnet_node_addr() - where a node is
 * @node:    node
 * @mac:     out: ETH_ALEN bytes, all zero if not known
 * @ifindex: out: device, 0 if not known
 */
void qnet_node_addr(struct qnet_node *node, u8 *mac, int *ifindex)
{
	const struct qnet_l4_path *path;

	spin_lock_bh(&node->lock);
	path = qnet_path_any(node);
	eth_zero_addr(mac);
	if (path)
		ether_addr_copy(mac, path->mac);
	*ifindex = path ? path->dev->ifindex : 0;
	spin_unlock_bh(&node->lock);
}

/* -------------------------------------------------------------- connections */

static u32 node_conn_new(struct qnet_node *node, bool tx)
{
	struct qnet_net *qn = node->qn;
	u32 i;

	if (xa_alloc_cyclic_bh(&qn->conns, &i, xa_tag_pointer(node, tx),
			       XA_LIMIT(1, U32_MAX >> QNET_CONN_GEN_BITS),
			       &qn->next_conn, GFP_ATOMIC) < 0)
		return 0;
	QNET_INC(qn, tx ? QNET_MIB_TX_CONN_CREATED : QNET_MIB_RX_CONN_CREATED);
	return i << QNET_CONN_GEN_BITS | (node->gen++ & QNET_ACK_GEN_MASK);
}

static struct qnet_node *node_of_conn(struct qnet_net *qn, u32 id, bool tx)
{
	void *entry = xa_load(&qn->conns, id >> QNET_CONN_GEN_BITS);

	if (!entry || xa_pointer_tag(entry) != tx)
		return NULL;
	return xa_untag_pointer(entry);
}

static void node_close_tx(struct qnet_node *node)
{
	if (node->tx.id) {
		xa_erase_bh(&node->qn->conns, node->tx.id >> QNET_CONN_GEN_BITS);
		QNET_INC(node->qn, QNET_MIB_TX_CONN_DELETED);
	}
	qnet_l4_tx_purge(&node->tx);
}

static void node_close_rx(struct qnet_node *node)
{
	if (!node->rx.id)
		return;
	xa_erase_bh(&node->qn->conns, node->rx.id >> QNET_CONN_GEN_BITS);
	QNET_INC(node->qn, QNET_MIB_RX_CONN_DELETED);
	node->rx_prev = node->rx.peer;
	node->rx_turned = jiffies;
	qnet_l4_rx_purge(&node->rx);
}

/* Has anything come over its connection? */
static bool node_rx_used(const struct qnet_node *node)
{
	const struct qnet_l4_rx *rx = &node->rx;

	return rx->id && (rx->used || rx->nslots || rx->next != rx->s0 + 1);
}

static void node_ctl(const struct qnet_l4_path *path, u8 type, u32 sconn,
		     u32 dconn, u32 seq, struct sk_buff_head *xmitq)
{
	struct qnet_hdr h = {
		.type	= type,
		.sconn	= sconn,
		.dconn	= dconn,
		.seq	= seq,
	};

	qnet_l4_ctl(path, &h, NULL, xmitq);
}

static void node_ctl_tx_on(struct qnet_node *node,
			   const struct qnet_l4_path *path, u8 type,
			   struct sk_buff_head *xmitq)
{
	node_ctl(path, type, node->tx.id, node->tx.peer, node->tx.nxt - 1,
		 xmitq);
}

static void node_ctl_tx(struct qnet_node *node, u8 type,
			struct sk_buff_head *xmitq)
{
	node_ctl_tx_on(node, qnet_path_any(node), type, xmitq);
}

static void node_ctl_rx_on(struct qnet_node *node,
			   const struct qnet_l4_path *path, u8 type,
			   struct sk_buff_head *xmitq)
{
	node_ctl(path, type, node->rx.id, node->rx.peer, node->rx.done, xmitq);
}

static void node_ctl_rx(struct qnet_node *node, u8 type,
			struct sk_buff_head *xmitq)
{
	node_ctl_rx_on(node, qnet_path_any(node), type, xmitq);
}

static void node_turn(struct qnet_node *node, enum qnet_node_state state)
{
	lockdep_assert_held(&node->lock);
	if (node->state == state)
		return;
	trace_qnet_node(node->qn->net->ns.inum, node->nd, node->state, state);
	WRITE_ONCE(node->state, state);
	qnet_nl_node_changed(node);
}

/* Return: whether the watchdog thinks otherwise than @from. */
static bool node_wd_trace(const struct qnet_node *node, u8 from)
{
	const struct qnet_wd *wd = &node->wd;

	if (wd->state == from)
		return false;
	trace_qnet_watchdog(node->qn->net->ns.inum, node->nd, from, wd->state,
			    wd->polls);
	return true;
}

/* -------------------------------------------------------------------- down */

/* All between the nodes has ended.  The peer is told, as far as it can be
 * reached; it does not answer to what it does not know.  A connection of it
 * over which nothing came is younger than the trouble and may stay.
 */
static void node_down(struct qnet_node *node, int err,
		      struct sk_buff_head *xmitq)
{
	bool used = node_rx_used(node);
	u8 watchdog = node->wd.state;

	lockdep_assert_held(&node->lock);
	if (node->state == QNET_NODE_DOWN && !used)
		return;
	if (node->state == QNET_NODE_UP) {
		node_ctl_tx(node, QNET_T_TCS_DOWN, xmitq);
		QNET_INC(node->qn, QNET_MIB_ND_DOWN);
	}
	if (used) {
		node_ctl_rx(node, QNET_T_TCS_REM_DOWN, xmitq);
		node_close_rx(node);
	}
	node_close_tx(node);
	qnet_nr_down(node, err);
	node->full = false;
	node->soon = 0;
	qnet_wd_close(&node->wd);
	node_wd_trace(node, watchdog);
	node->ended = true;
	WRITE_ONCE(node->life, node->life + 1);
	node->ev &= ~QNET_NODE_EV_WATCH;
	node->ev |= QNET_NODE_EV_DOWN;
	node->down_err = err;
	node_turn(node, QNET_NODE_DOWN);
}

/* It was never reached: perhaps it is not where it was. */
static void node_give_up(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	node_down(node, -EHOSTUNREACH, xmitq);
	if (!node->fixed)
		qnet_path_clear(node);
}

/* -------------------------------------------------------------------- open */

static void node_send_init(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	struct qnet_hdr h = {
		.type	= QNET_T_TCS_INIT,
		.sconn	= node->tx.id,
	};
	u32 room = QNET_TCS_HDR_LEN + 4 * QNET_NODE_NAME_MAX +
		   sizeof(struct qnet_w_cap);
	struct qnet_net *qn = node->qn;
	struct qnet_tcs t = {
		.src	 = qn->name,
		.src_dom = qn->domain,
		.dst	 = node->name,
		.dst_dom = node->domain,
		.caps	 = NODE_CAPS,
	};
	u8 *buf;
	u8 i;

	buf = kmalloc(room, GFP_ATOMIC);
	if (!buf)
		return;
	memcpy(t.boot_id, qn->boot_id, sizeof(t.boot_id));
	read_lock(&qn->name_lock);
	h.length = qnet_tcs_build(buf, room, &t);
	read_unlock(&qn->name_lock);
	/* The first that is found may lead nowhere: then over all. */
	if (h.length && node->tries < 2)
		qnet_l4_ctl(qnet_path_any(node), &h, buf, xmitq);
	else if (h.length)
		for (i = 0; i < QNET_L4_WAYS; i++)
			qnet_l4_ctl(&node->route.way[i], &h, buf, xmitq);
	kfree(buf);
}

/* Ask once more, for the address or for the connection. */
static void node_try(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	if (node->tries++ >= NODE_TRIES) {
		node_give_up(node, xmitq);
		return;
	}
	if (node->state == QNET_NODE_RESOLVING)
		qnet_lr_ask(node, xmitq);
	else
		node_send_init(node, xmitq);
	node->due = jiffies + NODE_TRY;
	node_arm(node, node->due);
}

/* Not more often than it does good: a peer may make us do this. */
static int node_open_tx(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	lockdep_assert_held(&node->lock);
	node->tx.id = node_conn_new(node, true);
	if (!node->tx.id)
		return -ENOMEM;
	node->tries = 0;
	node_turn(node, QNET_NODE_OPENING);
	if (jiffies - node->opened < NODE_OPEN_GAP) {
		node->due = node->opened + NODE_OPEN_GAP;
		node_arm(node, node->due);
		return 0;
	}
	node->opened = jiffies;
	node_try(node, xmitq);
	return 0;
}

static bool node_any_bearer(const struct qnet_node *node)
{
	struct qnet_bearer *b;

	list_for_each_entry_rcu(b, &node->qn->bearers, list)
		if (READ_ONCE(b->mss) && node_bound(node, b))
			return true;
	return false;
}

/* Begin to reach a node that is down; under RCU. */
static int node_open(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	lockdep_assert_held(&node->lock);
	if (node->gone || READ_ONCE(node->qn->dead) || !node->qn->name[0])
		return -EHOSTUNREACH;
	if (qnet_path_any(node))
		return node_open_tx(node, xmitq);
	if (node->fixed || !node_any_bearer(node))
		return -EHOSTUNREACH;
	node->tries = 0;
	node_turn(node, QNET_NODE_RESOLVING);
	node_try(node, xmitq);
	return 0;
}

/* There is a way to it.  If we talk already, it is to be asked about now. */
static void node_found(struct qnet_node *node, struct qnet_bearer *b,
		       const u8 *mac)
{
	qnet_path_set(node, b, mac);
	if (node->state != QNET_NODE_UP)
		return;
	node->beat_due = jiffies;
	node_arm(node, node->beat_due);
}

/**
 * qnet_node_learn() - the LAN says where a node is
 * @node: node
 * @b:    where it was heard
 * @mac:  its address
 *
 * An address given by the administrator holds; otherwise the newest wins.
 *
 * Context: softirq, RCU read side.
 * Return: false if the administrator sees it otherwise.
 */
bool qnet_node_learn(struct qnet_node *node, struct qnet_bearer *b,
		     const u8 *mac)
{
	struct sk_buff_head xmitq;
	bool ok;

	node_enter(node, &xmitq);
	ok = !node->gone && node_may_be(node, b, mac);
	if (!ok)
		goto out;
	if (!qnet_path_from(node, b, mac)) {
		net_dbg_ratelimited("qnet: %s is at %pM\n", node->name, mac);
		node_found(node, b, mac);
	}
	WRITE_ONCE(node->answers, node->answers + 1);
	if (node->state == QNET_NODE_RESOLVING && qnet_path_any(node) &&
	    node_open_tx(node, &xmitq))
		node_give_up(node, &xmitq);
	wake_up_all(&node->wait);
out:
	node_leave(node, &xmitq);
	return ok;
}

/* --------------------------------------------------------------------- send */

static void node_push(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	u32 ack = 0;

	lockdep_assert_held(&node->lock);
	if (node->rx.cumulative && node->rx.id)
		ack = qnet_l4_rx_short(&node->rx);
	if (qnet_l4_tx_push(&node->tx, &node->route, ack, xmitq) && ack)
		qnet_l4_rx_told(&node->rx);
	/* Without a way nothing was sent, and there is nothing to wait for. */
	if (!qnet_l4_tx_idle(&node->tx))
		node_arm(node, qnet_l4_tx_due(&node->tx));
}

static int node_queue(struct qnet_node *node, const struct qnet_l4_pkt *p,
		      u32 flow, struct sk_buff_head *xmitq)
{
	u32 limit = 4 * qnet_node_txq(node);
	struct qnet_l4_out *o;
	u8 lane;
	int err;

	lockdep_assert_held(&node->lock);
	/* What carries no data is an answer that must not get lost; what carries
	 * little may be a call that nobody could make wait.
	 */
	if (unlikely(node->tx.bytes >= limit) &&
	    (p->hlen + p->len > QNET_L4_INLINE || node->tx.bytes >= 4 * limit))
		return -ENOBUFS;
	if (unlikely(node->state == QNET_NODE_DOWN)) {
		/* It is about a connection that is gone. */
		if (p->layer == QNET_L_WATCH)
			return -EHOSTDOWN;
		err = node_open(node, xmitq);
		if (err)
			return err;
	}
	lane = qnet_path_lane(node, (u16)flow, flow >> QNET_ND_BITS);
	if (unlikely(lane == QNET_L4_NOWHERE))
		return -EHOSTUNREACH;
	o = qnet_l4_new(&node->tx, p);
	if (unlikely(!o))
		return -ENOMEM;
	QNET_INC(node->qn, QNET_MIB_TX_PACKETS);
	qnet_l4_tx_queue(&node->tx, o, lane);
	if (likely(node->state == QNET_NODE_UP))
		node_push(node, xmitq);
	return 0;
}

int qnet_node_send(struct qnet_node *node, u32 flow,
		   const struct qnet_l4_pkt *p)
{
	struct sk_buff_head xmitq __uninitialized;
	int err;

	if (unlikely(p->len > QNET_PKT_MAX - QNET_L4_INLINE ||
		     p->hlen > QNET_L4_INLINE ||
		     (!p->release && p->hlen + p->len > QNET_L4_INLINE)))
		return -EMSGSIZE;
	node_enter(node, &xmitq);
	err = node_queue(node, p, flow, &xmitq);
	node_leave(node, &xmitq);
	return err;
}

u16 qnet_node_qos_back(struct qnet_node *node, const struct sk_buff *skb)
{
	u16 qos;

	spin_lock_bh(&node->lock);
	qos = qnet_path_qos_back(node, skb->dev, QNET_RXCB(skb)->qos);
	spin_unlock_bh(&node->lock);
	return qos;
}

void qnet_node_fail(struct qnet_node *node)
{
	struct sk_buff_head xmitq;

	node_enter(node, &xmitq);
	node_down(node, -EHOSTDOWN, &xmitq);
	node_leave(node, &xmitq);
}

void qnet_node_checked(struct qnet_node *node, bool by_it)
{
	spin_lock_bh(&node->lock);
	if (by_it)
		qnet_wd_polled(&node->wd, memcmp(node->boot_id,
						 node->qn->boot_id,
						 sizeof(node->boot_id)) > 0);
	else
		qnet_wd_checked(&node->wd);
	spin_unlock_bh(&node->lock);
}

void qnet_node_watch_soon(struct qnet_node *node, unsigned long pause)
{
	spin_lock_bh(&node->lock);
	if (node->state == QNET_NODE_UP) {
		node->soon = (jiffies + pause) ?: 1;
		node_arm(node, node->soon);
	}
	spin_unlock_bh(&node->lock);
}

u32 qnet_node_chunk(const struct qnet_node *node)
{
	return READ_ONCE(node->mss) * QNET_L4_PKT_FRAMES ?: U32_MAX;
}

bool qnet_node_is_full(struct qnet_node *node)
{
	bool full;

	spin_lock_bh(&node->lock);
	full = node->tx.bytes >= qnet_node_txq(node);
	if (full && !node->full) {
		node->nr_full++;
		QNET_INC(node->qn, QNET_MIB_TX_THROTTLED);
	}
	node->full |= full;
	spin_unlock_bh(&node->lock);
	return full;
}

int qnet_node_wait_full(struct qnet_node *node, long *timeo)
{
	long left;

	if (!*timeo)
		return -EAGAIN;
	left = wait_event_interruptible_timeout(node->wait,
						!qnet_node_full(node), *timeo);
	if (left < 0)
		return -EINTR;
	*timeo = left;
	return left ? 0 : -ETIMEDOUT;
}

/* ------------------------------------------------------------------ answers */

/* It has told us of our connection. */
static void node_alive(struct qnet_node *node)
{
	u8 from = node->wd.state;

	if (unlikely(qnet_wd_heard(&node->wd)) && node_wd_trace(node, from))
		qnet_nl_node_changed(node);
}

static void node_retrans(struct qnet_node *node, u32 n)
{
	if (!n)
		return;
	this_cpu_add(node->qn->mib->v[QNET_MIB_TX_RETRANS], n);
	trace_qnet_retransmit(node->qn->net->ns.inum, node->nd, n);
}

/* Who waits for room is woken if there is some. */
static void node_space(struct qnet_node *node)
{
	lockdep_assert_held(&node->lock);
	if (likely(!node->full || node->tx.bytes >= qnet_node_txq(node)))
		return;
	node->full = false;
	node->ev |= QNET_NODE_EV_SPACE;
}

/* Packets of ours were acknowledged. */
static void node_acked(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	struct qnet_l4_tx *tx = &node->tx;

	if (unlikely((s32)(tx->recover - tx->una) > 0 && node->rx.cumulative))
		node_retrans(node, qnet_l4_tx_recover(tx, &node->route,
						      xmitq));
	if (unlikely(tx->unsent))
		node_push(node, xmitq);
	node_space(node);
}

static void node_rx_answer(struct qnet_node *node, const struct qnet_hdr *h,
			   struct sk_buff_head *xmitq)
{
	u32 size = h->hole;

	if (node->state != QNET_NODE_UP || h->sconn != node->tx.peer)
		return;
	node_alive(node);
	if (h->type == QNET_T_ACK) {
		if (qnet_l4_tx_ack(&node->tx, h->seq))
			node_acked(node, xmitq);
		return;
	}
	if (node->caps & QNET_CAP_ACKS)
		size = h->qidx * QNET_NACK_UNIT;
	node_retrans(node, qnet_l4_tx_nack(&node->tx, h->seq, h->offset,
					   size, &node->route, xmitq));
}

/* --------------------------------------------------------------------- data */

static void node_rx_verdict(struct qnet_node *node, int ifindex,
			    const struct qnet_hdr *h, unsigned int v,
			    struct sk_buff_head *xmitq)
{
	struct qnet_l4_rx *rx = &node->rx;

	if ((s32)(h->seq - rx->next) > 0)
		QNET_INC(node->qn, QNET_MIB_RX_SEQ_ORDER);
	switch (v & 0xff) {
	case QNET_L4_DUP:
		qnet_dropped(node->qn, ifindex, QNET_MIB_RX_DUP);
		break;
	case QNET_L4_NOMEM:
		qnet_dropped(node->qn, ifindex, QNET_MIB_RX_NOMEM);
		node->rx_nomem++;
		break;
	case QNET_L4_BAD:
		qnet_dropped(node->qn, ifindex,
			     QNET_MIB_BAD + QNET_BAD_OFFSET);
		break;
	}
	/* Had it, but perhaps not handed up: then its turn will come. */
	if (v & QNET_L4_ACK && (s32)(h->seq - rx->done) <= 0)
		node_ack(node, h->seq, h->offset + h->length, xmitq);
	if (v & QNET_L4_NACK)
		qnet_l4_rx_more(rx, h->seq, qnet_path_any(node), xmitq);
	if (qnet_l4_rx_lossy(rx))
		qnet_l4_rx_gap(rx, qnet_path_any(node), xmitq);
	if (rx->gap)
		node_arm(node, rx->gap_due);
}

static void node_rx_data(struct qnet_node *node, struct qnet_bearer *b,
			 const struct qnet_hdr *h, struct sk_buff *skb,
			 struct sk_buff_head *xmitq)
{
	struct qnet_l4_rx *rx = &node->rx;
	unsigned int v;

	/* An old frame may bring an old acknowledgment. */
	if (rx->cumulative && h->qidx & QNET_ACK_VALID &&
	    (s32)(h->seq - rx->next) >= 0 && node->state == QNET_NODE_UP &&
	    qnet_l4_tx_ack_short(&node->tx, qnet_l4_short(h))) {
		node_alive(node);
		node_acked(node, xmitq);
	}
	v = qnet_l4_rx_data(rx, h, skb);
	if (unlikely(v != QNET_L4_READY || rx->nslots))
		node_rx_verdict(node, b->dev->ifindex, h, v, xmitq);
}

/* ---------------------------------------------------------------------- TCS */

/* Between our own, more may be under way. */
static void node_window(struct qnet_node *node)
{
	node->tx.win_pkts = node->caps & QNET_CAP_ACKS ?
			    QNET_L4_WIN_PKTS : QNET_L4_WIN_PLAIN;
	node->wd.circuits = node->caps & QNET_CAP_WATCH;
}

static void node_rx_rem_up(struct qnet_node *node, struct qnet_bearer *b,
			   const struct qnet_hdr *h, struct sk_buff_head *xmitq)
{
	u8 from;

	if (node->state == QNET_NODE_UP && h->sconn == node->tx.peer) {
		node_alive(node);
		qnet_path_answered(node, b);
	}
	if (node->state != QNET_NODE_OPENING || !h->sconn)
		return;
	node->tx.peer = h->sconn;
	node->their_nd = h->src_nd;
	node_window(node);
	qnet_path_route(node);
	from = node->wd.state;
	qnet_wd_open(&node->wd);
	node_wd_trace(node, from);
	node_turn(node, QNET_NODE_UP);
	QNET_INC(node->qn, QNET_MIB_ND_UP);
	node->ev |= QNET_NODE_EV_UP;
	node_ctl_tx(node, QNET_T_TCS_UP, xmitq);
	qnet_path_opened(node);
	node->beat_due = jiffies;
	node_arm(node, node->beat_due);
	node_arm(node, qnet_wd_due(&node->wd));
	node_push(node, xmitq);
}

/* The first one ends the opening, the others are heartbeats, or ask whether
 * the way they came works.
 */
static void node_rx_up(struct qnet_node *node, struct qnet_bearer *b,
		       struct sk_buff_head *xmitq)
{
	if (node->rx.up)
		node_ctl_rx_on(node, qnet_path_to(node, b), QNET_T_TCS_REM_UP,
			       xmitq);
	node->rx.up = true;
}

static void node_rx_down(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	if (node_rx_used(node))
		node_down(node, -EHOSTDOWN, xmitq);
	else
		node_close_rx(node);
}

static void node_rx_rem_down(struct qnet_node *node, const struct qnet_hdr *h,
			     struct sk_buff_head *xmitq)
{
	if (node->state == QNET_NODE_UP && h->sconn == node->tx.peer)
		node_down(node, -EHOSTDOWN, xmitq);
}

static void node_ask_over(struct qnet_node *node, struct qnet_node_path *p,
			  struct sk_buff_head *xmitq)
{
	qnet_path_ask(node, p);
	node_ctl_tx_on(node, &node->route.way[p - node->path], QNET_T_TCS_UP,
		       xmitq);
}

/* Ask over all ways that have not answered for @interval. */
static void node_ask(struct qnet_node *node, unsigned long interval,
		     struct sk_buff_head *xmitq)
{
	unsigned long due = jiffies + NODE_BEAT;
	struct qnet_node_path *p;
	u8 i;

	for (i = 0; i < QNET_L4_WAYS; i++) {
		p = &node->path[i];
		if (!qnet_path_due(node, p, interval, &due))
			continue;
		node_ask_over(node, p, xmitq);
	}
	node->beat_due = due;
	node_arm(node, due);
}

static void node_beat(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	node_ask(node, atomic_read(&node->busy) ? NODE_BEAT : NODE_IDLE, xmitq);
}

/* Ask over all ways on which no answer is awaited: of two probes nobody would
 * know which one is answered.  What is not answered is asked again, as ever.
 */
static void node_ask_idle(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	struct qnet_node_path *p;
	u8 i;

	for (i = 0; i < QNET_L4_WAYS; i++) {
		p = &node->path[i];
		if (p->b && !p->asked && node->route.way[i].dev)
			node_ask_over(node, p, xmitq);
	}
	node_beat(node, xmitq);
}

/**
 * qnet_node_ping() - probe a node now, over all ways to it
 * @node: node; one that is down is reached first, then probed by itself
 *
 * Does not wait: each way counts the answers in &struct qnet_node_path.answers.
 *
 * Context: any.
 * Return: 0, -EHOSTUNREACH if there is no way to it, -ENOMEM.
 */
int qnet_node_ping(struct qnet_node *node)
{
	struct sk_buff_head xmitq;
	int err = 0;

	node_enter(node, &xmitq);
	if (node->state == QNET_NODE_UP)
		node_ask_idle(node, &xmitq);
	else if (node->state == QNET_NODE_DOWN)
		err = node_open(node, &xmitq);
	node_leave(node, &xmitq);
	return err;
}

/* Does it still have our connection? */
static void node_probe(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	u8 from = node->wd.state;

	if (node->state != QNET_NODE_UP)
		return;
	qnet_wd_doubt(&node->wd);
	if (node_wd_trace(node, from))
		qnet_nl_node_changed(node);
	node_arm(node, qnet_wd_due(&node->wd));
	node_ask(node, 0, xmitq);
}

/* Is this node another one than it was, or after another start? */
static bool node_restarted(const struct qnet_node *node,
			   const struct qnet_tcs *t)
{
	if (!node->boot_known)
		return false;
	return !t->caps ||
	       memcmp(node->boot_id, t->boot_id, sizeof(t->boot_id));
}

/* A connection takes the place of another.  Return: false if that happens too
 * often, used or not: anybody can forge an opening.  The peer will try again.
 */
static bool node_replace(struct qnet_node *node, const struct qnet_tcs *t,
			 struct sk_buff_head *xmitq)
{
	/* Since all has ended, nothing of its former life is left here. */
	bool again = !node->ended && node_restarted(node, t);
	bool used = node_rx_used(node);

	if (!node->rx.id && !(again && node->state == QNET_NODE_UP))
		return true;
	if (jiffies - node->reset < NODE_RESET_GAP)
		return false;
	node->reset = jiffies;
	if ((again && node->state == QNET_NODE_UP) ||
	    (used && (again || t->caps))) {
		node_down(node, -EHOSTDOWN, xmitq);
		return true;
	}
	if (used)
		node->ev |= QNET_NODE_EV_LOST;
	node_probe(node, xmitq);
	return true;
}

static int node_open_rx(struct qnet_node *node, const struct qnet_hdr *h,
			const struct qnet_tcs *t, struct sk_buff_head *xmitq)
{
	u32 id;

	/* If it is not the peer who replaces it, the peer must know.  Of one that
	 * began to count anew it would be the end of the new one.
	 */
	if (node->rx.id && node->rx.peer != h->sconn)
		node_ctl_rx(node, QNET_T_TCS_REM_DOWN, xmitq);
	node_close_rx(node);
	id = node_conn_new(node, false);
	if (!id)
		return -ENOMEM;
	qnet_l4_rx_open(&node->rx, id, h->sconn, h->seq);
	node->rx_turned = jiffies;
	node->rx.cumulative = t->caps & QNET_CAP_ACKS;
	WRITE_ONCE(node->caps, t->caps);
	node_window(node);
	if (node_restarted(node, t))
		QNET_INC(node->qn, QNET_MIB_ND_CHANGED);
	node->boot_known = t->caps;
	node->ended = false;
	memcpy(node->boot_id, t->boot_id, sizeof(node->boot_id));
	return 0;
}

/* Can an opening be a copy of one that was heard before?  A plain peer does not
 * tell its starts apart, and may count its connections from the same number.
 */
static bool node_may_be_copy(const struct qnet_node *node, const struct qnet_tcs *t)
{
	if (node->boot_known)
		return !node_restarted(node, t);
	return jiffies - node->rx_turned < NODE_LATE;
}

static void node_rx_init(struct qnet_node *node, struct qnet_bearer *b,
			 const struct qnet_hdr *h, const struct qnet_tcs *t,
			 struct sk_buff_head *xmitq)
{
	bool copy = node_may_be_copy(node, t);
	bool same = node->rx.id && node->rx.peer == h->sconn &&
		    (copy || !(node->boot_known || node_rx_used(node)));

	/* A late copy of the INIT before this one. */
	if (!same && copy && node->rx_prev && node->rx_prev == h->sconn)
		return;
	if (!same && !node_replace(node, t, xmitq))
		return;
	if (!same && node_open_rx(node, h, t, xmitq))
		return;
	node->their_nd = h->src_nd;
	qnet_path_route(node);
	node_ctl(qnet_path_to(node, b) ?: qnet_path_any(node),
		 QNET_T_TCS_REM_UP, node->rx.id, h->sconn, h->seq, xmitq);
	if (node->state == QNET_NODE_DOWN)
		node_open(node, xmitq);
	else if (node->state == QNET_NODE_RESOLVING)
		node_open_tx(node, xmitq);
}

static bool node_self(struct qnet_net *qn, const struct qnet_tcs *t)
{
	bool self;

	read_lock(&qn->name_lock);
	self = qnet_node_named(qn->name, qn->domain, t->dst, strlen(t->dst),
			       t->dst_dom, strlen(t->dst_dom));
	read_unlock(&qn->name_lock);
	return self;
}

/* Who may open: a peer by name, from where the administrator expects it. */
static int node_init_check(struct qnet_node *node, struct qnet_bearer *b,
			   const struct qnet_hdr *h, const struct qnet_tcs *t,
			   const u8 *src)
{
	if (node->gone || !node_may_be(node, b, src))
		return QNET_MIB_RX_STRANGER;
	if (b->crc && qnet_crc_check(h, h->crc, t->caps))
		return QNET_MIB_BAD + QNET_BAD_CRC;
	if (!qnet_path_from(node, b, src))
		node_found(node, b, src);
	return qnet_path_from(node, b, src) ? 0 : QNET_MIB_RX_STRANGER;
}

static int node_frame_init(struct qnet_bearer *b, const struct qnet_hdr *h,
			   struct sk_buff *skb, const u8 *src)
{
	struct qnet_net *qn = b->qn;
	struct sk_buff_head xmitq;
	struct qnet_node *node;
	struct qnet_tcs t;
	int bad;

	if (!pskb_may_pull(skb, h->length) ||
	    qnet_tcs_parse(&t, skb->data, h->length, h->big) ||
	    !h->sconn || !node_self(qn, &t)) {
		return QNET_MIB_BAD + QNET_BAD_TCS;
	}
	node = qnet_node_of(qn, t.src, strlen(t.src), t.src_dom,
			    strlen(t.src_dom));
	if (!node)
		return QNET_MIB_RX_STRANGER;
	node_enter(node, &xmitq);
	bad = node_init_check(node, b, h, &t, src);
	if (!bad)
		node_rx_init(node, b, h, &t, &xmitq);
	node_leave(node, &xmitq);
	return bad;
}

/* ------------------------------------------------------------------- frames */

/* A connection we do not have: a peer is told, others are not.  Return: why the
 * frame goes no further.
 */
static int node_unknown(struct qnet_bearer *b, const struct qnet_hdr *h,
			const u8 *src)
{
	struct qnet_node *node = node_of_mac(b, src, h->dst_nd);
	struct sk_buff_head xmitq;

	if (!node)
		return QNET_MIB_RX_STRANGER;
	if (h->type != QNET_T_USER && h->type != QNET_T_USER_DATA &&
	    h->type != QNET_T_TCS_UP)
		return QNET_MIB_RX_NO_CONN;
	node_enter(node, &xmitq);
	if (qnet_path_from(node, b, src) &&
	    jiffies - node->refused > NODE_REFUSE_GAP) {
		node->refused = jiffies;
		node_ctl(qnet_path_to(node, b), QNET_T_TCS_REM_DOWN, h->dconn,
			 h->sconn, h->seq, &xmitq);
	}
	node_leave(node, &xmitq);
	return QNET_MIB_RX_NO_CONN;
}

/* Does the connection exist, and is it this peer's?  Under the lock. */
static int node_conn_check(struct qnet_node *node, struct qnet_bearer *b,
			   const struct qnet_hdr *h, const u8 *src, bool tx)
{
	struct qnet_node_path *p;

	if (tx ? node->tx.id != h->dconn :
		 node->rx.id != h->dconn || node->rx.peer != h->sconn)
		return QNET_MIB_RX_NO_CONN;
	if (b->crc && qnet_crc_check(h, h->crc, node->caps))
		return QNET_MIB_BAD + QNET_BAD_CRC;
	p = qnet_path_of(node, b);
	/* It knows the connection and asks for this way: so it is there. */
	if (h->type == QNET_T_TCS_UP && node_may_be(node, b, src) &&
	    !qnet_path_from(node, b, src)) {
		node_found(node, b, src);
		p = qnet_path_of(node, b);
	}
	if (!p || !ether_addr_equal(p->mac, src))
		return QNET_MIB_RX_STRANGER;
	p->rx++;
	node->spoke = jiffies;
	return 0;
}

/* Return: whether @skb is consumed. */
static bool node_conn_frame(struct qnet_node *node, struct qnet_bearer *b,
			    const struct qnet_hdr *h, struct sk_buff *skb,
			    struct sk_buff_head *xmitq)
{
	switch (h->type) {
	case QNET_T_USER:
	case QNET_T_USER_DATA:
		node_rx_data(node, b, h, skb, xmitq);
		return true;
	case QNET_T_ACK:
	case QNET_T_NACK:
		node_rx_answer(node, h, xmitq);
		break;
	case QNET_T_TCS_REM_UP:
		node_rx_rem_up(node, b, h, xmitq);
		break;
	case QNET_T_TCS_UP:
		node_rx_up(node, b, xmitq);
		break;
	case QNET_T_TCS_DOWN:
		node_rx_down(node, xmitq);
		break;
	case QNET_T_TCS_REM_DOWN:
		node_rx_rem_down(node, h, xmitq);
		break;
	}
	return false;
}

static bool node_to_tx(u8 type)
{
	return type == QNET_T_ACK || type == QNET_T_NACK ||
	       type == QNET_T_TCS_REM_UP || type == QNET_T_TCS_REM_DOWN;
}

/* @src: in @skb, of which nothing is freed or moved while it is used. */
static void node_frame_conn(struct qnet_bearer *b, const struct qnet_hdr *h,
			    struct sk_buff *skb, const u8 *src)
{
	bool tx = node_to_tx(h->type), taken = false;
	struct sk_buff_head xmitq __uninitialized;
	struct qnet_node *node;
	int bad = QNET_MIB_RX_NO_CONN;

	node = node_of_conn(b->qn, h->dconn, tx);
	if (likely(node)) {
		node_begin(node, &xmitq);
		bad = node_conn_check(node, b, h, src, tx);
		if (likely(!bad))
			taken = node_conn_frame(node, b, h, skb, &xmitq);
		node_end(node, &xmitq);
	}
	if (unlikely(bad == QNET_MIB_RX_NO_CONN))
		bad = node_unknown(b, h, src);
	if (unlikely(bad))
		qnet_drop(b->qn, skb, bad);
	else if (!taken)
		consume_skb(skb);
}

/* What belongs to no connection, and may come in pieces. */
static noinline void node_frame_free(struct qnet_bearer *b,
				     const struct qnet_hdr *h,
				     struct sk_buff *skb)
{
	struct qnet_hdr whole = *h;
	u8 src[ETH_ALEN];
	int why;

	ether_addr_copy(src, eth_hdr(skb)->h_source);
	if ((h->flags & NODE_WHOLE) != NODE_WHOLE) {
		skb = qnet_join(b, &whole, skb, src);
		if (!skb)
			return;
	}
	if (h->type == QNET_T_TCS_INIT)
		why = node_frame_init(b, &whole, skb, src);
	else
		why = qnet_lr_rx(b, &whole, skb, src);
	if (why)
		qnet_drop(b->qn, skb, why);
	else
		consume_skb(skb);
}

static void node_frame(struct qnet_bearer *b, const struct qnet_hdr *h,
		       struct sk_buff *skb)
{
	if (h->type == QNET_T_TCS_INIT || h->type == QNET_T_LRES)
		node_frame_free(b, h, skb);
	else
		node_frame_conn(b, h, skb, eth_hdr(skb)->h_source);
}

/* -------------------------------------------------------------------- timer */

/* What it sends of its own accord shows that it is there, though not that it
 * hears us: then there is more time.
 */
static bool node_speaks(const struct qnet_node *node)
{
	return !time_before(node->spoke, node->wd.polled) &&
	       time_before(jiffies, node->wd.heard + NODE_STUCK);
}

/* It may answer, but takes nothing of what it is sent. */
static bool node_stuck(const struct qnet_node *node)
{
	u32 worst = qnet_wd_worst(&node->wd.conf);

	return !qnet_l4_tx_idle(&node->tx) &&
	       !time_before(jiffies, node->tx.since +
			    max_t(unsigned long, NODE_STUCK,
				  msecs_to_jiffies(worst)));
}

/* What floor 4 is to look at, or to go on with. */
static void node_watch_more(struct qnet_node *node)
{
	if (node->soon && !time_before(jiffies, node->soon)) {
		node->soon = 0;
		node->ev |= QNET_NODE_EV_MORE;
	}
	if (node->soon)
		node_arm(node, node->soon);
	if (!node->wd.conf.max_idle_time)
		return;
	if (!time_before(jiffies, qnet_wd_scan_due(&node->wd))) {
		node->wd.scanned = jiffies;
		node->ev |= QNET_NODE_EV_SCAN;
	}
	node_arm(node, qnet_wd_scan_due(&node->wd));
}

/* Return: false if it was given up. */
static bool node_watch(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	u8 from = node->wd.state;

	switch (qnet_wd_tick(&node->wd, node_speaks(node), node_stuck(node))) {
	case QNET_WD_WAIT:
		break;
	case QNET_WD_GIVE_UP:
		node_wd_trace(node, from);
		node_down(node, -EHOSTDOWN, xmitq);
		return false;
	case QNET_WD_POLL:
		QNET_INC(node->qn, QNET_MIB_WATCH_POLLS);
		node->ev |= QNET_NODE_EV_POLL;
		if (!node->wd.circuits)
			node_ask(node, 0, xmitq);
		if (node_wd_trace(node, from))
			qnet_nl_node_changed(node);
		break;
	}
	node_watch_more(node);
	node_arm(node, qnet_wd_due(&node->wd));
	return true;
}

static void node_rto(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	qnet_path_failed(node, qnet_l4_tx_way(&node->tx));
	node->beat_due = jiffies;
	node_retrans(node, qnet_l4_tx_timeout(&node->tx, &node->route, xmitq));
}

static void node_tick_up(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	if (!node_watch(node, xmitq))
		return;
	if (!qnet_l4_tx_idle(&node->tx)) {
		if (!time_before(jiffies, qnet_l4_tx_due(&node->tx)))
			node_rto(node, xmitq);
		node_arm(node, qnet_l4_tx_due(&node->tx));
	} else if (unlikely(node->tx.unsent)) {
		/* There was no way when it came. */
		node_push(node, xmitq);
	}
	if (!time_before(jiffies, node->beat_due))
		node_beat(node, xmitq);
	node_arm(node, node->beat_due);
}

static void node_tick_rx(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	struct qnet_l4_rx *rx = &node->rx;

	if (rx->gap && !time_before(jiffies, rx->gap_due))
		qnet_l4_rx_gap(rx, qnet_path_any(node), xmitq);
	if (rx->gap)
		node_arm(node, rx->gap_due);
	if (!rx->unacked)
		return;
	if (time_before(jiffies, rx->ack_due))
		node_arm(node, rx->ack_due);
	else
		node_ack(node, rx->done, rx->done_len, xmitq);
}

static void node_tick_open(struct qnet_node *node, struct sk_buff_head *xmitq)
{
	if (time_before(jiffies, node->due)) {
		node_arm(node, node->due);
		return;
	}
	if (node->state == QNET_NODE_OPENING && !node->tries)
		node->opened = jiffies;
	node_try(node, xmitq);
}

static void node_timer(struct timer_list *t)
{
	struct qnet_node *node = timer_container_of(node, t, timer);
	struct sk_buff_head xmitq;

	node_enter(node, &xmitq);
	if (node->gone)
		goto out;
	if (node->state == QNET_NODE_UP)
		node_tick_up(node, &xmitq);
	else if (node->state != QNET_NODE_DOWN)
		node_tick_open(node, &xmitq);
	node_tick_rx(node, &xmitq);
out:
	node_leave(node, &xmitq);
}

/* ------------------------------------------------------------------ bearers */

static void node_bearer(struct qnet_node *node, struct qnet_bearer *b,
			enum qnet_dev_event ev)
{
	struct sk_buff_head xmitq;

	node_enter(node, &xmitq);
	if (node->gone)
		goto out;
	if (ev != QNET_DEV_CHANGED)
		qnet_path_qos_bearer(node, b, ev == QNET_DEV_ADDED);
	if (ev == QNET_DEV_ADDED && node->fixed && node_bound(node, b))
		node_found(node, b, node->mac);
	if (ev == QNET_DEV_GONE && node->npaths == 1 && qnet_path_of(node, b))
		node_down(node, node->state == QNET_NODE_UP ?
			  -EHOSTDOWN : -EHOSTUNREACH, &xmitq);
	if (ev == QNET_DEV_GONE)
		qnet_path_del(node, b);
	qnet_path_route(node);
	if (node->state == QNET_NODE_UP)
		node_push(node, &xmitq);
out:
	node_leave(node, &xmitq);
}

static void node_bearer_event(struct qnet_bearer *b, enum qnet_dev_event ev)
{
	struct qnet_node *node;
	unsigned long nd;

	lockdep_assert_held(&b->qn->cfg);
	xa_for_each(&b->qn->nodes, nd, node)
		node_bearer(node, b, ev);
	qnet_lr_bearer(b, ev);
}

const struct qnet_dev_ops qnet_dev_ops = {
	.rx	= node_frame,
	.event	= node_bearer_event,
};

/* ------------------------------------------------------------ configuration */

/**
 * qnet_node_name_ok() - may a node have this name?
 * @name:   a name, or a domain
 * @domain: the latter: it may be empty and have dots
 *
 * Neither may blur what is printed.
 *
 * Return: true if so.
 */
bool qnet_node_name_ok(const char *name, bool domain)
{
	const u8 *p;

	if (strnlen(name, QNET_NODE_NAME_MAX) == QNET_NODE_NAME_MAX)
		return false;
	for (p = name; *p; p++)
		if (*p <= ' ' || *p == 0x7f || *p == '/' ||
		    (*p == '.' && !domain))
			return false;
	return domain || *name;
}

static int node_names_check(const char *name, const char *domain,
			    struct netlink_ext_ack *extack)
{
	if (qnet_node_name_ok(name, false) && qnet_node_name_ok(domain, true))
		return 0;
	NL_SET_ERR_MSG(extack, "a name has 1 to 63 characters, no blank, dot or slash");
	return -EINVAL;
}

static int peer_check(struct qnet_net *qn, const char *name, const char *domain,
		      const u8 *mac, struct netlink_ext_ack *extack)
{
	size_t nlen = strlen(name), dlen = strlen(domain);

	if (mac && !is_valid_ether_addr(mac)) {
		NL_SET_ERR_MSG(extack, "not the address of one device");
		return -EINVAL;
	}
	if (qnet_node_named(qn->name, qn->domain, name, nlen, domain, dlen)) {
		NL_SET_ERR_MSG(extack, "that is this node's own name");
		return -EINVAL;
	}
	return 0;
}

/* Who became a peer by itself gives way, but not to another such. */
static int peer_claim(struct qnet_net *qn, const struct qnet_peer_conf *c,
		      struct netlink_ext_ack *extack)
{
	bool taken;

	if (c->itself) {
		rcu_read_lock();
		taken = qnet_node_of(qn, c->name, strlen(c->name), c->domain,
				     strlen(c->domain));
		rcu_read_unlock();
	} else {
		taken = qnet_trust_yield(qn, c->name, c->domain);
	}
	if (!taken)
		return 0;
	NL_SET_ERR_MSG(extack, "there is a peer of that name already");
	return -EEXIST;
}

static struct qnet_node *node_alloc(struct qnet_net *qn)
{
	struct qnet_node *node;

	node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);
	if (!node)
		return NULL;
	refcount_set(&node->ref, 1);
	node->qn = qn;
	spin_lock_init(&node->lock);
	qnet_integ_init(&node->integ);
	spin_lock_init(&node->vcs_lock);
	node->life = 1;
	init_waitqueue_head(&node->reads_wq);
	/* An answer to one of another life is not to meet one of this. */
	node->next_read = get_random_u32();
	qnet_calls_init(&node->calls);
	spin_lock_init(&node->reads_lock);
	xa_init_flags(&node->questions, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	qnet_l4_tx_init(&node->tx);
	qnet_l4_rx_init(&node->rx, 0);
	memset(node->route.lane, QNET_L4_NOWHERE, sizeof(node->route.lane));
	init_waitqueue_head(&node->wait);
	timer_setup(&node->timer, node_timer, 0);
	INIT_LIST_HEAD(&node->asks);
	node->opened = jiffies - HZ;
	node->rx_turned = jiffies - NODE_LATE;
	node->reset = jiffies - HZ;
	node->refused = jiffies - HZ;
	node->bucket.at = jiffies - HZ;
	return node;
}

/**
 * qnet_peer_set() - change what may be changed of a peer
 * @node:   the peer
 * @budget: QNET_NODE_BUDGET_MIN to QNET_NODE_BUDGET_MAX, 0 = as it is
 * @qos:    from qnet_qos_parse(), 0 = as it is
 * @policy: who its clients are here, for circuits to come
 *
 * What is held beyond a smaller budget stays until it is worked off.  A peer that
 * became one by itself stays one from now on.
 *
 * Context: process, under qn->cfg.
 */
void qnet_peer_set(struct qnet_node *node, u32 budget, u16 qos,
		   const struct qnet_policy *policy)
{
	struct qnet_net *qn = node->qn;
	struct sk_buff_head xmitq;

	lockdep_assert_held(&qn->cfg);
	WRITE_ONCE(qn->nr_auto, qn->nr_auto - node->itself);
	WRITE_ONCE(node->itself, false);
	node_enter(node, &xmitq);
	if (budget) {
		WRITE_ONCE(node->budget, budget);
		node->rx.max = budget / QNET_NODE_RX_SHARE;
		node_space(node);
	}
	if (qos)
		qnet_path_qos_set(node, qos);
	spin_lock(&node->vcs_lock);
	node->policy = *policy;
	spin_unlock(&node->vcs_lock);
	node_leave(node, &xmitq);
}

/**
 * qnet_node_set_watchdog() - when a node is polled, and when it is given up
 * @node: the node
 * @own:  what was said of it; QNET_WD_UNSET: as for all
 *
 * Context: process, under qn->cfg.
 */
void qnet_node_set_watchdog(struct qnet_node *node,
			    const struct qnet_wd_conf *own)
{
	struct sk_buff_head xmitq;

	lockdep_assert_held(&node->qn->cfg);
	node_enter(node, &xmitq);
	node->wd.own = *own;
	qnet_wd_set(&node->wd, &node->qn->wd);
	if (node->state == QNET_NODE_UP)
		node_arm(node, jiffies);
	node_leave(node, &xmitq);
}

/**
 * qnet_node_set_watchdogs() - the same of all nodes, also of those to come
 * @qn:  namespace
 * @all: parameters; what was said of a node alone holds for it
 *
 * Context: process, under qn->cfg.
 */
void qnet_node_set_watchdogs(struct qnet_net *qn,
			     const struct qnet_wd_conf *all)
{
	struct qnet_wd_conf own;
	struct qnet_node *node;
	unsigned long nd;

	lockdep_assert_held(&qn->cfg);
	qn->wd = *all;
	xa_for_each(&qn->nodes, nd, node) {
		own = node->wd.own;
		qnet_node_set_watchdog(node, &own);
	}
}

static struct qnet_node *peer_make(struct qnet_net *qn,
				   const struct qnet_peer_conf *c)
{
	struct qnet_node *node = node_alloc(qn);

	if (!node)
		return NULL;
	strscpy(node->name, c->name, sizeof(node->name));
	strscpy(node->domain, c->domain, sizeof(node->domain));
	node->ifindex = c->ifindex;
	node->fixed = c->mac;
	if (c->mac)
		ether_addr_copy(node->mac, c->mac);
	qnet_peer_set(node, c->budget ?: qn->budget, c->qos, &c->policy);
	node->itself = c->itself;
	qnet_wd_init(&node->wd, &qn->wd);
	return node;
}

/**
 * qnet_peer_add() - allow a node to talk with us, and us with it
 * @qn:     namespace
 * @c:      what is said of it
 * @extack: told why not, or NULL
 *
 * Context: process, under qn->cfg.
 * Return: it, with a reference, or ERR_PTR(-EINVAL, -EEXIST, -ENOMEM, -ENOSPC).
 */
struct qnet_node *qnet_peer_add(struct qnet_net *qn,
				const struct qnet_peer_conf *c,
				struct netlink_ext_ack *extack)
{
	struct qnet_node *node;
	struct qnet_bearer *b;
	int err;

	lockdep_assert_held(&qn->cfg);
	err = node_names_check(c->name, c->domain, extack) ?:
	      peer_check(qn, c->name, c->domain, c->mac, extack);
	if (err)
		return ERR_PTR(err);
	node = peer_make(qn, c);
	if (!node)
		return ERR_PTR(-ENOMEM);
	err = peer_claim(qn, c, extack);
	if (err) {
		qnet_node_put(node);
		return ERR_PTR(err);
	}
	err = xa_alloc_bh(&qn->nodes, &node->nd, NULL, XA_LIMIT(1, NODE_MAX),
			  GFP_KERNEL_ACCOUNT);
	if (err) {
		NL_SET_ERR_MSG(extack, "too many peers");
		qnet_node_put(node);
		return ERR_PTR(err == -EBUSY ? -ENOSPC : err);
	}
	xa_store_bh(&qn->nodes, node->nd, node, GFP_KERNEL);
	WRITE_ONCE(qn->nr_auto, qn->nr_auto + node->itself);
	list_for_each_entry(b, &qn->bearers, list)
		node_bearer(node, b, QNET_DEV_ADDED);
	return qnet_node_hold(node);
}

/* The caller took the node out of the table; its reference ends here. */
static void node_remove(struct qnet_node *node)
{
	struct sk_buff_head xmitq;

	node_enter(node, &xmitq);
	node_down(node, node->state == QNET_NODE_UP ?
		  -EHOSTDOWN : -EHOSTUNREACH, &xmitq);
	node_close_rx(node);
	WRITE_ONCE(node->gone, true);
	qnet_path_clear(node);
	node_leave(node, &xmitq);
	timer_shutdown_sync(&node->timer);
	wake_up_all(&node->wait);
}

/**
 * qnet_peer_remove() - talk with a node no longer
 * @qn:   namespace
 * @node: the node; the caller has a reference and keeps it
 *
 * Context: process, under qn->cfg.
 */
void qnet_peer_remove(struct qnet_net *qn, struct qnet_node *node)
{
	lockdep_assert_held(&qn->cfg);
	WRITE_ONCE(qn->nr_auto, qn->nr_auto - node->itself);
	xa_erase_bh(&qn->nodes, node->nd);
	node_remove(node);
	qnet_node_put(node);
}

/**
 * qnet_self_name() - how the other nodes know this one
 * @qn:     namespace
 * @name:   name
 * @domain: domain, may be empty
 * @extack: told why not
 *
 * Context: process, under qn->cfg.
 * Return: 0, -EINVAL, -EEXIST.
 */
int qnet_self_name(struct qnet_net *qn, const char *name, const char *domain,
		   struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&qn->cfg);
	err = node_names_check(name, domain, extack);
	if (err)
		return err;
	err = qnet_trust_yield(qn, name, domain);
	if (err) {
		NL_SET_ERR_MSG(extack, "there is a peer of that name");
		return -EEXIST;
	}
	write_lock_bh(&qn->name_lock);
	strscpy(qn->name, name, sizeof(qn->name));
	strscpy(qn->domain, domain, sizeof(qn->domain));
	write_unlock_bh(&qn->name_lock);
	qnet_lr_announce(qn);
	return 0;
}

/* --------------------------------------------------------------------- life */

/**
 * qnet_node_net_init() - floor 3 of a namespace
 * @qn: namespace
 *
 * Return: 0.
 */
int qnet_node_net_init(struct qnet_net *qn)
{
	static struct lock_class_key conns_key;

	qn->budget = QNET_NODE_BUDGET;
	qn->wd = qnet_wd_default;
	xa_init_flags(&qn->nodes, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	xa_init_flags(&qn->conns, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	/* Inside qnet_node.lock, unlike those that are initialized alike. */
	lockdep_set_class(&qn->conns.xa_lock, &conns_key);
	qnet_lr_net_init(qn);
	qnet_trust_net_init(qn);
	return 0;
}

/**
 * qnet_node_net_pre_exit() - nothing comes, goes or ticks any more
 * @qn: namespace, @qn->dead is set
 */
void qnet_node_net_pre_exit(struct qnet_net *qn)
{
	struct qnet_node *node;
	unsigned long nd;

	qnet_dev_net_exit(qn);
	qnet_lr_net_exit(qn);
	qnet_trust_net_exit(qn);
	mutex_lock(&qn->cfg);
	xa_for_each(&qn->nodes, nd, node)
		node_remove(node);
	mutex_unlock(&qn->cfg);
}

/**
 * qnet_node_net_exit() - free the peers
 * @qn: namespace; an RCU grace period has passed since pre_exit
 */
void qnet_node_net_exit(struct qnet_net *qn)
{
	struct qnet_node *node;
	unsigned long nd;

	xa_for_each(&qn->nodes, nd, node) {
		xa_erase_bh(&qn->nodes, nd);
		qnet_node_put(node);
	}
	xa_destroy(&qn->nodes);
	xa_destroy(&qn->conns);
}
