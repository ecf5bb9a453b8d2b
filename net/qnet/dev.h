/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 0: Ethernet devices. */
#ifndef _QNET_DEV_H
#define _QNET_DEV_H

#include <linux/netdevice.h>
#include <linux/qnet_wire.h>

struct netlink_ext_ack;
struct qnet_net;

/**
 * struct qnet_join - a packet of no connection, in pieces: see qnet_join()
 * @lock:  protects the rest
 * @type:  of the packet
 * @mac:   who sends it
 * @sconn: what it calls it
 * @len:   bytes in @buf
 * @buf:   they
 */
struct qnet_join {
	spinlock_t	lock;	/* innermost */
	u8		type;
	u8		mac[ETH_ALEN];
	u32		sconn;
	u32		len;
	u8		buf[512];
};

/**
 * struct qnet_bearer - a device that carries Qnet
 * @list:  qnet_net.bearers
 * @rcu:   freed by RCU
 * @qn:    namespace
 * @dev:   held while the bearer exists
 * @tracker: of @dev
 * @pt:    takes its frames
 * @nr:      counts up along the list, as those of a dump are told
 * @id:    smallest free number of the namespace, from 1
 * @crc:   fill in and demand the CRC
 * @mss:   payload bytes of one frame, 0 = the device is down, its MTU is too
 *         small, or it has become a port; read locklessly
 * @join:  for narrow devices
 */
struct qnet_bearer {
	struct list_head	list;
	struct rcu_head		rcu;
	struct qnet_net		*qn;
	struct net_device	*dev;
	netdevice_tracker	tracker;
	struct packet_type	pt;
	u64			nr;
	u16			id;
	bool			crc;
	u32			mss;
	struct qnet_join	join;
};

/* Each has a number in the high half of a node descriptor. */
#define QNET_BEARERS_MAX	64
#define QNET_BEARER_BIT(id)	BIT_ULL((id) - 1)

enum qnet_dev_event {
	QNET_DEV_ADDED,
	QNET_DEV_CHANGED,	/* up, down, address, MTU, link */
	QNET_DEV_GONE,		/* not in the list any more */
};

/**
 * struct qnet_dev_ops - how floor 0 answers floor 3
 * @rx: a frame; the header was parsed and checked, the CRC only if @h->flags
 *      has QNET_F_CRC and the bearer asks for it.  @skb begins with the
 *      payload, is @h->length bytes long, and is consumed.  In softirq, under
 *      RCU.
 * @event: something happened to a bearer; under qnet_net.cfg
 */
struct qnet_dev_ops {
	void (*rx)(struct qnet_bearer *b, const struct qnet_hdr *h,
		   struct sk_buff *skb);
	void (*event)(struct qnet_bearer *b, enum qnet_dev_event ev);
};

extern const struct qnet_dev_ops qnet_dev_ops;	/* floor 3's */

/* Configuration; callers hold RTNL and qn->cfg. */
int qnet_bearer_add(struct qnet_net *qn, struct net_device *dev, bool crc,
		    struct netlink_ext_ack *extack);
int qnet_bearer_del(struct qnet_net *qn, struct net_device *dev,
		    struct netlink_ext_ack *extack);

void qnet_dev_xmit(struct qnet_net *qn, struct sk_buff_head *xmitq);

int qnet_dev_init(void);
void qnet_dev_exit(void);
void qnet_dev_net_exit(struct qnet_net *qn);

#endif /* _QNET_DEV_H */
