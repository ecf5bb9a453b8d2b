/* SPDX-License-Identifier: GPL-2.0-only */
/* Just enough of KUnit to run net/qnet/tests in user space, printing TAP. */
#ifndef _SHIM_KUNIT_TEST_H
#define _SHIM_KUNIT_TEST_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/stddef.h>

#define KUNIT_PARAM_DESC_SIZE	128
#define GFP_KERNEL		0
#define ZEROED			1

struct kunit_mem {
	struct kunit_mem *next;
	void *p;
};

struct kunit {
	const void *param_value;
	void *priv;
	struct kunit_mem *mem;
	bool failed;
	jmp_buf abort;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char *name;
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(fn)			{ .run_case = fn, .name = #fn }
#define KUNIT_CASE_PARAM(fn, gen)	\
	{ .run_case = fn, .name = #fn, .generate_params = gen }

#define KUNIT_ARRAY_PARAM(name, array, get_desc)			\
static const void *name##_gen_params(const void *prev, char *desc)	\
{									\
	__typeof__((array)[0]) *next = prev;				\
									\
	next = prev ? next + 1 : (array);				\
	if (next - (array) >= (long)ARRAY_SIZE(array))			\
		return NULL;						\
	get_desc(next, desc);						\
	return next;							\
}

static inline void *shim_alloc(struct kunit *test, size_t size, int zeroed)
{
	struct kunit_mem *m = malloc(sizeof(*m));

	m->p = zeroed ? calloc(1, size) : malloc(size);
	m->next = test->mem;
	test->mem = m;
	return m->p;
}

#define kunit_kmalloc(test, size, gfp)	shim_alloc(test, size, 0)
#define kunit_kzalloc(test, size, gfp)	shim_alloc(test, size, ZEROED)

static inline void shim_free(struct kunit *test)
{
	struct kunit_mem *m;

	while ((m = test->mem)) {
		test->mem = m->next;
		free(m->p);
		free(m);
	}
}

#define SHIM_CHECK(test, cond, stop, ...)				\
do {									\
	if (cond)							\
		break;							\
	(test)->failed = true;						\
	printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);		\
	printf("# " __VA_ARGS__);					\
	printf("\n");							\
	if (stop)							\
		longjmp((test)->abort, 1);				\
} while (0)

#define SHIM_BINARY(test, l, op, r, stop, ...)				\
do {									\
	long long left = (long long)(l), right = (long long)(r);	\
									\
	if (left op right)						\
		break;							\
	printf("# %s is %lld, %s is %lld\n", #l, left, #r, right);	\
	SHIM_CHECK(test, left op right, stop, __VA_ARGS__);		\
} while (0)

#define KUNIT_EXPECT_EQ(t, l, r)	SHIM_BINARY(t, l, ==, r, 0, "EQ")
#define KUNIT_EXPECT_NE(t, l, r)	SHIM_BINARY(t, l, !=, r, 0, "NE")
#define KUNIT_EXPECT_LE(t, l, r)	SHIM_BINARY(t, l, <=, r, 0, "LE")
#define KUNIT_EXPECT_TRUE(t, c)		SHIM_CHECK(t, c, 0, "TRUE")
#define KUNIT_EXPECT_FALSE(t, c)	SHIM_CHECK(t, !(c), 0, "FALSE")
#define KUNIT_EXPECT_EQ_MSG(t, l, r, ...) \
	SHIM_BINARY(t, l, ==, r, 0, __VA_ARGS__)
#define KUNIT_EXPECT_TRUE_MSG(t, c, ...) SHIM_CHECK(t, c, 0, __VA_ARGS__)
#define KUNIT_EXPECT_STREQ(t, l, r)	SHIM_CHECK(t, !strcmp(l, r), 0, "STREQ")
#define KUNIT_ASSERT_EQ(t, l, r)	SHIM_BINARY(t, l, ==, r, 1, "EQ")
#define KUNIT_ASSERT_TRUE(t, c)		SHIM_CHECK(t, c, 1, "TRUE")
#define KUNIT_ASSERT_NOT_NULL(t, p)	SHIM_CHECK(t, (p) != NULL, 1, "NULL")
#define KUNIT_ASSERT_EQ_MSG(t, l, r, ...) \
	SHIM_BINARY(t, l, ==, r, 1, __VA_ARGS__)

struct shim_tap {
	unsigned int count;
	unsigned int failed;
};

static inline void shim_run_one(struct shim_tap *tap, const char *suite,
				const struct kunit_case *c, const void *param,
				const char *desc)
{
	struct kunit test = { .param_value = param };

	if (!setjmp(test.abort))
		c->run_case(&test);
	shim_free(&test);
	tap->failed += test.failed;
	printf("%sok %u - %s.%s%s%s\n", test.failed ? "not " : "", ++tap->count,
	       suite, c->name, desc[0] ? ": " : "", desc);
}

static inline void shim_run_case(struct shim_tap *tap, const char *suite,
				 const struct kunit_case *c)
{
	char desc[KUNIT_PARAM_DESC_SIZE] = "";
	const void *param = NULL;

	if (!c->generate_params) {
		shim_run_one(tap, suite, c, NULL, desc);
		return;
	}
	while ((param = c->generate_params(param, desc)))
		shim_run_one(tap, suite, c, param, desc);
}

static inline int shim_run(struct kunit_suite **suites)
{
	struct shim_tap tap = { 0 };
	struct kunit_case *c;

	printf("TAP version 13\n");
	for (; *suites; suites++)
		for (c = (*suites)->test_cases; c->run_case; c++)
			shim_run_case(&tap, (*suites)->name, c);
	printf("1..%u\n", tap.count);
	return tap.failed ? 1 : 0;
}

#define kunit_test_suites(...)						\
int main(void)								\
{									\
	struct kunit_suite *suites[] = { __VA_ARGS__, NULL };		\
									\
	return shim_run(suites);					\
}

#endif
