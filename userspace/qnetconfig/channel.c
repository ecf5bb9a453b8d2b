// SPDX-License-Identifier: GPL-2.0-only
/* qnetconfig channel */
#include <json-c/json.h>
#include <linux/qnet_diag.h>
#include <stdio.h>

#include "cmd.h"

static void text(struct json_object *rec)
{
	printf("%9s %6s %6s %-15s %9s %6s %6s %6s %7s", rec_str(rec, "pid"),
	       rec_str(rec, "chid"), rec_str(rec, "uid"), rec_str(rec, "comm"),
	       rec_str(rec, "receivers"), rec_str(rec, "queued"),
	       rec_str(rec, "held"), rec_str(rec, "pulses"),
	       rec_str(rec, "clients"));
	if (opt.details) {
		printf("%s    flags %s", out_nl(), rec_list(rec, "flags"));
		diag_print_socket(rec);
		diag_print_calls(rec);
	}
	putchar('\n');
}

/* All is in the record already. */
static const struct view channel_view = {
	NULL,
	"      PID   CHID    UID COMMAND         RECEIVERS QUEUED   HELD PULSES CLIENTS",
	text
};

static void one(struct json_object *rec, void *arg)
{
	(void)arg;
	json_object_object_del(rec, "kind");
	json_object_object_del(rec, "state");
	json_object_object_del(rec, "side");
	if (!opt.details)
		json_object_object_del(rec, "calls");
	out_record(rec);
}

enum { PID };

static const struct param show_params[] = {
	{ "pid", "PID", 0 },
	{ }
};

static int show(const char *const *v)
{
	struct qnet_diag_req req;
	u32 pid = 0;
	int status;

	if (v[PID] && !parse_number("pid", v[PID], INT32_MAX, &pid))
		return EXIT_USAGE;
	if (v[PID] && !pid)
		return usage_error("pid: 0 is no process; without \"pid\" those of all are shown");
	status = diag_request(&req, QNET_DIAG_CHANNEL);
	if (status)
		return status;
	req.pid = pid;
	if (!opt.details)
		req.show = 0;
	out_begin(&channel_view);
	status = qnl_sockets(&req, one, NULL);
	out_end();
	return status;
}

static const struct command commands[] = {
	{ "show", "channels of this node; with -d who waits in them; processes of other users only for root",
	  show_params, show },
	{ "list", "the same", show_params, show },
	{ }
};

const struct object channel_object = {
	"channel", "channels that processes of this node receive on", commands
};
