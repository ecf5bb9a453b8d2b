// SPDX-License-Identifier: GPL-2.0
/* Pulses: what arrives, where, and what is refused. */
#include <stddef.h>
#include <sys/neutrino.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

TEST_LOCAL(layout)
{
	CHECK_EQ(sizeof(struct _pulse), 24);
	CHECK_EQ(offsetof(struct _pulse, code), 4);
	CHECK_EQ(offsetof(struct _pulse, value), 8);
	CHECK_EQ(offsetof(struct _pulse, scoid), 16);
}

TEST(codes_and_values)
{
	static const int codes[] = { 0, 1, 65, 127 };
	static const int values[] = { 0, 1, 333, -1, 2147483647 };
	struct server s;
	struct answer a;
	size_t i, j;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 5; j++) {
			CHECK_EQ(MsgSendPulse(coid, 10, codes[i], values[j]),
				 0);
			a = server_do(&s, "recv %d 24", s.chid);
			REQUIRE_EQ(a.ret, 0);
			CHECK_EQ((signed char)a.v[P_CODE], codes[i]);
			CHECK_EQ((int)a.v[P_VALUE], values[j]);
			CHECK_EQ(a.v[P_TYPE], 0);
			CHECK_EQ(a.v[P_SUBTYPE], 0);
			CHECK_EQ(a.v[P_ZERO], 0);
		}
	}
}

TEST(pointer_value)
{
	unsigned long long word = 0x1122334455667788ULL, want = word;
	struct server s;
	struct answer a;
	int coid;

	if (server_remote())
		want &= 0xffffffffU;
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_EQ(MsgSendPulsePtr(coid, 10, 7, (void *)(uintptr_t)word), 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_VALUE], want);
}

TEST(refused)
{
	struct server s;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_ERRNO(MsgSendPulse(coid, 10, 128, 0), EINVAL);
	CHECK_ERRNO(MsgSendPulse(coid, 10, -129, 0), EINVAL);
	CHECK_ERRNO(MsgSendPulse(coid, 256, 1, 0), EINVAL);
	CHECK_ERRNO(MsgSendPulse(coid, -2, 1, 0), EINVAL);
	CHECK_ERRNO(MsgSendPulse(12345, 10, 1, 0), EBADF);
	CHECK_EQ(MsgSendPulse(coid, -1, 1, 0), 0);
	CHECK_EQ(server_do(&s, "recv %d 24", s.chid).ret, 0);
}

TEST(not_merged)
{
	struct server s;
	struct answer a;
	int coid, i;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	for (i = 0; i < 100; i++)
		CHECK_EQ(MsgSendPulse(coid, 10, 1, i / 2), 0);
	for (i = 0; i < 100; i++) {
		a = server_do(&s, "recv %d 24", s.chid);
		REQUIRE_EQ(a.ret, 0);
		CHECK_EQ(a.v[P_VALUE], i / 2);
	}
}

/* A larger buffer is fine, a smaller one loses the pulse. */
TEST(short_buffer_loses_it)
{
	struct server s;
	struct answer a;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	CHECK_EQ(MsgSendPulse(coid, 10, 1, 1), 0);
	a = server_do(&s, "recv %d 23", s.chid);
	CHECK_EQ(a.ret, -1);
	CHECK_EQ(a.err, EFAULT);
	CHECK_EQ(MsgSendPulse(coid, 10, 2, 2), 0);
	a = server_do(&s, "recv %d 100", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_VALUE], 2);
}

TEST(receive_pulse_leaves_messages)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "m", 1, NULL, 0, 0);
	CHECK_EQ(MsgSendPulse(coid, 1, 5, 6), 0);
	a = server_do(&s, "pulse %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_CODE], 5);
	CHECK_EQ(a.v[P_VALUE], 6);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK(a.ret > 0);
	server_do(&s, "reply %ld 3 0 0", a.ret);
	CHECK_EQ(call_join(&c), 3);
}

/* A thread that waits for pulses is passed over by messages. */
TEST(pulse_waiter_is_not_given_a_message)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	server_say(&s, "pulse %d 24", s.chid);
	call_start(&c, coid, "m", 1, NULL, 0, 0);
	CHECK_EQ(MsgSendPulse(coid, 10, 8, 9), 0);
	a = server_hear(&s);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_CODE], 8);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK(a.ret > 0);
	server_do(&s, "reply %ld 3 0 0", a.ret);
	CHECK_EQ(call_join(&c), 3);
}

TEST_LOCAL(info_is_left_alone)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct _msg_info info, was;
	struct _pulse p;

	memset(&info, 0x5a, sizeof(info));
	was = info;
	CHECK_EQ(MsgSendPulse(coid, 10, 1, 2), 0);
	CHECK_EQ(MsgReceive(chid, &p, sizeof(p), &info), 0);
	CHECK(!memcmp(&info, &was, sizeof(info)));
	CHECK_EQ(p.value.sival_int, 2);
}

TEST_LOCAL(r_forms)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct _pulse p;

	errno = 4711;
	CHECK_EQ(MsgSendPulse_r(coid, 10, 1000, 2), -EINVAL);
	CHECK_EQ(MsgSendPulse_r(coid, 10, 1, 2), 0);
	CHECK_EQ(MsgReceivePulse_r(chid, &p, sizeof(p), NULL), 0);
	CHECK_EQ(errno, 4711);
}

/* Unprivileged: no pulses of the system, none to other users' servers. */
TEST(rights)
{
	struct server s;
	int coid;

	if (getuid())
		SKIP("needs root to become someone else");
	server_start(&s, 0);
	REQUIRE(!setresgid(1234, 1234, 1234) && !setresuid(1234, 1234, 1234));
	coid = server_connect(&s, s.chid);
	CHECK_ERRNO(MsgSendPulse(coid, 10, -1, 0), EPERM);
	if (!server_remote())
		CHECK_ERRNO(MsgSendPulse(coid, 10, 1, 0), EPERM);
}

/* As kill() would: whose the server is now counts. */
TEST(rights_follow_the_server)
{
	struct server s;
	struct answer a;
	int coid;

	if (getuid())
		SKIP("needs root to become someone else");
	server_start(&s, 0);
	CHECK_EQ(server_do(&s, "become 1234").ret, 0);
	REQUIRE(!setresgid(1234, 1234, 1234) && !setresuid(1234, 1234, 1234));
	coid = server_connect(&s, s.chid);
	CHECK_EQ(MsgSendPulse(coid, 10, 1, 7), 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(a.v[P_VALUE], 7);
}

/* Another node takes the system's codes from its own kernel only. */
TEST(codes_of_the_system)
{
	struct server s;
	struct answer a;
	int coid;

	if (getuid())
		SKIP("needs root's privilege");
	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	if (server_remote()) {
		CHECK_ERRNO(MsgSendPulse(coid, 10, -1, 7), EPERM);
		CHECK_ERRNO(MsgSendPulse(coid, 10, -128, 7), EPERM);
		return;
	}
	CHECK_EQ(MsgSendPulse(coid, 10, -128, 7), 0);
	a = server_do(&s, "recv %d 24", s.chid);
	CHECK_EQ((signed char)a.v[P_CODE], -128);
	CHECK_EQ(a.v[P_VALUE], 7);
}

TEST_LOCAL(rights_within_a_user)
{
	struct _pulse p;
	int chid, coid;

	if (getuid())
		SKIP("needs root to become someone else");
	REQUIRE(!setresgid(1234, 1234, 1234) && !setresuid(1234, 1234, 1234));
	chid = ChannelCreate(0);
	coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	CHECK_EQ(MsgSendPulse(coid, 10, 1, 5), 0);
	CHECK_EQ(MsgReceive(chid, &p, sizeof(p), NULL), 0);
	CHECK_ERRNO(MsgSendPulse(coid, 10, -1, 0), EPERM);
}

/* A server that never receives must not be filled up without end. */
TEST_LOCAL(too_many)
{
	int chid = ChannelCreate(0);
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	long n;

	for (n = 0; n < 10000000; n++)
		if (MsgSendPulse(coid, 10, 1, 0))
			break;
	CHECK_EQ(errno, EAGAIN);
	CHECK(n >= 1000);
	CHECK(n < 10000000);
}
