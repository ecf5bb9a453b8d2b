/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 4: EVENT and SIGNAL packets. */
#ifndef _QNET_NOTIFY_H
#define _QNET_NOTIFY_H

struct qnet_ev;
struct qnet_kif;
struct qnet_node;
struct qnet_signal;
struct qnet_vc;
struct sk_buff;

/* Of what does not wait: a queue that is full beyond its bound. */
static inline int qnet_kif_crowded(int err)
{
	return err == -ENOBUFS || err == -ENOMEM ? -EAGAIN : err;
}

/**
 * qnet_kif_event() - an event for a client on another node
 * @vc: server's end of its circuit
 * @tid: its thread, 0: none in particular
 * @handle: of the last message that this thread sent
 * @ev: what
 *
 * Return: 0 it is under way, -EAGAIN, -EHOSTUNREACH.
 */
int qnet_kif_event(struct qnet_vc *vc, s32 tid, s32 handle,
		   const struct qnet_ev *ev);

/**
 * qnet_kif_signal() - the calling process signals one of another node
 * @node: the node
 * @s: checked
 *
 * Blocks.  Return: see struct qnet_signal.
 */
int qnet_kif_signal(struct qnet_node *node, const struct qnet_signal *s);

void qnet_kif_rx_event(struct qnet_node *node, const struct qnet_kif *k,
		       struct sk_buff *skb);
void qnet_kif_rx_signal(struct qnet_node *node, const struct qnet_kif *k,
			struct sk_buff *skb);
/* A reply to no call: to a question, perhaps. */
/* Return: whether somebody had asked. */
bool qnet_kif_rx_answer(struct qnet_node *node, const struct qnet_kif *k);

#endif /* _QNET_NOTIFY_H */
