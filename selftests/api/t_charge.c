// SPDX-License-Identifier: GPL-2.0
/* The memory of messages that wait belongs to those who sent them. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/neutrino.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

#define CALLS	8
#define LEN	(512UL << 10)

/* Only the kernel's copy is to be seen. */
static const char msg[LEN];

static char top[32];
static char group[64];

static void put(const char *dir, const char *file, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY);
	REQUIRE(fd >= 0);
	REQUIRE_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* What the kernel holds for the group, in bytes */
static long held(void)
{
	char path[128], line[128];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "%s/memory.stat", group);
	f = fopen(path, "r");
	REQUIRE(f);
	while (n < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "kernel %ld", &n);
	fclose(f);
	REQUIRE(n >= 0);
	return n;
}

/* Its processes must not be in it any more. */
static void group_end(void)
{
	put(top, "cgroup.procs", "0");
	CHECK_EQ(rmdir(group), 0);
	CHECK_EQ(umount(top), 0);
	CHECK_EQ(rmdir(top), 0);
}

static void group_begin(void)
{
	snprintf(top, sizeof(top), "/tmp/cgroup.%d", getpid());
	REQUIRE_EQ(mkdir(top, 0700), 0);
	if (mount("none", top, "cgroup2", 0, NULL)) {
		rmdir(top);
		SKIP("this kernel has no cgroups");
	}
	put(top, "cgroup.subtree_control", "+memory");
	snprintf(group, sizeof(group), "%s/client", top);
	REQUIRE_EQ(mkdir(group, 0755), 0);
	put(group, "cgroup.procs", "0");
}

TEST_LOCAL(what_waits_is_charged_to_its_client)
{
	struct call c[CALLS];
	struct server s;
	struct answer a;
	long before;
	int coid, i;

	server_start(&s, 0);
	group_begin();
	coid = server_connect(&s, s.chid);
	before = held();
	for (i = 0; i < CALLS; i++)
		call_start(&c[i], coid, msg, LEN, NULL, 0, 0);
	CHECK(held() - before >= (long)(CALLS * LEN));
	for (i = 0; i < CALLS; i++) {
		a = server_do(&s, "recv %d 100", s.chid);
		REQUIRE(a.ret > 0);
		server_do(&s, "reply %ld %d 0 0", a.ret, i);
	}
	for (i = 0; i < CALLS; i++)
		CHECK(call_join(&c[i]) >= 0);
	CHECK(held() - before < (long)LEN);
	group_end();
}
