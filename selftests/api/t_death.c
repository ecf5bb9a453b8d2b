// SPDX-License-Identifier: GPL-2.0
/* What the end of a process or a channel does to the other side. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/neutrino.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "raw.h"
#include "server.h"

/* A client process that sends one message and waits for its reply. */
static pid_t client(struct server *s, const char *text)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		int coid = ConnectAttach((uint32_t)s->nd, s->pid, s->chid,
					 _NTO_SIDE_CHANNEL, 0);

		MsgSend(coid, text, strlen(text), NULL, 0);
		_exit(0);
	}
	return pid;
}

static void check_dead(int coid)
{
	int i;

	for (i = 0; i < 3; i++) {
		CHECK_ERRNO(MsgSend(coid, NULL, 0, NULL, 0), EBADF);
		CHECK_ERRNO(MsgSendPulse(coid, 10, 1, 1), EBADF);
	}
	CHECK_EQ(ConnectDetach(coid), 0);
}

TEST(server_exit_frees_reply_blocked)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	server_say(&s, "exit 0");
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ESRCH);
	check_dead(coid);
}

TEST(server_kill_frees_send_blocked)
{
	struct server s;
	struct call c, d;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	call_start(&d, coid, "y", 1, NULL, 0, 0);
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	server_kill(&s, SIGKILL);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ESRCH);
	CHECK_EQ(call_join(&d), -1);
	CHECK_EQ(d.err, ESRCH);
	check_dead(coid);
}

TEST(destroy_frees_both)
{
	struct server s;
	struct answer a;
	struct call c, d;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	call_start(&d, coid, "y", 1, NULL, 0, 0);
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	CHECK_EQ(server_do(&s, "destroy %d", s.chid).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ESRCH);
	CHECK_EQ(call_join(&d), -1);
	CHECK_EQ(d.err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret).err, ESRCH);
	check_dead(coid);
}

/* A new channel gets the old id; old connections must not reach it. */
TEST(connection_does_not_reach_the_next_channel)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid, fresh;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	CHECK_EQ(server_do(&s, "destroy %d", s.chid).ret, 0);
	CHECK_EQ(server_do(&s, "create 0").ret, s.chid);
	if (server_remote()) {
		/* The news is on its way: the first one may meet it. */
		CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), -1);
		CHECK(errno == EBADF || errno == ESRCH);
	}
	CHECK_ERRNO(MsgSend(coid, "x", 1, NULL, 0), EBADF);
	fresh = server_connect(&s, s.chid);
	CHECK(fresh != coid);
	call_start(&c, fresh, "y", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	CHECK(a.v[R_HASH] == hash("y", 1));
	server_do(&s, "reply %ld 5 0 0", a.ret);
	CHECK_EQ(call_join(&c), 5);
}

TEST(client_death_takes_its_queued_message)
{
	struct server s;
	struct answer a;
	struct call c;
	pid_t pid;

	server_start(&s, 0);
	pid = client(&s, "gone");
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (server_remote())
		while (server_do(&s, "poll %d 0", s.chid).ret)
			;
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	call_start(&c, server_connect(&s, s.chid), "next", 4, NULL, 0, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK(a.v[R_HASH] == hash("next", 4));
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
}

TEST(client_death_ends_its_receive_id)
{
	struct server s;
	struct answer a;
	pid_t pid;

	server_start(&s, 0);
	pid = client(&s, "gone");
	a = server_do(&s, "recv %d 16", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_PID], pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (server_remote())
		while (server_do(&s, "info %ld", a.ret).ret != -1)
			;
	CHECK_EQ(server_do(&s, "read %ld 0 4", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "write %ld 0 4 0", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret).err, ESRCH);
}

TEST(disconnect_pulse_when_the_last_connection_goes)
{
	struct server s;
	struct answer a;
	struct call c;
	int x, y, scoid;

	server_start(&s, _NTO_CHF_DISCONNECT);
	x = server_connect(&s, s.chid);
	y = server_connect(&s, s.chid);
	call_start(&c, x, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	scoid = (int)a.v[R_SCOID];
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	call_start(&c, y, "y", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	CHECK_EQ(a.v[R_SCOID], scoid);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	CHECK_EQ(ConnectDetach(x), 0);
	call_start(&c, y, "z", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK(a.ret > 0);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	CHECK_EQ(ConnectDetach(y), 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ((signed char)a.v[P_CODE], _PULSE_CODE_DISCONNECT);
	CHECK_EQ(a.v[P_SCOID], scoid);
	CHECK_EQ(server_do(&s, "client %d", scoid).ret, 0);
	CHECK_EQ(server_do(&s, "detach %d", scoid).ret, 0);
	CHECK_EQ(server_do(&s, "client %d", scoid).err, EINVAL);
}

TEST(disconnect_pulse_when_the_client_dies)
{
	struct server s;
	struct answer a;
	pid_t pid;
	int scoid;

	server_start(&s, _NTO_CHF_DISCONNECT);
	pid = client(&s, "x");
	a = server_do(&s, "recv %d 24", s.chid);
	REQUIRE(a.ret > 0);
	scoid = (int)a.v[R_SCOID];
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	a = server_do(&s, "pulse %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ((signed char)a.v[P_CODE], _PULSE_CODE_DISCONNECT);
	CHECK_EQ(a.v[P_SCOID], scoid);
}

/* A client that was at two channels is gone: that which is told of it hears so,
 * though it was not the last that the client left.
 */
TEST(disconnect_of_a_client_of_two_channels)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid[2], i;

	server_start(&s, _NTO_CHF_DISCONNECT);
	CHECK_EQ(server_do(&s, "create 0").ret, 2);
	for (i = 0; i < 2; i++) {
		coid[i] = server_connect(&s, 1 + i);
		call_start(&c, coid[i], "x", 1, NULL, 0, 0);
		a = server_do(&s, "recv %d 24", 1 + i);
		REQUIRE(a.ret > 0);
		server_do(&s, "reply %ld 0 0 0", a.ret);
		CHECK_EQ(call_join(&c), 0);
	}
	i = (int)a.v[R_SCOID];
	CHECK_EQ(ConnectDetach(coid[0]), 0);
	CHECK_EQ(ConnectDetach(coid[1]), 0);
	a = server_do(&s, "pulse 1 24");
	CHECK_EQ(a.ret, 0);
	CHECK_EQ((signed char)a.v[P_CODE], _PULSE_CODE_DISCONNECT);
	CHECK_EQ(a.v[P_SCOID], i);
}

/* An scoid stands until it is detached: the next client gets another. */
TEST(scoid_is_not_given_again_before_detach)
{
	struct server s;
	struct answer a;
	pid_t pid;
	int first;

	server_start(&s, _NTO_CHF_DISCONNECT);
	pid = client(&s, "x");
	a = server_do(&s, "recv %d 24", s.chid);
	first = (int)a.v[R_SCOID];
	server_do(&s, "reply %ld 0 0 0", a.ret);
	waitpid(pid, NULL, 0);
	CHECK_EQ(server_do(&s, "pulse %d 24", s.chid).v[P_SCOID], first);
	pid = client(&s, "y");
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK((int)a.v[R_SCOID] != first);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	waitpid(pid, NULL, 0);
	CHECK_EQ(server_do(&s, "detach %d", first).ret, 0);
}

/* Where nobody is told of a client's end its scoid ends with it: who would detach
 * it?  The next client gets another, all the same.
 */
TEST(scoid_ends_with_its_client_if_that_is_not_told)
{
	struct server s;
	struct answer a;
	pid_t pid;
	int first;

	server_start(&s, 0);
	pid = client(&s, "x");
	a = server_do(&s, "recv %d 24", s.chid);
	first = (int)a.v[R_SCOID];
	CHECK_EQ(server_do(&s, "client %d", first).ret, 0);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	waitpid(pid, NULL, 0);
	do {
		a = server_do(&s, "client %d", first);
	} while (!a.ret);
	CHECK_EQ(a.err, EINVAL);
	CHECK_EQ(server_do(&s, "detach %d", first).err, EINVAL);
	pid = client(&s, "y");
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK((int)a.v[R_SCOID] != first);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	waitpid(pid, NULL, 0);
}

static volatile bool enough;

/* Connects as fast as it can, until it is told to stop. */
static void *come_again(void *arg)
{
	struct server *s = arg;
	int fd;

	while (!enough) {
		fd = sq_socket();
		if (!sq_connect(fd, s->nd, s->pid, s->chid))
			send(fd, "x", 1, MSG_DONTWAIT);
		close(fd);
	}
	return NULL;
}

/* Detaching a client ends all that it has, and ends, though it comes again. */
TEST(detach_ends_every_connection)
{
	struct server s;
	struct answer a, b;
	struct call c;
	int coid[20], i;
	pthread_t t;

	server_start(&s, 0);
	CHECK_EQ(server_do(&s, "create 0").ret, 2);
	for (i = 0; i < 20; i++)
		coid[i] = server_connect(&s, 1 + i % 2);
	for (i = 0; i < 20; i++) {
		call_start(&c, coid[i], "x", 1, NULL, 0, 0);
		a = server_do(&s, "recv %d 1", 1 + i % 2);
		REQUIRE(a.ret > 0);
		server_do(&s, "reply %ld 0 0 0", a.ret);
		CHECK_EQ(call_join(&c), 0);
	}
	s.chid = 2;
	pthread_create(&t, NULL, come_again, &s);
	CHECK_EQ(server_do(&s, "detach %llu", a.v[R_SCOID]).ret, 0);
	enough = true;
	pthread_join(t, NULL);
	CHECK_EQ(server_do(&s, "client %llu", a.v[R_SCOID]).err, EINVAL);
	CHECK_EQ(server_do(&s, "detach %llu", a.v[R_SCOID]).err, EINVAL);
	for (i = 0; i < 20; i++)
		while (MsgSend_r(coid[i], NULL, 0, NULL, 0) != -EBADF)
			REQUIRE(server_remote());
	call_start(&c, server_connect(&s, 1), "y", 1, NULL, 0, 0);
	b = server_do(&s, "recv 1 1");
	CHECK(b.v[R_SCOID] != a.v[R_SCOID]);
	server_do(&s, "reply %ld 0 0 0", b.ret);
	CHECK_EQ(call_join(&c), 0);
}

/* COIDDEATH tells of each connection to a channel that goes away. */
TEST(coiddeath)
{
	int chid = ChannelCreate(_NTO_CHF_COID_DISCONNECT), coid, seen;
	struct server s;
	struct _pulse p;
	struct answer a;
	struct call c;

	REQUIRE(chid > 0);
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	server_kill(&s, SIGKILL);
	for (seen = 0; !seen; ) {
		CHECK_EQ(MsgReceivePulse(chid, &p, sizeof(p), NULL), 0);
		CHECK_EQ(p.code, _PULSE_CODE_COIDDEATH);
		seen = p.value.sival_int == coid;
	}
	CHECK_ERRNO(MsgSend(coid, NULL, 0, NULL, 0), EBADF);
}

/* Two sockets that were given one id, as when one takes the place of the other: the
 * id dies once.  The third socket dies last.
 */
TEST_LOCAL(coiddeath_once_for_an_id)
{
	int chid = ChannelCreate(_NTO_CHF_COID_DISCONNECT), seen = 0, i;
	struct server s;
	struct _pulse p;

	REQUIRE(chid > 0);
	server_start(&s, 0);
	for (i = 0; i < 3; i++) {
		int fd = sq_socket(), id = i < 2 ? 1077 : 1078;

		REQUIRE(!setsockopt(fd, SOL_QNET, QNET_COID, &id, sizeof(id)));
		REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	}
	server_kill(&s, SIGKILL);
	do {
		REQUIRE_EQ(MsgReceivePulse(chid, &p, sizeof(p), NULL), 0);
		CHECK_EQ(p.code, _PULSE_CODE_COIDDEATH);
		seen += p.value.sival_int == 1077;
	} while (p.value.sival_int != 1078);
	CHECK_EQ(seen, 1);
}

static bool put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(text);
}

/* A process gets no memory without waiting, where the kernel can do so. */
static void no_memory(pid_t pid, bool on)
{
	char path[64];

	if (!put_text("/sys/kernel/debug/failslab/task-filter", "Y"))
		return;
	snprintf(path, sizeof(path), "/proc/%d/make-it-fail", pid);
	if (on)
		REQUIRE(put_text(path, "1"));
	REQUIRE(put_text("/sys/kernel/debug/failslab/verbose", "0"));
	REQUIRE(put_text("/sys/kernel/debug/failslab/times", "-1"));
	REQUIRE(put_text("/sys/kernel/debug/failslab/probability",
			 on ? "100" : "0"));
}

/* That pulse does not get lost, though there is no memory for it. */
TEST_LOCAL(coiddeath_without_memory)
{
	int chid = ChannelCreate(_NTO_CHF_COID_DISCONNECT), coid;
	struct server s;
	struct _pulse p;

	REQUIRE(chid > 0);
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	no_memory(s.pid, true);
	server_kill(&s, SIGKILL);
	while (MsgSend_r(coid, NULL, 0, NULL, 0) != -EBADF)
		usleep(1000);
	no_memory(0, false);
	do {
		TimerTimeout(CLOCK_MONOTONIC, _NTO_TIMEOUT_RECEIVE, NULL,
			     &(uint64_t){ 0 }, NULL);
		REQUIRE_EQ(MsgReceivePulse(chid, &p, sizeof(p), NULL), 0);
		CHECK_EQ(p.code, _PULSE_CODE_COIDDEATH);
	} while (p.value.sival_int != coid);
}

static long urgent_call(void *arg)
{
	struct qnet_call c = { .prio = 20 };

	return ioctl(*(int *)arg, QNET_IOC_CALL, &c);
}

/* A client comes, is served before any pulse of the system, and goes. */
static int serve_urgent(int chid)
{
	int fd = sq_socket(), rcvid;
	struct _msg_info info;
	struct _pulse p;
	struct call c;

	REQUIRE(!sq_connect(fd, 0, 0, chid));
	call_start_fn(&c, urgent_call, &fd, 0);
	rcvid = MsgReceive(chid, &p, sizeof(p), &info);
	REQUIRE(rcvid > 0);
	CHECK_EQ(MsgReply(rcvid, 0, NULL, 0), 0);
	CHECK_EQ(call_join(&c), 0);
	close(fd);
	return info.scoid;
}

#define SYSTEM_PULSES	16384
#define PROGRAM_PULSES	4096
#define AT_ONCE		256

/* As many pulses as the system puts in a channel: connections that die. */
static void fill_with_pulses(int many)
{
	int i, n, ch, fd[AT_ONCE];

	for (n = 0; n < many; n += AT_ONCE) {
		ch = sq_socket();
		REQUIRE(!sq_bind(ch, 0, 0, 0));
		for (i = 0; i < AT_ONCE; i++) {
			fd[i] = sq_socket();
			REQUIRE(!sq_connect(fd[i], 0, 0, sq_chid(ch)));
		}
		close(ch);
		for (i = 0; i < AT_ONCE; i++)
			close(fd[i]);
	}
}

/* A channel full of pulses: who leaves it then leaves nothing behind. */
TEST_LOCAL(no_room_for_the_disconnect_pulse)
{
	int chid = ChannelCreate(_NTO_CHF_DISCONNECT |
				 _NTO_CHF_COID_DISCONNECT);
	struct _client_info client;
	struct _pulse p;
	int n, scoid;

	REQUIRE(chid > 0);
	fill_with_pulses(SYSTEM_PULSES);
	scoid = serve_urgent(chid);
	CHECK_ERRNO(ConnectClientInfo(scoid, &client, 0), EINVAL);
	for (n = 0; n < SYSTEM_PULSES; n++) {
		CHECK_EQ(MsgReceivePulse(chid, &p, sizeof(p), NULL), 0);
		REQUIRE_EQ(p.code, _PULSE_CODE_COIDDEATH);
	}
	/* Now there is room. */
	scoid = serve_urgent(chid);
	CHECK_EQ(MsgReceivePulse(chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.code, _PULSE_CODE_DISCONNECT);
	CHECK_EQ(p.scoid, scoid);
	CHECK_EQ(ConnectClientInfo(scoid, &client, 0), 0);
}

/* What the kernel tells takes no room from what programs send. */
TEST_LOCAL(system_pulses_leave_room_for_others)
{
	int chid = ChannelCreate(_NTO_CHF_COID_DISCONNECT);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct _pulse p;

	REQUIRE(coid >= 0);
	fill_with_pulses(2 * PROGRAM_PULSES);
	CHECK_EQ(MsgSendPulse(coid, 60, 5, 7), 0);
	CHECK_EQ(MsgReceivePulse(chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.code, 5);
	CHECK_EQ(p.value.sival_int, 7);
}
