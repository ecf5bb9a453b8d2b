/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's interface without the library. */
#ifndef API_RAW_H
#define API_RAW_H

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/neutrino.h>
#include <unistd.h>

static inline struct sockaddr_qnet sq_addr(int nd, int pid, int chid)
{
	return (struct sockaddr_qnet){
		.sqn_family = (__kernel_sa_family_t)qnet_family(),
		.sqn_nd = (__u32)nd, .sqn_pid = pid, .sqn_chid = chid,
	};
}

static inline int sq_socket(void)
{
	return socket(qnet_family(), SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

static inline int sq_bind(int fd, int pid, int chid, int flags)
{
	struct sockaddr_qnet a = sq_addr(0, pid, chid);

	a.sqn_flags = (__u16)flags;
	return bind(fd, (struct sockaddr *)&a, sizeof(a));
}

static inline int sq_connect(int fd, int nd, int pid, int chid)
{
	struct sockaddr_qnet a = sq_addr(nd, pid, chid);

	return connect(fd, (struct sockaddr *)&a, sizeof(a));
}

/* A channel: its id, or -1. */
static inline int sq_chid(int fd)
{
	struct sockaddr_qnet a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &len))
		return -1;
	return a.sqn_chid;
}

static inline struct qnet_buf sq_buf(const void *p, size_t n)
{
	return (struct qnet_buf){ .base = (uintptr_t)p, .len = n };
}

#endif /* API_RAW_H */
