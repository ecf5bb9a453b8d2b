// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig link */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>

#include "cmd.h"

static const struct field fields[] = {
	{ QNET_A_LINK_NODE, "node", F_STRING, NULL },
	{ QNET_A_LINK_ND, "nd", F_U32, NULL },
	{ QNET_A_LINK_IFINDEX, "bearer", F_DEV, NULL },
	{ QNET_A_LINK_LLADDR, "lladdr", F_MAC, NULL },
	{ QNET_A_LINK_ACTIVE, "active", F_U32, NULL },
	{ QNET_A_LINK_RTT_US, "rtt_us", F_U32, NULL },
	{ QNET_A_LINK_WINDOW, "window", F_U32, NULL },
	{ QNET_A_LINK_FLIGHT, "flight", F_U32, NULL },
	{ QNET_A_LINK_FAILURES, "failures", F_U32, NULL },
	{ QNET_A_LINK_TX_FRAMES, "tx_frames", F_U64, NULL },
	{ QNET_A_LINK_TX_RETRANS, "tx_retrans", F_U64, NULL },
	{ QNET_A_LINK_RX_FRAMES, "rx_frames", F_U64, NULL },
	{ QNET_A_LINK_ANSWERS, "answers", F_U32, NULL },
	{ QNET_A_LINK_LAST_RTT_US, "last_rtt_us", F_U32, NULL },
	{ }
};

static void text(struct json_object *rec)
{
	printf("%-15s ", rec_str(rec, "node"));
	put_colored(COLOR_DEV, 8, rec_str(rec, "bearer"));
	put_colored(COLOR_MAC, 17, rec_str(rec, "lladdr"));
	put_state(6, rec_num(rec, "active") ? "yes" : "no");
	printf("%7s %6s %6s %10s %8s %10s",
	       rec_str(rec, "rtt_us"), rec_str(rec, "window"),
	       rec_str(rec, "failures"), rec_str(rec, "tx_frames"),
	       rec_str(rec, "tx_retrans"), rec_str(rec, "rx_frames"));
	if (opt.details)
		printf("%s    nd %s flight %s answers %s last-rtt-us %s",
		       out_nl(), rec_str(rec, "nd"), rec_str(rec, "flight"),
		       rec_str(rec, "answers"), rec_str(rec, "last_rtt_us"));
	putchar('\n');
}

const struct view link_view = {
	fields,
	"NODE            BEARER   LLADDR            ACTIVE  RTT-US WINDOW FAILED  TX-FRAMES  RETRANS  RX-FRAMES",
	text
};

enum { NODE };

static const struct param show_params[] = {
	{ "NODE", NULL, P_POSITIONAL },
	{ }
};

static int show(const char *const *v)
{
	struct nl_msg *msg;
	u32 nd = 0;
	int status;

	status = v[NODE] ? node_find(v[NODE], &nd) : 0;
	if (status)
		return status;
	msg = qnl_request(QNET_CMD_LINK_GET, NLM_F_DUMP);
	if (!msg)
		return EXIT_KERNEL;
	if (v[NODE])
		nla_put_u32(msg, QNET_A_LINK_ND, nd);
	return qnl_show(msg, &link_view);
}

static const struct command commands[] = {
	{ "show", "the ways to other nodes, one per node and bearer",
	  show_params, show },
	{ "list", "the same", show_params, show },
	{ }
};

const struct object link_object = {
	"link", "the ways to other nodes, and how well they work", commands
};
