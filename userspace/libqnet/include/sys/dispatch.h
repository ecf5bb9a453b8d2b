/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of servers, and as much of the dispatch layer as they need.
 */
#ifndef _SYS_DISPATCH_H
#define _SYS_DISPATCH_H

#include <sys/select.h>
#include <sys/iomsg.h>

typedef struct _dispatch		dispatch_t;
typedef union _dispatch_context		dispatch_context_t;
typedef dispatch_context_t		message_context_t;
typedef dispatch_context_t		select_context_t;
typedef struct _resmgr_context		resmgr_context_t;
typedef struct _resmgr_attr		resmgr_attr_t;
typedef struct _resmgr_connect_funcs	resmgr_connect_funcs_t;
typedef struct _resmgr_io_funcs		resmgr_io_funcs_t;

/**
 * struct _name_attach - a name and the channel behind it
 * @dpp:   dispatch handle
 * @chid:  the channel to receive on
 * @mntid: number of the name within the process
 * @zero:  0
 */
typedef struct _name_attach {
	dispatch_t	*dpp;
	int		chid;
	int		mntid;
	int		zero[2];
} name_attach_t;

#define NAME_FLAG_ATTACH_GLOBAL		0x0002	/* not provided: ENOSYS */
#define NAME_FLAG_DETACH_SAVEDPP	0x0001	/* keep the dispatch handle */

#define DISPATCH_FLAG_NOLOCK		0x0001	/* accepted, changes nothing */
#define DISPATCH_FLAG_CHANNEL_COIDDEATH	0x0002	/* accepted, changes nothing */

__QNET_BEGIN_DECLS

/**
 * dispatch_create() - make a dispatch handle without a channel
 *
 * name_attach() gives it one.
 * Return: the handle, or NULL and errno ENOMEM.  Does not block.
 * Manual page: dispatch_create.
 */
dispatch_t *dispatch_create(void);

/**
 * dispatch_create_channel() - make a dispatch handle for a channel
 * @chid:  the caller's channel, or -1: name_attach() makes one
 * @flags: DISPATCH_FLAG_* bits
 *
 * Return: the handle; or NULL and errno: ENOMEM, EINVAL no such channel.
 * Does not block.  Manual page: dispatch_create_channel.
 */
dispatch_t *dispatch_create_channel(int chid, unsigned int flags);

/**
 * dispatch_destroy() - give a dispatch handle back
 * @dpp: the handle
 *
 * Its channel is destroyed if the library made it.
 * Return: 0; or -1 and errno EINVAL: NULL.  Does not block.
 * Manual page: dispatch_destroy.
 */
int dispatch_destroy(dispatch_t *dpp);

/**
 * name_attach() - make a channel and give it a name
 * @dpp:   NULL: a new channel, made with _NTO_CHF_DISCONNECT,
 *         _NTO_CHF_COID_DISCONNECT and _NTO_CHF_UNBLOCK; or a dispatch handle,
 *         to use its channel
 * @path:  the name, below /dev/name/local; no '/' in front, no "..";
 *         at most QNET_NAME_MAX - 1 bytes
 * @flags: 0
 *
 * The server receives on the member chid.  It must be ready for system pulses
 * (rcvid 0) and for a message of type _IO_CONNECT from each name_open(), to
 * be answered with MsgReply(rcvid, EOK, NULL, 0).  The name ends with the
 * channel or with name_detach().
 *
 * Return: the handle; or NULL and errno:
 *   EEXIST  the name is taken
 *   EINVAL  bad @path or @flags
 *   ENAMETOOLONG  @path is too long
 *   ENOSYS  NAME_FLAG_ATTACH_GLOBAL, or no kernel module
 *   ENOSPC  too many names; EAGAIN, ENOMEM
 * Does not block.  Manual page: name_attach.
 */
name_attach_t *name_attach(dispatch_t *dpp, const char *path,
			   unsigned int flags);

/**
 * name_detach() - take a name away and destroy its channel
 * @attach: from name_attach(); freed, and not to be used again
 * @flags:  NAME_FLAG_DETACH_SAVEDPP: keep dispatch handle and channel
 *
 * Return: 0; or -1 and errno EINVAL: NULL, or a bad flag; or the name had gone
 * already, with its channel or, in a child of fork(), with its process, and then
 * @attach is freed all the same.
 * Does not block.  Manual page: name_detach.
 */
int name_detach(name_attach_t *attach, unsigned int flags);

/**
 * name_open() - connect to a named server
 * @name:  a name of this node; or a path, from /dev/name/local on or from the
 *         root: "../../../net/NODE/dev/name/local/NAME" and
 *         "/net/NODE/dev/name/local/NAME" are a name of another node
 * @flags: 0
 *
 * As in QNX 6.3 to 6.5 the server is sent a message of type _IO_CONNECT,
 * subtype _IO_CONNECT_OPEN, which it answers with MsgReply(): then the
 * connection stands.  With MsgError() it refuses, and the error is
 * name_open()'s; ENOSYS and ENOTSUP count as consent, as they come from
 * servers that do not know the message.  Servers written for later releases
 * may not answer at all: after a second without an answer the connection
 * stands too.  QNET_NAME_OPEN in the environment of the client changes this:
 * "wait" waits for the answer however long, "quiet" sends nothing.
 *
 * Return: a side-channel connection id; or -1 and errno:
 *   ENOENT        no such name, or not a path of names
 *   EISDIR        @name is a directory of names
 *   ENAMETOOLONG  @name or a part of it is too long
 *   EHOSTUNREACH  no such node; EHOSTDOWN it fell silent
 *   ENOTUNIQ      several nodes have that name, in different domains
 *   EOPNOTSUPP    the node does not look names up
 *   ESRCH         the server went away meanwhile
 *   EINTR         a signal
 *   EMFILE, ENFILE, ENOMEM, EAGAIN
 *   EINVAL        bad @flags
 *   ENOSYS        NAME_FLAG_ATTACH_GLOBAL, or no kernel module
 *   any other     the server's MsgError()
 * Blocks until the server answers.  A cancellation point.
 * Manual page: name_open.
 */
int name_open(const char *name, int flags);

/**
 * name_close() - end a connection that name_open() made
 * @coid: connection id
 *
 * Return: 0; or -1 and errno EINVAL: no such connection.  Does not block.
 * Manual page: name_close.
 */
int name_close(int coid);

/*
 * Not provided.  These exist so that programs compile and link; they fail
 * with ENOSYS (-1, or NULL, and errno) and do nothing else.
 */
int resmgr_attach(dispatch_t *dpp, resmgr_attr_t *attr, const char *path,
		  int file_type, unsigned int flags,
		  const resmgr_connect_funcs_t *connect_funcs,
		  const resmgr_io_funcs_t *io_funcs, void *handle);
int resmgr_detach(dispatch_t *dpp, int id, unsigned int flags);
int message_attach(dispatch_t *dpp, void *attr, int low, int high,
		   int (*func)(message_context_t *ctp, int code,
			       unsigned int flags, void *handle),
		   void *handle);
int message_detach(dispatch_t *dpp, int low, int high, int flags);
int message_connect(dispatch_t *dpp, int flags);
int pulse_attach(dispatch_t *dpp, int flags, int code,
		 int (*func)(message_context_t *ctp, int code,
			     unsigned int flags, void *handle),
		 void *handle);
int pulse_detach(dispatch_t *dpp, int code, int flags);
int select_attach(dispatch_t *dpp, void *attr, int fd, unsigned int flags,
		  int (*func)(select_context_t *ctp, int fd,
			      unsigned int flags, void *handle),
		  void *handle);
int select_detach(dispatch_t *dpp, int fd);
dispatch_context_t *dispatch_context_alloc(dispatch_t *dpp);
void dispatch_context_free(dispatch_context_t *ctp);
dispatch_context_t *dispatch_block(dispatch_context_t *ctp);
int dispatch_handler(dispatch_context_t *ctp);
int dispatch_timeout(dispatch_t *dpp, struct timespec *reltime);
void dispatch_unblock(dispatch_context_t *ctp);

__QNET_END_DECLS

#endif /* _SYS_DISPATCH_H */
