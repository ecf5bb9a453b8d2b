// SPDX-License-Identifier: GPL-2.0
/* See harness.h. */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define EXIT_SKIP	77

static struct test *tests, **tests_end = &tests;
static volatile int failures;

void test_add(struct test *t)
{
	*tests_end = t;
	tests_end = &t->next;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
	dprintf(1, "# %s:%d: %s\n", strrchr(file, '/') ?
		strrchr(file, '/') + 1 : file, line, text);
}

void test_end(void)
{
	fflush(stdout);
	_exit(failures ? 1 : 0);
}

void test_skip(const char *why)
{
	if (failures)
		test_end();
	dprintf(1, "# skipped: %s\n", why);
	_exit(EXIT_SKIP);
}

int test_slow(void)
{
	const char *slow = getenv("QNET_TEST_SLOW");

	return slow ? atoi(slow) : 1;
}

int test_seconds(void)
{
	return 60 * test_slow();
}

static void child_run(struct test *t)
{
	setpgid(0, 0);
	t->fn();
	test_end();
}

/* Wait for a child; kill what hangs.  Polling /proc would tell no more. */
static int child_wait(pid_t pid, bool *late)
{
	struct timespec limit = { .tv_sec = test_seconds() };
	sigset_t chld;
	int status;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	*late = false;
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (sigtimedwait(&chld, NULL, &limit) < 0 && errno == EAGAIN) {
			*late = true;
			kill(-pid, SIGABRT);
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			return status;
		}
	}
	kill(-pid, SIGKILL);
	return status;
}

static bool result(int n, struct test *t, int status, bool late)
{
	const char *prog = program_invocation_short_name;

	if (!late && WIFEXITED(status) && !WEXITSTATUS(status)) {
		printf("ok %d - %s: %s\n", n, prog, t->name);
		return true;
	}
	if (!late && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
		printf("ok %d - %s: %s # SKIP see above\n", n, prog, t->name);
		return true;
	}
	if (late)
		printf("# still running after %d s\n", test_seconds());
	else if (WIFSIGNALED(status))
		printf("# died of signal %d\n", WTERMSIG(status));
	printf("not ok %d - %s: %s\n", n, prog, t->name);
	return false;
}

static bool run(int n, struct test *t)
{
	sigset_t chld, old;
	int status;
	bool late;
	pid_t pid;

	fflush(stdout);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &old);
	pid = fork();
	if (!pid) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		child_run(t);
	}
	setpgid(pid, pid);
	status = child_wait(pid, &late);
	return result(n, t, status, late);
}

static bool wanted(struct test *t, int argc, char **argv)
{
	int i;

	if (t->where == (getenv("QNET_TEST_ND") ? LOCAL : REMOTE))
		return false;
	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], t->name))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	struct test *t;
	int n = 0, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n");
	for (t = tests; t; t = t->next)
		if (wanted(t, argc, argv))
			bad += !run(++n, t);
	printf("1..%d\n", n);
	return bad;
}
