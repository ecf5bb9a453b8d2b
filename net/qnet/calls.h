/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 4: a client's calls to another node, by handle. */
#ifndef _QNET_CALLS_H
#define _QNET_CALLS_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct qnet_msg;

/* Most calls to one node under way at once. */
#define QNET_CALLS_MAX		(512U * 1024)
/* Slots without an allocation; a power of 2. */
#define QNET_CALLS_FEW		8

/**
 * struct qnet_calls - struct qnet_msg by client_handle
 * @lock: innermost
 * @slot: the message of handle h, if it is there, is in slot h & @mask
 * @mask: slots - 1; at most half of them are in use
 * @used: slots in use
 * @next: handle to try next
 * @few:  @slot at first
 */
struct qnet_calls {
	spinlock_t		lock;	/* see qnet_priv.h */
	struct qnet_msg		**slot;
	u32			mask;
	u32			used;
	u32			next;
	struct qnet_msg		*few[QNET_CALLS_FEW];
};

void qnet_calls_init(struct qnet_calls *c);
void qnet_calls_free(struct qnet_calls *c);

/**
 * qnet_calls_add() - a message gets a handle
 * @c: table
 * @m: message; the table takes over a reference
 *
 * BH off.  Return: 0 or -ENOSPC: call qnet_calls_grow() and try again.
 */
int qnet_calls_add(struct qnet_calls *c, struct qnet_msg *m);

/* Process context.  Return: 0, -ENOMEM; there may be room only for others. */
int qnet_calls_grow(struct qnet_calls *c);

/* Takes the message of a handle, with the table's reference, or NULL.  BH off. */
struct qnet_msg *qnet_calls_take(struct qnet_calls *c, u32 handle);

/* Takes @m.  Return: whether it was there; its reference is the caller's. */
bool qnet_calls_take_msg(struct qnet_calls *c, struct qnet_msg *m);

/* The message of a handle, with a new reference, left where it is.  BH off. */
struct qnet_msg *qnet_calls_get(struct qnet_calls *c, u32 handle);

#endif /* _QNET_CALLS_H */
