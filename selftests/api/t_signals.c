// SPDX-License-Identifier: GPL-2.0
/* Signals against blocked calls, cancellation, and who is told. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/dispatch.h>
#include <sys/netmgr.h>
#include <sys/neutrino.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "raw.h"
#include "server.h"

static volatile int handled;

static void handler(int sig)
{
	(void)sig;
	handled++;
}

static void catch(int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigaction(SIGUSR1, &sa, NULL);
}

static void send_blocked(int flags)
{
	struct server s;
	struct call c;
	int coid;

	catch(flags);
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	pthread_kill(c.thread, SIGUSR1);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	CHECK_EQ(handled, 1);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	/* The connection is as good as before. */
	call_start(&c, coid, "y", 1, NULL, 0, 0);
	CHECK(server_do(&s, "recv %d 1", s.chid).v[R_HASH] == hash("y", 1));
}

TEST(eintr_when_send_blocked)
{
	send_blocked(0);
}

/* QNX knows no restart of a message. */
TEST(eintr_when_send_blocked_despite_sa_restart)
{
	send_blocked(SA_RESTART);
}

static void reply_blocked(int flags)
{
	struct server s;
	struct answer a;
	struct call c;
	char area[8];
	int coid;

	catch(flags);
	memset(area, 0x77, sizeof(area));
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, area, sizeof(area), 0);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	pthread_kill(c.thread, SIGUSR1);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	CHECK_EQ(server_do(&s, "read %ld 0 1", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 0 8 1", a.ret).err, ESRCH);
	CHECK_EQ(area[0], 0x77);
	call_start(&c, coid, "y", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	CHECK(a.v[R_HASH] == hash("y", 1));
	server_do(&s, "reply %ld 2 0 0", a.ret);
	CHECK_EQ(call_join(&c), 2);
}

TEST(eintr_when_reply_blocked)
{
	reply_blocked(0);
}

TEST(eintr_when_reply_blocked_despite_sa_restart)
{
	reply_blocked(SA_RESTART);
}

static long receive(void *arg)
{
	char byte;

	return MsgReceive(*(int *)arg, &byte, 1, NULL);
}

TEST_LOCAL(eintr_when_receive_blocked)
{
	int chid = ChannelCreate(0), flags, i;
	struct call c;

	for (i = 0; i < 2; i++) {
		flags = i ? SA_RESTART : 0;
		catch(flags);
		call_start_fn(&c, receive, &chid, 0);
		pthread_kill(c.thread, SIGUSR1);
		CHECK_EQ(call_join(&c), -1);
		CHECK_EQ(c.err, EINTR);
	}
}

/* Replies to the first message and waits for the next. */
static long reply_receive(void *arg)
{
	int chid = *(int *)arg, rcvid, ret;
	char byte;

	rcvid = MsgReceive(chid, &byte, 1, NULL);
	ret = qnet_reply_receive(chid, &rcvid, 5, NULL, 0, &byte, 1, NULL);
	CHECK_EQ(rcvid, 0);
	return ret;
}

TEST_LOCAL(eintr_when_blocked_behind_a_reply)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct call c;
	long ret;

	catch(SA_RESTART);
	call_start_fn(&c, reply_receive, &chid, 0);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 5);
	await_sleep(c.tid);
	pthread_kill(c.thread, SIGUSR1);
	ret = call_join(&c);
	CHECK_EQ(ret, -1);
	CHECK_EQ(c.err, EINTR);
}

/* --- signals without a handler ----------------------------------------- */

static void stop_and_continue(pid_t pid)
{
	int status;

	kill(pid, SIGSTOP);
	REQUIRE_EQ(waitpid(pid, &status, WUNTRACED), pid);
	REQUIRE(WIFSTOPPED(status));
	kill(pid, SIGCONT);
	REQUIRE_EQ(waitpid(pid, &status, WCONTINUED), pid);
}

/*
 * A server in a process of its own, of one thread that runs @fn and is blocked
 * in there when this returns: its channel.
 */
static int start_blocked(long (*fn)(void *), pid_t *pid)
{
	int up[2], chid;

	REQUIRE(!pipe(up));
	*pid = fork();
	if (!*pid) {
		struct call c;

		chid = ChannelCreate(0);
		call_start_fn(&c, fn, &chid, 0);
		if (write(up[1], &chid, sizeof(chid)) < 0)
			_exit(1);
		call_join(&c);
		if (c.ret <= 0)
			printf("# receive: %ld, errno %d\n", c.ret, c.err);
		else
			MsgReply((int)c.ret, 6, NULL, 0);
		test_end();
	}
	close(up[1]);
	REQUIRE_EQ(read(up[0], &chid, sizeof(chid)), sizeof(chid));
	return chid;
}

TEST_LOCAL(stopped_when_receive_blocked)
{
	int chid, coid;
	pid_t pid;

	chid = start_blocked(receive, &pid);
	coid = ConnectAttach(0, pid, chid, _NTO_SIDE_CHANNEL, 0);
	stop_and_continue(pid);
	stop_and_continue(pid);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 6);
}

/* The call starts over; its reply must not be given again. */
TEST_LOCAL(stopped_when_blocked_behind_a_reply)
{
	int chid, coid;
	pid_t pid;

	chid = start_blocked(reply_receive, &pid);
	coid = ConnectAttach(0, pid, chid, _NTO_SIDE_CHANNEL, 0);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 5);
	stop_and_continue(pid);
	stop_and_continue(pid);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 6);
}

/* Of another node's server nobody here knows whether it has received. */
TEST_LOCAL(stopped_when_send_blocked)
{
	struct server s;
	struct answer a;
	int status;
	pid_t pid;

	server_start(&s, 0);
	pid = fork();
	if (!pid) {
		int coid = server_connect(&s, s.chid);

		_exit(MsgSend(coid, "x", 1, NULL, 0) == 7 ? 0 : 1);
	}
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	stop_and_continue(pid);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(&s, "reply %ld 7 0 0", a.ret).ret, 0);
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
}

/* One that was not received yet leaves at once, and nobody is told. */
TEST(no_unblock_pulse_when_send_blocked)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	catch(0);
	server_start(&s, _NTO_CHF_UNBLOCK);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	pthread_kill(c.thread, SIGUSR1);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	call_start(&c, coid, "y", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK(a.ret > 0);
	CHECK(a.v[R_HASH] == hash("y", 1));
}

/* --- with the server's consent ----------------------------------------- */

/*
 * A client that is REPLY-blocked on a channel with _NTO_CHF_UNBLOCK and
 * @flags: its rcvid.
 */
static long consenting(struct server *s, unsigned int flags, struct call *c,
		       char *area, size_t room)
{
	struct answer a;

	catch(0);
	server_start(s, _NTO_CHF_UNBLOCK | flags);
	call_start(c, server_connect(s, s->chid), "x", 1, area, room, 0);
	a = server_do(s, "recv %d 1", s->chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_FLAGS] & _NTO_MI_UNBLOCK_REQ, 0);
	CHECK_EQ(server_do(s, "info %ld", a.ret).v[R_FLAGS] &
		 _NTO_MI_UNBLOCK_REQ, 0);
	return a.ret;
}

static void is_unblock(const struct answer *p, long rcvid)
{
	CHECK_EQ(p->ret, 0);
	CHECK_EQ((signed char)p->v[P_CODE], _PULSE_CODE_UNBLOCK);
	CHECK_EQ(p->v[P_VALUE], rcvid);
	CHECK_EQ(p->v[P_TYPE] | p->v[P_SUBTYPE] | p->v[P_ZERO], 0);
}

/* The server is told that the client of @rcvid wants out. */
static void hears_unblock(struct server *s, long rcvid)
{
	struct answer m = server_do(s, "info %ld", rcvid);
	struct answer p = server_do(s, "pulse %d 24", s->chid);

	is_unblock(&p, rcvid);
	CHECK_EQ(p.v[P_SCOID], m.v[R_SCOID]);
	m = server_do(s, "info %ld", rcvid);
	CHECK_EQ(m.ret, 0);
	CHECK(m.v[R_FLAGS] & _NTO_MI_UNBLOCK_REQ);
}

/* The same by a signal, whose handler does not run yet. */
static void wants_out(struct server *s, struct call *c, long rcvid)
{
	pthread_kill(c->thread, SIGUSR1);
	hears_unblock(s, rcvid);
	CHECK_EQ(handled, 0);
}

/* The connection is good, and the server has nothing else to receive. */
static void at_rest(struct server *s, struct call *c)
{
	check_alive(s, c->coid);
	CHECK_EQ(server_do(s, "poll %d 0", s->chid).ret, 0);
}

TEST(unblock_pulse)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	wants_out(&s, &c, rcvid);
	CHECK_EQ(server_do(&s, "error %ld %d", rcvid, EINTR).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	CHECK_EQ(handled, 1);
	CHECK_EQ(server_do(&s, "info %ld", rcvid).err, ESRCH);
	at_rest(&s, &c);
}

TEST(unblock_pulse_to_a_receiver_that_waits)
{
	struct server s;
	struct answer p;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	server_say(&s, "recv %d 24", s.chid);
	pthread_kill(c.thread, SIGUSR1);
	p = server_hear(&s);
	is_unblock(&p, rcvid);
	CHECK_EQ(server_do(&s, "error %ld %d", rcvid, EBUSY).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EBUSY);
	at_rest(&s, &c);
}

TEST(unblock_and_a_reply_all_the_same)
{
	char area[100];
	struct server s;
	struct call c;
	long rcvid;

	memset(area, 0x77, sizeof(area));
	rcvid = consenting(&s, 0, &c, area, sizeof(area));
	wants_out(&s, &c, rcvid);
	CHECK_EQ(server_do(&s, "reply %ld 6 50 3", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), 6);
	CHECK(hash(area, 50) == hash_fill(0, 50, 3));
	CHECK_EQ(area[50], 0x77);
	CHECK_EQ(handled, 1);
	at_rest(&s, &c);
}

/* The client's thread still brings its message and takes what is written. */
TEST(unblock_then_read_and_write)
{
	enum { SIZE = 3000000 };
	char *msg = malloc(SIZE), *area = malloc(SIZE);
	struct server s;
	struct answer a;
	struct call c;

	catch(0);
	fill(msg, SIZE, 1);
	server_start(&s, _NTO_CHF_UNBLOCK);
	call_start(&c, server_connect(&s, s.chid), msg, SIZE, area, SIZE, 0);
	a = server_do(&s, "recv %d 1000", s.chid);
	REQUIRE(a.ret > 0);
	wants_out(&s, &c, a.ret);
	CHECK(server_do(&s, "read %ld 0 %d", a.ret, SIZE).v[0] ==
	      hash(msg, SIZE));
	CHECK_EQ(server_do(&s, "write %ld 100 2000000 2", a.ret).ret, 2000000);
	CHECK_EQ(server_do(&s, "reply %ld 5 100 3", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 5);
	CHECK(hash(area, 100) == hash_fill(0, 100, 3));
	CHECK(hash(area + 100, 2000000) == hash_fill(0, 2000000, 2));
}

TEST(error_of_the_unblock)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	wants_out(&s, &c, rcvid);
	CHECK_EQ(server_do(&s, "error %ld -1", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	at_rest(&s, &c);
}

static void other_handler(int sig)
{
	(void)sig;
	handled += 10;
}

TEST(unblock_is_asked_once)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	signal(SIGUSR2, other_handler);
	wants_out(&s, &c, rcvid);
	pthread_kill(c.thread, SIGUSR2);
	pthread_kill(c.thread, SIGUSR1);
	/* What it sent by now has come when a message behind it has. */
	at_rest(&s, &c);
	CHECK_EQ(server_do(&s, "error %ld -1", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	CHECK_EQ(handled, 11);
	at_rest(&s, &c);
}

/* Once it is replied to, nobody need hear of it. */
TEST(reply_before_the_unblock_pulse)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	pthread_kill(c.thread, SIGUSR1);
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	CHECK(server_do(&s, "info %ld", rcvid).v[R_FLAGS] &
	      _NTO_MI_UNBLOCK_REQ);
	CHECK_EQ(server_do(&s, "reply %ld 3 0 0", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), 3);
	at_rest(&s, &c);
}

static void unblock_and(const char *cmd, int err)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	wants_out(&s, &c, rcvid);
	if (!strcmp(cmd, "kill"))
		server_kill(&s, SIGKILL);
	else
		server_say(&s, "%s", cmd);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, err);
	CHECK_EQ(handled, 1);
	CHECK_ERRNO(MsgSend(c.coid, NULL, 0, NULL, 0), EBADF);
}

TEST(unblock_and_the_server_exits)
{
	unblock_and("exit 0", ESRCH);
}

TEST(unblock_and_the_server_is_killed)
{
	unblock_and("kill", ESRCH);
}

TEST(unblock_and_the_channel_is_destroyed)
{
	unblock_and("destroy 1", ESRCH);
}

/* The server forgets its client, or the client its connection. */
TEST(unblock_and_either_side_detaches)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	wants_out(&s, &c, rcvid);
	server_say(&s, "detach %lld",
		   server_do(&s, "info %ld", rcvid).v[R_SCOID]);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ESRCH);
	handled = 0;
	rcvid = consenting(&s, 0, &c, NULL, 0);
	wants_out(&s, &c, rcvid);
	CHECK_EQ(ConnectDetach(c.coid), 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EBADF);
}

/*
 * A client in a process of its own, received; with @ask it has asked to leave.
 * Killed, it goes at once, and the server hears what it hears of any death.
 */
static void client_killed(bool ask)
{
	struct answer a, p;
	struct server s;
	int status;
	pid_t pid;

	catch(0);
	server_start(&s, _NTO_CHF_UNBLOCK | _NTO_CHF_DISCONNECT);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		MsgSend(server_connect(&s, s.chid), "x", 1, NULL, 0);
		_exit(0);
	}
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	if (ask) {
		kill(pid, SIGUSR1);
		hears_unblock(&s, a.ret);
	}
	kill(pid, SIGKILL);
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	p = server_do(&s, "pulse %d 24", s.chid);
	CHECK_EQ((signed char)p.v[P_CODE], _PULSE_CODE_DISCONNECT);
	CHECK_EQ(p.v[P_SCOID], a.v[R_SCOID]);
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
}

TEST(client_killed_when_it_waits_for_consent)
{
	client_killed(true);
}

TEST(client_killed_does_not_ask)
{
	client_killed(false);
}

TEST(many_want_out_at_once)
{
	enum { CLIENTS = 100 };
	static struct call c[CLIENTS];
	long rcvid[CLIENTS];
	struct answer p;
	struct server s;
	int coid, i, j;

	catch(0);
	server_start(&s, _NTO_CHF_UNBLOCK);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < CLIENTS; i++) {
		call_start(&c[i], coid, "x", 1, NULL, 0, 0);
		rcvid[i] = server_do(&s, "recv %d 1", s.chid).ret;
		REQUIRE(rcvid[i] > 0);
	}
	for (i = 0; i < CLIENTS; i++)
		pthread_kill(c[i].thread, SIGUSR1);
	for (i = 0; i < CLIENTS; i++) {
		p = server_do(&s, "recv %d 24", s.chid);
		REQUIRE_EQ(p.ret, 0);
		CHECK_EQ((signed char)p.v[P_CODE], _PULSE_CODE_UNBLOCK);
		for (j = 0; j < CLIENTS; j++)
			if (rcvid[j] == (long)p.v[P_VALUE])
				break;
		REQUIRE(j < CLIENTS);
		rcvid[j] = 0;
		CHECK_EQ(server_do(&s, "reply %lld %d 0 0", p.v[P_VALUE],
				   1000 + j).ret, 0);
	}
	for (i = 0; i < CLIENTS; i++)
		CHECK_EQ(call_join(&c[i]), 1000 + i);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
}

/*
 * More pulses than a channel takes, and the server does not receive.  Of another
 * node's the sender hears nothing, but that the way there is full.
 */
static void flood(int coid)
{
	int i;

	for (i = 0; i < 5000; i++)
		while (MsgSendPulse(coid, 20, 1, i)) {
			CHECK_EQ(errno, EAGAIN);
			if (!server_remote())
				return;
		}
	CHECK(server_remote());
}

/* It goes by the client's priority, and no number of other pulses bars it. */
TEST(unblock_pulse_past_a_full_queue)
{
	struct answer a, p;
	struct server s;
	struct call c;
	int coid;

	if (getuid())
		SKIP("needs root for a priority");
	catch(0);
	server_start(&s, _NTO_CHF_UNBLOCK);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 30);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(MsgSendPulse(coid, 40, 1, 1), 0);
	flood(coid);
	pthread_kill(c.thread, SIGUSR1);
	while (!(server_do(&s, "info %ld", a.ret).v[R_FLAGS] &
		 _NTO_MI_UNBLOCK_REQ))
		;
	p = server_do(&s, "pulse %d 24", s.chid);
	CHECK_EQ(p.v[P_CODE], 1);
	CHECK_EQ(p.v[P_VALUE], 1);
	hears_unblock(&s, a.ret);
	p = server_do(&s, "pulse %d 24", s.chid);
	CHECK_EQ(p.v[P_CODE], 1);
	CHECK_EQ(p.v[P_VALUE], 0);
	CHECK_EQ(server_do(&s, "error %ld -1", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
}

/* A server that does all with qnet_reply_receive(). */
static void *reply_receive_server(void *arg)
{
	int chid = *(int *)arg, rcvid = 0, blocked = 0, next;
	union {
		struct _pulse p;
		char byte;
	} u;

	for (;;) {
		next = qnet_reply_receive(chid, &rcvid, 4, NULL, 0, &u,
					  sizeof(u), NULL);
		if (next < 0)
			return NULL;
		if (next) {
			blocked = next;
			continue;
		}
		CHECK_EQ(u.p.code, _PULSE_CODE_UNBLOCK);
		CHECK_EQ(u.p.value.sival_int, blocked);
		rcvid = blocked;
	}
}

TEST_LOCAL(unblock_and_a_server_that_replies_and_receives)
{
	int chid = ChannelCreate(_NTO_CHF_UNBLOCK), i;
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	pthread_t server;
	struct call c;

	catch(0);
	pthread_create(&server, NULL, reply_receive_server, &chid);
	for (i = 1; i <= 3; i++) {
		call_start(&c, coid, "x", 1, NULL, 0, 0);
		pthread_kill(c.thread, SIGUSR1);
		if (call_join(&c) == -1)
			CHECK_EQ(c.err, EINTR);	/* not received yet */
		else
			CHECK_EQ(c.ret, 4);
		CHECK_EQ(handled, i);
	}
	ChannelDestroy(chid);
	pthread_join(server, NULL);
}

/* --- the message once more --------------------------------------------- */

static void again(struct server *s, struct call *c, long rcvid)
{
	struct answer a;

	CHECK_EQ(server_do(s, "error %ld %d", rcvid, ERESTART).ret, 0);
	a = server_do(s, "recv %d 24", s->chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_FLAGS] & _NTO_MI_UNBLOCK_REQ, 0);
	CHECK(a.v[R_HASH] == hash("x", 1));
	CHECK_EQ(server_do(s, "reply %ld 8 0 0", a.ret).ret, 0);
	CHECK_EQ(call_join(c), 8);
	at_rest(s, c);
}

TEST(sent_again)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	again(&s, &c, rcvid);
	CHECK_EQ(handled, 0);
}

/* The handler runs, and then the call begins again. */
TEST(unblock_and_sent_again)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&s, 0, &c, NULL, 0);
	wants_out(&s, &c, rcvid);
	again(&s, &c, rcvid);
	CHECK_EQ(handled, 1);
}

/* --- cancellation ------------------------------------------------------ */

static volatile bool cleaned;

static void cleanup(void *arg)
{
	(void)arg;
	cleaned = true;
}

static long send_cleaned(void *arg)
{
	long ret;

	pthread_cleanup_push(cleanup, NULL);
	ret = MsgSend(*(int *)arg, "x", 1, NULL, 0);
	pthread_cleanup_pop(0);
	return ret;
}

/* A form that is no place to be cancelled at */
static struct nc {
	int coid;
	enum { SS, SV, VS, VV, NC_FORMS } form;
} nc;

static long send_nc(void *arg)
{
	struct nc *n = arg;
	iov_t iov;

	SETIOV(&iov, "x", 1);
	switch (n->form) {
	case SV:
		return MsgSendsvnc(n->coid, "x", 1, NULL, 0);
	case VS:
		return MsgSendvsnc(n->coid, &iov, 1, NULL, 0);
	case VV:
		return MsgSendvnc(n->coid, &iov, 1, NULL, 0);
	default:
		return MsgSendnc(n->coid, "x", 1, NULL, 0);
	}
}

TEST(cancel_ends_a_send)
{
	struct server s;
	struct answer a;
	struct call c;
	void *value;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < 2; i++) {
		cleaned = false;
		call_start_fn(&c, send_cleaned, &coid, 0);
		a.ret = 0;
		if (i)
			a = server_do(&s, "recv %d 1", s.chid);
		pthread_cancel(c.thread);
		pthread_join(c.thread, &value);
		CHECK(value == PTHREAD_CANCELED);
		CHECK(cleaned);
	}
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret).err, ESRCH);
	/* The dead thread holds nothing: the id is free at once. */
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_EQ(server_connect(&s, s.chid), coid);
}

/* One whose server is asked stays until that lets it go. */
TEST(cancel_with_consent)
{
	struct server s;
	struct answer a;
	struct call c;
	void *value;
	int coid;

	server_start(&s, _NTO_CHF_UNBLOCK);
	coid = server_connect(&s, s.chid);
	call_start_fn(&c, send_cleaned, &coid, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	pthread_cancel(c.thread);
	hears_unblock(&s, a.ret);
	CHECK(!cleaned);
	CHECK_EQ(server_do(&s, "reply %ld 1 0 0", a.ret).ret, 0);
	pthread_join(c.thread, &value);
	CHECK(value == PTHREAD_CANCELED);
	CHECK(cleaned);
	c.coid = coid;
	at_rest(&s, &c);
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_EQ(server_connect(&s, s.chid), coid);
}

TEST(cancel_does_not_end_an_nc_send)
{
	struct server s;
	struct answer a;
	struct call c;

	/* Nobody is asked, either. */
	server_start(&s, _NTO_CHF_UNBLOCK);
	nc.coid = server_connect(&s, s.chid);
	for (nc.form = SS; nc.form < NC_FORMS; nc.form++) {
		call_start_fn(&c, send_nc, &nc, 0);
		a = server_do(&s, "recv %d 1", s.chid);
		REQUIRE(a.ret > 0);
		CHECK_EQ(a.v[R_SRCMSGLEN], 1);
		pthread_cancel(c.thread);
		CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
		CHECK_EQ(server_do(&s, "reply %ld 9 0 0", a.ret).ret, 0);
		pthread_join(c.thread, NULL);
		CHECK_EQ(c.ret, 9);
	}
}

TEST_LOCAL(cancel_ends_a_receive)
{
	int chid = ChannelCreate(0);
	struct call c;
	void *value;

	call_start_fn(&c, receive, &chid, 0);
	pthread_cancel(c.thread);
	pthread_join(c.thread, &value);
	CHECK(value == PTHREAD_CANCELED);
	CHECK_EQ(ChannelDestroy(chid), 0);
	CHECK_EQ(ChannelCreate(0), chid);
}

/*
 * @r is blocked receiving.  A message comes and it is cancelled, both before it
 * runs: then somebody else must get the message.
 */
static void cancel_with_message(struct call *r, int chid, int coid)
{
	struct pollfd p = { .fd = qnet_channel_fd(chid), .events = POLLIN };
	struct call c;
	void *value;
	char byte;
	int rcvid;

	set_fifo(20);
	call_start(&c, coid, "m", 1, NULL, 0, 30);
	pthread_cancel(r->thread);
	set_fifo(0);
	pthread_join(r->thread, &value);
	CHECK(value == PTHREAD_CANCELED);
	REQUIRE_EQ(poll(&p, 1, 5000), 1);
	rcvid = MsgReceive(chid, &byte, 1, NULL);
	REQUIRE(rcvid > 0);
	CHECK_EQ(byte, 'm');
	CHECK_EQ(MsgReply(rcvid, 8, NULL, 0), 0);
	CHECK_EQ(call_join(&c), 8);
}

TEST_LOCAL(cancelled_receiver_loses_no_message)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct call r;

	if (getuid())
		SKIP("needs root to go first");
	one_cpu();
	call_start_fn(&r, receive, &chid, 0);
	cancel_with_message(&r, chid, coid);
	call_start_fn(&r, reply_receive, &chid, 0);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 5);
	await_sleep(r.tid);
	cancel_with_message(&r, chid, coid);
}

static bool went_on;

/* Is cancelled as soon as it comes to a cancellation point. */
static void cancel_self(void)
{
	pthread_cancel(pthread_self());
}

static long ids_come_and_go(void *arg)
{
	int chid, coid, side, *to = arg;

	cancel_self();
	chid = ChannelCreate(0);
	CHECK(chid > 0);
	side = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	CHECK(side >= 0);
	coid = ConnectAttach(0, 0, chid, 0, 0);
	CHECK(coid >= 0);
	CHECK_EQ(ConnectFlags(0, coid, 0, 0), 0);
	CHECK_EQ(MsgSendPulse(side, 10, 1, 2), 0);
	CHECK_EQ(MsgSendnc(*to, "x", 1, NULL, 0), 9);
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_EQ(ConnectDetach(side), 0);
	CHECK_EQ(ChannelDestroy(chid), 0);
	CHECK(netmgr_strtond("/net/nobody", NULL) == -1);
	CHECK_EQ(SignalKill(0, getpid(), 0, 0, 0, 0), 0);
	went_on = true;
	pthread_testcancel();
	return 0;
}

/* It waits until what is no cancellation point is done, and then breaks nothing. */
TEST(cancel_waits_while_ids_come_and_go)
{
	struct server s;
	struct answer a;
	struct call c;
	void *value;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	went_on = false;
	call_start_fn(&c, ids_come_and_go, &coid, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(&s, "reply %ld 9 0 0", a.ret).ret, 0);
	pthread_join(c.thread, &value);
	CHECK(value == PTHREAD_CANCELED);
	CHECK(went_on);
	/* None of the locks is held, nor any id. */
	CHECK_EQ(ChannelCreate(0), 1);
	CHECK_EQ(ConnectDetach(coid), 0);
	CHECK_EQ(server_connect(&s, s.chid), coid);
}

static long reply_cancelled(void *arg)
{
	int chid = *(int *)arg;
	char byte;
	int rcvid = MsgReceive(chid, &byte, 1, NULL);

	cancel_self();
	return qnet_reply_receive(chid, &rcvid, 6, &byte, 1, &byte, 1, NULL);
}

/* A server that is cancelled while it works has worked for its client still. */
TEST_LOCAL(cancelled_before_it_replies)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct call r;
	void *value;
	char byte = 0;

	call_start_fn(&r, reply_cancelled, &chid, 0);
	CHECK_EQ(MsgSend(coid, "r", 1, &byte, 1), 6);
	CHECK_EQ(byte, 'r');
	pthread_join(r.thread, &value);
	CHECK(value == PTHREAD_CANCELED);
}

static long open_name(void *arg)
{
	return name_open(arg, 0);
}

/* Of a name that was to be opened nothing is left. */
TEST_LOCAL(cancelled_while_it_opens_a_name)
{
	name_attach_t *at = name_attach(NULL, "cancelled_open", 0);
	struct _server_info info;
	struct _msg_info mi;
	struct _pulse p;
	struct call c;
	void *value;
	static char name[] = "cancelled_open";
	char room[512];
	int rcvid;

	REQUIRE(at);
	call_start_fn(&c, open_name, name, 0);
	rcvid = MsgReceive(at->chid, room, sizeof(room), &mi);
	REQUIRE(rcvid > 0);
	pthread_cancel(c.thread);
	pthread_join(c.thread, &value);
	/* It waits for a second only. */
	if (value != PTHREAD_CANCELED)
		SKIP("the machine was too slow");
	CHECK_ERRNO(MsgReply(rcvid, 0, NULL, 0), ESRCH);
	CHECK_ERRNO(ConnectServerInfo(0, _NTO_SIDE_CHANNEL, &info), EINVAL);
	CHECK_EQ(MsgReceivePulse(at->chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(p.code, _PULSE_CODE_DISCONNECT);
	CHECK_EQ(p.scoid, mi.scoid);
}

static long receive_raw(void *arg)
{
	char byte, ctl[CMSG_SPACE(sizeof(struct qnet_cmsg_msg))];
	struct iovec iov = { &byte, sizeof(byte) };
	struct qnet_cmsg_msg got;
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = ctl,
		.msg_controllen = sizeof(ctl),
	};

	if (recvmsg(qnet_channel_fd(*(int *)arg), &mh, 0) != 1)
		return -1;
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&mh)), sizeof(got));
	return got.rcvid;
}

/* A signal without a handler ends no recvmsg(). */
TEST_LOCAL(stopped_in_recvmsg)
{
	int chid, coid;
	pid_t pid;

	chid = start_blocked(receive_raw, &pid);
	coid = ConnectAttach(0, pid, chid, _NTO_SIDE_CHANNEL, 0);
	stop_and_continue(pid);
	stop_and_continue(pid);
	CHECK_EQ(MsgSend(coid, "x", 1, NULL, 0), 6);
}
