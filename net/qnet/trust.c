// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 3: nodes of the LAN that become peers by themselves, if they may.
 *
 * Closed, as at first, this node knows whom the administrator names.  He may
 * have it trust the LAN as QNX does: then every node that tells its name, as all
 * do when they come up and every half minute, becomes a peer.
 *
 * A newcomer is heard of in softirq and made a peer by a work item, under the
 * mutex of the configuration.  It is told our name and address at once, so that
 * two that trust each other need not wait for the next announcement.  How many
 * newcomers wait is bounded, and so is how many such peers there are, which have
 * the least budget each: beyond that one with which there is nothing gives way.
 * Who is turned away will tell its name again.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "qnet_priv.h"

#define TRUST_WAITING	16

/**
 * struct trust_newcomer - a node that is to become a peer
 * @list:    qnet_net.newcomers
 * @ifindex: where it was heard
 * @mac:     its address
 * @name:    its name
 * @domain:  its domain, may be empty
 */
struct trust_newcomer {
	struct list_head	list;
	int			ifindex;
	u8			mac[ETH_ALEN];
	char			name[QNET_NODE_NAME_MAX];
	char			domain[QNET_NODE_NAME_MAX];
};

static bool trust_waits(struct qnet_net *qn, const struct qnet_lr *r)
{
	struct trust_newcomer *n;

	lockdep_assert_held(&qn->newcomers_lock);
	list_for_each_entry(n, &qn->newcomers, list)
		if (qnet_node_named(n->name, n->domain, r->src, r->src_len,
				    r->src_dom, r->src_dom_len))
			return true;
	return false;
}

static bool trust_enqueue(struct qnet_bearer *b, const struct qnet_lr *r,
			  const u8 *mac)
{
	struct qnet_net *qn = b->qn;
	struct trust_newcomer *n;

	lockdep_assert_held(&qn->newcomers_lock);
	if (trust_waits(qn, r))
		return true;
	if (qn->nr_newcomers == TRUST_WAITING)
		return false;
	n = kzalloc(sizeof(*n), GFP_ATOMIC);
	if (!n)
		return false;
	n->ifindex = b->dev->ifindex;
	ether_addr_copy(n->mac, mac);
	memcpy(n->name, r->src, r->src_len);
	memcpy(n->domain, r->src_dom, r->src_dom_len);
	if (!qnet_node_name_ok(n->name, false) ||
	    !qnet_node_name_ok(n->domain, true)) {
		kfree(n);
		return false;
	}
	list_add_tail(&n->list, &qn->newcomers);
	qn->nr_newcomers++;
	schedule_work(&qn->newcomers_work);
	return true;
}

/**
 * qnet_trust_heard() - a node that is no peer tells its name
 * @b:   from where
 * @r:   what it tells
 * @mac: its address
 *
 * Context: softirq, RCU read side.
 * Return: 0, or QNET_MIB_RX_STRANGER: it is to stay one, at least for now.
 */
int qnet_trust_heard(struct qnet_bearer *b, const struct qnet_lr *r,
		     const u8 *mac)
{
	struct qnet_net *qn = b->qn;
	bool ok = false;

	if (!READ_ONCE(qn->trust) || r->src_len >= QNET_NODE_NAME_MAX ||
	    r->src_dom_len >= QNET_NODE_NAME_MAX)
		return QNET_MIB_RX_STRANGER;
	spin_lock_bh(&qn->newcomers_lock);
	if (!READ_ONCE(qn->dead))
		ok = trust_enqueue(b, r, mac);
	spin_unlock_bh(&qn->newcomers_lock);
	return ok ? 0 : QNET_MIB_RX_STRANGER;
}

static void trust_remove(struct qnet_net *qn, struct qnet_node *node)
{
	qnet_node_hold(node);
	qnet_peer_remove(qn, node);
	qnet_nl_peer_gone(node);
	qnet_node_put(node);
}

/* As a packet that comes from it would: it is there, and knows us. */
static void trust_greet(struct qnet_net *qn, struct qnet_node *node,
			const struct trust_newcomer *n)
{
	struct qnet_bearer *b;

	rcu_read_lock();
	list_for_each_entry_rcu(b, &qn->bearers, list)
		if (b->dev->ifindex == n->ifindex &&
		    qnet_node_learn(node, b, n->mac))
			qnet_lr_tell(b, node, n->mac);
	rcu_read_unlock();
}

/* Room for one more: a peer with which there is nothing gives way. */
static bool trust_room(struct qnet_net *qn)
{
	struct qnet_node *node;
	unsigned long nd;

	lockdep_assert_held(&qn->cfg);
	if (qn->nr_auto < QNET_TRUST_PEERS)
		return true;
	xa_for_each(&qn->nodes, nd, node) {
		if (!node->itself || READ_ONCE(node->nr_vcs) ||
		    READ_ONCE(node->state) != QNET_NODE_DOWN)
			continue;
		trust_remove(qn, node);
		return true;
	}
	return false;
}

/* Return: the peer that it became, with a reference, or ERR_PTR. */
static struct qnet_node *trust_admit(struct qnet_net *qn,
				     const struct trust_newcomer *n)
{
	struct qnet_peer_conf conf = {
		.name	= n->name,
		.domain	= n->domain,
		.budget	= QNET_NODE_BUDGET_MIN,
		.policy	= qnet_policy_default,
		.itself	= true,
	};

	conf.policy.max_vcs = QNET_TRUST_VCS;

	lockdep_assert_held(&qn->cfg);
	if (READ_ONCE(qn->dead) || !qn->trust || !trust_room(qn))
		return ERR_PTR(-EPERM);
	return qnet_peer_add(qn, &conf, NULL);
}

static struct trust_newcomer *trust_next(struct qnet_net *qn)
{
	struct trust_newcomer *n;

	spin_lock_bh(&qn->newcomers_lock);
	n = list_first_entry_or_null(&qn->newcomers, struct trust_newcomer,
				     list);
	if (n) {
		list_del(&n->list);
		qn->nr_newcomers--;
	}
	spin_unlock_bh(&qn->newcomers_lock);
	return n;
}

static void trust_work(struct work_struct *work)
{
	struct qnet_net *qn = container_of(work, struct qnet_net,
					   newcomers_work);
	struct trust_newcomer *n;
	struct qnet_node *node;

	while ((n = trust_next(qn))) {
		mutex_lock(&qn->cfg);
		node = trust_admit(qn, n);
		if (!IS_ERR(node))
			qnet_nl_peer_changed(node);
		mutex_unlock(&qn->cfg);
		if (!IS_ERR(node)) {
			trust_greet(qn, node, n);
			qnet_node_put(node);
		}
		kfree(n);
	}
}

/**
 * qnet_trust_set() - whom does this node talk with?
 * @qn:  namespace
 * @all: every node that tells its name; else only whom the administrator names
 *
 * Who became a peer by itself is one no longer when that ends; circuits with it
 * end.  When it begins the nodes of the LAN are asked for their names.
 *
 * Context: process, under qn->cfg.
 */
void qnet_trust_set(struct qnet_net *qn, bool all)
{
	struct qnet_node *node;
	unsigned long nd;

	lockdep_assert_held(&qn->cfg);
	WRITE_ONCE(qn->trust, all);
	if (all) {
		qnet_lr_hello(qn);
		return;
	}
	xa_for_each(&qn->nodes, nd, node)
		if (node->itself)
			trust_remove(qn, node);
}

/**
 * qnet_trust_yield() - who became a peer by itself gives way to a name
 * @qn:     namespace
 * @name:   name that the administrator gives to a node, perhaps this one
 * @domain: its domain, may be empty
 *
 * Context: process, under qn->cfg.
 * Return: 0, or -EEXIST: there is a peer of that name by his own word; then nobody
 * gave way.
 */
int qnet_trust_yield(struct qnet_net *qn, const char *name, const char *domain)
{
	size_t nlen = strlen(name), dlen = strlen(domain);
	struct qnet_node *node;
	unsigned long nd;

	lockdep_assert_held(&qn->cfg);
	xa_for_each(&qn->nodes, nd, node)
		if (!node->itself && qnet_node_named(node->name, node->domain,
						     name, nlen, domain, dlen))
			return -EEXIST;
	xa_for_each(&qn->nodes, nd, node)
		if (qnet_node_named(node->name, node->domain, name, nlen,
				    domain, dlen))
			trust_remove(qn, node);
	return 0;
}

void qnet_trust_net_init(struct qnet_net *qn)
{
	INIT_LIST_HEAD(&qn->newcomers);
	spin_lock_init(&qn->newcomers_lock);
	INIT_WORK(&qn->newcomers_work, trust_work);
}

/**
 * qnet_trust_net_exit() - nobody becomes a peer any more
 * @qn: namespace, @qn->dead is set; nothing is received
 *
 * Context: process, qn->cfg not held.
 */
void qnet_trust_net_exit(struct qnet_net *qn)
{
	struct trust_newcomer *n;

	cancel_work_sync(&qn->newcomers_work);
	while ((n = trust_next(qn)))
		kfree(n);
}
