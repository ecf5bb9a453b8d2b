// SPDX-License-Identifier: GPL-2.0
/* Connections: their ids, what they lead to, their end. */
#include <fcntl.h>
#include <signal.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "raw.h"
#include "server.h"

#define SIDE	_NTO_SIDE_CHANNEL

TEST_LOCAL(side_ids)
{
	int chid = ChannelCreate(0);

	CHECK_EQ(ConnectAttach(0, 0, chid, SIDE, 0), SIDE);
	CHECK_EQ(ConnectAttach(ND_LOCAL_NODE, getpid(), chid, SIDE, 0),
		 SIDE | 1);
	CHECK_EQ(ConnectAttach(0, 0, chid, SIDE | 500, 0), SIDE | 2);
	CHECK_EQ(ConnectDetach(SIDE | 1), 0);
	CHECK_EQ(ConnectAttach(0, 0, chid, SIDE, _NTO_COF_CLOEXEC), SIDE | 1);
}

TEST_LOCAL(fd_ids)
{
	int chid = ChannelCreate(0);
	int free_fd = open("/dev/null", O_RDONLY);
	int coid;

	close(free_fd);
	coid = ConnectAttach(0, 0, chid, 0, 0);
	CHECK_EQ(coid, free_fd);
	CHECK_EQ(fcntl(coid, F_GETFD), 0);
	coid = ConnectAttach(0, 0, chid, 100, 0);
	CHECK_EQ(coid, 100);
	CHECK_EQ(fcntl(coid, F_GETFD), 0);
	CHECK_EQ(ConnectAttach(0, 0, chid, 100, _NTO_COF_CLOEXEC), 101);
	CHECK_EQ(fcntl(101, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(ConnectDetach(100), 0);
	CHECK_EQ(fcntl(100, F_GETFD), -1);
	CHECK_EQ(ConnectAttach(0, 0, chid, 50, 0), 50);
	CHECK_EQ(ConnectAttach(0, 0, chid, 100, 0), 100);
	CHECK_EQ(ConnectServerInfo(0, free_fd, NULL), free_fd);
}

TEST_LOCAL(fd_ids_and_limit)
{
	struct rlimit rl;
	int chid = ChannelCreate(0);

	getrlimit(RLIMIT_NOFILE, &rl);
	CHECK_ERRNO(ConnectAttach(0, 0, chid, (unsigned int)rl.rlim_cur, 0),
		    EINVAL);
}

TEST_LOCAL(no_such_channel)
{
	pid_t dead = fork();

	if (!dead)
		_exit(0);
	waitpid(dead, NULL, 0);
	CHECK_ERRNO(ConnectAttach(0, 0, 1, SIDE, 0), ESRCH);
	CHECK_ERRNO(ConnectAttach(0, dead, 1, SIDE, 0), ESRCH);
	CHECK_ERRNO(ConnectAttach(0, getppid(), 99, SIDE, 0), ESRCH);
	ChannelCreate(0);
	CHECK_ERRNO(ConnectAttach(0, 0, 2, SIDE, 0), ESRCH);
	errno = 4711;
	CHECK_EQ(ConnectAttach_r(0, 0, 2, SIDE, 0), -ESRCH);
	CHECK_EQ(errno, 4711);
	CHECK_EQ(ConnectAttach(0, 0, 1, SIDE, 0), SIDE);
}

TEST_LOCAL(bad_flags)
{
	int chid = ChannelCreate(0);

	CHECK_ERRNO(ConnectAttach(0, 0, chid, SIDE, 0x4000), EINVAL);
}

TEST_LOCAL(out_of_descriptors)
{
	struct rlimit rl = { 20, 20 };
	int chid = ChannelCreate(0), i;

	REQUIRE(!setrlimit(RLIMIT_NOFILE, &rl));
	for (i = 0; i < 20; i++)
		if (ConnectAttach(0, 0, chid, SIDE, 0) == -1)
			break;
	CHECK_EQ(errno, EAGAIN);
	CHECK(i > 0 && i < 20);
	CHECK_ERRNO(ChannelCreate(0), EAGAIN);
	CHECK_EQ(ConnectDetach(SIDE), 0);
	CHECK_EQ(ConnectAttach(0, 0, chid, SIDE, 0), SIDE);
}

/* The library looks for the module first: that takes a descriptor, too. */
TEST_LOCAL(out_of_descriptors_at_once)
{
	struct rlimit rl = { 20, 20 };

	REQUIRE(!setrlimit(RLIMIT_NOFILE, &rl));
	while (open("/dev/null", O_RDONLY) >= 0)
		;
	CHECK_ERRNO(ChannelCreate(0), EAGAIN);
	CHECK_ERRNO(ConnectAttach(0, 0, 1, SIDE, 0), EAGAIN);
	CHECK_ERRNO(ConnectAttach(0, 0, 1, 0, 0), EAGAIN);
	CHECK_ERRNO(name_open("x", 0), EMFILE);
	CHECK_ERRNO(netmgr_strtond("x", NULL), EMFILE);
	CHECK_ERRNO(qnet_family(), EMFILE);
	close(19);
	CHECK_EQ(ChannelCreate(0), 1);
}

/* Nobody has such ids, here or elsewhere. */
TEST(impossible_ids)
{
	struct server s;

	server_start(&s, 0);
	CHECK_ERRNO(ConnectAttach((uint32_t)s.nd, -1, 1, SIDE, 0), ESRCH);
	CHECK_ERRNO(ConnectAttach((uint32_t)s.nd, s.pid, 0, SIDE, 0), ESRCH);
	CHECK_ERRNO(ConnectAttach((uint32_t)s.nd, s.pid, -1, SIDE, 0), ESRCH);
	CHECK_ERRNO(ConnectAttach((uint32_t)s.nd, s.pid, -1, 0, 0), ESRCH);
}

TEST_LOCAL(detach_unknown)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, SIDE, 0);
	int fds[2];

	REQUIRE(!pipe(fds));
	CHECK_ERRNO(ConnectDetach(SIDE | 7), EINVAL);
	CHECK_ERRNO(ConnectDetach(-1), EINVAL);
	CHECK_ERRNO(ConnectDetach(fds[0]), EINVAL);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_ERRNO(ConnectDetach(coid), EINVAL);
	CHECK_ERRNO(MsgSend(coid, NULL, 0, NULL, 0), EBADF);
	CHECK_ERRNO(MsgSendPulse(coid, -1, 1, 1), EBADF);
}

TEST(send_on_no_connection)
{
	int fds[2];

	REQUIRE(!pipe(fds));
	CHECK_ERRNO(MsgSend(-1, NULL, 0, NULL, 0), EBADF);
	CHECK_ERRNO(MsgSend(0, NULL, 0, NULL, 0), EBADF);
	CHECK_ERRNO(MsgSend(fds[1], NULL, 0, NULL, 0), EBADF);
	CHECK_ERRNO(MsgSend(999, NULL, 0, NULL, 0), EBADF);
	CHECK_ERRNO(MsgSend(SIDE, NULL, 0, NULL, 0), EBADF);
	CHECK_ERRNO(MsgSendPulse(SIDE | 12345, -1, 0, 0), EBADF);
	CHECK_ERRNO(qnet_connect_fd(SIDE), EBADF);
}

/* Those of channels and of side channels are the library's. */
TEST_LOCAL(hidden_descriptors_are_no_coids)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, SIDE, 0);
	int fds[2] = { qnet_channel_fd(chid), qnet_connect_fd(coid) };
	struct _pulse p;
	int i;

	for (i = 0; i < 2; i++) {
		CHECK_ERRNO(ConnectDetach(fds[i]), EINVAL);
		CHECK_ERRNO(MsgSend(fds[i], NULL, 0, NULL, 0), EBADF);
		CHECK_ERRNO(MsgSendPulse(fds[i], -1, 1, 1), EBADF);
	}
	CHECK_EQ(MsgSendPulse(coid, -1, 1, 1), 0);
	CHECK_EQ(MsgReceive(chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_EQ(ChannelDestroy(chid), 0);
}

TEST_LOCAL(number_of_a_closed_connection)
{
	int chid = ChannelCreate(0);
	int was = ConnectAttach(0, 0, chid, 0, 0);
	struct _pulse p;
	int other;

	REQUIRE(!close(was));
	other = open("/dev/null", O_RDONLY);
	REQUIRE_EQ(other, was);
	CHECK_ERRNO(ConnectFlags(0, was, _NTO_COF_CLOEXEC, _NTO_COF_CLOEXEC),
		    EINVAL);
	CHECK_EQ(fcntl(other, F_GETFD), 0);
	REQUIRE(!close(other));
	other = ConnectAttach(0, 0, chid, SIDE, 0);
	REQUIRE_EQ(qnet_connect_fd(other), was);
	CHECK_ERRNO(MsgSendPulse(was, -1, 1, 1), EBADF);
	CHECK_ERRNO(ConnectFlags(0, was, 0, 0), EINVAL);
	CHECK_ERRNO(ConnectDetach(was), EINVAL);
	CHECK_EQ(MsgSendPulse(other, -1, 1, 2), 0);
	CHECK_EQ(MsgReceive(chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.value.sival_int, 2);
}

TEST(server_info)
{
	struct _server_info info;
	struct server s;
	int a, b;

	server_start(&s, 0);
	a = server_connect(&s, s.chid);
	b = server_connect(&s, s.chid);
	memset(&info, 0x5a, sizeof(info));
	CHECK_EQ(ConnectServerInfo(0, a, &info), a);
	CHECK_EQ(info.nd, s.nd);
	CHECK_EQ(info.pid, s.pid);
	CHECK_EQ(info.chid, s.chid);
	CHECK_EQ(info.coid, a);
	CHECK_EQ(info.flags, 0);
	CHECK_EQ(ConnectServerInfo(getpid(), b, NULL), b);
	CHECK_EQ(ConnectDetach(a), 0);
	CHECK_EQ(ConnectServerInfo(0, a, &info), b);
	CHECK_EQ(info.coid, b);
	CHECK_ERRNO(ConnectServerInfo(0, b + 1, &info), EINVAL);
}

TEST_LOCAL(server_info_finds_next_higher)
{
	int chid = ChannelCreate(0), fd, other;
	struct _server_info info;

	CHECK_ERRNO(ConnectServerInfo(0, 0, &info), EINVAL);
	CHECK_EQ(ConnectAttach(0, 0, chid, SIDE, 0), SIDE);
	CHECK_EQ(ConnectServerInfo(0, 0, &info), SIDE);
	fd = ConnectAttach(0, 0, chid, 40, 0);
	CHECK_EQ(ConnectServerInfo(0, 0, &info), fd);
	CHECK_EQ(info.pid, getpid());
	CHECK_EQ(ConnectServerInfo(0, fd + 1, &info), SIDE);
	other = getppid();
	CHECK_ERRNO(ConnectServerInfo(other, SIDE, &info), ENOSYS);
}

TEST(server_info_of_dead)
{
	struct _server_info info;
	struct server s, t;
	int dead, live;

	server_start(&s, 0);
	server_start(&t, 0);
	dead = server_connect(&s, s.chid);
	live = server_connect(&t, t.chid);
	/* One message: so that another node knows of the connection. */
	server_say(&s, "recv %d 0", s.chid);
	server_kill(&s, SIGKILL);
	server_reap(&s);
	CHECK_EQ(MsgSend(dead, NULL, 0, NULL, 0), -1);
	CHECK(errno == EBADF || errno == ESRCH);
	CHECK_ERRNO(MsgSend(dead, NULL, 0, NULL, 0), EBADF);
	CHECK_EQ(ConnectServerInfo(0, dead, &info), dead);
	CHECK(info.flags & _NTO_COF_DEAD);
	CHECK_EQ(ConnectFlags(0, dead, 0, 0), _NTO_COF_DEAD);
	CHECK_EQ(ConnectFlags(0, dead, _NTO_COF_CLOEXEC, _NTO_COF_CLOEXEC),
		 _NTO_COF_DEAD);
	CHECK_EQ(ConnectFlags(0, dead, 0, 0),
		 _NTO_COF_DEAD | _NTO_COF_CLOEXEC);
	CHECK_EQ(ConnectFlags(0, live, 0, 0), 0);
	CHECK_EQ(ConnectServerInfo(0, dead, NULL), live);
	CHECK_EQ(ConnectDetach(dead), 0);
	CHECK_EQ(ConnectServerInfo(0, dead, &info), live);
	CHECK_EQ(info.flags & _NTO_COF_DEAD, 0);
}

TEST_LOCAL(flags_of_connection)
{
	int chid = ChannelCreate(0);
	int side = ConnectAttach(0, 0, chid, SIDE, _NTO_COF_CLOEXEC);
	int fd = ConnectAttach(0, 0, chid, 0, 0);

	CHECK_EQ(ConnectFlags(0, side, 0, 0), _NTO_COF_CLOEXEC);
	CHECK_EQ(ConnectFlags(0, side, ~0U, 0), -1);
	CHECK_EQ(ConnectFlags(0, side, _NTO_COF_CLOEXEC, 0),
		 _NTO_COF_CLOEXEC);
	CHECK_EQ(ConnectFlags(0, side, 0, 0), 0);
	CHECK_EQ(ConnectFlags(0, fd, _NTO_COF_CLOEXEC, _NTO_COF_CLOEXEC), 0);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(ConnectFlags(0, fd, 0, 0), _NTO_COF_CLOEXEC);
	CHECK_ERRNO(ConnectFlags(0, SIDE | 9, 0, 0), EINVAL);
}

TEST_LOCAL(many)
{
	int chid = ChannelCreate(0), i;

	for (i = 0; i < 900; i++)
		REQUIRE_EQ(ConnectAttach(0, 0, chid, SIDE, 0), SIDE | i);
	for (i = 0; i < 900; i++)
		REQUIRE_EQ(ConnectDetach(SIDE | i), 0);
	CHECK_EQ(ConnectAttach(0, 0, chid, SIDE, 0), SIDE);
}

TEST(coid_seen_by_server)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid, last = 0, i;

	server_start(&s, 0);
	for (i = 0; i < 3; i++) {
		coid = server_connect(&s, s.chid);
		CHECK(coid > last);
		last = coid;
		call_start(&c, coid, "x", 1, NULL, 0, 0);
		a = server_do(&s, "recv %d 16", s.chid);
		CHECK_EQ(a.v[R_COID], coid);
		server_do(&s, "reply %ld 0 0 0", a.ret);
		CHECK_EQ(call_join(&c), 0);
	}
}

TEST(detach_frees_senders)
{
	struct server s;
	struct call c;
	int coid, i;

	server_start(&s, 0);
	for (i = 0; i < 20; i++) {
		coid = server_connect(&s, s.chid);
		call_start(&c, coid, "x", 1, NULL, 0, 0);
		CHECK_EQ(ConnectDetach(coid), 0);
		CHECK_EQ(call_join(&c), -1);
		REQUIRE_EQ(c.err, EBADF);
	}
}

/* A time for any state is one for it, or none. */
TEST(attach_now_in_time)
{
	static const int states[] = { _NTO_TIMEOUT_SEND, _NTO_TIMEOUT_REPLY,
				      _NTO_TIMEOUT_SEND | _NTO_TIMEOUT_REPLY };
	uint64_t ns = 100000000000;
	struct server s;
	unsigned int i;
	int coid;

	server_start(&s, 0);
	for (i = 0; i < 3; i++) {
		coid = server_connect(&s, s.chid);
		CHECK_EQ(TimerTimeout(CLOCK_MONOTONIC, states[i], NULL, &ns,
				      NULL), 0);
		CHECK_EQ(qnet_connect_now(coid), 0);
		CHECK_EQ(ConnectDetach(coid), 0);
	}
}

/* While a thread has yet to leave it, it is ended all the same. */
TEST_LOCAL(detached_twice)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, 0, 0);
	struct call c;

	if (getuid())
		SKIP("needs root to go first");
	one_cpu();
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	set_fifo(20);
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_ERRNO(ConnectDetach(coid), EINVAL);
	/* So the number is not free yet. */
	CHECK(open("/dev/null", O_RDONLY) != coid);
	set_fifo(0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EBADF);
}

TEST_REMOTE(attach_to_missing)
{
	int nd, coid;

	nd = netmgr_strtond(getenv("QNET_TEST_ND"), NULL);
	coid = ConnectAttach((uint32_t)nd, 0x3fffff, 77, SIDE, 0);
	CHECK(coid != -1);
	CHECK_ERRNO(MsgSend(coid, NULL, 0, NULL, 0), ESRCH);
}

/* The server need not even receive. */
TEST(attach_now)
{
	struct server s;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_EQ(qnet_connect_now(coid), 0);
	CHECK_EQ(qnet_connect_now(coid), 0);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	server_do(&s, "reply %ld 0 0 0",
		  server_do(&s, "recv %d 16", s.chid).ret);
	CHECK_EQ(call_join(&c), 0);
	server_kill(&s, SIGKILL);
	server_reap(&s);
	CHECK_EQ(qnet_connect_now(coid), -1);
	CHECK(errno == EBADF || errno == ESRCH);
	CHECK_ERRNO(qnet_connect_now(coid), EBADF);
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_ERRNO(qnet_connect_now(coid), EBADF);
}

TEST_REMOTE(attach_now_to_missing)
{
	int nd, coid;

	nd = netmgr_strtond(getenv("QNET_TEST_ND"), NULL);
	coid = ConnectAttach((uint32_t)nd, 0x3fffff, 77, SIDE, 0);
	CHECK(coid != -1);
	CHECK_ERRNO(qnet_connect_now(coid), ESRCH);
	CHECK_ERRNO(qnet_connect_now(coid), EBADF);
	CHECK_ERRNO(MsgSend(coid, NULL, 0, NULL, 0), EBADF);
}

TEST(attach_now_with_a_message)
{
	struct qnet_call call = { .flags = QNET_F_ATTACH }, was = call;
	struct server s;
	char x = 'x';
	int fd;

	server_start(&s, 0);
	fd = qnet_connect_fd(server_connect(&s, s.chid));
	CHECK_EQ(ioctl(fd, QNET_IOC_CALL, &call), 0);
	call.send.base = (uintptr_t)&x;
	call.send.len = 1;
	CHECK_ERRNO(ioctl(fd, QNET_IOC_CALL, &call), EINVAL);
	call = was;
	call.recv.base = (uintptr_t)&x;
	call.recv.len = 1;
	CHECK_ERRNO(ioctl(fd, QNET_IOC_CALL, &call), EINVAL);
	call = was;
	call.send.iovcnt = 1;
	CHECK_ERRNO(ioctl(fd, QNET_IOC_CALL, &call), EINVAL);
	call = was;
	call.recv.reserved = 1;
	CHECK_ERRNO(ioctl(fd, QNET_IOC_CALL, &call), EINVAL);
	call = was;
	call.flags |= QNET_F_TIMEOUT | QNET_F_TIMEOUT_SEND;
	CHECK_ERRNO(ioctl(fd, QNET_IOC_CALL, &call), EINVAL);
	call.flags = QNET_F_ATTACH | QNET_F_TIMEOUT;
	call.timeout_ns = 1000000000;
	CHECK_EQ(ioctl(fd, QNET_IOC_CALL, &call), 0);
}

TEST(attach_to_unknown_node)
{
	int coid = ConnectAttach(0xfff0, 1, 1, SIDE, 0);

	if (coid == -1)
		CHECK_EQ(errno, EHOSTUNREACH);
	else
		CHECK_ERRNO(MsgSend(coid, NULL, 0, NULL, 0), EHOSTUNREACH);
}

TEST(server_ids_are_detachable)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, _NTO_CHF_DISCONNECT);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	call_join(&c);
	ConnectDetach(coid);
	CHECK_EQ(server_do(&s, "pulse %d 24", s.chid).v[P_SCOID],
		 a.v[R_SCOID]);
	CHECK_EQ(server_do(&s, "detach %llu", a.v[R_SCOID]).ret, 0);
	CHECK_EQ(server_do(&s, "detach 987654").err, EINVAL);
}
