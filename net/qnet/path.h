/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 3: the ways to a node, one per bearer that both ends have. */
#ifndef _QNET_PATH_H
#define _QNET_PATH_H

#include "l4.h"

struct qnet_bearer;
struct qnet_net;
struct qnet_node;

/**
 * struct qnet_node_path - a way to a node
 * @b:     bearer; NULL = there is none
 * @only:  number of the bearer while circuits that take no other are let on it
 * @up:    it works, as far as is known
 * @asked: probes since it answered last
 * @mac:   of the node there
 * @rtt:   smoothed time its answers take, in us << 3; 0 = not known
 * @last:  what the last one took, in us
 * @answers: of how many that is known
 * @asked_at: when the first of these probes was sent, in ns
 * @heard: when it answered last
 * @due:   next probe, if @asked or @rtt is not known
 * @rx:    frames received
 * @failed: how often it was found not to work
 */
struct qnet_node_path {
	struct qnet_bearer	*b;
	u16			only;
	bool			up;
	u8			mac[ETH_ALEN];
	u32			asked;
	u32			rtt;
	u32			last;
	u32			answers;
	u64			asked_at;
	unsigned long		heard;
	unsigned long		due;
	u64			rx;
	u32			failed;
};

/* What a circuit asks of the ways it takes: a policy and, where one is meant, a
 * bearer.  Also the high half of a node descriptor, in which 0 says nothing:
 * then the peer's default holds.
 */
enum qnet_qos_policy {
	QNET_QOS_SHARED,	/* any, but each circuit keeps to one */
	QNET_QOS_PREFER,	/* this one while it works */
	QNET_QOS_ONLY,		/* this one or none */
	QNET_QOS_SAID_SHARED,	/* SHARED, of a descriptor that says so */
};

#define QNET_QOS_POLICY		0x3
#define QNET_QOS_BEARER_SHIFT	2

int qnet_qos_parse(struct qnet_net *qn, const char *s, u16 *qos);
void qnet_qos_print(struct qnet_net *qn, u16 qos, char *buf, size_t size);

u16 qnet_path_qos(const struct qnet_node *node, u16 qos);

/* All below: under the lock of the node, and RCU. */
void qnet_path_qos_set(struct qnet_node *node, u16 qos);
void qnet_path_qos_bearer(struct qnet_node *node, const struct qnet_bearer *b,
			  bool there);
void qnet_path_qos_print(const struct qnet_node *node, char *buf, size_t size);
void qnet_path_route(struct qnet_node *node);
struct qnet_node_path *qnet_path_of(struct qnet_node *node,
				    const struct qnet_bearer *b);
bool qnet_path_from(struct qnet_node *node, const struct qnet_bearer *b,
		    const u8 *src);
void qnet_path_set(struct qnet_node *node, struct qnet_bearer *b,
		   const u8 *mac);
void qnet_path_del(struct qnet_node *node, const struct qnet_bearer *b);
void qnet_path_clear(struct qnet_node *node);

const struct qnet_l4_path *qnet_path_any(const struct qnet_node *node);
const struct qnet_l4_path *qnet_path_to(struct qnet_node *node,
					const struct qnet_bearer *b);
u8 qnet_path_lane(struct qnet_node *node, u32 flow, u16 qos);
u16 qnet_path_qos_back(const struct qnet_node *node,
		       const struct net_device *dev, u8 qos);

void qnet_path_opened(struct qnet_node *node);
void qnet_path_failed(struct qnet_node *node, u8 way);
void qnet_path_answered(struct qnet_node *node, const struct qnet_bearer *b);
void qnet_path_ask(struct qnet_node *node, struct qnet_node_path *p);
bool qnet_path_due(const struct qnet_node *node, const struct qnet_node_path *p,
		   unsigned long interval, unsigned long *due);

#endif /* _QNET_PATH_H */
