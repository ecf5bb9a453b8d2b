// SPDX-License-Identifier: GPL-2.0
/*
 * A named server as the manual has it: pulses, the connect message and other
 * messages of the I/O range are told apart by the header.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>

typedef struct _pulse msg_header_t;

typedef struct _my_data {
	msg_header_t hdr;
	int data;
} my_data_t;

int main(int argc, char **argv)
{
	name_attach_t *attach;
	my_data_t msg;
	int rcvid, clients = 0;

	attach = name_attach(NULL, argv[1], 0);
	if (attach == NULL) {
		perror("name_attach");
		return EXIT_FAILURE;
	}
	printf("ready\n");
	fflush(stdout);
	while (1) {
		rcvid = MsgReceive(attach->chid, &msg, sizeof(msg), NULL);
		if (rcvid == -1)
			break;
		if (rcvid == 0) {
			switch (msg.hdr.code) {
			case _PULSE_CODE_DISCONNECT:
				printf("disconnect\n");
				fflush(stdout);
				ConnectDetach(msg.hdr.scoid);
				if (!--clients) {
					name_detach(attach, 0);
					return EXIT_SUCCESS;
				}
				break;
			case _PULSE_CODE_UNBLOCK:
				break;
			default:
				break;
			}
			continue;
		}
		if (msg.hdr.type == _IO_CONNECT) {
			clients++;
			printf("connect\n");
			MsgReply(rcvid, EOK, NULL, 0);
			continue;
		}
		if (msg.hdr.type > _IO_BASE && msg.hdr.type <= _IO_MAX) {
			MsgError(rcvid, ENOSYS);
			continue;
		}
		printf("data %d\n", msg.data);
		MsgReply(rcvid, EOK, 0, 0);
	}
	name_detach(attach, 0);
	return argc < 2;
}
