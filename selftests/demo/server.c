// SPDX-License-Identifier: GPL-2.0
/*
 * server - the demo's server, as one writes it for QNX Neutrino
 *
 * There is nothing of Linux in it, nothing of sockets and nothing of
 * networks: it takes a name, waits for messages and replies to them. Whether
 * a client is on this node or on another one shows in one number, info.nd,
 * and only if one looks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/dispatch.h>
#include <sys/iomsg.h>
#include <sys/netmgr.h>
#include <sys/neutrino.h>

#include "logger.h"

#define PIECE	65536

union incoming {
	struct _pulse		pulse;
	struct _io_connect	connect;
	struct logger_msg	msg;
};

/* A line of text: the client is blocked in MsgSend() until MsgReply() */
static void note(int rcvid, const struct logger_msg *msg, const struct _msg_info *info)
{
	struct logger_reply reply = { 0 };
	char me[64] = "?", who[64] = "?";

	netmgr_ndtostr(ND2S_DIR_HIDE | ND2S_DOMAIN_HIDE, ND_LOCAL_NODE, me, sizeof(me));
	netmgr_ndtostr(ND2S_DIR_HIDE | ND2S_DOMAIN_HIDE, info->nd, who, sizeof(who));
	printf("MsgReceive: \"%.*s\", from process %d on node %s\n",
	       LOGGER_TEXT, msg->text, info->pid, who);
	snprintf(reply.text, sizeof(reply.text), "noted, by process %d on node %s",
		 getpid(), me);
	MsgReply(rcvid, EOK, &reply, sizeof(reply));
}

/*
 * Many bytes: MsgReceive() brought the head only. The rest still lies with the
 * client and is fetched piece by piece, at the server's pace.
 */
static void store(int rcvid, const struct logger_msg *msg)
{
	static unsigned char piece[PIECE];
	struct logger_reply reply = { 0 };
	size_t offset = sizeof(*msg), end = offset + msg->bytes;
	unsigned int reads = 0;
	ssize_t n, i;

	while (offset < end) {
		n = MsgRead(rcvid, piece, sizeof(piece), offset);
		if (n <= 0) {
			MsgError(rcvid, n ? errno : EBADMSG);
			return;
		}
		for (i = 0; i < n; i++)
			reply.sum = reply.sum * 31 + piece[i];
		offset += n;
		reads++;
	}
	printf("MsgRead: %u bytes of the client's message, in %u pieces\n",
	       msg->bytes, reads);
	snprintf(reply.text, sizeof(reply.text), "%u bytes stored", msg->bytes);
	MsgReply(rcvid, EOK, &reply, sizeof(reply));
}

static void message(int rcvid, const union incoming *in, const struct _msg_info *info)
{
	switch (in->msg.type) {
	case _IO_CONNECT:	/* a client's name_open() */
		MsgReply(rcvid, EOK, NULL, 0);
		break;
	case LOGGER_NOTE:
		note(rcvid, &in->msg, info);
		break;
	case LOGGER_STORE:
		store(rcvid, &in->msg);
		break;
	case LOGGER_ECHO:
		MsgReply(rcvid, EOK, NULL, 0);
		break;
	case LOGGER_THINK:
		printf("MsgReceive: a hard question; the client is blocked while I think\n");
		break;
	default:
		MsgError(rcvid, ENOSYS);
	}
}

/* Pulses have no reply; those below 0 come from the system */
static void pulse(const struct _pulse *p)
{
	switch (p->code) {
	case LOGGER_ALARM:
		printf("a pulse: alarm, value %d\n", p->value.sival_int);
		break;
	case _PULSE_CODE_DISCONNECT:
		ConnectDetach(p->scoid);
		break;
	}
}

int main(void)
{
	struct _msg_info info;
	name_attach_t *name;
	union incoming in;
	int rcvid;

	setvbuf(stdout, NULL, _IOLBF, 0);
	name = name_attach(NULL, LOGGER_NAME, 0);
	if (!name) {
		perror("name_attach");
		return EXIT_FAILURE;
	}
	printf("name_attach: I am \"%s\", process %d, and wait for messages\n",
	       LOGGER_NAME, getpid());
	for (;;) {
		memset(&in, 0, sizeof(in));
		rcvid = MsgReceive(name->chid, &in, sizeof(in), &info);
		if (rcvid > 0)
			message(rcvid, &in, &info);
		else if (rcvid == 0)
			pulse(&in.pulse);
		else if (errno != EINTR)
			break;
	}
	perror("MsgReceive");
	return EXIT_FAILURE;
}
