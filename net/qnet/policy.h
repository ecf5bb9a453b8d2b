/* SPDX-License-Identifier: GPL-2.0-only */
/* Beside the floors: who may a peer's clients be here, and how many? */
#ifndef _QNET_POLICY_H
#define _QNET_POLICY_H

#include <linux/types.h>

struct qnet_kcred;

#define QNET_POLICY_OFF		((u32)-1)
#define QNET_POLICY_VCS_MAX	(256U * 1024)
#define QNET_POLICY_RATE_MAX	1000000U

/**
 * struct qnet_policy - what the administrator says of a peer
 * @maproot_uid: who its root is here; QNET_POLICY_OFF: root
 * @maproot_gid: the group of that
 * @mapany_uid:  who everybody is; QNET_POLICY_OFF: as they say
 * @mapany_gid:  the group of that
 * @min_uid:     who has a lower effective user id, as mapped, is refused
 * @max_vcs:     circuits of its clients, beyond which they get no more
 * @vc_rate:     circuits its clients may open per second; 0: any number
 *
 * Ids are those of the user namespace that owns the network namespace.  In the
 * order of netlink's attributes.
 */
struct qnet_policy {
	u32	maproot_uid;
	u32	maproot_gid;
	u32	mapany_uid;
	u32	mapany_gid;
	u32	min_uid;
	u32	max_vcs;
	u32	vc_rate;
};

#define QNET_POLICY_FIELDS	(sizeof(struct qnet_policy) / sizeof(u32))

/**
 * struct qnet_bucket - how much of a rate is left
 * @level: one is worth HZ
 * @at:    when that was so, in jiffies
 */
struct qnet_bucket {
	u64		level;
	unsigned long	at;
};

extern const struct qnet_policy qnet_policy_default;

int qnet_policy_map(const struct qnet_policy *p, struct qnet_kcred *c);
bool qnet_policy_take(struct qnet_bucket *b, u32 rate);

#endif /* _QNET_POLICY_H */
