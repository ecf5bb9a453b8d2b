// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A server's thread works at the priority of the client whose message it has,
 * until it receives again: then it waits at its own.
 *
 * Only a thread that has a real-time priority: Linux gives those to whom it trusts,
 * and the priority of a message is any client's to say.
 */
#include <sched.h>

#include "internal.h"

/* Of SCHED_FIFO and SCHED_RR, as sched(7) has it; to ask is a system call. */
#define RT_MIN	1
#define RT_MAX	99

/* Of none is known yet that it need not be looked at. */
__thread struct prio qnet_prio = { .like = -1 };

/* The thread's real-time priority, or 0.  0 is the calling thread, whatever
 * POSIX says.
 */
static int prio_get(void)
{
	struct sched_param sp;

	return sched_getparam(0, &sp) ? 0 : sp.sched_priority;
}

static bool prio_set(int prio)
{
	struct sched_param sp = { .sched_priority = prio };

	return !sched_setparam(0, &sp);
}

static int prio_clamp(int prio)
{
	return prio < RT_MIN ? RT_MIN : prio > RT_MAX ? RT_MAX : prio;
}

/* Anyone may lower his priority, and not anyone may raise it again. */
static bool prio_may_return(int own)
{
	if (qnet_prio.may == own)
		return true;
	if (own == RT_MAX || !prio_set(own + 1))
		return false;
	prio_set(own);
	qnet_prio.may = own;
	return true;
}

/**
 * qnet_prio_lend() - the thread has a message of a client with this priority
 * @prio: priority, which may be higher than any that Linux has
 *
 * It has its own now.
 */
void qnet_prio_lend(int prio)
{
	int saved = errno;
	int own = prio_get();

	qnet_prio.like = prio;
	prio = prio_clamp(prio);
	if (own && prio != own && (prio > own || prio_may_return(own)) &&
	    prio_set(prio)) {
		qnet_prio.own = own;
		qnet_prio.at = prio;
	}
	errno = saved;
}

/**
 * qnet_prio_back() - the thread is about to receive again
 *
 * Should it not be let it tries again the next time.
 */
void qnet_prio_back(void)
{
	int saved = errno;

	if (prio_get() != qnet_prio.at) {
		/* The program has set another: that is its own now. */
		qnet_prio.at = 0;
		qnet_prio.like = -1;
	} else if (prio_set(qnet_prio.own)) {
		qnet_prio.at = 0;
		qnet_prio.like = qnet_prio.own;
	}
	errno = saved;
}

int MsgCurrent_r(int rcvid)
{
	struct qnet_info i = { .rcvid = rcvid };
	int ret;

	ret = qnet_rcvid_ioctl(QNET_IOC_INFO, &i);
	if (ret)
		return ret;
	if (qnet_prio.at)
		qnet_prio_back();
	qnet_prio_lend(i.info.priority);
	return 0;
}

int MsgCurrent(int rcvid)
{
	return (int)qnet_ret(MsgCurrent_r(rcvid));
}
