/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * sock_diag of AF_QNET: which sockets there are, and what hangs on them.
 *
 * A request is SOCK_DIAG_BY_FAMILY with struct qnet_diag_req, on a socket of
 * NETLINK_SOCK_DIAG, see sock_diag(7).  With NLM_F_DUMP it brings all sockets of
 * the network namespace that it selects, else the one with its cookie, or an
 * error: ENOENT there is none, EINVAL the request is too short, or holds what is
 * not known.
 *
 * A dump brings once each socket that is there all the time; if others came or went,
 * or became something else, meanwhile, it has NLM_F_DUMP_INTR.
 *
 * Everybody sees the sockets; whose process it is, where a connection leads and
 * what hangs on it only the socket's user and those with CAP_NET_ADMIN in the
 * user namespace that owns the network namespace.
 */
#ifndef _UAPI_LINUX_QNET_DIAG_H
#define _UAPI_LINUX_QNET_DIAG_H

#include <linux/types.h>

/* What a socket is. */
enum {
	QNET_DIAG_NONE,		/* neither bound nor connected */
	QNET_DIAG_CHANNEL,
	QNET_DIAG_CONNECTION,
};

/* qnet_diag_req.show */
#define QNET_DIAG_SHOW_CALLS	0x1	/* QNET_DIAG_CALL */
#define QNET_DIAG_SHOW_MEMINFO	0x2	/* QNET_DIAG_MEMINFO */

/**
 * struct qnet_diag_req - which sockets
 * @sdiag_family:   of AF_QNET, as the attribute family of domain-get has it
 * @sdiag_protocol: 0
 * @kinds:  bits of 1 << QNET_DIAG_NONE and so on; 0: all
 * @show:   QNET_DIAG_SHOW_*
 * @pid:    of this process; 0: of any. A process that is hidden from the reader
 *          is not found
 * @cookie: of one socket, without NLM_F_DUMP; with it, 0
 */
struct qnet_diag_req {
	__u8	sdiag_family;
	__u8	sdiag_protocol;
	__u8	kinds;
	__u8	show;
	__s32	pid;
	__u32	cookie[2];
};

/**
 * struct qnet_diag_msg - a socket
 * @qdiag_family: of AF_QNET
 * @kind:   QNET_DIAG_NONE, _CHANNEL or _CONNECTION
 * @state:  of a connection, the state of its circuit: QNET_VC_STATE_*; of a
 *          channel 0, or QNET_VC_STATE_DEAD once it is destroyed
 * @side:   of a connection, QNET_VC_SIDE_LOCAL if the server is on this node,
 *          else QNET_VC_SIDE_CLIENT
 * @ino:    inode of the socket, as in /proc/PID/fd; 0: its file is closed
 * @uid:    its user, as the reader's user namespace has it
 * @cookie: says which socket, as SO_COOKIE does
 *
 * Attributes of enum qnet_diag_attr follow.
 */
struct qnet_diag_msg {
	__u8	qdiag_family;
	__u8	kind;
	__u8	state;
	__u8	side;
	__u32	ino;
	__u32	uid;
	__u32	cookie[2];
};

/**
 * enum qnet_diag_attr - what is told of a socket
 * @QNET_DIAG_UNSPEC: none
 * @QNET_DIAG_MEMINFO: u32[]: SK_MEMINFO_*, see sock_diag(7)
 * @QNET_DIAG_PID: s32: process
 * @QNET_DIAG_COMM: string: its name
 * @QNET_DIAG_ID: s32: chid of a channel, coid of a connection
 * @QNET_DIAG_ND: u32: connection: node of the server, 0 is this one
 * @QNET_DIAG_RPID: s32: connection: the server
 * @QNET_DIAG_RCHID: s32: connection: its channel
 * @QNET_DIAG_RCOMM: string: connection: the server's name, if it is on this node
 * @QNET_DIAG_VC: u32: connection to another node: number of its circuit
 * @QNET_DIAG_FLAGS: u32: channel: QNET_CHF_*
 * @QNET_DIAG_RECEIVERS: u32: channel: threads that are RECEIVE-blocked
 * @QNET_DIAG_QUEUED: u32: channel: messages that nobody has received
 * @QNET_DIAG_HELD: u32: channel: messages received and not replied to; too few if
 *               its process holds more than 4096 in all
 * @QNET_DIAG_PULSES: u32: channel: pulses that nobody has received
 * @QNET_DIAG_CLIENTS: u32: channel: circuits that lead to it
 * @QNET_DIAG_CALLS: u32: connection: calls under way
 * @QNET_DIAG_CALL: nest of enum qnet_diag_call_attr, one per call, at most 32
 * @__QNET_DIAG_MAX: behind the last
 *
 * Numbers of things are counted up to 4096, and not further.
 */
enum qnet_diag_attr {
	QNET_DIAG_UNSPEC,
	QNET_DIAG_MEMINFO,
	QNET_DIAG_PID,
	QNET_DIAG_COMM,
	QNET_DIAG_ID,
	QNET_DIAG_ND,
	QNET_DIAG_RPID,
	QNET_DIAG_RCHID,
	QNET_DIAG_RCOMM,
	QNET_DIAG_VC,
	QNET_DIAG_FLAGS,
	QNET_DIAG_RECEIVERS,
	QNET_DIAG_QUEUED,
	QNET_DIAG_HELD,
	QNET_DIAG_PULSES,
	QNET_DIAG_CLIENTS,
	QNET_DIAG_CALLS,
	QNET_DIAG_CALL,
	__QNET_DIAG_MAX
};

#define QNET_DIAG_MAX		(__QNET_DIAG_MAX - 1)

/* Where a call is. */
enum {
	QNET_DIAG_CALL_SEND,	/* SEND-blocked: nobody has received it */
	QNET_DIAG_CALL_REPLY,	/* REPLY-blocked: it was received */
	QNET_DIAG_CALL_SENT,	/* at another node, which knows more */
	QNET_DIAG_CALL_ENDING,	/* it is being ended */
};

/**
 * enum qnet_diag_call_attr - a call: of a connection, or a message in a channel
 * @QNET_DIAG_CALL_UNSPEC: none
 * @QNET_DIAG_CALL_STATE: u32: QNET_DIAG_CALL_SEND and so on
 * @QNET_DIAG_CALL_TID: s32: thread that is blocked, or of another node, that began
 *                      the call; 0: none of this node, it was begun with sendmsg()
 * @QNET_DIAG_CALL_ND: u32: channel: node of the client
 * @QNET_DIAG_CALL_PID: s32: channel: the client
 * @QNET_DIAG_CALL_RCVID: s32: channel: what it was received as
 * @QNET_DIAG_CALL_MS: u64: milliseconds since it was begun, or came; with a
 *                     limit of time for one state only, since that state
 * @QNET_DIAG_CALL_BYTES: u64: of the message
 * @QNET_DIAG_CALL_ROOM: u64: bytes that the reply may have
 * @QNET_DIAG_CALL_PRIO: u32: its priority
 * @QNET_DIAG_CALL_UNBLOCK: flag: the client wants out, and the server is asked
 * @QNET_DIAG_CALL_PAD: for alignment
 * @__QNET_DIAG_CALL_MAX: behind the last
 */
enum qnet_diag_call_attr {
	QNET_DIAG_CALL_UNSPEC,
	QNET_DIAG_CALL_STATE,
	QNET_DIAG_CALL_TID,
	QNET_DIAG_CALL_ND,
	QNET_DIAG_CALL_PID,
	QNET_DIAG_CALL_RCVID,
	QNET_DIAG_CALL_MS,
	QNET_DIAG_CALL_BYTES,
	QNET_DIAG_CALL_ROOM,
	QNET_DIAG_CALL_PRIO,
	QNET_DIAG_CALL_UNBLOCK,
	QNET_DIAG_CALL_PAD,
	__QNET_DIAG_CALL_MAX
};

#define QNET_DIAG_CALL_MAX	(__QNET_DIAG_CALL_MAX - 1)

#endif /* _UAPI_LINUX_QNET_DIAG_H */
