// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * TimerTimeout(): a record of the thread, an argument of its next system call.
 */
#include <time.h>

#include "internal.h"

#define STATES	(_NTO_TIMEOUT_SEND | _NTO_TIMEOUT_REPLY | _NTO_TIMEOUT_RECEIVE)
#define CALL	(_NTO_TIMEOUT_SEND | _NTO_TIMEOUT_REPLY)

__thread struct timeout qnet_timeout = { .states = THREAD_NEW };

static uint64_t now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* A time of another clock as one of CLOCK_MONOTONIC, as the clocks stand now. */
static uint64_t monotonic(clockid_t id, uint64_t ns)
{
	uint64_t there, here;

	if (id == CLOCK_MONOTONIC)
		return ns;
	there = now(id);
	here = now(CLOCK_MONOTONIC);
	if (ns <= there)
		return 0;
	return ns - there > UINT64_MAX - here ? UINT64_MAX : ns - there + here;
}

static uint64_t left(uint64_t end)
{
	uint64_t t = now(CLOCK_MONOTONIC);

	return end > t ? end - t : 0;
}

/**
 * qnet_timeout_take() - the call that the thread makes now is the timed one
 * @states: _NTO_TIMEOUT_*: those in which it may block
 * @flags:  QNET_F_* of the call; those of a timeout are added
 * @ns:     its timeout_ns
 *
 * Nothing is armed any more.  qnet_timeout_done() comes after the call.
 */
void qnet_timeout_take(int states, uint32_t *flags, __u64 *ns)
{
	struct timeout *t = &qnet_timeout;
	int both = t->states & states;

	qnet_timeout_drop();
	if (!t->absolute)
		t->end = t->ns > UINT64_MAX / 2 ? UINT64_MAX :
						  now(CLOCK_MONOTONIC) + t->ns;
	if (!both)
		return;
	*flags |= QNET_F_TIMEOUT;
	if (t->absolute)
		*flags |= QNET_F_ABSTIME;
	if (states == CALL && both == _NTO_TIMEOUT_SEND)
		*flags |= QNET_F_TIMEOUT_SEND;
	if (states == CALL && both == _NTO_TIMEOUT_REPLY)
		*flags |= QNET_F_TIMEOUT_REPLY;
	*ns = t->ns;
}

void qnet_timeout_drop(void)
{
	qnet_thread_begin();
	qnet_timeout.states = 0;
}

void qnet_timeout_done(void)
{
	struct timeout *t = &qnet_timeout;

	if (t->otime)
		*t->otime = left(t->end);
	t->otime = NULL;
}

/* Tells what is left of a time that nothing was waited for, and forgets it. */
static uint64_t disarm(struct timeout *t)
{
	uint64_t ns = 0;

	if (t->states & STATES)
		ns = t->absolute ? left(t->ns) : t->ns;
	qnet_timeout_drop();
	t->otime = NULL;
	return ns;
}

int TimerTimeout_r(clockid_t id, int flags, const struct sigevent *notify,
		   const _Uint64t *ntime, _Uint64t *otime)
{
	struct timeout *t = &qnet_timeout;
	uint64_t was;

	if (flags & ~(STATES | TIMER_ABSTIME) ||
	    (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC))
		return -EINVAL;
	if (notify && notify->sigev_notify != SIGEV_UNBLOCK)
		return -ENOTSUP;
	was = disarm(t);
	if (otime)
		*otime = was;
	t->absolute = flags & TIMER_ABSTIME && ntime;
	t->ns = ntime ? *ntime : 0;
	if (t->absolute)
		t->ns = t->end = monotonic(id, t->ns);
	t->states = flags & STATES;
	t->otime = t->states ? otime : NULL;
	return 0;
}

int TimerTimeout(clockid_t id, int flags, const struct sigevent *notify,
		 const _Uint64t *ntime, _Uint64t *otime)
{
	return (int)qnet_ret(TimerTimeout_r(id, flags, notify, ntime, otime));
}
