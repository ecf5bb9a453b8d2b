/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A dispatch handle: here no more than the channel of a name. */
#ifndef _LIBQNET_DISPATCH_H
#define _LIBQNET_DISPATCH_H

#include <sys/dispatch.h>
#include <sys/types.h>

/**
 * struct _dispatch - see dispatch_create()
 * @chid: channel, -1: none yet
 * @pid:  of the process in which the library made it; 0: it did not
 */
struct _dispatch {
	int chid;
	pid_t pid;
};

int qnet_dispatch_channel(dispatch_t *dpp);

#endif /* _LIBQNET_DISPATCH_H */
