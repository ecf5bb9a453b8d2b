/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * AF_QNET: message passing between processes of one host or of several.
 *
 * A socket(family, SOCK_SEQPACKET, 0) becomes a *channel* by bind() or a
 * *connection* by connect().  A client sends a message on a connection and is
 * blocked until the server that owns the channel replies: see the ioctls.
 * The same is reachable with sendmsg(), recvmsg() and control messages, for
 * programs that wait with poll, epoll or io_uring.
 *
 * A channel or connection belongs to the process that made it; in another, such
 * as a forked child, it is EBADF.  It ends when the last copy of its descriptor
 * is closed: a child that keeps one keeps the callers of a dead server blocked,
 * so open with SOCK_CLOEXEC and close in the child.
 *
 * Sizes are in bytes.  Reserved fields must be zero (EINVAL otherwise).
 * Fields marked "out" are written by the kernel, also on no error only.
 */
#ifndef _UAPI_LINUX_QNET_H
#define _UAPI_LINUX_QNET_H

#include <linux/types.h>
#include <linux/ioctl.h>
#include <linux/socket.h>

/*
 * The family number is a module parameter; this is its default only.  Read
 * the one in force from /sys/module/qnet/parameters/family or from the
 * generic netlink family "qnet" (QNET_A_DOMAIN_FAMILY).
 */
#define QNET_AF_DEFAULT		18
#define SOL_QNET		0x514e

/* The largest message and the largest reply, in bytes; and those of a call with
 * a cookie, which the kernel holds as a whole.  Of others it holds the first
 * part, and the thread in the call brings and takes the rest.
 */
#define QNET_MSG_MAX		(1024U << 20)
#define QNET_MSG_ASYNC_MAX	(16U << 20)
/* The most entries in one scatter or gather list. */
#define QNET_IOV_MAX		1024
/* The longest node, domain or service name, in bytes, with its NUL. */
#define QNET_NAME_MAX		256
#define QNET_NODE_NAME_MAX	64

/* Errors of message passing that Linux has no number for. */
#define QNET_ENOREMOTE		600	/* no form of this call leaves the node */
#define QNET_ESRVRFAULT		612	/* the server's buffer is bad */
#define QNET_EENDIAN		613	/* the other node has another byte order */

#define QNET_ND_LOCAL		0U	/* this node */
#define QNET_QOS_MAX		32	/* bytes of a policy's name, with its NUL */
#define QNET_ND_BITS		16
#define QNET_ND_MASK		0xffffU	/* the node in a node descriptor */

/**
 * struct sockaddr_qnet - the address of a channel
 * @sqn_family: the family number in force
 * @sqn_flags:  bind: QNET_CHF_* bits; connect and getname: 0
 * @sqn_nd:     node descriptor, 0 = this node; bind takes 0 only
 * @sqn_pid:    process id of the channel's owner, 0 = the caller
 * @sqn_chid:   channel id, 1 to 65535; 0 in bind = the smallest free one
 *
 * Both: EINVAL too short or out of range, EAFNOSUPPORT another family, ENOMEM,
 * EADDRINUSE a process of another pid namespace, but of the same network
 * namespace, has the caller's pid and such sockets.
 * bind: EADDRNOTAVAIL not this node, EPERM not the caller, EADDRINUSE chid in
 * use, EAGAIN none free, EINVAL already bound or connected.  connect, which
 * sends nothing: ESRCH no such process or channel on this node, EHOSTUNREACH no
 * peer has that nd, EISCONN, EINVAL it is bound.
 */
struct sockaddr_qnet {
	__kernel_sa_family_t	sqn_family;
	__u16			sqn_flags;
	__u32			sqn_nd;
	__s32			sqn_pid;
	__s32			sqn_chid;
};

/*
 * Channel flags, with the values of Neutrino's _NTO_CHF_*.  The lengths are always
 * told, and the priority of a receiver is always its own.
 *
 * QNET_CHF_THREAD_DEATH: the pulse QNET_PULSE_THREADDEATH, with a thread id as its
 * value, for each QNET_IOC_THREAD_DEATH of the process; one channel gets it, that
 * with the smallest number.
 *
 * QNET_CHF_UNBLOCK: a client whose message was received and that wants out of its
 * call, by a signal or since its time is over, stays blocked.  The server gets the
 * pulse QNET_PULSE_UNBLOCK, once for a message, with the rcvid as its value and the
 * client's priority, and is to reply, which ends the call as ever; if it does so
 * before it receives the pulse, that vanishes.  Without it only SIGKILL frees the
 * client, or another signal that ends it with neither handler nor core dump.  Until
 * then such a client takes no signals, not even SIGSTOP.
 */
#define QNET_CHF_FIXED_PRIORITY	0x0001
#define QNET_CHF_UNBLOCK	0x0002
#define QNET_CHF_THREAD_DEATH	0x0004
#define QNET_CHF_DISCONNECT	0x0008
#define QNET_CHF_SENDER_LEN	0x0020
#define QNET_CHF_COID_DISCONNECT 0x0040
#define QNET_CHF_REPLY_LEN	0x0080
#define QNET_CHF_ALL		0x00ef

/* Pulse codes below zero belong to the system. */
#define QNET_PULSE_UNBLOCK	(-32)
#define QNET_PULSE_DISCONNECT	(-33)
#define QNET_PULSE_THREADDEATH	(-34)
#define QNET_PULSE_COIDDEATH	(-35)

#define QNET_PRIO_MAX		255
#define QNET_PRIO_USER		63	/* above it with CAP_SYS_NICE only (EPERM) */
#define QNET_PRIO_DEFAULT	10
#define QNET_PRIO_SELF		(-1)	/* the caller's own priority */

/* No file descriptor, and no coid of libqnet, looks like an scoid. */
#define QNET_SCOID_BASE		0x20000000

/**
 * struct qnet_iov - one piece of a gather or scatter list
 * @base: user address
 * @len:  bytes
 */
struct qnet_iov {
	__u64	base;
	__u64	len;
};

/**
 * struct qnet_buf - a user buffer in one piece or in several
 * @base:     @iovcnt 0: address of @len bytes (any address if @len is 0);
 *            else address of an array of @iovcnt struct qnet_iov
 * @len:      @iovcnt 0: bytes; else must be 0
 * @iovcnt:   0 to QNET_IOV_MAX (EINVAL above)
 * @reserved: 0
 *
 * The total may not exceed SSIZE_MAX (EOVERFLOW).
 */
struct qnet_buf {
	__u64	base;
	__u64	len;
	__u32	iovcnt;
	__u32	reserved;
};

/**
 * struct qnet_msg_info - what the kernel knows of a received message
 * @nd:        the client's node, as this node numbers it; 0 = this node
 * @srcnd:     this node, as the client's node numbers it; 0 = same node
 * @pid:       client process
 * @tid:       client thread; 1 = the first thread of the process
 * @chid:      the channel it came in on
 * @scoid:     this server's id for that client process, above QNET_SCOID_BASE;
 *             connections made with other user or group ids have another one
 * @coid:      the client's connection id, as the client knows it (QNET_COID)
 * @priority:  0 to 255
 * @flags:     QNET_MI_*
 * @uid:       the client's effective user id when it connected, stamped by its
 *             kernel
 * @gid:       the client's effective group id, likewise
 * @reserved:  0
 * @msglen:    bytes put into the receive buffer
 * @srcmsglen: bytes the client sent
 * @dstmsglen: bytes the client takes as a reply
 */
struct qnet_msg_info {
	__u32	nd;
	__u32	srcnd;
	__s32	pid;
	__s32	tid;
	__s32	chid;
	__s32	scoid;
	__s32	coid;
	__s32	priority;
	__u32	flags;
	__u32	uid;
	__u32	gid;
	__u32	reserved;
	__u64	msglen;
	__u64	srcmsglen;
	__u64	dstmsglen;
};

#define QNET_MI_ENDIAN_BIG	0x0001	/* the client's node is big endian */
#define QNET_MI_ENDIAN_DIFF	0x0002	/* and this one is not, or vice versa */
/* The client wants to be unblocked; on a channel with QNET_CHF_UNBLOCK. */
#define QNET_MI_UNBLOCK_REQ	0x0100

/**
 * struct qnet_pulse - a pulse, as it lands in the receive buffer
 * @type:    0
 * @subtype: 0
 * @code:    0 to 127 from programs, negative from the system
 * @zero:    0
 * @value:   the sender's word
 * @scoid:   the sender, for the codes that speak of one; else 0
 * @pad:     0
 *
 * A receive buffer shorter than this loses the pulse, with EFAULT.
 */
struct qnet_pulse {
	__u16	type;
	__u16	subtype;
	__s8	code;
	__u8	zero[3];
	__u64	value;
	__s32	scoid;
	__u32	pad;
};

/* Flags of the calls below.  timeout_ns is 0 without QNET_F_TIMEOUT. */
#define QNET_F_TIMEOUT		0x0001	/* timeout_ns counts; 0 = do not wait */
#define QNET_F_PULSE		0x0002	/* RECV: pulses only, messages stay */
#define QNET_F_ERROR		0x0004	/* REPLY: status is an errno, or -1 */
#define QNET_F_TIMEOUT_SEND	0x0008	/* CALL: see struct qnet_call */
#define QNET_F_TIMEOUT_REPLY	0x0010	/* likewise */
#define QNET_F_ABSTIME		0x0020	/* timeout_ns: a time of CLOCK_MONOTONIC */
#define QNET_F_VERIFY		0x0040	/* EVENT: could it be?  Do nothing */
#define QNET_F_ATTACH		0x0080	/* CALL: open the circuit, send nothing */

/**
 * struct qnet_call - send a message and wait for its reply (QNET_IOC_CALL)
 * @send:       the message, at most QNET_MSG_MAX bytes (EMSGSIZE)
 * @recv:       the reply area, of any size; bytes beyond QNET_MSG_MAX stay as
 *              they are and are not told to the server
 * @prio:       0 to 255, or QNET_PRIO_SELF
 * @flags:      0, or QNET_F_TIMEOUT and perhaps QNET_F_TIMEOUT_* and
 *              QNET_F_ABSTIME; or QNET_F_ATTACH, with or without QNET_F_TIMEOUT
 *              and QNET_F_ABSTIME
 * @timeout_ns: longest wait in ns, from now
 * @status:     out: the status the server gave to its reply
 * @rbytes:     out: end of what the server put into the reply area, by its
 *              reply or before it by QNET_IOC_WRITE
 *
 * Errors: EBADF the connection is dead, EFAULT own buffer, QNET_ESRVRFAULT the
 * server's, EINTR a signal, ETIMEDOUT, ESRCH the server went away meanwhile,
 * EHOSTUNREACH the node cannot be found, EHOSTDOWN it fell silent, EMSGSIZE,
 * EINVAL, EPERM @prio needs a privilege, or the server's node does not let this
 * user in, ENOBUFS this node has as many circuits with it as that allows, ENOMEM,
 * EAGAIN a node has no room, and any errno > 0 that the server chose.
 *
 * A client is SEND-blocked until the server receives its message, then
 * REPLY-blocked; one on another node becomes so when its message leaves for there,
 * since nobody tells it more.  With QNET_F_TIMEOUT_SEND the time ends the call only
 * while it is SEND-blocked; with QNET_F_TIMEOUT_REPLY only while it is REPLY-blocked,
 * and begins with that, unless it is absolute; with both or none in either state.
 *
 * EINTR and signals: one whose handler runs ends an ioctl() that blocks, here and
 * below.  What else interrupts a task (SIGSTOP and SIGCONT, the freezer, a
 * debugger that attaches) does not, the call begins again by itself; unless it
 * has a timeout, or is a QNET_IOC_CALL whose message was received or went to
 * another node: sent again, it would be received twice.
 *
 * A message that was not received, or on a channel without QNET_CHF_UNBLOCK, is
 * taken back, and the call ends; the server's rcvid is ESRCH from then on.  Another
 * node is asked to do so, and the call ends when it has answered, or has been given
 * up for dead.  With QNET_CHF_UNBLOCK see there.
 *
 * connect() says nothing to another node: that comes with the first message or
 * pulse.  With QNET_F_ATTACH the circuit is opened now, and the server's process
 * hears nothing: 0 means that its channel was there.  @send and @recv must be
 * empty.  Of a circuit that is open, and on one node, nothing is sent; EBADF tells
 * that it is dead.  Errors as above; ESRCH: no such process or channel.
 */
struct qnet_call {
	struct qnet_buf	send;
	struct qnet_buf	recv;
	__s32		prio;
	__u32		flags;
	__u64		timeout_ns;
	__s64		status;
	__u64		rbytes;
};

/**
 * struct qnet_recv - wait for a message or a pulse (QNET_IOC_RECV)
 * @recv:       where it goes; what does not fit stays with the client and can
 *              be fetched by QNET_IOC_READ
 * @flags:      QNET_F_TIMEOUT, QNET_F_ABSTIME, QNET_F_PULSE
 * @reserved:   0
 * @timeout_ns: longest wait in ns, from now; a message that is long, or from
 *              another node, brings what came with it, and as much of the rest
 *              as can be fetched in time: see @info.msglen, and QNET_IOC_READ
 * @rcvid:      out: > 0 a message, to be replied to; 0 a pulse
 * @pad:        out: 0
 * @info:       out: of a message; a pulse leaves it alone
 *
 * Errors: ESRCH the channel was destroyed, EFAULT own buffer (a pulse is
 * lost, a message's sender gets QNET_ESRVRFAULT), EINTR, ETIMEDOUT, EINVAL.
 */
struct qnet_recv {
	struct qnet_buf	recv;
	__u32		flags;
	__u32		reserved;
	__u64		timeout_ns;
	__s32		rcvid;
	__u32		pad;
	struct qnet_msg_info info;
};

/**
 * struct qnet_reply - end a client's call (QNET_IOC_REPLY)
 * @rcvid:    from QNET_IOC_RECV; any thread of the process may use it, once
 * @flags:    QNET_F_ERROR, QNET_F_TIMEOUT, QNET_F_ABSTIME
 * @status:   what the client's call returns, 32 bits of it if that is on
 *            another node; with QNET_F_ERROR an errno (0 = success, ERESTART =
 *            the client sends again; not 512 to 530, the kernel's own), or -1:
 *            ETIMEDOUT if the client has asked to be unblocked since its time
 *            was over, else EINTR.
 *            Between nodes it travels as QNX's number: one that QNX has not
 *            arrives as EIO
 * @send:     the reply; what exceeds the client's reply area is cut off
 * @timeout_ns: longest wait in ns, from now
 *
 * Blocks while the client's node does not keep up, and with a reply of more than
 * 1 MiB while the client's thread does not: if that takes longer than 30 s and
 * 1 s for each 256 KiB, or its memory is bad, that is its own affair, and its
 * call ends with an error.
 *
 * Errors: ESRCH no such rcvid, or its client is gone; QNET_ESRVRFAULT own
 * buffer (the client stays blocked and the rcvid good, as it does with what
 * follows); EINVAL, ENOMEM, EINTR, ETIMEDOUT.
 */
struct qnet_reply {
	__s32		rcvid;
	__u32		flags;
	__s64		status;
	struct qnet_buf	send;
	__u64		timeout_ns;
};

/**
 * struct qnet_replyrecv - reply, then receive (QNET_IOC_REPLYRECV)
 * @reply: as QNET_IOC_REPLY, with rcvid 0: none; when it fails nothing is
 *         received
 * @recv:  as QNET_IOC_RECV; when it fails the reply has been given, and
 *         @reply.rcvid reads 0
 */
struct qnet_replyrecv {
	struct qnet_reply	reply;
	struct qnet_recv	recv;
};

/**
 * struct qnet_xfer - copy from the client's message or to its reply area
 * @rcvid:    as above, not yet replied
 * @flags:    QNET_F_TIMEOUT, QNET_F_ABSTIME
 * @offset:   in the client's message (READ) or reply area (WRITE)
 * @buf:      own buffer
 * @timeout_ns: longest wait in ns, from now
 * @bytes:    out: bytes copied, short at the end of the client's side
 *
 * Blocks while the client's node or thread has to move the bytes.  What a client
 * on another node finds bad of a short WRITE is told to the client alone.
 *
 * Errors: ESRCH; EFAULT the client's memory, QNET_ESRVRFAULT own; EINVAL,
 * EINTR, ENOMEM, EAGAIN too much unread data stands before a client, ETIMEDOUT
 * the client's node or thread has not moved the bytes in time: its thread within
 * 30 s and 1 s for each 256 KiB, its node, if that is another one, within 60 s and
 * 1 s for each 4 KiB.
 */
struct qnet_xfer {
	__s32		rcvid;
	__u32		flags;
	__u64		offset;
	struct qnet_buf	buf;
	__u64		timeout_ns;
	__u64		bytes;
};

/**
 * struct qnet_pulse_send - send a pulse (QNET_IOC_PULSE, on a connection)
 * @prio:     0 to 255, or QNET_PRIO_SELF
 * @code:     -128 to 127; below 0 only with CAP_KILL, and not to another node
 * @value:    any word; the lower 32 bits arrive on another node
 * @flags:    0
 * @reserved: 0
 *
 * Never blocks.  Errors: EBADF dead connection, ESRCH the server is gone,
 * EPERM another user's process (CAP_KILL helps), @code, or @prio needs a
 * privilege, EAGAIN too many unreceived pulses or no room on the way, EHOSTUNREACH,
 * EINVAL.  To another node, 0 says that it is on its way.
 */
struct qnet_pulse_send {
	__s32	prio;
	__s32	code;
	__u64	value;
	__u32	flags;
	__u32	reserved;
};

/* Kinds of events, with the values of Neutrino's SIGEV_*. */
#define QNET_EV_NONE		0	/* nothing happens */
#define QNET_EV_SIGNAL		1	/* to the process */
#define QNET_EV_SIGNAL_CODE	2	/* the same with a code and a value */
#define QNET_EV_SIGNAL_THREAD	3	/* the same to the thread that called */
#define QNET_EV_PULSE		4

/**
 * struct qnet_event - do to a client what it has asked for (QNET_IOC_EVENT)
 * @rcvid: of a message of the client's, replied or not.  It stays good for this,
 *         and for this alone, as long as the connection that the message came
 *         over, or until some 2^30 messages later
 * @kind:  QNET_EV_*
 * @id:    PULSE: a connection id of the client's process, by its QNET_COID;
 *         SIGNAL*: the signal, 1 to 64, as this node numbers it; NONE: ignored
 * @prio:  PULSE: 0 to 255, or QNET_PRIO_SELF: that of the client's first thread;
 *         above QNET_PRIO_USER counts as that, but on the client's own channels
 * @code:  PULSE: 0 to 127; SIGNAL_CODE, SIGNAL_THREAD: si_code, -128 to 127
 * @flags: QNET_F_VERIFY or 0
 * @value: PULSE: any word; SIGNAL_CODE, SIGNAL_THREAD: si_value; the lower 32
 *         bits arrive on another node
 *
 * The client's kernel carries it out.  A pulse goes where the connection leads,
 * if the client might send it itself.  A signal arrives if the client handles,
 * ignores or blocks it, or waits for it; another one, and SIGKILL, SIGSTOP and
 * SIGCONT always, only if the server is on the client's node and might kill()
 * it.  Of a signal with a code that all threads of a process block, if there are
 * several, code and value are lost.
 *
 * Never blocks.  Of a client on another node nobody tells what became of it.
 * Errors: ESRCH no such rcvid, or the client is gone, or with SIGNAL_THREAD its
 * thread; EBADF it has no connection @id, or a dead one; EPERM; EAGAIN too much
 * is under way, or waits at the client; EINVAL; EHOSTUNREACH no link; QNET_ENOREMOTE
 * QNET_F_VERIFY, and the client is on another node.
 */
struct qnet_event {
	__s32	rcvid;
	__u32	kind;
	__s32	id;
	__s32	prio;
	__s32	code;
	__u32	flags;
	__u64	value;
};

/**
 * struct qnet_signal - signal a process of another node (QNET_IOC_SIGNAL, on any
 *                      AF_QNET socket)
 * @nd:       its node (EINVAL for this one: that is what kill() is for)
 * @pid:      the process, > 0, which must have a channel or a connection there;
 *            QNET_ENOREMOTE: 0 and below, for groups of processes
 * @tid:      thread, 0: any, 1: the first one
 * @signo:    1 to 64, as this node numbers it; 0: is it there?
 * @code:     si_code, -128 to 127
 * @value:    si_value
 * @flags:    0
 * @reserved: 0
 *
 * The other node compares the caller's ids with those of the process as kill()
 * does, by their numbers; uid 0 of another node is nobody there, unless its
 * administrator has set the module's parameter remote_root.  si_pid is 0 there.
 *
 * Blocks until the other node answers; a plain LWL4 peer does not, and 0 says that
 * the signal is on its way.  Errors: ESRCH no such process or thread, EPERM, EINVAL,
 * EAGAIN, EHOSTUNREACH, EHOSTDOWN, EINTR (it may have arrived), ENOMEM.
 */
struct qnet_signal {
	__u32	nd;
	__s32	pid;
	__s32	tid;
	__s32	signo;
	__s32	code;
	__s32	value;
	__u32	flags;
	__u32	reserved;
};

/**
 * struct qnet_info - what is known of a received message (QNET_IOC_INFO)
 * @rcvid:    not yet replied (ESRCH)
 * @reserved: 0
 * @info:     out
 */
struct qnet_info {
	__s32	rcvid;
	__u32	reserved;
	struct qnet_msg_info info;
};

/**
 * struct qnet_client_info - who a client is (QNET_IOC_CLIENTINFO, on a channel)
 * @scoid:    from struct qnet_msg_info (EINVAL if unknown)
 * @ngroups:  room in @groups; out: how many groups the client has; of one on
 *            another node the first 8 are known
 * @groups:   address of __u32[@ngroups] for the supplementary groups
 * @nd:       out: its node
 * @pid:      out: its process
 * @sid:      out: its session
 * @flags:    out: 0
 * @ruid:     out: real user id
 * @euid:     out: effective user id
 * @suid:     out: saved user id
 * @rgid:     out: real group id
 * @egid:     out: effective group id
 * @sgid:     out: saved group id
 *
 * All as they were when the client connected.
 */
struct qnet_client_info {
	__s32	scoid;
	__u32	ngroups;
	__u64	groups;
	__u32	nd;
	__s32	pid;
	__s32	sid;
	__u32	flags;
	__u32	ruid;
	__u32	euid;
	__u32	suid;
	__u32	rgid;
	__u32	egid;
	__u32	sgid;
};

/**
 * struct qnet_server_info - where a connection leads (QNET_IOC_SERVERINFO)
 * @nd:    out: node
 * @pid:   out: process
 * @chid:  out: channel
 * @scoid: out: the server's id for this process where known, else 0
 * @coid:  out: as set by QNET_COID
 * @flags: out: QNET_SIF_DEAD
 */
struct qnet_server_info {
	__u32	nd;
	__s32	pid;
	__s32	chid;
	__s32	scoid;
	__s32	coid;
	__u32	flags;
};

#define QNET_SIF_DEAD		0x0001

/**
 * struct qnet_node_req - names and numbers of nodes, on any AF_QNET socket
 * @nd:     NODE_LOOKUP: out.  NODE_NAME: in.  NODE_REMOTE: in: the node asked
 *          about; out: the number the node @of has for it
 * @of:     NODE_REMOTE: in: the node that is asked; else 0
 * @name:   NODE_LOOKUP: in, NUL-terminated: "node" or "node.domain".
 *          NODE_NAME: out
 * @domain: NODE_NAME: out; else ignored
 *
 * Errors: ENOENT no such peer or nd, ENOTUNIQ several peers have the name, in
 * different domains, EINVAL, EHOSTUNREACH, EHOSTDOWN, EINTR.
 */
struct qnet_node_req {
	__u32	nd;
	__u32	of;
	char	name[QNET_NODE_NAME_MAX];
	char	domain[QNET_NODE_NAME_MAX];
};

/**
 * struct qnet_qos_req - which links the circuits to a node take (NODE_QOS)
 * @nd:       in: a node descriptor; out: that of the same node with the
 *            policy of @name, if one was given
 * @reserved: 0
 * @name:     in: "loadbalance", "preferred:DEV" or "exclusive:DEV" with the
 *            name of a bearer of this node, NUL-terminated; or empty.  out, if
 *            it was empty: the policy of @nd
 *
 * With loadbalance circuits share all links that work, each keeping to one;
 * with preferred they take that link while it works; with exclusive no other:
 * when it fails they end, calls with EHOSTUNREACH.  A descriptor of this node
 * has no policy; one of another node that has none leaves the choice to its
 * administrator, see qnetconfig(8), and reads as loadbalance.
 *
 * Errors: EINVAL no such policy, ENODEV no such bearer.
 */
struct qnet_qos_req {
	__u32	nd;
	__u32	reserved;
	char	name[QNET_QOS_MAX];
};

/**
 * struct qnet_name_req - names of services
 * @nd:       NAME_LOOKUP: the node asked, 0 = this one; else 0
 * @reserved: 0
 * @pid:      NAME_LOOKUP: out; else 0
 * @chid:     NAME_LOOKUP: out; else 0
 * @name:     NUL-terminated, not empty; '/' may stand inside, not first
 *
 * NAME_ATTACH and NAME_DETACH act on the channel they are called on; names
 * vanish with their channel.  Errors: EEXIST, ENOENT, EINVAL, EOPNOTSUPP the
 * node does not look names up, EHOSTUNREACH, EHOSTDOWN, EINTR, ENOSPC too many
 * (1024 of one user).
 */
struct qnet_name_req {
	__u32	nd;
	__u32	reserved;
	__s32	pid;
	__s32	chid;
	char	name[QNET_NAME_MAX];
};

#define QNET_IOC_MAGIC		0x9b
#define QNET_IOC_CALL		_IOWR(QNET_IOC_MAGIC, 0, struct qnet_call)
#define QNET_IOC_RECV		_IOWR(QNET_IOC_MAGIC, 1, struct qnet_recv)
#define QNET_IOC_REPLY		_IOW(QNET_IOC_MAGIC, 2, struct qnet_reply)
#define QNET_IOC_REPLYRECV	_IOWR(QNET_IOC_MAGIC, 3, struct qnet_replyrecv)
#define QNET_IOC_READ		_IOWR(QNET_IOC_MAGIC, 4, struct qnet_xfer)
#define QNET_IOC_WRITE		_IOWR(QNET_IOC_MAGIC, 5, struct qnet_xfer)
#define QNET_IOC_PULSE		_IOW(QNET_IOC_MAGIC, 6, struct qnet_pulse_send)
#define QNET_IOC_INFO		_IOWR(QNET_IOC_MAGIC, 7, struct qnet_info)
#define QNET_IOC_CLIENTINFO	_IOWR(QNET_IOC_MAGIC, 8, struct qnet_client_info)
#define QNET_IOC_SERVERINFO	_IOR(QNET_IOC_MAGIC, 9, struct qnet_server_info)
/* The server drops what it keeps of a client: the scoid is free again. */
#define QNET_IOC_SCOID_DETACH	_IOW(QNET_IOC_MAGIC, 10, __s32)
/* The calling thread is about to end: see QNET_CHF_THREAD_DEATH.  On any channel of
 * the process.  Errors: ESRCH none of them has that, EAGAIN too many pulses, ENOMEM.
 */
#define QNET_IOC_THREAD_DEATH	_IO(QNET_IOC_MAGIC, 11)
#define QNET_IOC_EVENT		_IOW(QNET_IOC_MAGIC, 12, struct qnet_event)
#define QNET_IOC_NODE_LOOKUP	_IOWR(QNET_IOC_MAGIC, 16, struct qnet_node_req)
#define QNET_IOC_NODE_NAME	_IOWR(QNET_IOC_MAGIC, 17, struct qnet_node_req)
#define QNET_IOC_NODE_REMOTE	_IOWR(QNET_IOC_MAGIC, 18, struct qnet_node_req)
#define QNET_IOC_NODE_QOS	_IOWR(QNET_IOC_MAGIC, 22, struct qnet_qos_req)
#define QNET_IOC_NAME_ATTACH	_IOW(QNET_IOC_MAGIC, 19, struct qnet_name_req)
#define QNET_IOC_NAME_DETACH	_IOW(QNET_IOC_MAGIC, 20, struct qnet_name_req)
#define QNET_IOC_NAME_LOOKUP	_IOWR(QNET_IOC_MAGIC, 21, struct qnet_name_req)
#define QNET_IOC_SIGNAL		_IOW(QNET_IOC_MAGIC, 23, struct qnet_signal)

/* Socket options, level SOL_QNET. */
#define QNET_COID	1	/* int: what servers see as coid, and events name
				 * it by; default 0, which no event finds
				 */

/* Control messages, level SOL_QNET. */
#define QNET_CMSG_CALL	1	/* sendmsg on a connection: struct qnet_cmsg_call */
#define QNET_CMSG_DONE	2	/* recvmsg on a connection: struct qnet_cmsg_done */
#define QNET_CMSG_MSG	3	/* recvmsg on a channel: struct qnet_cmsg_msg */
#define QNET_CMSG_REPLY	4	/* sendmsg on a channel: struct qnet_cmsg_reply */

/**
 * struct qnet_cmsg_call - start a call without waiting for its reply
 * @cookie: handed back with the reply
 * @rlen:   the largest reply wanted; more than QNET_MSG_ASYNC_MAX counts as that
 * @prio:   0 to 255, or QNET_PRIO_SELF
 * @flags:  0
 *
 * sendmsg() without it is a call with cookie 0, a reply area of
 * QNET_MSG_ASYNC_MAX bytes and the caller's own priority.  EMSGSIZE: the
 * message is longer than QNET_MSG_ASYNC_MAX.
 *
 * EAGAIN with MSG_DONTWAIT: too many calls are under way, their messages fill
 * SO_SNDBUF, replies not received fill SO_RCVBUF, or the server's node does not
 * keep up.  poll() says when it may be tried again; an epoll does if the socket
 * was connected when it was added.
 */
struct qnet_cmsg_call {
	__u64	cookie;
	__u64	rlen;
	__s32	prio;
	__u32	flags;
};

/**
 * struct qnet_cmsg_done - an ended call, with its reply as the data
 * @cookie: as given in struct qnet_cmsg_call
 * @status: the server's status, if @error is 0
 * @error:  errno > 0 the call failed with, or 0; ENOBUFS: the reply was dropped,
 *          since others that were not received take 64 MiB of the kernel's
 *          memory beyond SO_RCVBUF
 * @flags:  0
 */
struct qnet_cmsg_done {
	__u64	cookie;
	__s64	status;
	__s32	error;
	__u32	flags;
};

/**
 * struct qnet_cmsg_msg - a received message or, with @rcvid 0, a pulse
 * @rcvid: as in struct qnet_recv
 * @pad:   0
 * @info:  all zero for a pulse
 *
 * recvmsg() on a channel needs room for it (EINVAL).  With MSG_DONTWAIT, or when
 * the time of SO_RCVTIMEO is over, a long message from another node comes with
 * MSG_TRUNC and as many bytes as are there: QNET_IOC_READ fetches the rest.
 */
struct qnet_cmsg_msg {
	__s32	rcvid;
	__u32	pad;
	struct qnet_msg_info info;
};

/**
 * struct qnet_cmsg_reply - makes a sendmsg() on a channel the reply
 * @rcvid:  as in struct qnet_reply
 * @flags:  as there
 * @status: as there
 */
struct qnet_cmsg_reply {
	__s32	rcvid;
	__u32	flags;
	__s64	status;
};

#endif /* _UAPI_LINUX_QNET_H */
