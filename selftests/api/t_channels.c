// SPDX-License-Identifier: GPL-2.0
/* Channels: their ids, their flags, their end. */
#include <sys/neutrino.h>
#include <unistd.h>

#include "harness.h"
#include "server.h"

TEST_LOCAL(ids_begin_at_1)
{
	CHECK_EQ(ChannelCreate(0), 1);
	CHECK_EQ(ChannelCreate(0), 2);
	CHECK_EQ(ChannelCreate(0), 3);
}

TEST_LOCAL(smallest_free_id)
{
	int i;

	for (i = 1; i <= 5; i++)
		REQUIRE_EQ(ChannelCreate(0), i);
	CHECK_EQ(ChannelDestroy(2), 0);
	CHECK_EQ(ChannelDestroy(4), 0);
	CHECK_EQ(ChannelCreate(0), 2);
	CHECK_EQ(ChannelCreate(0), 4);
	CHECK_EQ(ChannelCreate(0), 6);
}

TEST_LOCAL(ids_are_per_process)
{
	struct server s;

	REQUIRE_EQ(ChannelCreate(0), 1);
	server_start(&s, 0);
	CHECK_EQ(s.chid, 1);
}

TEST_LOCAL(destroy_twice)
{
	REQUIRE_EQ(ChannelCreate(0), 1);
	CHECK_EQ(ChannelDestroy(1), 0);
	CHECK_ERRNO(ChannelDestroy(1), EINVAL);
}

TEST_LOCAL(destroy_unknown)
{
	CHECK_ERRNO(ChannelDestroy(1), EINVAL);
	CHECK_ERRNO(ChannelDestroy(0), EINVAL);
	CHECK_ERRNO(ChannelDestroy(-1), EINVAL);
	CHECK_ERRNO(ChannelDestroy(1 << 30), EINVAL);
}

TEST_LOCAL(many)
{
	int i;

	for (i = 1; i <= 500; i++)
		REQUIRE_EQ(ChannelCreate(0), i);
	for (i = 1; i <= 500; i++)
		REQUIRE_EQ(ChannelDestroy(i), 0);
	CHECK_EQ(ChannelCreate(0), 1);
}

TEST_LOCAL(flags)
{
	CHECK_EQ(ChannelCreate(_NTO_CHF_FIXED_PRIORITY | _NTO_CHF_UNBLOCK |
			       _NTO_CHF_DISCONNECT | _NTO_CHF_SENDER_LEN |
			       _NTO_CHF_REPLY_LEN), 1);
	CHECK_EQ(ChannelCreate(_NTO_CHF_COID_DISCONNECT), 2);
	CHECK_EQ(ChannelCreate(_NTO_CHF_THREAD_DEATH), 3);
	CHECK_EQ(ChannelCreate(_NTO_CHF_PRIVATE), 4);
	CHECK_ERRNO(ChannelCreate(_NTO_CHF_NET_MSG), EPERM);
	CHECK_ERRNO(ChannelCreate(0x80000000U), EINVAL);
	CHECK_EQ(ChannelCreate(0), 5);
}

TEST_LOCAL(r_forms_leave_errno)
{
	errno = 4711;
	CHECK_EQ(ChannelCreate_r(_NTO_CHF_NET_MSG), -EPERM);
	CHECK_EQ(ChannelDestroy_r(77), -EINVAL);
	CHECK_EQ(ChannelCreate_r(0), 1);
	CHECK_EQ(ChannelDestroy_r(1), 0);
	CHECK_EQ(MsgReceive_r(1, NULL, 0, NULL), -ESRCH);
	CHECK_EQ(errno, 4711);
}

TEST_LOCAL(receive_on_none)
{
	char byte;

	CHECK_ERRNO(MsgReceive(1, &byte, 1, NULL), ESRCH);
	CHECK_ERRNO(MsgReceive(0, &byte, 1, NULL), ESRCH);
	CHECK_ERRNO(MsgReceive(-1, &byte, 1, NULL), ESRCH);
	CHECK_ERRNO(MsgReceivePulse(1, &byte, 1, NULL), ESRCH);
}

static volatile pid_t receiver_tid;

static void *receiver(void *arg)
{
	char byte;

	receiver_tid = gettid();
	errno = 0;
	if (MsgReceive(1, &byte, 1, NULL) == -1)
		*(int *)arg = errno;
	return NULL;
}

TEST_LOCAL(destroy_frees_receivers)
{
	int err = 0, i;
	pthread_t t;

	for (i = 0; i < 50; i++) {
		REQUIRE_EQ(ChannelCreate(0), 1);
		receiver_tid = 0;
		err = 0;
		pthread_create(&t, NULL, receiver, &err);
		while (!receiver_tid)
			sched_yield();
		await_sleep(receiver_tid);
		CHECK_EQ(ChannelDestroy(1), 0);
		pthread_join(t, NULL);
		REQUIRE_EQ(err, ESRCH);
	}
}

TEST_LOCAL(fd_of_channel)
{
	int chid = ChannelCreate(0);

	CHECK(qnet_channel_fd(chid) >= 0);
	CHECK_ERRNO(qnet_channel_fd(chid + 1), ESRCH);
	ChannelDestroy(chid);
	CHECK_ERRNO(qnet_channel_fd(chid), ESRCH);
}
