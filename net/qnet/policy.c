// SPDX-License-Identifier: GPL-2.0-only
/*
 * Beside the floors: who may a peer's clients be here, and how many?
 *
 * A peer is trusted to say who its clients are.  How far is for the administrator
 * to say: he may have its root, or everybody there, be somebody here, refuse those
 * with low user ids, and bound what the peer may cost.  All that is applied where
 * ids come in, so that nobody behind sees others: neither servers nor those who
 * ask whether a pulse or a signal may go.
 */
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include <linux/qnet_wire.h>

#include "policy.h"

const struct qnet_policy qnet_policy_default = {
	.maproot_uid	= QNET_POLICY_OFF,
	.maproot_gid	= QNET_POLICY_OFF,
	.mapany_uid	= QNET_POLICY_OFF,
	.mapany_gid	= QNET_POLICY_OFF,
	.max_vcs	= QNET_POLICY_VCS_MAX,
};

static void policy_map_any(const struct qnet_policy *p, struct qnet_kcred *c)
{
	c->ruid = p->mapany_uid;
	c->euid = p->mapany_uid;
	c->suid = p->mapany_uid;
	c->rgid = p->mapany_gid;
	c->egid = p->mapany_gid;
	c->sgid = p->mapany_gid;
	c->ngroups = 0;
}

static void policy_map_root(const struct qnet_policy *p, struct qnet_kcred *c)
{
	u32 *uids[] = { &c->ruid, &c->euid, &c->suid };
	u32 *gids[] = { &c->rgid, &c->egid, &c->sgid };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(uids); i++) {
		*uids[i] = *uids[i] ?: p->maproot_uid;
		*gids[i] = *gids[i] ?: p->maproot_gid;
	}
	for (i = 0; i < c->ngroups; i++)
		c->groups[i] = c->groups[i] ?: p->maproot_gid;
}

/**
 * qnet_policy_map() - who is a client of a peer here?
 * @p: policy for the peer
 * @c: ids as the peer says; all -1 if it does not: then nobody's; out: here
 *
 * Return: 0, -EPERM if he is not let in.
 */
int qnet_policy_map(const struct qnet_policy *p, struct qnet_kcred *c)
{
	if (p->mapany_uid != QNET_POLICY_OFF)
		policy_map_any(p, c);
	else if (p->maproot_uid != QNET_POLICY_OFF)
		policy_map_root(p, c);
	if (!p->min_uid)
		return 0;
	/* Who has no id is below all of them. */
	return c->euid == (u32)-1 || c->euid < p->min_uid ? -EPERM : 0;
}

/**
 * qnet_policy_take() - take one, if there is any left
 * @b:    bucket, which holds as much as comes in a second
 * @rate: how many come in each second, 0: any number
 *
 * Return: whether there was.
 */
bool qnet_policy_take(struct qnet_bucket *b, u32 rate)
{
	unsigned long since = min(jiffies - b->at, (unsigned long)HZ);

	if (!rate)
		return true;
	b->level = min(b->level + (u64)since * rate, (u64)rate * HZ);
	b->at = jiffies;
	if (b->level < HZ)
		return false;
	b->level -= HZ;
	return true;
}
