// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 6: events and signals, carried out where the client is.
 *
 * On QNX a server may do with the events of its clients whatever it likes, for
 * there one trusts the servers that one connects to.  Here a server is bounded
 * to what its client has made ready: a pulse goes over a connection of the
 * client's, and no further than if the client sent it; a signal goes to a client
 * that has a handler for it, ignores or blocks it, or waits for it, so that
 * nothing happens that the client did not provide for.  Programs that ask for an
 * event do, or it would kill them.  What goes beyond takes the right to kill():
 * that is known of a server of this node only.
 */
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "qnet_priv.h"

bool qnet_remote_root;

/* ------------------------------------------------------- connections' ids */

static bool qnet_coid_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct qnet_vc, by_coid)->coid <
	       rb_entry(b, struct qnet_vc, by_coid)->coid;
}

static int qnet_coid_cmp(const void *key, const struct rb_node *n)
{
	s32 coid = rb_entry(n, struct qnet_vc, by_coid)->coid;

	return *(const s32 *)key < coid ? -1 : *(const s32 *)key > coid;
}

static void qnet_coid_erase(struct qnet_vc *vc)
{
	lockdep_assert_held(&vc->proc->lock);
	if (RB_EMPTY_NODE(&vc->by_coid))
		return;
	rb_erase(&vc->by_coid, &vc->proc->coids);
	RB_CLEAR_NODE(&vc->by_coid);
}

/* The id may be another's yet, which is on its way out: that one's death is not to
 * pass for this one's.
 */
void qnet_coid_set(struct qnet_vc *vc, s32 coid)
{
	struct qnet_pulse_ent *bye = NULL;
	struct qnet_vc *other;
	struct rb_node *n;

	spin_lock_bh(&vc->proc->lock);
	qnet_coid_erase(vc);
	n = rb_find(&coid, &vc->proc->coids, qnet_coid_cmp);
	if (n) {
		other = rb_entry(n, struct qnet_vc, by_coid);
		qnet_coid_erase(other);
		bye = xchg(&other->bye, NULL);
	}
	WRITE_ONCE(vc->coid, coid);
	rb_add(&vc->by_coid, &vc->proc->coids, qnet_coid_less);
	spin_unlock_bh(&vc->proc->lock);
	kfree(bye);
}

void qnet_coid_forget(struct qnet_vc *vc)
{
	spin_lock_bh(&vc->proc->lock);
	qnet_coid_erase(vc);
	spin_unlock_bh(&vc->proc->lock);
}

/* A connection of a process, with a reference, or NULL. */
static struct qnet_vc *qnet_coid_find(struct qnet_proc *proc, s32 coid)
{
	struct qnet_vc *vc = NULL;
	struct rb_node *n;

	spin_lock_bh(&proc->lock);
	n = rb_find(&coid, &proc->coids, qnet_coid_cmp);
	if (n)
		vc = qnet_vc_hold(rb_entry(n, struct qnet_vc, by_coid));
	spin_unlock_bh(&proc->lock);
	return vc;
}

/* ------------------------------------------------------------------ pulses */

static u8 qnet_proc_prio(struct qnet_proc *proc)
{
	struct task_struct *task;
	u8 prio = 0;

	rcu_read_lock();
	task = pid_task(proc->tgid, PIDTYPE_TGID);
	if (task)
		prio = task->rt_priority;
	rcu_read_unlock();
	return prio ?: QNET_PRIO_DEFAULT;
}

static int qnet_event_pulse(struct qnet_proc *client, const struct qnet_ev *ev,
			    bool verify)
{
	struct qnet_vc *vc = qnet_coid_find(client, ev->id);
	s32 prio = ev->prio;
	int err;

	if (!vc)
		return -EBADF;
	if (prio == QNET_PRIO_SELF)
		prio = qnet_proc_prio(client);
	if (verify)
		err = qnet_chan_client_may(vc);
	else
		err = qnet_chan_client_pulse(vc, prio, ev->code, ev->value);
	qnet_vc_put(vc);
	return err;
}

/* ----------------------------------------------------------------- signals */

/**
 * struct qnet_sig - a signal for a process of this node
 * @info:   what its handler is told
 * @tid:    thread, 0: any, 1: the first one
 * @event:  an event: see qnet_sig_ready()
 * @verify: only see whether it may be sent
 * @wire:   it comes from another node, about which @cred tells
 * @cred:   NULL: nothing
 */
struct qnet_sig {
	struct kernel_siginfo	info;
	s32			tid;
	bool			event;
	bool			verify;
	bool			wire;
	const struct qnet_kcred	*cred;
};

/* The rest is under RCU. */

/* It handles no signal any more.  Who has joined it cannot know how long it
 * still has a number.
 */
static bool qnet_sig_ends(const struct task_struct *t)
{
	return READ_ONCE(t->flags) & PF_EXITING;
}

static struct task_struct *qnet_sig_by_tid(struct qnet_proc *proc,
					   struct task_struct *leader, s32 tid)
{
	struct task_struct *t = leader;

	if (tid != 1)
		t = pid_task(find_pid_ns(tid, ns_of_pid(proc->tgid)),
			     PIDTYPE_PID);
	return t && same_thread_group(t, leader) && !qnet_sig_ends(t) ? t :
	       NULL;
}

/* A thread that takes the signal now, or NULL: all block it. */
static struct task_struct *qnet_sig_taker(struct task_struct *leader, int sig)
{
	struct task_struct *t;

	for_each_thread(leader, t)
		if (!sigismember(&t->blocked, sig) && !qnet_sig_ends(t))
			return t;
	return NULL;
}

/* Blocked to be waited for; not by the C library for a moment, while it makes a
 * process or a thread: it alone blocks its own two.
 */
static bool qnet_sig_blocked(struct task_struct *t, int sig)
{
	if (sigismember(&t->real_blocked, sig))
		return true;
	return sigismember(&t->blocked, sig) &&
	       !(sigismember(&t->blocked, 32) && sigismember(&t->blocked, 33));
}

/* Has the process made ready for a signal, which is to go to @t?  A thread in
 * sigwait() blocks it but for that moment.
 */
static bool qnet_sig_ready(struct task_struct *leader, struct task_struct *t,
			   int sig)
{
	const struct sighand_struct *hand;

	if (sig_kernel_only(sig) || sig == SIGCONT)
		return false;
	if (sig_kernel_ignore(sig) || qnet_sig_blocked(t ?: leader, sig))
		return true;
	hand = rcu_dereference(leader->sighand);
	return hand && READ_ONCE(hand->action[sig - 1].sa.sa_handler) !=
	       SIG_DFL;
}

static bool qnet_uid_wire_may(struct qnet_net *qn, u32 uid,
			      const struct cred *to)
{
	return uid && qnet_is_user(make_kuid(qn->net->user_ns, uid), to);
}

/* qnet_may_kill() by what another node tells.  Its root is nobody's here: a pulse only
 * wakes a server, but this may end any process.
 */
static bool qnet_sig_wire_may(struct qnet_net *qn, const struct qnet_kcred *c,
			      const struct cred *to)
{
	if (!c)
		return false;
	/* Not over who comes from outside a namespace that anybody may own. */
	if (!c->euid && READ_ONCE(qnet_remote_root) &&
	    kuid_has_mapping(qn->net->user_ns, to->uid) &&
	    kuid_has_mapping(qn->net->user_ns, to->suid))
		return true;
	return qnet_uid_wire_may(qn, c->euid, to) ||
	       qnet_uid_wire_may(qn, c->ruid, to);
}

static int qnet_sig_check(struct qnet_proc *proc, struct task_struct *leader,
			  struct task_struct *t, const struct qnet_sig *s)
{
	int sig = s->info.si_signo;
	bool may;

	if (s->event && qnet_sig_ready(leader, t, sig))
		return 0;
	if (s->wire)
		may = qnet_sig_wire_may(proc->qn, s->cred,
					__task_cred(leader));
	else
		may = qnet_may_kill(__task_cred(leader));
	/* Whoever happens to run here must not pass for the sender: the first
	 * process of a namespace is spared what only its parents may send it.
	 */
	if (s->wire && sig && sig_kernel_only(sig) &&
	    leader->signal->flags & SIGNAL_UNKILLABLE)
		may = false;
	return may ? 0 : -EPERM;
}

/* Has it no other thread?  One that was joined may be there a moment longer. */
static bool qnet_sig_alone(struct task_struct *leader)
{
	struct task_struct *t;

	for_each_thread(leader, t)
		if (t != leader && !(READ_ONCE(t->flags) & PF_EXITING))
			return false;
	return true;
}

/* Of the functions that modules may call one leaves a signal with a thread and
 * all that is to be told of it, another with the process but without.
 */
static int qnet_sig_send(struct qnet_proc *proc, struct task_struct *leader,
			 struct task_struct *t, struct qnet_sig *s)
{
	int sig = s->info.si_signo;

	if (!t && qnet_sig_alone(leader))
		t = leader;
	if (t)
		return send_sig_info(sig, &s->info, t);
	return kill_pid(proc->tgid, sig, 1);
}

static int qnet_sig_do(struct qnet_proc *proc, struct qnet_sig *s)
{
	struct task_struct *leader, *t = NULL;
	int sig = s->info.si_signo;
	int err = -ESRCH;

	rcu_read_lock();
	leader = pid_task(proc->tgid, PIDTYPE_TGID);
	if (!leader)
		goto out;
	if (s->tid)
		t = qnet_sig_by_tid(proc, leader, s->tid);
	else if (sig)
		t = qnet_sig_taker(leader, sig);
	if (s->tid && !t)
		goto out;
	err = qnet_sig_check(proc, leader, t, s);
	if (!err && sig && !s->verify)
		err = qnet_sig_send(proc, leader, t, s);
out:
	rcu_read_unlock();
	return err;
}

static void qnet_sig_init(struct qnet_sig *s, int sig, int code, u64 value)
{
	memset(s, 0, sizeof(*s));
	clear_siginfo(&s->info);
	s->info.si_signo = sig;
	/* What Linux keeps for the kernel nobody else may say. */
	if (code > 0 || code == SI_TKILL)
		code = SI_QUEUE;
	s->info.si_code = code;
	s->info.si_ptr = (void __user *)(unsigned long)value;
	s->info.si_uid = from_kuid_munged(&init_user_ns, INVALID_UID);
}

static int qnet_event_signal(struct qnet_proc *client, s32 tid,
			     const struct qnet_ev *ev, bool verify, bool wire)
{
	bool plain = ev->kind == QNET_EV_SIGNAL;
	struct qnet_sig s;

	qnet_sig_init(&s, ev->id, plain ? SI_USER : ev->code ?: SI_QUEUE,
		      plain ? 0 : ev->value);
	s.event = true;
	s.verify = verify;
	s.wire = wire;
	if (ev->kind == QNET_EV_SIGNAL_THREAD)
		s.tid = tid;
	if (!wire) {
		s.info.si_uid = from_kuid_munged(current_user_ns(),
						 current_uid());
		s.info.si_pid = task_tgid_nr_ns(current,
						ns_of_pid(client->tgid));
	}
	return qnet_sig_do(client, &s);
}

/* ------------------------------------------------------------------ events */

/* What the client has become by exec() since has asked for nothing. */
static bool qnet_event_asked(const struct qnet_vc *vc)
{
	struct task_struct *t;
	bool same;

	rcu_read_lock();
	t = pid_task(vc->proc->tgid, PIDTYPE_TGID);
	same = t && READ_ONCE(t->self_exec_id) == vc->exec_id;
	rcu_read_unlock();
	return same;
}

/* In the client's kernel. */
static int qnet_event_here(struct qnet_vc *vc, s32 tid,
			   const struct qnet_ev *ev, bool verify)
{
	bool wire = vc->side != QNET_VC_LOCAL;

	if (READ_ONCE(vc->state) == QNET_VC_DEAD || !qnet_event_asked(vc))
		return -ESRCH;
	switch (ev->kind) {
	case QNET_EV_NONE:
		return 0;
	case QNET_EV_PULSE:
		return qnet_event_pulse(vc->proc, ev, verify);
	default:
		return qnet_event_signal(vc->proc, tid, ev, verify, wire);
	}
}

static bool qnet_event_valid(const struct qnet_ev *ev)
{
	switch (ev->kind) {
	case QNET_EV_NONE:
		return true;
	case QNET_EV_PULSE:
		return ev->prio >= QNET_PRIO_SELF && ev->prio <= QNET_PRIO_MAX &&
		       ev->code >= 0 && ev->code <= S8_MAX;
	case QNET_EV_SIGNAL:
		return ev->id > 0 && ev->id <= _NSIG;
	case QNET_EV_SIGNAL_CODE:
	case QNET_EV_SIGNAL_THREAD:
		return ev->id > 0 && ev->id <= _NSIG &&
		       ev->code >= S8_MIN && ev->code <= S8_MAX;
	default:
		return false;
	}
}

int qnet_event_deliver(struct qnet_proc *proc, s32 rcvid,
		       const struct qnet_ev *ev, bool verify)
{
	struct qnet_vc *vc;
	s32 tid, handle;
	int err;

	if (!qnet_event_valid(ev))
		return -EINVAL;
	vc = qnet_chan_origin(proc, rcvid, &tid, &handle);
	if (!vc)
		return -ESRCH;
	if (vc->side == QNET_VC_LOCAL)
		err = qnet_event_here(vc, tid, ev, verify);
	else if (verify)
		err = -QNET_ENOREMOTE;
	else if (ev->kind == QNET_EV_NONE)
		err = 0;
	else
		err = qnet_kif_event(vc, tid, handle, ev);
	qnet_vc_put(vc);
	return err;
}

int qnet_event_wire(struct qnet_vc *vc, s32 tid, const struct qnet_ev *ev)
{
	if (!qnet_event_valid(ev))
		return -EINVAL;
	return qnet_event_here(vc, tid, ev, false);
}

/* --------------------------------------- signals from processes elsewhere */

int qnet_signal_wire(struct qnet_node *node, const struct qnet_kif *k)
{
	struct qnet_kcred cred = k->cred;
	struct qnet_proc *proc;
	struct qnet_sig s;
	int err;

	if (k->pid <= 0)
		return -QNET_ENOREMOTE;
	qnet_sig_init(&s, qnet_signo_from_wire(k->signo), k->code,
		      (u32)k->value);
	if ((k->signo && !s.info.si_signo) || k->tid < 0 ||
	    k->code < S8_MIN || k->code > S8_MAX)
		return -EINVAL;
	s.tid = k->tid;
	s.wire = true;
	s.cred = k->has_cred ? &cred : NULL;
	err = k->has_cred ? qnet_kif_admit(node, &cred, false) : 0;
	if (err)
		return err;
	proc = qnet_proc_find(node->qn, k->pid);
	if (!proc)
		return -ESRCH;
	err = qnet_sig_do(proc, &s);
	qnet_proc_put(proc);
	return err;
}
