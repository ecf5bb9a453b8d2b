// SPDX-License-Identifier: GPL-2.0
/*
 * Instead of userspace/qnetconfig/nl.c: what the kernel would answer comes from
 * files, so that the views can be tried with networks that nobody has.
 *
 * $QNL_DIR/WHAT has a record on each line, in JSON; the Nth request for it in one
 * run takes WHAT.N if that is there.
 */
#include <json-c/json.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../userspace/qnetconfig/cmd.h"

static const char *const names[QNET_CMD_MAX + 1] = {
	[QNET_CMD_DOMAIN_GET]	= "domain",
	[QNET_CMD_BEARER_GET]	= "bearer",
	[QNET_CMD_NODE_GET]	= "node",
	[QNET_CMD_PEER_GET]	= "peer",
	[QNET_CMD_VC_GET]	= "vc",
	[QNET_CMD_STATS_GET]	= "stats",
	[QNET_CMD_LINK_GET]	= "link",
	[QNET_CMD_WATCHDOG_GET]	= "watchdog",
};

static unsigned int asked[QNET_CMD_MAX + 1];
static u8 last;

struct nl_msg *qnl_request(u8 cmd, int flags)
{
	(void)flags;
	last = cmd;
	return nlmsg_alloc();
}


static FILE *answers(u8 cmd)
{
	const char *dir = getenv("QNL_DIR");
	char path[512];

	if (!dir || !names[cmd])
		return NULL;
	snprintf(path, sizeof(path), "%s/%s.%u", dir, names[cmd], ++asked[cmd]);
	if (access(path, R_OK))
		snprintf(path, sizeof(path), "%s/%s", dir, names[cmd]);
	return fopen(path, "r");
}

/* One by one, as the kernel sends them: nobody holds all. */
int qnl_talk(struct nl_msg *msg, const struct view *view, qnl_record_t fn,
	     void *arg)
{
	FILE *f = answers(last);
	char *line = NULL;
	size_t size = 0;

	(void)view;
	nlmsg_free(msg);
	if (!f) {
		fputs("Error: nothing is known of that.\n", stderr);
		return EXIT_KERNEL;
	}
	while (getline(&line, &size, f) > 0)
		fn(json_tokener_parse(line), arg);
	free(line);
	fclose(f);
	return 0;
}

/* Files do not change. */
void qnl_dump_once(bool on)
{
	(void)on;
}

/* There are no sockets in the files. */
int qnl_sockets(struct qnet_diag_req *req, qnl_record_t fn, void *arg)
{
	(void)req;
	(void)fn;
	(void)arg;
	return 0;
}

int qnl_listen(const char *const *groups, qnl_event_t fn)
{
	(void)groups;
	(void)fn;
	return EXIT_KERNEL;
}

struct json_object *qnl_record(const struct view *view, struct nlattr *attrs,
			       int len)
{
	(void)view;
	(void)attrs;
	(void)len;
	return json_object_new_object();
}

void qnl_put_name(struct nl_msg *msg, int name_attr, int domain_attr,
		  const char *name)
{
	(void)domain_attr;
	nla_put_string(msg, name_attr, name);
}

void qnl_close(void)
{
}
