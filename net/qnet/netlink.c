// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family "qnet".
 *
 * Documentation/netlink/specs/qnet.yaml is the source of truth.  What follows
 * is in the order: attributes out, requests in, policies and operations; the
 * objects come in the order of the spec.
 *
 * The family runs its operations in parallel, without genl_mutex: what changes
 * something holds qnet_net.cfg.  Requests about bearers hold RTNL, too, so that
 * names and addresses of devices hold still.  Nodes are read under RCU.  None
 * waits for another node: genetlink holds a lock of its own meanwhile, which
 * whoever comes or goes as a family waits for, and everybody behind him.
 *
 * Every refusal has a text and, where one is to blame, the attribute.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>

#include <linux/qnet_netlink.h>

#include "qnet_priv.h"
#include "af_qnet.h"

/* No MODULE_ALIAS_GENL_FAMILY: anybody may look a family up, and would thereby
 * load the module, against what is said of MODULE_ALIAS_NETPROTO in af_qnet.c.
 */

enum qnet_nl_group {
	QNET_NL_GROUP_CONFIG,
	QNET_NL_GROUP_NODE,
	QNET_NL_GROUP_LINK,
	QNET_NL_GROUP_VC,
	QNET_NL_GROUP_NAME,
};

/* Longest "node.domain", with its NUL. */
#define QNET_NL_FULL_NAME	(2 * QNET_NODE_NAME_MAX)

static struct genl_family qnet_nl_family;

/* The numbers of the groups are ours; after the family is gone they may be others'. */
static bool qnet_nl_registered;

static_assert((int)QNET_NODE_STATE_DOWN == (int)QNET_NODE_DOWN);
static_assert((int)QNET_NODE_STATE_RESOLVING == (int)QNET_NODE_RESOLVING);
static_assert((int)QNET_NODE_STATE_OPENING == (int)QNET_NODE_OPENING);
static_assert((int)QNET_NODE_STATE_UP == (int)QNET_NODE_UP);
static_assert((int)QNET_VC_SIDE_LOCAL == (int)QNET_VC_LOCAL);
static_assert((int)QNET_VC_SIDE_CLIENT == (int)QNET_VC_CLIENT);
static_assert((int)QNET_VC_SIDE_SERVER == (int)QNET_VC_SERVER);
static_assert((int)QNET_VC_STATE_NEW == (int)QNET_VC_NEW);
static_assert((int)QNET_VC_STATE_CONNECTING == (int)QNET_VC_CONNECTING);
static_assert((int)QNET_VC_STATE_UP == (int)QNET_VC_UP);
static_assert((int)QNET_VC_STATE_DEAD == (int)QNET_VC_DEAD);
static_assert((int)QNET_CHANNEL_FLAG_FIXED_PRIORITY ==
	      QNET_CHF_FIXED_PRIORITY);
static_assert((int)QNET_CHANNEL_FLAG_UNBLOCK == QNET_CHF_UNBLOCK);
static_assert((int)QNET_CHANNEL_FLAG_THREAD_DEATH == QNET_CHF_THREAD_DEATH);
static_assert((int)QNET_CHANNEL_FLAG_DISCONNECT == QNET_CHF_DISCONNECT);
static_assert((int)QNET_CHANNEL_FLAG_SENDER_LEN == QNET_CHF_SENDER_LEN);
static_assert((int)QNET_CHANNEL_FLAG_COID_DISCONNECT ==
	      QNET_CHF_COID_DISCONNECT);
static_assert((int)QNET_CHANNEL_FLAG_REPLY_LEN == QNET_CHF_REPLY_LEN);
static_assert((int)QNET_WATCHDOG_STATE_OFF == (int)QNET_WD_OFF);
static_assert((int)QNET_WATCHDOG_STATE_UP == (int)QNET_WD_UP);
static_assert((int)QNET_WATCHDOG_STATE_PROBING == (int)QNET_WD_PROBING);
static_assert((int)QNET_WATCHDOG_STATE_SUSPECT == (int)QNET_WD_SUSPECT);
static_assert((int)QNET_WATCHDOG_STATE_DEAD == (int)QNET_WD_DEAD);
static_assert(QNET_NODE_CAP_NAMES == QNET_CAP_NAMES);
static_assert(QNET_NODE_CAP_WATCH == QNET_CAP_WATCH);
static_assert(QNET_NODE_CAP_ACKS == QNET_CAP_ACKS);
static_assert(QNET_NODE_CAP_CONN_SEND == QNET_CAP_CONN_SEND);
static_assert(QNET_NODE_CAP_EVENTS == QNET_CAP_EVENTS);

/* ------------------------------------------------------- messages and dumps */

/* Puts the attributes of an object; returns 0, or not if they do not fit. */
typedef int (*qnet_nl_put_t)(struct sk_buff *skb, const void *obj);

static int qnet_nl_finish(struct sk_buff *skb, void *hdr, qnet_nl_put_t put,
			  const void *obj)
{
	if (!hdr)
		return -EMSGSIZE;
	if (put(skb, obj)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int qnet_nl_reply(struct genl_info *info, u8 cmd, qnet_nl_put_t put,
			 const void *obj)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb) {
		NL_SET_ERR_MSG(info->extack, "no memory for the answer");
		return -ENOMEM;
	}

	hdr = genlmsg_put_reply(skb, info, &qnet_nl_family, 0, cmd);
	err = qnet_nl_finish(skb, hdr, put, obj);
	if (err) {
		NL_SET_ERR_MSG(info->extack, "the answer is too long");
		nlmsg_free(skb);
		return err;
	}
	return genlmsg_reply(skb, info);
}

/* @n attributes that follow each other, as the fields of a structure of u32. */
static int qnet_nl_put_u32s(struct sk_buff *skb, int first, const u32 *value,
			    u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (nla_put_u32(skb, first + i, value[i]))
			return -EMSGSIZE;
	return 0;
}

/* Those of them that were given.  Return: whether any was. */
static bool qnet_nl_get_u32s(struct genl_info *info, int first, u32 *value,
			     u32 n)
{
	struct nlattr *attr;
	bool any = false;
	u32 i;

	for (i = 0; i < n; i++) {
		attr = info->attrs[first + i];
		if (!attr)
			continue;
		value[i] = nla_get_u32(attr);
		any = true;
	}
	return any;
}

/* Appends one object to a dump. */
static int qnet_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			    u8 cmd, qnet_nl_put_t put, const void *obj)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &qnet_nl_family, NLM_F_MULTI, cmd);
	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return qnet_nl_finish(skb, hdr, put, obj);
}

/* What a dump returns that has come to its end, or to that of the skb. */
static int qnet_nl_dump_result(const struct sk_buff *skb, int err)
{
	return err == -EMSGSIZE && skb->len ? (int)skb->len : err;
}

static void qnet_nl_dump_note(const struct sk_buff *skb,
			      struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);

	qnet_gen_note(cb, &qnet_net(net)->gen.config);
}

static void qnet_nl_notify(struct net *net, enum qnet_nl_group group, u8 cmd,
			   qnet_nl_put_t put, const void *obj, gfp_t gfp)
{
	struct sk_buff *skb;
	void *hdr;

	if (!READ_ONCE(qnet_nl_registered) ||
	    !genl_has_listeners(&qnet_nl_family, net, group))
		return;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (!skb)
		goto lost;

	hdr = genlmsg_put(skb, 0, 0, &qnet_nl_family, 0, cmd);
	if (qnet_nl_finish(skb, hdr, put, obj)) {
		nlmsg_free(skb);
		goto lost;
	}
	genlmsg_multicast_netns(&qnet_nl_family, net, skb, 0, group, gfp);
	return;

lost:
	genl_set_err(&qnet_nl_family, net, 0, group, -ENOBUFS);
}

/* For changes of the configuration; sleeps. */
static void qnet_nl_configured(struct net *net, u8 cmd, qnet_nl_put_t put,
			       const void *obj)
{
	qnet_gen_changed(&qnet_net(net)->gen.config);
	qnet_nl_notify(net, QNET_NL_GROUP_CONFIG, cmd, put, obj, GFP_KERNEL);
}

/* ------------------------------------------------------------------ requests */

/* What the policies cannot say: the parser would take the last of two attributes
 * that are the same, and any for a request that has none.
 */
static int qnet_nl_check_attrs(const struct nlmsghdr *nlh, u32 maxattr,
			       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	u64 seen = 0;
	int rem;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem) {
		if (!maxattr) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "this request takes no attribute");
			return -EINVAL;
		}
		/* Of what it does not know the parser says so. */
		if (nla_type(attr) > maxattr)
			continue;
		if (seen & BIT_ULL(nla_type(attr))) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "an attribute is given twice");
			return -EINVAL;
		}
		seen |= BIT_ULL(nla_type(attr));
	}
	if (!maxattr && rem) {
		NL_SET_ERR_MSG(extack, "bytes behind the request");
		return -EINVAL;
	}
	return 0;
}

static int qnet_nl_pre_doit(const struct genl_split_ops *ops,
			    struct sk_buff *skb, struct genl_info *info)
{
	return qnet_nl_check_attrs(info->nlhdr, ops->maxattr, info->extack);
}

/* Of a dump that selects nothing, whatever the request for a single one takes. */
static int qnet_nl_dump_all(struct netlink_callback *cb)
{
	return qnet_nl_check_attrs(cb->nlh, 0, cb->extack);
}

/* Of a dump that selects. */
static int qnet_nl_dump_parse(struct netlink_callback *cb, struct nlattr **tb,
			      int max, const struct nla_policy *policy)
{
	return qnet_nl_check_attrs(cb->nlh, max, cb->extack) ?:
	       genlmsg_parse(cb->nlh, &qnet_nl_family, tb, max, policy,
			     cb->extack);
}

/* ----------------------------------------------------------- refusals, names */

/**
 * qnet_nl_refused() - see to it that a refusal by a floor is explained
 * @info: the request
 * @err:  from the floor
 * @attr: to blame unless the floor blamed another one
 *
 * Return: @err.
 */
static int qnet_nl_refused(struct genl_info *info, int err,
			   const struct nlattr *attr)
{
	struct netlink_ext_ack *extack = info->extack;

	if (!err || !extack)
		return err;
	if (!extack->_msg && err == -ENOMEM)
		NL_SET_ERR_MSG(extack, "out of memory");
	else if (!extack->_msg)
		NL_SET_ERR_MSG(extack, "refused, as the error number says");
	if (!extack->bad_attr)
		NL_SET_BAD_ATTR(extack, attr);
	return err;
}

/* Checks a new name and, if it is given, a new domain. */
static int qnet_nl_check_names(struct genl_info *info,
			       const struct nlattr *name,
			       const struct nlattr *domain)
{
	if (!qnet_node_name_ok(nla_data(name), false)) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "a name has 1 to 63 characters, no blank, dot or slash");
		return -EINVAL;
	}
	if (domain && !qnet_node_name_ok(nla_data(domain), true)) {
		NL_SET_ERR_MSG_ATTR(info->extack, domain,
				    "a domain has no blank or slash");
		return -EINVAL;
	}
	return 0;
}

/* A name or domain as given, or "" if it was not. */
static const char *qnet_nl_str(const struct nlattr *attr)
{
	return attr ? nla_data(attr) : "";
}

static void qnet_nl_full_name(char *buf, const char *name, const char *domain)
{
	snprintf(buf, QNET_NL_FULL_NAME, *domain ? "%s.%s" : "%s", name,
		 domain);
}

/* A peer by its name, with a reference; @attr is what to blame. */
static struct qnet_node *qnet_nl_by_name(struct genl_info *info,
					 const struct nlattr *attr,
					 const char *full)
{
	struct qnet_node *node;

	node = qnet_node_by_name(qnet_net(genl_info_net(info)), full);
	if (node == ERR_PTR(-ENOTUNIQ))
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "several peers have that name; give the domain, too");
	else if (IS_ERR(node))
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such peer");
	return node;
}

/* ------------------------------------------------------------------- domain */

static int qnet_nl_put_domain(struct sk_buff *skb, const void *obj)
{
	struct qnet_net *qn = (struct qnet_net *)obj;
	int err;

	read_lock_bh(&qn->name_lock);
	err = nla_put_u32(skb, QNET_A_DOMAIN_FAMILY, qnet_family) ||
	      nla_put_string(skb, QNET_A_DOMAIN_NAME, qn->domain) ||
	      nla_put_string(skb, QNET_A_DOMAIN_SELF_NAME, qn->name) ||
	      nla_put(skb, QNET_A_DOMAIN_BOOT_ID, sizeof(qn->boot_id),
		      qn->boot_id) ||
	      nla_put_u32(skb, QNET_A_DOMAIN_BUDGET, READ_ONCE(qn->budget)) ||
	      nla_put_u32(skb, QNET_A_DOMAIN_UNPRIVILEGED,
			  READ_ONCE(qn->unprivileged)) ||
	      nla_put_u32(skb, QNET_A_DOMAIN_TRUST, READ_ONCE(qn->trust));
	read_unlock_bh(&qn->name_lock);
	return err;
}

static int qnet_nl_domain_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return qnet_nl_reply(info, QNET_CMD_DOMAIN_GET, qnet_nl_put_domain,
			     qnet_net(genl_info_net(info)));
}

static int qnet_nl_domain_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *unpriv = info->attrs[QNET_A_DOMAIN_UNPRIVILEGED];
	struct nlattr *budget = info->attrs[QNET_A_DOMAIN_BUDGET];
	struct nlattr *trust = info->attrs[QNET_A_DOMAIN_TRUST];
	struct qnet_net *qn = qnet_net(genl_info_net(info));

	if (!budget && !unpriv && !trust) {
		NL_SET_ERR_MSG(info->extack, "nothing to set given");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QNET_A_DOMAIN_BUDGET);
		return -EINVAL;
	}

	mutex_lock(&qn->cfg);
	if (budget)
		WRITE_ONCE(qn->budget, nla_get_u32(budget));
	if (unpriv)
		WRITE_ONCE(qn->unprivileged, nla_get_u32(unpriv));
	if (trust)
		qnet_trust_set(qn, nla_get_u32(trust) == QNET_TRUST_QNX);
	mutex_unlock(&qn->cfg);

	qnet_nl_configured(qn->net, QNET_CMD_DOMAIN_NTF, qnet_nl_put_domain,
			   qn);
	return 0;
}

/* ------------------------------------------------------------------- bearer */

static int qnet_nl_put_dev(struct sk_buff *skb, const void *obj)
{
	const struct net_device *dev = obj;

	return nla_put_u32(skb, QNET_A_BEARER_IFINDEX, dev->ifindex) ||
	       nla_put_string(skb, QNET_A_BEARER_IFNAME, dev->name);
}

static int qnet_nl_put_bearer(struct sk_buff *skb, const void *obj)
{
	const struct qnet_bearer *b = obj;
	const struct net_device *dev = b->dev;

	return qnet_nl_put_dev(skb, dev) ||
	       nla_put_u32(skb, QNET_A_BEARER_CRC, READ_ONCE(b->crc)) ||
	       nla_put_u32(skb, QNET_A_BEARER_MTU, READ_ONCE(dev->mtu)) ||
	       nla_put(skb, QNET_A_BEARER_LLADDR, ETH_ALEN, dev->dev_addr) ||
	       nla_put_u32(skb, QNET_A_BEARER_UP,
			   READ_ONCE(b->mss) && netif_oper_up(dev));
}

static struct qnet_bearer *qnet_nl_bearer_of(struct qnet_net *qn,
					     const struct net_device *dev)
{
	struct qnet_bearer *b;

	ASSERT_RTNL();
	list_for_each_entry(b, &qn->bearers, list)
		if (b->dev == dev)
			return b;
	return NULL;
}

static const struct nlattr *qnet_nl_dev_attr(struct genl_info *info)
{
	return info->attrs[QNET_A_BEARER_IFINDEX] ?:
	       info->attrs[QNET_A_BEARER_IFNAME];
}

/* The device of a request about a bearer; under RTNL. */
static struct net_device *qnet_nl_dev(struct genl_info *info)
{
	struct nlattr *index = info->attrs[QNET_A_BEARER_IFINDEX];
	struct nlattr *name = info->attrs[QNET_A_BEARER_IFNAME];
	struct net *net = genl_info_net(info);
	struct net_device *dev;

	if (!index && !name) {
		NL_SET_ERR_MSG(info->extack, "no network device given");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QNET_A_BEARER_IFNAME);
		return ERR_PTR(-EINVAL);
	}
	if (index && name) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "give ifindex or ifname, not both");
		return ERR_PTR(-EINVAL);
	}

	dev = index ? __dev_get_by_index(net, nla_get_u32(index)) :
		      __dev_get_by_name(net, nla_data(name));
	if (dev)
		return dev;

	NL_SET_ERR_MSG_ATTR(info->extack, index ?: name,
			    "no such network device");
	return ERR_PTR(-ENODEV);
}

static int qnet_nl_bearer_get(struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct net_device *dev = qnet_nl_dev(info);
	struct qnet_bearer *b;

	if (IS_ERR(dev))
		return PTR_ERR(dev);

	b = qnet_nl_bearer_of(qn, dev);
	if (!b) {
		NL_SET_ERR_MSG_ATTR(info->extack, qnet_nl_dev_attr(info),
				    "the device is not a bearer");
		return -ENOENT;
	}
	return qnet_nl_reply(info, QNET_CMD_BEARER_GET, qnet_nl_put_bearer, b);
}

static int qnet_nl_bearer_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = qnet_nl_bearer_get(info);
	rtnl_unlock();
	return err;
}

static int qnet_nl_bearer_get_dumpit(struct sk_buff *skb,
				     struct netlink_callback *cb)
{
	struct qnet_net *qn = qnet_net(sock_net(skb->sk));
	struct qnet_bearer *b;
	int err;

	err = qnet_nl_dump_all(cb);
	if (err)
		return err;
	rtnl_lock();
	qnet_nl_dump_note(skb, cb);
	list_for_each_entry(b, &qn->bearers, list) {
		if (b->nr <= (u64)cb->args[0])
			continue;
		err = qnet_nl_dump_one(skb, cb, QNET_CMD_BEARER_GET,
				       qnet_nl_put_bearer, b);
		if (err)
			break;
		cb->args[0] = b->nr;
	}
	qnet_nl_dump_note(skb, cb);
	rtnl_unlock();
	return qnet_nl_dump_result(skb, err);
}

static int qnet_nl_bearer_new(struct genl_info *info)
{
	struct nlattr *crc = info->attrs[QNET_A_BEARER_CRC];
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct net_device *dev = qnet_nl_dev(info);
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);

	mutex_lock(&qn->cfg);
	err = qnet_bearer_add(qn, dev, crc ? nla_get_u32(crc) : true,
			      info->extack);
	mutex_unlock(&qn->cfg);
	if (err)
		return qnet_nl_refused(info, err, qnet_nl_dev_attr(info));

	qnet_nl_configured(qn->net, QNET_CMD_BEARER_NTF, qnet_nl_put_bearer,
			   qnet_nl_bearer_of(qn, dev));
	return 0;
}

static int qnet_nl_bearer_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = qnet_nl_bearer_new(info);
	rtnl_unlock();
	return err;
}

static int qnet_nl_bearer_del(struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct net_device *dev = qnet_nl_dev(info);
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);

	mutex_lock(&qn->cfg);
	err = qnet_bearer_del(qn, dev, info->extack);
	mutex_unlock(&qn->cfg);
	if (err)
		return qnet_nl_refused(info, err, qnet_nl_dev_attr(info));

	qnet_nl_configured(qn->net, QNET_CMD_BEARER_DEL_NTF, qnet_nl_put_dev,
			   dev);
	return 0;
}

static int qnet_nl_bearer_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	err = qnet_nl_bearer_del(info);
	rtnl_unlock();
	return err;
}

void qnet_nl_bearer_changed(const struct qnet_bearer *b)
{
	qnet_nl_configured(b->qn->net, QNET_CMD_BEARER_NTF,
			   qnet_nl_put_bearer, b);
}

void qnet_nl_bearer_gone(const struct qnet_bearer *b)
{
	qnet_nl_configured(b->qn->net, QNET_CMD_BEARER_DEL_NTF,
			   qnet_nl_put_dev, b->dev);
}

/* --------------------------------------------------------------------- node */

/* Where frames to it go. */
static int qnet_nl_put_path(struct sk_buff *skb, const struct qnet_node *node)
{
	const struct qnet_l4_path *out = qnet_path_any(node);

	if (!out)
		return 0;
	return nla_put(skb, QNET_A_NODE_LLADDR, ETH_ALEN, out->mac) ||
	       nla_put_u32(skb, QNET_A_NODE_IFINDEX, out->dev->ifindex);
}

/* What it told of itself, and when it did last. */
static int qnet_nl_put_heard(struct sk_buff *skb, const struct qnet_node *node)
{
	u64 ms = min(qnet_ms_since(node->wd.heard),
		     qnet_ms_since(node->spoke));

	return nla_put_u32(skb, QNET_A_NODE_CAPS, node->caps) ||
	       (node->boot_known &&
		nla_put(skb, QNET_A_NODE_BOOT_ID, sizeof(node->boot_id),
			node->boot_id)) ||
	       (node->wd.heard &&
		nla_put_u64_64bit(skb, QNET_A_NODE_LAST_SEEN_MS, ms,
				  QNET_A_NODE_PAD));
}

/* What it takes of our memory, and what that kept from it. */
static int qnet_nl_put_budget(struct sk_buff *skb, const struct qnet_node *node)
{
	return nla_put_u32(skb, QNET_A_NODE_BUDGET, node->budget) ||
	       nla_put_u32(skb, QNET_A_NODE_RX_BYTES,
			   atomic_read(&node->rx_bytes)) ||
	       nla_put_u32(skb, QNET_A_NODE_TX_BYTES, node->tx.bytes) ||
	       nla_put_u32(skb, QNET_A_NODE_RX_LATER,
			   READ_ONCE(node->rx_later)) ||
	       nla_put_u32(skb, QNET_A_NODE_RX_REFUSED,
			   READ_ONCE(node->rx_refused)) ||
	       nla_put_u32(skb, QNET_A_NODE_RX_NOMEM, node->rx_nomem) ||
	       nla_put_u32(skb, QNET_A_NODE_TX_FULL, node->nr_full);
}

static int qnet_nl_put_node_locked(struct sk_buff *skb, const void *obj)
{
	const struct qnet_node *node = obj;

	lockdep_assert_held(&node->lock);
	return nla_put_u32(skb, QNET_A_NODE_ND, node->nd) ||
	       nla_put_string(skb, QNET_A_NODE_NAME, node->name) ||
	       nla_put_string(skb, QNET_A_NODE_DOMAIN, node->domain) ||
	       nla_put_u32(skb, QNET_A_NODE_STATE, node->state) ||
	       nla_put_u32(skb, QNET_A_NODE_VCS, READ_ONCE(node->nr_vcs)) ||
	       nla_put_u32(skb, QNET_A_NODE_ANSWERS,
			   READ_ONCE(node->answers)) ||
	       nla_put_u32(skb, QNET_A_NODE_WATCHDOG, node->wd.state) ||
	       nla_put_u32(skb, QNET_A_NODE_UNANSWERED, node->wd.polls) ||
	       qnet_nl_put_path(skb, node) ||
	       qnet_nl_put_heard(skb, node) ||
	       qnet_nl_put_budget(skb, node);
}

static int qnet_nl_put_node(struct sk_buff *skb, const void *obj)
{
	struct qnet_node *node = (struct qnet_node *)obj;
	int err;

	spin_lock_bh(&node->lock);
	err = qnet_nl_put_node_locked(skb, node);
	spin_unlock_bh(&node->lock);
	return err;
}

static int qnet_nl_put_self(struct sk_buff *skb, const void *obj)
{
	struct qnet_net *qn = (struct qnet_net *)obj;
	int err;

	read_lock_bh(&qn->name_lock);
	err = nla_put_u32(skb, QNET_A_NODE_ND, QNET_ND_LOCAL) ||
	      nla_put_string(skb, QNET_A_NODE_NAME, qn->name) ||
	      nla_put_string(skb, QNET_A_NODE_DOMAIN, qn->domain);
	read_unlock_bh(&qn->name_lock);
	return err ||
	       nla_put_flag(skb, QNET_A_NODE_SELF) ||
	       nla_put_u32(skb, QNET_A_NODE_STATE, QNET_NODE_STATE_UP) ||
	       nla_put(skb, QNET_A_NODE_BOOT_ID, sizeof(qn->boot_id),
		       qn->boot_id);
}

/* The node of a number; NULL stands for this node. */
static struct qnet_node *qnet_nl_node_of_nd(struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct nlattr *attr = info->attrs[QNET_A_NODE_ND];
	struct qnet_node *node;

	if (nla_get_u32(attr) == QNET_ND_LOCAL)
		return NULL;
	node = qnet_node_find(qn, nla_get_u32(attr));
	if (node)
		return node;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no node has that number");
	return ERR_PTR(-ENOENT);
}

/* The node of a name; NULL stands for this node. */
static struct qnet_node *qnet_nl_node_of_name(struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct nlattr *attr = info->attrs[QNET_A_NODE_NAME];
	char full[QNET_NL_FULL_NAME];

	qnet_nl_full_name(full, nla_data(attr),
			  qnet_nl_str(info->attrs[QNET_A_NODE_DOMAIN]));
	return qnet_node_is_self(qn, full) ? NULL :
					     qnet_nl_by_name(info, attr, full);
}

static struct qnet_node *qnet_nl_node(struct genl_info *info)
{
	if (info->attrs[QNET_A_NODE_ND])
		return qnet_nl_node_of_nd(info);
	if (info->attrs[QNET_A_NODE_NAME])
		return qnet_nl_node_of_name(info);
	NL_SET_ERR_MSG(info->extack, "no node given");
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, QNET_A_NODE_NAME);
	return ERR_PTR(-EINVAL);
}

static int qnet_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct qnet_node *node = qnet_nl_node(info);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	if (!node)
		return qnet_nl_reply(info, QNET_CMD_NODE_GET, qnet_nl_put_self,
				     qnet_net(genl_info_net(info)));

	err = qnet_nl_reply(info, QNET_CMD_NODE_GET, qnet_nl_put_node, node);
	qnet_node_put(node);
	return err;
}

/* All nodes but this one, from number cb->args[0] on. */
static int qnet_nl_dump_nodes(struct sk_buff *skb, struct netlink_callback *cb,
			      u8 cmd, qnet_nl_put_t put)
{
	struct qnet_net *qn = qnet_net(sock_net(skb->sk));
	struct qnet_node *node;
	unsigned long nd;
	int err = 0;

	rcu_read_lock();
	xa_for_each_start(&qn->nodes, nd, node, cb->args[0]) {
		err = qnet_nl_dump_one(skb, cb, cmd, put, node);
		if (err)
			break;
		cb->args[0] = nd + 1;
	}
	rcu_read_unlock();
	qnet_nl_dump_note(skb, cb);
	return qnet_nl_dump_result(skb, err);
}

static int qnet_nl_node_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
	int err;

	err = qnet_nl_dump_all(cb);
	if (err)
		return err;
	qnet_nl_dump_note(skb, cb);
	if (!cb->args[0]) {
		err = qnet_nl_dump_one(skb, cb, QNET_CMD_NODE_GET,
				       qnet_nl_put_self,
				       qnet_net(sock_net(skb->sk)));
		if (err)
			return err;
		cb->args[0] = 1;
	}
	return qnet_nl_dump_nodes(skb, cb, QNET_CMD_NODE_GET,
				  qnet_nl_put_node);
}

static int qnet_nl_node_set_self_doit(struct sk_buff *skb,
				      struct genl_info *info)
{
	struct nlattr *domain = info->attrs[QNET_A_NODE_DOMAIN];
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct nlattr *name = info->attrs[QNET_A_NODE_NAME];
	int err;

	if (!name) {
		NL_SET_ERR_MSG(info->extack, "no name given");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QNET_A_NODE_NAME);
		return -EINVAL;
	}
	err = qnet_nl_check_names(info, name, domain);
	if (err)
		return err;

	mutex_lock(&qn->cfg);
	err = qnet_self_name(qn, nla_data(name),
			     domain ? nla_data(domain) : qn->domain,
			     info->extack);
	mutex_unlock(&qn->cfg);
	if (err)
		return qnet_nl_refused(info, err, name);

	qnet_nl_configured(qn->net, QNET_CMD_DOMAIN_NTF, qnet_nl_put_domain,
			   qn);
	return 0;
}

static void qnet_nl_ask(struct qnet_node *node)
{
	struct sk_buff_head xmitq;

	__skb_queue_head_init(&xmitq);
	local_bh_disable();
	rcu_read_lock();
	qnet_lr_ask(node, &xmitq);
	qnet_dev_xmit(node->qn, &xmitq);
	rcu_read_unlock();
	local_bh_enable();
}

/* Another node than this one. */
static struct qnet_node *qnet_nl_node_other(struct genl_info *info)
{
	struct qnet_node *node = qnet_nl_node(info);

	if (node)
		return node;
	NL_SET_ERR_MSG(info->extack, "that is this node");
	return ERR_PTR(-EINVAL);
}

static int qnet_nl_node_resolve_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct qnet_node *node = qnet_nl_node_other(info);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);

	/* First what was known before, so that an answer makes a difference. */
	err = qnet_nl_reply(info, QNET_CMD_NODE_RESOLVE, qnet_nl_put_node,
			    node);
	if (!err)
		qnet_nl_ask(node);
	qnet_node_put(node);
	return err;
}

static int qnet_nl_node_ping_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct qnet_node *node = qnet_nl_node_other(info);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	err = qnet_node_ping(node);
	if (err == -EHOSTUNREACH)
		NL_SET_ERR_MSG(info->extack, "no bearer leads to the node");
	qnet_node_put(node);
	return qnet_nl_refused(info, err, NULL);
}

void qnet_nl_node_changed(const struct qnet_node *node)
{
	qnet_nl_notify(node->qn->net, QNET_NL_GROUP_NODE, QNET_CMD_NODE_NTF,
		       qnet_nl_put_node_locked, node, GFP_ATOMIC);
}

/* --------------------------------------------------------------------- peer */

static int qnet_nl_put_peer_name(struct sk_buff *skb, const void *obj)
{
	const struct qnet_node *node = obj;

	return nla_put_string(skb, QNET_A_PEER_NAME, node->name) ||
	       nla_put_string(skb, QNET_A_PEER_DOMAIN, node->domain) ||
	       nla_put_u32(skb, QNET_A_PEER_ND, node->nd);
}

static void qnet_nl_peer_get_access(struct qnet_node *node,
				    struct qnet_policy *p)
{
	spin_lock_bh(&node->vcs_lock);
	*p = node->policy;
	spin_unlock_bh(&node->vcs_lock);
}

/* Who its clients are here: attributes in the order of the structure. */
static int qnet_nl_put_access(struct sk_buff *skb, const struct qnet_policy *p)
{
	BUILD_BUG_ON(QNET_A_PEER_VC_RATE - QNET_A_PEER_MAPROOT_UID + 1 !=
		     QNET_POLICY_FIELDS);
	return qnet_nl_put_u32s(skb, QNET_A_PEER_MAPROOT_UID, (const u32 *)p,
				QNET_POLICY_FIELDS);
}

static bool qnet_nl_get_access(struct genl_info *info, struct qnet_policy *p)
{
	return qnet_nl_get_u32s(info, QNET_A_PEER_MAPROOT_UID, (u32 *)p,
				QNET_POLICY_FIELDS);
}

/* What may be changed of it. */
static int qnet_nl_put_peer_set(struct sk_buff *skb, struct qnet_node *node)
{
	char qos[QNET_QOS_MAX];
	struct qnet_policy p;
	u32 budget;

	spin_lock_bh(&node->lock);
	budget = node->budget;
	qnet_path_qos_print(node, qos, sizeof(qos));
	spin_unlock_bh(&node->lock);
	qnet_nl_peer_get_access(node, &p);
	return nla_put_u32(skb, QNET_A_PEER_BUDGET, budget) ||
	       nla_put_string(skb, QNET_A_PEER_QOS, qos) ||
	       qnet_nl_put_access(skb, &p);
}

static int qnet_nl_put_peer(struct sk_buff *skb, const void *obj)
{
	struct qnet_node *node = (struct qnet_node *)obj;
	int err;

	err = node->fixed ?
	      nla_put(skb, QNET_A_PEER_LLADDR, ETH_ALEN, node->mac) :
	      nla_put_flag(skb, QNET_A_PEER_ANY_LLADDR);
	return err || qnet_nl_put_peer_name(skb, node) ||
	       (node->ifindex &&
		nla_put_u32(skb, QNET_A_PEER_IFINDEX, node->ifindex)) ||
	       (READ_ONCE(node->itself) && nla_put_flag(skb, QNET_A_PEER_AUTO)) ||
	       qnet_nl_put_peer_set(skb, node);
}

/* The peer of a request, with a reference. */
static struct qnet_node *qnet_nl_peer(struct genl_info *info, char *full)
{
	struct nlattr *attr = info->attrs[QNET_A_PEER_NAME];

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "no peer given");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QNET_A_PEER_NAME);
		return ERR_PTR(-EINVAL);
	}

	qnet_nl_full_name(full, nla_data(attr),
			  qnet_nl_str(info->attrs[QNET_A_PEER_DOMAIN]));
	return qnet_nl_by_name(info, attr, full);
}

static int qnet_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	char full[QNET_NL_FULL_NAME];
	struct qnet_node *node;
	int err;

	node = qnet_nl_peer(info, full);
	if (IS_ERR(node))
		return PTR_ERR(node);
	err = qnet_nl_reply(info, QNET_CMD_PEER_GET, qnet_nl_put_peer, node);
	qnet_node_put(node);
	return err;
}

static int qnet_nl_peer_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
	int err = qnet_nl_dump_all(cb);

	if (err)
		return err;
	qnet_nl_dump_note(skb, cb);
	return qnet_nl_dump_nodes(skb, cb, QNET_CMD_PEER_GET,
				  qnet_nl_put_peer);
}

/* The address a new peer may have: NULL in @mac is any. */
static int qnet_nl_peer_lladdr(struct genl_info *info, const u8 **mac)
{
	struct nlattr *lladdr = info->attrs[QNET_A_PEER_LLADDR];
	struct nlattr *any = info->attrs[QNET_A_PEER_ANY_LLADDR];

	if (!lladdr == !any) {
		NL_SET_ERR_MSG(info->extack, "give one address, or any");
		if (!lladdr)
			NL_SET_ERR_ATTR_MISS(info->extack, NULL,
					     QNET_A_PEER_LLADDR);
		else
			NL_SET_BAD_ATTR(info->extack, any);
		return -EINVAL;
	}

	*mac = lladdr ? nla_data(lladdr) : NULL;
	if (!lladdr || is_valid_ether_addr(*mac))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, lladdr,
			    "not the address of a single station");
	return -EADDRNOTAVAIL;
}

/* The device a new peer is bound to: 0 in @ifindex is any. */
static int qnet_nl_peer_dev(struct genl_info *info, int *ifindex)
{
	struct nlattr *index = info->attrs[QNET_A_PEER_IFINDEX];
	struct nlattr *name = info->attrs[QNET_A_PEER_IFNAME];
	struct net *net = genl_info_net(info);
	struct net_device *dev;

	*ifindex = 0;
	if (!index && !name)
		return 0;
	if (index && name) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "give ifindex or ifname, not both");
		return -EINVAL;
	}

	rcu_read_lock();
	dev = index ? dev_get_by_index_rcu(net, nla_get_u32(index)) :
		      dev_get_by_name_rcu(net, nla_data(name));
	if (dev)
		*ifindex = dev->ifindex;
	rcu_read_unlock();
	if (dev)
		return 0;

	NL_SET_ERR_MSG_ATTR(info->extack, index ?: name,
			    "no such network device");
	return -ENODEV;
}

/* The budget given, 0 if none was. */
static u32 qnet_nl_peer_budget(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[QNET_A_PEER_BUDGET];

	return attr ? nla_get_u32(attr) : 0;
}

/* What circuits shall ask of the ways, 0 if it was not given; under qn->cfg, so
 * that a bearer that is found is still one when its number is stored.
 */
static int qnet_nl_peer_qos(struct genl_info *info, u16 *qos)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct nlattr *attr = info->attrs[QNET_A_PEER_QOS];
	int err;

	lockdep_assert_held(&qn->cfg);
	*qos = 0;
	if (!attr)
		return 0;
	err = qnet_qos_parse(qn, nla_data(attr), qos);
	if (err == -ENODEV)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the device is not a bearer");
	else if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "neither loadbalance nor preferred:DEV nor exclusive:DEV");
	return err;
}

void qnet_nl_peer_changed(struct qnet_node *node)
{
	qnet_nl_configured(node->qn->net, QNET_CMD_PEER_NTF, qnet_nl_put_peer,
			   node);
}

void qnet_nl_peer_gone(const struct qnet_node *node)
{
	qnet_nl_configured(node->qn->net, QNET_CMD_PEER_DEL_NTF,
			   qnet_nl_put_peer_name, node);
}

static int qnet_nl_peer_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct nlattr *name = info->attrs[QNET_A_PEER_NAME];
	struct qnet_peer_conf conf = {
		.domain = qnet_nl_str(info->attrs[QNET_A_PEER_DOMAIN]),
		.budget = qnet_nl_peer_budget(info),
		.policy = qnet_policy_default,
	};
	struct qnet_node *node;
	int err;

	if (!name) {
		NL_SET_ERR_MSG(info->extack, "no peer given");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QNET_A_PEER_NAME);
		return -EINVAL;
	}
	err = qnet_nl_check_names(info, name,
				  info->attrs[QNET_A_PEER_DOMAIN]);
	if (!err)
		err = qnet_nl_peer_lladdr(info, &conf.mac);
	if (!err)
		err = qnet_nl_peer_dev(info, &conf.ifindex);
	if (err)
		return err;

	conf.name = nla_data(name);
	qnet_nl_get_access(info, &conf.policy);
	mutex_lock(&qn->cfg);
	err = qnet_nl_peer_qos(info, &conf.qos);
	node = err ? ERR_PTR(err) : qnet_peer_add(qn, &conf, info->extack);
	if (!IS_ERR(node))
		qnet_nl_peer_changed(node);
	mutex_unlock(&qn->cfg);
	if (IS_ERR(node))
		return qnet_nl_refused(info, PTR_ERR(node), name);

	qnet_node_put(node);
	return 0;
}

/* Changes a peer, which is returned with a reference. */
static struct qnet_node *qnet_nl_peer_set(struct genl_info *info)
{
	char full[QNET_NL_FULL_NAME];
	struct qnet_policy p;
	struct qnet_node *node;
	u16 qos;
	int err;

	node = qnet_nl_peer(info, full);
	if (IS_ERR(node))
		return node;
	err = qnet_nl_peer_qos(info, &qos);
	if (err) {
		qnet_node_put(node);
		return ERR_PTR(err);
	}
	qnet_nl_peer_get_access(node, &p);
	qnet_nl_get_access(info, &p);
	qnet_peer_set(node, qnet_nl_peer_budget(info), qos, &p);
	return node;
}

static int qnet_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct qnet_policy unused;
	struct qnet_node *node;

	if (!info->attrs[QNET_A_PEER_BUDGET] && !info->attrs[QNET_A_PEER_QOS] &&
	    !qnet_nl_get_access(info, &unused)) {
		NL_SET_ERR_MSG(info->extack, "nothing to set given");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QNET_A_PEER_BUDGET);
		return -EINVAL;
	}

	mutex_lock(&qn->cfg);
	node = qnet_nl_peer_set(info);
	if (!IS_ERR(node))
		qnet_nl_peer_changed(node);
	mutex_unlock(&qn->cfg);
	if (IS_ERR(node))
		return PTR_ERR(node);

	qnet_node_put(node);
	return 0;
}

static int qnet_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	char full[QNET_NL_FULL_NAME];
	struct qnet_node *node;

	mutex_lock(&qn->cfg);
	node = qnet_nl_peer(info, full);
	if (!IS_ERR(node)) {
		qnet_peer_remove(qn, node);
		qnet_nl_peer_gone(node);
	}
	mutex_unlock(&qn->cfg);
	if (IS_ERR(node))
		return PTR_ERR(node);

	qnet_node_put(node);
	return 0;
}

/* ----------------------------------------------------------------------- vc */

/**
 * struct qnet_nl_vc_dump - one call of the dump of circuits
 * @skb:   the answer
 * @cb:    the dump
 * @tb:    what the request selects, by attribute
 * @admin: the reader may see the processes of other users
 */
struct qnet_nl_vc_dump {
	struct sk_buff		*skb;
	struct netlink_callback	*cb;
	struct nlattr		*tb[QNET_A_VC_UID + 1];
	bool			admin;
};

/* One circuit to be put, and what may be told of it. */
struct qnet_nl_vc {
	const struct qnet_vc_info *i;
	bool			pids;
};

static int qnet_nl_put_vc_node(struct sk_buff *skb,
			       const struct qnet_node *node)
{
	char full[QNET_NL_FULL_NAME];

	qnet_nl_full_name(full, node->name, node->domain);
	return nla_put_string(skb, QNET_A_VC_NODE, full);
}

static int qnet_nl_put_vc_counts(struct sk_buff *skb,
				 const struct qnet_vc_info *i)
{
	return nla_put_u64_64bit(skb, QNET_A_VC_IDLE_MS, i->idle_ms,
				 QNET_A_VC_PAD) ||
	       nla_put_u64_64bit(skb, QNET_A_VC_TX_MSGS, i->tx_msgs,
				 QNET_A_VC_PAD) ||
	       nla_put_u64_64bit(skb, QNET_A_VC_RX_MSGS, i->rx_msgs,
				 QNET_A_VC_PAD);
}

static int qnet_nl_put_vc_pids(struct sk_buff *skb,
			       const struct qnet_vc_info *i)
{
	return nla_put_s32(skb, QNET_A_VC_LOCAL_PID, i->local_pid) ||
	       nla_put_s32(skb, QNET_A_VC_REMOTE_PID, i->remote_pid);
}

/* What says nothing of the processes at its ends. */
static int qnet_nl_put_vc_itself(struct sk_buff *skb,
				 const struct qnet_vc_info *i)
{
	return nla_put_u32(skb, QNET_A_VC_ID, i->id) ||
	       nla_put_u32(skb, QNET_A_VC_ND, i->nd) ||
	       qnet_nl_put_vc_node(skb, i->node) ||
	       nla_put_s32(skb, QNET_A_VC_CHID, i->chid) ||
	       nla_put_s32(skb, QNET_A_VC_SCOID, i->scoid) ||
	       nla_put_u32(skb, QNET_A_VC_SIDE, i->side) ||
	       nla_put_u32(skb, QNET_A_VC_STATE, i->state) ||
	       nla_put_u32(skb, QNET_A_VC_SHARES, i->shares) ||
	       nla_put_u32(skb, QNET_A_VC_BUFFER, i->buffer) ||
	       qnet_nl_put_vc_counts(skb, i);
}

static int qnet_nl_put_vc(struct sk_buff *skb, const void *obj)
{
	const struct qnet_nl_vc *vc = obj;

	return qnet_nl_put_vc_itself(skb, vc->i) ||
	       nla_put_u32(skb, QNET_A_VC_UID, vc->i->uid) ||
	       (vc->pids && qnet_nl_put_vc_pids(skb, vc->i));
}

/* For a group: what vc-get does not tell everybody is left out. */
static int qnet_nl_put_vc_for_all(struct sk_buff *skb, const void *obj)
{
	struct qnet_vc_info i;

	qnet_vc_describe((struct qnet_vc *)obj, &i);
	return qnet_nl_put_vc_itself(skb, &i);
}

static bool qnet_nl_wants(const struct nlattr *attr, u32 value)
{
	return !attr || nla_get_u32(attr) == value;
}

/* A circuit whose processes are hidden is not found by their number either. */
static bool qnet_nl_vc_wanted(const struct qnet_nl_vc_dump *d,
			      const struct qnet_vc_info *i, bool pids)
{
	return qnet_nl_wants(d->tb[QNET_A_VC_ID], i->id) &&
	       qnet_nl_wants(d->tb[QNET_A_VC_ND], i->nd) &&
	       qnet_nl_wants(d->tb[QNET_A_VC_STATE], i->state) &&
	       qnet_nl_wants(d->tb[QNET_A_VC_UID], i->uid) &&
	       qnet_nl_wants(d->tb[QNET_A_VC_LOCAL_PID],
			     pids ? i->local_pid : 0);
}

/* Called by qnet_vc_walk(). */
static int qnet_nl_vc_one(const struct qnet_vc_info *i, void *arg)
{
	struct qnet_nl_vc_dump *d = arg;
	struct qnet_nl_vc vc = { .i = i };

	vc.pids = d->admin || uid_eq(i->owner, current_euid());
	if (!qnet_nl_vc_wanted(d, i, vc.pids))
		return 0;
	return qnet_nl_dump_one(d->skb, d->cb, QNET_CMD_VC_GET, qnet_nl_put_vc,
				&vc);
}

/* Beyond what NLA_POLICY_MAX() can say.  Not const for the sake of 6.1. */
static struct netlink_range_validation qnet_nl_nd_range = {
	.max = QNET_ND_MASK,
};

#define QNET_NL_POLICY_ND	NLA_POLICY_FULL_RANGE(NLA_U32, \
						      &qnet_nl_nd_range)

static const struct nla_policy qnet_nl_vc_get_policy[QNET_A_VC_UID + 1] = {
	[QNET_A_VC_ID]		= { .type = NLA_U32 },
	[QNET_A_VC_ND]		= QNET_NL_POLICY_ND,
	[QNET_A_VC_LOCAL_PID]	= NLA_POLICY_MIN(NLA_S32, 1),
	[QNET_A_VC_STATE]	= NLA_POLICY_MAX(NLA_U32, 3),
	[QNET_A_VC_UID]		= { .type = NLA_U32 },
};

static int qnet_nl_vc_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct qnet_nl_vc_dump d = { .skb = skb, .cb = cb };
	u64 *pos = (u64 *)cb->ctx;
	int err;

	BUILD_BUG_ON(sizeof(*pos) > sizeof(cb->ctx));

	err = qnet_nl_dump_parse(cb, d.tb, QNET_A_VC_UID,
				 qnet_nl_vc_get_policy);
	if (err)
		return err;
	d.admin = netlink_ns_capable(cb->skb, net->user_ns, CAP_NET_ADMIN);
	qnet_gen_note(cb, &qnet_net(net)->gen.vcs);
	err = qnet_vc_walk(qnet_net(net), pos, qnet_nl_vc_one, &d);
	qnet_gen_note(cb, &qnet_net(net)->gen.vcs);
	return qnet_nl_dump_result(skb, err);
}

/* The circuit of a request, with a reference. */
static struct qnet_vc *qnet_nl_vc(struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct nlattr *id = info->attrs[QNET_A_VC_ID];
	struct nlattr *nd = info->attrs[QNET_A_VC_ND];
	struct nlattr *side = info->attrs[QNET_A_VC_SIDE];
	struct qnet_vc *vc = NULL;
	struct qnet_node *node;

	if (!id || !nd || !side) {
		NL_SET_ERR_MSG(info->extack, "give a circuit's id and side, and its node's nd");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, !id ? QNET_A_VC_ID :
				     !nd ? QNET_A_VC_ND : QNET_A_VC_SIDE);
		return ERR_PTR(-EINVAL);
	}
	node = qnet_node_find(qn, nla_get_u32(nd));
	if (node) {
		vc = qnet_vc_find(node, nla_get_u32(id), nla_get_u32(side));
		qnet_node_put(node);
	}
	if (vc)
		return vc;
	NL_SET_ERR_MSG_ATTR(info->extack, node ? id : nd,
			    "no such circuit with another node");
	return ERR_PTR(-ENOENT);
}

static int qnet_nl_vc_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct qnet_vc *vc = qnet_nl_vc(info);

	if (IS_ERR(vc))
		return PTR_ERR(vc);
	qnet_kif_end(vc, -ESRCH, !info->attrs[QNET_A_VC_QUIET]);
	qnet_vc_put(vc);
	return 0;
}

void qnet_nl_vc_changed(struct qnet_vc *vc)
{
	qnet_nl_notify(vc->qn->net, QNET_NL_GROUP_VC, QNET_CMD_VC_NTF,
		       qnet_nl_put_vc_for_all, vc, GFP_ATOMIC);
}

/* -------------------------------------------------------------------- stats */

/* One counter. */
struct qnet_nl_stat {
	const char	*name;
	u64		value;
};

static int qnet_nl_put_stat(struct sk_buff *skb, const void *obj)
{
	const struct qnet_nl_stat *s = obj;

	return nla_put_string(skb, QNET_A_STATS_NAME, s->name) ||
	       nla_put_u64_64bit(skb, QNET_A_STATS_VALUE, s->value,
				 QNET_A_STATS_PAD);
}

static int qnet_nl_stats_get_dumpit(struct sk_buff *skb,
				    struct netlink_callback *cb)
{
	struct qnet_net *qn = qnet_net(sock_net(skb->sk));
	struct qnet_nl_stat s;
	int err;

	err = qnet_nl_dump_all(cb);
	if (err)
		return err;
	/* Item 0 would count frames refused for no reason. */
	if (!cb->args[0])
		cb->args[0] = QNET_MIB_BAD + 1;
	for (; cb->args[0] < QNET_MIB_ITEMS; cb->args[0]++) {
		s.name = qnet_mib_names[cb->args[0]];
		s.value = qnet_mib_read(qn->mib, cb->args[0]);
		err = qnet_nl_dump_one(skb, cb, QNET_CMD_STATS_GET,
				       qnet_nl_put_stat, &s);
		if (err)
			break;
	}
	return qnet_nl_dump_result(skb, err);
}

/* --------------------------------------------------------------------- link */

struct qnet_nl_link {
	struct qnet_node	*node;
	u8			way;
};

static int qnet_nl_put_link_counts(struct sk_buff *skb,
				   const struct qnet_node *node, u8 way)
{
	const struct qnet_l4_route *r = &node->route;
	const struct qnet_node_path *p = &node->path[way];

	return nla_put_u32(skb, QNET_A_LINK_WINDOW, node->tx.cwnd) ||
	       nla_put_u32(skb, QNET_A_LINK_FLIGHT, node->tx.frames) ||
	       nla_put_u32(skb, QNET_A_LINK_FAILURES, p->failed) ||
	       nla_put_u64_64bit(skb, QNET_A_LINK_TX_FRAMES, r->sent[way],
				 QNET_A_LINK_PAD) ||
	       nla_put_u64_64bit(skb, QNET_A_LINK_TX_RETRANS, r->again[way],
				 QNET_A_LINK_PAD) ||
	       nla_put_u64_64bit(skb, QNET_A_LINK_RX_FRAMES, p->rx,
				 QNET_A_LINK_PAD) ||
	       nla_put_u32(skb, QNET_A_LINK_ANSWERS, p->answers) ||
	       (p->answers &&
		nla_put_u32(skb, QNET_A_LINK_LAST_RTT_US, p->last));
}

static int qnet_nl_put_link(struct sk_buff *skb, const void *obj)
{
	const struct qnet_nl_link *l = obj;
	const struct qnet_node_path *p = &l->node->path[l->way];
	char full[QNET_NL_FULL_NAME];

	qnet_nl_full_name(full, l->node->name, l->node->domain);
	return nla_put_u32(skb, QNET_A_LINK_ND, l->node->nd) ||
	       nla_put_string(skb, QNET_A_LINK_NODE, full) ||
	       nla_put_u32(skb, QNET_A_LINK_IFINDEX, p->b->dev->ifindex) ||
	       nla_put(skb, QNET_A_LINK_LLADDR, ETH_ALEN, p->mac) ||
	       nla_put_u32(skb, QNET_A_LINK_ACTIVE, p->up) ||
	       (p->rtt && nla_put_u32(skb, QNET_A_LINK_RTT_US, p->rtt >> 3)) ||
	       qnet_nl_put_link_counts(skb, l->node, l->way);
}

/* The ways to one node, from number cb->args[1] on. */
static int qnet_nl_dump_links(struct sk_buff *skb, struct netlink_callback *cb,
			      struct qnet_node *node)
{
	struct qnet_nl_link l = { .node = node };
	int err = 0;

	spin_lock_bh(&node->lock);
	for (l.way = cb->args[1]; l.way < QNET_L4_WAYS && !err; l.way++) {
		if (!node->path[l.way].b)
			continue;
		err = qnet_nl_dump_one(skb, cb, QNET_CMD_LINK_GET,
				       qnet_nl_put_link, &l);
		if (!err)
			cb->args[1] = l.way + 1;
	}
	spin_unlock_bh(&node->lock);
	return err;
}

static const struct nla_policy
qnet_nl_link_get_policy[QNET_A_LINK_ND + 1] = {
	[QNET_A_LINK_ND]	= QNET_NL_POLICY_ND,
};

static int qnet_nl_link_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
	struct qnet_net *qn = qnet_net(sock_net(skb->sk));
	struct nlattr *tb[QNET_A_LINK_ND + 1];
	struct qnet_node *node;
	struct nlattr *attr;
	unsigned long nd;
	int err;

	err = qnet_nl_dump_parse(cb, tb, QNET_A_LINK_ND,
				 qnet_nl_link_get_policy);
	if (err)
		return err;
	attr = tb[QNET_A_LINK_ND];
	qnet_nl_dump_note(skb, cb);
	rcu_read_lock();
	xa_for_each_start(&qn->nodes, nd, node, cb->args[0]) {
		/* The one that the last part ended with may be gone. */
		if (nd != cb->args[0]) {
			cb->args[0] = nd;
			cb->args[1] = 0;
		}
		if (!attr || nla_get_u32(attr) == nd)
			err = qnet_nl_dump_links(skb, cb, node);
		if (err)
			break;
		cb->args[0] = nd + 1;
		cb->args[1] = 0;
	}
	rcu_read_unlock();
	qnet_nl_dump_note(skb, cb);
	return qnet_nl_dump_result(skb, err);
}

void qnet_nl_link_changed(struct qnet_node *node, u8 way)
{
	struct qnet_nl_link l = { .node = node, .way = way };

	qnet_nl_notify(node->qn->net, QNET_NL_GROUP_LINK, QNET_CMD_LINK_NTF,
		       qnet_nl_put_link, &l, GFP_ATOMIC);
}

/* ----------------------------------------------------------------- watchdog */

/* The parameters are told in this order. */
static_assert(offsetof(struct qnet_wd_conf, num_qpkts) ==
	      (QNET_A_WATCHDOG_NUM_QPKTS - QNET_A_WATCHDOG_POLL_PERIOD) *
	      sizeof(u32));
static_assert(QNET_WATCHDOG_OWN_NUM_QPKTS ==
	      BIT(QNET_A_WATCHDOG_NUM_QPKTS - QNET_A_WATCHDOG_POLL_PERIOD));

static int qnet_nl_put_wd_conf(struct sk_buff *skb,
			       const struct qnet_wd_conf *conf)
{
	return qnet_nl_put_u32s(skb, QNET_A_WATCHDOG_POLL_PERIOD,
				(const u32 *)conf, QNET_WD_FIELDS) ||
	       nla_put_u32(skb, QNET_A_WATCHDOG_WORST, qnet_wd_worst(conf));
}

static int qnet_nl_put_watchdogs(struct sk_buff *skb, const void *obj)
{
	struct qnet_net *qn = (struct qnet_net *)obj;
	struct qnet_wd_conf conf;

	mutex_lock(&qn->cfg);
	conf = qn->wd;
	mutex_unlock(&qn->cfg);
	return qnet_nl_put_wd_conf(skb, &conf);
}

static u32 qnet_nl_wd_own(const struct qnet_wd_conf *own)
{
	const u32 *value = (const u32 *)own;
	u32 bits = 0, i;

	for (i = 0; i < QNET_WD_FIELDS; i++)
		if (value[i] != QNET_WD_UNSET)
			bits |= BIT(i);
	return bits;
}

static int qnet_nl_put_watchdog(struct sk_buff *skb, const void *obj)
{
	struct qnet_node *node = (struct qnet_node *)obj;
	struct qnet_wd wd;

	spin_lock_bh(&node->lock);
	wd = node->wd;
	spin_unlock_bh(&node->lock);
	return nla_put_string(skb, QNET_A_WATCHDOG_NAME, node->name) ||
	       nla_put_string(skb, QNET_A_WATCHDOG_DOMAIN, node->domain) ||
	       nla_put_u32(skb, QNET_A_WATCHDOG_ND, node->nd) ||
	       nla_put_u32(skb, QNET_A_WATCHDOG_OWN, qnet_nl_wd_own(&wd.own)) ||
	       qnet_nl_put_wd_conf(skb, &wd.conf);
}

/* The node of a request, with a reference; NULL stands for all of them. */
static struct qnet_node *qnet_nl_wd_node(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[QNET_A_WATCHDOG_NAME];
	char full[QNET_NL_FULL_NAME];

	if (!attr && info->attrs[QNET_A_WATCHDOG_DOMAIN]) {
		NL_SET_ERR_MSG(info->extack, "a domain without a name");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, QNET_A_WATCHDOG_NAME);
		return ERR_PTR(-EINVAL);
	}
	if (!attr)
		return NULL;
	qnet_nl_full_name(full, nla_data(attr),
			  qnet_nl_str(info->attrs[QNET_A_WATCHDOG_DOMAIN]));
	return qnet_nl_by_name(info, attr, full);
}

static int qnet_nl_watchdog_get_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct qnet_node *node = qnet_nl_wd_node(info);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	if (!node)
		return qnet_nl_reply(info, QNET_CMD_WATCHDOG_GET,
				     qnet_nl_put_watchdogs,
				     qnet_net(genl_info_net(info)));
	err = qnet_nl_reply(info, QNET_CMD_WATCHDOG_GET, qnet_nl_put_watchdog,
			    node);
	qnet_node_put(node);
	return err;
}

static int qnet_nl_watchdog_get_dumpit(struct sk_buff *skb,
				       struct netlink_callback *cb)
{
	int err;

	err = qnet_nl_dump_all(cb);
	if (err)
		return err;
	qnet_nl_dump_note(skb, cb);
	if (!cb->args[0]) {
		err = qnet_nl_dump_one(skb, cb, QNET_CMD_WATCHDOG_GET,
				       qnet_nl_put_watchdogs,
				       qnet_net(sock_net(skb->sk)));
		if (err)
			return err;
		cb->args[0] = 1;
	}
	return qnet_nl_dump_nodes(skb, cb, QNET_CMD_WATCHDOG_GET,
				  qnet_nl_put_watchdog);
}

static int qnet_nl_wd_set(struct genl_info *info, struct qnet_node *node)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct nlattr *inherit = info->attrs[QNET_A_WATCHDOG_INHERIT];
	struct qnet_wd_conf conf = node ? node->wd.own : qn->wd;

	lockdep_assert_held(&qn->cfg);
	if (inherit && !node) {
		NL_SET_ERR_MSG_ATTR(info->extack, inherit,
				    "inherit is for the watchdog of one node");
		return -EINVAL;
	}
	if (inherit)
		memset32((u32 *)&conf, QNET_WD_UNSET, QNET_WD_FIELDS);
	if (!qnet_nl_get_u32s(info, QNET_A_WATCHDOG_POLL_PERIOD, (u32 *)&conf,
			      QNET_WD_FIELDS) && !inherit) {
		NL_SET_ERR_MSG(info->extack, "nothing to set given");
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     QNET_A_WATCHDOG_POLL_PERIOD);
		return -EINVAL;
	}
	if (conf.max_idle_time && conf.max_idle_time < QNET_WD_TIME_MIN) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[QNET_A_WATCHDOG_MAX_IDLE_TIME],
				    "neither 0 nor at least a tenth of a second");
		return -ERANGE;
	}
	if (node)
		qnet_node_set_watchdog(node, &conf);
	else
		qnet_node_set_watchdogs(qn, &conf);
	return 0;
}

static int qnet_nl_watchdog_set_doit(struct sk_buff *skb,
				     struct genl_info *info)
{
	struct qnet_net *qn = qnet_net(genl_info_net(info));
	struct qnet_node *node;
	int err;

	mutex_lock(&qn->cfg);
	node = qnet_nl_wd_node(info);
	err = PTR_ERR_OR_ZERO(node) ?: qnet_nl_wd_set(info, node);
	mutex_unlock(&qn->cfg);
	if (!err && node)
		qnet_nl_configured(qn->net, QNET_CMD_WATCHDOG_NTF,
				   qnet_nl_put_watchdog, node);
	else if (!err)
		qnet_nl_configured(qn->net, QNET_CMD_WATCHDOG_NTF,
				   qnet_nl_put_watchdogs, qn);
	if (!IS_ERR_OR_NULL(node))
		qnet_node_put(node);
	return err;
}

/* ------------------------------------------------------------------ channel */

/**
 * struct qnet_nl_chan_dump - one call of the dump of channels
 * @skb:   the answer
 * @cb:    the dump
 * @tb:    what is asked for
 * @euid:  of who asks
 * @ns:    in which users are numbered for him
 * @admin: he may see all
 */
struct qnet_nl_chan_dump {
	struct sk_buff		*skb;
	struct netlink_callback	*cb;
	struct nlattr		*tb[QNET_A_CHANNEL_UID + 1];
	kuid_t			euid;
	struct user_namespace	*ns;
	bool			admin;
};

/* What is told of a channel; @pid: 0 is hidden. */
struct qnet_nl_chan {
	s32	pid;
	s32	chid;
	u32	uid;
	u32	flags;
	u32	pulses;
	u64	inode;
};

static int qnet_nl_put_chan(struct sk_buff *skb, const void *obj)
{
	const struct qnet_nl_chan *c = obj;

	return (c->pid && nla_put_s32(skb, QNET_A_CHANNEL_PID, c->pid)) ||
	       nla_put_s32(skb, QNET_A_CHANNEL_CHID, c->chid) ||
	       nla_put_u32(skb, QNET_A_CHANNEL_UID, c->uid) ||
	       nla_put_u32(skb, QNET_A_CHANNEL_FLAGS, c->flags) ||
	       nla_put_u32(skb, QNET_A_CHANNEL_PULSES, c->pulses) ||
	       nla_put_u64_64bit(skb, QNET_A_CHANNEL_INODE, c->inode,
				 QNET_A_CHANNEL_PAD);
}

static bool qnet_nl_chan_wanted(const struct qnet_nl_chan_dump *d,
				const struct qnet_nl_chan *c)
{
	return qnet_nl_wants(d->tb[QNET_A_CHANNEL_PID], c->pid) &&
	       qnet_nl_wants(d->tb[QNET_A_CHANNEL_CHID], c->chid) &&
	       qnet_nl_wants(d->tb[QNET_A_CHANNEL_UID], c->uid);
}

/* Under RCU. */
static int qnet_nl_chan_one(struct qnet_nl_chan_dump *d, struct qnet_sock *qs)
{
	/* Pairs with smp_store_release() in qnet_bind_locked(). */
	struct qnet_chan *chan = smp_load_acquire(&qs->chan);
	kuid_t owner = READ_ONCE(qs->sk.sk_uid);
	struct qnet_nl_chan c;

	if (!chan || READ_ONCE(chan->dead))
		return 0;
	c.pid = d->admin || uid_eq(owner, d->euid) ? chan->proc->nr : 0;
	c.chid = chan->chid;
	c.uid = from_kuid_munged(d->ns, owner);
	c.flags = chan->flags;
	c.pulses = qnet_chan_nr_pulses(chan);
	c.inode = sock_i_ino(&qs->sk);
	if (!qnet_nl_chan_wanted(d, &c))
		return 0;
	return qnet_nl_dump_one(d->skb, d->cb, QNET_CMD_CHANNEL_GET,
				qnet_nl_put_chan, &c);
}

static const struct nla_policy
qnet_nl_channel_get_policy[QNET_A_CHANNEL_UID + 1] = {
	[QNET_A_CHANNEL_PID]	= NLA_POLICY_MIN(NLA_S32, 1),
	[QNET_A_CHANNEL_CHID]	= NLA_POLICY_MIN(NLA_S32, 1),
	[QNET_A_CHANNEL_UID]	= { .type = NLA_U32 },
};

static int qnet_nl_channel_get_dumpit(struct sk_buff *skb,
				      struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct qnet_nl_chan_dump d = {
		.skb	= skb,
		.cb	= cb,
		.euid	= current_euid(),
		.ns	= current_user_ns(),
		.admin	= netlink_ns_capable(cb->skb, net->user_ns,
					     CAP_NET_ADMIN),
	};
	struct qnet_sock *qs;
	unsigned long n;
	int err;

	err = qnet_nl_dump_parse(cb, d.tb, QNET_A_CHANNEL_UID,
				 qnet_nl_channel_get_policy);
	if (err)
		return err;
	qnet_gen_note(cb, &qnet_net(net)->gen.socks);
	rcu_read_lock();
	xa_for_each_start(&qnet_net(net)->socks, n, qs, cb->args[0]) {
		cb->args[0] = n;
		err = qnet_nl_chan_one(&d, qs);
		if (err)
			break;
		cb->args[0]++;
		qnet_resched_rcu();
	}
	rcu_read_unlock();
	qnet_gen_note(cb, &qnet_net(net)->gen.socks);
	return qnet_nl_dump_result(skb, err);
}

/* --------------------------------------------------------------------- name */

/**
 * struct qnet_nl_name_dump - one call of the dump of names
 * @skb:  the answer
 * @cb:   the dump
 * @name: the one asked for, or NULL
 */
struct qnet_nl_name_dump {
	struct sk_buff		*skb;
	struct netlink_callback	*cb;
	const char		*name;
};

static int qnet_nl_put_name(struct sk_buff *skb, const void *obj)
{
	const struct qnet_name_info *i = obj;

	return nla_put_string(skb, QNET_A_NAME_NAME, i->name) ||
	       nla_put_s32(skb, QNET_A_NAME_PID, i->pid) ||
	       nla_put_s32(skb, QNET_A_NAME_CHID, i->chid) ||
	       nla_put_u32(skb, QNET_A_NAME_UID, i->uid);
}

/* Called by qnet_name_walk(): must not sleep. */
static int qnet_nl_name_one(const struct qnet_name_info *i, void *arg)
{
	struct qnet_nl_name_dump *d = arg;

	if (d->name && strcmp(d->name, i->name))
		return 0;
	return qnet_nl_dump_one(d->skb, d->cb, QNET_CMD_NAME_GET,
				qnet_nl_put_name, i);
}

#define QNET_NL_POLICY_SERVICE	{ .type = NLA_NUL_STRING, \
				  .len = QNET_NAME_MAX - 1 }

static const struct nla_policy
qnet_nl_name_get_policy[QNET_A_NAME_NAME + 1] = {
	[QNET_A_NAME_NAME]	= QNET_NL_POLICY_SERVICE,
};

static int qnet_nl_name_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
	struct qnet_net *qn = qnet_net(sock_net(skb->sk));
	struct qnet_nl_name_dump d = { .skb = skb, .cb = cb };
	struct nlattr *tb[QNET_A_NAME_NAME + 1];
	u64 *pos = (u64 *)cb->ctx;
	int err;

	err = qnet_nl_dump_parse(cb, tb, QNET_A_NAME_NAME,
				 qnet_nl_name_get_policy);
	if (err)
		return err;
	if (tb[QNET_A_NAME_NAME])
		d.name = nla_data(tb[QNET_A_NAME_NAME]);
	qnet_gen_note(cb, &qn->gen.names);
	err = qnet_name_walk(qn, pos, qnet_nl_name_one, &d);
	qnet_gen_note(cb, &qn->gen.names);
	return qnet_nl_dump_result(skb, err);
}

void qnet_nl_name_changed(struct qnet_net *qn, const struct qnet_name_info *i,
			  bool there)
{
	qnet_nl_notify(qn->net, QNET_NL_GROUP_NAME,
		       there ? QNET_CMD_NAME_NTF : QNET_CMD_NAME_DEL_NTF,
		       qnet_nl_put_name, i, GFP_ATOMIC);
}

/* --------------------------------------------------- policies and operations */

#define QNET_NL_POLICY_NAME	{ .type = NLA_NUL_STRING, \
				  .len = QNET_NODE_NAME_MAX - 1 }
#define QNET_NL_POLICY_IFNAME	{ .type = NLA_NUL_STRING, \
				  .len = IFNAMSIZ - 1 }
#define QNET_NL_POLICY_IFINDEX	NLA_POLICY_MIN(NLA_U32, 1)

static struct netlink_range_validation qnet_nl_budget_range = {
	.min = QNET_NODE_BUDGET_MIN,
	.max = QNET_NODE_BUDGET_MAX,
};

#define QNET_NL_POLICY_BUDGET	NLA_POLICY_FULL_RANGE(NLA_U32, \
						      &qnet_nl_budget_range)
#define QNET_NL_POLICY_QOS	{ .type = NLA_NUL_STRING, \
				  .len = QNET_QOS_MAX - 1 }

static struct netlink_range_validation qnet_nl_max_vcs_range = {
	.max = QNET_POLICY_VCS_MAX,
};

static struct netlink_range_validation qnet_nl_vc_rate_range = {
	.max = QNET_POLICY_RATE_MAX,
};

#define QNET_NL_POLICY_MAX_VCS	NLA_POLICY_FULL_RANGE(NLA_U32, \
						      &qnet_nl_max_vcs_range)
#define QNET_NL_POLICY_VC_RATE	NLA_POLICY_FULL_RANGE(NLA_U32, \
						      &qnet_nl_vc_rate_range)

static const struct nla_policy
qnet_nl_domain_set_policy[QNET_A_DOMAIN_TRUST + 1] = {
	[QNET_A_DOMAIN_BUDGET]	= QNET_NL_POLICY_BUDGET,
	[QNET_A_DOMAIN_UNPRIVILEGED] = NLA_POLICY_MAX(NLA_U32, 1),
	[QNET_A_DOMAIN_TRUST]	= NLA_POLICY_MAX(NLA_U32, 1),
};

static const struct nla_policy
qnet_nl_bearer_get_policy[QNET_A_BEARER_IFNAME + 1] = {
	[QNET_A_BEARER_IFINDEX]	= QNET_NL_POLICY_IFINDEX,
	[QNET_A_BEARER_IFNAME]	= QNET_NL_POLICY_IFNAME,
};

static const struct nla_policy
qnet_nl_bearer_new_policy[QNET_A_BEARER_CRC + 1] = {
	[QNET_A_BEARER_IFINDEX]	= QNET_NL_POLICY_IFINDEX,
	[QNET_A_BEARER_IFNAME]	= QNET_NL_POLICY_IFNAME,
	[QNET_A_BEARER_CRC]	= NLA_POLICY_MAX(NLA_U32, 1),
};

static const struct nla_policy
qnet_nl_bearer_del_policy[QNET_A_BEARER_IFNAME + 1] = {
	[QNET_A_BEARER_IFINDEX]	= QNET_NL_POLICY_IFINDEX,
	[QNET_A_BEARER_IFNAME]	= QNET_NL_POLICY_IFNAME,
};

static const struct nla_policy
qnet_nl_node_get_policy[QNET_A_NODE_DOMAIN + 1] = {
	[QNET_A_NODE_ND]	= QNET_NL_POLICY_ND,
	[QNET_A_NODE_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_NODE_DOMAIN]	= QNET_NL_POLICY_NAME,
};

static const struct nla_policy
qnet_nl_node_set_self_policy[QNET_A_NODE_DOMAIN + 1] = {
	[QNET_A_NODE_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_NODE_DOMAIN]	= QNET_NL_POLICY_NAME,
};

static const struct nla_policy
qnet_nl_node_resolve_policy[QNET_A_NODE_DOMAIN + 1] = {
	[QNET_A_NODE_ND]	= QNET_NL_POLICY_ND,
	[QNET_A_NODE_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_NODE_DOMAIN]	= QNET_NL_POLICY_NAME,
};

static const struct nla_policy
qnet_nl_node_ping_policy[QNET_A_NODE_DOMAIN + 1] = {
	[QNET_A_NODE_ND]	= QNET_NL_POLICY_ND,
	[QNET_A_NODE_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_NODE_DOMAIN]	= QNET_NL_POLICY_NAME,
};

static const struct nla_policy
qnet_nl_peer_get_policy[QNET_A_PEER_DOMAIN + 1] = {
	[QNET_A_PEER_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_PEER_DOMAIN]	= QNET_NL_POLICY_NAME,
};

static const struct nla_policy
qnet_nl_peer_new_policy[QNET_A_PEER_VC_RATE + 1] = {
	[QNET_A_PEER_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_PEER_DOMAIN]	= QNET_NL_POLICY_NAME,
	[QNET_A_PEER_LLADDR]	= NLA_POLICY_ETH_ADDR,
	[QNET_A_PEER_ANY_LLADDR] = { .type = NLA_FLAG },
	[QNET_A_PEER_IFINDEX]	= QNET_NL_POLICY_IFINDEX,
	[QNET_A_PEER_IFNAME]	= QNET_NL_POLICY_IFNAME,
	[QNET_A_PEER_BUDGET]	= QNET_NL_POLICY_BUDGET,
	[QNET_A_PEER_QOS]	= QNET_NL_POLICY_QOS,
	[QNET_A_PEER_MAPROOT_UID] = { .type = NLA_U32 },
	[QNET_A_PEER_MAPROOT_GID] = { .type = NLA_U32 },
	[QNET_A_PEER_MAPANY_UID] = { .type = NLA_U32 },
	[QNET_A_PEER_MAPANY_GID] = { .type = NLA_U32 },
	[QNET_A_PEER_MIN_UID]	= { .type = NLA_U32 },
	[QNET_A_PEER_MAX_VCS]	= QNET_NL_POLICY_MAX_VCS,
	[QNET_A_PEER_VC_RATE]	= QNET_NL_POLICY_VC_RATE,
};

static const struct nla_policy
qnet_nl_peer_set_policy[QNET_A_PEER_VC_RATE + 1] = {
	[QNET_A_PEER_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_PEER_DOMAIN]	= QNET_NL_POLICY_NAME,
	[QNET_A_PEER_BUDGET]	= QNET_NL_POLICY_BUDGET,
	[QNET_A_PEER_QOS]	= QNET_NL_POLICY_QOS,
	[QNET_A_PEER_MAPROOT_UID] = { .type = NLA_U32 },
	[QNET_A_PEER_MAPROOT_GID] = { .type = NLA_U32 },
	[QNET_A_PEER_MAPANY_UID] = { .type = NLA_U32 },
	[QNET_A_PEER_MAPANY_GID] = { .type = NLA_U32 },
	[QNET_A_PEER_MIN_UID]	= { .type = NLA_U32 },
	[QNET_A_PEER_MAX_VCS]	= QNET_NL_POLICY_MAX_VCS,
	[QNET_A_PEER_VC_RATE]	= QNET_NL_POLICY_VC_RATE,
};

static const struct nla_policy
qnet_nl_peer_del_policy[QNET_A_PEER_DOMAIN + 1] = {
	[QNET_A_PEER_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_PEER_DOMAIN]	= QNET_NL_POLICY_NAME,
};

static const struct nla_policy
qnet_nl_watchdog_get_policy[QNET_A_WATCHDOG_DOMAIN + 1] = {
	[QNET_A_WATCHDOG_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_WATCHDOG_DOMAIN] = QNET_NL_POLICY_NAME,
};

static struct netlink_range_validation qnet_nl_wd_time_range = {
	.min = QNET_WD_TIME_MIN,
	.max = QNET_WD_TIME_MAX,
};

static struct netlink_range_validation qnet_nl_wd_max_idle_range = {
	.max = QNET_WD_MAX_IDLE_MAX,
};

#define QNET_NL_POLICY_WD_TIME	NLA_POLICY_FULL_RANGE(NLA_U32, \
					&qnet_nl_wd_time_range)
#define QNET_NL_POLICY_WD_MAX	NLA_POLICY_FULL_RANGE(NLA_U32, \
					&qnet_nl_wd_max_idle_range)
#define QNET_NL_POLICY_WD_POLLS	NLA_POLICY_RANGE(NLA_U32, 1, QNET_WD_POLLS_MAX)
#define QNET_NL_POLICY_WD_QPKTS	NLA_POLICY_RANGE(NLA_U32, 1, QNET_WD_QPKTS_MAX)

static const struct nla_policy
qnet_nl_watchdog_set_policy[QNET_A_WATCHDOG_INHERIT + 1] = {
	[QNET_A_WATCHDOG_NAME]	= QNET_NL_POLICY_NAME,
	[QNET_A_WATCHDOG_DOMAIN] = QNET_NL_POLICY_NAME,
	[QNET_A_WATCHDOG_POLL_PERIOD] = QNET_NL_POLICY_WD_TIME,
	[QNET_A_WATCHDOG_IDLE_TIME] = QNET_NL_POLICY_WD_TIME,
	[QNET_A_WATCHDOG_MAX_IDLE_TIME] = QNET_NL_POLICY_WD_MAX,
	[QNET_A_WATCHDOG_NUM_POLLS] = QNET_NL_POLICY_WD_POLLS,
	[QNET_A_WATCHDOG_NUM_QPKTS] = QNET_NL_POLICY_WD_QPKTS,
	[QNET_A_WATCHDOG_INHERIT] = { .type = NLA_FLAG },
};

static const struct nla_policy qnet_nl_vc_del_policy[QNET_A_VC_QUIET + 1] = {
	[QNET_A_VC_ID]		= { .type = NLA_U32 },
	[QNET_A_VC_ND]		= QNET_NL_POLICY_ND,
	[QNET_A_VC_SIDE]	= NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[QNET_A_VC_QUIET]	= { .type = NLA_FLAG },
};

static const struct genl_ops qnet_nl_ops[] = {
	{
		.cmd	= QNET_CMD_DOMAIN_GET,
		.doit	= qnet_nl_domain_get_doit,
	}, {
		.cmd	= QNET_CMD_BEARER_GET,
		.doit	= qnet_nl_bearer_get_doit,
		.dumpit	= qnet_nl_bearer_get_dumpit,
		.policy	= qnet_nl_bearer_get_policy,
		.maxattr = QNET_A_BEARER_IFNAME,
	}, {
		.cmd	= QNET_CMD_BEARER_NEW,
		.doit	= qnet_nl_bearer_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_bearer_new_policy,
		.maxattr = QNET_A_BEARER_CRC,
	}, {
		.cmd	= QNET_CMD_BEARER_DEL,
		.doit	= qnet_nl_bearer_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_bearer_del_policy,
		.maxattr = QNET_A_BEARER_IFNAME,
	}, {
		.cmd	= QNET_CMD_NODE_GET,
		.doit	= qnet_nl_node_get_doit,
		.dumpit	= qnet_nl_node_get_dumpit,
		.policy	= qnet_nl_node_get_policy,
		.maxattr = QNET_A_NODE_DOMAIN,
	}, {
		.cmd	= QNET_CMD_NODE_SET_SELF,
		.doit	= qnet_nl_node_set_self_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_node_set_self_policy,
		.maxattr = QNET_A_NODE_DOMAIN,
	}, {
		.cmd	= QNET_CMD_NODE_RESOLVE,
		.doit	= qnet_nl_node_resolve_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_node_resolve_policy,
		.maxattr = QNET_A_NODE_DOMAIN,
	}, {
		.cmd	= QNET_CMD_PEER_GET,
		.doit	= qnet_nl_peer_get_doit,
		.dumpit	= qnet_nl_peer_get_dumpit,
		.policy	= qnet_nl_peer_get_policy,
		.maxattr = QNET_A_PEER_DOMAIN,
	}, {
		.cmd	= QNET_CMD_PEER_NEW,
		.doit	= qnet_nl_peer_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_peer_new_policy,
		.maxattr = QNET_A_PEER_VC_RATE,
	}, {
		.cmd	= QNET_CMD_PEER_DEL,
		.doit	= qnet_nl_peer_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_peer_del_policy,
		.maxattr = QNET_A_PEER_DOMAIN,
	}, {
		.cmd	= QNET_CMD_VC_GET,
		.dumpit	= qnet_nl_vc_get_dumpit,
		.policy	= qnet_nl_vc_get_policy,
		.maxattr = QNET_A_VC_UID,
	}, {
		.cmd	= QNET_CMD_STATS_GET,
		.dumpit	= qnet_nl_stats_get_dumpit,
	}, {
		.cmd	= QNET_CMD_LINK_GET,
		.dumpit	= qnet_nl_link_get_dumpit,
		.policy	= qnet_nl_link_get_policy,
		.maxattr = QNET_A_LINK_ND,
	}, {
		.cmd	= QNET_CMD_DOMAIN_SET,
		.doit	= qnet_nl_domain_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_domain_set_policy,
		.maxattr = QNET_A_DOMAIN_TRUST,
	}, {
		.cmd	= QNET_CMD_PEER_SET,
		.doit	= qnet_nl_peer_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_peer_set_policy,
		.maxattr = QNET_A_PEER_VC_RATE,
	}, {
		.cmd	= QNET_CMD_WATCHDOG_GET,
		.doit	= qnet_nl_watchdog_get_doit,
		.dumpit	= qnet_nl_watchdog_get_dumpit,
		.policy	= qnet_nl_watchdog_get_policy,
		.maxattr = QNET_A_WATCHDOG_DOMAIN,
	}, {
		.cmd	= QNET_CMD_WATCHDOG_SET,
		.doit	= qnet_nl_watchdog_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_watchdog_set_policy,
		.maxattr = QNET_A_WATCHDOG_INHERIT,
	}, {
		.cmd	= QNET_CMD_VC_DEL,
		.doit	= qnet_nl_vc_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_vc_del_policy,
		.maxattr = QNET_A_VC_QUIET,
	}, {
		.cmd	= QNET_CMD_NODE_PING,
		.doit	= qnet_nl_node_ping_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
		.policy	= qnet_nl_node_ping_policy,
		.maxattr = QNET_A_NODE_DOMAIN,
	}, {
		.cmd	= QNET_CMD_CHANNEL_GET,
		.dumpit	= qnet_nl_channel_get_dumpit,
		.policy	= qnet_nl_channel_get_policy,
		.maxattr = QNET_A_CHANNEL_UID,
	}, {
		.cmd	= QNET_CMD_NAME_GET,
		.dumpit	= qnet_nl_name_get_dumpit,
		.policy	= qnet_nl_name_get_policy,
		.maxattr = QNET_A_NAME_NAME,
	},
};

/* There may be very many circuits, which end at once, and anybody attaches names:
 * each listener costs time, with a lock held.
 */
static const struct genl_multicast_group qnet_nl_groups[] = {
	[QNET_NL_GROUP_CONFIG]	= { .name = QNET_MCGRP_CONFIG },
	[QNET_NL_GROUP_NODE]	= { .name = QNET_MCGRP_NODE },
	[QNET_NL_GROUP_LINK]	= { .name = QNET_MCGRP_LINK },
	[QNET_NL_GROUP_VC]	= { .name = QNET_MCGRP_VC,
				    .flags = GENL_MCAST_CAP_NET_ADMIN },
	[QNET_NL_GROUP_NAME]	= { .name = QNET_MCGRP_NAME,
				    .flags = GENL_MCAST_CAP_NET_ADMIN },
};

static struct genl_family qnet_nl_family __ro_after_init = {
	.name		= QNET_FAMILY_NAME,
	.version	= QNET_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.pre_doit	= qnet_nl_pre_doit,
	.module		= THIS_MODULE,
	.ops		= qnet_nl_ops,
	.n_ops		= ARRAY_SIZE(qnet_nl_ops),
	.mcgrps		= qnet_nl_groups,
	.n_mcgrps	= ARRAY_SIZE(qnet_nl_groups),
};

int __init qnet_netlink_init(void)
{
	int err = genl_register_family(&qnet_nl_family);

	WRITE_ONCE(qnet_nl_registered, !err);
	return err;
}

void qnet_netlink_exit(void)
{
	WRITE_ONCE(qnet_nl_registered, false);
	synchronize_net();
	genl_unregister_family(&qnet_nl_family);
}
