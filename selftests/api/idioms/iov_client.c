// SPDX-License-Identifier: GPL-2.0
/* Its client: header, two pieces of data, reply in two pieces. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <devctl.h>
#include <sys/dispatch.h>
#include <sys/iofunc.h>

#define DCMD_SUM	__DIOT(_DCMD_MISC, 1, int)

int main(int argc, char **argv)
{
	static unsigned char a[5000], b[7000];
	unsigned long sum = 0;
	iov_t siov[3], riov[2];
	io_devctl_t header;
	int coid, n = 0;

	coid = name_open(argv[1], 0);
	if (coid == -1) {
		perror("name_open");
		return EXIT_FAILURE;
	}
	memset(&header, 0, sizeof(header));
	memset(a, 1, sizeof(a));
	memset(b, 2, sizeof(b));
	header.i.type = _IO_DEVCTL;
	header.i.dcmd = DCMD_SUM;
	header.i.nbytes = sizeof(a) + sizeof(b);
	SETIOV(siov + 0, &header, sizeof(header));
	SETIOV(siov + 1, a, sizeof(a));
	SETIOV(siov + 2, b, sizeof(b));
	SETIOV(riov + 0, &n, sizeof(n));
	SETIOV(riov + 1, &sum, sizeof(sum));
	if (MsgSendv(coid, siov, 3, riov, 2) == -1) {
		perror("MsgSendv");
		return EXIT_FAILURE;
	}
	printf("%d bytes, sum %lu\n", n, sum);
	return argc < 2;
}
