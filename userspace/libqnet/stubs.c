// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the headers declare and the library does not provide: ENOSYS. */
#include <unistd.h>
#include <devctl.h>

#include "dispatch.h"
#include "internal.h"

#define __unused	__attribute__((unused))

static int nosys(void)
{
	errno = ENOSYS;
	return -1;
}

#define DEFINE_NOSYS(name, ...)			\
int name(__VA_ARGS__)				\
{						\
	return nosys();				\
}						\
						\
int name##_r(__VA_ARGS__)			\
{						\
	return -ENOSYS;				\
}

DEFINE_NOSYS(MsgReadiov, __unused int rcvid, __unused const iov_t *iov,
	     __unused size_t parts, __unused size_t offset, __unused int flags)
DEFINE_NOSYS(MsgRegisterEvent, __unused struct sigevent *event,
	     __unused int coid)
DEFINE_NOSYS(MsgUnregisterEvent, __unused const struct sigevent *event)
DEFINE_NOSYS(MsgPause, __unused int rcvid, __unused unsigned int cookie)
DEFINE_NOSYS(ThreadCtl, __unused int cmd, __unused void *data)

int devctl(__unused int fd, __unused int dcmd, __unused void *data,
	   __unused size_t nbytes, __unused int *info)
{
	return ENOSYS;
}

int resmgr_attach(__unused dispatch_t *dpp, __unused resmgr_attr_t *attr,
		  __unused const char *path, __unused int file_type,
		  __unused unsigned int flags,
		  __unused const resmgr_connect_funcs_t *connect_funcs,
		  __unused const resmgr_io_funcs_t *io_funcs,
		  __unused void *handle)
{
	return nosys();
}

int resmgr_detach(__unused dispatch_t *dpp, __unused int id,
		  __unused unsigned int flags)
{
	return nosys();
}

int message_attach(__unused dispatch_t *dpp, __unused void *attr,
		   __unused int low, __unused int high,
		   __unused int (*func)(message_context_t *ctp, int code,
					unsigned int flags, void *handle),
		   __unused void *handle)
{
	return nosys();
}

int message_detach(__unused dispatch_t *dpp, __unused int low,
		   __unused int high, __unused int flags)
{
	return nosys();
}

int message_connect(__unused dispatch_t *dpp, __unused int flags)
{
	return nosys();
}

int pulse_attach(__unused dispatch_t *dpp, __unused int flags,
		 __unused int code,
		 __unused int (*func)(message_context_t *ctp, int code,
				      unsigned int flags, void *handle),
		 __unused void *handle)
{
	return nosys();
}

int pulse_detach(__unused dispatch_t *dpp, __unused int code,
		 __unused int flags)
{
	return nosys();
}

int select_attach(__unused dispatch_t *dpp, __unused void *attr,
		  __unused int fd, __unused unsigned int flags,
		  __unused int (*func)(select_context_t *ctp, int fd,
				       unsigned int flags, void *handle),
		  __unused void *handle)
{
	return nosys();
}

int select_detach(__unused dispatch_t *dpp, __unused int fd)
{
	return nosys();
}

dispatch_context_t *dispatch_context_alloc(__unused dispatch_t *dpp)
{
	nosys();
	return NULL;
}

/* There is no context to free. */
void dispatch_context_free(__unused dispatch_context_t *ctp)
{
}

dispatch_context_t *dispatch_block(__unused dispatch_context_t *ctp)
{
	nosys();
	return NULL;
}

int dispatch_handler(__unused dispatch_context_t *ctp)
{
	return nosys();
}

int dispatch_timeout(__unused dispatch_t *dpp,
		     __unused struct timespec *reltime)
{
	return nosys();
}

/* There is no context to unblock. */
void dispatch_unblock(__unused dispatch_context_t *ctp)
{
}
