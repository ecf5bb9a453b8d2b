/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 7: sockets. */
#ifndef _QNET_AF_QNET_H
#define _QNET_AF_QNET_H

/* Calls one socket may have under way with sendmsg(). */
#define QNET_ASYNC_MAX	1024

/**
 * struct qnet_sock - an AF_QNET socket
 * @sk:     must be first
 * @proc:   process that bound or connected it
 * @chan:   it is a channel; set once
 * @vc:     it is a connection; set once
 * @coid:   QNET_COID
 * @nr:     in qnet_net.socks
 * @lock:   protects what follows; innermost
 * @done:   struct qnet_msg: asynchronous calls that ended
 * @nr_async: asynchronous calls, under way or in @done; their messages are
 *          counted by @sk.sk_wmem_queued, and their replies by
 *          @sk.sk_rmem_alloc
 * @closed: no more results are wanted
 */
struct qnet_sock {
	struct sock		sk;
	struct qnet_proc	*proc;
	struct qnet_chan	*chan;
	struct qnet_vc		*vc;
	s32			coid;
	u32			nr;
	spinlock_t		lock;	/* results; under no other lock */
	struct list_head	done;
	u32			nr_async;
	bool			closed;
};

static inline struct qnet_sock *qnet_sk(struct sock *sk)
{
	return (struct qnet_sock *)sk;
}

/* The socket as a channel of the calling process; ERR_PTR. */
static inline struct qnet_chan *qnet_sock_chan(struct qnet_sock *qs)
{
	/* Pairs with smp_store_release() in qnet_bind_locked(). */
	struct qnet_chan *chan = smp_load_acquire(&qs->chan);

	if (!chan)
		return ERR_PTR(-EOPNOTSUPP);
	if (!qnet_proc_is_current(qs->proc))
		return ERR_PTR(-EBADF);
	return chan;
}

/* The same as a connection. */
static inline struct qnet_vc *qnet_sock_vc(struct qnet_sock *qs)
{
	/* Pairs with smp_store_release() in qnet_connect_locked(). */
	struct qnet_vc *vc = smp_load_acquire(&qs->vc);

	if (!vc)
		return ERR_PTR(-ENOTCONN);
	if (!qnet_proc_is_current(qs->proc))
		return ERR_PTR(-EBADF);
	return vc;
}

int qnet_prio_given(s32 prio);

/* Priority of the calling thread, or @prio; -EINVAL, -EPERM. */
static inline int qnet_prio(s32 prio)
{
	if (likely(prio == QNET_PRIO_SELF))
		return current->rt_priority ?: QNET_PRIO_DEFAULT;
	return qnet_prio_given(prio);
}

/* What a server ends a call with for @status and QNET_F_ERROR: 0, an errno > 0 or
 * QNET_EUNBLOCK; -EINVAL, such as for what is the kernel's own.
 */
int qnet_reply_errno(s64 status);

/* diag.c */
int qnet_diag_init(void);
void qnet_diag_exit(void);

/* procfs.c */
int qnet_procfs_net_init(struct qnet_net *qn);
void qnet_procfs_net_exit(struct qnet_net *qn);

/* ioctl.c */
int qnet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);

/* sockmsg.c */
int qnet_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int qnet_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		 int flags);
bool qnet_async_room(struct qnet_sock *qs);
void qnet_async_close(struct qnet_sock *qs);

#endif /* _QNET_AF_QNET_H */
