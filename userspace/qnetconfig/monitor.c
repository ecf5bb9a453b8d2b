// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig monitor */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "cmd.h"

#define NODES	65536

/* The last state known of each node, plus one. */
static u8 states[NODES];

static void remember(struct json_object *rec, u32 state)
{
	states[rec_num(rec, "nd") % NODES] = state + 1;
}

static u32 state_of(struct json_object *rec)
{
	u32 state = 0;

	parse_word("state", rec_str(rec, "state"), node_states, &state);
	return state;
}

static void node_text(struct json_object *rec)
{
	u8 old = states[rec_num(rec, "nd") % NODES];
	const char *watchdog = rec_str(rec, "watchdog");
	u32 state = state_of(rec);
	bool changed = old && old - 1U != state;

	printf("node %s: ", rec_name(rec, "name"));
	if (changed)
		printf("%s -> ", node_states[old - 1]);
	printf("%s", node_states[state]);
	/* Else it tells nothing new. */
	if (!changed || !strcmp(watchdog, "dead"))
		printf(", watchdog %s", watchdog);
	putchar('\n');
	remember(rec, state);
}

static void watchdog_text(struct json_object *rec)
{
	printf("watchdog ");
	watchdog_view.text(rec);
}

static void domain_text(struct json_object *rec)
{
	printf("domain: ");
	domain_view.text(rec);
}

static void bearer_text(struct json_object *rec)
{
	printf("bearer ");
	bearer_view.text(rec);
}

static void bearer_del_text(struct json_object *rec)
{
	printf("bearer %s: deleted\n", rec_str(rec, "dev"));
}

static void peer_text(struct json_object *rec)
{
	printf("peer ");
	peer_view.text(rec);
}

static void peer_del_text(struct json_object *rec)
{
	printf("peer %s: deleted\n", rec_name(rec, "name"));
}

/* Nothing else is said of one that is gone. */
static const struct field peer_del_fields[] = {
	{ QNET_A_PEER_NAME, "name", F_STRING, NULL },
	{ QNET_A_PEER_DOMAIN, "domain", F_STRING, NULL },
	{ QNET_A_PEER_ND, "nd", F_U32, NULL },
	{ }
};

static const struct view peer_del_view = { peer_del_fields, NULL, NULL };

static void link_text(struct json_object *rec)
{
	printf("link %s bearer %s: active %s\n", rec_str(rec, "node"),
	       rec_str(rec, "bearer"), rec_num(rec, "active") ? "on" : "off");
}

/* The words are those of "vc kill". */
static void vc_text(struct json_object *rec)
{
	printf("vc %#llx node %s side %s: %s chid %s\n",
	       (unsigned long long)rec_num(rec, "id"), rec_str(rec, "node"),
	       rec_str(rec, "side"), rec_str(rec, "state"),
	       rec_str(rec, "chid"));
}

static void name_text(struct json_object *rec)
{
	printf("name %s: pid %s chid %s\n", rec_str(rec, "name"),
	       rec_str(rec, "pid"), rec_str(rec, "chid"));
}

static void name_del_text(struct json_object *rec)
{
	printf("name %s: detached\n", rec_str(rec, "name"));
}

/**
 * struct event - how a notification is shown
 * @cmd:  QNET_CMD_*_NTF
 * @name: in JSON
 * @view: of its attributes
 * @text: one line
 */
static const struct event {
	u8			cmd;
	const char		*name;
	const struct view	*view;
	void			(*text)(struct json_object *rec);
} events[] = {
	{ QNET_CMD_DOMAIN_NTF, "domain", &domain_view, domain_text },
	{ QNET_CMD_BEARER_NTF, "bearer", &bearer_view, bearer_text },
	{ QNET_CMD_BEARER_DEL_NTF, "bearer_del", &bearer_view,
	  bearer_del_text },
	{ QNET_CMD_NODE_NTF, "node", &node_view, node_text },
	{ QNET_CMD_PEER_NTF, "peer", &peer_view, peer_text },
	{ QNET_CMD_PEER_DEL_NTF, "peer_del", &peer_del_view, peer_del_text },
	{ QNET_CMD_WATCHDOG_NTF, "watchdog", &watchdog_view, watchdog_text },
	{ QNET_CMD_LINK_NTF, "link", &link_view, link_text },
	{ QNET_CMD_VC_NTF, "vc", &vc_view, vc_text },
	{ QNET_CMD_NAME_NTF, "name", &name_view, name_text },
	{ QNET_CMD_NAME_DEL_NTF, "name_del", &name_view, name_del_text },
};

static const char *now(char *buf, size_t size)
{
	struct timeval tv;
	struct tm tm;
	size_t n;

	gettimeofday(&tv, NULL);
	localtime_r(&tv.tv_sec, &tm);
	n = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, size - n, ".%03u", (unsigned int)tv.tv_usec / 1000);
	return buf;
}

static void print_json(const struct event *e, struct json_object *rec)
{
	struct json_object *all = json_object_new_object();
	const struct view view = { 0 };
	struct json_object *val;
	char time[40];

	val = json_object_new_string(e->name);
	json_object_object_add(all, "event", val);
	if (opt.timestamp) {
		val = json_object_new_string(now(time, sizeof(time)));
		json_object_object_add(all, "timestamp", val);
	}
	json_object_object_foreach(rec, key, field)
		json_object_object_add(all, key, json_object_get(field));
	out_begin(&view);
	out_record(all);
	out_end();
}

static void print_event(const struct event *e, struct json_object *rec)
{
	char time[40];

	if (opt.json) {
		print_json(e, rec);
		return;
	}
	if (opt.timestamp)
		printf("[%s] ", now(time, sizeof(time)));
	e->text(rec);
	fflush(stdout);
}

static void on_event(u8 cmd, struct nlattr *attrs, int len)
{
	struct json_object *rec;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (events[i].cmd != cmd)
			continue;
		rec = qnl_record(events[i].view, attrs, len);
		print_event(&events[i], rec);
		json_object_put(rec);
	}
}

static void remember_one(struct json_object *rec, void *arg)
{
	(void)arg;
	remember(rec, state_of(rec));
	json_object_put(rec);
}

enum { ALL, NODE, LINK, VC, NAME, CONFIG };

static const struct param params[] = {
	{ "all", NULL, 0 },
	{ "node", NULL, 0 },
	{ "link", NULL, 0 },
	{ "vc", NULL, 0 },
	{ "name", NULL, 0 },
	{ "config", NULL, 0 },
	{ }
};

static const char *const group_names[] = {
	[NODE]		= QNET_MCGRP_NODE,
	[LINK]		= QNET_MCGRP_LINK,
	[VC]		= QNET_MCGRP_VC,
	[NAME]		= QNET_MCGRP_NAME,
	[CONFIG]	= QNET_MCGRP_CONFIG,
};

/* Ends with NULL. */
static void choose(const char *const *v, const char **groups)
{
	bool any = false;
	size_t i;

	for (i = NODE; i <= CONFIG; i++)
		any |= v[i] != NULL;
	for (i = NODE; i <= CONFIG; i++)
		if (v[ALL] || !any || v[i])
			*groups++ = group_names[i];
	*groups = NULL;
}

static int monitor(const char *const *v)
{
	const char *groups[ARRAY_SIZE(group_names)];
	struct nl_msg *msg;
	int status;

	choose(v, groups);
	msg = qnl_request(QNET_CMD_NODE_GET, NLM_F_DUMP);
	if (!msg)
		return EXIT_KERNEL;
	status = qnl_talk(msg, &node_view, remember_one, NULL);
	return status ? status : qnl_listen(groups, on_event);
}

static const struct command commands[] = {
	{ "", "print changes of nodes, of links, of circuits, of names, of the configuration, or all, until interrupted",
	  params, monitor },
	{ }
};

const struct object monitor_object = {
	"monitor", "changes, as they happen", commands
};
