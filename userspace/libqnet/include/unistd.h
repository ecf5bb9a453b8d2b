/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The unistd.h of the C library, and delay(), which QNX declares here. */
#include_next <unistd.h>

#ifndef _QNET_UNISTD_H
#define _QNET_UNISTD_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * delay() - suspend the calling thread
 * @duration: milliseconds
 *
 * Return: 0, or the milliseconds that were left when a signal came.
 * Blocks; a cancellation point; thread-safe.  Manual page: delay.
 */
unsigned int delay(unsigned int duration);

#ifdef __cplusplus
}
#endif

#endif /* _QNET_UNISTD_H */
