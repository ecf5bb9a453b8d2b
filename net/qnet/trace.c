// SPDX-License-Identifier: GPL-2.0-only
/* The tracepoints of include/trace/events/qnet.h. */
#include "qnet_priv.h"

#define CREATE_TRACE_POINTS
#include <trace/events/qnet.h>
