// SPDX-License-Identifier: GPL-2.0
/* Names: name_attach(), name_open() and the paths they take. */
#include <signal.h>
#include <sys/dispatch.h>
#include <sys/neutrino.h>
#include <sys/netmgr.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "raw.h"
#include "server.h"

static char name[64];

static const char *unique(void)
{
	snprintf(name, sizeof(name), "api-test-%d-%d", getpid(),
		 server_remote());
	return name;
}

/* How this node calls a name of the server's. */
static const char *path_to(const char *format, const char *local)
{
	static char path[512];
	const char *node = getenv("QNET_TEST_ND");

	if (!node)
		return local;
	snprintf(path, sizeof(path), format, node, local);
	return path;
}

#define DOTS	"../../../net/%s/dev/name/local/%s"
#define ROOTED	"/net/%s/dev/name/local/%s"

static long open_fn(void *arg)
{
	return name_open(arg, 0);
}

/* Open a name whose server answers the connect message. */
static int open_answered(struct server *s, int chid, const char *path)
{
	struct answer a;
	struct call c;

	call_start_fn(&c, open_fn, (void *)path, 0);
	a = server_do(s, "recv %d 500", chid);
	REQUIRE(a.ret > 0);
	CHECK_EQ(server_do(s, "reply %ld 0 0 0", a.ret).ret, 0);
	return (int)call_join(&c);
}

TEST(open_send_close)
{
	struct server s;
	struct answer a;
	struct call c;
	int coid, chid;

	server_start(&s, 0);
	a = server_do(&s, "attach %s", unique());
	REQUIRE_EQ(a.ret, 0);
	chid = (int)a.v[0];
	coid = open_answered(&s, chid, path_to(DOTS, name));
	CHECK_EQ(coid & _NTO_SIDE_CHANNEL, _NTO_SIDE_CHANNEL);
	call_start(&c, coid, "hello", 5, NULL, 0, 0);
	a = server_do(&s, "recv %d 500", chid);
	CHECK(a.ret > 0);
	CHECK(a.v[R_HASH] == hash("hello", 5));
	CHECK_EQ(a.v[R_COID], coid);
	server_do(&s, "reply %ld 0 0 0", a.ret);
	CHECK_EQ(call_join(&c), 0);
	CHECK_EQ(name_close(coid), 0);
	CHECK_ERRNO(name_close(coid), EINVAL);
	/* name_attach() made the channel with _NTO_CHF_DISCONNECT. */
	a = server_do(&s, "recv %d 500", chid);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ((signed char)a.v[P_CODE], _PULSE_CODE_DISCONNECT);
}

TEST_REMOTE(forms_of_paths)
{
	const char *forms[] = { DOTS, ROOTED, "/net/%s~loadbalance"
				"/dev/name/local/%s",
				"x/../../../.././net//%s/dev/name/local/%s" };
	struct server s;
	struct answer a;
	size_t i;
	int coid;

	server_start(&s, 0);
	a = server_do(&s, "attach %s", unique());
	REQUIRE_EQ(a.ret, 0);
	for (i = 0; i < 4; i++) {
		coid = open_answered(&s, (int)a.v[0],
				     path_to(forms[i], name));
		CHECK(coid > 0);
		CHECK_EQ(name_close(coid), 0);
		CHECK_EQ(server_do(&s, "recv %d 24", (int)a.v[0]).ret, 0);
	}
}

TEST_LOCAL(forms_of_local_paths)
{
	name_attach_t *at = name_attach(NULL, "api/local/paths", 0);

	REQUIRE(at);
	setenv("QNET_NAME_OPEN", "quiet", 1);
	CHECK(name_open("api/local/paths", 0) > 0);
	CHECK(name_open("./api//local/./paths", 0) > 0);
	CHECK(name_open("api/x/../local/paths", 0) > 0);
	CHECK(name_open("/dev/name/local/api/local/paths", 0) > 0);
	CHECK(name_open("../local/api/local/paths", 0) > 0);
	CHECK(name_open("../../../../../dev/name/local/api/local/paths", 0) >
	      0);
	CHECK_ERRNO(name_open("api", 0), ENOENT);
	CHECK_ERRNO(name_open("..", 0), EISDIR);
	CHECK_ERRNO(name_open("/dev/name/local", 0), EISDIR);
	CHECK_ERRNO(name_open("/dev/ser1", 0), ENOENT);
	CHECK_ERRNO(name_open("", 0), ENOENT);
	CHECK_ERRNO(name_open("no-such-name", 0), ENOENT);
	CHECK_ERRNO(name_open("/net/no-such-node/dev/name/local/x", 0),
		    EHOSTUNREACH);
	CHECK_EQ(name_detach(at, 0), 0);
	CHECK_ERRNO(name_open("api/local/paths", 0), ENOENT);
}

/* The message of name_open(), as in releases 6.3 to 6.5. */
TEST_LOCAL(connect_message)
{
	name_attach_t *at = name_attach(NULL, unique(), 0);
	union {
		io_connect_t io;
		struct _pulse p;
		char room[512];
	} u;
	struct _msg_info info;
	struct call c;
	int rcvid;

	REQUIRE(at);
	call_start_fn(&c, open_fn, name, 0);
	rcvid = MsgReceive(at->chid, &u, sizeof(u), &info);
	REQUIRE(rcvid > 0);
	CHECK_EQ(u.io.connect.type, _IO_CONNECT);
	CHECK_EQ(u.io.connect.subtype, _IO_CONNECT_OPEN);
	CHECK_EQ(u.io.connect.path_len, strlen(name) + 1);
	CHECK(!strcmp(u.io.connect.path, name));
	CHECK_EQ(info.pid, getpid());
	CHECK_EQ(MsgReply(rcvid, EOK, NULL, 0), 0);
	CHECK(call_join(&c) > 0);
	CHECK_EQ(name_detach(at, 0), 0);
}

static void refused(int error, long want_ret, int want_err)
{
	struct server s;
	struct answer a;
	struct call c;

	server_start(&s, 0);
	a = server_do(&s, "attach %s", unique());
	call_start_fn(&c, open_fn, (void *)path_to(DOTS, name), 0);
	a = server_do(&s, "recv %d 500", (int)a.v[0]);
	server_do(&s, "error %ld %d", a.ret, error);
	if (want_ret < 0)
		CHECK_EQ(call_join(&c), -1);
	else
		CHECK(call_join(&c) > 0);
	if (want_err)
		CHECK_EQ(c.err, want_err);
}

TEST(server_refuses)
{
	refused(EBUSY, -1, EBUSY);
}

TEST(server_does_not_know_the_message)
{
	refused(ENOSYS, 0, 0);
}

/* Not even when it dies while the client makes out what has happened. */
static void die_in_handshake(int up)
{
	name_attach_t *at = name_attach(NULL, name, 0);
	char room[512];

	if (!at || write(up, "r", 1) != 1)
		_exit(1);
	MsgReceive(at->chid, room, sizeof(room), NULL);
	_exit(0);
}

TEST_LOCAL(server_dies_in_the_handshake)
{
	int up[2], status, i;
	char byte;
	pid_t pid;

	unique();
	for (i = 0; i < 100; i++) {
		REQUIRE(!pipe(up));
		pid = fork();
		if (!pid)
			die_in_handshake(up[1]);
		close(up[1]);
		REQUIRE_EQ(read(up[0], &byte, 1), 1);
		close(up[0]);
		REQUIRE_EQ(name_open(name, 0), -1);
		REQUIRE_EQ(errno, ESRCH);
		REQUIRE_EQ(waitpid(pid, &status, 0), pid);
		REQUIRE_EQ(status, 0);
	}
}

/* A server may ask for the message once more. */
TEST(handshake_starts_over)
{
	struct server s;
	struct answer a, b;
	struct call c;

	server_start(&s, 0);
	a = server_do(&s, "attach %s", unique());
	call_start_fn(&c, open_fn, (void *)path_to(DOTS, name), 0);
	b = server_do(&s, "recv %d 500", (int)a.v[0]);
	CHECK_EQ(server_do(&s, "error %ld %d", b.ret, ERESTART).ret, 0);
	b = server_do(&s, "recv %d 500", (int)a.v[0]);
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", b.ret).ret, 0);
	CHECK(call_join(&c) > 0);
}

/* A server that never answers the connect message can be used all the same. */
TEST(server_does_not_answer)
{
	struct server s;
	struct answer a, b;
	struct call c, d;
	int coid, chid;

	server_start(&s, 0);
	a = server_do(&s, "attach %s", unique());
	chid = (int)a.v[0];
	call_start_fn(&c, open_fn, (void *)path_to(DOTS, name), 0);
	a = server_do(&s, "recv %d 500", chid);
	CHECK(a.ret > 0);
	coid = (int)call_join(&c);
	REQUIRE(coid > 0);
	call_start(&d, coid, "x", 1, NULL, 0, 0);
	b = server_do(&s, "recv %d 500", chid);
	CHECK(b.v[R_HASH] == hash("x", 1));
	CHECK_EQ(server_do(&s, "reply %ld 3 0 0", b.ret).ret, 0);
	CHECK_EQ(call_join(&d), 3);
	/* Its answer still finds somebody, however late it is. */
	CHECK_EQ(server_do(&s, "reply %ld 0 0 0", a.ret).ret, 0);
	CHECK_EQ(name_close(coid), 0);
	b = server_do(&s, "recv %d 500", chid);
	CHECK_EQ(b.ret, 0);
	CHECK_EQ((signed char)b.v[P_CODE], _PULSE_CODE_DISCONNECT);
}

TEST(taken)
{
	struct server s, t;

	server_start(&s, 0);
	server_start(&t, 0);
	CHECK_EQ(server_do(&s, "attach %s", unique()).ret, 0);
	CHECK_EQ(server_do(&t, "attach %s", name).err, EEXIST);
	CHECK_EQ(server_do(&s, "unattach").ret, 0);
	CHECK_EQ(server_do(&t, "attach %s", name).ret, 0);
}

TEST(goes_with_its_process)
{
	struct server s, t;

	server_start(&s, 0);
	server_start(&t, 0);
	CHECK_EQ(server_do(&s, "attach %s", unique()).ret, 0);
	server_kill(&s, SIGKILL);
	server_reap(&s);
	setenv("QNET_NAME_OPEN", "quiet", 1);
	CHECK_ERRNO(name_open(path_to(DOTS, name), 0), ENOENT);
	CHECK_EQ(server_do(&t, "attach %s", name).ret, 0);
	CHECK(name_open(path_to(DOTS, name), 0) > 0);
}

TEST_LOCAL(bad_names)
{
	/* name_open() takes paths apart: it would find none of these. */
	static const char *const odd[] = { "x/../y", "..", "x/..", "x/", "x//y",
					   "x/./y", ".", "./x", "x/." };
	char longest[QNET_NAME_MAX + 1];
	size_t i;

	memset(longest, 'a', sizeof(longest));
	longest[QNET_NAME_MAX] = '\0';
	CHECK(!name_attach(NULL, NULL, 0));
	CHECK_EQ(errno, EINVAL);
	CHECK(!name_attach(NULL, "", 0));
	CHECK_EQ(errno, EINVAL);
	CHECK(!name_attach(NULL, "/x", 0));
	CHECK_EQ(errno, EINVAL);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		errno = 0;
		if (name_attach(NULL, odd[i], 0) || errno != EINVAL)
			test_fail(__FILE__, __LINE__, "%s: errno %d", odd[i],
				  errno);
	}
	CHECK(!name_attach(NULL, longest, 0));
	CHECK_EQ(errno, ENAMETOOLONG);
	CHECK(!name_attach(NULL, "x", NAME_FLAG_ATTACH_GLOBAL));
	CHECK_EQ(errno, ENOSYS);
	CHECK_ERRNO(name_open("x", NAME_FLAG_ATTACH_GLOBAL), ENOSYS);
	CHECK_ERRNO(name_detach(NULL, 0), EINVAL);
	/* Nothing is left of the failures. */
	CHECK_EQ(ChannelCreate(0), 1);
	longest[QNET_NAME_MAX - 1] = '\0';
	CHECK(name_attach(NULL, longest, 0));
	CHECK(name_attach(NULL, "x..y/.z", 0));
}

/* Two names, one channel of the program's own. */
TEST_LOCAL(own_dispatch_handle)
{
	int chid = ChannelCreate(0);
	dispatch_t *dpp = dispatch_create_channel(chid, 0);
	name_attach_t *a, *b;
	int coid;

	REQUIRE(dpp);
	a = name_attach(dpp, "api-own-a", 0);
	b = name_attach(dpp, "api-own-b", 0);
	REQUIRE(a && b);
	CHECK_EQ(a->chid, chid);
	CHECK_EQ(b->chid, chid);
	CHECK(a->dpp == dpp);
	CHECK(a->mntid != b->mntid);
	setenv("QNET_NAME_OPEN", "quiet", 1);
	coid = name_open("api-own-b", 0);
	CHECK(coid > 0);
	CHECK_EQ(name_detach(a, NAME_FLAG_DETACH_SAVEDPP), 0);
	CHECK_ERRNO(name_open("api-own-a", 0), ENOENT);
	CHECK_EQ(MsgSendPulse(coid, 10, 1, 1), 0);
	CHECK_EQ(name_detach(b, 0), 0);
	CHECK_EQ(ChannelDestroy(chid), 0);
}

/* A node's name may say which links to take; it is the same node. */
static void check_policies(const char *node, int nd)
{
	static const char *const bad[] = { "preferred", "preferred:", "best",
					   "loadbalance:q0", "sequential", "" };
	char path[300], buf[300];
	unsigned int i;
	int with;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(path, sizeof(path), "%s~%s", node, bad[i]);
		CHECK_ERRNO(netmgr_strtond(path, NULL),
			    strcmp(bad[i], "preferred:") ? EINVAL : ENODEV);
	}
	snprintf(path, sizeof(path), "/net/%s~exclusive:none/dev/x", node);
	CHECK_ERRNO(netmgr_strtond(path, NULL), ENODEV);
	snprintf(path, sizeof(path), "%s~preferred:q0", node);
	with = netmgr_strtond(path, NULL);
	CHECK(with > 0);
	CHECK(with != nd);
	CHECK_EQ(ND_NODE_CMP(nd, with), 0);
	CHECK(netmgr_ndtostr(ND2S_DOMAIN_HIDE, with, buf, sizeof(buf)) > 0);
	CHECK(!strcmp(buf, path));
	CHECK(netmgr_ndtostr(ND2S_DOMAIN_HIDE | ND2S_QOS_HIDE, with, buf,
			     sizeof(buf)) > 0);
	CHECK(!strcmp(buf, node));
}

TEST(node_names)
{
	const char *node = getenv("QNET_TEST_ND");
	char buf[100], path[200], *end;
	int nd;

	CHECK(netmgr_ndtostr(0, 0, buf, sizeof(buf)) > 0);
	CHECK_EQ(netmgr_strtond(buf, &end), 0);
	CHECK_EQ(*end, '\0');
	CHECK_EQ(ND_NODE_CMP(0, ND_LOCAL_NODE), 0);
	CHECK_ERRNO(netmgr_strtond("no-such-node", NULL), EHOSTUNREACH);
	CHECK_ERRNO(netmgr_strtond("", NULL), EINVAL);
	CHECK_ERRNO(netmgr_strtond(NULL, NULL), EINVAL);
	CHECK_ERRNO(netmgr_strtond("/net/", NULL), EINVAL);
	CHECK_ERRNO(netmgr_ndtostr(0, 0xfff0, buf, sizeof(buf)), ENOENT);
	CHECK_EQ(netmgr_remote_nd(0, 0), 0);
	if (!node)
		return;
	snprintf(path, sizeof(path), "/net/%s/dev/x", node);
	nd = netmgr_strtond(path, &end);
	REQUIRE(nd > 0);
	CHECK(!strcmp(end, "/dev/x"));
	CHECK_EQ(ND_NODE_CMP(nd, netmgr_strtond(node, &end)), 0);
	CHECK_EQ(*end, '\0');
	CHECK(ND_NODE_CMP(nd, 0) > 0);
	snprintf(path, sizeof(path), "%s~loadbalance", node);
	CHECK_EQ(ND_NODE_CMP(nd, netmgr_strtond(path, NULL)), 0);
	check_policies(node, nd);
	CHECK_EQ(netmgr_ndtostr(ND2S_DOMAIN_HIDE, nd, buf, sizeof(buf)),
		 strlen(node));
	CHECK(!strcmp(buf, node));
	CHECK_EQ(netmgr_ndtostr(ND2S_DOMAIN_HIDE, nd, buf, 2), strlen(node));
	CHECK_EQ(strlen(buf), 1);
	CHECK(netmgr_ndtostr(ND2S_DIR_SHOW | ND2S_DOMAIN_HIDE, nd, path,
			     sizeof(path)) > 0);
	snprintf(buf, sizeof(buf), "/net/%s/", node);
	CHECK(!strcmp(buf, path));
	CHECK_ERRNO(netmgr_ndtostr(ND2S_DIR_SHOW | ND2S_DIR_HIDE, nd, buf,
				   sizeof(buf)), EINVAL);
}

/* What the other node calls this one is what it told us of itself. */
TEST_REMOTE(remote_nd)
{
	struct server s;
	struct answer a;
	struct call c;
	int nd;

	server_start(&s, 0);
	nd = netmgr_remote_nd(s.nd, 0);
	CHECK(nd > 0);
	call_start(&c, server_connect(&s, s.chid), "x", 1, NULL, 0, 0);
	a = server_do(&s, "recv %d 16", s.chid);
	CHECK_EQ(a.v[R_ND], nd);
	CHECK_EQ(a.v[R_SRCND], s.nd);
	CHECK_EQ(server_do(&s, "tornd %d", nd).ret, s.nd);
	CHECK_EQ(netmgr_remote_nd(s.nd, s.nd), 0);
}

/* One user does not use up the names of all. */
TEST_LOCAL(names_of_one_user)
{
	struct qnet_name_req n = { .nd = 0 };
	int ch = sq_socket(), other = sq_socket(), i;

	if (getuid())
		SKIP("needs root to become someone else");
	REQUIRE(!sq_bind(other, 0, 0, 0));
	REQUIRE(!seteuid(201));
	REQUIRE(!sq_bind(ch, 0, 0, 0));
	for (i = 0; i < 1024; i++) {
		snprintf(n.name, sizeof(n.name), "api-many-%d", i);
		REQUIRE_EQ(ioctl(ch, QNET_IOC_NAME_ATTACH, &n), 0);
	}
	strcpy(n.name, "api-one-more");
	CHECK_ERRNO(ioctl(ch, QNET_IOC_NAME_ATTACH, &n), ENOSPC);
	CHECK_EQ(ioctl(other, QNET_IOC_NAME_ATTACH, &n), 0);
	CHECK_EQ(ioctl(other, QNET_IOC_NAME_DETACH, &n), 0);
	strcpy(n.name, "api-many-7");
	CHECK_EQ(ioctl(ch, QNET_IOC_NAME_DETACH, &n), 0);
	CHECK_EQ(ioctl(ch, QNET_IOC_NAME_ATTACH, &n), 0);
}
