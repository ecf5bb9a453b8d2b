/* SPDX-License-Identifier: GPL-2.0-only */
/* What net/qnet/wire.c and frag.c need of the kernel, for user space. */
#ifndef _SHIM_LINUX_TYPES_H
#define _SHIM_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;

typedef u16 __le16;
typedef u32 __le32;
typedef u64 __le64;

#ifndef __packed
#define __packed __attribute__((packed))
#define noinline __attribute__((noinline))
#endif

#endif
