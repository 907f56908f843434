/* SPDX-License-Identifier: Apache-2.0 */
/* What the live benchmark measures, how it knows that the packets went their way, and how it is told. */
#ifndef XLVS_BENCH_FORWARD_H
#define XLVS_BENCH_FORWARD_H

#include "counts.h"
#include "lane.h"
#include "measured.h"

enum way {
	XLVS_DR,
	XLVS_NAT,
	KERNEL,
	NFTABLES,
	WAYS,
};

enum arrangement {
	IN_TURNS, /* injection and director on one CPU */
	APART, /* on two */
	ARRANGEMENTS,
};

enum {
	FLOW_COUNTS = 4,
	LIMIT = 5, /* times the packets of nftables, at the least */
};

extern const __u32 flow_counts[FLOW_COUNTS];

struct options {
	const char *object, *ends, *json;
	__u32 packets;
	int rounds;
	int cpu, other_cpu; /* the other is the director's when they are apart */
	int arrangements;
};

/* How packets get from end to end, each with a lane of its own. */
struct course {
	struct lane lane;
	struct director director; /* of xlvs's ways */
};

/* In direct routing servers answer past the director. */
bool takes_part(enum way way, enum direction direction);

/* For one direction and number of flows, by way: nanoseconds a packet, as in struct cost. */
struct result {
	struct measured directing[WAYS];
	struct measured counting[WAYS];
	struct measured interval[WAYS];
	struct measured distance; /* of the two CPUs, when they are apart: nanoseconds a cache line */
};

/* What the director's side has counted so far, whichever way it is. */
struct evidence {
	struct counts counts; /* xlvs */
	__u64 forwarded; /* by the kernel, datagrams */
	__u64 tracked; /* connections that conntrack knows */
};

struct evidence gather_evidence(enum way way, const struct course *course);

/* Ends this process unless all packets since `before` went as those of established flows do that way. */
void check_evidence(enum way way, enum direction direction, const struct course *course, const struct evidence *before,
		    __u32 flows, __u32 packets);

/* For every direction, number of flows and arrangement. */
typedef struct result results[DIRECTIONS][FLOW_COUNTS][ARRANGEMENTS];

void print_results(const struct options *options, const results results);
void write_json(const struct options *options, const results results);

#endif
