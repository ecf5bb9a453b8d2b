// SPDX-License-Identifier: GPL-2.0-only
/*
 * qnetconfig: configure Qnet and look at it.
 *
 * Here: options, batch files, finding the object and the command, parsing
 * their parameters, help.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

#ifndef QNET_VERSION
#define QNET_VERSION	"unknown"
#endif

#define NETNS_DIR	"/var/run/netns"
#define LINE_MAX_ARGS	64

struct options opt;

static const struct object *const objects[] = {
	&domain_object,
	&bearer_object,
	&node_object,
	&peer_object,
	&vc_object,
	&channel_object,
	&name_object,
	&stats_object,
	&link_object,
	&watchdog_object,
	&monitor_object,
	&topology_object,
	&top_object,
	&netmap_object,
	&netpoll_object,
};

int usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("Error: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs(".\n", stderr);
	va_end(ap);
	return EXIT_USAGE;
}

/* ---------------------------------------------------------------- help */

static void print_param(FILE *f, const struct param *p)
{
	if (p->flags & P_POSITIONAL)
		fprintf(f, "%s", p->key);
	else if (p->value)
		fprintf(f, "%s %s", p->key, p->value);
	else
		fprintf(f, "%s", p->key);
}

static void print_params(FILE *f, const struct param *p)
{
	bool choice = false;

	for (; p->key; p++) {
		if (p->flags & P_ONE_OF) {
			fputs(choice ? " | " : " { ", f);
			print_param(f, p);
			choice = p[1].key && p[1].flags & P_ONE_OF;
			if (!choice)
				fputs(" }", f);
			continue;
		}
		fputs(p->flags & P_REQUIRED ? " " : " [ ", f);
		print_param(f, p);
		if (!(p->flags & P_REQUIRED))
			fputs(" ]", f);
	}
}

static void print_command(FILE *f, const struct object *o,
			  const struct command *c)
{
	fprintf(f, "qnetconfig %s%s%s", o->name, *c->name ? " " : "", c->name);
	print_params(f, c->params);
	fputc('\n', f);
}

static void object_help(FILE *f, const struct object *o)
{
	const struct command *c;

	fprintf(f, "%s: %s\n", o->name, o->doc);
	for (c = o->commands; c->run; c++) {
		fputs(c == o->commands ? "Usage: " : "       ", f);
		print_command(f, o, c);
		fprintf(f, "           %s\n", c->doc);
	}
}

static const char options_help[] =
"OPTIONS  := -j[son]       JSON instead of text\n"
"            -p[retty]     JSON for human eyes\n"
"            -s[tatistics] all counters, zeros too\n"
"            -d[etails]    with all that is known\n"
"            -o[neline]    one line for each record\n"
"            -t[imestamp]  monitor: with the time\n"
"            -c[olor][={ always | auto | never }]\n"
"                          states and devices in colours; auto: on a terminal\n"
"            -n[etns] NAME in the network namespace NAME\n"
"            -b[atch] FILE commands from FILE, - for standard input\n"
"            -f[orce]      a batch goes on after an error\n"
"            -V[ersion]    version of this program\n"
"            -h[elp]       this\n";

static void print_help(FILE *f)
{
	size_t i;

	fputs("Usage: qnetconfig [ OPTIONS ] OBJECT { COMMAND | help }\n", f);
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		fprintf(f, "%s%-9s %s\n",
			i ? "            " : "OBJECT   := ",
			objects[i]->name, objects[i]->doc);
	fputs(options_help, f);
	fputs("Names may be cut short where only one fits; no COMMAND is show.\n",
	      f);
}

/* ------------------------------------------------------------- numbers */

bool parse_number(const char *key, const char *text, u32 max,
		  u32 *out)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	if (isxdigit((unsigned char)*text) && !*end && !errno && n <= max) {
		*out = n;
		return true;
	}
	usage_error("\"%s\" is not a number for %s (0 to %u)", text, key, max);
	return false;
}

/* The factor that a unit stands for, 0 if it is none. */
static u32 unit_of(const char *unit)
{
	static const char units[] = "KMG";
	const char *u;

	if (!*unit)
		return 1;
	u = strchr(units, toupper((unsigned char)*unit));
	return u && !unit[1] ? 1U << (10 * (u - units + 1)) : 0;
}

bool parse_size(const char *key, const char *text, u32 *out)
{
	unsigned long long n;
	u32 unit;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	unit = unit_of(end);
	if (isdigit((unsigned char)*text) && !errno && unit &&
	    n <= UINT32_MAX / unit) {
		*out = n * unit;
		return true;
	}
	usage_error("\"%s\" is not a size for %s (below 4G, like 33554432, 32768K or 32M)",
		    text, key);
	return false;
}

bool parse_time(const char *key, const char *text, u32 *ms)
{
	double n, unit = 1000;
	char *end;

	n = strtod(text, &end);
	if (!strcmp(end, "ms"))
		unit = 1;
	else if (*end && strcmp(end, "s"))
		unit = 0;
	/* What is no number or negative fails the last one, too. */
	if (isdigit((unsigned char)*text) && unit && n * unit <= UINT32_MAX) {
		*ms = n * unit + 0.5;
		return true;
	}
	usage_error("\"%s\" is not a time for %s (seconds like 2 or 0.5s, or 500ms)",
		    text, key);
	return false;
}

static bool read_mac(const char *text, u8 *mac)
{
	unsigned int i;

	for (i = 0; i < 6; i++, text += 3) {
		if (!isxdigit((unsigned char)text[0]) ||
		    !isxdigit((unsigned char)text[1]))
			return false;
		mac[i] = strtoul((char []){ text[0], text[1], 0 }, NULL, 16);
		if (i == 5)
			return !text[2];
		if (text[2] != ':' && text[2] != '-')
			return false;
	}
	return false;
}

bool parse_mac(const char *key, const char *text, u8 *mac)
{
	if (read_mac(text, mac))
		return true;
	usage_error("\"%s\" is not an address for %s (like 52:54:00:12:34:0b)",
		    text, key);
	return false;
}

bool parse_word(const char *key, const char *text, const char *const *words,
		u32 *out)
{
	u32 i;

	for (i = 0; words[i]; i++) {
		if (!strcmp(words[i], text)) {
			*out = i;
			return true;
		}
	}
	fprintf(stderr, "Error: \"%s\" is nothing for %s (", text, key);
	for (i = 0; words[i]; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", words[i]);
	fputs(").\n", stderr);
	return false;
}

/* ---------------------------------------------------------- parameters */

static bool is_prefix(const char *text, const char *name)
{
	return *text && !strncmp(text, name, strlen(text));
}

/**
 * struct choice - the search for a name that may be cut short
 * @text:  as given
 * @best:  index of the name found, -1 for none
 * @name:  that name
 * @other: a second name that fits, too
 */
struct choice {
	const char	*text;
	int		best;
	const char	*name;
	const char	*other;
};

static void consider(struct choice *ch, const char *name, int index)
{
	if (!is_prefix(ch->text, name))
		return;
	if (!strcmp(ch->text, name)) {
		ch->best = index;
		ch->name = name;
		ch->other = NULL;
		ch->text = name;
	} else if (ch->best < 0) {
		ch->best = index;
		ch->name = name;
	} else if (strcmp(ch->text, ch->name)) {
		ch->other = name;
	}
}

/* Whether a name was found; if several fit says so. */
static bool chosen(const struct choice *ch, int *status)
{
	if (ch->other) {
		*status = usage_error("\"%s\" may be %s or %s", ch->text,
				      ch->name, ch->other);
		return false;
	}
	return ch->best >= 0;
}

static int find_keyword(const struct command *c, const char *text, int *status)
{
	struct choice ch = { .text = text, .best = -1 };
	int i;

	for (i = 0; c->params[i].key; i++)
		if (!(c->params[i].flags & P_POSITIONAL))
			consider(&ch, c->params[i].key, i);
	return chosen(&ch, status) ? ch.best : -1;
}

static int find_positional(const struct command *c, const char *const *v)
{
	int i;

	for (i = 0; c->params[i].key; i++)
		if (c->params[i].flags & P_POSITIONAL && !v[i])
			return i;
	return -1;
}

/* The way to the help about a command. */
static int see_help(const struct object *o, const char *what, const char *text)
{
	return usage_error("%s \"%s\"; type: qnetconfig %s help", what, text,
			   o->name);
}

/*
 * A required positional parameter comes first, whatever it looks like; an
 * optional one gives way to keywords.
 */
static int find_param(const struct object *o, const struct command *c,
		      const char *text, const char *const *v, int *status)
{
	int positional = find_positional(c, v);
	int keyword;

	if (positional >= 0 && c->params[positional].flags & P_REQUIRED)
		return positional;
	keyword = find_keyword(c, text, status);
	if (keyword >= 0 || *status)
		return keyword;
	if (positional < 0)
		*status = see_help(o, "unknown word", text);
	return positional;
}

static int set_param(const struct param *p, char ***argv, const char **value)
{
	const char *word = *(*argv)++;

	if (*value)
		return usage_error("%s is given twice", p->key);
	if (p->flags & P_POSITIONAL || !p->value) {
		*value = word;
		return 0;
	}
	if (!**argv)
		return usage_error("%s needs a value: %s", p->key, p->value);
	*value = *(*argv)++;
	return 0;
}

/* Exactly one of the parameters that stand together from @p on. */
static int check_choice(const struct object *o, const struct param *p,
			const char *const *v)
{
	int given = 0;
	int i;

	for (i = 0; p[i].key && p[i].flags & P_ONE_OF; i++)
		given += !!v[i];
	if (given == 1)
		return 0;
	if (given)
		return usage_error("%s and %s exclude each other", p[0].key,
				   p[1].key);
	return usage_error("%s or %s is missing; type: qnetconfig %s help",
			   p[0].key, p[1].key, o->name);
}

static int check_params(const struct object *o, const struct command *c,
			const char *const *v)
{
	bool choice = false;
	const struct param *p;
	int status = 0;
	int i;

	for (i = 0; c->params[i].key && !status; i++) {
		p = &c->params[i];
		if (p->flags & P_REQUIRED && !v[i])
			status = see_help(o, "missing", p->key);
		else if (p->flags & P_ONE_OF && !choice)
			status = check_choice(o, p, v + i);
		choice = p->flags & P_ONE_OF;
	}
	return status;
}

static int run_command(const struct object *o, const struct command *c,
		       char **argv)
{
	const char *v[PARAMS_MAX] = { NULL };
	int status = 0;
	int i;

	if (*argv && !strcmp(*argv, "help")) {
		object_help(stdout, o);
		return 0;
	}
	while (*argv) {
		i = find_param(o, c, *argv, v, &status);
		if (i < 0)
			return status;
		status = set_param(&c->params[i], &argv, &v[i]);
		if (status)
			return status;
	}
	status = check_params(o, c, v);
	return status ? status : c->run(v);
}

/* --------------------------------------------------- objects, commands */

static int run_object(const struct object *o, char **argv)
{
	struct choice ch = { .text = *argv, .best = -1 };
	const struct command *c;
	int status = 0;

	if (!*argv || !*o->commands->name)
		return run_command(o, o->commands, argv);
	for (c = o->commands; c->run; c++)
		consider(&ch, c->name, c - o->commands);
	consider(&ch, "help", c - o->commands);
	if (!chosen(&ch, &status))
		return status ? status :
		       see_help(o, "unknown command", *argv);
	if (ch.best == c - o->commands) {
		object_help(stdout, o);
		return 0;
	}
	return run_command(o, &o->commands[ch.best], argv + 1);
}

static int run_line(char **argv)
{
	struct choice ch = { .text = *argv, .best = -1 };
	int status = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(objects); i++)
		consider(&ch, objects[i]->name, i);
	consider(&ch, "help", i);
	if (!chosen(&ch, &status))
		return status ? status :
		       usage_error("unknown object \"%s\"; type: qnetconfig help",
				   *argv);
	if (ch.best == (int)i) {
		print_help(stdout);
		return 0;
	}
	return run_object(objects[ch.best], argv + 1);
}

/* --------------------------------------------------------------- batch */

/*
 * Cuts a line into words in place; quotes keep blanks, # ends the line.
 * Return: how many, or -1 after an error message.
 */
static int split(char *line, char **argv, int max)
{
	int argc = 0;
	char quote;

	for (;;) {
		line += strspn(line, " \t\r\n");
		if (!*line || *line == '#')
			break;
		if (argc == max - 1) {
			usage_error("too many words in one line");
			return -1;
		}
		quote = *line == '"' || *line == '\'' ? *line++ : 0;
		argv[argc++] = line;
		line += quote ? strcspn(line, (char []){ quote, 0 }) :
				strcspn(line, " \t\r\n");
		if (quote && !*line) {
			usage_error("a quote that does not end");
			return -1;
		}
		if (*line)
			*line++ = 0;
	}
	argv[argc] = NULL;
	return argc;
}

static int batch_line(char *line, const char *file, unsigned int number)
{
	char *argv[LINE_MAX_ARGS];
	int argc = split(line, argv, LINE_MAX_ARGS);
	int status = argc < 0 ? EXIT_USAGE : 0;

	if (argc > 0)
		status = run_line(argv);
	if (status)
		fprintf(stderr, "Command failed %s:%u\n", file, number);
	return status;
}

static int batch(const char *file)
{
	FILE *f = strcmp(file, "-") ? fopen(file, "r") : stdin;
	unsigned int number = 0;
	int status, worst = 0;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return usage_error("cannot open \"%s\": %s", file,
				   strerror(errno));
	while (getline(&line, &size, f) >= 0) {
		status = batch_line(line, file, ++number);
		if (status)
			worst = status;
		if (status && !opt.force)
			break;
	}
	if (ferror(f))
		worst = usage_error("cannot read \"%s\": %s", file,
				    strerror(errno));
	free(line);
	if (f != stdin)
		fclose(f);
	return worst;
}

/* ------------------------------------------------------------- options */

static int enter_netns(const char *name)
{
	char path[512];
	int fd;

	if (strchr(name, '/') ||
	    snprintf(path, sizeof(path), NETNS_DIR "/%s", name) >=
	    (int)sizeof(path))
		return usage_error("\"%s\" is not a name of a network namespace",
				   name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return usage_error("no network namespace \"%s\": %s", name,
				   strerror(errno));
	if (!setns(fd, CLONE_NEWNET)) {
		close(fd);
		return 0;
	}
	usage_error("cannot enter network namespace \"%s\": %s", name,
		    strerror(errno));
	close(fd);
	return EXIT_KERNEL;
}

/**
 * struct option_name - an option; all begin with letters of their own
 * @name:  in full
 * @flag:  set by it
 * @value: or takes the word behind it
 */
struct option_name {
	const char	*name;
	bool		*flag;
	const char	**value;
};

static const struct option_name option_names[] = {
	{ "json",	&opt.json,	NULL },
	{ "pretty",	&opt.pretty,	NULL },
	{ "statistics",	&opt.stats,	NULL },
	{ "details",	&opt.details,	NULL },
	{ "oneline",	&opt.oneline,	NULL },
	{ "timestamp",	&opt.timestamp,	NULL },
	{ "force",	&opt.force,	NULL },
	{ "netns",	NULL,		&opt.netns },
	{ "batch",	NULL,		&opt.batch },
};

/* -color stands for -color=always, as with ip. */
static bool is_color(const char *text, const char **when)
{
	char name[sizeof("color")];
	size_t len = strcspn(text, "=");

	if (len >= sizeof(name))
		return false;
	memcpy(name, text, len);
	name[len] = 0;
	*when = text[len] ? text + len + 1 : "always";
	return is_prefix(name, "color");
}

/* One option and its value.  Return: words taken, 0 after an error. */
static int read_option(char **argv)
{
	const char *text = *argv + 1 + ((*argv)[1] == '-');
	const struct option_name *o;
	const char *when;
	size_t i;

	if (is_color(text, &when))
		return color_setup(when);
	for (i = 0; i < ARRAY_SIZE(option_names); i++) {
		o = &option_names[i];
		if (!is_prefix(text, o->name))
			continue;
		if (o->flag) {
			*o->flag = true;
			return 1;
		}
		*o->value = argv[1];
		if (argv[1])
			return 2;
		usage_error("option \"%s\" needs a value", *argv);
		return 0;
	}
	usage_error("unknown option \"%s\"; type: qnetconfig -h", *argv);
	return 0;
}

static int run(char **argv)
{
	int status = opt.netns ? enter_netns(opt.netns) : 0;

	if (status)
		return status;
	if (opt.batch && *argv)
		return usage_error("\"%s\" with a batch file", *argv);
	if (opt.batch)
		return batch(opt.batch);
	if (*argv)
		return run_line(argv);
	print_help(stderr);
	return EXIT_USAGE;
}

/* Those that end the program, too. */
static int any_option(char **argv)
{
	const char *text = *argv + 1 + ((*argv)[1] == '-');

	if (is_prefix(text, "help")) {
		print_help(stdout);
		exit(0);
	}
	if (is_prefix(text, "Version")) {
		puts("qnetconfig " QNET_VERSION);
		exit(0);
	}
	return read_option(argv);
}

static bool is_option(const char *word)
{
	return *word == '-' && word[1];
}

/*
 * Options may stand behind the object as well, up to a "--"; not with those
 * whose own words are options.  Takes them out.  Return: false after an error.
 */
static bool late_options(char **argv)
{
	char **to = argv;
	int words = 1;

	if (!*argv || is_prefix(*argv, "top") || is_prefix(*argv, "netpoll"))
		return true;
	for (; *argv && strcmp(*argv, "--"); argv += words) {
		words = 1;
		if (is_option(*argv) && !isdigit((unsigned char)(*argv)[1]))
			words = any_option(argv);
		else
			*to++ = *argv;
		if (!words)
			return false;
	}
	for (argv += *argv != NULL; *argv; argv++)
		*to++ = *argv;
	*to = NULL;
	return true;
}

int main(int argc, char **argv)
{
	int words;

	(void)argc;
	setlocale(LC_CTYPE, "");
	for (argv++; *argv && is_option(*argv) && strcmp(*argv, "--");
	     argv += words) {
		words = any_option(argv);
		if (!words)
			return EXIT_USAGE;
	}
	if (!late_options(argv))
		return EXIT_USAGE;
	words = run(argv);
	qnl_close();
	return words;
}
