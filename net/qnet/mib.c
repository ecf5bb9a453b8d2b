// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters, per namespace and CPU, and what is dropped.
 */
#include <linux/skbuff.h>

#include "qnet_priv.h"

#include <trace/events/qnet.h>

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
	[QNET_MIB_RX_OTHERHOST]			= "rx_otherhost",
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
	[QNET_MIB_ND_UP]			= "nd_up",
	[QNET_MIB_ND_DOWN]			= "nd_down",
	[QNET_MIB_ND_CHANGED]			= "nd_changed",
	[QNET_MIB_SEND_ACKS]			= "send_acks",
	[QNET_MIB_RX_SEQ_ORDER]			= "rx_seq_order",
	[QNET_MIB_TX_THROTTLED]			= "tx_throttled",
	[QNET_MIB_SERVER_MSGS]			= "server_msgs",
	[QNET_MIB_SERVER_UNBLOCK]		= "server_unblock",
	[QNET_MIB_CLIENT_MSGS]			= "client_msgs",
	[QNET_MIB_LOCAL_MSGS]			= "local_msgs",
	[QNET_MIB_PULSES]			= "pulses",
	[QNET_MIB_KIF_UNKNOWN]			= "kif_unknown",
	[QNET_MIB_KIF_BUSY]			= "kif_busy",
	[QNET_MIB_KIF_LATER]			= "kif_later",
	[QNET_MIB_KIF_CROWDED]			= "kif_crowded",
	[QNET_MIB_KIF_REFUSED]			= "kif_refused",
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

/* What the kernel's own monitors of drops are told. */
static enum skb_drop_reason mib_reason(enum qnet_mib_item why)
{
	switch ((int)why) {
	case QNET_MIB_BAD + QNET_BAD_SHORT:
	case QNET_MIB_BAD + QNET_BAD_LENGTH:
	case QNET_MIB_BAD + QNET_BAD_KIF_SHORT:
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	case QNET_MIB_BAD + QNET_BAD_CRC:
		return SKB_DROP_REASON_SKB_CSUM;
	case QNET_MIB_RX_STRANGER:
	case QNET_MIB_RX_SELF:
	case QNET_MIB_RX_OTHERHOST:
		return SKB_DROP_REASON_OTHERHOST;
	case QNET_MIB_RX_NO_CONN:
	case QNET_MIB_KIF_UNKNOWN:
		return SKB_DROP_REASON_NO_SOCKET;
	case QNET_MIB_RX_NOMEM:
		return SKB_DROP_REASON_NOMEM;
	case QNET_MIB_RX_DUP:
		return SKB_DROP_REASON_NOT_SPECIFIED;
	default:
		return SKB_DROP_REASON_UNHANDLED_PROTO;
	}
}

void qnet_dropped(struct qnet_net *qn, int ifindex, enum qnet_mib_item why)
{
	QNET_INC(qn, why);
	trace_qnet_drop(qn->net->ns.inum, ifindex, why);
}

void qnet_drop(struct qnet_net *qn, struct sk_buff *skb,
	       enum qnet_mib_item why)
{
	/* Not its device, which may be gone. */
	qnet_dropped(qn, skb->skb_iif, why);
	kfree_skb_reason(skb, mib_reason(why));
}

/**
 * qnet_mib_net_init() - counters of a namespace
 * @qn: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int qnet_mib_net_init(struct qnet_net *qn)
{
	qn->mib = alloc_percpu(struct qnet_mib);
	return qn->mib ? 0 : -ENOMEM;
}

/**
 * qnet_mib_net_exit() - undo qnet_mib_net_init()
 * @qn: namespace, nobody counts any more
 */
void qnet_mib_net_exit(struct qnet_net *qn)
{
	free_percpu(qn->mib);
}
