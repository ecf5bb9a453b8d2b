/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 3: nodes of the LAN that become peers by themselves, if they may. */
#ifndef _QNET_TRUST_H
#define _QNET_TRUST_H

#include <linux/types.h>

struct qnet_bearer;
struct qnet_lr;
struct qnet_net;

#define QNET_TRUST_PEERS	256	/* that became so by themselves */
#define QNET_TRUST_VCS		1024	/* circuits of each one's clients */

int qnet_trust_heard(struct qnet_bearer *b, const struct qnet_lr *r,
		     const u8 *mac);
void qnet_trust_set(struct qnet_net *qn, bool all);
int qnet_trust_yield(struct qnet_net *qn, const char *name, const char *domain);
void qnet_trust_net_init(struct qnet_net *qn);
void qnet_trust_net_exit(struct qnet_net *qn);

#endif /* _QNET_TRUST_H */
