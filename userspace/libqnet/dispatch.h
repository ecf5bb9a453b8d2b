/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A dispatch handle: here no more than the channel of a name. */
#ifndef _LIBQNET_DISPATCH_H
#define _LIBQNET_DISPATCH_H

#include <stdbool.h>
#include <sys/dispatch.h>

/**
 * struct _dispatch - see dispatch_create()
 * @chid: channel, -1: none yet
 * @own:  the library made it
 */
struct _dispatch {
	int chid;
	bool own;
};

int qnet_dispatch_channel(dispatch_t *dpp);

#endif /* _LIBQNET_DISPATCH_H */
