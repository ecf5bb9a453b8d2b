// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pulses. */
#include "internal.h"

_Static_assert(sizeof(struct _pulse) == sizeof(struct qnet_pulse),
	       "a pulse is what the kernel writes");
_Static_assert(offsetof(struct _pulse, code) ==
	       offsetof(struct qnet_pulse, code), "code");
_Static_assert(offsetof(struct _pulse, value) ==
	       offsetof(struct qnet_pulse, value), "value");
_Static_assert(offsetof(struct _pulse, scoid) ==
	       offsetof(struct qnet_pulse, scoid), "scoid");

static int pulse_send(int coid, int priority, int code, __u64 value)
{
	struct qnet_pulse_send p = {
		.prio = priority,
		.code = code,
		.value = value,
	};
	SLOT_GUARD(s);
	int fd, ret;

	fd = qnet_coid_get(coid, &s);
	if (fd < 0)
		return fd;
	ret = qnet_ioctl(fd, QNET_IOC_PULSE, &p);
	/* No socket of ours, or a channel's. */
	return ret == -ENOTTY || ret == -ENOTCONN ? -EBADF : ret;
}

/* sival_int is the lower half of the word, the other one is 0. */
int MsgSendPulse_r(int coid, int priority, int code, int value)
{
	return pulse_send(coid, priority, code, (unsigned int)value);
}

int MsgSendPulse(int coid, int priority, int code, int value)
{
	return (int)qnet_ret(MsgSendPulse_r(coid, priority, code, value));
}

int MsgSendPulsePtr_r(int coid, int priority, int code, void *value)
{
	return pulse_send(coid, priority, code, (uintptr_t)value);
}

int MsgSendPulsePtr(int coid, int priority, int code, void *value)
{
	return (int)qnet_ret(MsgSendPulsePtr_r(coid, priority, code, value));
}
