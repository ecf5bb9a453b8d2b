// SPDX-License-Identifier: GPL-2.0
/* Its client: name_client NAME, of this node or as a path of another one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/iofunc.h>

typedef struct _my_data {
	struct _pulse hdr;
	int data;
} my_data_t;

int main(int argc, char **argv)
{
	my_data_t msg;
	int coid, i;

	coid = name_open(argv[1], 0);
	if (coid == -1) {
		perror("name_open");
		return EXIT_FAILURE;
	}
	memset(&msg, 0, sizeof(msg));
	for (i = 0; i < 3; i++) {
		msg.data = i;
		if (MsgSend(coid, &msg, sizeof(msg), NULL, 0) == -1) {
			perror("MsgSend");
			return EXIT_FAILURE;
		}
	}
	msg.hdr.type = _IO_READ;
	if (MsgSend(coid, &msg, sizeof(msg), NULL, 0) != -1 ||
	    errno != ENOSYS) {
		printf("an I/O message was taken\n");
		return EXIT_FAILURE;
	}
	name_close(coid);
	printf("done\n");
	return argc < 2;
}
