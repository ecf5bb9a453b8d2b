// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig peer */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <stdio.h>

#include "cmd.h"

static const struct field fields[] = {
	{ QNET_A_PEER_NAME, "name", F_STRING, NULL },
	{ QNET_A_PEER_DOMAIN, "domain", F_STRING, NULL },
	{ QNET_A_PEER_ND, "nd", F_U32, NULL },
	{ QNET_A_PEER_LLADDR, "lladdr", F_MAC, NULL },
	{ QNET_A_PEER_ANY_LLADDR, "any_lladdr", F_FLAG, NULL },
	{ QNET_A_PEER_IFINDEX, "dev", F_DEV, NULL },
	{ QNET_A_PEER_BUDGET, "budget", F_U32, NULL },
	{ QNET_A_PEER_QOS, "qos", F_STRING, NULL },
	/* Requests only. */
	{ QNET_A_PEER_IFNAME, "dev", F_STRING, NULL },
	{ }
};

static void text(struct json_object *rec)
{
	bool any = rec_bool(rec, "any_lladdr");

	printf("%s: nd %s domain %s %s%s dev %s budget %s qos %s\n",
	       rec_str(rec, "name"), rec_str(rec, "nd"),
	       rec_str(rec, "domain"), any ? "any" : "lladdr ",
	       any ? "" : rec_str(rec, "lladdr"),
	       rec_has(rec, "dev") ? rec_str(rec, "dev") : "any",
	       rec_size(rec, "budget"), rec_str(rec, "qos"));
}

const struct view peer_view = { fields, NULL, text };

enum { NODE, LLADDR, ANY, DEV, BUDGET, QOS };

static const struct param show_params[] = {
	{ "NODE", NULL, P_POSITIONAL },
	{ }
};

static struct nl_msg *request(u8 cmd, int flags, const char *node)
{
	struct nl_msg *msg = qnl_request(cmd, flags);

	if (msg && node)
		qnl_put_name(msg, QNET_A_PEER_NAME, QNET_A_PEER_DOMAIN, node);
	return msg;
}

static int show(const char *const *v)
{
	struct nl_msg *msg;

	msg = request(QNET_CMD_PEER_GET, v[NODE] ? 0 : NLM_F_DUMP, v[NODE]);
	return msg ? qnl_show(msg, &peer_view) : EXIT_KERNEL;
}

static const struct param add_params[] = {
	{ "NODE", NULL, P_POSITIONAL | P_REQUIRED },
	{ "lladdr", "MAC", P_ONE_OF },
	{ "any", NULL, P_ONE_OF },
	{ "dev", "DEV", 0 },
	{ "budget", "BYTES", 0 },
	{ "qos", "{ loadbalance | preferred:DEV | exclusive:DEV }", 0 },
	{ }
};

/* What may be changed later; each is NULL if it was not given. */
static void put_settings(struct nl_msg *msg, const char *budget, u32 bytes,
			 const char *qos)
{
	if (budget)
		nla_put_u32(msg, QNET_A_PEER_BUDGET, bytes);
	if (qos)
		nla_put_string(msg, QNET_A_PEER_QOS, qos);
}

static int add(const char *const *v)
{
	struct nl_msg *msg;
	u32 budget = 0;
	u8 mac[6];

	if ((v[LLADDR] && !parse_mac("lladdr", v[LLADDR], mac)) ||
	    (v[BUDGET] && !parse_size("budget", v[BUDGET], &budget)))
		return EXIT_USAGE;
	msg = request(QNET_CMD_PEER_NEW, 0, v[NODE]);
	if (!msg)
		return EXIT_KERNEL;
	if (v[LLADDR])
		nla_put(msg, QNET_A_PEER_LLADDR, sizeof(mac), mac);
	else
		nla_put_flag(msg, QNET_A_PEER_ANY_LLADDR);
	if (v[DEV])
		nla_put_string(msg, QNET_A_PEER_IFNAME, v[DEV]);
	put_settings(msg, v[BUDGET], budget, v[QOS]);
	return qnl_talk(msg, &peer_view, NULL, NULL);
}

enum { SET_BUDGET = 1, SET_QOS };

static const struct param set_params[] = {
	{ "NODE", NULL, P_POSITIONAL | P_REQUIRED },
	{ "budget", "BYTES", 0 },
	{ "qos", "{ loadbalance | preferred:DEV | exclusive:DEV }", 0 },
	{ }
};

static int set(const char *const *v)
{
	struct nl_msg *msg;
	u32 budget = 0;

	if (!v[SET_BUDGET] && !v[SET_QOS])
		return usage_error("budget or qos is missing; type: qnetconfig peer help");
	if (v[SET_BUDGET] && !parse_size("budget", v[SET_BUDGET], &budget))
		return EXIT_USAGE;
	msg = request(QNET_CMD_PEER_SET, 0, v[NODE]);
	if (!msg)
		return EXIT_KERNEL;
	put_settings(msg, v[SET_BUDGET], budget, v[SET_QOS]);
	return qnl_talk(msg, &peer_view, NULL, NULL);
}

static const struct param del_params[] = {
	{ "NODE", NULL, P_POSITIONAL | P_REQUIRED },
	{ }
};

static int del(const char *const *v)
{
	struct nl_msg *msg = request(QNET_CMD_PEER_DEL, 0, v[NODE]);

	return msg ? qnl_talk(msg, &peer_view, NULL, NULL) : EXIT_KERNEL;
}

static const struct command commands[] = {
	{ "show", "the nodes this one may talk with", show_params, show },
	{ "list", "the same", show_params, show },
	{ "add", "talk with NODE (name or name.domain) at this address, or at any the LAN tells",
	  add_params, add },
	{ "set", "how much memory (as 32M) NODE may take here, and which links new circuits to it take",
	  set_params, set },
	{ "del", "stop talking with NODE; its circuits end", del_params, del },
	{ }
};

const struct object peer_object = {
	"peer", "the nodes this one may talk with", commands
};
