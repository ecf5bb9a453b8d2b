// SPDX-License-Identifier: GPL-2.0
/*
 * ask NODE SERVER: talk to the server that has this name on NODE.
 *
 * Commands on standard input, one answer line each:
 *
 *	echo BYTES	send that much, compare what comes back: "ok" or why not
 *	hang		send what is never replied to: "errno E after S s"
 *	pace MS		small calls, one after the other, for so many milliseconds:
 *			"N calls, the longest US us", or why not
 *	again		open the name anew: "ok" or "errno E"
 *	attach PID CHID	a connection to it is made and opened at once, without a
 *			message: "ok" or "errno E after S s"
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>
#include <sys/qnet.h>
#include <time.h>

#define ROOM	(16u << 20)

static char out[ROOM], in[ROOM], path[256];
static const char *node;
static int coid = -1;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void again(void)
{
	if (coid >= 0)
		name_close(coid);
	coid = name_open(path, 0);
	if (coid < 0)
		printf("errno %d\n", errno);
	else
		printf("ok\n");
}

static void echo(unsigned int n)
{
	unsigned int i;
	long ret;

	for (i = 0; i < n; i++)
		out[i] = 'a' + (i * 7 + i / 4096) % 10;
	memset(in, 0, n);
	ret = MsgSend(coid, out, n, in, n);
	if (ret < 0)
		printf("errno %d\n", errno);
	else if (ret != (long)n)
		printf("server got %ld\n", ret);
	else
		printf("%s\n", memcmp(in, out, n) ? "bytes differ" : "ok");
}

static void hang(void)
{
	double start = now();
	long ret = MsgSend(coid, "N", 1, in, 1);

	printf("errno %d after %.1f s\n", ret < 0 ? errno : 0, now() - start);
}

static void attach(const char *where)
{
	double start = now();
	int nd, pid, chid, new = -1, ret = -1;

	nd = netmgr_strtond(node, NULL);
	if (nd >= 0 && sscanf(where, "%d %d", &pid, &chid) == 2)
		new = ConnectAttach((uint32_t)nd, pid, chid, _NTO_SIDE_CHANNEL,
				    0);
	if (new >= 0)
		ret = qnet_connect_now(new);
	if (ret)
		printf("errno %d after %.1f s\n", errno, now() - start);
	else
		printf("ok\n");
	if (new >= 0)
		ConnectDetach(new);
}

static void pace(unsigned int ms)
{
	double end = now() + ms / 1000.0, from, longest = 0;
	unsigned int n;

	for (n = 0; (from = now()) < end; n++) {
		if (MsgSend(coid, "pace", 4, in, 4) != 4) {
			printf("errno %d\n", errno);
			return;
		}
		if (now() - from > longest)
			longest = now() - from;
	}
	printf("%u calls, the longest %.0f us\n", n, longest * 1e6);
}

int main(int argc, char **argv)
{
	char line[64];

	if (argc != 3)
		return 2;
	node = argv[1];
	snprintf(path, sizeof(path), "/net/%s/dev/name/local/%s", argv[1],
		 argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "echo ", 5))
			echo(strtoul(line + 5, NULL, 10));
		else if (!strncmp(line, "pace ", 5))
			pace(strtoul(line + 5, NULL, 10));
		else if (!strncmp(line, "attach ", 7))
			attach(line + 7);
		else if (!strcmp(line, "hang\n"))
			hang();
		else if (!strcmp(line, "again\n"))
			again();
		else
			return 2;
	}
	return 0;
}
