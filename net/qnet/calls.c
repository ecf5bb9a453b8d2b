// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 4: a client's calls to another node, by handle.
 *
 * Handles count up, so that one comes back after 2^30 calls only and an answer
 * to a call long given up meets nobody.  A handle's low bits are its place in a
 * small table; a place that is still taken is passed over, and the table grows
 * before more than half of them are: so that costs little, and nothing is
 * allocated per call.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "qnet_priv.h"

void qnet_calls_init(struct qnet_calls *c)
{
	spin_lock_init(&c->lock);
	c->slot = c->few;
	c->mask = QNET_CALLS_FEW - 1;
	/* What is about a call of another life is not to meet one of this. */
	c->next = get_random_u32();
}

void qnet_calls_free(struct qnet_calls *c)
{
	if (c->slot != c->few)
		kvfree(c->slot);
}

static struct qnet_msg **qnet_calls_slot(struct qnet_calls *c, u32 handle)
{
	lockdep_assert_held(&c->lock);
	return &c->slot[handle & c->mask];
}

int qnet_calls_add(struct qnet_calls *c, struct qnet_msg *m)
{
	struct qnet_msg **slot;
	int err = -ENOSPC;

	spin_lock(&c->lock);
	if (c->used <= c->mask / 2) {
		do {
			c->next = (c->next + 1) & QNET_K_CALL_MAX;
			slot = qnet_calls_slot(c, c->next);
		} while (*slot || !c->next);
		*slot = m;
		m->handle = c->next;
		c->used++;
		err = 0;
	}
	spin_unlock(&c->lock);
	return err;
}

/* Two that had different places in the smaller table have so in the larger. */
static struct qnet_msg **qnet_calls_move(struct qnet_calls *c,
					 struct qnet_msg **slot, u32 mask)
{
	struct qnet_msg **old = c->slot;
	u32 i;

	for (i = 0; i <= c->mask; i++)
		if (old[i])
			slot[old[i]->handle & mask] = old[i];
	c->slot = slot;
	c->mask = mask;
	return old == c->few ? NULL : old;
}

int qnet_calls_grow(struct qnet_calls *c)
{
	u32 mask = READ_ONCE(c->mask);
	struct qnet_msg **slot;

	if (mask + 1 >= 2 * QNET_CALLS_MAX)
		return -ENOMEM;
	slot = kvcalloc(2 * (mask + 1), sizeof(*slot), GFP_KERNEL_ACCOUNT);
	if (!slot)
		return -ENOMEM;
	spin_lock_bh(&c->lock);
	/* Perhaps another was faster. */
	if (c->mask == mask)
		slot = qnet_calls_move(c, slot, 2 * mask + 1);
	spin_unlock_bh(&c->lock);
	kvfree(slot);
	return 0;
}

struct qnet_msg *qnet_calls_take(struct qnet_calls *c, u32 handle)
{
	struct qnet_msg **slot, *m;

	spin_lock(&c->lock);
	slot = qnet_calls_slot(c, handle);
	m = *slot;
	if (m && m->handle == handle) {
		*slot = NULL;
		c->used--;
	} else {
		m = NULL;
	}
	spin_unlock(&c->lock);
	return m;
}

bool qnet_calls_take_msg(struct qnet_calls *c, struct qnet_msg *m)
{
	struct qnet_msg **slot;
	bool mine;

	spin_lock_bh(&c->lock);
	slot = qnet_calls_slot(c, m->handle);
	mine = *slot == m;
	if (mine) {
		*slot = NULL;
		c->used--;
	}
	spin_unlock_bh(&c->lock);
	return mine;
}

struct qnet_msg *qnet_calls_get(struct qnet_calls *c, u32 handle)
{
	struct qnet_msg *m;

	spin_lock(&c->lock);
	m = *qnet_calls_slot(c, handle);
	if (m && m->handle == handle)
		qnet_msg_hold(m);
	else
		m = NULL;
	spin_unlock(&c->lock);
	return m;
}
