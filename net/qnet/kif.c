// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 4: KIF packets to transactions and back.
 *
 * Client: the first message of a circuit sends CONNECT; what follows waits in
 * qnet_vc.pending, in order, until CONNECT_SUCCESS.  A call is found again by
 * its handle in qnet_node.calls.
 *
 * Server: server_id is the client_id the client chose, unique per node, which
 * settles an ambiguity of the format.  MsgRead asks for the client's bytes in
 * chunks; so many readers at once that two cannot starve each other, so few
 * that the answers cannot flood the client's queue.  MsgWrite sends without
 * being asked; the client's node keeps that until its thread takes it, so every
 * now and then a read of no bytes asks whether it has: it stands in line behind
 * what was written.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>

#include "qnet_priv.h"

#define QNET_KIF_VERSION	1

/* A pulse that waits for its circuit to open. */
struct qnet_kpulse {
	struct qnet_out	out;
	u8		prio;
	s8		code;
	s32		value;
};

/**
 * struct qnet_read - one MSGREAD under way, on the stack of its reader
 * @done:   completed by who takes it out of qnet_node.reads
 * @vc:     circuit it belongs to
 * @skb:    the answer
 * @skip:   where its data begins
 * @nbytes: data bytes
 * @err:    0 or -errno
 * @handle: msgread_handle
 */
struct qnet_read {
	struct completion	done;
	struct qnet_vc		*vc;
	struct sk_buff		*skb;
	u32			skip;
	u32			nbytes;
	int			err;
	u32			handle;
};

/* ------------------------------------------------------------- sending */

/* Of the structures that are used most only the fields of their type are set:
 * to clear the others would cost more than to build the packet.
 */
static int qnet_kif_send_data(struct qnet_node *node, u32 flow,
			      const struct qnet_kif *k, const void *data,
			      void (*release)(void *arg), void *arg)
{
	u8 head[QNET_KIF_MAX] __uninitialized;
	struct qnet_l4_pkt p = {
		.layer	 = QNET_L_KIF,
		.head	 = head,
		.data	 = data,
		.len	 = k->nbytes,
		.release = release,
		.arg	 = arg,
	};

	p.hlen = qnet_kif_build(head, sizeof(head), k);
	if (k->type == QNET_K_MSGSEND)
		p.trailer = qnet_kif_trailer(data, p.len);
	return qnet_node_send(node, flow, &p);
}

int qnet_kif_send(struct qnet_node *node, u32 flow, const struct qnet_kif *k)
{
	u8 head[QNET_KIF_MAX] __uninitialized;
	struct qnet_l4_pkt p = { .layer = QNET_L_KIF, .head = head };

	p.hlen = qnet_kif_build(head, sizeof(head), k);
	return qnet_node_send(node, flow, &p);
}

static void qnet_kif_put_msg(void *m)
{
	qnet_msg_put(m);
}

void qnet_kif_free_data(void *data)
{
	kvfree(data);
}

/* Part of a message, which stays where it is until it has arrived. */
static int qnet_kif_send_part(struct qnet_msg *m, const struct qnet_kif *k,
			      u32 off)
{
	int err;

	if (k->nbytes <= QNET_MSG_INLINE)
		return qnet_kif_send_data(m->vc->node, qnet_vc_flow(m->vc), k,
					  m->data + off, NULL, NULL);
	qnet_msg_hold(m);
	err = qnet_kif_send_data(m->vc->node, qnet_vc_flow(m->vc), k,
				 m->data + off, qnet_kif_put_msg, m);
	if (err)
		qnet_msg_put(m);
	return err;
}

u32 qnet_kif_chunk(const struct qnet_node *node)
{
	return min_t(u32, qnet_node_chunk(node), QNET_KIF_CHUNK);
}

/* For want of memory, or of a way. */
void qnet_kif_must_send(struct qnet_node *node, u32 flow,
			const struct qnet_kif *k)
{
	if (qnet_kif_send(node, flow, k))
		qnet_node_fail(node);
}

static void qnet_kif_answer(struct qnet_node *node, u8 type, s32 handle,
			    int err)
{
	struct qnet_kif k = { .type = type, .handle = handle };

	k.status = qnet_errno_to_wire(err);
	qnet_kif_must_send(node, 0, &k);
}

static int qnet_kif_one_id(struct qnet_node *node, u32 flow, u8 type, s32 id)
{
	struct qnet_kif k = { .type = type };

	k.client_id = id;
	k.server_id = id;
	return qnet_kif_send(node, flow, &k);
}

static void qnet_kif_cred(struct qnet_vc *vc, struct qnet_kcred *c)
{
	qnet_cred_fill(vc->qn, vc->cred, c);
	c->pid = vc->proc->nr;
	c->sid = vc->sid;
}

static int qnet_kif_connect(struct qnet_vc *vc)
{
	struct qnet_kif k = {
		.type		= QNET_K_CONNECT,
		.has_cred	= true,
		.version	= QNET_KIF_VERSION,
		.server_pid	= vc->rpid,
		.server_chid	= vc->rchid,
		.client_id	= vc->key.id,
		.client_pid	= vc->proc->nr,
	};

	qnet_kif_cred(vc, &k.cred);
	k.cred.nd = vc->node->nd;
	return qnet_kif_send(vc->node, qnet_vc_flow(vc), &k);
}

static void qnet_kif_vinfo(struct qnet_vc *vc, struct qnet_vinfo *v, u8 prio)
{
	v->tid = 1;
	v->coid = READ_ONCE(vc->coid);
	v->prio = prio;
	v->srcnd = vc->node->nd;
}

static int qnet_kif_send_some(struct qnet_msg *m, u32 most)
{
	struct qnet_kif k __uninitialized;
	struct qnet_vc *vc = m->vc;

	k.type = QNET_K_MSGSEND;
	k.has_cred = false;
	k.server_id = vc->server_id;
	k.handle = m->handle;
	k.nbytes = min3(m->have, most, qnet_kif_chunk(vc->node));
	qnet_kif_vinfo(vc, &k.vinfo, m->ent.prio);
	k.vinfo.tid = m->tid;
	k.vinfo.srcmsglen = m->srclen;
	k.vinfo.keydata = m->srclen;
	k.vinfo.dstmsglen = min_t(u64, m->dstlen, U32_MAX);
	qnet_vc_sent(vc);
	QNET_INC(vc->qn, QNET_MIB_CLIENT_MSGS);
	return qnet_kif_send_part(m, &k, 0);
}

static int qnet_kif_send_msg(struct qnet_msg *m)
{
	return qnet_kif_send_some(m, m->vc->eager);
}

static int qnet_kif_send_pulse(struct qnet_vc *vc, u8 prio, s8 code, s32 value)
{
	struct qnet_kif k = {
		.type		= QNET_K_PULSE,
		.server_id	= vc->server_id,
		.code		= code,
		.value		= value,
		.prio		= prio,
	};

	qnet_kif_vinfo(vc, &k.vinfo, prio);
	qnet_vc_sent(vc);
	QNET_INC(vc->qn, QNET_MIB_PULSES);
	return qnet_kif_send(vc->node, qnet_vc_flow(vc), &k);
}

/* ------------------------------------------------------- client's calls */

void qnet_kif_free_pulse(struct qnet_out *o)
{
	kfree(container_of(o, struct qnet_kpulse, out));
}

/* Puts @o in the line of a circuit that is not open, and says whether CONNECT
 * must be sent; @m is NULL for a pulse.  A message that has been ended already
 * goes nowhere.
 * Return: 1, 0, -EBADF, -EAGAIN; -EISCONN: it is open, send at once.
 */
static int qnet_kif_line_up(struct qnet_vc *vc, struct qnet_out *o,
			    struct qnet_msg *m)
{
	int ret = 0;

	spin_lock_bh(&vc->lock);
	if (m && hlist_unhashed(&m->vc_node)) {
		ret = 0;
	} else if (vc->state == QNET_VC_UP) {
		ret = -EISCONN;
	} else if (vc->state == QNET_VC_DEAD || vc->closing) {
		ret = -EBADF;
	} else if (!m && vc->npending >= QNET_CHAN_PULSES) {
		ret = -EAGAIN;
	} else {
		ret = vc->state == QNET_VC_NEW;
		if (ret) {
			WRITE_ONCE(vc->life, READ_ONCE(vc->node->life));
			qnet_vc_turn(vc, QNET_VC_CONNECTING, 0);
		}
		vc->npending += !m;
		list_add_tail(&o->list, &vc->pending);
	}
	spin_unlock_bh(&vc->lock);
	return ret;
}

static int qnet_kif_publish(struct qnet_vc *vc, struct qnet_msg *m)
{
	int err;

	while ((err = qnet_vc_add_msg(vc, m)) == -ENOSPC) {
		err = qnet_calls_grow(&vc->node->calls);
		if (err)
			break;
	}
	return err;
}

static int qnet_kif_send_unblock(struct qnet_msg *m)
{
	struct qnet_vc *vc = m->vc;
	struct qnet_kif k = {
		.type		= QNET_K_UNBLOCK,
		.server_id	= vc->server_id,
		.handle		= m->handle,
		.tid		= m->tid,
	};

	return qnet_kif_send(vc->node, qnet_vc_flow(vc), &k);
}

bool qnet_kif_abandon(struct qnet_msg *m)
{
	if (!qnet_vc_take(m))
		return false;
	qnet_msg_left(m);
	qnet_node_set_busy(m->vc->node, -1);
	qnet_vc_del_msg(m);
	/* Should it not go the server hears when the circuit ends. */
	if (READ_ONCE(m->out.sent))
		qnet_kif_send_unblock(m);
	/* The thread goes: a peer that guesses the handle must not wake it. */
	qnet_msg_close(m);
	qnet_msg_put(m);
	return true;
}

static bool qnet_kif_open(const struct qnet_vc *vc)
{
	/* Pairs with smp_store_release() in qnet_kif_next_out(). */
	return smp_load_acquire(&vc->state) == QNET_VC_UP;
}

/* Its time may not count before the message has left. */
static noinline int qnet_kif_wait_space(struct qnet_msg *m)
{
	long any = MAX_SCHEDULE_TIMEOUT;

	return qnet_node_wait_full(m->vc->node, m->watch ? &any : &m->timeo);
}

/* A call of which nothing has left this node is over. */
static void qnet_kif_end_call(struct qnet_msg *m, int err)
{
	if (!qnet_vc_take(m))
		return;
	qnet_node_set_busy(m->vc->node, -1);
	qnet_vc_finish(m, 0, err);
	qnet_msg_put(m);
}

/* The circuit is open.  Return: 0, or why the message of a call did not go. */
static int qnet_kif_call_open(struct qnet_msg *m)
{
	int err;

	if (unlikely(m->attach)) {
		qnet_kif_end_call(m, 0);
		return 0;
	}
	err = qnet_kif_send_msg(m);
	WRITE_ONCE(m->out.sent, !err);
	return err;
}

/* The other node has not opened it; if it was closed meanwhile, this was all that
 * it waited for.
 */
static void qnet_kif_not_open(struct qnet_vc *vc, int err, u8 state)
{
	qnet_vc_kill(vc, err, state);
	if (READ_ONCE(vc->closing))
		qnet_kif_close(vc, false);
}

int qnet_kif_call(struct qnet_msg *m)
{
	struct qnet_vc *vc = m->vc;
	bool waited = false;
	int err;

	/* Of a circuit that is open, nothing is sent to attach. */
	if (qnet_node_full(vc->node) && !(m->attach && qnet_kif_open(vc))) {
		waited = READ_ONCE(vc->state) != QNET_VC_DEAD;
		err = qnet_kif_wait_space(m);
		if (err)
			return err;
	}
	err = qnet_kif_publish(vc, m);
	/* It was alive when the call began: why not any more? */
	if (unlikely(err == -EBADF && waited))
		err = READ_ONCE(vc->why) ?: err;
	if (err)
		return err;
	if (qnet_kif_open(vc))
		err = -EISCONN;
	else
		err = qnet_kif_line_up(vc, &m->out, m);
	if (err == -EISCONN)
		err = qnet_kif_call_open(m);
	else if (err == 1)
		err = qnet_kif_connect(vc);
	if (!err)
		return 0;
	if (READ_ONCE(vc->state) == QNET_VC_CONNECTING) {
		/* CONNECT did not go: everyone in line fails, @m with them. */
		qnet_kif_not_open(vc, err, QNET_VC_NEW);
		return 0;
	}
	/* Somebody may have ended the call meanwhile. */
	return qnet_kif_abandon(m) ? err : 0;
}

/* Return: whether it stood there. */
static bool qnet_kif_leave_line(struct qnet_msg *m)
{
	struct qnet_vc *vc = m->vc;
	bool there;

	spin_lock_bh(&vc->lock);
	there = !list_empty(&m->out.list);
	list_del_init(&m->out.list);
	spin_unlock_bh(&vc->lock);
	return there;
}

bool qnet_kif_unblock(struct qnet_msg *m)
{
	if (qnet_kif_leave_line(m))
		return qnet_kif_abandon(m);
	if (unlikely(qnet_msg_send_timed_out(m))) {
		/* It goes to the other node just now. */
		qnet_msg_stay(m);
		return false;
	}
	while (!READ_ONCE(m->ended) && !fatal_signal_pending(current)) {
		/* It must not overtake MSGSEND, which qnet_kif_flush() may be
		 * about to send; and if there is no memory for it there soon
		 * will be.  Pairs with smp_store_release() in
		 * qnet_kif_flush_msg().
		 */
		if (smp_load_acquire(&m->out.sent) && !qnet_kif_send_unblock(m))
			break;
		schedule_timeout_killable(1);
	}
	return false;
}

static int qnet_kif_pulse_out(struct qnet_vc *vc, u8 prio, s8 code, u64 value,
			      gfp_t gfp)
{
	struct qnet_kpulse *p;
	int err;

	if (qnet_kif_open(vc)) {
		if (qnet_node_full(vc->node))
			return -EAGAIN;
		return qnet_kif_send_pulse(vc, prio, code, value);
	}
	if (qnet_node_full(vc->node))
		return -EAGAIN;
	p = kmalloc(sizeof(*p), gfp);
	if (!p)
		return -EAGAIN;
	p->out.pulse = true;
	p->prio = prio;
	p->code = code;
	p->value = value;
	err = qnet_kif_line_up(vc, &p->out, NULL);
	if (err == 1) {
		err = qnet_kif_connect(vc);
		if (err)
			qnet_kif_not_open(vc, err, QNET_VC_NEW);
		return err;
	}
	if (!err)
		return 0;
	kfree(p);
	if (err == -EISCONN)
		err = qnet_kif_send_pulse(vc, prio, code, value);
	return err;
}

int qnet_kif_pulse(struct qnet_vc *vc, u8 prio, s8 code, u64 value, gfp_t gfp)
{
	return qnet_kif_crowded(qnet_kif_pulse_out(vc, prio, code, value, gfp));
}

/* ------------------------------------------------- server's data transfer */

/* There is room: see qnet_kif_read_slot().  Handles count up, and one comes
 * back after 2^31 reads only.
 */
static void qnet_kif_add_read(struct qnet_node *node, struct qnet_read *r)
{
	struct qnet_read **slot;

	spin_lock_bh(&node->reads_lock);
	do {
		node->next_read = (node->next_read + 1) & S32_MAX;
		slot = &node->reads[node->next_read % QNET_NODE_READS];
	} while (*slot || !node->next_read);
	r->handle = node->next_read;
	WRITE_ONCE(*slot, r);
	spin_unlock_bh(&node->reads_lock);
}

static struct qnet_read *qnet_kif_take_read(struct qnet_node *node, u32 handle)
{
	struct qnet_read **slot = &node->reads[handle % QNET_NODE_READS];
	struct qnet_read *r;

	spin_lock_bh(&node->reads_lock);
	r = *slot;
	if (r && r->handle == handle)
		WRITE_ONCE(*slot, NULL);
	else
		r = NULL;
	spin_unlock_bh(&node->reads_lock);
	return r;
}

static void qnet_kif_end_read(struct qnet_read *r, int err)
{
	r->err = err;
	complete(&r->done);
}

/* Every MsgRead of a client that is gone; @vc NULL: of the whole node. */
static void qnet_kif_end_reads(struct qnet_node *node, struct qnet_vc *vc)
{
	struct qnet_read *r;
	u32 i;

	/* Pairs with smp_mb() in qnet_kif_ask(). */
	smp_mb();

	for (i = 0; i < QNET_NODE_READS; i++) {
		if (!READ_ONCE(node->reads[i]))
			continue;
		/* The reader's stack is there while it is in the table. */
		spin_lock_bh(&node->reads_lock);
		r = node->reads[i];
		if (r && (!vc || r->vc == vc))
			WRITE_ONCE(node->reads[i], NULL);
		else
			r = NULL;
		spin_unlock_bh(&node->reads_lock);
		if (r)
			qnet_kif_end_read(r, -ESRCH);
	}
}

static int qnet_kif_read_wait(struct qnet_read *r, long *timeo)
{
	*timeo = wait_for_completion_interruptible_timeout(&r->done, *timeo);
	return qnet_waited(*timeo);
}

static int qnet_kif_ask(struct qnet_msg *m, struct qnet_read *r, u64 off,
			u32 len, long *timeo)
{
	struct qnet_node *node = m->vc->node;
	struct qnet_kif k = {
		.type		= QNET_K_MSGREAD,
		.handle		= m->handle,
		.offset		= off,
		.nbytes		= len,
	};
	int err;

	qnet_kif_add_read(node, r);
	k.rd_handle = r->handle;
	qnet_node_set_busy(node, 1);
	/* The client may have gone before the read was in the table.  Pairs
	 * with smp_mb() in qnet_kif_end_reads().
	 */
	smp_mb();
	if (READ_ONCE(m->vc->state) == QNET_VC_DEAD)
		err = -ESRCH;
	else
		err = qnet_kif_send(node, qnet_vc_flow(m->vc), &k);
	if (!err)
		err = qnet_kif_read_wait(r, timeo);
	qnet_vc_touch(m->vc);
	if (err && qnet_kif_take_read(node, r->handle) != r) {
		/* Whoever took it is about to complete it. */
		wait_for_completion(&r->done);
		err = 0;
	}
	qnet_node_set_busy(node, -1);
	return err ?: r->err;
}

/* One chunk.  Return: bytes, short at the end of the message, or -errno. */
static ssize_t qnet_kif_read_chunk(struct qnet_msg *m, u64 off, u32 len,
				   struct iov_iter *to, long *timeo)
{
	struct qnet_read r = { .vc = m->vc };
	int err;

	init_completion(&r.done);
	err = qnet_kif_ask(m, &r, off, len, timeo);
	if (!err && r.nbytes > len)
		err = -EIO;
	if (!err && r.nbytes &&
	    skb_copy_datagram_iter(r.skb, r.skip, to, r.nbytes))
		err = -QNET_ESRVRFAULT;
	consume_skb(r.skb);
	/* Not "?:": that would make an unsigned of the error. */
	if (err)
		return err;
	return r.nbytes;
}

static bool qnet_kif_read_slot(struct qnet_vc *vc)
{
	if (!atomic_add_unless(&vc->nr_reads, 1, QNET_VC_READS))
		return false;
	if (atomic_add_unless(&vc->node->nr_reads, 1, QNET_NODE_READS))
		return true;
	atomic_dec(&vc->nr_reads);
	return false;
}

static int qnet_kif_wait_slot(struct qnet_vc *vc, long *timeo)
{
	*timeo = wait_event_interruptible_timeout(vc->node->reads_wq,
						  qnet_kif_read_slot(vc),
						  *timeo);
	return qnet_waited(*timeo);
}

/* The same when it is its turn. */
static ssize_t qnet_kif_read_turn(struct qnet_msg *m, u64 off, u32 len,
				  struct iov_iter *to, long *timeo)
{
	struct qnet_vc *vc = m->vc;
	ssize_t n = qnet_kif_wait_slot(vc, timeo);

	if (n)
		return n;
	n = qnet_kif_read_chunk(m, off, len, to, timeo);
	atomic_dec(&vc->node->nr_reads);
	atomic_dec(&vc->nr_reads);
	wake_up(&vc->node->reads_wq);
	return n;
}

ssize_t qnet_kif_read(struct qnet_msg *m, u64 off, size_t len,
		      struct iov_iter *to, long *timeo)
{
	struct qnet_node *node = m->vc->node;
	size_t done = 0;
	ssize_t n = 0;

	while (done < len && *timeo) {
		u32 want = min_t(size_t, len - done, qnet_kif_chunk(node));

		n = qnet_kif_read_turn(m, off + done, want, to, timeo);
		if (n <= 0)
			break;
		done += n;
	}
	/* The time is over: that is what there is by now. */
	if (n < 0 && (n != -ETIMEDOUT || *timeo))
		return n;
	return done;
}

static int qnet_kif_write_chunk(struct qnet_msg *m, const struct qnet_kif *k,
				struct iov_iter *from)
{
	void *buf = kvmalloc(k->nbytes, GFP_KERNEL_ACCOUNT);
	int err;

	if (!buf)
		return -ENOMEM;
	if (!copy_from_iter_full(buf, k->nbytes, from))
		err = -QNET_ESRVRFAULT;
	/* Its handle may be another call's by now. */
	else if (READ_ONCE(m->state) == QNET_MSG_TAKEN)
		err = -ESRCH;
	else
		err = qnet_kif_send_data(m->vc->node, qnet_vc_flow(m->vc), k,
					 buf, qnet_kif_free_data, buf);
	qnet_vc_touch(m->vc);
	if (err)
		kvfree(buf);
	return err;
}

/* What @n bytes written take at the client's node, until its thread has them:
 * about as much again, and the memory of short frames.
 */
static u32 qnet_kif_weight(struct qnet_node *node, u32 n)
{
	u64 frames = div_u64((u64)n * QNET_L4_PKT_FRAMES,
			     qnet_node_chunk(node)) + 1;

	return max_t(u32, 2 * n, 1024 * frames);
}

/* Of one of ours: a plain peer's kernel keeps nothing for its threads. */
static int qnet_kif_keep_pace(struct qnet_msg *m, u32 n, long *timeo)
{
	struct qnet_node *node = m->vc->node;
	u32 ahead = READ_ONCE(m->ahead);
	ssize_t ret;

	ahead += qnet_kif_weight(node, n);
	WRITE_ONCE(m->ahead, ahead);
	if (ahead < QNET_KIF_AHEAD || !READ_ONCE(node->caps))
		return 0;
	WRITE_ONCE(m->ahead, 0);
	ret = qnet_kif_read_turn(m, 0, 0, NULL, timeo);
	return min_t(ssize_t, ret, 0);
}

ssize_t qnet_kif_write(struct qnet_msg *m, u64 off, size_t len,
		       struct iov_iter *from, long *timeo)
{
	struct qnet_kif k = { .type = QNET_K_MSGWRITE, .handle = m->handle };
	long patience = qnet_msg_patience_wire(len);
	long *pace = *timeo < patience ? timeo : &patience;
	struct qnet_node *node = m->vc->node;
	size_t done = 0;
	int err = 0;

	while (done < len && !err) {
		k.nbytes = min_t(size_t, len - done, qnet_kif_chunk(node));
		k.offset = off + done;
		err = qnet_node_wait_space(node, timeo);
		if (err == -EAGAIN)
			err = -ETIMEDOUT;
		if (!err)
			err = qnet_kif_write_chunk(m, &k, from);
		if (!err)
			err = qnet_kif_keep_pace(m, k.nbytes, pace);
		done += k.nbytes;
	}
	if (err)
		return err;
	return done;
}

static void qnet_kif_put_error(const struct qnet_msg *m, struct qnet_kif *k,
			       int err)
{
	k->type = QNET_K_MSGERROR;
	if (err == QNET_EUNBLOCK) {
		err = EINTR;
		if (READ_ONCE(m->vc->node->caps))
			k->offset = QNET_K_UNBLOCKED;
	}
	k->status = qnet_errno_to_wire(err);
}

int qnet_kif_reply(struct qnet_msg *m, s64 status, int err, void *data,
		   u32 len)
{
	struct qnet_kif k __uninitialized;

	k.type = QNET_K_MSGREPLY;
	k.has_cred = false;
	k.handle = m->handle;
	k.status = status;
	k.offset = 0;
	k.nbytes = len;
	if (unlikely(err))
		qnet_kif_put_error(m, &k, err);
	qnet_vc_touch(m->vc);
	return qnet_kif_send_data(m->vc->node, qnet_vc_flow(m->vc), &k, data,
				  len > QNET_MSG_INLINE ?
				  qnet_kif_free_data : NULL, data);
}

/* ------------------------------------------------ received by the server */

static void qnet_kif_connect_result(struct qnet_node *node, u32 flow,
				    u32 client_id, s32 scoid, int err)
{
	struct qnet_kif k = {
		.type		= err ? QNET_K_CONNECT_FAIL :
					QNET_K_CONNECT_SUCCESS,
		.version	= QNET_KIF_VERSION,
		.client_id	= client_id,
		.server_id	= client_id,
		.scoid		= scoid,
		.nbytes		= QNET_KIF_EAGER,
		.status		= err ? qnet_errno_to_wire(-err) : 0,
	};

	qnet_kif_must_send(node, flow, &k);
}

void qnet_kif_drop_server(struct qnet_vc *vc, bool tell)
{
	if (!qnet_vc_remove(vc))
		return;
	/* Its client waits for this, or for a reply that will not come; unless it
	 * was lost with the node, and its end here is about to be.
	 */
	tell = tell && READ_ONCE(vc->life) == READ_ONCE(vc->node->life);
	if (tell && qnet_kif_one_id(vc->node, qnet_vc_last_flow(vc),
				    QNET_K_CONNECT_DEATH, vc->key.id))
		qnet_node_fail(vc->node);
	qnet_vc_end(vc);
	qnet_kif_end_reads(vc->node, vc);
}

int qnet_kif_admit(struct qnet_node *node, struct qnet_kcred *cred, bool vc)
{
	struct qnet_policy p;
	bool left;
	int err;

	spin_lock_bh(&node->vcs_lock);
	p = node->policy;
	left = !vc || qnet_policy_take(&node->bucket, p.vc_rate);
	spin_unlock_bh(&node->vcs_lock);
	err = left ? qnet_policy_map(&p, cred) : -EAGAIN;
	if (err)
		QNET_INC(node->qn, QNET_MIB_KIF_REFUSED);
	return err;
}

static int qnet_kif_accept(struct qnet_node *node, const struct qnet_kif *k,
			   u32 flow, s32 *scoid)
{
	struct qnet_kcred cred = { .ruid = -1, .euid = -1, .suid = -1,
				   .rgid = -1, .egid = -1, .sgid = -1 };
	struct qnet_vc *vc;
	int err;

	if (k->has_cred)
		cred = k->cred;
	cred.pid = k->client_pid;
	err = qnet_kif_admit(node, &cred, true);
	if (err)
		return err;
	vc = qnet_vc_new_server(node, k->client_id, GFP_ATOMIC);
	if (!vc)
		return -ENOMEM;
	vc->rpid = k->client_pid;
	vc->rchid = k->server_chid;
	vc->qos = flow >> QNET_ND_BITS;
	/* First the table, so that a channel that ends finds it there. */
	err = qnet_vc_insert(vc);
	if (err)
		goto put;
	err = qnet_vc_ops->attach(vc, &cred, k->server_pid, k->server_chid);
	if (!err && !qnet_vc_joined(vc)) {
		err = -ESRCH;
		qnet_vc_ops->detach(vc);
	}
	if (err)
		qnet_vc_remove(vc);
	else
		*scoid = qnet_chan_scoid(vc);
put:
	qnet_vc_put(vc);
	return err;
}

static void qnet_kif_rx_connect(struct qnet_node *node,
				const struct qnet_kif *k, struct sk_buff *skb)
{
	u32 flow = (u32)qnet_node_qos_back(node, skb) << QNET_ND_BITS |
		   (u16)k->client_id;
	struct qnet_vc *old;
	s32 scoid = 0;
	int err;

	old = qnet_vc_find(node, k->client_id, QNET_VC_SERVER);
	if (old) {
		qnet_kif_drop_server(old, false);
		qnet_vc_put(old);
	}
	err = qnet_kif_accept(node, k, flow, &scoid);
	qnet_kif_connect_result(node, flow, k->client_id, scoid, err);
	consume_skb(skb);
}

/* The circuit's other end must learn that there is none here.  Consumes @skb. */
static void qnet_kif_no_server(struct qnet_node *node, const struct qnet_kif *k,
			       struct sk_buff *skb)
{
	qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
	if (k->type == QNET_K_MSGSEND)
		qnet_kif_answer(node, QNET_K_MSGERROR, k->handle, ESRCH);
	qnet_kif_one_id(node, 0, QNET_K_CONNECT_DEATH, k->server_id);
}

/* Consumes @skb.  Beyond the budget of its node only the fact that there is a
 * long message is kept: its data is asked for when a server receives it.  Far
 * beyond it is refused.
 */
static int qnet_kif_deliver(struct qnet_vc *vc, const struct qnet_kif *k,
			    struct sk_buff *skb)
{
	struct qnet_node *node = vc->node;
	u32 held = atomic_read(&node->rx_bytes);
	u32 budget = READ_ONCE(node->budget);
	struct qnet_msg *m = NULL;
	int err = -EAGAIN;

	if (likely(held <= 2 * budget)) {
		m = qnet_msg_new_wire(vc, k, skb, k->hlen);
		err = -ENOMEM;
	} else {
		WRITE_ONCE(node->rx_refused, node->rx_refused + 1);
	}
	if (m && m->skb && unlikely(held > budget)) {
		QNET_INC(vc->qn, QNET_MIB_KIF_LATER);
		WRITE_ONCE(node->rx_later, node->rx_later + 1);
		qnet_msg_forget_data(m);
	}
	if (!m) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return err;
	}
	err = qnet_vc_add_msg(vc, m);
	qnet_msg_put(m);
	return err;
}

static void qnet_kif_rx_msgsend(struct qnet_node *node,
				const struct qnet_kif *k, struct sk_buff *skb)
{
	struct qnet_vc *vc = qnet_vc_find(node, k->server_id, QNET_VC_SERVER);
	int err;

	if (!vc) {
		qnet_kif_no_server(node, k, skb);
		return;
	}
	QNET_INC(node->qn, QNET_MIB_SERVER_MSGS);
	qnet_vc_received(vc);
	err = qnet_kif_deliver(vc, k, skb);
	if (err) {
		QNET_INC(node->qn, QNET_MIB_KIF_BUSY);
		qnet_kif_answer(node, QNET_K_MSGERROR, k->handle,
				err == -EBADF ? ESRCH : -err);
	}
	qnet_vc_put(vc);
}

static void qnet_kif_rx_connect_msgsend(struct qnet_node *node,
					const struct qnet_kif *k,
					struct sk_buff *skb)
{
	struct qnet_kif inner;
	u32 hlen = k->hlen;
	bool big = k->big;
	int bad;

	qnet_kif_rx_connect(node, k, skb_get(skb));
	bad = qnet_kif_parse(&inner, skb->data + hlen, skb_headlen(skb) - hlen,
			     skb->len - hlen, big);
	if (bad || inner.type != QNET_K_MSGSEND) {
		qnet_drop(node->qn, skb,
			  QNET_MIB_BAD + (bad ?: QNET_BAD_KIF_TYPE));
		return;
	}
	inner.big = big;
	inner.server_id = k->client_id;
	inner.hlen += hlen;
	qnet_kif_rx_msgsend(node, &inner, skb);
}

static void qnet_kif_rx_unblock(struct qnet_node *node,
				const struct qnet_kif *k, struct sk_buff *skb)
{
	struct qnet_vc *vc = qnet_vc_find(node, k->server_id, QNET_VC_SERVER);
	struct qnet_msg *m;

	if (!vc) {
		qnet_kif_no_server(node, k, skb);
		return;
	}
	consume_skb(skb);
	QNET_INC(node->qn, QNET_MIB_SERVER_UNBLOCK);
	m = qnet_vc_unblock(vc, k->handle);
	if (m) {
		/* The client waits for it. */
		if (qnet_kif_reply(m, 0, QNET_EUNBLOCK, NULL, 0))
			qnet_node_fail(node);
		qnet_msg_put(m);
	}
	qnet_vc_put(vc);
}

static void qnet_kif_rx_pulse(struct qnet_node *node, const struct qnet_kif *k,
			      struct sk_buff *skb)
{
	struct qnet_vc *vc = qnet_vc_find(node, k->server_id, QNET_VC_SERVER);

	if (!vc) {
		qnet_kif_no_server(node, k, skb);
		return;
	}
	consume_skb(skb);
	qnet_vc_received(vc);
	/* The sender is not told: it went on when the pulse left its node. */
	if (qnet_vc_ops->pulse(vc, clamp(k->prio, 0, QNET_PRIO_MAX), k->code,
			       (u32)k->value))
		QNET_INC(node->qn, QNET_MIB_KIF_BUSY);
	qnet_vc_put(vc);
}

static void qnet_kif_rx_disconnect(struct qnet_node *node,
				   const struct qnet_kif *k,
				   struct sk_buff *skb)
{
	struct qnet_vc *vc = qnet_vc_find(node, k->server_id, QNET_VC_SERVER);

	if (!vc) {
		qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
		return;
	}
	consume_skb(skb);
	qnet_kif_drop_server(vc, false);
	qnet_vc_put(vc);
}

static void qnet_kif_rx_xfer(struct qnet_node *node, const struct qnet_kif *k,
			     struct sk_buff *skb)
{
	struct qnet_read *r = qnet_kif_take_read(node, k->handle);
	int err = 0;

	if (!r) {
		qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
		return;
	}
	r->skb = skb;
	r->skip = k->hlen;
	r->nbytes = k->nbytes;
	if (k->type == QNET_K_MSGREAD_ERROR)
		err = -qnet_errno_from_wire(k->status);
	/* Being interrupted is the reader's own affair. */
	qnet_kif_end_read(r, err == -EINTR ? -EIO : err);
}

/* ------------------------------------------------ received by the client */

/* Nobody here can wait for room.  So much goes that a server knows what it is; one
 * of our kind has the rest fetched when it is received.
 */
static u32 qnet_kif_flush_most(const struct qnet_vc *vc)
{
	struct qnet_node *node = vc->node;

	if (READ_ONCE(node->caps) && qnet_node_full(node))
		return QNET_MSG_INLINE;
	return vc->eager;
}

static void qnet_kif_flush_msg(struct qnet_vc *vc, struct qnet_msg *m)
{
	bool gone;
	int err;

	if (unlikely(m->attach)) {
		qnet_kif_end_call(m, 0);
		qnet_msg_put(m);
		return;
	}
	err = qnet_kif_send_some(m, qnet_kif_flush_most(vc));
	if (err)
		qnet_kif_end_call(m, err);
	spin_lock_bh(&vc->lock);
	gone = hlist_unhashed(&m->vc_node);
	/* Pairs with smp_load_acquire() in qnet_kif_unblock(). */
	smp_store_release(&m->out.sent, true);
	spin_unlock_bh(&vc->lock);
	/* Its client left meanwhile; or it was answered, then nobody minds. */
	if (gone && !err)
		qnet_kif_send_unblock(m);
	if (unlikely(READ_ONCE(m->watch)))
		qnet_msg_wake(m);
	qnet_msg_put(m);
}

static struct qnet_msg *qnet_kif_out_msg(struct qnet_out *o)
{
	return container_of(o, struct qnet_msg, out);
}

/* The next in line, a message with a reference; none: the circuit is open. */
static struct qnet_out *qnet_kif_next_out(struct qnet_vc *vc)
{
	struct qnet_out *o;

	spin_lock_bh(&vc->lock);
	o = list_first_entry_or_null(&vc->pending, struct qnet_out, list);
	/* Who closes the circuit waits for this one as well. */
	vc->flushing = o && o->pulse;
	if (o) {
		list_del_init(&o->list);
		if (o->pulse)
			vc->npending--;
		else
			qnet_msg_hold(qnet_kif_out_msg(o));
	} else if (vc->state == QNET_VC_CONNECTING) {
		qnet_vc_turn(vc, QNET_VC_UP, 0);
		qnet_vc_set_open(vc, true);
	}
	spin_unlock_bh(&vc->lock);
	return o;
}

void qnet_kif_close(struct qnet_vc *vc, bool tell)
{
	s32 id = vc->server_id ?: vc->key.id;

	qnet_vc_kill(vc, -EBADF, QNET_VC_DEAD);
	if (qnet_vc_remove(vc) && tell)
		qnet_kif_one_id(vc->node, qnet_vc_last_flow(vc),
				QNET_K_DISCONNECT, id);
}

void qnet_kif_end(struct qnet_vc *vc, int err, bool tell)
{
	if (vc->side == QNET_VC_SERVER) {
		qnet_kif_drop_server(vc, tell);
		return;
	}
	tell &= qnet_vc_known(vc);
	qnet_vc_kill(vc, err, QNET_VC_DEAD);
	qnet_kif_close(vc, tell);
}

/* Sends what stood in line, in order, and opens the circuit. */
static void qnet_kif_flush(struct qnet_vc *vc)
{
	struct qnet_kpulse *p;
	struct qnet_out *o;

	while ((o = qnet_kif_next_out(vc))) {
		if (!o->pulse) {
			qnet_kif_flush_msg(vc, qnet_kif_out_msg(o));
			continue;
		}
		p = container_of(o, struct qnet_kpulse, out);
		/* It was taken: none of them gets lost on its own. */
		if (qnet_kif_send_pulse(vc, p->prio, p->code, p->value))
			qnet_node_fail(vc->node);
		kfree(p);
	}
	if (READ_ONCE(vc->closing))
		qnet_kif_close(vc, true);
}

/* A server has opened its end for a circuit that was closed meanwhile: what we
 * said when we closed it came before CONNECT, or with an id it did not know.
 * Consumes @skb.
 */
static void qnet_kif_too_late(struct qnet_node *node, const struct qnet_kif *k,
			      struct sk_buff *skb)
{
	qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
	if (qnet_vc_is_client_id(k->client_id))
		qnet_kif_one_id(node, 0, QNET_K_DISCONNECT, k->server_id);
	else if (qnet_vc_is_client_id(k->server_id))
		qnet_kif_one_id(node, 0, QNET_K_DISCONNECT, k->client_id);
}

static void qnet_kif_rx_success(struct qnet_node *node,
				const struct qnet_kif *k, struct sk_buff *skb)
{
	struct qnet_vc *vc;
	bool dead, again;

	vc = qnet_vc_find(node, k->client_id, QNET_VC_CLIENT) ?:
	     qnet_vc_find(node, k->server_id, QNET_VC_CLIENT);
	if (!vc) {
		qnet_kif_too_late(node, k, skb);
		return;
	}
	spin_lock_bh(&vc->lock);
	/* What it opened is not wanted any more, or not yet again. */
	dead = vc->state == QNET_VC_DEAD || vc->state == QNET_VC_NEW;
	/* It was asked for twice, the first time by a thread that was about to
	 * when the node was lost: what was under way is forgotten there.
	 */
	again = vc->state == QNET_VC_UP;
	if (vc->state == QNET_VC_CONNECTING) {
		vc->server_id = qnet_kif_success_id(k, vc->key.id);
		WRITE_ONCE(vc->eager,
			   clamp_t(u32, k->nbytes, 512, QNET_KIF_CHUNK));
		WRITE_ONCE(vc->told_scoid, k->scoid);
	}
	spin_unlock_bh(&vc->lock);
	if (dead) {
		qnet_kif_too_late(node, k, skb);
	} else {
		consume_skb(skb);
		if (unlikely(again))
			qnet_kif_end(vc, -ESRCH, true);
		else
			qnet_kif_flush(vc);
	}
	qnet_vc_put(vc);
}

static void qnet_kif_rx_dead(struct qnet_node *node, const struct qnet_kif *k,
			     struct sk_buff *skb)
{
	struct qnet_vc *vc = qnet_vc_find(node, k->client_id, QNET_VC_CLIENT);
	int err = ESRCH;

	if (!vc) {
		qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
		return;
	}
	consume_skb(skb);
	if (k->type == QNET_K_CONNECT_FAIL)
		err = qnet_errno_from_wire(k->status);
	/* A node without room now may have some for the next call. */
	qnet_kif_not_open(vc, -err, err == ESRCH ? QNET_VC_DEAD : QNET_VC_NEW);
	qnet_vc_put(vc);
}

/* The client's thread has the bytes, or is to say that it has taken those that
 * were written before.
 */
static int qnet_kif_ask_thread(struct qnet_msg *m, const struct qnet_kif *a)
{
	struct qnet_piece *p = qnet_piece_new(a->offset, 0, GFP_ATOMIC);
	int err;

	if (!p)
		return -ENOMEM;
	p->len = a->nbytes;
	p->read = true;
	p->wire = true;
	p->handle = a->handle;
	p->conn = qnet_node_life(m->vc->node);
	err = qnet_msg_add_piece(m, p, false);
	if (err)
		qnet_piece_put(p);
	return err;
}

static int qnet_kif_serve_read(struct qnet_msg *m, const struct qnet_kif *k)
{
	struct qnet_kif a = {
		.type		= QNET_K_MSGREAD_XFER,
		.handle		= k->rd_handle,
		.offset		= k->offset,
	};

	if (k->offset < m->srclen)
		a.nbytes = min3((u64)k->nbytes, m->srclen - k->offset,
				(u64)qnet_kif_chunk(m->vc->node));
	if (m->task && (!k->nbytes || (u64)k->offset + a.nbytes > m->have))
		return qnet_kif_ask_thread(m, &a);
	return qnet_kif_send_part(m, &a, a.nbytes ? k->offset : 0);
}

static void qnet_kif_rx_read(struct qnet_node *node, const struct qnet_kif *k,
			     struct sk_buff *skb)
{
	struct qnet_msg *m = qnet_calls_get(&node->calls, k->handle);
	int err = -ESRCH;

	if (m) {
		err = qnet_kif_serve_read(m, k);
		qnet_vc_touch(m->vc);
		qnet_msg_put(m);
		consume_skb(skb);
	} else {
		qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
	}
	if (err)
		qnet_kif_answer(node, QNET_K_MSGREAD_ERROR, k->rd_handle,
				err == -ESRCH ? ESRCH : ENOMEM);
}

static int qnet_kif_copy_part(const struct qnet_piece *p,
			      const struct qnet_user *from, void **data)
{
	*data = kvmalloc(p->len, GFP_KERNEL_ACCOUNT);
	if (!*data)
		return -ENOMEM;
	return qnet_user_part(*data, from, p->off, p->len);
}

void qnet_kif_give(struct qnet_msg *m, const struct qnet_piece *p,
		   const struct qnet_user *from)
{
	struct qnet_kif a = {
		.type		= QNET_K_MSGREAD_XFER,
		.handle		= p->handle,
		.offset		= p->off,
		.nbytes		= p->len,
	};
	struct qnet_node *node = m->vc->node;
	void *data = NULL;
	int err = -ESRCH;

	if (from && p->len)
		err = qnet_kif_copy_part(p, from, &data);
	else if (from && !READ_ONCE(m->fault))
		err = 0;
	else if (from)
		err = -EFAULT;
	/* That took its time.  A node in another life has nobody who waits. */
	if (qnet_node_life(node) != p->conn)
		goto free;
	if (!err && READ_ONCE(m->ended))
		err = -ESRCH;
	if (!err && !qnet_kif_send_data(node, qnet_vc_flow(m->vc), &a, data,
					data ? qnet_kif_free_data : NULL, data))
		return;
	qnet_kif_answer(node, QNET_K_MSGREAD_ERROR, p->handle,
			err ? -err : ENOMEM);
free:
	kvfree(data);
}

static void qnet_kif_rx_write(struct qnet_node *node, const struct qnet_kif *k,
			      struct sk_buff *skb)
{
	struct qnet_msg *m = qnet_calls_get(&node->calls, k->handle);
	struct qnet_piece *p;
	int err;

	if (!m) {
		qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
		return;
	}
	qnet_vc_touch(m->vc);
	if (!k->nbytes) {
		consume_skb(skb);
		goto out;
	}
	p = qnet_piece_new(k->offset, 0, GFP_ATOMIC);
	if (!p) {
		qnet_drop(node->qn, skb, QNET_MIB_RX_NOMEM);
		qnet_msg_fault(m, -ENOMEM);
		goto out;
	}
	p->len = k->nbytes;
	p->charge += skb->truesize;
	p->skb = skb;
	p->skip = k->hlen;
	err = qnet_msg_add_piece(m, p, false);
	if (err) {
		/* Its call must not look complete. */
		qnet_msg_fault(m, -ENOBUFS);
		qnet_piece_put(p);
	}
out:
	qnet_msg_put(m);
}

/* Short replies move to the transaction, others stay in their packet. */
static int qnet_kif_reply_data(struct qnet_msg *m, const struct qnet_kif *k,
			       struct sk_buff *skb)
{
	struct qnet_piece *p;
	int err;

	m->rlen = min_t(u64, k->nbytes, m->dstlen);
	if (m->rlen <= QNET_MSG_INLINE) {
		m->rinline = true;
		return qnet_skb_get(m->rinl, skb, k->hlen, m->rlen);
	}
	p = qnet_piece_new(0, 0, GFP_ATOMIC);
	if (!p)
		return -ENOMEM;
	p->len = m->rlen;
	p->charge += skb->truesize;
	p->skip = k->hlen;
	p->skb = skb_get(skb);
	err = qnet_msg_add_piece(m, p, true);
	if (err)
		qnet_piece_put(p);
	return err;
}

/* A plain peer does not tell whose word EINTR is: taken for its node's. */
static int qnet_kif_get_error(const struct qnet_msg *m,
			      const struct qnet_kif *k)
{
	int err = -qnet_errno_from_wire(k->status);
	int unblock = READ_ONCE(m->unblock);

	if (err == -EINTR && unblock &&
	    (k->offset == QNET_K_UNBLOCKED || !READ_ONCE(m->vc->node->caps)))
		err = unblock;
	return err;
}

static void qnet_kif_rx_reply(struct qnet_node *node, const struct qnet_kif *k,
			      struct sk_buff *skb)
{
	struct qnet_msg *m = qnet_calls_take(&node->calls, k->handle);
	int err;

	if (!m) {
		if (qnet_kif_rx_answer(node, k))
			consume_skb(skb);
		else
			qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
		return;
	}
	qnet_node_set_busy(node, -1);
	qnet_vc_received(m->vc);
	if (k->type == QNET_K_MSGERROR && k->status)
		err = qnet_kif_get_error(m, k);
	else
		err = qnet_kif_reply_data(m, k, skb);
	qnet_vc_finish(m, k->status, err);
	qnet_msg_put(m);
	/* BH is off: what the reply came in is there for the next request. */
	napi_consume_skb(skb, 1);
}

/* --------------------------------------------------------- from floor 3 */

static void qnet_kif_rx_other(struct qnet_node *node, const struct qnet_kif *k,
			      struct sk_buff *skb)
{
	qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
}

typedef void (*qnet_kif_fn)(struct qnet_node *node, const struct qnet_kif *k,
			    struct sk_buff *skb);

static const qnet_kif_fn qnet_kif_table[] = {
	[QNET_K_CONNECT]	 = qnet_kif_rx_connect,
	[QNET_K_CONNECT_MSGSEND] = qnet_kif_rx_connect_msgsend,
	[QNET_K_CONNECT_SUCCESS] = qnet_kif_rx_success,
	[QNET_K_CONNECT_FAIL]	 = qnet_kif_rx_dead,
	[QNET_K_UNBLOCK]	 = qnet_kif_rx_unblock,
	[QNET_K_MSGSEND]	 = qnet_kif_rx_msgsend,
	[QNET_K_MSGREAD]	 = qnet_kif_rx_read,
	[QNET_K_MSGREAD_XFER]	 = qnet_kif_rx_xfer,
	[QNET_K_MSGWRITE]	 = qnet_kif_rx_write,
	[QNET_K_MSGREPLY]	 = qnet_kif_rx_reply,
	[QNET_K_MSGERROR]	 = qnet_kif_rx_reply,
	[QNET_K_EVENT]		 = qnet_kif_rx_event,
	[QNET_K_PULSE]		 = qnet_kif_rx_pulse,
	[QNET_K_SIGNAL]		 = qnet_kif_rx_signal,
	[QNET_K_DISCONNECT]	 = qnet_kif_rx_disconnect,
	[QNET_K_CONNECT_DEATH]	 = qnet_kif_rx_dead,
	[QNET_K_MSGREAD_ERROR]	 = qnet_kif_rx_xfer,
	[QNET_K_CONNECT_PULSE]	 = qnet_kif_rx_other,
};

static void qnet_kif_rx(struct qnet_node *node, u8 layer, struct sk_buff *skb,
			bool big)
{
	struct qnet_kif k __uninitialized;
	int bad;

	if (layer == QNET_L_NAME) {
		qnet_name_rx(node, skb, big);
		return;
	}
	if (layer == QNET_L_WATCH) {
		qnet_integ_rx(node, skb, big);
		return;
	}
	bad = layer == QNET_L_KIF ? QNET_BAD_NONE : QNET_BAD_LAYER;
	if (!bad)
		bad = qnet_kif_parse(&k, skb->data, skb_headlen(skb), skb->len,
				     big);
	if (bad) {
		qnet_drop(node->qn, skb, QNET_MIB_BAD + bad);
		return;
	}
	k.big = big;
	qnet_kif_table[k.type](node, &k, skb);
}

/* Some of the circuits with a node, each of which @fn may take down; the next call
 * goes on, or with another @key begins anew.  Return: there are more.
 */
static bool qnet_kif_some(struct qnet_node *node,
			  void (*fn)(struct qnet_vc *vc, u64 arg), u64 arg,
			  u64 key)
{
	struct qnet_walk *w = &node->integ.walk;
	struct qnet_vc *vc;
	u32 n;

	if (w->fn != fn || w->key != key)
		qnet_integ_walk_begin(node, fn, key);
	for (n = 0; n < QNET_KIF_ENDS; n++) {
		vc = qnet_integ_walk(node);
		if (!vc) {
			w->fn = NULL;
			return false;
		}
		fn(vc, arg);
		qnet_vc_put(vc);
	}
	return true;
}

/* One whose server's end is here ends without a word: nobody would hear it. */
static void qnet_kif_down_server(struct qnet_vc *vc, u64 unused)
{
	if (vc->side == QNET_VC_SERVER)
		qnet_kif_drop_server(vc, false);
}

static void qnet_kif_down_client(struct qnet_vc *vc, int err)
{
	u8 state = READ_ONCE(vc->state);

	/* One that never reached its server may try again; one that did has lost
	 * it, whatever has become of the node meanwhile.
	 */
	if (state == QNET_VC_UP)
		qnet_vc_kill(vc, -EHOSTDOWN, QNET_VC_DEAD);
	else if (state == QNET_VC_CONNECTING)
		qnet_vc_kill(vc, err, QNET_VC_NEW);
	if (READ_ONCE(vc->closing))
		qnet_kif_close(vc, false);
}

/* One that was opened since stays. */
static void qnet_kif_down_one(struct qnet_vc *vc, u64 err)
{
	if (READ_ONCE(vc->life) == READ_ONCE(vc->node->life))
		return;
	qnet_kif_down_server(vc, 0);
	if (vc->side == QNET_VC_CLIENT)
		qnet_kif_down_client(vc, -(int)err);
}

static bool qnet_kif_down(struct qnet_node *node, int err)
{
	u32 life = READ_ONCE(node->life);
	struct qnet_integ *g = &node->integ;

	if (g->life != life) {
		g->life = life;
		qnet_ask_down(node, err);
		/* There is room again; that their circuits are gone they see. */
		wake_up_all(&node->wait);
	}
	if (qnet_kif_some(node, qnet_kif_down_one, -err, life))
		return true;
	qnet_kif_end_reads(node, NULL);
	qnet_integ_down(node);
	return false;
}

static bool qnet_kif_lost_clients(struct qnet_node *node)
{
	return qnet_kif_some(node, qnet_kif_down_server, 0, 0);
}

/* A circuit that takes one link and no other ends with it; its server's end is
 * told over another, if there is one.
 */
static void qnet_kif_lost_link(struct qnet_vc *vc, u64 bearers)
{
	u16 id = vc->qos >> QNET_QOS_BEARER_SHIFT;

	if (vc->side != QNET_VC_CLIENT || !id || id > QNET_BEARERS_MAX ||
	    (vc->qos & QNET_QOS_POLICY) != QNET_QOS_ONLY ||
	    !(bearers & QNET_BEARER_BIT(id)))
		return;
	qnet_kif_end(vc, -EHOSTUNREACH, true);
}

static bool qnet_kif_lost_way(struct qnet_node *node, u64 bearers)
{
	return qnet_kif_some(node, qnet_kif_lost_link, bearers, bearers);
}

const struct qnet_node_ops qnet_kif_node_ops = {
	.rx		= qnet_kif_rx,
	.down		= qnet_kif_down,
	.lost_clients	= qnet_kif_lost_clients,
	.lost_way	= qnet_kif_lost_way,
	.watch		= qnet_integ_watch,
};
