/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 6: channels, their queues, rcvids, pulses, clients' ids. */
#ifndef _QNET_CHAN_H
#define _QNET_CHAN_H

#include <linux/sched/signal.h>

#define QNET_RCVID_HASH		256
#define QNET_CHAN_PULSES	4096	/* unreceived, per channel */
#define QNET_CHAN_SYSTEM	16384	/* the same of the kernel's own */
#define QNET_CHID_MAX		65535
#define QNET_SCOID_MAX		(QNET_SCOID_BASE + 0xffff)

struct qnet_pulse_ent;

/**
 * struct qnet_scoid - a client process, as a server knows it
 * @node: in qnet_proc.clients, by @nd and @cred, until the server detaches it
 * @id:   the scoid
 * @nd:   its node, 0 = this one
 * @cred: its ids when it connected, constant; @cred.pid is its pid
 * @own:  of a client of this node: with all its groups; else NULL
 * @vcs:  circuits from it, struct qnet_vc
 * @nr_vcs: how many
 * @hears: chid of the channel that it joined last of those that are told when it
 *        is gone, or 0
 * @bye:  the pulse that tells the server that it is gone; NULL: it was told,
 *        and the id stays taken until the server detaches it
 *
 * A process that has changed its ids, or another that has its number now, is
 * another client: what was sent with the old ids is not to pass for the new.
 */
struct qnet_scoid {
	struct rb_node		node;
	u32			id;
	u32			nd;
	struct qnet_kcred	cred;
	struct list_head	vcs;
	u32			nr_vcs;
	s32			hears;
	const struct cred	*own;
	struct qnet_pulse_ent	*bye;
};

/**
 * struct qnet_server - a process of another node, as a client knows it
 * @node: in qnet_proc.servers, by @nd and @pid
 * @nd:   its node
 * @pid:  its number there
 * @nr_vcs: circuits to it
 */
struct qnet_server {
	struct rb_node		node;
	u32			nd;
	s32			pid;
	u32			nr_vcs;
};

/**
 * struct qnet_proc - a process with AF_QNET sockets
 * @ref:    references
 * @rcu:    freed by RCU
 * @qn:     namespace
 * @tgid:   which process
 * @nr:     its pid, as getpid() tells it
 * @lock:   protects the rest
 * @chans:  struct qnet_chan by chid; has its own lock, read under RCU
 * @rcvids: received messages
 * @rows:   struct qnet_row, whose numbers were given to which circuit
 * @next_rcvid: where the next row may begin
 * @rcvid_again: all have been given out once, and some may still be in @rcvids
 * @scoids: struct qnet_scoid by id
 * @next_scoid: counts up
 * @clients: the same by node, pid and ids
 * @coids:  its own connections, struct qnet_vc by coid, until they are closed
 * @servers: struct qnet_server, while there is a circuit that is not closed
 * @spare: memory of a transaction begun by it, for the next; see msg.c
 * @spare_wire: the same of one from another node
 */
struct qnet_proc {
	refcount_t		ref;
	struct rcu_head		rcu;
	struct qnet_net		*qn;
	struct pid		*tgid;
	s32			nr;
	spinlock_t		lock;	/* see qnet_priv.h */
	struct xarray		chans;
	struct hlist_head	rcvids[QNET_RCVID_HASH];
	struct rb_root		rows;
	u32			next_rcvid;
	bool			rcvid_again;
	struct xarray		scoids;
	u32			next_scoid;
	struct rb_root		clients;
	struct rb_root		coids;
	struct rb_root		servers;
	struct qnet_msg		*spare;
	struct qnet_msg		*spare_wire;
};

/**
 * struct qnet_chan - a channel
 * @ref:    references
 * @rcu:    freed by RCU
 * @proc:   owner, referenced
 * @chid:   its number
 * @flags:  QNET_CHF_*
 * @cred:   of who made it, for others to see whose it is
 * @sk:     socket, NULL once dead; under the lock of @proc
 * @dead:   nothing comes or goes
 * @msgs:   struct qnet_msg by priority and arrival
 * @pulses: struct qnet_pulse_ent, likewise
 * @seq:    counts arrivals
 * @receivers: struct qnet_rx that wait, those for anything while both queues
 *          are empty, those for pulses while @pulses is
 * @nr_pulses: in @pulses, from programs
 * @nr_system: likewise, of the kernel's own
 * @vcs:    circuits that lead here
 * @names:  under qnet_net.names_lock
 */
struct qnet_chan {
	refcount_t		ref;
	struct rcu_head		rcu;
	struct qnet_proc	*proc;
	s32			chid;
	u32			flags;
	const struct cred	*cred;
	struct sock		*sk;
	bool			dead;
	struct rb_root_cached	msgs;
	struct rb_root_cached	pulses;
	u64			seq;
	struct list_head	receivers;
	u32			nr_pulses;
	u32			nr_system;
	struct list_head	vcs;
	struct list_head	names;
};

/* What has a process of this node, with a reference, or NULL.  Any context. */
struct qnet_proc *qnet_proc_find(struct qnet_net *qn, s32 nr);
/* The record of the calling process, made if need be; ERR_PTR. */
struct qnet_proc *qnet_proc_get(struct qnet_net *qn);
void qnet_proc_put(struct qnet_proc *proc);

static inline bool qnet_proc_is_current(const struct qnet_proc *proc)
{
	return proc->tgid == task_tgid(current);
}

/**
 * qnet_chan_create() - a channel of the calling process
 * @proc: the caller's
 * @sk: its socket
 * @chid: wanted, 0 = the smallest free
 * @flags: QNET_CHF_*
 *
 * Return: it, with a reference, or ERR_PTR(-EADDRINUSE, -EAGAIN, -ENOMEM).
 */
struct qnet_chan *qnet_chan_create(struct qnet_proc *proc, struct sock *sk,
				   s32 chid, u32 flags);
/* It is destroyed: callers get ESRCH, receivers too.  Process context. */
void qnet_chan_end(struct qnet_chan *chan);
void qnet_chan_put(struct qnet_chan *chan);
bool qnet_chan_readable(struct qnet_chan *chan);

/* The channel of a process on this node, with a reference, or NULL. */
struct qnet_chan *qnet_chan_find(struct qnet_net *qn, s32 pid, s32 chid);

/**
 * qnet_chan_connect() - a circuit of the calling process
 * @proc: the caller's
 * @nd: node descriptor
 * @pid: server, 0 = the caller
 * @chid: its channel
 * @coid: what servers see
 * @sk: the client's socket
 *
 * Return: it, with a reference, or ERR_PTR(-ESRCH, -EHOSTUNREACH, -ENOMEM).
 */
struct qnet_vc *qnet_chan_connect(struct qnet_proc *proc, u32 nd, s32 pid,
				  s32 chid, s32 coid, struct sock *sk);
/* The client closes its connection. */
void qnet_chan_disconnect(struct qnet_vc *vc);

/* Pulses that nobody has received. */
static inline u32 qnet_chan_nr_pulses(const struct qnet_chan *chan)
{
	return READ_ONCE(chan->nr_pulses) + READ_ONCE(chan->nr_system);
}

/* Hand a client's transaction to the server, on whatever node. */
int qnet_chan_send(struct qnet_msg *m);

/**
 * qnet_chan_unblock() - a client's thread wants out of its call
 * @m: the call
 * @err: -EINTR or -ETIMEDOUT
 * @received: out, if it is out: the server has, or had, the message
 *
 * Return: true: it is out; false: whoever has the message ends the call, which
 * may take any time: it wants the consent of a server that has
 * QNET_CHF_UNBLOCK, or of another node.  Or, with qnet_msg.unblock 0 again: the
 * time was only for a state that it is not in any more, and it waits on.
 */
bool qnet_chan_unblock(struct qnet_msg *m, int err, bool *received);

/* It is being killed, and asks nobody.  Return: false if the end is already under
 * way.
 */
bool qnet_chan_cancel(struct qnet_msg *m);

/* May @who do to a process of @of what the same user may?  One that a namespace
 * does not map is nobody's, not even another's such.
 */
static inline bool qnet_is_user(kuid_t who, const struct cred *of)
{
	return uid_valid(who) &&
	       (uid_eq(who, of->uid) || uid_eq(who, of->suid));
}

static inline bool qnet_same_users(const struct cred *who,
				   const struct cred *of)
{
	return qnet_is_user(who->euid, of) || qnet_is_user(who->uid, of);
}

/* The same of the calling process, or by privilege: as kill(). */
bool qnet_may_kill(const struct cred *of);

int qnet_chan_send_pulse(struct qnet_vc *vc, u8 prio, s8 code, u64 value);
/* The same in the name of the process that has the connection.  Any context. */
int qnet_chan_client_pulse(struct qnet_vc *vc, u8 prio, s8 code, u64 value);
/* Might it?  As far as it can be told here.  Return: 0, -EBADF, -EPERM. */
int qnet_chan_client_may(struct qnet_vc *vc);

/**
 * struct qnet_received - the part of struct qnet_recv that is told
 * @rcvid: 0 for a pulse
 * @pad: 0
 * @info: valid if @rcvid is not 0
 */
struct qnet_received {
	s32			rcvid;
	u32			pad;
	struct qnet_msg_info	info;
};

/**
 * struct qnet_rx - arguments and result of a receive
 * @to: buffer
 * @pulse: pulses only
 * @timeo: jiffies
 * @got: out
 *
 * The rest is chan.c's, under the lock of the channel's process:
 *
 * @done: it has got something, or @err
 * @list: qnet_chan.receivers, if not @done
 * @task: who waits
 * @msg: a message, with a reference
 * @p: a pulse
 * @unblock: the pulse, if it is neither of the two
 * @err: -ESRCH the channel has ended
 */
struct qnet_rx {
	struct qnet_user	*to;
	bool			pulse;
	bool			done;
	long			timeo;
	struct qnet_received	got;
	struct list_head	list;
	struct task_struct	*task;
	struct qnet_msg		*msg;
	struct qnet_pulse_ent	*p;
	struct qnet_pulse	unblock;
	int			err;
};

int qnet_chan_recv(struct qnet_chan *chan, struct qnet_rx *rx);
/* For the three: @timeo in jiffies, -ETIMEDOUT: the message is as it was, but for
 * bytes that have reached the reply area.
 */
int qnet_chan_reply(struct qnet_proc *proc, s32 rcvid, s64 status, int err,
		    struct qnet_user *from, long timeo);
ssize_t qnet_chan_read(struct qnet_proc *proc, s32 rcvid, u64 off,
		       struct qnet_user *to, long timeo);
ssize_t qnet_chan_write(struct qnet_proc *proc, s32 rcvid, u64 off,
			struct qnet_user *from, long timeo);
/* The calling thread ends.  Return: 0, -ESRCH no channel wants to hear of it,
 * -EAGAIN, -ENOMEM.
 */
int qnet_chan_thread_death(struct qnet_proc *proc);
/* The receiver could not be told of it: its client gets QNET_ESRVRFAULT. */
void qnet_chan_refuse(struct qnet_proc *proc, s32 rcvid);
/**
 * qnet_chan_origin() - where a message came from, replied to or not
 * @proc: the server's
 * @rcvid: of the message
 * @tid: out: the client's thread, 0: not known
 * @handle: out: the client_handle of the message, or of a later one
 *
 * Return: its circuit, with a reference, or NULL.
 */
struct qnet_vc *qnet_chan_origin(struct qnet_proc *proc, s32 rcvid, s32 *tid,
				 s32 *handle);
int qnet_chan_info(struct qnet_proc *proc, s32 rcvid,
		   struct qnet_msg_info *info);
/* @own: of a client of this node, with a reference; else NULL */
int qnet_chan_client(struct qnet_proc *proc, u32 scoid, u32 *nd,
		     struct qnet_kcred *cred, const struct cred **own);
int qnet_chan_drop_client(struct qnet_proc *proc, u32 scoid);
s32 qnet_chan_scoid(struct qnet_vc *vc);

/* What the server's side of a circuit tells: for qnet_vc_walk(). */
struct qnet_vc_info;
void qnet_chan_describe(struct qnet_vc *vc, struct qnet_vc_info *i);

extern const struct qnet_vc_ops qnet_chan_vc_ops;

#endif /* _QNET_CHAN_H */
