// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes an address family number and does nothing with it: what another
 * out-of-tree family may do to qnet.
 */
#include <linux/module.h>
#include <linux/net.h>

static int family = 18;
module_param(family, int, 0444);
MODULE_PARM_DESC(family, "address family number (default 18)");

static int family_taken_create(struct net *net, struct socket *sock,
			       int protocol, int kern)
{
	return -EPROTONOSUPPORT;
}

static struct net_proto_family family_taken_ops = {
	.create	= family_taken_create,
	.owner	= THIS_MODULE,
};

static int __init family_taken_init(void)
{
	family_taken_ops.family = family;
	return sock_register(&family_taken_ops);
}

static void __exit family_taken_exit(void)
{
	sock_unregister(family);
}

module_init(family_taken_init);
module_exit(family_taken_exit);

MODULE_DESCRIPTION("Takes an address family number, for tests");
MODULE_LICENSE("GPL");
