// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages.  Sending, receiving and replying are the paths that must be
 * short: fill in one structure, one system call.
 */
#include <limits.h>

#include "internal.h"

/* A buffer in one piece. */
static inline void buf_one(struct qnet_buf *b, const void *base, size_t len)
{
	b->base = (uintptr_t)base;
	b->len = len;
	b->iovcnt = 0;
	b->reserved = 0;
}

/* One in several.  An iov_t of a 64-bit program is a struct qnet_iov. */
static inline void buf_vec(struct qnet_buf *b, const iov_t *iov, size_t parts)
{
	_Static_assert(sizeof(iov_t) == sizeof(struct qnet_iov),
		       "32-bit programs are not supported");
	b->base = (uintptr_t)iov;
	b->len = 0;
	b->iovcnt = parts > UINT_MAX ? UINT_MAX : (unsigned int)parts;
	b->reserved = 0;
}

/* --- sending ----------------------------------------------------------- */

/*
 * The kernel knows nothing of ids: an error that comes of ConnectDetach() in
 * another thread is EBADF, and so is a descriptor of some other kind.
 */
static long send_err(struct slot *s, int err)
{
	if (err == -ENOTTY || err == -ENOTCONN || (err != -EINTR && s && !slot_live(s)))
		return -EBADF;
	return err;
}

static inline long send_run(int coid, struct qnet_call *c, bool cancel)
{
	SLOT_GUARD(s);
	int fd, ret;

	fd = qnet_coid_get(coid, &s);
	if (unlikely(fd < 0))
		return fd;
	c->prio = QNET_PRIO_SELF;
	c->status = 0;
	c->rbytes = 0;
	do {
		ret = cancel ? qnet_ioctl_cancel(fd, QNET_IOC_CALL, c) :
			       qnet_ioctl(fd, QNET_IOC_CALL, c);
	} while (unlikely(ret == -ERESTART));
	return likely(!ret) ? c->status : send_err(s, ret);
}

/*
 * What cannot be cancelled must not be interrupted by it either: newer C libraries
 * send a signal to every thread that may be cancelled, wherever it is.
 */
static noinline long send_whole(int coid, struct qnet_call *c)
{
	CANCEL_OFF(was);

	return send_run(coid, c, false);
}

static inline long send_now(int coid, struct qnet_call *c, bool cancel)
{
	return cancel ? send_run(coid, c, true) : send_whole(coid, c);
}

static noinline long send_timed(int coid, struct qnet_call *c, bool cancel)
{
	long ret;

	qnet_timeout_take(_NTO_TIMEOUT_SEND | _NTO_TIMEOUT_REPLY, &c->flags,
			  &c->timeout_ns);
	ret = send_now(coid, c, cancel);
	qnet_timeout_done();
	return ret;
}

static inline long send_call(int coid, struct qnet_call *c, bool cancel)
{
	c->flags = 0;
	c->timeout_ns = 0;
	if (unlikely(qnet_timeout.states))
		return send_timed(coid, c, cancel);
	return send_now(coid, c, cancel);
}

#define DEFINE_SEND(suffix, cancel, params, sbuf, rbuf, args)		\
long MsgSend##suffix##_r params						\
{									\
	struct qnet_call c;						\
									\
	sbuf;								\
	rbuf;								\
	return send_call(coid, &c, cancel);				\
}									\
									\
long MsgSend##suffix params						\
{									\
	return qnet_ret(MsgSend##suffix##_r args);			\
}

#define PARAMS_SS	(int coid, const void *smsg, size_t sbytes,	\
			 void *rmsg, size_t rbytes)
#define PARAMS_SV	(int coid, const void *smsg, size_t sbytes,	\
			 const iov_t *riov, size_t rparts)
#define PARAMS_VS	(int coid, const iov_t *siov, size_t sparts,	\
			 void *rmsg, size_t rbytes)
#define PARAMS_VV	(int coid, const iov_t *siov, size_t sparts,	\
			 const iov_t *riov, size_t rparts)
#define ARGS_SS		(coid, smsg, sbytes, rmsg, rbytes)
#define ARGS_SV		(coid, smsg, sbytes, riov, rparts)
#define ARGS_VS		(coid, siov, sparts, rmsg, rbytes)
#define ARGS_VV		(coid, siov, sparts, riov, rparts)
#define SEND_ONE	buf_one(&c.send, smsg, sbytes)
#define SEND_VEC	buf_vec(&c.send, siov, sparts)
#define RECV_ONE	buf_one(&c.recv, rmsg, rbytes)
#define RECV_VEC	buf_vec(&c.recv, riov, rparts)

DEFINE_SEND(, true, PARAMS_SS, SEND_ONE, RECV_ONE, ARGS_SS)
DEFINE_SEND(nc, false, PARAMS_SS, SEND_ONE, RECV_ONE, ARGS_SS)
DEFINE_SEND(sv, true, PARAMS_SV, SEND_ONE, RECV_VEC, ARGS_SV)
DEFINE_SEND(svnc, false, PARAMS_SV, SEND_ONE, RECV_VEC, ARGS_SV)
DEFINE_SEND(vs, true, PARAMS_VS, SEND_VEC, RECV_ONE, ARGS_VS)
DEFINE_SEND(vsnc, false, PARAMS_VS, SEND_VEC, RECV_ONE, ARGS_VS)
DEFINE_SEND(v, true, PARAMS_VV, SEND_VEC, RECV_VEC, ARGS_VV)
DEFINE_SEND(vnc, false, PARAMS_VV, SEND_VEC, RECV_VEC, ARGS_VV)

int qnet_connect_now(int coid)
{
	struct qnet_call c = { .flags = QNET_F_ATTACH };
	long ret;

	/* There is no server that it could wait for. */
	qnet_timeout_take(_NTO_TIMEOUT_SEND, &c.flags, &c.timeout_ns);
	ret = send_now(coid, &c, true);
	qnet_timeout_done();
	return (int)qnet_ret(ret);
}

/* --- receiving --------------------------------------------------------- */

void qnet_info_set(struct _msg_info *to, const struct qnet_msg_info *from)
{
	to->nd = from->nd;
	to->srcnd = from->srcnd;
	to->pid = from->pid;
	to->tid = from->tid;
	to->chid = from->chid;
	to->scoid = from->scoid;
	to->coid = from->coid;
	to->priority = (_Int16t)from->priority;
	to->flags = (_Int16t)from->flags;
	to->msglen = (ssize_t)from->msglen;
	to->srcmsglen = (ssize_t)from->srcmsglen;
	to->dstmsglen = (ssize_t)from->dstmsglen;
	to->type_id = 0;
	to->reserved = 0;
}

/* The channel was destroyed under the thread: ESRCH whatever the kernel says. */
static int recv_err(struct slot *s, int err)
{
	return err == -EINTR || slot_live(s) ? err : -ESRCH;
}

/*
 * The thread is cancelled with a message in its hand: its client shall send it
 * again, to another thread.
 */
static void recv_undo(struct qnet_recv **r)
{
	if (likely(!*r || (*r)->rcvid <= 0))
		return;
	while (MsgError_r((*r)->rcvid, ERESTART) == -EINTR)
		;
}

#define RECV_GUARD(name, recv) \
	struct qnet_recv *name __attribute__((cleanup(recv_undo))) = (recv)

/* Nothing yet: that tells those who undo it whether the call has come so far. */
static inline void recv_init(struct qnet_recv *r, unsigned int flags)
{
	r->flags = flags;
	r->reserved = 0;
	r->timeout_ns = 0;
	r->rcvid = -1;
	r->pad = 0;
}

/* It waits at the thread's own priority and returns at the client's. */
static inline int recv_ioctl(struct slot *s, unsigned long cmd, void *arg,
			     struct qnet_recv *r)
{
	RECV_GUARD(guard, r);
	int ret;

	if (unlikely(qnet_prio.at))
		qnet_prio_back();
	ret = qnet_ioctl_cancel(s->fd, cmd, arg);
	guard = NULL;
	if (likely(!ret) && unlikely(r->info.priority != qnet_prio.like) &&
	    r->rcvid && !(s->flags & _NTO_CHF_FIXED_PRIORITY))
		qnet_prio_lend(r->info.priority);
	return ret;
}

static inline int recv_now(int chid, struct qnet_recv *r,
			   struct _msg_info *info)
{
	SLOT_GUARD(s);
	int ret;

	s = slot_get(&qnet_chans, (unsigned int)chid);
	if (unlikely(!s))
		return -ESRCH;
	ret = recv_ioctl(s, QNET_IOC_RECV, r, r);
	if (unlikely(ret))
		return recv_err(s, ret);
	qnet_last_channel(chid);
	if (info && r->rcvid)
		qnet_info_set(info, &r->info);
	return r->rcvid;
}

static noinline int recv_timed(int chid, struct qnet_recv *r,
			       struct _msg_info *info)
{
	int ret;

	qnet_timeout_take(_NTO_TIMEOUT_RECEIVE, &r->flags, &r->timeout_ns);
	ret = recv_now(chid, r, info);
	qnet_timeout_done();
	return ret;
}

static inline int recv_call(int chid, struct qnet_recv *r, unsigned int flags,
			    struct _msg_info *info)
{
	recv_init(r, flags);
	if (unlikely(qnet_timeout.states))
		return recv_timed(chid, r, info);
	return recv_now(chid, r, info);
}

#define DEFINE_RECV(name, flags)					\
int name##_r(int chid, void *msg, size_t bytes, struct _msg_info *info)	\
{									\
	struct qnet_recv r;						\
									\
	buf_one(&r.recv, msg, bytes);					\
	return recv_call(chid, &r, flags, info);			\
}									\
									\
int name(int chid, void *msg, size_t bytes, struct _msg_info *info)	\
{									\
	return (int)qnet_ret(name##_r(chid, msg, bytes, info));		\
}									\
									\
int name##v_r(int chid, const iov_t *iov, size_t parts,			\
	      struct _msg_info *info)					\
{									\
	struct qnet_recv r;						\
									\
	buf_vec(&r.recv, iov, parts);					\
	return recv_call(chid, &r, flags, info);			\
}									\
									\
int name##v(int chid, const iov_t *iov, size_t parts,			\
	    struct _msg_info *info)					\
{									\
	return (int)qnet_ret(name##v_r(chid, iov, parts, info));	\
}

DEFINE_RECV(MsgReceive, 0)
DEFINE_RECV(MsgReceivePulse, QNET_F_PULSE)

/* --- replying ---------------------------------------------------------- */

/* A call about a receive id that may block, and be timed. */
static noinline int rcvid_timed(unsigned long cmd, void *arg, uint32_t *flags,
				__u64 *ns)
{
	int ret;

	qnet_timeout_take(_NTO_TIMEOUT_REPLY, flags, ns);
	ret = qnet_rcvid_ioctl(cmd, arg);
	qnet_timeout_done();
	return ret;
}

static inline int reply_call(struct qnet_reply *r, int rcvid,
			     unsigned int flags, long status)
{
	r->rcvid = rcvid;
	r->flags = flags;
	r->status = status;
	r->timeout_ns = 0;
	if (unlikely(qnet_timeout.states))
		return rcvid_timed(QNET_IOC_REPLY, r, &r->flags,
				   &r->timeout_ns);
	return qnet_rcvid_ioctl(QNET_IOC_REPLY, r);
}

int MsgReply_r(int rcvid, long status, const void *msg, size_t bytes)
{
	struct qnet_reply r;

	buf_one(&r.send, msg, bytes);
	return reply_call(&r, rcvid, 0, status);
}

int MsgReply(int rcvid, long status, const void *msg, size_t bytes)
{
	return (int)qnet_ret(MsgReply_r(rcvid, status, msg, bytes));
}

int MsgReplyv_r(int rcvid, long status, const iov_t *iov, size_t parts)
{
	struct qnet_reply r;

	buf_vec(&r.send, iov, parts);
	return reply_call(&r, rcvid, 0, status);
}

int MsgReplyv(int rcvid, long status, const iov_t *iov, size_t parts)
{
	return (int)qnet_ret(MsgReplyv_r(rcvid, status, iov, parts));
}

int MsgError_r(int rcvid, int error)
{
	struct qnet_reply r;

	buf_one(&r.send, NULL, 0);
	return reply_call(&r, rcvid, QNET_F_ERROR, error);
}

int MsgError(int rcvid, int error)
{
	return (int)qnet_ret(MsgError_r(rcvid, error));
}

/*
 * The thread is cancelled before it has replied: the client shall not pay for it.
 * The kernel says so if it has replied, and then could not receive.
 */
static void reply_undo(struct qnet_replyrecv **rr)
{
	struct qnet_reply *r;

	if (likely(!*rr || !(*rr)->reply.rcvid || (*rr)->recv.rcvid >= 0))
		return;
	r = &(*rr)->reply;
	/* Whatever time there was: it is the last word. */
	r->flags = 0;
	r->timeout_ns = 0;
	while (qnet_rcvid_ioctl(QNET_IOC_REPLY, r) == -EINTR)
		;
}

static inline int replyrecv_now(int chid, int *rcvid,
				struct qnet_replyrecv *rr,
				struct _msg_info *info)
{
	struct qnet_replyrecv *guard __attribute__((cleanup(reply_undo)));
	SLOT_GUARD(s);
	int ret;

	guard = NULL;
	s = slot_get(&qnet_chans, (unsigned int)chid);
	if (unlikely(!s))
		return -ESRCH;
	guard = rr;
	ret = recv_ioctl(s, QNET_IOC_REPLYRECV, rr, &rr->recv);
	guard = NULL;
	*rcvid = rr->reply.rcvid;
	if (unlikely(ret))
		return *rcvid ? ret : recv_err(s, ret);
	*rcvid = 0;
	qnet_last_channel(chid);
	if (info && rr->recv.rcvid)
		qnet_info_set(info, &rr->recv.info);
	return rr->recv.rcvid;
}

/* Either half may be timed, each by its own state. */
static noinline int replyrecv_timed(int chid, int *rcvid,
				    struct qnet_replyrecv *rr,
				    struct _msg_info *info)
{
	int states = qnet_timeout.states;
	int ret;

	qnet_timeout_take(_NTO_TIMEOUT_REPLY, &rr->reply.flags,
			  &rr->reply.timeout_ns);
	qnet_timeout.states = states;
	qnet_timeout_take(_NTO_TIMEOUT_RECEIVE, &rr->recv.flags,
			  &rr->recv.timeout_ns);
	ret = replyrecv_now(chid, rcvid, rr, info);
	qnet_timeout_done();
	return ret;
}

int qnet_reply_receive_r(int chid, int *rcvid, long status,
			 const void *smsg, size_t sbytes,
			 void *rmsg, size_t rbytes, struct _msg_info *info)
{
	struct qnet_replyrecv rr;

	if (!*rcvid)
		return MsgReceive_r(chid, rmsg, rbytes, info);
	rr.reply.rcvid = *rcvid;
	rr.reply.flags = 0;
	rr.reply.status = status;
	rr.reply.timeout_ns = 0;
	buf_one(&rr.reply.send, smsg, sbytes);
	buf_one(&rr.recv.recv, rmsg, rbytes);
	recv_init(&rr.recv, 0);
	if (unlikely(qnet_timeout.states))
		return replyrecv_timed(chid, rcvid, &rr, info);
	return replyrecv_now(chid, rcvid, &rr, info);
}

int qnet_reply_receive(int chid, int *rcvid, long status,
		       const void *smsg, size_t sbytes,
		       void *rmsg, size_t rbytes, struct _msg_info *info)
{
	return (int)qnet_ret(qnet_reply_receive_r(chid, rcvid, status, smsg,
						  sbytes, rmsg, rbytes, info));
}

/* --- reading and writing at an offset ---------------------------------- */

static inline ssize_t xfer_call(struct qnet_xfer *x, unsigned long cmd,
				int rcvid, size_t offset)
{
	int ret;

	x->rcvid = rcvid;
	x->flags = 0;
	x->offset = offset;
	x->timeout_ns = 0;
	x->bytes = 0;
	if (unlikely(qnet_timeout.states))
		ret = rcvid_timed(cmd, x, &x->flags, &x->timeout_ns);
	else
		ret = qnet_rcvid_ioctl(cmd, x);
	return ret ? ret : (ssize_t)x->bytes;
}

#define DEFINE_XFER(name, cmd, type)					\
ssize_t name##_r(int rcvid, type *msg, size_t bytes, size_t offset)	\
{									\
	struct qnet_xfer x;						\
									\
	buf_one(&x.buf, msg, bytes);					\
	return xfer_call(&x, cmd, rcvid, offset);			\
}									\
									\
ssize_t name(int rcvid, type *msg, size_t bytes, size_t offset)		\
{									\
	return qnet_ret(name##_r(rcvid, msg, bytes, offset));		\
}									\
									\
ssize_t name##v_r(int rcvid, const iov_t *iov, size_t parts,		\
		  size_t offset)					\
{									\
	struct qnet_xfer x;						\
									\
	buf_vec(&x.buf, iov, parts);					\
	return xfer_call(&x, cmd, rcvid, offset);			\
}									\
									\
ssize_t name##v(int rcvid, const iov_t *iov, size_t parts, size_t offset) \
{									\
	return qnet_ret(name##v_r(rcvid, iov, parts, offset));		\
}

DEFINE_XFER(MsgRead, QNET_IOC_READ, void)
DEFINE_XFER(MsgWrite, QNET_IOC_WRITE, const void)

int MsgInfo_r(int rcvid, struct _msg_info *info)
{
	struct qnet_info i = { .rcvid = rcvid };
	int ret;

	if (!info)
		return -EFAULT;
	ret = qnet_rcvid_ioctl(QNET_IOC_INFO, &i);
	if (!ret)
		qnet_info_set(info, &i.info);
	return ret;
}

int MsgInfo(int rcvid, struct _msg_info *info)
{
	return (int)qnet_ret(MsgInfo_r(rcvid, info));
}
