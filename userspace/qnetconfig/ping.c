// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig node ping */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd.h"

/* An answer is awaited for so long, and looked for so often.  In between the kernel
 * is asked again: if a probe was out already, and had been sent more than once, nobody
 * knows what its answer took.  It sends no other while one is out.
 */
enum { WAIT_MS = 1000, AGAIN_MS = 250, LOOK_MS = 5 };

enum { NODE, COUNT, INTERVAL };

const struct param ping_params[] = {
	{ "NODE", NULL, P_POSITIONAL | P_REQUIRED },
	{ "count", "N", 0 },
	{ "interval", "TIME", 0 },
	{ }
};

/**
 * struct pings - a series of them
 * @nd:       the node
 * @name:     as it was given
 * @n:        number of the probe that is out, from 1
 * @before:   links with their counts of answers before that
 * @links:    the same now
 * @told:     bearers whose answer was printed
 * @sent:     probes, one per link
 * @answered: of these
 * @min:      time of the fastest answer, in us
 * @max:      of the slowest
 * @sum:      of all
 */
struct pings {
	u32			nd;
	const char		*name;
	u32			n;
	struct json_object	*before;
	struct json_object	*links;
	struct json_object	*told;
	u32			sent;
	u32			answered;
	u64			min;
	u64			max;
	u64			sum;
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

static void pause_ms(u64 ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* ------------------------------------------------------------------ output */

static void summary_text(struct json_object *rec)
{
	printf("%s: %s probes, %s answered", rec_str(rec, "node"),
	       rec_str(rec, "sent"), rec_str(rec, "answered"));
	if (rec_has(rec, "min_us"))
		printf(", min/avg/max %s/%s/%s us", rec_str(rec, "min_us"),
		       rec_str(rec, "avg_us"), rec_str(rec, "max_us"));
	putchar('\n');
}

static void text(struct json_object *rec)
{
	if (rec_has(rec, "sent")) {
		summary_text(rec);
		return;
	}
	printf("%s", rec_str(rec, "node"));
	if (rec_has(rec, "bearer"))
		printf(" bearer %s", rec_str(rec, "bearer"));
	printf(" probe %s: ", rec_str(rec, "probe"));
	if (rec_has(rec, "rtt_us"))
		printf("%s us\n", rec_str(rec, "rtt_us"));
	else
		puts("no answer");
	fflush(stdout);
}

static const struct view ping_view = { NULL, NULL, text };

static struct json_object *record(const struct pings *p)
{
	struct json_object *rec = json_object_new_object();

	json_object_object_add(rec, "node", json_object_new_string(p->name));
	return rec;
}

static void put_num(struct json_object *rec, const char *key, u64 value)
{
	json_object_object_add(rec, key, json_object_new_uint64(value));
}

/* What became of a probe; @link: NULL if there is none to the node. */
static void tell(struct pings *p, struct json_object *link, bool answered)
{
	struct json_object *rec = record(p);
	u64 us = rec_num(link, "last_rtt_us");

	if (link)
		json_object_object_add(rec, "bearer", json_object_get(
				       json_object_object_get(link, "bearer")));
	put_num(rec, "probe", p->n);
	json_object_object_add(rec, "answered",
			       json_object_new_boolean(answered));
	p->sent++;
	if (answered) {
		put_num(rec, "rtt_us", us);
		p->min = !p->answered || us < p->min ? us : p->min;
		p->max = us > p->max ? us : p->max;
		p->sum += us;
		p->answered++;
	}
	out_record(rec);
}

static void sum_up(const struct pings *p)
{
	struct json_object *rec = record(p);

	put_num(rec, "sent", p->sent);
	put_num(rec, "answered", p->answered);
	if (p->answered) {
		put_num(rec, "min_us", p->min);
		put_num(rec, "avg_us", p->sum / p->answered);
		put_num(rec, "max_us", p->max);
	}
	out_record(rec);
}

/* --------------------------------------------------------------- one probe */

static void add_link(struct json_object *rec, void *links)
{
	json_object_array_add(links, rec);
}

/* Replaces @links. */
static int load_links(const struct pings *p, struct json_object **links)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_LINK_GET, NLM_F_DUMP);

	if (!msg)
		return EXIT_KERNEL;
	json_object_put(*links);
	*links = json_object_new_array();
	nla_put_u32(msg, QNET_A_LINK_ND, p->nd);
	return qnl_talk(msg, &link_view, add_link, *links);
}

static int send_probe(const struct pings *p)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_NODE_PING, 0);

	if (!msg)
		return EXIT_KERNEL;
	nla_put_u32(msg, QNET_A_NODE_ND, p->nd);
	return qnl_talk(msg, &node_view, NULL, NULL);
}

static const char *bearer_of(struct json_object *link)
{
	return json_object_get_string(json_object_object_get(link, "bearer"));
}

/* Answers there had been over a link before the probe. */
static s64 answers_before(const struct pings *p, const char *bearer)
{
	struct json_object *link;
	size_t i;

	for (i = 0; i < json_object_array_length(p->before); i++) {
		link = json_object_array_get_idx(p->before, i);
		if (!strcmp(bearer_of(link), bearer))
			return rec_num(link, "answers");
	}
	return 0;
}

/* Tells of links that have answered, @last of the others, too.  Return: is each
 * told of?
 */
static bool look(struct pings *p, bool last)
{
	size_t i, n = json_object_array_length(p->links), told = 0;
	struct json_object *link;
	const char *bearer;
	bool answered;

	for (i = 0; i < n; i++) {
		link = json_object_array_get_idx(p->links, i);
		bearer = bearer_of(link);
		answered = rec_num(link, "answers") &&
			   rec_num(link, "answers") !=
			   answers_before(p, bearer);
		if (!rec_has(p->told, bearer) && (answered || last)) {
			tell(p, link, answered);
			json_object_object_add(p->told, bearer, NULL);
		}
		told += rec_has(p->told, bearer);
	}
	if (!n && last)
		tell(p, NULL, false);
	return n && told == n;
}

static int probe(struct pings *p)
{
	u64 start = now_ms(), again = start;
	bool done = false;
	int status;

	p->told = json_object_new_object();
	status = load_links(p, &p->before);
	while (!status && !done) {
		bool last = stopped || now_ms() - start >= WAIT_MS;

		if (!last && now_ms() >= again) {
			status = send_probe(p);
			again += AGAIN_MS;
		}
		if (!status)
			status = load_links(p, &p->links);
		done = status || look(p, last) || last;
		if (!done)
			pause_ms(LOOK_MS);
	}
	json_object_put(p->told);
	return status;
}

/* ------------------------------------------------------------- the command */

static int series(struct pings *p, u32 count, u32 interval)
{
	u64 next = now_ms();
	int status = 0;

	while (!status && !stopped && p->n < count) {
		if (now_ms() < next)
			pause_ms(next - now_ms());
		if (stopped)
			break;
		next = now_ms() + interval;
		p->n++;
		status = probe(p);
	}
	return status;
}

int ping(const char *const *v)
{
	const struct sigaction action = { .sa_handler = stop,
					  .sa_flags = SA_RESTART };
	struct sigaction was;
	struct pings p = { .name = v[NODE] };
	u32 count = 4, interval = 1000;
	int status;

	if ((v[COUNT] && !parse_number("count", v[COUNT], UINT32_MAX,
				       &count)) ||
	    (v[INTERVAL] && !parse_time("interval", v[INTERVAL], &interval)))
		return EXIT_USAGE;
	status = node_find(v[NODE], &p.nd);
	if (status)
		return status;

	stopped = 0;
	sigaction(SIGINT, &action, &was);
	out_begin(&ping_view);
	status = series(&p, count, interval);
	if (!status)
		sum_up(&p);
	out_end();
	/* A batch goes on. */
	sigaction(SIGINT, &was, NULL);
	json_object_put(p.before);
	json_object_put(p.links);
	return status || p.answered ? status : EXIT_KERNEL;
}
