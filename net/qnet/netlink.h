/* SPDX-License-Identifier: GPL-2.0-only */
/* Beside the floors: the generic netlink family "qnet". */
#ifndef _QNET_NETLINK_H
#define _QNET_NETLINK_H

struct qnet_bearer;
struct qnet_node;

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
