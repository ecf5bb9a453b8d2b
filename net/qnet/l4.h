/* SPDX-License-Identifier: GPL-2.0-only */
/* Floor 2: one sequenced, reliable connection to a node, one way. */
#ifndef _QNET_L4_H
#define _QNET_L4_H

/* owner: l4.c */

#endif /* _QNET_L4_H */
