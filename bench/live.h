/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the live benchmark and its programs at the two ends of the way share. */
#ifndef XLVS_BENCH_LIVE_H
#define XLVS_BENCH_LIVE_H

#include <linux/types.h>

enum live_limit {
	RING_FRAMES = 192, /* that a veth surely has room for: its ring has 256 places, and clears them by sixteen */
	FRAMES_PER_NOTICE = 32,
	NEIGHBOURING_LINES = 128, /* bytes: what one CPU writes here, another leaves alone */
};

/* An IPv4 address of which the masked bits count. */
struct pattern {
	__be32 address, mask;
};

/* Kept by the program at the far end; one CPU counts. */
struct arrivals {
	struct pattern source, destination; /* of the packets that count: those that went the intended way */
	__u64 packets;
	__u64 noticed __attribute__((aligned(NEIGHBOURING_LINES))); /* `packets` now and then, for who injects */
} __attribute__((aligned(NEIGHBOURING_LINES)));

/* Nobody puts more before the director than the rings hold. */
struct pace {
	__u64 noticed; /* arrivals, as last read */
	__u64 waits; /* whether looking again is of use: the director is on another CPU */
};

#endif
