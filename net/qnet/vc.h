/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 4: virtual circuits, both ends. */
#ifndef _QNET_VC_H
#define _QNET_VC_H

#include "rcvid.h"

struct qnet_ev;
struct qnet_proc;
struct qnet_pulse_ent;
struct qnet_scoid;
struct qnet_server;

enum qnet_vc_side {
	QNET_VC_LOCAL,		/* both ends on this node */
	QNET_VC_CLIENT,		/* the server is on another node */
	QNET_VC_SERVER,		/* the client is */
};

enum qnet_vc_state {
	QNET_VC_NEW,		/* nothing sent yet */
	QNET_VC_CONNECTING,	/* CONNECT is out */
	QNET_VC_UP,
	QNET_VC_DEAD,
};

struct qnet_vc_key {
	u32	nd;
	u32	id;
	u32	side;
};

/**
 * struct qnet_vc - a circuit
 * @hash:    in qnet_net.vcs, but for local ones
 * @key:     node, client_id and side, constant
 * @ref:     references
 * @rcu:     freed by RCU
 * @lock:    protects @state, @msgs, @pending, @npending, @sk
 * @side:    enum qnet_vc_side
 * @state:   enum qnet_vc_state
 * @hashed:  in the table; it holds a reference
 * @closing: its socket is closed or shut down, and pulses wait for it to open
 * @flushing: a pulse that waited is being sent, under @lock
 * @counted: in the set that is compared with the other node, under vcs_lock
 * @told:    who listens has been told that it is up, under @lock
 * @qn:      namespace
 * @node:    the other node, referenced; NULL if local
 * @proc:    the client's process, referenced; NULL on the server's side
 * @chan:    the server's channel, referenced; NULL on the client's side
 * @scoid:   server: who the client is, under the lock of its process
 * @server:  client, of another node's server: who that is, under the lock of
 *           @proc; NULL once closed
 * @cred:    the client's credentials; NULL on the server's side
 * @sid:     its session
 * @exec_id: of who connected: task_struct.self_exec_id
 * @rpid:    the other process; local: the server
 * @rchid:   channel it leads to
 * @why:     errno < 0 that it died of, under @lock
 * @bye:     client: the pulse that tells its process of its death; NULL: told
 * @coid:    client's connection id
 * @server_id: from CONNECT_SUCCESS
 * @told_scoid: likewise, until then 0: who we are there
 * @qos:     what it asks of the ways, see path.h; the server's end: for answers,
 *           as the client's end asked
 * @eager:   most message bytes that come with MSGSEND: as the server's node says
 * @node_list: qnet_node.integ, under its vcs_lock
 * @by_id:   the same, in the order of ids
 * @chan_list: qnet_chan.vcs, under the lock of the server's process; holds a
 *           reference
 * @scoid_list: qnet_scoid.vcs, likewise
 * @msgs:    transactions not ended, the youngest first
 * @handles: server: the same by handle
 * @rows:    server: struct qnet_row, under the lock of its process
 * @row:     server: of these, the ones in use
 * @nr_rows: server: how many there have been
 * @by_coid: qnet_proc.coids, under the lock of the client's process
 * @nr_reads: server: MSGREADs under way, at most QNET_VC_READS
 * @pending: struct qnet_out, in order, until the server's node answers
 * @npending: pulses in @pending
 * @sk:      the client's socket, NULL once released
 * @life:    qnet_node.life in which it was opened, or is being
 * @stamp:   jiffies of the last activity
 * @tx_msgs: messages and pulses sent
 * @rx_msgs: replies received, or messages on the server's side
 */
struct qnet_vc {
	struct rhash_head	hash;
	struct qnet_vc_key	key;
	refcount_t		ref;
	struct rcu_head		rcu;
	spinlock_t		lock;	/* see qnet_priv.h */
	u8			side;
	u8			state;
	bool			hashed;
	bool			closing;
	bool			flushing;
	bool			counted;
	bool			told;
	struct qnet_net		*qn;
	struct qnet_node	*node;
	struct qnet_proc	*proc;
	struct qnet_chan	*chan;
	struct qnet_scoid	*scoid;
	struct qnet_server	*server;
	const struct cred	*cred;
	struct qnet_pulse_ent	*bye;
	s32			sid;
	u64			exec_id;
	s32			rpid;
	s32			rchid;
	s32			coid;
	s32			server_id;
	s32			told_scoid;
	int			why;
	u16			qos;
	u32			eager;
	struct list_head	node_list;
	struct rb_node		by_id;
	struct list_head	chan_list;
	struct list_head	scoid_list;
	struct hlist_head	msgs;
	struct rb_root		handles;
	struct list_head	rows;
	struct qnet_row		*row[QNET_ROW_THREADS];
	int			nr_rows;
	atomic_t		nr_reads;
	struct list_head	pending;
	u32			npending;
	struct sock		*sk;
	struct rb_node		by_coid;
	u32			life;
	unsigned long		stamp;
	u64			tx_msgs;
	u64			rx_msgs;
};

/**
 * struct qnet_vc_ops - how floor 4 answers floor 6
 * @attach: find the channel of a CONNECT and join it: sets @chan, @scoid.
 *          Return: 0, -ESRCH, -ENOMEM
 * @detach: the client's end is gone: its messages vanish, the server may hear
 * @take:   take a message away from its server, see qnet_priv.h
 * @unblock: its client wants out: the same, unless the server has received it
 *          and asked to be asked: then it hears, and is to end it
 * @post:   queue a message.  Return: 0 or -ESRCH
 * @pulse:  queue a pulse of a client on another node.  Return: 0, -EPERM,
 *          -ESRCH, -EAGAIN
 * @event:  another node's server does to a client what it asked for; @tid: its
 *          thread, 0: none in particular.  Return: 0 or why not
 * @signal: another node's process signals one of this node.  Return: as kill()
 * @died:   the client's end is dead; with no lock held
 *
 * In softirq or process context.  @take, @unblock and @post are called under
 * qnet_vc.lock, the others with no lock held.
 */
struct qnet_vc_ops {
	int (*attach)(struct qnet_vc *vc, const struct qnet_kcred *cred,
		      s32 pid, s32 chid);
	void (*detach)(struct qnet_vc *vc);
	bool (*take)(struct qnet_msg *m);
	bool (*unblock)(struct qnet_msg *m);
	int (*post)(struct qnet_msg *m);
	int (*pulse)(struct qnet_vc *vc, u8 prio, s8 code, u64 value);
	int (*event)(struct qnet_vc *vc, s32 tid, const struct qnet_ev *ev);
	int (*signal)(struct qnet_node *node, const struct qnet_kif *k);
	void (*died)(struct qnet_vc *vc);
};

extern const struct qnet_vc_ops *qnet_vc_ops;	/* set once at init */

/* Ids of clients' ends; genuine Neutrino servers number theirs otherwise. */
#define QNET_CLIENT_ID_MIN	0x50000000U
#define QNET_CLIENT_ID_MASK	0x0fffffffU

static inline bool qnet_vc_is_client_id(u32 id)
{
	return (id & ~QNET_CLIENT_ID_MASK) == QNET_CLIENT_ID_MIN;
}

/* One client that is slow does not keep others of its node from being read. */
#define QNET_VC_READS		4

/* The most circuits that one node's clients may have here. */
#define QNET_VC_NODE_MAX	QNET_POLICY_VCS_MAX

struct qnet_vc *qnet_vc_new_local(struct qnet_proc *proc,
				  struct qnet_chan *chan, s32 pid, s32 chid);
struct qnet_vc *qnet_vc_new_client(struct qnet_proc *proc,
				   struct qnet_node *node, s32 pid, s32 chid);
struct qnet_vc *qnet_vc_new_server(struct qnet_node *node, u32 id, gfp_t gfp);

struct qnet_vc *qnet_vc_find(struct qnet_node *node, u32 id, u32 side);
void qnet_vc_free(struct qnet_vc *vc);

static inline struct qnet_vc *qnet_vc_hold(struct qnet_vc *vc)
{
	refcount_inc(&vc->ref);
	return vc;
}

static inline void qnet_vc_put(struct qnet_vc *vc)
{
	if (refcount_dec_and_test(&vc->ref))
		qnet_vc_free(vc);
}

/* Of a client's end: may its server have heard of it? */
static inline bool qnet_vc_known(const struct qnet_vc *vc)
{
	u8 state = READ_ONCE(vc->state);

	return state == QNET_VC_UP || state == QNET_VC_CONNECTING;
}

/* For qnet_node_send(): a circuit keeps to its way. */
static inline u32 qnet_vc_flow(const struct qnet_vc *vc)
{
	return (u32)vc->qos << QNET_ND_BITS | (u16)vc->key.id;
}

/* The same for the word that it ends: if it takes one link only, that may be why,
 * and what is given up with the link would be said by nobody.
 */
static inline u32 qnet_vc_last_flow(const struct qnet_vc *vc)
{
	u32 qos = vc->qos;

	if ((qos & QNET_QOS_POLICY) == QNET_QOS_ONLY)
		qos = (qos & ~QNET_QOS_POLICY) | QNET_QOS_PREFER;
	return qos << QNET_ND_BITS | (u16)vc->key.id;
}

/* Enter the tables that other nodes' packets are looked up in; -EEXIST. */
int qnet_vc_insert(struct qnet_vc *vc);
/* The same for a client's end, which gets a client_id. */
int qnet_vc_insert_client(struct qnet_vc *vc);
/* Leave them.  Return: whether it was the caller who took it out. */
bool qnet_vc_remove(struct qnet_vc *vc);

/* It has another state; @err: what its callers are told.  Under qnet_vc.lock. */
void qnet_vc_turn(struct qnet_vc *vc, u8 state, int err);

/**
 * qnet_vc_joined() - a server's end has been attached to its channel
 * @vc: it
 *
 * Return: false if somebody who found it in the table has ended it before; then he
 * could not detach it.
 */
bool qnet_vc_joined(struct qnet_vc *vc);

/* A client's end is open, or not any more; qnet_vc.lock may be held. */
void qnet_vc_set_open(struct qnet_vc *vc, bool open);

/**
 * qnet_vc_add_msg() - publish a transaction
 * @vc: its circuit
 * @m: transaction; the caller keeps a reference until it is done with it
 *
 * From here on others may end it: whoever takes it from its server's queue, or
 * from the table of calls, where it gets its handle.
 *
 * Return: 0, -EBADF if the circuit is dead, -ESRCH if its channel is, -ENOSPC
 * if the table of calls is full.
 */
int qnet_vc_add_msg(struct qnet_vc *vc, struct qnet_msg *m);
void qnet_vc_del_msg(struct qnet_msg *m);

/* The end of a transaction at its client: qnet_vc_del_msg() and, in one step,
 * qnet_msg_finish().
 */
void qnet_vc_finish(struct qnet_msg *m, s64 status, int err);

static inline void qnet_vc_touch(struct qnet_vc *vc)
{
	WRITE_ONCE(vc->stamp, jiffies);
}

/* Something went over it.  The counters are for the eye: no lock. */
static inline void qnet_vc_sent(struct qnet_vc *vc)
{
	WRITE_ONCE(vc->tx_msgs, READ_ONCE(vc->tx_msgs) + 1);
	qnet_vc_touch(vc);
}

static inline void qnet_vc_received(struct qnet_vc *vc)
{
	WRITE_ONCE(vc->rx_msgs, READ_ONCE(vc->rx_msgs) + 1);
	qnet_vc_touch(vc);
}

/**
 * qnet_vc_kill() - the client's end is dead: callers get @err, later ones EBADF
 * @vc: circuit with a client's end here
 * @err: -errno for those blocked now
 * @state: QNET_VC_DEAD, or QNET_VC_NEW to let a later call try again
 *
 * No locks held.
 */
void qnet_vc_kill(struct qnet_vc *vc, int err, u8 state);

/* Is it dead to those who use its socket? */
static inline bool qnet_vc_ended(const struct qnet_vc *vc)
{
	return READ_ONCE(vc->state) == QNET_VC_DEAD || READ_ONCE(vc->closing);
}

/**
 * qnet_vc_linger() - the client closes a circuit on which pulses wait
 * @vc: circuit
 *
 * Its calls end.  The pulses were taken by MsgSendPulse, so they will go.
 *
 * Return: false if none waits.
 */
bool qnet_vc_linger(struct qnet_vc *vc);

/**
 * qnet_vc_end() - take an end of a circuit down, without a word to the peer
 * @vc: server's end, or a local one whose client is gone
 *
 * No locks held.
 */
void qnet_vc_end(struct qnet_vc *vc);

/* Takes a message from whoever could end it; see "How a transaction ends". */
bool qnet_vc_take(struct qnet_msg *m);
/**
 * qnet_vc_unblock() - a client on another node wants out of a call
 * @vc: server's end
 * @handle: of the call; it may have ended
 *
 * Return: its message, taken, which the caller must end; NULL: that is for the
 * server to do, or has been done.
 */
struct qnet_msg *qnet_vc_unblock(struct qnet_vc *vc, s32 handle);

/* A task's ids as another node is told them; the pid is the caller's to set. */
void qnet_cred_fill(struct qnet_net *qn, const struct cred *cred,
		    struct qnet_kcred *c);

/* For netlink.  @uid is the client's; @owner has the end that is here; @node is
 * there as long as the circuit is.  @shares: circuits between these two processes;
 * @buffer: most bytes of a message that go with its call.
 */
struct qnet_vc_info {
	const struct qnet_node *node;
	u32	id;
	u8	side;
	u8	state;
	u32	nd;
	s32	local_pid;
	s32	remote_pid;
	s32	chid;
	s32	scoid;
	u32	uid;
	kuid_t	owner;
	u32	shares;
	u32	buffer;
	u64	idle_ms;
	u64	tx_msgs;
	u64	rx_msgs;
};

/**
 * qnet_vc_describe() - what is to be told of a circuit with another node
 * @vc: circuit
 * @i:  out
 *
 * Context: any; qnet_vc.lock may be held.
 */
void qnet_vc_describe(struct qnet_vc *vc, struct qnet_vc_info *i);

/**
 * qnet_vc_walk() - every circuit with another node, by nodes and ids
 * @qn: namespace
 * @pos: 0 to begin; set to where to go on
 * @fn: called with no lock held; not 0 stops, that entry comes again
 * @arg: for @fn
 *
 * What is there from the first call to the last is met once, whatever comes and
 * goes meanwhile.
 *
 * Context: process; sleeps.
 * Return: what @fn stopped with, 0 at the end.
 */
int qnet_vc_walk(struct qnet_net *qn, u64 *pos,
		 int (*fn)(const struct qnet_vc_info *i, void *arg), void *arg);

int qnet_vc_net_init(struct qnet_net *qn);
void qnet_vc_net_exit(struct qnet_net *qn);

#endif /* _QNET_VC_H */
