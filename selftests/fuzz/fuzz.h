/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _QNET_FUZZ_H
#define _QNET_FUZZ_H

#include <linux/types.h>

/*
 * An input is one byte that selects the parser and the byte order, and what is
 * to be parsed.
 */
enum fuzz_target {
	FUZZ_FRAME,	/* LWL4 header and what it says is behind */
	FUZZ_KIF,
	FUZZ_LR,
	FUZZ_NR,
	FUZZ_TCS,
	FUZZ_NM,
	FUZZ_WATCH,
	FUZZ_FRAG,	/* 5 bytes per fragment: offset, length, LAST */
	FUZZ_TARGETS
};

#define FUZZ_TARGET	0x0f
#define FUZZ_BIG	0x80

/* Parses an input; what is wrong goes to fuzz_fail() or to the sanitizer. */
void fuzz_one(const u8 *data, size_t size);

/* The driver's own: does not return. */
void fuzz_fail(const char *file, int line, const char *what);

#define FUZZ_CHECK(cond)						\
do {									\
	if (!(cond))							\
		fuzz_fail(__FILE__, __LINE__, #cond);			\
} while (0)

#endif
