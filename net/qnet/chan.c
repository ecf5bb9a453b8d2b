// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 6: channels, their queues, rcvids, pulses, clients' ids.
 *
 * All of a server process's side is under one lock, qnet_proc.lock: a message
 * is in a channel's queue, then in the table of rcvids, then taken.  A rcvid
 * is a number that comes back after some 2^30 messages only, so that a stale one
 * meets no other client: see rcvid.c.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "qnet_priv.h"

#include <trace/events/qnet.h>

/* A pulse in a channel's queue; @system: no program has sent it. */
struct qnet_pulse_ent {
	struct qnet_ent		ent;
	struct qnet_pulse	pulse;
	bool			system;
};

/* Marks in qnet_proc.chans, of channels that are told */
#define QNET_CHAN_COID_DEATH	XA_MARK_1
#define QNET_CHAN_THREAD_DEATH	XA_MARK_2

static void qnet_scoid_free(struct qnet_scoid *sc)
{
	if (sc->own)
		put_cred(sc->own);
	kfree(sc->bye);
	kfree(sc);
}

/* ------------------------------------------------------------- processes */

static struct qnet_proc *qnet_proc_alloc(struct qnet_net *qn, s32 nr)
{
	struct qnet_proc *proc = kzalloc(sizeof(*proc), GFP_KERNEL_ACCOUNT);

	if (!proc)
		return NULL;
	refcount_set(&proc->ref, 1);
	spin_lock_init(&proc->lock);
	xa_init_flags(&proc->chans, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	xa_init_flags(&proc->scoids, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	proc->clients = RB_ROOT;
	proc->coids = RB_ROOT;
	proc->servers = RB_ROOT;
	proc->rows = RB_ROOT;
	proc->qn = qn;
	proc->nr = nr;
	proc->tgid = get_pid(task_tgid(current));
	return proc;
}

static void qnet_proc_free(struct qnet_proc *proc)
{
	struct qnet_scoid *sc;
	unsigned long id;

	xa_for_each(&proc->scoids, id, sc)
		qnet_scoid_free(sc);
	xa_destroy(&proc->scoids);
	xa_destroy(&proc->chans);
	qnet_msg_free_spare(proc->spare);
	qnet_msg_free_spare(proc->spare_wire);
	put_pid(proc->tgid);
	kfree_rcu(proc, rcu);
}

void qnet_proc_put(struct qnet_proc *proc)
{
	if (!refcount_dec_and_test(&proc->ref))
		return;
	/* A younger process with the same pid may stand there by now. */
	xa_cmpxchg_bh(&proc->qn->procs, proc->nr, proc, NULL, GFP_ATOMIC);
	qnet_proc_free(proc);
}

/* The record under @nr, referenced; @raw: what stands there, to replace it. */
static struct qnet_proc *qnet_proc_load(struct qnet_net *qn, s32 nr,
					struct qnet_proc **raw)
{
	struct qnet_proc *proc;

	rcu_read_lock();
	proc = xa_load(&qn->procs, nr);
	*raw = proc;
	if (proc && !refcount_inc_not_zero(&proc->ref))
		proc = NULL;
	rcu_read_unlock();
	return proc;
}

struct qnet_proc *qnet_proc_find(struct qnet_net *qn, s32 nr)
{
	struct qnet_proc *raw;

	return qnet_proc_load(qn, nr, &raw);
}

static bool qnet_proc_alive(struct qnet_proc *proc)
{
	bool alive;

	rcu_read_lock();
	alive = pid_task(proc->tgid, PIDTYPE_TGID);
	rcu_read_unlock();
	return alive;
}

struct qnet_proc *qnet_proc_get(struct qnet_net *qn)
{
	s32 nr = task_tgid_vnr(current);
	struct qnet_proc *proc, *raw, *new = NULL;
	void *old;

	for (;;) {
		proc = qnet_proc_load(qn, nr, &raw);
		if (proc && qnet_proc_is_current(proc))
			break;
		if (proc) {
			bool alive = qnet_proc_alive(proc);

			qnet_proc_put(proc);
			proc = NULL;
			/* The same number in another pid namespace. */
			if (alive) {
				proc = ERR_PTR(-EADDRINUSE);
				break;
			}
		}
		if (!new)
			new = qnet_proc_alloc(qn, nr);
		if (!new)
			return ERR_PTR(-ENOMEM);
		old = xa_cmpxchg_bh(&qn->procs, nr, raw, new, GFP_KERNEL);
		if (old == raw)
			return new;
		if (xa_is_err(old)) {
			proc = ERR_PTR(xa_err(old));
			break;
		}
	}
	if (new)
		qnet_proc_free(new);
	return proc;
}

/* --------------------------------------------------------- clients' ids */

/* Users and groups only: a session says nothing about rights. */
static int qnet_ids_cmp(const struct qnet_kcred *a, const struct qnet_kcred *b)
{
	const size_t from = offsetof(struct qnet_kcred, ruid);
	const size_t to = offsetof(struct qnet_kcred, groups);

	return memcmp((const u8 *)a + from, (const u8 *)b + from, to - from) ?:
	       memcmp(a->groups, b->groups,
		      a->ngroups * sizeof(a->groups[0]));
}

static int qnet_scoid_cmp(const struct qnet_scoid *sc, u32 nd,
			  const struct qnet_kcred *cred)
{
	if (sc->nd != nd)
		return sc->nd < nd ? -1 : 1;
	if (sc->cred.pid != cred->pid)
		return sc->cred.pid < cred->pid ? -1 : 1;
	return qnet_ids_cmp(&sc->cred, cred);
}

static struct qnet_scoid *qnet_scoid_find(struct qnet_proc *proc, u32 nd,
					  const struct qnet_kcred *cred)
{
	struct rb_node *n = proc->clients.rb_node;

	while (n) {
		struct qnet_scoid *sc = rb_entry(n, struct qnet_scoid, node);
		int cmp = qnet_scoid_cmp(sc, nd, cred);

		if (!cmp)
			return sc;
		n = cmp > 0 ? n->rb_left : n->rb_right;
	}
	return NULL;
}

static bool qnet_scoid_less(struct rb_node *a, const struct rb_node *b)
{
	const struct qnet_scoid *x = rb_entry(a, struct qnet_scoid, node);
	const struct qnet_scoid *y = rb_entry(b, struct qnet_scoid, node);

	return qnet_scoid_cmp(x, y->nd, &y->cred) < 0;
}

static struct qnet_scoid *qnet_scoid_new(struct qnet_proc *proc, u32 nd,
					 const struct qnet_kcred *cred)
{
	/* A client of this node pays itself; in softirq nobody does. */
	gfp_t gfp = nd ? GFP_ATOMIC : GFP_ATOMIC | __GFP_ACCOUNT;
	struct qnet_scoid *sc = kzalloc(sizeof(*sc), gfp);

	lockdep_assert_held(&proc->lock);
	if (!sc)
		return NULL;
	INIT_LIST_HEAD(&sc->vcs);
	sc->nd = nd;
	sc->cred = *cred;
	/* The farewell must not fail for want of memory. */
	sc->bye = kzalloc(sizeof(*sc->bye), gfp);
	if (!sc->bye ||
	    xa_alloc_cyclic(&proc->scoids, &sc->id, sc,
			    XA_LIMIT(QNET_SCOID_BASE + 1, QNET_SCOID_MAX),
			    &proc->next_scoid, gfp) < 0) {
		qnet_scoid_free(sc);
		return NULL;
	}
	rb_add(&sc->node, &proc->clients, qnet_scoid_less);
	return sc;
}

/* Should the client come again it is another. */
static void qnet_scoid_forget(struct qnet_proc *proc, struct qnet_scoid *sc)
{
	lockdep_assert_held(&proc->lock);
	if (RB_EMPTY_NODE(&sc->node))
		return;
	rb_erase(&sc->node, &proc->clients);
	RB_CLEAR_NODE(&sc->node);
}

static void qnet_scoid_erase(struct qnet_proc *proc, struct qnet_scoid *sc)
{
	xa_erase(&proc->scoids, sc->id);
	qnet_scoid_free(sc);
}

/* --------------------------------------------------------------- channels */

static void qnet_chan_wake(struct qnet_chan *chan)
{
	lockdep_assert_held(&chan->proc->lock);
	if (chan->sk)
		chan->sk->sk_data_ready(chan->sk);
}

static void qnet_chan_wake_all(struct qnet_chan *chan)
{
	lockdep_assert_held(&chan->proc->lock);
	if (chan->sk)
		chan->sk->sk_state_change(chan->sk);
}

static bool qnet_ent_less(struct rb_node *a, const struct rb_node *b)
{
	const struct qnet_ent *x = rb_entry(a, struct qnet_ent, node);
	const struct qnet_ent *y = rb_entry(b, struct qnet_ent, node);

	if (x->prio != y->prio)
		return x->prio > y->prio;
	return x->seq < y->seq;
}

static struct qnet_ent *qnet_ent_first(struct rb_root_cached *root)
{
	return rb_entry_safe(rb_first_cached(root), struct qnet_ent, node);
}

static void qnet_chan_enqueue(struct qnet_chan *chan,
			      struct rb_root_cached *root,
			      struct qnet_ent *ent)
{
	rb_add_cached(&ent->node, root, qnet_ent_less);
	qnet_chan_wake(chan);
}

/* Who waits longest for that, or NULL. */
static struct qnet_rx *qnet_chan_receiver(struct qnet_chan *chan, bool pulse)
{
	struct qnet_rx *rx;

	lockdep_assert_held(&chan->proc->lock);
	list_for_each_entry(rx, &chan->receivers, list)
		if (pulse || !rx->pulse)
			return rx;
	return NULL;
}

/* @rx has what it waited for.  Once it knows it may be gone, and its thread,
 * too, but for RCU: under a spinlock we are on the read side.
 */
static void qnet_rx_wake(struct qnet_rx *rx)
{
	struct task_struct *task = rx->task;

	list_del(&rx->list);
	/* Pairs with smp_load_acquire() in qnet_rx_wait(). */
	smp_store_release(&rx->done, true);
	wake_up_process(task);
}

static struct qnet_chan *qnet_chan_alloc(struct qnet_proc *proc,
					 struct sock *sk, u32 flags)
{
	struct qnet_chan *chan = kzalloc(sizeof(*chan), GFP_KERNEL_ACCOUNT);

	if (!chan)
		return NULL;
	refcount_set(&chan->ref, 1);
	refcount_inc(&proc->ref);
	chan->proc = proc;
	chan->flags = flags;
	chan->cred = get_current_cred();
	chan->sk = sk;
	chan->msgs = RB_ROOT_CACHED;
	chan->pulses = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&chan->receivers);
	INIT_LIST_HEAD(&chan->vcs);
	INIT_LIST_HEAD(&chan->names);
	return chan;
}

void qnet_chan_put(struct qnet_chan *chan)
{
	if (!refcount_dec_and_test(&chan->ref))
		return;
	qnet_proc_put(chan->proc);
	put_cred(chan->cred);
	kfree_rcu(chan, rcu);
}

/* So that who has something to tell the process finds it among many others. */
static void qnet_chan_mark(struct qnet_chan *chan)
{
	struct xarray *chans = &chan->proc->chans;

	xa_lock_bh(chans);
	if (chan->flags & QNET_CHF_COID_DISCONNECT)
		__xa_set_mark(chans, chan->chid, QNET_CHAN_COID_DEATH);
	if (chan->flags & QNET_CHF_THREAD_DEATH)
		__xa_set_mark(chans, chan->chid, QNET_CHAN_THREAD_DEATH);
	xa_unlock_bh(chans);
}

struct qnet_chan *qnet_chan_create(struct qnet_proc *proc, struct sock *sk,
				   s32 chid, u32 flags)
{
	struct qnet_chan *chan;
	u32 id = chid;
	int err;

	chan = qnet_chan_alloc(proc, sk, flags);
	if (!chan)
		return ERR_PTR(-ENOMEM);
	/* Nobody finds it before its number is in place. */
	if (chid)
		err = xa_insert_bh(&proc->chans, chid, NULL, GFP_KERNEL);
	else
		err = xa_alloc_bh(&proc->chans, &id, NULL,
				  XA_LIMIT(1, QNET_CHID_MAX), GFP_KERNEL);
	if (err) {
		qnet_chan_put(chan);
		return ERR_PTR(chid && err == -EBUSY ? -EADDRINUSE :
			       err == -EBUSY ? -EAGAIN : err);
	}
	chan->chid = id;
	xa_store_bh(&proc->chans, id, chan, GFP_KERNEL);
	qnet_chan_mark(chan);
	return chan;
}

struct qnet_chan *qnet_chan_find(struct qnet_net *qn, s32 pid, s32 chid)
{
	struct qnet_chan *chan = NULL;
	struct qnet_proc *proc;

	rcu_read_lock();
	proc = xa_load(&qn->procs, pid);
	if (proc)
		chan = xa_load(&proc->chans, chid);
	/* It holds its process, whose struct pid goes without a grace period. */
	if (chan && !refcount_inc_not_zero(&chan->ref))
		chan = NULL;
	rcu_read_unlock();
	/* A forked child may hold the socket of a process that is no more. */
	if (chan && (READ_ONCE(chan->dead) || !qnet_proc_alive(proc))) {
		qnet_chan_put(chan);
		chan = NULL;
	}
	return chan;
}

bool qnet_chan_readable(struct qnet_chan *chan)
{
	return READ_ONCE(chan->msgs.rb_root.rb_node) ||
	       READ_ONCE(chan->pulses.rb_root.rb_node) ||
	       READ_ONCE(chan->dead);
}

static struct qnet_pulse_ent *qnet_pulse_of(struct qnet_ent *ent)
{
	return container_of(ent, struct qnet_pulse_ent, ent);
}

static struct qnet_msg *qnet_msg_of(struct qnet_ent *ent)
{
	return container_of(ent, struct qnet_msg, ent);
}

/* How many there are of one kind. */
static u32 *qnet_chan_pulses(struct qnet_chan *chan,
			     const struct qnet_pulse_ent *p)
{
	return p->system ? &chan->nr_system : &chan->nr_pulses;
}

static int qnet_chan_add_pulse(struct qnet_chan *chan,
			       struct qnet_pulse_ent *p, bool system)
{
	struct qnet_rx *rx;
	u32 *nr;

	lockdep_assert_held(&chan->proc->lock);
	if (chan->dead)
		return -ESRCH;
	rx = qnet_chan_receiver(chan, true);
	if (rx) {
		rx->p = p;
		qnet_rx_wake(rx);
		return 0;
	}
	p->system = system;
	nr = qnet_chan_pulses(chan, p);
	if (*nr >= (system ? QNET_CHAN_SYSTEM : QNET_CHAN_PULSES))
		return -EAGAIN;
	++*nr;
	p->ent.seq = chan->seq++;
	qnet_chan_enqueue(chan, &chan->pulses, &p->ent);
	return 0;
}

static bool qnet_chan_hears(const struct qnet_chan *chan)
{
	return chan && chan->flags & QNET_CHF_DISCONNECT && !chan->dead;
}

/* The last circuit of a client is gone.  If that led to a channel that is not
 * told, another that it had joined is.  A server that has left so many pulses
 * lying is not told, and the id is free at once.
 */
static void qnet_scoid_leave(struct qnet_chan *chan, struct qnet_scoid *sc)
{
	struct qnet_proc *proc = chan->proc;
	struct qnet_pulse_ent *p = sc->bye;

	qnet_scoid_forget(proc, sc);
	/* What is not dead is not freed while the lock is held. */
	if (!qnet_chan_hears(chan))
		chan = xa_load(&proc->chans, sc->hears);
	if (!qnet_chan_hears(chan)) {
		qnet_scoid_erase(proc, sc);
		return;
	}
	p->ent.prio = QNET_PRIO_DEFAULT;
	p->pulse.code = QNET_PULSE_DISCONNECT;
	p->pulse.scoid = sc->id;
	if (qnet_chan_add_pulse(chan, p, true))
		qnet_scoid_erase(proc, sc);
	else
		sc->bye = NULL;
}

static void qnet_chan_vc_detach(struct qnet_vc *vc)
{
	struct qnet_chan *chan = READ_ONCE(vc->chan);
	bool joined;

	/* Ended before it was attached: qnet_kif_accept() sees that. */
	if (!chan)
		return;
	spin_lock_bh(&chan->proc->lock);
	joined = !list_empty(&vc->chan_list);
	if (joined) {
		list_del_init(&vc->chan_list);
		list_del(&vc->scoid_list);
		vc->scoid->nr_vcs--;
		qnet_row_end_vc(chan->proc, vc);
		if (list_empty(&vc->scoid->vcs))
			qnet_scoid_leave(chan, vc->scoid);
		vc->scoid = NULL;
	}
	spin_unlock_bh(&chan->proc->lock);
	if (joined)
		qnet_vc_put(vc);
}

/* Away from its rcvid, and the pulse that names it away with it. */
static void qnet_rcvid_remove(struct qnet_msg *m)
{
	hlist_del_init(&m->hash);
	if (unlikely(m->ent.unblock))
		rb_erase_cached(&m->ent.node, &m->vc->chan->pulses);
}

/* Those that are messages, of clients who want out, end with their circuits. */
static void qnet_chan_free_pulses(struct qnet_chan *chan)
{
	struct qnet_ent *ent;

	while ((ent = qnet_ent_first(&chan->pulses))) {
		rb_erase_cached(&ent->node, &chan->pulses);
		if (ent->unblock)
			ent->unblock = false;
		else
			kfree(qnet_pulse_of(ent));
	}
	chan->nr_pulses = 0;
	chan->nr_system = 0;
}

static void qnet_chan_end_receivers(struct qnet_chan *chan)
{
	struct qnet_rx *rx, *next;

	list_for_each_entry_safe(rx, next, &chan->receivers, list) {
		rx->err = -ESRCH;
		qnet_rx_wake(rx);
	}
}

/* What a client of this node gets for @err, which may be QNET_EUNBLOCK. */
static int qnet_chan_errno(const struct qnet_msg *m, int err)
{
	if (likely(err != QNET_EUNBLOCK))
		return -err;
	return READ_ONCE(m->unblock) ?: -EINTR;
}

/* Ends the call at its client, here or on another node; there a dead circuit
 * has done so.
 */
static void qnet_chan_fail(struct qnet_msg *m, int err)
{
	if (!m->wire) {
		qnet_vc_finish(m, 0, qnet_chan_errno(m, err));
	} else {
		qnet_vc_del_msg(m);
		if (READ_ONCE(m->vc->state) != QNET_VC_DEAD &&
		    qnet_kif_reply(m, 0, err, NULL, 0))
			qnet_node_fail(m->vc->node);
	}
	qnet_msg_put(m);
}

/* The server ends a circuit; the caller's reference goes. */
static void qnet_chan_end_vc(struct qnet_vc *vc)
{
	if (vc->side == QNET_VC_LOCAL)
		qnet_vc_kill(vc, -ESRCH, QNET_VC_DEAD);
	else
		qnet_kif_drop_server(vc, true);
	/* Perhaps another was at it: off the list, so that it is met once. */
	qnet_chan_vc_detach(vc);
	qnet_vc_put(vc);
}

static void qnet_chan_end_vcs(struct qnet_chan *chan)
{
	struct qnet_vc *vc;

	for (;;) {
		spin_lock_bh(&chan->proc->lock);
		vc = list_first_entry_or_null(&chan->vcs, struct qnet_vc,
					      chan_list);
		if (vc)
			qnet_vc_hold(vc);
		spin_unlock_bh(&chan->proc->lock);
		if (!vc)
			return;
		qnet_chan_end_vc(vc);
		cond_resched();
	}
}

/* Its messages end with the circuits over which they came. */
void qnet_chan_end(struct qnet_chan *chan)
{
	struct qnet_proc *proc = chan->proc;

	spin_lock_bh(&proc->lock);
	if (chan->dead) {
		spin_unlock_bh(&proc->lock);
		return;
	}
	WRITE_ONCE(chan->dead, true);
	qnet_chan_free_pulses(chan);
	qnet_chan_end_receivers(chan);
	qnet_chan_wake_all(chan);
	chan->sk = NULL;
	spin_unlock_bh(&proc->lock);

	xa_erase_bh(&proc->chans, chan->chid);
	qnet_name_chan_end(chan);
	qnet_chan_end_vcs(chan);
}

/* ------------------------------------------------------------------ pulses */

static int qnet_chan_queue_pulse(struct qnet_vc *vc, u8 prio, s8 code,
				 u64 value, gfp_t gfp)
{
	struct qnet_chan *chan = vc->chan;
	struct qnet_pulse_ent *p;
	int err;

	p = kzalloc(sizeof(*p), gfp);
	if (!p)
		return -EAGAIN;
	p->ent.prio = prio;
	p->pulse.code = code;
	p->pulse.value = value;
	spin_lock_bh(&chan->proc->lock);
	p->pulse.scoid = vc->scoid ? vc->scoid->id : 0;
	err = qnet_chan_add_pulse(chan, p, false);
	spin_unlock_bh(&chan->proc->lock);
	if (err)
		kfree(p);
	return err;
}

/* As a signal would find them: the ids that the server's process has now, or had
 * when it made the channel if it is gone.  Under RCU.
 */
static const struct cred *qnet_chan_cred(const struct qnet_chan *chan)
{
	struct task_struct *leader = pid_task(chan->proc->tgid, PIDTYPE_TGID);

	return leader ? __task_cred(leader) : chan->cred;
}

/* As for kill(), by the ids that the client's node tells: a node that is a
 * peer is trusted with them.  The system's codes are our own kernel's.
 */
static bool qnet_chan_wire_may_pulse(struct qnet_vc *vc)
{
	struct user_namespace *ns = vc->qn->net->user_ns;
	struct qnet_chan *chan = vc->chan;
	kuid_t euid = INVALID_UID, ruid = INVALID_UID;
	const struct cred *srv;
	bool may;

	spin_lock_bh(&chan->proc->lock);
	if (vc->scoid) {
		euid = make_kuid(ns, vc->scoid->cred.euid);
		ruid = make_kuid(ns, vc->scoid->cred.ruid);
	}
	spin_unlock_bh(&chan->proc->lock);
	rcu_read_lock();
	srv = qnet_chan_cred(chan);
	may = (uid_valid(euid) && uid_eq(euid, make_kuid(ns, 0))) ||
	      qnet_is_user(euid, srv) || qnet_is_user(ruid, srv);
	rcu_read_unlock();
	return may;
}

static int qnet_chan_wire_pulse(struct qnet_vc *vc, u8 prio, s8 code,
				u64 value)
{
	if (code < 0 || !qnet_chan_wire_may_pulse(vc))
		return -EPERM;
	return qnet_chan_queue_pulse(vc, prio, code, value, GFP_ATOMIC);
}

bool qnet_may_kill(const struct cred *of)
{
	return qnet_same_users(current_cred(), of) ||
	       ns_capable(of->user_ns, CAP_KILL);
}

static bool qnet_chan_may_pulse(const struct qnet_chan *chan)
{
	bool may;

	rcu_read_lock();
	may = qnet_may_kill(qnet_chan_cred(chan));
	rcu_read_unlock();
	return may;
}

static int qnet_chan_local_pulse(struct qnet_vc *vc, u8 prio, s8 code,
				 u64 value, gfp_t gfp)
{
	int err = qnet_chan_queue_pulse(vc, prio, code, value, gfp);

	if (!err) {
		qnet_vc_sent(vc);
		QNET_INC(vc->qn, QNET_MIB_PULSES);
	}
	return err;
}

int qnet_chan_send_pulse(struct qnet_vc *vc, u8 prio, s8 code, u64 value)
{
	/* Another node takes the system's codes from its own kernel only. */
	if (code < 0 && (vc->side == QNET_VC_CLIENT ||
			 !ns_capable(vc->qn->net->user_ns, CAP_KILL)))
		return -EPERM;
	if (READ_ONCE(vc->state) == QNET_VC_DEAD)
		return -EBADF;
	if (vc->side == QNET_VC_CLIENT)
		return qnet_kif_pulse(vc, prio, code, value,
				      GFP_KERNEL_ACCOUNT);
	if (!qnet_chan_may_pulse(vc->chan))
		return -EPERM;
	return qnet_chan_local_pulse(vc, prio, code, value,
				     GFP_KERNEL_ACCOUNT);
}

static bool qnet_chan_to_itself(const struct qnet_vc *vc)
{
	return vc->side == QNET_VC_LOCAL && vc->chan->proc == vc->proc;
}

/* The client's capabilities are those it connected with. */
static bool qnet_chan_cred_may(const struct cred *me, const struct cred *srv)
{
	return qnet_same_users(me, srv) ||
	       (me->user_ns == srv->user_ns &&
		cap_raised(me->cap_effective, CAP_KILL));
}

int qnet_chan_client_may(struct qnet_vc *vc)
{
	bool may;

	if (READ_ONCE(vc->state) == QNET_VC_DEAD)
		return -EBADF;
	if (vc->side == QNET_VC_CLIENT || qnet_chan_to_itself(vc))
		return 0;
	rcu_read_lock();
	may = qnet_chan_cred_may(vc->cred, qnet_chan_cred(vc->chan));
	rcu_read_unlock();
	return may ? 0 : -EPERM;
}

int qnet_chan_client_pulse(struct qnet_vc *vc, u8 prio, s8 code, u64 value)
{
	int err = qnet_chan_client_may(vc);

	if (err)
		return err;
	/* What orders others' work takes a privilege. */
	if (!qnet_chan_to_itself(vc))
		prio = min_t(u8, prio, QNET_PRIO_USER);
	if (vc->side == QNET_VC_CLIENT)
		return qnet_kif_pulse(vc, prio, code, value, GFP_ATOMIC);
	return qnet_chan_local_pulse(vc, prio, code, value, GFP_ATOMIC);
}

/* To the first of a process's channels that has @mark, and room; takes @p.  So
 * many that are full are looked at: this is done for each circuit that dies.
 */
#define QNET_PROC_FULL	16

static int qnet_proc_pulse(struct qnet_proc *proc, xa_mark_t mark,
			   struct qnet_pulse_ent *p)
{
	struct qnet_chan *chan;
	int err = -ESRCH;
	unsigned long id;
	u32 full = 0;

	p->ent.prio = QNET_PRIO_DEFAULT;
	spin_lock_bh(&proc->lock);
	xa_for_each_marked(&proc->chans, id, chan, mark) {
		err = qnet_chan_add_pulse(chan, p, true);
		if (!err || ++full == QNET_PROC_FULL)
			break;
	}
	spin_unlock_bh(&proc->lock);
	if (err)
		kfree(p);
	return err;
}

/* A client's connection has died: a pulse to its channel for that, if any. */
static void qnet_chan_vc_died(struct qnet_vc *vc)
{
	struct qnet_pulse_ent *p = xchg(&vc->bye, NULL);

	if (!p)
		return;
	p->pulse.code = QNET_PULSE_COIDDEATH;
	p->pulse.value = READ_ONCE(vc->coid);
	qnet_proc_pulse(vc->proc, QNET_CHAN_COID_DEATH, p);
}

int qnet_chan_thread_death(struct qnet_proc *proc)
{
	struct qnet_pulse_ent *p;

	if (xa_empty(&proc->chans))
		return -ESRCH;
	p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	p->pulse.code = QNET_PULSE_THREADDEATH;
	p->pulse.value = qnet_tid();
	return qnet_proc_pulse(proc, QNET_CHAN_THREAD_DEATH, p);
}

/* -------------------------------------------------------------- circuits */

static int qnet_chan_join(struct qnet_vc *vc, struct qnet_chan *chan, u32 nd,
			  const struct qnet_kcred *cred)
{
	struct qnet_proc *proc = chan->proc;
	struct qnet_scoid *sc;
	int err = 0;

	spin_lock_bh(&proc->lock);
	if (chan->dead) {
		err = -ESRCH;
		goto out;
	}
	sc = qnet_scoid_find(proc, nd, cred) ?: qnet_scoid_new(proc, nd, cred);
	if (!sc) {
		err = -ENOMEM;
		goto out;
	}
	list_add_tail(&vc->scoid_list, &sc->vcs);
	sc->nr_vcs++;
	if (!sc->own && vc->cred)
		sc->own = get_cred(vc->cred);
	if (qnet_chan_hears(chan))
		sc->hears = chan->chid;
	vc->scoid = sc;
	list_add_tail(&vc->chan_list, &chan->vcs);
	qnet_vc_hold(vc);
out:
	spin_unlock_bh(&proc->lock);
	return err;
}

static int qnet_chan_vc_attach(struct qnet_vc *vc,
			       const struct qnet_kcred *cred, s32 pid,
			       s32 chid)
{
	struct qnet_chan *chan = qnet_chan_find(vc->qn, pid, chid);

	if (!chan)
		return -ESRCH;
	WRITE_ONCE(vc->chan, chan);
	return qnet_chan_join(vc, chan, vc->node->nd, cred);
}

static int qnet_server_cmp(struct rb_node *a, const struct rb_node *b)
{
	const struct qnet_server *x = rb_entry(a, struct qnet_server, node);
	const struct qnet_server *y = rb_entry(b, struct qnet_server, node);

	if (x->nd != y->nd)
		return x->nd < y->nd ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* One circuit more from this process to that. */
static int qnet_server_join(struct qnet_vc *vc)
{
	struct qnet_proc *proc = vc->proc;
	struct qnet_server *new;
	struct rb_node *known;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	new->nd = vc->key.nd;
	new->pid = vc->rpid;
	spin_lock_bh(&proc->lock);
	known = rb_find_add(&new->node, &proc->servers, qnet_server_cmp);
	vc->server = known ? rb_entry(known, struct qnet_server, node) : new;
	vc->server->nr_vcs++;
	spin_unlock_bh(&proc->lock);
	if (known)
		kfree(new);
	return 0;
}

static void qnet_server_leave(struct qnet_vc *vc)
{
	struct qnet_proc *proc = vc->proc;
	struct qnet_server *s;

	spin_lock_bh(&proc->lock);
	s = vc->server;
	vc->server = NULL;
	if (s && !--s->nr_vcs)
		rb_erase(&s->node, &proc->servers);
	else
		s = NULL;
	spin_unlock_bh(&proc->lock);
	kfree(s);
}

/* Word of its death must not fail for want of memory. */
static bool qnet_chan_bye(struct qnet_vc *vc)
{
	vc->bye = kzalloc(sizeof(*vc->bye), GFP_KERNEL_ACCOUNT);
	return vc->bye;
}

static struct qnet_vc *qnet_chan_connect_local(struct qnet_proc *proc,
					       s32 pid, s32 chid)
{
	struct qnet_kcred cred;
	struct qnet_chan *chan;
	struct qnet_vc *vc;
	int err;

	chan = qnet_chan_find(proc->qn, pid, chid);
	if (!chan)
		return ERR_PTR(-ESRCH);
	vc = qnet_vc_new_local(proc, chan, pid, chid);
	if (!vc) {
		qnet_chan_put(chan);
		return ERR_PTR(-ENOMEM);
	}
	if (!qnet_chan_bye(vc)) {
		qnet_vc_put(vc);
		return ERR_PTR(-ENOMEM);
	}
	qnet_cred_fill(proc->qn, vc->cred, &cred);
	cred.pid = proc->nr;
	cred.sid = vc->sid;
	err = qnet_chan_join(vc, chan, 0, &cred);
	if (err) {
		qnet_vc_put(vc);
		return ERR_PTR(err);
	}
	return vc;
}

static struct qnet_vc *qnet_chan_connect_remote(struct qnet_proc *proc,
						u32 nd, s32 pid, s32 chid)
{
	struct qnet_node *node = qnet_node_find(proc->qn, nd);
	struct qnet_vc *vc;
	int err;

	if (!node)
		return ERR_PTR(-EHOSTUNREACH);
	vc = qnet_vc_new_client(proc, node, pid, chid);
	qnet_node_put(node);
	if (!vc)
		return ERR_PTR(-ENOMEM);
	vc->qos = qnet_path_qos(vc->node, nd >> QNET_ND_BITS);
	err = qnet_chan_bye(vc) ? qnet_server_join(vc) : -ENOMEM;
	if (err)
		goto put;
	err = qnet_vc_insert_client(vc);
	if (err)
		goto leave;
	return vc;
leave:
	qnet_server_leave(vc);
put:
	qnet_vc_put(vc);
	return ERR_PTR(err);
}

struct qnet_vc *qnet_chan_connect(struct qnet_proc *proc, u32 nd, s32 pid,
				  s32 chid, s32 coid, struct sock *sk)
{
	struct qnet_vc *vc;
	int err = 0;

	if (nd & QNET_ND_MASK)
		vc = qnet_chan_connect_remote(proc, nd, pid, chid);
	else
		vc = qnet_chan_connect_local(proc, pid ?: proc->nr, chid);
	if (IS_ERR(vc))
		return vc;
	if (coid)
		qnet_coid_set(vc, coid);
	spin_lock_bh(&vc->lock);
	/* Dead before anybody could be told? */
	if (vc->state == QNET_VC_DEAD)
		err = vc->why ?: -ESRCH;
	else
		vc->sk = sk;
	spin_unlock_bh(&vc->lock);
	if (!err)
		return vc;
	qnet_chan_disconnect(vc);
	qnet_vc_put(vc);
	return ERR_PTR(err);
}

void qnet_chan_disconnect(struct qnet_vc *vc)
{
	qnet_coid_forget(vc);
	spin_lock_bh(&vc->lock);
	vc->sk = NULL;
	spin_unlock_bh(&vc->lock);
	if (vc->side == QNET_VC_CLIENT) {
		bool tell = qnet_vc_known(vc);

		qnet_server_leave(vc);
		if (!qnet_vc_linger(vc))
			qnet_kif_close(vc, tell);
		return;
	}
	qnet_vc_kill(vc, -EBADF, QNET_VC_DEAD);
	qnet_chan_vc_detach(vc);
}

s32 qnet_chan_scoid(struct qnet_vc *vc)
{
	struct qnet_chan *chan = vc->chan;
	s32 id = 0;

	if (!chan)
		return READ_ONCE(vc->told_scoid);
	spin_lock_bh(&chan->proc->lock);
	if (vc->scoid)
		id = vc->scoid->id;
	spin_unlock_bh(&chan->proc->lock);
	return id;
}

static void qnet_chan_describe_client(struct qnet_vc *vc, struct qnet_vc_info *i)
{
	struct qnet_proc *proc = vc->proc;

	i->local_pid = proc->nr;
	i->owner = vc->cred->euid;
	i->uid = from_kuid_munged(vc->qn->net->user_ns, vc->cred->euid);
	i->scoid = READ_ONCE(vc->told_scoid);
	spin_lock_bh(&proc->lock);
	if (vc->server)
		i->shares = vc->server->nr_vcs;
	spin_unlock_bh(&proc->lock);
}

static void qnet_chan_describe_server(struct qnet_vc *vc, struct qnet_vc_info *i)
{
	struct qnet_chan *chan = READ_ONCE(vc->chan);

	if (!chan)
		return;
	i->local_pid = chan->proc->nr;
	i->owner = chan->cred->euid;
	spin_lock_bh(&chan->proc->lock);
	if (vc->scoid) {
		i->scoid = vc->scoid->id;
		i->uid = vc->scoid->cred.euid;
		i->shares = vc->scoid->nr_vcs;
	}
	spin_unlock_bh(&chan->proc->lock);
}

void qnet_chan_describe(struct qnet_vc *vc, struct qnet_vc_info *i)
{
	if (vc->side == QNET_VC_CLIENT)
		qnet_chan_describe_client(vc, i);
	else
		qnet_chan_describe_server(vc, i);
}

/* ---------------------------------------------------------------- rcvids */

/* The first numbers of all circuits are multiples of QNET_ROW_FIRST. */
static struct hlist_head *qnet_rcvid_bucket(struct qnet_proc *proc, u32 rcvid)
{
	return &proc->rcvids[(rcvid + rcvid / QNET_ROW_FIRST) %
			     QNET_RCVID_HASH];
}

/* With every message: a call would cost as much again. */
static __always_inline struct qnet_msg *
qnet_rcvid_find(struct qnet_proc *proc, s32 rcvid)
{
	struct qnet_msg *m;

	lockdep_assert_held(&proc->lock);
	if (rcvid <= 0)
		return NULL;
	hlist_for_each_entry(m, qnet_rcvid_bucket(proc, rcvid), hash)
		if (m->rcvid == rcvid)
			return m;
	return NULL;
}

/* The message of a rcvid, with a reference, left where it is. */
static struct qnet_msg *qnet_rcvid_get(struct qnet_proc *proc, s32 rcvid)
{
	struct qnet_msg *m;

	spin_lock_bh(&proc->lock);
	m = qnet_rcvid_find(proc, rcvid);
	if (m)
		qnet_msg_hold(m);
	spin_unlock_bh(&proc->lock);
	return m;
}

/* Takes the message of a rcvid, with the reference of the table. */
static struct qnet_msg *qnet_rcvid_take(struct qnet_proc *proc, s32 rcvid)
{
	struct qnet_msg *m;

	spin_lock_bh(&proc->lock);
	m = qnet_rcvid_find(proc, rcvid);
	if (m) {
		qnet_rcvid_remove(m);
		WRITE_ONCE(m->state, QNET_MSG_TAKEN);
	}
	spin_unlock_bh(&proc->lock);
	return m;
}

static u32 qnet_rcvid_next(struct qnet_proc *proc, struct qnet_msg *m)
{
	struct qnet_row *r = m->vc->row[0];

	if (unlikely(!r || r->tid != m->tid || r->next == r->end)) {
		r = qnet_row_next(proc, m);
		if (!r)
			return qnet_row_stray(proc);
	}
	r->handle = m->handle;
	return r->next++;
}

static noinline void qnet_chan_trace_receive(const struct qnet_msg *m)
{
	const struct qnet_chan *chan = m->vc->chan;

	trace_qnet_receive(chan->proc->qn->net->ns.inum, m->vc->key.nd,
			   chan->proc->nr, chan->chid, m->rcvid, m->ent.prio,
			   m->srclen);
}

static void qnet_rcvid_assign(struct qnet_proc *proc, struct qnet_msg *m)
{
	u32 rcvid;

	lockdep_assert_held(&proc->lock);
	do {
		rcvid = qnet_rcvid_next(proc, m);
	} while (unlikely(proc->rcvid_again) && qnet_rcvid_find(proc, rcvid));
	m->rcvid = rcvid;
	hlist_add_head(&m->hash, qnet_rcvid_bucket(proc, rcvid));
	if (trace_qnet_receive_enabled())
		qnet_chan_trace_receive(m);
}

struct qnet_vc *qnet_chan_origin(struct qnet_proc *proc, s32 rcvid, s32 *tid,
				 s32 *handle)
{
	struct qnet_msg *m = qnet_rcvid_get(proc, rcvid);
	struct qnet_vc *vc = NULL;
	struct qnet_row *r;

	if (m) {
		vc = qnet_vc_hold(m->vc);
		*tid = m->tid;
		*handle = m->handle;
		qnet_msg_put(m);
		return vc;
	}
	spin_lock_bh(&proc->lock);
	r = qnet_row_find(proc, rcvid);
	if (r) {
		vc = qnet_vc_hold(r->vc);
		*tid = r->tid;
		*handle = r->handle;
	}
	spin_unlock_bh(&proc->lock);
	return vc;
}

/* ------------------------------------------------- messages come and go */

static void qnet_chan_fill_info(struct qnet_msg *m, struct qnet_msg_info *i)
{
	struct qnet_vc *vc = m->vc;

	lockdep_assert_held(&vc->chan->proc->lock);
	memset(i, 0, sizeof(*i));
	i->nd = vc->key.nd;
	i->srcnd = m->srcnd;
	i->tid = m->tid;
	i->chid = vc->chan->chid;
	i->coid = m->coid;
	i->priority = m->ent.prio;
	i->flags = m->mi_flags;
	i->msglen = m->msglen;
	i->srcmsglen = m->srclen;
	i->dstmsglen = m->dstlen;
	i->uid = (u32)-1;
	i->gid = (u32)-1;
	if (vc->scoid) {
		i->scoid = vc->scoid->id;
		i->pid = vc->scoid->cred.pid;
		i->uid = vc->scoid->cred.euid;
		i->gid = vc->scoid->cred.egid;
	}
}

/* The receiver gets a message, which is in no queue: it is REPLY-blocked. */
static void qnet_chan_give(struct qnet_msg *m, struct qnet_rx *rx)
{
	struct qnet_proc *proc = m->vc->chan->proc;

	lockdep_assert_held(&proc->lock);
	WRITE_ONCE(m->state, QNET_MSG_RECEIVED);
	if (unlikely(READ_ONCE(m->watch)))
		qnet_msg_wake(m);
	qnet_rcvid_assign(proc, m);
	rx->msg = qnet_msg_hold(m);
	rx->got.rcvid = m->rcvid;
	qnet_chan_fill_info(m, &rx->got.info);
}

/* To who waits for it, or into the queue. */
static void qnet_chan_add_msg(struct qnet_chan *chan, struct qnet_msg *m)
{
	struct qnet_rx *rx = qnet_chan_receiver(chan, false);

	if (rx) {
		qnet_chan_give(m, rx);
		qnet_rx_wake(rx);
	} else {
		WRITE_ONCE(m->state, QNET_MSG_QUEUED);
		qnet_chan_enqueue(chan, &chan->msgs, &m->ent);
	}
}

static int qnet_chan_post(struct qnet_msg *m)
{
	struct qnet_chan *chan = m->vc->chan;
	struct qnet_proc *proc = chan->proc;
	int err = 0;

	lockdep_assert_held(&m->vc->lock);
	spin_lock(&proc->lock);
	if (chan->dead) {
		err = -ESRCH;
	} else {
		m->ent.seq = chan->seq++;
		qnet_msg_hold(m);
		qnet_chan_add_msg(chan, m);
	}
	spin_unlock(&proc->lock);
	return err;
}

static bool qnet_chan_take_locked(struct qnet_msg *m)
{
	struct qnet_chan *chan = m->vc->chan;

	lockdep_assert_held(&chan->proc->lock);
	if (m->state == QNET_MSG_QUEUED)
		rb_erase_cached(&m->ent.node, &chan->msgs);
	else if (m->state == QNET_MSG_RECEIVED)
		qnet_rcvid_remove(m);
	else
		return false;
	WRITE_ONCE(m->state, QNET_MSG_TAKEN);
	return true;
}

static bool qnet_chan_take(struct qnet_msg *m)
{
	struct qnet_proc *proc = m->vc->chan->proc;
	bool mine;

	spin_lock_bh(&proc->lock);
	mine = qnet_chan_take_locked(m);
	spin_unlock_bh(&proc->lock);
	return mine;
}

/* The server hears that a client wants out. */
static void qnet_chan_give_unblock(struct qnet_msg *m, struct qnet_rx *rx)
{
	const struct qnet_scoid *sc = m->vc->scoid;

	rx->unblock = (struct qnet_pulse){
		.code = QNET_PULSE_UNBLOCK,
		.value = m->rcvid,
		.scoid = sc ? sc->id : 0,
	};
	m->ent.unblock = false;
}

/* The pulse of a received message that waits to be given: it needs no memory,
 * and counts against no bound, for it is the message itself that stands there.
 */
static void qnet_chan_add_unblock(struct qnet_chan *chan, struct qnet_msg *m)
{
	struct qnet_rx *rx = qnet_chan_receiver(chan, true);

	if (rx) {
		qnet_chan_give_unblock(m, rx);
		qnet_rx_wake(rx);
	} else {
		m->ent.seq = chan->seq++;
		qnet_chan_enqueue(chan, &chan->pulses, &m->ent);
	}
}

/* Once per message.  One that is being replied to comes back if the reply does
 * not go, and the pulse with it: see qnet_chan_untake().
 */
static void qnet_chan_ask_server(struct qnet_msg *m)
{
	if (m->mi_flags & QNET_MI_UNBLOCK_REQ)
		return;
	m->mi_flags |= QNET_MI_UNBLOCK_REQ;
	m->ent.unblock = true;
	if (m->state == QNET_MSG_RECEIVED)
		qnet_chan_add_unblock(m->vc->chan, m);
}

static bool qnet_chan_let_go(struct qnet_msg *m)
{
	struct qnet_chan *chan = m->vc->chan;
	bool mine = false;

	spin_lock_bh(&chan->proc->lock);
	if (m->state != QNET_MSG_QUEUED && qnet_msg_send_timed_out(m)) {
		/* It was received in the last moment. */
		qnet_msg_stay(m);
		goto out;
	}
	if (m->state == QNET_MSG_QUEUED || !(chan->flags & QNET_CHF_UNBLOCK))
		mine = qnet_chan_take_locked(m);
	if (!mine)
		qnet_chan_ask_server(m);
out:
	spin_unlock_bh(&chan->proc->lock);
	return mine;
}

/* Apart from the way of a call, which is not to fetch what nobody looks at. */
static noinline void qnet_chan_trace_send(const struct qnet_msg *m)
{
	const struct qnet_vc *vc = m->vc;

	trace_qnet_send(vc->qn->net->ns.inum, vc->key.nd, vc->rpid, vc->rchid,
			m->tid, m->ent.prio, m->srclen, m->dstlen);
}

int qnet_chan_send(struct qnet_msg *m)
{
	int err;

	if (trace_qnet_send_enabled())
		qnet_chan_trace_send(m);
	if (m->vc->side == QNET_VC_CLIENT)
		return qnet_kif_call(m);
	err = qnet_vc_add_msg(m->vc, m);
	if (err)
		return err;
	qnet_vc_sent(m->vc);
	QNET_INC(m->vc->qn, QNET_MIB_LOCAL_MSGS);
	return 0;
}

/* A client of this node goes with the message, which it has taken. */
static void qnet_chan_leave(struct qnet_msg *m)
{
	qnet_msg_left(m);
	qnet_vc_del_msg(m);
	qnet_msg_close(m);
	qnet_msg_put(m);
}

bool qnet_chan_unblock(struct qnet_msg *m, int err, bool *received)
{
	WRITE_ONCE(m->unblock, err);
	/* There is no time any more. */
	WRITE_ONCE(m->watch, false);
	if (m->vc->side == QNET_VC_CLIENT) {
		*received = false;
		return qnet_kif_unblock(m);
	}
	if (!qnet_chan_let_go(m))
		return false;
	*received = m->rcvid;
	qnet_chan_leave(m);
	return true;
}

bool qnet_chan_cancel(struct qnet_msg *m)
{
	if (m->vc->side == QNET_VC_CLIENT)
		return qnet_kif_abandon(m);
	if (!qnet_chan_take(m))
		return false;
	qnet_chan_leave(m);
	return true;
}

/* --------------------------------------------------------------- receive */

/* The head of the queue: the higher priority, then the earlier arrival. */
static struct qnet_ent *qnet_chan_head(struct qnet_chan *chan, bool pulse,
				       bool *is_pulse)
{
	struct qnet_ent *p = qnet_ent_first(&chan->pulses);
	struct qnet_ent *m = pulse ? NULL : qnet_ent_first(&chan->msgs);

	*is_pulse = !m || (p && qnet_ent_less(&p->node, &m->node));
	return *is_pulse ? p : m;
}

/* Return: false, there is nothing. */
static bool qnet_chan_dequeue(struct qnet_chan *chan, struct qnet_rx *rx)
{
	struct qnet_ent *ent;
	bool is_pulse;

	lockdep_assert_held(&chan->proc->lock);
	ent = qnet_chan_head(chan, rx->pulse, &is_pulse);
	if (!ent)
		return false;
	rb_erase_cached(&ent->node, is_pulse ? &chan->pulses : &chan->msgs);
	if (!is_pulse) {
		qnet_chan_give(qnet_msg_of(ent), rx);
	} else if (ent->unblock) {
		qnet_chan_give_unblock(qnet_msg_of(ent), rx);
	} else {
		rx->p = qnet_pulse_of(ent);
		--*qnet_chan_pulses(chan, rx->p);
	}
	return true;
}

/* Whoever has something for @rx puts it there: no queue, no lock. */
static int qnet_rx_wait(struct qnet_chan *chan, struct qnet_rx *rx)
{
	int err = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		/* Pairs with smp_store_release() in qnet_rx_wake(). */
		if (smp_load_acquire(&rx->done))
			break;
		err = signal_pending(current) ? -EINTR :
		      rx->timeo ? 0 : -ETIMEDOUT;
		if (err)
			break;
		rx->timeo = qnet_sleep(rx->timeo);
	}
	__set_current_state(TASK_RUNNING);
	if (err) {
		spin_lock_bh(&chan->proc->lock);
		if (rx->done)
			err = 0;
		else
			list_del(&rx->list);
		spin_unlock_bh(&chan->proc->lock);
	}
	return err ?: rx->err;
}

/* Return: 0 with a message in @rx->msg or a pulse in @rx->p or @rx->unblock;
 * -errno.
 */
static int qnet_chan_get(struct qnet_chan *chan, struct qnet_rx *rx)
{
	struct qnet_proc *proc = chan->proc;
	bool wait = false;
	int err = 0;

	rx->msg = NULL;
	rx->p = NULL;
	rx->err = 0;
	rx->done = false;
	spin_lock_bh(&proc->lock);
	if (chan->dead) {
		err = -ESRCH;
	} else if (!qnet_chan_dequeue(chan, rx)) {
		if (rx->timeo) {
			wait = true;
			rx->task = current;
			list_add_tail(&rx->list, &chan->receivers);
		} else {
			err = -ETIMEDOUT;
		}
	}
	spin_unlock_bh(&proc->lock);
	return wait ? qnet_rx_wait(chan, rx) : err;
}

static int qnet_chan_put_pulse(const struct qnet_rx *rx)
{
	const struct qnet_pulse *p = rx->p ? &rx->p->pulse : &rx->unblock;
	int err = 0;

	if (rx->to->len < sizeof(*p) || !qnet_user_put(rx->to, p, sizeof(*p)))
		err = -EFAULT;
	kfree(rx->p);
	return err;
}

/* Bytes of a message that are at hand; those in a packet are mostly in one
 * piece.  Return: 0, -EFAULT.
 */
static int qnet_chan_have_out(struct qnet_msg *m, u64 off, size_t len,
			      struct iov_iter *to)
{
	const u8 *data = m->data;

	if (m->skb) {
		if (m->skip + off + len > skb_headlen(m->skb))
			return skb_copy_datagram_iter(m->skb, m->skip + off,
						      to, len);
		data = m->skb->data + m->skip;
	}
	return qnet_iter_put(to, data + off, len) ? 0 : -EFAULT;
}

/* Bytes of a message that its client has.  Its node that lives and does not
 * answer, or its thread that does not bring them, must not hold a server for
 * ever: that is -ETIMEDOUT; but when @timeo is over, fewer bytes.
 */
static ssize_t qnet_chan_fetch(struct qnet_msg *m, u64 off, size_t len,
			       struct iov_iter *to, long *timeo)
{
	long patience = m->wire ? qnet_msg_patience_wire(len) :
				  qnet_msg_patience(len);
	long limit = min(*timeo, patience), left = limit;
	ssize_t n = m->wire ? qnet_kif_read(m, off, len, to, &left) :
			      qnet_msg_fetch(m, off, len, to, &left);

	if (*timeo != MAX_SCHEDULE_TIMEOUT && left >= 0)
		*timeo -= limit - left;
	return n >= 0 && !left && *timeo ? -ETIMEDOUT : n;
}

/* Bytes [off, off + len) of the message; the caller has cut @len to it.  Fewer
 * if fetching them takes longer than @timeo.
 */
static ssize_t qnet_chan_copy_out(struct qnet_msg *m, u64 off, size_t len,
				  struct iov_iter *to, long *timeo)
{
	size_t here = off < m->have ? min_t(u64, len, m->have - off) : 0;
	ssize_t more = 0;

	if (here && qnet_chan_have_out(m, off, here, to))
		return -QNET_ESRVRFAULT;
	if (here < len)
		more = qnet_chan_fetch(m, off + here, len - here, to, timeo);
	return more < 0 ? more : here + more;
}

/* Back to its place in the queue, as if it had not been received; there its
 * client need not ask to leave.
 */
static void qnet_chan_requeue(struct qnet_msg *m)
{
	struct qnet_chan *chan = m->vc->chan;
	bool leaves = false;

	spin_lock_bh(&chan->proc->lock);
	if (m->state == QNET_MSG_RECEIVED) {
		leaves = m->mi_flags & QNET_MI_UNBLOCK_REQ;
		qnet_rcvid_remove(m);
		m->rcvid = 0;
		if (leaves)
			WRITE_ONCE(m->state, QNET_MSG_TAKEN);
		/* Its time begins anew when it is received, or goes on now. */
		if (m->timed && !leaves)
			WRITE_ONCE(m->watch, true);
		if (!leaves)
			qnet_chan_add_msg(chan, m);
		if (m->timed & QNET_F_TIMEOUT_SEND && !leaves)
			qnet_msg_wake(m);
	}
	spin_unlock_bh(&chan->proc->lock);
	if (leaves)
		qnet_chan_fail(m, QNET_EUNBLOCK);
}

static noinline ssize_t qnet_chan_fill_long(struct qnet_msg *m, size_t len,
					    struct qnet_rx *rx)
{
	struct iov_iter it = rx->to->iter;

	return qnet_chan_copy_out(m, 0, len, &it, &rx->timeo);
}

/* As much of the message as the receiver's buffer holds. */
static ssize_t qnet_chan_fill(struct qnet_msg *m, struct qnet_rx *rx)
{
	size_t len = min_t(u64, rx->to->len, m->srclen);

	if (m->data != m->inl || len > m->have)
		return qnet_chan_fill_long(m, len, rx);
	return qnet_user_put(rx->to, m->inl, len) ? len : -QNET_ESRVRFAULT;
}

/* The message goes to the receiver's buffer.  Return: 0; -EAGAIN: its client
 * is gone, look for another; -errno.
 */
static int qnet_chan_put_msg(struct qnet_msg *m, struct qnet_rx *rx)
{
	ssize_t n = qnet_chan_fill(m, rx);

	/* Of a server that is being killed the client hears as its channel ends. */
	if (n == -QNET_ESRVRFAULT)
		n = qnet_user_err(n, -EINTR);
	if (n >= 0) {
		m->msglen = n;
		rx->got.info.msglen = n;
		return 0;
	}
	/* The receiver was interrupted, or the client's memory is bad. */
	if (n == -EINTR)
		qnet_chan_requeue(m);
	else if (qnet_chan_take(m))
		qnet_chan_fail(m, -n);
	if (n == -QNET_ESRVRFAULT)
		return -EFAULT;
	return n == -EINTR ? -EINTR : -EAGAIN;
}

int qnet_chan_recv(struct qnet_chan *chan, struct qnet_rx *rx)
{
	int err;

	do {
		err = qnet_chan_get(chan, rx);
		if (err)
			return err;
		if (!rx->msg) {
			rx->got.rcvid = 0;
			return qnet_chan_put_pulse(rx);
		}
		err = qnet_chan_put_msg(rx->msg, rx);
		qnet_msg_put(rx->msg);
	} while (err == -EAGAIN);
	return err;
}

/* ------------------------------------------------------ reply and transfer */

/* Waits until the client's thread has the bytes, to tell whether it could; but
 * not for ever, since its memory may be slow by intent.  Then a short write
 * leaves its pieces lying, and a fault that comes later is the client's to hear;
 * of a long one there would be too many.
 */
static ssize_t qnet_chan_write_here(struct qnet_msg *m, u64 off, size_t len,
				    struct iov_iter *it, long *timeo)
{
	bool large = len > QNET_MSG_KEEP;
	long patience = large ? qnet_msg_patience(len) : HZ;
	long *left = *timeo < patience ? timeo : &patience;
	struct qnet_piece *p;
	size_t done = 0;
	int err = 0;

	while (done < len && !err) {
		u32 n = min_t(size_t, len - done, QNET_MSG_CHUNK);

		if (large && !*left)
			return -ETIMEDOUT;
		p = qnet_piece_new(off + done, n, GFP_KERNEL_ACCOUNT);
		if (!p)
			return -ENOMEM;
		if (!copy_from_iter_full(p->data, n, it)) {
			qnet_piece_put(p);
			return -QNET_ESRVRFAULT;
		}
		err = qnet_msg_pass(m, p, left);
		qnet_piece_put(p);
		if (err == -ETIMEDOUT && !large)
			err = 0;
		done += n;
	}
	if (err)
		return err;
	return done;
}

static ssize_t qnet_chan_write_at(struct qnet_msg *m, u64 off, size_t len,
				  struct iov_iter *it, long *timeo)
{
	return m->wire ? qnet_kif_write(m, off, len, it, timeo) :
			 qnet_chan_write_here(m, off, len, it, timeo);
}

/* All but the first @chunk bytes of a long reply go ahead of it; @len becomes
 * what is left.  If the client's own memory or thread cannot take them, its
 * call ends with @err.
 */
static int qnet_chan_reply_tail(struct qnet_msg *m, struct qnet_user *from,
				u32 *len, u32 chunk, int *err, long *timeo)
{
	struct iov_iter it = from->iter;
	ssize_t n;

	if (*len <= chunk)
		return 0;
	iov_iter_advance(&it, chunk);
	n = qnet_chan_write_at(m, chunk, *len - chunk, &it, timeo);
	*len = chunk;
	if ((n != -EFAULT && n != -ETIMEDOUT && n != -EAGAIN) ||
	    (n == -ETIMEDOUT && !*timeo))
		return min_t(ssize_t, n, 0);
	*err = n == -EAGAIN ? ENOBUFS : -n;
	*len = 0;
	return 0;
}

static int qnet_chan_reply_here(struct qnet_msg *m, s64 status, int err,
				struct qnet_user *from, long *timeo)
{
	/* Neither is beyond QNET_MSG_MAX: see qnet_msg_new(). */
	u32 len = min_t(u64, from->len, m->dstlen);
	struct iov_iter it = from->iter;
	struct qnet_piece *p;
	int ret;

	ret = qnet_chan_reply_tail(m, from, &len, QNET_MSG_KEEP, &err, timeo);
	if (ret)
		return ret;
	p = qnet_piece_new(0, len, GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	if (!copy_from_iter_full(p->data, len, &it)) {
		qnet_piece_put(p);
		return -QNET_ESRVRFAULT;
	}
	if (!qnet_chan_take(m)) {
		qnet_piece_put(p);
		return -ESRCH;
	}
	m->rlen = len;
	ret = qnet_msg_add_piece(m, p, true);
	if (ret)
		qnet_piece_put(p);
	qnet_vc_finish(m, status, ret ?: qnet_chan_errno(m, err));
	qnet_msg_put(m);
	return 0;
}

/* Whether a message can come back from whoever has taken it.  It does not to a
 * server that is not asked, if the client wants out.
 *
 * Return: 0, or what its client is told, negative.
 */
static int qnet_chan_no_return(const struct qnet_msg *m)
{
	const struct qnet_chan *chan = m->vc->chan;

	if (chan->dead || m->vc->state == QNET_VC_DEAD)
		return -ESRCH;
	if (m->mi_flags & QNET_MI_UNBLOCK_REQ &&
	    !(chan->flags & QNET_CHF_UNBLOCK))
		return -QNET_EUNBLOCK;
	return 0;
}

/* A reply that did not go: the client stays blocked and the rcvid good. */
static void qnet_chan_untake(struct qnet_msg *m)
{
	struct qnet_vc *vc = m->vc;
	struct qnet_chan *chan = vc->chan;
	int err;

	spin_lock_bh(&vc->lock);
	spin_lock(&chan->proc->lock);
	/* While it was taken, nobody who ended the circuit has met it. */
	err = qnet_chan_no_return(m);
	if (!err) {
		WRITE_ONCE(m->state, QNET_MSG_RECEIVED);
		hlist_add_head(&m->hash, qnet_rcvid_bucket(chan->proc,
							   m->rcvid));
		if (m->ent.unblock)
			qnet_chan_add_unblock(chan, m);
	}
	spin_unlock(&chan->proc->lock);
	spin_unlock_bh(&vc->lock);
	if (err)
		qnet_chan_fail(m, -err);
}

/* The caller has taken the message. */
static int qnet_chan_send_reply(struct qnet_msg *m, s64 status, int err,
				void *data, u32 len)
{
	int ret = qnet_kif_reply(m, status, err, data, len);

	if (ret) {
		qnet_chan_untake(m);
		return ret;
	}
	qnet_vc_del_msg(m);
	qnet_msg_put(m);
	return 0;
}

static int qnet_chan_reply_wire(struct qnet_msg *m, s64 status, int err,
				struct qnet_user *from, long *timeo)
{
	struct iov_iter it = from->iter;
	u32 len = min_t(u64, from->len, m->dstlen);
	void *data;
	int ret;

	ret = qnet_chan_reply_tail(m, from, &len, qnet_kif_chunk(m->vc->node),
				   &err, timeo);
	if (ret)
		return ret;
	data = kvmalloc(len, GFP_KERNEL_ACCOUNT);
	if (!data)
		return -ENOMEM;
	ret = -QNET_ESRVRFAULT;
	if (!copy_from_iter_full(data, len, &it))
		goto free;
	ret = qnet_node_wait_space(m->vc->node, timeo);
	if (ret == -EAGAIN)
		ret = -ETIMEDOUT;
	if (ret)
		goto free;
	ret = -ESRCH;
	if (qnet_chan_take(m))
		ret = qnet_chan_send_reply(m, status, err, data, len);
	if (!ret && len > QNET_MSG_INLINE)
		return 0;
free:
	kvfree(data);
	return ret;
}

/* A short reply is taken from the server's memory before its message is looked
 * up, and so goes in one step.
 * Return: 1: it does not, try the long way; 0 or -errno.
 */
static int qnet_chan_reply_short(struct qnet_proc *proc, s32 rcvid, s64 status,
				 int err, struct qnet_user *from)
{
	u8 data[QNET_MSG_INLINE] __uninitialized;
	struct qnet_msg *m;
	u32 len;

	/* Memory beyond the client's reply area may be as bad as it likes. */
	if (from->len > sizeof(data) || !qnet_user_get(data, from, from->len))
		return 1;
	m = qnet_rcvid_take(proc, rcvid);
	if (!m)
		return -ESRCH;
	len = min_t(u64, from->len, m->dstlen);
	if (!m->wire) {
		memcpy(m->rinl, data, len);
		m->rlen = len;
		m->rinline = true;
		qnet_vc_finish(m, status, qnet_chan_errno(m, err));
		qnet_msg_put(m);
		return 0;
	}
	if (!qnet_node_full(m->vc->node))
		return qnet_chan_send_reply(m, status, err, data, len);
	qnet_chan_untake(m);
	return 1;
}

static noinline int qnet_chan_reply_long(struct qnet_proc *proc, s32 rcvid,
					 s64 status, int err,
					 struct qnet_user *from, long timeo)
{
	struct qnet_msg *m = qnet_rcvid_get(proc, rcvid);
	int ret;

	if (!m)
		return -ESRCH;
	if (m->wire)
		ret = qnet_chan_reply_wire(m, status, err, from, &timeo);
	else
		ret = qnet_chan_reply_here(m, status, err, from, &timeo);
	qnet_msg_put(m);
	return ret;
}

int qnet_chan_reply(struct qnet_proc *proc, s32 rcvid, s64 status, int err,
		    struct qnet_user *from, long timeo)
{
	int ret = qnet_chan_reply_short(proc, rcvid, status, err, from);

	if (ret <= 0)
		return ret;
	return qnet_chan_reply_long(proc, rcvid, status, err, from, timeo);
}

ssize_t qnet_chan_read(struct qnet_proc *proc, s32 rcvid, u64 off,
		       struct qnet_user *to, long timeo)
{
	struct qnet_msg *m = qnet_rcvid_get(proc, rcvid);
	struct iov_iter it = to->iter;
	ssize_t n = 0;
	size_t len;

	if (!m)
		return -ESRCH;
	if (off < m->srclen) {
		len = min_t(u64, to->len, m->srclen - off);
		n = qnet_chan_copy_out(m, off, len, &it, &timeo);
		/* Fewer would look like the end of the message. */
		if (n >= 0 && n < len && !timeo)
			n = -ETIMEDOUT;
	}
	qnet_msg_put(m);
	return n;
}

ssize_t qnet_chan_write(struct qnet_proc *proc, s32 rcvid, u64 off,
			struct qnet_user *from, long timeo)
{
	struct qnet_msg *m = qnet_rcvid_get(proc, rcvid);
	struct iov_iter it = from->iter;
	ssize_t n = 0;
	size_t len;

	if (!m)
		return -ESRCH;
	if (off < m->dstlen && off < QNET_MSG_MAX) {
		len = min3((u64)from->len, m->dstlen - off,
			   (u64)QNET_MSG_MAX - off);
		n = qnet_chan_write_at(m, off, len, &it, &timeo);
	}
	qnet_msg_put(m);
	return n;
}

void qnet_chan_refuse(struct qnet_proc *proc, s32 rcvid)
{
	struct qnet_msg *m = qnet_rcvid_get(proc, rcvid);

	if (!m)
		return;
	if (qnet_chan_take(m))
		qnet_chan_fail(m, qnet_user_err(QNET_ESRVRFAULT, ESRCH));
	qnet_msg_put(m);
}

int qnet_chan_info(struct qnet_proc *proc, s32 rcvid,
		   struct qnet_msg_info *info)
{
	struct qnet_msg *m;

	spin_lock_bh(&proc->lock);
	m = qnet_rcvid_find(proc, rcvid);
	if (m)
		qnet_chan_fill_info(m, info);
	spin_unlock_bh(&proc->lock);
	return m ? 0 : -ESRCH;
}

int qnet_chan_client(struct qnet_proc *proc, u32 scoid, u32 *nd,
		     struct qnet_kcred *cred, const struct cred **own)
{
	struct qnet_scoid *sc;

	spin_lock_bh(&proc->lock);
	sc = xa_load(&proc->scoids, scoid);
	if (sc) {
		*nd = sc->nd;
		*cred = sc->cred;
		*own = sc->own ? get_cred(sc->own) : NULL;
	}
	spin_unlock_bh(&proc->lock);
	return sc ? 0 : -EINVAL;
}

/* Some circuit of a client, with a reference.  Once there is none the scoid is
 * free; @err: 0, or -EINVAL if it is none.
 */
static struct qnet_vc *qnet_scoid_vc(struct qnet_proc *proc, u32 scoid,
				     int *err)
{
	struct qnet_vc *vc = NULL;
	struct qnet_scoid *sc;

	spin_lock_bh(&proc->lock);
	sc = xa_load(&proc->scoids, scoid);
	*err = sc ? 0 : -EINVAL;
	if (sc) {
		/* So that a client who connects again does not keep us here. */
		qnet_scoid_forget(proc, sc);
		vc = list_first_entry_or_null(&sc->vcs, struct qnet_vc,
					      scoid_list);
		if (vc)
			qnet_vc_hold(vc);
		else
			qnet_scoid_erase(proc, sc);
	}
	spin_unlock_bh(&proc->lock);
	return vc;
}

int qnet_chan_drop_client(struct qnet_proc *proc, u32 scoid)
{
	struct qnet_vc *vc;
	bool met = false;
	int err;

	while ((vc = qnet_scoid_vc(proc, scoid, &err))) {
		met = true;
		qnet_chan_end_vc(vc);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	/* With its last circuit it may have gone by itself. */
	return met ? 0 : err;
}

const struct qnet_vc_ops qnet_chan_vc_ops = {
	.attach	= qnet_chan_vc_attach,
	.detach	= qnet_chan_vc_detach,
	.take	= qnet_chan_take,
	.unblock = qnet_chan_let_go,
	.post	= qnet_chan_post,
	.pulse	= qnet_chan_wire_pulse,
	.event	= qnet_event_wire,
	.signal	= qnet_signal_wire,
	.died	= qnet_chan_vc_died,
};
