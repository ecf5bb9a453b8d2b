// SPDX-License-Identifier: GPL-2.0
/* Messages: lengths, lists of pieces, contents, status. */
#include <limits.h>
#include <sys/neutrino.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

/* Less where all is slow */
#define BIG	(QNET_MSG_ASYNC_MAX / (unsigned int)test_slow())

/* Send @sn bytes, received into @rn, answered with @pn bytes into @an. */
static void exchange(struct server *s, int coid, size_t sn, size_t rn,
		     size_t pn, size_t an)
{
	size_t got = sn < rn ? sn : rn, back = pn < an ? pn : an;
	char *msg = malloc(sn + 1), *area = malloc(an + 1);
	struct answer a;
	struct call c;

	fill(msg, sn, 3);
	memset(area, 0x77, an + 1);
	call_start(&c, coid, sn ? msg : NULL, sn, an ? area : NULL, an, 0);
	a = server_do(s, "recv %d %zu", s->chid, rn);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_MSGLEN], got);
	CHECK_EQ(a.v[R_SRCMSGLEN], sn);
	CHECK_EQ(a.v[R_DSTMSGLEN], an);
	CHECK(a.v[R_HASH] == hash_fill(0, got, 3));
	CHECK_EQ(server_do(s, "reply %ld 42 %zu 9", a.ret, pn).ret, 0);
	CHECK_EQ(call_join(&c), 42);
	CHECK(hash(area, back) == hash_fill(0, back, 9));
	CHECK(an == back || (area[back] == 0x77 && area[an - 1] == 0x77));
	CHECK_EQ(area[an], 0x77);
	free(msg);
	free(area);
}

TEST(lengths)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 23, 24, 64, 1000, 1400,
					4095, 4096, 4097, 8191, 8192, 8193,
					65535, 65536, 100001 };
	struct server s;
	size_t i;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		exchange(&s, coid, sizes[i], sizes[i], sizes[i], sizes[i]);
		exchange(&s, coid, sizes[i], 100, 50, sizes[i]);
		exchange(&s, coid, 100, sizes[i], sizes[i], 50);
	}
	exchange(&s, coid, 0, 0, 0, 0);
	exchange(&s, coid, 5000, 0, 5000, 0);
	exchange(&s, coid, 0, 5000, 0, 5000);
}

/* What a call with a cookie may have at most; this one has none. */
TEST(large)
{
	struct server s;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	exchange(&s, coid, BIG, BIG, BIG, BIG);
	exchange(&s, coid, BIG + 1, BIG + 1, BIG + 1, BIG + 1);
}

TEST(too_large)
{
	struct server s;
	struct answer a;
	/* Above a stack there may be less than that to address. */
	static char msg[8];
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_ERRNO(MsgSend(coid, msg, QNET_MSG_MAX + 1UL, NULL, 0), EMSGSIZE);
	CHECK_ERRNO(MsgSend(coid, msg, (size_t)SSIZE_MAX + 1, NULL, 0),
		    EOVERFLOW);
	CHECK_ERRNO(MsgSend(coid, NULL, 0, msg, (size_t)SSIZE_MAX + 1),
		    EOVERFLOW);
	/* Nothing of it reached the server. */
	call_start(&c, coid, "ok", 2, NULL, 0, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(a.v[R_SRCMSGLEN], 2);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
}

/* Cut a buffer into pieces, some of them empty. */
static size_t cut(iov_t *iov, char *buf, size_t n, size_t max)
{
	size_t at = 0, len, i;

	for (i = 0; i < max; i++) {
		len = i % 4 == 3 ? 0 : i * i % 97;
		if (i == max - 1 || len > n - at)
			len = n - at;
		SETIOV(&iov[i], len ? buf + at : NULL, len);
		at += len;
	}
	return max;
}

struct vecs {
	int coid;
	iov_t s[QNET_IOV_MAX], r[QNET_IOV_MAX];
	size_t n;
	char msg[20000], area[20000];
};

static long send_v(void *arg)
{
	struct vecs *v = arg;

	return MsgSendv(v->coid, v->s, v->n, v->r, v->n);
}

static long send_sv(void *arg)
{
	struct vecs *v = arg;

	return MsgSendsv(v->coid, v->msg, sizeof(v->msg), v->r, v->n);
}

static long send_vs(void *arg)
{
	struct vecs *v = arg;

	return MsgSendvs(v->coid, v->s, v->n, v->area, sizeof(v->area));
}

static long send_vnc(void *arg)
{
	struct vecs *v = arg;

	return MsgSendvnc(v->coid, v->s, v->n, v->r, v->n);
}

static long send_vnc_r(void *arg)
{
	struct vecs *v = arg;

	return MsgSendvnc_r(v->coid, v->s, v->n, v->r, v->n);
}

static void exchange_v(struct server *s, struct vecs *v, long (*fn)(void *))
{
	struct answer a;
	struct call c;

	memset(v->area, 0, sizeof(v->area));
	call_start_fn(&c, fn, v, 0);
	a = server_do(s, "recv %d 20000", s->chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_SRCMSGLEN], sizeof(v->msg));
	CHECK_EQ(a.v[R_DSTMSGLEN], sizeof(v->area));
	CHECK(a.v[R_HASH] == hash_fill(0, sizeof(v->msg), 3));
	CHECK_EQ(server_do(s, "reply %ld 7 20000 9", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 7);
	CHECK(hash(v->area, sizeof(v->area)) ==
	      hash_fill(0, sizeof(v->area), 9));
}

TEST(pieces)
{
	static const size_t parts[] = { 1, 2, 3, 17, 100, QNET_IOV_MAX };
	static long (*const forms[])(void *) = { send_v, send_sv, send_vs,
						 send_vnc, send_vnc_r };
	static struct vecs v;
	struct server s;
	size_t i, j;

	server_start(&s, 0);
	v.coid = server_connect(&s, s.chid);
	fill(v.msg, sizeof(v.msg), 3);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		v.n = parts[i];
		cut(v.s, v.msg, sizeof(v.msg), v.n);
		cut(v.r, v.area, sizeof(v.area), v.n);
		for (j = 0; j < sizeof(forms) / sizeof(forms[0]); j++)
			exchange_v(&s, &v, forms[j]);
	}
}

TEST(no_pieces)
{
	struct server s;
	struct answer a;
	struct call c;
	static struct vecs v;

	server_start(&s, 0);
	v.coid = server_connect(&s, s.chid);
	call_start_fn(&c, send_v, &v, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(a.v[R_SRCMSGLEN], 0);
	CHECK_EQ(a.v[R_DSTMSGLEN], 0);
	server_do(&s, "reply %ld 5 4 0", a.ret);
	CHECK_EQ(call_join(&c), 5);
}

TEST(too_many_pieces)
{
	static iov_t iov[QNET_IOV_MAX + 1];
	struct server s;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_ERRNO(MsgSendv(coid, iov, QNET_IOV_MAX + 1, iov, 0), EINVAL);
	CHECK_ERRNO(MsgSendv(coid, iov, 0, iov, QNET_IOV_MAX + 1), EINVAL);
	CHECK_ERRNO(MsgSendv(coid, iov, (size_t)1 << 33, iov, 0), EINVAL);
	SETIOV(&iov[0], iov, SSIZE_MAX);
	SETIOV(&iov[1], iov, 1);
	CHECK_ERRNO(MsgSendv(coid, iov, 2, iov, 0), EOVERFLOW);
}

TEST_LOCAL(receive_into_pieces)
{
	char msg[100], a[10], b[60];
	int chid = ChannelCreate(0), rcvid;
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct _msg_info info;
	iov_t iov[3], out[2];
	struct call c;
	char back[64];

	fill(msg, sizeof(msg), 1);
	memset(back, 0, sizeof(back));
	call_start(&c, coid, msg, sizeof(msg), back, sizeof(back), 0);
	SETIOV(&iov[0], a, sizeof(a));
	SETIOV(&iov[1], NULL, 0);
	SETIOV(&iov[2], b, sizeof(b));
	rcvid = MsgReceivev(chid, iov, 3, &info);
	REQUIRE(rcvid > 0);
	CHECK_EQ(info.msglen, 70);
	CHECK_EQ(info.srcmsglen, 100);
	CHECK(hash(a, 10) == hash_fill(0, 10, 1));
	CHECK(hash(b, 60) == hash_fill(10, 60, 1));
	SETIOV(&out[0], msg + 5, 5);
	SETIOV(&out[1], msg + 10, 20);
	CHECK_EQ(MsgReplyv(rcvid, 3, out, 2), 0);
	CHECK_EQ(call_join(&c), 3);
	CHECK(hash(back, 25) == hash_fill(5, 25, 1));
	CHECK_EQ(back[25], 0);
}

TEST(status_is_returned)
{
	static const long statuses[] = { 0, 1, 255, 65536, 2147483647L,
					 4294967296L };
	struct server s;
	struct answer a;
	struct call c;
	size_t i;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		/* 32 bits of a status go to another node. */
		if (server_remote() && statuses[i] > 2147483647L)
			continue;
		call_start(&c, coid, "x", 1, NULL, 0, 0);
		a = server_do(&s, "recv %d 16", s.chid);
		server_do(&s, "reply %ld %ld 0 0", a.ret, statuses[i]);
		CHECK_EQ(call_join(&c), statuses[i]);
	}
}

TEST(errors_are_returned)
{
	static const int errors[] = { EPERM, ENOENT, EIO, EBUSY, EINVAL,
				      ENOSYS, ENOTSUP, ETIMEDOUT, EADDRINUSE,
				      ENOREMOTE };
	struct server s;
	struct answer a;
	struct call c;
	size_t i;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		call_start(&c, coid, "x", 1, NULL, 0, 0);
		a = server_do(&s, "recv %d 16", s.chid);
		CHECK_EQ(server_do(&s, "error %ld %d", a.ret, errors[i]).ret,
			 0);
		CHECK_EQ(call_join(&c), -1);
		CHECK_EQ(c.err, errors[i]);
	}
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(server_do(&s, "error %ld %d", a.ret, EOK).ret, 0);
	CHECK_EQ(call_join(&c), 0);
}

TEST(restart_sends_again)
{
	struct server s;
	struct answer a;
	struct call c;
	char area[8] = "";
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "again", 5, area, sizeof(area), 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(server_do(&s, "error %ld %d", a.ret, ERESTART).ret, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(a.v[R_SRCMSGLEN], 5);
	CHECK(a.v[R_HASH] == hash("again", 5));
	server_do(&s, "reply %ld 1 4 9", a.ret);
	CHECK_EQ(call_join(&c), 1);
	CHECK(hash(area, 4) == hash_fill(0, 4, 9));
}

TEST(r_form_leaves_errno)
{
	struct server s;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	errno = 4711;
	CHECK_EQ(MsgSend_r(coid, NULL, (size_t)SSIZE_MAX + 1, NULL, 0),
		 -EOVERFLOW);
	CHECK_EQ(MsgSend_r(-1, NULL, 0, NULL, 0), -EBADF);
	CHECK_EQ(errno, 4711);
}

/* Message and reply area may be the same memory. */
TEST(same_buffer)
{
	struct server s;
	struct answer a;
	struct call c;
	char buf[5000];
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	fill(buf, sizeof(buf), 3);
	call_start(&c, coid, buf, sizeof(buf), buf, sizeof(buf), 0);
	a = server_do(&s, "recv %d 5000", s.chid);
	CHECK(a.v[R_HASH] == hash_fill(0, 5000, 3));
	server_do(&s, "reply %ld 0 5000 8", a.ret);
	CHECK_EQ(call_join(&c), 0);
	CHECK(hash(buf, 5000) == hash_fill(0, 5000, 8));
}

TEST(many_in_a_row)
{
	struct server s;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < 200; i += test_slow())
		exchange(&s, coid, (size_t)i, 300, (size_t)i * 2, 300);
}
