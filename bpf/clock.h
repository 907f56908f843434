/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_CLOCK_H
#define XLVS_CLOCK_H

#include <linux/types.h>

/*
 * A second since boot, without a division: (ns >> 20) × 1.048576 ms, 4 ppm fast. Everybody who writes or judges
 * `connection_owner.second` uses this function on CLOCK_MONOTONIC_COARSE (bpf_ktime_get_coarse_ns), so they agree.
 */
static inline __attribute__((always_inline)) __u32 second_of(__u64 nanoseconds)
{
	return (__u32)(((nanoseconds >> 20) * 70369) >> 26);
}

/*
 * How long ago `second` was, in seconds and AGE_SLACK more; all wrap at 16 bits. Another CPU may have written a second
 * that this one's reading of the clock has not reached: the slack keeps that from looking like 18 hours.
 */
#define AGE_SLACK 64
static inline __attribute__((always_inline)) __u32 slack_age(__u32 now, __u32 second)
{
	return (now + AGE_SLACK - second) & 0xffff;
}

static inline __attribute__((always_inline)) int is_older(__u32 now, __u32 second, __u32 seconds)
{
	return slack_age(now, second) > seconds + AGE_SLACK;
}

#endif
