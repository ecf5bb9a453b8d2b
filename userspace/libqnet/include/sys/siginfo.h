/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events (struct sigevent) of QNX on top of the C library's: the kinds, the
 * extra members and the macros that fill an event in.
 *
 * The members live in the part of struct sigevent that the C library keeps
 * for thread notification and that no call of Linux reads for these kinds.
 * An event of a kind Linux does not know (SIGEV_PULSE...) is refused by
 * timer_create() and mq_notify() with EINVAL.
 *
 * A client sends its event to a server as part of a message; both must have the
 * same struct sigevent, so a Linux program cannot ask a server on QNX for one, nor
 * the other way round.  What each kind does: MsgDeliverEvent() in
 * <sys/neutrino.h>.
 */
#ifndef _SYS_SIGINFO_H
#define _SYS_SIGINFO_H

#include <signal.h>
#include <string.h>

#define SIGEV_PULSE		0x1004
#define SIGEV_UNBLOCK		0x1005
#define SIGEV_INTR		0x1006
#define SIGEV_SIGNAL_CODE	0x1002
#define SIGEV_SIGNAL_THREAD	0x1003
#define SIGEV_PULSE_PRIO_INHERIT (-1)

/* Codes for programs to give to signals; below 0 they work as well. */
#define SI_MINAVAIL		0
#define SI_MAXAVAIL		127

#define sigev_coid		sigev_signo
#define sigev_id		sigev_signo
#define sigev_code		_sigev_un._pad[4]
#define sigev_priority		_sigev_un._pad[5]

/* Each macro takes a pointer to a struct sigevent and fills in all of it. */
#define __SIGEV_INIT(__e, __kind) \
	(memset((__e), 0, sizeof(*(__e))), (__e)->sigev_notify = (__kind))

#define SIGEV_NONE_INIT(__e)	__SIGEV_INIT(__e, SIGEV_NONE)
#define SIGEV_UNBLOCK_INIT(__e)	__SIGEV_INIT(__e, SIGEV_UNBLOCK)
#define SIGEV_INTR_INIT(__e)	__SIGEV_INIT(__e, SIGEV_INTR)

#define SIGEV_SIGNAL_INIT(__e, __signo) \
	(__SIGEV_INIT(__e, SIGEV_SIGNAL), (__e)->sigev_signo = (__signo))

#define SIGEV_SIGNAL_CODE_INIT(__e, __signo, __value, __code) \
	(__SIGEV_INIT(__e, SIGEV_SIGNAL_CODE), \
	 (__e)->sigev_signo = (__signo), \
	 (__e)->sigev_value.sival_int = (__value), \
	 (__e)->sigev_code = (__code))

#define SIGEV_SIGNAL_THREAD_INIT(__e, __signo, __value, __code) \
	(SIGEV_SIGNAL_CODE_INIT(__e, __signo, __value, __code), \
	 (__e)->sigev_notify = SIGEV_SIGNAL_THREAD)

#define SIGEV_PULSE_INIT(__e, __coid, __priority, __code, __value) \
	(__SIGEV_INIT(__e, SIGEV_PULSE), \
	 (__e)->sigev_coid = (__coid), \
	 (__e)->sigev_value.sival_int = (__value), \
	 (__e)->sigev_code = (__code), \
	 (__e)->sigev_priority = (__priority))

#define SIGEV_PULSE_PTR_INIT(__e, __coid, __priority, __code, __value) \
	(__SIGEV_INIT(__e, SIGEV_PULSE), \
	 (__e)->sigev_coid = (__coid), \
	 (__e)->sigev_value.sival_ptr = (void *)(__value), \
	 (__e)->sigev_code = (__code), \
	 (__e)->sigev_priority = (__priority))

#define SIGEV_THREAD_INIT(__e, __func, __value, __attributes) \
	(__SIGEV_INIT(__e, SIGEV_THREAD), \
	 (__e)->sigev_notify_function = (__func), \
	 (__e)->sigev_value.sival_int = (__value), \
	 (__e)->sigev_notify_attributes = (__attributes))

#endif /* _SYS_SIGINFO_H */
