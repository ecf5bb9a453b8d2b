// SPDX-License-Identifier: GPL-2.0
/* alarm NODE PID CHID VALUE: send a pulse and be gone. */
#include <stdlib.h>
#include <sys/netmgr.h>
#include <sys/neutrino.h>

int main(int argc, char **argv)
{
	int nd, coid;

	if (argc != 5)
		return 2;
	nd = netmgr_strtond(argv[1], NULL);
	coid = ConnectAttach(nd, atoi(argv[2]), atoi(argv[3]),
			     _NTO_SIDE_CHANNEL, 0);
	if (nd < 0 || coid < 0)
		return 1;
	return MsgSendPulse(coid, 10, 1, atoi(argv[4])) ? 1 : 0;
}
