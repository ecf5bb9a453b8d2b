// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig vc */
#include <json-c/json.h>
#include <linux/netlink.h>
#include <linux/qnet_diag.h>
#include <linux/qnet_netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static const char *const sides[] = {
	[QNET_VC_SIDE_LOCAL]	= "local",
	[QNET_VC_SIDE_CLIENT]	= "client",
	[QNET_VC_SIDE_SERVER]	= "server",
	NULL
};

static const char *const states[] = {
	[QNET_VC_STATE_NEW]		= "new",
	[QNET_VC_STATE_CONNECTING]	= "connecting",
	[QNET_VC_STATE_UP]		= "up",
	[QNET_VC_STATE_DEAD]		= "dead",
	NULL
};

static const struct field fields[] = {
	{ QNET_A_VC_ID, "id", F_U32, NULL },
	{ QNET_A_VC_ND, "nd", F_U32, NULL },
	{ QNET_A_VC_NODE, "node", F_STRING, NULL },
	{ QNET_A_VC_SIDE, "side", F_ENUM, sides },
	{ QNET_A_VC_STATE, "state", F_ENUM, states },
	{ QNET_A_VC_LOCAL_PID, "local_pid", F_S32, NULL },
	{ QNET_A_VC_REMOTE_PID, "remote_pid", F_S32, NULL },
	{ QNET_A_VC_CHID, "chid", F_S32, NULL },
	{ QNET_A_VC_SCOID, "scoid", F_S32, NULL },
	{ QNET_A_VC_UID, "uid", F_U32, NULL },
	{ QNET_A_VC_SHARES, "shares", F_U32, NULL },
	{ QNET_A_VC_BUFFER, "buffer", F_U32, NULL },
	{ QNET_A_VC_IDLE_MS, "idle_ms", F_U64, NULL },
	{ QNET_A_VC_TX_MSGS, "tx_msgs", F_U64, NULL },
	{ QNET_A_VC_RX_MSGS, "rx_msgs", F_U64, NULL },
	{ }
};

static void text(struct json_object *rec)
{
	char id[16], msgs[48];

	snprintf(id, sizeof(id), rec_has(rec, "id") ? "%#llx" : "-",
		 (unsigned long long)rec_num(rec, "id"));
	snprintf(msgs, sizeof(msgs), "%s/%s", rec_str(rec, "tx_msgs"),
		 rec_str(rec, "rx_msgs"));
	printf("%-10s %-6s %-15s %9s %10s %6s %-10s %6s %7s  %s", id,
	       rec_str(rec, "side"), rec_str(rec, "node"),
	       rec_str(rec, "local_pid"), rec_str(rec, "remote_pid"),
	       rec_str(rec, "chid"), rec_str(rec, "state"),
	       rec_str(rec, "uid"), rec_age(rec, "idle_ms"), msgs);
	if (opt.details) {
		printf("%s    nd %s scoid %s shares %s buffer %s", out_nl(),
		       rec_str(rec, "nd"), rec_str(rec, "scoid"),
		       rec_str(rec, "shares"), rec_str(rec, "buffer"));
		if (rec_has(rec, "comm"))
			printf(" command %s coid %s", rec_str(rec, "comm"),
			       rec_str(rec, "coid"));
		if (rec_has(rec, "ino"))
			diag_print_socket(rec);
		diag_print_calls(rec);
	}
	putchar('\n');
}

const struct view vc_view = {
	fields,
	"ID         SIDE   NODE            LOCAL-PID REMOTE-PID   CHID STATE         UID    IDLE  TX/RX MSGS",
	text
};

enum { ID, NODE, PID, UID, STATE };

static const struct param show_params[] = {
	{ "id", "ID", 0 },
	{ "node", "NODE", 0 },
	{ "pid", "PID", 0 },
	{ "uid", "USER", 0 },
	{ "state", "{ new | connecting | up | dead }", 0 },
	{ }
};

static bool parse_user(const char *text, u32 *uid)
{
	const struct passwd *pw = getpwnam(text);

	if (pw)
		*uid = pw->pw_uid;
	return pw || parse_number("uid", text, UINT32_MAX, uid);
}

/* What is selected, by the order of show_params. */
static int read_filter(const char *const *v, u32 *n)
{
	if ((v[ID] && !parse_number("id", v[ID], UINT32_MAX, &n[ID])) ||
	    (v[PID] && !parse_number("pid", v[PID], INT32_MAX, &n[PID])) ||
	    (v[UID] && !parse_user(v[UID], &n[UID])) ||
	    (v[STATE] && !parse_word("state", v[STATE], states, &n[STATE])))
		return EXIT_USAGE;
	return v[NODE] ? node_find(v[NODE], &n[NODE]) : 0;
}

/* ------------------------------------------------- with -d: what hangs on it */

/**
 * struct conn - the connection of a circuit with another node
 * @nd:    of that node
 * @id:    of the circuit
 * @ino:   of its socket
 * @coid:  its number in its process
 * @comm:  name of that, if it is known
 * @cookie: of the socket
 * @memory: of the socket, see diag_memory()
 * @has_memory: it is known
 * @calls: array of the calls under way
 * @calls_under_way: their number, which may be larger; -1 is not known
 *
 * There may be very many, nearly all of them idle: those have no more than this.
 */
struct conn {
	u32			nd;
	u32			id;
	s64			ino;
	s64			coid;
	char			comm[16];
	s64			cookie;
	u32			memory[DIAG_MEMORY];
	bool			has_memory;
	s64			calls_under_way;
	struct json_object	*calls;
};

static struct {
	struct conn	*conn;
	size_t		n;
	size_t		room;
	bool		nomem;
} remote;

static struct conn *new_conn(void)
{
	size_t room = remote.room ? 2 * remote.room : 64;
	struct conn *more = remote.conn;

	if (remote.n == remote.room) {
		more = reallocarray(remote.conn, room, sizeof(*more));
		if (!more) {
			remote.nomem = true;
			return NULL;
		}
		remote.conn = more;
		remote.room = room;
	}
	return &more[remote.n++];
}

static void take_remote(struct json_object *rec, void *arg)
{
	struct json_object *calls = json_object_object_get(rec, "calls");
	struct conn *c;

	(void)arg;
	c = rec_has(rec, "vc") ? new_conn() : NULL;
	if (c) {
		memset(c, 0, sizeof(*c));
		c->nd = rec_num(rec, "nd");
		c->id = rec_num(rec, "vc");
		c->ino = rec_num(rec, "ino");
		c->coid = rec_num(rec, "coid");
		c->cookie = rec_num(rec, "cookie");
		c->has_memory = diag_read_memory(rec, c->memory);
		c->calls_under_way = rec_has(rec, "calls_under_way") ?
				     rec_num(rec, "calls_under_way") : -1;
		if (rec_has(rec, "comm"))
			snprintf(c->comm, sizeof(c->comm), "%s",
				 rec_str(rec, "comm"));
		if (calls && json_object_array_length(calls))
			c->calls = json_object_get(calls);
	}
	json_object_put(rec);
}

static int compare(const void *a, const void *b)
{
	const struct conn *x = a, *y = b;

	if (x->nd != y->nd)
		return x->nd < y->nd ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Then they can be looked for. */
static int take_remotes(void)
{
	struct qnet_diag_req req;
	int status = diag_request(&req, QNET_DIAG_CONNECTION);

	if (!status)
		status = qnl_sockets(&req, take_remote, NULL);
	if (!status && remote.nomem) {
		fputs("Error: out of memory.\n", stderr);
		status = EXIT_KERNEL;
	}
	qsort(remote.conn, remote.n, sizeof(*remote.conn), compare);
	return status;
}

static void free_remotes(void)
{
	size_t i;

	for (i = 0; i < remote.n; i++)
		json_object_put(remote.conn[i].calls);
	free(remote.conn);
	memset(&remote, 0, sizeof(remote));
}

/* That of a circuit; only a client has one, and servers' ids are numbered apart. */
static const struct conn *find_conn(struct json_object *rec)
{
	const struct conn key = {
		.nd = rec_num(rec, "nd"),
		.id = rec_num(rec, "id"),
	};

	if (!remote.n || strcmp(rec_str(rec, "side"), "client"))
		return NULL;
	return bsearch(&key, remote.conn, remote.n, sizeof(key), compare);
}

static void show_detailed(struct json_object *rec, void *arg)
{
	const struct conn *c = find_conn(rec);

	(void)arg;
	if (c) {
		if (*c->comm)
			json_object_object_add(rec, "comm",
					       json_object_new_string(c->comm));
		json_object_object_add(rec, "coid",
				       json_object_new_int64(c->coid));
		json_object_object_add(rec, "ino",
				       json_object_new_int64(c->ino));
		json_object_object_add(rec, "cookie",
				       json_object_new_int64(c->cookie));
		if (c->has_memory)
			json_object_object_add(rec, "memory",
					       diag_memory(c->memory));
		if (c->calls_under_way >= 0)
			json_object_object_add(rec, "calls_under_way",
				json_object_new_int64(c->calls_under_way));
		json_object_object_add(rec, "calls", c->calls ?
				       json_object_get(c->calls) :
				       json_object_new_array());
	}
	out_record(rec);
}

static void copy(struct json_object *to, struct json_object *from,
		 const char *as, const char *key)
{
	struct json_object *val = json_object_object_get(from, key);

	if (val)
		json_object_object_add(to, as, json_object_get(val));
}

/* What is selected; see read_filter(). */
struct filter {
	const char	*const *v;
	const u32	*n;
};

static bool is_wanted(struct json_object *conn, const struct filter *f)
{
	return !f->v[ID] && (!f->v[NODE] || !f->n[NODE]) &&
	       (!f->v[PID] || rec_num(conn, "pid") == f->n[PID]) &&
	       (!f->v[UID] || rec_num(conn, "uid") == f->n[UID]) &&
	       (!f->v[STATE] || rec_num(conn, "state") == f->n[STATE]);
}

static struct json_object *local_vc(struct json_object *conn)
{
	static const char *const same[] = {
		"comm", "coid", "ino", "cookie", "memory", "remote_comm",
		"calls_under_way", "calls",
	};
	struct json_object *rec = json_object_new_object();
	size_t i;

	copy(rec, conn, "nd", "nd");
	copy(rec, conn, "node", "node");
	json_object_object_add(rec, "side", json_object_new_string("local"));
	json_object_object_add(rec, "state", json_object_new_string(
			       states[rec_num(conn, "state") % 4]));
	copy(rec, conn, "local_pid", "pid");
	copy(rec, conn, "remote_pid", "remote_pid");
	copy(rec, conn, "chid", "chid");
	copy(rec, conn, "uid", "uid");
	for (i = 0; i < ARRAY_SIZE(same); i++)
		copy(rec, conn, same[i], same[i]);
	return rec;
}

/* Those that stay on this node are no circuits of the kernel's table. */
static void show_local(struct json_object *conn, void *arg)
{
	if (!rec_has(conn, "vc") && rec_has(conn, "coid") &&
	    is_wanted(conn, arg))
		out_record(local_vc(conn));
	json_object_put(conn);
}

static int show_locals(const char *const *v, const u32 *n)
{
	struct filter f = { .v = v, .n = n };
	struct qnet_diag_req req;
	int status = diag_request(&req, QNET_DIAG_CONNECTION);

	return status ? status : qnl_sockets(&req, show_local, &f);
}

static int show_details(struct nl_msg *msg, const char *const *v, const u32 *n)
{
	int status = take_remotes();

	out_begin(&vc_view);
	if (status)
		nlmsg_free(msg);
	else
		status = qnl_talk(msg, &vc_view, show_detailed, NULL);
	if (!status)
		status = show_locals(v, n);
	out_end();
	free_remotes();
	return status;
}

static int show(const char *const *v)
{
	static const int attrs[] = {
		[ID]	= QNET_A_VC_ID,
		[NODE]	= QNET_A_VC_ND,
		[PID]	= QNET_A_VC_LOCAL_PID,
		[UID]	= QNET_A_VC_UID,
		[STATE]	= QNET_A_VC_STATE,
	};
	u32 n[ARRAY_SIZE(attrs)] = { 0 };
	int status = read_filter(v, n);
	struct nl_msg *msg;
	size_t i;

	if (status)
		return status;
	msg = qnl_request(QNET_CMD_VC_GET, NLM_F_DUMP);
	if (!msg)
		return EXIT_KERNEL;
	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		if (v[i])
			nla_put_u32(msg, attrs[i], n[i]);
	return opt.details ? show_details(msg, v, n) : qnl_show(msg, &vc_view);
}

enum { KILL_ID, KILL_NODE, KILL_SIDE, KILL_QUIET };

static const struct param kill_params[] = {
	{ "ID", NULL, P_POSITIONAL | P_REQUIRED },
	{ "node", "NODE", P_REQUIRED },
	{ "side", "{ client | server }", P_REQUIRED },
	{ "quiet", NULL, 0 },
	{ }
};

static int kill(const char *const *v)
{
	struct nl_msg *msg;
	u32 id, nd, side;
	int status;

	if (!parse_number("ID", v[KILL_ID], UINT32_MAX, &id) ||
	    !parse_word("side", v[KILL_SIDE], sides, &side))
		return EXIT_USAGE;
	status = node_find(v[KILL_NODE], &nd);
	if (status)
		return status;
	msg = qnl_request(QNET_CMD_VC_DEL, 0);
	if (!msg)
		return EXIT_KERNEL;
	nla_put_u32(msg, QNET_A_VC_ID, id);
	nla_put_u32(msg, QNET_A_VC_ND, nd);
	nla_put_u32(msg, QNET_A_VC_SIDE, side);
	if (v[KILL_QUIET])
		nla_put_flag(msg, QNET_A_VC_QUIET);
	return qnl_talk(msg, &vc_view, NULL, NULL);
}

static const struct command commands[] = {
	{ "show", "circuits with other nodes; with -d those on this node, too, and who is blocked on what; processes of other users only for root",
	  show_params, show },
	{ "list", "the same", show_params, show },
	{ "kill", "end a circuit whose end here is the client's or the server's; quiet: here only, NODE's watchdog will find it",
	  kill_params, kill },
	{ }
};

const struct object vc_object = {
	"vc", "virtual circuits, and what hangs on them", commands
};
