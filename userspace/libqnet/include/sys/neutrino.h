/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QNX Neutrino message passing for Linux programs.
 *
 * Unless a comment says otherwise:
 *
 * - A function NAME() returns -1 on error and sets errno.  NAME_r() returns
 *   the negative errno instead and leaves errno alone.
 * - Every function may be called from any number of threads at once.
 * - Lengths and offsets are in bytes.  A buffer of 0 bytes may be NULL.
 * - A list of iov_t has at most QNET_IOV_MAX (1024) entries (EINVAL).  A total
 *   above SSIZE_MAX is EOVERFLOW; a message above QNET_MSG_MAX (1 GiB) is
 *   EMSGSIZE.
 * - Of a message longer than 1 MiB the rest stays in the sender's memory until
 *   the reply: what other threads write there is what the server may read.
 * - A call that blocks is ended by a signal handler with EINTR, whether or not
 *   the handler was installed with SA_RESTART.  A handler must return: one that
 *   leaves a blocked call by siglongjmp() leaves the id in use for ever and the
 *   thread cancellable at any moment.
 * - A call that was blocked while the process was stopped and continued, frozen,
 *   or attached to by a debugger goes on; but it ends with EINTR if it had a time
 *   by TimerTimeout(), and MsgSend() does if the server has received the message,
 *   or is on another node.
 * - MsgSend() to a server that wants to be asked is not ended by any of this, but
 *   by that server: see _NTO_CHF_UNBLOCK of ChannelCreate().
 * - A bad buffer is an error as told below.  Other pointers, such as that to a
 *   struct _msg_info, are followed by the library: a bad one is SIGSEGV.
 * - Calls that need the kernel module fail with ENOSYS while it is not loaded.
 * - After fork() the child has neither channels nor side-channel connections:
 *   their ids are unknown there (EBADF for a coid, ESRCH for a chid).  Of each
 *   connection that is a file descriptor it has one of its own, to the same
 *   channel: to the server it is another client.
 *
 * The "Manual page" of a function is that of the QNX Neutrino C Library
 * Reference; what differs from it is told here.
 */
#ifndef _SYS_NEUTRINO_H
#define _SYS_NEUTRINO_H

#include <time.h>
#include <sys/qnet_types.h>
#include <sys/siginfo.h>
#include <sys/qnet.h>

#define _NTO_VERSION	650

/* ConnectAttach(): take the id from a space of its own, above all fds. */
#define _NTO_SIDE_CHANNEL	0x40000000

/* Flags of ChannelCreate(). */
#define _NTO_CHF_FIXED_PRIORITY	0x0001	/* receivers keep their priority */
#define _NTO_CHF_UNBLOCK	0x0002	/* pulse when a client wants out */
#define _NTO_CHF_THREAD_DEATH	0x0004	/* pulse when a thread ends */
#define _NTO_CHF_DISCONNECT	0x0008	/* pulse when a client is gone */
#define _NTO_CHF_NET_MSG	0x0010	/* network managers only: EPERM */
#define _NTO_CHF_SENDER_LEN	0x0020	/* srcmsglen; always filled in */
#define _NTO_CHF_COID_DISCONNECT 0x0040	/* pulse when a connection dies */
#define _NTO_CHF_REPLY_LEN	0x0080	/* dstmsglen; always filled in */
#define _NTO_CHF_ASYNC		0x0200	/* not supported: EINVAL */
#define _NTO_CHF_GLOBAL		0x0400	/* not supported: EINVAL */
#define _NTO_CHF_PRIVATE	0x0800	/* accepted, changes nothing */
#define _NTO_CHF_MSG_PAUSING	0x1000	/* not supported: EINVAL */

/* Flags of a connection. */
#define _NTO_COF_CLOEXEC	0x0001	/* ends with exec */
#define _NTO_COF_DEAD		0x0002	/* out only: the server is gone */

/* Codes of pulses: 0 to 127 are for programs, below 0 for the system. */
#define _PULSE_TYPE		0
#define _PULSE_SUBTYPE		0
#define _PULSE_CODE_MINAVAIL	0
#define _PULSE_CODE_MAXAVAIL	127
#define _PULSE_CODE_UNBLOCK	QNET_PULSE_UNBLOCK	/* value: rcvid */
#define _PULSE_CODE_DISCONNECT	QNET_PULSE_DISCONNECT	/* see scoid */
#define _PULSE_CODE_THREADDEATH	QNET_PULSE_THREADDEATH	/* value: tid */
#define _PULSE_CODE_COIDDEATH	QNET_PULSE_COIDDEATH	/* value: coid */
#define _PULSE_CODE_NET_ACK	(-36)	/* this one and below: never seen */
#define _PULSE_CODE_NET_UNBLOCK	(-37)
#define _PULSE_CODE_NET_DETACH	(-38)
#define _PULSE_CODE_RESTART	(-39)
#define _PULSE_CODE_NORESTART	(-40)
#define _PULSE_CODE_UNBLOCK_RESTART (-41)
#define _PULSE_CODE_UNBLOCK_TIMER (-42)

/* struct _msg_info.flags */
#define _NTO_MI_ENDIAN_BIG	QNET_MI_ENDIAN_BIG	/* client is big endian */
#define _NTO_MI_ENDIAN_DIFF	QNET_MI_ENDIAN_DIFF	/* unlike this node */
#define _NTO_MI_UNBLOCK_REQ	QNET_MI_UNBLOCK_REQ	/* client wants out */
#define _NTO_MI_NET_CRED_DIRTY	0x0200			/* never set */
#define _NTO_MI_CONSTRAINED	0x0400			/* never set */

/* struct _client_info.flags; never set */
#define _NTO_CI_ENDIAN_BIG	0x0001
#define _NTO_CI_BKGND_PGRP	0x0004
#define _NTO_CI_ORPHAN_PGRP	0x0008
#define _NTO_CI_STOPPED		0x0080

#define _NTO_CLIENTINFO_GETGROUPS 0x0001

/* TimerTimeout(): the states in which a call may block */
#define _NTO_TIMEOUT_RECEIVE	(1 << 5)
#define _NTO_TIMEOUT_SEND	(1 << 3)
#define _NTO_TIMEOUT_REPLY	(1 << 4)

/* Operations of MsgKeyData() */
#define _NTO_KEYDATA_CALCULATE	0
#define _NTO_KEYDATA_VERIFY	1

/**
 * struct _pulse - a pulse, as MsgReceive() delivers it
 * @type:    _PULSE_TYPE
 * @subtype: _PULSE_SUBTYPE
 * @code:    _PULSE_CODE_*, or the sender's
 * @zero:    0
 * @value:   the sender's
 * @scoid:   the sender, for the codes that speak of one
 */
struct _pulse {
	_Uint16t	type;
	_Uint16t	subtype;
	_Int8t		code;
	_Uint8t		zero[3];
	union sigval	value;
	_Int32t		scoid;
};

/**
 * struct _msg_info - what is known of a message, or of a connection
 * @nd:        message: the client's node; connection: the server's
 * @srcnd:     this node, as the client's node numbers it
 * @pid:       client's, or server's, process id
 * @tid:       client's thread, 1 = the first one of its process
 * @chid:      channel
 * @scoid:     the server's id for the client process
 * @coid:      the client's connection id
 * @priority:  of the client
 * @flags:     _NTO_MI_* of a message, _NTO_COF_* of a connection
 * @msglen:    bytes received
 * @srcmsglen: bytes the client sent
 * @dstmsglen: bytes the client takes as a reply
 *
 * Manual page: _msg_info.  The order is that of 64-bit releases.
 */
struct _msg_info {
	_Uint32t	nd;
	_Uint32t	srcnd;
	pid_t		pid;
	_Int32t		tid;
	_Int32t		chid;
	_Int32t		scoid;
	_Int32t		coid;
	_Int16t		priority;
	_Int16t		flags;
	_Ssizet		msglen;
	_Ssizet		srcmsglen;
	_Ssizet		dstmsglen;
	_Uint32t	type_id;
	_Uint32t	reserved;
};

#define _server_info	_msg_info

#define _QNET_NGROUPS	64	/* groups a struct _cred_info has room for */

/**
 * struct _cred_info - who a client is; the numbers are its own node's
 * @ngroups:   supplementary groups in @grouplist
 * @grouplist: as large as declared, or as the caller allocated it
 */
struct _cred_info {
	uid_t		ruid;
	uid_t		euid;
	uid_t		suid;
	gid_t		rgid;
	gid_t		egid;
	gid_t		sgid;
	_Uint32t	ngroups;
	gid_t		grouplist[_QNET_NGROUPS];
};

/**
 * struct _client_info - a client process
 * @nd:    its node
 * @pid:   its process id
 * @sid:   its session
 * @flags: 0
 * @cred:  its credentials, stamped by its kernel
 */
struct _client_info {
	_Uint32t	nd;
	pid_t		pid;
	pid_t		sid;
	_Uint32t	flags;
	struct _cred_info cred;
};

__QNET_BEGIN_DECLS

/* --- Channels ---------------------------------------------------------- */

/**
 * ChannelCreate() - make a channel to receive messages and pulses on
 * @flags: _NTO_CHF_* bits
 *
 * With _NTO_CHF_UNBLOCK a client that was received and wants out of its MsgSend(),
 * by a signal, a timeout or its cancellation, stays blocked.  The server gets one
 * pulse _PULSE_CODE_UNBLOCK, with the rcvid as its value and the client's
 * priority; MsgInfo() tells _NTO_MI_UNBLOCK_REQ.  The server must reply: with
 * MsgReply(), which the client takes for success, or MsgError().  If it replies
 * before it receives the pulse, there will be none.  A client that is killed, by
 * SIGKILL or by another signal with neither handler nor core dump, does not wait:
 * its rcvid is ESRCH.  name_attach() sets this flag.
 *
 * With _NTO_CHF_THREAD_DEATH a pulse _PULSE_CODE_THREADDEATH tells the id of each
 * thread of the process that returns, calls pthread_exit() or is cancelled; of
 * those only that have made a call of this library, since nobody else tells it.
 * It comes shortly before the thread is gone.  If several channels have the flag,
 * that with the smallest id gets it.
 *
 * The process gets the smallest free id, from 1.  Any of its threads may
 * receive.  Messages and pulses queue by priority, then by age.  The channel
 * does not survive exec.
 *
 * Return: the channel id (chid), or an error:
 *   EAGAIN  too many channels or file descriptors, or no memory
 *   EADDRINUSE  a process of another pid namespace, but of the same network
 *           namespace, has the caller's process id and uses Qnet
 *   EINVAL  an unknown flag
 *   EPERM   _NTO_CHF_NET_MSG
 *   ENOSYS  no kernel module
 * Does not block.  Manual page: ChannelCreate.
 */
int ChannelCreate(unsigned int flags);
int ChannelCreate_r(unsigned int flags);

/**
 * ChannelDestroy() - remove a channel
 * @chid: channel id
 *
 * Threads blocked in MsgReceive() on it get ESRCH, its clients, whether
 * SEND-blocked or REPLY-blocked, ESRCH; their connections are dead (EBADF).
 * The id is free again when the last thread has left the channel.
 *
 * Return: 0, or an error: EINVAL no such channel.
 * Does not block.  Manual page: ChannelDestroy.
 */
int ChannelDestroy(int chid);
int ChannelDestroy_r(int chid);

/* --- Connections ------------------------------------------------------- */

/**
 * ConnectAttach() - connect to a channel
 * @nd:    node descriptor of the server's node, ND_LOCAL_NODE: this one
 * @pid:   the server process, 0: the caller itself
 * @chid:  the server's channel
 * @index: _NTO_SIDE_CHANNEL: the id is the smallest free one of a space of
 *         its own, above all file descriptors; the other bits do not matter.
 *         Else: the id is a file descriptor, the smallest free one not below
 *         @index.
 * @flags: 0 or _NTO_COF_CLOEXEC.  A side channel never survives exec.
 *
 * Nothing is sent to another node: whether node, process and channel are
 * there shows with the first message; see qnet_connect_now().
 *
 * Return: the connection id (coid), or an error:
 *   EAGAIN  too many connections or file descriptors, or no memory
 *   EADDRINUSE  see ChannelCreate()
 *   EINVAL  a bad flag, or an index beyond the limit of file descriptors
 *   ESRCH   no such process or channel; of another node only @pid below 0 and
 *           @chid below 1
 *   EHOSTUNREACH  no such node
 *   EPERM, EACCES  the kernel forbids it
 *   ENOSYS  no kernel module
 * Does not block.  Manual page: ConnectAttach.
 */
int ConnectAttach(_Uint32t nd, pid_t pid, int chid, unsigned int index,
		  int flags);
int ConnectAttach_r(_Uint32t nd, pid_t pid, int chid, unsigned int index,
		    int flags);

/**
 * ConnectDetach() - end a connection, or a server's memory of a client
 * @coid: connection id; or a server connection id (scoid) that came in a
 *        struct _msg_info or a pulse
 *
 * Threads blocked in MsgSend() on the connection get EBADF.  The id is free
 * again when the last one has left.  A connection id that is a file
 * descriptor may also be given to close().
 *
 * Return: 0, or an error: EINVAL neither kind of id.
 * Does not block.  Manual page: ConnectDetach.
 */
int ConnectDetach(int coid);
int ConnectDetach_r(int coid);

/**
 * ConnectServerInfo() - where a connection leads
 * @pid:  0 or the caller's process id
 * @coid: connection id
 * @info: out: nd, pid, chid, scoid, coid and flags (_NTO_COF_*) are set, the
 *        rest is 0.  May be NULL.
 *
 * If there is no connection @coid, the next higher one is taken: compare the
 * result with @coid.  With @info NULL connections whose server is gone are
 * passed over, else _NTO_COF_DEAD tells of them.
 *
 * Return: the id of the connection found, or an error:
 *   EINVAL  neither @coid nor a higher one exists
 *   ESRCH   no process @pid
 *   ENOSYS  @pid is another process
 * Does not block.  Manual page: ConnectServerInfo.
 */
int ConnectServerInfo(pid_t pid, int coid, struct _server_info *info);
int ConnectServerInfo_r(pid_t pid, int coid, struct _server_info *info);

/**
 * ConnectClientInfo() - who a client is
 * @scoid:   from struct _msg_info; -1: the calling process
 * @info:    out
 * @ngroups: entries in info->cred.grouplist; 0: tell only how many groups the
 *           client has.  Values from NGROUPS_MAX (65536) on count as the
 *           declared size, _QNET_NGROUPS.
 *
 * A client of another node tells its first 8 groups only.  Unless the server's
 * channel has _NTO_CHF_DISCONNECT, the scoid ends with the last connection of
 * its client.
 *
 * Return: 0, or an error:
 *   EINVAL  no such client, or @ngroups below 0
 *   EFAULT  @info is NULL
 * Does not block.  Manual page: ConnectClientInfo.
 */
int ConnectClientInfo(int scoid, struct _client_info *info, int ngroups);
int ConnectClientInfo_r(int scoid, struct _client_info *info, int ngroups);

/**
 * ConnectClientInfoExt() - who a client is, with all its groups
 * @scoid: as above
 * @info:  out: allocated; give it to ClientInfoExtFree()
 * @flags: 0 or _NTO_CLIENTINFO_GETGROUPS
 *
 * Return: 0, or -1 and errno as above or ENOMEM.  Does not block.
 * Manual page: ConnectClientInfoExt.
 */
int ConnectClientInfoExt(int scoid, struct _client_info **info, int flags);
int ClientInfoExtFree(struct _client_info **info);

/**
 * ConnectFlags() - read and change the flags of a connection
 * @pid:  0 or the caller's process id
 * @coid: connection id
 * @mask: which bits to change; 0: none
 * @bits: their new values; only _NTO_COF_CLOEXEC can be changed
 *
 * Return: the flags there were, with _NTO_COF_DEAD if the server is gone; or an
 * error:
 *   EINVAL  no such connection, or a bit that cannot be changed
 *   ENOSYS  @pid is another process
 * Does not block.  Manual page: ConnectFlags.
 */
int ConnectFlags(pid_t pid, int coid, unsigned int mask, unsigned int bits);
int ConnectFlags_r(pid_t pid, int coid, unsigned int mask, unsigned int bits);

/* --- Sending ----------------------------------------------------------- */

/**
 * MsgSend() - send a message and wait for its reply
 * @coid:   connection id
 * @smsg:   the message
 * @sbytes: bytes of it
 * @rmsg:   out: the reply
 * @rbytes: room for it; a longer reply is cut off.  Bytes that the server did
 *          not write keep what they had.  More than 1 GiB counts as 1 GiB.
 *
 * The names tell the form of the two buffers: first letter the message,
 * second the reply, "v" a list of iov_t, "s" one piece.  Message and reply
 * area may overlap.
 *
 * Return: the status the server gave to MsgReply(), or an error:
 *   EBADF         no such connection, or the server was gone before
 *   ESRCH         the server went away meanwhile
 *   EFAULT        the caller's buffers are bad
 *   ESRVRFAULT    the server's are
 *   EINTR         a signal, see the top of this file; ETIMEDOUT a timeout
 *   EHOSTUNREACH  the server's node cannot be found
 *   EHOSTDOWN     the server's node fell silent
 *   EMSGSIZE, EOVERFLOW, EINVAL  see the top of this file
 *   EAGAIN, ENOMEM  no room, here or on the server's node
 *   EPERM         the server's node does not let this user in
 *   ENOBUFS       there are as many circuits with it as it allows
 *   any other     the server's MsgError()
 * Blocks until the reply.  A cancellation point, except for the forms with
 * "nc".  Manual pages: MsgSend, MsgSendv, MsgSendsv, MsgSendvs and those of
 * the nc forms.
 */
long MsgSend(int coid, const void *smsg, size_t sbytes, void *rmsg,
	     size_t rbytes);
long MsgSend_r(int coid, const void *smsg, size_t sbytes, void *rmsg,
	       size_t rbytes);
long MsgSendnc(int coid, const void *smsg, size_t sbytes, void *rmsg,
	       size_t rbytes);
long MsgSendnc_r(int coid, const void *smsg, size_t sbytes, void *rmsg,
		 size_t rbytes);
long MsgSendsv(int coid, const void *smsg, size_t sbytes, const iov_t *riov,
	       size_t rparts);
long MsgSendsv_r(int coid, const void *smsg, size_t sbytes, const iov_t *riov,
		 size_t rparts);
long MsgSendsvnc(int coid, const void *smsg, size_t sbytes, const iov_t *riov,
		 size_t rparts);
long MsgSendsvnc_r(int coid, const void *smsg, size_t sbytes,
		   const iov_t *riov, size_t rparts);
long MsgSendvs(int coid, const iov_t *siov, size_t sparts, void *rmsg,
	       size_t rbytes);
long MsgSendvs_r(int coid, const iov_t *siov, size_t sparts, void *rmsg,
		 size_t rbytes);
long MsgSendvsnc(int coid, const iov_t *siov, size_t sparts, void *rmsg,
		 size_t rbytes);
long MsgSendvsnc_r(int coid, const iov_t *siov, size_t sparts, void *rmsg,
		   size_t rbytes);
long MsgSendv(int coid, const iov_t *siov, size_t sparts, const iov_t *riov,
	      size_t rparts);
long MsgSendv_r(int coid, const iov_t *siov, size_t sparts, const iov_t *riov,
		size_t rparts);
long MsgSendvnc(int coid, const iov_t *siov, size_t sparts, const iov_t *riov,
		size_t rparts);
long MsgSendvnc_r(int coid, const iov_t *siov, size_t sparts,
		  const iov_t *riov, size_t rparts);

/**
 * MsgSendPulse() - send a pulse
 * @coid:     connection id
 * @priority: 0 to 255, or -1: the caller's own
 * @code:     0 to 127; from -128 with the privilege CAP_KILL, but not to
 *            another node
 * @value:    any word.  Of MsgSendPulsePtr() the lower 32 bits arrive on
 *            another node, all of them on this one.
 *
 * Return: 0, or an error:
 *   EBADF   no such connection, or the server was gone before
 *   ESRCH   the server is gone
 *   EPERM   the server belongs to another user; @code below 0, see there; or
 *           @priority needs a privilege
 *   EAGAIN  too many pulses wait there, or there is no room on the way
 *   EHOSTUNREACH  the server's node cannot be found
 *   EINVAL  @priority or @code out of range
 * To another node, 0 means that the pulse is on its way: if too many wait there it
 * is dropped.  Does not block.  Manual page: MsgSendPulse.
 */
int MsgSendPulse(int coid, int priority, int code, int value);
int MsgSendPulse_r(int coid, int priority, int code, int value);
int MsgSendPulsePtr(int coid, int priority, int code, void *value);
int MsgSendPulsePtr_r(int coid, int priority, int code, void *value);

/* --- Receiving and replying -------------------------------------------- */

/**
 * MsgReceive() - wait for a message or a pulse
 * @chid:  channel id
 * @msg:   out: the message, or a struct _pulse.  What does not fit of a
 *         message can be fetched with MsgRead().
 * @bytes: room; with less than a struct _pulse a pulse is lost (EFAULT)
 * @info:  out: what is known of the message; may be NULL.  A pulse leaves it
 *         alone.
 *
 * MsgReceivePulse() waits for a pulse; messages stay in the queue.
 *
 * A thread with SCHED_FIFO or SCHED_RR runs at the priority of the client that it
 * has a message of until it receives again, as far as the system lets it
 * (CAP_SYS_NICE, RLIMIT_RTPRIO): not with _NTO_CHF_FIXED_PRIORITY.
 *
 * Return: > 0: the receive id (rcvid) of a message, to be replied to once, by
 * any thread of the process; 0: a pulse; or an error:
 *   ESRCH   no such channel, or it was destroyed meanwhile
 *   EFAULT  bad buffer
 *   EINTR   a signal; ETIMEDOUT a timeout
 *   EINVAL, EOVERFLOW  see the top of this file
 * Blocks until something comes.  A cancellation point: a thread that is
 * cancelled with a message gives it back, for another one to receive; a pulse
 * is lost with it.
 * Manual pages: MsgReceive, MsgReceivev, MsgReceivePulse, MsgReceivePulsev.
 */
int MsgReceive(int chid, void *msg, size_t bytes, struct _msg_info *info);
int MsgReceive_r(int chid, void *msg, size_t bytes, struct _msg_info *info);
int MsgReceivev(int chid, const iov_t *iov, size_t parts,
		struct _msg_info *info);
int MsgReceivev_r(int chid, const iov_t *iov, size_t parts,
		  struct _msg_info *info);
int MsgReceivePulse(int chid, void *pulse, size_t bytes,
		    struct _msg_info *info);
int MsgReceivePulse_r(int chid, void *pulse, size_t bytes,
		      struct _msg_info *info);
int MsgReceivePulsev(int chid, const iov_t *iov, size_t parts,
		     struct _msg_info *info);
int MsgReceivePulsev_r(int chid, const iov_t *iov, size_t parts,
		       struct _msg_info *info);

/**
 * MsgReply() - reply to a message
 * @rcvid:  receive id
 * @status: what the client's MsgSend() returns; not below 0.  To another node
 *          the lower 32 bits go.
 * @msg:    the reply; what exceeds the client's reply area is cut off
 * @bytes:  bytes of it
 *
 * Return: 0, or an error:
 *   ESRCH       no such receive id: replied already, or the client is gone
 *   ESRVRFAULT  bad buffer; the client stays blocked
 *   EINVAL, EOVERFLOW, ENOMEM, ENOBUFS, EINTR
 * Blocks for a client of this node only while its thread takes a reply of more
 * than 1 MiB: 30 s and 1 s for each 256 KiB at most, then the client's call
 * ends with an error.  Not a cancellation point.
 * Manual pages: MsgReply, MsgReplyv.
 */
int MsgReply(int rcvid, long status, const void *msg, size_t bytes);
int MsgReply_r(int rcvid, long status, const void *msg, size_t bytes);
int MsgReplyv(int rcvid, long status, const iov_t *iov, size_t parts);
int MsgReplyv_r(int rcvid, long status, const iov_t *iov, size_t parts);

/**
 * MsgError() - end a client's MsgSend() with an error
 * @rcvid: receive id
 * @error: errno for the client; EOK: success; ERESTART: its MsgSend() starts
 *         over, after the handler of a signal for which it wanted out, unless
 *         its time is over; -1: the error that unblocking it would have given,
 *         ETIMEDOUT if its time is over, else EINTR
 *
 * Return: 0, or an error: ESRCH as MsgReply(), EINVAL.
 * Does not block for a client of this node.  Manual page: MsgError.
 */
int MsgError(int rcvid, int error);
int MsgError_r(int rcvid, int error);

/**
 * MsgRead() - fetch bytes of a client's message
 * @rcvid:  receive id, not yet replied to
 * @msg:    out
 * @bytes:  room
 * @offset: where in the message to begin
 *
 * Return: bytes copied, fewer at the end of the message, 0 behind it; or an
 * error:
 *   ESRCH       as MsgReply()
 *   ESRVRFAULT  bad buffer; EFAULT the client's memory is bad
 *   EINTR, EINVAL, EOVERFLOW, ENOMEM, EAGAIN
 *   ETIMEDOUT   the client's thread has not brought them within 30 s and 1 s for
 *               each 256 KiB, or another node within 60 s and 1 s for each 4 KiB
 * Blocks while the bytes come from another node, or from a client's thread.
 * Not a cancellation point.
 * Manual pages: MsgRead, MsgReadv.
 */
ssize_t MsgRead(int rcvid, void *msg, size_t bytes, size_t offset);
ssize_t MsgRead_r(int rcvid, void *msg, size_t bytes, size_t offset);
ssize_t MsgReadv(int rcvid, const iov_t *iov, size_t parts, size_t offset);
ssize_t MsgReadv_r(int rcvid, const iov_t *iov, size_t parts, size_t offset);

/**
 * MsgWrite() - put bytes into a client's reply area
 * @rcvid:  receive id, not yet replied to
 * @msg:    the bytes
 * @bytes:  how many
 * @offset: where in the reply area
 *
 * The client stays blocked; a reply is still due.
 *
 * Return: bytes copied, fewer at the end of the reply area, 0 behind it; or
 * an error as MsgRead().  Bad memory of a client on another node may be found
 * after the return, and is then told to the client alone; so may that of a client
 * of this node which takes more than a second.  Blocks as MsgRead().
 * Manual pages: MsgWrite, MsgWritev.
 */
ssize_t MsgWrite(int rcvid, const void *msg, size_t bytes, size_t offset);
ssize_t MsgWrite_r(int rcvid, const void *msg, size_t bytes, size_t offset);
ssize_t MsgWritev(int rcvid, const iov_t *iov, size_t parts, size_t offset);
ssize_t MsgWritev_r(int rcvid, const iov_t *iov, size_t parts,
		    size_t offset);

/**
 * MsgInfo() - what is known of a message
 * @rcvid: receive id, not yet replied to
 * @info:  out: as MsgReceive() gave it, but for _NTO_MI_UNBLOCK_REQ
 *
 * Return: 0, or an error: ESRCH as MsgReply(), EFAULT @info is NULL.
 * Does not block.  Manual page: MsgInfo.
 */
int MsgInfo(int rcvid, struct _msg_info *info);
int MsgInfo_r(int rcvid, struct _msg_info *info);

/* --- Timeouts ---------------------------------------------------------- */

/**
 * TimerTimeout() - limit the time of the thread's next call
 * @id:     CLOCK_REALTIME or CLOCK_MONOTONIC
 * @flags:  the states in which the time counts, and perhaps TIMER_ABSTIME:
 *          @ntime is a time of @id.  0: nothing is armed any more.
 * @notify: NULL or of the kind SIGEV_UNBLOCK
 * @ntime:  nanoseconds; NULL or 0: the call does not wait
 * @otime:  out: at once, what is left of a time armed before for a call that was
 *          not made; after the call, of this one.  May be NULL; else it must stand
 *          until then.
 *
 * _NTO_TIMEOUT_RECEIVE is for MsgReceive() and its kin.  _NTO_TIMEOUT_REPLY is for
 * MsgReply(), MsgError(), MsgRead() and MsgWrite(), too, which may block for a
 * client on another node: the rcvid stays good.  MsgSend() is SEND-blocked until
 * the server receives its message, if that is on another node until it leaves for
 * there, then REPLY-blocked: with _NTO_TIMEOUT_SEND alone the time ends with the
 * first state, with _NTO_TIMEOUT_REPLY alone it begins with the second, with both
 * it is for all of the call.  It counts from the call, unless it is absolute.
 *
 * The call fails with ETIMEDOUT, not before its time and, as the kernel's clock
 * ticks, some milliseconds after it.  A client that the server must let go is
 * asked for: see ChannelCreate().
 *
 * Any call of this library that reaches the kernel uses the timeout up, also one
 * that does not block; so do fork() and delay(), but no other call of the system's.
 * Those are not limited either, as they would be on QNX: their states are EINVAL.
 *
 * Return: 0, or an error:
 *   EINVAL   another clock or another state
 *   ENOTSUP  another kind of @notify
 * Does not block.  Manual page: TimerTimeout, which knows more kinds and states.
 */
int TimerTimeout(clockid_t id, int flags, const struct sigevent *notify,
		 const _Uint64t *ntime, _Uint64t *otime);
int TimerTimeout_r(clockid_t id, int flags, const struct sigevent *notify,
		   const _Uint64t *ntime, _Uint64t *otime);

/**
 * MsgKeyData() - seal data that a client carries to another server
 * @rcvid:  receive id, not yet replied to, of the client that carries it
 * @op:     _NTO_KEYDATA_CALCULATE or _NTO_KEYDATA_VERIFY
 * @key:    a secret that both servers know
 * @newkey: CALCULATE: out: the seal, to go with the data.  VERIFY: in: the seal
 *          that came with it; out: 0 if the data is what the client was given,
 *          another number if it is not
 * @iov:    the data, in the server's memory
 * @parts:  entries in @iov, at most 524288
 *
 * The seal is 32 bits made of the secret, the data and the client's process id;
 * servers on different nodes get the same one, and in whatever parts they have the
 * data.
 *
 * Return: 0, or an error: ESRCH as MsgReply(), EINVAL @op or @parts, EFAULT
 * @newkey or @iov is NULL.
 * Does not block.  Manual page: MsgKeyData.
 */
int MsgKeyData(int rcvid, int op, _Uint32t key, _Uint32t *newkey,
	       const iov_t *iov, int parts);
int MsgKeyData_r(int rcvid, int op, _Uint32t key, _Uint32t *newkey,
		 const iov_t *iov, int parts);

/**
 * MsgCurrent() - go on at the priority of a client
 * @rcvid: receive id, not yet replied to
 *
 * Of a thread with SCHED_FIFO or SCHED_RR the priority becomes that of the client
 * until it receives again, as far as the system lets it: see MsgReceive(), but
 * also with _NTO_CHF_FIXED_PRIORITY.  Other threads keep theirs.
 *
 * Return: 0, or an error: ESRCH as MsgReply().
 * Does not block.  Manual page: MsgCurrent.
 */
int MsgCurrent(int rcvid);
int MsgCurrent_r(int rcvid);

/* --- Events and signals ------------------------------------------------ */

/**
 * MsgDeliverEvent() - do to a client what it has asked for
 * @rcvid: of any message of the client, replied to or not, as long as the
 *         connection it came over; 0: the calling thread itself
 * @event: the event, untouched as the client put it into its message
 *
 * SIGEV_NONE          nothing; so does an event that is all zero
 * SIGEV_SIGNAL        a signal to the client process
 * SIGEV_SIGNAL_CODE   the same with si_code and si_value; code -128 to 127, of which
 *                     those that Linux keeps for the kernel, 0 and above and
 *                     SI_TKILL, arrive as SI_QUEUE
 * SIGEV_SIGNAL_THREAD the same to the thread that sent the message.  Of a
 *                     connection that more than four threads use all but the
 *                     first three count as the process, once they were
 *                     replied to.
 * SIGEV_PULSE         a pulse over sigev_coid, a connection of the client's: one
 *                     that it got from ConnectAttach() or name_open(), not from
 *                     dup().  Code 0 to 127; priority 0 to 255, or
 *                     SIGEV_PULSE_PRIO_INHERIT: that of the client's first thread,
 *                     as it is then.  It is delivered if the client might send it
 *                     itself, beyond its own channels at 63 at most.
 * SIGEV_UNBLOCK       the client's MsgSend() ends with ETIMEDOUT, and @rcvid with
 *                     it; nothing if it was replied to
 * SIGEV_INTR          EINVAL: there are no interrupts to wait for
 * SIGEV_THREAD        ENOTSUP: no process can be given a new thread from outside
 *
 * On QNX a server may do all that to its clients.  Here a signal arrives if the
 * client handles, ignores or blocks it, or waits for it: what it did not provide
 * for would kill it.  Any other signal, and SIGKILL, SIGSTOP and SIGCONT always,
 * arrives only from a server of the same node that might kill() the client.
 * Of a signal that all threads of a process block, if there are several, code and
 * value are lost.
 *
 * Return: 0, or an error:
 *   ESRCH   no such @rcvid, or the client is gone, has detached, or is another
 *           program by exec(); its thread is gone
 *   EBADF   the client has no such connection, or a dead one
 *   EPERM   see above
 *   EAGAIN  too much is under way, or too many pulses wait
 *   EINVAL  a kind, code, priority or signal out of range
 *   EHOSTUNREACH  no link leads to the client's node
 *   ENOTSUP SIGEV_THREAD
 *   EFAULT  @event is NULL
 * For a client of another node 0 says that the event is on its way; what came of
 * it nobody hears, and of a pointer in sigev_value the lower 32 bits arrive.
 * Does not block.  Manual page: MsgDeliverEvent.
 */
int MsgDeliverEvent(int rcvid, const struct sigevent *event);
int MsgDeliverEvent_r(int rcvid, const struct sigevent *event);

/**
 * MsgVerifyEvent() - could an event be delivered?
 * @rcvid: as above
 * @event: as above
 *
 * Return: 0, or an error as MsgDeliverEvent(), which would have returned it at
 * this moment; but
 *   ENOREMOTE  the client is on another node
 *   ESRCH   @rcvid 0: no connection sigev_coid; EBADF: its channel is gone
 * Does not block.  Manual page: MsgVerifyEvent.
 */
int MsgVerifyEvent(int rcvid, const struct sigevent *event);
int MsgVerifyEvent_r(int rcvid, const struct sigevent *event);

/**
 * SignalKill() - signal a process, of this node or of another
 * @nd:    its node
 * @pid:   process; 0: the caller's process group, below 0: as kill()
 * @tid:   thread, 1: the first one, 0: any; of a group: ignored
 * @signo: signal, 0: is there such a process, and may it be signalled?
 * @code:  si_code, -128 to 127
 * @value: si_value
 *
 * On this node the right to do so is that of kill(); codes that Linux keeps for
 * the kernel, 0 and above and SI_TKILL, become SI_QUEUE unless the calling thread
 * signals itself, or is the first of its process and signals that; groups get
 * neither code nor value.
 *
 * On another node the process must have a channel or a connection.  That node
 * compares the numbers of the caller's user ids with those of the process, as
 * kill() does, but knows no root from elsewhere, unless its administrator says so
 * (module parameter remote_root).  si_pid is 0 there.
 *
 * Return: 0, or an error:
 *   ESRCH   no such process or thread
 *   EPERM   it is another user's
 *   EINVAL  @signo, @code or @tid out of range
 *   EAGAIN  too many signals wait there
 *   ENOREMOTE     @pid is 0 or below, and @nd another node
 *   EHOSTUNREACH  the node cannot be found; EHOSTDOWN it fell silent
 *   EINTR   a signal; the other one may have arrived
 *   ENOSYS  @nd is another node, and there is no kernel module
 * Blocks until the other node has answered.  A node with QNX does not: then 0 says
 * that the signal is on its way.  Manual page: SignalKill.
 */
int SignalKill(_Uint32t nd, pid_t pid, int tid, int signo, int code,
	       int value);
int SignalKill_r(_Uint32t nd, pid_t pid, int tid, int signo, int code,
		 int value);

/* --- Small things ------------------------------------------------------ */

/**
 * delay() - suspend the calling thread; see <unistd.h>
 * @duration: milliseconds
 */
unsigned int delay(unsigned int duration);

/* --- Not provided ------------------------------------------------------ */

/*
 * These exist so that programs compile and link.  Each fails with ENOSYS and
 * does nothing else: the plain forms return -1 and set errno, the _r forms
 * return -ENOSYS.
 */
int MsgReadiov(int rcvid, const iov_t *iov, size_t parts, size_t offset,
	       int flags);
int MsgReadiov_r(int rcvid, const iov_t *iov, size_t parts, size_t offset,
		 int flags);
int MsgRegisterEvent(struct sigevent *event, int coid);
int MsgRegisterEvent_r(struct sigevent *event, int coid);
int MsgUnregisterEvent(const struct sigevent *event);
int MsgUnregisterEvent_r(const struct sigevent *event);
int MsgPause(int rcvid, unsigned int cookie);
int MsgPause_r(int rcvid, unsigned int cookie);
int ThreadCtl(int cmd, void *data);
int ThreadCtl_r(int cmd, void *data);

__QNET_END_DECLS

#endif /* _SYS_NEUTRINO_H */
