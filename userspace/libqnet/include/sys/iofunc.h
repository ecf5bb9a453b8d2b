/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QNX programs that call name_open() include this header.  The POSIX layer of
 * resource managers itself (iofunc_*()) is not provided: a program that needs
 * it fails to link rather than to run.
 */
#ifndef _SYS_IOFUNC_H
#define _SYS_IOFUNC_H

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/iomsg.h>
#include <devctl.h>

typedef struct _iofunc_attr	iofunc_attr_t;
typedef struct _iofunc_ocb	iofunc_ocb_t;
typedef struct _iofunc_mount	iofunc_mount_t;

#endif /* _SYS_IOFUNC_H */
