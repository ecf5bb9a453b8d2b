// SPDX-License-Identifier: GPL-2.0
/* Signals against blocked calls, cancellation, and who is told. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/neutrino.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

static volatile int handled;

static void handler(int sig)
{
	(void)sig;
	handled++;
}

static void catch(int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigaction(SIGUSR1, &sa, NULL);
}

static void send_blocked(int flags)
{
	struct server s;
	struct call c;
	int coid;

	catch(flags);
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	pthread_kill(c.thread, SIGUSR1);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	CHECK_EQ(handled, 1);
	if (server_remote())
		while (server_do(&s, "poll %d 0", s.chid).ret)
			;
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	/* The connection is as good as before. */
	call_start(&c, coid, "y", 1, NULL, 0, 0);
	CHECK(server_do(&s, "recv %d 1", s.chid).v[R_HASH] == hash("y", 1));
}

TEST(eintr_when_send_blocked)
{
	send_blocked(0);
}

/* QNX knows no restart of a message. */
TEST(eintr_when_send_blocked_despite_sa_restart)
{
	send_blocked(SA_RESTART);
}

static void reply_blocked(int flags)
{
	struct server s;
	struct answer a;
	struct call c;
	char area[8];
	int coid;

	catch(flags);
	memset(area, 0x77, sizeof(area));
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, area, sizeof(area), 0);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	pthread_kill(c.thread, SIGUSR1);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	if (server_remote())
		while (server_do(&s, "info %ld", a.ret).ret != -1)
			;
	CHECK_EQ(server_do(&s, "read %ld 0 1", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 0 8 1", a.ret).err, ESRCH);
	CHECK_EQ(area[0], 0x77);
	call_start(&c, coid, "y", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	CHECK(a.v[R_HASH] == hash("y", 1));
	server_do(&s, "reply %ld 2 0 0", a.ret);
	CHECK_EQ(call_join(&c), 2);
}

TEST(eintr_when_reply_blocked)
{
	reply_blocked(0);
}

TEST(eintr_when_reply_blocked_despite_sa_restart)
{
	reply_blocked(SA_RESTART);
}

static long receive(void *arg)
{
	char byte;

	return MsgReceive(*(int *)arg, &byte, 1, NULL);
}

TEST_LOCAL(eintr_when_receive_blocked)
{
	int chid = ChannelCreate(0), flags, i;
	struct call c;

	for (i = 0; i < 2; i++) {
		flags = i ? SA_RESTART : 0;
		catch(flags);
		call_start_fn(&c, receive, &chid, 0);
		pthread_kill(c.thread, SIGUSR1);
		CHECK_EQ(call_join(&c), -1);
		CHECK_EQ(c.err, EINTR);
	}
}

/* Replies to the first message and waits for the next. */
static long reply_receive(void *arg)
{
	int chid = *(int *)arg, rcvid, ret;
	char byte;

	rcvid = MsgReceive(chid, &byte, 1, NULL);
	ret = qnet_reply_receive(chid, &rcvid, 5, NULL, 0, &byte, 1, NULL);
	CHECK_EQ(rcvid, 0);
	return ret;
}

TEST_LOCAL(eintr_when_blocked_behind_a_reply)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct call c;
	long ret;

	catch(SA_RESTART);
	call_start_fn(&c, reply_receive, &chid, 0);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 5);
	await_sleep(c.tid);
	pthread_kill(c.thread, SIGUSR1);
	ret = call_join(&c);
	CHECK_EQ(ret, -1);
	CHECK_EQ(c.err, EINTR);
}

/* --- signals without a handler ----------------------------------------- */

static void stop_and_continue(pid_t pid)
{
	int status;

	kill(pid, SIGSTOP);
	REQUIRE_EQ(waitpid(pid, &status, WUNTRACED), pid);
	REQUIRE(WIFSTOPPED(status));
	kill(pid, SIGCONT);
	REQUIRE_EQ(waitpid(pid, &status, WCONTINUED), pid);
}

/*
 * A server in a process of its own, of one thread that runs @fn and is blocked
 * in there when this returns: its channel.
 */
static int start_blocked(long (*fn)(void *), pid_t *pid)
{
	int up[2], chid;

	REQUIRE(!pipe(up));
	*pid = fork();
	if (!*pid) {
		struct call c;

		chid = ChannelCreate(0);
		call_start_fn(&c, fn, &chid, 0);
		if (write(up[1], &chid, sizeof(chid)) < 0)
			_exit(1);
		call_join(&c);
		if (c.ret <= 0)
			printf("# receive: %ld, errno %d\n", c.ret, c.err);
		else
			MsgReply((int)c.ret, 6, NULL, 0);
		test_end();
	}
	close(up[1]);
	REQUIRE_EQ(read(up[0], &chid, sizeof(chid)), sizeof(chid));
	return chid;
}

TEST_LOCAL(stopped_when_receive_blocked)
{
	int chid, coid;
	pid_t pid;

	chid = start_blocked(receive, &pid);
	coid = ConnectAttach(0, pid, chid, _NTO_SIDE_CHANNEL, 0);
	stop_and_continue(pid);
	stop_and_continue(pid);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 6);
}

/* The call starts over; its reply must not be given again. */
TEST_LOCAL(stopped_when_blocked_behind_a_reply)
{
	int chid, coid;
	pid_t pid;

	chid = start_blocked(reply_receive, &pid);
	coid = ConnectAttach(0, pid, chid, _NTO_SIDE_CHANNEL, 0);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 5);
	stop_and_continue(pid);
	stop_and_continue(pid);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 6);
}

/* Of another node's server nobody knows whether it has received. */
TEST_LOCAL(stopped_when_send_blocked)
{
	struct server s;
	struct answer a;
	int status;
	pid_t pid;

	server_start(&s, 0);
	pid = fork();
	if (!pid) {
		int coid = server_connect(&s, s.chid);

		_exit(MsgSend(coid, "x", 1, NULL, 0) == 7 ? 0 : 1);
	}
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	stop_and_continue(pid);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(&s, "reply %ld 7 0 0", a.ret).ret, 0);
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
}

/* One that was not received yet leaves at once, and nobody is told. */
TEST(no_unblock_pulse_when_send_blocked)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	catch(0);
	server_start(&s, _NTO_CHF_UNBLOCK);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	pthread_kill(c.thread, SIGUSR1);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	call_start(&c, coid, "y", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK(a.ret > 0);
	CHECK(a.v[R_HASH] == hash("y", 1));
}

/* --- cancellation ------------------------------------------------------ */

static volatile bool cleaned;

static void cleanup(void *arg)
{
	(void)arg;
	cleaned = true;
}

static long send_cleaned(void *arg)
{
	long ret;

	pthread_cleanup_push(cleanup, NULL);
	ret = MsgSend(*(int *)arg, "x", 1, NULL, 0);
	pthread_cleanup_pop(0);
	return ret;
}

static long send_nc(void *arg)
{
	return MsgSendnc(*(int *)arg, "x", 1, NULL, 0);
}

TEST(cancel_ends_a_send)
{
	struct server s;
	struct answer a;
	struct call c;
	void *value;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < 2; i++) {
		cleaned = false;
		call_start_fn(&c, send_cleaned, &coid, 0);
		a.ret = 0;
		if (i)
			a = server_do(&s, "recv %d 1", s.chid);
		pthread_cancel(c.thread);
		pthread_join(c.thread, &value);
		CHECK(value == PTHREAD_CANCELED);
		CHECK(cleaned);
	}
	if (server_remote())
		while (server_do(&s, "info %ld", a.ret).ret != -1)
			;
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret).err, ESRCH);
	/* The dead thread holds nothing: the id is free at once. */
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_EQ(server_connect(&s, s.chid), coid);
}

TEST(cancel_does_not_end_an_nc_send)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start_fn(&c, send_nc, &coid, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	pthread_cancel(c.thread);
	CHECK_EQ(server_do(&s, "reply %ld 9 0 0", a.ret).ret, 0);
	pthread_join(c.thread, NULL);
	CHECK_EQ(c.ret, 9);
}

TEST_LOCAL(cancel_ends_a_receive)
{
	int chid = ChannelCreate(0);
	struct call c;
	void *value;

	call_start_fn(&c, receive, &chid, 0);
	pthread_cancel(c.thread);
	pthread_join(c.thread, &value);
	CHECK(value == PTHREAD_CANCELED);
	CHECK_EQ(ChannelDestroy(chid), 0);
	CHECK_EQ(ChannelCreate(0), chid);
}

/* One CPU for all threads, so that who goes first is known. */
static void one_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	REQUIRE(!sched_setaffinity(0, sizeof(one), &one));
}

static void set_fifo(int prio)
{
	struct sched_param sp = { .sched_priority = prio };

	REQUIRE(!sched_setscheduler(0, prio ? SCHED_FIFO : SCHED_OTHER, &sp));
}

/*
 * @r is blocked receiving.  A message comes and it is cancelled, both before it
 * runs: then somebody else must get the message.
 */
static void cancel_with_message(struct call *r, int chid, int coid)
{
	struct pollfd p = { .fd = qnet_channel_fd(chid), .events = POLLIN };
	struct call c;
	void *value;
	char byte;
	int rcvid;

	set_fifo(20);
	call_start(&c, coid, "m", 1, NULL, 0, 30);
	pthread_cancel(r->thread);
	set_fifo(0);
	pthread_join(r->thread, &value);
	CHECK(value == PTHREAD_CANCELED);
	REQUIRE_EQ(poll(&p, 1, 5000), 1);
	rcvid = MsgReceive(chid, &byte, 1, NULL);
	REQUIRE(rcvid > 0);
	CHECK_EQ(byte, 'm');
	CHECK_EQ(MsgReply(rcvid, 8, NULL, 0), 0);
	CHECK_EQ(call_join(&c), 8);
}

TEST_LOCAL(cancelled_receiver_loses_no_message)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct call r;

	if (getuid())
		SKIP("needs root to go first");
	one_cpu();
	call_start_fn(&r, receive, &chid, 0);
	cancel_with_message(&r, chid, coid);
	call_start_fn(&r, reply_receive, &chid, 0);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 5);
	await_sleep(r.tid);
	cancel_with_message(&r, chid, coid);
}
