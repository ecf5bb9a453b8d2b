// SPDX-License-Identifier: GPL-2.0
/* Calls by sendmsg() and recvmsg() with control messages. */
#include <poll.h>
#include <signal.h>
#include <sys/netmgr.h>

#include "harness.h"
#include "raw.h"
#include "server.h"

#define CALLS	8

static ssize_t call_async(int fd, const void *msg, size_t n, uint64_t cookie,
			  size_t rlen, int flags)
{
	struct qnet_cmsg_call call = { .cookie = cookie, .rlen = rlen,
				       .prio = QNET_PRIO_SELF };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(call))];
	} ctl = { 0 };
	struct iovec iov = { (void *)msg, n };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
			     .msg_control = &ctl,
			     .msg_controllen = sizeof(ctl) };

	ctl.h.cmsg_level = SOL_QNET;
	ctl.h.cmsg_type = QNET_CMSG_CALL;
	ctl.h.cmsg_len = CMSG_LEN(sizeof(call));
	memcpy(CMSG_DATA(&ctl.h), &call, sizeof(call));
	return sendmsg(fd, &mh, flags);
}

/* recvmsg() with a control message of a type: what it holds goes to @data. */
static ssize_t recv_ctl(int fd, void *buf, size_t n, int type, void *data,
			size_t size, int flags, int *mflags)
{
	union {
		struct cmsghdr h;
		char room[512];
	} ctl = { 0 };
	struct iovec iov = { buf, n };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
			     .msg_control = &ctl,
			     .msg_controllen = sizeof(ctl) };
	ssize_t ret = recvmsg(fd, &mh, flags);

	if (ret < 0)
		return ret;
	CHECK_EQ(ctl.h.cmsg_level, SOL_QNET);
	CHECK_EQ(ctl.h.cmsg_type, type);
	REQUIRE_EQ(ctl.h.cmsg_len, CMSG_LEN(size));
	memcpy(data, CMSG_DATA(&ctl.h), size);
	if (mflags)
		*mflags = mh.msg_flags;
	return ret;
}

static ssize_t reply_ctl(int fd, int rcvid, unsigned int flags, long status,
			 const void *msg, size_t n)
{
	struct qnet_cmsg_reply reply = { .rcvid = rcvid, .flags = flags,
					 .status = status };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(reply))];
	} ctl = { 0 };
	struct iovec iov = { (void *)msg, n };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
			     .msg_control = &ctl,
			     .msg_controllen = sizeof(ctl) };

	ctl.h.cmsg_level = SOL_QNET;
	ctl.h.cmsg_type = QNET_CMSG_REPLY;
	ctl.h.cmsg_len = CMSG_LEN(sizeof(reply));
	memcpy(CMSG_DATA(&ctl.h), &reply, sizeof(reply));
	return sendmsg(fd, &mh, 0);
}

static ssize_t done_async(int fd, void *buf, size_t n,
			  struct qnet_cmsg_done *d, int flags)
{
	return recv_ctl(fd, buf, n, QNET_CMSG_DONE, d, sizeof(*d), flags,
			NULL);
}

TEST(several_outstanding)
{
	static const int order[CALLS] = { 5, 0, 7, 2, 1, 6, 3, 4 };
	struct qnet_cmsg_done d;
	struct pollfd p = { .events = POLLIN };
	struct server s;
	struct answer a[CALLS];
	char msg[CALLS][100], area[200];
	int fd = sq_socket(), i, j;

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	for (i = 0; i < CALLS; i++) {
		fill(msg[i], sizeof(msg[i]), (unsigned int)i);
		CHECK_EQ(call_async(fd, msg[i], sizeof(msg[i]),
				    0x100000000ULL + (unsigned int)i,
				    sizeof(area), 0), sizeof(msg[i]));
	}
	p.fd = fd;
	CHECK_EQ(poll(&p, 1, 0), 0);
	for (i = 0; i < CALLS; i++) {
		a[i] = server_do(&s, "recv %d 100", s.chid);
		REQUIRE(a[i].ret > 0);
		CHECK(a[i].v[R_HASH] == hash_fill(0, 100, (unsigned int)i));
		CHECK_EQ(a[i].v[R_DSTMSGLEN], sizeof(area));
	}
	for (i = 0; i < CALLS; i++) {
		j = order[i];
		server_do(&s, "reply %ld %d %d %d", a[j].ret, 1000 + j,
			  10 * j, j);
		CHECK_EQ(poll(&p, 1, 20000), 1);
		CHECK_EQ(done_async(fd, area, sizeof(area), &d, MSG_DONTWAIT),
			 10 * j);
		CHECK_EQ(d.cookie, 0x100000000ULL + (unsigned int)j);
		CHECK_EQ(d.status, 1000 + j);
		CHECK_EQ(d.error, 0);
		CHECK_EQ(d.flags, 0);
		CHECK(hash(area, 10 * (size_t)j) ==
		      hash_fill(0, 10 * (size_t)j, (unsigned int)j));
	}
	CHECK_ERRNO(done_async(fd, area, sizeof(area), &d, MSG_DONTWAIT),
		    EAGAIN);
}

TEST(plain_send)
{
	struct qnet_cmsg_done d;
	struct server s;
	struct answer a;
	char area[16];
	int fd = sq_socket();

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	CHECK_EQ(send(fd, "plain", 5, 0), 5);
	a = server_do(&s, "recv %d 100", s.chid);
	CHECK(a.v[R_HASH] == hash("plain", 5));
	CHECK_EQ(a.v[R_DSTMSGLEN], QNET_MSG_ASYNC_MAX);
	server_do(&s, "reply %ld 3 4 9", a.ret);
	CHECK_EQ(done_async(fd, area, sizeof(area), &d, 0), 4);
	CHECK_EQ(d.cookie, 0);
	CHECK_EQ(d.status, 3);
	CHECK(hash(area, 4) == hash_fill(0, 4, 9));
}

TEST(several_in_one_call)
{
	char text[3][4] = { "one", "two", "six" };
	struct iovec iov[3];
	struct mmsghdr mm[3] = { 0 };
	struct server s;
	int fd = sq_socket(), i;

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	for (i = 0; i < 3; i++) {
		iov[i] = (struct iovec){ text[i], 3 };
		mm[i].msg_hdr.msg_iov = &iov[i];
		mm[i].msg_hdr.msg_iovlen = 1;
	}
	CHECK_EQ(sendmmsg(fd, mm, 3, 0), 3);
	for (i = 0; i < 3; i++) {
		struct answer a = server_do(&s, "recv %d 16", s.chid);

		CHECK_EQ(mm[i].msg_len, 3);
		CHECK(a.v[R_HASH] == hash(text[i], 3));
		server_do(&s, "reply %ld 0 0 0", a.ret);
	}
}

/* Beside calls that wait in the kernel, on the same connection. */
TEST(beside_synchronous_calls)
{
	struct qnet_cmsg_done d;
	struct server s;
	struct answer a, b;
	struct call c;
	char area[16];
	int coid, fd;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	fd = qnet_connect_fd(coid);
	CHECK_EQ(call_async(fd, "async", 5, 7, 0, 0), 5);
	call_start(&c, coid, "sync", 4, NULL, 0, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	b = server_do(&s, "recv %d 16", s.chid);
	CHECK(a.v[R_HASH] == hash("async", 5));
	CHECK(b.v[R_HASH] == hash("sync", 4));
	server_do(&s, "reply %ld 1 0 0", a.ret);
	server_do(&s, "reply %ld 2 0 0", b.ret);
	CHECK_EQ(call_join(&c), 2);
	CHECK_EQ(done_async(fd, area, sizeof(area), &d, 0), 0);
	CHECK_EQ(d.cookie, 7);
	CHECK_EQ(d.status, 1);
}

TEST(errors_of_calls)
{
	struct qnet_cmsg_done d;
	uint64_t first;
	struct server s;
	struct answer a;
	char area[16];
	int fd = sq_socket();

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	CHECK_EQ(call_async(fd, "x", 1, 1, 16, 0), 1);
	a = server_do(&s, "recv %d 16", s.chid);
	server_do(&s, "error %ld %d", a.ret, EBUSY);
	CHECK_EQ(done_async(fd, area, sizeof(area), &d, 0), 0);
	CHECK_EQ(d.cookie, 1);
	CHECK_EQ(d.error, EBUSY);
	CHECK_EQ(call_async(fd, "y", 1, 2, 16, 0), 1);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(call_async(fd, "z", 1, 3, 16, 0), 1);
	server_kill(&s, SIGKILL);
	CHECK_EQ(done_async(fd, area, sizeof(area), &d, 0), 0);
	CHECK_EQ(d.error, ESRCH);
	first = d.cookie;
	CHECK(first == 2 || first == 3);
	CHECK_EQ(done_async(fd, area, sizeof(area), &d, 0), 0);
	CHECK_EQ(d.error, ESRCH);
	CHECK_EQ(d.cookie, 5 - first);
	CHECK_ERRNO(call_async(fd, "w", 1, 4, 16, MSG_NOSIGNAL), EBADF);
}

/* What does not fit is told by MSG_TRUNC and gone. */
TEST(reply_truncated)
{
	struct qnet_cmsg_done d;
	struct server s;
	struct answer a;
	char area[16];
	int fd = sq_socket(), mflags = 0;

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	CHECK_EQ(call_async(fd, "x", 1, 1, 100, 0), 1);
	a = server_do(&s, "recv %d 16", s.chid);
	server_do(&s, "reply %ld 0 100 5", a.ret);
	CHECK_EQ(recv_ctl(fd, area, sizeof(area), QNET_CMSG_DONE, &d,
			  sizeof(d), 0, &mflags), sizeof(area));
	CHECK(mflags & MSG_TRUNC);
	CHECK(hash(area, 16) == hash_fill(0, 16, 5));
	CHECK_ERRNO(done_async(fd, area, sizeof(area), &d, MSG_DONTWAIT),
		    EAGAIN);
}

/* Closing the connection ends what is under way. */
TEST(close_ends_calls)
{
	struct server s;
	struct answer a;
	int fd = sq_socket();

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	CHECK_EQ(call_async(fd, "x", 1, 1, 100, 0), 1);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK(a.ret > 0);
	close(fd);
	if (server_remote())
		while (server_do(&s, "info %ld", a.ret).ret != -1)
			;
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret).err, ESRCH);
}

static long receive_done(void *arg)
{
	struct qnet_cmsg_done d;
	char c;

	return done_async(*(int *)arg, &c, 1, &d, 0);
}

/* Who waits for results hears of the end, also while a pulse still waits for the
 * circuit to open: it arrives.
 */
TEST(shutdown_while_a_pulse_waits)
{
	struct qnet_pulse_send p = { .code = 5, .value = 77, .prio = 10 };
	int fd = sq_socket();
	struct pollfd in = { .fd = fd, .events = POLLIN };
	struct server s;
	struct answer a;
	struct call c;

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	call_start_fn(&c, receive_done, &fd, 0);
	CHECK_EQ(ioctl(fd, QNET_IOC_PULSE, &p), 0);
	CHECK_EQ(shutdown(fd, SHUT_RDWR), 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EBADF);
	CHECK_EQ(poll(&in, 1, 60000), 1);
	CHECK(in.revents & POLLHUP);
	CHECK_ERRNO(call_async(fd, "x", 1, 1, 0, 0), EBADF);
	a = server_do(&s, "recv %d 100", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_VALUE], 77);
}

/* The server's side by recvmsg() and sendmsg(). */
TEST_LOCAL(server_by_messages)
{
	struct qnet_cmsg_msg m;
	struct qnet_pulse p;
	int ch = sq_socket(), coid, mflags = 0;
	char buf[24], area[16] = "", ctl[512];
	struct msghdr nowhere = { .msg_controllen = sizeof(ctl) };
	struct msghdr tight = { .msg_control = ctl,
				.msg_controllen = CMSG_LEN(sizeof(m)) - 1 };
	struct call c;

	REQUIRE(!sq_bind(ch, 0, 0, 0));
	coid = ConnectAttach(0, 0, 1, _NTO_SIDE_CHANNEL, 0);
	/* Without the rcvid nobody could reply. */
	CHECK_ERRNO(recv(ch, buf, sizeof(buf), MSG_DONTWAIT), EINVAL);
	CHECK_ERRNO(recvmsg(ch, &nowhere, MSG_DONTWAIT), EINVAL);
	CHECK_ERRNO(recvmsg(ch, &tight, MSG_DONTWAIT), EINVAL);
	tight.msg_controllen++;
	CHECK_ERRNO(recvmsg(ch, &tight, MSG_DONTWAIT), EAGAIN);
	CHECK_ERRNO(recv_ctl(ch, buf, sizeof(buf), QNET_CMSG_MSG, &m,
			     sizeof(m), MSG_DONTWAIT, NULL), EAGAIN);
	call_start(&c, coid, "question", 8, area, sizeof(area), 0);
	CHECK_EQ(recv_ctl(ch, buf, sizeof(buf), QNET_CMSG_MSG, &m, sizeof(m),
			  0, &mflags), 8);
	CHECK_EQ(mflags & MSG_TRUNC, 0);
	CHECK(m.rcvid > 0);
	CHECK_EQ(m.pad, 0);
	CHECK_EQ(m.info.pid, getpid());
	CHECK_EQ(m.info.coid, coid);
	CHECK_EQ(m.info.srcmsglen, 8);
	CHECK_EQ(m.info.dstmsglen, 16);
	CHECK(!memcmp(buf, "question", 8));
	CHECK_EQ(reply_ctl(ch, m.rcvid, 0, 21, "answer", 7), 7);
	CHECK_EQ(call_join(&c), 21);
	CHECK(!strcmp(area, "answer"));
	CHECK_ERRNO(reply_ctl(ch, m.rcvid, 0, 21, "answer", 7), ESRCH);

	CHECK_EQ(MsgSendPulse(coid, 10, 5, 6), 0);
	CHECK_EQ(recv_ctl(ch, &p, sizeof(p), QNET_CMSG_MSG, &m, sizeof(m), 0,
			  NULL), sizeof(p));
	CHECK_EQ(m.rcvid, 0);
	CHECK_EQ(m.info.pid, 0);
	CHECK_EQ(p.code, 5);
	CHECK_EQ(p.value, 6);

	call_start(&c, coid, "much longer than there is room for", 34, NULL, 0,
		   0);
	CHECK_EQ(recv_ctl(ch, buf, 8, QNET_CMSG_MSG, &m, sizeof(m), 0,
			  &mflags), 8);
	CHECK(mflags & MSG_TRUNC);
	CHECK_EQ(m.info.srcmsglen, 34);
	CHECK_EQ(reply_ctl(ch, m.rcvid, QNET_F_ERROR, ENOENT, NULL, 0), 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ENOENT);
}

/* Who will not wait gets what came, and fetches the rest when it suits. */
TEST_REMOTE(long_message_without_waiting)
{
	static char buf[100000];
	struct pollfd p = { .events = POLLIN };
	struct qnet_xfer x = { .flags = 0 };
	struct qnet_cmsg_msg m;
	struct server s;
	int mflags = 0;
	ssize_t n;

	server_start(&s, 0);
	p.fd = sq_socket();
	REQUIRE(!sq_bind(p.fd, 0, 0, 0));
	server_say(&s, "send %ld %zu 7 16",
		   server_do(&s, "back %d %d %d", netmgr_remote_nd(s.nd, 0),
			     getpid(), sq_chid(p.fd)).ret, sizeof(buf));
	REQUIRE_EQ(poll(&p, 1, 20000), 1);
	n = recv_ctl(p.fd, buf, sizeof(buf), QNET_CMSG_MSG, &m, sizeof(m),
		     MSG_DONTWAIT, &mflags);
	REQUIRE(n > 0 && (size_t)n < sizeof(buf));
	CHECK(mflags & MSG_TRUNC);
	CHECK_EQ(m.info.msglen, n);
	CHECK_EQ(m.info.srcmsglen, sizeof(buf));
	x.rcvid = m.rcvid;
	x.offset = (__u64)n;
	x.buf = sq_buf(buf + n, sizeof(buf) - (size_t)n);
	CHECK_EQ(ioctl(p.fd, QNET_IOC_READ, &x), 0);
	CHECK_EQ(x.bytes, sizeof(buf) - (size_t)n);
	CHECK(hash(buf, sizeof(buf)) == hash_fill(0, sizeof(buf), 7));
	CHECK_EQ(reply_ctl(p.fd, m.rcvid, 0, 21, NULL, 0), 0);
	CHECK_EQ(server_hear(&s).ret, 21);
}

TEST_LOCAL(control_messages_refused)
{
	struct qnet_cmsg_call call = { .prio = 300 };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(call))];
	} ctl = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
			     .msg_control = &ctl,
			     .msg_controllen = sizeof(ctl) };
	int ch = sq_socket(), fd = sq_socket();

	REQUIRE(!sq_bind(ch, 0, 0, 0) && !sq_connect(fd, 0, 0, 1));
	ctl.h.cmsg_level = SOL_QNET;
	ctl.h.cmsg_type = QNET_CMSG_CALL;
	ctl.h.cmsg_len = CMSG_LEN(sizeof(call));
	memcpy(CMSG_DATA(&ctl.h), &call, sizeof(call));
	CHECK_ERRNO(sendmsg(fd, &mh, 0), EINVAL);
	call.prio = 10, call.flags = 1;
	memcpy(CMSG_DATA(&ctl.h), &call, sizeof(call));
	CHECK_ERRNO(sendmsg(fd, &mh, 0), EINVAL);
	call.flags = 0;
	memcpy(CMSG_DATA(&ctl.h), &call, sizeof(call));
	ctl.h.cmsg_len = CMSG_LEN(sizeof(call) - 1);
	CHECK_ERRNO(sendmsg(fd, &mh, 0), EINVAL);
	ctl.h.cmsg_len = CMSG_LEN(sizeof(call));
	ctl.h.cmsg_type = 99;
	CHECK_ERRNO(sendmsg(fd, &mh, 0), EINVAL);
	ctl.h.cmsg_type = QNET_CMSG_REPLY;
	CHECK_ERRNO(sendmsg(fd, &mh, 0), EINVAL);
	CHECK_EQ(sendmsg(ch, &(struct msghdr){ .msg_iov = &iov,
					       .msg_iovlen = 1 }, 0), -1);
}

static short ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

/* Who does not take his replies begins no more calls. */
TEST(unread_replies)
{
	static char area[100000];
	struct qnet_cmsg_done d;
	int fd = sq_socket(), room = 4096;
	struct pollfd in = { .fd = fd, .events = POLLIN };
	struct server s;
	struct answer a;

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
	CHECK_EQ(call_async(fd, "x", 1, 1, sizeof(area), 0), 1);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(ready(fd), POLLOUT);
	server_do(&s, "reply %ld 3 %zu 9", a.ret, sizeof(area));
	CHECK_EQ(poll(&in, 1, 60000), 1);
	CHECK_EQ(ready(fd), POLLIN);
	CHECK_ERRNO(call_async(fd, "y", 1, 2, 10, MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(done_async(fd, area, sizeof(area), &d, 0), sizeof(area));
	CHECK_EQ(d.cookie, 1);
	CHECK(hash(area, sizeof(area)) == hash_fill(0, sizeof(area), 9));
	CHECK_EQ(ready(fd), POLLOUT);
	CHECK_EQ(call_async(fd, "y", 1, 2, 10, MSG_DONTWAIT), 1);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(server_do(&s, "reply %ld 4 0 0", a.ret).ret, 0);
	CHECK_EQ(done_async(fd, area, sizeof(area), &d, 0), 0);
	CHECK_EQ(d.cookie, 2);
}

/* What this node has counted under a name */
static long counted(const char *name)
{
	char line[80], what[40];
	long n = -1, value;
	FILE *f = fopen("/proc/net/qnet/stats", "r");

	REQUIRE(f);
	while (n < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "%39s %ld", what, &value) == 2 &&
		    !strcmp(what, name))
			n = value;
	fclose(f);
	REQUIRE(n >= 0);
	return n;
}

/* Four of the longest are kept; beyond them no reply is, but each call ends. */
TEST_LOCAL(replies_that_nobody_takes)
{
	static char area[QNET_MSG_ASYNC_MAX];
	long before = counted("kif_crowded"), refused = 0;
	int fd = sq_socket(), room = 4096;
	struct qnet_cmsg_done d;
	struct server s;
	struct answer a;
	uint64_t cookie;

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
	for (cookie = 1; cookie <= CALLS; cookie++)
		CHECK_EQ(call_async(fd, "x", 1, cookie, sizeof(area), 0), 1);
	for (cookie = 1; cookie <= CALLS; cookie++) {
		a = server_do(&s, "recv %d 16", s.chid);
		server_do(&s, "reply %ld 1 %zu 9", a.ret, sizeof(area));
	}
	for (cookie = 1; cookie <= CALLS; cookie++) {
		ssize_t n = done_async(fd, area, sizeof(area), &d, 0);

		CHECK_EQ(d.cookie, cookie);
		CHECK(!d.error || (d.error == ENOBUFS && cookie > 4));
		CHECK_EQ(n, d.error ? 0 : sizeof(area));
		refused += d.error == ENOBUFS;
	}
	CHECK(refused >= CALLS - 5);
	CHECK_EQ(counted("kif_crowded") - before, refused);
	CHECK_EQ(call_async(fd, "y", 1, 99, 10, MSG_DONTWAIT), 1);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(server_do(&s, "reply %ld 4 0 0", a.ret).ret, 0);
	CHECK_EQ(done_async(fd, area, sizeof(area), &d, 0), 0);
	CHECK_EQ(d.cookie, 99);
}

/* The kernel holds all of such a call, so it is bounded. */
TEST(too_long_for_a_cookie)
{
	char *p = calloc(1, QNET_MSG_ASYNC_MAX + 1);
	int fd = sq_socket();
	struct server s;
	struct answer a;

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	CHECK_ERRNO(call_async(fd, p, QNET_MSG_ASYNC_MAX + 1, 1, 0, 0),
		    EMSGSIZE);
	CHECK_EQ(call_async(fd, p, QNET_MSG_ASYNC_MAX, 1, QNET_MSG_MAX, 0),
		 QNET_MSG_ASYNC_MAX);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(a.v[R_SRCMSGLEN], QNET_MSG_ASYNC_MAX);
	CHECK_EQ(a.v[R_DSTMSGLEN], QNET_MSG_ASYNC_MAX);
}

/* Each is longer than the receive buffer; the second one finds the first. */
TEST(two_long_replies)
{
	const unsigned int len = QNET_MSG_ASYNC_MAX /
				 (unsigned int)test_slow();
	char *area = malloc(len);
	struct qnet_cmsg_done d;
	int fd = sq_socket();
	struct server s;
	struct answer a, b;
	uint64_t cookie;

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	CHECK_EQ(call_async(fd, "x", 1, 1, len, 0), 1);
	CHECK_EQ(call_async(fd, "y", 1, 2, len, 0), 1);
	a = server_do(&s, "recv %d 16", s.chid);
	b = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(server_do(&s, "reply %ld 1 %u 8", a.ret, len).ret, 0);
	CHECK_EQ(server_do(&s, "reply %ld 2 %u 9", b.ret, len).ret, 0);
	for (cookie = 1; cookie <= 2; cookie++) {
		CHECK_EQ(done_async(fd, area, len, &d, 0), len);
		CHECK_EQ(d.cookie, cookie);
		CHECK_EQ(d.error, 0);
		CHECK(hash(area, len) ==
		      hash_fill(0, len, 7 + (unsigned int)cookie));
	}
}
