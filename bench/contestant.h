/* SPDX-License-Identifier: Apache-2.0 */
/* The packet benchmark's contestants: a director each, its table filled and aged, and the packets that are measured. */
#ifndef XLVS_BENCH_CONTESTANT_H
#define XLVS_BENCH_CONTESTANT_H

#include "packet.h"
#include "traffic.h"

struct arena {
	const struct options *options;
	struct generator generator;
	bool is_open[CONTESTANTS];
	struct director directors[CONTESTANTS]; /* by the contestant that opens it */
};

/* Does the contestant run in this case? */
bool takes_part(const struct arena *arena, enum contestant contestant, const struct traffic_case *traffic);

/* Opens directors for all that take part in any case that is asked for. */
void open_arena(struct arena *arena, const struct options *options);
void close_arena(struct arena *arena);

/* Makes the contestant's table what the case wants it to be. */
void prepare(struct arena *arena, enum contestant contestant, const struct traffic_case *traffic);

/* Nanoseconds a packet of one round; exits when packets did not go the way that the case is about. Round 0 warms up. */
double measure(struct arena *arena, enum contestant contestant, const struct traffic_case *traffic, int round);

#endif
