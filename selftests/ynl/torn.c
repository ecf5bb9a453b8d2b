// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded: the first $TORN dumps that a program reads are marked as not of one
 * moment, as the kernel marks them when a list changes while it is read.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <sys/socket.h>

static int ended;

static void mark(struct nlmsghdr *nlh, ssize_t len, int peek)
{
	const char *torn = getenv("TORN");
	int left = len;

	for (; NLMSG_OK(nlh, (unsigned int)left); nlh = NLMSG_NEXT(nlh, left)) {
		if (nlh->nlmsg_type != NLMSG_DONE)
			continue;
		if (torn && ended < atoi(torn))
			nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
		ended += !peek;
	}
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t (*real)(int fd, struct msghdr *msg, int flags);
	ssize_t len;

	real = (ssize_t (*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
	len = real(fd, msg, flags);
	if (len > 0 && (size_t)len <= msg->msg_iov[0].iov_len)
		mark(msg->msg_iov[0].iov_base, len, flags & MSG_PEEK);
	return len;
}
