// SPDX-License-Identifier: GPL-2.0
/*
 * The simplest server: a channel whose process and channel id are handed to
 * the client by its user.  Written as for QNX.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <process.h>
#include <sys/neutrino.h>

typedef union {
	struct _pulse pulse;
	int number;
} message_t;

int main(void)
{
	message_t msg;
	int chid, rcvid, answer;

	chid = ChannelCreate(0);
	if (chid == -1) {
		perror("ChannelCreate");
		return EXIT_FAILURE;
	}
	printf("%d %d\n", getpid(), chid);
	fflush(stdout);
	for (;;) {
		rcvid = MsgReceive(chid, &msg, sizeof(msg), NULL);
		if (rcvid == -1)
			return EXIT_FAILURE;
		if (rcvid == 0) {
			printf("pulse %d %d\n", msg.pulse.code,
			       msg.pulse.value.sival_int);
			fflush(stdout);
			if (msg.pulse.code == _PULSE_CODE_MAXAVAIL)
				return EXIT_SUCCESS;
			continue;
		}
		answer = msg.number * 2;
		MsgReply(rcvid, EOK, &answer, sizeof(answer));
	}
}
