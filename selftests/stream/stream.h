/* SPDX-License-Identifier: GPL-2.0 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>

int deaf(const char *file);
int flooding(const char *node, const char *file, long calls, size_t bytes);

#endif
