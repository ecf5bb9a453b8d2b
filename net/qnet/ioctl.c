// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 7: the calls that are one system call each.
 *
 * A call that blocks must be one system call: between two, a signal could tell
 * the client that it was interrupted while its message had been received.
 */
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "qnet_priv.h"
#include "af_qnet.h"

/* ---------------------------------------------------------- user's buffers */

static int qnet_user_fill(struct qnet_user *u, const struct qnet_buf *b,
			  struct iovec *vec, int dir)
{
	const struct qnet_iov __user *uv = u64_to_user_ptr(b->base);
	bool fault = false;
	struct qnet_iov e;
	u64 total = 0;
	u32 i;

	for (i = 0; i < b->iovcnt; i++) {
		if (copy_from_user(&e, uv + i, sizeof(e)))
			return -EFAULT;
		if (e.len > LONG_MAX || total + e.len > LONG_MAX)
			return -EOVERFLOW;
		if (e.len && !access_ok(u64_to_user_ptr(e.base), e.len))
			fault = true;
		vec[i].iov_base = u64_to_user_ptr(e.base);
		vec[i].iov_len = e.len;
		total += e.len;
	}
	if (fault)
		return -EFAULT;
	u->len = total;
	iov_iter_init(&u->iter, dir, vec, b->iovcnt, total);
	return 0;
}

static int qnet_user_vec(struct qnet_user *u, const struct qnet_buf *b, int dir)
{
	struct iovec *vec = u->fast;
	int err;

	if (b->len || b->iovcnt > QNET_IOV_MAX)
		return -EINVAL;
	if (b->iovcnt > ARRAY_SIZE(u->fast)) {
		vec = kmalloc_array(b->iovcnt, sizeof(*vec), GFP_KERNEL);
		if (!vec)
			return -ENOMEM;
		u->vec = vec;
	}
	err = qnet_user_fill(u, b, vec, dir);
	if (err)
		kfree(u->vec);
	return err;
}

static int qnet_user_init(struct qnet_user *u, const struct qnet_buf *b,
			  int dir)
{
	void __user *base = u64_to_user_ptr(b->base);

	u->vec = NULL;
	if (b->reserved)
		return -EINVAL;
	if (b->iovcnt)
		return qnet_user_vec(u, b, dir);
	if (b->len > LONG_MAX)
		return -EOVERFLOW;
	if (b->len && !access_ok(base, b->len))
		return -EFAULT;
	u->len = b->len;
	iov_iter_ubuf(&u->iter, dir, base, b->len);
	return 0;
}

/* The same for a server, whose bad buffer has another number. */
static int qnet_server_init(struct qnet_user *u, const struct qnet_buf *b,
			    int dir)
{
	int err = qnet_user_init(u, b, dir);

	return err == -EFAULT ? -QNET_ESRVRFAULT : err;
}

static void qnet_user_free(struct qnet_user *u)
{
	if (unlikely(u->vec))
		kfree(u->vec);
}

#define QNET_F_TIMES (QNET_F_TIMEOUT_SEND | QNET_F_TIMEOUT_REPLY | \
		      QNET_F_ABSTIME)

static noinline long qnet_timeo_given(u32 flags, u64 ns)
{
	u64 j;

	if (!(flags & QNET_F_TIMEOUT))
		return -EINVAL;
	if (flags & QNET_F_ABSTIME) {
		u64 now = ktime_get_ns();

		ns = ns > now ? ns - now : 0;
	}
	if (!ns)
		return 0;
	if (check_add_overflow(ns, qnet_since_tick(), &ns))
		ns = U64_MAX;
	j = nsecs_to_jiffies64(ns) + 1;
	return min_t(u64, j, MAX_SCHEDULE_TIMEOUT - 1);
}

/* Jiffies to wait, or -EINVAL. */
static long qnet_timeo(u32 flags, u64 ns)
{
	if (likely(!ns && !(flags & (QNET_F_TIMEOUT | QNET_F_TIMES))))
		return MAX_SCHEDULE_TIMEOUT;
	return qnet_timeo_given(flags, ns);
}

/* A call that was interrupted and has done nothing yet, or nothing that it may
 * not do twice: begins again after a signal that runs no handler, such as one
 * that stops the task; unless its time would begin anew with that.
 */
static int qnet_restart(int err, long timeo)
{
	if (err == -EINTR && timeo == MAX_SCHEDULE_TIMEOUT &&
	    signal_pending(current))
		return -ERESTARTNOHAND;
	return err;
}

/* ------------------------------------------------------------------- call */

/* The client is killed, and waits for nobody's consent. */
static int qnet_call_killed(struct qnet_msg *m)
{
	if (qnet_chan_cancel(m))
		return -EINTR;
	qnet_msg_wait_end(m);
	return 0;
}

/* The client wants out.  A message that the server has seen is not sent again. */
static noinline int qnet_call_leave(struct qnet_msg *m, int err,
				    const struct qnet_user *from,
				    const struct qnet_user *to)
{
	bool received;

	do {
		if (fatal_signal_pending(current))
			return qnet_call_killed(m);
		if (qnet_chan_unblock(m, err, &received))
			return received ? err : qnet_restart(err, m->timeo);
		err = qnet_msg_wait(m, from, to);
	} while (err && !m->unblock);
	return err ? qnet_call_killed(m) : 0;
}

/* What a call comes to that the server wants sent again: by the system, once the
 * handler has run, if its client asked to leave for that.
 */
static noinline int qnet_call_again(const struct qnet_msg *m)
{
	if (m->unblock == -EINTR && m->timeo == MAX_SCHEDULE_TIMEOUT &&
	    signal_pending(current))
		return -ERESTARTNOINTR;
	return m->unblock ?: -ERESTART;
}

/* Is the time of a call for one of the states only? */
static bool qnet_call_one_state(u32 flags)
{
	return is_power_of_2(flags & (QNET_F_TIMEOUT_SEND |
				      QNET_F_TIMEOUT_REPLY));
}

static noinline void qnet_call_special(struct qnet_msg *m, u32 flags)
{
	m->attach = flags & QNET_F_ATTACH;
	if (!qnet_call_one_state(flags))
		return;
	m->timed = flags & QNET_F_TIMES;
	m->watch = flags & QNET_F_TIMEOUT_REPLY;
}

/* What is left of @timeo jiffies, up to @end, when the message is sent again. */
static noinline long qnet_call_left(const struct qnet_call *c, long timeo,
				    unsigned long end)
{
	if (qnet_call_one_state(c->flags))
		return qnet_timeo(c->flags, c->timeout_ns);
	if (timeo == MAX_SCHEDULE_TIMEOUT)
		return timeo;
	return max(0L, (long)(end - jiffies));
}

static int qnet_call_once(struct qnet_vc *vc, struct qnet_call *c, int prio,
			  const struct qnet_user *from,
			  const struct qnet_user *to, long timeo)
{
	struct qnet_msg *m;
	int err;

	m = qnet_msg_new(vc, from, to->len, prio, QNET_MSG_KEEP);
	if (IS_ERR(m))
		return PTR_ERR(m);
	m->task = current;
	m->timeo = timeo;
	if (unlikely(c->flags))
		qnet_call_special(m, c->flags);
	err = qnet_chan_send(m);
	if (err) {
		/* The way to the other node is full, and it shall not wait. */
		if (err == -EAGAIN && !m->timeo)
			err = -ETIMEDOUT;
		err = qnet_restart(err, timeo);
		goto put;
	}
	err = qnet_msg_wait(m, from, to);
	if (err)
		err = qnet_call_leave(m, err, from, to);
	if (!err) {
		err = qnet_msg_result(m, to, &c->rbytes);
		c->status = m->status;
		if (unlikely(err == -ERESTART))
			err = qnet_call_again(m);
	}
put:
	qnet_msg_put(m);
	return err;
}

static int qnet_call_run(struct qnet_vc *vc, struct qnet_call *c, int prio,
			 long timeo)
{
	unsigned long end = jiffies + timeo;
	struct qnet_user from __uninitialized, to __uninitialized;
	int err;

	err = qnet_user_init(&from, &c->send, ITER_SOURCE);
	if (err)
		return err;
	err = qnet_user_init(&to, &c->recv, ITER_DEST);
	if (err)
		goto free_from;
	for (;;) {
		err = qnet_call_once(vc, c, prio, &from, &to, timeo);
		if (err != -ERESTART)
			break;
		/* The server asks for the message once more. */
		timeo = qnet_call_left(c, timeo, end);
		err = signal_pending(current) ? -EINTR : -ETIMEDOUT;
		if (err == -EINTR || !timeo)
			break;
	}
	qnet_user_free(&to);
free_from:
	qnet_user_free(&from);
	return err;
}

static bool qnet_buf_empty(const struct qnet_buf *b)
{
	return !b->base && !b->len && !b->iovcnt && !b->reserved;
}

static noinline bool qnet_attach_ok(const struct qnet_call *c)
{
	return !(c->flags & ~(QNET_F_ATTACH | QNET_F_TIMEOUT |
			      QNET_F_ABSTIME)) &&
	       qnet_buf_empty(&c->send) && qnet_buf_empty(&c->recv);
}

static bool qnet_call_ok(const struct qnet_call *c)
{
	if (unlikely(c->flags & QNET_F_ATTACH))
		return qnet_attach_ok(c);
	return !(c->flags & ~(QNET_F_TIMEOUT | QNET_F_TIMES));
}

/* What connect() has found on this node is there, or has told that it went. */
static int qnet_call_attached(const struct qnet_vc *vc, struct qnet_call *c)
{
	c->status = 0;
	c->rbytes = 0;
	return READ_ONCE(vc->state) == QNET_VC_DEAD ? -EBADF : 0;
}

static int qnet_call_tell(struct qnet_call __user *uc,
			  const struct qnet_call *c)
{
	if (!user_write_access_begin(&uc->status,
				     sizeof(c->status) + sizeof(c->rbytes)))
		return -EFAULT;
	unsafe_put_user(c->status, &uc->status, fault);
	unsafe_put_user(c->rbytes, &uc->rbytes, fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

static noinline int qnet_ioctl_call(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_call __user *uc = arg;
	struct qnet_vc *vc = qnet_sock_vc(qs);
	struct qnet_call c __uninitialized;
	long timeo;
	int prio;
	int err;

	if (IS_ERR(vc))
		return PTR_ERR(vc);
	if (copy_from_user(&c, uc, sizeof(c)))
		return -EFAULT;
	timeo = qnet_timeo(c.flags, c.timeout_ns);
	prio = qnet_prio(c.prio);
	if (!qnet_call_ok(&c) || timeo < 0)
		return -EINVAL;
	if (prio < 0)
		return prio;
	if (unlikely(c.flags & QNET_F_ATTACH && vc->side == QNET_VC_LOCAL))
		err = qnet_call_attached(vc, &c);
	else
		err = qnet_call_run(vc, &c, prio, timeo);
	return err ?: qnet_call_tell(uc, &c);
}

/* ---------------------------------------------------------------- receive */

static int qnet_recv_check(const struct qnet_recv *r, long *timeo)
{
	*timeo = qnet_timeo(r->flags, r->timeout_ns);
	if (r->flags & ~(QNET_F_TIMEOUT | QNET_F_ABSTIME | QNET_F_PULSE) ||
	    r->reserved || *timeo < 0)
		return -EINVAL;
	return 0;
}

static int qnet_recv_run(struct qnet_sock *qs, struct qnet_chan *chan,
			 const struct qnet_recv *r, long timeo,
			 struct qnet_recv __user *ur)
{
	struct qnet_user to __uninitialized;
	struct qnet_rx rx __uninitialized;
	int err;

	err = qnet_user_init(&to, &r->recv, ITER_DEST);
	if (err)
		return err;
	rx.to = &to;
	rx.pulse = r->flags & QNET_F_PULSE;
	rx.timeo = timeo;
	err = qnet_chan_recv(chan, &rx);
	qnet_user_free(&to);
	if (err)
		return qnet_restart(err, timeo);
	BUILD_BUG_ON(offsetofend(struct qnet_recv, info) -
		     offsetof(struct qnet_recv, rcvid) != sizeof(rx.got));
	if (!rx.got.rcvid)
		return put_user(0, &ur->rcvid) ?: put_user(0, &ur->pad);
	rx.got.pad = 0;
	if (!copy_to_user(&ur->rcvid, &rx.got, sizeof(rx.got)))
		return 0;
	/* Nobody would know what to reply to. */
	qnet_chan_refuse(qs->proc, rx.got.rcvid);
	return -EFAULT;
}

static int qnet_ioctl_recv(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_chan *chan = qnet_sock_chan(qs);
	struct qnet_recv r __uninitialized;
	long timeo;
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (copy_from_user(&r, arg, offsetof(struct qnet_recv, rcvid)))
		return -EFAULT;
	err = qnet_recv_check(&r, &timeo);
	if (err)
		return err;
	return qnet_recv_run(qs, chan, &r, timeo, arg);
}

/* ------------------------------------------------------------------ reply */

static int qnet_reply_run(struct qnet_sock *qs, const struct qnet_reply *r)
{
	struct qnet_user from __uninitialized;
	long timeo = qnet_timeo(r->flags, r->timeout_ns);
	s64 status = r->status;
	int error = 0;
	int err;

	if (r->flags & ~(QNET_F_ERROR | QNET_F_TIMEOUT | QNET_F_ABSTIME) ||
	    timeo < 0)
		return -EINVAL;
	if (r->flags & QNET_F_ERROR) {
		error = qnet_reply_errno(status);
		if (error < 0)
			return error;
		status = 0;
	}
	err = qnet_server_init(&from, &r->send, ITER_SOURCE);
	if (err)
		return err;
	err = qnet_chan_reply(qs->proc, r->rcvid, status, error, &from, timeo);
	qnet_user_free(&from);
	return qnet_restart(err, timeo);
}

static int qnet_ioctl_reply(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_chan *chan = qnet_sock_chan(qs);
	struct qnet_reply r;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	return qnet_reply_run(qs, &r);
}

static int qnet_ioctl_replyrecv(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_replyrecv __user *urr = arg;
	struct qnet_chan *chan = qnet_sock_chan(qs);
	struct qnet_replyrecv rr __uninitialized;
	long timeo;
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (copy_from_user(&rr, arg, offsetof(struct qnet_replyrecv,
					      recv.rcvid)))
		return -EFAULT;
	err = qnet_recv_check(&rr.recv, &timeo);
	/* 0: it was given before the call began again. */
	if (!err && rr.reply.rcvid)
		err = qnet_reply_run(qs, &rr.reply);
	if (err)
		return err;
	err = qnet_recv_run(qs, chan, &rr.recv, timeo, &urr->recv);
	/* Tell a failed receive from a failed reply. */
	if (err && put_user(0, &urr->reply.rcvid))
		err = -EFAULT;
	return err;
}

/* ------------------------------------------------------- read, write, info */

static int qnet_ioctl_xfer(struct qnet_sock *qs, void __user *arg, bool write)
{
	struct qnet_xfer __user *ux = arg;
	struct qnet_chan *chan = qnet_sock_chan(qs);
	struct qnet_user u;
	struct qnet_xfer x;
	long timeo;
	ssize_t n;
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (copy_from_user(&x, arg, sizeof(x)))
		return -EFAULT;
	timeo = qnet_timeo(x.flags, x.timeout_ns);
	if (x.flags & ~(QNET_F_TIMEOUT | QNET_F_ABSTIME) || timeo < 0)
		return -EINVAL;
	err = qnet_server_init(&u, &x.buf, write ? ITER_SOURCE : ITER_DEST);
	if (err)
		return err;
	if (write)
		n = qnet_chan_write(qs->proc, x.rcvid, x.offset, &u, timeo);
	else
		n = qnet_chan_read(qs->proc, x.rcvid, x.offset, &u, timeo);
	qnet_user_free(&u);
	if (n < 0)
		return qnet_restart(n, timeo);
	return put_user((u64)n, &ux->bytes);
}

static int qnet_ioctl_info(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_chan *chan = qnet_sock_chan(qs);
	struct qnet_info i;
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (copy_from_user(&i, arg, offsetof(struct qnet_info, info)))
		return -EFAULT;
	if (i.reserved)
		return -EINVAL;
	err = qnet_chan_info(qs->proc, i.rcvid, &i.info);
	if (err)
		return err;
	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : 0;
}

static int qnet_ioctl_pulse(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_vc *vc = qnet_sock_vc(qs);
	struct qnet_pulse_send p;
	int prio;

	if (IS_ERR(vc))
		return PTR_ERR(vc);
	if (copy_from_user(&p, arg, sizeof(p)))
		return -EFAULT;
	prio = qnet_prio(p.prio);
	if (p.flags || p.reserved || p.code < S8_MIN || p.code > S8_MAX)
		return -EINVAL;
	if (prio < 0)
		return prio;
	return qnet_chan_send_pulse(vc, prio, p.code, p.value);
}

/* --------------------------------------------------------- events, signals */

static int qnet_ioctl_event(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_chan *chan = qnet_sock_chan(qs);
	struct qnet_event e;
	struct qnet_ev ev;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (copy_from_user(&e, arg, sizeof(e)))
		return -EFAULT;
	if (e.flags & ~QNET_F_VERIFY)
		return -EINVAL;
	ev.kind = e.kind;
	ev.id = e.id;
	ev.prio = e.prio;
	ev.code = e.code;
	ev.value = e.value;
	return qnet_event_deliver(qs->proc, e.rcvid, &ev, e.flags);
}

static int qnet_ioctl_signal(struct qnet_net *qn, void __user *arg)
{
	struct qnet_node *node;
	struct qnet_signal s;
	int err;

	if (copy_from_user(&s, arg, sizeof(s)))
		return -EFAULT;
	if (s.flags || s.reserved || !(s.nd & QNET_ND_MASK) || s.tid < 0 ||
	    s.signo < 0 || s.signo > _NSIG ||
	    s.code < S8_MIN || s.code > S8_MAX)
		return -EINVAL;
	if (s.pid <= 0)
		return -QNET_ENOREMOTE;
	node = qnet_node_find(qn, s.nd);
	if (!node)
		return -EHOSTUNREACH;
	err = qnet_kif_signal(node, &s);
	qnet_node_put(node);
	return err;
}

/* ---------------------------------------------------- who is at the far end */

/* The groups of a client, as many as there is room for; *n: how many it has. */
static int qnet_put_groups(struct qnet_net *qn, const struct qnet_kcred *c,
			   const struct cred *own, u32 __user *to, u32 *n)
{
	u32 has = own ? own->group_info->ngroups : c->ngroups;
	u32 i;

	for (i = 0; i < min(*n, has); i++) {
		u32 gid = own ? from_kgid_munged(qn->net->user_ns,
						 own->group_info->gid[i]) :
				c->groups[i];

		if (put_user(gid, to + i))
			return -EFAULT;
	}
	*n = has;
	return 0;
}

static int qnet_ioctl_client(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_chan *chan = qnet_sock_chan(qs);
	const struct cred *own = NULL;
	struct qnet_client_info i;
	struct qnet_kcred c;
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (copy_from_user(&i, arg, sizeof(i)))
		return -EFAULT;
	err = qnet_chan_client(qs->proc, i.scoid, &i.nd, &c, &own);
	if (err)
		return err;
	err = qnet_put_groups(qs->proc->qn, &c, own, u64_to_user_ptr(i.groups),
			      &i.ngroups);
	if (own)
		put_cred(own);
	if (err)
		return err;
	i.pid = c.pid;
	i.sid = c.sid;
	i.flags = 0;
	i.ruid = c.ruid;
	i.euid = c.euid;
	i.suid = c.suid;
	i.rgid = c.rgid;
	i.egid = c.egid;
	i.sgid = c.sgid;
	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : 0;
}

static int qnet_ioctl_server(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_vc *vc = qnet_sock_vc(qs);
	struct qnet_server_info i = {};

	if (IS_ERR(vc))
		return PTR_ERR(vc);
	i.nd = vc->key.nd;
	i.pid = vc->rpid;
	i.chid = vc->rchid;
	i.scoid = qnet_chan_scoid(vc);
	i.coid = READ_ONCE(vc->coid);
	if (READ_ONCE(vc->state) == QNET_VC_DEAD)
		i.flags = QNET_SIF_DEAD;
	return copy_to_user(arg, &i, sizeof(i)) ? -EFAULT : 0;
}

static int qnet_ioctl_detach(struct qnet_sock *qs, void __user *arg)
{
	struct qnet_chan *chan = qnet_sock_chan(qs);
	s32 scoid;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (get_user(scoid, (s32 __user *)arg))
		return -EFAULT;
	return qnet_chan_drop_client(qs->proc, scoid);
}

static int qnet_ioctl_thread_death(struct qnet_sock *qs)
{
	struct qnet_chan *chan = qnet_sock_chan(qs);

	return IS_ERR(chan) ? PTR_ERR(chan) : qnet_chan_thread_death(qs->proc);
}

/* ------------------------------------------------------------ nodes, names */

/* @name and @domain have room for QNET_NODE_NAME_MAX bytes. */
static int qnet_node_names(struct qnet_net *qn, u32 nd, char *name,
			   char *domain)
{
	struct qnet_node *node;

	if (!(nd & QNET_ND_MASK)) {
		read_lock_bh(&qn->name_lock);
		strscpy_pad(name, qn->name, QNET_NODE_NAME_MAX);
		strscpy_pad(domain, qn->domain, QNET_NODE_NAME_MAX);
		read_unlock_bh(&qn->name_lock);
		return 0;
	}
	node = qnet_node_find(qn, nd);
	if (!node)
		return -ENOENT;
	strscpy_pad(name, node->name, QNET_NODE_NAME_MAX);
	strscpy_pad(domain, node->domain, QNET_NODE_NAME_MAX);
	qnet_node_put(node);
	return 0;
}

static int qnet_full_name(struct qnet_net *qn, u32 nd, char *buf, size_t size)
{
	char name[QNET_NODE_NAME_MAX], domain[QNET_NODE_NAME_MAX];
	int err = qnet_node_names(qn, nd, name, domain);

	if (err)
		return err;
	snprintf(buf, size, "%s%s%s", name, *domain ? "." : "", domain);
	return 0;
}

static int qnet_node_lookup(struct qnet_net *qn, struct qnet_node_req *r)
{
	struct qnet_node *node;

	if (strnlen(r->name, sizeof(r->name)) == sizeof(r->name) || !*r->name)
		return -EINVAL;
	r->nd = 0;
	if (qnet_node_is_self(qn, r->name))
		return 0;
	node = qnet_node_by_name(qn, r->name);
	if (IS_ERR(node))
		return PTR_ERR(node);
	r->nd = node->nd;
	qnet_node_put(node);
	return 0;
}

static int qnet_node_remote(struct qnet_net *qn, struct qnet_node_req *r)
{
	char full[2 * QNET_NODE_NAME_MAX];
	struct qnet_node *of;
	int err;

	err = qnet_full_name(qn, r->nd, full, sizeof(full));
	if (err || !(r->of & QNET_ND_MASK)) {
		r->nd &= QNET_ND_MASK;
		return err;
	}
	of = qnet_node_find(qn, r->of);
	if (!of)
		return -ENOENT;
	err = qnet_node_remote_nd(of, full, &r->nd);
	qnet_node_put(of);
	return err;
}

static int qnet_ioctl_node(struct qnet_net *qn, unsigned int cmd,
			   void __user *arg)
{
	struct qnet_node_req r;
	int err;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.of && cmd != QNET_IOC_NODE_REMOTE)
		return -EINVAL;
	if (cmd == QNET_IOC_NODE_LOOKUP)
		err = qnet_node_lookup(qn, &r);
	else if (cmd == QNET_IOC_NODE_NAME)
		err = qnet_node_names(qn, r.nd, r.name, r.domain);
	else
		err = qnet_node_remote(qn, &r);
	if (err)
		return err;
	return copy_to_user(arg, &r, sizeof(r)) ? -EFAULT : 0;
}

static int qnet_ioctl_qos(struct qnet_net *qn, void __user *arg)
{
	struct qnet_qos_req r;
	int err = 0;
	u16 qos;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.reserved || strnlen(r.name, sizeof(r.name)) == sizeof(r.name))
		return -EINVAL;
	qos = r.nd >> QNET_ND_BITS;
	if (*r.name)
		err = qnet_qos_parse(qn, r.name, &qos);
	else
		qnet_qos_print(qn, qos, r.name, sizeof(r.name));
	if (err)
		return err;
	r.nd &= QNET_ND_MASK;
	if (r.nd)
		r.nd |= (u32)qos << QNET_ND_BITS;
	return copy_to_user(arg, &r, sizeof(r)) ? -EFAULT : 0;
}

static int qnet_name_find_on(struct qnet_net *qn, struct qnet_name_req *r)
{
	struct qnet_node *node = NULL;
	int err;

	if (r->nd & QNET_ND_MASK) {
		node = qnet_node_find(qn, r->nd);
		if (!node)
			return -EHOSTUNREACH;
	}
	err = qnet_name_lookup(qn, node, r->name, &r->pid, &r->chid);
	if (node)
		qnet_node_put(node);
	return err;
}

static int qnet_name_change(struct qnet_sock *qs, unsigned int cmd,
			    const struct qnet_name_req *r)
{
	struct qnet_chan *chan = qnet_sock_chan(qs);

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (r->nd || r->pid || r->chid)
		return -EINVAL;
	if (cmd == QNET_IOC_NAME_ATTACH)
		return qnet_name_attach(chan, r->name);
	return qnet_name_detach(chan, r->name);
}

static int qnet_ioctl_name(struct qnet_sock *qs, unsigned int cmd,
			   void __user *arg)
{
	struct qnet_net *qn = qnet_net(sock_net(&qs->sk));
	struct qnet_name_req *r;
	int err;

	r = memdup_user(arg, sizeof(*r));
	if (IS_ERR(r))
		return PTR_ERR(r);
	err = -EINVAL;
	if (r->reserved || !*r->name || *r->name == '/' ||
	    strnlen(r->name, sizeof(r->name)) == sizeof(r->name))
		goto free;
	if (cmd != QNET_IOC_NAME_LOOKUP) {
		err = qnet_name_change(qs, cmd, r);
		goto free;
	}
	err = qnet_name_find_on(qn, r);
	if (!err && copy_to_user(arg, r, sizeof(*r)))
		err = -EFAULT;
free:
	kfree(r);
	return err;
}

static noinline int qnet_ioctl_other(struct socket *sock, unsigned int cmd,
				     void __user *uarg)
{
	struct qnet_sock *qs = qnet_sk(sock->sk);

	switch (cmd) {
	case QNET_IOC_RECV:
		return qnet_ioctl_recv(qs, uarg);
	case QNET_IOC_REPLY:
		return qnet_ioctl_reply(qs, uarg);
	case QNET_IOC_READ:
		return qnet_ioctl_xfer(qs, uarg, false);
	case QNET_IOC_WRITE:
		return qnet_ioctl_xfer(qs, uarg, true);
	case QNET_IOC_PULSE:
		return qnet_ioctl_pulse(qs, uarg);
	case QNET_IOC_INFO:
		return qnet_ioctl_info(qs, uarg);
	case QNET_IOC_CLIENTINFO:
		return qnet_ioctl_client(qs, uarg);
	case QNET_IOC_SERVERINFO:
		return qnet_ioctl_server(qs, uarg);
	case QNET_IOC_SCOID_DETACH:
		return qnet_ioctl_detach(qs, uarg);
	case QNET_IOC_THREAD_DEATH:
		return qnet_ioctl_thread_death(qs);
	case QNET_IOC_EVENT:
		return qnet_ioctl_event(qs, uarg);
	case QNET_IOC_SIGNAL:
		return qnet_ioctl_signal(qnet_net(sock_net(sock->sk)), uarg);
	case QNET_IOC_NODE_LOOKUP:
	case QNET_IOC_NODE_NAME:
	case QNET_IOC_NODE_REMOTE:
		return qnet_ioctl_node(qnet_net(sock_net(sock->sk)), cmd, uarg);
	case QNET_IOC_NODE_QOS:
		return qnet_ioctl_qos(qnet_net(sock_net(sock->sk)), uarg);
	case QNET_IOC_NAME_ATTACH:
	case QNET_IOC_NAME_DETACH:
	case QNET_IOC_NAME_LOOKUP:
		return qnet_ioctl_name(qs, cmd, uarg);
	}
	return -ENOIOCTLCMD;
}

/* What every message needs comes first, and without the stack of the rest. */
int qnet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct qnet_sock *qs = qnet_sk(sock->sk);
	void __user *uarg = (void __user *)arg;

	if (cmd == QNET_IOC_CALL)
		return qnet_ioctl_call(qs, uarg);
	if (cmd == QNET_IOC_REPLYRECV)
		return qnet_ioctl_replyrecv(qs, uarg);
	return qnet_ioctl_other(sock, cmd, uarg);
}
