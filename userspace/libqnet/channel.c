// SPDX-License-Identifier: LGPL-2.1-or-later
/* Channels. */
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

/*
 * The kernel takes a receive id on any channel of the process.  Most likely
 * the thread replies to what it received last.
 */
static __thread int last_chid __attribute__((tls_model("initial-exec")));

void qnet_last_channel(int chid)
{
	last_chid = chid;
}

static int channel_flags(unsigned int flags)
{
	if (flags & _NTO_CHF_NET_MSG)
		return -EPERM;
	flags &= ~_NTO_CHF_PRIVATE;
	return flags & ~QNET_CHF_ALL ? -EINVAL : (int)flags;
}

/* What has no place left is EAGAIN to a QNX program. */
static int channel_err(int err)
{
	switch (err) {
	case -EMFILE:
	case -ENFILE:
	case -ENOMEM:
	case -ENOBUFS:
		return -EAGAIN;
	}
	return err;
}

/* Bind a socket and return the id the kernel chose, or -errno. */
static int channel_bind(int fd, int flags)
{
	struct sockaddr_qnet sq = {
		.sqn_family = (__kernel_sa_family_t)qnet_family(),
		.sqn_flags = (__u16)flags,
	};
	socklen_t len = sizeof(sq);
	int saved = errno, ret = 0;

	if (bind(fd, (struct sockaddr *)&sq, sizeof(sq)) ||
	    getsockname(fd, (struct sockaddr *)&sq, &len))
		ret = -errno;
	errno = saved;
	return ret ? ret : sq.sqn_chid;
}

/*
 * Under the table lock.  A number that a thread has yet to leave is kept while
 * the kernel is asked for another one.
 */
static int channel_make(int flags)
{
	int fd = qnet_socket();
	int chid, ret;

	if (fd < 0)
		return fd;
	chid = channel_bind(fd, flags);
	ret = chid < 0 ? chid :
	      qnet_slot_reserve(&qnet_chans, (unsigned int)chid);
	if (ret == -EBUSY)
		chid = ret = channel_make(flags);
	else if (!ret)
		qnet_slot_install(&qnet_chans, (unsigned int)chid, fd,
				  (unsigned int)flags & _NTO_CHF_FIXED_PRIORITY);
	if (ret)
		close(fd);
	return ret < 0 ? ret : chid;
}

int ChannelCreate_r(unsigned int flags)
{
	int want = channel_flags(flags);
	struct calm was;
	int ret;

	if (want < 0)
		return want;
	qnet_table_lock(&was);
	ret = channel_make(want);
	qnet_table_unlock(&was);
	if (ret >= 0 && flags & _NTO_CHF_THREAD_DEATH)
		qnet_thread_watch();
	return channel_err(ret);
}

int ChannelCreate(unsigned int flags)
{
	return (int)qnet_ret(ChannelCreate_r(flags));
}

int ChannelDestroy_r(int chid)
{
	return qnet_slot_end(&qnet_chans, (unsigned int)chid);
}

int ChannelDestroy(int chid)
{
	return (int)qnet_ret(ChannelDestroy_r(chid));
}

int qnet_channel_fd(int chid)
{
	SLOT_GUARD(s);

	s = slot_get(&qnet_chans, (unsigned int)chid);
	return (int)qnet_ret(s ? s->fd : -ESRCH);
}

static struct slot *channel_search(void)
{
	unsigned int id, end = atomic_load(&qnet_chans.end);
	struct slot *s;

	for (id = 1; id < end; id++) {
		s = slot_get(&qnet_chans, id);
		if (s) {
			last_chid = (int)id;
			return s;
		}
	}
	return NULL;
}

/* A channel of this process, or NULL. */
struct slot *qnet_any_channel(void)
{
	struct slot *s = slot_get(&qnet_chans, (unsigned int)last_chid);

	return likely(s) ? s : channel_search();
}

/**
 * qnet_rcvid_ioctl() - a call about a receive id
 * @cmd: QNET_IOC_*
 * @arg: its argument
 *
 * The channel we ask on may be destroyed under us while the message came in
 * on another one: then ask there.
 *
 * Return: 0 or -errno, -ESRCH: no channel, hence no receive id.
 */
int qnet_rcvid_ioctl(unsigned long cmd, void *arg)
{
	struct slot *s;
	bool again;
	int ret;

	do {
		s = qnet_any_channel();
		if (!s)
			return -ESRCH;
		ret = qnet_ioctl(s->fd, cmd, arg);
		again = unlikely(ret < 0) && !slot_live(s);
		slot_put(s);
	} while (again);
	return ret;
}
