// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 4: questions to another node that a thread waits to have answered.
 */
#include <linux/xarray.h>

#include "qnet_priv.h"

int qnet_ask_able(struct qnet_node *node, u32 cap)
{
	u32 nd;
	int err;

	if (READ_ONCE(node->caps) & cap)
		return 0;
	err = qnet_node_remote_nd(node, node->name, &nd);
	if (err && err != -ENOENT)
		return err;
	return READ_ONCE(node->caps) & cap ? 0 : -EOPNOTSUPP;
}

int qnet_ask_begin(struct qnet_node *node, struct qnet_question *q)
{
	int err;

	init_completion(&q->done);
	err = xa_alloc_cyclic_bh(&node->questions, &q->id, q,
				 XA_LIMIT(QNET_K_QUESTION_MIN, S32_MAX),
				 &node->next_question, GFP_KERNEL);
	if (err < 0)
		return -ENOMEM;
	qnet_node_set_busy(node, 1);
	return 0;
}

int qnet_ask_end(struct qnet_node *node, struct qnet_question *q, int err)
{
	if (!err && wait_for_completion_interruptible(&q->done))
		err = -EINTR;
	if (err && xa_erase_bh(&node->questions, q->id) != q) {
		/* The answer is being given at this moment. */
		wait_for_completion(&q->done);
		err = 0;
	}
	qnet_node_set_busy(node, -1);
	return err ?: q->err;
}

struct qnet_question *qnet_ask_take(struct qnet_node *node, u32 id)
{
	return xa_erase_bh(&node->questions, id);
}

void qnet_ask_down(struct qnet_node *node, int err)
{
	struct qnet_question *q;
	unsigned long id;

	xa_for_each(&node->questions, id, q) {
		q = qnet_ask_take(node, id);
		if (!q)
			continue;
		q->err = err;
		complete(&q->done);
	}
}
