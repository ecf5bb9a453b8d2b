// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters, per namespace and CPU, and /proc/net/qnet/stats: one name and one
 * value per line.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "qnet_priv.h"

const char * const qnet_mib_names[QNET_MIB_ITEMS] = {
	[QNET_MIB_BAD]				= "rx_bad",
	[QNET_MIB_BAD + QNET_BAD_SHORT]		= "rx_bad_short",
	[QNET_MIB_BAD + QNET_BAD_VERSION]	= "rx_bad_version",
	[QNET_MIB_BAD + QNET_BAD_LENGTH]	= "rx_bad_length",
	[QNET_MIB_BAD + QNET_BAD_OFFSET]	= "rx_bad_offset",
	[QNET_MIB_BAD + QNET_BAD_TYPE]		= "rx_bad_type",
	[QNET_MIB_BAD + QNET_BAD_LAYER]		= "rx_bad_layer",
	[QNET_MIB_BAD + QNET_BAD_CRC]		= "rx_bad_crc",
	[QNET_MIB_BAD + QNET_BAD_TCS]		= "rx_bad_tcs",
	[QNET_MIB_BAD + QNET_BAD_LR]		= "rx_bad_lr",
	[QNET_MIB_BAD + QNET_BAD_NR]		= "rx_bad_nr",
	[QNET_MIB_BAD + QNET_BAD_KIF_TYPE]	= "rx_bad_kif_type",
	[QNET_MIB_BAD + QNET_BAD_KIF_SHORT]	= "rx_bad_kif_short",
	[QNET_MIB_BAD + QNET_BAD_KIF_SIZE]	= "rx_bad_kif_size",
	[QNET_MIB_BAD + QNET_BAD_KIF_DATA]	= "rx_bad_kif_data",
	[QNET_MIB_BAD + QNET_BAD_CRED]		= "rx_bad_cred",
	[QNET_MIB_BAD + QNET_BAD_NAME]		= "rx_bad_name",
	[QNET_MIB_BAD + QNET_BAD_WATCH]		= "rx_bad_watch",
	[QNET_MIB_RX_STRANGER]			= "rx_stranger",
	[QNET_MIB_RX_SELF]			= "rx_self",
	[QNET_MIB_RX_NO_CONN]			= "rx_no_conn",
	[QNET_MIB_RX_DUP]			= "rx_dup",
	[QNET_MIB_RX_NOMEM]			= "rx_nomem",
	[QNET_MIB_RX_FRAMES]			= "rx_frames",
	[QNET_MIB_TX_FRAMES]			= "tx_frames",
	[QNET_MIB_TX_RETRANS]			= "tx_retrans",
	[QNET_MIB_TX_PACKETS]			= "tx_packets",
	[QNET_MIB_RX_PACKETS]			= "rx_packets",
	[QNET_MIB_TX_CONN_CREATED]		= "tx_conn_created",
	[QNET_MIB_TX_CONN_DELETED]		= "tx_conn_deleted",
	[QNET_MIB_RX_CONN_CREATED]		= "rx_conn_created",
	[QNET_MIB_RX_CONN_DELETED]		= "rx_conn_deleted",
	[QNET_MIB_NODE_UP]			= "node_up",
	[QNET_MIB_NODE_DOWN]			= "node_down",
	[QNET_MIB_SERVER_MSGS]			= "server_msgs",
	[QNET_MIB_CLIENT_MSGS]			= "client_msgs",
	[QNET_MIB_LOCAL_MSGS]			= "local_msgs",
	[QNET_MIB_PULSES]			= "pulses",
	[QNET_MIB_KIF_UNKNOWN]			= "kif_unknown",
	[QNET_MIB_KIF_BUSY]			= "kif_busy",
	[QNET_MIB_KIF_LATER]			= "kif_later",
	[QNET_MIB_KIF_CROWDED]			= "kif_crowded",
	[QNET_MIB_WATCH_POLLS]			= "watch_polls",
	[QNET_MIB_WATCH_DIFFER]			= "watch_differ",
	[QNET_MIB_WATCH_LOST]			= "watch_lost",
	[QNET_MIB_WATCH_EXPIRED]		= "watch_expired",
};

/**
 * qnet_mib_read() - sum of one counter over the CPUs
 * @mib:  counters
 * @item: which
 *
 * Context: any; counting goes on meanwhile.
 * Return: the sum.
 */
u64 qnet_mib_read(struct qnet_mib __percpu *mib, enum qnet_mib_item item)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(mib, cpu)->v[item]);
	return sum;
}

/* Item 0 would count frames that were refused for no reason. */
static int qnet_mib_show(struct seq_file *seq, void *v)
{
	struct qnet_net *qn = qnet_net(seq_file_single_net(seq));
	int i;

	for (i = QNET_MIB_BAD + 1; i < QNET_MIB_ITEMS; i++)
		seq_printf(seq, "%s %llu\n", qnet_mib_names[i],
			   qnet_mib_read(qn->mib, i));
	return 0;
}

/**
 * qnet_mib_net_init() - counters of a namespace, and their file
 * @qn: namespace
 *
 * Context: pernet init.
 * Return: 0 or -ENOMEM.
 */
int qnet_mib_net_init(struct qnet_net *qn)
{
	struct proc_dir_entry *dir;

	qn->mib = alloc_percpu(struct qnet_mib);
	if (!qn->mib)
		return -ENOMEM;
	dir = proc_net_mkdir(qn->net, "qnet", qn->net->proc_net);
	if (!dir)
		goto no_dir;
	if (!proc_create_net_single("stats", 0444, dir, qnet_mib_show, NULL))
		goto no_file;
	return 0;

no_file:
	remove_proc_subtree("qnet", qn->net->proc_net);
no_dir:
	free_percpu(qn->mib);
	return -ENOMEM;
}

/**
 * qnet_mib_net_exit() - undo qnet_mib_net_init()
 * @qn: namespace, nobody counts any more
 */
void qnet_mib_net_exit(struct qnet_net *qn)
{
	remove_proc_subtree("qnet", qn->net->proc_net);
	free_percpu(qn->mib);
}
