// SPDX-License-Identifier: GPL-2.0
/* Many threads at once: nothing is lost, mixed up or used after its end. */
#include <fcntl.h>
#include <signal.h>
#include <sys/neutrino.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define SENDERS	8
#define ROUNDS	200

static int chid;
static volatile bool stop;

static void *echo_server(void *arg)
{
	unsigned int msg[16];
	int rcvid;

	(void)arg;
	for (;;) {
		rcvid = MsgReceive(chid, msg, sizeof(msg), NULL);
		if (rcvid < 0)
			return NULL;
		if (rcvid)
			MsgReply(rcvid, (long)msg[1], msg, sizeof(msg));
	}
}

static void *echo_server_combined(void *arg)
{
	unsigned int msg[16], reply[16];
	int rcvid = 0, next;

	(void)arg;
	for (;;) {
		next = qnet_reply_receive(chid, &rcvid, (long)reply[1], reply,
					  sizeof(reply), msg, sizeof(msg),
					  NULL);
		if (next < 0)
			return NULL;
		memcpy(reply, msg, sizeof(msg));
		rcvid = next;
	}
}

static void *echo_client(void *arg)
{
	unsigned int msg[16], area[16], i;
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);

	for (i = 0; i < ROUNDS; i++) {
		memset(msg, (int)i, sizeof(msg));
		msg[0] = (unsigned int)(uintptr_t)arg;
		msg[1] = i;
		memset(area, 0, sizeof(area));
		CHECK_EQ(MsgSend(coid, msg, sizeof(msg), area, sizeof(area)),
			 i);
		CHECK(!memcmp(msg, area, sizeof(msg)));
	}
	CHECK_EQ(ConnectDetach(coid), 0);
	return NULL;
}

static void echo(void *(*server)(void *))
{
	pthread_t s[4], c[SENDERS];
	int i;

	chid = ChannelCreate(0);
	for (i = 0; i < 4; i++)
		pthread_create(&s[i], NULL, server, NULL);
	for (i = 0; i < SENDERS; i++)
		pthread_create(&c[i], NULL, echo_client, (void *)(intptr_t)i);
	for (i = 0; i < SENDERS; i++)
		pthread_join(c[i], NULL);
	CHECK_EQ(ChannelDestroy(chid), 0);
	for (i = 0; i < 4; i++)
		pthread_join(s[i], NULL);
}

TEST_LOCAL(many_senders_many_receivers)
{
	echo(echo_server);
}

TEST_LOCAL(many_with_reply_and_receive)
{
	echo(echo_server_combined);
}

static void *reopen(void *arg)
{
	int fd;

	(void)arg;
	while (!stop) {
		fd = open("/dev/null", O_WRONLY);
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

static void *send_until_dead(void *arg)
{
	int coid = *(int *)arg, err;
	long ret;

	do {
		ret = MsgSend_r(coid, "x", 1, NULL, 0);
		err = (int)-ret;
	} while (!ret);
	CHECK_EQ(err, EBADF);
	return NULL;
}

/*
 * Connections end while others send on them and files are opened: a number
 * must not be used again before all are out.
 */
TEST_LOCAL(detach_against_send)
{
	pthread_t s, r, c[4];
	int i, j, coid;

	chid = ChannelCreate(0);
	pthread_create(&s, NULL, echo_server, NULL);
	pthread_create(&r, NULL, reopen, NULL);
	for (i = 0; i < 60; i++) {
		coid = ConnectAttach(0, 0, chid, i & 1 ? 0 : _NTO_SIDE_CHANNEL,
				     0);
		REQUIRE(coid != -1);
		for (j = 0; j < 4; j++)
			pthread_create(&c[j], NULL, send_until_dead, &coid);
		sched_yield();
		CHECK_EQ(ConnectDetach(coid), 0);
		for (j = 0; j < 4; j++)
			pthread_join(c[j], NULL);
	}
	stop = true;
	pthread_join(r, NULL);
	ChannelDestroy(chid);
	pthread_join(s, NULL);
}

static void *churn(void *arg)
{
	int ch, coid, i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		ch = ChannelCreate(0);
		CHECK(ch > 0);
		coid = ConnectAttach(0, 0, ch, _NTO_SIDE_CHANNEL, 0);
		CHECK(coid > 0);
		CHECK_EQ(MsgSendPulse(coid, 10, 1, 1), 0);
		CHECK_EQ(ChannelDestroy(ch), 0);
		CHECK_ERRNO(MsgSendPulse(coid, 10, 1, 1), EBADF);
		CHECK_EQ(ConnectDetach(coid), 0);
	}
	return NULL;
}

TEST_LOCAL(ids_made_and_ended_in_parallel)
{
	pthread_t t[6];
	int i;

	for (i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, churn, NULL);
	for (i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(ChannelCreate(0), 1);
	CHECK_EQ(ConnectAttach(0, 0, 1, _NTO_SIDE_CHANNEL, 0),
		 _NTO_SIDE_CHANNEL);
}

static void nothing(int sig)
{
	(void)sig;
}

/* Signals in a hail: each call ends well or with EINTR, replies match. */
TEST_LOCAL(hail_of_signals)
{
	struct sigaction sa = { .sa_handler = nothing };
	unsigned int msg[16], area[16], i, ok = 0;
	pid_t child, parent = getpid();
	sigset_t usr1;
	pthread_t s;
	int coid;
	long ret;

	sigaction(SIGUSR1, &sa, NULL);
	child = fork();
	if (!child)
		for (;;) {
			kill(parent, SIGUSR1);
			usleep(300);
		}
	chid = ChannelCreate(0);
	coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	pthread_create(&s, NULL, echo_server, NULL);
	pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
	for (i = 0; i < 2000; i++) {
		memset(msg, (int)i, sizeof(msg));
		msg[1] = i;
		ret = MsgSend(coid, msg, sizeof(msg), area, sizeof(area));
		if (ret == -1) {
			CHECK_EQ(errno, EINTR);
			continue;
		}
		CHECK_EQ(ret, i);
		CHECK(!memcmp(msg, area, sizeof(msg)));
		ok++;
	}
	kill(child, SIGKILL);
	CHECK(ok > 0);
}

/* --- threads that end -------------------------------------------------- */

static void *end_by_return(void *arg)
{
	struct _msg_info info;

	/* With its first call it is known. */
	CHECK_ERRNO(MsgInfo(1, &info), ESRCH);
	*(pid_t *)arg = gettid();
	return NULL;
}

static void *end_by_exit(void *arg)
{
	end_by_return(arg);
	pthread_exit(NULL);
}

static void *end_by_cancellation(void *arg)
{
	char byte;

	*(pid_t *)arg = gettid();
	MsgReceive(chid, &byte, 1, NULL);
	return NULL;
}

static void *end_unknown(void *arg)
{
	*(pid_t *)arg = gettid();
	return NULL;
}

/* Is the end of @tid the next that @from hears of? */
static void hears_end(int from, pid_t tid)
{
	struct _pulse p;

	REQUIRE_EQ(MsgReceivePulse(from, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.code, _PULSE_CODE_THREADDEATH);
	CHECK_EQ(p.value.sival_int, tid);
}

TEST_LOCAL(thread_death)
{
	static void *(*const ways[])(void *) = {
		end_by_return, end_by_exit, end_by_cancellation, end_unknown,
		end_by_return,
	};
	unsigned int i;
	pthread_t t;
	int watch, other;
	pid_t tid;

	chid = ChannelCreate(0);
	watch = ChannelCreate(_NTO_CHF_THREAD_DEATH);
	other = ChannelCreate(_NTO_CHF_THREAD_DEATH);
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		pthread_create(&t, NULL, ways[i], &tid);
		if (ways[i] == end_by_cancellation)
			pthread_cancel(t);
		pthread_join(t, NULL);
		if (ways[i] != end_unknown)
			hears_end(watch, tid);
	}
	/* Without that channel it is the other's to hear. */
	CHECK_EQ(ChannelDestroy(watch), 0);
	pthread_create(&t, NULL, end_by_return, &tid);
	pthread_join(t, NULL);
	hears_end(other, tid);
}

static void *outlive(void *arg)
{
	hears_end(*(int *)arg, 1);
	test_end();
}

TEST_LOCAL(death_of_the_first_thread)
{
	static int watch;
	pthread_t t;

	watch = ChannelCreate(_NTO_CHF_THREAD_DEATH);
	pthread_create(&t, NULL, outlive, &watch);
	pthread_exit(NULL);
}
