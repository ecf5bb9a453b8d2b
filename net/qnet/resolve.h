/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 3: names to addresses (LR) and to other nodes' numbers (NR). */
#ifndef _QNET_RESOLVE_H
#define _QNET_RESOLVE_H

#include "dev.h"

struct qnet_node;

void qnet_lr_ask(struct qnet_node *node, struct sk_buff_head *xmitq);
int qnet_lr_rx(struct qnet_bearer *b, const struct qnet_hdr *h,
	       struct sk_buff *skb, const u8 *src);
void qnet_lr_announce(struct qnet_net *qn);
void qnet_lr_hello(struct qnet_net *qn);
void qnet_lr_tell(struct qnet_bearer *b, const struct qnet_node *node,
		  const u8 *mac);
void qnet_lr_bearer(struct qnet_bearer *b, enum qnet_dev_event ev);
struct sk_buff *qnet_join(struct qnet_bearer *b, struct qnet_hdr *h,
			  struct sk_buff *skb, const u8 *src);
void qnet_lr_net_init(struct qnet_net *qn);
void qnet_lr_net_exit(struct qnet_net *qn);

void qnet_nr_rx(struct qnet_node *node, struct sk_buff *skb, bool big);
void qnet_nr_down(struct qnet_node *node, int err);

#endif /* _QNET_RESOLVE_H */
