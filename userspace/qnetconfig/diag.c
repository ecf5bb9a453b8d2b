// SPDX-License-Identifier: GPL-2.0-only
/* Sockets of AF_QNET, and what hangs on them, as sock_diag tells it. */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_diag.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const char *const kinds[] = {
	[QNET_DIAG_NONE]	= "none",
	[QNET_DIAG_CHANNEL]	= "channel",
	[QNET_DIAG_CONNECTION]	= "connection",
	NULL
};

static const char *const call_states[] = {
	[QNET_DIAG_CALL_SEND]	= "send",
	[QNET_DIAG_CALL_REPLY]	= "reply",
	[QNET_DIAG_CALL_SENT]	= "sent",
	[QNET_DIAG_CALL_ENDING]	= "ending",
	NULL
};

static const char *const channel_flags[] = {
	"fixed-priority", "unblock", "thread-death", "disconnect", "unused",
	"sender-len", "coid-disconnect", "reply-len", NULL
};

static const struct field sock_fields[] = {
	{ QNET_DIAG_PID, "pid", F_S32, NULL },
	{ QNET_DIAG_COMM, "comm", F_STRING, NULL },
	{ QNET_DIAG_ND, "nd", F_U32, NULL },
	{ QNET_DIAG_RPID, "remote_pid", F_S32, NULL },
	{ QNET_DIAG_RCOMM, "remote_comm", F_STRING, NULL },
	{ QNET_DIAG_RCHID, "chid", F_S32, NULL },
	{ QNET_DIAG_VC, "vc", F_U32, NULL },
	{ QNET_DIAG_FLAGS, "flags", F_BITS, channel_flags },
	{ QNET_DIAG_RECEIVERS, "receivers", F_U32, NULL },
	{ QNET_DIAG_QUEUED, "queued", F_U32, NULL },
	{ QNET_DIAG_HELD, "held", F_U32, NULL },
	{ QNET_DIAG_PULSES, "pulses", F_U32, NULL },
	{ QNET_DIAG_CLIENTS, "clients", F_U32, NULL },
	{ QNET_DIAG_CALLS, "calls_under_way", F_U32, NULL },
	{ }
};

static const struct view sock_view = { sock_fields, NULL, NULL };

static const struct field call_fields[] = {
	{ QNET_DIAG_CALL_STATE, "state", F_ENUM, call_states },
	{ QNET_DIAG_CALL_MS, "ms", F_U64, NULL },
	{ QNET_DIAG_CALL_ND, "nd", F_U32, NULL },
	{ QNET_DIAG_CALL_PID, "pid", F_S32, NULL },
	{ QNET_DIAG_CALL_TID, "tid", F_S32, NULL },
	{ QNET_DIAG_CALL_RCVID, "rcvid", F_S32, NULL },
	{ QNET_DIAG_CALL_BYTES, "bytes", F_U64, NULL },
	{ QNET_DIAG_CALL_ROOM, "room", F_U64, NULL },
	{ QNET_DIAG_CALL_PRIO, "priority", F_U32, NULL },
	{ QNET_DIAG_CALL_UNBLOCK, "unblock", F_FLAG, NULL },
	{ }
};

static const struct view call_view = { call_fields, NULL, NULL };

/* ------------------------------------------------------- names of nodes */

/* Of the nodes there are, by their numbers. */
static struct json_object *names;

static void add_name(struct json_object *rec, void *arg)
{
	(void)arg;
	json_object_object_add(names, rec_str(rec, "nd"),
			       json_object_new_string(rec_name(rec, "name")));
	json_object_put(rec);
}

static int load_names(void)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_NODE_GET, NLM_F_DUMP);

	json_object_put(names);
	names = json_object_new_object();
	return msg ? qnl_talk(msg, &node_view, add_name, NULL) : EXIT_KERNEL;
}

static void put_node(struct json_object *rec)
{
	if (rec_has(rec, "nd"))
		json_object_object_add(rec, "node",
			json_object_get(json_object_object_get(names,
						rec_str(rec, "nd"))));
}

/* ---------------------------------------------------------------- records */

/* In the order of SK_MEMINFO_*, and as ss calls them. */
static const struct {
	const char	*key;
	const char	*brief;
} memory[DIAG_MEMORY] = {
	{ "rmem", "r" },
	{ "rcvbuf", "rb" },
	{ "wmem", "t" },
	{ "sndbuf", "tb" },
	{ "forward", "f" },
	{ "queued", "w" },
	{ "option", "o" },
	{ "backlog", "bl" },
	{ "drops", "d" },
};

struct json_object *diag_memory(const u32 *value)
{
	struct json_object *mem = json_object_new_object();
	size_t i;

	for (i = 0; i < DIAG_MEMORY; i++)
		json_object_object_add(mem, memory[i].key,
				       json_object_new_int64(value[i]));
	return mem;
}

bool diag_read_memory(struct json_object *rec, u32 *value)
{
	struct json_object *mem = json_object_object_get(rec, "memory");
	size_t i;

	for (i = 0; mem && i < DIAG_MEMORY; i++)
		value[i] = rec_num(mem, memory[i].key);
	return mem;
}

static struct json_object *calls(struct nlattr *attrs, int len)
{
	struct json_object *list = json_object_new_array();
	struct json_object *rec;
	struct nlattr *attr;
	int rem;

	nla_for_each_attr(attr, attrs, len, rem) {
		if (nla_type(attr) != QNET_DIAG_CALL)
			continue;
		rec = qnl_record(&call_view, nla_data(attr), nla_len(attr));
		put_node(rec);
		json_object_array_add(list, rec);
	}
	return list;
}

struct json_object *diag_record(const struct qnet_diag_msg *m,
				struct nlattr *attrs, int len)
{
	struct json_object *rec = qnl_record(&sock_view, attrs, len);
	struct nlattr *mem = nla_find(attrs, len, QNET_DIAG_MEMINFO);
	struct nlattr *id = nla_find(attrs, len, QNET_DIAG_ID);

	if (id)
		json_object_object_add(rec, m->kind == QNET_DIAG_CHANNEL ?
				       "chid" : "coid",
				       json_object_new_int(nla_get_s32(id)));
	json_object_object_add(rec, "kind",
			       json_object_new_string(kinds[m->kind % 3]));
	json_object_object_add(rec, "state", json_object_new_int(m->state));
	json_object_object_add(rec, "side", json_object_new_int(m->side));
	json_object_object_add(rec, "uid", json_object_new_int64(m->uid));
	json_object_object_add(rec, "ino", json_object_new_int64(m->ino));
	json_object_object_add(rec, "cookie", json_object_new_uint64(
			       (u64)m->cookie[1] << 32 | m->cookie[0]));
	if (mem && nla_len(mem) >= (int)(DIAG_MEMORY * sizeof(u32)))
		json_object_object_add(rec, "memory",
				       diag_memory(nla_data(mem)));
	put_node(rec);
	json_object_object_add(rec, "calls", calls(attrs, len));
	return rec;
}

static void take_family(struct json_object *rec, void *arg)
{
	*(u8 *)arg = rec_num(rec, "family");
	json_object_put(rec);
}

int diag_request(struct qnet_diag_req *req, int kind)
{
	struct nl_msg *msg = qnl_request(QNET_CMD_DOMAIN_GET, 0);
	int status = EXIT_KERNEL;

	memset(req, 0, sizeof(*req));
	req->kinds = 1 << kind;
	req->show = QNET_DIAG_SHOW_CALLS | QNET_DIAG_SHOW_MEMINFO;
	if (msg)
		status = qnl_talk(msg, &domain_view, take_family,
				  &req->sdiag_family);
	return status ?: load_names();
}

/* ------------------------------------------------------------------- text */

/* "process 440 (logger) of n2" */
static void print_server(struct json_object *rec)
{
	printf("process %s", rec_str(rec, "remote_pid"));
	if (rec_has(rec, "remote_comm"))
		printf(" (%s)", rec_str(rec, "remote_comm"));
	if (rec_num(rec, "nd"))
		printf(" of %s", rec_str(rec, "node"));
}

static void print_thread(struct json_object *call)
{
	if (rec_num(call, "tid"))
		printf("thread %s is ", rec_str(call, "tid"));
	else
		printf("a call with a cookie is ");
}

static void print_size(struct json_object *call)
{
	printf(" for %s: %s bytes, room for %s, priority %s%s",
	       rec_age(call, "ms"), rec_str(call, "bytes"),
	       rec_str(call, "room"), rec_str(call, "priority"),
	       rec_bool(call, "unblock") ? ", and wants out" : "");
}

static void print_out(struct json_object *rec, struct json_object *call)
{
	const char *state = rec_str(call, "state");

	print_thread(call);
	if (!strcmp(state, "send"))
		printf("SEND-blocked on ");
	else if (!strcmp(state, "reply"))
		printf("REPLY-blocked on ");
	else if (!strcmp(state, "sent"))
		/* Only the node that has it knows, and does not tell. */
		printf("SEND- or REPLY-blocked on ");
	else
		printf("let go by ");
	print_server(rec);
	print_size(call);
}

static void print_in(struct json_object *call)
{
	printf("%s by thread %s of process %s",
	       rec_has(call, "rcvid") ? "held:" : "queued:",
	       rec_str(call, "tid"), rec_str(call, "pid"));
	if (rec_num(call, "nd"))
		printf(" of %s", rec_str(call, "node"));
	if (rec_has(call, "rcvid"))
		printf(", rcvid %s", rec_str(call, "rcvid"));
	print_size(call);
}

void diag_print_socket(struct json_object *rec)
{
	struct json_object *mem = json_object_object_get(rec, "memory");
	size_t i;

	printf(" inode %s cookie %s", rec_str(rec, "ino"), rec_str(rec, "cookie"));
	for (i = 0; mem && i < DIAG_MEMORY; i++)
		printf("%s%s%s", i ? "," : " skmem:(", memory[i].brief,
		       rec_str(mem, memory[i].key));
	if (mem)
		putchar(')');
}

void diag_print_calls(struct json_object *rec)
{
	struct json_object *list = json_object_object_get(rec, "calls");
	bool server = rec_has(rec, "receivers");
	struct json_object *call;
	size_t i, n;

	n = json_object_is_type(list, json_type_array) ?
		json_object_array_length(list) : 0;
	for (i = 0; i < n; i++) {
		call = json_object_array_get_idx(list, i);
		printf("%s    ", out_nl());
		if (server)
			print_in(call);
		else
			print_out(rec, call);
	}
}
