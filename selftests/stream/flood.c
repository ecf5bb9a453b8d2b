// SPDX-License-Identifier: GPL-2.0
/*
 * stream deaf FILE
 * stream flood NODE FILE CALLS BYTES
 *
 * A server that never receives, and calls to it without waiting, over as many
 * connections as that takes: each is used until it says EAGAIN. When nothing has
 * ended for a second flood prints
 *
 *	began N again N refused N other N
 *
 * calls, those that had to be tried with another connection, those that ended
 * with EAGAIN, and with anything else; and waits to be killed.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/netmgr.h>
#include <sys/neutrino.h>
#include <sys/qnet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream.h"

#define CONNS	1000

static struct {
	struct pollfd conn[CONNS];
	int nconns;
	long began, again, refused, other;
} flood;

int deaf(const char *file)
{
	int chid = ChannelCreate(0);
	FILE *f = fopen(file, "w");

	if (chid < 0 || !f)
		return perror("stream"), 2;
	fprintf(f, "%d %d\n", getpid(), chid);
	fclose(f);
	for (;;)
		pause();
}

/* It is open before it is used: what waits for that is not on its way. */
static bool new_conn(const struct sockaddr_qnet *to)
{
	struct qnet_call attach = {
		.prio = QNET_PRIO_SELF, .flags = QNET_F_ATTACH,
	};
	int fd = socket(qnet_family(), SOCK_SEQPACKET, 0);

	if (flood.nconns == CONNS || fd < 0 ||
	    connect(fd, (const struct sockaddr *)to, sizeof(*to)) ||
	    ioctl(fd, QNET_IOC_CALL, &attach) < 0)
		return false;
	flood.conn[flood.nconns++] = (struct pollfd){ fd, POLLIN, 0 };
	return true;
}

static int begin_call(int fd, void *msg, size_t n)
{
	struct qnet_cmsg_call call = {
		.rlen = 100, .prio = QNET_PRIO_SELF,
	};
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(call))];
	} ctl = {};
	struct iovec iov = { msg, n };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &ctl, .msg_controllen = sizeof(ctl),
	};

	ctl.h.cmsg_level = SOL_QNET;
	ctl.h.cmsg_type = QNET_CMSG_CALL;
	ctl.h.cmsg_len = CMSG_LEN(sizeof(call));
	memcpy(CMSG_DATA(&ctl.h), &call, sizeof(call));
	return sendmsg(fd, &mh, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* A connection without calls that says EAGAIN waits for the way to the node. */
static bool another(const struct sockaddr_qnet *to, long since)
{
	struct pollfd p;

	flood.again++;
	if (!flood.nconns || since)
		return new_conn(to);
	p = flood.conn[flood.nconns - 1];
	p.events = POLLOUT;
	return poll(&p, 1, 60000) == 1;
}

static int begin_all(const struct sockaddr_qnet *to, long calls, size_t n)
{
	void *msg = calloc(1, n);
	long since = 0;
	int err;

	if (!msg || !new_conn(to))
		return -errno;
	while (flood.began < calls) {
		err = begin_call(flood.conn[flood.nconns - 1].fd, msg, n);
		if (err == -EAGAIN) {
			if (!another(to, since))
				return -errno;
			since = 0;
		} else if (err) {
			return err;
		} else {
			flood.began++;
			since++;
		}
	}
	free(msg);
	return 0;
}

/* Return: was there one? */
static bool take_end(int fd)
{
	struct qnet_cmsg_done done;
	char data[100];
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(done))];
	} ctl;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &ctl, .msg_controllen = sizeof(ctl),
	};

	if (recvmsg(fd, &mh, MSG_DONTWAIT) < 0)
		return false;
	memcpy(&done, CMSG_DATA(&ctl.h), sizeof(done));
	flood.refused += done.error == EAGAIN;
	flood.other += done.error != EAGAIN;
	if (done.error != EAGAIN)
		fprintf(stderr, "stream: a call ended: %s\n",
			strerror(done.error));
	return true;
}

static void take_ends(void)
{
	int i;

	while (poll(flood.conn, (nfds_t)flood.nconns, 1000) > 0)
		for (i = 0; i < flood.nconns; i++)
			if (flood.conn[i].revents && !take_end(flood.conn[i].fd))
				flood.conn[i].fd = -1;
}

int flooding(const char *node, const char *file, long calls, size_t bytes)
{
	int nd = netmgr_strtond(node, NULL), pid, chid, err;
	FILE *f = fopen(file, "r");
	struct sockaddr_qnet to;

	if (nd < 0 || !f || fscanf(f, "%d %d", &pid, &chid) != 2)
		return perror("stream"), 2;
	fclose(f);
	to = (struct sockaddr_qnet){
		.sqn_family = (unsigned short)qnet_family(),
		.sqn_nd = (unsigned int)nd, .sqn_pid = pid, .sqn_chid = chid,
	};
	err = begin_all(&to, calls, bytes);
	if (err)
		fprintf(stderr, "stream: %s\n", strerror(-err));
	take_ends();
	printf("began %ld again %ld refused %ld other %ld\n", flood.began,
	       flood.again, flood.refused, flood.other);
	fflush(stdout);
	for (;;)
		pause();
}
