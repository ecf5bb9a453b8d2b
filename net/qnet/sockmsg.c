// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 7: the same with sendmsg() and recvmsg(), for poll, epoll, io_uring.
 *
 * A connection may have many calls under way; their replies are received with
 * the cookie each was started with.  A channel receives messages and pulses,
 * with the rcvid in a control message, and replies with one.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/compat.h>

#include "qnet_priv.h"
#include "af_qnet.h"

/* The control message of @type, or NULL; ERR_PTR if there is any other. */
static void *qnet_cmsg(struct msghdr *msg, int type, size_t size)
{
	struct cmsghdr *cmsg;
	void *found = NULL;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return ERR_PTR(-EINVAL);
		if (cmsg->cmsg_level != SOL_QNET)
			continue;
		if (cmsg->cmsg_type != type || found ||
		    cmsg->cmsg_len != CMSG_LEN(size))
			return ERR_PTR(-EINVAL);
		found = CMSG_DATA(cmsg);
	}
	return found;
}

/* ------------------------------------------------------ calls with a cookie */

/* One message may go beyond the send buffer, so that any can be sent.  Who does
 * not take his replies gets no more of them.
 */
bool qnet_async_room(struct qnet_sock *qs)
{
	const struct sock *sk = &qs->sk;

	return READ_ONCE(qs->nr_async) < QNET_ASYNC_MAX &&
	       READ_ONCE(sk->sk_wmem_queued) < READ_ONCE(sk->sk_sndbuf) &&
	       atomic_read(&sk->sk_rmem_alloc) < READ_ONCE(sk->sk_rcvbuf);
}

/* What a call with so long a message takes. */
static int qnet_async_charge(size_t len)
{
	return len + sizeof(struct qnet_msg);
}

static void qnet_async_add(struct qnet_sock *qs, int calls, int bytes)
{
	struct sock *sk = &qs->sk;

	lockdep_assert_held(&qs->lock);
	WRITE_ONCE(qs->nr_async, qs->nr_async + calls);
	WRITE_ONCE(sk->sk_wmem_queued, sk->sk_wmem_queued + bytes);
}

static bool qnet_async_reserve(struct qnet_sock *qs, size_t len)
{
	bool ok;

	spin_lock_bh(&qs->lock);
	ok = qnet_async_room(qs);
	if (ok)
		qnet_async_add(qs, 1, qnet_async_charge(len));
	spin_unlock_bh(&qs->lock);
	return ok;
}

static void qnet_async_release(struct qnet_sock *qs, size_t len)
{
	spin_lock_bh(&qs->lock);
	qnet_async_add(qs, -1, -qnet_async_charge(len));
	spin_unlock_bh(&qs->lock);
	qs->sk.sk_write_space(&qs->sk);
}

/* The socket is done with the call: its reference goes, and what is left of the
 * reply, which is charged to it.
 */
static void qnet_async_drop(struct qnet_sock *qs, struct qnet_msg *m)
{
	qnet_msg_close(m);
	qnet_async_release(qs, m->srclen);
	qnet_msg_put(m);
	sock_put(&qs->sk);
}

static void qnet_async_done(struct qnet_msg *m)
{
	struct qnet_sock *qs = qnet_sk(m->sk);
	bool closed;

	/* Once on the list it takes the socket with it: see SOCK_RCU_FREE. */
	rcu_read_lock();
	spin_lock_bh(&qs->lock);
	closed = qs->closed;
	if (!closed)
		list_add_tail(&m->tmp, &qs->done);
	spin_unlock_bh(&qs->lock);
	if (closed)
		qnet_async_drop(qs, m);
	else
		qs->sk.sk_data_ready(&qs->sk);
	rcu_read_unlock();
}

static struct qnet_msg *qnet_async_pop(struct qnet_sock *qs)
{
	struct qnet_msg *m;

	spin_lock_bh(&qs->lock);
	m = list_first_entry_or_null(&qs->done, struct qnet_msg, tmp);
	if (m)
		list_del(&m->tmp);
	spin_unlock_bh(&qs->lock);
	return m;
}

void qnet_async_close(struct qnet_sock *qs)
{
	struct qnet_msg *m;

	spin_lock_bh(&qs->lock);
	qs->closed = true;
	spin_unlock_bh(&qs->lock);
	while ((m = qnet_async_pop(qs)))
		qnet_async_drop(qs, m);
}

/* Return: 1 reserved, 0 no room, -EBADF. */
static int qnet_async_try(struct qnet_sock *qs, struct qnet_vc *vc, size_t len)
{
	if (qnet_vc_ended(vc))
		return -EBADF;
	return qnet_async_reserve(qs, len);
}

/* @timeo: what is left of it in the end */
static int qnet_async_wait_room(struct qnet_sock *qs, struct qnet_vc *vc,
				size_t len, long *timeo)
{
	struct sock *sk = &qs->sk;
	int ret = qnet_async_try(qs, vc, len);
	long left;

	if (ret || !*timeo)
		return ret < 0 ? ret : ret ? 0 : -EAGAIN;
	left = wait_event_interruptible_timeout(*sk_sleep(sk),
						(ret = qnet_async_try(qs, vc,
								      len)),
						*timeo);
	if (left < 0)
		return sock_intr_errno(*timeo);
	*timeo = left;
	return ret < 0 ? ret : left ? 0 : -EAGAIN;
}

static int qnet_async_start(struct qnet_sock *qs, struct qnet_vc *vc,
			    struct msghdr *msg, size_t len,
			    const struct qnet_cmsg_call *c, int prio,
			    long timeo)
{
	struct qnet_user from = { .iter = msg->msg_iter, .len = len };
	struct qnet_msg *m;
	int err;

	m = qnet_msg_new(vc, &from, min_t(u64, c->rlen, QNET_MSG_ASYNC_MAX),
			 prio, QNET_MSG_ASYNC_MAX);
	if (IS_ERR(m))
		return PTR_ERR(m);
	m->cookie = c->cookie;
	m->notify = qnet_async_done;
	m->timeo = timeo;
	m->sk = &qs->sk;
	sock_hold(&qs->sk);
	/* Once sent it may be ended, received and dropped by others. */
	qnet_msg_hold(m);
	err = qnet_chan_send(m);
	if (err) {
		sock_put(&qs->sk);
		qnet_msg_put(m);
	}
	qnet_msg_put(m);
	return err;
}

static int qnet_send_call(struct qnet_sock *qs, struct msghdr *msg, size_t len)
{
	struct qnet_cmsg_call c = { .rlen = QNET_MSG_ASYNC_MAX,
				    .prio = QNET_PRIO_SELF };
	struct qnet_vc *vc = qnet_sock_vc(qs);
	struct qnet_cmsg_call *given;
	long timeo, left;
	int prio;
	int err;

	if (IS_ERR(vc))
		return PTR_ERR(vc);
	given = qnet_cmsg(msg, QNET_CMSG_CALL, sizeof(c));
	if (IS_ERR(given))
		return PTR_ERR(given);
	if (given)
		c = *given;
	prio = qnet_prio(c.prio);
	if (prio < 0)
		return prio;
	if (c.flags)
		return -EINVAL;
	if (len > QNET_MSG_ASYNC_MAX)
		return -EMSGSIZE;
	timeo = sock_sndtimeo(&qs->sk, msg->msg_flags & MSG_DONTWAIT);
	left = timeo;
	err = qnet_async_wait_room(qs, vc, len, &left);
	if (err)
		return err;
	err = qnet_async_start(qs, vc, msg, len, &c, prio, left);
	if (!err)
		return len;
	qnet_async_release(qs, len);
	/* As other sockets say it. */
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err == -EINTR ? sock_intr_errno(timeo) : err;
}

static bool qnet_async_readable(struct qnet_sock *qs, struct qnet_vc *vc)
{
	return !list_empty_careful(&qs->done) ||
	       (qnet_vc_ended(vc) && !READ_ONCE(qs->nr_async));
}

static struct qnet_msg *qnet_async_next(struct qnet_sock *qs,
					struct qnet_vc *vc, long timeo)
{
	struct sock *sk = &qs->sk;
	struct qnet_msg *m;
	long left = timeo;

	while (!(m = qnet_async_pop(qs))) {
		if (qnet_vc_ended(vc) && !READ_ONCE(qs->nr_async))
			return ERR_PTR(-EBADF);
		if (!left)
			return ERR_PTR(-EAGAIN);
		left = wait_event_interruptible_timeout(*sk_sleep(sk),
							qnet_async_readable(qs, vc),
							left);
		if (left < 0)
			return ERR_PTR(sock_intr_errno(timeo));
	}
	return m;
}

static int qnet_recv_done(struct qnet_sock *qs, struct msghdr *msg, size_t len,
			  int flags)
{
	struct qnet_user to = { .iter = msg->msg_iter, .len = len };
	struct qnet_vc *vc = qnet_sock_vc(qs);
	struct qnet_cmsg_done d = {};
	struct qnet_msg *m;
	u64 n = 0;
	int err;

	if (IS_ERR(vc))
		return PTR_ERR(vc);
	m = qnet_async_next(qs, vc, sock_rcvtimeo(&qs->sk, flags &
						  MSG_DONTWAIT));
	if (IS_ERR(m))
		return PTR_ERR(m);
	err = qnet_msg_result(m, &to, &n);
	if (!err && max_t(u64, m->rlen, m->extent) > len)
		msg->msg_flags |= MSG_TRUNC;
	d.cookie = m->cookie;
	d.status = m->status;
	d.error = -err;
	qnet_async_drop(qs, m);
	put_cmsg(msg, SOL_QNET, QNET_CMSG_DONE, sizeof(d), &d);
	/* Who cannot see the control message must see the error. */
	if (err && msg->msg_flags & MSG_CTRUNC)
		return err;
	return err ? 0 : n;
}

/* --------------------------------------------------------------- channels */

/* Is there room for a control message of @size bytes? */
static bool qnet_cmsg_room(const struct msghdr *msg, size_t size)
{
	size_t len = CMSG_LEN(size);

#ifdef CONFIG_COMPAT
	if (msg->msg_flags & MSG_CMSG_COMPAT)
		len = sizeof(struct compat_cmsghdr) + size;
#endif
	return msg->msg_control && msg->msg_controllen >= len;
}

static int qnet_recv_chan(struct qnet_sock *qs, struct msghdr *msg, size_t len,
			  int flags)
{
	struct qnet_user to = { .iter = msg->msg_iter, .len = len };
	struct qnet_chan *chan = qnet_sock_chan(qs);
	long timeo = sock_rcvtimeo(&qs->sk, flags & MSG_DONTWAIT);
	struct qnet_rx rx = {
		.to	= &to,
		.timeo	= timeo,
	};
	struct qnet_cmsg_msg c = {};
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	/* Without the rcvid nobody could reply. */
	if (!qnet_cmsg_room(msg, sizeof(c)))
		return -EINVAL;
	err = qnet_chan_recv(chan, &rx);
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	if (err == -EINTR)
		return sock_intr_errno(timeo);
	if (err)
		return err;
	c.rcvid = rx.got.rcvid;
	if (rx.got.rcvid)
		c.info = rx.got.info;
	if (put_cmsg(msg, SOL_QNET, QNET_CMSG_MSG, sizeof(c), &c) ||
	    msg->msg_flags & MSG_CTRUNC) {
		qnet_chan_refuse(qs->proc, rx.got.rcvid);
		return -EFAULT;
	}
	if (!rx.got.rcvid)
		return sizeof(struct qnet_pulse);
	if (rx.got.info.srcmsglen > rx.got.info.msglen)
		msg->msg_flags |= MSG_TRUNC;
	return rx.got.info.msglen;
}

static int qnet_send_reply(struct qnet_sock *qs, struct msghdr *msg, size_t len)
{
	struct qnet_user from = { .iter = msg->msg_iter, .len = len };
	struct qnet_chan *chan = qnet_sock_chan(qs);
	struct qnet_cmsg_reply *r;
	s64 status;
	int error = 0;
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	r = qnet_cmsg(msg, QNET_CMSG_REPLY, sizeof(*r));
	if (IS_ERR(r))
		return PTR_ERR(r);
	if (!r)
		return -EDESTADDRREQ;
	status = r->status;
	if (r->flags & ~QNET_F_ERROR)
		return -EINVAL;
	if (r->flags & QNET_F_ERROR) {
		error = qnet_reply_errno(status);
		status = 0;
	}
	if (error < 0)
		return error;
	err = qnet_chan_reply(qs->proc, r->rcvid, status, error, &from,
			      MAX_SCHEDULE_TIMEOUT);
	if (err == -EINTR)
		return sock_intr_errno(MAX_SCHEDULE_TIMEOUT);
	return err ?: len;
}

/* ------------------------------------------------------------------- both */

int qnet_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct qnet_sock *qs = qnet_sk(sock->sk);
	int ret;

	if (msg->msg_flags & ~(MSG_DONTWAIT | MSG_EOR | MSG_NOSIGNAL |
			       MSG_BATCH | MSG_CMSG_COMPAT))
		return -EOPNOTSUPP;
	if (msg->msg_name)
		return -EISCONN;
	/* Pairs with smp_store_release() in qnet_bind(). */
	if (smp_load_acquire(&qs->chan))
		ret = qnet_send_reply(qs, msg, len);
	else
		ret = qnet_send_call(qs, msg, len);
	/* sendmmsg() stops at a message of which something is left. */
	if (ret > 0)
		iov_iter_advance(&msg->msg_iter, ret);
	return ret;
}

int qnet_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		 int flags)
{
	struct qnet_sock *qs = qnet_sk(sock->sk);

	if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC |
		      MSG_CMSG_COMPAT | MSG_TRUNC))
		return -EOPNOTSUPP;
	/* Pairs with smp_store_release() in qnet_bind(). */
	if (smp_load_acquire(&qs->chan))
		return qnet_recv_chan(qs, msg, len, flags);
	return qnet_recv_done(qs, msg, len, flags);
}
