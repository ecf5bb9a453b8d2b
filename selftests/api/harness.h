/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small test harness that speaks TAP.
 *
 *	TEST(name) { ... }		runs in a process of its own, so that ids
 *					begin anew; fails when it is still running
 *					after a minute or leaves by a signal
 *	TEST_LOCAL(name) { ... }	the same, not run when the server is to
 *					be on another node
 *	TEST_REMOTE(name) { ... }	the same, only run then
 *	CHECK(cond)			note a failure and go on
 *	CHECK_EQ(got, want)		the same, telling both numbers
 *	REQUIRE(cond)			note a failure and end the test
 *	CHECK_ERRNO(call, err)		the call must return -1 with that errno
 *	SKIP("why")			end the test as skipped
 *
 * A program is called with no arguments, or with the names of the tests to
 * run.
 */
#ifndef API_HARNESS_H
#define API_HARNESS_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many times slower all is than it might be. */
int test_slow(void);
/* How long a test may take: longer on a kernel that checks itself. */
int test_seconds(void);

struct test {
	const char *name;
	void (*fn)(void);
	enum { ANYWHERE, LOCAL, REMOTE } where;
	struct test *next;
};

void test_add(struct test *t);
void test_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void test_skip(const char *why) __attribute__((noreturn));
void test_end(void) __attribute__((noreturn));

#define TEST_DEFINE(tname, where)					\
static void test_##tname(void);						\
static struct test desc_##tname = { #tname, test_##tname, where, NULL }; \
__attribute__((constructor)) static void add_##tname(void)		\
{									\
	test_add(&desc_##tname);					\
}									\
static void test_##tname(void)

#define TEST(tname)		TEST_DEFINE(tname, ANYWHERE)
#define TEST_LOCAL(tname)	TEST_DEFINE(tname, LOCAL)
#define TEST_REMOTE(tname)	TEST_DEFINE(tname, REMOTE)

#define CHECK(cond) \
	((cond) ? (void)0 : test_fail(__FILE__, __LINE__, "not so: %s", #cond))

#define REQUIRE(cond)							\
do {									\
	if (!(cond)) {							\
		test_fail(__FILE__, __LINE__, "not so: %s (errno %d, %s)", \
			  #cond, errno, strerror(errno));		\
		test_end();						\
	}								\
} while (0)

#define CHECK_EQ(got, want)						\
do {									\
	long long got_ = (long long)(got), want_ = (long long)(want);	\
									\
	if (got_ != want_)						\
		test_fail(__FILE__, __LINE__, "%s is %lld, want %lld", \
			  #got, got_, want_);				\
} while (0)

#define REQUIRE_EQ(got, want)						\
do {									\
	long long rgot_ = (long long)(got), rwant_ = (long long)(want);	\
									\
	if (rgot_ != rwant_) {						\
		test_fail(__FILE__, __LINE__, "%s is %lld (errno %d), want %lld", \
			  #got, rgot_, errno, rwant_);			\
		test_end();						\
	}								\
} while (0)

#define CHECK_ERRNO(call, err)						\
do {									\
	long long ret_;							\
									\
	errno = 0;							\
	ret_ = (long long)(call);					\
	if (ret_ != -1 || errno != (err))				\
		test_fail(__FILE__, __LINE__,				\
			  "%s is %lld, errno %d, want -1, errno %s",	\
			  #call, ret_, errno, #err);			\
} while (0)

#define SKIP(why)	test_skip(why)

#endif /* API_HARNESS_H */
