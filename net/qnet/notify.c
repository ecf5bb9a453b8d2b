// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 4: EVENT and SIGNAL packets.
 *
 * Neutrino names the client of an EVENT by the client_handle of a message, which
 * is a number for one thread and connection there.  Ours are new for each call,
 * and nobody keeps those of calls that have ended; so our own peers say which
 * circuit it is and which thread, and plain ones can reach a client only while
 * it waits for them.
 *
 * Neutrino does not answer a SIGNAL.  Our own peers do, as if it was a message.
 */
#include <linux/cred.h>
#include <linux/sched.h>

#include "qnet_priv.h"

static bool qnet_kif_knows_events(const struct qnet_node *node)
{
	return READ_ONCE(node->caps) & QNET_CAP_EVENTS;
}

/* ----------------------------------------------------------------- events */

static bool qnet_ev_is_signal(u32 kind)
{
	return kind == QNET_EV_SIGNAL || kind == QNET_EV_SIGNAL_CODE ||
	       kind == QNET_EV_SIGNAL_THREAD;
}

int qnet_kif_event(struct qnet_vc *vc, s32 tid, s32 handle,
		   const struct qnet_ev *ev)
{
	struct qnet_node *node = vc->node;
	struct qnet_kif k = {
		.type	= QNET_K_EVENT,
		.handle	= handle,
		.notify	= ev->kind,
		.union1	= ev->id,
		.evalue	= ev->value,
		.ecode	= ev->code,
		.eprio	= ev->prio,
	};

	if (qnet_node_full(node))
		return -EAGAIN;
	if (qnet_ev_is_signal(ev->kind))
		k.union1 = qnet_signo_to_wire(ev->id);
	if (qnet_kif_knows_events(node)) {
		k.handle = vc->key.id;
		k.notify |= (tid & QNET_K_EVENT_TID_MAX) <<
			    QNET_K_EVENT_TID_SHIFT;
	}
	qnet_vc_touch(vc);
	return qnet_kif_crowded(qnet_kif_send(node, qnet_vc_flow(vc), &k));
}

/* The circuit an event came over, with a reference, or NULL. */
static struct qnet_vc *qnet_kif_event_vc(struct qnet_node *node,
					 const struct qnet_kif *k, s32 *tid)
{
	struct qnet_vc *vc;
	struct qnet_msg *m;

	if (qnet_vc_is_client_id(k->handle)) {
		*tid = k->notify >> QNET_K_EVENT_TID_SHIFT;
		return qnet_vc_find(node, k->handle, QNET_VC_CLIENT);
	}
	m = qnet_calls_get(&node->calls, k->handle);
	if (!m)
		return NULL;
	*tid = m->tid;
	vc = qnet_vc_hold(m->vc);
	qnet_msg_put(m);
	return vc;
}

void qnet_kif_rx_event(struct qnet_node *node, const struct qnet_kif *k,
		       struct sk_buff *skb)
{
	struct qnet_ev ev = {
		.kind	= k->notify & QNET_K_EVENT_KIND,
		.id	= k->union1,
		.prio	= k->eprio,
		.code	= k->ecode,
		.value	= k->evalue,
	};
	struct qnet_vc *vc;
	s32 tid = 0;

	vc = qnet_kif_event_vc(node, k, &tid);
	if (!vc) {
		qnet_drop(node->qn, skb, QNET_MIB_KIF_UNKNOWN);
		return;
	}
	consume_skb(skb);
	if (qnet_ev_is_signal(ev.kind))
		ev.id = qnet_signo_from_wire(ev.id);
	qnet_vc_touch(vc);
	/* Nobody waits to hear what came of it. */
	if (qnet_vc_ops->event(vc, tid, &ev))
		QNET_INC(node->qn, QNET_MIB_KIF_BUSY);
	qnet_vc_put(vc);
}

/* ---------------------------------------------------------------- signals */

static int qnet_kif_send_signal(struct qnet_node *node, u32 id,
				const struct qnet_signal *s)
{
	struct qnet_kif k = {
		.type	  = QNET_K_SIGNAL,
		.has_cred = true,
		.handle	  = id,
		.pid	  = s->pid,
		.tid	  = s->tid,
		.signo	  = qnet_signo_to_wire(s->signo),
		.code	  = s->code,
		.value	  = s->value,
	};

	qnet_cred_fill(node->qn, current_cred(), &k.cred);
	k.cred.nd = node->nd;
	k.cred.pid = task_tgid_vnr(current);
	k.cred.sid = task_session_vnr(current);
	return qnet_kif_crowded(qnet_kif_send(node, 0, &k));
}

int qnet_kif_signal(struct qnet_node *node, const struct qnet_signal *s)
{
	struct user_namespace *ns = node->qn->net->user_ns;
	struct qnet_question q = {};
	int err;

	/* One that the namespace does not map must not pass for "nobody". */
	if (!kuid_has_mapping(ns, current_euid()) ||
	    !kuid_has_mapping(ns, current_uid()))
		return -EPERM;
	err = qnet_ask_able(node, QNET_CAP_EVENTS);
	if ((!err || err == -EOPNOTSUPP) && qnet_node_full(node))
		return -EAGAIN;
	if (err == -EOPNOTSUPP)
		return qnet_kif_send_signal(node, 0, s);
	if (!err)
		err = qnet_ask_begin(node, &q);
	if (err)
		return err;
	return qnet_ask_end(node, &q, qnet_kif_send_signal(node, q.id, s));
}

void qnet_kif_rx_signal(struct qnet_node *node, const struct qnet_kif *k,
			struct sk_buff *skb)
{
	struct qnet_kif a = { .type = QNET_K_MSGREPLY, .handle = k->handle };
	int err = qnet_vc_ops->signal(node, k);

	consume_skb(skb);
	if (err)
		QNET_INC(node->qn, QNET_MIB_KIF_BUSY);
	if (!qnet_kif_knows_events(node))
		return;
	if (err) {
		a.type = QNET_K_MSGERROR;
		a.status = qnet_errno_to_wire(-err);
	}
	qnet_kif_must_send(node, 0, &a);
}

bool qnet_kif_rx_answer(struct qnet_node *node, const struct qnet_kif *k)
{
	struct qnet_question *q = NULL;

	if (k->handle >= QNET_K_QUESTION_MIN)
		q = qnet_ask_take(node, k->handle);
	if (!q)
		return false;
	if (k->type == QNET_K_MSGERROR)
		q->err = -qnet_errno_from_wire(k->status);
	complete(&q->done);
	return true;
}
