// SPDX-License-Identifier: GPL-2.0
/* Its client. */
#include <stdio.h>
#include <string.h>
#include <sys/neutrino.h>
#include <sys/dispatch.h>

int main(int argc, char **argv)
{
	char text[64] = "Hello from client", reply[64] = "";
	int coid = name_open(argv[1], 0);

	if (coid == -1) {
		perror("name_open");
		return 1;
	}
	if (MsgSend(coid, text, sizeof(text), reply, sizeof(reply)) == -1) {
		perror("MsgSend");
		return 1;
	}
	printf("%s\n", reply);
	name_close(coid);
	return argc < 2;
}
