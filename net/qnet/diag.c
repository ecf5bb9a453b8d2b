// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 7: sock_diag.  Which sockets there are, where each leads, and what hangs
 * on it: it answers why a program does not go on.  Reads only, and holds nothing
 * from one part of a dump to the next but the number of a socket.
 */
#include <linux/qnet_diag.h>
#include <linux/sock_diag.h>
#include <net/netlink.h>

#include "qnet_priv.h"
#include "af_qnet.h"

#define DIAG_CALLS	32	/* told of one by one */
#define DIAG_COUNT	4096	/* counted */
#define DIAG_SKB	8192	/* room for all of one socket */

/**
 * struct diag - one answer
 * @skb:   it
 * @cb:    part of this dump, or NULL
 * @req:   what is asked
 * @ns:    of the reader
 * @euid:  of the reader
 * @admin: he may see all
 * @calls: more may be told of, of this socket
 */
struct diag {
	struct sk_buff			*skb;
	struct netlink_callback		*cb;
	const struct qnet_diag_req	*req;
	struct user_namespace		*ns;
	kuid_t				euid;
	bool				admin;
	int				calls;
};

/* ------------------------------------------------------------------- calls */

static u32 diag_call_state(const struct qnet_msg *m)
{
	if (m->vc->side == QNET_VC_CLIENT)
		return READ_ONCE(m->out.sent) ? QNET_DIAG_CALL_SENT :
						QNET_DIAG_CALL_SEND;
	switch (READ_ONCE(m->state)) {
	case QNET_MSG_NEW:
	case QNET_MSG_QUEUED:
		return QNET_DIAG_CALL_SEND;
	case QNET_MSG_RECEIVED:
		return QNET_DIAG_CALL_REPLY;
	default:
		return QNET_DIAG_CALL_ENDING;
	}
}

static int diag_put_call_common(struct sk_buff *skb, const struct qnet_msg *m)
{
	u64 ms = qnet_ms_since(READ_ONCE(m->begun));

	return nla_put_u32(skb, QNET_DIAG_CALL_STATE, diag_call_state(m)) ||
	       nla_put_u64_64bit(skb, QNET_DIAG_CALL_MS, ms,
				 QNET_DIAG_CALL_PAD) ||
	       nla_put_u64_64bit(skb, QNET_DIAG_CALL_BYTES, m->srclen,
				 QNET_DIAG_CALL_PAD) ||
	       nla_put_u64_64bit(skb, QNET_DIAG_CALL_ROOM, m->dstlen,
				 QNET_DIAG_CALL_PAD) ||
	       nla_put_u32(skb, QNET_DIAG_CALL_PRIO, m->ent.prio);
}

/* As the client sees it. */
static int diag_put_out(struct sk_buff *skb, const struct qnet_msg *m)
{
	if (nla_put_s32(skb, QNET_DIAG_CALL_TID, m->task ? m->tid : 0) ||
	    diag_put_call_common(skb, m))
		return -EMSGSIZE;
	return READ_ONCE(m->unblock) ?
	       nla_put_flag(skb, QNET_DIAG_CALL_UNBLOCK) : 0;
}

/* As the server sees it; under the lock of its process. */
static int diag_put_in(struct sk_buff *skb, const struct qnet_msg *m)
{
	const struct qnet_vc *vc = m->vc;

	if (nla_put_s32(skb, QNET_DIAG_CALL_TID,
			m->wire || m->task ? m->tid : 0) ||
	    nla_put_u32(skb, QNET_DIAG_CALL_ND, vc->key.nd) ||
	    (vc->scoid &&
	     nla_put_s32(skb, QNET_DIAG_CALL_PID, vc->scoid->cred.pid)) ||
	    (m->state == QNET_MSG_RECEIVED &&
	     nla_put_s32(skb, QNET_DIAG_CALL_RCVID, m->rcvid)) ||
	    diag_put_call_common(skb, m))
		return -EMSGSIZE;
	return m->mi_flags & QNET_MI_UNBLOCK_REQ ?
	       nla_put_flag(skb, QNET_DIAG_CALL_UNBLOCK) : 0;
}

static int diag_put_call(struct diag *d, const struct qnet_msg *m,
			 int (*put)(struct sk_buff *skb,
				    const struct qnet_msg *m))
{
	struct nlattr *nest;

	if (!d->calls)
		return 0;
	d->calls--;
	nest = nla_nest_start(d->skb, QNET_DIAG_CALL);
	if (!nest || put(d->skb, m))
		return -EMSGSIZE;
	nla_nest_end(d->skb, nest);
	return 0;
}

/* -------------------------------------------------------------- connections */

static int diag_put_conn_calls(struct diag *d, struct qnet_vc *vc)
{
	struct qnet_msg *m;
	int err = 0;
	u32 n = 0;

	spin_lock_bh(&vc->lock);
	hlist_for_each_entry(m, &vc->msgs, vc_node) {
		if (n++ == DIAG_COUNT)
			break;
		err = diag_put_call(d, m, diag_put_out);
		if (err)
			break;
	}
	spin_unlock_bh(&vc->lock);
	return err ?: nla_put_u32(d->skb, QNET_DIAG_CALLS,
				  min_t(u32, n, DIAG_COUNT));
}

/* The name of a process, if it is still there. */
static int diag_put_comm(struct sk_buff *skb, int attr, struct pid *pid)
{
	struct task_struct *task = pid_task(pid, PIDTYPE_TGID);
	char comm[TASK_COMM_LEN];

	if (!task)
		return 0;
	get_task_comm(comm, task);
	return nla_put_string(skb, attr, comm);
}

static int diag_put_conn(struct diag *d, struct qnet_sock *qs,
			 struct qnet_vc *vc)
{
	struct sk_buff *skb = d->skb;

	if (nla_put_s32(skb, QNET_DIAG_ID, READ_ONCE(qs->coid)) ||
	    nla_put_u32(skb, QNET_DIAG_ND, vc->key.nd) ||
	    nla_put_s32(skb, QNET_DIAG_RPID, vc->rpid) ||
	    nla_put_s32(skb, QNET_DIAG_RCHID, vc->rchid))
		return -EMSGSIZE;
	if (vc->side == QNET_VC_LOCAL &&
	    diag_put_comm(skb, QNET_DIAG_RCOMM, vc->chan->proc->tgid))
		return -EMSGSIZE;
	if (vc->side != QNET_VC_LOCAL &&
	    nla_put_u32(skb, QNET_DIAG_VC, READ_ONCE(vc->key.id)))
		return -EMSGSIZE;
	return diag_put_conn_calls(d, vc);
}

/* ----------------------------------------------------------------- channels */

/* What a channel has, counted. */
struct diag_chan {
	u32	receivers;
	u32	queued;
	u32	held;
	u32	pulses;
	u32	clients;
};

static int diag_queued(struct diag *d, struct qnet_chan *chan, u32 *n)
{
	struct rb_node *node;
	struct qnet_ent *ent;
	int err = 0;

	for (node = rb_first_cached(&chan->msgs); node && !err &&
	     *n < DIAG_COUNT; node = rb_next(node), ++*n) {
		ent = rb_entry(node, struct qnet_ent, node);
		err = diag_put_call(d, container_of(ent, struct qnet_msg, ent),
				    diag_put_in);
	}
	return err;
}

static int diag_held(struct diag *d, struct qnet_chan *chan, u32 *n)
{
	struct qnet_proc *proc = chan->proc;
	struct qnet_msg *m;
	int seen = 0, i;
	int err;

	for (i = 0; i < QNET_RCVID_HASH; i++) {
		hlist_for_each_entry(m, &proc->rcvids[i], hash) {
			if (seen++ == DIAG_COUNT)
				return 0;
			if (m->vc->chan != chan)
				continue;
			++*n;
			err = diag_put_call(d, m, diag_put_in);
			if (err)
				return err;
		}
	}
	return 0;
}

static u32 diag_count(const struct list_head *list)
{
	struct list_head *pos;
	u32 n = 0;

	list_for_each(pos, list)
		if (++n == DIAG_COUNT)
			break;
	return n;
}

static int diag_put_chan_calls(struct diag *d, struct qnet_chan *chan,
			       struct diag_chan *c)
{
	int err;

	memset(c, 0, sizeof(*c));
	spin_lock_bh(&chan->proc->lock);
	c->receivers = diag_count(&chan->receivers);
	c->clients = diag_count(&chan->vcs);
	c->pulses = min_t(u32, qnet_chan_nr_pulses(chan), DIAG_COUNT);
	err = diag_held(d, chan, &c->held) ?: diag_queued(d, chan, &c->queued);
	spin_unlock_bh(&chan->proc->lock);
	return err;
}

static int diag_put_chan(struct diag *d, struct qnet_chan *chan)
{
	struct sk_buff *skb = d->skb;
	struct diag_chan c;

	if (nla_put_s32(skb, QNET_DIAG_ID, chan->chid) ||
	    nla_put_u32(skb, QNET_DIAG_FLAGS, chan->flags) ||
	    diag_put_chan_calls(d, chan, &c))
		return -EMSGSIZE;
	return nla_put_u32(skb, QNET_DIAG_RECEIVERS, c.receivers) ||
	       nla_put_u32(skb, QNET_DIAG_QUEUED, c.queued) ||
	       nla_put_u32(skb, QNET_DIAG_HELD, c.held) ||
	       nla_put_u32(skb, QNET_DIAG_PULSES, c.pulses) ||
	       nla_put_u32(skb, QNET_DIAG_CLIENTS, c.clients);
}

/* ------------------------------------------------------------------ sockets */

/**
 * struct diag_sock - a socket, and what it is
 * @qs:   socket, under RCU
 * @proc: its process, with a reference, or NULL
 * @chan: channel, with a reference, or NULL
 * @vc:   circuit, with a reference, or NULL
 * @msg:  of it
 */
struct diag_sock {
	struct qnet_sock	*qs;
	struct qnet_proc	*proc;
	struct qnet_chan	*chan;
	struct qnet_vc		*vc;
	struct qnet_diag_msg	msg;
};

/* Under RCU, as @qs was found: what it points to is freed by RCU as well, and
 * given up when the socket is not found any more.
 */
static void diag_sock_get(struct diag_sock *s, struct qnet_sock *qs)
{
	/* Pairs with smp_store_release() in qnet_bind_locked(). */
	struct qnet_chan *chan = smp_load_acquire(&qs->chan);
	/* Pairs with smp_store_release() in qnet_connect_locked(). */
	struct qnet_vc *vc = smp_load_acquire(&qs->vc);

	memset(s, 0, sizeof(*s));
	s->qs = qs;
	if (chan && refcount_inc_not_zero(&chan->ref))
		s->chan = chan;
	else if (vc && refcount_inc_not_zero(&vc->ref))
		s->vc = vc;
	if ((s->chan || s->vc) && refcount_inc_not_zero(&qs->proc->ref))
		s->proc = qs->proc;
}

static void diag_sock_put(struct diag_sock *s)
{
	if (s->chan)
		qnet_chan_put(s->chan);
	if (s->vc)
		qnet_vc_put(s->vc);
	if (s->proc)
		qnet_proc_put(s->proc);
}

static void diag_describe(struct diag *d, struct diag_sock *s)
{
	struct sock *sk = &s->qs->sk;

	s->msg.qdiag_family = qnet_family;
	s->msg.ino = sock_i_ino(sk);
	s->msg.uid = from_kuid_munged(d->ns, READ_ONCE(sk->sk_uid));
	sock_diag_save_cookie(sk, s->msg.cookie);
	if (s->chan) {
		s->msg.kind = QNET_DIAG_CHANNEL;
		s->msg.state = READ_ONCE(s->chan->dead) ? QNET_VC_DEAD : 0;
	} else if (s->vc) {
		s->msg.kind = QNET_DIAG_CONNECTION;
		s->msg.state = READ_ONCE(s->vc->state);
		s->msg.side = s->vc->side;
	}
}

static bool diag_may(const struct diag *d, const struct diag_sock *s)
{
	return d->admin || uid_eq(READ_ONCE(s->qs->sk.sk_uid), d->euid);
}

static bool diag_wanted(const struct diag *d, const struct diag_sock *s)
{
	const struct qnet_diag_req *req = d->req;

	if (req->kinds && !(req->kinds & BIT(s->msg.kind)))
		return false;
	return !req->pid ||
	       (s->proc && s->proc->nr == req->pid && diag_may(d, s));
}

static int diag_put_private(struct diag *d, struct diag_sock *s)
{
	if (!s->proc || !diag_may(d, s))
		return 0;
	d->calls = d->req->show & QNET_DIAG_SHOW_CALLS ? DIAG_CALLS : 0;
	if (nla_put_s32(d->skb, QNET_DIAG_PID, s->proc->nr) ||
	    diag_put_comm(d->skb, QNET_DIAG_COMM, s->proc->tgid))
		return -EMSGSIZE;
	if (s->chan)
		return diag_put_chan(d, s->chan);
	return diag_put_conn(d, s->qs, s->vc);
}

static int diag_put_sock(struct diag *d, struct diag_sock *s, u32 portid,
			 u32 seq, int flags)
{
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(d->skb, portid, seq, SOCK_DIAG_BY_FAMILY,
			sizeof(s->msg), flags);
	if (!nlh)
		return -EMSGSIZE;
	if (d->cb)
		nl_dump_check_consistent(d->cb, nlh);
	memcpy(nlmsg_data(nlh), &s->msg, sizeof(s->msg));
	if ((d->req->show & QNET_DIAG_SHOW_MEMINFO && diag_may(d, s) &&
	     sock_diag_put_meminfo(&s->qs->sk, d->skb, QNET_DIAG_MEMINFO)) ||
	    diag_put_private(d, s)) {
		nlmsg_cancel(d->skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(d->skb, nlh);
	return 0;
}

/* ----------------------------------------------------------------- requests */

static int diag_check(const struct nlmsghdr *nlh)
{
	const struct qnet_diag_req *req = nlmsg_data(nlh);
	bool dump = nlh->nlmsg_flags & NLM_F_DUMP;
	bool cookie, any;

	if (nlmsg_len(nlh) < sizeof(*req))
		return -EINVAL;
	cookie = req->cookie[0] || req->cookie[1];
	/* What sock_diag takes for any. */
	any = !~req->cookie[0] && !~req->cookie[1];
	if (req->sdiag_protocol || req->pid < 0 || cookie == dump || any ||
	    req->kinds & ~(BIT(QNET_DIAG_NONE) | BIT(QNET_DIAG_CHANNEL) |
			   BIT(QNET_DIAG_CONNECTION)) ||
	    req->show & ~(QNET_DIAG_SHOW_CALLS | QNET_DIAG_SHOW_MEMINFO))
		return -EINVAL;
	return 0;
}

/* @asker: the message that asks */
static void diag_init(struct diag *d, struct sk_buff *skb,
		      const struct sk_buff *asker, const struct nlmsghdr *nlh)
{
	struct net *net = sock_net(asker->sk);

	d->skb = skb;
	d->cb = NULL;
	d->req = nlmsg_data(nlh);
	d->ns = sk_user_ns(NETLINK_CB(asker).sk);
	d->euid = NETLINK_CB(asker).sk->sk_uid;
	d->admin = netlink_ns_capable(asker, net->user_ns, CAP_NET_ADMIN);
}

static int diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct qnet_net *qn = qnet_net(sock_net(skb->sk));
	struct diag_sock s;
	struct qnet_sock *qs;
	unsigned long n;
	struct diag d;
	int err = 0;

	diag_init(&d, skb, cb->skb, cb->nlh);
	d.cb = cb;
	qnet_gen_note(cb, &qn->gen.socks);
	rcu_read_lock();
	xa_for_each_start(&qn->socks, n, qs, cb->args[0]) {
		diag_sock_get(&s, qs);
		diag_describe(&d, &s);
		if (diag_wanted(&d, &s))
			err = diag_put_sock(&d, &s, NETLINK_CB(cb->skb).portid,
					    cb->nlh->nlmsg_seq, NLM_F_MULTI);
		diag_sock_put(&s);
		cb->args[0] = n;
		if (err)
			break;
		cb->args[0]++;
		qnet_resched_rcu();
	}
	rcu_read_unlock();
	qnet_gen_note(cb, &qn->gen.socks);
	return skb->len ?: err;
}

/* The socket with the cookie that is asked for; under RCU. */
static struct qnet_sock *diag_find(struct qnet_net *qn,
				   const struct qnet_diag_req *req)
{
	struct qnet_sock *qs;
	unsigned long n;

	xa_for_each(&qn->socks, n, qs) {
		if (!sock_diag_check_cookie(&qs->sk, req->cookie))
			return qs;
		qnet_resched_rcu();
	}
	return NULL;
}

static int diag_put_one(struct diag *d, struct qnet_net *qn,
			const struct sk_buff *asker, const struct nlmsghdr *nlh)
{
	int err = -ENOENT;
	struct diag_sock s;
	struct qnet_sock *qs;

	rcu_read_lock();
	qs = diag_find(qn, d->req);
	if (qs) {
		diag_sock_get(&s, qs);
		diag_describe(d, &s);
		if (diag_wanted(d, &s))
			err = diag_put_sock(d, &s, NETLINK_CB(asker).portid,
					    nlh->nlmsg_seq, 0);
		diag_sock_put(&s);
	}
	rcu_read_unlock();
	return err;
}

static int diag_get(struct sk_buff *asker, struct nlmsghdr *nlh)
{
	struct net *net = sock_net(asker->sk);
	struct sk_buff *skb;
	struct diag d;
	int err;

	skb = nlmsg_new(DIAG_SKB, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	diag_init(&d, skb, asker, nlh);
	err = diag_put_one(&d, qnet_net(net), asker, nlh);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	return nlmsg_unicast(net->diag_nlsk, skb, NETLINK_CB(asker).portid);
}

static int diag_request(struct sk_buff *asker, struct nlmsghdr *nlh)
{
	struct netlink_dump_control c = {
		.dump		= diag_dump,
		.min_dump_alloc	= DIAG_SKB,
	};
	int err = diag_check(nlh);

	if (err)
		return err;
	if (nlh->nlmsg_flags & NLM_F_DUMP)
		return netlink_dump_start(sock_net(asker->sk)->diag_nlsk,
					  asker, nlh, &c);
	return diag_get(asker, nlh);
}

/* Not const: the number is a parameter. */
static struct sock_diag_handler diag_handler = {
	.dump	= diag_request,
};

/**
 * qnet_diag_init() - answer questions about sockets
 *
 * Return: 0, or -EBUSY if another module answers for the family.
 */
int qnet_diag_init(void)
{
	diag_handler.family = qnet_family;
	qnet_diag_set_owner(&diag_handler, THIS_MODULE);
	return sock_diag_register(&diag_handler);
}

void qnet_diag_exit(void)
{
	sock_diag_unregister(&diag_handler);
}
