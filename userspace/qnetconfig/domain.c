// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig domain */
#include <json-c/json.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <stdio.h>

#include "cmd.h"

static const char *const trust_words[] = {
	[QNET_TRUST_CLOSED]	= "closed",
	[QNET_TRUST_QNX]	= "qnx",
	NULL
};

static const struct field fields[] = {
	{ QNET_A_DOMAIN_SELF_NAME, "self_name", F_STRING, NULL },
	{ QNET_A_DOMAIN_NAME, "name", F_STRING, NULL },
	{ QNET_A_DOMAIN_FAMILY, "family", F_U32, NULL },
	{ QNET_A_DOMAIN_BOOT_ID, "boot_id", F_UUID, NULL },
	{ QNET_A_DOMAIN_BUDGET, "budget", F_U32, NULL },
	{ QNET_A_DOMAIN_UNPRIVILEGED, "unprivileged", F_BOOL, NULL },
	{ QNET_A_DOMAIN_TRUST, "trust", F_ENUM, trust_words },
	{ }
};

static void text(struct json_object *rec)
{
	printf("self %s domain %s family %s boot-id %s budget %s unprivileged %s trust %s\n",
	       rec_str(rec, "self_name"), rec_str(rec, "name"),
	       rec_str(rec, "family"), rec_str(rec, "boot_id"),
	       rec_size(rec, "budget"),
	       rec_bool(rec, "unprivileged") ? "on" : "off",
	       rec_str(rec, "trust"));
}

const struct view domain_view = { fields, NULL, text };

static int show(const char *const *v)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_DOMAIN_GET, 0);

	(void)v;
	return msg ? qnl_show(msg, &domain_view) : EXIT_KERNEL;
}

static const struct param no_params[] = { { } };

enum { BUDGET, UNPRIVILEGED, TRUST };

static const struct param set_params[] = {
	{ "budget", "BYTES", 0 },
	{ "unprivileged", "{ on | off }", 0 },
	{ "trust", "{ closed | qnx }", 0 },
	{ }
};

static const char *const off_on[] = { "off", "on", NULL };

static int set(const char *const *v)
{
	u32 budget, unprivileged, trust;
	struct nl_msg *msg;

	if (!v[BUDGET] && !v[UNPRIVILEGED] && !v[TRUST])
		return usage_error("budget, unprivileged or trust is missing; type: qnetconfig domain help");
	if ((v[BUDGET] && !parse_size("budget", v[BUDGET], &budget)) ||
	    (v[UNPRIVILEGED] && !parse_word("unprivileged", v[UNPRIVILEGED],
					    off_on, &unprivileged)) ||
	    (v[TRUST] && !parse_word("trust", v[TRUST], trust_words, &trust)))
		return EXIT_USAGE;
	msg = qnl_request(QNET_CMD_DOMAIN_SET, 0);
	if (!msg)
		return EXIT_KERNEL;
	if (v[BUDGET])
		nla_put_u32(msg, QNET_A_DOMAIN_BUDGET, budget);
	if (v[UNPRIVILEGED])
		nla_put_u32(msg, QNET_A_DOMAIN_UNPRIVILEGED, unprivileged);
	if (v[TRUST])
		nla_put_u32(msg, QNET_A_DOMAIN_TRUST, trust);
	return qnl_talk(msg, &domain_view, NULL, NULL);
}

static const struct command commands[] = {
	{ "show", "what is common to the whole namespace", no_params, show },
	{ "set", "the budget (as 32M) of peers to come, if they are added without one; who may open sockets; whether every node of the LAN becomes a peer, as on QNX",
	  set_params, set },
	{ }
};

const struct object domain_object = {
	"domain", "name and number of Qnet on this host", commands
};
