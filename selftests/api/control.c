// SPDX-License-Identifier: GPL-2.0
/* The tests' side of server.h: by pipes on this node, by the agent elsewhere. */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>

#include "harness.h"
#include "server.h"

bool server_remote(void)
{
	return getenv("QNET_TEST_ND");
}

/* --- through the agent ------------------------------------------------- */

static long agent_ask(struct server *s, int type, int arg, const char *text,
		      char *answer)
{
	struct agent_msg m = { .type = (uint16_t)type, .id = s->id,
			       .arg = arg };

	snprintf(m.text, sizeof(m.text), "%s", text);
	return MsgSend(s->agent, &m, sizeof(m), answer, LINE);
}

static void agent_start(struct server *s, unsigned int flags)
{
	const char *where = getenv("QNET_TEST_AGENT");
	char text[LINE] = "";
	int pid, chid, err = 0;

	REQUIRE(where && sscanf(where, "%d %d", &pid, &chid) == 2);
	s->nd = netmgr_strtond(getenv("QNET_TEST_ND"), NULL);
	REQUIRE(s->nd > 0);
	s->agent = ConnectAttach((uint32_t)s->nd, pid, chid,
				 _NTO_SIDE_CHANNEL, 0);
	REQUIRE(s->agent != -1);
	s->id = (int)agent_ask(s, AGENT_START, (int)flags, "", text);
	REQUIRE(s->id >= 0);
	REQUIRE(sscanf(text, "ready %d %d %d", &s->pid, &s->chid, &err) == 3);
	errno = err;
	REQUIRE(s->chid > 0);
}

/* --- on this node ------------------------------------------------------ */

static void child_exec(int in, int out, unsigned int flags)
{
	char path[PATH_MAX], arg[16];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	snprintf(slash + 1, sizeof(path) - (size_t)(slash + 1 - path),
		 "server");
	snprintf(arg, sizeof(arg), "%u", flags);
	dup2(in, 0);
	dup2(out, 1);
	execl(path, "server", arg, NULL);
	_exit(127);
}

static void local_start(struct server *s, unsigned int flags)
{
	int to[2], from[2], err = 0;
	char line[LINE] = "";

	REQUIRE(!pipe2(to, O_CLOEXEC) && !pipe2(from, O_CLOEXEC));
	fflush(stdout);
	s->child = fork();
	if (!s->child)
		child_exec(to[0], from[1], flags);
	close(to[0]);
	close(from[1]);
	s->to = fdopen(to[1], "w");
	s->from = fdopen(from[0], "r");
	REQUIRE(fgets(line, sizeof(line), s->from));
	REQUIRE(sscanf(line, "ready %d %d %d", &s->pid, &s->chid, &err) == 3);
	errno = err;
	REQUIRE(s->chid > 0);
}

/* --- both -------------------------------------------------------------- */

void server_start(struct server *s, unsigned int flags)
{
	memset(s, 0, sizeof(*s));
	signal(SIGPIPE, SIG_IGN);
	if (server_remote())
		agent_start(s, flags);
	else
		local_start(s, flags);
}

static void server_vsay(struct server *s, const char *fmt, va_list ap)
{
	char line[LINE];

	vsnprintf(line, sizeof(line), fmt, ap);
	if (server_remote()) {
		REQUIRE(agent_ask(s, AGENT_SAY, 0, line, line) >= 0);
		return;
	}
	fprintf(s->to, "%s\n", line);
	fflush(s->to);
}

void server_say(struct server *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	server_vsay(s, fmt, ap);
	va_end(ap);
}

static void parse(struct answer *a, const char *line)
{
	int at = 0, used;

	if (sscanf(line, "%ld %d%n", &a->ret, &a->err, &at) < 2)
		return;
	while (a->n < 16 &&
	       sscanf(line + at, "%llu%n", &a->v[a->n], &used) == 1) {
		at += used;
		a->n++;
	}
}

/* A server that ended answers -2. */
struct answer server_hear(struct server *s)
{
	struct answer a = { .ret = -2 };
	char line[LINE] = "";

	if (server_remote())
		agent_ask(s, AGENT_HEAR, 0, "", line);
	else if (!fgets(line, sizeof(line), s->from))
		line[0] = '\0';
	parse(&a, line);
	return a;
}

struct answer server_do(struct server *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	server_vsay(s, fmt, ap);
	va_end(ap);
	return server_hear(s);
}

void server_kill(struct server *s, int sig)
{
	char none[LINE];

	if (server_remote())
		REQUIRE(agent_ask(s, AGENT_KILL, sig, "", none) >= 0);
	else
		kill(s->child, sig);
}

/* Wait for its end: the status of waitpid(). */
int server_reap(struct server *s)
{
	char none[LINE];
	int status = -1;

	if (server_remote())
		return (int)agent_ask(s, AGENT_REAP, 0, "", none);
	waitpid(s->child, &status, 0);
	return status;
}

int server_connect(struct server *s, int chid)
{
	int coid = ConnectAttach((uint32_t)s->nd, s->pid, chid,
				 _NTO_SIDE_CHANNEL, 0);

	REQUIRE(coid != -1);
	return coid;
}

/* --- calls in threads -------------------------------------------------- */

static void *call_thread(void *arg)
{
	struct call *c = arg;

	c->tid = gettid();
	errno = 0;
	c->ret = c->fn(c->arg);
	c->err = errno;
	return NULL;
}

static long call_send(void *arg)
{
	struct call *c = arg;

	return MsgSend(c->coid, c->smsg, c->sbytes, c->rmsg, c->rbytes);
}

static void thread_start(struct call *c, int fifo)
{
	struct sched_param sp = { .sched_priority = fifo };
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	if (fifo > 0) {
		pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
		pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
		pthread_attr_setschedparam(&attr, &sp);
	}
	REQUIRE(!pthread_create(&c->thread, &attr, call_thread, c));
	while (!c->tid)
		sched_yield();
	await_sleep(c->tid);
}

void call_start(struct call *c, int coid, const void *smsg, size_t sbytes,
		void *rmsg, size_t rbytes, int fifo)
{
	*c = (struct call){ .coid = coid, .smsg = smsg, .sbytes = sbytes,
			    .rmsg = rmsg, .rbytes = rbytes,
			    .fn = call_send, .arg = c };
	thread_start(c, fifo);
}

void call_start_fn(struct call *c, long (*fn)(void *arg), void *arg, int fifo)
{
	*c = (struct call){ .fn = fn, .arg = arg };
	thread_start(c, fifo);
}

long call_join(struct call *c)
{
	pthread_join(c->thread, NULL);
	return c->ret;
}

static char thread_state(pid_t tid)
{
	char path[64], line[512], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	f = fopen(path, "r");
	if (!f)
		return 'Z';
	if (fgets(line, sizeof(line), f))
		sscanf(strrchr(line, ')') + 1, " %c", &state);
	fclose(f);
	return state;
}

void await_sleep(pid_t tid)
{
	char c;

	while ((c = thread_state(tid)) == 'R')
		sched_yield();
}

void check_alive(struct server *s, int coid)
{
	struct answer a;
	struct call c;

	call_start(&c, coid, "ok", 2, NULL, 0, 0);
	a = server_do(s, "recv %d 16", s->chid);
	CHECK(a.ret > 0);
	CHECK_EQ(a.v[R_SRCMSGLEN], 2);
	server_do(s, "reply %ld 1 0 0", a.ret);
	CHECK_EQ(call_join(&c), 1);
}

/* One CPU for all threads, so that who goes first is known. */
void one_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	REQUIRE(!sched_setaffinity(0, sizeof(one), &one));
}

void set_fifo(int prio)
{
	struct sched_param sp = { .sched_priority = prio };

	REQUIRE(!sched_setscheduler(0, prio ? SCHED_FIFO : SCHED_OTHER, &sp));
}
