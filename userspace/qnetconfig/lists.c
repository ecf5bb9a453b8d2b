// SPDX-License-Identifier: GPL-2.0-only
/* Whole dumps in memory, for views of more than one object. */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_netlink.h>
#include <stdlib.h>

#include "cmd.h"

#define NODES	65536

static void keep_last(struct json_object *rec, void *arg)
{
	struct json_object **kept = arg;

	json_object_put(*kept);
	*kept = rec;
}

static void keep_all(struct json_object *rec, void *arg)
{
	json_object_array_add(arg, rec);
}

int qnl_load_one(u8 cmd, const struct view *view, struct json_object **rec)
{
	struct nl_msg *msg = qnl_request(cmd, 0);

	*rec = NULL;
	return msg ? qnl_talk(msg, view, keep_last, rec) : EXIT_KERNEL;
}

int qnl_each(u8 cmd, const struct view *view, qnl_record_t fn, void *arg)
{
	struct nl_msg *msg = qnl_request(cmd, NLM_F_DUMP);

	return msg ? qnl_talk(msg, view, fn, arg) : EXIT_KERNEL;
}

int qnl_load(u8 cmd, const struct view *view, struct json_object **list)
{
	*list = json_object_new_array();
	return qnl_each(cmd, view, keep_all, *list);
}

/* Moves each link into the list that its node gets. */
static void add_links(struct json_object *nodes, struct json_object *links)
{
	struct json_object **by_nd = calloc(NODES, sizeof(*by_nd));
	struct json_object *rec, *list;
	size_t i;

	for (i = 0; by_nd && i < json_object_array_length(nodes); i++) {
		rec = json_object_array_get_idx(nodes, i);
		list = json_object_new_array();
		json_object_object_add(rec, "links", list);
		by_nd[rec_num(rec, "nd") % NODES] = list;
	}
	for (i = 0; by_nd && i < json_object_array_length(links); i++) {
		rec = json_object_array_get_idx(links, i);
		list = by_nd[rec_num(rec, "nd") % NODES];
		/* A node that came after the nodes were asked for has none. */
		if (list)
			json_object_array_add(list, json_object_get(rec));
	}
	free(by_nd);
}

int qnl_load_nodes(struct json_object **nodes)
{
	struct json_object *links = NULL;
	int status;

	status = qnl_load(QNET_CMD_NODE_GET, &node_view, nodes);
	if (!status)
		status = qnl_load(QNET_CMD_LINK_GET, &link_view, &links);
	if (!status)
		add_links(*nodes, links);
	json_object_put(links);
	return status;
}
