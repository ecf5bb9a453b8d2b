/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 3: names to addresses (LR) and to other nodes' numbers (NR). */
#ifndef _QNET_RESOLVE_H
#define _QNET_RESOLVE_H

/* owner: resolve.c */

#endif /* _QNET_RESOLVE_H */
