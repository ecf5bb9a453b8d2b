/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libqnet has and QNX has not.  Included by <sys/neutrino.h>. */
#ifndef _SYS_QNET_H
#define _SYS_QNET_H

#include <sys/qnet_types.h>

struct _msg_info;

__QNET_BEGIN_DECLS

/**
 * qnet_family() - the number of the socket family AF_QNET in force
 *
 * Return: the number; or -1 and errno: ENOTSUP no kernel module; EMFILE, ENFILE,
 * ENOMEM it could not be asked for.
 * Does not block.  Thread-safe.
 */
int qnet_family(void);

/**
 * qnet_channel_fd() - the socket of a channel, for poll() and epoll
 * @chid: channel id
 *
 * It is readable (POLLIN) while MsgReceive() would not block.  It belongs to
 * the library: do not close it, and drop it before ChannelDestroy().
 *
 * Return: a file descriptor; or -1 and errno ESRCH: no such channel.
 * Does not block.  Thread-safe.
 */
int qnet_channel_fd(int chid);

/**
 * qnet_connect_fd() - the socket of a connection, for poll() and epoll
 * @coid: connection id
 *
 * POLLHUP and POLLERR tell that the connection is dead.  It belongs to the
 * library like that of qnet_channel_fd().
 *
 * Return: a file descriptor; or -1 and errno EBADF: no such connection.
 * Does not block.  Thread-safe.
 */
int qnet_connect_fd(int coid);

/**
 * qnet_connect_now() - is the server of a connection there?
 * @coid: connection id
 *
 * ConnectAttach() says nothing to another node; this has that node open its end,
 * as QNX 4's qnx_vc_attach() does, and waits for its answer.  The server hears
 * nothing.  Of a connection on this node, and of one that is open already,
 * nothing is sent.
 *
 * Return: 0; or -1 and errno: EBADF no such connection, or it is dead; ESRCH no
 * such process or channel, EHOSTUNREACH the node cannot be found, EHOSTDOWN it
 * fell silent, EPERM it does not let the caller in, ENOBUFS the caller's node has
 * too many connections with it, EAGAIN it has no room, ENOMEM, EINTR a signal,
 * ETIMEDOUT a time of TimerTimeout() for _NTO_TIMEOUT_SEND is over.  A connection that has got ESRCH stays dead until ConnectDetach().
 * Blocks until the node has answered or is given up.  A cancellation point.
 * Thread-safe.
 */
int qnet_connect_now(int coid);

/**
 * qnet_reply_receive() - MsgReply() and MsgReceive() in one system call
 * @chid:   the channel to receive from
 * @rcvid:  in: the message to reply to, 0: none; out: 0 once the reply has
 *          been given.  Unchanged after an error: the reply failed and
 *          nothing was received.
 * @status: what the client's MsgSend() returns
 * @smsg:   the reply
 * @sbytes: bytes of it
 * @rmsg:   out: the next message or pulse
 * @rbytes: room in it, in bytes
 * @info:   out: what is known of the message; may be NULL
 *
 * Return: as MsgReceive(), or -1 and errno as MsgReply() or MsgReceive().
 * The _r form returns -errno and leaves errno alone.  Blocks until something
 * comes.  A cancellation point, as MsgReceive().  Thread-safe.
 */
int qnet_reply_receive(int chid, int *rcvid, long status,
		       const void *smsg, size_t sbytes,
		       void *rmsg, size_t rbytes, struct _msg_info *info);
int qnet_reply_receive_r(int chid, int *rcvid, long status,
			 const void *smsg, size_t sbytes,
			 void *rmsg, size_t rbytes, struct _msg_info *info);

__QNET_END_DECLS

#endif /* _SYS_QNET_H */
