// SPDX-License-Identifier: GPL-2.0
/*
 * client: stands blocked in many threads and tells what became of them.
 *
 * Begins with "ready PID CHID"; the channel is there for COIDDEATH.  It keeps
 * two connections to one channel, so that what is told once for a process and
 * what is told for each connection can be told apart.  Then, for each line of
 * standard input, one line:
 *
 *	attach NODE PID CHID	makes the two: "COID COID", or "ERROR"
 *	hello			a call on each: "ERROR ERROR"
 *	call N			N threads call, on the two in turn: "N" when all
 *				of them sleep
 *	await MS DEATHS		two lines.  "ERROR*N..." when all threads have
 *				ended, with "blocked*N" for those that have not
 *				after so long; then "N" when so many COIDDEATH
 *				pulses have come, or the time is over
 *	deaths			how many came for each, and for none: "N N N"
 *	detach			"ERROR ERROR"
 *	fresh NODE PID CHID	another connection, a call, and away: "ERROR"
 *	exit			with whatever there is
 *
 * An ERROR is the name of an errno, or OK.  NODE is a name, or 0 for this node.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define THREADS	256
#define CONNS	2
#define BARRIER	1	/* code of the pulse behind all others */
#define BLOCKED	LONG_MAX /* no status of a reply is */

static struct call calls[THREADS];
static int ncalls;
static int coid[CONNS] = { -1, -1 };
static char message[100];

/* What has come into the channel */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t came;
	int deaths[CONNS], strange, barriers;
	int chid, self;
} pulses = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* For what comes from selftests/api */
void test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "client: %s:%d: ", file, line);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

void test_end(void)
{
	exit(1);
}

static const char *name_of(long ret, int err)
{
	const char *name = ret < 0 ? strerrorname_np(err) : "OK";

	return name ? name : "unknown";
}

static struct timespec in_ms(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* --- pulses ------------------------------------------------------------ */

static void count(const struct _pulse *p)
{
	int i;

	if (p->code == BARRIER) {
		pulses.barriers++;
		return;
	}
	for (i = 0; i < CONNS; i++)
		if (p->code == _PULSE_CODE_COIDDEATH &&
		    p->value.sival_int == coid[i]) {
			pulses.deaths[i]++;
			return;
		}
	pulses.strange++;
}

static void *receive_pulses(void *unused)
{
	struct _pulse p;

	(void)unused;
	while (!MsgReceivePulse(pulses.chid, &p, sizeof(p), NULL)) {
		pthread_mutex_lock(&pulses.lock);
		count(&p);
		pthread_cond_broadcast(&pulses.came);
		pthread_mutex_unlock(&pulses.lock);
	}
	return NULL;
}

static void pulses_start(void)
{
	pthread_condattr_t attr;
	pthread_t thread;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pulses.came, &attr);
	pulses.chid = ChannelCreate(_NTO_CHF_COID_DISCONNECT);
	pulses.self = ConnectAttach(0, 0, pulses.chid, _NTO_SIDE_CHANNEL, 0);
	REQUIRE(pulses.chid > 0 && pulses.self != -1);
	REQUIRE(!pthread_create(&thread, NULL, receive_pulses, NULL));
}

static int all_deaths(void)
{
	return pulses.deaths[0] + pulses.deaths[1];
}

/* Wait until *@what() or the barriers have reached @n. */
static void pulses_await(int (*what)(void), int n, struct timespec end)
{
	pthread_mutex_lock(&pulses.lock);
	while ((what ? what() : pulses.barriers) < n &&
	       pthread_cond_timedwait(&pulses.came, &pulses.lock,
				      &end) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&pulses.lock);
}

/* What came before this is counted: pulses of the system are more urgent. */
static void do_deaths(void)
{
	int n = pulses.barriers + 1;

	REQUIRE(!MsgSendPulse(pulses.self, 1, BARRIER, 0));
	pulses_await(NULL, n, in_ms(30000));
	REQUIRE(pulses.barriers == n);
	printf("%d %d %d\n", pulses.deaths[0], pulses.deaths[1],
	       pulses.strange);
}

/* --- calls ------------------------------------------------------------- */

static int attach(const char *node, int pid, int chid)
{
	int nd = strcmp(node, "0") ? netmgr_strtond(node, NULL) : 0;

	if (nd < 0)
		return -1;
	return ConnectAttach((uint32_t)nd, pid, chid, _NTO_SIDE_CHANNEL, 0);
}

static void do_attach(const char *node, int pid, int chid)
{
	int i, id[CONNS];

	for (i = 0; i < CONNS; i++) {
		id[i] = attach(node, pid, chid);
		if (id[i] == -1) {
			printf("%s\n", name_of(-1, errno));
			return;
		}
	}
	pthread_mutex_lock(&pulses.lock);
	memcpy(coid, id, sizeof(coid));
	memset(pulses.deaths, 0, sizeof(pulses.deaths));
	pulses.strange = 0;
	pthread_mutex_unlock(&pulses.lock);
	printf("%d %d\n", coid[0], coid[1]);
}

static void do_hello(void)
{
	long ret[CONNS];
	int i;

	for (i = 0; i < CONNS; i++)
		ret[i] = MsgSend_r(coid[i], "hello", 5, NULL, 0);
	printf("%s %s\n", name_of(ret[0], (int)-ret[0]),
	       name_of(ret[1], (int)-ret[1]));
}

static void do_call(int n)
{
	REQUIRE(n <= THREADS);
	for (ncalls = 0; ncalls < n; ncalls++)
		call_start(&calls[ncalls], coid[ncalls % CONNS], message,
			   sizeof(message), NULL, 0, 0);
	printf("%d\n", n);
}

static void tell_results(int blocked)
{
	bool told[THREADS] = { false };
	int i, j, n;

	for (i = 0; i < ncalls; i++) {
		if (told[i] || calls[i].ret == BLOCKED)
			continue;
		for (n = 0, j = i; j < ncalls; j++)
			if (calls[j].ret == calls[i].ret &&
			    calls[j].err == calls[i].err) {
				told[j] = true;
				n++;
			}
		printf("%s*%d ", name_of(calls[i].ret, calls[i].err), n);
	}
	if (blocked)
		printf("blocked*%d", blocked);
	printf("%s\n", ncalls ? "" : "-");
}

static void do_await(long ms, int deaths)
{
	struct timespec end = in_ms(ms);
	int i, blocked = 0;

	for (i = 0; i < ncalls; i++)
		if (pthread_clockjoin_np(calls[i].thread, NULL, CLOCK_MONOTONIC,
					 &end)) {
			calls[i].ret = BLOCKED;
			blocked++;
		}
	tell_results(blocked);
	pulses_await(all_deaths, deaths, end);
	printf("%d\n", all_deaths());
}

static void do_detach(void)
{
	int ret[CONNS], i;

	for (i = 0; i < CONNS; i++)
		ret[i] = ConnectDetach_r(coid[i]);
	printf("%s %s\n", name_of(ret[0], -ret[0]), name_of(ret[1], -ret[1]));
}

static void do_fresh(const char *node, int pid, int chid)
{
	int id = attach(node, pid, chid);
	long ret = id == -1 ? -errno : MsgSend_r(id, "fresh", 5, NULL, 0);

	printf("%s\n", name_of(ret, (int)-ret));
	if (id != -1)
		ConnectDetach(id);
}

/* --- commands ---------------------------------------------------------- */

static bool is(const char *cmd, const char *name)
{
	return !strcmp(cmd, name);
}

static void obey(const char *cmd, const char *word, long a, long b)
{
	if (is(cmd, "attach"))
		do_attach(word, (int)a, (int)b);
	else if (is(cmd, "hello"))
		do_hello();
	else if (is(cmd, "call"))
		do_call(atoi(word));
	else if (is(cmd, "await"))
		do_await(atol(word), (int)a);
	else if (is(cmd, "deaths"))
		do_deaths();
	else if (is(cmd, "detach"))
		do_detach();
	else if (is(cmd, "fresh"))
		do_fresh(word, (int)a, (int)b);
	else if (is(cmd, "exit"))
		_exit(0);
	else
		abort();
}

int main(void)
{
	char line[256], cmd[16], word[128];
	long a, b;

	setvbuf(stdout, NULL, _IOLBF, 0);
	pulses_start();
	printf("ready %d %d\n", getpid(), pulses.chid);
	while (fgets(line, sizeof(line), stdin)) {
		word[0] = '\0';
		a = b = 0;
		if (sscanf(line, "%15s %127s %ld %ld", cmd, word, &a, &b) > 0)
			obey(cmd, word, a, b);
	}
	return 0;
}
