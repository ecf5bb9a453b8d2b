// SPDX-License-Identifier: LGPL-2.1-or-later
/* Dispatch handles. */
#include <stdlib.h>
#include <unistd.h>

#include "dispatch.h"
#include "internal.h"

#define NAME_CHF	(_NTO_CHF_DISCONNECT | _NTO_CHF_COID_DISCONNECT | \
			 _NTO_CHF_UNBLOCK)

static dispatch_t *dispatch_alloc(int chid)
{
	dispatch_t *dpp = malloc(sizeof(*dpp));

	if (!dpp) {
		errno = ENOMEM;
		return NULL;
	}
	dpp->chid = chid;
	dpp->pid = 0;
	return dpp;
}

dispatch_t *dispatch_create(void)
{
	return dispatch_alloc(-1);
}

dispatch_t *dispatch_create_channel(int chid, unsigned int flags)
{
	SLOT_GUARD(s);

	s = chid == -1 ? NULL : slot_get(&qnet_chans, (unsigned int)chid);
	if ((chid != -1 && !s) ||
	    flags & ~(unsigned int)(DISPATCH_FLAG_NOLOCK |
				    DISPATCH_FLAG_CHANNEL_COIDDEATH)) {
		errno = EINVAL;
		return NULL;
	}
	return dispatch_alloc(chid);
}

int dispatch_destroy(dispatch_t *dpp)
{
	if (!dpp)
		return (int)qnet_ret(-EINVAL);
	/* In a child of fork() the number is another channel's. */
	if (dpp->pid == getpid())
		ChannelDestroy_r(dpp->chid);
	free(dpp);
	return 0;
}

/* The channel of a handle, made if there is none: chid or -errno. */
int qnet_dispatch_channel(dispatch_t *dpp)
{
	int chid;

	if (dpp->chid >= 0)
		return dpp->chid;
	chid = ChannelCreate_r(NAME_CHF);
	if (chid < 0)
		return chid;
	dpp->chid = chid;
	dpp->pid = getpid();
	return chid;
}
