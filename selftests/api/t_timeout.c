// SPDX-License-Identifier: GPL-2.0
/* TimerTimeout(): which call it ends, in which state, and what is left of it. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define MS		1000000ULL
#define SHORT		(50 * MS)
#define LONG		(100000 * MS)
#define SEND		_NTO_TIMEOUT_SEND
#define REPLY		_NTO_TIMEOUT_REPLY
#define RECEIVE		_NTO_TIMEOUT_RECEIVE

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void arm(int flags, uint64_t ns)
{
	CHECK_EQ(TimerTimeout(CLOCK_MONOTONIC, flags, NULL, &ns, NULL), 0);
}

/* Long enough for a short time to be over. */
static void pass_time(void)
{
	struct timespec ts = { .tv_nsec = 3 * SHORT };

	nanosleep(&ts, NULL);
}

static volatile int handled;

static void handler(int sig)
{
	(void)sig;
	handled++;
}

/* A receive that a signal ends, when a short time would long be over. */
static void no_time_ends_a_receive(void)
{
	struct itimerval soon = { .it_value.tv_usec = 3 * SHORT / 1000 };
	struct sigaction sa = { .sa_handler = handler };

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	CHECK_ERRNO(MsgReceive(1, NULL, 0, NULL), EINTR);
}

/* The longest time that can be said is no short one. */
TEST_LOCAL(longest_time)
{
	REQUIRE_EQ(ChannelCreate(0), 1);
	arm(RECEIVE, UINT64_MAX);
	no_time_ends_a_receive();
}

/* A signal is such a call, too, also to this node's processes. */
TEST_LOCAL(used_up_by_a_signal)
{
	REQUIRE_EQ(ChannelCreate(0), 1);
	arm(RECEIVE, SHORT);
	CHECK_EQ(SignalKill(0, getpid(), 0, 0, 0, 0), 0);
	no_time_ends_a_receive();
}

/* A call in a thread: it arms a timeout and sends. */
static struct timed {
	int flags;
	uint64_t ns;
	int coid;
	uint64_t began;
	uint64_t ended;
	uint64_t left;
} timed;

static long timed_send(void *arg)
{
	struct timed *t = arg;
	long ret;

	t->began = clock_ns(CLOCK_MONOTONIC);
	CHECK_EQ(TimerTimeout(CLOCK_MONOTONIC, t->flags, NULL, &t->ns,
			      &t->left), 0);
	ret = MsgSend(t->coid, "x", 1, NULL, 0);
	t->ended = clock_ns(CLOCK_MONOTONIC);
	return ret;
}

/* A connection whose circuit is open, so that no message waits for that. */
static int opened(struct server *s)
{
	int coid = server_connect(s, s->chid);

	if (server_remote())
		check_alive(s, coid);
	return coid;
}

static void start_call(struct call *c, int coid, int flags, uint64_t ns)
{
	timed = (struct timed){ .flags = flags, .ns = ns, .coid = coid };
	call_start_fn(c, timed_send, &timed, 0);
	c->coid = timed.coid;
}

static void start(struct call *c, struct server *s, unsigned int chf, int flags,
		  uint64_t ns)
{
	server_start(s, chf);
	start_call(c, opened(s), flags, ns);
}

static void times_out(struct call *c)
{
	CHECK_EQ(call_join(c), -1);
	CHECK_EQ(c->err, ETIMEDOUT);
	CHECK(timed.ended - timed.began >= timed.ns);
	CHECK_EQ(timed.left, 0);
}

/* The message is received: its rcvid. */
static long received(struct server *s)
{
	struct answer a = server_do(s, "recv %d 1", s->chid);

	REQUIRE(a.ret > 0);
	return a.ret;
}

/* The same, and the server has waited for it, so that it takes no time. */
static long start_received(struct call *c, struct server *s, unsigned int chf,
			   int flags, uint64_t ns)
{
	struct answer a;
	int coid;

	server_start(s, chf);
	coid = opened(s);
	server_say(s, "recv %d 1", s->chid);
	start_call(c, coid, flags, ns);
	a = server_hear(s);
	REQUIRE(a.ret > 0);
	return a.ret;
}

/* The message is gone when the client is, also on another node. */
static void is_stale(struct server *s, long rcvid)
{
	CHECK_EQ(server_do(s, "info %ld", rcvid).err, ESRCH);
	CHECK_EQ(server_do(s, "reply %ld 0 0 0", rcvid).err, ESRCH);
}

static void nothing_waits(struct server *s, struct call *c)
{
	CHECK_EQ(server_do(s, "poll %d 0", s->chid).ret, 0);
	check_alive(s, c->coid);
}

static void replied(struct server *s, struct call *c, long rcvid)
{
	CHECK_EQ(server_do(s, "reply %ld 4 0 0", rcvid).ret, 0);
	CHECK_EQ(call_join(c), 4);
	CHECK_EQ(server_do(s, "poll %d 0", s->chid).ret, 0);
}

static void hears_unblock(struct server *s, long rcvid)
{
	struct answer p = server_do(s, "pulse %d 24", s->chid);

	REQUIRE_EQ(p.ret, 0);
	CHECK_EQ((signed char)p.v[P_CODE], _PULSE_CODE_UNBLOCK);
	CHECK_EQ(p.v[P_VALUE], rcvid);
	CHECK(server_do(s, "info %ld", rcvid).v[R_FLAGS] &
	      _NTO_MI_UNBLOCK_REQ);
}

/* --- arguments --------------------------------------------------------- */

TEST_LOCAL(arguments)
{
	uint64_t ns = SHORT;
	struct sigevent ev;

	CHECK_ERRNO(TimerTimeout(12345, RECEIVE, NULL, &ns, NULL), EINVAL);
	CHECK_EQ(TimerTimeout_r(12345, RECEIVE, NULL, &ns, NULL), -EINVAL);
	CHECK_ERRNO(TimerTimeout(CLOCK_MONOTONIC, 1 << 30, NULL, &ns, NULL),
		    EINVAL);
	SIGEV_PULSE_INIT(&ev, 1, 10, 1, 1);
	CHECK_ERRNO(TimerTimeout(CLOCK_MONOTONIC, RECEIVE, &ev, &ns, NULL),
		    ENOTSUP);
	SIGEV_NONE_INIT(&ev);
	CHECK_ERRNO(TimerTimeout(CLOCK_MONOTONIC, RECEIVE, &ev, &ns, NULL),
		    ENOTSUP);
	SIGEV_UNBLOCK_INIT(&ev);
	CHECK_EQ(TimerTimeout(CLOCK_REALTIME, RECEIVE, &ev, &ns, NULL), 0);
	CHECK_EQ(TimerTimeout_r(CLOCK_REALTIME, 0, NULL, NULL, NULL), 0);
}

/* What an earlier one that was not used has left. */
TEST_LOCAL(armed_anew)
{
	uint64_t ns = LONG, left = 1;
	char byte;
	int chid = ChannelCreate(0);

	CHECK_EQ(TimerTimeout(CLOCK_MONOTONIC, RECEIVE, NULL, &ns, &left), 0);
	CHECK_EQ(left, 0);
	CHECK_EQ(TimerTimeout(CLOCK_MONOTONIC, RECEIVE, NULL, NULL, &left), 0);
	CHECK_EQ(left, LONG);
	CHECK_ERRNO(MsgReceive(chid, &byte, 1, NULL), ETIMEDOUT);
	CHECK_EQ(left, 0);
}

/* --- receiving --------------------------------------------------------- */

TEST_LOCAL(receive_times_out)
{
	int chid = ChannelCreate(0);
	uint64_t start, ns = SHORT, left = 1;
	char buf[24];

	start = clock_ns(CLOCK_MONOTONIC);
	CHECK_EQ(TimerTimeout(CLOCK_REALTIME, RECEIVE, NULL, &ns, &left), 0);
	CHECK_ERRNO(MsgReceive(chid, buf, sizeof(buf), NULL), ETIMEDOUT);
	CHECK(clock_ns(CLOCK_MONOTONIC) - start >= SHORT);
	CHECK_EQ(left, 0);
	start = clock_ns(CLOCK_MONOTONIC);
	arm(RECEIVE | SEND | REPLY, SHORT);
	CHECK_EQ(MsgReceivePulse_r(chid, buf, sizeof(buf), NULL), -ETIMEDOUT);
	CHECK(clock_ns(CLOCK_MONOTONIC) - start >= SHORT);
}

/* As programs do that want to look only. */
TEST_LOCAL(receive_at_once)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	uint64_t none = 0;
	struct sigevent ev;
	struct call c;
	char buf[24];
	int i, rcvid;

	SIGEV_UNBLOCK_INIT(&ev);
	for (i = 0; i < 4; i++) {
		CHECK_EQ(TimerTimeout(CLOCK_REALTIME, RECEIVE,
				      i & 1 ? &ev : NULL,
				      i & 2 ? &none : NULL, NULL), 0);
		CHECK_ERRNO(MsgReceive(chid, buf, sizeof(buf), NULL),
			    ETIMEDOUT);
	}
	CHECK_EQ(MsgSendPulse(coid, 10, 3, 4), 0);
	arm(RECEIVE, 0);
	CHECK_EQ(MsgReceive(chid, buf, sizeof(buf), NULL), 0);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	arm(RECEIVE, 0);
	CHECK_ERRNO(MsgReceivePulse(chid, buf, sizeof(buf), NULL), ETIMEDOUT);
	arm(RECEIVE, 0);
	rcvid = MsgReceive(chid, buf, sizeof(buf), NULL);
	REQUIRE(rcvid > 0);
	CHECK_EQ(MsgReply(rcvid, 2, NULL, 0), 0);
	CHECK_EQ(call_join(&c), 2);
}

TEST_LOCAL(receive_until_a_time)
{
	static const clockid_t ids[] = { CLOCK_REALTIME, CLOCK_MONOTONIC };
	int chid = ChannelCreate(0);
	uint64_t at, left;
	unsigned int i;
	char buf[24];

	for (i = 0; i < 2; i++) {
		at = clock_ns(ids[i]) + SHORT;
		CHECK_EQ(TimerTimeout(ids[i], RECEIVE | TIMER_ABSTIME, NULL,
				      &at, &left), 0);
		CHECK_ERRNO(MsgReceive(chid, buf, sizeof(buf), NULL),
			    ETIMEDOUT);
		/* What the two clocks differ in when they are slewed. */
		CHECK(clock_ns(ids[i]) + MS >= at);
		CHECK_EQ(left, 0);
		at = clock_ns(ids[i]) - SHORT;
		CHECK_EQ(TimerTimeout(ids[i], RECEIVE | TIMER_ABSTIME, NULL,
				      &at, NULL), 0);
		CHECK_ERRNO(MsgReceive(chid, buf, sizeof(buf), NULL),
			    ETIMEDOUT);
	}
}

static int channel;
static uint64_t time_left;

static long receive(void *arg)
{
	void (*first)(void) = (void (*)(void))(uintptr_t)arg;
	uint64_t ns = first ? SHORT : LONG;
	char buf[24];

	CHECK_EQ(TimerTimeout(CLOCK_MONOTONIC, RECEIVE, NULL, &ns,
			      &time_left), 0);
	if (first)
		first();
	return MsgReceive(channel, buf, sizeof(buf), NULL);
}

TEST_LOCAL(time_left)
{
	struct call c;
	int coid;

	channel = ChannelCreate(0);
	coid = ConnectAttach(0, 0, channel, _NTO_SIDE_CHANNEL, 0);
	call_start_fn(&c, receive, NULL, 0);
	pass_time();
	CHECK_EQ(MsgSendPulse(coid, 10, 1, 1), 0);
	CHECK_EQ(call_join(&c), 0);
	CHECK(time_left > 0 && time_left <= LONG - SHORT);
}

/* Of all that may be named it is that state, and no other. */
TEST_LOCAL(receive_among_states)
{
	static const int others[] = { 0, SEND, REPLY, SEND | REPLY };
	int chid = ChannelCreate(0), i;
	char byte;

	REQUIRE_EQ(chid, 1);
	for (i = 0; i < 4; i++) {
		arm(others[i] | RECEIVE, 0);
		CHECK_ERRNO(MsgReceive(chid, &byte, 1, NULL), ETIMEDOUT);
		arm(others[i], 0);
		no_time_ends_a_receive();
	}
}

/* --- the next call, and only that -------------------------------------- */

static void call_info(void)
{
	struct _msg_info i;

	CHECK_ERRNO(MsgInfo(1, &i), ESRCH);
}

static void call_pulse(void)
{
	static struct server s;

	server_start(&s, 0);
	CHECK_EQ(MsgSendPulse(server_connect(&s, s.chid), 10, 1, 1), 0);
}

static void call_reply(void)
{
	CHECK_ERRNO(MsgReply(1, 0, NULL, 0), ESRCH);
}

static void call_read(void)
{
	CHECK_ERRNO(MsgRead(1, NULL, 0, 0), ESRCH);
}

static void call_channel(void)
{
	CHECK(ChannelCreate(0) > 0);
}

static void call_connect(void)
{
	CHECK(ConnectAttach(0, 0, channel, _NTO_SIDE_CHANNEL, 0) > 0);
}

static void call_detach(void)
{
	CHECK_ERRNO(ConnectDetach(_NTO_SIDE_CHANNEL | 77), EINVAL);
}

static void call_server_info(void)
{
	struct _server_info i;

	CHECK(ConnectServerInfo(0, _NTO_SIDE_CHANNEL, &i) > 0);
}

static void call_client_info(void)
{
	struct _client_info i;

	CHECK_EQ(ConnectClientInfo(-1, &i, 0), 0);
}

static void call_node(void)
{
	char name[100];

	CHECK(netmgr_ndtostr(0, 0, name, sizeof(name)) > 0);
}

static void call_bad_send(void)
{
	CHECK_ERRNO(MsgSend(-1, NULL, 0, NULL, 0), EBADF);
}

static void call_bad_receive(void)
{
	CHECK_ERRNO(MsgReceive(99, NULL, 0, NULL), ESRCH);
}

static void call_receive(void)
{
	char buf[24];

	CHECK_ERRNO(MsgReceive(channel, buf, sizeof(buf), NULL), ETIMEDOUT);
}

static void call_fork(void)
{
	if (!fork())
		_exit(0);
}

static void call_delay(void)
{
	delay(1);
}

/* Any call uses the timeout up: the one behind it waits. */
TEST_LOCAL(the_next_call_only)
{
	static void (*const calls[])(void) = {
		call_info, call_pulse, call_reply, call_read, call_channel,
		call_connect, call_detach, call_server_info, call_client_info,
		call_node, call_bad_send, call_bad_receive, call_receive,
		call_fork, call_delay,
	};
	enum { CALLS = sizeof(calls) / sizeof(calls[0]) };
	struct call c[CALLS];
	int coid, i;

	channel = ChannelCreate(0);
	coid = ConnectAttach(0, 0, channel, _NTO_SIDE_CHANNEL, 0);
	for (i = 0; i < CALLS; i++)
		call_start_fn(&c[i], receive, (void *)(uintptr_t)calls[i], 0);
	pass_time();
	for (i = 0; i < CALLS; i++)
		CHECK_EQ(MsgSendPulse(coid, 10, 1, i), 0);
	for (i = 0; i < CALLS; i++)
		CHECK_EQ(call_join(&c[i]), 0);
}

/* --- sending ----------------------------------------------------------- */

/* A time for another state is used up, and ends nothing. */
TEST(receive_does_not_end_a_send)
{
	struct server s;
	struct call c;
	long rcvid;

	start(&c, &s, 0, RECEIVE, SHORT);
	pass_time();
	rcvid = received(&s);
	replied(&s, &c, rcvid);
}

TEST(send_blocked)
{
	struct server s;
	struct call c;

	start(&c, &s, 0, SEND | REPLY, SHORT);
	times_out(&c);
	nothing_waits(&s, &c);
}

TEST(reply_blocked)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = start_received(&c, &s, 0, SEND | REPLY, 4 * SHORT);
	times_out(&c);
	is_stale(&s, rcvid);
	nothing_waits(&s, &c);
}

TEST(replied_in_time)
{
	struct server s;
	struct call c;
	long rcvid;

	start(&c, &s, 0, SEND | REPLY, LONG);
	rcvid = received(&s);
	replied(&s, &c, rcvid);
	CHECK(timed.left > 0 && timed.left <= LONG);
}

/* At once, whatever the server does. */
TEST(send_at_once)
{
	struct server s;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < 3; i++) {
		CHECK_EQ(TimerTimeout(CLOCK_REALTIME, SEND | REPLY, NULL, NULL,
				      NULL), 0);
		CHECK_ERRNO(MsgSend(coid, "x", 1, NULL, 0), ETIMEDOUT);
	}
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	check_alive(&s, coid);
}

/* The states of another call do not matter. */
TEST_LOCAL(send_among_states)
{
	static const int others[] = { 0, RECEIVE, REPLY, RECEIVE | REPLY };
	struct server s;
	struct call c;
	long rcvid;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < 4; i++) {
		arm(others[i] | SEND, 0);
		CHECK_ERRNO(MsgSend(coid, "x", 1, NULL, 0), ETIMEDOUT);
	}
	start_call(&c, coid, REPLY | RECEIVE, SHORT);
	rcvid = received(&s);
	times_out(&c);
	is_stale(&s, rcvid);
}

/*
 * While SEND-blocked.  A message for another node is on its way there at once:
 * that is no wait.
 */
TEST(send_only)
{
	struct server s;
	struct call c;
	long rcvid;

	start(&c, &s, 0, SEND, SHORT);
	if (!server_remote()) {
		times_out(&c);
		CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	} else {
		pass_time();
		rcvid = received(&s);
		replied(&s, &c, rcvid);
	}
}

TEST(send_only_is_no_time_for_the_reply)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = start_received(&c, &s, 0, SEND, 4 * SHORT);
	pass_time();
	pass_time();
	replied(&s, &c, rcvid);
}

/* Its time begins when the server receives. */
TEST(reply_only)
{
	struct server s;
	uint64_t begin;
	struct call c;
	long rcvid;

	start(&c, &s, 0, REPLY, server_remote() ? LONG : SHORT);
	pass_time();
	CHECK_EQ(server_do(&s, "poll %d 10000", s.chid).ret, 1);
	begin = clock_ns(CLOCK_MONOTONIC);
	rcvid = received(&s);
	if (server_remote()) {
		replied(&s, &c, rcvid);
		return;
	}
	times_out(&c);
	CHECK(timed.ended - begin >= SHORT);
	is_stale(&s, rcvid);
}

TEST(reply_only_times_out)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = start_received(&c, &s, 0, REPLY, 4 * SHORT);
	times_out(&c);
	is_stale(&s, rcvid);
}

/* A point of time is the same in either state. */
TEST_LOCAL(reply_until_a_time)
{
	struct server s;
	struct call c;
	long rcvid;

	start(&c, &s, 0, REPLY | TIMER_ABSTIME,
	      clock_ns(CLOCK_MONOTONIC) + SHORT);
	pass_time();
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 1);
	rcvid = received(&s);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ETIMEDOUT);
	is_stale(&s, rcvid);
}

/* --- with the server's consent ----------------------------------------- */

/* Timed out on a channel with _NTO_CHF_UNBLOCK: the server has heard of it. */
static long consenting(struct call *c, struct server *s, int flags)
{
	struct sigaction sa = { .sa_handler = handler };
	long rcvid;

	sigaction(SIGUSR1, &sa, NULL);
	rcvid = start_received(c, s, _NTO_CHF_UNBLOCK, flags, 4 * SHORT);
	hears_unblock(s, rcvid);
	CHECK(clock_ns(CLOCK_MONOTONIC) - timed.began >= timed.ns);
	return rcvid;
}

TEST(no_consent_when_send_blocked)
{
	struct server s;
	struct call c;

	start(&c, &s, _NTO_CHF_UNBLOCK, SEND | REPLY, SHORT);
	times_out(&c);
	nothing_waits(&s, &c);
}

TEST(consent)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&c, &s, SEND | REPLY);
	CHECK_EQ(server_do(&s, "error %ld -1", rcvid).ret, 0);
	times_out(&c);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	check_alive(&s, c.coid);
}

TEST(consent_of_one_that_only_waits_for_the_reply)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&c, &s, REPLY);
	CHECK_EQ(server_do(&s, "error %ld -1", rcvid).ret, 0);
	times_out(&c);
}

/* What the server says is what the client hears. */
TEST(consent_with_an_error)
{
	static const int errs[] = { EINTR, ETIMEDOUT, EBUSY };
	struct server s;
	struct call c;
	unsigned int i;
	long rcvid;

	for (i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		rcvid = consenting(&c, &s, SEND | REPLY);
		CHECK_EQ(server_do(&s, "error %ld %d", rcvid, errs[i]).ret, 0);
		CHECK_EQ(call_join(&c), -1);
		CHECK_EQ(c.err, errs[i]);
	}
}

TEST(no_consent_but_a_reply)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&c, &s, SEND | REPLY);
	replied(&s, &c, rcvid);
}

/* Its time was over, so it is not sent again. */
TEST(consent_to_send_again)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&c, &s, SEND | REPLY);
	CHECK_EQ(server_do(&s, "error %ld %d", rcvid, ERESTART).ret, 0);
	times_out(&c);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
}

/* Asked once; the first reason counts. */
TEST(timeout_then_signal)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = consenting(&c, &s, SEND | REPLY);
	pthread_kill(c.thread, SIGUSR1);
	check_alive(&s, c.coid);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	CHECK_EQ(server_do(&s, "error %ld -1", rcvid).ret, 0);
	times_out(&c);
	CHECK_EQ(handled, 1);
}

TEST(signal_then_timeout)
{
	struct sigaction sa = { .sa_handler = handler };
	struct server s;
	struct call c;
	long rcvid;

	sigaction(SIGUSR1, &sa, NULL);
	rcvid = start_received(&c, &s, _NTO_CHF_UNBLOCK, SEND | REPLY,
			       40 * SHORT);
	pthread_kill(c.thread, SIGUSR1);
	hears_unblock(&s, rcvid);
	while (clock_ns(CLOCK_MONOTONIC) - timed.began < timed.ns)
		pass_time();
	check_alive(&s, c.coid);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	CHECK_EQ(server_do(&s, "error %ld -1", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
	CHECK_EQ(handled, 1);
}

/* --- servers of a client that does not move --------------------------- */

#define MIB	(1UL << 20)

/* Memory of three MiB whose end nobody touches before slow_go(). */
static struct slow {
	char *mem;
	int fd;
} slow;

static void slow_init(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	slow.mem = mmap(NULL, 3 * MIB, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(slow.mem != MAP_FAILED);
	slow.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (slow.fd < 0 || ioctl(slow.fd, UFFDIO_API, &api))
		SKIP("needs userfaultfd()");
	reg.range.start = (uintptr_t)slow.mem + 2 * MIB;
	reg.range.len = MIB;
	REQUIRE(!ioctl(slow.fd, UFFDIO_REGISTER, &reg));
}

static void slow_go(void)
{
	struct uffdio_range r = { .start = (uintptr_t)slow.mem + 2 * MIB,
				  .len = MIB };

	REQUIRE(!ioctl(slow.fd, UFFDIO_UNREGISTER, &r));
	REQUIRE(!ioctl(slow.fd, UFFDIO_WAKE, &r));
}

/* Its message or its reply area, or both, are that memory: its rcvid. */
static long slow_client(struct server *s, struct call *c, size_t sbytes,
			size_t rbytes)
{
	struct answer a;

	slow_init();
	server_start(s, 0);
	server_say(s, "recv %d 1", s->chid);
	call_start(c, server_connect(s, s->chid), slow.mem, sbytes, slow.mem,
		   rbytes, 0);
	a = server_hear(s);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(s, "arm %d 50", REPLY).ret, 0);
	return a.ret;
}

/* What the server got; then the memory is there. */
static void too_late(struct answer a)
{
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, ETIMEDOUT);
	slow_go();
}

TEST(read_times_out)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = slow_client(&s, &c, 3 * MIB, 0);
	too_late(server_do(&s, "read %ld %lu 1000", rcvid, 2 * MIB));
	/* The call is as it was, and the next one is not timed. */
	CHECK_EQ(server_do(&s, "read %ld %lu 1000", rcvid, 2 * MIB).ret, 1000);
	CHECK_EQ(server_do(&s, "reply %ld 3 0 0", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), 3);
}

TEST(write_times_out)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = slow_client(&s, &c, 0, 3 * MIB);
	too_late(server_do(&s, "write %ld 0 %lu 1", rcvid, 3 * MIB));
	CHECK_EQ(server_do(&s, "write %ld 0 %lu 2", rcvid, 3 * MIB).ret,
		 3 * MIB);
	CHECK_EQ(server_do(&s, "reply %ld 3 0 0", rcvid).ret, 0);
	CHECK_EQ(call_join(&c), 3);
	CHECK(hash(slow.mem, 3 * MIB) == hash_fill(0, 3 * MIB, 2));
}

TEST(reply_times_out)
{
	struct server s;
	struct call c;
	long rcvid;

	rcvid = slow_client(&s, &c, 0, 3 * MIB);
	too_late(server_do(&s, "reply %ld 3 %lu 1", rcvid, 3 * MIB));
	CHECK_EQ(server_do(&s, "reply %ld 4 %lu 2", rcvid, 3 * MIB).ret, 0);
	CHECK_EQ(call_join(&c), 4);
	CHECK(hash(slow.mem, 3 * MIB) == hash_fill(0, 3 * MIB, 2));
}

#define MEETINGS	200
/* What comes after the last one */
#define NO_MORE		MEETINGS

static bool met[MEETINGS];

static long meet_all(void *arg)
{
	int i, rcvid, n = 0;

	for (;;) {
		struct timespec ts = { .tv_nsec = n++ % 40 * 250000 };

		nanosleep(&ts, NULL);
		rcvid = MsgReceive(*(int *)arg, &i, sizeof(i), NULL);
		CHECK(rcvid > 0);
		if (i < MEETINGS)
			met[i] = true;
		CHECK_EQ(MsgReply(rcvid, 1, NULL, 0), 0);
		if (i == NO_MORE)
			return 0;
	}
}

/* Of a message that is received just when its time is over one thing is true. */
TEST_LOCAL(time_for_send_is_over_at_the_receive)
{
	int i, chid = ChannelCreate(0), end = NO_MORE;
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	int replied = 0;
	struct call c;
	long ret;

	call_start_fn(&c, meet_all, &chid, 0);
	for (i = 0; i < MEETINGS; i++) {
		arm(SEND, MS);
		ret = MsgSend(coid, &i, sizeof(i), NULL, 0);
		REQUIRE(ret == 1 || errno == ETIMEDOUT);
		CHECK_EQ(met[i], ret == 1);
		replied += ret == 1;
	}
	/* It was both. */
	CHECK(replied > 0 && replied < MEETINGS);
	CHECK_EQ(MsgSend(coid, &end, sizeof(end), NULL, 0), 1);
	CHECK_EQ(call_join(&c), 0);
}
