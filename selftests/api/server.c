// SPDX-License-Identifier: GPL-2.0
/*
 * server: one library call per line of standard input.
 *
 * Begins with "ready PID CHID".  Then, for each command, "RET ERRNO V..." as
 * struct answer has it.  N, OFF in bytes; SEED as in fill().
 *
 *	recv CHID N		MsgReceive
 *	trecv CHID N		the same from a thread of its own, which then ends
 *	serve CHID N COUNT SEED STATUS	MsgReceive and MsgReply, so often:
 *				returns how many were N bytes of that SEED
 *	pulse CHID N		MsgReceivePulse
 *	reply RCVID STATUS N SEED
 *	treply RCVID STATUS N SEED	from a thread of its own
 *	error RCVID ERRNO
 *	read RCVID OFF N	v[0]: hash of what was read
 *	readv RCVID OFF N	the same into pieces of 1, 2, 3... bytes
 *	write RCVID OFF N SEED
 *	badread, badwrite, badreply RCVID	with a bad buffer
 *	badrecv CHID		with a bad buffer
 *	info RCVID		v[] as of recv
 *	client SCOID		v[]: nd pid sid ruid euid suid rgid egid sgid
 *				ngroups, hash of the groups
 *	detach ID		ConnectDetach
 *	create FLAGS, destroy CHID
 *	poll CHID MS		poll() for POLLIN: v[0] revents
 *	attach NAME, unattach	name_attach, name_detach
 *	back ND PID CHID	ConnectAttach to a channel of the client's
 *	send COID N SEED M	MsgSend, M bytes of reply: v[0] hash of them
 *	notify COID PRIO CODE VALUE	MsgSendPulse
 *	arm FLAGS MS		TimerTimeout, for the next command
 *	tornd ND		netmgr_remote_nd(nd of the client ND, 0)
 *	stat NAME		v[0]: a counter of the node
 *	event RCVID KIND ID PRIO CODE VALUE	MsgDeliverEvent
 *	verify RCVID KIND ID PRIO CODE VALUE	MsgVerifyEvent
 *	key RCVID OP KEY NEWKEY N SEED	MsgKeyData: v[0] the new key
 *	current RCVID		MsgCurrent: v[0] the thread's priority then
 *	fifo PRIO		SCHED_FIFO from now on
 *	prio			v[0]: the thread's real-time priority, or 0
 *	become UID		be another user, with no privilege
 *	catch SIGNO		block a signal, for the next
 *	caught SIGNO MS		wait for it: v[]: code value pid uid
 *	tid			v[0]: the thread's id
 *	exit STATUS
 */
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>

#include "server.h"

static char *buf;
static size_t buf_room;
static name_attach_t *named;
static void *const bad = (void *)16;

static void say(long ret, int n, const unsigned long long *v)
{
	int i, err = errno;

	printf("%ld %d", ret, ret == -1 ? err : 0);
	for (i = 0; i < n; i++)
		printf(" %llu", v[i]);
	printf("\n");
	fflush(stdout);
}

static char *room(size_t n)
{
	if (n > buf_room) {
		buf = realloc(buf, n);
		buf_room = n;
	}
	return buf;
}

static void say_msg(int rcvid, const struct _msg_info *i, size_t n)
{
	unsigned long long v[] = {
		hash(buf, (size_t)i->msglen < n ? (size_t)i->msglen : n),
		i->msglen, i->srcmsglen, i->dstmsglen, i->priority, i->pid,
		i->tid, i->chid, i->scoid, i->coid, i->nd, i->srcnd, i->flags,
	};

	say(rcvid, sizeof(v) / sizeof(v[0]), v);
}

static void say_pulse(long ret, size_t n)
{
	struct _pulse p = { 0 };
	unsigned long long v[6];

	memcpy(&p, buf, n < sizeof(p) ? n : sizeof(p));
	v[P_CODE] = (unsigned long long)(long)p.code;
	v[P_VALUE] = (uintptr_t)p.value.sival_ptr;
	v[P_SCOID] = (unsigned long long)p.scoid;
	v[P_TYPE] = p.type;
	v[P_SUBTYPE] = p.subtype;
	v[P_ZERO] = p.zero[0] | p.zero[1] | p.zero[2];
	say(ret, 6, v);
}

/* All of the area is set, so that bytes nobody wrote are seen. */
static void do_recv(int chid, size_t n, bool pulse)
{
	struct _msg_info info;
	int ret;

	memset(room(n + 1), 0xee, n + 1);
	memset(&info, 0x5a, sizeof(info));
	ret = pulse ? MsgReceivePulse(chid, buf, n, &info) :
		      MsgReceive(chid, buf, n, &info);
	if (ret > 0)
		say_msg(ret, &info, n);
	else if (!ret)
		say_pulse(ret, n);
	else
		say(ret, 0, NULL);
}

static long do_reply(int rcvid, long status, size_t n, unsigned int seed)
{
	fill(room(n), n, seed);
	return MsgReply(rcvid, status, n ? buf : NULL, n);
}

/* CHID N COUNT SEED STATUS */
static long do_serve(const long *a)
{
	unsigned long long is = hash_fill(0, (size_t)a[1], (unsigned int)a[3]);
	struct _msg_info info;
	long good = 0, i;
	int rcvid;

	for (i = 0; i < a[2]; i++) {
		rcvid = MsgReceive((int)a[0], room((size_t)a[1]),
				   (size_t)a[1], &info);
		if (rcvid <= 0)
			return -1;
		if (info.msglen == a[1] && hash(buf, (size_t)a[1]) == is)
			good++;
		if (MsgReply(rcvid, a[4], NULL, 0))
			return -1;
	}
	return good;
}

struct trecv {
	int chid;
	size_t n;
};

static void *trecv_thread(void *arg)
{
	struct trecv *t = arg;

	do_recv(t->chid, t->n, false);
	return NULL;
}

static void do_trecv(int chid, size_t n)
{
	struct trecv t = { chid, n };
	pthread_t thread;

	pthread_create(&thread, NULL, trecv_thread, &t);
	pthread_join(thread, NULL);
}

struct treply {
	int rcvid;
	long status;
	size_t n;
	unsigned int seed;
	long ret;
	int err;
};

static void *treply_thread(void *arg)
{
	struct treply *t = arg;

	t->ret = do_reply(t->rcvid, t->status, t->n, t->seed);
	t->err = errno;
	return NULL;
}

static void do_treply(int rcvid, long status, size_t n, unsigned int seed)
{
	struct treply t = { rcvid, status, n, seed, -1, 0 };
	pthread_t thread;

	pthread_create(&thread, NULL, treply_thread, &t);
	pthread_join(thread, NULL);
	errno = t.err;
	say(t.ret, 0, NULL);
}

static void do_read(int rcvid, size_t off, size_t n)
{
	unsigned long long v;
	ssize_t ret;

	memset(room(n + 1), 0xee, n + 1);
	ret = MsgRead(rcvid, n ? buf : NULL, n, off);
	v = hash(buf, ret > 0 ? (size_t)ret : 0);
	say(ret, 1, &v);
}

static void do_readv(int rcvid, size_t off, size_t n)
{
	iov_t iov[QNET_IOV_MAX];
	unsigned long long v;
	size_t at = 0, len;
	ssize_t ret;
	int parts;

	memset(room(n + 1), 0xee, n + 1);
	for (parts = 0; at < n && parts < QNET_IOV_MAX; parts++, at += len) {
		len = (size_t)parts + 1 < n - at ? (size_t)parts + 1 : n - at;
		SETIOV(&iov[parts], buf + at, len);
	}
	ret = MsgReadv(rcvid, iov, (size_t)parts, off);
	v = hash(buf, ret > 0 ? (size_t)ret : 0);
	say(ret, 1, &v);
}

static void do_info(int rcvid)
{
	struct _msg_info info;

	if (MsgInfo(rcvid, &info))
		say(-1, 0, NULL);
	else
		say_msg(0, &info, 0);
}

static void do_client(int scoid)
{
	struct _client_info c;
	unsigned long long v[11];
	int i = 0;

	memset(&c, 0x5a, sizeof(c));
	if (ConnectClientInfo(scoid, &c, _QNET_NGROUPS)) {
		say(-1, 0, NULL);
		return;
	}
	v[i++] = c.nd;
	v[i++] = (unsigned long long)c.pid;
	v[i++] = (unsigned long long)c.sid;
	v[i++] = c.cred.ruid;
	v[i++] = c.cred.euid;
	v[i++] = c.cred.suid;
	v[i++] = c.cred.rgid;
	v[i++] = c.cred.egid;
	v[i++] = c.cred.sgid;
	v[i++] = c.cred.ngroups;
	v[i++] = hash(c.cred.grouplist, c.cred.ngroups * sizeof(gid_t));
	say(0, i, v);
}

static void do_poll(int chid, int ms)
{
	struct pollfd p = { .fd = qnet_channel_fd(chid), .events = POLLIN };
	int ret = poll(&p, 1, ms);
	unsigned long long v = (unsigned long long)p.revents;

	say(ret, 1, &v);
}

static void do_send(int coid, size_t n, unsigned int seed, size_t m)
{
	char *reply = calloc(1, m + 1);
	unsigned long long v;
	long ret;

	fill(room(n), n, seed);
	ret = MsgSend(coid, buf, n, reply, m);
	v = hash(reply, m);
	free(reply);
	say(ret, 1, &v);
}

static void do_arm(int flags, long ms)
{
	uint64_t ns = (uint64_t)ms * 1000000;

	say(TimerTimeout(CLOCK_MONOTONIC, flags, NULL, &ns, NULL), 0, NULL);
}

static void do_attach(const char *name)
{
	unsigned long long v;

	named = name_attach(NULL, name, 0);
	v = named ? (unsigned long long)named->chid : 0;
	say(named ? 0 : -1, 1, &v);
}

static void do_stat(const char *name)
{
	FILE *f = fopen("/proc/net/qnet/stats", "r");
	unsigned long long v;
	char is[64];
	int ret = -1;

	while (f && ret && fscanf(f, "%63s %llu", is, &v) == 2)
		if (!strcmp(is, name))
			ret = 0;
	if (f)
		fclose(f);
	say(ret, !ret, &v);
}

/* RCVID KIND ID PRIO CODE VALUE */
static long do_event(const long *a, bool verify)
{
	struct sigevent ev;

	memset(&ev, 0, sizeof(ev));
	ev.sigev_notify = (int)a[1];
	ev.sigev_signo = (int)a[2];
	ev.sigev_priority = (int)a[3];
	ev.sigev_code = (int)a[4];
	ev.sigev_value.sival_ptr = (void *)a[5];
	return verify ? MsgVerifyEvent((int)a[0], &ev) :
			MsgDeliverEvent((int)a[0], &ev);
}

/* RCVID OP KEY NEWKEY N SEED; the data in two parts */
static void do_key(const long *a)
{
	_Uint32t newkey = (_Uint32t)a[3];
	unsigned long long v;
	size_t n = (size_t)a[4];
	iov_t iov[2];
	long ret;

	fill(room(n), n, (unsigned int)a[5]);
	SETIOV(&iov[0], buf, n / 3);
	SETIOV(&iov[1], buf + n / 3, n - n / 3);
	ret = MsgKeyData((int)a[0], (int)a[1], (_Uint32t)a[2], &newkey, iov, 2);
	v = newkey;
	say(ret, 1, &v);
}

static void say_prio(long ret)
{
	struct sched_param sp = { 0 };
	unsigned long long v;

	sched_getparam(0, &sp);
	v = (unsigned long long)sp.sched_priority;
	say(ret, 1, &v);
}

static long do_fifo(int prio)
{
	struct sched_param sp = { .sched_priority = prio };

	return sched_setscheduler(0, SCHED_FIFO, &sp);
}

static long do_become(unsigned int uid)
{
	return setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	       setresuid(uid, uid, uid) ? -1 : 0;
}

static long do_catch(int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	return sigprocmask(SIG_BLOCK, &set, NULL);
}

static void do_caught(int signo, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	unsigned long long v[4];
	siginfo_t info;
	sigset_t set;
	long ret;

	sigemptyset(&set);
	sigaddset(&set, signo);
	memset(&info, 0, sizeof(info));
	ret = sigtimedwait(&set, &info, &t);
	v[0] = (unsigned long long)(long)info.si_code;
	v[1] = (unsigned long long)(long)info.si_value.sival_int;
	v[2] = (unsigned long long)info.si_pid;
	v[3] = info.si_uid;
	say(ret, 4, v);
}

static void say_tid(void)
{
	unsigned long long v = (unsigned long long)gettid();

	say(0, 1, &v);
}

static bool is(const char *cmd, const char *name)
{
	return !strcmp(cmd, name);
}

static void obey_buffers(const char *cmd, long *a)
{
	if (is(cmd, "badrecv"))
		say(MsgReceive((int)a[0], bad, 64, NULL), 0, NULL);
	else if (is(cmd, "badread"))
		say(MsgRead((int)a[0], bad, 64, 0), 0, NULL);
	else if (is(cmd, "badwrite"))
		say(MsgWrite((int)a[0], bad, 64, 0), 0, NULL);
	else if (is(cmd, "badreply"))
		say(MsgReply((int)a[0], 0, bad, 64), 0, NULL);
	else
		abort();
}

static void obey_events(const char *cmd, long *a)
{
	if (is(cmd, "event"))
		say(do_event(a, false), 0, NULL);
	else if (is(cmd, "verify"))
		say(do_event(a, true), 0, NULL);
	else if (is(cmd, "key"))
		do_key(a);
	else if (is(cmd, "current"))
		say_prio(MsgCurrent((int)a[0]));
	else if (is(cmd, "fifo"))
		say(do_fifo((int)a[0]), 0, NULL);
	else if (is(cmd, "prio"))
		say_prio(0);
	else if (is(cmd, "become"))
		say(do_become((unsigned int)a[0]), 0, NULL);
	else if (is(cmd, "catch"))
		say(do_catch((int)a[0]), 0, NULL);
	else if (is(cmd, "caught"))
		do_caught((int)a[0], (int)a[1]);
	else if (is(cmd, "tid"))
		say_tid();
	else
		obey_buffers(cmd, a);
}

static void obey_ids(const char *cmd, const char *word, long *a)
{
	if (is(cmd, "info"))
		do_info((int)a[0]);
	else if (is(cmd, "client"))
		do_client((int)a[0]);
	else if (is(cmd, "detach"))
		say(ConnectDetach((int)a[0]), 0, NULL);
	else if (is(cmd, "create"))
		say(ChannelCreate((unsigned int)a[0]), 0, NULL);
	else if (is(cmd, "destroy"))
		say(ChannelDestroy((int)a[0]), 0, NULL);
	else if (is(cmd, "poll"))
		do_poll((int)a[0], (int)a[1]);
	else if (is(cmd, "attach"))
		do_attach(word);
	else if (is(cmd, "unattach"))
		say(name_detach(named, 0), 0, NULL);
	else if (is(cmd, "back"))
		say(ConnectAttach((uint32_t)a[0], (pid_t)a[1], (int)a[2],
				  _NTO_SIDE_CHANNEL, 0), 0, NULL);
	else if (is(cmd, "send"))
		do_send((int)a[0], (size_t)a[1], (unsigned int)a[2],
			(size_t)a[3]);
	else if (is(cmd, "notify"))
		say(MsgSendPulse((int)a[0], (int)a[1], (int)a[2], (int)a[3]),
		    0, NULL);
	else if (is(cmd, "arm"))
		do_arm((int)a[0], a[1]);
	else if (is(cmd, "tornd"))
		say(netmgr_remote_nd((int)a[0], 0), 0, NULL);
	else if (is(cmd, "stat"))
		do_stat(word);
	else if (is(cmd, "exit"))
		exit((int)a[0]);
	else
		obey_events(cmd, a);
}

static void obey(const char *cmd, const char *word, long *a)
{
	if (is(cmd, "recv"))
		do_recv((int)a[0], (size_t)a[1], false);
	else if (is(cmd, "trecv"))
		do_trecv((int)a[0], (size_t)a[1]);
	else if (is(cmd, "serve"))
		say(do_serve(a), 0, NULL);
	else if (is(cmd, "pulse"))
		do_recv((int)a[0], (size_t)a[1], true);
	else if (is(cmd, "reply"))
		say(do_reply((int)a[0], a[1], (size_t)a[2],
			     (unsigned int)a[3]), 0, NULL);
	else if (is(cmd, "treply"))
		do_treply((int)a[0], a[1], (size_t)a[2], (unsigned int)a[3]);
	else if (is(cmd, "error"))
		say(MsgError((int)a[0], (int)a[1]), 0, NULL);
	else if (is(cmd, "read"))
		do_read((int)a[0], (size_t)a[1], (size_t)a[2]);
	else if (is(cmd, "readv"))
		do_readv((int)a[0], (size_t)a[1], (size_t)a[2]);
	else if (is(cmd, "write")) {
		fill(room((size_t)a[2]), (size_t)a[2], (unsigned int)a[3]);
		say(MsgWrite((int)a[0], buf, (size_t)a[2], (size_t)a[1]), 0,
		    NULL);
	} else {
		obey_ids(cmd, word, a);
	}
}

int main(int argc, char **argv)
{
	unsigned int flags = argc > 1 ? (unsigned int)atoi(argv[1]) : 0;
	char line[LINE], cmd[32], word[LINE];
	long a[6];
	int chid;

	buf = calloc(1, buf_room = 1);
	chid = ChannelCreate(flags);
	printf("ready %d %d %d\n", getpid(), chid, chid < 0 ? errno : 0);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		memset(a, 0, sizeof(a));
		word[0] = '\0';
		if (sscanf(line, "%31s %511s", cmd, word) < 1)
			continue;
		sscanf(line, "%*s %ld %ld %ld %ld %ld %ld", a, a + 1, a + 2,
		       a + 3, a + 4, a + 5);
		obey(cmd, word, a);
	}
	return 0;
}
