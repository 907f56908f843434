/* SPDX-License-Identifier: Apache-2.0 */
/* The program's maps and helpers in user space: a table of one pair of buckets, three servers, one service. */
#ifndef XLVS_USERSPACE_H
#define XLVS_USERSPACE_H

#include "steps_program.h"

#include "../../bpf/director.bpf.c"
#include "../../native/table.h"

enum {
	LINES = 4, /* as bpf/maps.h has it by default; with its seeds of 0 every flow starts at line 0 */
	SLOTS = LINES * SLOTS_PER_LINE,
	SERVERS = 4, /* 1 to 3 */
	RING_LINES = 8,
	THE_LISTENER = 1,
	THE_SERVICE = 1,
	THE_SCHEDULE = 1,
};

static struct {
	struct connection_line lines[LINES];
	struct load loads[SERVERS];
	struct server servers[SERVERS];
	struct service services[2];
	struct ring_line rings[RING_LINES];
	struct settings settings;
} world;

static __u32 second_for[MAXIMUM_ACTORS]; /* what the clock says to each actor */
static __u32 watched; /* bitmap of the slots where a step is taken */

static struct connection_slot *slot_number(int number)
{
	return &world.lines[number / SLOTS_PER_LINE].slots[number % SLOTS_PER_LINE];
}

bool is_watched(const volatile void *place)
{
	const char *slots = (const char *)world.lines;
	long distance = (const volatile char *)place - slots;

	if (place == &world.services[THE_SERVICE].overflowed)
		return true;
	return distance >= 0 && distance < (long)sizeof(world.lines) &&
	       watched & 1U << distance / (long)sizeof(struct connection_slot);
}

static void *element(void *elements, size_t size, __u32 count, const void *key)
{
	__u32 index;

	memcpy(&index, key, sizeof(index));
	return index < count ? (char *)elements + index * size : NULL;
}

void *bpf_map_lookup_elem(void *map, const void *key)
{
	if (map == &connections)
		return element(world.lines, sizeof(world.lines[0]), LINES, key);
	if (map == &loads)
		return element(world.loads, sizeof(world.loads[0]), SERVERS, key);
	if (map == &servers)
		return element(world.servers, sizeof(world.servers[0]), SERVERS, key);
	if (map == &services)
		return element(world.services, sizeof(world.services[0]), 2, key);
	if (map == &rings)
		return element(world.rings, sizeof(world.rings[0]), RING_LINES, key);
	if (map == &settings)
		return element(&world.settings, sizeof(world.settings), 1, key);
	return NULL;
}

long bpf_loop(__u32 count, void *callback, void *context, __u64 flags)
{
	long (*visit_one)(__u32, void *) = (long (*)(__u32, void *))callback;
	__u32 done = 0;

	(void)flags;
	while (done < count && !visit_one(done++, context))
		;
	return done;
}

/* Half a second past, so that second_of() gives the second back. */
static __u64 nanoseconds_of(__u32 second)
{
	return (__u64)second * 1000000000 + 500000000;
}

__u64 bpf_ktime_get_coarse_ns(void)
{
	return nanoseconds_of(second_for[current_actor()]);
}

/* As long as a second: the program keeps a reading of the clock for a jiffy. */
__u64 bpf_jiffies64(void)
{
	return second_for[current_actor()];
}

__u32 bpf_get_smp_processor_id(void)
{
	return current_actor();
}

/* A stray segment that would have been answered ends as STRAY: there is no frame to turn round. */
__u64 bpf_xdp_get_buff_len(struct xdp_md *ctx)
{
	(void)ctx;
	return 0;
}

long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta)
{
	(void)ctx;
	(void)delta;
	return -1;
}

long bpf_redirect_map(void *map, __u64 key, __u64 flags)
{
	(void)map;
	(void)key;
	(void)flags;
	return XDP_ABORTED;
}

uint64_t load_in_steps(const volatile void *place)
{
	uint64_t seen = (step_at(place), *(const volatile uint64_t *)place);

	observe(seen);
	return seen;
}

int swap_word_in_steps(volatile void *place, uint64_t from, uint64_t to)
{
	return swap_in_steps((__u64 *)place, from, to) == from;
}

int clock_in_steps(clockid_t clock, struct timespec *now)
{
	__u64 nanoseconds = nanoseconds_of(second_for[current_actor()]);

	(void)clock;
	*now = (struct timespec){ (time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000) };
	return 0;
}

int xlvs_grace(void)
{
	await_others();
	return 0;
}

#endif
