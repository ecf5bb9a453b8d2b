/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 3: peers, how packets reach them, and when they are gone. */
#ifndef _QNET_NODE_H
#define _QNET_NODE_H

#include <linux/if.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "calls.h"
#include "integrity.h"
#include "path.h"
#include "watchdog.h"

struct qnet_bearer;
struct qnet_net;
struct qnet_read;

enum qnet_node_state {
	QNET_NODE_DOWN,		/* nothing sent yet, or given up */
	QNET_NODE_RESOLVING,	/* LAN resolver asks for its address */
	QNET_NODE_OPENING,	/* TCS_INIT is out */
	QNET_NODE_UP,
};

/* MSGREADs to one node under way at once; a power of 2. */
#define QNET_NODE_READS	32

/**
 * struct qnet_node - another node
 * @ref:    references
 * @rcu:    freed by RCU
 * @qn:     namespace
 * @nd:     our number for it, from 1
 * @name:   constant
 * @domain: constant, may be empty
 * @lock:   protects what the .c files say
 * @state:  read locklessly by netlink
 * @life:   counts its ends; 1 at first
 * @unended: floor 4 has more to end, and goes on when the jiffy @ended_at is over
 * @ended_at: see there
 * @rx_life: that of the connection of the packet that floor 4 is given
 * @their_nd: its number for us, 0 = not known yet
 * @caps:   QNET_CAP_* it announced
 * @integ:  floor 4: circuits with this node, under @vcs_lock
 * @vcs_lock: innermost
 * @nr_vcs: their number
 * @nr_servers: of these, of its clients with servers here
 * @calls:  floor 4: struct qnet_msg by client_handle, see calls.c
 * @next_read: msgread_handle to try next
 * @next_question: id to try next
 * @reads:  floor 4: struct qnet_read, by the low bits of its handle
 * @reads_lock: innermost; protects it
 * @questions: floor 4: struct qnet_question by id, see ask.c
 * @nr_reads: floor 4: MSGREADs under way
 * @rx_bytes: floor 4: memory of messages received and not replied to
 * @budget: bytes that it may take of our memory, see QNET_NODE_BUDGET; set
 *          under @lock, read locklessly
 * @policy: floor 4: who its clients are here, under @vcs_lock
 * @bucket: floor 4: circuits they may open, likewise
 * @rx_later: floor 4: messages whose data was put off for want of it
 * @rx_refused: floor 4: messages refused for the same
 * @reads_wq: who waits to send one more
 *
 * Floor 3 initializes these: the xarrays with XA_FLAGS_ALLOC1 |
 * XA_FLAGS_LOCK_BH, the list, the locks, the wait queue.
 *
 * The rest is floor 3's, under @lock if nothing else is said:
 *
 * @tx:     our sending end
 * @rx:     our receiving end
 * @route:  the ways in use
 * @mss:    of the narrowest of them; read locklessly
 * @wait:   who waits for room, for an address
 * @timer:  the one timer: all deadlines below; runs until removal
 * @wd:     when it is polled, and when it is given up
 * @busy:   qnet_node_set_busy()
 * @gone:   removed: never open again
 * @running: somebody calls floor 4; he will see @ev and @rx.ready
 * @full:   qnet_node_full() said so
 * @nr_full: how often it said so first
 * @rx_nomem: frames dropped for want of room
 * @fixed:  @mac is given by the administrator
 * @itself: it became a peer by itself; under qnet_net.cfg, read locklessly
 * @boot_known: @boot_id holds
 * @ended:  all has ended since its last TCS_INIT
 * @ev:     QNET_NODE_EV_*: what floor 4 is to be told, before any packet
 * @down_err: for QNET_NODE_EV_DOWN
 * @lost:   for QNET_NODE_EV_WAY: numbers of bearers, see QNET_BEARER_BIT()
 * @tries:  of LR requests or TCS_INIT
 * @gen:    generation of the next connection
 * @npaths: ways in @path
 * @path:   ways, see path.c
 * @mac:    constant, if @fixed
 * @ifindex: constant; bound to this device, if not 0
 * @qos:    what circuits ask of the ways if their descriptor says nothing; read
 *          locklessly, when they are made
 * @qos_dev: name of its device, up to date while that is no bearer
 * @boot_id: of its last TCS_INIT
 * @rx_prev: its connection before this one
 * @rx_turned: when its connection was opened or closed last
 * @due:    next try, while resolving or opening
 * @opened: last TCS_INIT of a new connection
 * @reset:  it made us start again
 * @refused: it was told of an unknown connection
 * @spoke:  last frame of its connections
 * @beat_due: next look at the ways
 * @soon:   for QNET_NODE_EV_MORE, 0 = not wanted
 * @answers: addresses learned; read locklessly
 * @asks:   struct qnet_ask, see resolve.c
 * @next_ask: id of the next one
 */
struct qnet_node {
	refcount_t		ref;
	struct rcu_head		rcu;
	struct qnet_net		*qn;
	u32			nd;
	char			name[QNET_NODE_NAME_MAX];
	char			domain[QNET_NODE_NAME_MAX];
	spinlock_t		lock;	/* see the .c files */
	enum qnet_node_state	state;
	u32			life;
	u32			rx_life;
	bool			unended;
	unsigned long		ended_at;
	u16			their_nd;
	u32			caps;
	struct qnet_integ	integ;
	spinlock_t		vcs_lock; /* @integ */
	u32			nr_vcs;
	u32			nr_servers;
	struct qnet_calls	calls;
	struct qnet_read	*reads[QNET_NODE_READS];
	spinlock_t		reads_lock; /* @reads, @next_read */
	u32			next_read;
	struct xarray		questions;
	u32			next_question;
	atomic_t		nr_reads;
	wait_queue_head_t	reads_wq;
	atomic_t		rx_bytes;	/* floor 4: received, not taken */
	u32			budget;
	struct qnet_policy	policy;
	struct qnet_bucket	bucket;
	u32			rx_later;
	u32			rx_refused;

	struct qnet_l4_tx	tx;
	struct qnet_l4_rx	rx;
	struct qnet_l4_route	route;
	u32			mss;
	wait_queue_head_t	wait;
	struct timer_list	timer;
	struct qnet_wd		wd;
	atomic_t		busy;
	bool			gone;
	bool			running;
	bool			full;
	bool			fixed;
	bool			itself;
	bool			boot_known;
	bool			ended;
	u8			ev;
	u8			tries;
	u8			gen;
	u8			npaths;
	int			down_err;
	u32			nr_full;
	u32			rx_nomem;
	u64			lost;
	struct qnet_node_path	path[QNET_L4_WAYS];
	u8			mac[ETH_ALEN];
	int			ifindex;
	u16			qos;
	char			qos_dev[IFNAMSIZ];
	u8			boot_id[16];
	u32			rx_prev;
	unsigned long		rx_turned;
	unsigned long		due;
	unsigned long		opened;
	unsigned long		reset;
	unsigned long		refused;
	unsigned long		spoke;
	unsigned long		beat_due;
	unsigned long		soon;
	u32			answers;
	struct list_head	asks;
	u16			next_ask;
};

#define QNET_NODE_EV_UP		0x01
#define QNET_NODE_EV_DOWN	0x02
#define QNET_NODE_EV_LOST	0x04
#define QNET_NODE_EV_SPACE	0x08
#define QNET_NODE_EV_WAY	0x10
#define QNET_NODE_EV_POLL	0x20
#define QNET_NODE_EV_MORE	0x40
#define QNET_NODE_EV_SCAN	0x80
#define QNET_NODE_EV_WATCH	(QNET_NODE_EV_POLL | QNET_NODE_EV_MORE | \
				 QNET_NODE_EV_SCAN)

/**
 * struct qnet_node_ops - how floor 3 answers floor 4
 * @rx: one whole packet of @layer (KIF or private), in order per connection;
 *      consumes @skb, which begins with the packet, has skb->len = its length
 *      and may have a frag list; at least QNET_KIF_MAX bytes or all are linear
 * @down: the node is gone, or a bearer or peer was removed: everything of its
 *        former lives has ended; packets not acknowledged are lost.  @err:
 *        -EHOSTUNREACH if it was never reached, -EHOSTDOWN if it fell silent or
 *        restarted
 * @lost_clients: it restarted its sending side: circuits that came from it are
 *        gone, ours to it may stand
 * @lost_way: circuits that take one of these bearers, QNET_BEARER_BIT(), and
 *        no other have ended
 * @watch: QNET_NODE_EV_POLL: compare circuits; QNET_NODE_EV_SCAN: look for those
 *        that nobody uses; QNET_NODE_EV_MORE: go on with what
 *        qnet_node_watch_soon() was asked for
 *
 * @down, @lost_clients and @lost_way return true if there is more to end: they are
 * called again, before anything else.
 *
 * All are called in softirq or with BH off, with no lock held; never two at
 * once for one connection.
 */
struct qnet_node_ops {
	void (*rx)(struct qnet_node *node, u8 layer, struct sk_buff *skb,
		   bool big);
	bool (*down)(struct qnet_node *node, int err);
	bool (*lost_clients)(struct qnet_node *node);
	bool (*lost_way)(struct qnet_node *node, u64 bearers);
	void (*watch)(struct qnet_node *node, u8 ev);
};

extern const struct qnet_node_ops *qnet_node_ops;	/* set once at init */

/* The budget of one node, in bytes: by default, at least, at most.  It bounds the
 * messages received and not replied to; beyond that only the fact that there
 * is one is kept, and beyond twice that it is refused.  Shares of it bound what
 * floor 2 keeps, each kind, and the transmit queue, from where on senders wait.
 * What is given to a client's reply area is bounded by its call: see msg.c.
 */
#define QNET_NODE_BUDGET	(16U << 20)
#define QNET_NODE_BUDGET_MIN	(4U << 20)
#define QNET_NODE_BUDGET_MAX	(1024U << 20)
#define QNET_NODE_RX_SHARE	4
#define QNET_NODE_TX_SHARE	16

/**
 * qnet_node_find() - the node of a descriptor
 * @qn: namespace
 * @nd: 1 to 65535; the QoS bits above are ignored
 *
 * Return: the node with a reference, or NULL.  Any context.
 */
struct qnet_node *qnet_node_find(struct qnet_net *qn, u32 nd);

/**
 * qnet_node_by_name() - the node of a name
 * @qn: namespace
 * @name: "node" or "node.domain"
 *
 * Return: the node with a reference, -ENOENT if no peer has the name, -ENOTUNIQ if
 * several have, for want of a domain.  The own name is not a peer's: ask
 * qnet_node_is_self() first.
 */
struct qnet_node *qnet_node_by_name(struct qnet_net *qn, const char *name);
bool qnet_node_is_self(struct qnet_net *qn, const char *name);

struct qnet_node *qnet_node_hold(struct qnet_node *node);
void qnet_node_put(struct qnet_node *node);

/**
 * qnet_node_send() - queue one packet; opens the node if it is down
 * @node: receiver
 * @flow: the same for all packets of a circuit: in the low QNET_ND_BITS any
 *        number, above what it asks of the ways, see path.h
 * @p: the packet; its head must lie in the first frame if it fits
 *
 * Never sleeps for room: senders in process context call
 * qnet_node_wait_space() first, softirq asks qnet_node_full().
 *
 * Return: 0, @p->release has been or will be called; or -ENOMEM, -EMSGSIZE,
 * -ENOBUFS if the queue is beyond four times its bound, sixteen times for
 * packets of up to QNET_L4_INLINE bytes, -EHOSTUNREACH if there is no bearer,
 * or not the one that @flow asks for: then @p->data is still the caller's.
 */
int qnet_node_send(struct qnet_node *node, u32 flow,
		   const struct qnet_l4_pkt *p);

/**
 * qnet_node_life() - which of its lives a node is in
 * @node: the node
 *
 * Ids that were told to a node mean nothing to it once all has ended between us.
 *
 * Return: a number that is another one then.
 */
static inline u32 qnet_node_life(const struct qnet_node *node)
{
	return READ_ONCE(node->tx.id);
}

/* What a circuit asks of the ways that its other end opened with @skb. */
u16 qnet_node_qos_back(struct qnet_node *node, const struct sk_buff *skb);

/**
 * qnet_node_fail() - what the node waits for cannot be said to it
 * @node: the node
 *
 * All that is between the two nodes ends, so that nobody waits for ever.
 */
void qnet_node_fail(struct qnet_node *node);

/* It has the same circuits, as it has asked (@by_it) or we have: no need to ask
 * for a while.
 */
void qnet_node_checked(struct qnet_node *node, bool by_it);

/* Call @watch of floor 4 again, @pause jiffies from now. */
void qnet_node_watch_soon(struct qnet_node *node, unsigned long pause);

/* So many bytes make a packet of which a loss does not cost much. */
u32 qnet_node_chunk(const struct qnet_node *node);

/* Bytes of the transmit queue from which senders wait. */
static inline u32 qnet_node_txq(const struct qnet_node *node)
{
	return READ_ONCE(node->budget) / QNET_NODE_TX_SHARE;
}

bool qnet_node_is_full(struct qnet_node *node);

static inline bool qnet_node_full(struct qnet_node *node)
{
	return unlikely(READ_ONCE(node->tx.bytes) >= qnet_node_txq(node)) &&
	       qnet_node_is_full(node);
}

int qnet_node_wait_full(struct qnet_node *node, long *timeo);

/**
 * qnet_node_wait_space() - wait until the transmit queue has room
 * @node: the node
 * @timeo: jiffies to wait; out: what is left of them
 *
 * Return: 0 (also when the node went down), -EINTR, -EAGAIN if it is full and
 * @timeo is 0, -ETIMEDOUT.
 */
static inline int qnet_node_wait_space(struct qnet_node *node, long *timeo)
{
	return qnet_node_full(node) ? qnet_node_wait_full(node, timeo) : 0;
}

/**
 * qnet_node_set_busy() - count of transactions that wait for this node
 * @node: the node
 * @delta: +1, -1
 *
 * While it is not zero ways over which nothing was heard are probed more often.
 */
static inline void qnet_node_set_busy(struct qnet_node *node, int delta)
{
	atomic_add(delta, &node->busy);
}

int qnet_node_ping(struct qnet_node *node);

/**
 * qnet_node_remote_nd() - which number another node uses for a node
 * @of: the node asked
 * @name: "node.domain" asked about
 * @nd: result
 *
 * Blocks, interruptibly.  Return: 0, -ENOENT, -EHOSTUNREACH, -EHOSTDOWN, -EINTR.
 */
int qnet_node_remote_nd(struct qnet_node *of, const char *name, u32 *nd);

/**
 * struct qnet_peer_conf - what the administrator, or trust.c, says of a new peer
 * @name:    its name
 * @domain:  its domain, may be empty
 * @mac:     its address, NULL = as it says itself
 * @ifindex: only over this device; 0 = over any
 * @budget:  0 = the namespace's default
 * @qos:     from qnet_qos_parse(); 0 = loadbalance
 * @policy:  who its clients are here
 * @itself:  it became a peer by itself
 */
struct qnet_peer_conf {
	const char	*name;
	const char	*domain;
	const u8	*mac;
	int		ifindex;
	u32		budget;
	u16		qos;
	struct qnet_policy policy;
	bool		itself;
};

/* Configuration; callers hold qn->cfg.  Errors also as an extack text. */
struct netlink_ext_ack;
struct qnet_node *qnet_peer_add(struct qnet_net *qn,
				const struct qnet_peer_conf *c,
				struct netlink_ext_ack *extack);
void qnet_peer_set(struct qnet_node *node, u32 budget, u16 qos,
		   const struct qnet_policy *policy);
void qnet_node_set_watchdog(struct qnet_node *node,
			    const struct qnet_wd_conf *own);
void qnet_node_set_watchdogs(struct qnet_net *qn,
			     const struct qnet_wd_conf *all);
void qnet_peer_remove(struct qnet_net *qn, struct qnet_node *node);
int qnet_self_name(struct qnet_net *qn, const char *name, const char *domain,
		   struct netlink_ext_ack *extack);

bool qnet_node_name_ok(const char *name, bool domain);

/* Between node.c and resolve.c. */
bool qnet_node_named(const char *name, const char *domain, const char *n,
		     u32 nlen, const char *d, u32 dlen);
struct qnet_node *qnet_node_of(struct qnet_net *qn, const char *n, u32 nlen,
			       const char *d, u32 dlen);
bool qnet_node_learn(struct qnet_node *node, struct qnet_bearer *b,
		     const u8 *mac);
void qnet_node_addr(struct qnet_node *node, u8 *mac, int *ifindex);

int qnet_node_net_init(struct qnet_net *qn);
void qnet_node_net_pre_exit(struct qnet_net *qn);
void qnet_node_net_exit(struct qnet_net *qn);

#endif /* _QNET_NODE_H */
