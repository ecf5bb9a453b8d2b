// SPDX-License-Identifier: GPL-2.0
/*
 * matrix serve [-m SERVERS] [-t THREADS] [-x KILLS [-i MS]] FILE
 *
 * Processes with a channel each, whose ids are the lines of FILE; what they
 * count lies in FILE.counts. Every call is read as its plan says, checked, and
 * answered. A client is known by where its messages come from, so that even
 * one of 0 bytes has a place in its sequence. With -x servers are killed so
 * often in the middle of a call, or with -i every so many milliseconds, and others
 * take their place; FILE.killed tells when that is over.
 *
 * matrix show [-r] [-e NAMES] FILE
 *
 * Prints what was counted; -r: and begins anew. Fails if anything was wrong;
 * errors with these names ("ESRCH,EAGAIN") are not.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/neutrino.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "matrix.h"

#define CLIENTS	4096

/**
 * struct client - whom a server knows
 * @hello: what it said last
 * @nd, @pid, @coid: where its messages come from
 * @scoid: its process
 * @next:  sequence number it must have next
 * @gap:   first of those that were skipped, up to @gap_end
 */
struct client {
	struct hello hello;
	uint32_t nd;
	int32_t pid, coid, scoid;
	uint32_t next, gap, gap_end;
	bool used;
};

struct place {
	int pid, chid;
	struct counts counts;
	int busy;		/* threads that serve a call */
};

static struct place *places;
static int nservers = 1, nthreads = 1;

/* Of one server process */
static struct place *my;
static size_t my_room;
static struct client clients[CLIENTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct thread {
	char *buf, *out;
	size_t room, out_room;
};

static void need(char **buf, size_t *room, size_t n)
{
	if (n <= *room)
		return;
	*buf = realloc(*buf, n);
	*room = n;
	if (!*buf)
		abort();
}

static void server_error(const char *what, int err)
{
	pthread_mutex_lock(&lock);
	count_error(&my->counts, err);
	pthread_mutex_unlock(&lock);
	fprintf(stderr, "matrix: server %d: %s: %s\n", getpid(), what,
		strerror(err));
}

static struct client *from(const struct _msg_info *i)
{
	struct client *c;

	for (c = clients; c < clients + CLIENTS; c++)
		if (c->used && c->nd == i->nd && c->pid == i->pid &&
		    c->coid == i->coid)
			return c;
	return NULL;
}

static struct client *same(const struct hello *h)
{
	struct client *c;

	for (c = clients; c < clients + CLIENTS; c++)
		if (c->used && c->hello.run == h->run &&
		    c->hello.client == h->client)
			return c;
	return NULL;
}

static struct client *unused(void)
{
	struct client *c;

	for (c = clients; c < clients + CLIENTS; c++)
		if (!c->used)
			return c;
	abort();
}

/*
 * A client that goes on after an error says how: the call that failed may have
 * been served or not, but no other.
 */
static void hello(const struct hello *h, const struct _msg_info *i)
{
	struct client *c, *old;

	pthread_mutex_lock(&lock);
	old = from(i);
	c = same(h);
	if (old && old != c)
		old->used = false;
	if (!c) {
		c = unused();
		c->next = h->next;
		c->gap = c->gap_end = 0;
	}
	if (h->next > c->next + 1)
		my->counts.lost += h->next - 1 - c->next;
	else if (h->next < c->next)
		my->counts.twice += c->next - h->next;
	c->used = true;
	c->hello = *h;
	c->next = h->next;
	c->nd = i->nd;
	c->pid = i->pid;
	c->coid = i->coid;
	c->scoid = i->scoid;
	pthread_mutex_unlock(&lock);
}

static void gone(int scoid)
{
	struct client *c;

	pthread_mutex_lock(&lock);
	for (c = clients; c < clients + CLIENTS; c++)
		if (c->used && c->scoid == scoid)
			c->used = false;
	pthread_mutex_unlock(&lock);
	ConnectDetach(scoid);
}

static bool fits(const struct plan *p, const struct _msg_info *i,
		 const void *buf, const struct hello *h, uint32_t seq)
{
	return p->size == (size_t)i->srcmsglen &&
		is_right(buf, p->size, CALL, h->client, seq, p->key);
}

static bool is_gone(int scoid)
{
	struct _client_info info;

	return ConnectClientInfo(scoid, &info, 0) == -1 && errno == EINVAL;
}

/* Which call of the client is this, and is it its turn? */
static bool turn(const struct _msg_info *i, const void *buf, struct hello *h,
		 uint32_t *seq)
{
	const struct head *head = buf;
	struct client *c;
	struct plan p;

	pthread_mutex_lock(&lock);
	c = from(i);
	/* Another thread may have said farewell to it since this one received. */
	if (!c && is_gone(i->scoid)) {
		count_error(&my->counts, ESRCH);
		pthread_mutex_unlock(&lock);
		return false;
	}
	if (!c) {
		my->counts.wrong++;
		pthread_mutex_unlock(&lock);
		fprintf(stderr, "matrix: server %d: %zd bytes from nobody: nd %u pid %d coid %d\n",
			getpid(), i->srcmsglen, i->nd, i->pid, i->coid);
		return false;
	}
	*h = c->hello;
	*seq = c->next;
	if ((size_t)i->srcmsglen >= sizeof(*head)) {
		*seq = head->seq;
	} else {
		p = plan_of(h, *seq);
		if (!fits(&p, i, buf, h, *seq)) {
			p = plan_of(h, *seq - 1);
			*seq -= fits(&p, i, buf, h, *seq - 1);
		}
	}
	if (*seq == c->next) {
		c->next++;
	} else if (*seq > c->next && *seq - c->next < 1000000) {
		my->counts.lost += *seq - c->next;
		c->gap = c->next;
		c->gap_end = *seq;
		c->next = *seq + 1;
	} else if (*seq >= c->gap && *seq < c->gap_end) {
		my->counts.disorder++;
		my->counts.lost--;
	} else if (*seq < c->next) {
		my->counts.twice++;
	}
	pthread_mutex_unlock(&lock);
	return true;
}

/* Bytes [@at, @end) read from the message, or written into the reply area, in
 * pieces of about @piece; 0: in one.
 */
static bool transfer(int rcvid, char *to, const char *from, size_t at,
		     size_t end, size_t piece, bool back)
{
	const char *what = to ? "MsgRead" : "MsgWrite";
	size_t n, off;
	ssize_t got;

	if (!piece)
		piece = end;
	while (at < end) {
		n = end - at < piece ? end - at : piece;
		off = back ? end - n : at;
		got = to ? MsgRead(rcvid, to + off, n, off) :
			   MsgWrite(rcvid, from + off, n, off);
		if (got < 0) {
			server_error(what, errno);
			return false;
		}
		if ((size_t)got != n) {
			fprintf(stderr, "matrix: server %d: %s of %zu at %zu: %zd\n",
				getpid(), what, n, off, got);
			return false;
		}
		if (back)
			end -= n;
		else
			at += n;
	}
	return true;
}

static void answer(struct thread *t, int rcvid, const struct hello *h,
		   uint32_t seq, const struct plan *p)
{
	size_t half = p->write ? (p->tail ? p->reply / 2 : 0) : p->reply;
	int err;

	need(&t->out, &t->out_room, p->reply);
	put(t->out, p->reply, REPLY, h->client, seq, p->key + 1);
	if (!transfer(rcvid, NULL, t->out, half, p->reply, p->write,
		      p->back))
		return;
	err = -MsgReply_r(rcvid, status_of(h, seq), t->out, half);
	if (err)
		server_error("MsgReply", err);
}

static void serve_call(struct thread *t, int rcvid, const struct _msg_info *i)
{
	size_t all = i->srcmsglen;
	uint32_t seq = 0;
	struct hello h;
	struct plan p;
	bool right;

	if (!turn(i, t->buf, &h, &seq)) {
		MsgError(rcvid, EPROTO);
		return;
	}
	p = plan_of(&h, seq);
	if (h.delay)
		delay(h.delay);
	need(&t->buf, &t->room, all);
	if (!transfer(rcvid, t->buf, NULL, i->msglen, all, p.pieces,
		      p.back)) {
		MsgError(rcvid, EIO);
		return;
	}
	right = all == p.size &&
		is_right(t->buf, all, CALL, h.client, seq, p.key);
	pthread_mutex_lock(&lock);
	my->counts.calls++;
	my->counts.bytes += all;
	my->counts.replied += p.reply;
	my->counts.wrong += !right;
	pthread_mutex_unlock(&lock);
	if (!right)
		fprintf(stderr, "matrix: server %d: client %u call %u: wrong: %zu bytes, planned %zu\n",
			getpid(), h.client, seq, all, p.size);
	answer(t, rcvid, &h, seq, &p);
}

static void *server_thread(void *arg)
{
	struct thread t = { .buf = malloc(65536), .room = 65536 };
	struct _msg_info info;
	struct hello h;
	int rcvid;

	for (;;) {
		rcvid = MsgReceive(my->chid, t.buf, my_room, &info);
		if (rcvid > 0 && info.srcmsglen == sizeof(h) &&
		    (memcpy(&h, t.buf, sizeof(h)), h.magic == HELLO)) {
			hello(&h, &info);
			MsgReply(rcvid, EOK, NULL, 0);
		} else if (rcvid > 0) {
			__atomic_add_fetch(&my->busy, 1, __ATOMIC_RELAXED);
			serve_call(&t, rcvid, &info);
			__atomic_sub_fetch(&my->busy, 1, __ATOMIC_RELAXED);
		} else if (!rcvid) {
			struct _pulse *p = (struct _pulse *)t.buf;

			if (p->code == _PULSE_CODE_DISCONNECT)
				gone(p->scoid);
		} else if (errno != EINTR) {
			server_error("MsgReceive", errno);
			exit(1);
		}
	}
	return arg;
}

/* The room of the first receive differs from server to server. */
static void server(int number)
{
	pthread_t t;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	my = &places[number];
	my_room = number % 2 ? 4096 : 65536;
	my->chid = ChannelCreate(_NTO_CHF_DISCONNECT);
	if (my->chid < 0) {
		perror("matrix: ChannelCreate");
		exit(1);
	}
	__atomic_store_n(&my->pid, getpid(), __ATOMIC_RELEASE);
	for (i = 1; i < nthreads; i++)
		if (pthread_create(&t, NULL, server_thread, NULL))
			abort();
	server_thread(NULL);
}

static struct place *map_places(const char *file, int flags)
{
	char name[4096];
	void *p;
	int fd;

	snprintf(name, sizeof(name), "%s.counts", file);
	fd = open(name, O_RDWR | O_CLOEXEC | flags, 0644);
	if (fd < 0 || ftruncate(fd, SERVERS_MAX * sizeof(*places))) {
		perror(name);
		exit(2);
	}
	p = mmap(NULL, SERVERS_MAX * sizeof(*places), PROT_READ | PROT_WRITE,
		 MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		perror(name);
		exit(2);
	}
	close(fd);
	return p;
}

static void announce(const char *file)
{
	char name[4096];
	FILE *f;
	int i;

	snprintf(name, sizeof(name), "%s.new", file);
	f = fopen(name, "w");
	for (i = 0; f && i < nservers; i++) {
		while (!__atomic_load_n(&places[i].pid, __ATOMIC_ACQUIRE))
			usleep(1000);
		fprintf(f, "%d %d\n", places[i].pid, places[i].chid);
	}
	if (!f || fclose(f) || rename(name, file)) {
		perror(file);
		exit(2);
	}
}

static void begin(int number)
{
	places[number].pid = places[number].busy = 0;
	if (!fork())
		server(number);
}

static int busy(const struct place *p)
{
	return __atomic_load_n(&p->busy, __ATOMIC_RELAXED);
}

/* A while after it has received a call, and while it serves one; or when the
 * pace says
 */
static void await_middle(const struct place *p, int pace)
{
	static uint64_t r = 1;

	usleep(pace * 1000);
	do {
		while (!pace && !busy(p))
			usleep(500);
		r = mix(r);
		usleep(r % 60000);
	} while (!pace && !busy(p));
}

/* One after the other. What the dead one was at is still noted; who was done
 * with it just in time does not count.
 */
static void slay(int kills, int pace, const char *file)
{
	char name[4096];
	int i, n = 0;

	for (i = 0; n < kills; i++) {
		struct place *p = &places[i % nservers];
		bool counts;

		await_middle(p, pace);
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
		counts = pace || busy(p);
		p->counts.killed += counts;
		n += counts;
		begin(i % nservers);
		announce(file);
	}
	snprintf(name, sizeof(name), "%s.killed", file);
	close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

int serve(int argc, char **argv)
{
	int o, i, status, kills = 0, pace = 0;
	pid_t pid;

	while ((o = getopt(argc, argv, "m:t:x:i:")) != -1)
		if (o == 'm')
			nservers = atoi(optarg);
		else if (o == 't')
			nthreads = atoi(optarg);
		else if (o == 'x')
			kills = atoi(optarg);
		else if (o == 'i')
			pace = atoi(optarg);
		else
			return 2;
	if (optind != argc - 1 || nservers < 1 || nservers > SERVERS_MAX)
		return 2;
	unlink(argv[optind]);
	places = map_places(argv[optind], O_CREAT | O_TRUNC);
	for (i = 0; i < nservers; i++)
		begin(i);
	announce(argv[optind]);
	if (kills)
		slay(kills, pace, argv[optind]);
	/* None of them ends by itself. */
	pid = wait(&status);
	for (i = 0; i < nservers; i++)
		places[i].counts.died += places[i].pid == pid;
	fprintf(stderr, "matrix: server %d ended, status %#x\n", pid, status);
	return 1;
}

int show(int argc, char **argv)
{
	struct counts sum = {};
	const char *may = NULL;
	bool reset = false;
	int o, i;

	while ((o = getopt(argc, argv, "re:")) != -1)
		if (o == 'r')
			reset = true;
		else if (o == 'e')
			may = optarg;
		else
			return 2;
	if (optind != argc - 1)
		return 2;
	places = map_places(argv[optind], 0);
	for (i = 0; i < SERVERS_MAX; i++) {
		add_counts(&sum, &places[i].counts);
		if (reset)
			memset(&places[i].counts, 0, sizeof(sum));
	}
	print_counts("servers", &sum, 0, 0);
	return sum.wrong || sum.lost || sum.twice || sum.disorder ||
		sum.died || errors_but(&sum, may);
}
