// SPDX-License-Identifier: GPL-2.0
/* Waiting for channels and connections with poll() and epoll. */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/neutrino.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

static int ready(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) == 1 ? p.revents : 0;
}

TEST_LOCAL(channel_is_readable_while_something_waits)
{
	int chid = ChannelCreate(0), fd = qnet_channel_fd(chid);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct _pulse p;
	struct call c;
	int rcvid;

	CHECK_EQ(ready(fd, POLLIN, 0), 0);
	CHECK_EQ(MsgSendPulse(coid, 10, 1, 1), 0);
	CHECK_EQ(ready(fd, POLLIN, 0) & POLLIN, POLLIN);
	CHECK_EQ(MsgReceive(chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(ready(fd, POLLIN, 0), 0);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	CHECK_EQ(ready(fd, POLLIN, 0) & POLLIN, POLLIN);
	rcvid = MsgReceive(chid, &p, sizeof(p), NULL);
	CHECK_EQ(ready(fd, POLLIN, 0), 0);
	CHECK_EQ(MsgReply(rcvid, 0, NULL, 0), 0);
	CHECK_EQ(call_join(&c), 0);
}

static void *pulse_later(void *arg)
{
	int *v = arg;

	await_sleep(v[1]);
	MsgSendPulse(v[0], 10, 1, 1);
	return NULL;
}

TEST_LOCAL(poll_wakes)
{
	int chid = ChannelCreate(0), fd = qnet_channel_fd(chid);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	int v[2] = { coid, gettid() };
	pthread_t t;

	pthread_create(&t, NULL, pulse_later, v);
	CHECK_EQ(ready(fd, POLLIN, 20000) & POLLIN, POLLIN);
	pthread_join(t, NULL);
}

TEST_LOCAL(epoll_wakes_edge_and_level)
{
	int chid = ChannelCreate(0), fd = qnet_channel_fd(chid);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	int level = epoll_create1(0), edge = epoll_create1(0), i;
	struct epoll_event e = { .events = EPOLLIN }, got;
	int v[2] = { coid, gettid() };
	struct _pulse p;
	pthread_t t;

	CHECK_EQ(epoll_ctl(level, EPOLL_CTL_ADD, fd, &e), 0);
	e.events |= EPOLLET;
	CHECK_EQ(epoll_ctl(edge, EPOLL_CTL_ADD, fd, &e), 0);
	for (i = 0; i < 20; i++) {
		CHECK_EQ(epoll_wait(level, &got, 1, 0), 0);
		CHECK_EQ(epoll_wait(edge, &got, 1, 0), 0);
		pthread_create(&t, NULL, pulse_later, v);
		CHECK_EQ(epoll_wait(i & 1 ? level : edge, &got, 1, 20000), 1);
		pthread_join(t, NULL);
		CHECK_EQ(epoll_wait(level, &got, 1, 0), 1);
		if (i & 1)
			CHECK_EQ(epoll_wait(edge, &got, 1, 0), 1);
		CHECK_EQ(epoll_wait(edge, &got, 1, 0), 0);
		CHECK_EQ(MsgReceive(chid, &p, sizeof(p), NULL), 0);
	}
}

static int error_of(int fd)
{
	int err = -1;
	socklen_t len = sizeof(err);

	CHECK_EQ(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	return err;
}

TEST(connection_hangs_up)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid, fd;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	fd = qnet_connect_fd(coid);
	REQUIRE(fd >= 0);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	CHECK_EQ(ready(fd, POLLIN, 0) & (POLLHUP | POLLERR), 0);
	CHECK_EQ(error_of(fd), 0);
	server_kill(&s, SIGKILL);
	CHECK(ready(fd, 0, 20000) & (POLLHUP | POLLERR));
	CHECK_EQ(error_of(fd), ESRCH);
	/* It is told once; the connection stays dead. */
	CHECK_EQ(error_of(fd), 0);
	CHECK(ready(fd, 0, 0) & (POLLHUP | POLLERR));
}

TEST(connection_hangs_up_with_its_channel)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid, fd;

	server_start(&s, 0);
	CHECK_EQ(server_do(&s, "create 0").ret, 2);
	coid = server_connect(&s, 2);
	fd = qnet_connect_fd(coid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv 2 1");
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	CHECK_EQ(server_do(&s, "destroy 2").ret, 0);
	CHECK(ready(fd, 0, 20000) & (POLLHUP | POLLERR));
	/* The process lives: another channel of it is not touched. */
	CHECK_EQ(ready(qnet_connect_fd(server_connect(&s, 1)), 0, 0), 0);
}
