// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two ends and what lies between them: see l4_link.h.
 *
 * What is wrong is noted as a fault, with the name of it, and said when the
 * test is over: where it is found bottom halves are off, and a failing
 * expectation may sleep.
 */
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "../compat.h"
#include "l4_link.h"

#define PATTERN		(QNET_PKT_MAX + 4096)
#define HDR		(QNET_PAD + QNET_HDR_LEN)

/* All bytes of all packets */
static u8 *pattern;

static void fault(struct l4_link *l, const char *what)
{
	if (!l->faults++)
		l->fault = what;
}

/* ------------------------------------------------------------ the suite */

/**
 * link_suite_init() - what all tests share
 * @suite: of them
 *
 * Return: 0 or -ENOMEM.
 */
int link_suite_init(struct kunit_suite *suite)
{
	u32 i, seed = 0x5eed;
	int err;

	pattern = kvmalloc(PATTERN, GFP_KERNEL);
	if (!pattern)
		return -ENOMEM;
	for (i = 0; i < PATTERN; i += 4)
		*(u32 *)(pattern + i) = test_random(&seed);
	err = clock_open();
	if (err)
		link_suite_exit(suite);
	return err;
}

/**
 * link_suite_exit() - the end of link_suite_init()
 * @suite: as there
 */
void link_suite_exit(struct kunit_suite *suite)
{
	clock_close();
	kvfree(pattern);
	pattern = NULL;
}

/* ------------------------------------------------- under the lock, and out */

static void enter(struct l4_end *e, struct sk_buff_head *xmitq)
{
	__skb_queue_head_init(xmitq);
	local_bh_disable();
	e->link->inside = true;
}

static bool by_chance(struct l4_link *l, u32 rate)
{
	return rate && test_random(&l->seed) % 1000 < rate;
}

/* struct sk_buff.cb of a frame on its way */
static unsigned long *due(struct sk_buff *skb)
{
	return (unsigned long *)skb->cb;
}

static void carry_one(struct l4_end *to, struct sk_buff *skb)
{
	struct l4_link *l = to->link;

	*due(skb) = clock_now + l->wire.delay;
	if (l->wire.jitter)
		*due(skb) += test_random(&l->seed) % (l->wire.jitter + 1);
	if (by_chance(l, l->wire.swap))
		__skb_queue_head(&to->in, skb);
	else
		__skb_queue_tail(&to->in, skb);
}

/* Would the other end, and a device on the way, take it as one of ours? */
static bool sound(const struct l4_end *e, const struct sk_buff *skb,
		  const struct qnet_hdr *h)
{
	bool data = h->type == QNET_T_USER;

	if (skb->dev != e->link->dev || skb->protocol != htons(ETH_P_QNX) ||
	    skb->len < ETH_ZLEN || skb->len > ETH_HLEN + e->link->mtu)
		return false;
	if (!data && h->type != QNET_T_ACK && h->type != QNET_T_NACK)
		return false;
	if (h->src_nd != e->route.way[0].src_nd ||
	    h->dst_nd != e->route.way[0].dst_nd)
		return false;
	return data ? h->sconn == e->tx.id && h->dconn == e->tx.peer :
		      h->sconn == e->rx.id && h->dconn == e->rx.peer;
}

static void count(struct l4_end *e, const struct qnet_hdr *h)
{
	if (h->type == QNET_T_ACK)
		e->acks++;
	else if (h->type == QNET_T_NACK)
		e->nacks++;
	else
		e->frames++;
}

static int parse(const struct sk_buff *skb, struct qnet_hdr *h)
{
	return qnet_hdr_parse(h, skb->data + ETH_HLEN + QNET_PAD,
			      skb->len - ETH_HLEN - QNET_PAD);
}

static void carry(struct l4_end *e, struct sk_buff_head *xmitq)
{
	struct l4_link *l = e->link;
	struct sk_buff *skb, *twin;
	struct qnet_hdr h;

	while ((skb = __skb_dequeue(xmitq))) {
		if (parse(skb, &h) || !sound(e, skb, &h))
			fault(l, "a frame that is none");
		count(e, &h);
		if (by_chance(l, l->wire.loss)) {
			kfree_skb(skb);
			continue;
		}
		/* Their bytes are one: nobody may write to them. */
		twin = by_chance(l, l->wire.twice) ?
		       skb_clone(skb, GFP_ATOMIC) : NULL;
		carry_one(e->other, skb);
		if (twin)
			carry_one(e->other, twin);
	}
}

/* Out of the lock; as node.c has it, the data is given back at last. */
static void leave(struct l4_end *e, struct sk_buff_head *xmitq)
{
	struct qnet_l4_out *done = e->tx.done;

	e->tx.done = NULL;
	e->link->inside = false;
	carry(e, xmitq);
	qnet_l4_free(done);
	local_bh_enable();
}

/* ------------------------------------------------------------ the packets */

static bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

/* For struct qnet_l4_pkt.  That is the end of the data: who reads on will be
 * caught by KASAN.
 */
static void release(void *arg)
{
	struct l4_item *it = arg;
	struct l4_link *l = it->end->link;

	if (l->inside)
		fault(l, "released under the lock");
	if (!l->ending && !before(it->seq, it->end->tx.una))
		fault(l, "released before it was acknowledged");
	if (it->released++)
		fault(l, "released twice");
	kfree(it->data);
	it->data = NULL;
}

/* What is under way, counted; and within the window, but one alone may go. */
static void check_tx(struct l4_end *e)
{
	struct qnet_l4_tx *tx = &e->tx;
	u32 bytes = 0, flight = 0, pkts = 0;
	const struct qnet_l4_out *o;

	for (o = tx->first; o; o = o->next) {
		bytes += o->total + sizeof(*o);
		if (!before(o->seq, tx->nxt))
			continue;
		pkts++;
		flight += o->total;
	}
	if (tx->bytes != bytes || tx->flight != flight ||
	    tx->nxt - tx->una != pkts)
		fault(e->link, "what is under way is counted wrong");
	if (tx->frames < pkts)
		fault(e->link, "frames under way are counted wrong");
	if (pkts > 1 && (pkts > tx->win_pkts || flight > QNET_L4_WIN_BYTES))
		fault(e->link, "more is under way than the window allows");
}

static void push(struct l4_end *e, struct sk_buff_head *xmitq)
{
	u32 ack = e->rx.cumulative ? qnet_l4_rx_short(&e->rx) : 0;
	struct qnet_l4_tx *tx = &e->tx;

	if (qnet_l4_tx_push(tx, &e->route, ack, xmitq)) {
		if (ack)
			qnet_l4_rx_told(&e->rx);
		if (tx->nxt - tx->una > 1 && tx->frames > tx->cwnd)
			fault(e->link, "more frames are under way than may be");
	}
	check_tx(e);
}

/**
 * link_push() - send what was not sent, as something has changed
 * @e: sender
 */
void link_push(struct l4_end *e)
{
	struct sk_buff_head xmitq;

	enter(e, &xmitq);
	push(e, &xmitq);
	leave(e, &xmitq);
}

static struct l4_item *item_new(struct l4_end *e, const struct l4_want *w)
{
	struct l4_item *it = &e->item[e->put];
	u32 total = w->hlen + w->len;

	it->end = e;
	it->seq = e->tx.next;
	it->off = e->put * 40503 % (PATTERN - total);
	it->len = total;
	it->layer = w->layer;
	it->may_fail = w->may_fail;
	it->referred = w->refer || total > QNET_L4_INLINE;
	it->data = kmemdup(pattern + it->off + w->hlen, w->len ?: 1,
			   GFP_KERNEL);
	return it;
}

/**
 * link_put() - send a packet
 * @e: sender
 * @w: what it is to be
 *
 * What is not referred to is gone when this returns.
 *
 * Return: the packet, or NULL if there was no memory for it.
 */
struct l4_item *link_put(struct l4_end *e, const struct l4_want *w)
{
	struct kunit *test = e->link->test;
	struct sk_buff_head xmitq;
	struct qnet_l4_out *o;
	struct qnet_l4_pkt p;
	struct l4_item *it;

	KUNIT_ASSERT_LT(test, e->put, LINK_PKTS);
	KUNIT_ASSERT_LE(test, w->hlen, QNET_L4_INLINE);
	it = item_new(e, w);
	KUNIT_ASSERT_NOT_NULL(test, it->data);
	p = (struct qnet_l4_pkt) {
		.layer	 = w->layer,
		.head	 = pattern + it->off,
		.hlen	 = w->hlen,
		.data	 = it->data,
		.len	 = w->len,
		.trailer = w->trailer,
		.release = it->referred ? release : NULL,
		.arg	 = it,
	};
	enter(e, &xmitq);
	o = qnet_l4_new(&e->tx, &p);
	if (o) {
		qnet_l4_tx_queue(&e->tx, o, w->lane);
		e->put++;
	}
	if (!o || !it->referred) {
		kfree(it->data);
		it->data = NULL;
	}
	if (o)
		push(e, &xmitq);
	leave(e, &xmitq);
	return o ? it : NULL;
}

/**
 * link_send() - send any packet
 * @e:   sender
 * @len: of it
 *
 * Return: the packet.
 */
struct l4_item *link_send(struct l4_end *e, u32 len)
{
	struct l4_want w = { .hlen = min(len, 48U) };

	w.len = len - w.hlen;
	return link_put(e, &w);
}

/* -------------------------------------------------- what came, and answers */

static bool as_sent(struct l4_end *e, const struct l4_item *it,
		    const struct sk_buff *skb)
{
	u8 *room = e->link->room;

	if (skb->len != it->len || QNET_RXCB(skb)->layer != it->layer)
		return false;
	/* The floors above parse the head of it. */
	if (skb_headlen(skb) < min_t(u32, skb->len, QNET_KIF_MAX))
		return false;
	return !skb_copy_bits(skb, 0, room, skb->len) &&
	       !memcmp(room, pattern + it->off, skb->len);
}

static void got(struct l4_end *e, const struct sk_buff *skb)
{
	const struct l4_item *it = &e->other->item[e->got];
	bool filler = QNET_RXCB(skb)->layer == QNET_L_SEQ && !skb->len;

	if (QNET_RXCB(skb)->seq != e->other->first + e->got)
		fault(e->link, "a packet out of turn");
	else if (e->got >= e->other->put)
		fault(e->link, "a packet that was never sent");
	else if (filler && it->may_fail)
		e->fillers++;
	else if (!as_sent(e, it, skb))
		fault(e->link, "a packet that is not as it was sent");
	e->got++;
}

static void ack(struct l4_end *e, u32 seq, u32 len, struct sk_buff_head *xmitq)
{
	if (e->rx.cumulative) {
		seq = e->rx.done;
		len = e->rx.done_len;
	}
	qnet_l4_rx_ack(&e->rx, seq, len, &e->route.way[0], xmitq);
}

static void hand_up(struct l4_end *e, struct sk_buff_head *xmitq)
{
	struct sk_buff *skb;
	u32 seq, len;

	while ((skb = qnet_l4_rx_next(&e->rx))) {
		got(e, skb);
		seq = QNET_RXCB(skb)->seq;
		len = skb->len;
		consume_skb(skb);
		if (qnet_l4_rx_done(&e->rx, seq, len))
			ack(e, seq, len, xmitq);
	}
}

/**
 * link_up() - hand up what a deaf end has kept
 * @e: receiver
 */
void link_up(struct l4_end *e)
{
	struct sk_buff_head xmitq;

	enter(e, &xmitq);
	hand_up(e, &xmitq);
	leave(e, &xmitq);
}

static void acked(struct l4_end *e, struct sk_buff_head *xmitq)
{
	if (before(e->tx.una, e->tx.recover) && e->rx.cumulative)
		e->again += qnet_l4_tx_recover(&e->tx, &e->route, xmitq);
	if (e->tx.unsent)
		push(e, xmitq);
	check_tx(e);
}

static void answer(struct l4_end *e, const struct qnet_hdr *h,
		   struct sk_buff_head *xmitq)
{
	u32 size = e->rx.cumulative ? h->qidx * QNET_NACK_UNIT : h->hole;

	if (h->type == QNET_T_NACK)
		e->again += qnet_l4_tx_nack(&e->tx, h->seq, h->offset, size,
					    &e->route, xmitq);
	else if (qnet_l4_tx_ack(&e->tx, h->seq))
		acked(e, xmitq);
}

static void verdict(struct l4_end *e, const struct qnet_hdr *h, unsigned int v,
		    struct sk_buff_head *xmitq)
{
	struct qnet_l4_rx *rx = &e->rx;

	if (v & QNET_L4_ACK && !before(rx->done, h->seq))
		ack(e, h->seq, h->offset + h->length, xmitq);
	if (v & QNET_L4_NACK)
		qnet_l4_rx_more(rx, h->seq, &e->route.way[0], xmitq);
	if (qnet_l4_rx_lossy(rx))
		qnet_l4_rx_gap(rx, &e->route.way[0], xmitq);
}

static void data(struct l4_end *e, const struct qnet_hdr *h,
		 struct sk_buff *skb, struct sk_buff_head *xmitq)
{
	if (e->rx.cumulative && h->qidx & QNET_ACK_VALID &&
	    !before(h->seq, e->rx.next) &&
	    qnet_l4_tx_ack_short(&e->tx, qnet_l4_short(h)))
		acked(e, xmitq);
	e->verdict = qnet_l4_rx_data(&e->rx, h, skb);
	verdict(e, h, e->verdict, xmitq);
	if (!e->deaf)
		hand_up(e, xmitq);
}

/* As dev.c takes it. */
static void take(struct l4_end *e, struct sk_buff *skb)
{
	struct sk_buff_head xmitq;
	struct qnet_hdr h;

	enter(e, &xmitq);
	parse(skb, &h);
	skb_pull(skb, ETH_HLEN + HDR);
	skb_trim(skb, h.length);
	if (h.type == QNET_T_USER) {
		data(e, &h, skb, &xmitq);
	} else {
		answer(e, &h, &xmitq);
		consume_skb(skb);
	}
	leave(e, &xmitq);
}

/* ---------------------------------------------------------------- the wire */

static struct sk_buff *nth(struct l4_end *e, u32 n)
{
	struct sk_buff *skb;

	skb_queue_walk(&e->in, skb)
		if (!n--)
			return skb;
	return NULL;
}

/**
 * link_look() - what is on its way?
 * @e: to this end
 * @n: frame
 * @h: receives its header
 *
 * Return: false if there is no such frame.
 */
bool link_look(struct l4_end *e, u32 n, struct qnet_hdr *h)
{
	struct sk_buff *skb = nth(e, n);

	return skb && !parse(skb, h);
}

/**
 * link_drop() - lose a frame
 * @e: on its way to this end
 * @n: frame
 */
void link_drop(struct l4_end *e, u32 n)
{
	struct sk_buff *skb = nth(e, n);

	KUNIT_ASSERT_NOT_NULL(e->link->test, skb);
	__skb_unlink(skb, &e->in);
	kfree_skb(skb);
}

/**
 * link_take() - let a frame come
 * @e: to this end
 * @n: frame
 */
void link_take(struct l4_end *e, u32 n)
{
	struct sk_buff *skb = nth(e, n);

	KUNIT_ASSERT_NOT_NULL(e->link->test, skb);
	__skb_unlink(skb, &e->in);
	take(e, skb);
}

/**
 * link_take_all() - let all frames come that are on their way now
 * @e: to this end
 */
void link_take_all(struct l4_end *e)
{
	struct sk_buff_head now;
	struct sk_buff *skb;

	__skb_queue_head_init(&now);
	skb_queue_splice_init(&e->in, &now);
	while ((skb = __skb_dequeue(&now)))
		take(e, skb);
}

/**
 * link_flow() - let all come, and what is sent for it, until it is quiet
 * @l: both ends
 */
void link_flow(struct l4_link *l)
{
	while (!skb_queue_empty(&l->a.in) || !skb_queue_empty(&l->b.in)) {
		link_take_all(&l->b);
		link_take_all(&l->a);
	}
}

/* ------------------------------------------------------- what nobody sent */

static void check_rx(struct l4_end *e)
{
	const struct qnet_l4_rx *rx = &e->rx;
	u32 i, slots = 0;

	for (i = 0; i < QNET_L4_WIN_PKTS; i++)
		slots += rx->slot[i] ? 1 : 0;
	if (slots != rx->nslots)
		fault(e->link, "slots are counted wrong");
	if (!slots && rx->held)
		fault(e->link, "memory is held for nothing");
	if (rx->held > 2 * LINK_RX_MAX)
		fault(e->link, "more memory is held than there is room for");
}

/**
 * link_raw() - a frame of data that nobody sent
 * @e:     to this end
 * @h:     its header
 * @bytes: its payload, NULL = zeros
 * @room:  memory it takes
 *
 * Return: the verdict on it.
 */
unsigned int link_raw(struct l4_end *e, const struct qnet_hdr *h,
		      const u8 *bytes, u32 room)
{
	struct sk_buff *skb = alloc_skb(max(room, h->length), GFP_KERNEL);
	struct sk_buff_head xmitq;
	u8 *p;

	KUNIT_ASSERT_NOT_NULL(e->link->test, skb);
	p = skb_put_zero(skb, h->length);
	if (bytes)
		memcpy(p, bytes, h->length);
	enter(e, &xmitq);
	data(e, h, skb, &xmitq);
	check_rx(e);
	leave(e, &xmitq);
	return e->verdict;
}

/**
 * link_ack() - an acknowledgment that nobody sent
 * @e:   to this end
 * @seq: of what
 *
 * Return: was it news?
 */
bool link_ack(struct l4_end *e, u32 seq)
{
	struct sk_buff_head xmitq;
	bool news;

	enter(e, &xmitq);
	news = qnet_l4_tx_ack(&e->tx, seq);
	if (news)
		acked(e, &xmitq);
	leave(e, &xmitq);
	return news;
}

/**
 * link_ack_short() - one in the header of other data
 * @e:   to this end
 * @ack: what qnet_l4_short() found
 *
 * Return: was it news?
 */
bool link_ack_short(struct l4_end *e, u32 ack)
{
	struct sk_buff_head xmitq;
	bool news;

	enter(e, &xmitq);
	news = qnet_l4_tx_ack_short(&e->tx, ack);
	if (news)
		acked(e, &xmitq);
	leave(e, &xmitq);
	return news;
}

/**
 * link_nack() - somebody asks for a hole
 * @e:    this end
 * @seq:  of this packet
 * @off:  where it begins
 * @size: of it
 *
 * Return: frames sent.
 */
u32 link_nack(struct l4_end *e, u32 seq, u32 off, u32 size)
{
	struct sk_buff_head xmitq;
	u32 n;

	enter(e, &xmitq);
	n = qnet_l4_tx_nack(&e->tx, seq, off, size, &e->route, &xmitq);
	e->again += n;
	check_tx(e);
	leave(e, &xmitq);
	return n;
}

/**
 * link_reroute() - the route has changed
 * @e: sender
 */
void link_reroute(struct l4_end *e)
{
	struct sk_buff_head xmitq;

	enter(e, &xmitq);
	qnet_l4_tx_reroute(&e->tx, &e->route);
	push(e, &xmitq);
	leave(e, &xmitq);
}

/* -------------------------------------------------------------------- time */

/**
 * link_tick() - do what is due
 * @e: at this end
 */
void link_tick(struct l4_end *e)
{
	struct qnet_l4_rx *rx = &e->rx;
	struct qnet_l4_tx *tx = &e->tx;
	struct sk_buff_head xmitq;

	enter(e, &xmitq);
	if (!qnet_l4_tx_idle(tx)) {
		if (!time_before(clock_now, qnet_l4_tx_due(tx)))
			e->again += qnet_l4_tx_timeout(tx, &e->route, &xmitq);
	} else if (tx->unsent) {
		push(e, &xmitq);
	}
	if (rx->gap && !time_before(clock_now, rx->gap_due))
		qnet_l4_rx_gap(rx, &e->route.way[0], &xmitq);
	if (rx->unacked && !time_before(clock_now, rx->ack_due))
		ack(e, rx->done, rx->done_len, &xmitq);
	/* It looks at every slot: not every time. */
	if (!(clock_now % 16))
		check_rx(e);
	leave(e, &xmitq);
}

/* Let come what is due by now. */
static void arrive(struct l4_end *e)
{
	struct sk_buff *skb, *next;
	struct sk_buff_head now;

	__skb_queue_head_init(&now);
	skb_queue_walk_safe(&e->in, skb, next) {
		if (time_before(clock_now, *due(skb)))
			continue;
		__skb_unlink(skb, &e->in);
		__skb_queue_tail(&now, skb);
	}
	while ((skb = __skb_dequeue(&now)))
		take(e, skb);
}

/**
 * link_turn() - one jiffy later
 * @l: both ends
 */
void link_turn(struct l4_link *l)
{
	clock_now++;
	arrive(&l->a);
	arrive(&l->b);
	link_tick(&l->a);
	link_tick(&l->b);
}

static bool end_idle(const struct l4_end *e)
{
	const struct qnet_l4_rx *rx = &e->rx;
	const struct qnet_l4_tx *tx = &e->tx;

	return !tx->first && !rx->nslots && !rx->unacked &&
	       skb_queue_empty(&rx->ready) && skb_queue_empty(&e->in);
}

/**
 * link_idle() - is all done?
 * @l: both ends
 *
 * Return: true if so.
 */
bool link_idle(const struct l4_link *l)
{
	return end_idle(&l->a) && end_idle(&l->b);
}

/**
 * link_settle() - let time pass until all is done
 * @l:    both ends
 * @most: jiffies that may take
 *
 * Return: jiffies it took, or @most.
 */
u32 link_settle(struct l4_link *l, u32 most)
{
	u32 n;

	for (n = 0; n < most && !link_idle(l) && !l->faults; n++)
		link_turn(l);
	return n;
}

/* -------------------------------------------------------------------- life */

static void end_open(struct l4_end *e, u32 s0)
{
	struct qnet_l4_tx *tx = &e->tx;

	tx->next = s0 + 1;
	tx->nxt = s0 + 1;
	tx->una = s0 + 1;
	tx->cut = s0 + 1;
	tx->karn = s0 + 1;
	tx->recover = s0 + 1;
	e->first = s0 + 1;
	qnet_l4_rx_open(&e->other->rx, tx->peer, tx->id, s0);
}

static int end_init(struct l4_end *e, struct l4_link *l, struct l4_end *other,
		    u32 id, u32 peer)
{
	u32 i;

	e->link = l;
	e->other = other;
	__skb_queue_head_init(&e->in);
	qnet_l4_tx_init(&e->tx);
	qnet_l4_rx_init(&e->rx, LINK_RX_MAX);
	e->tx.id = id;
	e->tx.peer = peer;
	for (i = 0; i < QNET_L4_WAYS; i++) {
		e->route.way[i].dev = l->dev;
		e->route.way[i].src_nd = id;
		e->route.way[i].dst_nd = peer;
		e->route.lane[QNET_L4_PREFER + i] = i;
		e->route.lane[QNET_L4_ONLY + i] = i;
	}
	e->item = kunit_kcalloc(l->test, LINK_PKTS, sizeof(*e->item),
				GFP_KERNEL);
	return e->item ? 0 : -ENOMEM;
}

/**
 * link_init() - two ends of our own kind, and a good wire
 * @test: its priv will be the link
 *
 * Return: 0 or -ENOMEM.
 */
int link_init(struct kunit *test)
{
	struct l4_link *l;

	l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	if (!l)
		return -ENOMEM;
	l->test = test;
	l->seed = 1;
	/* Stamps are the low 32 bits, and soon begin anew. */
	clock_now = U32_MAX - 100;
	clock_no_memory = NULL;
	l->dev = alloc_netdev(0, "l4test%d", NET_NAME_UNKNOWN, ether_setup);
	l->room = kvmalloc(QNET_PKT_MAX, GFP_KERNEL);
	test->priv = l;
	if (!l->dev || !l->room ||
	    end_init(&l->a, l, &l->b, 0x19, 0x22) ||
	    end_init(&l->b, l, &l->a, 0x2b, 0x34))
		return -ENOMEM;
	link_mtu(l, LINK_MTU);
	link_start(l, 0);
	l->a.rx.cumulative = true;
	l->b.rx.cumulative = true;
	l->a.tx.win_pkts = QNET_L4_WIN_PKTS;
	l->b.tx.win_pkts = QNET_L4_WIN_PKTS;
	return 0;
}

/**
 * link_plain() - let the two be of the plain kind
 * @l: both ends
 */
void link_plain(struct l4_link *l)
{
	l->a.rx.cumulative = false;
	l->b.rx.cumulative = false;
	l->a.tx.win_pkts = QNET_L4_WIN_PLAIN;
	l->b.tx.win_pkts = QNET_L4_WIN_PLAIN;
}

/**
 * link_mtu() - how wide the device is
 * @l:   both ends
 * @mtu: of the device
 */
void link_mtu(struct l4_link *l, u32 mtu)
{
	u32 i;

	l->mtu = mtu;
	for (i = 0; i < QNET_L4_WAYS; i++) {
		l->a.route.way[i].mss = qnet_frag_mss(mtu);
		l->b.route.way[i].mss = qnet_frag_mss(mtu);
	}
}

/**
 * link_start() - where numbers begin
 * @l:  both ends
 * @s0: initial sequence number
 */
void link_start(struct l4_link *l, u32 s0)
{
	end_open(&l->a, s0);
	end_open(&l->b, s0);
}

/* All that was lent must have come back, once. */
static void end_exit(struct l4_end *e)
{
	struct sk_buff_head xmitq;
	u32 i;

	if (!e->item)
		return;
	check_rx(e);
	enter(e, &xmitq);
	qnet_l4_tx_purge(&e->tx);
	qnet_l4_rx_purge(&e->rx);
	leave(e, &xmitq);
	__skb_queue_purge(&e->in);
	for (i = 0; i < e->put; i++)
		if (e->item[i].released != e->item[i].referred)
			fault(e->link, "data was not released");
	if (e->tx.bytes || e->rx.nslots || e->rx.held || e->rx.ready_bytes)
		fault(e->link, "something is left");
}

/**
 * link_exit() - the end of a test: drops what is left, and tells of faults
 * @test: its priv is the link
 */
void link_exit(struct kunit *test)
{
	struct l4_link *l = test->priv;

	if (!l)
		return;
	clock_no_memory = NULL;
	l->ending = true;
	end_exit(&l->a);
	end_exit(&l->b);
	KUNIT_EXPECT_EQ_MSG(test, l->faults, 0, "the first: %s", l->fault);
	if (l->dev)
		free_netdev(l->dev);
	kvfree(l->room);
}
