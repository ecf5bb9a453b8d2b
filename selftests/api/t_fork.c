// SPDX-License-Identifier: GPL-2.0
/* What a child has after fork(), and what is left after exec. */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/neutrino.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
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
TEST(client_death_is_noticed_despite_children)
{
	struct server s;
	struct answer a;
	int hold[2];
	pid_t pid;

	server_start(&s, _NTO_CHF_DISCONNECT);
	REQUIRE(!pipe(hold));
	pid = fork();
	if (!pid) {
		int coid = server_connect(&s, s.chid);
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
