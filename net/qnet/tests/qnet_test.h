/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests share. */
#ifndef _QNET_TESTS_QNET_TEST_H
#define _QNET_TESTS_QNET_TEST_H

#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/qnet_wire.h>

extern struct kunit_suite qnet_frag_suite;
extern struct kunit_suite qnet_watch_suite;

/* Numbers that are the same in every run (xorshift). */
static inline u32 test_random(u32 *state)
{
	u32 x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return x;
}

/* Memory of just @len bytes: reading past the end is caught by KASAN. */
static inline u8 *test_buf(struct kunit *test, u32 len)
{
	u8 *p = kunit_kzalloc(test, len ? len : 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	return p;
}

static inline u8 *test_copy(struct kunit *test, const void *from, u32 len)
{
	return memcpy(test_buf(test, len), from, len);
}

#endif
