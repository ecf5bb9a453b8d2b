// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 4: virtual circuits, both ends.
 *
 * A circuit knows the four things QNX 4 lists for a VID: local process, remote
 * process, remote node and the remote end's id, and which transactions are
 * under way on it.
 */
#include <linux/cred.h>
#include <linux/sched/signal.h>

#include "qnet_priv.h"

#include <trace/events/qnet.h>

const struct qnet_vc_ops *qnet_vc_ops;

static int qnet_vc_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct qnet_vc_key *key = arg->key;
	const struct qnet_vc *vc = obj;

	return vc->key.id != key->id || vc->key.nd != key->nd ||
	       vc->key.side != key->side;
}

static const struct rhashtable_params qnet_vc_params = {
	.key_len	= sizeof(struct qnet_vc_key),
	.key_offset	= offsetof(struct qnet_vc, key),
	.head_offset	= offsetof(struct qnet_vc, hash),
	.obj_cmpfn	= qnet_vc_cmp,
	.automatic_shrinking = true,
};

/* Where it is among those with its node: by its id, and an id may be that of one
 * end here and of another.
 */
#define VC_PLACE_BITS	34

static u64 qnet_vc_place(const struct qnet_vc *vc)
{
	static_assert(BIT(VC_PLACE_BITS - 32) > QNET_VC_SERVER);
	static_assert(QNET_ND_BITS + VC_PLACE_BITS < 64);
	return (u64)vc->key.id << (VC_PLACE_BITS - 32) | vc->key.side;
}

static bool qnet_vc_place_less(struct rb_node *a, const struct rb_node *b)
{
	return qnet_vc_place(rb_entry(a, struct qnet_vc, by_id)) <
	       qnet_vc_place(rb_entry(b, struct qnet_vc, by_id));
}

/* Of each end, that it is up and then that it is not: of one that never was
 * nothing is told.
 */
static void qnet_vc_tell(struct qnet_vc *vc, bool up)
{
	if (up || vc->told)
		qnet_nl_vc_changed(vc);
	vc->told = up;
}

void qnet_vc_turn(struct qnet_vc *vc, u8 state, int err)
{
	/* Pairs with smp_load_acquire() in qnet_kif_open(). */
	smp_store_release(&vc->state, state);
	trace_qnet_vc(vc->qn->net->ns.inum, vc->key.nd, vc->key.id, vc->side,
		      state, err);
	qnet_vc_tell(vc, state == QNET_VC_UP);
}

bool qnet_vc_joined(struct qnet_vc *vc)
{
	bool up;

	spin_lock_bh(&vc->lock);
	up = vc->state == QNET_VC_UP;
	qnet_vc_tell(vc, up);
	spin_unlock_bh(&vc->lock);
	return up;
}

static struct qnet_vc *qnet_vc_alloc(struct qnet_net *qn, u8 side, gfp_t gfp)
{
	struct qnet_vc *vc = kzalloc(sizeof(*vc), gfp);

	if (!vc)
		return NULL;
	refcount_set(&vc->ref, 1);
	spin_lock_init(&vc->lock);
	INIT_LIST_HEAD(&vc->node_list);
	INIT_LIST_HEAD(&vc->chan_list);
	INIT_HLIST_HEAD(&vc->msgs);
	INIT_LIST_HEAD(&vc->rows);
	RB_CLEAR_NODE(&vc->by_coid);
	INIT_LIST_HEAD(&vc->pending);
	vc->qn = qn;
	vc->side = side;
	vc->key.side = side;
	vc->eager = QNET_KIF_EAGER;
	vc->stamp = jiffies;
	return vc;
}

/* What both kinds of a client's end have: who the client is, where it leads. */
static struct qnet_vc *qnet_vc_new_own(struct qnet_proc *proc, u8 side,
				       s32 pid, s32 chid)
{
	struct qnet_vc *vc = qnet_vc_alloc(proc->qn, side, GFP_KERNEL_ACCOUNT);

	if (!vc)
		return NULL;
	refcount_inc(&proc->ref);
	vc->proc = proc;
	vc->cred = get_current_cred();
	vc->sid = task_session_vnr(current);
	vc->exec_id = READ_ONCE(current->self_exec_id);
	vc->rpid = pid;
	vc->rchid = chid;
	return vc;
}

struct qnet_vc *qnet_vc_new_local(struct qnet_proc *proc,
				  struct qnet_chan *chan, s32 pid, s32 chid)
{
	struct qnet_vc *vc = qnet_vc_new_own(proc, QNET_VC_LOCAL, pid, chid);

	if (!vc)
		return NULL;
	vc->chan = chan;
	vc->state = QNET_VC_UP;
	return vc;
}

struct qnet_vc *qnet_vc_new_client(struct qnet_proc *proc,
				   struct qnet_node *node, s32 pid, s32 chid)
{
	struct qnet_vc *vc = qnet_vc_new_own(proc, QNET_VC_CLIENT, pid, chid);

	if (!vc)
		return NULL;
	vc->node = qnet_node_hold(node);
	vc->key.nd = node->nd;
	return vc;
}

struct qnet_vc *qnet_vc_new_server(struct qnet_node *node, u32 id, gfp_t gfp)
{
	struct qnet_vc *vc;

	/* A frame may be worked on while the node is being removed. */
	if (!refcount_inc_not_zero(&node->ref))
		return NULL;
	vc = qnet_vc_alloc(node->qn, QNET_VC_SERVER, gfp);
	if (!vc) {
		qnet_node_put(node);
		return NULL;
	}
	vc->node = node;
	vc->life = node->rx_life;
	vc->key.nd = node->nd;
	vc->key.id = id;
	vc->state = QNET_VC_UP;
	return vc;
}

/* The last reference is gone. */
void qnet_vc_free(struct qnet_vc *vc)
{
	if (vc->node)
		qnet_node_put(vc->node);
	if (vc->proc)
		qnet_proc_put(vc->proc);
	if (vc->chan)
		qnet_chan_put(vc->chan);
	if (vc->cred)
		put_cred(vc->cred);
	kfree(vc->bye);
	kfree_rcu(vc, rcu);
}

struct qnet_vc *qnet_vc_find(struct qnet_node *node, u32 id, u32 side)
{
	struct qnet_vc_key key = { .nd = node->nd, .id = id, .side = side };
	struct qnet_vc *vc;

	rcu_read_lock();
	vc = rhashtable_lookup(&node->qn->vcs, &key, qnet_vc_params);
	if (vc && (vc->node != node || !refcount_inc_not_zero(&vc->ref)))
		vc = NULL;
	rcu_read_unlock();
	return vc;
}

int qnet_vc_insert(struct qnet_vc *vc)
{
	struct qnet_node *node = vc->node;
	int err = 0;

	spin_lock_bh(&node->vcs_lock);
	/* Those of our own users take nothing away from the peer's. */
	if (vc->side == QNET_VC_SERVER &&
	    node->nr_servers >= node->policy.max_vcs)
		err = -ENOBUFS;
	if (!err)
		err = rhashtable_lookup_insert_fast(&vc->qn->vcs, &vc->hash,
						    qnet_vc_params);
	if (!err) {
		qnet_vc_hold(vc);
		vc->hashed = true;
		rb_add(&vc->by_id, &node->integ.all, qnet_vc_place_less);
		qnet_integ_add(vc);
		qnet_gen_changed(&vc->qn->gen.vcs);
		trace_qnet_vc(vc->qn->net->ns.inum, vc->key.nd, vc->key.id,
			      vc->side, vc->state, 0);
		WRITE_ONCE(node->nr_vcs, node->nr_vcs + 1);
		node->nr_servers += vc->side == QNET_VC_SERVER;
	}
	spin_unlock_bh(&node->vcs_lock);
	return err;
}

int qnet_vc_insert_client(struct qnet_vc *vc)
{
	int err;

	do {
		u32 n = atomic_inc_return(&vc->qn->next_client_id);

		vc->key.id = QNET_CLIENT_ID_MIN | (n & QNET_CLIENT_ID_MASK);
		err = qnet_vc_insert(vc);
	} while (err == -EEXIST);
	return err;
}

bool qnet_vc_remove(struct qnet_vc *vc)
{
	struct qnet_node *node = vc->node;
	bool mine;

	spin_lock_bh(&node->vcs_lock);
	mine = vc->hashed;
	if (mine) {
		vc->hashed = false;
		rhashtable_remove_fast(&vc->qn->vcs, &vc->hash,
				       qnet_vc_params);
		rb_erase(&vc->by_id, &node->integ.all);
		qnet_integ_del(vc);
		qnet_gen_changed(&vc->qn->gen.vcs);
		WRITE_ONCE(node->nr_vcs, node->nr_vcs - 1);
		node->nr_servers -= vc->side == QNET_VC_SERVER;
	}
	spin_unlock_bh(&node->vcs_lock);
	if (mine)
		qnet_vc_put(vc);
	return mine;
}

void qnet_vc_set_open(struct qnet_vc *vc, bool open)
{
	struct qnet_node *node = vc->node;

	spin_lock_bh(&node->vcs_lock);
	if (vc->hashed)
		qnet_integ_count(vc, open);
	spin_unlock_bh(&node->vcs_lock);
}

/* It gets its handle; the table has a reference of its own. */
static int qnet_vc_publish_call(struct qnet_msg *m)
{
	struct qnet_node *node = m->vc->node;
	int err;

	qnet_msg_hold(m);
	err = qnet_calls_add(&node->calls, m);
	if (err)
		qnet_msg_put(m);
	else
		qnet_node_set_busy(node, 1);
	return err;
}

static bool qnet_vc_handle_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct qnet_msg, by_handle)->handle <
	       rb_entry(b, struct qnet_msg, by_handle)->handle;
}

static int qnet_vc_handle_cmp(const void *key, const struct rb_node *n)
{
	s32 handle = rb_entry(n, struct qnet_msg, by_handle)->handle;

	return *(const s32 *)key < handle ? -1 : *(const s32 *)key > handle;
}

static void qnet_vc_enlist(struct qnet_vc *vc, struct qnet_msg *m)
{
	hlist_add_head(&m->vc_node, &vc->msgs);
	/* Of a hostile node there may be thousands: no list to search. */
	if (m->wire)
		rb_add(&m->by_handle, &vc->handles, qnet_vc_handle_less);
}

static void qnet_vc_delist(struct qnet_vc *vc, struct qnet_msg *m)
{
	if (m->wire && !hlist_unhashed(&m->vc_node))
		rb_erase(&m->by_handle, &vc->handles);
	hlist_del_init(&m->vc_node);
}

int qnet_vc_add_msg(struct qnet_vc *vc, struct qnet_msg *m)
{
	int err = -EBADF;

	spin_lock_bh(&vc->lock);
	if (vc->state != QNET_VC_DEAD && !vc->closing) {
		qnet_vc_enlist(vc, m);
		err = vc->side == QNET_VC_CLIENT ? qnet_vc_publish_call(m) :
						   qnet_vc_ops->post(m);
		if (err)
			qnet_vc_delist(vc, m);
	}
	spin_unlock_bh(&vc->lock);
	return err;
}

static void qnet_vc_unlink(struct qnet_vc *vc, struct qnet_msg *m)
{
	lockdep_assert_held(&vc->lock);
	qnet_vc_delist(vc, m);
	if (unlikely(!list_empty(&m->out.list)))
		list_del_init(&m->out.list);
	qnet_vc_touch(vc);
}

void qnet_vc_del_msg(struct qnet_msg *m)
{
	struct qnet_vc *vc = m->vc;

	spin_lock_bh(&vc->lock);
	qnet_vc_unlink(vc, m);
	spin_unlock_bh(&vc->lock);
}

void qnet_vc_finish(struct qnet_msg *m, s64 status, int err)
{
	struct qnet_vc *vc = m->vc;

	local_bh_disable();
	spin_lock(&vc->lock);
	qnet_vc_unlink(vc, m);
	spin_unlock(&vc->lock);
	qnet_msg_finish(m, status, err);
	local_bh_enable();
}

bool qnet_vc_take(struct qnet_msg *m)
{
	if (m->vc->side == QNET_VC_CLIENT)
		return qnet_calls_take_msg(&m->vc->node->calls, m);
	return qnet_vc_ops->take(m);
}

struct qnet_msg *qnet_vc_unblock(struct qnet_vc *vc, s32 handle)
{
	struct qnet_msg *m = NULL;
	struct rb_node *n;

	spin_lock_bh(&vc->lock);
	n = rb_find(&handle, &vc->handles, qnet_vc_handle_cmp);
	if (n)
		m = rb_entry(n, struct qnet_msg, by_handle);
	if (m && qnet_vc_ops->unblock(m))
		qnet_vc_delist(vc, m);
	else
		m = NULL;
	spin_unlock_bh(&vc->lock);
	return m;
}

/* Takes all that are not being ended by others; each brings a reference. */
static void qnet_vc_take_all(struct qnet_vc *vc, struct list_head *taken)
{
	struct hlist_node *next;
	struct qnet_msg *m;

	lockdep_assert_held(&vc->lock);
	hlist_for_each_entry_safe(m, next, &vc->msgs, vc_node) {
		qnet_vc_delist(vc, m);
		if (qnet_vc_take(m)) {
			list_del_init(&m->out.list);
			/* The oldest first. */
			list_add(&m->tmp, taken);
		}
	}
}

/* Pulses that waited for the circuit to open are lost with it. */
static void qnet_vc_drop_pulses(struct qnet_vc *vc)
{
	struct qnet_out *o, *next;

	lockdep_assert_held(&vc->lock);
	list_for_each_entry_safe(o, next, &vc->pending, list) {
		list_del_init(&o->list);
		if (o->pulse)
			qnet_kif_free_pulse(o);
	}
	vc->npending = 0;
}

static void qnet_vc_finish_all(struct qnet_vc *vc, struct list_head *taken,
			       int err)
{
	struct qnet_msg *m, *next;

	list_for_each_entry_safe(m, next, taken, tmp) {
		list_del(&m->tmp);
		if (vc->side == QNET_VC_CLIENT)
			qnet_node_set_busy(vc->node, -1);
		local_bh_disable();
		qnet_msg_finish(m, 0, err);
		local_bh_enable();
		qnet_msg_put(m);
	}
}

void qnet_vc_kill(struct qnet_vc *vc, int err, u8 state)
{
	LIST_HEAD(taken);
	bool tell;

	spin_lock_bh(&vc->lock);
	if (vc->state == QNET_VC_DEAD) {
		spin_unlock_bh(&vc->lock);
		return;
	}
	if (state == QNET_VC_DEAD)
		WRITE_ONCE(vc->why, err);
	qnet_vc_turn(vc, state, err);
	if (vc->node)
		qnet_vc_set_open(vc, false);
	/* Who closes a connection knows that it ends. */
	tell = state == QNET_VC_DEAD && vc->sk;
	qnet_vc_take_all(vc, &taken);
	qnet_vc_drop_pulses(vc);
	if (tell) {
		WRITE_ONCE(vc->sk->sk_err, -err);
		sk_error_report(vc->sk);
	}
	spin_unlock_bh(&vc->lock);

	qnet_vc_finish_all(vc, &taken, err);
	if (tell)
		qnet_vc_ops->died(vc);
}

bool qnet_vc_linger(struct qnet_vc *vc)
{
	LIST_HEAD(taken);
	bool closing;

	spin_lock_bh(&vc->lock);
	closing = vc->state == QNET_VC_CONNECTING &&
		  (vc->npending || vc->flushing);
	WRITE_ONCE(vc->closing, closing);
	if (closing)
		qnet_vc_take_all(vc, &taken);
	spin_unlock_bh(&vc->lock);
	qnet_vc_finish_all(vc, &taken, -EBADF);
	return closing;
}

void qnet_vc_end(struct qnet_vc *vc)
{
	struct qnet_msg *m, *next;
	LIST_HEAD(taken);

	spin_lock_bh(&vc->lock);
	qnet_vc_turn(vc, QNET_VC_DEAD, 0);
	qnet_vc_take_all(vc, &taken);
	spin_unlock_bh(&vc->lock);

	list_for_each_entry_safe(m, next, &taken, tmp) {
		list_del(&m->tmp);
		qnet_msg_close(m);
		qnet_msg_put(m);
	}
	qnet_vc_ops->detach(vc);
}

void qnet_vc_describe(struct qnet_vc *vc, struct qnet_vc_info *i)
{
	memset(i, 0, sizeof(*i));
	i->node = vc->node;
	i->id = vc->key.id;
	i->side = vc->side;
	i->state = READ_ONCE(vc->state);
	i->nd = vc->key.nd;
	i->remote_pid = vc->rpid;
	i->chid = vc->rchid;
	i->uid = (u32)-1;
	i->owner = INVALID_UID;
	i->buffer = READ_ONCE(vc->eager);
	qnet_chan_describe(vc, i);
	i->idle_ms = qnet_ms_since(READ_ONCE(vc->stamp));
	i->tx_msgs = READ_ONCE(vc->tx_msgs);
	i->rx_msgs = READ_ONCE(vc->rx_msgs);
}

#define VC_SOME		32	/* looked at together */

/* The first circuit with a node at a place or behind it. */
static struct rb_node *qnet_vc_from(struct qnet_node *node, u64 place)
{
	struct rb_node *n = node->integ.all.rb_node;
	struct rb_node *found = NULL;

	lockdep_assert_held(&node->vcs_lock);
	while (n) {
		if (qnet_vc_place(rb_entry(n, struct qnet_vc, by_id)) < place) {
			n = n->rb_right;
		} else {
			found = n;
			n = n->rb_left;
		}
	}
	return found;
}

/* That and those that follow, each with a reference.  Return: how many. */
static u32 qnet_vc_some(struct qnet_node *node, u64 place,
			struct qnet_vc **some)
{
	struct rb_node *n;
	u32 found = 0;

	spin_lock_bh(&node->vcs_lock);
	for (n = qnet_vc_from(node, place); n && found < VC_SOME;
	     n = rb_next(n))
		some[found++] = qnet_vc_hold(rb_entry(n, struct qnet_vc,
						      by_id));
	spin_unlock_bh(&node->vcs_lock);
	return found;
}

/* The first node from number @nd on, with a reference. */
static struct qnet_node *qnet_vc_next_node(struct qnet_net *qn,
					   unsigned long *nd)
{
	struct qnet_node *node;

	rcu_read_lock();
	node = xa_find(&qn->nodes, nd, ULONG_MAX, XA_PRESENT);
	while (node && !refcount_inc_not_zero(&node->ref))
		node = xa_find_after(&qn->nodes, nd, ULONG_MAX, XA_PRESENT);
	rcu_read_unlock();
	return node;
}

static int qnet_vc_walk_node(struct qnet_node *node, u64 *place,
			     int (*fn)(const struct qnet_vc_info *i, void *arg),
			     void *arg)
{
	struct qnet_vc *some[VC_SOME];
	struct qnet_vc_info info;
	int ret = 0;
	u32 n, i;

	while (!ret && (n = qnet_vc_some(node, *place, some))) {
		for (i = 0; i < n; i++) {
			if (!ret) {
				qnet_vc_describe(some[i], &info);
				ret = fn(&info, arg);
			}
			if (!ret)
				*place = qnet_vc_place(some[i]) + 1;
			qnet_vc_put(some[i]);
		}
		cond_resched();
	}
	return ret;
}

int qnet_vc_walk(struct qnet_net *qn, u64 *pos,
		 int (*fn)(const struct qnet_vc_info *i, void *arg), void *arg)
{
	u64 place = *pos & (BIT_ULL(VC_PLACE_BITS) - 1);
	unsigned long nd = *pos >> VC_PLACE_BITS;
	struct qnet_node *node;
	int ret = 0;

	while (!ret && (node = qnet_vc_next_node(qn, &nd))) {
		if (nd != *pos >> VC_PLACE_BITS)
			place = 0;
		ret = qnet_vc_walk_node(node, &place, fn, arg);
		if (!ret) {
			nd++;
			place = 0;
		}
		*pos = (u64)nd << VC_PLACE_BITS | place;
		qnet_node_put(node);
	}
	return ret;
}

void qnet_cred_fill(struct qnet_net *qn, const struct cred *cred,
		    struct qnet_kcred *c)
{
	struct user_namespace *ns = qn->net->user_ns;
	struct group_info *gi = cred->group_info;
	u32 i;

	memset(c, 0, sizeof(*c));
	c->ruid = from_kuid_munged(ns, cred->uid);
	c->euid = from_kuid_munged(ns, cred->euid);
	c->suid = from_kuid_munged(ns, cred->suid);
	c->rgid = from_kgid_munged(ns, cred->gid);
	c->egid = from_kgid_munged(ns, cred->egid);
	c->sgid = from_kgid_munged(ns, cred->sgid);
	c->ngroups = min_t(u32, gi->ngroups, QNET_K_CRED_GROUPS);
	for (i = 0; i < c->ngroups; i++)
		c->groups[i] = from_kgid_munged(ns, gi->gid[i]);
}

int qnet_vc_net_init(struct qnet_net *qn)
{
	return rhashtable_init(&qn->vcs, &qnet_vc_params);
}

void qnet_vc_net_exit(struct qnet_net *qn)
{
	rhashtable_destroy(&qn->vcs);
}
