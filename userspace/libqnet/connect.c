// SPDX-License-Identifier: LGPL-2.1-or-later
/* Connections. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/netmgr.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

static int connect_err(int err)
{
	switch (err) {
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
	case -ENOBUFS:
		return -EAGAIN;
	}
	return err;
}

/**
 * qnet_connect() - make a new socket lead to a channel
 * @fd:   socket, closed on error
 * @nd:   node
 * @pid:  process, 0 = the caller
 * @chid: channel
 * @coid: what servers shall see as our connection id
 *
 * Return: 0 or -errno.
 */
int qnet_connect(int fd, unsigned int nd, pid_t pid, int chid, int coid)
{
	struct sockaddr_qnet sq = {
		.sqn_nd = nd,
		.sqn_pid = pid,
		.sqn_chid = chid,
	};
	int saved = errno, ret = 0;

	sq.sqn_family = (__kernel_sa_family_t)qnet_family();
	/* First the name, so that no pulse can be without it. */
	if (setsockopt(fd, SOL_QNET, QNET_COID, &coid, sizeof(coid)))
		ret = -errno;
	else if (connect(fd, (struct sockaddr *)&sq, sizeof(sq)))
		/* EINVAL: ids that nobody can have. */
		ret = errno == EINVAL ? -ESRCH : -errno;
	if (ret)
		close(fd);
	errno = saved;
	return ret;
}

/**
 * qnet_connect_renew() - put a connection of our own in place of another's
 * @fd: socket that another process connected
 * @nd: the node it asked for: which links to take is in there
 *
 * Called after fork(): nothing but system calls.
 *
 * Return: 0 or -errno.
 */
int qnet_connect_renew(int fd, unsigned int nd)
{
	struct sockaddr_qnet sq;
	socklen_t len = sizeof(sq);
	int new, ret, fl;

	fl = fcntl(fd, F_GETFD);
	if (fl < 0 || getpeername(fd, (struct sockaddr *)&sq, &len))
		return -errno;
	if (ND_NODE_CMP(sq.sqn_nd, nd))
		nd = sq.sqn_nd;
	new = qnet_socket();
	if (new < 0)
		return new;
	ret = qnet_connect(new, nd, sq.sqn_pid, sq.sqn_chid, fd);
	if (ret)
		return ret;
	if (dup3(new, fd, fl & FD_CLOEXEC ? O_CLOEXEC : 0) < 0)
		ret = -errno;
	close(new);
	return ret;
}

static int side_attach(unsigned int nd, pid_t pid, int chid, int flags)
{
	int fd = qnet_socket();
	int id, ret;

	if (fd < 0)
		return fd;
	id = qnet_slot_reserve_any(&qnet_sides);
	if (id < 0) {
		close(fd);
		return id;
	}
	ret = qnet_connect(fd, nd, pid, chid, id | _NTO_SIDE_CHANNEL);
	if (ret) {
		qnet_slot_cancel(&qnet_sides, (unsigned int)id);
		return ret;
	}
	qnet_slot_install(&qnet_sides, (unsigned int)id, fd,
			  (unsigned int)flags);
	return id | _NTO_SIDE_CHANNEL;
}

/* As ConnectAttach_r() with _NTO_SIDE_CHANNEL, but with the raw errors. */
int qnet_side_attach(unsigned int nd, pid_t pid, int chid, int flags)
{
	struct calm was;
	int ret;

	qnet_table_lock(&was);
	ret = side_attach(nd, pid, chid, flags);
	qnet_table_unlock(&was);
	return ret;
}

/* The smallest free descriptor from @index on, in place of @fd. */
static int fd_move(int fd, unsigned int index, int flags)
{
	int saved = errno, ret;

	ret = fcntl(fd, flags & _NTO_COF_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD,
		    (int)index);
	if (ret < 0)
		ret = -errno;
	close(fd);
	errno = saved;
	return ret;
}

static int fd_attach(unsigned int nd, pid_t pid, int chid, unsigned int index,
		     int flags)
{
	int fd = qnet_socket();
	int ret;

	if (fd < 0)
		return fd;
	/* Servers' events do not find a connection that is called 0. */
	if (!index)
		index = 1;
	if ((unsigned int)fd < index)
		fd = fd_move(fd, index, flags);
	else if (!(flags & _NTO_COF_CLOEXEC))
		fcntl(fd, F_SETFD, 0);
	if (fd < 0)
		return fd;
	ret = qnet_connect(fd, nd, pid, chid, fd);
	if (ret)
		return ret;
	qnet_slot_adopt((unsigned int)fd, nd, (unsigned int)flags);
	return fd;
}

int ConnectAttach_r(_Uint32t nd, pid_t pid, int chid, unsigned int index,
		    int flags)
{
	struct calm was;
	int ret;

	if (flags & ~_NTO_COF_CLOEXEC)
		return -EINVAL;
	qnet_table_lock(&was);
	if (index & _NTO_SIDE_CHANNEL)
		ret = side_attach(nd, pid, chid, flags);
	else
		ret = fd_attach(nd, pid, chid, index, flags);
	qnet_table_unlock(&was);
	return connect_err(ret);
}

int ConnectAttach(_Uint32t nd, pid_t pid, int chid, unsigned int index,
		  int flags)
{
	return (int)qnet_ret(ConnectAttach_r(nd, pid, chid, index, flags));
}

static bool coid_is_side(int coid)
{
	return coid >= _NTO_SIDE_CHANNEL;
}

/**
 * qnet_coid_get() - the socket of a connection
 * @coid: connection id
 * @s:    out: the slot the thread was put on, or NULL
 *
 * A descriptor of our family that is not in the table came from dup(), fork()
 * or exec(): QNX lets programs send on it, so do we.
 *
 * Return: the socket or -EBADF.
 */
int qnet_coid_get(int coid, struct slot **s)
{
	unsigned int id = (unsigned int)coid ^ _NTO_SIDE_CHANNEL;

	*s = slot_get(&qnet_sides, id);
	if (likely(*s))
		return (*s)->fd;
	if (coid < 0 || coid_is_side(coid))
		return -EBADF;
	*s = slot_get(&qnet_fds, (unsigned int)coid);
	if (*s || qnet_socket_is_coid(coid))
		return coid;
	return -EBADF;
}

int qnet_connect_fd(int coid)
{
	SLOT_GUARD(s);

	return (int)qnet_ret(qnet_coid_get(coid, &s));
}

/*
 * The program may have closed the descriptor and opened something else.  One that
 * is in no table came from elsewhere; one that was ended already is closed by the
 * last thread that leaves it.
 */
static int fd_detach(int fd)
{
	struct slot *s = slot_at(&qnet_fds, (unsigned int)fd);
	uint32_t state = s ? atomic_load(&s->state) & SLOT_STATES : 0;
	int saved = errno, ret = 0;
	CANCEL_OFF(was);

	if (!qnet_socket_is_coid(fd))
		return -EINVAL;
	if (state)
		return qnet_slot_end(&qnet_fds, (unsigned int)fd);
	if (close(fd))
		ret = -EINVAL;
	errno = saved;
	return ret;
}

static int scoid_detach(int scoid)
{
	__s32 arg = scoid;
	int ret = qnet_rcvid_ioctl(QNET_IOC_SCOID_DETACH, &arg);

	return ret ? -EINVAL : 0;
}

int ConnectDetach_r(int coid)
{
	int ret = -EINVAL;

	if (coid < 0)
		return ret;
	if (coid_is_side(coid))
		ret = qnet_slot_end(&qnet_sides,
				    (unsigned int)coid ^ _NTO_SIDE_CHANNEL);
	else
		ret = fd_detach(coid);
	return ret ? scoid_detach(coid) : 0;
}

int ConnectDetach(int coid)
{
	return (int)qnet_ret(ConnectDetach_r(coid));
}

/* Only connections of the process itself can be looked at. */
static int connect_pid(pid_t pid)
{
	int saved = errno, ret = 0;

	if (!pid || pid == getpid())
		return 0;
	if (kill(pid, 0) && errno == ESRCH)
		ret = -ESRCH;
	errno = saved;
	return ret ? ret : -ENOSYS;
}

/* What the kernel says of a connection; *dead: _NTO_COF_DEAD or 0. */
static int server_ask(struct slot *s, struct qnet_server_info *si,
		      unsigned int *dead)
{
	int ret = qnet_ioctl(s->fd, QNET_IOC_SERVERINFO, si);

	*dead = !ret && si->flags & QNET_SIF_DEAD ? _NTO_COF_DEAD : 0;
	return ret;
}

static int server_info(struct slot *s, int coid, struct _server_info *info)
{
	struct qnet_server_info si = { 0 };
	unsigned int dead;
	int ret = server_ask(s, &si, &dead);

	if (ret || (dead && !info))
		return -EINVAL;
	if (info)
		*info = (struct _server_info){
			.nd = si.nd,
			.pid = si.pid,
			.chid = si.chid,
			.scoid = si.scoid,
			.coid = coid,
			.flags = (_Int16t)(s->flags | dead),
		};
	return coid;
}

/* The first connection of a table from @id on; @base makes ids of slots. */
static int server_find(struct table *t, unsigned int id, unsigned int base,
		       struct _server_info *info)
{
	unsigned int end = atomic_load(&t->end);
	struct slot *s;
	int ret;

	for (; id < end; id++) {
		s = slot_get(t, id);
		if (!s)
			continue;
		ret = server_info(s, (int)(id | base), info);
		slot_put(s);
		if (ret >= 0)
			return ret;
	}
	return -EINVAL;
}

int ConnectServerInfo_r(pid_t pid, int coid, struct _server_info *info)
{
	unsigned int id = coid < 0 ? 0 : (unsigned int)coid;
	int ret = connect_pid(pid);

	if (ret)
		return ret;
	ret = -EINVAL;
	if (!coid_is_side((int)id)) {
		ret = server_find(&qnet_fds, id, 0, info);
		id = _NTO_SIDE_CHANNEL;
	}
	if (ret < 0)
		ret = server_find(&qnet_sides, id ^ _NTO_SIDE_CHANNEL,
				  _NTO_SIDE_CHANNEL, info);
	return ret;
}

int ConnectServerInfo(pid_t pid, int coid, struct _server_info *info)
{
	return (int)qnet_ret(ConnectServerInfo_r(pid, coid, info));
}

/* The flags of a descriptor are what fcntl() says: programs may change them. */
static void flags_read(struct slot *s, int coid)
{
	int fl;

	if (coid_is_side(coid))
		return;
	fl = fcntl(s->fd, F_GETFD);
	s->flags = fl > 0 && fl & FD_CLOEXEC ? _NTO_COF_CLOEXEC : 0;
}

static void flags_write(struct slot *s, int coid, unsigned int flags)
{
	s->flags = flags;
	if (!coid_is_side(coid))
		fcntl(s->fd, F_SETFD, flags & _NTO_COF_CLOEXEC ?
					      FD_CLOEXEC : 0);
}

int ConnectFlags_r(pid_t pid, int coid, unsigned int mask, unsigned int bits)
{
	struct qnet_server_info si;
	unsigned int was, dead;
	SLOT_GUARD(s);
	int ret = connect_pid(pid);

	if (ret)
		return ret;
	if (mask & ~(unsigned int)_NTO_COF_CLOEXEC ||
	    qnet_coid_get(coid, &s) < 0 || !s)
		return -EINVAL;
	if (server_ask(s, &si, &dead))
		return -EINVAL;
	flags_read(s, coid);
	was = s->flags;
	if (mask)
		flags_write(s, coid, (was & ~mask) | (bits & mask));
	return (int)(was | dead);
}

int ConnectFlags(pid_t pid, int coid, unsigned int mask, unsigned int bits)
{
	return (int)qnet_ret(ConnectFlags_r(pid, coid, mask, bits));
}

/* --- who a client is --------------------------------------------------- */

#define NGROUPS_WHOLE	65536	/* NGROUPS_MAX of Linux */

/* How many groups there are; the first @room of them go into @list. */
static int own_groups(gid_t *list, int room)
{
	int n = getgroups(0, NULL);
	gid_t *all;

	if (n <= 0 || !room)
		return n < 0 ? -errno : n;
	all = calloc((size_t)n, sizeof(*all));
	if (!all)
		return -ENOMEM;
	n = getgroups(n, all);
	if (n < 0)
		n = -errno;
	else
		memcpy(list, all, (size_t)(n < room ? n : room) * sizeof(*all));
	free(all);
	return n;
}

static void groups_told(struct _cred_info *c, _Uint32t has, int room)
{
	c->ngroups = room && has > (_Uint32t)room ? (_Uint32t)room : has;
}

static int own_info(struct _client_info *info, int ngroups)
{
	struct _cred_info *c = &info->cred;
	int n;

	qnet_timeout_clear();
	if (getresuid(&c->ruid, &c->euid, &c->suid) ||
	    getresgid(&c->rgid, &c->egid, &c->sgid))
		return -errno;
	info->nd = QNET_ND_LOCAL;
	info->pid = getpid();
	info->sid = getsid(0);
	info->flags = 0;
	n = own_groups(c->grouplist, ngroups);
	if (n < 0)
		return n;
	groups_told(c, (_Uint32t)n, ngroups);
	return 0;
}

static int peer_info(int scoid, struct _client_info *info, int ngroups)
{
	struct qnet_client_info ci = {
		.scoid = scoid,
		.ngroups = (__u32)ngroups,
		.groups = (uintptr_t)info->cred.grouplist,
	};
	int ret = qnet_rcvid_ioctl(QNET_IOC_CLIENTINFO, &ci);

	if (ret)
		return ret == -ESRCH ? -EINVAL : ret;
	info->nd = ci.nd;
	info->pid = ci.pid;
	info->sid = ci.sid;
	info->flags = ci.flags;
	info->cred.ruid = ci.ruid;
	info->cred.euid = ci.euid;
	info->cred.suid = ci.suid;
	info->cred.rgid = ci.rgid;
	info->cred.egid = ci.egid;
	info->cred.sgid = ci.sgid;
	groups_told(&info->cred, ci.ngroups, ngroups);
	return 0;
}

/*
 * Programs pass NGROUPS_MAX and mean the list as QNX declares it.  On Linux
 * that number is far more than the structure holds.
 */
int ConnectClientInfo_r(int scoid, struct _client_info *info, int ngroups)
{
	if (ngroups < 0)
		return -EINVAL;
	if (!info)
		return -EFAULT;
	if (ngroups >= NGROUPS_WHOLE)
		ngroups = _QNET_NGROUPS;
	if (scoid != -1)
		return peer_info(scoid, info, ngroups);
	return own_info(info, ngroups);
}

int ConnectClientInfo(int scoid, struct _client_info *info, int ngroups)
{
	return (int)qnet_ret(ConnectClientInfo_r(scoid, info, ngroups));
}

static int info_alloc(int scoid, struct _client_info **info, size_t ngroups)
{
	size_t room = ngroups > _QNET_NGROUPS ? ngroups - _QNET_NGROUPS : 0;

	*info = calloc(1, sizeof(**info) + room * sizeof(gid_t));
	if (!*info)
		return -ENOMEM;
	return ConnectClientInfo_r(scoid, *info, (int)ngroups);
}

static int info_ext(int scoid, struct _client_info **info, int flags)
{
	int ret = info_alloc(scoid, info, 0);
	size_t n;

	if (ret || !(flags & _NTO_CLIENTINFO_GETGROUPS))
		return ret;
	n = (*info)->cred.ngroups;
	if (!n)
		return 0;
	free(*info);
	/* One short of what would be taken for the declared size. */
	return info_alloc(scoid, info, n < NGROUPS_WHOLE ? n :
					       NGROUPS_WHOLE - 1);
}

int ConnectClientInfoExt(int scoid, struct _client_info **info, int flags)
{
	int ret;

	if (!info || flags & ~_NTO_CLIENTINFO_GETGROUPS)
		return (int)qnet_ret(-EINVAL);
	ret = info_ext(scoid, info, flags);
	if (ret) {
		free(*info);
		*info = NULL;
	}
	return (int)qnet_ret(ret);
}

int ClientInfoExtFree(struct _client_info **info)
{
	if (!info)
		return (int)qnet_ret(-EINVAL);
	free(*info);
	*info = NULL;
	return 0;
}
