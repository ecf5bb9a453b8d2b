// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stress and fuzz the AF_QNET socket API, with nothing but libc: what it knows
 * of the interface is <linux/qnet.h>.
 *
 *	sockfuzz [-s SEED] [-n OPS] [-t SECONDS] [-p PROCS] [-H NODE] [-N NODE]
 *		 [-F] [-l]
 *		-H NODE		live in the network namespace of that name, which is
 *				also the node's name
 *		-N NODE		half of the processes live in that one
 *		-F		let allocations and copies fail (debug kernels)
 *		-l		the cable loses frames: EHOSTDOWN may happen
 *	sockfuzz -S NAME	one scenario; -S list
 *
 * Three kinds of processes run at once.  Servers and clients that are honest
 * carry the oracle: every message tells who sent it and has a pattern, every
 * reply must be the one to that message, byte by byte, and each error must have
 * its reason.  Processes that are not do anything at all with their sockets,
 * with honest servers too.  A supervisor starts, interrupts and kills them, and
 * sees to it that no call outlives its reason to wait.
 *
 * What happens follows from the seed as far as the scheduler lets it.
 * Exit status: 0; 1 something was wrong, and is printed; 4 it cannot run here.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/qnet.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define MS		1000000ULL
#define SEC		(1000 * MS)

#define CHANS		64	/* honest channels that are advertised */
#define SLOTS		512	/* threads that may block */
#define SEQS		65536	/* messages that are remembered */
#define PROCS		64
#define AREA		(80 * 1024)	/* the longest honest message and reply */
#define GRACE		(25 * SEC)	/* to leave a call after its reason has gone */
#define KICK		(2 * SEC)	/* then a signal ends a call */
#define UNTOUCHED	0xaa

enum role { SERVER, CLIENT, CHAOS, ROLES };

/**
 * struct chan_ent - a channel that clients may use
 * @gen:  odd while it is alive; in-between, a writer is at it
 * @pid:  owner
 * @chid: its number
 * @node: 0 or 1: where
 * @gone: when it went away
 */
struct chan_ent {
	atomic_uint gen;
	int pid;
	int chid;
	int node;
	atomic_ullong gone;
};

/**
 * struct slot - a thread, in a call that may block, or not
 * @since: when the call began; 0 = in none
 * @limit: when it must have ended by itself
 * @chan:  it may last as long as this one lives, or -1
 * @gen:   see struct chan_ent
 * @pid:   process; 0 = slot is free
 * @tid:   thread
 * @kick:  a signal ends it
 * @what:  for the report
 * @told:  reported
 */
struct slot {
	atomic_ullong since;
	u64 limit;
	int chan;
	u32 gen;
	atomic_int pid;
	int tid;
	bool kick;
	bool told;
	const char *what;
};

enum { C_OPS, C_CALLS, C_GOOD, C_ASYNC, C_HOLD, C_DOUBLE, C_RESTART, C_RACE,
	C_EINTR, C_TIME, C_DEAD, C_HOST, C_NOMEM, C_KILLS, C_FORKS, C_CHAOS_OK,
	C_CHAOS_ERR, C_SENT_BY_CHAOS, COUNTERS };
static const char * const counter_names[COUNTERS] = {
	"ops", "calls", "good", "async", "hold", "double", "restart", "race",
	"eintr", "etimedout", "dead", "host", "nomem", "kills", "forks",
	"chaos-ok", "chaos-errors", "from-chaos",
};

static struct shared {
	atomic_int stop;
	atomic_int drain;	/* no new servers, no new calls */
	atomic_uint failures;
	atomic_ullong seq;
	atomic_ullong counts[COUNTERS];
	atomic_int rcvids[64];	/* of anybody, for others to try */
	atomic_int chaos_chans[64][2];
	atomic_ullong delivered[SEQS];
	atomic_ullong ended[SEQS];
	atomic_ullong cancelled[SEQS];
	atomic_ullong replied[SEQS];
	atomic_ullong restarted[SEQS];
	struct chan_ent chans[CHANS];
	struct slot slots[SLOTS];
} *sh;

static int family = QNET_AF_DEFAULT;
static u64 seed = 1;
static bool lossy, inject;
static const char *netns;
static u32 nd_of[2];		/* [i]: node i as the other one numbers it */
static int my_node;
static __thread u64 rng;
static __thread struct slot *me;
static __thread int fail_fd = -1;
static __thread volatile u32 signals;
static atomic_uint all_signals;
static int self_pid;

/* ---------------------------------------------------------------- basics */

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SEC + t.tv_nsec;
}

static u64 mix(u64 x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static u32 rnd(u32 below)
{
	rng += 0x9e3779b97f4a7c15ULL;
	return below ? (mix(rng) >> 11) % below : 0;
}

static u64 rnd64(void)
{
	rng += 0x9e3779b97f4a7c15ULL;
	return mix(rng);
}

static bool one_in(u32 n)
{
	return !rnd(n);
}

static void count(int what)
{
	atomic_fetch_add(&sh->counts[what], 1);
}

static void nap(u64 ns)
{
	struct timespec t = { ns / SEC, ns % SEC };

	nanosleep(&t, NULL);
}

__attribute__((format(printf, 1, 2)))
static void fail(const char *fmt, ...)
{
	char line[400];
	va_list ap;
	int n;

	if (atomic_fetch_add(&sh->failures, 1) > 30)
		return;
	n = snprintf(line, sizeof(line), "FAIL [%d/%ld node %d] ", getpid(),
		     syscall(SYS_gettid), my_node);
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(1, line, n) < 0)
		_exit(1);
}

static void on_signal(int sig)
{
	(void)sig;
	signals++;
	atomic_fetch_add(&all_signals, 1);
}

/* Threads take a slot for good; it is free again when the process is reaped. */
static void slot_get(void)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		int none = 0;

		if (!atomic_compare_exchange_strong(&sh->slots[i].pid, &none,
						    -1))
			continue;
		me = &sh->slots[i];
		me->tid = syscall(SYS_gettid);
		atomic_store(&me->since, 0);
		atomic_store(&me->pid, getpid());
		return;
	}
	fail("no slot left");
	_exit(1);
}

static void slot_put(void)
{
	atomic_store(&me->since, 0);
	atomic_store(&me->pid, 0);
	me = NULL;
}

static void block_begin(const char *what, u64 limit, int chan, u32 gen,
			bool kick)
{
	if (!me)
		return;
	me->what = what;
	me->limit = now_ns() + limit;
	me->chan = chan;
	me->gen = gen;
	me->kick = kick;
	me->told = false;
	atomic_store(&me->since, now_ns());
}

static void block_end(void)
{
	if (me)
		atomic_store(&me->since, 0);
}

/* The result of a system call: 0 or more, or -errno */
static long ret_of(long r)
{
	return r < 0 ? -errno : r;
}

static long q_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ret_of(ioctl(fd, cmd, arg));
}

static int q_socket(void)
{
	return ret_of(socket(family, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}

static struct sockaddr_qnet q_addr(u32 nd, int pid, int chid, u32 flags)
{
	struct sockaddr_qnet a = {
		.sqn_family = family, .sqn_flags = flags, .sqn_nd = nd,
		.sqn_pid = pid, .sqn_chid = chid,
	};

	return a;
}

static int q_channel(u32 flags, int *chid)
{
	struct sockaddr_qnet a = q_addr(0, 0, 0, flags);
	socklen_t len = sizeof(a);
	int fd = q_socket();

	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    getsockname(fd, (struct sockaddr *)&a, &len)) {
		int err = errno;

		close(fd);
		return -err;
	}
	*chid = a.sqn_chid;
	return fd;
}

static int q_connect(u32 nd, int pid, int chid)
{
	struct sockaddr_qnet a = q_addr(nd, pid, chid, 0);
	int fd = q_socket();

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

static struct qnet_buf q_buf(const void *p, u64 len)
{
	struct qnet_buf b = { .base = (uintptr_t)p, .len = len };

	return b;
}

/* A buffer cut into pieces, some of them empty; @v has room for 9. */
static struct qnet_buf q_cut(const void *p, u64 len, struct qnet_iov *v)
{
	struct qnet_buf b = q_buf(p, len);
	u64 base = b.base;
	u32 n = rnd(10), i;

	if (!n)
		return b;
	for (i = 0; i < n; i++) {
		u64 part = i == n - 1 ? len : rnd(len + 1);

		v[i].base = part ? base : rnd64();
		v[i].len = part;
		base += part;
		len -= part;
	}
	b.base = (uintptr_t)v;
	b.len = 0;
	b.iovcnt = n;
	return b;
}

/* ---------------------------------------------- honest messages and replies */

#define MAGIC	0x71667a7aU

enum cmd { ECHO, ERROR, HOLD, SILENT, DOUBLE, RESTART, RACE, DIE, CMDS };

/* Starts every honest message */
struct req {
	u32 magic;
	u32 cmd;
	u64 seq;
	u32 len;	/* of the message */
	u32 area;	/* of the client's reply area */
	u32 rlen;	/* of the reply */
	u32 woff;	/* a MsgWrite before it */
	u32 wlen;
	s64 status;
	int pid;
	int node;
	u64 check;
};

static u64 req_check(const struct req *r)
{
	return mix(r->magic ^ mix(r->cmd ^ mix(r->seq ^ mix(r->len ^ mix(
	       r->area ^ mix(r->rlen ^ mix(r->woff ^ mix(r->wlen ^ mix(
	       r->status ^ mix(r->pid ^ mix(r->node + 77)))))))))));
}

static u32 pattern4(u64 key, u64 word)
{
	u32 x = (u32)key * 0x9e3779b1U ^ (u32)word * 0x85ebca6bU;

	x ^= x >> 15;
	x *= 0x2c1b3c6dU;
	return x ^ x >> 12;
}

static u8 pattern(u64 key, u64 off)
{
	return pattern4(key, off >> 2) >> (8 * (off & 3));
}

static void fill(u8 *p, u64 key, u64 off, u64 len)
{
	u64 end = off + len;

	for (; off < end && off & 3; off++)
		*p++ = pattern(key, off);
	for (; off + 4 <= end; off += 4, p += 4) {
		u32 x = pattern4(key, off >> 2);

		memcpy(p, &x, 4);
	}
	for (; off < end; off++)
		*p++ = pattern(key, off);
}

/* -1, or where it differs */
static s64 differs(const u8 *p, u64 key, u64 off, u64 len)
{
	u64 end = off + len;

	while (off < end) {
		u32 x = pattern4(key, off >> 2);

		if (!(off & 3) && off + 4 <= end && !memcmp(p, &x, 4)) {
			off += 4;
			p += 4;
		} else if (*p == (u8)(x >> (8 * (off & 3)))) {
			off++;
			p++;
		} else {
			return off;
		}
	}
	return -1;
}

#define REPLY_KEY(seq)	((seq) ^ 0x5bd1e995U)

static u32 some_len(u32 max)
{
	static const u32 edges[] = { 0, 1, 127, 128, 129, 1023, 1456, 4095,
				     4096, 8191, 8192, 8193, 65535, 65536 };
	u32 n;

	if (one_in(3))
		n = edges[rnd(ARRAY_SIZE(edges))];
	else if (one_in(3))
		n = rnd(max + 1);
	else
		n = rnd(600);
	return n < max ? n : max;
}

static void req_make(struct req *r, u8 *msg, u32 cmd)
{
	memset(r, 0, sizeof(*r));	/* padding, too */
	r->magic = MAGIC;
	r->cmd = cmd;
	r->seq = atomic_fetch_add(&sh->seq, 1) + 1;
	r->len = sizeof(*r) + some_len(AREA - sizeof(*r));
	r->area = some_len(AREA);
	r->rlen = some_len(AREA);
	if (one_in(3)) {
		r->woff = some_len(AREA);
		r->wlen = some_len(AREA);
	}
	r->status = cmd == ERROR ? 1 + rnd(600) : (s64)rnd(0x7fffffff);
	/* Not to be taken for errors that have another cause */
	if (cmd == ERROR && (r->status == EINTR || r->status == ESRCH ||
			     r->status == EBADF || r->status == ETIMEDOUT ||
			     r->status >= 133 || r->status == ERANGE ||
			     r->status == EAGAIN || r->status == EFAULT ||
			     r->status == ENOMEM || r->status == EHOSTDOWN ||
			     r->status == 85 /* ERESTART */))
		r->status = EDOM;
	r->pid = self_pid;
	r->node = my_node;
	r->check = req_check(r);
	fill(msg, r->seq, 0, r->len);
	memcpy(msg, r, sizeof(*r));
}

/* Is the reply area as the request wants it? */
static void reply_check(const struct req *r, const u8 *area, u64 rbytes,
			s64 status)
{
	u32 rlen = r->rlen < r->area ? r->rlen : r->area;
	u64 key = REPLY_KEY(r->seq);
	s64 at;
	u32 i;

	if (status != r->status)
		fail("seq %llu: status %lld, not %lld",
		     (unsigned long long)r->seq, (long long)status,
		     (long long)r->status);
	/* What the server wrote ahead of its reply may end further out. */
	if (rbytes < rlen || rbytes > r->area)
		fail("seq %llu cmd %u: %llu bytes of reply, not %u",
		     (unsigned long long)r->seq, r->cmd,
		     (unsigned long long)rbytes, rlen);
	at = differs(area, key, 0, rlen);
	if (at >= 0)
		fail("seq %llu cmd %u: reply differs at %lld of %u (write %u+%u, area %u)",
		     (unsigned long long)r->seq, r->cmd, (long long)at, rlen,
		     r->woff, r->wlen, r->area);
	for (i = rlen; i < r->area; i++) {
		bool in = i >= r->woff && i - r->woff < r->wlen;

		/* What raced with the reply may be there or not. */
		if (area[i] == (in ? pattern(key, i) : UNTOUCHED) ||
		    (r->cmd == RACE && in && area[i] == UNTOUCHED))
			continue;
		fail("seq %llu: byte %u beyond the reply of %u is %02x (write %u+%u, area %u)",
		     (unsigned long long)r->seq, i, rlen, area[i], r->woff,
		     r->wlen, r->area);
		return;
	}
}

/* ------------------------------------------------------- registered channels */

static int reg_add(int chid)
{
	int i;

	for (i = 0; i < CHANS; i++) {
		struct chan_ent *e = &sh->chans[i];
		int none = 0;

		if (atomic_load(&e->gen) & 1 ||
		    !__atomic_compare_exchange_n(&e->pid, &none, getpid(), false,
						 __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			continue;
		e->chid = chid;
		e->node = my_node;
		atomic_fetch_add(&e->gen, 1);
		return i;
	}
	return -1;
}

/* Before the channel goes: what clients see may only come later. */
static void reg_gone(int i)
{
	struct chan_ent *e = &sh->chans[i];
	u32 gen = atomic_load(&e->gen);

	atomic_store(&e->gone, now_ns());
	if (gen & 1)
		atomic_compare_exchange_strong(&e->gen, &gen, gen + 1);
}

static void reg_gone_all(int pid)
{
	int i;

	for (i = 0; i < CHANS; i++)
		if (sh->chans[i].pid == pid)
			reg_gone(i);
}

static void reg_free_all(int pid)
{
	int i;

	reg_gone_all(pid);
	for (i = 0; i < CHANS; i++)
		if (sh->chans[i].pid == pid)
			__atomic_store_n(&sh->chans[i].pid, 0, __ATOMIC_SEQ_CST);
}

/* Some living channel; false: there is none */
static bool reg_pick(int *idx, u32 *gen, struct chan_ent *copy)
{
	int i, k = rnd(CHANS);

	for (i = 0; i < CHANS; i++, k = (k + 1) % CHANS) {
		struct chan_ent *e = &sh->chans[k];
		u32 g = atomic_load(&e->gen);

		if (!(g & 1))
			continue;
		copy->pid = e->pid;
		copy->chid = e->chid;
		copy->node = e->node;
		if (atomic_load(&e->gen) != g)
			continue;
		*idx = k;
		*gen = g;
		return true;
	}
	return false;
}

static bool reg_is(int idx, u32 gen)
{
	return atomic_load(&sh->chans[idx].gen) == gen;
}

/* Waits for what must happen soon, if it has not happened yet */
#define SOON(cond)							\
({									\
	u64 end = now_ns() + 10 * SEC;					\
	bool ok;							\
									\
	while (!(ok = (cond)) && now_ns() < end)			\
		nap(MS);						\
	ok;								\
})

/* Was there a signal since @mine and @all were read?  One to the process may
 * wake a thread and then be taken by another.
 */
static bool signalled(u32 mine, u32 all)
{
	return signals != mine || SOON(atomic_load(&all_signals) != all);
}

static u32 nd_to(int node)
{
	return node == my_node ? 0 : nd_of[node];
}

/* ------------------------------------------------------------ honest server */

#define S(what, seq)	(&sh->what[(seq) % SEQS])

struct server {
	int fd;
	int reg;
	atomic_int ending;
	atomic_int last_rcvid;
	u32 ops;
};

struct race {
	int fd, rcvid;
	const u8 *data;
	u32 woff, wlen;
	long r;
	u64 seed;
};

static void put_rcvid(int rcvid)
{
	atomic_store(&sh->rcvids[rnd(64)], rcvid);
}

static bool client_gone(const struct req *r)
{
	return atomic_load(S(ended, r->seq)) == r->seq ||
	       (kill(r->pid, 0) && errno == ESRCH);
}

static long s_write(int fd, int rcvid, const u8 *data, u32 off, u32 len,
		    u64 *bytes)
{
	struct qnet_iov v[9];
	struct qnet_xfer x = { .rcvid = rcvid, .offset = off };
	long r;

	x.buf = q_cut(data, len, v);
	block_begin("WRITE", GRACE, -1, 0, false);
	r = q_ioctl(fd, QNET_IOC_WRITE, &x);
	block_end();
	*bytes = x.bytes;
	return r;
}

static long s_reply(int fd, int rcvid, s64 status, u32 flags, const u8 *data,
		    u32 len)
{
	struct qnet_reply q = { .rcvid = rcvid, .flags = flags,
				.status = status };
	struct qnet_cmsg_reply *c;
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(*c))];
	} u = {};
	struct iovec v = { (void *)data, len };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
			    .msg_control = &u, .msg_controllen = sizeof(u) };
	struct qnet_iov qv[9];
	long r;

	block_begin("REPLY", GRACE, -1, 0, false);
	if (one_in(3)) {
		u.h.cmsg_level = SOL_QNET;
		u.h.cmsg_type = QNET_CMSG_REPLY;
		u.h.cmsg_len = CMSG_LEN(sizeof(*c));
		c = (struct qnet_cmsg_reply *)CMSG_DATA(&u.h);
		c->rcvid = rcvid;
		c->flags = flags;
		c->status = status;
		r = ret_of(sendmsg(fd, &m, 0));
		if (r >= 0 && r != len)
			fail("sendmsg of a reply of %u: %ld", len, r);
		if (r > 0)
			r = 0;
	} else {
		q.send = q_cut(data, len, qv);
		r = q_ioctl(fd, QNET_IOC_REPLY, &q);
	}
	block_end();
	return r;
}

static void *race_writer(void *arg)
{
	struct race *a = arg;
	u64 bytes;
	int i;

	rng = a->seed;
	slot_get();
	for (i = 0; i < 50; i++) {
		a->r = s_write(a->fd, a->rcvid, a->data, a->woff, a->wlen,
			       &bytes);
		if (a->r != 0 && a->r != -EINTR)
			break;
	}
	slot_put();
	return NULL;
}

/* Random reads of the message must show the pattern. */
static void s_reads(struct server *s, int rcvid, const struct req *r,
		    u8 *scratch)
{
	struct qnet_iov v[9];
	u32 times = 1 + rnd(2);

	while (times--) {
		u32 off = rnd(r->len + 64);
		u32 len = some_len(AREA);
		struct qnet_xfer x = { .rcvid = rcvid, .offset = off };
		u32 want = off >= r->len ? 0 :
			   r->len - off < len ? r->len - off : len;
		u32 head = off < sizeof(*r) ? sizeof(*r) - off : 0;
		long e;
		s64 at;

		x.buf = q_cut(scratch, len, v);
		block_begin("READ", GRACE, -1, 0, false);
		e = q_ioctl(s->fd, QNET_IOC_READ, &x);
		block_end();
		if (e == -EINTR || e == -ENOMEM || e == -EAGAIN)
			continue;
		if (e == -ESRCH) {
			if (!SOON(client_gone(r)))
				fail("READ: ESRCH, but the client waits");
			return;
		}
		if (e) {
			fail("READ: %s", strerror(-e));
			return;
		}
		if (x.bytes != want) {
			fail("READ %u+%u of %u: %llu bytes", off, len, r->len,
			     (unsigned long long)x.bytes);
			return;
		}
		if (head > want)
			head = want;
		at = differs(scratch + head, r->seq, off + head, want - head);
		if (at >= 0)
			fail("READ %u+%u of %u: differs at %lld", off, len,
			     r->len, (long long)at);
	}
}

static bool s_writes(struct server *s, int rcvid, const struct req *r,
		     u8 *scratch)
{
	u32 want = r->woff >= r->area ? 0 :
		   r->area - r->woff < r->wlen ? r->area - r->woff : r->wlen;
	u64 bytes = 0;
	long e;

	if (!r->wlen)
		return true;
	fill(scratch, REPLY_KEY(r->seq), r->woff, r->wlen);
	do
		e = s_write(s->fd, rcvid, scratch, r->woff, r->wlen, &bytes);
	while (e == -EINTR || e == -EAGAIN || e == -ENOMEM);
	if (e == -ESRCH) {
		if (!SOON(client_gone(r)))
			fail("WRITE: ESRCH, but the client waits");
		return false;
	}
	if (e)
		fail("WRITE: %s", strerror(-e));
	else if (bytes != want)
		fail("WRITE %u+%u in %u: %llu bytes", r->woff, r->wlen, r->area,
		     (unsigned long long)bytes);
	return true;
}

static long s_info(struct server *s, int rcvid, const struct req *r)
{
	struct qnet_info i = { .rcvid = rcvid };
	long e = q_ioctl(s->fd, QNET_IOC_INFO, &i);

	if (!e && r && (i.info.srcmsglen != r->len ||
			i.info.dstmsglen != r->area))
		fail("INFO: %llu and %llu bytes, not %u and %u",
		     (unsigned long long)i.info.srcmsglen,
		     (unsigned long long)i.info.dstmsglen, r->len, r->area);
	return e;
}

/* The client gives up first: then its rcvid must be stale. */
static void s_hold(struct server *s, int rcvid, const struct req *r)
{
	bool local = r->node == my_node;
	u64 end = now_ns() + GRACE;
	long e;

	while (!client_gone(r)) {
		if (now_ns() > end || atomic_load(&sh->stop)) {
			s_reply(s->fd, rcvid, EIO, QNET_F_ERROR, NULL, 0);
			return;
		}
		nap(MS);
	}
	/* Gone by its process only: it may be on its way out still. */
	if (atomic_load(S(ended, r->seq)) != r->seq)
		local = false;
	/* Its node tells this one; the word takes a moment. */
	while ((e = s_info(s, rcvid, NULL)) != -ESRCH && !local &&
	       now_ns() < end)
		nap(2 * MS);
	if (e != -ESRCH)
		fail("INFO of a client that gave up (%s): %ld",
		     local ? "here" : "there", e);
	e = s_reply(s->fd, rcvid, 0, 0, NULL, 0);
	if (e != -ESRCH)
		fail("REPLY to a client that gave up: %ld", e);
	count(C_HOLD);
}

static void s_finish(struct server *s, int rcvid, const struct req *r,
		     u8 *scratch)
{
	u32 flags = 0, len = r->rlen;
	s64 status = r->status;
	struct race race;
	pthread_t t = 0;
	long e;

	if (r->cmd == ERROR) {
		flags = QNET_F_ERROR;
		len = 0;
	}
	if (r->cmd == RESTART &&
	    atomic_exchange(S(restarted, r->seq), r->seq) != r->seq) {
		atomic_store(S(delivered, r->seq), 0);
		flags = QNET_F_ERROR;
		status = 85;	/* ERESTART */
		len = 0;
		count(C_RESTART);
	}
	fill(scratch, REPLY_KEY(r->seq), 0,
	     r->cmd == RACE ? AREA : r->rlen);
	if (r->cmd == RACE && r->wlen) {
		race = (struct race) { s->fd, rcvid, scratch + r->woff, r->woff,
				       r->wlen < AREA - r->woff ? r->wlen :
				       AREA - r->woff, 0, rnd64() };
		if (pthread_create(&t, NULL, race_writer, &race))
			t = 0;
		else if (one_in(2))
			sched_yield();
		else
			nap(rnd(300) * 1000);
		count(C_RACE);
	}
	do
		e = s_reply(s->fd, rcvid, status, flags, scratch, len);
	while (e == -EINTR || e == -ENOMEM);
	if (!e && status == r->status) {
		atomic_store(S(replied, r->seq), r->seq);
		if (r->node == my_node &&
		    atomic_load(S(cancelled, r->seq)) == r->seq)
			fail("seq %llu: REPLY succeeded, its client had given up",
			     (unsigned long long)r->seq);
	}
	if (e == -ESRCH) {
		if (!SOON(client_gone(r)))
			fail("REPLY: ESRCH, but the client waits");
	} else if (e) {
		fail("REPLY: %s", strerror(-e));
	}
	if (r->cmd == DOUBLE || one_in(20)) {
		e = s_reply(s->fd, rcvid, 0, 0, scratch, len);
		if (e != -ESRCH)
			fail("second REPLY: %ld", e);
		count(C_DOUBLE);
	}
	if (t)
		pthread_join(t, NULL);
}

static void s_serve(struct server *s, int rcvid, const u8 *msg, u64 msglen,
		    u64 srclen, u8 *scratch)
{
	struct req r;
	s64 at;

	put_rcvid(rcvid);
	if (msglen >= sizeof(r))
		memcpy(&r, msg, sizeof(r));
	if (msglen < sizeof(r) || r.magic != MAGIC || r.check != req_check(&r)) {
		count(C_SENT_BY_CHAOS);
		if (!one_in(8))
			s_reply(s->fd, rcvid, one_in(2) ? rnd(4096) : 0,
				one_in(2) ? QNET_F_ERROR : 0, scratch,
				some_len(AREA));
		return;
	}
	if (srclen != r.len)
		fail("seq %llu: a message of %llu, not %u",
		     (unsigned long long)r.seq, (unsigned long long)srclen, r.len);
	at = differs(msg + sizeof(r), r.seq, sizeof(r), msglen - sizeof(r));
	if (at >= 0)
		fail("seq %llu: message differs at %lld of %llu",
		     (unsigned long long)r.seq, (long long)at,
		     (unsigned long long)msglen);
	if (atomic_exchange(S(delivered, r.seq), r.seq) == r.seq)
		fail("seq %llu: delivered twice", (unsigned long long)r.seq);
	if (one_in(2))
		s_reads(s, rcvid, &r, scratch);
	if (one_in(8) && s_info(s, rcvid, &r) == -ESRCH && !SOON(client_gone(&r)))
		fail("INFO: ESRCH, but the client waits");
	switch (r.cmd) {
	case HOLD:
		s_hold(s, rcvid, &r);
		return;
	case SILENT:
		return;
	case DIE:
		reg_gone_all(getpid());
		if (one_in(2))
			kill(getpid(), SIGKILL);
		_exit(0);
	}
	if (r.cmd != RACE && !s_writes(s, rcvid, &r, scratch))
		return;
	s_finish(s, rcvid, &r, scratch);
}

/* One message or pulse: its rcvid, 0, or -errno */
static long s_recv(struct server *s, u8 *msg, u32 room, u64 *msglen, u64 *srclen)
{
	struct qnet_iov v[9];
	struct qnet_recv q = {};
	u32 mine = signals, all = atomic_load(&all_signals);
	long e;

	q.recv = q_cut(msg, room, v);
	if (one_in(2)) {
		q.flags = QNET_F_TIMEOUT;
		q.timeout_ns = rnd(200) * MS;
	}
	block_begin("RECV", q.flags ? GRACE : 3600 * SEC, q.flags ? -1 : s->reg,
		    atomic_load(&sh->chans[s->reg].gen), true);
	e = q_ioctl(s->fd, QNET_IOC_RECV, &q);
	block_end();
	if (e == -EINTR && !signalled(mine, all))
		fail("RECV: EINTR without a signal");
	if (e)
		return e;
	*msglen = q.info.msglen;
	*srclen = q.info.srcmsglen;
	return q.rcvid;
}

/* The same by recvmsg */
static long s_recvmsg(struct server *s, u8 *msg, u32 room, u64 *msglen,
		      u64 *srclen)
{
	struct qnet_cmsg_msg *c;
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(*c))];
	} u = {};
	struct iovec v = { msg, room };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
			    .msg_control = &u, .msg_controllen = sizeof(u) };
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	long n;

	block_begin("poll", GRACE, -1, 0, true);
	poll(&p, 1, 100);
	block_end();
	n = ret_of(recvmsg(s->fd, &m, MSG_DONTWAIT));
	if (n < 0)
		return n;
	if (u.h.cmsg_level != SOL_QNET || u.h.cmsg_type != QNET_CMSG_MSG) {
		fail("recvmsg: no control message");
		return -EAGAIN;
	}
	c = (struct qnet_cmsg_msg *)CMSG_DATA(&u.h);
	*msglen = c->info.msglen;
	*srclen = c->info.srcmsglen;
	if (c->rcvid && (u64)n != c->info.msglen)
		fail("recvmsg: %ld bytes, not %llu", n,
		     (unsigned long long)c->info.msglen);
	return c->rcvid;
}

static void *server_thread(void *arg)
{
	struct server *s = arg;
	u8 *msg = malloc(AREA), *scratch = malloc(AREA + 64);
	u64 msglen = 0, srclen = 0;
	u32 n;

	slot_get();
	rng = seed ^ mix(me->tid);
	memset(scratch, 0, AREA + 64);
	for (n = 0; !s->ops || n < s->ops; n++) {
		u32 room = one_in(3) ? sizeof(struct req) + rnd(4096) : AREA;
		long e = one_in(4) ?
			 s_recvmsg(s, msg, room, &msglen, &srclen) :
			 s_recv(s, msg, room, &msglen, &srclen);

		count(C_OPS);
		if (e > 0)
			s_serve(s, e, msg, msglen, srclen, scratch);
		if (e == -ESRCH) {
			if (!atomic_load(&s->ending))
				fail("RECV: ESRCH, the channel lives");
			break;
		}
		if (e < 0 && e != -EINTR && e != -ETIMEDOUT && e != -EAGAIN &&
		    e != -ENOMEM) {
			fail("RECV: %s", strerror(-e));
			break;
		}
	}
	free(msg);
	free(scratch);
	slot_put();
	return NULL;
}

static void server_main(void)
{
	static const u32 flags[] = { 0, QNET_CHF_DISCONNECT,
				     QNET_CHF_FIXED_PRIORITY,
				     QNET_CHF_COID_DISCONNECT |
				     QNET_CHF_DISCONNECT };
	struct server s = { .ops = one_in(2) ? 0 : 20 + rnd(300) };
	pthread_t t[4];
	int i, n = 1 + rnd(4), chid;

	s.fd = q_channel(flags[rnd(ARRAY_SIZE(flags))], &chid);
	if (s.fd < 0) {
		fail("no channel: %s", strerror(-s.fd));
		_exit(1);
	}
	s.reg = reg_add(chid);
	if (s.reg < 0)
		_exit(0);
	for (i = 0; i < n; i++)
		pthread_create(&t[i], NULL, server_thread, &s);
	if (s.ops) {
		pthread_join(t[0], NULL);
	} else {
		u64 end = now_ns() + (200 + rnd(4000)) * MS;

		while (!atomic_load(&sh->drain) && now_ns() < end)
			nap(20 * MS);
	}
	reg_gone(s.reg);
	atomic_store(&s.ending, 1);
	switch (rnd(3)) {
	case 0:			/* all of them leave by ESRCH */
		if (shutdown(s.fd, SHUT_RDWR))
			fail("shutdown: %s", strerror(errno));
		for (i = s.ops ? 1 : 0; i < n; i++)
			pthread_join(t[i], NULL);
		close(s.fd);
		break;
	case 1:
		kill(getpid(), SIGKILL);
		break;
	}
	_exit(0);
}

/* ------------------------------------------------------------ honest client */

/* What a server's errno is on a client's node.  Between nodes it travels as
 * QNX's number; above 34 these are all that QNX has.
 */
static int errno_at(s64 status, int node)
{
	static const u8 known[] = {
		EDEADLK, ECANCELED, EOPNOTSUPP, ETIME, EPROTO, EBADMSG,
		ENAMETOOLONG, EOVERFLOW, EILSEQ, ENOSYS, ELOOP, ENOTEMPTY,
		EINPROGRESS, EALREADY, ENOTSOCK, EDESTADDRREQ, EMSGSIZE,
		EPROTOTYPE, ENOPROTOOPT, EPROTONOSUPPORT, EADDRINUSE,
		EADDRNOTAVAIL, ENETDOWN, ENETUNREACH, ENETRESET, ECONNABORTED,
		ECONNRESET, ENOBUFS, EISCONN, ENOTCONN, ESHUTDOWN,
		ECONNREFUSED, EHOSTUNREACH,
	};
	u32 i;

	if (node == my_node || status <= 34)
		return status;
	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == status)
			return status;
	return EIO;
}

static bool may_host_err(int node)
{
	return node != my_node;
}

static void c_cancelled(const struct req *r, int node)
{
	atomic_store(S(cancelled, r->seq), r->seq);
	if (node == my_node && atomic_load(S(replied, r->seq)) == r->seq)
		fail("seq %llu: gave up, but a reply was accepted",
		     (unsigned long long)r->seq);
}

/* No timeout was asked for. */
#define NEVER	INT64_MAX

/* Has the error its reason?  @early: how much of the timeout was left.
 * Return: false: use another connection.
 */
static bool c_error(const struct req *r, int e, int idx, u32 gen, int node,
		    s64 early, bool caught)
{
	if (r->cmd == ERROR && e == errno_at(r->status, node)) {
		count(C_GOOD);
		return true;
	}
	switch (e) {
	case ESRCH:
	case EBADF:
		count(C_DEAD);
		if (!SOON(!reg_is(idx, gen)) && !(lossy && node != my_node))
			fail("CALL: %s, but the server lives (%s)", strerror(e),
			     node == my_node ? "here" : "there");
		return false;
	case EINTR:
		count(C_EINTR);
		c_cancelled(r, node);
		if (!caught)
			fail("CALL: EINTR without a signal, cmd %u", r->cmd);
		return true;
	case ETIMEDOUT:
		count(C_TIME);
		c_cancelled(r, node);
		/* A virtual machine's ticks may come in bunches. */
		if (early > (s64)(100 * MS))
			fail("CALL: ETIMEDOUT %lld ns before it was time, cmd %u",
			     (long long)early, r->cmd);
		return true;
	case EHOSTDOWN:
	case EHOSTUNREACH:
		count(C_HOST);
		if (!may_host_err(node) || !lossy)
			fail("CALL: %s (%s)", strerror(e),
			     node == my_node ? "here" : "there");
		return false;
	case ENOMEM:
	case EAGAIN:
	case ENOBUFS:
		count(C_NOMEM);
		if (e != ENOMEM && node == my_node)
			fail("CALL: %s on this node", strerror(e));
		return true;
	}
	fail("CALL: %s (%d), cmd %u, %s", strerror(e), e, r->cmd,
	     node == my_node ? "here" : "there");
	return false;
}

static u32 c_cmd(void)
{
	u32 x = rnd(100);

	return x < 62 ? ECHO : x < 70 ? ERROR : x < 76 ? HOLD : x < 79 ? SILENT :
	       x < 85 ? DOUBLE : x < 91 ? RESTART : x < 98 ? RACE : x == 98 ?
	       DIE : ECHO;
}

/* One call.  Return: false: use another connection. */
static bool c_call(int fd, int idx, u32 gen, int node, u8 *msg, u8 *area)
{
	struct qnet_iov v[9], w[9];
	struct qnet_call c = { .prio = one_in(2) ? QNET_PRIO_SELF :
			       (int)rnd(QNET_PRIO_MAX + 1) };
	u32 mine = signals, all = atomic_load(&all_signals);
	u64 start, spent;
	struct req r;
	long e;

	req_make(&r, msg, c_cmd());
	memset(area, UNTOUCHED, r.area);
	c.send = q_cut(msg, r.len, v);
	c.recv = q_cut(area, r.area, w);
	if (r.cmd == HOLD || r.cmd == SILENT || one_in(4)) {
		c.flags = QNET_F_TIMEOUT;
		c.timeout_ns = rnd(60) * MS + rnd(1000000);
		if (r.cmd == ECHO && one_in(2))
			c.timeout_ns = rnd(2000000);
	}
	count(C_CALLS);
	count(C_OPS);
	start = now_ns();
	block_begin("CALL", c.flags ? GRACE : 60 * SEC, c.flags ? -1 : idx, gen,
		    false);
	e = q_ioctl(fd, QNET_IOC_CALL, &c);
	block_end();
	spent = now_ns() - start;
	if (e) {
		bool go = c_error(&r, -e, idx, gen, node,
				  c.flags ? (s64)(c.timeout_ns - spent) : NEVER,
				  -e == EINTR && signalled(mine, all));

		atomic_store(S(ended, r.seq), r.seq);
		return go;
	}
	atomic_store(S(ended, r.seq), r.seq);
	count(C_GOOD);
	if (r.cmd == ERROR || r.cmd == HOLD || r.cmd == SILENT)
		fail("CALL: success, cmd %u", r.cmd);
	else
		reply_check(&r, area, c.rbytes, c.status);
	return true;
}

/* Calls with cookies: every one of them must end, once. */
#define FLY	8

static long a_send(int fd, const struct req *r, u8 *msg)
{
	struct qnet_cmsg_call *c;
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(*c))];
	} u = {};
	struct iovec v = { msg, r->len };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
			    .msg_control = &u, .msg_controllen = sizeof(u) };
	long e;

	u.h.cmsg_level = SOL_QNET;
	u.h.cmsg_type = QNET_CMSG_CALL;
	u.h.cmsg_len = CMSG_LEN(sizeof(*c));
	c = (struct qnet_cmsg_call *)CMSG_DATA(&u.h);
	c->cookie = r->seq;
	c->rlen = r->area;
	c->prio = QNET_PRIO_SELF;
	block_begin("sendmsg", GRACE, -1, 0, true);
	e = ret_of(sendmsg(fd, &m, one_in(2) ? MSG_DONTWAIT : 0));
	block_end();
	if (e >= 0 && e != r->len)
		fail("sendmsg of %u: %ld", r->len, e);
	return e;
}

static long a_recv(int fd, u8 *area, struct qnet_cmsg_done *d)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(*d))];
	} u = {};
	struct iovec v = { area, AREA };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
			    .msg_control = &u, .msg_controllen = sizeof(u) };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long n;

	memset(area, UNTOUCHED, AREA);
	block_begin("poll", GRACE, -1, 0, true);
	poll(&p, 1, 200);
	block_end();
	n = ret_of(recvmsg(fd, &m, MSG_DONTWAIT));
	if (n < 0)
		return n;
	if (u.h.cmsg_level != SOL_QNET || u.h.cmsg_type != QNET_CMSG_DONE) {
		fail("recvmsg: no result");
		return -EAGAIN;
	}
	memcpy(d, CMSG_DATA(&u.h), sizeof(*d));
	return n;
}

/* Return: false: use another connection. */
static bool a_done(struct req *fly, int idx, u32 gen, int node,
		   const struct qnet_cmsg_done *d, const u8 *area, long n,
		   bool caught)
{
	struct req *r = NULL;
	bool go = true;
	u32 rlen, i;

	for (i = 0; i < FLY; i++)
		if (fly[i].seq && fly[i].seq == d->cookie)
			r = &fly[i];
	if (!r) {
		fail("recvmsg: a result nobody waits for, cookie %llu",
		     (unsigned long long)d->cookie);
		return false;
	}
	count(C_ASYNC);
	rlen = r->rlen < r->area ? r->rlen : r->area;
	if (d->error) {
		go = c_error(r, d->error, idx, gen, node, NEVER, caught);
	} else if (d->status != r->status || n < (long)rlen ||
		   differs(area, REPLY_KEY(r->seq), 0, rlen) >= 0) {
		fail("seq %llu: asynchronous reply differs: status %lld/%lld, %ld of %u bytes",
		     (unsigned long long)r->seq, (long long)d->status,
		     (long long)r->status, n, rlen);
	} else {
		count(C_GOOD);
	}
	atomic_store(S(ended, r->seq), r->seq);
	r->seq = 0;
	return go;
}

static void c_async(int fd, int idx, u32 gen, int node, u8 *msg, u8 *area)
{
	struct req fly[FLY] = {};
	u32 mine = signals, all = atomic_load(&all_signals);
	u64 quiet = now_ns();
	int todo = 20, i, busy = 0;

	for (;;) {
		struct qnet_cmsg_done d;
		long n;

		for (i = 0; i < FLY && todo > 0; i++) {
			struct req *r = &fly[i];

			if (r->seq || one_in(3))
				continue;
			do
				req_make(r, msg, one_in(4) ? c_cmd() : ECHO);
			while (r->cmd == HOLD || r->cmd == SILENT ||
			       r->cmd == RESTART || r->cmd == RACE);
			n = a_send(fd, r, msg);
			todo--;
			count(C_OPS);
			if (n >= 0) {
				busy++;
				continue;
			}
			if (n == -EBADF)
				todo = 0;
			if (n != -EAGAIN && n != -EINTR)
				c_error(r, -n, idx, gen, node, NEVER, true);
			atomic_store(S(ended, r->seq), r->seq);
			r->seq = 0;
		}
		/* Let the close end some. */
		if (!busy || (todo <= 0 && one_in(20)))
			break;
		n = a_recv(fd, area, &d);
		if (n == -EAGAIN || n == -EINTR) {
			if (now_ns() - quiet < GRACE + 30 * SEC)
				continue;
			fail("%d asynchronous calls do not end, server %s (%s)",
			     busy, reg_is(idx, gen) ? "alive" : "gone",
			     node == my_node ? "here" : "there");
			break;
		}
		if (n < 0) {
			fail("recvmsg: %s, %d calls have not ended",
			     strerror(-n), busy);
			break;
		}
		quiet = now_ns();
		busy--;
		/* A sendmsg that is interrupted while the circuit opens fails
		 * all calls that wait for it.
		 */
		if (!a_done(fly, idx, gen, node, &d, area, n,
			    d.error == EINTR && signalled(mine, all)))
			todo = 0;
	}
	for (i = 0; i < FLY; i++)
		if (fly[i].seq)
			atomic_store(S(ended, fly[i].seq), fly[i].seq);
	close(fd);
}

static void *client_thread(void *arg)
{
	u8 *msg = malloc(AREA), *area = malloc(AREA);

	(void)arg;
	slot_get();
	rng = seed ^ mix(me->tid);
	while (!atomic_load(&sh->drain)) {
		struct chan_ent e;
		u32 gen, n;
		int idx, fd;

		if (!reg_pick(&idx, &gen, &e)) {
			nap(10 * MS);
			continue;
		}
		fd = q_connect(nd_to(e.node), e.pid, e.chid);
		if (fd < 0) {
			if (fd == -ESRCH && !SOON(!reg_is(idx, gen)))
				fail("connect: ESRCH, but the server lives");
			else if (fd != -ESRCH)
				fail("connect: %s", strerror(-fd));
			continue;
		}
		if (one_in(4)) {
			c_async(fd, idx, gen, e.node, msg, area);
			continue;
		}
		n = 1 + rnd(40);
		while (n-- && !atomic_load(&sh->drain) &&
		       c_call(fd, idx, gen, e.node, msg, area))
			;
		close(fd);
	}
	free(msg);
	free(area);
	slot_put();
	return NULL;
}

static void client_main(void)
{
	pthread_t t[4];
	int i, n = 1 + rnd(4);

	for (i = 0; i < n; i++)
		pthread_create(&t[i], NULL, client_thread, NULL);
	for (i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	_exit(0);
}

/* ------------------------------------------------------------------- chaos */

#define FDS	24
#define ARENA	(256 * 1024)

static struct chaos {
	atomic_int fds[FDS];
	atomic_int scoids[8];
	atomic_int rcvids[32];
	u8 *arena;		/* good memory; then a page that comes and goes */
	u8 *holes;
	pthread_t threads[4];
	atomic_int tids[4];
} *ch;

static u64 bad_ptr(void)
{
	switch (rnd(8)) {
	case 0: return 0;
	case 1: return rnd(4096);
	case 2: return 0xffff888000000000ULL + rnd(1 << 20);
	case 3: return 0x7ffffffff000ULL - rnd(64);
	case 4: return (uintptr_t)ch->holes + rnd(8 * 4096);
	case 5: return (uintptr_t)ch->arena + ARENA - rnd(100);
	case 6: return 0x8000000000000000ULL >> rnd(40);
	}
	return rnd64();
}

static u64 some_ptr(u32 len)
{
	if (one_in(10))
		return bad_ptr();
	return (uintptr_t)ch->arena + rnd(ARENA - (len < ARENA ? len : 0));
}

static u64 odd_u64(void)
{
	static const u64 edges[] = {
		0, 1, 2, 255, 256, 4096, 65535, 65536, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000ULL, 16 << 20, (16 << 20) + 1,
		(16 << 20) - 1, INT64_MAX, 0x8000000000000000ULL, UINT64_MAX,
		UINT64_MAX - 4095, INT64_MAX - 1,
	};

	if (one_in(3))
		return rnd64();
	return edges[rnd(ARRAY_SIZE(edges))] + (one_in(3) ? rnd(3) - 1 : 0);
}

static struct qnet_buf odd_buf(void)
{
	static __thread struct qnet_iov v[QNET_IOV_MAX + 2];
	struct qnet_buf b = {};
	u32 i, n;

	if (one_in(2)) {
		b.len = one_in(8) ? odd_u64() : some_len(one_in(6) ? ARENA : 9000);
		b.base = some_ptr(b.len);
	} else {
		n = one_in(6) ? QNET_IOV_MAX - 1 + rnd(3) : rnd(20);
		for (i = 0; i < n; i++) {
			v[i].len = one_in(60) ? odd_u64() : rnd(n > 50 ? 9 : 900);
			v[i].base = some_ptr(v[i].len);
		}
		b.iovcnt = one_in(20) ? (u32)rnd64() : n;
		b.base = one_in(20) ? bad_ptr() : (uintptr_t)v;
		b.len = one_in(20) ? odd_u64() : 0;
	}
	if (one_in(40))
		b.reserved = 1 << rnd(32);
	return b;
}

static u32 odd_nd(void)
{
	static const u32 edges[] = { 0, 1, 2, 3, 0xffff, 0x10000, 0x10001,
				     0xffff0001, 0xffffffff, 0xfffe };

	if (one_in(3))
		return 0;
	if (netns && one_in(2))
		return nd_of[!my_node];
	return one_in(4) ? (u32)rnd64() : edges[rnd(ARRAY_SIZE(edges))];
}

static int odd_prio(void)
{
	static const int edges[] = { -1, 0, 1, 10, 255, 256, -2, INT32_MIN,
				     INT32_MAX };

	return one_in(6) ? edges[rnd(ARRAY_SIZE(edges))] : (int)rnd(256);
}

static int odd_rcvid(void)
{
	int r = 0;

	switch (rnd(8)) {
	case 0: return -(int)rnd(5);
	case 1: return INT32_MAX - rnd(2);
	case 2: return (int)rnd64();
	case 3: return atomic_load(&sh->rcvids[rnd(64)]);
	default:
		while (!r && !one_in(10))
			r = atomic_load(&ch->rcvids[rnd(32)]);
		return r;
	}
}

static u32 odd_flags(void)
{
	return one_in(12) ? (u32)rnd64() : one_in(2) ? rnd(8) : 0;
}

static void odd_timeout(u32 *flags, __u64 *ns)
{
	if (one_in(12)) {
		*ns = odd_u64();
		return;		/* without, or with a wild one: signals end it */
	}
	*flags |= QNET_F_TIMEOUT;
	*ns = rnd(40) * MS;
}

static void flip(void *p, size_t n)
{
	if (one_in(25) && n)
		((u8 *)p)[rnd(n)] ^= 1 << rnd(8);
}

/* A pointer to give to the kernel: most often to the structure, which may be
 * a copy at the end of memory.
 */
static void *odd_arg(void *p, size_t n)
{
	if (one_in(40))
		return (void *)(uintptr_t)bad_ptr();
	if (one_in(20)) {
		u8 *end = ch->arena + ARENA - rnd(n + 1);

		memcpy(end, p, ch->arena + ARENA - end);
		return end;
	}
	return p;
}

static const short any_err[] = { -1 };

/* What each call may say besides what its socket and its pointers cause */
static const struct {
	unsigned long cmd;
	const char *name;
	short errs[16];
} ioctls[] = {
	{ QNET_IOC_CALL, "CALL", { -1 } },	/* servers may say anything */
	{ QNET_IOC_RECV, "RECV", { ESRCH, EINTR, ETIMEDOUT } },
	{ QNET_IOC_REPLY, "REPLY", { ESRCH, QNET_ESRVRFAULT, EINTR,
				     ETIMEDOUT } },
	{ QNET_IOC_REPLYRECV, "REPLYRECV", { ESRCH, QNET_ESRVRFAULT, EINTR,
					     ETIMEDOUT } },
	{ QNET_IOC_READ, "READ", { ESRCH, QNET_ESRVRFAULT, EINTR, EAGAIN,
				   ETIMEDOUT } },
	{ QNET_IOC_WRITE, "WRITE", { ESRCH, QNET_ESRVRFAULT, EINTR, EAGAIN,
				     ETIMEDOUT } },
	{ QNET_IOC_PULSE, "PULSE", { ESRCH, EPERM, EAGAIN } },
	{ QNET_IOC_EVENT, "EVENT", { ESRCH, EPERM, EAGAIN, QNET_ENOREMOTE,
				     EHOSTUNREACH } },
	{ QNET_IOC_SIGNAL, "SIGNAL", { ESRCH, EPERM, EAGAIN, QNET_ENOREMOTE,
				       EHOSTUNREACH, EHOSTDOWN, EINTR } },
	{ QNET_IOC_INFO, "INFO", { ESRCH } },
	{ QNET_IOC_CLIENTINFO, "CLIENTINFO", { 0 } },
	{ QNET_IOC_SERVERINFO, "SERVERINFO", { 0 } },
	{ QNET_IOC_SCOID_DETACH, "SCOID_DETACH", { 0 } },
	{ QNET_IOC_THREAD_DEATH, "THREAD_DEATH", { ESRCH, EAGAIN } },
	{ QNET_IOC_NODE_LOOKUP, "NODE_LOOKUP", { ENOENT, EHOSTUNREACH,
						 EHOSTDOWN, EINTR } },
	{ QNET_IOC_NODE_NAME, "NODE_NAME", { ENOENT } },
	{ QNET_IOC_NODE_REMOTE, "NODE_REMOTE", { ENOENT, EHOSTUNREACH, EHOSTDOWN,
						 EINTR } },
	{ QNET_IOC_NAME_ATTACH, "NAME_ATTACH", { EEXIST, ENOENT, ENOSPC, ESRCH } },
	{ QNET_IOC_NAME_DETACH, "NAME_DETACH", { EEXIST, ENOENT, ENOSPC, ESRCH } },
	{ QNET_IOC_NAME_LOOKUP, "NAME_LOOKUP", { ENOENT, EOPNOTSUPP, EHOSTUNREACH,
						 EHOSTDOWN, EINTR } },
};

/* What any call on any socket may say: not the kind it is for, another file
 * by now, a bad pointer, bad values, no memory.
 */
static const short common[] = { EBADF, EFAULT, EINVAL, EOVERFLOW, ENOMEM,
				EOPNOTSUPP, ENOTCONN, ENOTTY, ENOTSOCK };

static void errs_check(const char *what, long e, const short *errs, u32 n)
{
	u32 i;

	if (e >= 0) {
		count(C_CHAOS_OK);
		return;
	}
	count(C_CHAOS_ERR);
	e = -e;
	for (i = 0; i < ARRAY_SIZE(common); i++)
		if (e == common[i])
			return;
	for (i = 0; i < n && errs[i]; i++)
		if (e == errs[i] || errs[i] == -1)
			return;
	/* Its codes inside the kernel are for no user. */
	fail("%s: %s (%ld) is not in its list", what, strerror(e), e);
}

static void remember(int rcvid, int scoid)
{
	if (rcvid > 0) {
		atomic_store(&ch->rcvids[rnd(32)], rcvid);
		put_rcvid(rcvid);
		atomic_store(&ch->scoids[rnd(8)], scoid);
	}
}

static int odd_fd(void)
{
	int i, fd = -1;

	for (i = 0; i < 5 && fd < 0; i++)
		fd = atomic_load(&ch->fds[rnd(FDS)]);
	return fd;
}

static void fd_store(int fd)
{
	int old;

	if (fd < 0)
		return;
	old = atomic_exchange(&ch->fds[rnd(FDS)], fd);
	if (old >= 0)
		close(old);
}

static void odd_name(char *p, size_t n)
{
	static const char * const names[] = { "a", "b", "dev/x", "/x", "", "n1",
					      "n2", "n2.lab", "x/y/z", "nope" };

	memset(p, 0, n);
	if (one_in(15))
		memset(p, 'x', n - rnd(2));
	else
		strncpy(p, names[rnd(ARRAY_SIZE(names))], n - 1);
}

union any_arg {
	struct qnet_call call;
	struct qnet_recv recv;
	struct qnet_reply reply;
	struct qnet_replyrecv rr;
	struct qnet_xfer xfer;
	struct qnet_pulse_send pulse;
	struct qnet_event event;
	struct qnet_signal signal;
	struct qnet_info info;
	struct qnet_client_info client;
	struct qnet_server_info server;
	struct qnet_node_req node;
	struct qnet_name_req name;
	int scoid;
	u8 bytes[1024];
};

/* Each fills in what is odd about its commands. */
static void odd_transfer(union any_arg *u, unsigned long cmd)
{
	switch (cmd) {
	case QNET_IOC_CALL:
		u->call.send = odd_buf();
		u->call.recv = odd_buf();
		u->call.prio = odd_prio();
		odd_timeout(&u->call.flags, &u->call.timeout_ns);
		if (one_in(3))
			u->call.flags |= rnd(8) * QNET_F_TIMEOUT_SEND;
		break;
	case QNET_IOC_REPLYRECV:
	case QNET_IOC_REPLY:
		u->reply.rcvid = odd_rcvid();
		u->reply.flags = one_in(3) ? QNET_F_ERROR : 0;
		u->reply.status = one_in(4) ? (s64)odd_u64() :
				  (s64)rnd(700) - 1;
		u->reply.send = odd_buf();
		if (cmd == QNET_IOC_REPLY)
			break;
		u->rr.recv.recv = odd_buf();
		u->rr.recv.flags = odd_flags();
		odd_timeout(&u->rr.recv.flags, &u->rr.recv.timeout_ns);
		break;
	case QNET_IOC_RECV:
		u->recv.recv = odd_buf();
		u->recv.flags = odd_flags() & ~1U;
		odd_timeout(&u->recv.flags, &u->recv.timeout_ns);
		break;
	case QNET_IOC_READ:
	case QNET_IOC_WRITE:
		u->xfer.rcvid = odd_rcvid();
		u->xfer.offset = one_in(2) ? rnd(10000) : odd_u64();
		u->xfer.buf = odd_buf();
		if (one_in(3))
			odd_timeout(&u->xfer.flags, &u->xfer.timeout_ns);
		break;
	}
}

static void odd_notice(union any_arg *u, unsigned long cmd)
{
	switch (cmd) {
	case QNET_IOC_PULSE:
		u->pulse.prio = odd_prio();
		u->pulse.code = one_in(6) ? (int)odd_u64() :
				(int)rnd(256) - 128;
		u->pulse.value = rnd64();
		break;
	case QNET_IOC_EVENT:
		u->event.rcvid = odd_rcvid();
		u->event.kind = one_in(2) ? QNET_EV_PULSE : rnd(6);
		u->event.id = one_in(4) ? (int)odd_u64() : (int)rnd(64);
		u->event.prio = odd_prio();
		u->event.code = one_in(6) ? (int)odd_u64() : (int)rnd(128);
		u->event.flags = one_in(4) ? QNET_F_VERIFY : 0;
		u->event.value = rnd64();
		break;
	case QNET_IOC_SIGNAL:
		u->signal.nd = odd_nd();
		u->signal.pid = one_in(4) ? (int)odd_u64() :
				getpid() + (int)rnd(8) - 4;
		u->signal.tid = one_in(3) ? (int)rnd(3) : 0;
		u->signal.code = (int)rnd(256) - 128;
		break;
	}
}

static void odd_question(union any_arg *u, unsigned long cmd)
{
	switch (cmd) {
	case QNET_IOC_INFO:
		u->info.rcvid = odd_rcvid();
		break;
	case QNET_IOC_CLIENTINFO:
		u->client.scoid = one_in(6) ? (int)odd_u64() :
				  atomic_load(&ch->scoids[rnd(8)]);
		u->client.ngroups = rnd(100);
		u->client.groups = some_ptr(400);
		break;
	case QNET_IOC_SCOID_DETACH:
		u->scoid = one_in(6) ? (int)odd_u64() :
			   atomic_load(&ch->scoids[rnd(8)]);
		break;
	case QNET_IOC_NODE_LOOKUP:
	case QNET_IOC_NODE_NAME:
	case QNET_IOC_NODE_REMOTE:
		u->node.nd = odd_nd();
		u->node.of = cmd == QNET_IOC_NODE_REMOTE || one_in(8) ?
			     odd_nd() : 0;
		odd_name(u->node.name, sizeof(u->node.name));
		break;
	case QNET_IOC_NAME_ATTACH:
	case QNET_IOC_NAME_DETACH:
	case QNET_IOC_NAME_LOOKUP:
		u->name.nd = cmd == QNET_IOC_NAME_LOOKUP ? odd_nd() : 0;
		odd_name(u->name.name, sizeof(u->name.name));
		break;
	}
}

/* Only signals that we handle or ignore: the rest may end us. */
static void harmless(union any_arg *u, unsigned long cmd)
{
	if (cmd == QNET_IOC_EVENT && u->event.kind >= QNET_EV_SIGNAL &&
	    u->event.kind <= QNET_EV_SIGNAL_THREAD)
		u->event.id = one_in(2) ? SIGUSR1 : SIGPIPE;
	if (cmd == QNET_IOC_SIGNAL)
		u->signal.signo = one_in(2) ? SIGUSR1 : 0;
}

static void chaos_ioctl(void)
{
	/* Receiving and answering is what keeps chaos going. */
	u32 k = one_in(3) ? rnd(4) : rnd(ARRAY_SIZE(ioctls));
	unsigned long cmd = ioctls[k].cmd;
	size_t size = _IOC_SIZE(cmd);
	union any_arg u = {};
	int fd = odd_fd();
	void *arg;
	long e;

	odd_transfer(&u, cmd);
	odd_notice(&u, cmd);
	odd_question(&u, cmd);
	flip(&u, size);
	harmless(&u, cmd);
	arg = odd_arg(&u, size);
	block_begin(ioctls[k].name, 3600 * SEC, -1, 0, true);
	e = q_ioctl(fd, cmd, arg);
	block_end();
	errs_check(ioctls[k].name, e, ioctls[k].errs, ARRAY_SIZE(ioctls[k].errs));
	if (!e && arg == &u && cmd == QNET_IOC_RECV)
		remember(u.recv.rcvid, u.recv.info.scoid);
	if (!e && arg == &u && cmd == QNET_IOC_REPLYRECV)
		remember(u.rr.recv.rcvid, u.rr.recv.info.scoid);
}

static void chaos_msg(bool send)
{
	static const short errs[] = { ESRCH, EINTR, EAGAIN, QNET_ESRVRFAULT,
				      EMSGSIZE, EDESTADDRREQ, EISCONN,
				      EPERM,
				      EHOSTUNREACH, EHOSTDOWN, ENOBUFS };
	struct {
		struct cmsghdr h;
		u8 data[256];
	} c __attribute__((aligned(16))) = {};
	union {
		struct qnet_cmsg_call call;
		struct qnet_cmsg_reply reply;
		u8 bytes[64];
	} u = {};
	struct iovec v[20];
	struct msghdr m = { .msg_iov = v, .msg_iovlen = rnd(20),
			    .msg_control = &c, .msg_controllen = sizeof(c) };
	size_t n;
	u32 i;
	int flags = one_in(20) ? (int)rnd64() :
		    one_in(8) ? 0 : MSG_DONTWAIT;
	long e;

	for (i = 0; i < m.msg_iovlen; i++) {
		v[i].iov_len = one_in(60) ? odd_u64() : rnd(3000);
		v[i].iov_base = (void *)(uintptr_t)some_ptr(v[i].iov_len);
	}
	if (send) {
		bool call = one_in(2);

		n = call ? sizeof(u.call) : sizeof(u.reply);
		if (call) {
			u.call.cookie = rnd64();
			u.call.rlen = one_in(3) ? odd_u64() : rnd(9000);
			u.call.prio = odd_prio();
		} else {
			u.reply.rcvid = odd_rcvid();
			u.reply.flags = one_in(3) ? QNET_F_ERROR : 0;
			u.reply.status = rnd(600);
		}
		flip(&u, n);
		c.h.cmsg_level = SOL_QNET;
		c.h.cmsg_type = call ? QNET_CMSG_CALL : QNET_CMSG_REPLY;
		c.h.cmsg_len = CMSG_LEN(n);
		memcpy(CMSG_DATA(&c.h), &u, n);
		m.msg_controllen = CMSG_SPACE(n);
		flip(&c, sizeof(c.h));
		if (one_in(4))
			m.msg_controllen = 0;
		if (one_in(20)) {
			m.msg_name = ch->arena;
			m.msg_namelen = rnd(130);
		}
	} else if (one_in(6)) {
		m.msg_controllen = rnd(64);
	}
	block_begin(send ? "sendmsg" : "recvmsg", 3600 * SEC, -1, 0, true);
	e = ret_of(send ? sendmsg(odd_fd(), &m, flags) :
		   recvmsg(odd_fd(), &m, flags));
	block_end();
	if (send)
		errs_check("sendmsg", e, errs, ARRAY_SIZE(errs));
	else
		errs_check("recvmsg", e, any_err, 1);
	if (!send && e >= 0 && m.msg_controllen >= CMSG_LEN(sizeof(struct qnet_cmsg_msg)) &&
	    c.h.cmsg_type == QNET_CMSG_MSG) {
		struct qnet_cmsg_msg q;

		memcpy(&q, CMSG_DATA(&c.h), sizeof(q));
		remember(q.rcvid, q.info.scoid);
	}
}

static void chaos_bind(int fd)
{
	static const short errs[] = { EPERM, EADDRINUSE, EADDRNOTAVAIL, EAGAIN,
				      EAFNOSUPPORT };
	struct sockaddr_qnet a = q_addr(one_in(10) ? odd_nd() : 0,
					one_in(8) ? (int)odd_u64() : 0,
					one_in(3) ? (int)odd_u64() : (int)rnd(6),
					one_in(4) ? rnd(0x200) :
					(rnd(0x100) & QNET_CHF_ALL));
	socklen_t len = one_in(15) ? rnd(130) : sizeof(a);
	long e;

	flip(&a, 2);
	e = ret_of(bind(fd, odd_arg(&a, sizeof(a)), len));
	errs_check("bind", e, errs, ARRAY_SIZE(errs));
	if (e)
		return;
	len = sizeof(a);
	if (!getsockname(fd, (struct sockaddr *)&a, &len)) {
		int k = rnd(32) + 32 * my_node;

		atomic_store(&sh->chaos_chans[k][0], a.sqn_pid);
		atomic_store(&sh->chaos_chans[k][1], a.sqn_chid);
	}
}

static void chaos_connect(int fd)
{
	static const short errs[] = { EISCONN, ESRCH, EHOSTUNREACH,
				      EAFNOSUPPORT };
	struct sockaddr_qnet a = q_addr(odd_nd(), (int)rnd(40000), 1 + rnd(4), 0);
	socklen_t len = one_in(15) ? rnd(130) : sizeof(a);
	struct chan_ent e;
	u32 gen;
	int idx;

	if (one_in(4)) {
		a.sqn_pid = 0;
		a.sqn_nd = 0;
	} else if (one_in(3) && reg_pick(&idx, &gen, &e)) {
		a = q_addr(nd_to(e.node), e.pid, e.chid, 0);
	} else if (!one_in(6)) {
		int node = netns ? rnd(2) : 0, k = rnd(32) + 32 * node;

		a = q_addr(nd_to(node), atomic_load(&sh->chaos_chans[k][0]),
			   atomic_load(&sh->chaos_chans[k][1]), 0);
	}
	if (one_in(20))
		flip(&a, sizeof(a));
	errs_check("connect", ret_of(connect(fd, odd_arg(&a, sizeof(a)), len)),
		   errs, ARRAY_SIZE(errs));
}

/* The child has the sockets, but they are not its own. */
static void chaos_fork(void)
{
	bool linger = one_in(4);
	pid_t pid;

	count(C_FORKS);
	pid = fork();
	if (pid < 0)
		return;
	if (!pid) {
		struct qnet_recv q = { .flags = QNET_F_TIMEOUT };
		struct qnet_pulse_send p = { .prio = 1 };
		int i;

		me = NULL;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (i = 0; i < FDS; i++) {
			int fd = atomic_load(&ch->fds[i]);
			long e;

			if (fd < 0)
				continue;
			e = q_ioctl(fd, QNET_IOC_RECV, &q);
			if (e != -EBADF && e != -EOPNOTSUPP && e != -ENOTSOCK &&
			    e != -ENOTTY)
				fail("RECV in a child: %ld", e);
			e = q_ioctl(fd, QNET_IOC_PULSE, &p);
			if (e != -EBADF && e != -ENOTCONN && e != -ENOTSOCK &&
			    e != -ENOTTY)
				fail("PULSE in a child: %ld", e);
			if (one_in(2))
				close(fd);
		}
		if (linger)
			nap(rnd(100) * MS);
		if (one_in(2))
			kill(getpid(), SIGKILL);
		_exit(0);
	}
	if (one_in(3))
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Into a socket pair: and out again, or lost with it */
static void chaos_pass(void)
{
	struct {
		struct cmsghdr h;
		int fd;
	} c = { { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS }, odd_fd() };
	char byte = 0;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
			    .msg_control = &c, .msg_controllen = sizeof(c) };
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv))
		return;
	if (sendmsg(sv[0], &m, 0) == 1 && one_in(2) &&
	    recvmsg(sv[1], &m, MSG_DONTWAIT) == 1 &&
	    m.msg_controllen >= sizeof(c.h))
		fd_store(c.fd);
	close(sv[0]);
	close(sv[1]);
}

static void chaos_other(void)
{
	struct pollfd p[3];
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	char buf[128];
	socklen_t len = one_in(2) ? sizeof(int) : rnd(128);
	int i, fd = odd_fd(), ep, val = one_in(2) ? (int)rnd64() : (int)rnd(100);
	struct timeval tv = { 0, 1 + rnd(50000) };

	switch (rnd(14)) {
	case 0:
		for (i = 0; i < 3; i++)
			p[i] = (struct pollfd) { odd_fd(), rnd64(), 0 };
		block_begin("poll", GRACE, -1, 0, true);
		poll(p, 3, rnd(20));
		block_end();
		break;
	case 1:
		ep = epoll_create1(0);
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
		epoll_ctl(ep, EPOLL_CTL_ADD, odd_fd(), &ev);
		epoll_wait(ep, &ev, 1, rnd(10));
		if (one_in(2))
			fd_store(ep);
		else
			close(ep);
		break;
	case 2:
		setsockopt(fd, SOL_QNET, one_in(4) ? (int)rnd(4) : QNET_COID,
			   one_in(8) ? (void *)(uintptr_t)bad_ptr() : &val, len);
		break;
	case 3:
		getsockopt(fd, one_in(2) ? SOL_QNET : SOL_SOCKET, rnd(60),
			   one_in(8) ? (void *)(uintptr_t)bad_ptr() : buf, &len);
		break;
	case 4:
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO + rnd(2), &tv, sizeof(tv));
		break;
	case 5:
		setsockopt(fd, SOL_SOCKET, rnd(60), &val, sizeof(val));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
		break;
	case 6:
		getsockname(fd, (struct sockaddr *)buf, &len);
		break;
	case 7:
		getpeername(fd, (struct sockaddr *)buf, &len);
		break;
	case 8:
		block_begin("read", 3600 * SEC, -1, 0, true);
		if (one_in(2) ? read(fd, buf, rnd(sizeof(buf))) < 0 :
		    write(fd, buf, rnd(sizeof(buf))) < 0)
			errno = 0;
		block_end();
		break;
	case 9:
		listen(fd, 1);
		fd_store(accept4(fd, NULL, NULL, SOCK_NONBLOCK));
		break;
	case 10:
		ioctl(fd, one_in(2) ? 0x8910 + rnd(32) : rnd64(), buf);
		break;
	case 11:
		fcntl(fd, F_SETFL, one_in(2) ? O_NONBLOCK : 0);
		break;
	case 12:
		block_begin("sendfile", 3600 * SEC, -1, 0, true);
		if (splice(fd, NULL, odd_fd(), NULL, 100, SPLICE_F_NONBLOCK) < 0)
			errno = 0;
		block_end();
		break;
	case 13:
		mprotect(ch->holes, 8 * 4096, one_in(2) ? PROT_NONE :
			 one_in(2) ? PROT_READ : PROT_READ | PROT_WRITE);
		madvise(ch->holes, 8 * 4096, MADV_DONTNEED);
		break;
	}
}

static void chaos_op(void)
{
	u32 x = rnd(100);
	int fd;

	if (inject && fail_fd >= 0 && one_in(2)) {
		char text[8];
		int n = snprintf(text, sizeof(text), "%u", 1 + rnd(12));

		if (pwrite(fail_fd, text, n, 0) < 0)
			errno = 0;
	}
	if (x < 52) {
		chaos_ioctl();
	} else if (x < 60) {
		chaos_msg(true);
	} else if (x < 66) {
		chaos_msg(false);
	} else if (x < 77) {
		fd = ret_of(socket(family, one_in(20) ? (int)rnd(12) :
				   SOCK_SEQPACKET | (one_in(8) ? SOCK_NONBLOCK : 0),
				   one_in(20) ? (int)rnd64() : 0));
		if (fd >= 0 && one_in(2))
			chaos_bind(fd);
		else if (fd >= 0)
			chaos_connect(fd);
		fd_store(fd);
	} else if (x < 79) {
		chaos_bind(odd_fd());
	} else if (x < 82) {
		chaos_connect(odd_fd());
	} else if (x < 85) {
		fd = atomic_exchange(&ch->fds[rnd(FDS)], -1);
		if (fd >= 0)
			close(fd);
	} else if (x < 87) {
		fd_store(dup(odd_fd()));
	} else if (x < 88) {
		shutdown(odd_fd(), one_in(5) ? (int)rnd(3) : SHUT_RDWR);
	} else if (x < 89) {
		chaos_fork();
	} else if (x < 90) {
		chaos_pass();
	} else if (x < 92) {
		syscall(SYS_tgkill, getpid(), atomic_load(&ch->tids[rnd(4)]),
			SIGUSR1);
	} else {
		chaos_other();
	}
	if (fail_fd >= 0 && inject && pwrite(fail_fd, "0", 1, 0) < 0)
		errno = 0;
}

static void *chaos_thread(void *arg)
{
	int k = (intptr_t)arg;

	slot_get();
	rng = seed ^ mix(me->tid);
	atomic_store(&ch->tids[k], me->tid);
	if (inject)
		fail_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	while (!atomic_load(&sh->stop)) {
		chaos_op();
		count(C_OPS);
		/* Leave the processors to the honest now and then. */
		if (one_in(30))
			nap(rnd(8) * MS);
	}
	if (fail_fd >= 0)
		close(fail_fd);
	slot_put();
	return NULL;
}

static void chaos_main(void)
{
	u64 end = now_ns() + (500 + rnd(5000)) * MS;
	int i, n = 1 + rnd(4);

	ch = calloc(1, sizeof(*ch));
	ch->arena = mmap(NULL, ARENA + 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ch->holes = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ch->arena == MAP_FAILED || ch->holes == MAP_FAILED)
		_exit(1);
	mprotect(ch->arena + ARENA, 4096, PROT_NONE);
	for (i = 0; i < FDS; i++)
		atomic_store(&ch->fds[i], -1);
	for (i = 0; i < 4; i++)
		atomic_store(&ch->tids[i], getpid());
	if (one_in(4) && !inject && (setgid(65534) || setuid(65534)))
		_exit(1);
	for (i = 0; i < n; i++)
		pthread_create(&ch->threads[i], NULL, chaos_thread,
			       (void *)(intptr_t)i);
	while (!atomic_load(&sh->stop) && now_ns() < end)
		nap(20 * MS);
	/* With all its sockets, calls and messages as they are */
	if (one_in(2))
		kill(getpid(), SIGKILL);
	_exit(0);
}

/* -------------------------------------------------------------- supervisor */

static struct proc {
	pid_t pid;
	enum role role;
	bool killed;
} procs[PROCS];
static int nprocs = 10;
static u64 started;

static int enter_netns(const char *name)
{
	char path[128];
	int fd, r;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	r = setns(fd, CLONE_NEWNET);
	close(fd);
	return r;
}

static void start(struct proc *p, enum role role)
{
	u64 s = mix(seed ^ mix(started++));
	pid_t parent = getpid();

	p->role = role;
	p->killed = false;
	p->pid = fork();
	if (p->pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	self_pid = getpid();
	seed = s;
	rng = s;
	if (netns && one_in(2)) {
		if (enter_netns(netns))
			_exit(1);
		my_node = 1;
	}
	if (role == SERVER)
		server_main();
	else if (role == CLIENT)
		client_main();
	else
		chaos_main();
	_exit(0);
}

static void show_stack(const struct slot *s)
{
	char path[64], buf[2048];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stack",
		 atomic_load(&s->pid), s->tid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	n = read(fd, buf, sizeof(buf));
	if (n > 0 && write(1, buf, n) < 0)
		n = 0;
	close(fd);
}

/* A call that should have ended long ago */
static void watch(void)
{
	u64 now = now_ns();
	int i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &sh->slots[i];
		u64 since = atomic_load(&s->since);
		int pid = atomic_load(&s->pid);
		bool late;

		if (pid <= 0 || !since || s->told || since > now)
			continue;
		if (s->kick && now - since > KICK)
			syscall(SYS_tgkill, pid, s->tid, SIGUSR1);
		late = now > s->limit || (s->kick && now - since > GRACE);
		if (s->chan >= 0) {
			struct chan_ent *e = &sh->chans[s->chan];

			late |= atomic_load(&e->gen) != s->gen &&
				now > atomic_load(&e->gone) + GRACE;
		}
		if (!late || atomic_load(&s->since) != since)
			continue;
		s->told = true;
		fail("%s of %d/%d has been waiting for %llu ms%s", s->what, pid,
		     s->tid, (unsigned long long)((now - since) / MS),
		     s->kick ? ", signals do not end it" : "");
		show_stack(s);
	}
}

static void forget(int pid)
{
	int i;

	reg_free_all(pid);
	for (i = 0; i < SLOTS; i++) {
		int was = pid;

		atomic_store(&sh->slots[i].since,
			     atomic_load(&sh->slots[i].pid) == pid ? 0 :
			     atomic_load(&sh->slots[i].since));
		atomic_compare_exchange_strong(&sh->slots[i].pid, &was, 0);
	}
}

static void reap(bool again)
{
	pid_t pid;
	int status, i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < nprocs; i++) {
			struct proc *p = &procs[i];

			if (p->pid != pid)
				continue;
			if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL &&
			    p->role != CHAOS)
				fail("a process died by signal %d",
				     WTERMSIG(status));
			p->pid = 0;
			forget(pid);
			if (again)
				start(p, p->role);
		}
	}
}

static void disturb(void)
{
	struct proc *p = &procs[rnd(nprocs)];

	if (!p->pid)
		return;
	if (!one_in(8)) {
		kill(p->pid, SIGUSR1);
		return;
	}
	count(C_KILLS);
	reg_gone_all(p->pid);
	kill(p->pid, SIGKILL);
}

static bool any_left(int role)
{
	int i;

	for (i = 0; i < nprocs; i++)
		if (procs[i].pid && (role < 0 || (int)procs[i].role == role))
			return true;
	return false;
}

static void end_role(int role)
{
	u64 end = now_ns() + GRACE + 5 * SEC;
	int i;

	while (any_left(role) && now_ns() < end) {
		watch();
		reap(false);
		nap(20 * MS);
	}
	for (i = 0; i < nprocs; i++) {
		if (!procs[i].pid || (int)procs[i].role != role)
			continue;
		fail("process %d (role %d) does not end", procs[i].pid, role);
		kill(procs[i].pid, SIGKILL);
	}
}

static void supervise(u64 ops, u64 seconds)
{
	u64 end = now_ns() + seconds * SEC;
	int i;

	for (i = 0; i < nprocs; i++)
		start(&procs[i], i % 5 < 2 ? SERVER : i % 5 < 4 ? CLIENT : CHAOS);
	while (now_ns() < end && atomic_load(&sh->counts[C_OPS]) < ops &&
	       atomic_load(&sh->failures) < 10) {
		nap(10 * MS);
		watch();
		reap(true);
		if (one_in(6))
			disturb();
	}
	/* Servers go first: nobody may be left waiting for them. */
	atomic_store(&sh->drain, 1);
	for (i = 0; i < nprocs; i++) {
		if (procs[i].pid && procs[i].role == SERVER && one_in(2)) {
			reg_gone_all(procs[i].pid);
			kill(procs[i].pid, SIGKILL);
		}
	}
	nap(300 * MS);
	for (i = 0; i < nprocs; i++) {
		if (procs[i].pid && procs[i].role == SERVER) {
			reg_gone_all(procs[i].pid);
			kill(procs[i].pid, SIGKILL);
		}
	}
	end_role(SERVER);
	end_role(CLIENT);
	atomic_store(&sh->stop, 1);
	end_role(CHAOS);
	end = now_ns() + GRACE;
	while (any_left(-1) && now_ns() < end) {
		reap(false);
		nap(10 * MS);
	}
	if (any_left(-1))
		fail("a process survives SIGKILL");
}

/* ------------------------------------------------- what must be as it was */

static long slab_objects(void)
{
	char line[512], name[64];
	long active, got = -1;
	FILE *f;
	int fd;

	/* Empties what processors and KASAN keep for themselves. */
	fd = open("/sys/kernel/slab/qnet_msg/shrink", O_WRONLY);
	if (fd >= 0) {
		if (write(fd, "1", 1) < 0)
			got = -1;
		close(fd);
	}
	f = fopen("/proc/slabinfo", "r");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %ld", name, &active) == 2 &&
		    !strcmp(name, "qnet_msg"))
			got = active;
	fclose(f);
	return got;
}

static void check_leftovers(void)
{
	u64 end = now_ns() + 15 * SEC;
	char buf[4096];
	long n;
	int fd;

	while ((n = slab_objects()) > 0 && now_ns() < end)
		nap(200 * MS);
	if (n > 0)
		fail("%ld messages are left in the kernel", n);
	else if (n < 0)
		printf("# no qnet_msg in /proc/slabinfo\n");
	fd = open("/proc/net/qnet/stats", O_RDONLY);
	if (fd < 0 || read(fd, buf, sizeof(buf)) <= 0)
		fail("/proc/net/qnet/stats cannot be read");
	close(fd);
}

/* --------------------------------------------------------------- scenarios */

/* Joins a thread, or tells that it does not end. */
static bool joined(pthread_t t, const char *what, u64 ns)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ns += ts.tv_nsec;
	ts.tv_sec += ns / SEC;
	ts.tv_nsec = ns % SEC;
	if (!pthread_timedjoin_np(t, NULL, &ts))
		return true;
	fail("%s: still waiting", what);
	return false;
}

static struct {
	int fd, other;
	atomic_long result;
	atomic_int round;
} sc;

static void *sc_send(void *arg)
{
	(void)arg;
	atomic_store(&sc.result, ret_of(send(sc.fd, "x", 1, 0)));
	return NULL;
}

/* A sender that waits for room on a connection leaves when that dies. */
static void scen_full(void)
{
	int chid, n = 0, ch_fd = q_channel(0, &chid);
	pthread_t t;

	sc.fd = q_connect(0, 0, chid);
	while (send(sc.fd, "x", 1, MSG_DONTWAIT) == 1)
		n++;
	if (errno != EAGAIN)
		fail("a full connection: %s after %d", strerror(errno), n);
	pthread_create(&t, NULL, sc_send, NULL);
	nap(300 * MS);
	close(ch_fd);
	if (joined(t, "sendmsg on a connection whose channel is gone", 5 * SEC) &&
	    atomic_load(&sc.result) != -EBADF && atomic_load(&sc.result) != -ESRCH)
		fail("it said %ld", atomic_load(&sc.result));
}

/* The same, ended by its own side. */
static void scen_full_shutdown(void)
{
	int chid, ch_fd = q_channel(0, &chid);
	pthread_t t;

	(void)ch_fd;
	sc.fd = q_connect(0, 0, chid);
	while (send(sc.fd, "x", 1, MSG_DONTWAIT) == 1)
		;
	pthread_create(&t, NULL, sc_send, NULL);
	nap(300 * MS);
	shutdown(sc.fd, SHUT_RDWR);
	joined(t, "sendmsg on a connection that is shut down", 5 * SEC);
}

static void *sc_call(void *arg)
{
	u8 *area = arg;
	struct qnet_call c = { .prio = 10, .send = q_buf("x", 1),
			       .recv = q_buf(area, AREA) };

	while (!atomic_load(&sh->stop)) {
		long e = q_ioctl(sc.fd, QNET_IOC_CALL, &c);

		if (e == -EBADF || e == -ESRCH)
			break;
	}
	return NULL;
}

static void *sc_writer(void *arg)
{
	u8 *data = arg;
	int seen = 0;

	while (!atomic_load(&sh->stop)) {
		int rcvid = atomic_load(&sc.round);
		struct qnet_xfer x = { .rcvid = rcvid, .buf = q_buf(data, 100) };

		if (rcvid == seen)
			continue;
		while (!q_ioctl(sc.other, QNET_IOC_WRITE, &x))
			;
		seen = rcvid;
	}
	return NULL;
}

/* A MsgWrite by one thread and the reply by another: both return. */
static void scen_write_reply(void)
{
	u8 *area = malloc(AREA), *data = malloc(AREA);
	int chid, ch_fd = q_channel(0, &chid), i;
	u64 end = now_ns() + 3 * SEC;
	pthread_t client, writer;

	sc.other = ch_fd;
	sc.fd = q_connect(0, 0, chid);
	pthread_create(&client, NULL, sc_call, area);
	pthread_create(&writer, NULL, sc_writer, data);
	for (i = 0; now_ns() < end; i++) {
		struct qnet_recv q = { .recv = q_buf(data, AREA) };
		struct qnet_reply r = {};
		volatile int spin = rnd(20000);

		if (q_ioctl(ch_fd, QNET_IOC_RECV, &q))
			break;
		atomic_store(&sc.round, q.rcvid);
		while (spin-- > 0)
			;
		r.rcvid = q.rcvid;
		if (q_ioctl(ch_fd, QNET_IOC_REPLY, &r))
			fail("REPLY: %s", strerror(errno));
	}
	atomic_store(&sh->stop, 1);
	shutdown(ch_fd, SHUT_RDWR);
	printf("# %d rounds\n", i);
	joined(client, "CALL", 5 * SEC);
	joined(writer, "WRITE beside a REPLY", 5 * SEC);
}

static void *sc_call_once(void *arg)
{
	struct qnet_call c = { .prio = 10, .send = q_buf("x", 1) };

	(void)arg;
	atomic_store(&sc.round, 1);
	atomic_store(&sc.result, q_ioctl(sc.fd, QNET_IOC_CALL, &c));
	return NULL;
}

/* A call and the end of its connection at the same moment */
static void scen_shutdown_call(void)
{
	int chid, ch_fd = q_channel(0, &chid), i;
	u64 end = now_ns() + 3 * SEC;

	(void)ch_fd;
	for (i = 0; now_ns() < end; i++) {
		volatile int spin = rnd(3000);
		pthread_t t;

		sc.fd = q_connect(0, 0, chid);
		atomic_store(&sc.round, 0);
		pthread_create(&t, NULL, sc_call_once, NULL);
		while (!atomic_load(&sc.round))
			;
		while (spin-- > 0)
			;
		shutdown(sc.fd, SHUT_RDWR);
		if (!joined(t, "CALL on a connection that is shut down",
			    5 * SEC))
			break;
		if (atomic_load(&sc.result) != -EBADF)
			fail("it said %ld", atomic_load(&sc.result));
		close(sc.fd);
	}
	printf("# %d rounds\n", i);
}

static void *sc_sender(void *arg)
{
	struct sched_param none = {};

	(void)arg;
	/* Whoever it wakes runs at once, in the midst of its sendmsg. */
	sched_setscheduler(0, SCHED_IDLE, &none);
	while (!atomic_load(&sh->stop))
		if (send(sc.fd, "x", 1, 0) < 0 && errno != EAGAIN)
			break;
	return NULL;
}

static void *sc_receiver(void *arg)
{
	char byte;

	(void)arg;
	while (!atomic_load(&sh->stop))
		if (recv(sc.fd, &byte, 1, 0) < 0 && errno != EAGAIN)
			break;
	return NULL;
}

/* A result may be taken before its sendmsg has returned. */
static void scen_send_recv(void)
{
	int chid, ch_fd = q_channel(0, &chid), i;
	u64 end = now_ns() + 3 * SEC;
	cpu_set_t one;
	pthread_t t[4];

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	sc.fd = q_connect(0, 0, chid);
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, i < 2 ? sc_sender : sc_receiver,
			       NULL);
	for (i = 0; now_ns() < end; i++) {
		struct qnet_recv q = { .flags = QNET_F_TIMEOUT,
				       .timeout_ns = 100 * MS };
		struct qnet_reply r = {};

		if (q_ioctl(ch_fd, QNET_IOC_RECV, &q))
			continue;
		r.rcvid = q.rcvid;
		if (q_ioctl(ch_fd, QNET_IOC_REPLY, &r))
			fail("REPLY: %s", strerror(errno));
	}
	printf("# %d rounds\n", i);
	atomic_store(&sh->stop, 1);
	shutdown(ch_fd, SHUT_RDWR);
	for (i = 0; i < 4; i++)
		joined(t[i], i < 2 ? "sendmsg" : "recvmsg", 5 * SEC);
}

static const struct {
	const char *name;
	void (*fn)(void);
} scenarios[] = {
	{ "full", scen_full },
	{ "full-shutdown", scen_full_shutdown },
	{ "write-reply", scen_write_reply },
	{ "shutdown-call", scen_shutdown_call },
	{ "send-recv", scen_send_recv },
};

static int scenario(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(scenarios); i++) {
		if (!strcmp(name, "list")) {
			puts(scenarios[i].name);
		} else if (!strcmp(name, scenarios[i].name)) {
			scenarios[i].fn();
			/* Threads that hang go with the process. */
			fflush(stdout);
			_exit(atomic_load(&sh->failures) ? 1 : 0);
		}
	}
	return strcmp(name, "list") ? 2 : 0;
}

/* -------------------------------------------------------------------- main */

static u32 lookup(const char *name)
{
	struct qnet_node_req r = {};
	int fd = q_socket();

	snprintf(r.name, sizeof(r.name), "%s", name);
	if (q_ioctl(fd, QNET_IOC_NODE_LOOKUP, &r))
		r.nd = 0;
	close(fd);
	return r.nd;
}

/* How the two nodes number each other */
static int find_nodes(const char *here)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int r = -1;

	nd_of[1] = lookup(netns);
	if (enter_netns(netns)) {
		printf("# no namespace %s: %s\n", netns, strerror(errno));
	} else {
		nd_of[0] = lookup(here);
		r = setns(home, CLONE_NEWNET);
	}
	close(home);
	return r || !nd_of[0] || !nd_of[1] ? -1 : 0;
}

static void read_family(void)
{
	FILE *f = fopen("/sys/module/qnet/parameters/family", "r");

	if (!f || fscanf(f, "%d", &family) != 1)
		family = QNET_AF_DEFAULT;
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	const char *home = NULL, *scen = NULL;
	u64 ops = 5000, seconds = 20;
	struct sigaction sa = { .sa_handler = on_signal };
	int opt, i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = time(NULL) ^ (u64)getpid() << 20;
	while ((opt = getopt(argc, argv, "s:n:t:p:H:N:S:Fl")) != -1) {
		switch (opt) {
		case 's': seed = strtoull(optarg, NULL, 0); break;
		case 'n': ops = strtoull(optarg, NULL, 0); break;
		case 't': seconds = strtoull(optarg, NULL, 0); break;
		case 'p': nprocs = atoi(optarg); break;
		case 'N': netns = optarg; break;
		case 'H': home = optarg; break;
		case 'S': scen = optarg; break;
		case 'F': inject = true; break;
		case 'l': lossy = true; break;
		default: return 2;
		}
	}
	if (nprocs < 1 || nprocs > PROCS)
		return 2;
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		return 4;
	sigaction(SIGUSR1, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	rng = mix(seed);
	self_pid = getpid();
	read_family();
	if (home && enter_netns(home)) {
		printf("# no namespace %s: %s\n", home, strerror(errno));
		return 4;
	}
	if (scen)
		return scenario(scen);
	i = q_socket();
	if (i < 0) {
		printf("# no AF_QNET: %s\n", strerror(-i));
		return 4;
	}
	close(i);
	if (netns && (!home || find_nodes(home))) {
		printf("# the nodes do not know each other\n");
		return 4;
	}
	printf("# seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	supervise(ops, seconds);
	check_leftovers();
	printf("#");
	for (i = 0; i < COUNTERS; i++)
		printf(" %s %llu", counter_names[i],
		       (unsigned long long)atomic_load(&sh->counts[i]));
	printf("\n");
	return atomic_load(&sh->failures) ? 1 : 0;
}
