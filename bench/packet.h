/* SPDX-License-Identifier: Apache-2.0 */
/* What the packet benchmark measures and how it is told. */
#ifndef XLVS_BENCH_PACKET_H
#define XLVS_BENCH_PACKET_H

#include <stdbool.h>
#include <linux/types.h>

#include "measured.h"

/* Programs, each an object. */
enum program {
	TODAY,
	BEFORE, /* of the commit that NAT and IPv6 came after */
	AGAINST, /* any other that is named */
	LRU, /* today's on the kernel's LRU_HASH */
	PROGRAMS,
};

/* What is measured in turns within a round. */
enum contestant {
	DR_IPV4,
	DR_IPV4_BEFORE,
	DR_IPV4_AGAINST,
	DR_IPV4_LRU,
	NAT_IPV4,
	NAT_IPV4_REPLIES,
	DR_IPV6,
	NAT_IPV6,
	NAT_IPV6_REPLIES,
	CONTESTANTS,
};

/* How a contestant is compared with another one, in each round. */
enum comparison {
	NOTHING,
	MORE, /* nanoseconds that it takes more than its rival */
	LESS, /* that its rival takes more */
	RATIO, /* times as long as its rival */
};

struct description {
	const char *name; /* for --contestants */
	const char *title;
	enum program program;
	enum contestant director; /* who opens the director: the first that uses it */
	enum contestant rival; /* whom it is compared with; takes part wherever it does */
	bool is_ipv6;
	__u8 method; /* enum server_flag */
	bool are_replies;
};

extern const struct description descriptions[CONTESTANTS];

/* One traffic to measure. */
struct traffic_case {
	const char *name;
	__u32 flows; /* established; a power of two. 0: every packet opens a flow */
	bool is_flooded; /* half-open entries of others fill every slot */
	double limit, aim; /* of DR_IPV4: nanoseconds a packet */
};

/* What the project promises of a contestant in a case; in nanoseconds, nanoseconds more or times as many. */
struct promise {
	enum comparison comparison;
	double limit; /* 0: none */
};

struct promise promise_of(const struct traffic_case *traffic, enum contestant contestant);

enum {
	CASES = 7,
};

struct options {
	const char *wrapper;
	const char *objects[PROGRAMS]; /* NULL: not there */
	const char *only; /* a list of cases with commas, or NULL for all */
	const char *contestants; /* likewise; their rivals are always with them */
	const char *json; /* file, or NULL */
	__u32 packets; /* a round */
	int rounds;
	int cpu;
	__u8 protocol;
};

struct result {
	const struct traffic_case *traffic;
	bool takes_part[CONTESTANTS];
	struct measured times[CONTESTANTS]; /* ns a packet over the same round's empty program */
	struct measured compared[CONTESTANTS]; /* as the promise says */
};

struct options read_options(int count, char **arguments);

/* Is `name` in the list? All are in no list. */
bool is_listed(const char *list, const char *name);

void print_heading(const struct options *options);
void print_result(const struct result *result);
void write_json(const struct options *options, const struct result *results, int count);

#endif
