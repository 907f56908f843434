/* SPDX-License-Identifier: Apache-2.0 */
/* What the live benchmark measures and how it is told. */
#ifndef XLVS_BENCH_FORWARD_H
#define XLVS_BENCH_FORWARD_H

#include "measured.h"

enum way {
	DOOR, /* dropped as soon as the director has it: what injection costs */
	XLVS,
	KERNEL,
	NFTABLES,
	WAYS,
};

enum {
	FLOW_COUNTS = 4,
};

extern const __u32 flow_counts[FLOW_COUNTS];

struct options {
	const char *object, *ends, *json;
	__u32 packets;
	int rounds;
	int cpu;
};

/* For one number of flows, by way: nanoseconds a packet, injection included and without it. */
struct result {
	struct measured whole[WAYS];
	struct measured alone[WAYS];
};

void print_rates(const struct options *options, const struct result *results);
void print_times(const struct result *results);
void write_json(const struct options *options, const struct result *results);

#endif
