// SPDX-License-Identifier: GPL-2.0
/* Replies: once, in any order, from any thread, by the process only. */
#include <sys/neutrino.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define CALLS	10

TEST(any_order)
{
	static const int order[CALLS] = { 3, 9, 0, 4, 8, 1, 7, 2, 6, 5 };
	struct call c[CALLS];
	long rcvid[CALLS];
	unsigned char id[CALLS];
	struct server s;
	struct answer a;
	int coid, i, j;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < CALLS; i++) {
		id[i] = (unsigned char)i;
		call_start(&c[i], coid, &id[i], 1, NULL, 0, 0);
		a = server_do(&s, "recv %d 1", s.chid);
		REQUIRE(a.ret > 0);
		CHECK(a.v[R_HASH] == hash(&id[i], 1));
		rcvid[i] = a.ret;
		for (j = 0; j < i; j++)
			CHECK(rcvid[j] != rcvid[i]);
	}
	for (i = 0; i < CALLS; i++) {
		j = order[i];
		a = server_do(&s, "%s %ld %d 0 0", i & 1 ? "treply" : "reply",
			      rcvid[j], 100 + j);
		CHECK_EQ(a.ret, 0);
		CHECK_EQ(call_join(&c[j]), 100 + j);
	}
}

TEST(exactly_once)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	CHECK_EQ(server_do(&s, "reply %ld 1 0 0", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 1);
	CHECK_EQ(server_do(&s, "reply %ld 2 0 0", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "error %ld 5", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "treply %ld 2 0 0", a.ret).err, ESRCH);
}

TEST(bad_receive_ids)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_EQ(server_do(&s, "reply 0 0 0 0").err, ESRCH);
	CHECK_EQ(server_do(&s, "reply -1 0 0 0").err, ESRCH);
	CHECK_EQ(server_do(&s, "reply 2147483647 0 0 0").err, ESRCH);
	CHECK_EQ(server_do(&s, "read 0 0 10").err, ESRCH);
	CHECK_EQ(server_do(&s, "write -5 0 10 0").err, ESRCH);
	CHECK_EQ(server_do(&s, "error 0 5").err, ESRCH);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret + 1).err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 9 0 0", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 9);
}

/* A receive id means nothing to another process. */
TEST(of_another_process)
{
	struct server s, t;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	server_start(&t, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	CHECK_EQ(server_do(&t, "reply %ld 1 0 0", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&t, "read %ld 0 1", a.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 2 0 0", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 2);
}

TEST(without_any_channel)
{
	CHECK_ERRNO(MsgReply(1, 0, NULL, 0), ESRCH);
	CHECK_ERRNO(MsgRead(1, NULL, 0, 0), ESRCH);
	CHECK_ERRNO(MsgError(1, 0), ESRCH);
}

/* Received on one channel, another one is destroyed: still good. */
TEST(with_other_channels)
{
	struct server s;
	struct answer a, b;
	struct call c, d;
	int coid, other;

	server_start(&s, 0);
	b = server_do(&s, "create 0");
	REQUIRE_EQ(b.ret, 2);
	coid = server_connect(&s, 1);
	other = server_connect(&s, 2);
	call_start(&c, coid, "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv 1 1");
	call_start(&d, other, "y", 1, NULL, 0, 0);
	b = server_do(&s, "recv 2 1");
	CHECK_EQ(a.v[R_CHID], 1);
	CHECK_EQ(b.v[R_CHID], 2);
	CHECK_EQ(a.v[R_SCOID], b.v[R_SCOID]);
	CHECK_EQ(server_do(&s, "destroy 2").ret, 0);
	CHECK_EQ(call_join(&d), -1);
	CHECK_EQ(d.err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 5 0 0", b.ret).err, ESRCH);
	CHECK_EQ(server_do(&s, "reply %ld 4 0 0", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 4);
}

TEST_LOCAL(reply_and_receive)
{
	int chid = ChannelCreate(0), rcvid = 0, next;
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct _msg_info info;
	struct call c, d;
	char buf[16], area[16] = "";

	call_start(&c, coid, "one", 3, area, sizeof(area), 0);
	rcvid = 0;
	next = qnet_reply_receive(chid, &rcvid, 0, NULL, 0, buf, sizeof(buf),
				  &info);
	REQUIRE(next > 0);
	CHECK_EQ(info.msglen, 3);
	call_start(&d, coid, "three", 5, NULL, 0, 0);
	rcvid = next;
	next = qnet_reply_receive(chid, &rcvid, 11, "answer", 7, buf,
				  sizeof(buf), &info);
	REQUIRE(next > 0);
	CHECK_EQ(rcvid, 0);
	CHECK_EQ(info.msglen, 5);
	CHECK_EQ(call_join(&c), 11);
	CHECK(!strcmp(area, "answer"));
	CHECK_EQ(MsgReply(next, 12, NULL, 0), 0);
	CHECK_EQ(call_join(&d), 12);
	rcvid = next;
	CHECK_ERRNO(qnet_reply_receive(chid, &rcvid, 0, NULL, 0, buf,
				       sizeof(buf), NULL), ESRCH);
	CHECK_EQ(rcvid, next);
}

/* -1: what unblocking would have given, and that is a signal. */
TEST(error_of_an_unblocked_client)
{
	struct server s;
	struct answer a;
	struct call c;

	server_start(&s, 0);
	call_start(&c, server_connect(&s, s.chid), "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE_EQ(server_do(&s, "error %ld -1", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EINTR);
}
