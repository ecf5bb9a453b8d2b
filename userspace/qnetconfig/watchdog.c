// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig watchdog */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const char *const own[] = { "poll_period", "idle_time", "max_idle_time",
				   "num_polls", "num_qpkts", NULL };

static const struct field fields[] = {
	{ QNET_A_WATCHDOG_NAME, "node", F_STRING, NULL },
	{ QNET_A_WATCHDOG_DOMAIN, "domain", F_STRING, NULL },
	{ QNET_A_WATCHDOG_ND, "nd", F_U32, NULL },
	{ QNET_A_WATCHDOG_POLL_PERIOD, "poll_period_ms", F_U32, NULL },
	{ QNET_A_WATCHDOG_IDLE_TIME, "idle_time_ms", F_U32, NULL },
	{ QNET_A_WATCHDOG_MAX_IDLE_TIME, "max_idle_time_ms", F_U32, NULL },
	{ QNET_A_WATCHDOG_NUM_POLLS, "num_polls", F_U32, NULL },
	{ QNET_A_WATCHDOG_NUM_QPKTS, "num_qpkts", F_U32, NULL },
	{ QNET_A_WATCHDOG_WORST, "worst_ms", F_U32, NULL },
	{ QNET_A_WATCHDOG_OWN, "own", F_BITS, own },
	{ QNET_A_WATCHDOG_INHERIT, "inherit", F_ASKED, NULL },
	{ }
};

static void text(struct json_object *rec)
{
	bool never = !rec_num(rec, "max_idle_time_ms");

	printf("%s: poll-period %s idle-time %s max-idle-time %s num-polls %s num-qpkts %s worst %s",
	       rec_has(rec, "node") ? rec_name(rec, "node") : "all",
	       rec_time(rec, "poll_period_ms"), rec_time(rec, "idle_time_ms"),
	       never ? "never" : rec_time(rec, "max_idle_time_ms"),
	       rec_str(rec, "num_polls"), rec_str(rec, "num_qpkts"),
	       rec_time(rec, "worst_ms"));
	if (rec_has(rec, "node"))
		printf(" own %s", rec_list(rec, "own"));
	if (opt.details && rec_has(rec, "node"))
		printf(" nd %s", rec_str(rec, "nd"));
	putchar('\n');
}

const struct view watchdog_view = { fields, NULL, text };

enum { NODE };

static const struct param show_params[] = {
	{ "NODE", NULL, P_POSITIONAL },
	{ }
};

struct nl_msg *watchdog_request(u8 cmd, int flags, const char *node)
{
	struct nl_msg *msg = qnl_request(cmd, flags);

	if (msg && node)
		qnl_put_name(msg, QNET_A_WATCHDOG_NAME, QNET_A_WATCHDOG_DOMAIN,
			     node);
	return msg;
}

static int show(const char *const *v)
{
	struct nl_msg *msg;

	msg = watchdog_request(QNET_CMD_WATCHDOG_GET, v[NODE] ? 0 : NLM_F_DUMP, v[NODE]);
	return msg ? qnl_show(msg, &watchdog_view) : EXIT_KERNEL;
}

enum { SET_NODE, PERIOD, IDLE, MAX_IDLE, POLLS, QPKTS, INHERIT };

static const struct param set_params[] = {
	{ "node", "NODE", 0 },
	{ "poll-period", "TIME", 0 },
	{ "idle-time", "TIME", 0 },
	{ "max-idle-time", "{ TIME | never }", 0 },
	{ "num-polls", "N", 0 },
	{ "num-qpkts", "N", 0 },
	{ "inherit", NULL, 0 },
	{ }
};

/* What was given, by the order of set_params. */
static bool read_values(const char *const *v, u32 *n)
{
	static const char *const keys[] = {
		[PERIOD] = "poll-period", [IDLE] = "idle-time",
		[MAX_IDLE] = "max-idle-time", [POLLS] = "num-polls",
		[QPKTS] = "num-qpkts",
	};
	bool ok = true;
	int i;

	for (i = PERIOD; i <= QPKTS && ok; i++) {
		if (!v[i] || (i == MAX_IDLE && !strcmp(v[i], "never")))
			n[i] = 0;
		else if (i <= MAX_IDLE)
			ok = parse_time(keys[i], v[i], &n[i]);
		else
			ok = parse_number(keys[i], v[i], UINT32_MAX, &n[i]);
	}
	return ok;
}

static int set(const char *const *v)
{
	struct nl_msg *msg;
	u32 n[INHERIT];
	int i;

	if (!read_values(v, n))
		return EXIT_USAGE;
	msg = watchdog_request(QNET_CMD_WATCHDOG_SET, 0, v[SET_NODE]);
	if (!msg)
		return EXIT_KERNEL;
	for (i = PERIOD; i <= QPKTS; i++)
		if (v[i])
			nla_put_u32(msg, QNET_A_WATCHDOG_POLL_PERIOD + i - PERIOD,
				    n[i]);
	if (v[INHERIT])
		nla_put_flag(msg, QNET_A_WATCHDOG_INHERIT);
	return qnl_talk(msg, &watchdog_view, NULL, NULL);
}

static const struct command commands[] = {
	{ "show", "when nodes are polled, and when they are given up: at worst after that time",
	  show_params, show },
	{ "list", "the same", show_params, show },
	{ "set", "change that, of NODE or of all of which nothing else was said; inherit: as for all",
	  set_params, set },
	{ }
};

const struct object watchdog_object = {
	"watchdog", "when nodes are polled, and when they are given up", commands
};
