/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints of Qnet: numbers only, so that they cost next to nothing.  Each
 * begins with the network namespace, as /proc/PID/ns/net has it; nd is the number
 * of the other node, 0 is this one.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM qnet

#if !defined(_TRACE_QNET_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_QNET_H

#include <linux/tracepoint.h>

/* Why a frame or packet goes no further: the counters' numbers and names. */
TRACE_DEFINE_ENUM(QNET_BAD_SHORT);
TRACE_DEFINE_ENUM(QNET_BAD_VERSION);
TRACE_DEFINE_ENUM(QNET_BAD_LENGTH);
TRACE_DEFINE_ENUM(QNET_BAD_OFFSET);
TRACE_DEFINE_ENUM(QNET_BAD_TYPE);
TRACE_DEFINE_ENUM(QNET_BAD_LAYER);
TRACE_DEFINE_ENUM(QNET_BAD_CRC);
TRACE_DEFINE_ENUM(QNET_BAD_TCS);
TRACE_DEFINE_ENUM(QNET_BAD_LR);
TRACE_DEFINE_ENUM(QNET_BAD_NR);
TRACE_DEFINE_ENUM(QNET_BAD_KIF_TYPE);
TRACE_DEFINE_ENUM(QNET_BAD_KIF_SHORT);
TRACE_DEFINE_ENUM(QNET_BAD_KIF_SIZE);
TRACE_DEFINE_ENUM(QNET_BAD_KIF_DATA);
TRACE_DEFINE_ENUM(QNET_BAD_CRED);
TRACE_DEFINE_ENUM(QNET_BAD_NAME);
TRACE_DEFINE_ENUM(QNET_BAD_WATCH);
TRACE_DEFINE_ENUM(QNET_MIB_RX_STRANGER);
TRACE_DEFINE_ENUM(QNET_MIB_RX_SELF);
TRACE_DEFINE_ENUM(QNET_MIB_RX_OTHERHOST);
TRACE_DEFINE_ENUM(QNET_MIB_RX_NO_CONN);
TRACE_DEFINE_ENUM(QNET_MIB_RX_DUP);
TRACE_DEFINE_ENUM(QNET_MIB_RX_NOMEM);
TRACE_DEFINE_ENUM(QNET_MIB_KIF_UNKNOWN);

#define show_qnet_drop_reason(val)					\
	__print_symbolic(val,						\
			 { QNET_BAD_SHORT, "rx_bad_short" },		\
			 { QNET_BAD_VERSION, "rx_bad_version" },	\
			 { QNET_BAD_LENGTH, "rx_bad_length" },		\
			 { QNET_BAD_OFFSET, "rx_bad_offset" },		\
			 { QNET_BAD_TYPE, "rx_bad_type" },		\
			 { QNET_BAD_LAYER, "rx_bad_layer" },		\
			 { QNET_BAD_CRC, "rx_bad_crc" },		\
			 { QNET_BAD_TCS, "rx_bad_tcs" },		\
			 { QNET_BAD_LR, "rx_bad_lr" },			\
			 { QNET_BAD_NR, "rx_bad_nr" },			\
			 { QNET_BAD_KIF_TYPE, "rx_bad_kif_type" },	\
			 { QNET_BAD_KIF_SHORT, "rx_bad_kif_short" },	\
			 { QNET_BAD_KIF_SIZE, "rx_bad_kif_size" },	\
			 { QNET_BAD_KIF_DATA, "rx_bad_kif_data" },	\
			 { QNET_BAD_CRED, "rx_bad_cred" },		\
			 { QNET_BAD_NAME, "rx_bad_name" },		\
			 { QNET_BAD_WATCH, "rx_bad_watch" },		\
			 { QNET_MIB_RX_STRANGER, "rx_stranger" },	\
			 { QNET_MIB_RX_SELF, "rx_self" },		\
			 { QNET_MIB_RX_OTHERHOST, "rx_otherhost" },	\
			 { QNET_MIB_RX_NO_CONN, "rx_no_conn" },		\
			 { QNET_MIB_RX_DUP, "rx_dup" },			\
			 { QNET_MIB_RX_NOMEM, "rx_nomem" },		\
			 { QNET_MIB_KIF_UNKNOWN, "kif_unknown" })

TRACE_DEFINE_ENUM(QNET_NODE_DOWN);
TRACE_DEFINE_ENUM(QNET_NODE_RESOLVING);
TRACE_DEFINE_ENUM(QNET_NODE_OPENING);
TRACE_DEFINE_ENUM(QNET_NODE_UP);

#define show_qnet_node_state(val)					\
	__print_symbolic(val,						\
			 { QNET_NODE_DOWN, "down" },			\
			 { QNET_NODE_RESOLVING, "resolving" },		\
			 { QNET_NODE_OPENING, "opening" },		\
			 { QNET_NODE_UP, "up" })

TRACE_DEFINE_ENUM(QNET_VC_NEW);
TRACE_DEFINE_ENUM(QNET_VC_CONNECTING);
TRACE_DEFINE_ENUM(QNET_VC_UP);
TRACE_DEFINE_ENUM(QNET_VC_DEAD);

#define show_qnet_vc_state(val)						\
	__print_symbolic(val,						\
			 { QNET_VC_NEW, "new" },			\
			 { QNET_VC_CONNECTING, "connecting" },		\
			 { QNET_VC_UP, "up" },				\
			 { QNET_VC_DEAD, "dead" })

TRACE_DEFINE_ENUM(QNET_VC_LOCAL);
TRACE_DEFINE_ENUM(QNET_VC_CLIENT);
TRACE_DEFINE_ENUM(QNET_VC_SERVER);

#define show_qnet_vc_side(val)						\
	__print_symbolic(val,						\
			 { QNET_VC_LOCAL, "local" },			\
			 { QNET_VC_CLIENT, "client" },			\
			 { QNET_VC_SERVER, "server" })

TRACE_DEFINE_ENUM(QNET_WD_OFF);
TRACE_DEFINE_ENUM(QNET_WD_UP);
TRACE_DEFINE_ENUM(QNET_WD_PROBING);
TRACE_DEFINE_ENUM(QNET_WD_SUSPECT);
TRACE_DEFINE_ENUM(QNET_WD_DEAD);

#define show_qnet_wd_state(val)						\
	__print_symbolic(val,						\
			 { QNET_WD_OFF, "off" },			\
			 { QNET_WD_UP, "up" },				\
			 { QNET_WD_PROBING, "probing" },		\
			 { QNET_WD_SUSPECT, "suspect" },		\
			 { QNET_WD_DEAD, "dead" })

/* The state of another node has changed. */
TRACE_EVENT(qnet_node,
	    TP_PROTO(u32 netns, u32 nd, u8 from, u8 to),
	    TP_ARGS(netns, nd, from, to),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(u8, from)
			     __field(u8, to)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->from = from;
			   __entry->to = to;),
	    TP_printk("netns=%u nd=%u from=%s to=%s",
		      __entry->netns, __entry->nd,
		      show_qnet_node_state(__entry->from),
		      show_qnet_node_state(__entry->to))
);

/* A way to a node is used, or is not: it was found not to work. */
TRACE_EVENT(qnet_link,
	    TP_PROTO(u32 netns, u32 nd, int ifindex, bool up),
	    TP_ARGS(netns, nd, ifindex, up),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(int, ifindex)
			     __field(bool, up)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->ifindex = ifindex;
			   __entry->up = up;),
	    TP_printk("netns=%u nd=%u ifindex=%d up=%d",
		      __entry->netns, __entry->nd, __entry->ifindex,
		      __entry->up)
);

/* A way is probed; how many probes went unanswered before. */
TRACE_EVENT(qnet_probe,
	    TP_PROTO(u32 netns, u32 nd, int ifindex, u32 unanswered),
	    TP_ARGS(netns, nd, ifindex, unanswered),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(int, ifindex)
			     __field(u32, unanswered)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->ifindex = ifindex;
			   __entry->unanswered = unanswered;),
	    TP_printk("netns=%u nd=%u ifindex=%d unanswered=%u",
		      __entry->netns, __entry->nd, __entry->ifindex,
		      __entry->unanswered)
);

/* The watchdog of a node thinks otherwise of it. */
TRACE_EVENT(qnet_watchdog,
	    TP_PROTO(u32 netns, u32 nd, u8 from, u8 to, u8 unanswered),
	    TP_ARGS(netns, nd, from, to, unanswered),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(u8, from)
			     __field(u8, to)
			     __field(u8, unanswered)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->from = from;
			   __entry->to = to;
			   __entry->unanswered = unanswered;),
	    TP_printk("netns=%u nd=%u from=%s to=%s unanswered=%u",
		      __entry->netns, __entry->nd,
		      show_qnet_wd_state(__entry->from),
		      show_qnet_wd_state(__entry->to),
		      __entry->unanswered)
);

/* Frames are sent again. */
TRACE_EVENT(qnet_retransmit,
	    TP_PROTO(u32 netns, u32 nd, u32 frames),
	    TP_ARGS(netns, nd, frames),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(u32, frames)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->frames = frames;),
	    TP_printk("netns=%u nd=%u frames=%u",
		      __entry->netns, __entry->nd, __entry->frames)
);

/* A frame or packet goes no further; ifindex 0: not known any more. */
TRACE_EVENT(qnet_drop,
	    TP_PROTO(u32 netns, int ifindex, u8 why),
	    TP_ARGS(netns, ifindex, why),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(int, ifindex)
			     __field(u8, why)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->ifindex = ifindex;
			   __entry->why = why;),
	    TP_printk("netns=%u ifindex=%d why=%s",
		      __entry->netns, __entry->ifindex,
		      show_qnet_drop_reason(__entry->why))
);

/* One end of a circuit has another state; err: what its callers are told. */
TRACE_EVENT(qnet_vc,
	    TP_PROTO(u32 netns, u32 nd, u32 id, u8 side, u8 state, int err),
	    TP_ARGS(netns, nd, id, side, state, err),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(u32, id)
			     __field(u8, side)
			     __field(u8, state)
			     __field(int, err)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->id = id;
			   __entry->side = side;
			   __entry->state = state;
			   __entry->err = err;),
	    TP_printk("netns=%u nd=%u id=%#x side=%s state=%s err=%d",
		      __entry->netns, __entry->nd, __entry->id,
		      show_qnet_vc_side(__entry->side),
		      show_qnet_vc_state(__entry->state),
		      __entry->err)
);

/* A client sends a message. */
TRACE_EVENT(qnet_send,
	    TP_PROTO(u32 netns, u32 nd, s32 pid, s32 chid, s32 tid, u8 prio,
		     u64 bytes, u64 room),
	    TP_ARGS(netns, nd, pid, chid, tid, prio, bytes, room),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(s32, pid)
			     __field(s32, chid)
			     __field(s32, tid)
			     __field(u8, prio)
			     __field(u64, bytes)
			     __field(u64, room)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->pid = pid;
			   __entry->chid = chid;
			   __entry->tid = tid;
			   __entry->prio = prio;
			   __entry->bytes = bytes;
			   __entry->room = room;),
	    TP_printk("netns=%u nd=%u pid=%d chid=%d tid=%d prio=%u bytes=%llu room=%llu",
		      __entry->netns, __entry->nd, __entry->pid,
		      __entry->chid, __entry->tid, __entry->prio,
		      __entry->bytes, __entry->room)
);

/* A server has received a message. */
TRACE_EVENT(qnet_receive,
	    TP_PROTO(u32 netns, u32 nd, s32 pid, s32 chid, s32 rcvid,
		     u8 prio, u64 bytes),
	    TP_ARGS(netns, nd, pid, chid, rcvid, prio, bytes),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(s32, pid)
			     __field(s32, chid)
			     __field(s32, rcvid)
			     __field(u8, prio)
			     __field(u64, bytes)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->pid = pid;
			   __entry->chid = chid;
			   __entry->rcvid = rcvid;
			   __entry->prio = prio;
			   __entry->bytes = bytes;),
	    TP_printk("netns=%u nd=%u pid=%d chid=%d rcvid=%d prio=%u bytes=%llu",
		      __entry->netns, __entry->nd, __entry->pid,
		      __entry->chid, __entry->rcvid, __entry->prio,
		      __entry->bytes)
);

/* A call has ended: what its client gets. */
TRACE_EVENT(qnet_done,
	    TP_PROTO(u32 netns, u32 nd, s32 pid, s32 chid, s32 tid,
		     s64 status, int err),
	    TP_ARGS(netns, nd, pid, chid, tid, status, err),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u32, nd)
			     __field(s32, pid)
			     __field(s32, chid)
			     __field(s32, tid)
			     __field(s64, status)
			     __field(int, err)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->nd = nd;
			   __entry->pid = pid;
			   __entry->chid = chid;
			   __entry->tid = tid;
			   __entry->status = status;
			   __entry->err = err;),
	    TP_printk("netns=%u nd=%u pid=%d chid=%d tid=%d status=%lld err=%d",
		      __entry->netns, __entry->nd, __entry->pid,
		      __entry->chid, __entry->tid, __entry->status,
		      __entry->err)
);

#endif /* _TRACE_QNET_H */

#include <trace/define_trace.h>
