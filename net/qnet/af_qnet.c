// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 7: the socket family, the module, the life of a namespace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/utsname.h>

#include "qnet_priv.h"
#include "af_qnet.h"

unsigned int qnet_net_id;

int qnet_family = QNET_AF_DEFAULT;
module_param_named(family, qnet_family, int, 0444);
MODULE_PARM_DESC(family, "address family number (default 18)");

module_param_named(remote_root, qnet_remote_root, bool, 0644);
MODULE_PARM_DESC(remote_root, "root of other nodes may signal any process that uses Qnet (default N)");

static struct lock_class_key qnet_slock_key;
static struct lock_class_key qnet_sk_lock_key;

/* Numbers no kernel part or living module uses; 18 first, see qnet(7). */
static const int qnet_families[] = { 18, 22, 13, 25, 12, 19, 23, 4 };
#define QNET_FAMILIES "18 22 13 25 12 19 23 4"

/* --------------------------------------------------------------- helpers */

int qnet_prio_given(s32 prio)
{
	if (prio < 0 || prio > QNET_PRIO_MAX)
		return -EINVAL;
	if (prio > QNET_PRIO_USER && !capable(CAP_SYS_NICE))
		return -EPERM;
	return prio;
}

int qnet_reply_errno(s64 status)
{
	if (status == -1)
		return QNET_EUNBLOCK;
	/* 512 to 530 make the kernel restart a system call, or worse. */
	if (status < 0 || status > MAX_ERRNO ||
	    (status >= ERESTARTSYS && status <= 530))
		return -EINVAL;
	return status;
}

/* ------------------------------------------------------- bind and connect */

static int qnet_check_addr(const struct sockaddr_qnet *a, int len)
{
	if (len < (int)sizeof(*a))
		return -EINVAL;
	return a->sqn_family == qnet_family ? 0 : -EAFNOSUPPORT;
}

static int qnet_bind_locked(struct qnet_sock *qs, const struct sockaddr_qnet *a)
{
	struct qnet_net *qn = qnet_net(sock_net(&qs->sk));
	struct qnet_chan *chan;
	struct qnet_proc *proc;

	if (qs->proc)
		return -EINVAL;
	proc = qnet_proc_get(qn);
	if (IS_ERR(proc))
		return PTR_ERR(proc);
	chan = ERR_PTR(-EPERM);
	if (!a->sqn_pid || a->sqn_pid == proc->nr)
		chan = qnet_chan_create(proc, &qs->sk, a->sqn_chid,
					a->sqn_flags);
	if (IS_ERR(chan)) {
		qnet_proc_put(proc);
		return PTR_ERR(chan);
	}
	qs->proc = proc;
	/* Pairs with smp_load_acquire() in qnet_sock_chan(). */
	smp_store_release(&qs->chan, chan);
	qnet_gen_changed(&qn->gen.socks);
	return 0;
}

static int qnet_bind(struct socket *sock, struct sockaddr_unsized *uaddr, int len)
{
	const struct sockaddr_qnet *a = (const struct sockaddr_qnet *)uaddr;
	struct sock *sk = sock->sk;
	int err = qnet_check_addr(a, len);

	if (err)
		return err;
	if (a->sqn_nd & QNET_ND_MASK)
		return -EADDRNOTAVAIL;
	if (a->sqn_chid < 0 || a->sqn_chid > QNET_CHID_MAX ||
	    a->sqn_flags & ~QNET_CHF_ALL)
		return -EINVAL;
	lock_sock(sk);
	err = qnet_bind_locked(qnet_sk(sk), a);
	release_sock(sk);
	return err;
}

static int qnet_connect_locked(struct qnet_sock *qs,
			       const struct sockaddr_qnet *a)
{
	struct qnet_net *qn = qnet_net(sock_net(&qs->sk));
	struct qnet_proc *proc;
	struct qnet_vc *vc;

	if (qs->chan)
		return -EINVAL;
	if (qs->vc)
		return -EISCONN;
	proc = qnet_proc_get(qn);
	if (IS_ERR(proc))
		return PTR_ERR(proc);
	vc = qnet_chan_connect(proc, a->sqn_nd, a->sqn_pid, a->sqn_chid,
			       qs->coid, &qs->sk);
	if (IS_ERR(vc)) {
		qnet_proc_put(proc);
		return PTR_ERR(vc);
	}
	qs->proc = proc;
	/* Pairs with smp_load_acquire() in qnet_sock_vc(). */
	smp_store_release(&qs->vc, vc);
	qnet_gen_changed(&qn->gen.socks);
	return 0;
}

static int qnet_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int len,
			int flags)
{
	const struct sockaddr_qnet *a = (const struct sockaddr_qnet *)uaddr;
	struct sock *sk = sock->sk;
	int err = qnet_check_addr(a, len);

	if (err)
		return err;
	if (a->sqn_flags || a->sqn_pid < 0 || a->sqn_chid <= 0)
		return -EINVAL;
	lock_sock(sk);
	err = qnet_connect_locked(qnet_sk(sk), a);
	if (!err)
		sock->state = SS_CONNECTED;
	release_sock(sk);
	return err;
}

static int qnet_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_qnet *a = (struct sockaddr_qnet *)uaddr;
	struct qnet_sock *qs = qnet_sk(sock->sk);

	memset(a, 0, sizeof(*a));
	a->sqn_family = qnet_family;
	lock_sock(sock->sk);
	if (peer && qs->vc) {
		a->sqn_nd = qs->vc->key.nd;
		a->sqn_pid = qs->vc->rpid;
		a->sqn_chid = qs->vc->rchid;
	} else if (qs->proc) {
		a->sqn_pid = qs->proc->nr;
		a->sqn_chid = qs->chan ? qs->chan->chid : 0;
	}
	release_sock(sock->sk);
	return peer && !qs->vc ? -ENOTCONN : (int)sizeof(*a);
}

/* ------------------------------------------------------- release, shutdown */

/* Everyone who is blocked leaves. */
static void qnet_sock_end(struct qnet_sock *qs)
{
	if (qs->chan)
		qnet_chan_end(qs->chan);
	if (qs->vc)
		qnet_chan_disconnect(qs->vc);
	qnet_gen_changed(&qnet_net(sock_net(&qs->sk))->gen.socks);
}

static int qnet_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	struct qnet_sock *qs = qnet_sk(sk);
	int err = 0;

	if (how != SHUT_RDWR)
		return -EOPNOTSUPP;
	lock_sock(sk);
	if (!qs->proc)
		err = -ENOTCONN;
	else if (!qnet_proc_is_current(qs->proc))
		err = -EBADF;
	else
		qnet_sock_end(qs);
	if (!err)
		sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}

static int qnet_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct qnet_sock *qs;

	if (!sk)
		return 0;
	qs = qnet_sk(sk);
	/* Before what it points to is given up, see diag.c. */
	xa_erase_bh(&qnet_net(sock_net(sk))->socks, qs->nr);
	qnet_gen_changed(&qnet_net(sock_net(sk))->gen.socks);
	lock_sock(sk);
	sock_orphan(sk);
	qnet_sock_end(qs);
	qnet_async_close(qs);
	release_sock(sk);
	if (qs->chan)
		qnet_chan_put(qs->chan);
	if (qs->vc)
		qnet_vc_put(qs->vc);
	if (qs->proc)
		qnet_proc_put(qs->proc);
	sock->sk = NULL;
	sock_put(sk);
	return 0;
}

/* ---------------------------------------------------------- poll, options */

/* Would sendmsg() take a call now?  A file that an epoll watched before connect()
 * is not woken when another node has room again, for epoll asks only once what
 * to wait for.
 */
static bool qnet_sock_writable(struct file *file, struct qnet_sock *qs,
			       struct qnet_vc *vc, poll_table *wait)
{
	if (vc->side == QNET_VC_CLIENT) {
		poll_wait(file, &vc->node->wait, wait);
		if (qnet_node_full(vc->node))
			return false;
	}
	return qnet_async_room(qs);
}

static __poll_t qnet_poll(struct file *file, struct socket *sock,
			  poll_table *wait)
{
	struct qnet_sock *qs = qnet_sk(sock->sk);
	struct qnet_chan *chan;
	struct qnet_vc *vc;
	__poll_t mask = 0;

	sock_poll_wait(file, sock, wait);
	/* Pairs with smp_store_release() in qnet_bind_locked(). */
	chan = smp_load_acquire(&qs->chan);
	/* Pairs with smp_store_release() in qnet_connect_locked(). */
	vc = smp_load_acquire(&qs->vc);
	if (chan) {
		/* A reply may always be given. */
		mask = EPOLLOUT | EPOLLWRNORM;
		if (qnet_chan_readable(chan))
			mask |= EPOLLIN | EPOLLRDNORM;
		if (READ_ONCE(chan->dead))
			mask |= EPOLLHUP;
		return mask;
	}
	if (!vc)
		return EPOLLHUP;
	if (!list_empty_careful(&qs->done))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (qnet_vc_ended(vc))
		mask |= EPOLLHUP | EPOLLERR;
	else if (qnet_sock_writable(file, qs, vc, wait))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

static int qnet_setsockopt(struct socket *sock, int level, int optname,
			   sockptr_t optval, unsigned int optlen)
{
	struct sock *sk = sock->sk;
	struct qnet_sock *qs = qnet_sk(sk);
	int val, err = 0;

	if (level != SOL_QNET || optname != QNET_COID)
		return -ENOPROTOOPT;
	if (optlen != sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	if (val < 0)
		return -EINVAL;
	lock_sock(sk);
	if (qs->proc && !qnet_proc_is_current(qs->proc)) {
		err = -EBADF;
		goto out;
	}
	WRITE_ONCE(qs->coid, val);
	if (qs->vc)
		qnet_coid_set(qs->vc, val);
out:
	release_sock(sk);
	return err;
}

static int qnet_getsockopt(struct socket *sock, int level, int optname,
			   char __user *optval, int __user *optlen)
{
	int val = READ_ONCE(qnet_sk(sock->sk)->coid);
	int len;

	if (level != SOL_QNET || optname != QNET_COID)
		return -ENOPROTOOPT;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(int, len, sizeof(val));
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}

#ifdef CONFIG_COMPAT
static int qnet_compat_ioctl(struct socket *sock, unsigned int cmd,
			     unsigned long arg)
{
	return qnet_ioctl(sock, cmd, (unsigned long)compat_ptr(arg));
}
#endif

/* -------------------------------------------------------------- the family */

static struct proto qnet_proto = {
	.name		= "QNET",
	.owner		= THIS_MODULE,
	.obj_size	= sizeof(struct qnet_sock),
};

static const struct proto_ops qnet_ops = {
	.family		= QNET_AF_DEFAULT,	/* read by nobody */
	.owner		= THIS_MODULE,
	.release	= qnet_release,
	.bind		= qnet_bind,
	.connect	= qnet_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= sock_no_accept,
	.getname	= qnet_getname,
	.poll		= qnet_poll,
	.ioctl		= qnet_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= qnet_compat_ioctl,
#endif
	.gettstamp	= sock_gettstamp,
	.listen		= sock_no_listen,
	.shutdown	= qnet_shutdown,
	.setsockopt	= qnet_setsockopt,
	.getsockopt	= qnet_getsockopt,
	.sendmsg	= qnet_sendmsg,
	.recvmsg	= qnet_recvmsg,
	.mmap		= sock_no_mmap,
};

static int qnet_create(struct net *net, struct socket *sock, int protocol,
		       int kern)
{
	struct qnet_sock *qs;
	struct sock *sk;
	int err;

	if (sock->type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	if (protocol)
		return -EPROTONOSUPPORT;
	if (!READ_ONCE(qnet_net(net)->unprivileged) &&
	    !ns_capable(net->user_ns, CAP_NET_RAW))
		return -EPERM;
	sk = sk_alloc(net, qnet_family, GFP_KERNEL, &qnet_proto, kern);
	if (!sk)
		return -ENOMEM;
	sock->ops = &qnet_ops;
	sock_init_data(sock, sk);
	sock_lock_init_class_and_name(sk, "slock-AF_QNET", &qnet_slock_key,
				      "sk_lock-AF_QNET", &qnet_sk_lock_key);
	sock_set_flag(sk, SOCK_RCU_FREE);
	qs = qnet_sk(sk);
	spin_lock_init(&qs->lock);
	INIT_LIST_HEAD(&qs->done);
	err = xa_alloc_bh(&qnet_net(net)->socks, &qs->nr, qs, xa_limit_31b,
			  GFP_KERNEL_ACCOUNT);
	if (err) {
		sock_orphan(sk);
		sock_put(sk);
		sock->sk = NULL;
		return err;
	}
	qnet_gen_changed(&qnet_net(net)->gen.socks);
	return 0;
}

/* Not const: the number is a parameter. */
static struct net_proto_family qnet_family_ops = {
	.create	= qnet_create,
	.owner	= THIS_MODULE,
};

/* -------------------------------------------------------------- namespaces */

/* Until the administrator names the node it has the host's name, as whoever
 * makes the namespace, or loads the module, sees it.
 */
static void qnet_default_name(struct qnet_net *qn)
{
	char *dot;

	strscpy(qn->name, utsname()->nodename, sizeof(qn->name));
	dot = strchr(qn->name, '.');
	if (dot) {
		strscpy(qn->domain, dot + 1, sizeof(qn->domain));
		*dot = 0;
	}
}

static int __net_init qnet_net_init(struct net *net)
{
	struct qnet_net *qn = qnet_net(net);
	int err;

	qn->net = net;
	qn->unprivileged = true;
	mutex_init(&qn->cfg);
	rwlock_init(&qn->name_lock);
	spin_lock_init(&qn->names_lock);
	INIT_LIST_HEAD(&qn->names);
	INIT_LIST_HEAD(&qn->bearers);
	xa_init_flags(&qn->procs, XA_FLAGS_LOCK_BH);
	xa_init_flags(&qn->socks, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	get_random_bytes(qn->boot_id, sizeof(qn->boot_id));
	qnet_default_name(qn);
	err = qnet_mib_net_init(qn);
	if (err)
		return err;
	err = qnet_vc_net_init(qn);
	if (err)
		goto err_mib;
	err = qnet_node_net_init(qn);
	if (err)
		goto err_vc;
	err = qnet_procfs_net_init(qn);
	if (err)
		goto err_node;
	return 0;
err_node:
	qnet_node_net_exit(qn);
err_vc:
	qnet_vc_net_exit(qn);
err_mib:
	qnet_mib_net_exit(qn);
	return err;
}

static void __net_exit qnet_net_pre_exit(struct net *net)
{
	struct qnet_net *qn = qnet_net(net);

	WRITE_ONCE(qn->dead, true);
	qnet_procfs_net_exit(qn);
	qnet_node_net_pre_exit(qn);
}

static void __net_exit qnet_net_exit(struct net *net)
{
	struct qnet_net *qn = qnet_net(net);

	qnet_node_net_exit(qn);
	qnet_vc_net_exit(qn);
	xa_destroy(&qn->socks);
	xa_destroy(&qn->procs);
	qnet_mib_net_exit(qn);
}

static struct pernet_operations qnet_pernet_ops = {
	.init		= qnet_net_init,
	.pre_exit	= qnet_net_pre_exit,
	.exit		= qnet_net_exit,
	.id		= &qnet_net_id,
	.size		= sizeof(struct qnet_net),
};

/* ------------------------------------------------------------------ module */

static int __init qnet_check_family(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(qnet_families); i++)
		if (qnet_family == qnet_families[i])
			return 0;
	pr_err("family=%d is not one of " QNET_FAMILIES "\n", qnet_family);
	return -EINVAL;
}

static int __init qnet_register_family(void)
{
	int err;

	qnet_family_ops.family = qnet_family;
	err = sock_register(&qnet_family_ops);
	if (err)
		pr_err("family %d is taken (%d): set family= to another of " QNET_FAMILIES "\n",
		       qnet_family, err);
	return err;
}

static int __init qnet_init(void)
{
	int err;

	BUILD_BUG_ON(sizeof(struct sockaddr_qnet) >
		     sizeof(struct sockaddr_storage));
	err = qnet_check_family();
	if (err)
		return err;
	qnet_vc_ops = &qnet_chan_vc_ops;
	qnet_node_ops = &qnet_kif_node_ops;
	err = qnet_l4_init();
	if (err)
		return err;
	err = qnet_msg_init();
	if (err)
		goto err_l4;
	err = register_pernet_device(&qnet_pernet_ops);
	if (err)
		goto err_msg;
	err = proto_register(&qnet_proto, 1);
	if (err)
		goto err_pernet;
	err = qnet_netlink_init();
	if (err)
		goto err_proto;
	/* Frames come in from here on. */
	err = qnet_dev_init();
	if (err)
		goto err_netlink;
	err = qnet_diag_init();
	if (err)
		goto err_dev;
	/* And sockets: nothing can fail behind it. */
	err = qnet_register_family();
	if (err)
		goto err_diag;
	return 0;
err_diag:
	qnet_diag_exit();
err_dev:
	qnet_dev_exit();
err_netlink:
	qnet_netlink_exit();
err_proto:
	proto_unregister(&qnet_proto);
err_pernet:
	unregister_pernet_device(&qnet_pernet_ops);
	rcu_barrier();
err_msg:
	qnet_msg_exit();
err_l4:
	qnet_l4_exit();
	return err;
}

static void __exit qnet_exit(void)
{
	sock_unregister(qnet_family);
	qnet_diag_exit();
	qnet_dev_exit();
	qnet_netlink_exit();
	proto_unregister(&qnet_proto);
	unregister_pernet_device(&qnet_pernet_ops);
	rcu_barrier();
	qnet_msg_exit();
	qnet_l4_exit();
}

module_init(qnet_init);
module_exit(qnet_exit);

MODULE_AUTHOR("Qnet for Linux developers");
MODULE_DESCRIPTION("Qnet: message passing between processes of several nodes");
MODULE_LICENSE("GPL");
/* No MODULE_ALIAS_NETPROTO: socket() of just anybody must not load it. */
