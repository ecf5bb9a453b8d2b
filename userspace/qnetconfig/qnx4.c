// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig netmap, netpoll: known to who knows QNX 4. */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

/* -------------------------------------------------------------- netmap */

static void map_text(struct json_object *rec)
{
	printf("%6s %4s ", rec_str(rec, "nd"), rec_str(rec, "lan"));
	put_colored(COLOR_MAC, 17, rec_str(rec, "lladdr"));
	printf("%10s %8s  ", rec_str(rec, "tx_frames"),
	       rec_str(rec, "failures"));
	put_colored(COLOR_DEV, 8, rec_str(rec, "bearer"));
	printf("%s%s\n", rec_str(rec, "node"),
	       rec_bool(rec, "self") ? "*" : "");
}

static const struct view map_view = {
	NULL,
	"  NODE  LAN PHYSICAL                  TX     FAIL  BEARER   NAME",
	map_text
};

/* The number of a bearer, as QNX 4 numbers its drivers: from 1 on; or 0 */
static int lan_of(struct json_object *bearers, const char *dev)
{
	struct json_object *rec;
	size_t i;

	for (i = 0; i < json_object_array_length(bearers); i++) {
		rec = json_object_array_get_idx(bearers, i);
		if (!strcmp(rec_str(rec, "dev"), dev))
			return i + 1;
	}
	return 0;
}

static void copy_field(struct json_object *to, const char *key,
		       struct json_object *from, const char *from_key)
{
	struct json_object *val;

	if (json_object_object_get_ex(from, from_key, &val))
		json_object_object_add(to, key, json_object_get(val));
}

/* One line of the map; @at: a bearer, a link or a node that has an address */
static void map_record(struct json_object *node, struct json_object *at,
		       const char *dev_key, struct json_object *bearers)
{
	struct json_object *rec = json_object_new_object();
	int lan = lan_of(bearers, rec_str(at, dev_key));

	copy_field(rec, "nd", node, "nd");
	if (lan)
		json_object_object_add(rec, "lan", json_object_new_int(lan));
	copy_field(rec, "lladdr", at, "lladdr");
	copy_field(rec, "tx_frames", at, "tx_frames");
	copy_field(rec, "failures", at, "failures");
	copy_field(rec, "bearer", at, dev_key);
	json_object_object_add(rec, "node",
			       json_object_new_string(rec_name(node, "name")));
	copy_field(rec, "self", node, "self");
	out_record(rec);
}

static void map_node(struct json_object *node, struct json_object *bearers)
{
	bool self = rec_bool(node, "self");
	struct json_object *ways = self ? bearers :
				   json_object_object_get(node, "links");
	size_t i;

	for (i = 0; i < json_object_array_length(ways); i++)
		map_record(node, json_object_array_get_idx(ways, i),
			   self ? "dev" : "bearer", bearers);
	/* One that an administrator gave an address, and that was not heard. */
	if (!i && rec_has(node, "lladdr"))
		map_record(node, node, "bearer", bearers);
}

static int map(const char *const *v)
{
	struct json_object *bearers, *nodes = NULL;
	int status;
	size_t i;

	(void)v;
	status = qnl_load(QNET_CMD_BEARER_GET, &bearer_view, &bearers);
	if (!status)
		status = qnl_load_nodes(&nodes);
	if (!status) {
		out_begin(&map_view);
		for (i = 0; i < json_object_array_length(nodes); i++)
			map_node(json_object_array_get_idx(nodes, i), bearers);
		out_end();
	}
	json_object_put(nodes);
	json_object_put(bearers);
	return status;
}

static const struct param no_params[] = { { } };

static const struct command map_commands[] = {
	{ "", "the map of QNX 4's netmap: node, LAN and address, frames sent and links given up",
	  no_params, map },
	{ }
};

const struct object netmap_object = {
	"netmap", "which node has which address, as QNX 4 shows it", map_commands
};

/* ------------------------------------------------------------- netpoll */

static void poll_text(struct json_object *rec)
{
	s64 polls = rec_num(rec, "num_polls");
	s64 period = rec_num(rec, "poll_period_ms");

	printf("%-16s -i %-7s -p %-7s -r %-4lld given up after %gs\n",
	       rec_has(rec, "node") ? rec_name(rec, "node") : "all",
	       rec_time(rec, "idle_time_ms"), rec_time(rec, "poll_period_ms"),
	       (long long)polls, (double)(polls * period) / 1000);
}

enum { IDLE, PERIOD, RETRIES, NODE };

static const struct param poll_params[] = {
	{ "-i", "IDLE_TIME", 0 },
	{ "-p", "POLL_PERIOD", 0 },
	{ "-r", "NUM_RETRIES", 0 },
	{ "-n", "NODE", 0 },
	{ }
};

static int poll_show(const char *node)
{
	const struct view view = { watchdog_view.fields, NULL, poll_text };
	struct nl_msg *msg;

	msg = watchdog_request(QNET_CMD_WATCHDOG_GET, node ? 0 : NLM_F_DUMP, node);
	return msg ? qnl_show(msg, &view) : EXIT_KERNEL;
}

static int poll_set(const char *const *v)
{
	u32 idle, period, retries;
	struct nl_msg *msg;

	if ((v[IDLE] && !parse_time("-i", v[IDLE], &idle)) ||
	    (v[PERIOD] && !parse_time("-p", v[PERIOD], &period)) ||
	    (v[RETRIES] && !parse_number("-r", v[RETRIES], UINT32_MAX,
					 &retries)))
		return EXIT_USAGE;
	msg = watchdog_request(QNET_CMD_WATCHDOG_SET, 0, v[NODE]);
	if (!msg)
		return EXIT_KERNEL;
	if (v[IDLE])
		nla_put_u32(msg, QNET_A_WATCHDOG_IDLE_TIME, idle);
	if (v[PERIOD])
		nla_put_u32(msg, QNET_A_WATCHDOG_POLL_PERIOD, period);
	if (v[RETRIES])
		nla_put_u32(msg, QNET_A_WATCHDOG_NUM_POLLS, retries);
	return qnl_talk(msg, &watchdog_view, NULL, NULL);
}

static int netpoll(const char *const *v)
{
	if (v[IDLE] || v[PERIOD] || v[RETRIES])
		return poll_set(v);
	return poll_show(v[NODE]);
}

static const struct command poll_commands[] = {
	{ "", "what of the watchdog QNX 4's netpoll shows and sets: idle time, poll period, retries",
	  poll_params, netpoll },
	{ }
};

const struct object netpoll_object = {
	"netpoll", "the watchdog's parameters, as QNX 4 sets them", poll_commands
};
