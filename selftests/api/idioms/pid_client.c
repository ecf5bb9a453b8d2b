// SPDX-License-Identifier: GPL-2.0
/* Its client: pid_client [NODE] PID CHID. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>

int main(int argc, char **argv)
{
	int nd = ND_LOCAL_NODE, coid, number = 21, answer = 0;

	if (argc > 3) {
		nd = netmgr_strtond(argv[1], NULL);
		if (nd == -1) {
			fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
			return EXIT_FAILURE;
		}
		argv++;
	}
	coid = ConnectAttach(nd, atoi(argv[1]), atoi(argv[2]),
			     _NTO_SIDE_CHANNEL, 0);
	if (coid == -1) {
		perror("ConnectAttach");
		return EXIT_FAILURE;
	}
	if (MsgSend(coid, &number, sizeof(number), &answer,
		    sizeof(answer)) == -1) {
		perror("MsgSend");
		return EXIT_FAILURE;
	}
	printf("answer %d\n", answer);
	MsgSendPulse(coid, -1, 5, 55);
	MsgSendPulse(coid, 10, _PULSE_CODE_MAXAVAIL, 0);
	ConnectDetach(coid);
	return EXIT_SUCCESS;
}
