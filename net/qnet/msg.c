// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 5: one transaction, SEND to REPLY.
 *
 * The client's message is copied into kernel memory once and stays readable by
 * offset until the reply; of a long one only the first part.  What the server
 * writes into the reply area, and what it wants of the rest of the message, is
 * kept as pieces, and the client's own thread copies them to and from its
 * memory: so a fault there is the client's, and no thread ever touches
 * another's memory.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "qnet_priv.h"

#include <trace/events/qnet.h>

static struct kmem_cache *qnet_msg_cache;

/* Where a process keeps the memory of its last transaction: one it began as a
 * client, which is charged to it, or one that came from another node.
 */
static struct qnet_msg **qnet_msg_spare(struct qnet_vc *vc, bool wire)
{
	return wire ? &vc->chan->proc->spare_wire : &vc->proc->spare;
}

static struct qnet_msg *qnet_msg_alloc(struct qnet_vc *vc, bool wire, gfp_t gfp)
{
	struct qnet_msg *m = xchg(qnet_msg_spare(vc, wire), NULL);

	if (!m)
		m = kmem_cache_alloc(qnet_msg_cache, gfp);
	if (!m)
		return NULL;
	memset_startat(m, 0, state);
	m->wire = wire;
	refcount_set(&m->ref, 1);
	m->vc = qnet_vc_hold(vc);
	INIT_HLIST_NODE(&m->vc_node);
	INIT_LIST_HEAD(&m->out.list);
	m->out.pulse = false;
	m->out.sent = false;
	m->ent.unblock = false;
	m->begun = jiffies;
	INIT_LIST_HEAD(&m->pieces);
	spin_lock_init(&m->lock);
	return m;
}

void qnet_msg_free_spare(struct qnet_msg *m)
{
	if (m)
		kmem_cache_free(qnet_msg_cache, m);
}

/* What is not in one piece, for qnet_user_get() and qnet_user_put(). */
bool qnet_user_get_parts(void *to, const struct qnet_user *from, size_t len)
{
	struct iov_iter it = from->iter;

	return _copy_from_iter(to, len, &it) == len;
}

bool qnet_user_put_parts(const struct qnet_user *to, const void *from,
			 size_t len)
{
	struct iov_iter it = to->iter;

	return _copy_to_iter(from, len, &it) == len;
}

static int qnet_msg_copy_long(struct qnet_msg *m, const struct qnet_user *from)
{
	struct iov_iter it = from->iter;

	m->data = kvmalloc(m->have, GFP_KERNEL_ACCOUNT);
	if (!m->data)
		return -ENOMEM;
	return copy_from_iter_full(m->data, m->have, &it) ? 0 : -EFAULT;
}

static int qnet_msg_copy_in(struct qnet_msg *m, const struct qnet_user *from,
			    u32 keep)
{
	m->have = min_t(size_t, from->len, keep);
	m->srclen = from->len;
	if (from->len > QNET_MSG_INLINE)
		return qnet_msg_copy_long(m, from);
	m->data = m->inl;
	return qnet_user_get(m->inl, from, from->len) ? 0 : -EFAULT;
}

struct qnet_msg *qnet_msg_new(struct qnet_vc *vc, const struct qnet_user *from,
			      u64 dstlen, u8 prio, u32 keep)
{
	struct qnet_msg *m;
	int err;

	if (from->len > QNET_MSG_MAX)
		return ERR_PTR(-EMSGSIZE);
	m = qnet_msg_alloc(vc, false, GFP_KERNEL_ACCOUNT);
	if (!m)
		return ERR_PTR(-ENOMEM);
	m->ent.prio = prio;
	m->coid = READ_ONCE(vc->coid);
	m->tid = qnet_tid();
	m->dstlen = min_t(u64, dstlen, QNET_MSG_MAX);
	err = qnet_msg_copy_in(m, from, keep);
	if (err) {
		qnet_msg_put(m);
		return ERR_PTR(err);
	}
	return m;
}

/* Where a short message is copied to, or NULL. */
static void *qnet_msg_room(struct qnet_msg *m, u32 n)
{
	if (n <= QNET_MSG_INLINE)
		return m->inl;
	return n <= QNET_MSG_COPY ? kmalloc(n, GFP_ATOMIC) : NULL;
}

/* A short message is taken out of its packet, a longer one stays there. */
static void qnet_msg_take_data(struct qnet_msg *m, u32 n, struct sk_buff *skb,
			       u32 skip)
{
	m->have = n;
	m->data = qnet_msg_room(m, n);
	if (m->data) {
		if (m->data != m->inl)
			atomic_add(QNET_MSG_COPY, &m->vc->node->rx_bytes);
		/* It is all there: else the packet would not have been taken. */
		if (qnet_skb_get(m->data, skb, skip, n))
			m->have = 0;
		napi_consume_skb(skb, 1);
		return;
	}
	m->skb = skb;
	m->skip = skip;
	atomic_add(skb->truesize, &m->vc->node->rx_bytes);
}

struct qnet_msg *qnet_msg_new_wire(struct qnet_vc *vc,
				   const struct qnet_kif *k,
				   struct sk_buff *skb, u32 skip)
{
	struct qnet_msg *m = qnet_msg_alloc(vc, true, GFP_ATOMIC);

	if (!m)
		return NULL;
	if (k->big)
		m->mi_flags |= QNET_MI_ENDIAN_BIG;
	if (k->big != IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		m->mi_flags |= QNET_MI_ENDIAN_DIFF;
	m->ent.prio = clamp(k->vinfo.prio, 0, QNET_PRIO_MAX);
	m->coid = k->vinfo.coid;
	m->tid = k->vinfo.tid;
	m->srcnd = k->vinfo.srcnd;
	m->srclen = max(k->vinfo.srcmsglen, k->nbytes);
	m->dstlen = min_t(u32, k->vinfo.dstmsglen, QNET_MSG_MAX);
	m->handle = k->handle;
	atomic_add(sizeof(*m), &vc->node->rx_bytes);
	qnet_msg_take_data(m, k->nbytes, skb, skip);
	return m;
}

void qnet_msg_forget_data(struct qnet_msg *m)
{
	atomic_sub(m->skb->truesize, &m->vc->node->rx_bytes);
	consume_skb(m->skb);
	m->skb = NULL;
	m->have = 0;
}

void qnet_msg_free(struct qnet_msg *m)
{
	struct qnet_piece *p, *next;
	struct qnet_vc *vc = m->vc;

	list_for_each_entry_safe(p, next, &m->pieces, list)
		qnet_piece_put(p);
	if (m->skb)
		qnet_msg_forget_data(m);
	if (m->wire)
		atomic_sub(sizeof(*m), &vc->node->rx_bytes);
	if (m->data && m->data != m->inl) {
		if (m->wire)
			atomic_sub(QNET_MSG_COPY, &vc->node->rx_bytes);
		kvfree(m->data);
	}
	if (cmpxchg(qnet_msg_spare(vc, m->wire), NULL, m))
		kmem_cache_free(qnet_msg_cache, m);
	qnet_vc_put(vc);
}

struct qnet_piece *qnet_piece_new(u64 off, u32 len, gfp_t gfp)
{
	struct qnet_piece *p = kvmalloc(struct_size(p, data, len), gfp);

	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	refcount_set(&p->ref, 1);
	init_completion(&p->done);
	p->off = off;
	p->len = len;
	p->charge = struct_size(p, data, len);
	return p;
}

void qnet_piece_put(struct qnet_piece *p)
{
	if (!refcount_dec_and_test(&p->ref))
		return;
	consume_skb(p->skb);
	kvfree(p);
}

/* A reply of a call with a cookie fits it, in frames of half their memory. */
static u64 qnet_msg_bound(const struct qnet_msg *m)
{
	return 2 * min_t(u64, m->dstlen, QNET_MSG_ASYNC_MAX) +
	       QNET_MSG_WRITE_SLACK;
}

/* Does the socket of a call with a cookie hold too many other replies? */
static bool qnet_msg_crowded(const struct qnet_msg *m)
{
	s64 others;

	if (!m->sk)
		return false;
	others = (s64)atomic_read(&m->sk->sk_rmem_alloc) - m->piece_bytes;
	return m->fault || others > READ_ONCE(m->sk->sk_rcvbuf) +
				    (s64)QNET_MSG_RMEM_SLACK;
}

static int qnet_msg_may_add(const struct qnet_msg *m,
			    const struct qnet_piece *p, bool final)
{
	if (m->ended)
		return -ESRCH;
	if (qnet_msg_crowded(m)) {
		/* A long reply is refused in parts. */
		if (!final)
			return -EAGAIN;
		QNET_INC(m->vc->qn, QNET_MIB_KIF_CROWDED);
		return -ENOBUFS;
	}
	if (!final && m->piece_bytes + p->charge > qnet_msg_bound(m))
		return -EAGAIN;
	return 0;
}

static void qnet_msg_charge(struct qnet_msg *m, s64 n)
{
	lockdep_assert_held(&m->lock);
	m->piece_bytes += n;
	if (m->sk)
		atomic_add(n, &m->sk->sk_rmem_alloc);
}

int qnet_msg_add_piece(struct qnet_msg *m, struct qnet_piece *p, bool final)
{
	int err;

	spin_lock_bh(&m->lock);
	err = qnet_msg_may_add(m, p, final);
	if (!err) {
		if (!p->read)
			m->extent = max(m->extent, p->off + p->len);
		list_add_tail(&p->list, &m->pieces);
		qnet_msg_charge(m, p->charge);
		if (m->task && !final)
			wake_up_process(m->task);
	}
	spin_unlock_bh(&m->lock);
	return err;
}

static struct qnet_piece *qnet_msg_next_piece(struct qnet_msg *m)
{
	struct qnet_piece *p;

	spin_lock_bh(&m->lock);
	p = list_first_entry_or_null(&m->pieces, struct qnet_piece, list);
	if (p) {
		list_del(&p->list);
		qnet_msg_charge(m, -(s64)p->charge);
	}
	spin_unlock_bh(&m->lock);
	return p;
}

static int qnet_piece_apply(struct qnet_piece *p, const struct qnet_user *to)
{
	struct iov_iter it = to->iter;
	bool ok;

	if (p->off >= to->len || !p->len)
		return 0;
	iov_iter_advance(&it, p->off);
	p->len = min_t(u64, p->len, to->len - p->off);
	if (p->skb)
		ok = !skb_copy_datagram_iter(p->skb, p->skip, &it, p->len);
	else
		ok = copy_to_iter(p->data, p->len, &it) == p->len;
	return ok ? 0 : qnet_user_err(-EFAULT, -ESRCH);
}

/* Of a call with a cookie, which gets an error: no thread waits for them. */
static void qnet_msg_purge(struct qnet_msg *m)
{
	struct qnet_piece *p;

	while ((p = qnet_msg_next_piece(m)))
		qnet_piece_put(p);
}

void qnet_msg_fault(struct qnet_msg *m, int err)
{
	spin_lock_bh(&m->lock);
	if (!m->fault)
		WRITE_ONCE(m->fault, err);
	spin_unlock_bh(&m->lock);
	if (m->sk)
		qnet_msg_purge(m);
}

int qnet_user_part(void *to, const struct qnet_user *from, u64 off, size_t len)
{
	struct iov_iter it = from->iter;

	iov_iter_advance(&it, off);
	if (copy_from_iter_full(to, len, &it))
		return 0;
	return qnet_user_err(-EFAULT, -ESRCH);
}

/* @from is NULL if the client brings nothing any more. */
static void qnet_msg_serve(struct qnet_msg *m, struct qnet_piece *p,
			   const struct qnet_user *from)
{
	if (p->wire)
		qnet_kif_give(m, p, from);
	else
		p->err = from ? qnet_user_part(p->data, from, p->off, p->len) :
				-ESRCH;
}

/* Moves what the server has given, or wants; the first fault of the reply area
 * is remembered.  @to is NULL if the client takes nothing any more.
 */
static void qnet_msg_move(struct qnet_msg *m, struct qnet_piece *p,
			  const struct qnet_user *from,
			  const struct qnet_user *to)
{
	if (p->read) {
		qnet_msg_serve(m, p, from);
	} else {
		p->err = to ? qnet_piece_apply(p, to) : -ESRCH;
		if (p->err)
			qnet_msg_fault(m, p->err);
	}
	complete(&p->done);
	qnet_piece_put(p);
}

/* The call has ended: no more pieces come. */
static void qnet_msg_drain(struct qnet_msg *m, const struct qnet_user *to)
{
	struct qnet_piece *p;

	/* Pieces come before m->ended is set, or wake the thread once more. */
	if (list_empty_careful(&m->pieces))
		return;
	while ((p = qnet_msg_next_piece(m))) {
		qnet_msg_move(m, p, NULL, to);
		cond_resched();
	}
}

int qnet_msg_pass(struct qnet_msg *m, struct qnet_piece *p, long *timeo)
{
	int err;

	refcount_inc(&p->ref);
	err = qnet_msg_add_piece(m, p, false);
	if (err)
		qnet_piece_put(p);
	if (err || !m->task || !*timeo)
		return err;
	*timeo = wait_for_completion_interruptible_timeout(&p->done, *timeo);
	return qnet_waited(*timeo) ?: p->err;
}

static int qnet_msg_fetch_chunk(struct qnet_msg *m, u64 off, u32 len,
				struct iov_iter *to, long *timeo)
{
	struct qnet_piece *p = qnet_piece_new(off, len, GFP_KERNEL_ACCOUNT);
	int err;

	if (!p)
		return -ENOMEM;
	p->read = true;
	err = qnet_msg_pass(m, p, timeo);
	if (!err && copy_to_iter(p->data, len, to) != len)
		err = -QNET_ESRVRFAULT;
	qnet_piece_put(p);
	return err;
}

ssize_t qnet_msg_fetch(struct qnet_msg *m, u64 off, size_t len,
		       struct iov_iter *to, long *timeo)
{
	size_t done = 0;
	int err = 0;

	while (done < len && *timeo && !err) {
		u32 n = min_t(size_t, len - done, QNET_MSG_CHUNK);

		err = qnet_msg_fetch_chunk(m, off + done, n, to, timeo);
		if (!err)
			done += n;
	}
	/* The time is over: that is what there is by now. */
	if (err && (err != -ETIMEDOUT || *timeo))
		return err;
	return done;
}

void qnet_msg_close(struct qnet_msg *m)
{
	struct qnet_piece *p;

	spin_lock_bh(&m->lock);
	m->ended = true;
	spin_unlock_bh(&m->lock);
	while ((p = qnet_msg_next_piece(m)))
		qnet_msg_move(m, p, NULL, NULL);
}

static noinline void qnet_msg_trace(const struct qnet_msg *m, s64 status, int err)
{
	const struct qnet_vc *vc = m->vc;

	trace_qnet_done(vc->qn->net->ns.inum, vc->key.nd, vc->rpid, vc->rchid,
			m->tid, status, err);
}

void qnet_msg_left(const struct qnet_msg *m)
{
	if (trace_qnet_done_enabled())
		qnet_msg_trace(m, 0, m->unblock ?: -EINTR);
}

void qnet_msg_finish(struct qnet_msg *m, s64 status, int err)
{
	m->status = status;
	m->err = err;
	if (trace_qnet_done_enabled())
		qnet_msg_trace(m, status, err);
	/* Under the lock, so that no piece comes after it; and so that the
	 * thread, which may go on at once, does not go away before it is woken:
	 * with preemption off we are on the read side of RCU.
	 */
	spin_lock(&m->lock);
	/* Pairs with smp_load_acquire() in qnet_msg_ended(). */
	smp_store_release(&m->ended, true);
	if (m->task)
		wake_up_process(m->task);
	spin_unlock(&m->lock);
	if (unlikely(err) && m->sk)
		qnet_msg_purge(m);
	if (m->notify)
		m->notify(m);
}

static bool qnet_msg_ended(const struct qnet_msg *m)
{
	/* Pairs with smp_store_release() in qnet_msg_finish(). */
	return smp_load_acquire(&m->ended);
}

void qnet_msg_wake(struct qnet_msg *m)
{
	spin_lock_bh(&m->lock);
	/* Before that the thread does not leave. */
	if (!m->ended)
		wake_up_process(m->task);
	spin_unlock_bh(&m->lock);
}

/* Is the client REPLY-blocked?  Of another node's server it is not known here. */
static bool qnet_msg_received(const struct qnet_msg *m)
{
	u8 state = READ_ONCE(m->state);

	if (m->vc->side == QNET_VC_CLIENT)
		return READ_ONCE(m->out.sent);
	return state != QNET_MSG_NEW && state != QNET_MSG_QUEUED;
}

/* Is the client in the state in which its time counts? */
static bool qnet_msg_counts(const struct qnet_msg *m)
{
	return qnet_msg_received(m) == !(m->timed & QNET_F_TIMEOUT_SEND);
}

/* What is left of a time that counts in one state only; if that is the first, it
 * ends at @end.
 */
static noinline long qnet_msg_left_of_state(struct qnet_msg *m,
					    unsigned long end)
{
	bool send = m->timed & QNET_F_TIMEOUT_SEND;

	if (m->unblock || !qnet_msg_counts(m))
		return MAX_SCHEDULE_TIMEOUT;
	if (m->watch && !send && !(m->timed & QNET_F_ABSTIME)) {
		WRITE_ONCE(m->begun, jiffies);
		m->timeo += min_t(u64, MAX_SCHEDULE_TIMEOUT - m->timeo,
				  nsecs_to_jiffies64(qnet_since_tick()));
	}
	WRITE_ONCE(m->watch, false);
	if (!send)
		end = m->begun + m->timeo;
	return max(0L, (long)(end - jiffies));
}

/* Is there a signal that ends the wait? */
static bool qnet_msg_signalled(const struct qnet_msg *m)
{
	if (unlikely(m->unblock))
		return fatal_signal_pending(current);
	return signal_pending(current);
}

/* Sleeps until something happens.  Return: whether it is the end. */
static bool qnet_msg_sleep(struct qnet_msg *m, long *left)
{
	set_current_state(unlikely(m->unblock) ?
			  TASK_KILLABLE | TASK_FREEZABLE : TASK_INTERRUPTIBLE);
	if (!qnet_msg_ended(m) && list_empty_careful(&m->pieces) &&
	    !qnet_msg_signalled(m) &&
	    !(unlikely(m->watch) && !m->unblock && qnet_msg_counts(m)))
		*left = qnet_sleep(*left);
	__set_current_state(TASK_RUNNING);
	return qnet_msg_ended(m);
}

/* One piece at a time, so that whoever makes them cannot keep the thread from
 * hearing a signal, or that its time is over.
 */
int qnet_msg_wait(struct qnet_msg *m, const struct qnet_user *from,
		  const struct qnet_user *to)
{
	long left = m->unblock || m->watch ? MAX_SCHEDULE_TIMEOUT : m->timeo;
	unsigned long end = jiffies + left;
	struct qnet_piece *p;

	while (!qnet_msg_sleep(m, &left)) {
		if (qnet_msg_signalled(m))
			return -EINTR;
		if (left != MAX_SCHEDULE_TIMEOUT)
			left = max(0L, (long)(end - jiffies));
		if (unlikely(m->timed))
			left = qnet_msg_left_of_state(m, end);
		if (!left)
			return -ETIMEDOUT;
		p = qnet_msg_next_piece(m);
		if (p)
			qnet_msg_move(m, p, from, to);
		cond_resched();
	}
	return 0;
}

void qnet_msg_wait_end(struct qnet_msg *m)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (qnet_msg_ended(m))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

int qnet_msg_result(struct qnet_msg *m, const struct qnet_user *to,
		    u64 *rbytes)
{
	u32 n = min_t(u64, m->rlen, to->len);

	qnet_msg_drain(m, to);
	*rbytes = max_t(u64, n, min_t(u64, m->extent, to->len));
	if (m->err)
		return m->err;
	if (m->rinline && n && !qnet_user_put(to, m->rinl, n))
		return -EFAULT;
	/* Of another node one more may come at any time. */
	return READ_ONCE(m->fault);
}

int __init qnet_msg_init(void)
{
	/* Only the inline buffers are copied to or from user space. */
	qnet_msg_cache =
		kmem_cache_create_usercopy("qnet_msg", sizeof(struct qnet_msg),
					   0, SLAB_HWCACHE_ALIGN,
					   offsetof(struct qnet_msg, inl),
					   2 * QNET_MSG_INLINE, NULL);
	return qnet_msg_cache ? 0 : -ENOMEM;
}

void qnet_msg_exit(void)
{
	kmem_cache_destroy(qnet_msg_cache);
}
