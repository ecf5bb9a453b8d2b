// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig node */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd.h"

const char *const node_states[] = {
	[QNET_NODE_STATE_DOWN]		= "down",
	[QNET_NODE_STATE_RESOLVING]	= "resolving",
	[QNET_NODE_STATE_OPENING]	= "opening",
	[QNET_NODE_STATE_UP]		= "up",
	NULL
};

const char *const watchdog_states[] = {
	[QNET_WATCHDOG_STATE_OFF]	= "off",
	[QNET_WATCHDOG_STATE_UP]	= "up",
	[QNET_WATCHDOG_STATE_PROBING]	= "probing",
	[QNET_WATCHDOG_STATE_SUSPECT]	= "suspect",
	[QNET_WATCHDOG_STATE_DEAD]	= "dead",
	NULL
};

static const char *const caps[] = { "names", "watch", "acks", "conn-send",
				    "events", NULL };

static const struct field fields[] = {
	{ QNET_A_NODE_NAME, "name", F_STRING, NULL },
	{ QNET_A_NODE_DOMAIN, "domain", F_STRING, NULL },
	{ QNET_A_NODE_ND, "nd", F_U32, NULL },
	{ QNET_A_NODE_SELF, "self", F_FLAG, NULL },
	{ QNET_A_NODE_STATE, "state", F_ENUM, node_states },
	{ QNET_A_NODE_IFINDEX, "bearer", F_DEV, NULL },
	{ QNET_A_NODE_LLADDR, "lladdr", F_MAC, NULL },
	{ QNET_A_NODE_VCS, "vcs", F_U32, NULL },
	{ QNET_A_NODE_LAST_SEEN_MS, "last_seen_ms", F_U64, NULL },
	{ QNET_A_NODE_CAPS, "caps", F_BITS, caps },
	{ QNET_A_NODE_BOOT_ID, "boot_id", F_UUID, NULL },
	{ QNET_A_NODE_ANSWERS, "answers", F_U32, NULL },
	{ QNET_A_NODE_BUDGET, "budget", F_U32, NULL },
	{ QNET_A_NODE_RX_BYTES, "rx_bytes", F_U32, NULL },
	{ QNET_A_NODE_TX_BYTES, "tx_bytes", F_U32, NULL },
	{ QNET_A_NODE_RX_LATER, "rx_later", F_U32, NULL },
	{ QNET_A_NODE_RX_REFUSED, "rx_refused", F_U32, NULL },
	{ QNET_A_NODE_RX_NOMEM, "rx_nomem", F_U32, NULL },
	{ QNET_A_NODE_TX_FULL, "tx_full", F_U32, NULL },
	{ QNET_A_NODE_WATCHDOG, "watchdog", F_ENUM, watchdog_states },
	{ QNET_A_NODE_UNANSWERED, "unanswered", F_U32, NULL },
	{ }
};

/* What the node takes of our memory, and what that kept from it. */
static void budget_text(struct json_object *rec)
{
	printf("%s    budget %s rx-bytes %s tx-bytes %s rx-later %s rx-refused %s rx-nomem %s tx-full %s",
	       out_nl(), rec_size(rec, "budget"), rec_str(rec, "rx_bytes"),
	       rec_str(rec, "tx_bytes"), rec_str(rec, "rx_later"),
	       rec_str(rec, "rx_refused"), rec_str(rec, "rx_nomem"),
	       rec_str(rec, "tx_full"));
}

static void text(struct json_object *rec)
{
	char name[160];

	snprintf(name, sizeof(name), "%s%s", rec_name(rec, "name"),
		 rec_bool(rec, "self") ? "*" : "");
	printf("%-15s %5s ", name, rec_str(rec, "nd"));
	put_state(9, rec_str(rec, "state"));
	put_colored(COLOR_DEV, 8, rec_str(rec, "bearer"));
	put_colored(COLOR_MAC, 17, rec_str(rec, "lladdr"));
	printf("%6s  %s", rec_str(rec, "vcs"), rec_age(rec, "last_seen_ms"));
	if (opt.details)
		printf("%s    domain %s caps %s boot-id %s answers %s", out_nl(),
		       rec_str(rec, "domain"), rec_list(rec, "caps"),
		       rec_str(rec, "boot_id"), rec_str(rec, "answers"));
	if (opt.details && rec_has(rec, "budget"))
		budget_text(rec);
	if (opt.details && rec_has(rec, "watchdog"))
		printf("%s    watchdog %s unanswered %s", out_nl(),
		       rec_str(rec, "watchdog"), rec_str(rec, "unanswered"));
	putchar('\n');
}

const struct view node_view = {
	fields,
	"NAME               ND STATE     VIA      LLADDR               VCS  LAST-SEEN",
	text
};

/* A number is a node descriptor, all else a name. */
static int put_node(struct nl_msg *msg, const char *node)
{
	u32 nd;

	if (node[strspn(node, "0123456789")]) {
		qnl_put_name(msg, QNET_A_NODE_NAME, QNET_A_NODE_DOMAIN, node);
		return 0;
	}
	if (!parse_number("NODE", node, 65535, &nd))
		return EXIT_USAGE;
	nla_put_u32(msg, QNET_A_NODE_ND, nd);
	return 0;
}

static void keep_nd(struct json_object *rec, void *arg)
{
	*(u32 *)arg = rec_num(rec, "nd");
	json_object_put(rec);
}

int node_find(const char *node, u32 *nd)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_NODE_GET, 0);
	int status;

	if (!msg)
		return EXIT_KERNEL;
	status = put_node(msg, node);
	if (!status)
		return qnl_talk(msg, &node_view, keep_nd, nd);
	nlmsg_free(msg);
	return status;
}

enum { NODE, STATE };

static const struct param show_params[] = {
	{ "NODE", NULL, P_POSITIONAL },
	{ "state", "{ down | resolving | opening | up }", 0 },
	{ }
};

static void show_if_state(struct json_object *rec, void *arg)
{
	if (!arg || !strcmp(rec_str(rec, "state"), arg))
		out_record(rec);
	else
		json_object_put(rec);
}

static int show(const char *const *v)
{
	struct nl_msg *msg;
	u32 state;
	int status;

	if (v[STATE] && !parse_word("state", v[STATE], node_states, &state))
		return EXIT_USAGE;
	msg = qnl_request(QNET_CMD_NODE_GET, v[NODE] ? 0 : NLM_F_DUMP);
	if (!msg)
		return EXIT_KERNEL;
	status = v[NODE] ? put_node(msg, v[NODE]) : 0;
	if (status) {
		nlmsg_free(msg);
		return status;
	}

	out_begin(&node_view);
	status = qnl_talk(msg, &node_view, show_if_state, (void *)v[STATE]);
	out_end();
	return status;
}

enum { SELF, NAME, DOMAIN };

static const struct param set_params[] = {
	{ "self", NULL, P_REQUIRED },
	{ "name", "NAME", P_REQUIRED },
	{ "domain", "DOMAIN", 0 },
	{ }
};

static int set(const char *const *v)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_NODE_SET_SELF, 0);

	if (!msg)
		return EXIT_KERNEL;
	nla_put_string(msg, QNET_A_NODE_NAME, v[NAME]);
	if (v[DOMAIN])
		nla_put_string(msg, QNET_A_NODE_DOMAIN, v[DOMAIN]);
	return qnl_talk(msg, &node_view, NULL, NULL);
}

static const struct param resolve_params[] = {
	{ "NODE", NULL, P_POSITIONAL | P_REQUIRED },
	{ }
};

/* The only answer, which replaces an older one. */
static void keep(struct json_object *rec, void *arg)
{
	struct json_object **kept = arg;

	json_object_put(*kept);
	*kept = rec;
}

/* What is known of a node now, by a command that tells it. */
static int ask_about(u8 cmd, const char *node, struct json_object **rec)
{
	struct nl_msg *msg = qnl_request(cmd, 0);
	int status;

	if (!msg)
		return EXIT_KERNEL;
	status = put_node(msg, node);
	if (!status)
		return qnl_talk(msg, &node_view, keep, rec);
	nlmsg_free(msg);
	return status;
}

/* The LAN is asked so often, and looked at so often in between. */
enum { TRIES = 4, LOOKS = 20, LOOK_NS = 10000000 };

/* Waits for the answer to one question; @rec: what was known before it. */
static int await_answer(const char *node, struct json_object **rec, bool *heard)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };
	s64 before = rec_num(*rec, "answers");
	int status = 0, i;

	for (i = 0; i < LOOKS && !status && !*heard; i++) {
		nanosleep(&pause, NULL);
		status = ask_about(QNET_CMD_NODE_GET, node, rec);
		*heard = !status && rec_num(*rec, "answers") != before;
	}
	return status;
}

static int resolve(const char *const *v)
{
	struct json_object *rec = NULL;
	bool heard = false;
	int status = 0, i;

	for (i = 0; i < TRIES && !status && !heard; i++) {
		status = ask_about(QNET_CMD_NODE_RESOLVE, v[NODE], &rec);
		if (!status)
			status = await_answer(v[NODE], &rec, &heard);
	}
	if (heard) {
		out_begin(&node_view);
		out_record(rec);
		out_end();
		return 0;
	}
	json_object_put(rec);
	if (!status)
		fprintf(stderr,
			"Error: qnet: nobody on the LAN answers \"%s\".\n",
			v[NODE]);
	return status ? status : EXIT_KERNEL;
}

static const struct command commands[] = {
	{ "show", "this node (*) and those it may talk with", show_params,
	  show },
	{ "list", "the same", show_params, show },
	{ "set", "name this node; without domain the domain stays",
	  set_params, set },
	{ "resolve", "ask the LAN where a node is, now", resolve_params,
	  resolve },
	{ "ping", "probe each link to a node N times (4), a TIME (1s) apart, and say how long the answers took",
	  ping_params, ping },
	{ }
};

const struct object node_object = {
	"node", "the nodes and their state", commands
};
