// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig name */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const struct field fields[] = {
	{ QNET_A_NAME_NAME, "name", F_STRING, NULL },
	{ QNET_A_NAME_PID, "pid", F_S32, NULL },
	{ QNET_A_NAME_CHID, "chid", F_S32, NULL },
	{ QNET_A_NAME_UID, "uid", F_U32, NULL },
	{ }
};

static void text(struct json_object *rec)
{
	printf("%9s %6s %6s %s\n", rec_str(rec, "pid"), rec_str(rec, "chid"),
	       rec_str(rec, "uid"), rec_str(rec, "name"));
}

const struct view name_view = {
	fields, "      PID   CHID    UID NAME", text
};

enum { NAME };

static const struct param show_params[] = {
	{ "NAME", NULL, P_POSITIONAL },
	{ }
};

static int show(const char *const *v)
{
	struct nl_msg *msg;

	if (v[NAME] && strlen(v[NAME]) >= QNET_NAME_MAX)
		return usage_error("a name has at most %d characters",
				   QNET_NAME_MAX - 1);
	msg = qnl_request(QNET_CMD_NAME_GET, NLM_F_DUMP);
	if (!msg)
		return EXIT_KERNEL;
	if (v[NAME])
		nla_put_string(msg, QNET_A_NAME_NAME, v[NAME]);
	return qnl_show(msg, &name_view);
}

static const struct command commands[] = {
	{ "show", "services of this node by their names, or the one of that name",
	  show_params, show },
	{ "list", "the same", show_params, show },
	{ }
};

const struct object name_object = {
	"name", "names that servers of this node have attached", commands
};
