// SPDX-License-Identifier: GPL-2.0
/* Events: what a server may do to its clients, and when. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/neutrino.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/qnet.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define NOBODY	1234
#define OTHER	1235

/* A client with a channel of its own, for the pulses that it asks for. */
struct client {
	struct server s;
	int coid;
	int chid;
	int own;
};

static void client_start(struct client *c)
{
	server_start(&c->s, 0);
	c->coid = server_connect(&c->s, c->s.chid);
	c->chid = ChannelCreate(0);
	REQUIRE(c->chid > 0);
	c->own = ConnectAttach(0, 0, c->chid, _NTO_SIDE_CHANNEL, 0);
	REQUIRE(c->own != -1);
}

/* Sends a message, which the server receives: its rcvid there. */
static int send_begin(struct client *c, struct call *call)
{
	struct answer a;

	call_start(call, c->coid, "m", 1, NULL, 0, 0);
	a = server_do(&c->s, "recv %d 64", c->s.chid);
	REQUIRE(a.ret > 0);
	return (int)a.ret;
}

static void send_end(struct client *c, struct call *call, int rcvid)
{
	CHECK_EQ(server_do(&c->s, "reply %d 3 0 0", rcvid).ret, 0);
	CHECK_EQ(call_join(call), 3);
}

static int send_once(struct client *c)
{
	struct call call;
	int rcvid = send_begin(c, &call);

	send_end(c, &call, rcvid);
	return rcvid;
}

static struct answer event(struct client *c, int rcvid, int kind, int id,
			   int prio, int code, long value)
{
	return server_do(&c->s, "event %d %d %d %d %d %ld", rcvid, kind, id,
			 prio, code, value);
}

static struct answer pulse(struct client *c, int rcvid, int prio, int code,
			   long value)
{
	return event(c, rcvid, SIGEV_PULSE, c->own, prio, code, value);
}

/* What came of it is told on the server's own node only. */
static void check_refused(struct answer a, int err)
{
	if (server_remote()) {
		CHECK_EQ(a.ret, 0);
		return;
	}
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, err);
}

static void check_pulse(struct client *c, int code, long value)
{
	struct _pulse p;

	REQUIRE_EQ(MsgReceivePulse(c->chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.code, code);
	CHECK_EQ(p.value.sival_int, value);
	CHECK_EQ(p.type, 0);
	CHECK_EQ(p.subtype, 0);
}

/* Events of one connection arrive in order: nothing came before this one. */
static void check_nothing(struct client *c, int rcvid)
{
	CHECK_EQ(pulse(c, rcvid, 10, 99, 4711).ret, 0);
	check_pulse(c, 99, 4711);
}

TEST(pulse_before_the_reply)
{
	struct client c;
	struct call call;
	int rcvid;

	client_start(&c);
	rcvid = send_begin(&c, &call);
	CHECK_EQ(pulse(&c, rcvid, 10, 0, 77).ret, 0);
	check_pulse(&c, 0, 77);
	CHECK_EQ(pulse(&c, rcvid, 10, 127, -1).ret, 0);
	check_pulse(&c, 127, -1);
	send_end(&c, &call, rcvid);
}

TEST(pulse_after_the_reply)
{
	struct client c;
	int rcvid, i;

	client_start(&c);
	rcvid = send_once(&c);
	for (i = 0; i < 10; i++) {
		CHECK_EQ(pulse(&c, rcvid, 10, i, 1000 + i).ret, 0);
		check_pulse(&c, i, 1000 + i);
	}
}

/* Each id that the server was ever given on a connection leads to its client,
 * and to no other one.
 */
TEST(pulse_after_many_calls)
{
	struct client c;
	int first, rcvid = 0, other, i;
	char m;

	client_start(&c);
	other = server_connect(&c.s, c.s.chid);
	first = send_once(&c);
	for (i = 0; i < 500 / test_slow(); i++) {
		struct client d = c;

		d.coid = other;
		send_once(&d);
		rcvid = send_once(&c);
	}
	CHECK_EQ(pulse(&c, first, 10, 1, 5).ret, 0);
	check_pulse(&c, 1, 5);
	CHECK_EQ(pulse(&c, rcvid, 10, 2, 6).ret, 0);
	check_pulse(&c, 2, 6);
	/* For anything else it is as dead as ever. */
	m = (char)server_do(&c.s, "reply %d 0 0 0", first).err;
	CHECK_EQ(m, ESRCH);
	CHECK_EQ(server_do(&c.s, "read %d 0 1", first).err, ESRCH);
	CHECK_EQ(server_do(&c.s, "write %d 0 1 1", first).err, ESRCH);
	CHECK_EQ(server_do(&c.s, "info %d", first).err, ESRCH);
	CHECK_EQ(server_do(&c.s, "error %d 5", first).err, ESRCH);
}

TEST(pulse_value)
{
	unsigned long long word = 0x1122334455667788ULL, want = word;
	struct client c;
	struct _pulse p;
	int rcvid;

	if (server_remote())
		want &= 0xffffffffU;
	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(pulse(&c, rcvid, 10, 7, (long)word).ret, 0);
	REQUIRE_EQ(MsgReceivePulse(c.chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ((uintptr_t)p.value.sival_ptr, want);
}

/* The first thread of the client has no real-time priority: that is 10. */
TEST(pulse_priorities)
{
	static const int order[] = { 3, 2, 1, 0, 4 };
	struct client c;
	int rcvid;
	size_t i;

	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(pulse(&c, rcvid, 9, 0, 0).ret, 0);
	CHECK_EQ(pulse(&c, rcvid, SIGEV_PULSE_PRIO_INHERIT, 1, 0).ret, 0);
	CHECK_EQ(pulse(&c, rcvid, 11, 2, 0).ret, 0);
	CHECK_EQ(pulse(&c, rcvid, 255, 3, 0).ret, 0);
	CHECK_EQ(pulse(&c, rcvid, 0, 4, 0).ret, 0);
	/* The server's answers came behind them: all are there. */
	for (i = 0; i < 5; i++)
		check_pulse(&c, order[i], 0);
}

static struct sched_param fifo = { .sched_priority = 20 };

TEST(pulse_inherits_a_real_time_priority)
{
	struct client c;
	int rcvid;

	if (getuid())
		SKIP("needs root");
	client_start(&c);
	rcvid = send_once(&c);
	REQUIRE(!sched_setscheduler(0, SCHED_FIFO, &fifo));
	CHECK_EQ(pulse(&c, rcvid, 19, 0, 0).ret, 0);
	CHECK_EQ(pulse(&c, rcvid, SIGEV_PULSE_PRIO_INHERIT, 1, 0).ret, 0);
	CHECK_EQ(pulse(&c, rcvid, 21, 2, 0).ret, 0);
	check_pulse(&c, 2, 0);
	check_pulse(&c, 1, 0);
	check_pulse(&c, 0, 0);
}

/* A connection to another process: the client's node sends on. */
TEST(pulse_to_a_third_process)
{
	struct server third;
	struct client c;
	struct answer a;
	int rcvid, coid;

	client_start(&c);
	server_start(&third, 0);
	coid = server_connect(&third, third.chid);
	rcvid = send_once(&c);
	CHECK_EQ(event(&c, rcvid, SIGEV_PULSE, coid, 10, 8, 99).ret, 0);
	a = server_do(&third, "pulse %d 24", third.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_CODE], 8);
	CHECK_EQ(a.v[P_VALUE], 99);
	/* The circuit is open now. */
	CHECK_EQ(event(&c, rcvid, SIGEV_PULSE, coid, 10, 9, 1).ret, 0);
	CHECK_EQ(server_do(&third, "pulse %d 24", third.chid).v[P_CODE], 9);
}

/* Where the client may not send a pulse itself, none goes in its name. */
TEST_LOCAL(pulse_to_another_users_process)
{
	struct server third;
	struct client c;
	struct answer a;
	int rcvid, coid;

	if (getuid())
		SKIP("needs root to become someone else");
	server_start(&third, 0);
	server_start(&c.s, 0);
	REQUIRE(!setresgid(OTHER, OTHER, OTHER) &&
		!setresuid(OTHER, OTHER, OTHER));
	c.coid = server_connect(&c.s, c.s.chid);
	coid = server_connect(&third, third.chid);
	rcvid = send_once(&c);
	a = event(&c, rcvid, SIGEV_PULSE, coid, 10, 8, 99);
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, EPERM);
	a = server_do(&c.s, "verify %d %d %d 10 1 0", rcvid, SIGEV_PULSE, coid);
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, EPERM);
}

TEST(pulse_on_a_descriptor)
{
	struct client c;
	int rcvid, fd;

	client_start(&c);
	fd = ConnectAttach(0, 0, c.chid, 0, 0);
	REQUIRE(fd >= 0 && fd < _NTO_SIDE_CHANNEL);
	rcvid = send_once(&c);
	CHECK_EQ(event(&c, rcvid, SIGEV_PULSE, fd, 10, 3, 4).ret, 0);
	check_pulse(&c, 3, 4);
	CHECK_EQ(ConnectDetach(fd), 0);
	check_refused(event(&c, rcvid, SIGEV_PULSE, fd, 10, 3, 4), EBADF);
	check_nothing(&c, rcvid);
}

TEST(bad_coid)
{
	struct client c;
	int rcvid;

	client_start(&c);
	rcvid = send_once(&c);
	check_refused(event(&c, rcvid, SIGEV_PULSE, 0x40001234, 10, 3, 4),
		      EBADF);
	check_refused(event(&c, rcvid, SIGEV_PULSE, -1, 10, 3, 4), EBADF);
	check_nothing(&c, rcvid);
	CHECK_EQ(ChannelDestroy(c.chid), 0);
	check_refused(pulse(&c, rcvid, 10, 3, 4), EBADF);
}

TEST(bad_events)
{
	struct client c;
	int rcvid;

	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(pulse(&c, rcvid, 10, 128, 0).err, EINVAL);
	CHECK_EQ(pulse(&c, rcvid, 10, -1, 0).err, EINVAL);
	CHECK_EQ(pulse(&c, rcvid, 256, 1, 0).err, EINVAL);
	CHECK_EQ(pulse(&c, rcvid, -2, 1, 0).err, EINVAL);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, 65, 0, 0, 0).err, EINVAL);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, -1, 0, 0, 0).err, EINVAL);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL_CODE, 0, 0, 0, 0).err, EINVAL);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL_CODE, SIGUSR1, 0, 128, 0).err,
		 EINVAL);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL_THREAD, SIGUSR1, 0, -129, 0).err,
		 EINVAL);
	CHECK_EQ(event(&c, rcvid, SIGEV_INTR, 0, 0, 0, 0).err, EINVAL);
	CHECK_EQ(event(&c, rcvid, 0x7777, 0, 0, 0, 0).err, EINVAL);
	CHECK_EQ(event(&c, rcvid, SIGEV_THREAD, 0, 0, 0, 0).err, ENOTSUP);
	check_nothing(&c, rcvid);
}

/* All zero is nothing to a QNX program. */
TEST(nothing)
{
	struct client c;
	int rcvid;

	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(event(&c, rcvid, SIGEV_NONE, 5, 5, 5, 5).ret, 0);
	CHECK_EQ(event(&c, rcvid, 0, 0, 0, 0, 0).ret, 0);
	check_nothing(&c, rcvid);
}

TEST(no_such_rcvid)
{
	struct client c;
	int rcvid;

	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(pulse(&c, rcvid + 1, 10, 1, 0).err, ESRCH);
	CHECK_EQ(pulse(&c, rcvid + 100000, 10, 1, 0).err, ESRCH);
	CHECK_EQ(pulse(&c, 0x7fffffff, 10, 1, 0).err, ESRCH);
	CHECK_EQ(pulse(&c, -1, 10, 1, 0).err, ESRCH);
	CHECK_EQ(event(&c, rcvid + 1, SIGEV_NONE, 0, 0, 0, 0).err, ESRCH);
	check_nothing(&c, rcvid);
}

/* The connection is what the id stands for; the server hears in its own time. */
static void check_gone(struct client *c, int rcvid)
{
	struct answer a;

	do {
		a = event(c, rcvid, SIGEV_NONE, 0, 0, 0, 0);
	} while (!a.ret);
	CHECK_EQ(a.err, ESRCH);
	CHECK_EQ(pulse(c, rcvid, 10, 1, 2).err, ESRCH);
}

TEST(after_detach)
{
	struct client c;
	int rcvid;

	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(ConnectDetach(c.coid), 0);
	check_gone(&c, rcvid);
	/* A connection that comes after it has ids of its own. */
	c.coid = server_connect(&c.s, c.s.chid);
	check_nothing(&c, send_once(&c));
	CHECK_EQ(pulse(&c, rcvid, 10, 1, 2).err, ESRCH);
}

TEST(client_is_gone)
{
	struct client c;
	struct answer a;
	int status;
	pid_t pid;

	client_start(&c);
	pid = fork();
	if (!pid) {
		int coid = server_connect(&c.s, c.s.chid);

		_exit(MsgSend(coid, "x", 1, NULL, 0) != 3);
	}
	a = server_do(&c.s, "recv %d 64", c.s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(&c.s, "reply %ld 3 0 0", a.ret).ret, 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	check_gone(&c, (int)a.ret);
}

/* --- signals ----------------------------------------------------------- */

static volatile pid_t handler_tid;
static siginfo_t handler_info;
static atomic_int handler_runs;

static void handler(int signo, siginfo_t *info, void *ctx)
{
	(void)signo;
	(void)ctx;
	handler_info = *info;
	handler_tid = gettid();
	handler_runs++;
}

static void handle(int signo)
{
	struct sigaction sa = { .sa_sigaction = handler,
				.sa_flags = SA_SIGINFO | SA_RESTART };

	REQUIRE(!sigaction(signo, &sa, NULL));
}

static void await_handler(int runs)
{
	while (handler_runs < runs)
		sched_yield();
}

static void block(int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Threads that take no part, so that a process has several to choose from. */
static atomic_int stop, sleepers;

static void *sleeper(void *arg)
{
	sleepers++;
	while (!stop)
		usleep(1000);
	return arg;
}

/* Another thread takes a signal: it shall not interrupt what a test does next.
 * Until it runs the C library blocks all signals there.
 */
static void taken_elsewhere(int signo)
{
	pthread_t thread;

	REQUIRE(!pthread_create(&thread, NULL, sleeper, NULL));
	while (!sleepers)
		sched_yield();
	block(signo);
}

TEST(signal_to_a_handler)
{
	struct client c;
	int rcvid;

	handle(SIGUSR1);
	handle(SIGRTMIN + 3);
	client_start(&c);
	rcvid = send_once(&c);
	taken_elsewhere(SIGUSR1);
	block(SIGRTMIN + 3);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, SIGUSR1, 0, 0, 0).ret, 0);
	await_handler(1);
	CHECK_EQ(handler_info.si_signo, SIGUSR1);
	CHECK_EQ(handler_info.si_code, SI_USER);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, SIGRTMIN + 3, 0, 0, 0).ret, 0);
	await_handler(2);
	CHECK_EQ(handler_info.si_signo, SIGRTMIN + 3);
}

TEST(signal_with_a_code)
{
	static const int codes[] = { 0, 1, 127, -128, -1 };
	struct client c;
	int rcvid, i;

	handle(SIGUSR2);
	client_start(&c);
	rcvid = send_once(&c);
	taken_elsewhere(SIGUSR2);
	for (i = 0; i < 5; i++) {
		CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL_CODE, SIGUSR2, 0,
			       codes[i], 1000 * i - 5).ret, 0);
		await_handler(i + 1);
		CHECK_EQ(handler_info.si_signo, SIGUSR2);
		/* Linux keeps the others for the kernel. */
		CHECK_EQ(handler_info.si_code,
			 codes[i] < 0 ? codes[i] : SI_QUEUE);
		CHECK_EQ(handler_info.si_value.sival_int, 1000 * i - 5);
		CHECK_EQ(handler_info.si_pid,
			 server_remote() ? 0 : c.s.pid);
		if (server_remote())
			CHECK(handler_info.si_uid != 0);
		else
			CHECK_EQ(handler_info.si_uid, getuid());
	}
}

static long send_from_thread(void *arg)
{
	struct client *c = arg;
	long ret = MsgSend(c->coid, "t", 1, NULL, 0);

	while (!stop)
		usleep(1000);
	return ret;
}

/* To the thread that sent the message, while it waits and long after. */
TEST(signal_to_the_thread)
{
	struct call call[3];
	struct client c;
	int rcvid[3], i, round, runs = 0;

	handle(SIGUSR1);
	client_start(&c);
	for (i = 0; i < 3; i++) {
		struct answer a;

		call_start_fn(&call[i], send_from_thread, &c, 0);
		a = server_do(&c.s, "recv %d 64", c.s.chid);
		REQUIRE(a.ret > 0);
		rcvid[i] = (int)a.ret;
		CHECK_EQ(server_do(&c.s, "reply %d 0 0 0", rcvid[i]).ret, 0);
	}
	send_once(&c);
	for (round = 0; round < 2; round++) {
		for (i = 2; i >= 0; i--) {
			CHECK_EQ(event(&c, rcvid[i], SIGEV_SIGNAL_THREAD,
				       SIGUSR1, 0, 5, i).ret, 0);
			await_handler(++runs);
			CHECK_EQ(handler_tid, call[i].tid);
			CHECK_EQ(handler_info.si_code, SI_QUEUE);
			CHECK_EQ(handler_info.si_value.sival_int, i);
		}
	}
	stop = 1;
	for (i = 0; i < 3; i++)
		CHECK_EQ(call_join(&call[i]), 0);
	/* It is no more. */
	check_refused(event(&c, rcvid[1], SIGEV_SIGNAL_THREAD, SIGUSR1, 0, 5,
			    6), ESRCH);
	check_nothing(&c, rcvid[1]);
	CHECK_EQ(handler_runs, runs);
}

/* Makes what is left of a thread stay: as long as somebody traces it.  Returns
 * who does.
 */
static pid_t keep_remains(pid_t tid)
{
	int traced[2];
	char ok = 0;
	pid_t pid;

	REQUIRE(!pipe(traced));
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	pid = fork();
	if (!pid) {
		ok = !ptrace(PTRACE_SEIZE, tid, NULL, NULL);
		REQUIRE_EQ(write(traced[1], &ok, 1), 1);
		for (;;)
			pause();
	}
	REQUIRE_EQ(read(traced[0], &ok, 1), 1);
	REQUIRE(ok);
	return pid;
}

TEST(signal_to_a_thread_that_was_joined)
{
	struct client c;
	struct call call;
	struct answer a;
	pid_t tracer;

	handle(SIGUSR1);
	client_start(&c);
	call_start_fn(&call, send_from_thread, &c, 0);
	a = server_do(&c.s, "recv %d 64", c.s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(&c.s, "reply %ld 0 0 0", a.ret).ret, 0);
	tracer = keep_remains(call.tid);
	stop = 1;
	CHECK_EQ(call_join(&call), 0);
	CHECK_EQ(kill(call.tid, 0), 0);
	check_refused(event(&c, (int)a.ret, SIGEV_SIGNAL_THREAD, SIGUSR1, 0, 5,
			    6), ESRCH);
	check_nothing(&c, (int)a.ret);
	CHECK_EQ(handler_runs, 0);
	kill(tracer, SIGKILL);
	CHECK_EQ(waitpid(tracer, NULL, 0), tracer);
}

/* Of many threads some are not remembered once they were replied to: then it is
 * the process that is meant.  Pulses lead to their client in any case.
 */
TEST(many_threads)
{
	struct call call[8];
	struct client c;
	int rcvid[8], i;

	handle(SIGUSR1);
	client_start(&c);
	for (i = 0; i < 8; i++) {
		struct answer a;

		call_start_fn(&call[i], send_from_thread, &c, 0);
		a = server_do(&c.s, "recv %d 64", c.s.chid);
		REQUIRE(a.ret > 0);
		rcvid[i] = (int)a.ret;
		CHECK_EQ(server_do(&c.s, "reply %d 0 0 0", rcvid[i]).ret, 0);
	}
	block(SIGUSR1);
	for (i = 0; i < 8; i++) {
		CHECK_EQ(pulse(&c, rcvid[i], 10, i, i).ret, 0);
		check_pulse(&c, i, i);
		CHECK_EQ(event(&c, rcvid[i], SIGEV_SIGNAL_THREAD, SIGUSR1, 0,
			       5, i).ret, 0);
		await_handler(i + 1);
		if (i < 3)
			CHECK_EQ(handler_tid, call[i].tid);
		CHECK_EQ(handler_info.si_value.sival_int, i);
	}
	stop = 1;
	for (i = 0; i < 8; i++)
		CHECK_EQ(call_join(&call[i]), 0);
}

/* A client that blocks it and asks for it when it has the time. */
TEST(signal_to_who_waits)
{
	struct timespec t = { 30, 0 };
	struct client c;
	siginfo_t info;
	sigset_t set;
	int rcvid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN);
	REQUIRE(!sigprocmask(SIG_BLOCK, &set, NULL));
	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL_CODE, SIGUSR1, 0, 3, 44).ret, 0);
	REQUIRE_EQ(sigtimedwait(&set, &info, &t), SIGUSR1);
	CHECK_EQ(info.si_code, SI_QUEUE);
	CHECK_EQ(info.si_value.sival_int, 44);
	/* Those of real time queue. */
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL_CODE, SIGRTMIN, 0, 1, 1).ret, 0);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL_CODE, SIGRTMIN, 0, 1, 2).ret, 0);
	REQUIRE_EQ(sigtimedwait(&set, &info, &t), SIGRTMIN);
	CHECK_EQ(info.si_value.sival_int, 1);
	REQUIRE_EQ(sigtimedwait(&set, &info, &t), SIGRTMIN);
	CHECK_EQ(info.si_value.sival_int, 2);
}

static long wait_for(void *set)
{
	struct timespec t = { 30, 0 };

	return sigtimedwait(set, NULL, &t);
}

/* All threads block it, and a later one asks: it is the process's. */
TEST(signal_to_any_thread_that_waits)
{
	pthread_t thread[2];
	struct call call;
	struct client c;
	sigset_t set;
	int rcvid, i;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	REQUIRE(!sigprocmask(SIG_BLOCK, &set, NULL));
	for (i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, sleeper, NULL);
	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, SIGUSR1, 0, 0, 0).ret, 0);
	call_start_fn(&call, wait_for, &set, 0);
	CHECK_EQ(call_join(&call), SIGUSR1);
	stop = 1;
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
}

static void become(unsigned int uid)
{
	REQUIRE(!setresgid(uid, uid, uid) && !setresuid(uid, uid, uid));
}

/* A client that is not prepared is spared, unless the server might kill() it. */
TEST(signal_nobody_asked_for)
{
	static const int signals[] = { SIGUSR1, SIGTERM, SIGALRM, SIGKILL,
				       SIGSTOP, SIGCONT, SIGSEGV };
	struct client c;
	struct call call;
	int rcvid, i;

	if (getuid())
		SKIP("needs root to become someone else");
	server_start(&c.s, 0);
	CHECK_EQ(server_do(&c.s, "become %d", NOBODY).ret, 0);
	become(OTHER);
	c.coid = server_connect(&c.s, c.s.chid);
	c.chid = ChannelCreate(0);
	c.own = ConnectAttach(0, 0, c.chid, _NTO_SIDE_CHANNEL, 0);
	rcvid = send_begin(&c, &call);
	for (i = 0; i < 7; i++) {
		check_refused(event(&c, rcvid, SIGEV_SIGNAL, signals[i], 0, 0,
				    0), EPERM);
		check_refused(event(&c, rcvid, SIGEV_SIGNAL_THREAD, signals[i],
				    0, 1, 2), EPERM);
	}
	check_nothing(&c, rcvid);
	send_end(&c, &call, rcvid);
	handle(SIGTERM);
	taken_elsewhere(SIGTERM);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, SIGTERM, 0, 0, 0).ret, 0);
	await_handler(1);
	signal(SIGUSR1, SIG_IGN);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, SIGUSR1, 0, 0, 0).ret, 0);
	check_nothing(&c, rcvid);
	CHECK_EQ(handler_runs, 1);
}

/* What kill() would do a server of this node may do: see the test before. */
TEST_LOCAL(signal_by_right)
{
	int status = 0;
	struct client c;
	struct answer a;
	pid_t pid;

	client_start(&c);
	pid = fork();
	if (!pid) {
		int coid = server_connect(&c.s, c.s.chid);

		MsgSend(coid, "x", 1, NULL, 0);
		_exit(0);
	}
	a = server_do(&c.s, "recv %d 64", c.s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(event(&c, (int)a.ret, SIGEV_SIGNAL, SIGKILL, 0, 0, 0).ret, 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* --- the rest ---------------------------------------------------------- */

TEST(unblock)
{
	struct client c;
	struct call call;
	int rcvid;

	client_start(&c);
	rcvid = send_begin(&c, &call);
	CHECK_EQ(event(&c, rcvid, SIGEV_UNBLOCK, 0, 0, 0, 0).ret, 0);
	CHECK_EQ(call_join(&call), -1);
	CHECK_EQ(call.err, ETIMEDOUT);
	CHECK_EQ(server_do(&c.s, "reply %d 0 0 0", rcvid).err, ESRCH);
	CHECK_EQ(event(&c, rcvid, SIGEV_UNBLOCK, 0, 0, 0, 0).ret, 0);
	CHECK_EQ(event(&c, rcvid + 1, SIGEV_UNBLOCK, 0, 0, 0, 0).err, ESRCH);
	check_nothing(&c, rcvid);
}

/* A pulse needs no right but that the client has the connection. */
TEST(pulse_of_another_users_server)
{
	struct client c;
	int rcvid;

	if (getuid())
		SKIP("needs root to become someone else");
	client_start(&c);
	CHECK_EQ(server_do(&c.s, "become %d", NOBODY).ret, 0);
	rcvid = send_once(&c);
	CHECK_EQ(pulse(&c, rcvid, 10, 1, 2).ret, 0);
	check_pulse(&c, 1, 2);
	CHECK_EQ(pulse(&c, rcvid, 255, 1, 3).ret, 0);
	check_pulse(&c, 1, 3);
}

TEST_LOCAL(to_oneself)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct sigevent ev;
	struct _pulse p;

	SIGEV_PULSE_INIT(&ev, coid, SIGEV_PULSE_PRIO_INHERIT, 5, 6);
	CHECK_EQ(MsgVerifyEvent(0, &ev), 0);
	CHECK_EQ(MsgDeliverEvent(0, &ev), 0);
	CHECK_EQ(MsgReceivePulse(chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.code, 5);
	CHECK_EQ(p.value.sival_int, 6);
	ev.sigev_coid = 0x40004000;
	CHECK_ERRNO(MsgVerifyEvent(0, &ev), ESRCH);
	CHECK_ERRNO(MsgDeliverEvent(0, &ev), EBADF);
	ev.sigev_coid = coid;
	ev.sigev_code = -5;
	CHECK_ERRNO(MsgVerifyEvent(0, &ev), EINVAL);
	CHECK_ERRNO(MsgDeliverEvent(0, &ev), EINVAL);
	ev.sigev_code = 5;
	CHECK_EQ(ChannelDestroy(chid), 0);
	CHECK_ERRNO(MsgVerifyEvent(0, &ev), EBADF);
	handle(SIGUSR1);
	SIGEV_SIGNAL_INIT(&ev, SIGUSR1);
	CHECK_EQ(MsgVerifyEvent(0, &ev), 0);
	CHECK_EQ(MsgDeliverEvent(0, &ev), 0);
	CHECK_EQ(handler_runs, 1);
	SIGEV_SIGNAL_CODE_INIT(&ev, SIGUSR1, 77, 9);
	CHECK_EQ(MsgDeliverEvent(0, &ev), 0);
	CHECK_EQ(handler_runs, 2);
	CHECK_EQ(handler_info.si_code, 9);
	CHECK_EQ(handler_info.si_value.sival_int, 77);
	SIGEV_SIGNAL_THREAD_INIT(&ev, SIGUSR1, 78, 9);
	CHECK_EQ(MsgDeliverEvent(0, &ev), 0);
	CHECK_EQ(handler_runs, 3);
	SIGEV_NONE_INIT(&ev);
	CHECK_EQ(MsgDeliverEvent(0, &ev), 0);
	SIGEV_UNBLOCK_INIT(&ev);
	CHECK_EQ(MsgDeliverEvent(0, &ev), 0);
	SIGEV_INTR_INIT(&ev);
	CHECK_ERRNO(MsgDeliverEvent(0, &ev), EINVAL);
	CHECK_ERRNO(MsgDeliverEvent(0, NULL), EFAULT);
	CHECK_EQ(MsgDeliverEvent_r(12345, &ev), -EINVAL);
	SIGEV_NONE_INIT(&ev);
	errno = 4711;
	CHECK_EQ(MsgDeliverEvent_r(12345, &ev), -ESRCH);
	CHECK_EQ(errno, 4711);
}

static struct answer verify(struct client *c, int rcvid, int kind, int id,
			    int code)
{
	return server_do(&c->s, "verify %d %d %d 10 %d 0", rcvid, kind, id,
			 code);
}

/* Verified is not delivered. */
TEST_LOCAL(verified)
{
	struct client c;
	int rcvid;

	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(verify(&c, rcvid, SIGEV_PULSE, c.own, 1).ret, 0);
	CHECK_EQ(verify(&c, rcvid, SIGEV_PULSE, c.own, 128).err, EINVAL);
	CHECK_EQ(verify(&c, rcvid, SIGEV_PULSE, 0x40005555, 1).err, EBADF);
	CHECK_EQ(verify(&c, rcvid, SIGEV_SIGNAL, SIGKILL, 0).ret, 0);
	CHECK_EQ(verify(&c, rcvid, SIGEV_SIGNAL, 99, 0).err, EINVAL);
	CHECK_EQ(verify(&c, rcvid, SIGEV_NONE, 0, 0).ret, 0);
	CHECK_EQ(verify(&c, rcvid + 1, SIGEV_NONE, 0, 0).err, ESRCH);
	check_nothing(&c, rcvid);
	CHECK_EQ(ChannelDestroy(c.chid), 0);
	CHECK_EQ(verify(&c, rcvid, SIGEV_PULSE, c.own, 1).err, EBADF);
}

TEST_REMOTE(not_verified_from_afar)
{
	struct client c;
	int rcvid;

	client_start(&c);
	rcvid = send_once(&c);
	CHECK_EQ(verify(&c, rcvid, SIGEV_PULSE, c.own, 1).err, ENOREMOTE);
	CHECK_EQ(verify(&c, rcvid, SIGEV_PULSE, c.own, 128).err, EINVAL);
	CHECK_EQ(verify(&c, rcvid + 1, SIGEV_NONE, 0, 0).err, ESRCH);
	check_nothing(&c, rcvid);
}

static struct answer key(struct client *c, int rcvid, int op, unsigned int k,
			 unsigned long long newkey, int n, int seed)
{
	return server_do(&c->s, "key %d %d %u %llu %d %d", rcvid, op, k,
			 newkey, n, seed);
}

/* A client that carries data from one server to another. */
TEST(key_data)
{
	struct client c, d;
	struct call call[2];
	struct answer a;
	int r, q;

	client_start(&c);
	client_start(&d);
	r = send_begin(&c, &call[0]);
	q = send_begin(&d, &call[1]);
	a = key(&c, r, _NTO_KEYDATA_CALCULATE, 4711, 0, 1000, 1);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(key(&c, r, _NTO_KEYDATA_CALCULATE, 4711, 9, 1000, 1).v[0],
		 a.v[0]);
	CHECK_EQ(key(&d, q, _NTO_KEYDATA_VERIFY, 4711, a.v[0], 1000, 1).v[0],
		 0);
	/* other data, one byte less, another secret, another key */
	CHECK(key(&d, q, _NTO_KEYDATA_VERIFY, 4711, a.v[0], 1000, 2).v[0]);
	CHECK(key(&d, q, _NTO_KEYDATA_VERIFY, 4711, a.v[0], 999, 1).v[0]);
	CHECK(key(&d, q, _NTO_KEYDATA_VERIFY, 4712, a.v[0], 1000, 1).v[0]);
	CHECK(key(&d, q, _NTO_KEYDATA_VERIFY, 4711, a.v[0] ^ 1, 1000, 1).v[0]);
	CHECK_EQ(key(&c, r, 7, 1, 1, 10, 1).err, EINVAL);
	CHECK_EQ(key(&c, r + 1, 0, 1, 1, 10, 1).err, ESRCH);
	send_end(&c, &call[0], r);
	send_end(&d, &call[1], q);
}

TEST(current_priority)
{
	struct client c;
	struct call call;
	struct answer a;

	if (getuid())
		SKIP("needs root's privilege");
	client_start(&c);
	call_start(&call, c.coid, "m", 1, NULL, 0, 37);
	a = server_do(&c.s, "recv %d 64", c.s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(&c.s, "current %ld", a.ret).v[0], 0);
	CHECK_EQ(server_do(&c.s, "fifo 5").ret, 0);
	CHECK_EQ(server_do(&c.s, "current %ld", a.ret).v[0], 37);
	CHECK_EQ(server_do(&c.s, "current %ld", a.ret + 1).err, ESRCH);
	server_do(&c.s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&call), 0);
}

/* While the C library makes a process it blocks all signals there are; what comes
 * then would be acted upon afterwards.
 */
TEST_LOCAL(signal_while_all_are_blocked)
{
	unsigned long all = ~0UL, old;
	struct client c;
	int rcvid;

	if (getuid())
		SKIP("needs root to become someone else");
	client_start(&c);
	CHECK_EQ(server_do(&c.s, "become 201").ret, 0);
	rcvid = send_once(&c);
	REQUIRE(!syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old,
			 sizeof(all)));
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, SIGTERM, 0, 0, 0).err, EPERM);
	REQUIRE(!syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL,
			 sizeof(old)));
	block(SIGTERM);
	CHECK_EQ(event(&c, rcvid, SIGEV_SIGNAL, SIGTERM, 0, 0, 0).ret, 0);
}

static void become_another(struct server *s, int wait)
{
	int coid = server_connect(s, s->chid);
	char byte;

	if (fcntl(qnet_connect_fd(coid), F_SETFD, 0) ||
	    MsgSend(coid, "m", 1, NULL, 0) != 3 || read(wait, &byte, 1) != 1)
		_exit(1);
	execl("/bin/sleep", "sleep", "60", NULL);
	_exit(1);
}

/* The connection is there still, but what it is now has asked for nothing. */
TEST_LOCAL(client_becomes_another_program)
{
	struct server s;
	struct answer a;
	int go[2], gone[2];
	char byte;
	pid_t pid;

	REQUIRE(!pipe(go) && !pipe2(gone, O_CLOEXEC));
	server_start(&s, 0);
	pid = fork();
	if (!pid)
		become_another(&s, go[0]);
	close(gone[1]);
	a = server_do(&s, "recv %d 64", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(&s, "reply %ld 3 0 0", a.ret).ret, 0);
	CHECK_EQ(server_do(&s, "event %ld %d 0 0 0 0", a.ret, SIGEV_NONE).ret,
		 0);
	REQUIRE_EQ(write(go[1], "g", 1), 1);
	REQUIRE_EQ(read(gone[0], &byte, 1), 0);
	CHECK_EQ(server_do(&s, "event %ld %d 0 0 0 0", a.ret, SIGEV_NONE).err,
		 ESRCH);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
