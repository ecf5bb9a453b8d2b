// SPDX-License-Identifier: GPL-2.0
/*
 * matrix call [OPTION...] NODE FILE
 *
 *	-k CLIENTS	processes that call, each any of the servers (1)
 *	-n CALLS	of each, 0: any number (0)
 *	-d SECONDS	after which no further call begins
 *	-q FILE		and when this file exists
 *	-T SECONDS	after which a client that waits is blocked (60)
 *	-B SECONDS	the same, from the beginning of each call
 *	-S BYTES	largest message and reply (4194304)
 *	-z BYTES	size of every message
 *	-L BYTES	the first message of one client and the first reply to
 *			another are so large, whatever -S says
 *	-I		before each connection one that is not used
 *	-i MS		between two calls of a client, and two kills
 *	-P MS		between two kills, if that is another
 *	-w MS		the server takes its time before it reads
 *	-s SEED		another one has other calls
 *	-x KILLS	so many clients are killed in the middle of a call, or
 *			with -i or -P whenever it is their time, and others take their
 *			place; ends then, or as -q says
 *	-e NAMES	these errors ("EAGAIN,ESRCH") may happen
 *	-c COMMAND	called with the pids of a client that is blocked and of
 *			its server, before that is killed
 *
 * Prints what was counted; fails if anything was wrong, or no call was made.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "matrix.h"

#define GUARD	16
#define GUARD_BYTE 0xa5

/* A client's part of the memory it shares with its parent */
struct slot {
	struct counts counts;
	double slowest;
	double began;		/* the call under way; 0: none */
	uint32_t seq, server;
	size_t size, reply;
	pid_t pid;
	bool ended;
};

struct shared {
	struct slot slot[CLIENTS_MAX];
	bool stop;
};

static struct {
	int clients, calls, delay, interval, pace, kills;
	bool idle;
	double seconds, limit, budget;
	uint32_t max, fixed, large;
	uint64_t seed;
	const char *stop, *may, *look, *node, *file;
	int nservers;
	int pid[SERVERS_MAX], chid[SERVERS_MAX];
} opt = {
	.clients = 1, .pace = -1, .limit = 60, .max = 4194304, .fixed = UINT32_MAX,
	.seed = 1,
};

static struct shared *shared;

/* Of one client process */
static struct slot *my;
static struct hello who;
static int coid[SERVERS_MAX];
static uint32_t next[SERVERS_MAX];
static bool known[SERVERS_MAX];
static int first_server = -1;
static unsigned char *out, *in;
static size_t out_room, in_room;

static void need(unsigned char **buf, size_t *room, size_t n)
{
	if (n <= *room)
		return;
	*buf = realloc(*buf, n);
	*room = n;
	if (!*buf)
		abort();
}

static void client_error(const char *what, int server, int err)
{
	count_error(&my->counts, err);
	fprintf(stderr, "matrix: client %u: server %d: %s: %s\n", who.client,
		server, what, strerror(err));
}

/* What was read before holds while there are no servers. */
static bool read_places(const char *file)
{
	FILE *f = fopen(file, "r");
	int n = 0;

	while (f && n < SERVERS_MAX &&
	       fscanf(f, "%d %d", &opt.pid[n], &opt.chid[n]) == 2)
		n++;
	if (f)
		fclose(f);
	if (n)
		opt.nservers = n;
	return opt.nservers;
}

/* Who it is to this server: only one hears of the largest messages. */
static const struct hello *who_to(int s)
{
	who.next = next[s];
	who.first = s == first_server && who.client == 0 ? opt.large : 0;
	who.back = s == first_server && who.client == 1 ? opt.large : 0;
	return &who;
}

/* A connection that may be dead is made anew, with who is there now. */
static bool introduce(int s)
{
	int nd, err;

	if (coid[s] < 0) {
		read_places(opt.file);
		nd = netmgr_strtond(opt.node, NULL);
		if (opt.idle)
			ConnectAttach(nd, opt.pid[s], opt.chid[s],
				      _NTO_SIDE_CHANNEL, 0);
		coid[s] = nd < 0 ? -1 : ConnectAttach(nd, opt.pid[s],
				opt.chid[s], _NTO_SIDE_CHANNEL, 0);
		if (coid[s] < 0) {
			client_error("ConnectAttach", s, errno);
			return false;
		}
	}
	my->began = now();
	err = -MsgSend_r(coid[s], who_to(s), sizeof(who), NULL, 0);
	my->began = 0;
	if (err > 0) {
		client_error("hello", s, err);
		if (err != EAGAIN && err != ENOMEM && err != EINTR) {
			ConnectDetach(coid[s]);
			coid[s] = -1;
		}
		return false;
	}
	known[s] = true;
	return true;
}

static bool guarded(const unsigned char *p)
{
	int i;

	for (i = 0; i < GUARD; i++)
		if (p[i] != GUARD_BYTE)
			return false;
	return true;
}

static void check(long status, uint32_t seq, const struct plan *p)
{
	struct head h = {};

	if (p->reply >= sizeof(h))
		memcpy(&h, in, sizeof(h));
	if (status == status_of(&who, seq) && guarded(in + p->reply) &&
	    is_right(in, p->reply, REPLY, who.client, seq, p->key + 1))
		return;
	if (status != status_of(&who, seq) ||
	    (h.magic == REPLY && h.seq != seq))
		my->counts.disorder++;
	else
		my->counts.wrong++;
	fprintf(stderr, "matrix: client %u call %u: reply is wrong: status %#lx not %#x, seq %u, size %u not %zu\n",
		who.client, seq, status, status_of(&who, seq), h.seq, h.size,
		p->reply);
}

static void one_call(int s)
{
	struct plan p = plan_of(who_to(s), next[s]);
	uint32_t seq = next[s]++;
	double took;
	long status;

	need(&out, &out_room, p.size + 1);
	need(&in, &in_room, p.reply + GUARD);
	put(out, p.size, CALL, who.client, seq, p.key);
	memset(in, 0, p.reply < 64 ? p.reply : 64);
	memset(in + p.reply, GUARD_BYTE, GUARD);
	my->seq = seq;
	my->server = s;
	my->size = p.size;
	my->reply = p.reply;
	my->began = now();
	status = MsgSend_r(coid[s], out, p.size, in, p.reply);
	took = now() - my->began;
	my->began = 0;
	if (took > my->slowest)
		my->slowest = took;
	if (status < 0) {
		fprintf(stderr, "matrix: client %u call %u of %zu bytes, reply %zu, after %.2f s:\n",
			who.client, seq, p.size, p.reply, took);
		client_error("MsgSend", s, -status);
		known[s] = false;
		return;
	}
	my->counts.calls++;
	my->counts.bytes += p.size;
	my->counts.replied += p.reply;
	check(status, seq, &p);
}

static void client(int number, uint32_t run)
{
	uint64_t r;
	int i, s;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	my = &shared->slot[number];
	who = (struct hello){
		.magic = HELLO, .run = run, .client = number,
		.seed = opt.seed + (run & 0xff),
		.max = opt.max, .fixed = opt.fixed, .delay = opt.delay,
	};
	for (s = 0; s < SERVERS_MAX; s++) {
		coid[s] = -1;
		next[s] = 1;
	}
	for (i = 0; !opt.calls || i < opt.calls; i++) {
		if (__atomic_load_n(&shared->stop, __ATOMIC_RELAXED))
			break;
		r = mix(opt.seed ^ ((uint64_t)(number + 1) << 40 | i));
		s = r % opt.nservers;
		if (first_server < 0)
			first_server = s;
		if (known[s] || introduce(s))
			one_call(s);
		else
			usleep(50000);
		if (opt.interval)
			usleep(opt.interval * 1000);
	}
	my->ended = true;
	_exit(0);
}

/* ---- The parent --------------------------------------------------------- */

static int collect(struct counts *sum, double *slowest)
{
	int i, running = 0;

	memset(sum, 0, sizeof(*sum));
	*slowest = 0;
	for (i = 0; i < opt.clients; i++) {
		struct slot *s = &shared->slot[i];

		add_counts(sum, &s->counts);
		if (s->slowest > *slowest)
			*slowest = s->slowest;
		running += s->pid != 0;
	}
	return running;
}

static void reap(void)
{
	int i, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (i = 0; i < opt.clients; i++)
			if (shared->slot[i].pid == pid) {
				shared->slot[i].pid = 0;
				if (!shared->slot[i].ended)
					shared->slot[i].counts.died++;
			}
}

static void tell(double seconds)
{
	struct counts sum;
	double slowest;
	int running = collect(&sum, &slowest);

	fprintf(stderr, "matrix: %.0f s: %llu calls, %llu bytes, %llu errors, slowest %.2f s, %d clients run\n",
		seconds, (unsigned long long)sum.calls,
		(unsigned long long)(sum.bytes + sum.replied),
		(unsigned long long)sum.errors, slowest, running);
}

static void look(const struct slot *s)
{
	char cmd[256];

	if (!opt.look)
		return;
	read_places(opt.file);
	snprintf(cmd, sizeof(cmd), "%s %d %d", opt.look, s->pid,
		 opt.pid[s->server]);
	if (system(cmd))
		fprintf(stderr, "matrix: %s: failed\n", cmd);
}

/* It waits for too long: for what? */
static void blocked(int i)
{
	struct slot *s = &shared->slot[i];

	s->counts.blocked++;
	s->ended = true;
	fprintf(stderr, "matrix: client %d is blocked: call %u to server %u, %zu bytes, reply %zu, for %.1f s\n",
		i, s->seq, s->server, s->size, s->reply,
		s->began ? now() - s->began : 0);
	look(s);
	kill(s->pid, SIGKILL);
}

static bool too_long(const struct slot *s)
{
	double began = s->began;

	return opt.budget && s->pid && !s->ended && began &&
	       now() - began > opt.budget;
}

static bool is_over(double began)
{
	return now() - began > opt.limit ||
	       (opt.stop && !access(opt.stop, F_OK));
}

/* Who waits still is killed. */
static void give_up(void)
{
	double end;
	int i;

	for (i = 0; i < opt.clients; i++)
		if (shared->slot[i].pid)
			blocked(i);
	end = now() + 10;
	for (;;) {
		struct counts sum;
		double slowest;

		reap();
		if (!collect(&sum, &slowest))
			return;
		if (now() > end)
			break;
		usleep(10000);
	}
	fprintf(stderr, "matrix: clients cannot be killed\n");
	for (i = 0; i < opt.clients; i++)
		shared->slot[i].counts.died += shared->slot[i].pid != 0;
}

static void begin(int number)
{
	static int run;
	pid_t pid;

	shared->slot[number].began = 0;
	run++;
	pid = fork();
	if (!pid)
		client(number, getppid() << 8 ^ run);
	shared->slot[number].pid = pid;
}

/* Return: false if it does not go. */
static bool slay(struct slot *s)
{
	double end = now() + (opt.budget ?: opt.limit);

	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, WNOHANG) != s->pid) {
		if (now() > end)
			return false;
		usleep(500);
	}
	s->pid = 0;
	return true;
}

static bool in_call(const struct slot *s)
{
	double began;

	__atomic_load(&s->began, &began, __ATOMIC_RELAXED);
	return began;
}

/* A while after it has begun a call, and while it is in one */
static void await_middle(const struct slot *s, double began)
{
	static uint64_t r;

	do {
		while (!in_call(s) && !is_over(began))
			usleep(500);
		r = mix(r ^ opt.seed);
		usleep(r % 60000);
	} while (!opt.pace && !in_call(s) && !is_over(began));
}

/* One after the other. A call that the dead one was in is still noted; who came
 * out of his just in time does not count.
 */
static void slay_clients(double began)
{
	int i, n = 0;

	for (i = 0; n < opt.kills; i++) {
		struct slot *s = &shared->slot[i % opt.clients];
		bool counts;

		usleep(opt.pace * 1000);
		await_middle(s, began);
		if (is_over(began) || !slay(s))
			break;
		counts = opt.pace || in_call(s);
		s->counts.killed += counts;
		n += counts;
		begin(i % opt.clients);
	}
	shared->stop = true;
}

static void watch(double began)
{
	double last = began, t;
	struct counts sum;
	double slowest;
	int i;

	for (;;) {
		reap();
		if (!collect(&sum, &slowest))
			return;
		t = now();
		if ((opt.seconds && t - began > opt.seconds) || is_over(began))
			shared->stop = true;
		for (i = 0; i < opt.clients; i++)
			if (too_long(&shared->slot[i]))
				blocked(i);
		if (t - began > opt.limit) {
			give_up();
			return;
		}
		if (t - last > 5) {
			tell(t - began);
			last = t;
		}
		usleep(20000);
	}
}

static bool options(int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "k:n:d:q:T:B:S:z:L:Ii:P:w:s:x:e:c:")) != -1)
		switch (o) {
		case 'k': opt.clients = atoi(optarg); break;
		case 'n': opt.calls = atoi(optarg); break;
		case 'd': opt.seconds = atof(optarg); break;
		case 'q': opt.stop = optarg; break;
		case 'T': opt.limit = atof(optarg); break;
		case 'B': opt.budget = atof(optarg); break;
		case 'S': opt.max = strtoul(optarg, NULL, 0); break;
		case 'z': opt.fixed = strtoul(optarg, NULL, 0); break;
		case 'L': opt.large = strtoul(optarg, NULL, 0); break;
		case 'I': opt.idle = true; break;
		case 'i': opt.interval = atoi(optarg); break;
		case 'P': opt.pace = atoi(optarg); break;
		case 'w': opt.delay = atoi(optarg); break;
		case 's': opt.seed = strtoull(optarg, NULL, 0); break;
		case 'x': opt.kills = atoi(optarg); break;
		case 'e': opt.may = optarg; break;
		case 'c': opt.look = optarg; break;
		default: return false;
		}
	if (opt.pace < 0)
		opt.pace = opt.interval;
	if (optind != argc - 2 || opt.clients < 1 || opt.clients > CLIENTS_MAX)
		return false;
	opt.node = argv[optind];
	opt.file = argv[optind + 1];
	return read_places(opt.file);
}

int call(int argc, char **argv)
{
	struct counts sum;
	double began, slowest;
	int i;

	if (!options(argc, argv))
		return 2;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	began = now();
	for (i = 0; i < opt.clients; i++)
		begin(i);
	if (opt.kills)
		slay_clients(began);
	watch(began);
	collect(&sum, &slowest);
	print_counts("clients", &sum, now() - began, slowest);
	return !sum.calls || sum.wrong || sum.disorder || sum.blocked ||
		sum.died || errors_but(&sum, opt.may);
}
