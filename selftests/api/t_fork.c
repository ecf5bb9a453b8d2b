// SPDX-License-Identifier: GPL-2.0
/* What a child has after fork(), and what is left after exec. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "raw.h"
#include "server.h"

/* Run a piece of the test in a child; its failures are ours. */
static void in_child(void (*fn)(int, int), int a, int b)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		fn(a, b);
		test_end();
	}
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static void child_has_none(int chid, int coid)
{
	char byte;

	CHECK_ERRNO(MsgSend(coid, "x", 1, NULL, 0), EBADF);
	CHECK_ERRNO(MsgSendPulse(coid, 10, 1, 1), EBADF);
	CHECK_ERRNO(ConnectDetach(coid), EINVAL);
	CHECK_ERRNO(MsgReceive(chid, &byte, 1, NULL), ESRCH);
	CHECK_ERRNO(ChannelDestroy(chid), EINVAL);
	CHECK_ERRNO(qnet_channel_fd(chid), ESRCH);
	CHECK_EQ(ChannelCreate(0), 1);
	CHECK_EQ(ConnectAttach(0, 0, 1, _NTO_SIDE_CHANNEL, 0),
		 _NTO_SIDE_CHANNEL);
	CHECK_EQ(MsgSendPulse(_NTO_SIDE_CHANNEL, 10, 1, 1), 0);
}

TEST_LOCAL(child_has_no_channels_and_side_channels)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct _pulse p;

	in_child(child_has_none, chid, coid);
	/* The parent's are as they were. */
	CHECK_EQ(MsgSendPulse(coid, 10, 3, 4), 0);
	CHECK_EQ(MsgReceive(chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.value.sival_int, 4);
}

static name_attach_t *parents;

static void child_detaches(int chid, int value)
{
	int own = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, own, _NTO_SIDE_CHANNEL, 0);
	struct _pulse p;

	CHECK_EQ(own, chid);
	CHECK_ERRNO(name_detach(parents, 0), EINVAL);
	CHECK_EQ(MsgSendPulse(coid, 10, 3, value), 0);
	CHECK_EQ(MsgReceive(own, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.value.sival_int, value);
}

/* What atexit() does in a child, say, is nothing to its own channels. */
TEST_LOCAL(child_has_no_names)
{
	char name[64];

	snprintf(name, sizeof(name), "fork-test-%d", getpid());
	parents = name_attach(NULL, name, 0);
	REQUIRE(parents);
	in_child(child_detaches, parents->chid, 5);
	CHECK_EQ(name_detach(parents, 0), 0);
}

/* A child that lives on does not keep the parent's server alive. */
TEST_LOCAL(death_is_noticed_despite_children)
{
	int hold[2], coid, addr[2], up[2];
	struct call c;
	pid_t parent;

	REQUIRE(!pipe(hold) && !pipe(up));
	parent = fork();
	if (!parent) {
		char byte;

		addr[0] = getpid();
		addr[1] = ChannelCreate(0);
		if (!fork()) {
			/* The grandchild lives until the test ends. */
			close(hold[1]);
			close(up[1]);
			while (read(hold[0], &byte, 1) < 0)
				;
			_exit(0);
		}
		if (write(up[1], addr, sizeof(addr)) < 0)
			_exit(1);
		MsgReceive(addr[1], &byte, 1, NULL);
		_exit(0);
	}
	REQUIRE_EQ(read(up[0], addr, sizeof(addr)), sizeof(addr));
	coid = ConnectAttach(0, addr[0], addr[1], _NTO_SIDE_CHANNEL, 0);
	REQUIRE(coid != -1);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ESRCH);
	waitpid(parent, NULL, 0);
}

/* The server sees the client go though a child of the client lives. */
/* A client is killed that has a child, and a side channel or a descriptor. */
static void client_dies(unsigned int index)
{
	struct server s;
	struct answer a;
	int hold[2];
	pid_t pid;

	server_start(&s, _NTO_CHF_DISCONNECT);
	REQUIRE(!pipe(hold));
	pid = fork();
	if (!pid) {
		int coid = ConnectAttach((uint32_t)s.nd, s.pid, s.chid, index,
					 0);
		char byte;

		if (!fork()) {
			close(hold[1]);
			while (read(hold[0], &byte, 1) < 0)
				;
			_exit(0);
		}
		MsgSend(coid, "x", 1, NULL, 0);
		_exit(0);
	}
	a = server_do(&s, "recv %d 24", s.chid);
	REQUIRE(a.ret > 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	a = server_do(&s, "pulse %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ((signed char)a.v[P_CODE], _PULSE_CODE_DISCONNECT);
}

TEST(client_death_is_noticed_despite_children)
{
	client_dies(_NTO_SIDE_CHANNEL);
}

/* --- connections that are file descriptors ----------------------------- */

static long send_child(int fd)
{
	return MsgSend(fd, "child", 5, NULL, 0);
}

/* A child has one of its own, and what becomes of the parent's is no matter. */
TEST(child_sends_on_a_descriptor)
{
	struct server s;
	struct answer a, b;
	struct call c;
	int fd, go[2], status;
	pid_t pid;

	REQUIRE(!pipe(go));
	server_start(&s, _NTO_CHF_DISCONNECT);
	fd = ConnectAttach((uint32_t)s.nd, s.pid, s.chid, 0, 0);
	REQUIRE(fd != -1);
	call_start(&c, fd, "parent", 6, NULL, 0, 0);
	pid = fork();
	if (!pid) {
		struct _server_info si;
		char byte;

		CHECK_EQ(ConnectServerInfo(0, fd, &si), fd);
		CHECK_EQ(si.pid, s.pid);
		CHECK_EQ(fcntl(fd, F_GETFD), 0);
		CHECK_EQ(send_child(fd), 2);
		CHECK_EQ(read(go[0], &byte, 1), 1);
		CHECK_EQ(send_child(fd), 3);
		CHECK_EQ(ConnectDetach(fd), 0);
		CHECK_ERRNO(send_child(fd), EBADF);
		CHECK_EQ(fcntl(fd, F_GETFD), -1);
		test_end();
	}
	a = server_do(&s, "recv %d 8", s.chid);
	b = server_do(&s, "recv %d 8", s.chid);
	REQUIRE(a.ret > 0 && b.ret > 0);
	CHECK_EQ(a.v[R_PID], getpid());
	CHECK_EQ(b.v[R_PID], pid);
	CHECK_EQ(b.v[R_COID], fd);
	CHECK(a.v[R_SCOID] != b.v[R_SCOID]);
	server_do(&s, "reply %ld 1 0 0", a.ret);
	server_do(&s, "reply %ld 2 0 0", b.ret);
	CHECK_EQ(call_join(&c), 1);
	CHECK_EQ(ConnectDetach(fd), 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ((signed char)a.v[P_CODE], _PULSE_CODE_DISCONNECT);
	CHECK_EQ(write(go[1], "g", 1), 1);
	b = server_do(&s, "recv %d 24", s.chid);
	REQUIRE(b.ret > 0);
	server_do(&s, "reply %ld 3 0 0", b.ret);
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* Nor does the child's end disturb the parent. */
TEST(child_closes_a_descriptor)
{
	struct server s;
	struct answer a;
	struct call c;
	int fd, i;
	pid_t pid;

	server_start(&s, 0);
	fd = ConnectAttach((uint32_t)s.nd, s.pid, s.chid, 0,
			   _NTO_COF_CLOEXEC);
	for (i = 0; i < 2; i++) {
		pid = fork();
		if (!pid) {
			CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
			CHECK_EQ(i ? ConnectDetach(fd) : close(fd), 0);
			test_end();
		}
		waitpid(pid, NULL, 0);
		call_start(&c, fd, "x", 1, NULL, 0, 0);
		a = server_do(&s, "recv %d 8", s.chid);
		server_do(&s, "reply %ld 4 0 0", a.ret);
		CHECK_EQ(call_join(&c), 4);
	}
}

/* The number may be another file's by now, and the server gone. */
static void child_of_stale(int other, int dead)
{
	CHECK_EQ(write(other, "x", 1), 1);
	CHECK_ERRNO(send_child(other), EBADF);
	CHECK_ERRNO(send_child(dead), EBADF);
	CHECK_EQ(fcntl(dead, F_GETFD), -1);
}

TEST_LOCAL(child_of_stale_descriptors)
{
	int chid = ChannelCreate(0), fd, dead, other;

	fd = ConnectAttach(0, 0, chid, 0, 0);
	dead = ConnectAttach(0, 0, chid, 0, 0);
	REQUIRE(fd != -1 && dead != -1);
	close(fd);
	other = open("/dev/null", O_WRONLY);
	REQUIRE_EQ(other, fd);
	CHECK_EQ(ChannelDestroy(chid), 0);
	in_child(child_of_stale, other, dead);
	CHECK_ERRNO(send_child(dead), EBADF);
	CHECK_EQ(ConnectDetach(dead), 0);
}

TEST(death_of_a_client_with_descriptors_is_noticed)
{
	client_dies(0);
}

static int count_qnet_fds(void)
{
	return system("test $(ls -l /proc/self/fd | grep -c socket:) -eq 0");
}

TEST_LOCAL(exec_takes_nothing_along)
{
	int chid = ChannelCreate(0), fd;

	CHECK(ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0) != -1);
	CHECK(ConnectAttach(0, 0, chid, 0, _NTO_COF_CLOEXEC) != -1);
	CHECK_EQ(count_qnet_fds(), 0);
	fd = ConnectAttach(0, 0, chid, 0, 0);
	CHECK(fd != -1);
	CHECK(count_qnet_fds() != 0);
	CHECK_EQ(ConnectDetach(fd), 0);
	CHECK_EQ(count_qnet_fds(), 0);
}

static void *fork_much(void *arg)
{
	int i, status;
	pid_t pid;

	(void)arg;
	for (i = 0; i < 50; i++) {
		pid = fork();
		if (!pid)
			_exit(MsgSend(_NTO_SIDE_CHANNEL, NULL, 0, NULL, 0) ==
			      -1 && errno == EBADF ? 0 : 1);
		waitpid(pid, &status, 0);
		CHECK_EQ(status, 0);
	}
	return NULL;
}

/* fork() while other threads make, use and end ids. */
TEST_LOCAL(fork_among_threads)
{
	int chid = ChannelCreate(0), i, coid;
	pthread_t t;

	CHECK_EQ(ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0),
		 _NTO_SIDE_CHANNEL);
	pthread_create(&t, NULL, fork_much, NULL);
	for (i = 0; i < 500; i++) {
		coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
		CHECK_EQ(coid, _NTO_SIDE_CHANNEL | 1);
		CHECK_EQ(MsgSendPulse(coid, 10, 1, 1), 0);
		CHECK_EQ(ConnectDetach(coid), 0);
	}
	pthread_join(t, NULL);
}

/* Blocks in a call over a socket that a child keeps, whose pid it tells. */
static void call_with_a_child(struct server *s, int tell)
{
	struct qnet_call c = { .send = sq_buf("m", 1),
			       .prio = QNET_PRIO_SELF };
	int fd = sq_socket();
	pid_t child;

	if (sq_connect(fd, s->nd, s->pid, s->chid))
		_exit(1);
	child = fork();
	if (!child)
		pause();
	if (write(tell, &child, sizeof(child)) != sizeof(child))
		_exit(1);
	ioctl(fd, QNET_IOC_CALL, &c);
	_exit(1);
}

/* The connection lives on in the child, the call does not. */
TEST(killed_client_leaves_its_call)
{
	struct server s;
	struct answer a, b;
	pid_t pid, child;
	int tell[2], i;

	REQUIRE(!pipe(tell));
	server_start(&s, 0);
	pid = fork();
	if (!pid)
		call_with_a_child(&s, tell[1]);
	REQUIRE_EQ(read(tell[0], &child, sizeof(child)), sizeof(child));
	a = server_do(&s, "recv %d 64", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(&s, "info %ld", a.ret).ret, 0);
	kill(pid, SIGKILL);
	REQUIRE_EQ(waitpid(pid, NULL, 0), pid);
	for (i = 0; i < 600; i++) {
		b = server_do(&s, "info %ld", a.ret);
		if (b.ret)
			break;
		usleep(50000);
	}
	CHECK_EQ(b.err, ESRCH);
	CHECK_EQ(kill(child, SIGKILL), 0);
}

/* Its number is for the process to say that has made it. */
TEST_LOCAL(child_names_no_connection)
{
	int fd = sq_socket(), val = 8, status;
	socklen_t len = sizeof(val);
	pid_t pid;

	REQUIRE(!sq_connect(fd, 0, 0, ChannelCreate(0)));
	CHECK_EQ(setsockopt(fd, SOL_QNET, QNET_COID, &val, sizeof(val)), 0);
	pid = fork();
	if (!pid) {
		val = 9;
		_exit(!setsockopt(fd, SOL_QNET, QNET_COID, &val, sizeof(val)) ||
		      errno != EBADF);
	}
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(getsockopt(fd, SOL_QNET, QNET_COID, &val, &len), 0);
	CHECK_EQ(val, 8);
}

static volatile bool enough;

static void *makes_ids(void *arg)
{
	int chid;

	(void)arg;
	while (!enough) {
		chid = ChannelCreate(0);
		CHECK(chid > 0);
		CHECK_EQ(ChannelDestroy(chid), 0);
		CHECK(ConnectDetach(ConnectAttach(0, getppid(), 1,
						  _NTO_SIDE_CHANNEL, 0)) <= 0);
	}
	return NULL;
}

/* How many sockets there are. */
static int count_sockets(void)
{
	char path[32], to[32];
	int fd, n = 0;

	for (fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n += readlink(path, to, sizeof(to)) > 7 &&
		     !strncmp(to, "socket:", 7);
	}
	return n;
}

/* Of ids that another thread makes nothing gets into a child, at any moment. */
TEST_LOCAL(fork_while_ids_are_made)
{
	int i, status, sockets = count_sockets();
	pthread_t t;
	pid_t pid;

	pthread_create(&t, NULL, makes_ids, NULL);
	for (i = 0; i < 200; i++) {
		pid = fork();
		if (!pid)
			_exit(count_sockets() != sockets);
		REQUIRE_EQ(waitpid(pid, &status, 0), pid);
		REQUIRE_EQ(status, 0);
	}
	enough = true;
	pthread_join(t, NULL);
}
