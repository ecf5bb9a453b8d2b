// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mutates the golden frames and calls the targets, with nothing but a C
 * compiler; prints TAP.
 *
 *	fuzz [-s SECONDS] [-r SEED] [-o DIR]	run; a bad input goes into DIR, or
 *						to where this program is
 *	fuzz -w DIR				write the seeds, for other fuzzers
 *	fuzz FILE...				run these inputs (afl-fuzz: @@)
 *
 * Every input follows from the seed and its number.
 */
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/kernel.h>
#include <linux/qnet_wire.h>

#include "fuzz.h"
#include "golden.h"

#define __weak		__attribute__((__weak__))

#define INPUT_MAX	4096
#define SEEDS		1024

struct input {
	u32 len;
	u8 data[INPUT_MAX];
};

static const char * const names[FUZZ_TARGETS] = {
	"frame", "kif", "lr", "nr", "tcs", "nm", "watch", "frag",
};

static struct input seeds[SEEDS];
static u32 nseeds;
static struct input now;
static const char *out_dir;

/* ------------------------------------------------------------- reporting */

/* Called by the sanitizer, too, when it has had its say. */
static void save_input(void)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/fuzz-crash-%s", out_dir,
		 names[(now.data[0] & FUZZ_TARGET) % FUZZ_TARGETS]);
	f = fopen(path, "wb");
	if (!f)
		return;
	fwrite(now.data, 1, now.len, f);
	fclose(f);
	printf("# the input is in %s\n", path);
	fflush(stdout);
}

void fuzz_fail(const char *file, int line, const char *what)
{
	printf("not ok - %s:%d: not true: %s\n", file, line, what);
	save_input();
	exit(1);
}

void __sanitizer_set_death_callback(void (*fn)(void)) __weak;

/* ----------------------------------------------------------------- seeds */

static void seed_add(enum fuzz_target target, bool big, const u8 *p, u32 len)
{
	struct input *s = &seeds[nseeds];

	if (nseeds == SEEDS || len > INPUT_MAX - 1)
		return;
	s->data[0] = target | (big ? FUZZ_BIG : 0);
	memcpy(s->data + 1, p, len);
	s->len = len + 1;
	nseeds++;
}

/* A frame is a seed, and what it carries is one, too. */
static void seed_golden(const struct golden *g)
{
	const u8 *p = g->frame + g->pad + QNET_PAD;
	u32 len = g->len - g->pad - QNET_PAD;
	struct qnet_hdr h;

	seed_add(FUZZ_FRAME, false, p, len);
	if (qnet_hdr_parse(&h, p, len))
		return;
	p += QNET_HDR_LEN;
	if (h.type == QNET_T_TCS_INIT)
		seed_add(FUZZ_TCS, h.big, p, h.length);
	else if (h.type == QNET_T_LRES)
		seed_add(FUZZ_LR, h.big, p, h.length);
	else if (h.type == QNET_T_USER && h.layer == QNET_L_KIF)
		seed_add(FUZZ_KIF, h.big, p, h.length);
	else if (h.type == QNET_T_USER && h.layer == QNET_L_NR)
		seed_add(FUZZ_NR, h.big, p, h.length);
}

static void seed_names(void)
{
	struct qnet_nm n = { .id = 7, .pid = 4711, .chid = 1, .status = 2,
			     .name = "printer", .name_len = 7 };
	u8 p[QNET_HDR_LEN + 64] = {};
	struct qnet_hdr h = { .type = QNET_T_USER, .layer = QNET_L_NAME,
			      .flags = QNET_F_FIRST | QNET_F_LAST };
	u32 op;

	for (op = QNET_NM_LOOKUP; op <= QNET_NM_ERROR; op++) {
		n.op = op;
		h.length = qnet_nm_build(p + QNET_HDR_LEN, 64, &n);
		qnet_hdr_build(p, &h);
		seed_add(FUZZ_FRAME, false, p, QNET_HDR_LEN + h.length);
		seed_add(FUZZ_NM, false, p + QNET_HDR_LEN, h.length);
	}
}

static void seed_watch(void)
{
	const struct qnet_watch_vc v = { .client_id = 0x50000001, .mine = true,
					 .client_pid = 4711 };
	static const u8 ops[] = { QNET_WATCH_POLL, QNET_WATCH_STATUS,
				  QNET_WATCH_SET, QNET_WATCH_SET_ANSWER };
	struct qnet_watch w = { .id = 7, .count = 1, .n = { 1, 2 },
				.sum = { 3, 4 } };
	u8 p[QNET_WATCH_MAX] = {};
	u32 i, len;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		w.op = ops[i];
		len = qnet_watch_build(p, sizeof(p), &w);
		if (ops[i] <= QNET_WATCH_STATUS)
			len += qnet_watch_vc_put(p + len, &v);
		seed_add(FUZZ_WATCH, false, p, len);
	}
	w.op = QNET_WATCH_PARTS;
	len = qnet_watch_build(p, sizeof(p), &w);
	len += QNET_WATCH_NPARTS * QNET_WATCH_PART_LEN;
	seed_add(FUZZ_WATCH, false, p, len);
}

static void seed_tail(void)
{
	struct qnet_tcs t = { .src = "alpha", .src_dom = "x", .dst = "beta",
			      .dst_dom = "x", .caps = 0xf };
	u8 p[128];

	seed_add(FUZZ_TCS, false, p, qnet_tcs_build(p, sizeof(p), &t));
}

/* Three packets: in order, backwards, and every other piece. */
static void seed_fragments(void)
{
	u8 p[3][5 * 32];
	u32 i, j;

	for (i = 0; i < 32; i++) {
		const u32 off[3] = { 8 * i, 8 * (31 - i), 7 * i };

		for (j = 0; j < 3; j++) {
			p[j][5 * i] = off[j];
			p[j][5 * i + 1] = off[j] >> 8;
			p[j][5 * i + 2] = j == 2 ? 3 : 8;
			p[j][5 * i + 3] = 0;
			p[j][5 * i + 4] = off[j] != 8 * 31;
		}
	}
	for (j = 0; j < 3; j++)
		seed_add(FUZZ_FRAG, false, p[j], sizeof(p[j]));
}

static void make_seeds(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(golden_samples); i++)
		seed_golden(&golden_samples[i]);
	for (i = 0; i < ARRAY_SIZE(golden_flagged); i++)
		seed_golden(&golden_flagged[i]);
	seed_names();
	seed_watch();
	seed_tail();
	seed_fragments();
}

static int write_seeds(const char *dir)
{
	char path[512];
	FILE *f;
	u32 i;

	for (i = 0; i < nseeds; i++) {
		snprintf(path, sizeof(path), "%s/seed-%u", dir, i);
		f = fopen(path, "wb");
		if (!f || fwrite(seeds[i].data, 1, seeds[i].len, f) !=
			  seeds[i].len || fclose(f)) {
			perror(path);
			return 1;
		}
	}
	return 0;
}

/* -------------------------------------------------------------- mutation */

static u64 state;

/* splitmix64: any seed will do */
static u32 rnd(u32 n)
{
	u64 z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % n;
}

static u32 rnd_value(void)
{
	static const u32 edges[] = {
		0, 1, 2, 4, 7, 8, 9, 16, 36, 44, 48, 56, 64, 88, 255, 256,
		0x7fff, 0x8000, 0xffff, 0x10000, QNET_PKT_MAX, 0x7fffffff,
		0x80000000, 0xfffffff0, 0xffffffff,
	};

	return edges[rnd(ARRAY_SIZE(edges))] + rnd(3) - 1;
}

static void put_value(u8 *p, u32 bytes)
{
	u32 i, v = rnd_value();
	bool big = rnd(2);

	for (i = 0; i < bytes; i++)
		p[big ? bytes - 1 - i : i] = v >> 8 * i;
}

/* Bytes move within the input, or come from a seed. */
static void splice(struct input *in)
{
	const struct input *from = rnd(2) ? in : &seeds[rnd(nseeds)];
	u32 src = rnd(from->len), dst = 1 + rnd(in->len);
	u32 n = rnd(min(from->len - src, INPUT_MAX - dst) + 1);

	memmove(in->data + dst, from->data + src, n);
	in->len = max(in->len, dst + n);
}

static void mutate(struct input *in)
{
	u32 at = rnd(in->len);

	switch (rnd(8)) {
	case 0:
		in->data[at] ^= 1 << rnd(8);
		break;
	case 1:
		in->data[at] = rnd(256);
		break;
	case 2:
	case 3:
		/* a whole field: they are aligned behind the first byte */
		at = (at & ~3U) + 1;
		if (at + 4 <= in->len)
			put_value(in->data + at, 4);
		break;
	case 4:
		if (in->len - at >= 2)
			put_value(in->data + at, 2);
		break;
	case 5:
		in->len = 1 + rnd(in->len);
		break;
	case 6:
		in->len = min(in->len + 1 + rnd(100), (u32)INPUT_MAX);
		break;
	default:
		splice(in);
	}
}

/* A seed with none to seven changes; what parses it stays the same. */
static void next_input(void)
{
	u32 i, target = rnd(FUZZ_TARGETS);
	const struct input *s;

	do
		s = &seeds[rnd(nseeds)];
	while ((s->data[0] & FUZZ_TARGET) != target);

	now.len = s->len;
	memset(now.data, 0, sizeof(now.data));
	memcpy(now.data, s->data, s->len);
	for (i = rnd(8); i; i--)
		mutate(&now);
	now.data[0] = s->data[0] ^ (rnd(16) ? 0 : FUZZ_BIG);
}

static int run(unsigned long seconds, u64 seed)
{
	time_t end = time(NULL) + seconds;
	unsigned long n[FUZZ_TARGETS] = {}, all = 0;
	u32 i;

	printf("TAP version 13\n# seed %llu\n", (unsigned long long)seed);
	while (all % 1024 || time(NULL) < end) {
		state = seed + all++ * 0x2545f4914f6cdd1dULL;
		next_input();
		n[now.data[0] & FUZZ_TARGET]++;
		fuzz_one(now.data, now.len);
	}
	for (i = 0; i < FUZZ_TARGETS; i++)
		printf("%sok %u - %s survives %lu inputs\n", n[i] ? "" : "not ",
		       i + 1, names[i], n[i]);
	printf("1..%u\n", FUZZ_TARGETS);
	return 0;
}

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		return 1;
	}
	now.len = fread(now.data, 1, sizeof(now.data), f);
	fclose(f);
	fuzz_one(now.data, now.len);
	return 0;
}

int main(int argc, char **argv)
{
	const char *s = getenv("FUZZ_SECONDS");
	unsigned long seconds = s ? strtoul(s, NULL, 0) : 20;
	u64 seed = 1;
	int c, status = 0;

	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(save_input);
	out_dir = dirname(strdup(argv[0]));
	make_seeds();
	while ((c = getopt(argc, argv, "s:r:o:w:")) != -1) {
		switch (c) {
		case 's':
			seconds = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'o':
			out_dir = optarg;
			break;
		case 'w':
			return write_seeds(optarg);
		default:
			return 2;
		}
	}
	if (optind == argc)
		return run(seconds, seed);
	for (; optind < argc; optind++)
		status |= run_file(argv[optind]);
	return status;
}
