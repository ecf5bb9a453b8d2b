/* SPDX-License-Identifier: GPL-2.0-only */
/* Beside: names of services, here and on other nodes (layer 0x52). */
#ifndef _QNET_NAME_H
#define _QNET_NAME_H

#define QNET_NAMES_MAX	4096	/* per namespace */
#define QNET_NAMES_USER	1024	/* of it per user */

int qnet_name_attach(struct qnet_chan *chan, const char *name);
int qnet_name_detach(struct qnet_chan *chan, const char *name);
void qnet_name_chan_end(struct qnet_chan *chan);

/* Return: 0, -ENOENT, -EOPNOTSUPP, -EHOSTUNREACH, -EHOSTDOWN, -EINTR. */
int qnet_name_lookup(struct qnet_net *qn, struct qnet_node *node,
		     const char *name, s32 *pid, s32 *chid);

void qnet_name_rx(struct qnet_node *node, struct sk_buff *skb, bool big);

#endif /* _QNET_NAME_H */
