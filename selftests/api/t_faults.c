// SPDX-License-Identifier: GPL-2.0
/* Bad buffers: who gets EFAULT and who ESRVRFAULT. */
#include <sys/mman.h>
#include <sys/neutrino.h>

#include "harness.h"
#include "server.h"

static void *const bad = (void *)16;

TEST(send_from_bad_buffer)
{
	struct server s;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_ERRNO(MsgSend(coid, bad, 64, NULL, 0), EFAULT);
	CHECK_ERRNO(MsgSend(coid, bad, 100000, NULL, 0), EFAULT);
	CHECK_ERRNO(MsgSendv(coid, bad, 3, NULL, 0), EFAULT);
	check_alive(&s, coid);
}

TEST(reply_into_bad_area)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, bad, 64, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	/* The server cannot know, on another node; its reply is given. */
	if (a.ret > 0)
		server_do(&s, "reply %ld 0 64 1", a.ret);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, EFAULT);
	check_alive(&s, coid);
}

TEST(receive_into_bad_buffer)
{
	struct server s;
	struct answer a;
	struct call c;
	char msg[100];
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, msg, sizeof(msg), NULL, 0, 0);
	a = server_do(&s, "badrecv %d", s.chid);
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, EFAULT);
	CHECK_EQ(call_join(&c), -1);
	CHECK_EQ(c.err, ESRVRFAULT);
	check_alive(&s, coid);
}

TEST(reply_from_bad_buffer)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;
	char area[64];

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "x", 1, area, sizeof(area), 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(server_do(&s, "badreply %ld", a.ret).err, ESRVRFAULT);
	/* The client stays blocked and the receive id good. */
	CHECK_EQ(server_do(&s, "reply %ld 4 0 0", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 4);
	check_alive(&s, coid);
}

TEST(read_and_write_with_bad_buffer)
{
	struct server s;
	struct answer a;
	struct call c;
	char msg[64] = "", area[64];
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, msg, sizeof(msg), area, sizeof(area), 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(server_do(&s, "badread %ld", a.ret).err, ESRVRFAULT);
	CHECK_EQ(server_do(&s, "badwrite %ld", a.ret).err, ESRVRFAULT);
	CHECK_EQ(server_do(&s, "reply %ld 4 0 0", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 4);
}

/* Bad only behind a while. */
TEST(send_from_half_bad_buffer)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct server s;
	int coid;

	REQUIRE(p != MAP_FAILED && !munmap(p + 4096, 4096));
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_ERRNO(MsgSend(coid, p + 4000, 200, NULL, 0), EFAULT);
	CHECK_EQ(server_do(&s, "poll %d 0", s.chid).ret, 0);
	check_alive(&s, coid);
}

/* No bytes, any address. */
TEST(empty_from_anywhere)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, bad, 0, bad, 0, 0);
	a = server_do(&s, "recv %d 0", s.chid);
	CHECK(a.ret > 0);
	CHECK_EQ(server_do(&s, "reply %ld 4 10 0", a.ret).ret, 0);
	CHECK_EQ(call_join(&c), 4);
}
