// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig top on a terminal. */
#include <curses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "top.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

/* Each ends it as q does: the terminal must be put right. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static void catch_signals(struct sigaction *was)
{
	struct sigaction sa = { .sa_handler = on_signal };
	size_t i;

	interrupted = 0;
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &sa, &was[i]);
}

/**
 * struct screen - what is drawn
 * @row: of the next line
 * @err: instead of stderr, which would spoil the screen
 * @was: stderr
 * @signals: what those of signals[] did before
 */
struct screen {
	int			row;
	FILE			*err;
	int			was;
	struct sigaction	signals[ARRAY_SIZE(signals)];
};

/* As much of a line as there is room for. */
static void put_line(enum top_line kind, const char *line, void *arg)
{
	struct screen *s = arg;
	char fit[512];

	if (s->row >= LINES - 1)
		return;
	if (kind == TOP_HEAD)
		attron(A_REVERSE);
	else if (kind == TOP_TITLE)
		attron(A_BOLD);
	mvaddstr(s->row++, 0, text_fit(fit, sizeof(fit), line,
				       COLS > TOP_COLUMNS ? TOP_COLUMNS :
				       COLS));
	attrset(A_NORMAL);
}

static void put_help(const struct top *t, u32 ms)
{
	static const char *const orders[] = {
		[BY_RATE] = "rate", [BY_NAME] = "name",
		[BY_CIRCUITS] = "circuits",
	};
	char line[128], fit[256];

	snprintf(line, sizeof(line),
		 "q quit  nodes by: n name  c circuits  r rate  (now %s, every %gs)",
		 orders[t->order], ms / 1000.0);
	/* The last column of the last line would scroll some terminals. */
	mvaddstr(LINES - 1, 0, text_fit(fit, sizeof(fit), line,
					COLS > TOP_COLUMNS ? TOP_COLUMNS :
					COLS - 1));
}

static void draw(struct top *t, u32 ms, struct screen *s)
{
	erase();
	s->row = 0;
	top_lines(t, LINES - 1, put_line, s);
	put_help(t, ms);
	refresh();
}

static s64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* A key; false for the one that ends it. */
static bool take_key(struct top *t, int key)
{
	if (key == 'q' || key == 'Q')
		return false;
	if (key == 'n')
		t->order = BY_NAME;
	else if (key == 'c')
		t->order = BY_CIRCUITS;
	else if (key == 'r')
		t->order = BY_RATE;
	top_sort(t);
	return true;
}

/* Takes keys until the next sample is due; false when it is over. */
static bool wait_keys(struct top *t, u32 ms, s64 due, struct screen *s)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	s64 left;
	int key;

	while ((left = due - now_ms()) > 0 && !interrupted) {
		/* The terminal is gone: getch() would not tell it from no key. */
		if (poll(&keys, 1, left < 1000 ? left : 1000) > 0 &&
		    keys.revents & ~POLLIN)
			return false;
		key = getch();
		if (key == ERR)
			continue;
		if (!take_key(t, key))
			return false;
		draw(t, ms, s);
	}
	return !interrupted;
}

/* Only what is said of the last sample is kept. */
static void forget_errors(struct screen *s)
{
	if (s->was >= 0 && !ftruncate(STDERR_FILENO, 0))
		lseek(STDERR_FILENO, 0, SEEK_SET);
}

static int loop(struct top *t, u32 ms, u32 count, struct screen *s)
{
	u32 i;
	int status;

	for (i = 0; !count || i < count; i++) {
		forget_errors(s);
		status = top_sample(t);
		if (status)
			return status;
		draw(t, ms, s);
		if (!wait_keys(t, ms, now_ms() + ms, s))
			return 0;
	}
	return 0;
}

static bool begin(struct screen *s, SCREEN **terminal)
{
	*terminal = newterm(NULL, stdout, stdin);
	if (!*terminal)
		return false;
	catch_signals(s->signals);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	timeout(0);
	curs_set(0);
	s->err = tmpfile();
	s->was = s->err ? dup(STDERR_FILENO) : -1;
	if (s->was >= 0)
		dup2(fileno(s->err), STDERR_FILENO);
	return true;
}

/* Prints what was said of the error that ended it. */
static void end(struct screen *s, SCREEN *terminal, int status)
{
	char line[512];
	size_t i;

	endwin();
	delscreen(terminal);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &s->signals[i], NULL);
	if (s->was >= 0) {
		dup2(s->was, STDERR_FILENO);
		close(s->was);
	}
	if (!s->err)
		return;
	rewind(s->err);
	while (status && fgets(line, sizeof(line), s->err))
		fputs(line, stderr);
	fclose(s->err);
}

int top_screen(struct top *t, u32 ms, u32 count)
{
	struct screen s = { 0 };
	SCREEN *terminal;
	int status;

	if (!begin(&s, &terminal))
		return usage_error("this terminal is not known; type: qnetconfig top -b");
	status = loop(t, ms, count, &s);
	end(&s, terminal, status);
	return status;
}
