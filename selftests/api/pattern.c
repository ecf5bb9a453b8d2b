// SPDX-License-Identifier: GPL-2.0
/* Bytes that tell where they come from. */
#include <stdlib.h>

#include "server.h"

static unsigned char byte_at(size_t i, unsigned int seed)
{
	return (unsigned char)(seed + i * 7 + (i >> 8) * 13 + (i >> 16) * 101);
}

void fill(void *buf, size_t len, unsigned int seed)
{
	unsigned char *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = byte_at(i, seed);
}

#define FNV_START	0xcbf29ce484222325ULL
#define FNV_PRIME	0x100000001b3ULL

unsigned long long hash(const void *buf, size_t len)
{
	const unsigned char *p = buf;
	unsigned long long h = FNV_START;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * FNV_PRIME;
	return h;
}

unsigned long long hash_fill(size_t from, size_t len, unsigned int seed)
{
	unsigned long long h = FNV_START;
	size_t i;

	for (i = from; i < from + len; i++)
		h = (h ^ byte_at(i, seed)) * FNV_PRIME;
	return h;
}
