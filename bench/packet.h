/* SPDX-License-Identifier: Apache-2.0 */
/* What the packet benchmark measures and how it is told. */
#ifndef XLVS_BENCH_PACKET_H
#define XLVS_BENCH_PACKET_H

#include <stdbool.h>
#include <linux/types.h>

#include "measured.h"

enum {
	MAXIMUM_VARIANTS = 3,
	CASES = 7,
};

struct options {
	const char *wrapper; /* objects */
	const char *objects[MAXIMUM_VARIANTS];
	const char *names[MAXIMUM_VARIANTS];
	int variants;
	const char *only; /* a list of cases with commas, or NULL for all */
	const char *json; /* file, or NULL */
	__u32 packets; /* a round */
	int rounds;
	int cpu;
	__u8 protocol;
};

/* One traffic to measure, and what the project promises for it, in ns a packet. */
struct traffic_case {
	const char *name;
	__u32 flows; /* established; a power of two. 0: every packet opens a flow */
	bool is_flooded; /* half-open entries of others fill every slot */
	double limit;
	double aim;
};

struct result {
	const struct traffic_case *traffic;
	struct measured variants[MAXIMUM_VARIANTS]; /* ns a packet over the same round's empty program */
};

struct options read_options(int count, char **arguments);

void print_heading(const struct options *options);
void print_result(const struct options *options, const struct result *result);
void write_json(const struct options *options, const struct result *results, int count);

#endif
