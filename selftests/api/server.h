/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server that does what it is told, on this node or on another one.
 *
 * Tests must know the order of things without sleeping, so the server (the
 * program "server") makes one library call per command and tells what came of
 * it.  Commands and answers are lines of text: see server.c there.  With
 * QNET_TEST_ND in the environment the server runs on that node; it was asked
 * of the program "agent" there, whose address is "PID CHID" in
 * QNET_TEST_AGENT.
 */
#ifndef API_SERVER_H
#define API_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define LINE	512

/* Messages between tests and the agent; types are above those of QNX. */
enum { AGENT_START = 0x300, AGENT_SAY, AGENT_HEAR, AGENT_KILL, AGENT_REAP };

struct agent_msg {
	uint16_t type;
	uint16_t subtype;
	int32_t id;
	int32_t arg;
	char text[LINE];
};

/**
 * struct server - a server under command
 * @nd:   its node
 * @pid:  its process
 * @chid: the channel it has from the start
 */
struct server {
	int nd;
	pid_t pid;
	int chid;
	FILE *to;
	FILE *from;
	pid_t child;
	int agent;
	int id;
};

/**
 * struct answer - what a call of the server's brought
 * @ret: its return value
 * @err: errno, if @ret is -1
 * @v:   more numbers, by command
 */
struct answer {
	long ret;
	int err;
	int n;
	unsigned long long v[16];
};

/* What "recv" tells in v[] of a message... */
enum { R_HASH, R_MSGLEN, R_SRCMSGLEN, R_DSTMSGLEN, R_PRIORITY, R_PID, R_TID,
       R_CHID, R_SCOID, R_COID, R_ND, R_SRCND, R_FLAGS };
/* ... and of a pulse. */
enum { P_CODE, P_VALUE, P_SCOID, P_TYPE, P_SUBTYPE, P_ZERO };

void server_start(struct server *s, unsigned int flags);
void server_say(struct server *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
struct answer server_hear(struct server *s);
struct answer server_do(struct server *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void server_kill(struct server *s, int sig);
int server_reap(struct server *s);
bool server_remote(void);

/* Bytes that tell where they come from. */
void fill(void *buf, size_t len, unsigned int seed);
unsigned long long hash(const void *buf, size_t len);
/* The hash of bytes @from to @from + @len of a buffer filled with @seed. */
unsigned long long hash_fill(size_t from, size_t len, unsigned int seed);

/* A MsgSend() in a thread of its own. */
struct call {
	pthread_t thread;
	volatile pid_t tid;
	int coid;
	const void *smsg;
	size_t sbytes;
	void *rmsg;
	size_t rbytes;
	long (*fn)(void *arg);
	void *arg;
	long ret;
	int err;
};

/* A coid to a channel of a server. */
int server_connect(struct server *s, int chid);
/* Is the connection to its first channel still good?  A test of its own. */
void check_alive(struct server *s, int coid);
/* Begin a call; @fifo > 0: at that real-time priority. */
void call_start(struct call *c, int coid, const void *smsg, size_t sbytes,
		void *rmsg, size_t rbytes, int fifo);
/* The same with any call: returns when its thread sleeps or has ended. */
void call_start_fn(struct call *c, long (*fn)(void *arg), void *arg, int fifo);
/* Wait for its end: what MsgSend() returned, errno in c->err. */
long call_join(struct call *c);
/* Wait until a thread of this process sleeps in the kernel. */
void await_sleep(pid_t tid);
/* That who goes first is known: one CPU for all threads, and a real-time priority
 * for this one, or none.
 */
void one_cpu(void);
void set_fifo(int prio);

#endif /* API_SERVER_H */
