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

/**
 * struct qnet_name_info - what is to be told of a name
 * @name: it
 * @pid:  process that has it
 * @chid: its channel
 * @uid:  of its owner, in the user namespace of the network namespace
 */
struct qnet_name_info {
	const char	*name;
	s32		pid;
	s32		chid;
	u32		uid;
};

/**
 * qnet_name_walk() - every name of this node, in the order of their attachment
 * @qn: namespace
 * @pos: 0 to begin; set to where to go on
 * @fn: called with qnet_net.names_lock held; not 0 stops, that name comes again
 * @arg: for @fn
 *
 * Return: what @fn stopped with, 0 at the end.
 */
int qnet_name_walk(struct qnet_net *qn, u64 *pos,
		   int (*fn)(const struct qnet_name_info *i, void *arg),
		   void *arg);

void qnet_name_rx(struct qnet_node *node, struct sk_buff *skb, bool big);

#endif /* _QNET_NAME_H */
