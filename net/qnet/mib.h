/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters, per namespace and CPU. */
#ifndef _QNET_MIB_H
#define _QNET_MIB_H

#include <linux/percpu.h>
#include <linux/qnet_wire.h>

enum qnet_mib_item {
	/* frames dropped for a reason of enum qnet_bad: QNET_MIB_BAD + reason */
	QNET_MIB_BAD = 0,
	QNET_MIB_RX_STRANGER = QNET_BAD_MAX,	/* no peer has that address */
	QNET_MIB_RX_SELF,	/* our own frame came back */
	QNET_MIB_RX_OTHERHOST,	/* to another station, or for a device above */
	QNET_MIB_RX_NO_CONN,	/* unknown connection id */
	QNET_MIB_RX_DUP,	/* had it already */
	QNET_MIB_RX_NOMEM,	/* no memory, or the budget is used up */
	QNET_MIB_RX_FRAMES,
	QNET_MIB_TX_FRAMES,
	QNET_MIB_TX_RETRANS,
	QNET_MIB_TX_PACKETS,
	QNET_MIB_RX_PACKETS,
	QNET_MIB_TX_CONN_CREATED,
	QNET_MIB_TX_CONN_DELETED,
	QNET_MIB_RX_CONN_CREATED,
	QNET_MIB_RX_CONN_DELETED,
	QNET_MIB_ND_UP,		/* connections to nodes opened */
	QNET_MIB_ND_DOWN,	/* and lost */
	QNET_MIB_ND_CHANGED,	/* nodes that came back after another start */
	QNET_MIB_SEND_ACKS,	/* frames that acknowledge, and nothing else */
	QNET_MIB_RX_SEQ_ORDER,	/* frames of packets before their turn */
	QNET_MIB_TX_THROTTLED,	/* a node's transmit queue was found full */
	QNET_MIB_SERVER_MSGS,	/* messages received from other nodes */
	QNET_MIB_SERVER_UNBLOCK, /* clients of other nodes that want out of a call */
	QNET_MIB_CLIENT_MSGS,	/* messages sent to other nodes */
	QNET_MIB_LOCAL_MSGS,
	QNET_MIB_PULSES,
	QNET_MIB_KIF_UNKNOWN,	/* KIF packet about an id nobody has */
	QNET_MIB_KIF_BUSY,	/* refused for want of room */
	QNET_MIB_KIF_LATER,	/* received without its data, for the same */
	QNET_MIB_KIF_CROWDED,	/* replies refused: their socket holds too many */
	QNET_MIB_KIF_REFUSED,	/* circuits and signals of clients that are not let in */
	QNET_MIB_WATCH_POLLS,	/* nodes were asked whether they are there */
	QNET_MIB_WATCH_DIFFER,	/* and had other circuits than we */
	QNET_MIB_WATCH_LOST,	/* circuits ended since the other end was not there */
	QNET_MIB_WATCH_EXPIRED,	/* since nothing went over them for too long */
	QNET_MIB_ITEMS
};

struct qnet_mib {
	u64 v[QNET_MIB_ITEMS];
};

#define QNET_INC(qn, item)	this_cpu_inc((qn)->mib->v[item])

struct qnet_net;
struct sk_buff;

/**
 * qnet_dropped() - a frame or packet goes no further
 * @qn:      namespace
 * @ifindex: where it came in, 0: not known any more
 * @why:     counted, and traced
 */
void qnet_dropped(struct qnet_net *qn, int ifindex, enum qnet_mib_item why);
/* The same with a packet that is freed; what was worked on is consumed. */
void qnet_drop(struct qnet_net *qn, struct sk_buff *skb,
	       enum qnet_mib_item why);

u64 qnet_mib_read(struct qnet_mib __percpu *mib, enum qnet_mib_item item);
extern const char * const qnet_mib_names[QNET_MIB_ITEMS];

int qnet_mib_net_init(struct qnet_net *qn);
void qnet_mib_net_exit(struct qnet_net *qn);

#endif /* _QNET_MIB_H */
