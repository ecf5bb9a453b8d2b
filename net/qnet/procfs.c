// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floor 7: /proc/net/qnet, for scripts and for those who have no qnetconfig.
 * What it tells of other users' processes is what netlink tells, too: nothing.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "qnet_priv.h"
#include "af_qnet.h"

static struct qnet_net *procfs_net(struct seq_file *seq)
{
	return qnet_net(seq_file_net(seq));
}

/* May who has opened the file see the processes of this user? */
static bool procfs_may(struct seq_file *seq, kuid_t owner)
{
	struct net *net = seq_file_net(seq);

	return uid_eq(seq->file->f_cred->euid, owner) ||
	       file_ns_capable(seq->file, net->user_ns, CAP_NET_ADMIN);
}

static void procfs_pid(struct seq_file *seq, bool may, s32 pid)
{
	if (may)
		seq_printf(seq, " %7d", pid);
	else
		seq_puts(seq, "       -");
}

/* ------------------------------------------------------------------- stats */

/* One name and one value per line.  Item 0 would count frames that were refused
 * for no reason.
 */
static int procfs_stats(struct seq_file *seq, void *v)
{
	struct qnet_net *qn = qnet_net(seq_file_single_net(seq));
	int i;

	for (i = QNET_MIB_BAD + 1; i < QNET_MIB_ITEMS; i++)
		seq_printf(seq, "%s %llu\n", qnet_mib_names[i],
			   qnet_mib_read(qn->mib, i));
	return 0;
}

/* ------------------------------------- nodes and sockets, by their numbers */

/* Where struct qnet_net keeps what a file shows. */
#define PROCFS_OF(member)	((void *)offsetof(struct qnet_net, member))

/* Place 0 is the header's; what has number n is at place n + 1. */
static void *procfs_at(struct seq_file *seq, loff_t *pos)
{
	void *xa = (void *)procfs_net(seq) +
		   (unsigned long)pde_data(file_inode(seq->file));
	unsigned long n = *pos - 1;
	void *entry;

	if (!*pos)
		return SEQ_START_TOKEN;
	entry = xa_find(xa, &n, ULONG_MAX, XA_PRESENT);
	*pos = n + 1;
	return entry;
}

static void *procfs_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	rcu_read_lock();
	return procfs_at(seq, pos);
}

/* Most sockets are no channels: one read may go past all of them. */
static void *procfs_next(struct seq_file *seq, void *v, loff_t *pos)
{
	qnet_resched_rcu();
	++*pos;
	return procfs_at(seq, pos);
}

static void procfs_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	rcu_read_unlock();
}

static const char * const procfs_node_states[] = {
	[QNET_NODE_DOWN]	= "down",
	[QNET_NODE_RESOLVING]	= "resolving",
	[QNET_NODE_OPENING]	= "opening",
	[QNET_NODE_UP]		= "up",
};

static const char * const procfs_wd_states[] = {
	[QNET_WD_OFF]		= "off",
	[QNET_WD_UP]		= "up",
	[QNET_WD_PROBING]	= "probing",
	[QNET_WD_SUSPECT]	= "suspect",
	[QNET_WD_DEAD]		= "dead",
};

static int procfs_node(struct seq_file *seq, void *v)
{
	struct qnet_node *node = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "   nd state     watchdog    vcs   rx_bytes   tx_bytes name\n");
		return 0;
	}
	spin_lock_bh(&node->lock);
	seq_printf(seq, "%5u %-9s %-8s %6u %10d %10u %s%s%s\n", node->nd,
		   procfs_node_states[node->state],
		   procfs_wd_states[node->wd.state], READ_ONCE(node->nr_vcs),
		   atomic_read(&node->rx_bytes), node->tx.bytes, node->name,
		   node->domain[0] ? "." : "", node->domain);
	spin_unlock_bh(&node->lock);
	return 0;
}

static const struct seq_operations procfs_nodes = {
	.start	= procfs_start,
	.next	= procfs_next,
	.stop	= procfs_stop,
	.show	= procfs_node,
};

static int procfs_channel(struct seq_file *seq, void *v)
{
	struct qnet_sock *qs = v;
	struct qnet_chan *chan;
	struct sock *sk = &qs->sk;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "    pid   chid    uid flags pulses    inode\n");
		return 0;
	}
	/* Pairs with smp_store_release() in qnet_bind_locked(). */
	chan = smp_load_acquire(&qs->chan);
	if (!chan)
		return 0;
	procfs_pid(seq, procfs_may(seq, READ_ONCE(sk->sk_uid)), qs->proc->nr);
	seq_printf(seq, " %6d %6u %#5x %6u %8lu\n", chan->chid,
		   from_kuid_munged(seq_user_ns(seq), READ_ONCE(sk->sk_uid)),
		   chan->flags, qnet_chan_nr_pulses(chan), sock_i_ino(sk));
	return 0;
}

static const struct seq_operations procfs_channels = {
	.start	= procfs_start,
	.next	= procfs_next,
	.stop	= procfs_stop,
	.show	= procfs_channel,
};

/* ---------------------------------------------------------------- circuits */

#define PROCFS_VCS	32

/**
 * struct procfs_vcs - circuits that were found together
 * @p:     of the namespace
 * @first: place of the first of them in the file, from 1
 * @n:     how many
 * @next:  where qnet_vc_walk() goes on
 * @info:  they
 */
struct procfs_vcs {
	struct seq_net_private	p;
	loff_t			first;
	u32			n;
	u64			next;
	struct qnet_vc_info	info[PROCFS_VCS];
};

static int procfs_vc_add(const struct qnet_vc_info *i, void *arg)
{
	struct procfs_vcs *vcs = arg;

	if (vcs->n == PROCFS_VCS)
		return 1;
	vcs->info[vcs->n++] = *i;
	return 0;
}

static void *procfs_vc_at(struct seq_file *seq, loff_t pos)
{
	struct procfs_vcs *vcs = seq->private;

	if (!pos)
		return SEQ_START_TOKEN;
	if (pos < vcs->first || !vcs->first) {
		vcs->first = 1;
		vcs->n = 0;
		vcs->next = 0;
	}
	while (pos >= vcs->first + vcs->n) {
		vcs->first += vcs->n;
		vcs->n = 0;
		qnet_vc_walk(procfs_net(seq), &vcs->next, procfs_vc_add, vcs);
		if (!vcs->n)
			return NULL;
	}
	return &vcs->info[pos - vcs->first];
}

static void *procfs_vcs_start(struct seq_file *seq, loff_t *pos)
{
	return procfs_vc_at(seq, *pos);
}

static void *procfs_vcs_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return procfs_vc_at(seq, ++*pos);
}

static void procfs_vcs_stop(struct seq_file *seq, void *v)
{
}

static const char * const procfs_sides[] = {
	[QNET_VC_LOCAL]		= "local",
	[QNET_VC_CLIENT]	= "client",
	[QNET_VC_SERVER]	= "server",
};

static const char * const procfs_vc_states[] = {
	[QNET_VC_NEW]		= "new",
	[QNET_VC_CONNECTING]	= "connecting",
	[QNET_VC_UP]		= "up",
	[QNET_VC_DEAD]		= "dead",
};

static int procfs_vc(struct seq_file *seq, void *v)
{
	const struct qnet_vc_info *i = v;
	bool may;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "        id    nd side   state        local  remote   chid    uid     idle_ms    tx_msgs    rx_msgs\n");
		return 0;
	}
	may = procfs_may(seq, i->owner);
	seq_printf(seq, "%#10x %5u %-6s %-10s", i->id, i->nd,
		   procfs_sides[i->side], procfs_vc_states[i->state]);
	procfs_pid(seq, may, i->local_pid);
	procfs_pid(seq, may, i->remote_pid);
	seq_printf(seq, " %6d %6u %11llu %10llu %10llu\n", i->chid, i->uid,
		   i->idle_ms, i->tx_msgs, i->rx_msgs);
	return 0;
}

static const struct seq_operations procfs_vcs = {
	.start	= procfs_vcs_start,
	.next	= procfs_vcs_next,
	.stop	= procfs_vcs_stop,
	.show	= procfs_vc,
};

/**
 * qnet_procfs_net_init() - the files of a namespace
 * @qn: namespace, otherwise ready
 *
 * Context: pernet init.
 * Return: 0 or -ENOMEM.
 */
int qnet_procfs_net_init(struct qnet_net *qn)
{
	struct proc_dir_entry *dir;

	dir = proc_net_mkdir(qn->net, "qnet", qn->net->proc_net);
	if (!dir)
		return -ENOMEM;
	if (proc_create_net_single("stats", 0444, dir, procfs_stats, NULL) &&
	    proc_create_net_data("nodes", 0444, dir, &procfs_nodes,
				 sizeof(struct seq_net_private),
				 PROCFS_OF(nodes)) &&
	    proc_create_net_data("channels", 0444, dir, &procfs_channels,
				 sizeof(struct seq_net_private),
				 PROCFS_OF(socks)) &&
	    proc_create_net("vcs", 0444, dir, &procfs_vcs,
			    sizeof(struct procfs_vcs)))
		return 0;
	qnet_procfs_net_exit(qn);
	return -ENOMEM;
}

/**
 * qnet_procfs_net_exit() - undo qnet_procfs_net_init()
 * @qn: namespace; nobody reads the files any more when this returns
 */
void qnet_procfs_net_exit(struct qnet_net *qn)
{
	remove_proc_subtree("qnet", qn->net->proc_net);
}
