// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events: what a client wants to have done to it, and a server does. */
#include <sched.h>
#include <signal.h>
#include <sys/netmgr.h>
#include <unistd.h>

#include "internal.h"

/*
 * The C library numbers the kinds it has otherwise than QNX, and an event that
 * is all zero, which is SIGEV_NONE there, is a signal without a number here.
 */
static int event_set(struct qnet_event *e, const struct sigevent *ev)
{
	e->id = ev->sigev_signo;
	e->value = (uintptr_t)ev->sigev_value.sival_ptr;
	switch (ev->sigev_notify) {
	case SIGEV_SIGNAL:
		e->kind = e->id ? QNET_EV_SIGNAL : QNET_EV_NONE;
		return 0;
	case SIGEV_NONE:
		e->kind = QNET_EV_NONE;
		return 0;
	case SIGEV_SIGNAL_CODE:
		e->kind = QNET_EV_SIGNAL_CODE;
		break;
	case SIGEV_SIGNAL_THREAD:
		e->kind = QNET_EV_SIGNAL_THREAD;
		break;
	case SIGEV_PULSE:
		e->kind = QNET_EV_PULSE;
		e->prio = ev->sigev_priority;
		break;
	case SIGEV_THREAD:
		return -ENOTSUP;
	default:
		return -EINVAL;
	}
	e->code = ev->sigev_code;
	return 0;
}

/* --- to oneself -------------------------------------------------------- */

/* As the kernel does it for a client, from whose first thread is inherited. */
static int own_prio(int prio)
{
	struct sched_param sp;

	if (prio != SIGEV_PULSE_PRIO_INHERIT)
		return prio;
	if (sched_getparam(getpid(), &sp) || !sp.sched_priority)
		return QNET_PRIO_DEFAULT;
	return sp.sched_priority;
}

static int own_pulse(const struct qnet_event *e)
{
	if (e->code < 0)
		return -EINVAL;
	return MsgSendPulsePtr_r(e->id, own_prio(e->prio), e->code,
				 (void *)(uintptr_t)e->value);
}

static int own_event(const struct qnet_event *e)
{
	switch (e->kind) {
	case QNET_EV_NONE:
		return 0;
	case QNET_EV_PULSE:
		return own_pulse(e);
	case QNET_EV_SIGNAL:
		return qnet_signal_here(getpid(), 0, e->id, SI_USER, 0);
	case QNET_EV_SIGNAL_CODE:
		return qnet_signal_here(getpid(), 0, e->id, e->code, e->value);
	default:
		return qnet_signal_here(getpid(), gettid(), e->id, e->code,
					e->value);
	}
}

static int own_verify(const struct qnet_event *e)
{
	struct qnet_server_info si;
	SLOT_GUARD(s);
	int fd;

	if (e->kind == QNET_EV_NONE)
		return 0;
	if (e->kind != QNET_EV_PULSE)
		return e->id > 0 && e->id <= SIGRTMAX ? 0 : -EINVAL;
	if (e->code < 0 || e->code > 127 || e->prio < -1 || e->prio > 255)
		return -EINVAL;
	fd = qnet_coid_get(e->id, &s);
	if (fd < 0 || qnet_ioctl(fd, QNET_IOC_SERVERINFO, &si))
		return -ESRCH;
	return si.flags & QNET_SIF_DEAD ? -EBADF : 0;
}

/* --- to a client ------------------------------------------------------- */

/* A client that waits gets a timeout; one that does not has nothing to leave. */
static int event_unblock(int rcvid)
{
	struct qnet_event e = { .rcvid = rcvid };
	int ret;

	if (!rcvid)
		return 0;
	ret = MsgError_r(rcvid, ETIMEDOUT);
	return ret == -ESRCH ? qnet_rcvid_ioctl(QNET_IOC_EVENT, &e) : ret;
}

int MsgDeliverEvent_r(int rcvid, const struct sigevent *event)
{
	struct qnet_event e = { .rcvid = rcvid };
	int ret;

	if (!event)
		return -EFAULT;
	if (event->sigev_notify == SIGEV_UNBLOCK)
		return event_unblock(rcvid);
	ret = event_set(&e, event);
	if (ret)
		return ret;
	return rcvid ? qnet_rcvid_ioctl(QNET_IOC_EVENT, &e) : own_event(&e);
}

int MsgDeliverEvent(int rcvid, const struct sigevent *event)
{
	return (int)qnet_ret(MsgDeliverEvent_r(rcvid, event));
}

int MsgVerifyEvent_r(int rcvid, const struct sigevent *event)
{
	struct qnet_event e = { .rcvid = rcvid };
	int ret = 0;

	if (!event)
		return -EFAULT;
	if (event->sigev_notify != SIGEV_UNBLOCK)
		ret = event_set(&e, event);
	if (ret)
		return ret;
	e.flags = QNET_F_VERIFY;
	return rcvid ? qnet_rcvid_ioctl(QNET_IOC_EVENT, &e) : own_verify(&e);
}

int MsgVerifyEvent(int rcvid, const struct sigevent *event)
{
	return (int)qnet_ret(MsgVerifyEvent_r(rcvid, event));
}
