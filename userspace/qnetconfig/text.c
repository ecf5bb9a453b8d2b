// SPDX-License-Identifier: GPL-2.0-only
/* Colours, and texts that fit where they are put. */
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "cmd.h"

/* ------------------------------------------------------------- colours */

static const char *const escapes[] = {
	[COLOR_NONE]	= "",
	[COLOR_DEV]	= "\033[36m",
	[COLOR_MAC]	= "\033[33m",
	[COLOR_GOOD]	= "\033[32m",
	[COLOR_BAD]	= "\033[31m",
	[COLOR_WAIT]	= "\033[33m",
};

bool color_setup(const char *when)
{
	static const char *const words[] = { "never", "auto", "always", NULL };
	u32 n;

	if (!parse_word("-color", when, words, &n))
		return false;
	opt.color = n == 2 || (n == 1 && isatty(STDOUT_FILENO));
	return true;
}

const char *color_on(enum color color)
{
	return opt.color && !opt.json ? escapes[color] : "";
}

const char *color_off(enum color color)
{
	return *color_on(color) ? "\033[0m" : "";
}

enum color color_of(const char *state)
{
	static const char *const good[] = { "up", "yes", "on", NULL };
	static const char *const bad[] = { "down", "dead", "no", NULL };
	static const char *const neither[] = { "off", "-", NULL };
	int i;

	for (i = 0; good[i]; i++)
		if (!strcmp(state, good[i]))
			return COLOR_GOOD;
	for (i = 0; bad[i]; i++)
		if (!strcmp(state, bad[i]))
			return COLOR_BAD;
	for (i = 0; neither[i]; i++)
		if (!strcmp(state, neither[i]))
			return COLOR_NONE;
	return COLOR_WAIT;
}

void put_colored(enum color color, int width, const char *text)
{
	printf("%s%-*s%s%s", color_on(color), width, text, color_off(color),
	       width ? " " : "");
}

void put_state(int width, const char *state)
{
	put_colored(color_of(state), width, state);
}

/* --------------------------------------------------------------- texts */

bool text_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

size_t text_next(const char *text, mbstate_t *state, wchar_t *c, int *width)
{
	size_t len = mbrtowc(c, text, strlen(text), state);

	if (len == (size_t)-1 || len == (size_t)-2) {
		memset(state, 0, sizeof(*state));
		len = 1;
		*c = 0;
	}
	*width = wcwidth(*c);
	if (!*c || *width < 1) {
		*c = '?';
		*width = 1;
	}
	return len;
}

static int text_width(const char *text)
{
	mbstate_t state = { 0 };
	int width, all = 0;
	wchar_t c;

	while (*text) {
		text += text_next(text, &state, &c, &width);
		all += width;
	}
	return all;
}

const char *text_fit(char *buf, size_t size, const char *text, int columns)
{
	int width, left = columns, room = columns;
	mbstate_t in = { 0 }, out = { 0 };
	size_t used = 0;
	wchar_t c;

	/* The last column says that there is more. */
	if (text_width(text) > columns)
		room--;
	while (*text && used + MB_CUR_MAX + 2 < size) {
		text += text_next(text, &in, &c, &width);
		if (columns - left + width > room) {
			buf[used++] = '~';
			left--;
			break;
		}
		used += wcrtomb(buf + used, c, &out);
		left -= width;
	}
	for (; left > 0 && used + 1 < size; left--)
		buf[used++] = ' ';
	buf[used] = 0;
	return buf;
}

const char *text_share(char *buf, size_t size, u64 part, u64 whole)
{
	if (!whole)
		snprintf(buf, size, "-");
	else if (!part)
		snprintf(buf, size, "0%%");
	else if (part < whole / 1000)
		snprintf(buf, size, "<0.1%%");
	else
		snprintf(buf, size, "%.1f%%", 100.0 * part / whole);
	return buf;
}

const char *text_us(char *buf, size_t size, u64 us)
{
	if (us < 10000)
		snprintf(buf, size, "%lluus", (unsigned long long)us);
	else if (us < 10000000)
		snprintf(buf, size, "%llums", (unsigned long long)us / 1000);
	else
		snprintf(buf, size, "%llus", (unsigned long long)us / 1000000);
	return buf;
}
