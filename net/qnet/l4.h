/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 2: one sequenced, reliable connection to a node, one way. */
#ifndef _QNET_L4_H
#define _QNET_L4_H

#include <linux/if_ether.h>
#include <linux/skbuff.h>
#include <linux/qnet_wire.h>

struct net_device;

/* Packets under way; a receiver keeps as many that came before their turn.
 * To a peer whose receiver we do not know, fewer.
 */
#define QNET_L4_WIN_PKTS	256
#define QNET_L4_WIN_PLAIN	64
#define QNET_L4_WIN_BYTES	(1024U * 1024)

/* The congestion window, in frames: at first, at least, at most. */
#define QNET_L4_CWND_INIT	64
#define QNET_L4_CWND_MIN	8
#define QNET_L4_CWND_MAX	2048

/* Frames of one packet, as far as who makes it may choose. */
#define QNET_L4_PKT_FRAMES	48

/* Bytes of memory the packet whose turn it is may take, however little a
 * receiver may hold: a packet that does not fit would never arrive.
 */
#define QNET_L4_RX_HEAD		(4U << 20)

/* Ways to a node, and the lanes that floor 3 spreads over them: those that
 * share all ways, those that prefer one, those that take no other.
 */
#define QNET_L4_WAYS		4
#define QNET_L4_SHARED		8
#define QNET_L4_PREFER		QNET_L4_SHARED
#define QNET_L4_ONLY		(QNET_L4_PREFER + QNET_L4_WAYS)
#define QNET_L4_LANES		(QNET_L4_ONLY + QNET_L4_WAYS)
#define QNET_L4_NOWHERE		0xff

/* src_qos_idx between two nodes with QNET_CAP_ACKS; plain peers see 0.
 * In USER: a cumulative acknowledgment of the other direction, marked valid,
 * with the generation of the connection and the low bits of the sequence
 * number, of which eight more lie above those of qos_type: a frame would have
 * to be a million packets late to be taken for another.
 * In NACK: the length of the hole in units of 16 bytes.
 */
#define QNET_ACK_VALID		0x8000
#define QNET_ACK_GEN_SHIFT	12
#define QNET_ACK_GEN_MASK	0x7
#define QNET_ACK_SEQ_MASK	0x0fff
#define QNET_ACK_SEQ_BITS	12
#define QNET_ACK_SEQ_ALL	0xfffff
#define QNET_NACK_UNIT		16

/* The low bits of a connection id are the generation, the rest is an index. */
#define QNET_CONN_GEN_BITS	3

/**
 * struct qnet_l4_path - one way to the receiver
 * @dev:    device, NULL = nowhere at the moment
 * @mac:    of the receiver
 * @crc:    QNET_F_CRC or 0
 * @mss:    payload bytes of one frame
 * @src_nd: our number for the receiver
 * @dst_nd: its number for us
 */
struct qnet_l4_path {
	struct net_device	*dev;
	u8			mac[ETH_ALEN];
	u8			crc;
	u32			mss;
	u16			src_nd;
	u16			dst_nd;
};

/**
 * struct qnet_l4_route - all ways, as handed in from above
 * @way:   ways; of acknowledgments the one of lane 0
 * @lane:  for each lane a way, or QNET_L4_NOWHERE if none can be gone
 * @sent:  out: frames sent, by way
 * @again: out: of these, sent once more
 */
struct qnet_l4_route {
	struct qnet_l4_path	way[QNET_L4_WAYS];
	u8			lane[QNET_L4_LANES];
	u64			sent[QNET_L4_WAYS];
	u64			again[QNET_L4_WAYS];
};

/**
 * struct qnet_l4_pkt - what a packet is to hold
 * @layer:   enum qnet_layer
 * @head:    first part, at most QNET_L4_INLINE bytes
 * @hlen:    its bytes
 * @data:    second part
 * @len:     its bytes
 * @trailer: zero bytes behind, if it fits one frame
 * @release: gives @data back, in any context, with no lock held; NULL only if
 *           all fits QNET_L4_INLINE bytes
 * @arg:     for @release
 */
struct qnet_l4_pkt {
	u8		layer;
	const void	*head;
	u32		hlen;
	const void	*data;
	u32		len;
	u32		trailer;
	void		(*release)(void *arg);
	void		*arg;
};

/* Packets up to this size are copied as a whole. */
#define QNET_L4_INLINE		(QNET_KIF_MAX + 128)

/**
 * struct qnet_l4_out - a packet that is sent
 * @next:    in qnet_l4_tx.first, .done or .spare
 * @seq:     its number
 * @hlen:    bytes of it in @head
 * @total:   all of its bytes
 * @frames:  it was cut into, at first
 * @mss:     payload bytes of these, but of the last
 * @stamp:   when it was sent last, in jiffies
 * @repeated: bytes sent again lately
 * @trailer: see struct qnet_l4_pkt
 * @layer:   likewise
 * @lane:    which way it goes
 * @way:     it went last
 * @again:   some of it was sent more than once
 * @data:    the rest of its bytes
 * @release: gives them back, or NULL
 * @arg:     for @release
 * @head:    its first bytes, or all
 */
struct qnet_l4_out {
	struct qnet_l4_out	*next;
	u32			seq;
	u32			hlen;
	u32			total;
	u32			frames;
	u32			mss;
	u32			stamp;
	u32			repeated;
	u32			trailer;
	u8			layer;
	u8			lane;
	u8			way;
	bool			again;
	const u8		*data;
	void			(*release)(void *arg);
	void			*arg;
	u8			head[QNET_L4_INLINE];
};

/**
 * struct qnet_l4_tx - the sending end of a connection
 * @id:      ours, src_conn_id; 0 = not open
 * @peer:    theirs, dst_conn_id
 * @next:    sequence number of the next packet queued
 * @nxt:     first one not sent yet
 * @una:     first one not acknowledged
 * @first:   struct qnet_l4_out from @una on; links of one kind are enough for
 *           what comes at one end and goes at the other
 * @last:    where the next one is linked in
 * @done:    those acknowledged or dropped, for the caller to free
 * @spare:   short ones, to be used again
 * @nspare:  their number
 * @unsent:  first one that was never sent, or NULL
 * @bytes:   memory of all from @first on; read locklessly
 * @flight:  payload of packets sent and not acknowledged
 * @frames:  of these, if none was cut smaller on its way
 * @win_pkts: bound of packets under way
 * @cwnd:    bound of @frames
 * @ssthresh: above it @cwnd grows by one a round trip, below it doubles
 * @grown:   frames acknowledged since it grew
 * @full:    @cwnd was what held us back
 * @cut:     packets below this one were sent before the last loss
 * @base:    when the retransmission timer was started
 * @since:   when it was started for what is under way now
 * @worked:  bits of ways over which packets went that have arrived; whoever wants
 *           to know clears them
 * @srtt:    smoothed round trip, in jiffies << 3
 * @rttvar:  its mean deviation, in jiffies << 2
 * @rto:     in jiffies
 * @karn:    from here on nothing was sent again
 * @retries: expiries since the last progress
 * @expired: the first of the last ones was about a packet that had been sent once,
 *           and since then no round trip was measured; the next four only then
 * @expired_seq: that packet
 * @expired_at: when it had been sent, in jiffies
 * @expired_gap: so much later again
 * @expired_rtt: so much later it was acknowledged; 0: it is not yet
 * @recover: expiry: up to here packets may be lost
 * @rtx:     next of them to send again
 */
struct qnet_l4_tx {
	u32			id;
	u32			peer;
	u32			next;
	u32			nxt;
	u32			una;
	struct qnet_l4_out	*first;
	struct qnet_l4_out	**last;
	struct qnet_l4_out	*done;
	struct qnet_l4_out	*spare;
	u32			nspare;
	struct qnet_l4_out	*unsent;
	u32			bytes;
	u32			flight;
	u32			frames;
	u32			win_pkts;
	u32			cwnd;
	u32			ssthresh;
	u32			grown;
	bool			full;
	u32			cut;
	unsigned long		base;
	unsigned long		since;
	u32			worked;
	u32			srtt;
	u32			rttvar;
	u32			rto;
	u32			karn;
	u8			retries;
	bool			expired;
	u32			expired_seq;
	u32			expired_at;
	u32			expired_gap;
	u32			expired_rtt;
	u32			recover;
	u32			rtx;
};

struct qnet_asm;

/**
 * struct qnet_l4_rx - the receiving end of a connection
 * @id:      ours, their dst_conn_id; 0 = not open
 * @peer:    theirs, their src_conn_id
 * @s0:      initial sequence number
 * @next:    sequence number that completes the sequence next
 * @high:    beyond the highest one seen
 * @done:    last one that was handed up
 * @done_len: its size
 * @used:    a packet was handed up
 * @up:      TCS_UP has come
 * @cumulative: acknowledgments may wait and stand for all before them
 * @gap_idle: how often it has expired in vain
 * @beyond:  frames that came behind a hole since holes were last asked for
 * @lossy:   when holes were last asked for, in jiffies
 * @repeated: when something it had came again, in jiffies
 * @ready:   whole packets in order, to be handed up
 * @ready_bytes: their memory
 * @max:     bytes of memory it may hold: as much of those ready, of those out
 *           of turn, and of the next one; set by the caller at any time
 * @slot:    packets out of turn or in pieces, by sequence number
 * @nslots:  how many
 * @held:    memory of those out of turn
 * @gap:     the gap timer runs
 * @gap_due: until then
 * @unacked: packets handed up since the last acknowledgment
 * @unacked_bytes: their bytes
 * @ack_due: when they are to be acknowledged at the latest
 */
struct qnet_l4_rx {
	u32			id;
	u32			peer;
	u32			s0;
	u32			next;
	u32			high;
	u32			done;
	u32			done_len;
	bool			used;
	bool			up;
	bool			cumulative;
	bool			gap;
	u8			gap_idle;
	u32			beyond;
	unsigned long		lossy;
	unsigned long		repeated;
	struct sk_buff_head	ready;
	u32			ready_bytes;
	u32			max;
	struct qnet_asm		*slot[QNET_L4_WIN_PKTS];
	u32			nslots;
	u32			held;
	unsigned long		gap_due;
	u32			unacked;
	u32			unacked_bytes;
	unsigned long		ack_due;
};

/* What a data frame did: enum qnet_l4_verdict, QNET_L4_ACK may be added. */
enum qnet_l4_verdict {
	QNET_L4_KEPT,		/* waits for others */
	QNET_L4_READY,		/* there is something to hand up */
	QNET_L4_DUP,		/* had it */
	QNET_L4_NOMEM,		/* no room for it */
	QNET_L4_BAD,		/* contradicts what came before, or the window */
};

#define QNET_L4_ACK	0x100	/* the sender waits for an acknowledgment */
#define QNET_L4_NACK	0x200	/* the next hole may be asked for at once */

/* struct sk_buff.cb of a packet that is ready to be handed up. */
struct qnet_rxcb {
	u32	seq;
	u8	layer;
	bool	big;
	u8	qos;
};

static inline struct qnet_rxcb *QNET_RXCB(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct qnet_rxcb) > sizeof(skb->cb));
	return (struct qnet_rxcb *)skb->cb;
}

/* All below: the caller serializes, by one lock per connection. */

static inline bool qnet_l4_tx_idle(const struct qnet_l4_tx *tx)
{
	return tx->una == tx->nxt;
}

struct qnet_l4_out *qnet_l4_new(struct qnet_l4_tx *tx,
				const struct qnet_l4_pkt *p);
void qnet_l4_free(struct qnet_l4_out *done);
void qnet_l4_ctl(const struct qnet_l4_path *path, const struct qnet_hdr *h,
		 const void *data, struct sk_buff_head *xmitq);

void qnet_l4_tx_init(struct qnet_l4_tx *tx);
void qnet_l4_tx_purge(struct qnet_l4_tx *tx);

/* What it counts of the bytes that wait. */
static inline u32 qnet_l4_charge(const struct qnet_l4_out *o)
{
	return o->total + sizeof(*o);
}

/**
 * qnet_l4_tx_queue() - take a packet into the sequence
 * @tx:   sender
 * @o:    packet
 * @lane: which way it goes
 */
static inline void qnet_l4_tx_queue(struct qnet_l4_tx *tx,
				    struct qnet_l4_out *o, u8 lane)
{
	o->seq = tx->next++;
	o->lane = lane;
	if (!tx->unsent)
		tx->unsent = o;
	o->next = NULL;
	*tx->last = o;
	tx->last = &o->next;
	WRITE_ONCE(tx->bytes, tx->bytes + qnet_l4_charge(o));
}

bool qnet_l4_tx_push(struct qnet_l4_tx *tx, struct qnet_l4_route *r, u32 ack,
		     struct sk_buff_head *xmitq);
bool qnet_l4_tx_ack(struct qnet_l4_tx *tx, u32 seq);
bool qnet_l4_tx_ack_short(struct qnet_l4_tx *tx, u32 ack);
u32 qnet_l4_tx_recover(struct qnet_l4_tx *tx, struct qnet_l4_route *r,
		       struct sk_buff_head *xmitq);
u32 qnet_l4_tx_nack(struct qnet_l4_tx *tx, u32 seq, u32 off, u32 size,
		    struct qnet_l4_route *r, struct sk_buff_head *xmitq);
u32 qnet_l4_tx_timeout(struct qnet_l4_tx *tx, struct qnet_l4_route *r,
		       struct sk_buff_head *xmitq);
void qnet_l4_tx_reroute(struct qnet_l4_tx *tx, const struct qnet_l4_route *r);
u8 qnet_l4_tx_way(struct qnet_l4_tx *tx);
u32 qnet_l4_tx_rto(const struct qnet_l4_tx *tx);

/**
 * qnet_l4_tx_due() - when qnet_l4_tx_timeout() is to be called
 * @tx: sender with packets under way
 *
 * Return: the time in jiffies, perhaps in the past.
 */
static inline unsigned long qnet_l4_tx_due(const struct qnet_l4_tx *tx)
{
	return tx->base + (likely(!tx->retries) ? tx->rto : qnet_l4_tx_rto(tx));
}

void qnet_l4_rx_init(struct qnet_l4_rx *rx, u32 max);
void qnet_l4_rx_open(struct qnet_l4_rx *rx, u32 id, u32 peer, u32 s0);
void qnet_l4_rx_purge(struct qnet_l4_rx *rx);
unsigned int qnet_l4_rx_data(struct qnet_l4_rx *rx, const struct qnet_hdr *h,
			     struct sk_buff *skb);
bool qnet_l4_rx_done(struct qnet_l4_rx *rx, u32 seq, u32 len);
void qnet_l4_rx_ack(struct qnet_l4_rx *rx, u32 seq, u32 len,
		    const struct qnet_l4_path *path,
		    struct sk_buff_head *xmitq);
void qnet_l4_rx_gap(struct qnet_l4_rx *rx, const struct qnet_l4_path *path,
		    struct sk_buff_head *xmitq);
bool qnet_l4_rx_lossy(const struct qnet_l4_rx *rx);
void qnet_l4_rx_more(struct qnet_l4_rx *rx, u32 seq,
		     const struct qnet_l4_path *path,
		     struct sk_buff_head *xmitq);

/**
 * qnet_l4_rx_next() - the next packet to be handed up
 * @rx: receiver
 *
 * Return: a packet with struct qnet_rxcb, the caller's; or NULL.
 */
static inline struct sk_buff *qnet_l4_rx_next(struct qnet_l4_rx *rx)
{
	struct sk_buff *skb = __skb_dequeue(&rx->ready);

	if (skb)
		rx->ready_bytes -= skb->truesize;
	return skb;
}

/**
 * qnet_l4_rx_short() - acknowledge in the header of other data
 * @rx: receiver, open, @rx->cumulative
 *
 * Return: what qnet_l4_short() will find there.
 */
static inline u32 qnet_l4_rx_short(const struct qnet_l4_rx *rx)
{
	u32 high = (rx->done & QNET_ACK_SEQ_ALL) >> QNET_ACK_SEQ_BITS;

	return high << 16 | QNET_ACK_VALID |
	       (rx->peer & QNET_ACK_GEN_MASK) << QNET_ACK_GEN_SHIFT |
	       (rx->done & QNET_ACK_SEQ_MASK);
}

/* The acknowledgment in the header of other data. */
static inline u32 qnet_l4_short(const struct qnet_hdr *h)
{
	return (u32)(h->qos >> 8) << 16 | h->qidx;
}

/**
 * qnet_l4_rx_told() - the acknowledgment of qnet_l4_rx_short() has gone
 * @rx: receiver
 */
static inline void qnet_l4_rx_told(struct qnet_l4_rx *rx)
{
	rx->unacked = 0;
	rx->unacked_bytes = 0;
}

int qnet_l4_init(void);
void qnet_l4_exit(void);

#endif /* _QNET_L4_H */
