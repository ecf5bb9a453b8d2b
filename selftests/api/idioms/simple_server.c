// SPDX-License-Identifier: GPL-2.0
/*
 * A named server of later releases: it has not heard of the connect message
 * and answers whatever comes.
 */
#include <stdio.h>
#include <sys/neutrino.h>
#include <sys/dispatch.h>

typedef struct {
	char text[64];
} message_t;

int main(int argc, char **argv)
{
	name_attach_t *attach;
	message_t msg;
	int rcvid;

	attach = name_attach(NULL, argv[1], 0);
	if (attach == NULL) {
		perror("name_attach");
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	while (argc > 1) {
		rcvid = MsgReceive(attach->chid, &msg, sizeof(msg), NULL);
		if (rcvid > 0) {
			printf("%s\n", msg.text);
			fflush(stdout);
		}
		MsgReply(rcvid, 0, "OK", 3);
	}
	return 0;
}
