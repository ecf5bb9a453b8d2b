// SPDX-License-Identifier: GPL-2.0-only
/*
 * Beside: names of services, on this node and asked from others.
 *
 * Neutrino keeps names in the path space of each node; here a name belongs to
 * a channel and vanishes with it.  Another node is asked in one packet of the
 * private layer 0x52, if it has announced that it knows it.
 */
#include <linux/sched/signal.h>

#include "qnet_priv.h"

struct qnet_name {
	struct list_head	list;		/* qnet_net.names */
	struct list_head	chan_list;	/* qnet_chan.names */
	struct qnet_chan	*chan;		/* lives as long as the name */
	u64			nr;		/* counts up along qnet_net.names */
	char			name[];
};

static struct qnet_name *qnet_name_find(struct qnet_net *qn, const char *name)
{
	struct qnet_name *n;

	lockdep_assert_held(&qn->names_lock);
	list_for_each_entry(n, &qn->names, list)
		if (!strcmp(n->name, name))
			return n;
	return NULL;
}

/* May the owner of @chan have one more?  Nobody is to use them all up. */
static bool qnet_name_room(struct qnet_net *qn, const struct qnet_chan *chan)
{
	kuid_t uid = chan->cred->euid;
	struct qnet_name *n;
	u32 count = 0;

	lockdep_assert_held(&qn->names_lock);
	if (qn->nr_names < QNET_NAMES_USER)
		return true;
	list_for_each_entry(n, &qn->names, list)
		count += uid_eq(n->chan->cred->euid, uid);
	return count < QNET_NAMES_USER && qn->nr_names < QNET_NAMES_MAX;
}

static void qnet_name_describe(const struct qnet_name *n,
			       struct qnet_name_info *i)
{
	const struct qnet_chan *chan = n->chan;

	i->name = n->name;
	i->pid = chan->proc->nr;
	i->chid = chan->chid;
	i->uid = from_kuid_munged(chan->proc->qn->net->user_ns,
				  chan->cred->euid);
}

/* Under the lock, so that who listens hears of it in order. */
static void qnet_name_tell(struct qnet_net *qn, const struct qnet_name *n,
			   bool there)
{
	struct qnet_name_info i;

	lockdep_assert_held(&qn->names_lock);
	qnet_name_describe(n, &i);
	qnet_nl_name_changed(qn, &i, there);
}

static int qnet_name_insert(struct qnet_chan *chan, struct qnet_name *n)
{
	struct qnet_net *qn = chan->proc->qn;

	lockdep_assert_held(&qn->names_lock);
	if (READ_ONCE(chan->dead))
		return -ESRCH;
	if (qnet_name_find(qn, n->name))
		return -EEXIST;
	if (!qnet_name_room(qn, chan))
		return -ENOSPC;
	n->nr = ++qn->last_name;
	list_add_tail(&n->list, &qn->names);
	list_add_tail(&n->chan_list, &chan->names);
	qn->nr_names++;
	qnet_gen_changed(&qn->gen.names);
	qnet_name_tell(qn, n, true);
	return 0;
}

static void qnet_name_free(struct qnet_net *qn, struct qnet_name *n)
{
	lockdep_assert_held(&qn->names_lock);
	list_del(&n->list);
	list_del(&n->chan_list);
	qn->nr_names--;
	qnet_gen_changed(&qn->gen.names);
	qnet_name_tell(qn, n, false);
	kfree(n);
}

int qnet_name_attach(struct qnet_chan *chan, const char *name)
{
	struct qnet_net *qn = chan->proc->qn;
	struct qnet_name *n;
	int err;

	n = kzalloc(struct_size(n, name, strlen(name) + 1),
		    GFP_KERNEL_ACCOUNT);
	if (!n)
		return -ENOMEM;
	strcpy(n->name, name);
	n->chan = chan;
	spin_lock_bh(&qn->names_lock);
	err = qnet_name_insert(chan, n);
	spin_unlock_bh(&qn->names_lock);
	if (err)
		kfree(n);
	return err;
}

int qnet_name_detach(struct qnet_chan *chan, const char *name)
{
	struct qnet_net *qn = chan->proc->qn;
	struct qnet_name *n;
	int err = -ENOENT;

	spin_lock_bh(&qn->names_lock);
	n = qnet_name_find(qn, name);
	if (n && n->chan == chan) {
		qnet_name_free(qn, n);
		err = 0;
	}
	spin_unlock_bh(&qn->names_lock);
	return err;
}

/* Not all at once: each is told of, and a channel may have very many. */
void qnet_name_chan_end(struct qnet_chan *chan)
{
	struct qnet_net *qn = chan->proc->qn;
	struct qnet_name *n;

	do {
		spin_lock_bh(&qn->names_lock);
		n = list_first_entry_or_null(&chan->names, struct qnet_name,
					     chan_list);
		if (n)
			qnet_name_free(qn, n);
		spin_unlock_bh(&qn->names_lock);
	} while (n);
}

int qnet_name_walk(struct qnet_net *qn, u64 *pos,
		   int (*fn)(const struct qnet_name_info *i, void *arg),
		   void *arg)
{
	struct qnet_name_info i;
	struct qnet_name *n;
	int err = 0;

	spin_lock_bh(&qn->names_lock);
	list_for_each_entry(n, &qn->names, list) {
		if (n->nr <= *pos)
			continue;
		qnet_name_describe(n, &i);
		err = fn(&i, arg);
		if (err)
			break;
		*pos = n->nr;
	}
	spin_unlock_bh(&qn->names_lock);
	return err;
}

static int qnet_name_here(struct qnet_net *qn, const char *name, s32 *pid,
			  s32 *chid)
{
	struct qnet_name *n;

	spin_lock_bh(&qn->names_lock);
	n = qnet_name_find(qn, name);
	if (n) {
		*pid = n->chan->proc->nr;
		*chid = n->chan->chid;
	}
	spin_unlock_bh(&qn->names_lock);
	return n ? 0 : -ENOENT;
}

static int qnet_name_send(struct qnet_node *node, const struct qnet_nm *nm)
{
	u8 buf[16 + QNET_NAME_MAX];
	struct qnet_l4_pkt p = { .layer = QNET_L_NAME, .head = buf };

	BUILD_BUG_ON(sizeof(buf) > QNET_L4_INLINE);
	p.hlen = qnet_nm_build(buf, sizeof(buf), nm);
	return qnet_node_send(node, 0, &p);
}

static int qnet_name_ask(struct qnet_node *node, const char *name,
			 struct qnet_question *q)
{
	struct qnet_nm nm = { .op = QNET_NM_LOOKUP, .name = name };
	int err;

	err = qnet_ask_begin(node, q);
	if (err)
		return err;
	nm.id = q->id;
	nm.name_len = strlen(name);
	return qnet_ask_end(node, q, qnet_name_send(node, &nm));
}

int qnet_name_lookup(struct qnet_net *qn, struct qnet_node *node,
		     const char *name, s32 *pid, s32 *chid)
{
	struct qnet_question q = {};
	int err;

	if (!node)
		return qnet_name_here(qn, name, pid, chid);
	err = qnet_ask_able(node, QNET_CAP_NAMES);
	if (err)
		return err;
	err = qnet_name_ask(node, name, &q);
	*pid = q.pid;
	*chid = q.chid;
	return err;
}

static void qnet_name_answer(struct qnet_node *node, const struct qnet_nm *q)
{
	struct qnet_nm nm = { .op = QNET_NM_FOUND, .id = q->id };
	char name[QNET_NAME_MAX];
	int err;

	memcpy(name, q->name, q->name_len);
	name[q->name_len] = 0;
	err = qnet_name_here(node->qn, name, &nm.pid, &nm.chid);
	if (err) {
		nm.op = QNET_NM_ERROR;
		nm.status = qnet_errno_to_wire(-err);
	}
	/* Who asked waits for this, or for the end of the connection. */
	if (qnet_name_send(node, &nm))
		qnet_node_fail(node);
}

/* Return: whether somebody waits for it. */
static bool qnet_name_answered(struct qnet_node *node, const struct qnet_nm *nm)
{
	struct qnet_question *q = qnet_ask_take(node, nm->id);

	if (!q)
		return false;
	q->pid = nm->pid;
	q->chid = nm->chid;
	if (nm->op == QNET_NM_ERROR)
		q->err = -qnet_errno_from_wire(nm->status);
	complete(&q->done);
	return true;
}

void qnet_name_rx(struct qnet_node *node, struct sk_buff *skb, bool big)
{
	struct qnet_nm nm;
	int why = QNET_MIB_RX_NOMEM;

	if (skb_linearize(skb))
		qnet_node_fail(node);
	else
		why = QNET_MIB_BAD +
		      qnet_nm_parse(&nm, skb->data, skb->len, big);
	if (!why && nm.op == QNET_NM_LOOKUP)
		qnet_name_answer(node, &nm);
	else if (!why && !qnet_name_answered(node, &nm))
		why = QNET_MIB_KIF_UNKNOWN;
	if (why)
		qnet_drop(node->qn, skb, why);
	else
		consume_skb(skb);
}
