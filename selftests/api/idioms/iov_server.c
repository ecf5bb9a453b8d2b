// SPDX-License-Identifier: GPL-2.0
/*
 * Header first, data after: receive the header, allocate what it tells and
 * read the rest with MsgRead(); answer in two pieces.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/dispatch.h>
#include <sys/iofunc.h>

int main(int argc, char **argv)
{
	name_attach_t *attach = name_attach(NULL, argv[1], 0);
	struct _msg_info info;
	union {
		struct _pulse pulse;
		io_devctl_t devctl;
		io_connect_t connect;
	} msg;
	unsigned long sum = 0;
	unsigned char *data;
	iov_t iov[2];
	int rcvid, n, i;

	if (attach == NULL) {
		perror("name_attach");
		return EXIT_FAILURE;
	}
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		rcvid = MsgReceive(attach->chid, &msg, sizeof(msg),
				   &info);
		if (rcvid == 0)
			continue;
		if (rcvid == -1)
			return errno == EFAULT ? 2 : EXIT_FAILURE;
		if (msg.connect.connect.type == _IO_CONNECT) {
			MsgReply(rcvid, EOK, NULL, 0);
			continue;
		}
		data = malloc(msg.devctl.i.nbytes);
		n = MsgRead(rcvid, data, msg.devctl.i.nbytes,
			    sizeof(msg.devctl));
		for (i = 0; i < n; i++)
			sum += data[i];
		printf("%d of %d bytes\n", n, (int)info.srcmsglen);
		SETIOV(&iov[0], &n, sizeof(n));
		SETIOV(&iov[1], &sum, sizeof(sum));
		MsgReplyv(rcvid, EOK, iov, 2);
		free(data);
		fflush(stdout);
		return argc < 2;
	}
}
