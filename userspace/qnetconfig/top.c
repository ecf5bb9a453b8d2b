// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig top: the command, and the lines it shows. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "top.h"

enum {
	BATCH_ROWS	= 100,	/* printed for each sample */
	VCS_MAX		= 200,	/* more than any terminal has lines for */
	MS_MIN		= 100,
	MS_DEFAULT	= 2000,
};

/* --------------------------------------------------------------- texts */

/* "-" for what is not known yet; large ones as "12.3k", "4.5M" */
static const char *rate_text(char *buf, size_t size, double rate)
{
	if (rate < 0)
		snprintf(buf, size, "-");
	else if (rate > 0 && rate < 1)
		snprintf(buf, size, "%.1f", rate);
	else if (rate < 99999.5)
		snprintf(buf, size, "%.0f", rate);
	else if (rate < 99999500)
		snprintf(buf, size, "%.0fk", rate / 1000);
	else
		snprintf(buf, size, "%.0fM", rate / 1000000);
	return buf;
}

/* Of the frames sent since the sample before those that were sent again. */
static const char *loss_text(char *buf, size_t size, const struct top *t,
			     const struct top_node *n)
{
	if (n->rate[NODE_TX] < 0 || n->rate[NODE_AGAIN] < 0)
		return rate_text(buf, size, -1);
	return text_share(buf, size, n->rate[NODE_AGAIN] * t->seconds + 0.5,
			  n->rate[NODE_TX] * t->seconds + 0.5);
}

static void title_lines(struct top *t, top_line_t fn, void *arg)
{
	char msgs[24], frames[24], again[24], self[100], domain[100];
	char line[256];

	snprintf(line, sizeof(line),
		 "%s domain %s nodes %zu/%zu up, circuits %llu",
		 text_fit(self, sizeof(self), t->self, 20),
		 text_fit(domain, sizeof(domain), t->domain, 20), t->up + 1,
		 t->nr_nodes + 1, (unsigned long long)t->vcs);
	fn(TOP_TITLE, line, arg);
	snprintf(line, sizeof(line),
		 "messages/s %s  frames/s %s  retransmits/s %s",
		 rate_text(msgs, sizeof(msgs), t->rate[ALL_MSGS]),
		 rate_text(frames, sizeof(frames), t->rate[ALL_FRAMES]),
		 rate_text(again, sizeof(again), t->rate[ALL_AGAIN]));
	fn(TOP_TITLE, line, arg);
}

static void node_line(struct top *t, const struct top_node *n, top_line_t fn,
		      void *arg)
{
	char name[100], rtt[24] = "-", tx[24], rx[24], loss[24], line[256];

	if (n->rtt_us)
		text_us(rtt, sizeof(rtt), n->rtt_us);
	snprintf(line, sizeof(line), "%s %-9s %-8s %8s %8u %8s %8s %7s",
		 text_fit(name, sizeof(name), n->name, 16), n->state,
		 n->watchdog, rtt, n->vcs,
		 rate_text(tx, sizeof(tx), n->rate[NODE_TX]),
		 rate_text(rx, sizeof(rx), n->rate[NODE_RX]),
		 loss_text(loss, sizeof(loss), t, n));
	fn(TOP_ROW, line, arg);
}

static void vc_line(const struct top_vc *vc, top_line_t fn, void *arg)
{
	char node[100], tx[24], rx[24], line[256];

	snprintf(line, sizeof(line), "%#-10llx %-6s %s %8s %8s %6s %8s %8s",
		 (unsigned long long)rec_num(vc->rec, "id"),
		 rec_str(vc->rec, "side"),
		 text_fit(node, sizeof(node), rec_str(vc->rec, "node"), 16),
		 rec_str(vc->rec, "local_pid"), rec_str(vc->rec, "remote_pid"),
		 rec_str(vc->rec, "chid"),
		 rate_text(tx, sizeof(tx), vc->rate[VC_TX]),
		 rate_text(rx, sizeof(rx), vc->rate[VC_RX]));
	fn(TOP_ROW, line, arg);
}

/* A table that is cut short says so in its last line. */
static void more_line(u64 more, top_line_t fn, void *arg)
{
	char line[64];

	snprintf(line, sizeof(line), "and %llu more", (unsigned long long)more);
	fn(TOP_ROW, line, arg);
}

static void node_lines(struct top *t, size_t rows, top_line_t fn, void *arg)
{
	size_t n = t->nr_nodes <= rows ? t->nr_nodes : rows - 1;
	size_t i;

	fn(TOP_HEAD, "NODE             STATE     WATCHDOG      RTT CIRCUITS  TX-FR/S  RX-FR/S    LOSS",
	   arg);
	for (i = 0; i < n; i++)
		node_line(t, &t->node[i], fn, arg);
	if (n < t->nr_nodes)
		more_line(t->nr_nodes - n, fn, arg);
}

static void vc_lines(struct top *t, size_t rows, top_line_t fn, void *arg)
{
	size_t n = t->vcs <= rows ? t->vcs : rows - 1;
	size_t i;

	n = n <= t->nr_vcs ? n : t->nr_vcs;
	fn(TOP_HEAD, "CIRCUIT    SIDE   NODE                  PID   REMOTE   CHID TX-MSG/S RX-MSG/S",
	   arg);
	for (i = 0; i < n; i++)
		vc_line(&t->vc[i], fn, arg);
	if (n < t->vcs)
		more_line(t->vcs - n, fn, arg);
}

void top_lines(struct top *t, int rows, top_line_t fn, void *arg)
{
	/* Two titles, two heads and two blank lines; nodes get half, or more. */
	int left = rows - 6, nodes = left / 2;

	if (t->vcs < (u64)(left - nodes) && left > 0)
		nodes = left - (int)t->vcs;
	if (t->nr_nodes < (size_t)nodes && left > 0)
		nodes = t->nr_nodes;
	title_lines(t, fn, arg);
	if (left < 2)
		return;
	fn(TOP_ROW, "", arg);
	node_lines(t, nodes, fn, arg);
	fn(TOP_ROW, "", arg);
	vc_lines(t, left - nodes, fn, arg);
}

/* --------------------------------------------------------------- batch */

static void print_line(enum top_line kind, const char *line, void *arg)
{
	(void)kind;
	(void)arg;
	puts(line);
}

/* Rates that are known, in words of JSON. */
static void add_rates(struct json_object *rec, const double *rate,
		      const char *const *keys)
{
	struct json_object *val;
	int i;

	for (i = 0; keys[i]; i++) {
		if (rate[i] < 0)
			continue;
		val = json_object_new_double(rate[i]);
		json_object_object_add(rec, keys[i], val);
	}
}

static struct json_object *new_record(const char *kind)
{
	struct json_object *rec = json_object_new_object();

	json_object_object_add(rec, "kind", json_object_new_string(kind));
	return rec;
}

static void all_record(struct top *t)
{
	static const char *const keys[] = { "msgs_per_s", "frames_per_s",
					    "retrans_per_s", NULL };
	struct json_object *rec = new_record("all");

	json_object_object_add(rec, "self_name",
			       json_object_new_string(t->self));
	json_object_object_add(rec, "domain",
			       json_object_new_string(t->domain));
	json_object_object_add(rec, "nodes",
			       json_object_new_int64(t->nr_nodes + 1));
	json_object_object_add(rec, "nodes_up",
			       json_object_new_int64(t->up + 1));
	json_object_object_add(rec, "vcs", json_object_new_int64(t->vcs));
	add_rates(rec, t->rate, keys);
	out_record(rec);
}

static void node_record(const struct top_node *n)
{
	static const char *const keys[] = { "tx_frames_per_s", "retrans_per_s",
					    "rx_frames_per_s", NULL };
	struct json_object *rec = new_record("node");

	json_object_object_add(rec, "name", json_object_new_string(n->name));
	json_object_object_add(rec, "nd", json_object_new_int64(n->nd));
	json_object_object_add(rec, "state", json_object_new_string(n->state));
	json_object_object_add(rec, "watchdog",
			       json_object_new_string(n->watchdog));
	json_object_object_add(rec, "vcs", json_object_new_int64(n->vcs));
	if (n->rtt_us)
		json_object_object_add(rec, "rtt_us",
				       json_object_new_int64(n->rtt_us));
	add_rates(rec, n->rate, keys);
	out_record(rec);
}

static void vc_record(const struct top_vc *vc)
{
	static const char *const keys[] = { "tx_msgs_per_s", "rx_msgs_per_s",
					    NULL };
	struct json_object *rec = new_record("vc");

	json_object_object_foreach(vc->rec, key, field)
		json_object_object_add(rec, key, json_object_get(field));
	add_rates(rec, vc->rate, keys);
	out_record(rec);
}

static void print_sample(struct top *t)
{
	const struct view view = { 0 };
	size_t i;

	if (!opt.json) {
		top_lines(t, BATCH_ROWS, print_line, NULL);
		fflush(stdout);
		return;
	}
	out_begin(&view);
	all_record(t);
	for (i = 0; i < t->nr_nodes; i++)
		node_record(&t->node[i]);
	for (i = 0; i < t->nr_vcs; i++)
		vc_record(&t->vc[i]);
	out_end();
}

static void sleep_ms(u32 ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&left, &left))
		;
}

/* Rates want two samples: the first is not printed. */
static int batch(struct top *t, u32 ms, u32 count)
{
	int status = top_sample(t);
	u32 i;

	for (i = 0; !status && (!count || i < count); i++) {
		sleep_ms(ms);
		status = top_sample(t);
		if (status)
			break;
		if (i && !opt.json)
			putchar('\n');
		print_sample(t);
	}
	return status;
}

/* ------------------------------------------------------------- command */

enum { DELAY, COUNT, BATCH };

static const struct param params[] = {
	{ "-d", "SECS", 0 },
	{ "-n", "COUNT", 0 },
	{ "-b", NULL, 0 },
	{ }
};

static int read_params(const char *const *v, u32 *ms, u32 *count)
{
	if (v[DELAY] && !parse_time("-d", v[DELAY], ms))
		return EXIT_USAGE;
	if (*ms < MS_MIN)
		return usage_error("-d is 0.1 seconds or more");
	if (v[COUNT] && !parse_number("-n", v[COUNT], UINT32_MAX, count))
		return EXIT_USAGE;
	if (v[COUNT] && !*count)
		return usage_error("-n is 1 or more");
	return 0;
}

static int run(const char *const *v)
{
	struct top t = { .vcs_max = VCS_MAX };
	u32 ms = MS_DEFAULT, count = 0;
	int status = read_params(v, &ms, &count);

	if (status)
		return status;
	if (!v[BATCH] && !opt.json &&
	    (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return usage_error("this is no terminal; type: qnetconfig top -b");
	qnl_dump_once(true);
	if (v[BATCH] || opt.json)
		status = batch(&t, ms, count);
	else
		status = top_screen(&t, ms, count);
	qnl_dump_once(false);
	top_free(&t);
	return status;
}

static const struct command commands[] = {
	{ "", "nodes and circuits and how much they do, live; -b: plain text, without a terminal",
	  params, run },
	{ }
};

const struct object top_object = {
	"top", "nodes and circuits and how much they do, live", commands
};
