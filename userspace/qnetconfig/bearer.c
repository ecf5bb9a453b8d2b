// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig bearer */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <stdio.h>

#include "cmd.h"

static const struct field fields[] = {
	{ QNET_A_BEARER_IFNAME, "dev", F_STRING, NULL },
	{ QNET_A_BEARER_IFINDEX, "ifindex", F_U32, NULL },
	{ QNET_A_BEARER_UP, "up", F_BOOL, NULL },
	{ QNET_A_BEARER_MTU, "mtu", F_U32, NULL },
	{ QNET_A_BEARER_LLADDR, "lladdr", F_MAC, NULL },
	{ QNET_A_BEARER_CRC, "crc", F_BOOL, NULL },
	{ }
};

static void text(struct json_object *rec)
{
	put_colored(COLOR_DEV, 0, rec_str(rec, "dev"));
	printf(": state ");
	put_state(0, rec_bool(rec, "up") ? "up" : "down");
	printf(" mtu %s lladdr ", rec_str(rec, "mtu"));
	put_colored(COLOR_MAC, 0, rec_str(rec, "lladdr"));
	printf(" crc %s", rec_bool(rec, "crc") ? "on" : "off");
	if (opt.details)
		printf(" ifindex %s", rec_str(rec, "ifindex"));
	putchar('\n');
}

const struct view bearer_view = { fields, NULL, text };

enum { DEV, CRC };

static const struct param show_params[] = {
	{ "dev", "DEV", 0 },
	{ }
};

static int show(const char *const *v)
{
	struct nl_msg *msg;

	msg = qnl_request(QNET_CMD_BEARER_GET, v[DEV] ? 0 : NLM_F_DUMP);
	if (!msg)
		return EXIT_KERNEL;
	if (v[DEV])
		nla_put_string(msg, QNET_A_BEARER_IFNAME, v[DEV]);
	return qnl_show(msg, &bearer_view);
}

static const struct param add_params[] = {
	{ "dev", "DEV", P_REQUIRED },
	{ "crc", "{ on | off }", 0 },
	{ }
};

static int add(const char *const *v)
{
	static const char *const off_on[] = { "off", "on", NULL };
	u32 crc = 1;
	struct nl_msg *msg;

	if (v[CRC] && !parse_word("crc", v[CRC], off_on, &crc))
		return EXIT_USAGE;
	msg = qnl_request(QNET_CMD_BEARER_NEW, 0);
	if (!msg)
		return EXIT_KERNEL;
	nla_put_string(msg, QNET_A_BEARER_IFNAME, v[DEV]);
	if (v[CRC])
		nla_put_u32(msg, QNET_A_BEARER_CRC, crc);
	return qnl_talk(msg, &bearer_view, NULL, NULL);
}

static const struct param del_params[] = {
	{ "dev", "DEV", P_REQUIRED },
	{ }
};

static int del(const char *const *v)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_BEARER_DEL, 0);

	if (!msg)
		return EXIT_KERNEL;
	nla_put_string(msg, QNET_A_BEARER_IFNAME, v[DEV]);
	return qnl_talk(msg, &bearer_view, NULL, NULL);
}

static const struct command commands[] = {
	{ "show", "the devices that carry Qnet", show_params, show },
	{ "add", "use a device; crc is on unless said otherwise",
	  add_params, add },
	{ "del", "stop using a device", del_params, del },
	{ }
};

const struct object bearer_object = {
	"bearer", "network devices that carry Qnet", commands
};
