// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig stats */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <stdio.h>

#include "cmd.h"

static const struct field fields[] = {
	{ QNET_A_STATS_NAME, "name", F_STRING, NULL },
	{ QNET_A_STATS_VALUE, "value", F_U64, NULL },
	{ }
};

static void text(struct json_object *rec)
{
	if (rec_num(rec, "value") || opt.stats)
		printf("%-24s %s\n", rec_str(rec, "name"),
		       rec_str(rec, "value"));
}

const struct view stats_view = { fields, NULL, text };

static int show(const char *const *v)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_STATS_GET, NLM_F_DUMP);

	(void)v;
	return msg ? qnl_show(msg, &stats_view) : EXIT_KERNEL;
}

static const struct param no_params[] = { { } };

static const struct command commands[] = {
	{ "show", "counters that are not zero; with -s all", no_params, show },
	{ }
};

const struct object stats_object = {
	"stats", "counters", commands
};
