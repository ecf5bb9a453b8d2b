// SPDX-License-Identifier: LGPL-2.1-or-later
/* Small things QNX has in its C library. */
#include <time.h>
#include <unistd.h>

#include "internal.h"

unsigned int delay(unsigned int duration)
{
	struct timespec ts = {
		.tv_sec = duration / 1000,
		.tv_nsec = (long)(duration % 1000) * 1000000,
	};
	struct timespec left;

	qnet_timeout_clear();
	if (!nanosleep(&ts, &left))
		return 0;
	return (unsigned int)(left.tv_sec * 1000 +
			      (left.tv_nsec + 999999) / 1000000);
}
