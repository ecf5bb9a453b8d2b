/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 4: questions to another node that a thread waits to have answered. */
#ifndef _QNET_ASK_H
#define _QNET_ASK_H

#include <linux/completion.h>
#include <linux/types.h>

struct qnet_node;

/**
 * struct qnet_question - a question under way, on the asker's stack
 * @done: completed by who takes it out of qnet_node.questions
 * @id:   tells the answer
 * @err:  0 or -errno
 * @pid:  answer about a name
 * @chid: likewise
 */
struct qnet_question {
	struct completion	done;
	u32			id;
	int			err;
	s32			pid;
	s32			chid;
};

/**
 * qnet_ask_able() - will a node understand it?
 * @node: the node
 * @cap: QNET_CAP_* it takes
 *
 * What a node can do is known once it has opened its way to us: blocks until then.
 *
 * Return: 0, -EOPNOTSUPP, -EHOSTUNREACH, -EHOSTDOWN, -EINTR.
 */
int qnet_ask_able(struct qnet_node *node, u32 cap);

/* The question gets its id, before it is sent.  Return: 0, -ENOMEM. */
int qnet_ask_begin(struct qnet_node *node, struct qnet_question *q);
/**
 * qnet_ask_end() - wait for the answer
 * @node: the node
 * @q: the question
 * @err: of sending it: then nothing is waited for
 *
 * Return: qnet_question.err, @err, -EINTR.
 */
int qnet_ask_end(struct qnet_node *node, struct qnet_question *q, int err);

/* Takes a question that is answered, or NULL; whoever has it completes it. */
struct qnet_question *qnet_ask_take(struct qnet_node *node, u32 id);
/* The node is gone: nobody will answer. */
void qnet_ask_down(struct qnet_node *node, int err);

#endif /* _QNET_ASK_H */
