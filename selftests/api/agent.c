// SPDX-License-Identifier: GPL-2.0
/*
 * agent: starts servers on its node for tests on another one and passes lines
 * to and from them.  Prints "PID CHID" of its channel.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sys/neutrino.h>

#include "server.h"

#define SERVERS	4096

static struct {
	pid_t pid;
	FILE *to, *from;
	int scoid;
	pthread_t hearer;
	int hearing;
} servers[SERVERS];
static int count;

static void child_exec(int in, int out, int flags)
{
	char path[PATH_MAX], arg[16];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash + 1, "server");
	snprintf(arg, sizeof(arg), "%d", flags);
	dup2(in, 0);
	dup2(out, 1);
	execl(path, "server", arg, NULL);
	_exit(127);
}

static int start(int flags, int scoid, char *line)
{
	int to[2], from[2], id = count % SERVERS;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return -1;
	servers[id].pid = fork();
	if (!servers[id].pid)
		child_exec(to[0], from[1], flags);
	close(to[0]);
	close(from[1]);
	servers[id].to = fdopen(to[1], "w");
	servers[id].from = fdopen(from[0], "r");
	servers[id].scoid = scoid;
	count++;
	if (!fgets(line, LINE, servers[id].from))
		return -1;
	return id;
}

/*
 * Wait for a line in a thread: a server that hangs must not hang the agent.
 */
static void *hear(void *arg)
{
	char line[LINE] = "";
	int id = (int)(intptr_t)arg;

	if (!fgets(line, LINE, servers[id].from))
		line[0] = '\0';
	MsgReply(servers[id].hearing, 0, line, sizeof(line));
	return NULL;
}

static void hear_end(int id)
{
	if (servers[id].hearing)
		pthread_join(servers[id].hearer, NULL);
	servers[id].hearing = 0;
}

static void hear_start(int id, int rcvid)
{
	hear_end(id);
	servers[id].hearing = rcvid;
	pthread_create(&servers[id].hearer, NULL, hear, (void *)(intptr_t)id);
}

static long reap(int id)
{
	int status = -1;

	waitpid(servers[id].pid, &status, 0);
	servers[id].pid = 0;
	hear_end(id);
	fclose(servers[id].to);
	fclose(servers[id].from);
	return status;
}

/* A test ended: so do its servers. */
static void forget(int scoid)
{
	int id;

	for (id = 0; id < SERVERS && id < count; id++) {
		if (servers[id].scoid != scoid || !servers[id].pid)
			continue;
		kill(servers[id].pid, SIGKILL);
		reap(id);
	}
	ConnectDetach(scoid);
}

static long obey(struct agent_msg *m, struct _msg_info *info, char *line)
{
	switch (m->type) {
	case AGENT_START:
		return start(m->arg, info->scoid, line);
	case AGENT_SAY:
		fprintf(servers[m->id].to, "%s\n", m->text);
		fflush(servers[m->id].to);
		return 0;
	case AGENT_KILL:
		return kill(servers[m->id].pid, m->arg);
	case AGENT_REAP:
		return reap(m->id);
	}
	return -1;
}

int main(void)
{
	int chid = ChannelCreate(_NTO_CHF_DISCONNECT);
	union {
		struct agent_msg m;
		struct _pulse p;
	} u;
	struct _msg_info info;
	char line[LINE];
	long ret;
	int rcvid;

	if (chid < 0) {
		perror("agent: ChannelCreate");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	printf("%d %d\n", getpid(), chid);
	fflush(stdout);
	for (;;) {
		rcvid = MsgReceive(chid, &u, sizeof(u), &info);
		if (!rcvid && u.p.code == _PULSE_CODE_DISCONNECT)
			forget(u.p.scoid);
		if (rcvid <= 0)
			continue;
		if (u.m.type == AGENT_HEAR) {
			hear_start(u.m.id, rcvid);
			continue;
		}
		memset(line, 0, sizeof(line));
		ret = obey(&u.m, &info, line);
		if (ret < 0)
			MsgError(rcvid, errno ? errno : EIO);
		else
			MsgReply(rcvid, ret, line, sizeof(line));
	}
}
