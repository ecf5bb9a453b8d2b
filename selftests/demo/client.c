// SPDX-License-Identifier: GPL-2.0
/*
 * client - the demo's client, as one writes it for QNX Neutrino
 *
 * client NAME note TEXT     send a line of text, print the reply
 * client NAME store BYTES   send many bytes, compare the server's sum
 * client NAME alarm VALUE   send a pulse
 * client NAME time ROUNDS   print the time of a small round trip
 * client NAME think         ask what is never answered
 *
 * NAME is what name_open() takes: "logger" on this node, or
 * "/net/n2/dev/name/local/logger" on node n2. Nothing else tells the two apart.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>

#include "logger.h"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int failed(const char *what, double seconds)
{
	printf("%s failed after %.1f s: %s (errno %d)\n", what, seconds,
	       strerror(errno), errno);
	return EXIT_FAILURE;
}

static int note(int coid, const char *text)
{
	struct logger_msg msg = { .type = LOGGER_NOTE };
	struct logger_reply reply;
	double start = now();

	snprintf(msg.text, sizeof(msg.text), "%s", text);
	if (MsgSend(coid, &msg, sizeof(msg), &reply, sizeof(reply)) == -1)
		return failed("MsgSend", now() - start);
	printf("MsgSend: the reply is \"%.*s\"\n", LOGGER_TEXT, reply.text);
	return EXIT_SUCCESS;
}

/* The message is in two parts; nobody puts them together before sending */
static int store(int coid, const char *number)
{
	struct logger_msg msg = { .type = LOGGER_STORE, .bytes = atoi(number) };
	unsigned char *data = malloc(msg.bytes);
	struct logger_reply reply = { 0 };
	_Uint64t sum = 0;
	iov_t parts[2];
	double start;

	if (!data)
		return failed("malloc", 0);
	for (_Uint32t i = 0; i < msg.bytes; i++) {
		data[i] = i ^ i >> 8;
		sum = sum * 31 + data[i];
	}
	SETIOV(&parts[0], &msg, sizeof(msg));
	SETIOV(&parts[1], data, msg.bytes);
	start = now();
	if (MsgSendvs(coid, parts, 2, &reply, sizeof(reply)) == -1)
		return failed("MsgSendvs", now() - start);
	free(data);
	printf("MsgSendvs: the reply is \"%.*s\", %s\n", LOGGER_TEXT, reply.text,
	       reply.sum == sum ? "and their sum is right" : "BUT THEIR SUM IS WRONG");
	return reply.sum == sum ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int alarm_pulse(int coid, const char *value)
{
	if (MsgSendPulse(coid, -1, LOGGER_ALARM, atoi(value)) == -1)
		return failed("MsgSendPulse", 0);
	printf("MsgSendPulse: sent; nobody waits for an answer\n");
	return EXIT_SUCCESS;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int time_it(int coid, const char *number)
{
	_Uint16t msg[4] = { LOGGER_ECHO };
	int rounds = atoi(number);
	double start, *took = calloc(rounds + 1, sizeof(*took));

	for (int i = 0; took && i < rounds; i++) {
		start = now();
		if (MsgSend(coid, msg, sizeof(msg), NULL, 0) == -1)
			return failed("MsgSend", now() - start);
		took[i] = (now() - start) * 1e6;
	}
	if (!took)
		return failed("calloc", 0);
	qsort(took, rounds, sizeof(*took), ascending);
	printf("%d times MsgSend and reply: %.0f microseconds each (median), %.0f at best\n",
	       rounds, took[rounds / 2], took[0]);
	free(took);
	return EXIT_SUCCESS;
}

static int think(int coid)
{
	_Uint16t msg[4] = { LOGGER_THINK };
	double start = now();

	printf("MsgSend: a hard question; blocked until there is a reply\n");
	if (MsgSend(coid, msg, sizeof(msg), NULL, 0) == -1)
		return failed("MsgSend", now() - start);
	printf("MsgSend: a reply, at last\n");
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[2] : "";
	const char *what = argc > 3 ? argv[3] : "";
	double start = now();
	int coid, ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3) {
		fprintf(stderr, "usage: client NAME note|store|alarm|time|think [WHAT]\n");
		return 2;
	}
	coid = name_open(argv[1], 0);
	if (coid == -1)
		return failed("name_open", now() - start);
	if (!strcmp(verb, "note"))
		ret = note(coid, what);
	else if (!strcmp(verb, "store"))
		ret = store(coid, what);
	else if (!strcmp(verb, "alarm"))
		ret = alarm_pulse(coid, what);
	else if (!strcmp(verb, "time"))
		ret = time_it(coid, what);
	else
		ret = think(coid);
	name_close(coid);
	return ret;
}
