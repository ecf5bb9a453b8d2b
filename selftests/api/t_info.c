// SPDX-License-Identifier: GPL-2.0
/* What servers learn of clients. */
#include <grp.h>
#include <stddef.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "raw.h"
#include "server.h"

TEST(message_info)
{
	struct _server_info info;
	struct server s;
	struct answer a;
	struct call c;
	int coid;

	server_start(&s, 0);
	coid = server_connect(&s, s.chid);
	call_start(&c, coid, "12345", 5, NULL, 0, 0);
	a = server_do(&s, "recv %d 3", s.chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_PID], getpid());
	CHECK(a.v[R_TID] != 0);
	CHECK(a.v[R_TID] != 1);
	CHECK_EQ(a.v[R_CHID], s.chid);
	CHECK_EQ(a.v[R_COID], coid);
	CHECK_EQ(a.v[R_MSGLEN], 3);
	CHECK_EQ(a.v[R_SRCMSGLEN], 5);
	CHECK_EQ(a.v[R_DSTMSGLEN], 0);
	CHECK_EQ(a.v[R_FLAGS] & (_NTO_MI_ENDIAN_BIG | _NTO_MI_ENDIAN_DIFF), 0);
	if (!server_remote()) {
		CHECK_EQ(a.v[R_ND], 0);
		CHECK_EQ(a.v[R_SRCND], 0);
	} else {
		CHECK(a.v[R_ND] != 0);
		CHECK_EQ(a.v[R_SRCND], s.nd);
	}
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	/* Who the client is there is known once the server's node has answered. */
	CHECK_EQ(ConnectServerInfo(0, coid, &info), coid);
	CHECK(info.scoid > 0);
	CHECK_EQ(info.scoid, a.v[R_SCOID]);
}

/* The first thread of a process is thread 1. */
TEST(first_thread)
{
	struct server s;
	struct answer a;
	int fd[2], status;
	pid_t pid;

	REQUIRE(!pipe(fd));
	server_start(&s, 0);
	pid = fork();
	if (!pid) {
		int coid = server_connect(&s, s.chid);

		_exit(MsgSend(coid, "x", 1, NULL, 0) == 77 ? 0 : 1);
	}
	a = server_do(&s, "recv %d 1", s.chid);
	CHECK_EQ(a.v[R_TID], 1);
	CHECK_EQ(a.v[R_PID], pid);
	server_do(&s, "reply %ld 77 0 0", a.ret);
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
}

TEST(credentials)
{
	static const gid_t groups[] = { 7, 1001, 1002, 1003, 70000 };
	struct server s;
	struct answer a, b;
	struct call c;
	int i = 0;

	if (getuid())
		SKIP("needs root to become someone else");
	server_start(&s, 0);
	REQUIRE(!setgroups(5, groups));
	REQUIRE(!setresgid(301, 302, 303) && !setresuid(201, 202, 203));
	call_start(&c, server_connect(&s, s.chid), "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	REQUIRE(a.ret > 0);
	b = server_do(&s, "client %llu", a.v[R_SCOID]);
	CHECK_EQ(b.ret, 0);
	CHECK_EQ(b.v[i++], a.v[R_ND]);
	CHECK_EQ(b.v[i++], getpid());
	CHECK_EQ(b.v[i++], getsid(0));
	CHECK_EQ(b.v[i++], 201);
	CHECK_EQ(b.v[i++], 202);
	CHECK_EQ(b.v[i++], 203);
	CHECK_EQ(b.v[i++], 301);
	CHECK_EQ(b.v[i++], 302);
	CHECK_EQ(b.v[i++], 303);
	CHECK_EQ(b.v[i++], 5);
	CHECK(b.v[i] == hash(groups, sizeof(groups)));
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
}

/* The euid that a server learns by the scoid of the next message. */
static long next_euid(struct server *s)
{
	struct answer a = server_do(s, "recv %d 1", s->chid), b;

	REQUIRE(a.ret > 0);
	CHECK_EQ(a.v[R_PID], getpid());
	b = server_do(s, "client %llu", a.v[R_SCOID]);
	REQUIRE_EQ(b.ret, 0);
	server_do(s, "reply %ld 0 0 0", a.ret);
	return (long)b.v[4];
}

/* What was sent before exec of a setuid program is not that program's. */
TEST(ids_are_those_of_the_connection)
{
	struct server s;
	int before = sq_socket(), after = sq_socket();

	if (getuid())
		SKIP("needs root to become someone else");
	server_start(&s, 0);
	REQUIRE(!seteuid(201));
	REQUIRE(!sq_connect(before, s.nd, s.pid, s.chid));
	CHECK_EQ(send(before, "b", 1, 0), 1);
	REQUIRE(!seteuid(0));
	REQUIRE(!sq_connect(after, s.nd, s.pid, s.chid));
	CHECK_EQ(next_euid(&s), 201);
	/* One at a time: two circuits promise no order between them. */
	CHECK_EQ(send(after, "a", 1, 0), 1);
	CHECK_EQ(next_euid(&s), 0);
	CHECK_EQ(send(before, "b", 1, 0), 1);
	CHECK_EQ(next_euid(&s), 201);
}

/* The kernel's own interface tells them with the message. */
TEST_LOCAL(ids_in_message_info)
{
	struct qnet_recv r = { .flags = QNET_F_TIMEOUT };
	int ch = sq_socket(), before = sq_socket(), after = sq_socket();

	if (getuid())
		SKIP("needs root to become someone else");
	REQUIRE(!sq_bind(ch, 0, 0, 0));
	REQUIRE(!setegid(301) && !seteuid(201));
	REQUIRE(!sq_connect(before, 0, 0, sq_chid(ch)));
	CHECK_EQ(send(before, "b", 1, 0), 1);
	REQUIRE(!seteuid(0) && !setegid(0));
	REQUIRE(!sq_connect(after, 0, 0, sq_chid(ch)));
	REQUIRE(!ioctl(ch, QNET_IOC_RECV, &r));
	CHECK_EQ(r.info.uid, 201);
	CHECK_EQ(r.info.gid, 301);
}

TEST(unknown_client)
{
	struct server s;

	server_start(&s, 0);
	CHECK_EQ(server_do(&s, "client 4711").err, EINVAL);
	CHECK_EQ(server_do(&s, "client 0").err, EINVAL);
}

static int self_scoid(int chid)
{
	int coid = ConnectAttach(0, 0, chid, _NTO_SIDE_CHANNEL, 0);
	struct _msg_info info;
	struct call c;
	char byte;
	int rcvid;

	call_start(&c, coid, "x", 1, NULL, 0, 0);
	rcvid = MsgReceive(chid, &byte, 1, &info);
	MsgReply(rcvid, 0, NULL, 0);
	call_join(&c);
	return info.scoid;
}

TEST_LOCAL(group_list_is_not_overrun)
{
	static const gid_t groups[] = { 11, 22, 33, 44, 55 };
	int chid = ChannelCreate(0), scoid;
	struct _client_info info, *all;

	if (getuid())
		SKIP("needs root to change groups");
	REQUIRE(!setgroups(5, groups));
	scoid = self_scoid(chid);
	memset(&info, 0x5a, sizeof(info));
	CHECK_EQ(ConnectClientInfo(scoid, &info, 2), 0);
	CHECK_EQ(info.cred.ngroups, 2);
	CHECK_EQ(info.cred.grouplist[1], 22);
	CHECK_EQ(info.cred.grouplist[2], 0x5a5a5a5a);
	CHECK_EQ(ConnectClientInfo(scoid, &info, 0), 0);
	CHECK_EQ(info.cred.ngroups, 5);
	CHECK_EQ(ConnectClientInfo(scoid, &info, 65536), 0);
	CHECK_EQ(info.cred.ngroups, 5);
	CHECK_ERRNO(ConnectClientInfo(scoid, &info, -1), EINVAL);
	CHECK_EQ(ConnectClientInfoExt(scoid, &all,
				      _NTO_CLIENTINFO_GETGROUPS), 0);
	CHECK_EQ(all->cred.ngroups, 5);
	CHECK_EQ(all->cred.grouplist[4], 55);
	CHECK_EQ(ClientInfoExtFree(&all), 0);
	CHECK_EQ(ConnectClientInfo(-1, &info, 64), 0);
	CHECK_EQ(info.pid, getpid());
	CHECK_EQ(info.cred.ngroups, 5);
}

#define MANY	70

static void set_groups(gid_t *groups)
{
	int i;

	if (getuid())
		SKIP("needs root to change groups");
	for (i = 0; i < MANY; i++)
		groups[i] = (gid_t)(1000 + i);
	REQUIRE(!setgroups(MANY, groups));
}

/* The list goes on behind its declared end. */
static gid_t group_at(struct _client_info *info, size_t i)
{
	gid_t group;

	memcpy(&group, (char *)info + offsetof(struct _client_info,
					       cred.grouplist) +
	       i * sizeof(group), sizeof(group));
	return group;
}

TEST_LOCAL(more_groups_than_room)
{
	struct _client_info info, *all;
	gid_t groups[MANY];

	set_groups(groups);
	memset(&info, 0x5a, sizeof(info));
	CHECK_EQ(ConnectClientInfo(-1, &info, 2), 0);
	CHECK_EQ(info.cred.ngroups, 2);
	CHECK_EQ(info.cred.grouplist[1], 1001);
	CHECK_EQ(info.cred.grouplist[2], 0x5a5a5a5a);
	CHECK_EQ(ConnectClientInfo(-1, &info, _QNET_NGROUPS), 0);
	CHECK_EQ(info.cred.ngroups, _QNET_NGROUPS);
	CHECK_EQ(info.cred.grouplist[_QNET_NGROUPS - 1], 1063);
	CHECK_EQ(ConnectClientInfo(-1, &info, 0), 0);
	CHECK_EQ(info.cred.ngroups, MANY);
	CHECK_EQ(ConnectClientInfoExt(-1, &all, _NTO_CLIENTINFO_GETGROUPS), 0);
	CHECK_EQ(all->cred.ngroups, MANY);
	CHECK_EQ(group_at(all, MANY - 1), 1069);
	CHECK_EQ(ClientInfoExtFree(&all), 0);
}

/* A packet has room for 8. */
TEST(many_groups_of_a_client)
{
	struct server s;
	struct answer a, b;
	gid_t groups[MANY];
	struct call c;
	size_t n;

	set_groups(groups);
	server_start(&s, 0);
	n = server_remote() ? 8 : _QNET_NGROUPS;
	call_start(&c, server_connect(&s, s.chid), "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 1", s.chid);
	b = server_do(&s, "client %llu", a.v[R_SCOID]);
	CHECK_EQ(b.ret, 0);
	CHECK_EQ(b.v[9], n);
	CHECK(b.v[10] == hash(groups, n * sizeof(gid_t)));
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
}

TEST_LOCAL(all_groups_of_a_client)
{
	int chid = ChannelCreate(0), scoid;
	struct _client_info info, *all;
	gid_t groups[MANY];

	set_groups(groups);
	scoid = self_scoid(chid);
	CHECK_EQ(ConnectClientInfo(scoid, &info, 0), 0);
	CHECK_EQ(info.cred.ngroups, MANY);
	CHECK_EQ(ConnectClientInfo(scoid, &info, 9), 0);
	CHECK_EQ(info.cred.ngroups, 9);
	CHECK_EQ(info.cred.grouplist[8], 1008);
	CHECK_EQ(ConnectClientInfoExt(scoid, &all,
				      _NTO_CLIENTINFO_GETGROUPS), 0);
	CHECK_EQ(all->cred.ngroups, MANY);
	CHECK_EQ(group_at(all, MANY - 1), 1069);
	CHECK_EQ(ClientInfoExtFree(&all), 0);
}

TEST_LOCAL(no_message_engine_without_support)
{
	struct sigevent ev;

	SIGEV_PULSE_INIT(&ev, 5, 10, 7, 9);
	CHECK_EQ(ev.sigev_notify, SIGEV_PULSE);
	CHECK_EQ(ev.sigev_coid, 5);
	CHECK_EQ(ev.sigev_priority, 10);
	CHECK_EQ(ev.sigev_code, 7);
	CHECK_EQ(ev.sigev_value.sival_int, 9);
	CHECK_ERRNO(MsgRegisterEvent(&ev, 1), ENOSYS);
	CHECK_EQ(MsgRegisterEvent_r(&ev, 1), -ENOSYS);
}
