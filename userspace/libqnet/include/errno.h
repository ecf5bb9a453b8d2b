/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The errno.h of the C library and what QNX's has on top of it.  No include
 * guard: <errno.h> may be included again to get error_t and the like.
 */
#include_next <errno.h>

#ifndef EOK
# define EOK		0
#endif
#ifndef ENOREMOTE
# define ENOREMOTE	600
#endif
#ifndef EBADFSYS
# define EBADFSYS	601
#endif
#ifndef ECTRLTERM
# define ECTRLTERM	602
#endif
#ifndef ESRVRFAULT
# define ESRVRFAULT	612
#endif
#ifndef EENDIAN
# define EENDIAN	613
#endif
