// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig peer */
#include <grp.h>
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

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
	{ QNET_A_PEER_MAPROOT_UID, "maproot_uid", F_U32, NULL },
	{ QNET_A_PEER_MAPROOT_GID, "maproot_gid", F_U32, NULL },
	{ QNET_A_PEER_MAPANY_UID, "mapany_uid", F_U32, NULL },
	{ QNET_A_PEER_MAPANY_GID, "mapany_gid", F_U32, NULL },
	{ QNET_A_PEER_MIN_UID, "min_uid", F_U32, NULL },
	{ QNET_A_PEER_MAX_VCS, "max_vcs", F_U32, NULL },
	{ QNET_A_PEER_VC_RATE, "vc_rate", F_U32, NULL },
	{ QNET_A_PEER_AUTO, "auto", F_FLAG, NULL },
	/* Requests only. */
	{ QNET_A_PEER_IFNAME, "dev", F_STRING, NULL },
	{ }
};

/* Stands for a map that is not there. */
#define OFF	UINT32_MAX

static void print_map(struct json_object *rec, const char *name,
		      const char *uid, const char *gid)
{
	if (rec_num(rec, uid) == OFF)
		printf(" %s off", name);
	else
		printf(" %s %s:%s", name, rec_str(rec, uid), rec_str(rec, gid));
}

static void text(struct json_object *rec)
{
	bool any = rec_bool(rec, "any_lladdr");

	printf("%s: nd %s domain %s %s%s dev %s budget %s qos %s%s",
	       rec_str(rec, "name"), rec_str(rec, "nd"),
	       rec_str(rec, "domain"), any ? "any" : "lladdr ",
	       any ? "" : rec_str(rec, "lladdr"),
	       rec_has(rec, "dev") ? rec_str(rec, "dev") : "any",
	       rec_size(rec, "budget"), rec_str(rec, "qos"),
	       rec_bool(rec, "auto") ? " auto" : "");
	if (opt.details) {
		printf("%s   ", out_nl());
		print_map(rec, "maproot", "maproot_uid", "maproot_gid");
		print_map(rec, "mapany", "mapany_uid", "mapany_gid");
		printf(" min-uid %s max-vcs %s vc-rate %s",
		       rec_str(rec, "min_uid"), rec_str(rec, "max_vcs"),
		       rec_str(rec, "vc_rate"));
	}
	putchar('\n');
}

const struct view peer_view = { fields, NULL, text };

/**
 * struct settings - what may be changed of a peer; of the rest see put_settings()
 * @maproot: uid and gid
 * @mapany:  likewise
 */
struct settings {
	u32	budget;
	u32	maproot[2];
	u32	mapany[2];
	u32	min_uid;
	u32	max_vcs;
	u32	vc_rate;
};

/* What they are called, and their order in what commands get. */
#define SETTINGS							\
	{ "budget", "BYTES", 0 },					\
	{ "qos", "{ loadbalance | preferred:DEV | exclusive:DEV }", 0 }, \
	{ "maproot", "{ off | USER[:GROUP] }", 0 },			\
	{ "mapany", "{ off | USER[:GROUP] }", 0 },			\
	{ "min-uid", "UID", 0 },					\
	{ "max-vcs", "N", 0 },						\
	{ "vc-rate", "N", 0 }

enum { BUDGET, QOS, MAPROOT, MAPANY, MIN_UID, MAX_VCS, VC_RATE, NSETTINGS };

enum { NODE, LLADDR, ANY, DEV, SET };

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
	SETTINGS,
	{ }
};

/* USER alone has his own group, or if this system does not know him, that of the
 * same number.
 */
static bool parse_map(const char *key, const char *text, u32 *ids)
{
	const char *colon = strchr(text, ':');
	const struct passwd *pw;
	const struct group *gr;
	char user[64];

	ids[0] = OFF;
	ids[1] = OFF;
	if (!strcmp(text, "off"))
		return true;
	snprintf(user, sizeof(user), "%.*s",
		 colon ? (int)(colon - text) : (int)strlen(text), text);
	pw = getpwnam(user);
	if (!pw) {
		if (!parse_number(key, user, OFF - 1, &ids[0]))
			return false;
		pw = getpwuid(ids[0]);
	}
	if (pw)
		ids[0] = pw->pw_uid;
	ids[1] = pw ? pw->pw_gid : ids[0];
	if (!colon)
		return true;
	gr = getgrnam(colon + 1);
	if (gr)
		ids[1] = gr->gr_gid;
	return gr || parse_number(key, colon + 1, OFF - 1, &ids[1]);
}

/* @v: NULL for each that was not given */
static bool parse_settings(const char *const *v, struct settings *s)
{
	return (!v[BUDGET] || parse_size("budget", v[BUDGET], &s->budget)) &&
	       (!v[MAPROOT] || parse_map("maproot", v[MAPROOT], s->maproot)) &&
	       (!v[MAPANY] || parse_map("mapany", v[MAPANY], s->mapany)) &&
	       (!v[MIN_UID] || parse_number("min-uid", v[MIN_UID], UINT32_MAX,
					    &s->min_uid)) &&
	       (!v[MAX_VCS] || parse_number("max-vcs", v[MAX_VCS], UINT32_MAX,
					    &s->max_vcs)) &&
	       (!v[VC_RATE] || parse_number("vc-rate", v[VC_RATE], UINT32_MAX,
					    &s->vc_rate));
}

static void put_map(struct nl_msg *msg, int uid, int gid, const u32 *ids)
{
	nla_put_u32(msg, uid, ids[0]);
	nla_put_u32(msg, gid, ids[1]);
}

static void put_settings(struct nl_msg *msg, const char *const *v,
			 const struct settings *s)
{
	if (v[BUDGET])
		nla_put_u32(msg, QNET_A_PEER_BUDGET, s->budget);
	if (v[QOS])
		nla_put_string(msg, QNET_A_PEER_QOS, v[QOS]);
	if (v[MAPROOT])
		put_map(msg, QNET_A_PEER_MAPROOT_UID, QNET_A_PEER_MAPROOT_GID,
			s->maproot);
	if (v[MAPANY])
		put_map(msg, QNET_A_PEER_MAPANY_UID, QNET_A_PEER_MAPANY_GID,
			s->mapany);
	if (v[MIN_UID])
		nla_put_u32(msg, QNET_A_PEER_MIN_UID, s->min_uid);
	if (v[MAX_VCS])
		nla_put_u32(msg, QNET_A_PEER_MAX_VCS, s->max_vcs);
	if (v[VC_RATE])
		nla_put_u32(msg, QNET_A_PEER_VC_RATE, s->vc_rate);
}

static int add(const char *const *v)
{
	struct settings s = { 0 };
	struct nl_msg *msg;
	u8 mac[6];

	if ((v[LLADDR] && !parse_mac("lladdr", v[LLADDR], mac)) ||
	    !parse_settings(v + SET, &s))
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
	put_settings(msg, v + SET, &s);
	return qnl_talk(msg, &peer_view, NULL, NULL);
}

static const struct param set_params[] = {
	{ "NODE", NULL, P_POSITIONAL | P_REQUIRED },
	SETTINGS,
	{ }
};

static int set(const char *const *v)
{
	struct settings s = { 0 };
	struct nl_msg *msg;
	int i, given = 0;

	for (i = 0; i < NSETTINGS; i++)
		given += v[1 + i] != NULL;
	if (!given)
		return usage_error("nothing to set is given; type: qnetconfig peer help");
	if (!parse_settings(v + 1, &s))
		return EXIT_USAGE;
	msg = request(QNET_CMD_PEER_SET, 0, v[NODE]);
	if (!msg)
		return EXIT_KERNEL;
	put_settings(msg, v + 1, &s);
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
	{ "set", "how much memory (as 32M) NODE may take here, which links new circuits to it take, who its clients are here and how many",
	  set_params, set },
	{ "del", "stop talking with NODE; its circuits end", del_params, del },
	{ }
};

const struct object peer_object = {
	"peer", "the nodes this one may talk with", commands
};
