// SPDX-License-Identifier: GPL-2.0
/* The sockets and ioctls themselves, and what they refuse. */
#include <limits.h>
#include <stddef.h>
#include <sys/mman.h>

#include "harness.h"
#include "raw.h"
#include "server.h"

TEST_LOCAL(sizes)
{
	CHECK_EQ(sizeof(struct sockaddr_qnet), 16);
	CHECK_EQ(sizeof(struct qnet_buf), 24);
	CHECK_EQ(sizeof(struct qnet_msg_info), 72);
	CHECK_EQ(sizeof(struct qnet_pulse), 24);
	CHECK_EQ(sizeof(struct qnet_call), 80);
	CHECK_EQ(sizeof(struct qnet_recv), 120);
	CHECK_EQ(sizeof(struct qnet_reply), 48);
	CHECK_EQ(sizeof(struct qnet_xfer), 56);
	CHECK_EQ(sizeof(struct qnet_event), 32);
	CHECK_EQ(sizeof(struct qnet_signal), 32);
}

TEST_LOCAL(socket_types)
{
	int family = qnet_family(), fd;

	REQUIRE(family > 0);
	fd = socket(family, SOCK_SEQPACKET, 0);
	CHECK(fd >= 0);
	CHECK_ERRNO(socket(family, SOCK_STREAM, 0), ESOCKTNOSUPPORT);
	CHECK_ERRNO(socket(family, SOCK_DGRAM, 0), ESOCKTNOSUPPORT);
	CHECK_ERRNO(socket(family, SOCK_SEQPACKET, 5), EPROTONOSUPPORT);
}

TEST_LOCAL(addresses)
{
	struct sockaddr_qnet a = sq_addr(0, 0, 0);
	struct sockaddr *sa = (struct sockaddr *)&a;
	int fd = sq_socket();

	CHECK_ERRNO(bind(fd, sa, sizeof(a) - 1), EINVAL);
	CHECK_ERRNO(bind(fd, sa, 2), EINVAL);
	a.sqn_family++;
	CHECK_ERRNO(bind(fd, sa, sizeof(a)), EAFNOSUPPORT);
	a = sq_addr(5, 0, 0);
	CHECK(bind(fd, sa, sizeof(a)) == -1);
	CHECK(errno == EINVAL || errno == EADDRNOTAVAIL);
	a = sq_addr(0, 1, 0);
	CHECK(bind(fd, sa, sizeof(a)) == -1);
	CHECK(errno == EPERM || errno == EINVAL || errno == EACCES ||
	      errno == EADDRNOTAVAIL);
	a = sq_addr(0, 0, -1);
	CHECK_ERRNO(bind(fd, sa, sizeof(a)), EINVAL);
	CHECK_ERRNO(sq_bind(fd, 0, 0, 0x8000), EINVAL);
	CHECK_EQ(sq_bind(fd, 0, 7, 0), 0);
	CHECK_EQ(sq_chid(fd), 7);
	CHECK_ERRNO(sq_bind(fd, 0, 8, 0), EINVAL);
	fd = sq_socket();
	CHECK_ERRNO(sq_bind(fd, 0, 7, 0), EADDRINUSE);
	CHECK_EQ(sq_bind(fd, getpid(), 0, 0), 0);
	CHECK_EQ(sq_chid(fd), 1);
}

TEST_LOCAL(connect_addresses)
{
	struct sockaddr_qnet a = sq_addr(0, 0, 1);
	struct sockaddr *sa = (struct sockaddr *)&a;
	int ch = sq_socket(), fd = sq_socket();

	REQUIRE(!sq_bind(ch, 0, 0, 0));
	CHECK_ERRNO(connect(fd, sa, sizeof(a) - 1), EINVAL);
	a.sqn_family++;
	CHECK_ERRNO(connect(fd, sa, sizeof(a)), EAFNOSUPPORT);
	a = sq_addr(0, 0, 1);
	a.sqn_flags = 1;
	CHECK_ERRNO(connect(fd, sa, sizeof(a)), EINVAL);
	CHECK_ERRNO(sq_connect(fd, 0, 0, 2), ESRCH);
	CHECK_ERRNO(sq_connect(fd, 0, 0, 0), EINVAL);
	CHECK_ERRNO(sq_connect(fd, 0, INT_MAX, 1), ESRCH);
	CHECK_ERRNO(sq_connect(fd, 0xfff0, 1, 1), EHOSTUNREACH);
	CHECK_EQ(sq_connect(fd, 0, 0, 1), 0);
	CHECK_ERRNO(sq_connect(fd, 0, 0, 1), EISCONN);
	CHECK_EQ(sq_connect(ch, 0, 0, 1), -1);
}

static int channel, connection;

static void pair(void)
{
	channel = sq_socket();
	connection = sq_socket();
	REQUIRE(!sq_bind(channel, 0, 0, 0));
	REQUIRE(!sq_connect(connection, 0, 0, sq_chid(channel)));
}

TEST_LOCAL(names_of_sockets)
{
	struct sockaddr_qnet a;
	socklen_t len = sizeof(a);

	pair();
	CHECK_EQ(getsockname(channel, (struct sockaddr *)&a, &len), 0);
	CHECK_EQ(len, sizeof(a));
	CHECK_EQ(a.sqn_family, qnet_family());
	CHECK_EQ(a.sqn_flags, 0);
	CHECK_EQ(a.sqn_nd, 0);
	CHECK_EQ(a.sqn_pid, getpid());
	CHECK_EQ(a.sqn_chid, 1);
	CHECK_EQ(getpeername(connection, (struct sockaddr *)&a, &len), 0);
	CHECK_EQ(a.sqn_pid, getpid());
	CHECK_EQ(a.sqn_chid, 1);
	CHECK_EQ(a.sqn_flags, 0);
	CHECK_ERRNO(getpeername(channel, (struct sockaddr *)&a, &len),
		    ENOTCONN);
}

/* Calls meant for the other kind of socket, or for a fresh one. */
TEST_LOCAL(wrong_socket)
{
	struct qnet_call c = { .prio = QNET_PRIO_SELF };
	struct qnet_recv r = { .flags = QNET_F_TIMEOUT };
	struct qnet_pulse_send p = { .prio = 10, .code = 1 };
	struct qnet_reply y = { .rcvid = 1 };
	int fresh = sq_socket();

	pair();
	CHECK_EQ(ioctl(channel, QNET_IOC_CALL, &c), -1);
	CHECK_EQ(ioctl(channel, QNET_IOC_PULSE, &p), -1);
	CHECK_EQ(ioctl(connection, QNET_IOC_RECV, &r), -1);
	CHECK_EQ(ioctl(connection, QNET_IOC_REPLY, &y), -1);
	CHECK_EQ(ioctl(fresh, QNET_IOC_CALL, &c), -1);
	CHECK_EQ(ioctl(fresh, QNET_IOC_RECV, &r), -1);
	CHECK_EQ(ioctl(fresh, QNET_IOC_PULSE, &p), -1);
	CHECK_ERRNO(ioctl(fresh, _IO(QNET_IOC_MAGIC, 99)), ENOTTY);
}

TEST_LOCAL(call_refuses)
{
	struct qnet_call c, ok = { .prio = QNET_PRIO_SELF };

	pair();
	c = ok, c.send.reserved = 1;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	c = ok, c.recv.reserved = 1;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	c = ok, c.flags = 0x100;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	c = ok, c.flags = QNET_F_PULSE;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	c = ok, c.prio = 256;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	c = ok, c.prio = -2;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	c = ok, c.send.iovcnt = QNET_IOV_MAX + 1;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	c = ok, c.send.iovcnt = 1, c.send.len = 5;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	c = ok, c.send.len = (__u64)SSIZE_MAX + 1;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EOVERFLOW);
	c = ok, c.recv.len = ~0ULL;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EOVERFLOW);
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, NULL), EFAULT);
}

TEST_LOCAL(total_of_pieces)
{
	struct qnet_iov iov[3] = { { 0, 1ULL << 62 }, { 0, 1ULL << 62 },
				   { 0, 1ULL << 62 } };
	struct qnet_call c = { .prio = QNET_PRIO_SELF };
	char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	pair();
	iov[0].base = iov[1].base = iov[2].base = (uintptr_t)none;
	c.send.base = (uintptr_t)iov;
	c.send.iovcnt = 2;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EOVERFLOW);
	c.send.iovcnt = 3;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EOVERFLOW);
	iov[0].len = iov[1].len = iov[2].len = ~0ULL / 3 + 1;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EOVERFLOW);
}

TEST_LOCAL(recv_refuses)
{
	struct qnet_recv r, ok = { .flags = QNET_F_TIMEOUT };

	pair();
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &ok), ETIMEDOUT);
	r = ok, r.reserved = 1;
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), EINVAL);
	r = ok, r.flags |= QNET_F_ERROR;
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), EINVAL);
	r = ok, r.recv.reserved = 1;
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), EINVAL);
	r = ok, r.recv.iovcnt = QNET_IOV_MAX + 1;
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), EINVAL);
	r = ok, r.recv.len = (__u64)SSIZE_MAX + 1;
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), EOVERFLOW);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, NULL), EFAULT);
}

TEST_LOCAL(others_refuse)
{
	struct qnet_reply y = { .rcvid = 1, .flags = QNET_F_PULSE };
	struct qnet_xfer x = { .rcvid = 1, .flags = QNET_F_PULSE };
	struct qnet_info i = { .rcvid = 1, .reserved = 1 };
	struct qnet_pulse_send p = { .prio = 10, .code = 1, .flags = 1 };
	struct qnet_name_req n = { .reserved = 1, .name = "x" };
	int fresh = sq_socket();

	pair();
	CHECK_ERRNO(ioctl(channel, QNET_IOC_REPLY, &y), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_READ, &x), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_WRITE, &x), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_INFO, &i), EINVAL);
	CHECK_ERRNO(ioctl(connection, QNET_IOC_PULSE, &p), EINVAL);
	p.flags = 0, p.reserved = 1;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_PULSE, &p), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_ATTACH, &n), EINVAL);
	n = (struct qnet_name_req){ .name = "" };
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_ATTACH, &n), EINVAL);
	n = (struct qnet_name_req){ .name = "/x" };
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_ATTACH, &n), EINVAL);
	memset(n.name, 'x', sizeof(n.name));
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_ATTACH, &n), EINVAL);
	CHECK_ERRNO(ioctl(fresh, QNET_IOC_NAME_LOOKUP, &n), EINVAL);
	n = (struct qnet_name_req){ .pid = 1, .name = "x" };
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_ATTACH, &n), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_DETACH, &n), EINVAL);
	n = (struct qnet_name_req){ .chid = 1, .name = "x" };
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_ATTACH, &n), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_DETACH, &n), EINVAL);
	n = (struct qnet_name_req){ .nd = 1, .name = "x" };
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_ATTACH, &n), EINVAL);
	/* What is only written may hold anything. */
	n = (struct qnet_name_req){ .pid = 1, .chid = 1, .name = "api-not-there" };
	CHECK_ERRNO(ioctl(fresh, QNET_IOC_NAME_LOOKUP, &n), ENOENT);
	n = (struct qnet_name_req){ .name = "api-not-there" };
	CHECK_ERRNO(ioctl(channel, QNET_IOC_NAME_DETACH, &n), ENOENT);
	CHECK_ERRNO(ioctl(fresh, QNET_IOC_NAME_LOOKUP, &n), ENOENT);
}

TEST_LOCAL(node_requests_refuse)
{
	struct qnet_node_req r = { .of = 1 };
	int fd = sq_socket();

	CHECK_ERRNO(ioctl(fd, QNET_IOC_NODE_NAME, &r), EINVAL);
	r = (struct qnet_node_req){ .of = 1, .name = "n1" };
	CHECK_ERRNO(ioctl(fd, QNET_IOC_NODE_LOOKUP, &r), EINVAL);
	/* What is only written may hold anything. */
	r = (struct qnet_node_req){ .nd = 4711, .name = "n1" };
	CHECK_EQ(ioctl(fd, QNET_IOC_NODE_LOOKUP, &r), 0);
	CHECK_EQ(r.nd, 0);
	memset(r.name, 'x', sizeof(r.name));
	CHECK_EQ(ioctl(fd, QNET_IOC_NODE_NAME, &r), 0);
	CHECK(!strcmp(r.name, "n1"));
}

TEST_LOCAL(timeouts)
{
	struct qnet_recv r = { .flags = QNET_F_TIMEOUT,
			       .timeout_ns = 200000000 };
	struct qnet_call c = { .prio = QNET_PRIO_SELF,
			       .flags = QNET_F_TIMEOUT,
			       .timeout_ns = 200000000 };
	struct timespec a, b;

	pair();
	clock_gettime(CLOCK_MONOTONIC, &a);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), ETIMEDOUT);
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK((b.tv_sec - a.tv_sec) * 1000 +
	      (b.tv_nsec - a.tv_nsec) / 1000000 >= 400);
	/* The message went with its sender. */
	r.timeout_ns = 0;
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), ETIMEDOUT);
	c.timeout_ns = 0;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), ETIMEDOUT);
}

TEST(call_timeout_ends_receive_id)
{
	struct qnet_call c = { .prio = QNET_PRIO_SELF,
			       .flags = QNET_F_TIMEOUT,
			       .timeout_ns = 300000000 };
	struct server s;
	struct answer a;
	int fd = sq_socket();

	server_start(&s, 0);
	REQUIRE(!sq_connect(fd, s.nd, s.pid, s.chid));
	server_say(&s, "recv %d 16", s.chid);
	CHECK_ERRNO(ioctl(fd, QNET_IOC_CALL, &c), ETIMEDOUT);
	a = server_hear(&s);
	CHECK(a.ret > 0);
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret).err, ESRCH);
}

/* What a timeout says more has no sense without one, or in another call. */
TEST_LOCAL(timeouts_refused)
{
	static const __u32 more[] = { QNET_F_TIMEOUT_SEND, QNET_F_TIMEOUT_REPLY,
				      QNET_F_ABSTIME };
	struct qnet_call c = { .prio = QNET_PRIO_SELF };
	struct qnet_reply y = { .rcvid = 1, .timeout_ns = 1 };
	struct qnet_xfer x = { .rcvid = 1, .timeout_ns = 1 };
	struct qnet_recv r = { .timeout_ns = 1 };
	unsigned int i;

	pair();
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_REPLY, &y), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_READ, &x), EINVAL);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_WRITE, &x), EINVAL);
	for (i = 0; i < 3; i++) {
		c.flags = more[i];
		CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), EINVAL);
	}
	c.flags = QNET_F_TIMEOUT | QNET_F_TIMEOUT_SEND;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), ETIMEDOUT);
	c.flags |= QNET_F_TIMEOUT_REPLY | QNET_F_ABSTIME;
	CHECK_ERRNO(ioctl(connection, QNET_IOC_CALL, &c), ETIMEDOUT);
	for (i = 0; i < 2; i++) {
		r.flags = y.flags = x.flags = QNET_F_TIMEOUT | more[i];
		CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), EINVAL);
		CHECK_ERRNO(ioctl(channel, QNET_IOC_REPLY, &y), EINVAL);
		CHECK_ERRNO(ioctl(channel, QNET_IOC_READ, &x), EINVAL);
		CHECK_ERRNO(ioctl(channel, QNET_IOC_WRITE, &x), EINVAL);
	}
	r.flags = y.flags = x.flags = QNET_F_TIMEOUT | QNET_F_ABSTIME;
	CHECK_ERRNO(ioctl(channel, QNET_IOC_RECV, &r), ETIMEDOUT);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_REPLY, &y), ESRCH);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_READ, &x), ESRCH);
	CHECK_ERRNO(ioctl(channel, QNET_IOC_WRITE, &x), ESRCH);
}

/* Errors that no client may see. */
TEST_LOCAL(errors_refused)
{
	static const __s64 bad[] = { -2, 512, 513, 516, 530, 4096, 1LL << 32,
				     LLONG_MIN };
	struct qnet_reply y = { .rcvid = 1, .flags = QNET_F_ERROR };
	unsigned int i;

	pair();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		y.status = bad[i];
		CHECK_ERRNO(ioctl(channel, QNET_IOC_REPLY, &y), EINVAL);
	}
	y.status = -1;
	CHECK_ERRNO(ioctl(channel, QNET_IOC_REPLY, &y), ESRCH);
}

static long call_at(void *arg)
{
	struct qnet_call *c = arg;

	return ioctl(connection, QNET_IOC_CALL, c) ? -1 : c->status;
}

/* A priority may be given with the call; the rest is filled in. */
TEST_LOCAL(priority_and_results)
{
	char msg[] = "hello", area[16] = "", buf[16];
	struct qnet_call c = { .prio = 77, .status = 5, .rbytes = 99 };
	struct qnet_recv r = { .flags = 0 };
	struct qnet_reply y = { .status = 33 };
	struct call t;

	pair();
	c.send = sq_buf(msg, 5);
	c.recv = sq_buf(area, sizeof(area));
	call_start_fn(&t, call_at, &c, 0);
	r.recv = sq_buf(buf, sizeof(buf));
	memset(&r.info, 0x5a, sizeof(r.info));
	r.pad = 77;
	REQUIRE(!ioctl(channel, QNET_IOC_RECV, &r));
	CHECK(r.rcvid > 0);
	CHECK_EQ(r.pad, 0);
	CHECK_EQ(r.info.priority, 77);
	CHECK_EQ(r.info.reserved, 0);
	CHECK_EQ(r.info.msglen, 5);
	CHECK_EQ(r.info.coid, 0);
	CHECK_EQ(r.info.uid, geteuid());
	CHECK_EQ(r.info.gid, getegid());
	y.rcvid = r.rcvid;
	y.send = sq_buf("answer", 6);
	CHECK_EQ(ioctl(channel, QNET_IOC_REPLY, &y), 0);
	CHECK_EQ(call_join(&t), 33);
	CHECK_EQ(c.rbytes, 6);
	CHECK(!memcmp(area, "answer", 6));
}

TEST_LOCAL(coid_option)
{
	int coid = 4711, got = 0;
	socklen_t len = sizeof(got);

	pair();
	CHECK_EQ(setsockopt(connection, SOL_QNET, QNET_COID, &coid,
			    sizeof(coid)), 0);
	CHECK_EQ(getsockopt(connection, SOL_QNET, QNET_COID, &got, &len), 0);
	CHECK_EQ(got, 4711);
	CHECK_ERRNO(setsockopt(connection, SOL_QNET, QNET_COID, &coid, 1),
		    EINVAL);
	CHECK_ERRNO(setsockopt(connection, SOL_QNET, 99, &coid, sizeof(coid)),
		    ENOPROTOOPT);
}
