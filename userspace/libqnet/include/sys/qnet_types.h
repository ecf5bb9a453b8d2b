/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What QNX sources find in their system headers and Linux does not have:
 * errno names, exact width types and input/output vectors.  Included by the
 * other headers of libqnet; programs need not include it.
 */
#ifndef _SYS_QNET_TYPES_H
#define _SYS_QNET_TYPES_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <linux/qnet.h>

#ifdef __cplusplus
# define __QNET_BEGIN_DECLS	extern "C" {
# define __QNET_END_DECLS	}
#else
# define __QNET_BEGIN_DECLS
# define __QNET_END_DECLS
#endif

/*
 * errno names of QNX.  The numbers of those Linux lacks lie above every number
 * of Linux.  EOK and the rest are also there after <errno.h> alone.
 */
#ifndef EOK
# define EOK		0
#endif
#ifndef ENOREMOTE
# define ENOREMOTE	QNET_ENOREMOTE	/* this call cannot leave the node */
#endif
#ifndef ESRVRFAULT
# define ESRVRFAULT	QNET_ESRVRFAULT	/* the server's buffer is bad */
#endif
#ifndef EENDIAN
# define EENDIAN	QNET_EENDIAN	/* the other node's byte order differs */
#endif
#ifndef EBADFSYS
# define EBADFSYS	601		/* a corrupt file system; never returned */
#endif
#ifndef ECTRLTERM
# define ECTRLTERM	602		/* never returned */
#endif

/* Exact width types by the names QNX headers use for them. */
typedef int8_t		_Int8t;
typedef uint8_t		_Uint8t;
typedef int16_t		_Int16t;
typedef uint16_t	_Uint16t;
typedef int32_t		_Int32t;
typedef uint32_t	_Uint32t;
typedef int64_t		_Int64t;
typedef uint64_t	_Uint64t;
typedef intptr_t	_Intptrt;
typedef uintptr_t	_Uintptrt;
typedef size_t		_Sizet;
typedef ssize_t		_Ssizet;

/*
 * One piece of a message in several pieces: the struct iovec of POSIX, so
 * that the same list serves readv() and MsgSendv().
 */
typedef struct iovec	iov_t;

/* SETIOV - point an iov_t at @__len bytes from @__addr */
#define SETIOV(__iov, __addr, __len) \
	((__iov)->iov_base = (void *)(__addr), (__iov)->iov_len = (__len))
#define SETIOV_CONST(__iov, __addr, __len) SETIOV(__iov, __addr, __len)
#define GETIOVBASE(__iov)	((__iov)->iov_base)
#define GETIOVLEN(__iov)	((__iov)->iov_len)

#endif /* _SYS_QNET_TYPES_H */
