/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Device control commands: how their numbers are made, and devctl().  A
 * command is (direction | size of its data << 16 | class << 8 | number).
 */
#ifndef _DEVCTL_H
#define _DEVCTL_H

#include <sys/qnet_types.h>

#define _POSIX_DEVDIR_NONE	0
#define _POSIX_DEVDIR_TO	0x80000000U
#define _POSIX_DEVDIR_FROM	0x40000000U
#define _POSIX_DEVDIR_TOFROM	(_POSIX_DEVDIR_TO | _POSIX_DEVDIR_FROM)
#define _POSIX_DEVDIR_CMASK	_POSIX_DEVDIR_TOFROM

#define __DIOSIZE(__cmd)	(((__cmd) & 0x3fff0000U) >> 16)

/* Class and number (0 to 255 each) and type of the data make a command. */
#define __DION(__class, __cmd) \
	((int)(((__class) << 8) + (__cmd) + _POSIX_DEVDIR_NONE))
#define __DIOF(__class, __cmd, __data) \
	((int)((sizeof(__data) << 16) + ((__class) << 8) + (__cmd) + \
	       _POSIX_DEVDIR_FROM))
#define __DIOT(__class, __cmd, __data) \
	((int)((sizeof(__data) << 16) + ((__class) << 8) + (__cmd) + \
	       _POSIX_DEVDIR_TO))
#define __DIOTF(__class, __cmd, __data) \
	((int)((sizeof(__data) << 16) + ((__class) << 8) + (__cmd) + \
	       _POSIX_DEVDIR_TOFROM))
#define get_device_direction(__cmd)	((__cmd) & _POSIX_DEVDIR_CMASK)

#define _DCMD_ALL	0x01
#define _DCMD_FSYS	0x02
#define _DCMD_CHR	0x03
#define _DCMD_NET	0x04
#define _DCMD_MEM	0x05
#define _DCMD_MISC	0x06
#define _DCMD_IP	0x07

__QNET_BEGIN_DECLS

/**
 * devctl() - control a device
 * @fd:     file descriptor
 * @dcmd:   a command made by the macros above
 * @data:   its data
 * @nbytes: bytes of @data
 * @info:   out: more information, may be NULL
 *
 * Return: ENOSYS: descriptors of Linux files are no connections to a resource
 * manager.  As in QNX the error is the return value and errno is left alone.
 * Does not block.  Manual page: devctl.
 */
int devctl(int fd, int dcmd, void *data, size_t nbytes, int *info);

__QNET_END_DECLS

#endif /* _DEVCTL_H */
