// SPDX-License-Identifier: GPL-2.0-only
/* Requests, answers and errors of the generic netlink family. */
#include <errno.h>
#include <json-c/json.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/qnet_diag.h>
#include <linux/qnet_netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cmd.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

/* No object has more attributes. */
#define ATTR_MAX	63

/* Bytes of a list that are kept together. */
#define CHUNK		(1 << 16)

/* How often a list is asked for that changes while it is read. */
#define DUMP_TRIES	3

static struct nl_sock *sock;
static int family;
static bool once;

/**
 * struct chunk - messages, one behind the other
 * @next: those that came later
 * @len:  bytes of them
 * @data: they
 */
struct chunk {
	struct chunk	*next;
	size_t		len;
	char		data[];
};

/**
 * struct talk - one request under way
 * @request: as it was sent
 * @view:    how to read attributes
 * @make:    makes a record of an answer
 * @fn:      gets it
 * @arg:     for @fn
 * @status:  exit status
 * @dump:    answers are kept until all have come, and are of one moment
 * @done:    there is nothing more to come
 * @torn:    the dump is not of one moment
 * @kept:    what came so far
 * @last:    where that ends
 */
struct talk {
	struct nlmsghdr		*request;
	const struct view	*view;
	struct json_object	*(*make)(const struct talk *t,
					 struct nlmsghdr *nlh);
	qnl_record_t		fn;
	void			*arg;
	int			status;
	bool			dump;
	bool			done;
	bool			torn;
	struct chunk		*kept;
	struct chunk		*last;
};

/* ------------------------------------------------------ the connection */

static int no_family(int err)
{
	if (err == -NLE_OBJ_NOTFOUND)
		fputs("Error: the kernel module qnet is not loaded; type: modprobe qnet\n",
		      stderr);
	else
		fprintf(stderr, "Error: cannot reach generic netlink: %s.\n",
			nl_geterror(err));
	return EXIT_KERNEL;
}

static int connect_sock(struct nl_sock *sk)
{
	int on = 1;
	int err;

	err = genl_connect(sk);
	if (err)
		return err;
	/* Old kernels do without. */
	setsockopt(nl_socket_get_fd(sk), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	nl_socket_set_buffer_size(sk, 1 << 20, 0);
	nl_socket_set_msg_buf_size(sk, 1 << 16);
	return genl_ctrl_resolve(sk, QNET_FAMILY_NAME);
}

static bool qnl_open(void)
{
	int err;

	if (sock)
		return true;
	sock = nl_socket_alloc();
	err = sock ? connect_sock(sock) : -NLE_NOMEM;
	if (err >= 0) {
		family = err;
		return true;
	}
	no_family(err);
	qnl_close();
	return false;
}

void qnl_close(void)
{
	nl_socket_free(sock);
	sock = NULL;
}

struct nl_msg *qnl_request(u8 cmd, int flags)
{
	struct nl_msg *msg;

	if (!qnl_open())
		return NULL;
	msg = nlmsg_alloc();
	if (msg && genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
			       flags | NLM_F_REQUEST, cmd, QNET_FAMILY_VERSION))
		return msg;
	fputs("Error: out of memory.\n", stderr);
	nlmsg_free(msg);
	return NULL;
}

void qnl_put_name(struct nl_msg *msg, int name_attr, int domain_attr,
		  const char *name)
{
	size_t len = strcspn(name, ".");
	char *copy = strndup(name, len);

	if (!copy)
		return;
	nla_put_string(msg, name_attr, copy);
	if (name[len])
		nla_put_string(msg, domain_attr, name + len + 1);
	free(copy);
}

/* ------------------------------------------------- attributes to JSON */

static struct json_object *mac_value(const struct nlattr *attr)
{
	const u8 *m = nla_data(attr);
	char text[18];

	if (nla_len(attr) != 6)
		return NULL;
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0],
		 m[1], m[2], m[3], m[4], m[5]);
	return json_object_new_string(text);
}

static struct json_object *uuid_value(const struct nlattr *attr)
{
	const u8 *b = nla_data(attr);
	char text[37];
	int i, n = 0;

	if (nla_len(attr) != 16)
		return NULL;
	for (i = 0; i < 16; i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%02x",
			      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      b[i]);
	return json_object_new_string(text);
}

static struct json_object *dev_value(u32 ifindex)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname(ifindex, name))
		snprintf(name, sizeof(name), "if%u", ifindex);
	return json_object_new_string(name);
}

static struct json_object *enum_value(u32 n, const char *const *words)
{
	u32 i;

	for (i = 0; words[i]; i++)
		if (i == n)
			return json_object_new_string(words[i]);
	return json_object_new_int64(n);
}

static struct json_object *bits_value(u32 bits, const char *const *words)
{
	struct json_object *list = json_object_new_array();
	u32 i;

	for (i = 0; words[i]; i++)
		if (bits & (1U << i))
			json_object_array_add(list,
					      json_object_new_string(words[i]));
	return list;
}

static struct json_object *u32_value(const struct field *f, u32 n)
{
	switch (f->type) {
	case F_S32:
		return json_object_new_int((s32)n);
	case F_BOOL:
		return json_object_new_boolean(n);
	case F_DEV:
		return dev_value(n);
	case F_ENUM:
		return enum_value(n, f->words);
	case F_BITS:
		return bits_value(n, f->words);
	default:
		return json_object_new_int64(n);
	}
}

static struct json_object *string_value(const struct nlattr *attr)
{
	const char *text = nla_data(attr);

	return json_object_new_string_len(text, strnlen(text, nla_len(attr)));
}

static struct json_object *field_value(const struct field *f,
				       const struct nlattr *attr)
{
	switch (f->type) {
	case F_STRING:
		return string_value(attr);
	case F_FLAG:
	case F_ASKED:
		return json_object_new_boolean(1);
	case F_MAC:
		return mac_value(attr);
	case F_UUID:
		return uuid_value(attr);
	case F_U64:
		if (nla_len(attr) < (int)sizeof(u64))
			return NULL;
		return json_object_new_uint64(nla_get_u64(attr));
	default:
		if (nla_len(attr) < (int)sizeof(u32))
			return NULL;
		return u32_value(f, nla_get_u32(attr));
	}
}

/* Keys are literals, each once: nothing to copy and nothing to look for. */
static void add_field(struct json_object *rec, const struct field *f,
		      struct json_object *val)
{
	json_object_object_add_ex(rec, f->key, val,
				  JSON_C_OBJECT_ADD_KEY_IS_NEW |
				  JSON_C_OBJECT_KEY_IS_CONSTANT);
}

struct json_object *qnl_record(const struct view *view, struct nlattr *attrs,
			       int len)
{
	struct json_object *rec = json_object_new_object();
	struct nlattr *tb[ATTR_MAX + 1];
	const struct field *f;

	nla_parse(tb, ATTR_MAX, attrs, len, NULL);
	for (f = view->fields; f->attr; f++) {
		if (tb[f->attr])
			add_field(rec, f, field_value(f, tb[f->attr]));
		else if (f->type == F_FLAG)
			add_field(rec, f, json_object_new_boolean(0));
	}
	return rec;
}

/* -------------------------------------------------------------- errors */

/* The attribute at a byte offset of the request. */
static const struct nlattr *attr_at(const struct nlmsghdr *nlh, u32 offset)
{
	const struct nlattr *attr;

	if (offset < NLMSG_HDRLEN + GENL_HDRLEN ||
	    offset + NLA_HDRLEN > nlh->nlmsg_len)
		return NULL;
	attr = (const struct nlattr *)((const char *)nlh + offset);
	if (attr->nla_len < NLA_HDRLEN ||
	    offset + attr->nla_len > nlh->nlmsg_len)
		return NULL;
	return attr;
}

/* Prints what was given in the attribute to blame. */
static void print_blamed(const struct talk *t, const struct nlattr *offs)
{
	const struct nlattr *attr = attr_at(t->request, nla_get_u32(offs));
	struct json_object *val;
	const struct field *f;

	for (f = t->view->fields; attr && f->attr; f++) {
		if (f->attr != nla_type(attr))
			continue;
		val = field_value(f, attr);
		if (f->type == F_STRING)
			fprintf(stderr, " \"%s\"", json_object_get_string(val));
		else if (f->type == F_MAC)
			fprintf(stderr, " %s", json_object_get_string(val));
		else
			fprintf(stderr, " (%s %s)", f->key,
				json_object_get_string(val));
		json_object_put(val);
	}
}

/* Prints what would have been allowed. */
static void print_policy(struct nlattr *policy)
{
	struct nlattr *tb[NL_POLICY_TYPE_ATTR_MAX + 1];
	struct nlattr *min, *max, *len, *smin, *smax;

	if (nla_parse_nested(tb, NL_POLICY_TYPE_ATTR_MAX, policy, NULL))
		return;
	min = tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_U];
	max = tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_U];
	smin = tb[NL_POLICY_TYPE_ATTR_MIN_VALUE_S];
	smax = tb[NL_POLICY_TYPE_ATTR_MAX_VALUE_S];
	len = tb[NL_POLICY_TYPE_ATTR_MAX_LENGTH];
	if (min && max)
		fprintf(stderr, " (%llu to %llu)",
			(unsigned long long)nla_get_u64(min),
			(unsigned long long)nla_get_u64(max));
	else if (smin && smax)
		fprintf(stderr, " (%lld to %lld)",
			(long long)nla_get_u64(smin),
			(long long)nla_get_u64(smax));
	else if (len)
		fprintf(stderr, " (at most %u bytes)", nla_get_u32(len));
}

static void print_error(const struct talk *t, int err, struct nlattr **tb)
{
	struct nlattr *text = tb[NLMSGERR_ATTR_MSG];

	fprintf(stderr, "Error: qnet: %s",
		text ? (const char *)nla_data(text) : strerror(err));
	if (tb[NLMSGERR_ATTR_OFFS])
		print_blamed(t, tb[NLMSGERR_ATTR_OFFS]);
	if (tb[NLMSGERR_ATTR_POLICY])
		print_policy(tb[NLMSGERR_ATTR_POLICY]);
	if (!text && err == EPERM)
		fputs(", it takes CAP_NET_ADMIN: type sudo before the command",
		      stderr);
	fputs(".\n", stderr);
}

/**
 * failed() - the kernel refused a request
 * @t:    the request
 * @err:  errno > 0
 * @nlh:  the message that says so
 * @skip: bytes of its payload before the attributes
 */
static void failed(struct talk *t, int err, struct nlmsghdr *nlh, int skip)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = { NULL };
	int len = nlmsg_datalen(nlh) - skip;

	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && len > 0)
		nla_parse(tb, NLMSGERR_ATTR_MAX,
			  (struct nlattr *)((char *)nlmsg_data(nlh) + skip),
			  len, NULL);
	print_error(t, err, tb);
	t->status = EXIT_KERNEL;
	t->done = true;
}

static int on_error(struct sockaddr_nl *nla, struct nlmsgerr *e, void *arg)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)((char *)e - NLMSG_HDRLEN);
	int skip = sizeof(*e);

	(void)nla;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - NLMSG_HDRLEN;
	failed(arg, -e->error, nlh, NLMSG_ALIGN(skip));
	return NL_STOP;
}

/* ------------------------------------------------------------- answers */

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct talk *t = arg;
	int err = 0;

	if (nlmsg_datalen(nlh) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(nlh), sizeof(err));
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		t->torn = true;
	if (err < 0)
		failed(t, -err, nlh, sizeof(err));
	t->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct talk *t = arg;

	(void)msg;
	t->done = true;
	return NL_STOP;
}

static void out_of_memory(struct talk *t)
{
	if (!t->status)
		fputs("Error: out of memory.\n", stderr);
	t->status = EXIT_KERNEL;
}

static struct chunk *new_chunk(struct talk *t, size_t room)
{
	struct chunk *c = malloc(sizeof(*c) + room);

	if (!c) {
		out_of_memory(t);
		return NULL;
	}
	c->next = NULL;
	c->len = 0;
	if (t->last)
		t->last->next = c;
	else
		t->kept = c;
	t->last = c;
	return c;
}

/* As it came: there may be very many, and so they are small. */
static void keep(struct talk *t, const struct nlmsghdr *nlh)
{
	size_t len = NLMSG_ALIGN(nlh->nlmsg_len);
	struct chunk *c = t->last;

	if (!c || c->len + len > CHUNK)
		c = new_chunk(t, len > CHUNK ? len : CHUNK);
	if (!c)
		return;
	memcpy(c->data + c->len, nlh, nlh->nlmsg_len);
	c->len += len;
}

static void deliver(struct talk *t, struct nlmsghdr *nlh)
{
	struct json_object *rec = t->fn ? t->make(t, nlh) : NULL;

	if (rec)
		t->fn(rec, t->arg);
}

static void deliver_chunk(struct talk *t, struct chunk *c)
{
	struct nlmsghdr *nlh;
	size_t at;

	for (at = 0; at < c->len; at += NLMSG_ALIGN(nlh->nlmsg_len)) {
		nlh = (struct nlmsghdr *)(c->data + at);
		deliver(t, nlh);
	}
}

/* All that is kept, or none of it: then it is only thrown away. */
static void end_kept(struct talk *t, bool wanted)
{
	struct chunk *c;

	while (t->kept) {
		c = t->kept;
		t->kept = c->next;
		if (wanted)
			deliver_chunk(t, c);
		free(c);
	}
	t->last = NULL;
}

static int on_answer(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct talk *t = arg;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		t->torn = true;
	if (t->dump)
		keep(t, nlh);
	else
		deliver(t, nlh);
	return NL_OK;
}

static struct json_object *make_record(const struct talk *t,
				       struct nlmsghdr *nlh)
{
	struct genlmsghdr *ghdr = genlmsg_hdr(nlh);

	return qnl_record(t->view, genlmsg_attrdata(ghdr, 0),
			  genlmsg_attrlen(ghdr, 0));
}

static void transmit(struct nl_sock *sk, struct nl_msg *msg, struct nl_cb *cb,
		     struct talk *t)
{
	int err;

	t->done = false;
	t->torn = false;
	end_kept(t, false);
	nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
	err = nl_send_auto(sk, msg);
	t->request = nlmsg_hdr(msg);
	while (err >= 0 && !t->done) {
		err = nl_recvmsgs(sk, cb);
		/* Told in t->torn, and the dump goes on. */
		if (err == -NLE_DUMP_INTR)
			err = 0;
	}
	if (err < 0 && !t->status) {
		fprintf(stderr, "Error: netlink: %s.\n", nl_geterror(err));
		t->status = EXIT_KERNEL;
	}
}

/* Once more, as often as makes sense, if a list has changed while it was read. */
static void converse(struct nl_sock *sk, struct nl_msg *msg, struct nl_cb *cb,
		     struct talk *t)
{
	int flags = nlmsg_hdr(msg)->nlmsg_flags;
	int tries = 0;

	t->dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
	do {
		transmit(sk, msg, cb, t);
	} while (t->torn && !t->status && !once && ++tries < DUMP_TRIES);
	if (t->torn && !once)
		fprintf(stderr, "This changed each of %d times it was read: what came or went meanwhile may be missing; type it again.\n",
			DUMP_TRIES);
	end_kept(t, true);
}

void qnl_dump_once(bool on)
{
	once = on;
}

static int talk(struct nl_sock *sk, struct nl_msg *msg, struct talk *t)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (cb) {
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_answer, t);
		nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, t);
		nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, t);
		nl_cb_err(cb, NL_CB_CUSTOM, on_error, t);
		converse(sk, msg, cb, t);
		nl_cb_put(cb);
	}
	nlmsg_free(msg);
	return cb ? t->status : EXIT_KERNEL;
}

int qnl_talk(struct nl_msg *msg, const struct view *view, qnl_record_t fn,
	     void *arg)
{
	struct talk t = {
		.view = view, .make = make_record, .fn = fn, .arg = arg,
	};

	return talk(sock, msg, &t);
}

/* ------------------------------------------------------------ sock_diag */

static struct json_object *make_socket(const struct talk *t,
				       struct nlmsghdr *nlh)
{
	const struct qnet_diag_msg *m = nlmsg_data(nlh);

	(void)t;
	if (nlmsg_datalen(nlh) < (int)sizeof(*m))
		return NULL;
	return diag_record(m, nlmsg_attrdata(nlh, sizeof(*m)),
			   nlmsg_attrlen(nlh, sizeof(*m)));
}

int qnl_sockets(struct qnet_diag_req *req, qnl_record_t fn, void *arg)
{
	static const struct field none[] = { { } };
	static const struct view view = { none, NULL, NULL };
	struct talk t = {
		.view = &view, .make = make_socket, .fn = fn, .arg = arg,
	};
	struct nl_sock *sk = nl_socket_alloc();
	struct nl_msg *msg;
	int err;

	err = sk ? nl_connect(sk, NETLINK_SOCK_DIAG) : -NLE_NOMEM;
	msg = nlmsg_alloc_simple(SOCK_DIAG_BY_FAMILY,
				 NLM_F_REQUEST | NLM_F_DUMP);
	if (!err && (!msg || nlmsg_append(msg, req, sizeof(*req), NLMSG_ALIGNTO)))
		err = -NLE_NOMEM;
	if (err) {
		fprintf(stderr, "Error: sock_diag: %s.\n", nl_geterror(err));
		nlmsg_free(msg);
		t.status = EXIT_KERNEL;
	} else {
		nl_socket_set_msg_buf_size(sk, 1 << 16);
		talk(sk, msg, &t);
	}
	nl_socket_free(sk);
	return t.status;
}

/* ------------------------------------------------------- notifications */

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *ghdr = genlmsg_hdr(nlmsg_hdr(msg));

	(*(qnl_event_t *)arg)(ghdr->cmd, genlmsg_attrdata(ghdr, 0),
			     genlmsg_attrlen(ghdr, 0));
	return NL_OK;
}

/* Joins those that the user may hear, and says which he may not. */
static int join(const char *const *groups)
{
	int id, refused = 0, joined = 0;

	for (; *groups; groups++) {
		id = genl_ctrl_resolve_grp(sock, QNET_FAMILY_NAME, *groups);
		if (id >= 0)
			id = nl_socket_add_membership(sock, id);
		if (id == -NLE_PERM) {
			fprintf(stderr, "To hear of \"%s\" takes CAP_NET_ADMIN: type sudo before the command.\n",
				*groups);
			refused = id;
		} else if (id < 0) {
			return id;
		} else {
			joined = 1;
		}
	}
	return joined ? 0 : refused;
}

int qnl_listen(const char *const *groups, qnl_event_t fn)
{
	int err;

	if (!qnl_open())
		return EXIT_KERNEL;
	err = join(groups);
	nl_socket_disable_seq_check(sock);
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_event, &fn);
	while (err >= 0) {
		err = nl_recvmsgs_default(sock);
		/* ENOBUFS: libnl calls it so. */
		if (err == -NLE_NOMEM) {
			fputs("Some events were lost.\n", stderr);
			err = 0;
		}
	}
	fprintf(stderr, "Error: netlink: %s.\n", nl_geterror(err));
	return EXIT_KERNEL;
}
