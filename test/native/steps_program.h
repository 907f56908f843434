/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf/ for user space, with a step before each shared access and after each exchange that succeeded (so that what comes
 * next is a step of its own). Included once, by the test itself.
 */
#ifndef XLVS_STEPS_PROGRAM_H
#define XLVS_STEPS_PROGRAM_H

#include "explore.h"

#include "../../bpf/packet.h"

/* True where others may notice an access: of memory that several actors can reach and the test wants to watch. */
bool is_watched(const volatile void *place);

static inline void step_at(const volatile void *place)
{
	if (is_watched(place))
		step();
}

#undef READ_ONCE
#define READ_ONCE(place)                                                                                           \
	({                                                                                                         \
		__typeof__(place) seen_there = (step_at(&(place)), *(const volatile __typeof__(place) *)&(place)); \
		if (is_watched(&(place)))                                                                          \
			observe((__u64)seen_there);                                                                \
		seen_there;                                                                                        \
	})

/* The program's own, of what another CPU may see. */
#undef WRITE_ONCE
#define WRITE_ONCE(place, value) (step_at(&(place)), *(volatile __typeof__(place) *)&(place) = (value))

static inline __u64 swap_in_steps(__u64 *place, __u64 from, __u64 to)
{
	__u64 seen;

	step_at(place);
	seen = *place;
	observe(seen);
	if (seen == from) {
		*place = to;
		step_at(place);
	}
	return seen;
}
#define __sync_val_compare_and_swap(place, from, to) swap_in_steps(place, from, to)

/* Counts: what one adds does not depend on the others, but a turn that was drawn is something learnt. */
static inline __u64 add_and_tell(__u64 *place, __u64 difference)
{
	__u64 seen = *place;

	*place = seen + difference;
	observe(seen);
	return seen;
}
#define __sync_fetch_and_add(place, difference) add_and_tell(place, difference)

#endif
