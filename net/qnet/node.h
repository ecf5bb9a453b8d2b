/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 3: peers, how packets reach them, and when they are gone. */
#ifndef _QNET_NODE_H
#define _QNET_NODE_H

#include "l4.h"

enum qnet_node_state {
	QNET_NODE_DOWN,		/* nothing sent yet, or given up */
	QNET_NODE_RESOLVING,	/* LAN resolver asks for its address */
	QNET_NODE_OPENING,	/* TCS_INIT is out */
	QNET_NODE_UP,
};

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
 * @their_nd: its number for us, 0 = not known yet
 * @caps:   QNET_CAP_* it announced
 * @calls:  floor 4: struct qnet_msg by client_handle
 * @reads:  floor 4: struct qnet_read by msgread_handle
 * @names:  floor 4: questions under way by id
 *
 * Floor 3 keeps the rest to itself.
 */
struct qnet_node {
	refcount_t		ref;
	struct rcu_head		rcu;
	struct qnet_net		*qn;
	u32			nd;
	char			name[QNET_NODE_NAME_MAX];
	char			domain[QNET_NODE_NAME_MAX];
	spinlock_t		lock;
	enum qnet_node_state	state;
	u16			their_nd;
	u32			caps;
	struct xarray		calls;
	u32			next_call;
	struct xarray		reads;
	u32			next_read;
	struct xarray		names;
	u32			next_name;
	u32			rx_bytes;	/* floor 4: received, not taken */
	/* floors 3 and below: to be filled in */
};

/**
 * struct qnet_node_ops - how floor 3 answers floor 4
 * @rx: one whole packet of @layer (KIF or private), in order per connection;
 *      consumes @skb, which begins with the packet, has skb->len = its length
 *      and may have a frag list; at least QNET_KIF_MAX bytes or all are linear
 * @up: first packet may flow (information only)
 * @down: the node is gone, or a bearer or peer was removed: everything with it
 *        has ended; packets not acknowledged are lost.  @err: -EHOSTUNREACH if
 *        it was never reached, -EHOSTDOWN if it fell silent or restarted
 * @lost_clients: it restarted its sending side: circuits that came from it are
 *        gone, ours to it may stand
 * @space: the transmit queue has room again after qnet_node_full()
 *
 * All are called in softirq or with BH off, with no lock held; never two at
 * once for one connection.
 */
struct qnet_node_ops {
	void (*rx)(struct qnet_node *node, u8 layer, struct sk_buff *skb,
		   bool big);
	void (*up)(struct qnet_node *node);
	void (*down)(struct qnet_node *node, int err);
	void (*lost_clients)(struct qnet_node *node);
	void (*space)(struct qnet_node *node);
};

extern const struct qnet_node_ops *qnet_node_ops;	/* set once at init */

/* Bytes of one node's transmit queue from which senders wait. */
#define QNET_NODE_TXQ		(1U << 20)

/**
 * qnet_node_find() - the node of a descriptor
 * @qn: namespace
 * @nd: 1 to 65535; the QoS bits above are ignored
 *
 * Return: the node with a reference, or NULL.  Any context.
 */
struct qnet_node *qnet_node_find(struct qnet_net *qn, u32 nd);

/**
 * qnet_node_by_name() - the node of a name "node" or "node.domain"
 *
 * Return: the node with a reference, NULL if no peer has the name.  The own
 * name is not a peer's: ask qnet_node_is_self() first.
 */
struct qnet_node *qnet_node_by_name(struct qnet_net *qn, const char *name);
bool qnet_node_is_self(struct qnet_net *qn, const char *name);

struct qnet_node *qnet_node_hold(struct qnet_node *node);
void qnet_node_put(struct qnet_node *node);

/**
 * qnet_node_send() - queue one packet; opens the node if it is down
 * @node: receiver
 * @layer: enum qnet_layer
 * @head: structure that comes first, must lie in the first frame if it fits
 * @hlen: its bytes
 * @data: rest of the packet, copied
 * @len: its bytes
 * @trailer: zero bytes behind the payload, outside of its length, if the
 *           packet fits one frame
 * @gfp: GFP_KERNEL or GFP_ATOMIC
 *
 * Never sleeps for room: senders in process context call
 * qnet_node_wait_space() first, softirq asks qnet_node_full().
 *
 * Return: 0, -ENOMEM, -ENOBUFS if the queue is beyond four times its bound,
 * -EHOSTUNREACH if there is no bearer.
 */
int qnet_node_send(struct qnet_node *node, u8 layer, const void *head,
		   u32 hlen, const void *data, u32 len, u32 trailer,
		   gfp_t gfp);

bool qnet_node_full(struct qnet_node *node);

/**
 * qnet_node_wait_space() - wait until the transmit queue has room
 * @node: the node
 *
 * Return: 0 (also when the node went down), -EINTR.
 */
int qnet_node_wait_space(struct qnet_node *node);

/**
 * qnet_node_set_busy() - count of transactions that wait for this node
 * @node: the node
 * @delta: +1, -1
 *
 * While it is not zero a silent node is asked whether it lives.
 */
void qnet_node_set_busy(struct qnet_node *node, int delta);

/**
 * qnet_node_remote_nd() - which number another node uses for a node
 * @of: the node asked
 * @name: "node.domain" asked about
 * @nd: result
 *
 * Blocks, interruptibly.  Return: 0, -ENOENT, -EHOSTUNREACH, -EHOSTDOWN, -EINTR.
 */
int qnet_node_remote_nd(struct qnet_node *of, const char *name, u32 *nd);

/* Configuration; callers hold qn->cfg.  Errors also as an extack text. */
struct netlink_ext_ack;
int qnet_peer_add(struct qnet_net *qn, const char *name, const char *domain,
		  const u8 *mac, int ifindex, struct netlink_ext_ack *extack);
int qnet_peer_del(struct qnet_net *qn, const char *name,
		  struct netlink_ext_ack *extack);
int qnet_self_name(struct qnet_net *qn, const char *name, const char *domain,
		   struct netlink_ext_ack *extack);
/**
 * qnet_node_resolve() - ask the LAN for a node's address now, and wait
 * Return: 0, -EHOSTUNREACH, -EINTR.
 */
int qnet_node_resolve(struct qnet_node *node);

int qnet_node_net_init(struct qnet_net *qn);
void qnet_node_net_pre_exit(struct qnet_net *qn);
void qnet_node_net_exit(struct qnet_net *qn);

#endif /* _QNET_NODE_H */
