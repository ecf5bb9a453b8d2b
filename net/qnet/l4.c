// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 2: one sequenced, reliable connection to a node, one way.
 *
 * A connection is two structs, one at either end, each embedded in a struct of
 * floor 3 that protects it by a lock and tells it of every event: a packet to
 * send, a frame that came, a deadline that passed.  Nothing here takes a lock,
 * starts a timer or sends: frames to be sent are put into the caller's queue
 * and handed to the device after the lock was dropped.
 *
 * Who owns what
 * -------------
 * What is to be sent is a list of packets, struct qnet_l4_out.  Short ones are
 * copied into it; of others only the header is, and the data is referred to
 * until the packet is acknowledged.  Frames are made when they are sent, for
 * the way they take then, and belong to the device; so one that is sent again
 * is a new one, and nobody writes to what others may still read.
 * Packets that are done with lie in qnet_l4_tx.done until the caller has dropped
 * his lock: whoever gets the data back may be of any floor.
 * Frames in qnet_l4_rx.slot and .ready belong to the connection, until
 * qnet_l4_rx_next() gives them away as one packet.
 *
 * Sender
 * ------
 * What is under way is bounded by a window of frames: it grows with every
 * acknowledgment and is halved at a loss, once per round trip.  A packet goes
 * as a whole, and one alone always goes.
 * One timer per connection, from the first packet under way or the last
 * progress.  At its first expiry the last fragment of the oldest packet is
 * sent again: the receiver acknowledges, or says what it lacks.  At later ones
 * all of that packet.  How long that may go on, the floor above decides.
 *
 * Receiver
 * --------
 * A packet that comes whole and in turn costs nothing.  Others wait in a slot,
 * in pieces or until it is their turn.  What is missing is asked for as soon as
 * so many frames have come behind the hole that it is not just another order,
 * or when the gap timer has passed.
 *
 * Ways
 * ----
 * The floor above gives each packet a lane and leads each lane to a device.  A
 * packet sent again goes where its lane leads then.  One whose lane leads
 * nowhere any more is given up: an empty packet takes its place in the
 * sequence.
 */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "compat.h"
#include "l4.h"

#define L4_HDR		(QNET_PAD + QNET_HDR_LEN)
#define L4_ZLEN		(ETH_ZLEN - ETH_HLEN)
#define L4_WHOLE	(QNET_F_FIRST | QNET_F_LAST)
#define L4_FRAG_MIN	1024	/* memory of a frame */

/* One more jiffy than asked for: the timer may fire early in its own. */
#define L4_RTO_MIN	(msecs_to_jiffies(20) + 1)
#define L4_RTO_MAX	msecs_to_jiffies(1000)
#define L4_RTO_LIMIT	msecs_to_jiffies(200)	/* of doublings */
#define L4_GAP		(msecs_to_jiffies(4) + 1)
#define L4_GAP_PLAIN	msecs_to_jiffies(20)
#define L4_REORDER	8	/* frames behind a hole that make it a loss */
#define L4_GAP_IDLE	4	/* doublings while nothing comes */
#define L4_ACK_DELAY	(msecs_to_jiffies(4) + 1)
#define L4_ACK_PKTS	16
#define L4_ACK_BYTES	(64U << 10)
#define L4_NACKS	16	/* at one time */
#define L4_SPARE	8	/* structs kept */
#define L4_RECOVER	2	/* packets sent again per acknowledgment */

/**
 * struct qnet_asm - a packet in pieces, or out of turn
 * @frag:    which bytes have come
 * @q:       the pieces in order, or the whole packet if @done
 * @bytes:   memory of @q
 * @heard:   when the last piece came
 * @asked:   hole last asked for, if it was one at a time
 * @nacked:  @asked is valid
 * @layer:   of the packet
 * @big:     byte order of the packet
 * @qos:     what its sender asks of the ways
 * @done:    it is whole
 */
struct qnet_asm {
	struct qnet_frag	frag;
	struct sk_buff_head	q;
	u32			bytes;
	unsigned long		heard;
	u32			asked;
	bool			nacked;
	u8			layer;
	bool			big;
	u8			qos;
	bool			done;
};

/* struct sk_buff.cb of a piece in qnet_asm.q */
struct qnet_asm_cb {
	u32	from;
};

static struct qnet_asm_cb *piece(const struct sk_buff *skb)
{
	return (struct qnet_asm_cb *)skb->cb;
}

static bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

/* ----------------------------------------------------------------- frames */

/* BH is off: struct and memory come from where softirq keeps some, and the
 * memory need not be cleared first, as kmalloc() does it on many systems.  A
 * fragment that is held holds its page, so none is small.
 */
static struct sk_buff *l4_alloc(u32 len)
{
	u32 size = SKB_DATA_ALIGN(len) +
		   SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct sk_buff *skb;
	void *head;

	if (unlikely(size > PAGE_SIZE))
		return alloc_skb(len, GFP_ATOMIC);
	size = max_t(u32, size, L4_FRAG_MIN);
	head = napi_alloc_frag(size);
	if (unlikely(!head))
		return NULL;
	skb = napi_build_skb(head, size);
	if (unlikely(!skb))
		skb_free_frag(head);
	return skb;
}

/* Room for @len bytes of payload; what lies around it is zero. */
static struct sk_buff *l4_frame(u32 room, u32 len, u32 trailer)
{
	u32 body = L4_HDR + len;
	u32 all = max_t(u32, body + trailer, L4_ZLEN);
	struct sk_buff *skb;

	skb = l4_alloc(room + all);
	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	__skb_put(skb, body);
	memset(skb->data, 0, QNET_PAD);
	if (all > body)
		skb_put_zero(skb, all - body);
	return skb;
}

/* A bearer is an Ethernet device, whatever lies below it. */
static void l4_address(struct sk_buff *skb, const struct qnet_l4_path *path)
{
	struct ethhdr *eth;

	skb->dev = path->dev;
	skb->protocol = htons(ETH_P_QNX);
	skb_reset_network_header(skb);
	eth = __skb_push(skb, ETH_HLEN);
	ether_addr_copy(eth->h_dest, path->mac);
	ether_addr_copy(eth->h_source, path->dev->dev_addr);
	eth->h_proto = htons(ETH_P_QNX);
}

static struct sk_buff *l4_ctl_one(const struct qnet_l4_path *path,
				  struct qnet_hdr *h, const void *data)
{
	struct sk_buff *skb;

	skb = l4_frame(LL_RESERVED_SPACE(path->dev), h->length, 0);
	if (!skb)
		return NULL;
	qnet_hdr_build(skb->data + QNET_PAD, h);
	if (h->length)
		memcpy(skb->data + L4_HDR, data, h->length);
	l4_address(skb, path);
	return skb;
}

/**
 * qnet_l4_ctl() - a packet that is not part of the sequence
 * @path:  where to, may be NULL; also gives the node numbers
 * @h:     the rest of the header; flags and offsets are set here
 * @data:  payload of @h->length bytes, or NULL
 * @xmitq: receives the frames, more than one if it does not fit one
 *
 * Context: BH off.
 */
void qnet_l4_ctl(const struct qnet_l4_path *path, const struct qnet_hdr *h,
		 const void *data, struct sk_buff_head *xmitq)
{
	struct qnet_hdr hdr = *h;
	struct sk_buff *skb;
	u32 off = 0;

	if (!path || !path->dev || !path->mss)
		return;
	hdr.src_nd = path->src_nd;
	hdr.dst_nd = path->dst_nd;
	do {
		hdr.flags = path->crc | (off ? 0 : QNET_F_FIRST);
		hdr.length = min(h->length - off, path->mss);
		if (h->length)
			hdr.offset = off;
		if (off + hdr.length == h->length)
			hdr.flags |= QNET_F_LAST;
		skb = l4_ctl_one(path, &hdr, data + off);
		if (!skb)
			return;
		__skb_queue_tail(xmitq, skb);
		off += hdr.length;
	} while (off < h->length);
}

/* ---------------------------------------------------------------- packets */

static struct kmem_cache *l4_out_cache;

static struct qnet_l4_out *l4_spare(struct qnet_l4_tx *tx)
{
	struct qnet_l4_out *o = tx->spare;

	if (unlikely(!o))
		return kmem_cache_alloc(l4_out_cache, GFP_ATOMIC);
	tx->spare = o->next;
	tx->nspare--;
	return o;
}

/* Short packets come and go all the time; a few are kept. */
static void l4_done(struct qnet_l4_tx *tx, struct qnet_l4_out *o)
{
	bool keep = !o->release && tx->nspare < L4_SPARE;
	struct qnet_l4_out **to = keep ? &tx->spare : &tx->done;

	o->next = *to;
	*to = o;
	tx->nspare += keep;
}

/**
 * qnet_l4_new() - a packet to be sent
 * @tx: sender
 * @p:  what it holds, at most QNET_PKT_MAX bytes in all
 *
 * A short one is copied, and @p->data stays referred to until it is released
 * only if it must be.
 *
 * Return: the packet, or NULL: then @p->data is still the caller's.
 */
struct qnet_l4_out *qnet_l4_new(struct qnet_l4_tx *tx,
				const struct qnet_l4_pkt *p)
{
	struct qnet_l4_out *o = l4_spare(tx);

	if (!o)
		return NULL;
	o->release = p->release;
	o->hlen = p->hlen;
	o->total = p->hlen + p->len;
	o->trailer = p->trailer;
	o->layer = p->layer;
	o->repeated = 0;
	o->again = false;
	memcpy(o->head, p->head, p->hlen);
	o->data = p->data;
	o->arg = p->arg;
	if (p->len && o->total <= sizeof(o->head)) {
		memcpy(o->head + p->hlen, p->data, p->len);
		o->hlen = o->total;
	}
	return o;
}

/**
 * qnet_l4_free() - packets are done with
 * @done: what was in qnet_l4_tx.done
 *
 * Context: any, no lock held.
 */
void qnet_l4_free(struct qnet_l4_out *done)
{
	struct qnet_l4_out *o;

	while ((o = done)) {
		done = o->next;
		if (o->release)
			o->release(o->arg);
		kmem_cache_free(l4_out_cache, o);
	}
}

/* Bytes [@off, @off + @n) of a packet. */
static void l4_fill(u8 *to, const struct qnet_l4_out *o, u32 off, u32 n)
{
	u32 part;

	if (off < o->hlen) {
		part = min(n, o->hlen - off);
		memcpy(to, o->head + off, part);
		to += part;
		off += part;
		n -= part;
	}
	if (n)
		memcpy(to, o->data + (off - o->hlen), n);
}

/* ----------------------------------------------------------------- sender */

/* What the packets of a lane ask of the ways. */
static u16 l4_qos(u8 lane)
{
	if (likely(lane < QNET_L4_PREFER))
		return QNET_QOS_T_LOADBALANCE;
	return lane < QNET_L4_ONLY ? QNET_QOS_T_PREFERRED :
				     QNET_QOS_T_EXCLUSIVE;
}

static struct sk_buff *l4_build(const struct qnet_l4_tx *tx,
				const struct qnet_l4_out *o, u32 off, u32 n,
				const struct qnet_l4_path *path, u32 ack)
{
	struct qnet_hdr h = {
		.type	= QNET_T_USER,
		.flags	= path->crc,
		.layer	= o->layer,
		.src_nd	= path->src_nd,
		.dst_nd	= path->dst_nd,
		.sconn	= tx->id,
		.dconn	= tx->peer,
		.seq	= o->seq,
		.qos	= l4_qos(o->lane) | ack >> 16 << 8,
		.qidx	= (u16)ack,
		.offset	= off,
		.length	= n,
	};
	u32 trailer = n == o->total ? min(o->trailer, path->mss - n) : 0;
	struct sk_buff *skb;

	skb = l4_frame(LL_RESERVED_SPACE(path->dev), n, trailer);
	if (unlikely(!skb))
		return NULL;
	if (!off)
		h.flags |= QNET_F_FIRST;
	if (off + n == o->total)
		h.flags |= QNET_F_LAST;
	qnet_hdr_build(skb->data + QNET_PAD, &h);
	l4_fill(skb->data + L4_HDR, o, off, n);
	l4_address(skb, path);
	return skb;
}

/* Send bytes [@off, @end) of a packet, with acknowledgment @ack.  A frame that
 * finds no memory is a lost one: the timer will see to it.  Return: frames.
 */
static u32 l4_send(struct qnet_l4_tx *tx, struct qnet_l4_out *o, u32 off,
		   u32 end, struct qnet_l4_route *r, u32 ack,
		   struct sk_buff_head *xmitq)
{
	const struct qnet_l4_path *path;
	u8 way = r->lane[o->lane];
	struct sk_buff *skb;
	u32 n, sent = 0;

	if (unlikely(way == QNET_L4_NOWHERE))
		return 0;
	path = &r->way[way];
	o->stamp = jiffies;
	o->way = way;
	do {
		n = min(end - off, path->mss);
		skb = l4_build(tx, o, off, n, path, ack);
		if (unlikely(!skb))
			break;
		__skb_queue_tail(xmitq, skb);
		sent++;
		off += n;
	} while (off < end);
	r->sent[way] += sent;
	return sent;
}

/* Without an acknowledgment: who gets it late would take it for another. */
static u32 l4_resend(struct qnet_l4_tx *tx, struct qnet_l4_out *o, u32 off,
		     u32 end, struct qnet_l4_route *r,
		     struct sk_buff_head *xmitq)
{
	u32 sent = l4_send(tx, o, off, end, r, 0, xmitq);

	o->again = true;
	tx->karn = tx->nxt;
	if (sent)
		r->again[o->way] += sent;
	return sent;
}

/* Where its last frame began. */
static u32 l4_last(const struct qnet_l4_out *o)
{
	return o->total ? rounddown(o->total - 1, o->mss) : 0;
}

/**
 * qnet_l4_tx_init() - an empty sender; qnet_l4_tx.id says if it is open
 * @tx: sender
 *
 * Context: before anyone knows @tx.
 */
void qnet_l4_tx_init(struct qnet_l4_tx *tx)
{
	memset(tx, 0, sizeof(*tx));
	tx->last = &tx->first;
	tx->win_pkts = QNET_L4_WIN_PLAIN;
	tx->cwnd = QNET_L4_CWND_INIT;
	tx->ssthresh = QNET_L4_CWND_MAX;
	tx->rto = 2 * L4_RTO_MIN;
	tx->next = 1;
	tx->nxt = 1;
	tx->una = 1;
	tx->karn = 1;
}

/* Return: the end of the list at @end, to which @more was added. */
static struct qnet_l4_out **l4_append(struct qnet_l4_out **end,
				      struct qnet_l4_out *more)
{
	while (*end)
		end = &(*end)->next;
	*end = more;
	return end;
}

/**
 * qnet_l4_tx_purge() - drop all that is not acknowledged, and close
 * @tx: sender
 */
void qnet_l4_tx_purge(struct qnet_l4_tx *tx)
{
	struct qnet_l4_out *done, **end = &tx->first;

	/* One after the other: what was queued, what was done, what is spare. */
	end = l4_append(end, tx->done);
	l4_append(end, tx->spare);
	done = tx->first;
	qnet_l4_tx_init(tx);
	tx->done = done;
}

/* May this packet go now? */
static bool l4_window(struct qnet_l4_tx *tx, const struct qnet_l4_out *o)
{
	if (!tx->frames)
		return true;
	if (tx->nxt - tx->una >= tx->win_pkts ||
	    tx->flight + o->total > QNET_L4_WIN_BYTES)
		return false;
	if (tx->frames + o->frames <= tx->cwnd)
		return true;
	tx->full = true;
	return false;
}

static void l4_grow(struct qnet_l4_tx *tx, u32 acked)
{
	if (likely(!tx->full) || before(tx->una, tx->cut))
		return;
	tx->full = false;
	tx->grown += acked;
	if (tx->cwnd < tx->ssthresh) {
		tx->cwnd += tx->grown;
		tx->grown = 0;
	} else if (tx->grown >= tx->cwnd) {
		tx->cwnd++;
		tx->grown = 0;
	}
	tx->cwnd = min_t(u32, tx->cwnd, QNET_L4_CWND_MAX);
}

/* Packet @seq was lost, wholly or partly: once per window that is news. */
static void l4_shrink(struct qnet_l4_tx *tx, u32 seq, bool silent)
{
	if (!before(seq, tx->cut)) {
		tx->cut = tx->nxt;
		tx->ssthresh = max_t(u32, tx->cwnd / 2, QNET_L4_CWND_MIN);
		tx->cwnd = tx->ssthresh;
	}
	if (silent)
		tx->cwnd = QNET_L4_CWND_MIN;
	tx->grown = 0;
}

/* Was it sent at least once? */
static bool l4_sent(const struct qnet_l4_tx *tx, const struct qnet_l4_out *o)
{
	return before(o->seq, tx->nxt);
}

/* Nothing of the packet will be sent (again).  An empty one takes its place in
 * the sequence; its data is given back with it.
 */
static void l4_give_up(struct qnet_l4_tx *tx, struct qnet_l4_out *o)
{
	if (l4_sent(tx, o)) {
		tx->flight -= o->total;
		tx->frames -= o->frames - 1;
	}
	WRITE_ONCE(tx->bytes, tx->bytes - o->total);
	o->frames = 1;
	o->layer = QNET_L_SEQ;
	o->lane = 0;
	o->hlen = 0;
	o->total = 0;
	o->trailer = 0;
}

/**
 * qnet_l4_tx_push() - send what was not sent yet, as the window allows
 * @tx:    sender, open
 * @r:     where to
 * @ack:   acknowledgment that goes with it, qnet_l4_rx_short(), or 0
 * @xmitq: receives the frames
 *
 * Return: true if anything was sent.
 */
bool qnet_l4_tx_push(struct qnet_l4_tx *tx, struct qnet_l4_route *r, u32 ack,
		     struct sk_buff_head *xmitq)
{
	u32 first = tx->nxt;
	struct qnet_l4_out *o;
	u8 way;

	while ((o = tx->unsent)) {
		way = r->lane[o->lane];
		if (unlikely(way == QNET_L4_NOWHERE))
			break;
		o->mss = r->way[way].mss;
		o->frames = o->total <= o->mss ? 1 :
			    DIV_ROUND_UP(o->total, o->mss);
		if (!l4_window(tx, o))
			break;
		if (qnet_l4_tx_idle(tx)) {
			tx->base = jiffies;
			tx->since = jiffies;
		}
		tx->flight += o->total;
		tx->frames += o->frames;
		tx->nxt = o->seq + 1;
		tx->unsent = o->next;
		l4_send(tx, o, 0, o->total, r, ack, xmitq);
	}
	return tx->nxt != first;
}

/* A way whose time never changes may be late, too, by as much as any other. */
static void l4_measured(struct qnet_l4_tx *tx, u32 rtt)
{
	s32 dev;

	tx->expired = false;
	/* Most of the time on a LAN, and then what follows comes to the same. */
	if (likely(!(rtt | tx->srtt >> 3 | tx->rttvar >> 2) &&
		   tx->rto == L4_RTO_MIN))
		return;
	if (tx->srtt) {
		dev = rtt - (tx->srtt >> 3);
		tx->srtt += dev;
		tx->rttvar += abs(dev) - (tx->rttvar >> 2);
	} else {
		tx->srtt = rtt << 3;
		tx->rttvar = rtt << 1;
	}
	tx->rto = min_t(u32, (tx->srtt >> 3) +
			max_t(u32, tx->rttvar, L4_RTO_MIN), L4_RTO_MAX);
}

/* Of packets that were sent again, or waited behind one that was, the time
 * says nothing.  Return: whether it was measured.
 */
static bool l4_rtt(struct qnet_l4_tx *tx, const struct qnet_l4_out *o)
{
	if (!o->again)
		tx->worked |= BIT(o->way);
	if (before(o->seq, tx->karn))
		return false;
	l4_measured(tx, (u32)jiffies - o->stamp);
	return true;
}

/* The packet that it waited for has expired.  Of one that was sent once the time
 * may become known yet.
 */
static void l4_expired(struct qnet_l4_tx *tx, const struct qnet_l4_out *o)
{
	tx->expired = !o->again;
	tx->expired_seq = o->seq;
	tx->expired_at = o->stamp;
	tx->expired_gap = (u32)jiffies - o->stamp;
	tx->expired_rtt = 0;
}

/* Had what was sent again when it expired arrived before, the copy is
 * acknowledged, too, as much later as it was sent later: then it is known what the
 * first acknowledgment was of.  What else was sent again is acknowledged when a
 * round trip says, or together with it.
 */
static void l4_in_vain(struct qnet_l4_tx *tx, u32 seq)
{
	u32 rtt = min_t(u32, tx->expired_rtt, L4_RTO_MAX);
	s32 late;

	if (!tx->expired || !rtt || before(seq, tx->expired_seq))
		return;
	late = (u32)jiffies - tx->expired_at - tx->expired_rtt;
	if (abs(late - (s32)tx->expired_gap) >
	    max_t(s32, tx->expired_gap / 4, L4_ACK_DELAY))
		return;
	if (rtt > tx->srtt >> 3)
		tx->srtt = 0;
	l4_measured(tx, rtt);
}

/* Marks of the past must not come to lie in the future. */
static void l4_follow(struct qnet_l4_tx *tx)
{
	if (before(tx->cut, tx->una))
		tx->cut = tx->una;
	if (before(tx->karn, tx->una))
		tx->karn = tx->una;
	if (before(tx->recover, tx->una))
		tx->recover = tx->una;
}

/**
 * qnet_l4_tx_ack() - packets up to @seq have arrived
 * @tx:  sender
 * @seq: as the peer says
 *
 * Return: true if that was news.
 */
bool qnet_l4_tx_ack(struct qnet_l4_tx *tx, u32 seq)
{
	struct qnet_l4_out *o;
	bool measured = false;
	u32 frames = 0;

	if (before(seq, tx->una)) {
		l4_in_vain(tx, seq);
		return false;
	}
	if (!before(seq, tx->nxt))
		return false;
	while ((o = tx->first) && !before(seq, o->seq)) {
		tx->first = o->next;
		if (!tx->first)
			tx->last = &tx->first;
		frames += o->frames;
		tx->flight -= o->total;
		if (o->seq == seq)
			measured = l4_rtt(tx, o);
		WRITE_ONCE(tx->bytes, tx->bytes - qnet_l4_charge(o));
		l4_done(tx, o);
	}
	tx->frames -= frames;
	tx->una = seq + 1;
	l4_follow(tx);
	tx->base = jiffies;
	tx->since = jiffies;
	if (unlikely(tx->retries)) {
		if (tx->expired && !tx->expired_rtt)
			tx->expired_rtt = (u32)jiffies - tx->expired_at;
		/* It may have been sent again in vain, and then its time is
		 * unknown: more is given until one can be measured, but not
		 * so much that a lossy way becomes a slow one.
		 */
		if (!measured)
			tx->rto = min_t(u32, tx->rto * 2,
					max_t(u32, tx->rto, L4_RTO_LIMIT));
		tx->retries = 0;
	}
	l4_grow(tx, frames);
	return true;
}

/**
 * qnet_l4_tx_ack_short() - an acknowledgment in the header of other data
 * @tx:  sender
 * @ack: from qnet_l4_short()
 *
 * Return: as qnet_l4_tx_ack().
 */
bool qnet_l4_tx_ack_short(struct qnet_l4_tx *tx, u32 ack)
{
	u32 last = tx->una - 1;
	u32 seq = (ack & QNET_ACK_SEQ_MASK) |
		  ack >> 16 << QNET_ACK_SEQ_BITS;
	u32 more = (seq - last) & QNET_ACK_SEQ_ALL;

	if (((ack >> QNET_ACK_GEN_SHIFT) & QNET_ACK_GEN_MASK) !=
	    (tx->id & QNET_ACK_GEN_MASK))
		return false;
	return more && more <= tx->nxt - tx->una &&
	       qnet_l4_tx_ack(tx, last + more);
}

/**
 * qnet_l4_tx_way() - which way went what was not acknowledged for longest
 * @tx: sender with packets under way
 *
 * Return: the way, or QNET_L4_NOWHERE.
 */
u8 qnet_l4_tx_way(struct qnet_l4_tx *tx)
{
	const struct qnet_l4_out *o = tx->first;

	return o && l4_sent(tx, o) ? o->way : QNET_L4_NOWHERE;
}

/* Packet @seq if it was sent and not acknowledged, or NULL. */
static struct qnet_l4_out *l4_find(struct qnet_l4_tx *tx, u32 seq)
{
	struct qnet_l4_out *o;

	if (before(seq, tx->una) || !before(seq, tx->nxt))
		return NULL;
	for (o = tx->first; o; o = o->next)
		if (o->seq == seq)
			break;
	return o;
}

/**
 * qnet_l4_tx_recover() - after an expiry: send what may be lost, by the clock
 *                        of the acknowledgments
 * @tx:    sender, of which something was just acknowledged
 * @r:     where to
 * @xmitq: receives the frames
 *
 * Only for peers that acknowledge in bulk; from others one acknowledgment
 * says nothing about the packets behind it.
 *
 * Return: frames sent again.
 */
u32 qnet_l4_tx_recover(struct qnet_l4_tx *tx, struct qnet_l4_route *r,
		       struct sk_buff_head *xmitq)
{
	struct qnet_l4_out *o;
	u32 i, sent = 0;

	if (before(tx->rtx, tx->una))
		tx->rtx = tx->una;
	for (i = 0; i < L4_RECOVER && before(tx->rtx, tx->recover); i++) {
		o = l4_find(tx, tx->rtx++);
		if (o)
			sent += l4_resend(tx, o, l4_last(o), o->total, r,
					  xmitq);
	}
	return sent;
}

/* So much of a packet is sent again in a round trip, whoever asks how often. */
static bool l4_too_often(const struct qnet_l4_tx *tx, struct qnet_l4_out *o,
			 u32 bytes)
{
	if (!o->again || (u32)jiffies - o->stamp > tx->srtt >> 3)
		o->repeated = 0;
	if (o->repeated > o->total)
		return true;
	o->repeated += max(bytes, 1U);
	return false;
}

/**
 * qnet_l4_tx_nack() - the receiver lacks bytes of a packet
 * @tx:    sender
 * @seq:   the packet
 * @off:   first byte missing
 * @size:  of the hole; 0 = the one fragment
 * @r:     where to
 * @xmitq: receives the frames
 *
 * Return: frames sent again.
 */
u32 qnet_l4_tx_nack(struct qnet_l4_tx *tx, u32 seq, u32 off, u32 size,
		    struct qnet_l4_route *r, struct sk_buff_head *xmitq)
{
	struct qnet_l4_out *o = l4_find(tx, seq);
	u32 from, end, sent;

	if (!o || (off && off >= o->total) || off > QNET_PKT_MAX ||
	    size > QNET_PKT_MAX)
		return 0;
	from = rounddown(off, o->mss);
	end = min(o->total, roundup(off + max(size, 1U), o->mss));
	if (l4_too_often(tx, o, end - from))
		return 0;
	sent = l4_resend(tx, o, from, end, r, xmitq);
	tx->base = jiffies;
	l4_shrink(tx, seq, false);
	return sent;
}

/**
 * qnet_l4_tx_rto() - how long an acknowledgment may take
 * @tx: sender, that has sent in vain before
 *
 * Return: jiffies.
 */
u32 qnet_l4_tx_rto(const struct qnet_l4_tx *tx)
{
	u32 more = tx->rto << min_t(u32, tx->retries, 6);

	return min_t(u32, more, max_t(u32, tx->rto, L4_RTO_LIMIT));
}

/**
 * qnet_l4_tx_reroute() - lanes may have been closed: give up what is on them
 * @tx: sender
 * @r:  the new route
 *
 * Only of lanes that take one way and no other; the others wait.
 */
void qnet_l4_tx_reroute(struct qnet_l4_tx *tx, const struct qnet_l4_route *r)
{
	struct qnet_l4_out *o;

	for (o = tx->first; o; o = o->next)
		if (o->lane >= QNET_L4_ONLY &&
		    r->lane[o->lane] == QNET_L4_NOWHERE)
			l4_give_up(tx, o);
}

/**
 * qnet_l4_tx_timeout() - nothing was heard for too long
 * @tx:    sender with packets under way
 * @r:     where to
 * @xmitq: receives the frames
 *
 * Return: frames sent again.
 */
u32 qnet_l4_tx_timeout(struct qnet_l4_tx *tx, struct qnet_l4_route *r,
		       struct sk_buff_head *xmitq)
{
	struct qnet_l4_out *o = l4_find(tx, tx->una);

	if (tx->retries < U8_MAX)
		tx->retries++;
	if (o && tx->retries == 1)
		l4_expired(tx, o);
	tx->base = jiffies;
	tx->recover = tx->nxt;
	tx->rtx = tx->una + 1;
	l4_shrink(tx, tx->una, tx->retries > 1);
	if (!o)
		return 0;
	return l4_resend(tx, o, tx->retries > 1 ? 0 : l4_last(o), o->total, r,
			 xmitq);
}

/* --------------------------------------------------------------- receiver */

static u32 slot_of(u32 seq)
{
	return seq % QNET_L4_WIN_PKTS;
}

static struct qnet_asm *asm_get(struct qnet_l4_rx *rx, u32 seq)
{
	struct qnet_asm *a = rx->slot[slot_of(seq)];

	if (a)
		return a;
	a = kmalloc(sizeof(*a), GFP_ATOMIC);
	if (!a)
		return NULL;
	memset(a, 0, sizeof(*a));
	qnet_frag_init(&a->frag);
	__skb_queue_head_init(&a->q);
	rx->slot[slot_of(seq)] = a;
	rx->nslots++;
	return a;
}

/* Forget what came of a packet. */
static void asm_empty(struct qnet_l4_rx *rx, struct qnet_asm *a)
{
	rx->held -= a->bytes;
	a->bytes = 0;
	__skb_queue_purge(&a->q);
	qnet_frag_init(&a->frag);
}

static void asm_free(struct qnet_l4_rx *rx, u32 seq)
{
	struct qnet_asm *a = rx->slot[slot_of(seq)];

	rx->slot[slot_of(seq)] = NULL;
	rx->nslots--;
	asm_empty(rx, a);
	kfree(a);
	if (!rx->nslots)
		rx->beyond = 0;
}

/* Move the first @n bytes of the pieces into the new @head. */
static int asm_pull(struct qnet_asm *a, struct sk_buff *head, u32 n)
{
	struct sk_buff *skb;
	u32 part;

	while (n) {
		skb = skb_peek(&a->q);
		part = min(n, skb->len);
		if (skb_copy_bits(skb, 0, skb_put(head, part), part))
			return -EFAULT;
		if (part < skb->len) {
			if (!pskb_pull(skb, part))
				return -ENOMEM;
		} else {
			__skb_unlink(skb, &a->q);
			consume_skb(skb);
		}
		n -= part;
	}
	return 0;
}

/* The pieces behind @head become its frag list. */
static void asm_chain(struct qnet_asm *a, struct sk_buff *head)
{
	struct sk_buff **tail = &skb_shinfo(head)->frag_list;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&a->q))) {
		head->len += skb->len;
		head->data_len += skb->len;
		head->truesize += skb->truesize;
		*tail = skb;
		tail = &skb->next;
	}
	*tail = NULL;
}

/* Join the pieces to one packet behind a new head, which holds what the upper
 * floors parse; the pieces may share their bytes with others and stay as they
 * are.
 */
static int asm_join(struct qnet_l4_rx *rx, struct qnet_asm *a)
{
	u32 n = min_t(u32, a->frag.total, QNET_KIF_MAX);
	struct sk_buff *head;

	if (skb_queue_len(&a->q) == 1 &&
	    pskb_may_pull(skb_peek(&a->q), n)) {
		a->done = true;
		return QNET_L4_KEPT;
	}
	head = alloc_skb(n, GFP_ATOMIC);
	if (head)
		head->dev = skb_peek(&a->q)->dev;
	if (!head || asm_pull(a, head, n)) {
		kfree_skb(head);
		return -ENOMEM;
	}
	asm_chain(a, head);
	__skb_queue_tail(&a->q, head);
	rx->held += head->truesize - a->bytes;
	a->bytes = head->truesize;
	a->done = true;
	return QNET_L4_KEPT;
}

static void asm_insert(struct qnet_asm *a, struct sk_buff *skb, u32 from)
{
	struct sk_buff *at = skb_peek_tail(&a->q);

	piece(skb)->from = from;
	while (at && piece(at)->from > from)
		at = skb_queue_is_first(&a->q, at) ?
		     NULL : skb_queue_prev(&a->q, at);
	if (at)
		__skb_queue_after(&a->q, at, skb);
	else
		__skb_queue_head(&a->q, skb);
}

/* Is there memory for one more frame of packet @ahead? */
static bool l4_budget(const struct qnet_l4_rx *rx, u32 ahead,
		      const struct sk_buff *skb)
{
	const struct qnet_asm *a;

	if (rx->ready_bytes > rx->max)
		return false;
	if (ahead)
		return rx->held + skb->truesize <= rx->max;
	a = rx->slot[slot_of(rx->next)];
	return !a || a->bytes + skb->truesize <= max(rx->max, QNET_L4_RX_HEAD);
}

static void l4_ready(struct qnet_l4_rx *rx, struct sk_buff *skb, u32 seq,
		     u8 layer, bool big, u8 qos)
{
	struct qnet_rxcb *cb = QNET_RXCB(skb);

	cb->seq = seq;
	cb->layer = layer;
	cb->big = big;
	cb->qos = qos;
	rx->ready_bytes += skb->truesize;
	__skb_queue_tail(&rx->ready, skb);
}

/* Packets whose turn has come. */
static void l4_advance(struct qnet_l4_rx *rx)
{
	struct qnet_asm *a;

	while (rx->nslots) {
		a = rx->slot[slot_of(rx->next)];
		if (!a || !a->done)
			break;
		l4_ready(rx, __skb_dequeue(&a->q), rx->next, a->layer, a->big,
			 a->qos);
		asm_free(rx, rx->next++);
	}
	if (before(rx->high, rx->next))
		rx->high = rx->next;
}

/* One whose sender we do not know is not asked too often. */
static unsigned long l4_gap(const struct qnet_l4_rx *rx)
{
	return rx->cumulative ? L4_GAP : L4_GAP_PLAIN;
}

static void l4_gap_start(struct qnet_l4_rx *rx)
{
	if (rx->gap || !rx->nslots)
		return;
	rx->gap = true;
	rx->gap_due = jiffies + (l4_gap(rx) << rx->gap_idle);
}

static int l4_verdict(enum qnet_frag_verdict v)
{
	switch (v) {
	case QNET_FRAG_NEW:
		return QNET_L4_KEPT;
	case QNET_FRAG_DUP:
		return QNET_L4_DUP;
	case QNET_FRAG_FULL:
		return QNET_L4_NOMEM;
	default:
		return QNET_L4_BAD;
	}
}

/* What node.c counts, as mib.c has it. */
static enum skb_drop_reason l4_reason(int v)
{
	switch (v) {
	case QNET_L4_NOMEM:
		return SKB_DROP_REASON_NOMEM;
	case QNET_L4_BAD:
		return SKB_DROP_REASON_UNHANDLED_PROTO;
	default:
		return SKB_DROP_REASON_NOT_SPECIFIED;
	}
}

/* Take the new bytes of a fragment; consumes @skb.  An error, other than a
 * verdict, is for want of memory after the bytes were noted.
 */
static int asm_add(struct qnet_l4_rx *rx, struct qnet_asm *a,
		   const struct qnet_hdr *h, struct sk_buff *skb)
{
	int v = QNET_L4_DUP;
	u32 from, to;

	if (!a->done)
		v = l4_verdict(qnet_frag_add(&a->frag, h->offset, h->length,
					     h->flags & QNET_F_LAST,
					     &from, &to));
	if (v != QNET_L4_KEPT) {
		kfree_skb_reason(skb, l4_reason(v));
		return v;
	}
	if (!pskb_pull(skb, from - h->offset) || pskb_trim(skb, to - from)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return -ENOMEM;
	}
	a->bytes += skb->truesize;
	rx->held += skb->truesize;
	a->heard = jiffies;
	if (h->flags & QNET_F_FIRST) {
		a->layer = h->layer;
		a->big = h->big;
		a->qos = h->qos;
	}
	rx->gap_idle = 0;
	if (h->seq != rx->next || qnet_frag_hole(&a->frag) <= from)
		rx->beyond++;
	asm_insert(a, skb, from);
	if (qnet_frag_complete(&a->frag))
		return asm_join(rx, a);
	return QNET_L4_KEPT;
}

/* A frame that is not simply the next packet. */
static unsigned int l4_slot(struct qnet_l4_rx *rx, const struct qnet_hdr *h,
			    struct sk_buff *skb)
{
	struct qnet_asm *a = NULL;
	int v;

	if (l4_budget(rx, h->seq - rx->next, skb))
		a = asm_get(rx, h->seq);
	if (!a) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return QNET_L4_NOMEM;
	}
	/* The sender has given the packet up; this stands in its place. */
	if (h->layer == QNET_L_SEQ && !h->length && !a->done)
		asm_empty(rx, a);
	v = asm_add(rx, a, h, skb);
	if (v < 0 || skb_queue_empty(&a->q)) {
		asm_free(rx, h->seq);
		return v < 0 ? QNET_L4_NOMEM : v;
	}
	if (!before(h->seq, rx->high))
		rx->high = h->seq + 1;
	if (!a->done && a->nacked && h->offset == a->asked)
		v |= QNET_L4_NACK;
	return v;
}

/* Below the next one: had it, but the sender does not know.  Of many frames
 * that say so, one is answered per jiffy; to a peer that counts
 * acknowledgments, one per packet.
 */
static unsigned int l4_old(struct qnet_l4_rx *rx, const struct qnet_hdr *h,
			   struct sk_buff *skb)
{
	bool ack = h->flags & QNET_F_LAST;

	kfree_skb(skb);
	if (rx->cumulative) {
		ack = time_after(jiffies, rx->repeated);
		rx->repeated = jiffies;
	}
	return QNET_L4_DUP | (ack ? QNET_L4_ACK : 0);
}

/**
 * qnet_l4_rx_data() - a USER frame has come
 * @rx:  receiver, open
 * @h:   header, parsed and checked
 * @skb: payload, @h->length bytes; consumed
 *
 * Return: enum qnet_l4_verdict with flags.
 */
unsigned int qnet_l4_rx_data(struct qnet_l4_rx *rx, const struct qnet_hdr *h,
			     struct sk_buff *skb)
{
	unsigned int v;
	u32 ahead;

	/* Some peers may number from the first sequence number itself. */
	if (unlikely(!rx->cumulative && h->seq == rx->s0 && !rx->used &&
		     rx->next == rx->s0 + 1 && !rx->nslots &&
		     skb_queue_empty(&rx->ready)))
		rx->next = rx->s0;
	ahead = h->seq - rx->next;
	if ((s32)ahead < 0)
		return l4_old(rx, h, skb);
	if (ahead >= QNET_L4_WIN_PKTS) {
		kfree_skb_reason(skb, l4_reason(QNET_L4_BAD));
		return QNET_L4_BAD;
	}
	if (likely(!ahead && (h->flags & L4_WHOLE) == L4_WHOLE &&
		   !rx->slot[slot_of(h->seq)] &&
		   rx->ready_bytes <= rx->max &&
		   pskb_may_pull(skb, min_t(u32, skb->len, QNET_KIF_MAX)))) {
		l4_ready(rx, skb, rx->next++, h->layer, h->big, h->qos);
		v = QNET_L4_KEPT;
	} else {
		v = l4_slot(rx, h, skb);
	}
	l4_advance(rx);
	l4_gap_start(rx);
	if (!skb_queue_empty(&rx->ready) && (v & 0xff) == QNET_L4_KEPT)
		return QNET_L4_READY | (v & ~0xff);
	return v;
}

/**
 * qnet_l4_rx_init() - a receiver that is not open
 * @rx:  receiver
 * @max: bytes of memory it may hold
 */
void qnet_l4_rx_init(struct qnet_l4_rx *rx, u32 max)
{
	memset(rx, 0, sizeof(*rx));
	rx->max = max;
	__skb_queue_head_init(&rx->ready);
}

/**
 * qnet_l4_rx_open() - open an empty receiver
 * @rx:   receiver
 * @id:   ours
 * @peer: theirs
 * @s0:   initial sequence number
 */
void qnet_l4_rx_open(struct qnet_l4_rx *rx, u32 id, u32 peer, u32 s0)
{
	rx->id = id;
	rx->peer = peer;
	rx->s0 = s0;
	rx->done = s0;
	rx->next = s0 + 1;
	rx->high = s0 + 1;
	rx->lossy = jiffies - 1;
	rx->repeated = jiffies - 1;
}

/**
 * qnet_l4_rx_purge() - drop all that was not handed up, and close
 * @rx: receiver
 */
void qnet_l4_rx_purge(struct qnet_l4_rx *rx)
{
	u32 i;

	for (i = 0; i < QNET_L4_WIN_PKTS; i++)
		if (rx->slot[i])
			asm_free(rx, i);
	__skb_queue_purge(&rx->ready);
	qnet_l4_rx_init(rx, rx->max);
}

/**
 * qnet_l4_rx_done() - a packet was handed up
 * @rx:  receiver
 * @seq: its sequence number
 * @len: its size
 *
 * Return: true if it is to be acknowledged now, else @rx->ack_due holds.
 */
bool qnet_l4_rx_done(struct qnet_l4_rx *rx, u32 seq, u32 len)
{
	rx->done = seq;
	rx->done_len = len;
	rx->used = true;
	if (!rx->unacked)
		rx->ack_due = jiffies + L4_ACK_DELAY;
	rx->unacked++;
	rx->unacked_bytes += len;
	return !rx->cumulative || rx->unacked >= L4_ACK_PKTS ||
	       rx->unacked_bytes >= L4_ACK_BYTES;
}

static void l4_answer(const struct qnet_l4_rx *rx, struct qnet_hdr *h,
		      const struct qnet_l4_path *path,
		      struct sk_buff_head *xmitq)
{
	h->sconn = rx->id;
	h->dconn = rx->peer;
	qnet_l4_ctl(path, h, NULL, xmitq);
}

/**
 * qnet_l4_rx_ack() - acknowledge a packet, or all up to it
 * @rx:    receiver
 * @seq:   last one
 * @len:   its size
 * @path:  where to
 * @xmitq: receives the frame
 */
void qnet_l4_rx_ack(struct qnet_l4_rx *rx, u32 seq, u32 len,
		    const struct qnet_l4_path *path,
		    struct sk_buff_head *xmitq)
{
	struct qnet_hdr h = {
		.type	= QNET_T_ACK,
		.seq	= seq,
		.offset	= len,
	};

	l4_answer(rx, &h, path, xmitq);
	rx->unacked = 0;
	rx->unacked_bytes = 0;
}

static void l4_nack(const struct qnet_l4_rx *rx, u32 seq, u32 off, u32 size,
		    const struct qnet_l4_path *path,
		    struct sk_buff_head *xmitq)
{
	struct qnet_hdr h = {
		.type	= QNET_T_NACK,
		.seq	= seq,
		.offset	= off,
	};

	if (rx->cumulative)
		h.qidx = min_t(u32, DIV_ROUND_UP(size, QNET_NACK_UNIT),
			       U16_MAX);
	l4_answer(rx, &h, path, xmitq);
}

/* The hole before interval @i, which may be the end.  Return: its size, if
 * nobody knows one byte.
 */
static u32 l4_hole(const struct qnet_frag *f, u32 i, u32 *off)
{
	*off = i ? f->iv[i - 1].to : 0;
	if (i < f->n)
		return f->iv[i].from - *off;
	return f->last ? f->total - *off : 1;
}

/* Ask for what lacks of a packet; for its end only if @tail.  Return: how often
 * it asked; a peer that we do not know is asked for one hole at a time.
 */
static u32 l4_missing(struct qnet_l4_rx *rx, u32 seq, bool tail, u32 most,
		      const struct qnet_l4_path *path,
		      struct sk_buff_head *xmitq)
{
	struct qnet_asm *a = rx->slot[slot_of(seq)];
	u32 i, off, size, asked = 0;

	if (!a) {
		l4_nack(rx, seq, 0, QNET_PKT_MAX, path, xmitq);
		return 1;
	}
	if (a->done)
		return 0;
	if (!rx->cumulative)
		most = 1;
	for (i = 0; i < a->frag.n + tail && asked < most; i++) {
		size = l4_hole(&a->frag, i, &off);
		if (!size)
			continue;
		if (!asked)
			a->asked = off;
		a->nacked = true;
		l4_nack(rx, seq, off, size, path, xmitq);
		asked++;
	}
	return asked;
}

/* Nothing has come of the packet for so long that its end may be lost. */
static bool l4_quiet(const struct qnet_l4_rx *rx, u32 seq)
{
	const struct qnet_asm *a = rx->slot[slot_of(seq)];

	return !a || !time_before(jiffies, a->heard + l4_gap(rx));
}

/**
 * qnet_l4_rx_lossy() - so much came behind a hole that it is to be asked for
 * @rx: receiver
 *
 * Return: true if qnet_l4_rx_gap() is to be called now.
 */
bool qnet_l4_rx_lossy(const struct qnet_l4_rx *rx)
{
	return rx->beyond >= L4_REORDER && rx->cumulative &&
	       time_after(jiffies, rx->lossy);
}

/**
 * qnet_l4_rx_gap() - ask for what is missing: the gap timer has expired, or
 *                    qnet_l4_rx_lossy()
 * @rx:    receiver
 * @path:  where to
 * @xmitq: receives the frames
 */
void qnet_l4_rx_gap(struct qnet_l4_rx *rx, const struct qnet_l4_path *path,
		    struct sk_buff_head *xmitq)
{
	u32 seq, asked = 0;
	bool quiet;

	rx->gap = false;
	rx->beyond = 0;
	rx->lossy = jiffies;
	rx->gap_idle = min(rx->gap_idle + 1, L4_GAP_IDLE);
	for (seq = rx->next; before(seq, rx->high) && asked < L4_NACKS; seq++) {
		quiet = l4_quiet(rx, seq);
		if (quiet || rx->cumulative)
			asked += l4_missing(rx, seq, quiet, L4_NACKS - asked,
					    path, xmitq);
	}
	l4_gap_start(rx);
}

/**
 * qnet_l4_rx_more() - a hole asked for was filled: ask for the next at once
 * @rx:    receiver
 * @seq:   the packet
 * @path:  where to
 * @xmitq: receives the frame
 */
void qnet_l4_rx_more(struct qnet_l4_rx *rx, u32 seq,
		     const struct qnet_l4_path *path,
		     struct sk_buff_head *xmitq)
{
	if (!rx->cumulative && rx->slot[slot_of(seq)])
		l4_missing(rx, seq, true, 1, path, xmitq);
}

/* --------------------------------------------------------------------- life */

int __init qnet_l4_init(void)
{
	l4_out_cache = KMEM_CACHE(qnet_l4_out, 0);
	return l4_out_cache ? 0 : -ENOMEM;
}

void qnet_l4_exit(void)
{
	kmem_cache_destroy(l4_out_cache);
}
