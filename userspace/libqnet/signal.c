// SPDX-License-Identifier: LGPL-2.1-or-later
/* Signals to processes of this node and of others. */
#include <signal.h>
#include <string.h>
#include <sys/netmgr.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

static int sys_ret(long ret, int saved)
{
	int err = ret < 0 ? -errno : 0;

	errno = saved;
	return err;
}

/*
 * Linux lets a thread give others only codes that no kernel gives: below 0, and
 * not SI_TKILL. Itself, and from its first thread a process, any.
 */
static int code_allowed(pid_t to, int code)
{
	if (to == gettid() || (code < 0 && code != SI_TKILL))
		return code;
	return SI_QUEUE;
}

/**
 * qnet_signal_here() - signal a process of this node
 * @pid:   process, > 0
 * @tid:   thread, 0: any
 * @signo: signal; 0: is it there?
 * @code:  si_code
 * @value: si_value
 *
 * Return: 0 or -errno.
 */
int qnet_signal_here(pid_t pid, int tid, int signo, int code, __u64 value)
{
	int saved = errno;
	siginfo_t info;

	qnet_timeout_clear();
	memset(&info, 0, sizeof(info));
	info.si_signo = signo;
	info.si_code = code_allowed(tid ? tid : pid, code);
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = (void *)(uintptr_t)value;
	if (tid)
		return sys_ret(syscall(SYS_rt_tgsigqueueinfo, pid, tid, signo,
				       &info), saved);
	return sys_ret(syscall(SYS_rt_sigqueueinfo, pid, signo, &info), saved);
}

static int signal_local(pid_t pid, int tid, int signo, int code, int value)
{
	int saved = errno;

	qnet_timeout_clear();
	/* Groups get no code and no value. */
	if (pid <= 0)
		return sys_ret(kill(pid, signo), saved);
	return qnet_signal_here(pid, tid == 1 ? pid : tid, signo, code,
				(unsigned int)value);
}

int SignalKill_r(_Uint32t nd, pid_t pid, int tid, int signo, int code,
		 int value)
{
	struct qnet_signal s = {
		.nd = nd,
		.pid = pid,
		.tid = tid,
		.signo = signo,
		.code = code,
		.value = value,
	};

	if (tid < 0 || code < -128 || code > 127)
		return -EINVAL;
	if (!(nd & QNET_ND_MASK))
		return signal_local(pid, tid, signo, code, value);
	return qnet_node_ioctl(QNET_IOC_SIGNAL, &s);
}

int SignalKill(_Uint32t nd, pid_t pid, int tid, int signo, int code,
	       int value)
{
	return (int)qnet_ret(SignalKill_r(nd, pid, tid, signo, code, value));
}
