/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QNX declares getpid(), the exec family and their like in <process.h>.  The
 * C library has them in <unistd.h>, <stdlib.h> and <sys/wait.h>.  spawn*() is
 * not provided: posix_spawn() is in <spawn.h>.
 */
#ifndef _PROCESS_H
#define _PROCESS_H

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <stdlib.h>
#include <pthread.h>
#include <sys/qnet_types.h>

#endif /* _PROCESS_H */
