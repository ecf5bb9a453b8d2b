// SPDX-License-Identifier: LGPL-2.1-or-later
/* The socket family: its number, and sockets of it. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#if __has_include(<sys/single_threaded.h>)
# include <sys/single_threaded.h>
# define single_threaded	__libc_single_threaded
#else
# define single_threaded	0
#endif

#include "internal.h"

#define FAMILY_FILE	"/sys/module/qnet/parameters/family"

static _Atomic int family_cache;

/* The file cannot be opened.  Without /sys the default is worth a try. */
static int family_unread(int err)
{
	switch (err) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EINTR:
		return -err;
	case ENOENT:
		if (!access("/sys/module", F_OK))
			return -ENOTSUP;
	}
	return QNET_AF_DEFAULT;
}

/* The number the module tells, or -errno; -ENOTSUP: no module. */
static int family_read(void)
{
	char buf[16];
	ssize_t n;
	int fd;
	CANCEL_OFF(was);

	fd = open(FAMILY_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return family_unread(errno);
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return QNET_AF_DEFAULT;
	buf[n] = '\0';
	return atoi(buf);
}

static int family_get(void)
{
	int family = atomic_load(&family_cache);
	int saved = errno;

	if (family > 0)
		return family;
	family = family_read();
	errno = saved;
	if (family > 0)
		atomic_store(&family_cache, family);
	return family;
}

int qnet_family(void)
{
	return (int)qnet_ret(family_get());
}

static int socket_try(void)
{
	int family = family_get();
	int saved = errno;
	int fd;

	qnet_timeout_clear();
	if (family < 0)
		return family == -ENOTSUP ? -ENOSYS : family;
	fd = socket(family, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fd = errno == EAFNOSUPPORT ? -ENOSYS : -errno;
	errno = saved;
	return fd;
}

/**
 * qnet_socket() - a new socket, closed by exec
 *
 * The module may have been loaded again with another number since we looked.
 *
 * Return: the socket or -errno, -ENOSYS: no kernel module.
 */
int qnet_socket(void)
{
	int fd = socket_try();

	if (fd == -ENOSYS && atomic_exchange(&family_cache, 0))
		fd = socket_try();
	return fd;
}

/* Is a file descriptor a socket of our family? */
int qnet_socket_is_ours(int fd)
{
	int domain, saved = errno;
	socklen_t len = sizeof(domain);
	bool ours;

	ours = !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) &&
	       domain == family_get();
	errno = saved;
	return ours;
}

/*
 * Is it a connection that may be named by its descriptor? Channels are connected
 * to nothing, and the coid of a side channel is not a descriptor.
 */
bool qnet_socket_is_coid(int fd)
{
	int coid = 0, saved = errno;
	socklen_t len = sizeof(coid);
	struct sockaddr_qnet sq;
	socklen_t sqlen = sizeof(sq);
	bool is;

	is = qnet_socket_is_ours(fd) &&
	     !getpeername(fd, (struct sockaddr *)&sq, &sqlen) &&
	     !getsockopt(fd, SOL_QNET, QNET_COID, &coid, &len) &&
	     !(coid & _NTO_SIDE_CHANNEL);
	errno = saved;
	return is;
}

/* A call about nodes or names, which takes any socket of the family. */
int qnet_node_ioctl(unsigned long cmd, void *arg)
{
	CANCEL_OFF(was);
	int fd = qnet_socket();
	int ret, saved = errno;

	if (fd < 0)
		return fd;
	ret = qnet_ioctl(fd, cmd, arg);
	close(fd);
	errno = saved;
	return ret;
}

/**
 * qnet_ioctl_cancel() - a blocking call that pthread_cancel() ends
 * @fd:  socket
 * @cmd: QNET_IOC_*
 * @arg: its argument
 *
 * ioctl() is no cancellation point of the C library and only a thread that
 * may be cancelled at any moment is interrupted for it; so be one, during the
 * system call alone.  The caller must let go of what it holds by a cleanup
 * attribute, of a message that was received, too.  A reply or a pulse that
 * comes in the same moment as the cancellation is lost with the thread.
 */
noinline int qnet_ioctl_cancel(int fd, unsigned long cmd, void *arg)
{
	int type, ret;

	if (single_threaded) {
		pthread_testcancel();
		return qnet_ioctl(fd, cmd, arg);
	}
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	ret = qnet_ioctl(fd, cmd, arg);
	pthread_setcanceltype(type, NULL);
	return ret;
}
