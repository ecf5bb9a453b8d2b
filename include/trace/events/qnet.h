/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints of Qnet: numbers only, so that they cost next to nothing. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM qnet

#if !defined(_TRACE_QNET_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_QNET_H

#include <linux/tracepoint.h>

#define show_qnet_watchdog(state)			\
	__print_symbolic(state,				\
			 { 0, "off" },			\
			 { 1, "up" },			\
			 { 2, "probing" },		\
			 { 3, "suspect" },		\
			 { 4, "dead" })

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
		      show_qnet_watchdog(__entry->from),
		      show_qnet_watchdog(__entry->to), __entry->unanswered)
);

#endif /* _TRACE_QNET_H */

#include <trace/define_trace.h>
