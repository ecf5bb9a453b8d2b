/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 6: events and signals, carried out where the client is. */
#ifndef _QNET_EVENT_H
#define _QNET_EVENT_H

#include <linux/types.h>

struct qnet_kif;
struct qnet_node;
struct qnet_proc;
struct qnet_vc;

/**
 * struct qnet_ev - an event
 * @kind:  QNET_EV_*
 * @id:    coid, or signal
 * @prio:  of a pulse, or QNET_PRIO_SELF
 * @code:  of a pulse or a signal
 * @value: likewise
 */
struct qnet_ev {
	u32	kind;
	s32	id;
	s32	prio;
	s32	code;
	u64	value;
};

extern bool qnet_remote_root;	/* module parameter */

/**
 * qnet_event_deliver() - a server does to a client what it has asked for
 * @proc: the server's
 * @rcvid: of a message of the client's
 * @ev: what
 * @verify: only see whether it could be
 *
 * Process context.  Return: see struct qnet_event.
 */
int qnet_event_deliver(struct qnet_proc *proc, s32 rcvid,
		       const struct qnet_ev *ev, bool verify);

/* See struct qnet_vc_ops. */
int qnet_event_wire(struct qnet_vc *vc, s32 tid, const struct qnet_ev *ev);
int qnet_signal_wire(struct qnet_node *node, const struct qnet_kif *k);

/* A client's end has another coid, or none any more. */
void qnet_coid_set(struct qnet_vc *vc, s32 coid);
void qnet_coid_forget(struct qnet_vc *vc);

#endif /* _QNET_EVENT_H */
