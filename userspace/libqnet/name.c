// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names of servers.  QNX keeps them in the path name space, below /dev/name;
 * here they are strings in a table of the kernel, and paths are taken apart
 * as text.
 */
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/netmgr.h>
#include <unistd.h>

#include "dispatch.h"
#include "internal.h"

#define LOCAL_DIR	"/dev/name/local/"
#define NET_DIR		"/net/"
#define HANDSHAKE_MS	1000

/* --- server side ------------------------------------------------------- */

/**
 * struct name_handle - what name_attach() returns a part of
 * @pub:  the program's part
 * @name: name, in the form the kernel took it
 */
struct name_handle {
	name_attach_t pub;
	char name[QNET_NAME_MAX];
};

/* Would path_walk() leave the path as it is?  Else nobody could open it. */
static bool path_is_plain(const char *path)
{
	size_t n;

	for (;; path += n + 1) {
		n = strcspn(path, "/");
		if (!n || (n == 1 && path[0] == '.') ||
		    (n == 2 && !strncmp(path, "..", 2)))
			return false;
		if (!path[n])
			return true;
	}
}

static int name_check(const char *path, unsigned int flags)
{
	if (flags & NAME_FLAG_ATTACH_GLOBAL)
		return -ENOSYS;
	if (flags || !path || !path_is_plain(path))
		return -EINVAL;
	return strlen(path) < QNET_NAME_MAX ? 0 : -ENAMETOOLONG;
}

static int name_ioctl(int chid, unsigned long cmd, const char *name)
{
	struct qnet_name_req req = { 0 };
	SLOT_GUARD(s);

	s = slot_get(&qnet_chans, (unsigned int)chid);
	if (!s)
		return -EINVAL;
	strncpy(req.name, name, sizeof(req.name) - 1);
	return qnet_ioctl(s->fd, cmd, &req);
}

static int name_make(struct name_handle *h, dispatch_t *dpp, const char *path)
{
	static _Atomic int mntid;
	int chid = qnet_dispatch_channel(dpp);
	int ret;

	if (chid < 0)
		return chid;
	ret = name_ioctl(chid, QNET_IOC_NAME_ATTACH, path);
	if (ret)
		return ret;
	strcpy(h->name, path);
	h->pub.dpp = dpp;
	h->pub.chid = chid;
	h->pub.mntid = atomic_fetch_add(&mntid, 1) + 1;
	return 0;
}

static int name_start(struct name_handle *h, dispatch_t *dpp, const char *path)
{
	dispatch_t *own = dpp ? NULL : dispatch_create();
	int ret;

	if (!dpp && !own)
		return -ENOMEM;
	ret = name_make(h, dpp ? dpp : own, path);
	if (ret && own)
		dispatch_destroy(own);
	return ret;
}

name_attach_t *name_attach(dispatch_t *dpp, const char *path,
			   unsigned int flags)
{
	struct name_handle *h;
	int ret = name_check(path, flags);

	if (ret) {
		errno = -ret;
		return NULL;
	}
	h = calloc(1, sizeof(*h));
	ret = h ? name_start(h, dpp, path) : -ENOMEM;
	if (ret) {
		free(h);
		errno = -ret;
		return NULL;
	}
	return &h->pub;
}

int name_detach(name_attach_t *attach, unsigned int flags)
{
	struct name_handle *h = (struct name_handle *)attach;
	int ret;

	if (!attach || flags & ~(unsigned int)NAME_FLAG_DETACH_SAVEDPP)
		return (int)qnet_ret(-EINVAL);
	ret = name_ioctl(attach->chid, QNET_IOC_NAME_DETACH, h->name);
	if (!(flags & NAME_FLAG_DETACH_SAVEDPP))
		dispatch_destroy(attach->dpp);
	free(h);
	return (int)qnet_ret(ret ? -EINVAL : 0);
}

/* --- paths ------------------------------------------------------------- */

/*
 * Append the components of @path to @to, which holds a path without a
 * trailing '/'; "." goes, ".." takes the last one off, as far as the root.
 */
static int path_walk(char *to, size_t max, const char *path)
{
	size_t len = strlen(to), n;
	char *cut;

	for (; *path; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n > NAME_MAX)
			return -ENAMETOOLONG;
		if (!n || (n == 1 && path[0] == '.'))
			continue;
		if (n == 2 && !strncmp(path, "..", 2)) {
			cut = strrchr(to, '/');
			len = cut ? (size_t)(cut - to) : 0;
			to[len] = '\0';
			continue;
		}
		if (len + 1 + n >= max)
			return -ENAMETOOLONG;
		to[len++] = '/';
		memcpy(to + len, path, n);
		len += n;
		to[len] = '\0';
	}
	return 0;
}

/* Is @path a directory on the way to the names, or that of the names? */
static bool path_is_dir(const char *path)
{
	size_t n = strlen(path);

	return n < strlen(LOCAL_DIR) && !strncmp(path, LOCAL_DIR, n) &&
	       LOCAL_DIR[n] == '/';
}

/* Take the node off the front of a path: its nd or -errno. */
static int path_node(const char **path)
{
	const char *end;
	int nd;

	if (strncmp(*path, NET_DIR, strlen(NET_DIR)))
		return ND_LOCAL_NODE;
	nd = qnet_strtond(*path, &end);
	if (nd == -ENOTSUP)
		return -ENOSYS;
	if (nd >= 0)
		*path = end;
	return nd;
}

/**
 * name_parse() - what a path given to name_open() means
 * @name: path
 * @req:  out: node and name
 *
 * Return: 0 or -errno.
 */
static int name_parse(const char *name, struct qnet_name_req *req)
{
	char full[PATH_MAX] = "";
	const char *path = full;
	int ret;

	if (!name || !name[0])
		return -ENOENT;
	if (name[0] != '/')
		strcpy(full, "/dev/name/local");
	ret = path_walk(full, sizeof(full), name);
	if (ret)
		return ret;
	ret = path_node(&path);
	if (ret < 0)
		return ret;
	req->nd = (__u32)ret;
	if (strncmp(path, LOCAL_DIR, strlen(LOCAL_DIR)))
		return path_is_dir(path) ? -EISDIR : -ENOENT;
	path += strlen(LOCAL_DIR);
	if (strlen(path) >= sizeof(req->name))
		return -ENAMETOOLONG;
	strcpy(req->name, path);
	return 0;
}

/* --- client side ------------------------------------------------------- */

enum handshake { HANDSHAKE_TIMED, HANDSHAKE_WAIT, HANDSHAKE_QUIET };

static enum handshake handshake_mode(void)
{
	const char *mode = secure_getenv("QNET_NAME_OPEN");

	if (mode && !strcmp(mode, "wait"))
		return HANDSHAKE_WAIT;
	if (mode && !strcmp(mode, "quiet"))
		return HANDSHAKE_QUIET;
	return HANDSHAKE_TIMED;
}

/* A struct _io_connect with room for the name. */
union connect_msg {
	struct _io_connect c;
	char room[sizeof(struct _io_connect) + QNET_NAME_MAX];
};

static size_t connect_fill(union connect_msg *m, const char *name)
{
	size_t len = strlen(name) + 1;

	memset(m, 0, sizeof(*m));
	m->c.type = _IO_CONNECT;
	m->c.subtype = _IO_CONNECT_OPEN;
	m->c.file_type = _FTYPE_NAME;
	m->c.ioflag = _IO_FLAG_RD | _IO_FLAG_WR;
	m->c.path_len = (_Uint16t)len;
	memcpy(m->c.path, name, len);
	return offsetof(struct _io_connect, path) + len;
}

/*
 * Servers that do not know the message say so: let them.  One that died before
 * it could be told has died all the same.
 */
static int handshake_verdict(int err)
{
	if (err == -EBADF)
		return -ESRCH;
	return err == -ENOSYS || err == -ENOTSUP ? 0 : err;
}

static int handshake_wait(int coid, const char *name)
{
	union connect_msg m;
	size_t len = connect_fill(&m, name);
	long ret = MsgSend_r(coid, &m, len, NULL, 0);

	return ret < 0 ? handshake_verdict((int)ret) : 0;
}

static int call_start(int fd, const void *msg, size_t len)
{
	struct qnet_cmsg_call call = { .prio = QNET_PRIO_SELF };
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(sizeof(call))];
	} ctl = { 0 };
	struct iovec iov = { (void *)msg, len };
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &ctl,
		.msg_controllen = sizeof(ctl),
	};

	ctl.hdr.cmsg_level = SOL_QNET;
	ctl.hdr.cmsg_type = QNET_CMSG_CALL;
	ctl.hdr.cmsg_len = CMSG_LEN(sizeof(call));
	memcpy(CMSG_DATA(&ctl.hdr), &call, sizeof(call));
	return sendmsg(fd, &mh, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/*
 * The error of an ended call, 0: it was answered.  If the server died, poll()
 * may tell of the dead connection just before its calls have ended: wait.
 */
static int call_end(int fd)
{
	struct qnet_cmsg_done done;
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(sizeof(done))];
	} ctl;
	char byte;
	struct iovec iov = { &byte, sizeof(byte) };
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &ctl,
		.msg_controllen = sizeof(ctl),
	};

	if (recvmsg(fd, &mh, 0) < 0)
		return -errno;
	if (mh.msg_controllen < CMSG_LEN(sizeof(done)) ||
	    ctl.hdr.cmsg_type != QNET_CMSG_DONE)
		return -EPROTO;
	memcpy(&done, CMSG_DATA(&ctl.hdr), sizeof(done));
	return -done.error;
}

/* 0: answered with consent; 1: not answered in time; else -errno */
static int handshake_timed(int fd, const char *name)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	union connect_msg m;
	size_t len = connect_fill(&m, name);
	int ret;

	do {
		ret = call_start(fd, &m, len);
		if (ret)
			return handshake_verdict(ret);
		ret = poll(&pfd, 1, HANDSHAKE_MS);
		if (ret < 0)
			return -errno;
		if (!ret)
			return 1;
		ret = call_end(fd);
	} while (ret == -ERESTART);
	return handshake_verdict(ret);
}

/*
 * Nobody answered: let the call stay open on its socket, to be closed with the
 * connection, and take a new one for what is to come.  No other thread knows
 * the id yet.
 */
static int side_renew(struct slot *s, const struct qnet_name_req *req,
		      int coid)
{
	struct calm was;
	int fd, ret;

	qnet_table_lock(&was);
	fd = ret = qnet_socket();
	if (fd >= 0)
		ret = qnet_connect(fd, req->nd, req->pid, req->chid, coid);
	if (!ret) {
		qnet_fd_forget(fd);
		s->aux_fd = s->fd;
		s->fd = fd;
	}
	qnet_table_unlock(&was);
	return ret;
}

/*
 * The message must go out on the connection itself: closing another one would
 * tell the server that its client is gone, since to another node a connection
 * begins with its first message.
 */
static int open_timed(const struct qnet_name_req *req, int coid)
{
	SLOT_GUARD(s);
	int fd, ret;

	fd = qnet_coid_get(coid, &s);
	if (fd < 0)
		return fd;
	ret = handshake_timed(fd, req->name);
	return ret == 1 ? side_renew(s, req, coid) : ret;
}

static int handshake(const struct qnet_name_req *req, int coid)
{
	switch (handshake_mode()) {
	case HANDSHAKE_WAIT:
		return handshake_wait(coid, req->name);
	case HANDSHAKE_TIMED:
		return open_timed(req, coid);
	case HANDSHAKE_QUIET:
		break;
	}
	return 0;
}

static void fd_close(int *fd)
{
	int saved = errno;
	CANCEL_OFF(was);

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

/* Another node may take its time to answer. */
static int name_lookup(struct qnet_name_req *req)
{
	int fd __attribute__((cleanup(fd_close))) = qnet_socket();

	return fd < 0 ? fd : qnet_ioctl_cancel(fd, QNET_IOC_NAME_LOOKUP, req);
}

/* The thread was cancelled in the handshake: nobody else knows the id. */
static void coid_end(int *coid)
{
	if (*coid >= 0)
		ConnectDetach_r(*coid);
}

static int name_connect(const char *name, int flags)
{
	int coid __attribute__((cleanup(coid_end))) = -1;
	struct qnet_name_req req = { 0 };
	int ret;

	if (flags & NAME_FLAG_ATTACH_GLOBAL)
		return -ENOSYS;
	if (flags)
		return -EINVAL;
	ret = name_parse(name, &req);
	if (!ret)
		ret = name_lookup(&req);
	if (ret)
		return ret;
	coid = qnet_side_attach(req.nd, req.pid, req.chid, 0);
	if (coid < 0)
		return coid;
	ret = handshake(&req, coid);
	if (ret)
		return ret;
	ret = coid;
	coid = -1;
	return ret;
}

int name_open(const char *name, int flags)
{
	return (int)qnet_ret(name_connect(name, flags));
}

int name_close(int coid)
{
	return ConnectDetach(coid);
}
