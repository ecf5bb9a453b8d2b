// SPDX-License-Identifier: GPL-2.0
/*
 * stream serve FILE
 * stream call [-t SECONDS] NODE FILE BYTES REPLY HOW
 *
 * One message of so many bytes and its reply, in pieces of 1 MiB as far as the
 * server goes, and how much memory the kernel took meanwhile. FILE tells where
 * the server is; HOW, in what form it replies: "reply" all at once, "write" in
 * pieces, "big" in one piece, and a reply of 0 bytes to end both of these.
 *
 * Their own memory is there before the call, so that what is missing later is
 * the kernel's. Prints bytes, seconds and that; fails if a byte was wrong.
 *
 * flood.c tells what "deaf" and "flood" do.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"

#define PIECE	(1UL << 20)
#define FORMS	16		/* pieces of a reply that differ */
#define MAGIC	0x6d727453u

struct head {
	uint32_t magic, seed;
	uint64_t size, reply;
	char how[8];
};

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	return x ^ x >> 31;
}

/* A piece's content tells which one it is. */
static void fill(void *buf, size_t n, uint64_t key)
{
	uint64_t *p = buf;

	key = mix(key);
	for (; n >= 8; n -= 8) {
		key = key * 0x5851f42d4c957f2dull + 0x14057b7ef767814full;
		*p++ = key;
	}
	key = key * 0x5851f42d4c957f2dull + 0x14057b7ef767814full;
	memcpy(p, &key, n);
}

static uint64_t message_key(const struct head *h, size_t piece)
{
	return (uint64_t)h->seed << 32 | piece;
}

static uint64_t reply_key(const struct head *h, size_t piece)
{
	return ~message_key(h, piece % FORMS);
}

/* Memory that no longer counts as available */
static void *there(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED) {
		perror("stream");
		exit(2);
	}
	return p;
}

static size_t part(size_t all, size_t at)
{
	return all - at < PIECE ? all - at : PIECE;
}

/* ---- The server ---------------------------------------------------------- */

static char *got, *want, *form[FORMS];

static bool piece_is_right(const struct head *h, size_t at, size_t n)
{
	size_t skip = at ? 0 : sizeof(*h);

	fill(want, n, message_key(h, at / PIECE));
	return !memcmp(got + skip, want + skip, n - skip);
}

static int read_rest(int rcvid, const struct head *h)
{
	size_t at, n;
	ssize_t ret;

	for (at = PIECE; at < h->size; at += n) {
		n = part(h->size, at);
		ret = MsgRead(rcvid, got, n, at);
		if (ret != (ssize_t)n) {
			fprintf(stderr, "stream: MsgRead at %zu: %zd, %s\n", at,
				ret, strerror(errno));
			return errno;
		}
		if (!piece_is_right(h, at, n))
			return EILSEQ;
	}
	return 0;
}

static int write_pieces(int rcvid, const struct head *h)
{
	size_t at, n;

	for (at = 0; at < h->reply; at += n) {
		n = part(h->reply, at);
		fill(got, n, reply_key(h, at / PIECE));
		if (MsgWrite(rcvid, got, n, at) != (ssize_t)n)
			return errno;
	}
	return MsgReply(rcvid, 1, NULL, 0) ? errno : 0;
}

/* The same few pieces again and again */
static int reply_at_once(int rcvid, const struct head *h, bool write)
{
	iov_t iov[QNET_IOV_MAX];
	size_t at, n, parts = 0;
	long ret;

	for (at = 0; at < h->reply; at += n) {
		n = part(h->reply, at);
		if (parts < FORMS)
			fill(form[parts], PIECE, reply_key(h, parts));
		SETIOV(&iov[parts], form[parts % FORMS], n);
		parts++;
	}
	if (!write)
		return MsgReplyv(rcvid, 1, iov, parts) ? errno : 0;
	ret = MsgWritev(rcvid, iov, parts, 0);
	if (ret != (long)h->reply)
		return ret < 0 ? errno : EIO;
	return MsgReply(rcvid, 1, NULL, 0) ? errno : 0;
}

static void serve_one(int rcvid, const struct _msg_info *i)
{
	struct head h;
	int err = EPROTO;

	memcpy(&h, got, sizeof(h));
	if (h.magic == MAGIC && h.size == (uint64_t)i->srcmsglen)
		err = piece_is_right(&h, 0, part(h.size, 0)) ?
			read_rest(rcvid, &h) : EILSEQ;
	if (err) {
		fprintf(stderr, "stream: the message: %s\n", strerror(err));
		MsgError(rcvid, err);
		return;
	}
	if (!strcmp(h.how, "write"))
		err = write_pieces(rcvid, &h);
	else
		err = reply_at_once(rcvid, &h, strcmp(h.how, "reply"));
	if (err)
		fprintf(stderr, "stream: the reply: %s\n", strerror(err));
}

static void serve(const char *file)
{
	int chid = ChannelCreate(0), rcvid;
	struct _msg_info info;
	FILE *f = fopen(file, "w");
	int i;

	got = there(PIECE);
	want = there(PIECE);
	for (i = 0; i < FORMS; i++)
		form[i] = there(PIECE);
	fprintf(f, "%d %d\n", getpid(), chid);
	fclose(f);
	for (;;) {
		rcvid = MsgReceive(chid, got, PIECE, &info);
		if (rcvid > 0)
			serve_one(rcvid, &info);
	}
}

/* ---- The client ---------------------------------------------------------- */

static long available(void)
{
	char line[128];
	long kib = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static volatile bool done;

/* Looks all the time; returns the least that it saw. */
static void *watch(void *arg)
{
	long least = available(), now;

	while (!done) {
		now = available();
		if (now < least)
			least = now;
		usleep(5000);
	}
	*(long *)arg = least;
	return NULL;
}

static bool reply_is_right(const struct head *h, const char *buf)
{
	char *piece = malloc(PIECE);
	size_t at, n;

	for (at = 0; at < h->reply; at += n) {
		n = part(h->reply, at);
		fill(piece, PIECE, reply_key(h, at / PIECE));
		if (memcmp(buf + at, piece, n)) {
			fprintf(stderr, "stream: the reply is wrong behind %zu\n",
				at);
			return false;
		}
	}
	return true;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int call(const char *node, const char *file, struct head *h)
{
	size_t all = h->size > h->reply ? h->size : h->reply, at, n;
	int nd = netmgr_strtond(node, NULL), coid, pid, chid;
	char *buf = there(all);
	FILE *f = fopen(file, "r");
	long before, least;
	pthread_t watcher;
	double took;
	long ret;

	if (!f || fscanf(f, "%d %d", &pid, &chid) != 2)
		return perror("stream"), 2;
	fclose(f);
	for (at = 0; at < h->size; at += n) {
		n = part(h->size, at);
		fill(buf + at, n, message_key(h, at / PIECE));
	}
	memcpy(buf, h, sizeof(*h));
	coid = ConnectAttach(nd, pid, chid, _NTO_SIDE_CHANNEL, 0);
	if (coid < 0)
		return perror("stream: ConnectAttach"), 1;
	before = available();
	pthread_create(&watcher, NULL, watch, &least);
	took = now();
	ret = MsgSend(coid, buf, h->size, buf, h->reply);
	took = now() - took;
	if (ret < 0)
		perror("stream: MsgSend");
	done = true;
	pthread_join(watcher, NULL);
	if (ret != 1 || !reply_is_right(h, buf))
		return 1;
	printf("sent %llu replied %llu seconds %.1f kernel_kib %ld\n",
	       (unsigned long long)h->size, (unsigned long long)h->reply, took,
	       before - least);
	return 0;
}

int main(int argc, char **argv)
{
	struct head h = { .magic = MAGIC, .seed = (uint32_t)getpid() };
	int o, seconds = 0;

	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "deaf"))
		return deaf(argv[2]);
	if (argc == 6 && !strcmp(argv[1], "flood"))
		return flooding(argv[2], argv[3], atol(argv[4]),
				strtoul(argv[5], NULL, 0));
	if (argc < 2 || strcmp(argv[1], "call"))
		return 2;
	argc--;
	argv++;
	while ((o = getopt(argc, argv, "t:")) == 't')
		seconds = atoi(optarg);
	if (o != -1 || argc - optind != 5)
		return 2;
	h.size = strtoull(argv[optind + 2], NULL, 0);
	h.reply = strtoull(argv[optind + 3], NULL, 0);
	strncpy(h.how, argv[optind + 4], sizeof(h.how) - 1);
	if (h.size < sizeof(h) || h.reply > QNET_IOV_MAX * PIECE)
		return 2;
	/* Whoever is blocked for so long is dead. */
	alarm((unsigned int)seconds);
	return call(argv[optind], argv[optind + 1], &h);
}
