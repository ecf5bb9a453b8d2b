// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 0: Ethernet devices.
 *
 * Who owns what
 * -------------
 * A bearer is in qnet_net.bearers from qnet_bearer_add() to the end of its
 * device, of its namespace or of the administrator's wish, whichever comes
 * first; all of them take it out under qnet_net.cfg.  It holds its device
 * until then.  A frame leads softirq to it, which may use bearer and device
 * until the end of its RCU read-side section.  Floor 3 keeps pointers to
 * bearers; it drops them at QNET_DEV_GONE.
 *
 * A frame to be sent points to its device without a reference: from the
 * choice of the device to dev_queue_xmit() floor 3 stays in one RCU read-side
 * section, and no device is freed meanwhile.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "qnet_priv.h"

#define DEV_HDR		(QNET_PAD + QNET_HDR_LEN)

/* ------------------------------------------------------------------ receive */

/* The CRC of a frame whose header is linear; the rest need not be. */
static u32 dev_crc(struct sk_buff *skb, u32 len)
{
	u32 crc = qnet_crc_hdr(skb->data + QNET_PAD);
	struct skb_seq_state st;
	const u8 *p;
	u32 n, at = 0;

	if (likely(skb_headlen(skb) >= DEV_HDR + len))
		return qnet_crc_add(crc, skb->data + DEV_HDR, len);
	skb_prepare_seq_read(skb, DEV_HDR, DEV_HDR + len, &st);
	while ((n = skb_seq_read(at, &p, &st))) {
		crc = qnet_crc_add(crc, p, n);
		at += n;
	}
	return crc;
}

static int dev_check(const struct qnet_bearer *b, struct qnet_hdr *h,
		     struct sk_buff *skb)
{
	int bad;

	if (!pskb_may_pull(skb, DEV_HDR))
		return QNET_BAD_SHORT;
	bad = qnet_hdr_parse(h, skb->data + QNET_PAD, skb->len - QNET_PAD);
	if (bad)
		return bad;
	/* Whether its sender must fill it in is known further up. */
	if (!b->crc || !(h->flags & QNET_F_CRC))
		return QNET_BAD_NONE;
	return qnet_crc_check(h, dev_crc(skb, h->length), false);
}

static void dev_frame(struct qnet_bearer *b, struct sk_buff *skb)
{
	struct qnet_hdr h __uninitialized;
	int why;

	QNET_INC(b->qn, QNET_MIB_RX_FRAMES);
	if (unlikely(ether_addr_equal(eth_hdr(skb)->h_source,
				      b->dev->dev_addr))) {
		why = QNET_MIB_RX_SELF;
		goto drop;
	}
	why = QNET_MIB_BAD + dev_check(b, &h, skb);
	if (unlikely(why))
		goto drop;
	/* Padding, and what a sender put behind the payload for dissectors. */
	__skb_pull(skb, DEV_HDR);
	why = QNET_MIB_RX_NOMEM;
	if (unlikely(pskb_trim(skb, h.length)))
		goto drop;
	qnet_dev_ops.rx(b, &h, skb);
	return;

drop:
	qnet_drop(b->qn, skb, why);
}

static int dev_rcv(struct sk_buff *skb, struct net_device *dev,
		   struct packet_type *pt, struct net_device *orig_dev)
{
	struct qnet_bearer *b = container_of(pt, struct qnet_bearer, pt);

	/* Another device: the bearer is a port of a bond, or has VLANs above. */
	if (dev != b->dev || skb->pkt_type == PACKET_OTHERHOST ||
	    skb->pkt_type == PACKET_LOOPBACK) {
		qnet_drop(b->qn, skb, QNET_MIB_RX_OTHERHOST);
		return NET_RX_DROP;
	}
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb) {
		qnet_dropped(b->qn, dev->ifindex, QNET_MIB_RX_NOMEM);
		return NET_RX_DROP;
	}
	/* It may be kept for long, which is no business of a local sender. */
	skb_orphan(skb);
	dev_frame(b, skb);
	return NET_RX_SUCCESS;
}

/* ----------------------------------------------------------------- transmit */

/* The payload's bytes are written by us alone, and nobody computes a CRC over
 * the header of a frame twice: of what is sent again a copy is made.
 */
static void dev_fill_crc(struct sk_buff *skb)
{
	u8 *p = skb_network_header(skb) + QNET_PAD;
	const struct qnet_w_hdr *w = (const struct qnet_w_hdr *)p;
	u32 len;

	if (!(w->flags & QNET_F_CRC))
		return;
	len = le32_to_cpu(w->length);
	qnet_crc_set(p, qnet_crc_add(qnet_crc_hdr(p), p + QNET_HDR_LEN, len));
}

/**
 * qnet_dev_xmit() - send frames
 * @qn:    namespace
 * @xmitq: frames with device, network header and all headers but for the CRC;
 *         empty afterwards
 *
 * Context: RCU read side since the device was chosen, BH off or softirq; no
 * lock held.
 */
void qnet_dev_xmit(struct qnet_net *qn, struct sk_buff_head *xmitq)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(xmitq))) {
		dev_fill_crc(skb);
		QNET_INC(qn, QNET_MIB_TX_FRAMES);
		dev_queue_xmit(skb);
	}
}

/* ------------------------------------------------------------ configuration */

static struct qnet_bearer *bearer_of(const struct qnet_net *qn,
				     const struct net_device *dev)
{
	struct qnet_bearer *b;

	lockdep_assert_held(&qn->cfg);
	list_for_each_entry(b, &qn->bearers, list)
		if (b->dev == dev)
			return b;
	return NULL;
}

/* A port of a bridge, a bond or the like hears nothing: all of it is the master's,
 * if that is no VRF.  Its own flag says so for a moment longer than it is true.
 */
static bool bearer_is_port(struct net_device *dev)
{
	const struct net_device *master = netdev_master_upper_dev_get(dev);

	return master && !netif_is_l3_master(master);
}

static void bearer_refresh(struct qnet_bearer *b)
{
	WRITE_ONCE(b->mss, netif_running(b->dev) && !bearer_is_port(b->dev) ?
		   qnet_frag_mss(READ_ONCE(b->dev->mtu)) : 0);
}

static struct qnet_bearer *bearer_by_id(const struct qnet_net *qn, u16 id)
{
	struct qnet_bearer *b;

	lockdep_assert_held(&qn->cfg);
	list_for_each_entry(b, &qn->bearers, list)
		if (b->id == id)
			return b;
	return NULL;
}

static u16 bearer_id(const struct qnet_net *qn)
{
	u16 id = 1;

	while (bearer_by_id(qn, id))
		id++;
	return id;
}

static int bearer_may(struct qnet_net *qn, struct net_device *dev,
		      struct netlink_ext_ack *extack)
{
	if (dev->type != ARPHRD_ETHER || dev->flags & IFF_LOOPBACK) {
		NL_SET_ERR_MSG(extack, "not an Ethernet device");
		return -EINVAL;
	}
	if (netif_is_bridge_port(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device is a bridge port; use the bridge");
		return -EBUSY;
	}
	if (netif_is_lag_port(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device is a port of a bond; use the bond");
		return -EBUSY;
	}
	if (bearer_is_port(dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device has a master; use the master");
		return -EBUSY;
	}
	if (!qnet_frag_mss(dev->mtu)) {
		NL_SET_ERR_MSG(extack, "the MTU is too small, 68 is the least");
		return -EINVAL;
	}
	if (qn->nr_bearers >= QNET_BEARERS_MAX) {
		NL_SET_ERR_MSG(extack, "too many bearers");
		return -ENOSPC;
	}
	if (bearer_of(qn, dev)) {
		NL_SET_ERR_MSG(extack, "the device is a bearer already");
		return -EEXIST;
	}
	return 0;
}

/**
 * qnet_bearer_add() - use a device
 * @qn:     namespace, that of @dev
 * @dev:    device
 * @crc:    fill in and demand the CRC
 * @extack: told why not
 *
 * Context: process, under RTNL and qn->cfg.
 * Return: 0, -EINVAL, -EBUSY, -EEXIST, -ENOSPC, -ENOMEM.
 */
int qnet_bearer_add(struct qnet_net *qn, struct net_device *dev, bool crc,
		    struct netlink_ext_ack *extack)
{
	struct qnet_bearer *b;
	int err;

	ASSERT_RTNL();
	err = bearer_may(qn, dev, extack);
	if (err)
		return err;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	b->qn = qn;
	b->dev = dev;
	b->crc = crc;
	b->nr = ++qn->last_bearer;
	b->id = bearer_id(qn);
	spin_lock_init(&b->join.lock);
	bearer_refresh(b);
	netdev_hold(dev, &b->tracker, GFP_KERNEL);
	list_add_tail_rcu(&b->list, &qn->bearers);
	qn->nr_bearers++;
	b->pt.type = cpu_to_be16(ETH_P_QNX);
	b->pt.dev = dev;
	b->pt.func = dev_rcv;
	dev_add_pack(&b->pt);
	qnet_dev_ops.event(b, QNET_DEV_ADDED);
	return 0;
}

static void bearer_end(struct qnet_bearer *b)
{
	lockdep_assert_held(&b->qn->cfg);
	list_del_rcu(&b->list);
	b->qn->nr_bearers--;
	/* Nobody looks at it any more, and no frame is being worked on that could
	 * bring it back to a node.
	 */
	dev_remove_pack(&b->pt);
	qnet_dev_ops.event(b, QNET_DEV_GONE);
	netdev_put(b->dev, &b->tracker);
	kfree_rcu(b, rcu);
}

/**
 * qnet_bearer_del() - use a device no longer
 * @qn:     namespace
 * @dev:    device
 * @extack: told why not
 *
 * Nodes that were reached through it look for another way, or are lost.
 *
 * Context: process, under RTNL and qn->cfg.
 * Return: 0 or -ENOENT.
 */
int qnet_bearer_del(struct qnet_net *qn, struct net_device *dev,
		    struct netlink_ext_ack *extack)
{
	struct qnet_bearer *b = bearer_of(qn, dev);

	if (!b) {
		NL_SET_ERR_MSG(extack, "the device is not a bearer");
		return -ENOENT;
	}
	bearer_end(b);
	return 0;
}

/* ----------------------------------------------------------------- notifier */

static void bearer_event(struct qnet_bearer *b, unsigned long event,
			 const struct netdev_notifier_changeupper_info *upper)
{
	switch (event) {
	case NETDEV_UNREGISTER:
		qnet_nl_bearer_gone(b);
		bearer_end(b);
		break;
	case NETDEV_CHANGEUPPER:
		/* Of VLANs and the like on it there may be many. */
		if (!upper->master)
			break;
		fallthrough;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGEMTU:
		bearer_refresh(b);
		qnet_dev_ops.event(b, QNET_DEV_CHANGED);
		fallthrough;
	case NETDEV_CHANGENAME:
		qnet_nl_bearer_changed(b);
		break;
	}
}

static int dev_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct qnet_net *qn = qnet_net(dev_net(dev));
	struct qnet_bearer *b;

	/* A namespace's first device comes before our part of it; and no bearer
	 * is added while we hold RTNL.
	 */
	if (!qn || list_empty_careful(&qn->bearers))
		return NOTIFY_DONE;
	mutex_lock(&qn->cfg);
	b = bearer_of(qn, dev);
	if (b)
		bearer_event(b, event, ptr);
	mutex_unlock(&qn->cfg);
	return NOTIFY_DONE;
}

static struct notifier_block dev_notifier = {
	.notifier_call = dev_notify,
};

/* --------------------------------------------------------------------- life */

/**
 * qnet_dev_init() - from now on devices come and go
 *
 * Context: module init, after register_pernet_device().
 * Return: 0 or a negative errno.
 */
int qnet_dev_init(void)
{
	return register_netdevice_notifier(&dev_notifier);
}

/**
 * qnet_dev_exit() - from now on they do not
 *
 * Context: module exit, before unregister_pernet_subsys().  Ends all bearers.
 */
void qnet_dev_exit(void)
{
	unregister_netdevice_notifier(&dev_notifier);
}

/**
 * qnet_dev_net_exit() - let go of all devices of a namespace
 * @qn: namespace
 *
 * Context: process, also twice; takes qn->cfg.  Must not wait for RTNL: the
 * one who holds it may wait for the devices.
 */
void qnet_dev_net_exit(struct qnet_net *qn)
{
	struct qnet_bearer *b, *next;

	mutex_lock(&qn->cfg);
	list_for_each_entry_safe(b, next, &qn->bearers, list)
		bearer_end(b);
	mutex_unlock(&qn->cfg);
}
