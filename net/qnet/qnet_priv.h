/* SPDX-License-Identifier: GPL-2.0-only */
/* AF_QNET, private definitions.
 *
 * Objects, and who owns them
 * --------------------------
 * struct qnet_net   one per network namespace; freed by pernet exit, when the
 *                   namespace has no sockets and no packets under way.
 * struct qnet_proc  a process that has AF_QNET sockets.  Every channel and
 *                   connection of the process holds a reference; in
 *                   qnet_net.procs while there is one.
 * struct qnet_chan  a channel.  The bound socket holds a reference and ends
 *                   the channel when it is released; circuits hold one each,
 *                   so that a dead channel stays readable.  Its list of
 *                   circuits holds a reference on each.
 * struct qnet_vc    one end of a circuit, or both if it stays on this node.
 *                   A connected socket owns the client end.  The server end of
 *                   a circuit from another node is owned by the table
 *                   qnet_net.vcs until the client's node or the channel ends
 *                   it.  Messages hold a reference.
 * struct qnet_msg   one transaction, SEND to REPLY.  References: the caller
 *                   (a thread in the call, or the list of an asynchronous
 *                   socket); the server's queue or table of rcvids; any thread
 *                   that is working on it; a packet that refers to its data.
 *                   It may outlive client and server.
 *                   Its memory may be kept by a process for the next one.
 * struct qnet_piece bytes that a client's thread is to copy, to its reply area or
 *                   from its message; in the list of the message until the
 *                   thread takes it, or whoever ends a call that has none.  A
 *                   server that waits for it has a reference of its own, and
 *                   may leave.  Those of a call with a cookie are charged to
 *                   its socket, which the call holds until it is closed.
 * struct qnet_row   receive ids that were given to one circuit; in qnet_proc.rows
 *                   of the server until the circuit leaves its channel, so that
 *                   events find the client.
 * struct qnet_server how many circuits a process has with one of another node,
 *                   counted under qnet_proc.lock; in qnet_proc.servers until the
 *                   last of them is closed, which frees it.
 * struct qnet_question a thread that waits for another node's answer, on its
 *                   stack; whoever takes it out of qnet_node.questions completes
 *                   it, and touches it no more.
 * struct qnet_rx    a thread that waits in a channel, on its stack.  Whoever
 *                   takes it off the channel's list fills it in, and touches
 *                   it no more once it is marked as done.
 * struct qnet_node  another node, made by the administrator's word, or where he
 *                   trusts the LAN by its own (trust.c); in qnet_net.nodes
 *                   until removed.  Circuits hold references.
 * struct qnet_l4_out a packet on its way to a node, part of its queue until
 *                   it is acknowledged; then its data is given back.
 * struct qnet_bearer a network device in use; made and removed under the
 *                   configuration mutex; readers use RCU.
 *
 * A reference is always a refcount_t.  What is looked up under RCU is freed by
 * RCU and taken with refcount_inc_not_zero(); a message is looked up under the
 * lock of the table or queue that holds a reference on it.
 *
 * How a transaction ends
 * ----------------------
 * The server's side of a message (queued, received, replied, dead) changes
 * under the lock of the server's process only.  A message that finds a thread
 * waiting for it is received at once and never queued.  Who takes the message out of
 * the queue or out of the table of rcvids has the right, and the duty, to
 * finish it: a reply, a client that gives up, the end of the channel or of the
 * circuit.  So it is finished exactly once, and nobody finishes what another
 * has claimed.  A reply copies the server's data before it claims, since the
 * copy may sleep or fail.
 * The client's side of a message sent to another node ends the same way, by
 * taking its handle out of qnet_node.calls.
 * A client that wants out of a call takes its message as the others do, if the
 * server has not received it or does not care.  Else it has only asked: it waits
 * for the end, however long, unless it is killed.  What the server hears is the
 * message itself, which stands in the queue of pulses until it is given or taken:
 * so that neither fails nor outlives it.  The client's node asks the server's,
 * and waits for the answer in the same way.
 * A message is published, in a queue or under a handle, under the lock of its
 * circuit and together with its place in qnet_vc.msgs; so whoever ends the
 * circuit meets all that was published and none that will be.
 *
 * How a node ends
 * ---------------
 * Each end of a node begins another of its lives (qnet_node.life).  A circuit has
 * the one in which it was opened; all with one of before end with the node, some
 * at a time, for there may be very many.  As long as any are left floor 4 is given
 * no packet of the next connection.  What a client sends over one of them meanwhile
 * finds no circuit there, for one that was open is not opened again; a server's
 * end tells nothing any more.
 *
 * Locks, outermost first
 * ----------------------
 *   qnet_net.cfg        mutex: bearers, peers, names of the node (netlink,
 *                       notifiers under RTNL take it inside RTNL)
 *   lock_sock           bind, connect, release, shutdown of one socket
 *   qnet_vc.lock        spin, BH: state of a circuit, its outstanding messages
 *   qnet_proc.lock      spin, BH: channels, queues, rcvids, scoids and coids of
 *                       one process
 *   qnet_node.lock      spin, BH: state of a peer, its paths and connections;
 *                       not together with the two above
 *   qnet_net.names_lock spin, BH: services
 *   innermost           qnet_node.vcs_lock, qnet_node.reads_lock,
 *                       qnet_calls.lock, qnet_msg.lock, qnet_sock.lock,
 *                       qnet_net.name_lock, qnet_net.newcomers_lock, those of
 *                       the xarrays, the wait queue of a socket, by
 *                       sk_data_ready(), and those of netlink, by what is told
 *                       to who listens
 *
 * Nothing is held while a frame is handed to a device or user memory is copied.
 * Floor 3 calls floor 4 with no lock held; floor 4 calls floor 6 with none but
 * qnet_vc.lock, to publish a message or to take one.  A list that must be acted
 * upon outside a lock is spliced off under it, each entry with a reference.
 *
 * What runs where
 * ---------------
 * Frames arrive in softirq and are worked on there, up to the waking of the
 * process; timers are softirq, too.  The calls of a process run in its own
 * context; only they touch user memory, and only their own: what another wants
 * of it waits in the call as a piece.
 */
#ifndef _QNET_PRIV_H
#define _QNET_PRIV_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include <linux/qnet_wire.h>
#include <linux/qnet.h>

#include "compat.h"
#include "mib.h"
#include "policy.h"
#include "watchdog.h"

struct qnet_chan;
struct qnet_msg;
struct qnet_node;
struct qnet_out;
struct qnet_vc;

/**
 * struct qnet_gen - what goes up whenever a list has another entry, or less one
 * @config: bearers, nodes, peers, watchdogs, and what is set of them
 * @vcs:    circuits with other nodes
 * @socks:  sockets, and what they are
 * @names:  services
 *
 * So that who reads a list part by part can be told that it was not of one moment.
 */
struct qnet_gen {
	atomic_t	config;
	atomic_t	vcs;
	atomic_t	socks;
	atomic_t	names;
};

static inline void qnet_gen_changed(atomic_t *gen)
{
	/* Pairs with those of qnet_gen_note(). */
	smp_mb__before_atomic();
	atomic_inc(gen);
}

/* Before a part of a dump is read, which then tells whether the list is another
 * one than at the part before, and behind it, for the message that ends the dump
 * to tell what changed meanwhile.  0 would be none.
 */
static inline void qnet_gen_note(struct netlink_callback *cb,
				 const atomic_t *gen)
{
	/* It is counted behind the change that it tells of: what was read before
	 * is older than what is counted now...
	 */
	smp_mb();
	cb->seq = (1 + atomic_read(gen)) ?: 1;
	/* ... and what is read from here on is not. */
	smp_mb();
}

/**
 * struct qnet_net - everything of one network namespace
 * @net:     the namespace
 * @cfg:     serializes configuration
 * @name:    of this node; set under @cfg and @name_lock
 * @domain:  its domain
 * @name_lock: protects @name and @domain against readers in softirq
 * @boot_id: new at each start of the namespace's Qnet
 * @budget:  of peers to come; set under @cfg, read locklessly by netlink
 * @wd:      of watchdogs, for nodes of which nothing else was said; as @budget
 * @unprivileged: sockets are for everybody, else for those with CAP_NET_RAW; as
 *           @budget
 * @procs:   struct qnet_proc by pid
 * @socks:   struct qnet_sock by number; read under RCU
 * @nodes:   struct qnet_node by nd, from 1
 * @conns:   struct qnet_node by index of a connection, tagged: 1 = it sends
 * @next_conn: index to try next
 * @bearers: RCU list of struct qnet_bearer
 * @nr_bearers: their number, under @cfg
 * @last_bearer: counts them up, under @cfg
 * @vcs:     circuits to and from other nodes, see vc.c
 * @next_client_id: counts circuits to other nodes
 * @names:   services, see name.c
 * @names_lock: protects them
 * @nr_names: their number
 * @last_name: counts them up
 * @trust:   every node that tells its name becomes a peer; as @budget
 * @nr_auto: peers that did, under @cfg
 * @newcomers: who is to become one, see trust.c
 * @newcomers_lock: protects them; innermost
 * @nr_newcomers: their number
 * @newcomers_work: makes them peers
 * @announce: the LAN hears our name, see resolve.c
 * @mib:     counters, per CPU
 * @gen:     of what is listed
 * @dead:    pre_exit has run: nothing new starts
 */
struct qnet_net {
	struct net		*net;
	struct mutex		cfg;	/* configuration */
	char			name[QNET_NODE_NAME_MAX];
	char			domain[QNET_NODE_NAME_MAX];
	rwlock_t		name_lock;
	u8			boot_id[16];
	u32			budget;
	struct qnet_wd_conf	wd;
	bool			unprivileged;
	struct xarray		procs;
	struct xarray		socks;
	struct xarray		nodes;
	struct xarray		conns;
	u32			next_conn;
	struct list_head	bearers;
	u32			nr_bearers;
	u64			last_bearer;
	struct rhashtable	vcs;
	atomic_t		next_client_id;
	struct list_head	names;
	spinlock_t		names_lock; /* names and chan->names */
	u32			nr_names;
	u64			last_name;
	bool			trust;
	u32			nr_auto;
	struct list_head	newcomers;
	spinlock_t		newcomers_lock;	/* newcomers */
	u32			nr_newcomers;
	struct work_struct	newcomers_work;
	struct timer_list	announce;
	struct qnet_mib __percpu *mib;
	struct qnet_gen		gen;
	bool			dead;
};

extern unsigned int qnet_net_id;

static inline struct qnet_net *qnet_net(const struct net *net)
{
	return net_generic(net, qnet_net_id);
}

/* In a walk that begins anew at its place: cond_resched_rcu() does nothing where
 * readers can be preempted, though they may not be.
 */
static inline void qnet_resched_rcu(void)
{
	if (!need_resched())
		return;
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
}

/* Milliseconds; another CPU may have taken the time a jiffy later. */
static inline u64 qnet_ms_since(unsigned long then)
{
	unsigned long passed = jiffies - then;

	return passed > ULONG_MAX - HZ ? 0 : jiffies64_to_msecs(passed);
}

#include "dev.h"
#include "node.h"
#include "resolve.h"
#include "trust.h"
#include "vc.h"
#include "kif.h"
#include "notify.h"
#include "msg.h"
#include "chan.h"
#include "event.h"
#include "ask.h"
#include "name.h"
#include "netlink.h"

#endif /* _QNET_PRIV_H */
