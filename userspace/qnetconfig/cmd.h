/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qnetconfig: what its files share.
 *
 * An object is a table of commands, a command a table of parameters.  The
 * parser and the help read the same tables, so that help is true.  What the
 * kernel answers becomes a JSON object first, whatever the output shall be:
 * text is printed from that.
 */
#ifndef QNETCONFIG_CMD_H
#define QNETCONFIG_CMD_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

typedef __u8 u8;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

struct json_object;
struct nl_msg;
struct nlattr;
struct qnet_diag_msg;
struct qnet_diag_req;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __printf(a, b)	__attribute__((__format__(printf, a, b)))

enum {
	EXIT_USAGE	= 1,	/* the command line is wrong */
	EXIT_KERNEL	= 2,	/* the kernel refused, or there is no Qnet */
};

struct options {
	bool		json;
	bool		pretty;
	bool		details;
	bool		oneline;
	bool		force;
	bool		timestamp;
	bool		stats;
	bool		color;
	const char	*netns;
	const char	*batch;
};

extern struct options opt;

/* ------------------------------------------------------- qnetconfig.c */

#define P_REQUIRED	0x1
#define P_POSITIONAL	0x2	/* a value without a keyword before it */
#define P_ONE_OF	0x4	/* exactly one of those that stand together */

/**
 * struct param - one parameter of a command
 * @key:   keyword; of a positional one what stands for it in the help
 * @value: what stands for its value in the help; NULL: the keyword is all
 * @flags: P_*
 */
struct param {
	const char	*key;
	const char	*value;
	unsigned int	flags;
};

#define PARAMS_MAX	12

/**
 * struct command - one command of an object
 * @name:   its name; an object's only command may have none
 * @doc:    one line
 * @params: ends with a NULL key
 * @run:    gets the values in the order of @params, the keyword itself for
 *          those without value, NULL for what was not given; returns the exit
 *          status
 */
struct command {
	const char		*name;
	const char		*doc;
	const struct param	*params;
	int			(*run)(const char *const *v);
};

struct object {
	const char		*name;
	const char		*doc;
	const struct command	*commands;	/* ends with a NULL run */
};

extern const struct object domain_object;
extern const struct object bearer_object;
extern const struct object node_object;
extern const struct object peer_object;
extern const struct object vc_object;
extern const struct object channel_object;
extern const struct object name_object;
extern const struct object stats_object;
extern const struct object link_object;
extern const struct object watchdog_object;
extern const struct object monitor_object;
extern const struct object topology_object;
extern const struct object top_object;
extern const struct object netmap_object;
extern const struct object netpoll_object;

/* Prints "Error: ..." to stderr; returns EXIT_USAGE. */
int usage_error(const char *fmt, ...) __printf(1, 2);

/**
 * parse_number() - read a number of a parameter
 * @key:  the parameter
 * @text: decimal, or hexadecimal with 0x
 * @max:  the largest allowed
 * @out:  the number
 *
 * Return: false after an error message.
 */
bool parse_number(const char *key, const char *text, u32 max,
		  u32 *out);

/* The same for a size in bytes, below 4 GiB, or in K, M or G of 1024. */
bool parse_size(const char *key, const char *text, u32 *out);

/* The same for a time, in seconds (2, 0.5s) or in milliseconds (500ms). */
bool parse_time(const char *key, const char *text, u32 *ms);

/* The same for six bytes in hexadecimal, with colons or dashes. */
bool parse_mac(const char *key, const char *text, u8 *mac);

/* The same for one of a list of words that ends with NULL. */
bool parse_word(const char *key, const char *text, const char *const *words,
		u32 *out);

/* --------------------------------------------------------------- nl.c */

enum field_type {
	F_U32,
	F_S32,
	F_U64,
	F_STRING,
	F_FLAG,		/* false if it is not there */
	F_ASKED,	/* a flag of requests, never told */
	F_BOOL,		/* u32, 0 or 1 */
	F_MAC,
	F_UUID,
	F_DEV,		/* u32, an ifindex; shown as the device's name */
	F_ENUM,		/* u32, one of words */
	F_BITS,		/* u32, any of words, the first is bit 0 */
};

/**
 * struct field - how an attribute is shown
 * @attr:  its number
 * @key:   in JSON, and in errors that blame it
 * @type:  enum field_type
 * @words: of F_ENUM and F_BITS, ends with NULL
 */
struct field {
	int			attr;
	const char		*key;
	enum field_type		type;
	const char *const	*words;
};

/**
 * struct view - how the messages of an object are shown
 * @fields: in the order of JSON, ends with attr 0
 * @header: line above the first record of text, or NULL
 * @text:   prints one record
 */
struct view {
	const struct field	*fields;
	const char		*header;
	void			(*text)(struct json_object *rec);
};

extern const struct view domain_view;
extern const struct view bearer_view;
extern const struct view node_view;
extern const struct view peer_view;
extern const struct view vc_view;
extern const struct view name_view;
extern const struct view stats_view;
extern const struct view link_view;
extern const struct view watchdog_view;

/* The number of a node that is given by its name or number; 0 or an exit status. */
int node_find(const char *node, u32 *nd);

/* "node ping", in ping.c */
extern const struct param ping_params[];
int ping(const char *const *v);

extern const char *const node_states[];
extern const char *const watchdog_states[];

/* A request; dumps have NLM_F_DUMP in @flags.  NULL after an error message. */
struct nl_msg *qnl_request(u8 cmd, int flags);

/* The same about the watchdog of @node, or of all if that is NULL. */
struct nl_msg *watchdog_request(u8 cmd, int flags, const char *node);

/* What gets each answer; it owns @rec. */
typedef void (*qnl_record_t)(struct json_object *rec, void *arg);

/**
 * qnl_talk() - send a request and take the answers
 * @msg:  from qnl_request(), consumed
 * @view: how to read answers
 * @fn:   gets them, may be NULL
 * @arg:  for @fn
 *
 * A list is asked for again if it changed while it was read, and given to @fn when
 * it has come; if it changes every time, what came last, after a word to stderr.
 *
 * Return: exit status, after an error message if not 0.
 */
int qnl_talk(struct nl_msg *msg, const struct view *view, qnl_record_t fn,
	     void *arg);

/*
 * Lists that change while they are read are taken as they come, or are not any more:
 * for who asks again and again anyway.
 */
void qnl_dump_once(bool on);

/**
 * qnl_show() - send a request and print the answers
 * @msg:  from qnl_request(), consumed
 * @view: how
 *
 * Return: exit status, after an error message if not 0.
 */
int qnl_show(struct nl_msg *msg, const struct view *view);

/**
 * qnl_sockets() - ask which sockets there are
 * @req: which ones, see diag_request()
 * @fn:  gets them as diag_record() makes them
 * @arg: for @fn
 *
 * Return: exit status, after an error message if not 0.
 */
int qnl_sockets(struct qnet_diag_req *req, qnl_record_t fn, void *arg);

/* Gets each notification: its command and attributes. */
typedef void (*qnl_event_t)(u8 cmd, struct nlattr *attrs, int len);

/**
 * qnl_listen() - print what happens until interrupted
 * @groups: names of multicast groups, ends with NULL
 * @fn:     gets each notification
 *
 * Return: exit status, after an error message.
 */
int qnl_listen(const char *const *groups, qnl_event_t fn);

struct json_object *qnl_record(const struct view *view, struct nlattr *attrs,
			       int len);

/* Puts "name" or "name.domain" into the two attributes. */
void qnl_put_name(struct nl_msg *msg, int name_attr, int domain_attr,
		  const char *name);

void qnl_close(void);

/* ------------------------------------------------------------- diag.c */

struct json_object *diag_record(const struct qnet_diag_msg *m,
				struct nlattr *attrs, int len);

/* A request for sockets of a kind, QNET_DIAG_*; 0 or an exit status. */
int diag_request(struct qnet_diag_req *req, int kind);

#define DIAG_MEMORY	9	/* numbers that tell of a socket's memory */

/* The "memory" of a record, from them and back to them: false if it has none. */
struct json_object *diag_memory(const u32 *value);
bool diag_read_memory(struct json_object *rec, u32 *value);

/* Prints which socket it is, and what memory it takes if that is known. */
void diag_print_socket(struct json_object *rec);

/* Prints what hangs on a socket, a line each, after out_nl(). */
void diag_print_calls(struct json_object *rec);

/* ------------------------------------------------------------ lists.c */

/* A dump, record by record.  Each returns an exit status after an error message. */
int qnl_each(u8 cmd, const struct view *view, qnl_record_t fn, void *arg);

/* The same in one array, for the caller to put, after an error as well. */
int qnl_load(u8 cmd, const struct view *view, struct json_object **list);

/* The only answer to a request without attributes, or NULL. */
int qnl_load_one(u8 cmd, const struct view *view, struct json_object **rec);

/* All nodes, each with an array "links" of the ways to it. */
int qnl_load_nodes(struct json_object **nodes);

/* ------------------------------------------------------------- text.c */

enum color {
	COLOR_NONE,
	COLOR_DEV,
	COLOR_MAC,
	COLOR_GOOD,
	COLOR_BAD,
	COLOR_WAIT,
};

/* "never", "auto" or "always"; false after an error message. */
bool color_setup(const char *when);

/* What begins a colour on the terminal and what ends it; "" without -color. */
const char *color_on(enum color color);
const char *color_off(enum color color);

/* The colour of the word for a state, as "up". */
enum color color_of(const char *state);

/* Prints a word in a colour; padded to a width that is not 0, and a blank. */
void put_colored(enum color color, int width, const char *text);
void put_state(int width, const char *state);

/* Whether the terminal knows more than ASCII. */
bool text_is_utf8(void);

/**
 * text_next() - one character of a text that somebody else wrote
 * @text:  not empty
 * @state: zero at the beginning of a text
 * @c:     the character; "?" for what cannot be printed
 * @width: columns it takes
 *
 * Return: its length in bytes.
 */
size_t text_next(const char *text, mbstate_t *state, wchar_t *c, int *width);

/*
 * A text that takes exactly so many columns: padded with blanks, or cut short
 * with "~" as the last.
 */
const char *text_fit(char *buf, size_t size, const char *text, int columns);

/* "0.5%"; "-" of nothing. */
const char *text_share(char *buf, size_t size, u64 part, u64 whole);

/* Microseconds as "120us", "12ms", "3s". */
const char *text_us(char *buf, size_t size, u64 us);

/* -------------------------------------------------------------- out.c */

void out_begin(const struct view *view);
void out_record(struct json_object *rec);	/* consumes it */
void out_end(void);

/* The end of a line within a record; with -oneline a backslash. */
const char *out_nl(void);

bool rec_has(struct json_object *rec, const char *key);
bool rec_bool(struct json_object *rec, const char *key);
s64 rec_num(struct json_object *rec, const char *key);
/* The value as text, "-" if there is none; in one of a few static buffers. */
const char *rec_str(struct json_object *rec, const char *key);
/* The same of a node, with its domain if it has one: "b.plant". */
const char *rec_name(struct json_object *rec, const char *key);
/* Milliseconds as "0.2s", "41s", "3h12m"; "-" if there are none. */
const char *rec_age(struct json_object *rec, const char *key);
/* Milliseconds as "10s", "0.5s". */
const char *rec_time(struct json_object *rec, const char *key);
/* Bytes as "16M", "100K", "1000"; "-" if there are none. */
const char *rec_size(struct json_object *rec, const char *key);
/* An array of words as "a,b"; "-" if empty. */
const char *rec_list(struct json_object *rec, const char *key);

/* --------------------------------------------------------- topology.c */

/* "1 node", "3 nodes" */
const char *some(char *buf, size_t size, u64 n, const char *what);

/* What is known of a link, as text. */
const char *link_state(struct json_object *link);
const char *link_rtt(struct json_object *link, char *buf, size_t size);
const char *link_loss(struct json_object *link, char *buf, size_t size);

/* -------------------------------------------------------------- dot.c */

/* Prints what topology shows as Graphviz source. */
void dot_print(struct json_object *rec);

#endif /* QNETCONFIG_CMD_H */
