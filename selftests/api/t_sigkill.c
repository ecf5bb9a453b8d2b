// SPDX-License-Identifier: GPL-2.0
/* SignalKill(): signals to processes of this node and of another one. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/neutrino.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define NOBODY	1234
#define OTHER	1235

/* The last two are SIGRTMIN and SIGRTMAX of the C library. */
static const int signals[] = { SIGUSR1, SIGUSR2, SIGTERM, 34, 64 };

static void become(unsigned int uid)
{
	REQUIRE(!setresgid(uid, uid, uid) && !setresuid(uid, uid, uid));
}

static int signo_kill(struct server *s, int tid, int signo, int code, int value)
{
	return SignalKill((uint32_t)s->nd, s->pid, tid, signo, code, value);
}

/* A server that waits for signals, of the same user as the test: not root, who
 * is nobody on another node.
 */
static void target_start(struct server *s)
{
	int i;

	if (getuid())
		SKIP("needs root to become someone else");
	server_start(s, 0);
	for (i = 0; i < 5; i++)
		CHECK_EQ(server_do(s, "catch %d", signals[i]).ret, 0);
	CHECK_EQ(server_do(s, "become %d", NOBODY).ret, 0);
	become(NOBODY);
}

static struct answer caught(struct server *s, int signo)
{
	return server_do(s, "caught %d 30000", signo);
}

TEST(code_and_value)
{
	struct server s;
	struct answer a;
	int i;

	target_start(&s);
	for (i = 0; i < 5; i++) {
		CHECK_EQ(signo_kill(&s, 0, signals[i], -20 - i, 1000 * i - 1),
			 0);
		a = caught(&s, signals[i]);
		CHECK_EQ(a.ret, signals[i]);
		CHECK_EQ(a.v[0], -20 - i);
		CHECK_EQ((int)a.v[1], 1000 * i - 1);
		CHECK_EQ(a.v[2], server_remote() ? 0 : getpid());
		if (!server_remote())
			CHECK_EQ(a.v[3], NOBODY);
		else
			CHECK(a.v[3] != 0);
	}
}

/* Linux lets no program say that it is the kernel. */
TEST(code_of_the_kernel)
{
	struct server s;

	target_start(&s);
	CHECK_EQ(signo_kill(&s, 0, SIGUSR1, 5, 6), 0);
	CHECK_EQ((int)caught(&s, SIGUSR1).v[0], SI_QUEUE);
	CHECK_ERRNO(signo_kill(&s, 0, SIGUSR1, 128, 6), EINVAL);
	CHECK_ERRNO(signo_kill(&s, 0, SIGUSR1, -129, 6), EINVAL);
}

TEST(to_a_thread)
{
	struct server s;
	int tid;

	target_start(&s);
	tid = (int)server_do(&s, "tid").v[0];
	CHECK_EQ(signo_kill(&s, 1, SIGUSR1, -2, 6), 0);
	CHECK_EQ(caught(&s, SIGUSR1).v[1], 6);
	CHECK_EQ(signo_kill(&s, tid, SIGUSR1, -2, 7), 0);
	CHECK_EQ(caught(&s, SIGUSR1).v[1], 7);
	CHECK_ERRNO(signo_kill(&s, getpid(), SIGUSR1, -2, 7), ESRCH);
	CHECK_ERRNO(signo_kill(&s, 4000000, SIGUSR1, -2, 7), ESRCH);
	CHECK_ERRNO(signo_kill(&s, -1, SIGUSR1, -2, 7), EINVAL);
}

TEST(is_it_there)
{
	struct server s;

	target_start(&s);
	CHECK_EQ(signo_kill(&s, 0, 0, 0, 0), 0);
	CHECK_EQ(signo_kill(&s, 1, 0, 0, 0), 0);
	CHECK_ERRNO(signo_kill(&s, 4000000, 0, 0, 0), ESRCH);
	s.pid = 4000000;
	CHECK_ERRNO(signo_kill(&s, 0, 0, 0, 0), ESRCH);
	CHECK_ERRNO(signo_kill(&s, 0, SIGUSR1, 0, 0), ESRCH);
}

TEST(it_kills)
{
	struct server s;
	int coid, status;

	target_start(&s);
	coid = server_connect(&s, s.chid);
	CHECK_EQ(signo_kill(&s, 0, SIGKILL, 0, 0), 0);
	status = server_reap(&s);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK(MsgSend(coid, "m", 1, NULL, 0) == -1);
	CHECK(errno == ESRCH || errno == EBADF);
	/* Its number may be another's some day, but not yet. */
	CHECK_ERRNO(signo_kill(&s, 0, 0, 0, 0), ESRCH);
}

TEST(of_another_user)
{
	struct server s;

	if (getuid())
		SKIP("needs root to become someone else");
	server_start(&s, 0);
	CHECK_EQ(server_do(&s, "become %d", OTHER).ret, 0);
	become(NOBODY);
	CHECK_ERRNO(signo_kill(&s, 0, 0, 0, 0), EPERM);
	CHECK_ERRNO(signo_kill(&s, 0, SIGTERM, 0, 0), EPERM);
	CHECK_ERRNO(signo_kill(&s, 1, SIGKILL, 0, 0), EPERM);
	CHECK_EQ(server_do(&s, "tid").ret, 0);
}

#define REMOTE_ROOT "/sys/module/qnet/parameters/remote_root"

static void remote_root(const char *yes)
{
	int fd = open(REMOTE_ROOT, O_WRONLY);

	REQUIRE(fd >= 0 && write(fd, yes, 1) == 1);
	close(fd);
}

/* Both nodes of the test share a kernel, and with it the parameter. */
TEST_REMOTE(root_of_another_node)
{
	struct server s;

	if (getuid())
		SKIP("needs root");
	server_start(&s, 0);
	CHECK_EQ(server_do(&s, "catch %d", SIGUSR1).ret, 0);
	CHECK_ERRNO(signo_kill(&s, 0, SIGUSR1, 0, 0), EPERM);
	CHECK_ERRNO(signo_kill(&s, 0, 0, 0, 0), EPERM);
	CHECK_EQ(server_do(&s, "become %d", OTHER).ret, 0);
	CHECK_ERRNO(signo_kill(&s, 0, SIGUSR1, 0, 0), EPERM);
	if (access(REMOTE_ROOT, W_OK))
		SKIP("the parameter cannot be written");
	remote_root("Y");
	CHECK_EQ(signo_kill(&s, 0, SIGUSR1, -3, 8), 0);
	CHECK_EQ(caught(&s, SIGUSR1).v[1], 8);
	remote_root("N");
	CHECK_ERRNO(signo_kill(&s, 0, SIGUSR1, 0, 0), EPERM);
}

TEST(bad_numbers)
{
	struct server s;

	target_start(&s);
	CHECK_ERRNO(signo_kill(&s, 0, 65, 0, 0), EINVAL);
	CHECK_ERRNO(signo_kill(&s, 0, -1, 0, 0), EINVAL);
	CHECK_EQ(SignalKill_r((uint32_t)s.nd, s.pid, 0, 65, 0, 0), -EINVAL);
}

TEST_REMOTE(not_from_afar)
{
	struct server s;

	target_start(&s);
	s.pid = 0;
	CHECK_ERRNO(signo_kill(&s, 0, SIGUSR1, 0, 0), ENOREMOTE);
	s.pid = -getpgrp();
	CHECK_ERRNO(signo_kill(&s, 0, SIGUSR1, 0, 0), ENOREMOTE);
	s.pid = -1;
	CHECK_ERRNO(signo_kill(&s, 0, 0, 0, 0), ENOREMOTE);
	s.nd = 0xfff0;
	s.pid = 1;
	CHECK_ERRNO(signo_kill(&s, 0, 0, 0, 0), EHOSTUNREACH);
}

static volatile int runs;

static void count(int signo)
{
	(void)signo;
	runs++;
}

struct own {
	sem_t go;
	pid_t tid;
	int ret[3];
};

static int deliver(int signo)
{
	struct sigevent ev;

	SIGEV_SIGNAL_INIT(&ev, signo);
	return MsgDeliverEvent(0, &ev);
}

static void *signal_ones_own(void *arg)
{
	struct own *own = arg;

	own->ret[0] = SignalKill(0, getpid(), 0, SIGUSR1, 5, 7);
	own->ret[1] = SignalKill(0, getpid(), 0, SIGUSR2, SI_USER, 0);
	own->ret[2] = deliver(SIGTERM);
	__atomic_store_n(&own->tid, gettid(), __ATOMIC_RELEASE);
	sem_wait(&own->go);
	return NULL;
}

/* The codes of the kernel are for the first thread to give, not the signals. */
TEST_LOCAL(from_any_thread)
{
	struct own own = { .ret = { -1, -1, -1 } };
	siginfo_t info;
	pthread_t t;
	sigset_t set;
	int i;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sem_init(&own.go, 0, 0);
	pthread_create(&t, NULL, signal_ones_own, &own);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	CHECK_EQ(sigwaitinfo(&set, &info), SIGTERM);
	while (!__atomic_load_n(&own.tid, __ATOMIC_ACQUIRE))
		sched_yield();
	for (i = 0; i < 3; i++)
		CHECK_EQ(own.ret[i], 0);
	sigaddset(&set, SIGUSR1);
	CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
	CHECK_EQ(info.si_code, SI_QUEUE);
	CHECK_EQ(info.si_value.sival_int, 7);
	CHECK_EQ(SignalKill(0, getpid(), own.tid, SIGUSR1, 5, 0), 0);
	sem_post(&own.go);
	pthread_join(t, NULL);
}

TEST_LOCAL(groups)
{
	signal(SIGUSR1, count);
	CHECK_EQ(SignalKill(0, 0, 0, SIGUSR1, 0, 0), 0);
	CHECK_EQ(runs, 1);
	CHECK_EQ(SignalKill(0, -getpgrp(), 0, SIGUSR1, 0, 0), 0);
	CHECK_EQ(runs, 2);
	CHECK_EQ(SignalKill(0, getpid(), 0, SIGUSR1, 0, 0), 0);
	CHECK_EQ(runs, 3);
	CHECK_EQ(SignalKill(0, getpid(), 1, SIGUSR1, 7, 0), 0);
	CHECK_EQ(runs, 4);
	errno = 4711;
	CHECK_EQ(SignalKill_r(0, 4000000, 0, SIGUSR1, 0, 0), -ESRCH);
	CHECK_EQ(errno, 4711);
}
