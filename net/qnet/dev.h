/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 0: Ethernet devices. */
#ifndef _QNET_DEV_H
#define _QNET_DEV_H

struct netlink_ext_ack;

/**
 * struct qnet_bearer - a device that carries Qnet
 * @list:  qnet_net.bearers
 * @rcu:   freed by RCU
 * @qn:    namespace
 * @dev:   held while the bearer exists
 * @tracker: of @dev
 * @crc:   fill in and demand the CRC
 */
struct qnet_bearer {
	struct list_head	list;
	struct rcu_head		rcu;
	struct qnet_net		*qn;
	struct net_device	*dev;
	netdevice_tracker	tracker;
	bool			crc;
	/* owner: dev.c */
};

/* Configuration; callers hold RTNL and qn->cfg. */
int qnet_bearer_add(struct qnet_net *qn, struct net_device *dev, bool crc,
		    struct netlink_ext_ack *extack);
int qnet_bearer_del(struct qnet_net *qn, struct net_device *dev,
		    struct netlink_ext_ack *extack);

int qnet_dev_init(void);	/* notifier; packet_type last */
void qnet_dev_exit(void);
void qnet_dev_net_exit(struct qnet_net *qn);

#endif /* _QNET_DEV_H */
