/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 5: one transaction, SEND to REPLY. */
#ifndef _QNET_MSG_H
#define _QNET_MSG_H

/* Data up to this size lies in the transaction itself. */
#define QNET_MSG_INLINE		128

/* A thread in a call keeps longer messages in its own memory, beyond this. */
#define QNET_MSG_KEEP		(1024U * 1024)

/* Unread MsgWrite data beyond the size of the reply area. */
#define QNET_MSG_WRITE_SLACK	(1024U * 1024)

/* Bytes that a server and a client's thread hand to each other at one time. */
#define QNET_MSG_CHUNK		61440

/* Replies of calls with a cookie that one socket may hold beyond its receive
 * buffer, for the calls were begun while there was room.
 */
#define QNET_MSG_RMEM_SLACK	(4 * QNET_MSG_ASYNC_MAX)

/* MsgError(rcvid, -1): what the client gets is what it would have left with. */
#define QNET_EUNBLOCK		(MAX_ERRNO + 1)

/* How long a server waits for a client's thread to bring or take @len bytes, in
 * all: half a minute, and a second for each 256 KiB.
 */
static inline long qnet_msg_patience(size_t len)
{
	return (30 + (len >> 18)) * HZ;
}

/* The same for a client's node, the way to which may be slow, lossy and shared: a
 * minute, and a second for each 4 KiB.
 */
static inline long qnet_msg_patience_wire(size_t len)
{
	return (60 + (len >> 12)) * HZ;
}

/* Of another node's message, bytes that are copied out of their packet: a short
 * one may lie in a page with much else.
 */
#define QNET_MSG_COPY		1024

/**
 * struct qnet_user - a buffer in user space, checked
 * @iter: set up for the whole buffer; copies of it are advanced
 * @len:  bytes in all
 * @vec:  backing of @iter, to be freed, or NULL
 * @fast: backing of short lists
 */
struct qnet_user {
	struct iov_iter	iter;
	size_t		len;
	struct iovec	*vec;
	struct iovec	fast[8];
};

/**
 * struct qnet_piece - bytes for the client's thread to move
 * @list:  qnet_msg.pieces
 * @ref:   the list has one; a local server that waits has another
 * @off:   their place in the reply area, or in the message
 * @len:   how many
 * @charge: memory, against the bound of the message
 * @read:  they are wanted from the message; else they go to the reply area
 * @wire:  @read: for MSGREAD @handle of another node; else they go to @data
 * @handle: see @wire
 * @conn:  @wire: of which life of that node, see qnet_node_life()
 * @skb:   they came in a packet, from @skip on; NULL: they are in @data
 * @skip:  see @skb
 * @done:  completed once they are moved, or never will be
 * @err:   why not
 * @data:  the bytes
 */
struct qnet_piece {
	struct list_head	list;
	refcount_t		ref;
	u64			off;
	u32			len;
	u32			charge;
	bool			read;
	bool			wire;
	u32			handle;
	u32			conn;
	u32			skip;
	struct sk_buff		*skb;
	struct completion	done;
	int			err;
	u8			data[];
};

enum qnet_msg_state {
	QNET_MSG_NEW,
	QNET_MSG_QUEUED,	/* the client is SEND-blocked */
	QNET_MSG_RECEIVED,	/* REPLY-blocked: it has a rcvid */
	QNET_MSG_TAKEN,		/* somebody ends it, or has */
};

/**
 * struct qnet_ent - what stands in a channel's queue
 * @node: in one of the two trees
 * @seq:  order of arrival
 * @prio: 0 to 255
 * @unblock: of a message that is received: it stands there once more, as the
 *         pulse that tells that its client wants out; false in a pulse
 */
struct qnet_ent {
	struct rb_node	node;
	u64		seq;
	u8		prio;
	bool		unblock;
};

/**
 * struct qnet_out - what waits for a circuit to open
 * @list:  qnet_vc.pending
 * @pulse: it is a struct qnet_kpulse, else a struct qnet_msg
 * @sent: it is on its way
 */
struct qnet_out {
	struct list_head list;
	bool		pulse;
	bool		sent;
};

/**
 * struct qnet_msg - a transaction
 * @ent:     server: place in the queue
 * @ref:     references, see qnet_priv.h
 * @hash:    server: in qnet_proc.rcvids
 * @tmp:     for whoever has taken the message
 * @vc:      the circuit, referenced
 * @tid:     client thread
 * @coid:    client's connection id
 * @srclen:  bytes of the message
 * @dstlen:  bytes of the reply area
 * @have:    bytes of the message at hand
 * @skip:    see @skb
 * @vc_node: qnet_vc.msgs, under qnet_vc.lock; unhashed if it has ended
 * @by_handle: @wire: qnet_vc.handles, likewise
 * @out:     client: in qnet_vc.pending
 * @lock:    innermost; protects @pieces, @piece_bytes, @fault and @ended
 * @pieces:  what MsgWrite and MsgReply gave, and MsgRead wants, in order
 * @timeo:   client: jiffies it may take, MAX_SCHEDULE_TIMEOUT: any time
 * @begun:   jiffies when it began, or came; with a @timed for one state only, when
 *           the client became REPLY-blocked, once it is
 * @status:  of the reply
 * @err:     0 or -errno
 * @cookie:  asynchronous: from the caller
 * @inl:     message of up to QNET_MSG_INLINE bytes
 * @rinl:    reply of up to QNET_MSG_INLINE bytes
 * @state:   server's side, under the lock of the server's process; from here
 *           on all is 0 at first
 * @wire:    this is the server's end of a call from another node
 * @ended:   @status and @err are final
 * @rinline: the reply is in @rinl, else in a piece
 * @rcvid:   server: > 0 once received
 * @handle:  client_handle on the wire
 * @mi_flags: QNET_MI_*
 * @srcnd:   server's node as the client numbers it
 * @rlen:    bytes of the reply
 * @fault:   client: first error of copying to the reply area
 * @unblock: client: -EINTR or -ETIMEDOUT, why it wants out; 0: it does not
 * @msglen:  server: bytes that went into its buffer
 * @ahead:   @wire: sent to the client's reply area, and perhaps not there yet
 * @timed:   client: QNET_F_TIMEOUT_SEND or _REPLY: @timeo is for one state only;
 *           with QNET_F_ABSTIME it began with the call in either case
 * @watch:   client: its thread is to wake when its time begins to count, or goes on
 * @attach:  client: there is no message, the circuit is to be open
 * @data:    the first @have bytes; NULL: they are in @skb
 * @skb:     @wire: the first @have bytes, from @skip on, if they are many
 * @piece_bytes: memory of @pieces
 * @extent:  end of the last byte they write
 * @task:    client: the thread in the call, which does not leave it before
 *           @ended; NULL: asynchronous
 * @sk:      asynchronous: the socket that gets the result, and pays for it;
 *           valid until the call was closed
 * @notify:  asynchronous: called once it is finished, in any context
 */
struct qnet_msg {
	struct qnet_ent		ent;
	refcount_t		ref;
	struct hlist_node	hash;
	struct list_head	tmp;
	struct qnet_vc		*vc;
	s32			tid;
	s32			coid;
	u64			srclen;
	u64			dstlen;
	u32			have;
	u32			skip;
	struct hlist_node	vc_node;
	struct rb_node		by_handle;
	struct qnet_out		out;
	spinlock_t		lock;	/* innermost: pieces */
	struct list_head	pieces;
	long			timeo;
	unsigned long		begun;
	s64			status;
	int			err;
	u64			cookie;
	u8			inl[QNET_MSG_INLINE];
	u8			rinl[QNET_MSG_INLINE];

	u8			state;
	bool			wire;
	bool			ended;
	bool			rinline;
	s32			rcvid;
	s32			handle;
	u32			mi_flags;
	u32			srcnd;
	u32			rlen;
	int			fault;
	int			unblock;
	u64			msglen;
	u32			ahead;
	u8			timed;
	bool			watch;
	bool			attach;
	void			*data;
	struct sk_buff		*skb;
	u64			piece_bytes;
	u64			extent;
	struct task_struct	*task;
	struct sock		*sk;
	void			(*notify)(struct qnet_msg *m);
};

/* Of the calling thread, as servers see it. */
static inline s32 qnet_tid(void)
{
	return thread_group_leader(current) ? 1 : task_pid_vnr(current);
}

/* How long ago jiffies was counted on, in ns: several of them where the CPU that
 * does it is held up, as that of a virtual machine may be.  A time that begins
 * meanwhile would be over as much too early.
 */
static inline u64 qnet_since_tick(void)
{
	/* First, so that it is not the later one. */
	u64 tick = ktime_get_coarse_ns();

	return ktime_get_ns() - tick;
}

/* schedule_timeout(), but for ever at no cost. */
static inline long qnet_sleep(long left)
{
	if (left != MAX_SCHEDULE_TIMEOUT)
		return schedule_timeout(left);
	schedule();
	return left;
}

/* What a wait has come to of which @left jiffies are left, below 0 a signal. */
static inline int qnet_waited(long left)
{
	return left < 0 ? -EINTR : left ? 0 : -ETIMEDOUT;
}

bool qnet_user_get_parts(void *to, const struct qnet_user *from, size_t len);
bool qnet_user_put_parts(const struct qnet_user *to, const void *from,
			 size_t len);

/* Copies of short messages from and to user space.  @len is not more than the
 * kernel's buffer has, by a comparison in the caller: so the checks of hardened
 * usercopy are left out, which cost more than such a copy.
 */
static inline bool qnet_user_get(void *to, const struct qnet_user *from,
				 size_t len)
{
	if (unlikely(!iter_is_ubuf(&from->iter)))
		return qnet_user_get_parts(to, from, len);
	return !_copy_from_user(to, from->iter.ubuf, len);
}

static inline bool qnet_user_put(const struct qnet_user *to, const void *from,
				 size_t len)
{
	if (unlikely(!iter_is_ubuf(&to->iter)))
		return qnet_user_put_parts(to, from, len);
	return !_copy_to_user(to->iter.ubuf, from, len);
}

/* The same from a packet: mostly it is in one piece there. */
static inline int qnet_skb_get(void *to, const struct sk_buff *skb, u32 off,
			       u32 len)
{
	if (unlikely(off + len > skb_headlen(skb)))
		return skb_copy_bits(skb, off, to, len);
	memcpy(to, skb->data + off, len);
	return 0;
}

/* A copy from or to the caller's memory has failed: it is bad, @err, or there is
 * none any more, for the caller is being killed.
 */
static inline int qnet_user_err(int err, int killed)
{
	return fatal_signal_pending(current) ? killed : err;
}

/* Part of the caller's own buffer.  Return: 0, -EFAULT, -ESRCH: it is killed. */
int qnet_user_part(void *to, const struct qnet_user *from, u64 off, size_t len);

/* A short one, as above, or a long one. */
static inline bool qnet_iter_put(struct iov_iter *to, const void *from,
				 size_t len)
{
	if (len <= QNET_MSG_INLINE)
		return _copy_to_iter(from, len, to) == len;
	return copy_to_iter(from, len, to) == len;
}

/**
 * qnet_msg_new() - a client's transaction, with its message copied
 * @vc: circuit, a reference is taken
 * @from: the message, at most QNET_MSG_MAX bytes
 * @dstlen: size of the reply area
 * @prio: 0 to 255
 * @keep: bytes of the message to keep here, if it is longer
 *
 * Return: it, with one reference, or ERR_PTR(-EMSGSIZE, -EFAULT, -ENOMEM).
 */
struct qnet_msg *qnet_msg_new(struct qnet_vc *vc, const struct qnet_user *from,
			      u64 dstlen, u8 prio, u32 keep);

/**
 * qnet_msg_new_wire() - the server's end of a call from another node
 * @vc: circuit, a reference is taken; it leads to a channel
 * @k: its MSGSEND
 * @skb: the packet, consumed; data from @skip on
 * @skip: see @skb
 *
 * BH off.  Return: it, with one reference, or NULL.
 */
struct qnet_msg *qnet_msg_new_wire(struct qnet_vc *vc,
				   const struct qnet_kif *k,
				   struct sk_buff *skb, u32 skip);

void qnet_msg_free(struct qnet_msg *m);
/* Of the server's end of a call: its data, in a packet, is to be read from the
 * client.
 */
void qnet_msg_forget_data(struct qnet_msg *m);
/* A transaction's memory that a process kept for its next one, or NULL. */
void qnet_msg_free_spare(struct qnet_msg *m);

static inline struct qnet_msg *qnet_msg_hold(struct qnet_msg *m)
{
	refcount_inc(&m->ref);
	return m;
}

static inline void qnet_msg_put(struct qnet_msg *m)
{
	if (refcount_dec_and_test(&m->ref))
		qnet_msg_free(m);
}

/**
 * qnet_msg_finish() - end the client's side: it gets status or error
 * @m: taken by the caller
 * @status: of the reply
 * @err: 0 or -errno
 *
 * BH off.  Drops no reference.
 */
void qnet_msg_finish(struct qnet_msg *m, s64 status, int err);

/**
 * qnet_msg_wait() - sleep until the transaction is finished
 * @m: a synchronous one; waits qnet_msg.timeo at most
 * @from: the message; read from meanwhile
 * @to: reply area; written to meanwhile
 *
 * Once qnet_msg.unblock is set there is no time, and it is for the server to let
 * the client go: only a signal that kills it ends the wait.
 *
 * Return: 0 finished, -EINTR, -ETIMEDOUT: the caller gives up or waits on.
 */
int qnet_msg_wait(struct qnet_msg *m, const struct qnet_user *from,
		  const struct qnet_user *to);

/* Does it want out because of a time that counts only while it is SEND-blocked? */
static inline bool qnet_msg_send_timed_out(const struct qnet_msg *m)
{
	return m->unblock == -ETIMEDOUT && m->timed & QNET_F_TIMEOUT_SEND;
}

/* It waits on; should it be SEND-blocked once more its time is over. */
static inline void qnet_msg_stay(struct qnet_msg *m)
{
	m->timeo = 0;
	WRITE_ONCE(m->unblock, 0);
}

/* The thread of a call that is under way looks again what there is. */
void qnet_msg_wake(struct qnet_msg *m);

/* A client has left its call, which nobody finishes: for the eye. */
void qnet_msg_left(const struct qnet_msg *m);

/* After a failed cancel: whoever has taken it is about to finish it. */
void qnet_msg_wait_end(struct qnet_msg *m);

/**
 * qnet_msg_result() - what a finished call returns
 * @m: finished
 * @to: reply area; pieces not yet there are copied
 * @rbytes: out: end of the last byte written by the server
 *
 * Return: 0 or -errno.
 */
int qnet_msg_result(struct qnet_msg *m, const struct qnet_user *to,
		    u64 *rbytes);

/* Bytes of the reply area are lost: the first such error is what it returns.  A
 * call with a cookie gets no others.
 */
void qnet_msg_fault(struct qnet_msg *m, int err);

/* A piece with room for @len bytes in it, or NULL. */
struct qnet_piece *qnet_piece_new(u64 off, u32 len, gfp_t gfp);
void qnet_piece_put(struct qnet_piece *p);

/**
 * qnet_msg_add_piece() - give bytes to the client
 * @m: message
 * @p: piece; the list takes over the caller's reference on success
 * @final: the reply itself
 *
 * Return: 0, -ESRCH it has ended, -EAGAIN too much unread, or with @final
 * -ENOBUFS, if the client's socket holds too many replies.
 */
int qnet_msg_add_piece(struct qnet_msg *m, struct qnet_piece *p, bool final);

/**
 * qnet_msg_pass() - have the client's thread move a piece, and wait for it
 * @m: message of a client of this node
 * @p: piece; the caller keeps his reference
 * @timeo: jiffies it may take; out: what is left of them
 *
 * Return: 0, also if there is no thread or no time: then it is left lying; an
 * error of qnet_msg_add_piece(), -EINTR, -ETIMEDOUT, or why it was not moved.
 */
int qnet_msg_pass(struct qnet_msg *m, struct qnet_piece *p, long *timeo);

/**
 * qnet_msg_fetch() - bytes of a message that its client has not handed over
 * @m: of a client of this node; its thread copies them
 * @off: offset in the message
 * @len: bytes, cut to the message by the caller
 * @to: where they go
 * @timeo: jiffies it may take; out: what is left of them
 *
 * Return: bytes copied, fewer when @timeo is over; -ESRCH the client is gone,
 * -EFAULT its memory is bad, -EINTR, -ENOMEM, -EAGAIN too many ask,
 * -QNET_ESRVRFAULT @to is bad.
 */
ssize_t qnet_msg_fetch(struct qnet_msg *m, u64 off, size_t len,
		       struct iov_iter *to, long *timeo);

/**
 * qnet_msg_close() - the client has given up: nothing more is taken
 * @m: message
 *
 * Releases servers that wait for the client to take or bring bytes.
 */
void qnet_msg_close(struct qnet_msg *m);

int qnet_msg_init(void);
void qnet_msg_exit(void);

#endif /* _QNET_MSG_H */
