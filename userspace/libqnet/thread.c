// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Threads that end.  A module cannot see them end, so they say so themselves,
 * by a destructor that each gets with its first call of this library.
 */
#include <pthread.h>

#include "internal.h"

static pthread_key_t thread_key;
static bool thread_key_good;
static _Atomic bool thread_wanted;	/* a channel was made that hears of them */

static void thread_end(void *unused)
{
	(void)unused;
	if (atomic_load(&thread_wanted))
		qnet_rcvid_ioctl(QNET_IOC_THREAD_DEATH, NULL);
}

__attribute__((constructor)) static void thread_init(void)
{
	thread_key_good = !pthread_key_create(&thread_key, thread_end);
}

/* The thread's first call, or one behind a TimerTimeout(). */
void qnet_thread_begin(void)
{
	if (!(qnet_timeout.states & THREAD_NEW))
		return;
	qnet_timeout.states &= ~THREAD_NEW;
	if (thread_key_good)
		pthread_setspecific(thread_key, &thread_key);
}

/* A channel with _NTO_CHF_THREAD_DEATH was made. */
void qnet_thread_watch(void)
{
	atomic_store(&thread_wanted, true);
}
