// SPDX-License-Identifier: GPL-2.0
/*
 * echo SERVER FILE: register the name SERVER, write "pid chid" into FILE, then
 * send back what comes; a message that begins with 'N' is never replied to, and
 * the value of a pulse becomes a line of FILE.
 *
 * Written for QNX: nothing here knows of nodes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>
#include <unistd.h>

#define ROOM	(16u << 20)

int main(int argc, char **argv)
{
	name_attach_t *name;
	char *buf = malloc(ROOM);
	FILE *f;

	if (argc != 3 || !buf)
		return 2;
	name = name_attach(NULL, argv[1], 0);
	f = fopen(argv[2], "w");
	if (!name || !f)
		return 1;
	fprintf(f, "%d %d\n", getpid(), name->chid);
	if (fflush(f)) {
		perror(argv[2]);
		return 1;
	}
	for (;;) {
		struct _msg_info info;
		int rcvid = MsgReceive(name->chid, buf, ROOM, &info);
		struct _pulse *pulse = (struct _pulse *)buf;

		if (rcvid < 0)
			return 1;
		if (!rcvid) {
			if (pulse->code == _PULSE_CODE_DISCONNECT)
				ConnectDetach(pulse->scoid);
			else
				fprintf(f, "pulse %d\n", pulse->value.sival_int);
			fflush(f);
			continue;
		}
		if (info.msglen && *buf == 'N')
			continue;
		MsgReply(rcvid, info.msglen, buf, info.msglen);
	}
}
