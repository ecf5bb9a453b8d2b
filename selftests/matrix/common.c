// SPDX-License-Identifier: GPL-2.0
/* Content, plans and counts: what client and server compute alike. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "matrix.h"

/* Around the limits of frames, of the part sent at once, and of transfers */
static const size_t sizes[] = {
	0, 1, 7, 23, 24, 25, 64, 100, 1000, 1455, 1456, 1457, 3000, 8143, 8191,
	8192, 8193, 20000, 65535, 65536, 65537, 131073, 200000, 262144, 524289,
	1000000, 2097152, 4194304,
};

#define NSIZES	(sizeof(sizes) / sizeof(sizes[0]))

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

void fill(void *buf, size_t n, uint64_t key)
{
	unsigned char *p = buf;
	uint64_t w;

	for (; n >= 8; n -= 8, p += 8) {
		key = key * 0x5851f42d4c957f2dull + 0x14057b7ef767814full;
		w = key ^ key >> 29;
		memcpy(p, &w, 8);
	}
	w = mix(key);
	memcpy(p, &w, n);
}

/* Every byte and every order of words counts. */
uint64_t hash(const void *buf, size_t n)
{
	const unsigned char *p = buf;
	uint64_t h = n, w;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * 0x2127599bf4325c37ull;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, p, n);
	return mix(h ^ w);
}

static size_t some_size(uint32_t max, uint64_t r)
{
	size_t n = NSIZES;

	while (sizes[n - 1] > max)
		n--;
	return sizes[r % n];
}

/* Small replies are more frequent than large ones, as in life. */
struct plan plan_of(const struct hello *h, uint32_t seq)
{
	uint64_t r = mix(h->seed ^ ((uint64_t)h->client << 32 | seq));
	uint64_t s = mix(r);
	struct plan p = {
		.size = h->fixed == UINT32_MAX ? some_size(h->max, r) : h->fixed,
		.reply = some_size(s & 0x300 ? h->max / 64 : h->max, s >> 16),
		.key = mix(s),
		.back = s & 1,
		.tail = s & 2,
	};

	if (seq == 1 && h->first)
		p.size = h->first;
	if (seq == 1 && h->back)
		p.reply = h->back;
	if (s & 0xc)
		p.pieces = 1 + (s >> 40) % 100000;
	if (s & 0x30)
		p.write = 1 + (s >> 44) % 100000;
	/* not by the byte */
	if (p.pieces && p.size / p.pieces > 64)
		p.pieces = p.size / 64;
	if (p.write && p.reply / p.write > 64)
		p.write = p.reply / 64;
	return p;
}

/* No two calls that could be mistaken for one another have the same. */
int32_t status_of(const struct hello *h, uint32_t seq)
{
	return mix((uint64_t)h->client << 32 | seq) & INT32_MAX;
}

void put(void *buf, size_t n, uint32_t magic, uint32_t client, uint32_t seq,
	 uint64_t key)
{
	struct head h = {
		.magic = magic, .client = client, .seq = seq, .size = n,
	};

	fill(buf, n, key);
	if (n < sizeof(h))
		return;
	h.hash = hash((char *)buf + sizeof(h), n - sizeof(h));
	memcpy(buf, &h, sizeof(h));
}

bool is_right(const void *buf, size_t n, uint32_t magic, uint32_t client,
	      uint32_t seq, uint64_t key)
{
	struct head h;
	char small[sizeof(h)];

	if (n < sizeof(h)) {
		fill(small, n, key);
		return !memcmp(small, buf, n);
	}
	memcpy(&h, buf, sizeof(h));
	return h.magic == magic && h.client == client && h.seq == seq &&
		h.size == n &&
		h.hash == hash((const char *)buf + sizeof(h), n - sizeof(h));
}

void count_error(struct counts *c, int err)
{
	c->errors++;
	c->err[err > 0 && err < ERRNOS ? err : 0]++;
}

static bool is_in(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == n && !strncmp(list, name, n))
			return true;
	return false;
}

/* Errors other than those named in a list */
uint64_t errors_but(const struct counts *c, const char *list)
{
	uint64_t n = c->errors;
	int i;

	for (i = 1; list && i < ERRNOS; i++)
		if (c->err[i] && strerrorname_np(i) &&
		    is_in(list, strerrorname_np(i)))
			n -= c->err[i];
	return n;
}

void add_counts(struct counts *sum, const struct counts *c)
{
	const uint64_t *from = (const uint64_t *)c;
	uint64_t *to = (uint64_t *)sum;
	size_t i;

	for (i = 0; i < sizeof(*c) / sizeof(*from); i++)
		to[i] += from[i];
}

void print_counts(const char *who, const struct counts *c, double seconds,
		  double slowest)
{
	int i;

	printf("%s: calls %llu bytes %llu replied %llu wrong %llu lost %llu twice %llu disorder %llu blocked %llu died %llu killed %llu errors %llu",
	       who, (unsigned long long)c->calls, (unsigned long long)c->bytes,
	       (unsigned long long)c->replied, (unsigned long long)c->wrong,
	       (unsigned long long)c->lost, (unsigned long long)c->twice,
	       (unsigned long long)c->disorder, (unsigned long long)c->blocked,
	       (unsigned long long)c->died, (unsigned long long)c->killed,
	       (unsigned long long)c->errors);
	for (i = 0; i < ERRNOS; i++)
		if (c->err[i] && i && strerrorname_np(i))
			printf(" %s %llu", strerrorname_np(i),
			       (unsigned long long)c->err[i]);
		else if (c->err[i])
			printf(" errno_%d %llu", i,
			       (unsigned long long)c->err[i]);
	if (seconds)
		printf(" seconds %.1f slowest %.2f", seconds, slowest);
	printf("\n");
	fflush(stdout);
}
