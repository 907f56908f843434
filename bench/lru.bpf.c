// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The director with its connections in a kernel LRU_HASH, all else being equal. */
#include "connection_lru.h"
#include "../bpf/director.bpf.c"
