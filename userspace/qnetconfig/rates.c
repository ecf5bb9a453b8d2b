// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters made into rates.
 *
 * Of a circuit only its number and its counters are kept from one sample to the
 * next, and of one sample the records of the busiest: there may be very many.
 */
#include <json-c/json.h>
#include <linux/qnet_netlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "top.h"

/**
 * struct count - counters of one thing
 * @key:   which
 * @value: the counters
 */
struct count {
	u64	key[2];
	u64	value[COUNTERS];
};

static int compare_keys(const void *a, const void *b)
{
	return memcmp(((const struct count *)a)->key,
		      ((const struct count *)b)->key, sizeof(u64) * 2);
}

/* This sample is over: it becomes the one before. */
static void past_turn(struct past *p)
{
	struct past was = *p;

	p->old = was.now;
	p->nr_old = was.nr_now;
	p->room_old = was.room_now;
	p->now = was.old;
	p->nr_now = 0;
	p->room_now = was.room_old;
	if (p->nr_old)
		qsort(p->old, p->nr_old, sizeof(*p->old), compare_keys);
}

static void past_keep(struct past *p, const struct count *c)
{
	size_t room = p->room_now ? p->room_now * 2 : 64;
	struct count *more;

	if (p->nr_now == p->room_now) {
		more = realloc(p->now, room * sizeof(*more));
		/* Then it will have no rate. */
		if (!more)
			return;
		p->now = more;
		p->room_now = room;
	}
	p->now[p->nr_now++] = *c;
}

static void past_free(struct past *p)
{
	free(p->now);
	free(p->old);
	memset(p, 0, sizeof(*p));
}

/* Keeps counters, and says how fast they grew; -1 for what was not there. */
static void past_rates(struct past *p, const struct count *c, double seconds,
		       double *rate)
{
	const struct count *old = NULL;
	int i;

	if (p->nr_old)
		old = bsearch(c, p->old, p->nr_old, sizeof(*c), compare_keys);
	for (i = 0; i < COUNTERS; i++)
		/* One that fell was begun anew. */
		rate[i] = old && seconds > 0 && c->value[i] >= old->value[i] ?
			  (c->value[i] - old->value[i]) / seconds : -1;
	past_keep(p, c);
}

/* --------------------------------------------------------------- nodes */

static void copy(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = 0;
}

static void replace(char **text, const char *with)
{
	free(*text);
	*text = strdup(with);
}

static int compare_nds(const void *a, const void *b)
{
	u32 x = ((const struct top_node *)a)->nd;
	u32 y = ((const struct top_node *)b)->nd;

	return x < y ? -1 : x > y;
}

static void add_node(struct top *t, struct json_object *rec)
{
	struct top_node *n;

	n = realloc(t->node, (t->nr_nodes + 1) * sizeof(*n));
	if (!n)
		return;
	t->node = n;
	n += t->nr_nodes;
	memset(n, 0, sizeof(*n));
	n->name = strdup(rec_name(rec, "name"));
	if (!n->name)
		return;
	t->nr_nodes++;
	n->nd = rec_num(rec, "nd");
	n->vcs = rec_num(rec, "vcs");
	copy(n->state, sizeof(n->state), rec_str(rec, "state"));
	copy(n->watchdog, sizeof(n->watchdog), rec_str(rec, "watchdog"));
	t->up += !strcmp(n->state, "up");
}

static void take_node(struct json_object *rec, void *arg)
{
	if (!rec_bool(rec, "self"))
		add_node(arg, rec);
	json_object_put(rec);
}

static void take_link(struct json_object *rec, void *arg)
{
	const struct top_node key = { .nd = rec_num(rec, "nd") };
	u32 rtt = rec_num(rec, "rtt_us");
	struct top *t = arg;
	struct top_node *n;

	n = t->nr_nodes ? bsearch(&key, t->node, t->nr_nodes, sizeof(key),
				  compare_nds) : NULL;
	if (n) {
		n->counter[NODE_TX] += rec_num(rec, "tx_frames");
		n->counter[NODE_AGAIN] += rec_num(rec, "tx_retrans");
		n->counter[NODE_RX] += rec_num(rec, "rx_frames");
		if (rtt && rec_num(rec, "active") &&
		    (!n->rtt_us || rtt < n->rtt_us))
			n->rtt_us = rtt;
	}
	json_object_put(rec);
}

static void forget_nodes(struct top *t)
{
	size_t i;

	for (i = 0; i < t->nr_nodes; i++)
		free(t->node[i].name);
	free(t->node);
	t->node = NULL;
	t->nr_nodes = 0;
	t->up = 0;
}

static int sample_nodes(struct top *t)
{
	struct count c;
	int status;
	size_t i;

	forget_nodes(t);
	status = qnl_each(QNET_CMD_NODE_GET, &node_view, take_node, t);
	if (status)
		return status;
	if (t->nr_nodes)
		qsort(t->node, t->nr_nodes, sizeof(*t->node), compare_nds);
	status = qnl_each(QNET_CMD_LINK_GET, &link_view, take_link, t);
	for (i = 0; i < t->nr_nodes && !status; i++) {
		c.key[0] = t->node[i].nd;
		c.key[1] = 0;
		memcpy(c.value, t->node[i].counter, sizeof(c.value));
		past_rates(&t->past_nodes, &c, t->seconds, t->node[i].rate);
	}
	past_turn(&t->past_nodes);
	return status;
}

static double node_rate(const struct top_node *n)
{
	return n->rate[NODE_TX] + n->rate[NODE_RX];
}

static int by_name(const void *a, const void *b)
{
	int order = strcmp(((const struct top_node *)a)->name,
			   ((const struct top_node *)b)->name);

	return order ? order : compare_nds(a, b);
}

static int by_rate(const void *a, const void *b)
{
	double x = node_rate(a), y = node_rate(b);

	return x > y ? -1 : x < y ? 1 : by_name(a, b);
}

static int by_circuits(const void *a, const void *b)
{
	u32 x = ((const struct top_node *)a)->vcs;
	u32 y = ((const struct top_node *)b)->vcs;

	return x > y ? -1 : x < y ? 1 : by_name(a, b);
}

void top_sort(struct top *t)
{
	static int (*const orders[])(const void *, const void *) = {
		[BY_RATE] = by_rate, [BY_NAME] = by_name,
		[BY_CIRCUITS] = by_circuits,
	};

	if (t->nr_nodes)
		qsort(t->node, t->nr_nodes, sizeof(*t->node),
		      orders[t->order]);
}

/* ------------------------------------------------------------ circuits */

static double vc_rate(const struct top_vc *vc)
{
	return vc->rate[VC_TX] + vc->rate[VC_RX];
}

static void keep_busiest(struct top *t, const struct top_vc *vc)
{
	size_t i;

	if (t->nr_vcs == t->vcs_max) {
		if (!t->nr_vcs || vc_rate(vc) <= vc_rate(&t->vc[t->nr_vcs - 1])) {
			json_object_put(vc->rec);
			return;
		}
		json_object_put(t->vc[--t->nr_vcs].rec);
	}
	for (i = t->nr_vcs++; i && vc_rate(&t->vc[i - 1]) < vc_rate(vc); i--)
		t->vc[i] = t->vc[i - 1];
	t->vc[i] = *vc;
}

static void take_vc(struct json_object *rec, void *arg)
{
	struct top_vc vc = { .rec = rec };
	struct top *t = arg;
	struct count c = {
		/* The same number may be there for either side. */
		.key = { (u64)rec_num(rec, "nd") << 32 | rec_num(rec, "id"),
			 *rec_str(rec, "side") },
		.value = { rec_num(rec, "tx_msgs"), rec_num(rec, "rx_msgs") },
	};

	t->vcs++;
	past_rates(&t->past_vcs, &c, t->seconds, vc.rate);
	keep_busiest(t, &vc);
}

static void forget_vcs(struct top *t)
{
	while (t->nr_vcs)
		json_object_put(t->vc[--t->nr_vcs].rec);
	t->vcs = 0;
}

static int sample_vcs(struct top *t)
{
	int status;

	forget_vcs(t);
	status = qnl_each(QNET_CMD_VC_GET, &vc_view, take_vc, t);
	past_turn(&t->past_vcs);
	return status;
}

/* ---------------------------------------------------------- everything */

static void take_stat(struct json_object *rec, void *arg)
{
	static const struct {
		const char	*name;
		int		counter;
	} parts[] = {
		{ "client_msgs", ALL_MSGS }, { "server_msgs", ALL_MSGS },
		{ "tx_frames", ALL_FRAMES }, { "rx_frames", ALL_FRAMES },
		{ "tx_retrans", ALL_AGAIN },
	};
	struct count *all = arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strcmp(rec_str(rec, "name"), parts[i].name))
			all->value[parts[i].counter] += rec_num(rec, "value");
	json_object_put(rec);
}

static int sample_all(struct top *t)
{
	struct count all = { 0 };
	struct json_object *rec;
	int status;

	status = qnl_load_one(QNET_CMD_DOMAIN_GET, &domain_view, &rec);
	if (!status)
		status = qnl_each(QNET_CMD_STATS_GET, &stats_view, take_stat,
				  &all);
	if (!status) {
		replace(&t->self, rec_str(rec, "self_name"));
		replace(&t->domain, rec_str(rec, "name"));
		past_rates(&t->past_all, &all, t->seconds, t->rate);
	}
	if (!status && (!t->self || !t->domain))
		status = usage_error("out of memory");
	json_object_put(rec);
	past_turn(&t->past_all);
	return status;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int top_sample(struct top *t)
{
	double stamp = now();
	int status;

	t->seconds = t->stamp > 0 ? stamp - t->stamp : 0;
	t->stamp = stamp;
	if (!t->vc)
		t->vc = calloc(t->vcs_max, sizeof(*t->vc));
	if (!t->vc)
		return usage_error("out of memory");
	status = sample_all(t);
	if (!status)
		status = sample_nodes(t);
	if (!status)
		status = sample_vcs(t);
	top_sort(t);
	return status;
}

void top_free(struct top *t)
{
	forget_nodes(t);
	forget_vcs(t);
	past_free(&t->past_all);
	past_free(&t->past_nodes);
	past_free(&t->past_vcs);
	free(t->vc);
	free(t->self);
	free(t->domain);
}
