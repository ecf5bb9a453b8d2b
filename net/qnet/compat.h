/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between the kernels the module builds on (6.1 to 7.3), written
 * so that the newest spelling is the native one: without this file the rest is
 * the upstream patch.
 */
#ifndef _QNET_COMPAT_H
#define _QNET_COMPAT_H

#include <linux/sock_diag.h>
#include <linux/timer.h>
#include <linux/uio.h>
#include <linux/version.h>

#ifndef ETH_P_QNX
#define ETH_P_QNX 0x8204
#endif

#ifndef ITER_SOURCE
#define ITER_SOURCE WRITE
#define ITER_DEST READ
#endif

#if KERNEL_VERSION(6, 19, 0) > LINUX_VERSION_CODE
#define sockaddr_unsized sockaddr
#endif

/* From 6.9 on, and in stable kernels before, it tells whose it is; where it does
 * not, it is called under a mutex.
 */
static inline void qnet_diag_set_owner(struct sock_diag_handler *h,
				       struct module *owner)
{
#ifdef QNET_DIAG_OWNER
	h->owner = owner;
#endif
}

/* What an operation is to pre_doit(). */
#if KERNEL_VERSION(6, 2, 0) > LINUX_VERSION_CODE
#define genl_split_ops genl_ops
#endif

#ifndef timer_container_of
#define timer_container_of(var, timer, field) from_timer(var, timer, field)
#endif

#endif /* _QNET_COMPAT_H */
