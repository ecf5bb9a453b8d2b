/* SPDX-License-Identifier: GPL-2.0-only */
/* Beside the floors: the generic netlink family "qnet". */
#ifndef _QNET_NETLINK_H
#define _QNET_NETLINK_H

struct qnet_bearer;
struct qnet_name_info;
struct qnet_node;
struct qnet_vc;

/* The address family number in force, as af_qnet.c registered it. */
extern int qnet_family;

/**
 * qnet_nl_node_changed() - tell who listens that a node's state is another one
 * @node: the node, with its new state
 *
 * Cheap when nobody listens.  Takes no lock but those of netlink.
 *
 * Context: any, under @node->lock.
 */
void qnet_nl_node_changed(const struct qnet_node *node);

/**
 * qnet_nl_link_changed() - tell who listens that a way is used, or is not any more
 * @node: the node
 * @way:  which of its ways, as it is now; it has a bearer
 *
 * As qnet_nl_node_changed().
 *
 * Context: any, under @node->lock.
 */
void qnet_nl_link_changed(struct qnet_node *node, u8 way);

/**
 * qnet_nl_vc_changed() - tell who listens that a circuit is up, or is not any more
 * @vc: the circuit with another node, in its new state
 *
 * As qnet_nl_node_changed(), but takes the lock of the server's process, too.
 *
 * Context: any, under @vc->lock.
 */
void qnet_nl_vc_changed(struct qnet_vc *vc);

/**
 * qnet_nl_name_changed() - tell who listens that a name was attached or detached
 * @qn:    namespace
 * @i:     the name
 * @there: it was attached
 *
 * As qnet_nl_node_changed().
 *
 * Context: any, under @qn->names_lock.
 */
void qnet_nl_name_changed(struct qnet_net *qn, const struct qnet_name_info *i,
			  bool there);

/**
 * qnet_nl_peer_changed() - tell who listens of a new peer, or of one changed
 * @node: the peer
 *
 * Context: process, no lock of the node held; sleeps.
 */
void qnet_nl_peer_changed(struct qnet_node *node);

/**
 * qnet_nl_peer_gone() - tell who listens that a node is no peer any more
 * @node: the node, which the caller has a reference on
 *
 * Context: process; sleeps.
 */
void qnet_nl_peer_gone(const struct qnet_node *node);

/**
 * qnet_nl_bearer_changed() - a bearer's device changed: link, MTU, address, name
 * @b: the bearer
 *
 * Adding and removing by netlink are told by netlink.c itself.
 *
 * Context: process, under RTNL; sleeps.
 */
void qnet_nl_bearer_changed(const struct qnet_bearer *b);

/**
 * qnet_nl_bearer_gone() - a bearer ended because its device went away
 * @b: the bearer, its device still held
 *
 * Context: process, under RTNL; sleeps.
 */
void qnet_nl_bearer_gone(const struct qnet_bearer *b);

/**
 * qnet_netlink_init() - register the family
 *
 * To be called when everything that can be configured is ready for it: after
 * register_pernet_subsys(), with qnet_family set.
 *
 * Return: 0 or a negative errno.
 */
int qnet_netlink_init(void);

/**
 * qnet_netlink_exit() - unregister it and wait for requests under way
 *
 * Early at module exit: nobody may configure what is being taken down.
 */
void qnet_netlink_exit(void);

#endif /* _QNET_NETLINK_H */
