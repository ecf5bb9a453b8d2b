// SPDX-License-Identifier: GPL-2.0
/*
 * circuits NODE SERVER COUNT: open that many connections, 10 at least, to the server that has
 * this name on NODE, send one message on each, and keep them.
 *
 * Prints "open COUNT first NS last NS", the time each took of the first and of the
 * last tenth of them, and "dead COID" when a connection ends. Then, for each line
 * of standard input
 *
 *	call		blocks a thread in a call, on the first connection that
 *			is good, that the server never replies to: "errno E after S s"
 *	echo		a call on each connection: "good N bad M"
 *	less		closes the last one: "left N"
 *
 * and at the end of it closes them, prints "closed" and goes.
 *
 * circuits - - COUNT: as many sockets that are connected to nothing.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>
#include <sys/qnet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int *coids;
static int count, chid;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void *listen_for_deaths(void *unused)
{
	struct _pulse p;

	(void)unused;
	while (!MsgReceivePulse(chid, &p, sizeof(p), NULL))
		if (p.code == _PULSE_CODE_COIDDEATH)
			printf("dead %d\n", p.value.sival_int);
	return NULL;
}

static void in_the_background(void *(*fn)(void *))
{
	pthread_t t;

	if (pthread_create(&t, NULL, fn, NULL))
		die("pthread_create");
}

static int echo(int coid)
{
	char in = 0;

	return MsgSend(coid, "x", 1, &in, 1) == 1 && in == 'x';
}

static void *call_that_hangs(void *unused)
{
	double start;
	int i = 0;
	char in;
	long ret;

	(void)unused;
	while (i < count - 1 && !echo(coids[i]))
		i++;
	start = now();
	ret = MsgSend(coids[i], "N", 1, &in, 1);
	printf("errno %d after %.1f s\n", ret < 0 ? errno : 0, now() - start);
	return NULL;
}

static void echo_all(void)
{
	int i, good = 0;

	for (i = 0; i < count; i++)
		good += echo(coids[i]);
	printf("good %d bad %d\n", good, count - good);
}

/* Opens connections up to the @to-th; returns seconds. */
static double open_some(const struct _server_info *info, int from, int to)
{
	double start = now();
	int i;

	for (i = from; i < to; i++) {
		coids[i] = ConnectAttach(info->nd, info->pid, info->chid,
					 _NTO_SIDE_CHANNEL, 0);
		if (coids[i] < 0 || !echo(coids[i]))
			die("ConnectAttach");
	}
	return now() - start;
}

static void open_all(const char *node, const char *server)
{
	int name, tenth = count / 10;
	struct _server_info info;
	double first, last;
	char path[256];

	snprintf(path, sizeof(path), "/net/%s/dev/name/local/%s", node, server);
	name = name_open(path, 0);
	if (name < 0 || ConnectServerInfo(0, name, &info) < 0)
		die(path);
	first = open_some(&info, 0, tenth);
	open_some(&info, tenth, count - tenth);
	last = open_some(&info, count - tenth, count);
	name_close(name);
	printf("open %d first %.0f last %.0f\n", count, first / tenth * 1e9,
	       last / tenth * 1e9);
}

static void open_sockets(void)
{
	int i;

	for (i = 0; i < count; i++)
		if (socket(qnet_family(), SOCK_SEQPACKET, 0) < 0)
			die("socket");
	printf("open %d\n", count);
}

static void less(void)
{
	ConnectDetach(coids[--count]);
	coids[count] = 0;
	printf("left %d\n", count);
}

static void work(void)
{
	char line[16];

	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "call\n"))
			in_the_background(call_that_hangs);
		else if (!strcmp(line, "echo\n"))
			echo_all();
		else if (!strcmp(line, "less\n"))
			less();
		else
			exit(2);
	}
}

int main(int argc, char **argv)
{
	struct rlimit files;
	int i;

	if (argc != 4 || atoi(argv[3]) < 10)
		return 2;
	count = atoi(argv[3]);
	files.rlim_cur = count + 100;
	files.rlim_max = count + 100;
	coids = calloc(count, sizeof(*coids));
	if (!coids || setrlimit(RLIMIT_NOFILE, &files))
		die("setrlimit");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(argv[1], "-")) {
		open_sockets();
	} else {
		chid = ChannelCreate(_NTO_CHF_COID_DISCONNECT);
		if (chid < 0)
			die("ChannelCreate");
		in_the_background(listen_for_deaths);
		open_all(argv[1], argv[2]);
	}
	work();
	for (i = 0; i < count && coids[i]; i++)
		ConnectDetach(coids[i]);
	printf("closed\n");
	return 0;
}
