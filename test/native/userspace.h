/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's maps and helpers in user space: tables of one pair of buckets, three servers, one service. Packets take
 * the whole journey; an actor is a CPU.
 */
#ifndef XLVS_USERSPACE_H
#define XLVS_USERSPACE_H

#include "steps_program.h"

#include "../../bpf/director.bpf.c"
#include "../../native/listeners.h"
#include "../../native/table.h"

enum {
	LINES = 4, /* as bpf/maps.h has it by default */
	SLOTS = LINES * SLOTS_PER_LINE,
	SERVERS = 4, /* 1 to 3 */
	RING_LINES = 8,
	LISTENER_LINES = 2,
	THE_LISTENER = 1,
	THE_SERVICE = 1,
	THE_SCHEDULE = 1,
	THE_INTERFACE = 1,
	THE_SOURCE = 1,
	FIRST_PORT = 1024,
	PORTS_OF_OURS = 3,
};

/* What packets and the sweep change. */
static struct {
	struct connection_line lines[LINES];
	struct wide_line wide_lines[LINES];
	struct load loads[SERVERS];
	struct service services[2];
	struct ring_line rings[RING_LINES];
	struct source_port source_ports[SOURCE_PROTOCOLS][PORTS_OF_OURS];
} world;

/* What the controller has laid out. */
static struct {
	struct listener_line listeners[LISTENER_LINES];
	struct wide_listener_line wide_listeners[LISTENER_LINES];
	struct listener_place places[THE_LISTENER + 1];
	struct server servers[SERVERS];
	struct interface interfaces[THE_INTERFACE + 1];
	struct hops hops[2];
	struct source sources[THE_SOURCE + 1];
	struct settings settings;
} ground;

/* Per CPU. */
static struct errand errand_of[MAXIMUM_ACTORS];
static struct outcome_count counted_for[MAXIMUM_ACTORS];
static enum outcome outcome_for[MAXIMUM_ACTORS]; /* of the last packet */

static __u32 second_for[MAXIMUM_ACTORS]; /* what the clock says to each actor */
static bool is_wide; /* which table is looked at */
static __u32 watched; /* bitmap of its slots where a step is taken */

static void *slot_numbered(int number)
{
	int line = number / SLOTS_PER_LINE, i = number % SLOTS_PER_LINE;

	return is_wide ? (void *)&world.wide_lines[line].slots[i] : (void *)&world.lines[line].slots[i];
}

static struct connection_owner *owner_numbered(int number)
{
	void *slot = slot_numbered(number);

	return is_wide ? &((struct wide_slot *)slot)->owner : &((struct connection_slot *)slot)->owner;
}

static bool is_within(const volatile void *place, const void *start, size_t size)
{
	return (const volatile char *)place >= (const char *)start &&
	       (const volatile char *)place < (const char *)start + size;
}

static size_t slot_bytes(void)
{
	return is_wide ? sizeof(struct wide_slot) : sizeof(struct connection_slot);
}

bool is_watched(const volatile void *place)
{
	const void *slots = is_wide ? (void *)world.wide_lines : (void *)world.lines;

	if (is_within(place, slots, SLOTS * slot_bytes()))
		return watched >> ((const volatile char *)place - (const char *)slots) / slot_bytes() & 1;
	return place == &world.services[THE_SERVICE].overflowed ||
	       is_within(place, world.source_ports, sizeof(world.source_ports));
}

/* --- maps --- */

static void *element(void *elements, size_t size, __u32 count, const void *key)
{
	__u32 index;

	memcpy(&index, key, sizeof(index));
	return index < count ? (char *)elements + index * size : NULL;
}

/* Of one source there are but a few ports. */
static void *source_port_of(const void *key)
{
	__u32 index, first = THE_SOURCE * SOURCE_PROTOCOLS * PORTS + FIRST_PORT;

	memcpy(&index, key, sizeof(index));
	for (int protocol = 0; protocol < SOURCE_PROTOCOLS; protocol++, first += PORTS) {
		if (index >= first && index < first + PORTS_OF_OURS)
			return &world.source_ports[protocol][index - first];
	}
	return NULL;
}

static void *outcome_of(const void *key)
{
	__u32 index;

	memcpy(&index, key, sizeof(index));
	outcome_for[current_actor()] = index;
	return &counted_for[current_actor()];
}

#define ELEMENT(array, key) element(array, sizeof((array)[0]), sizeof(array) / sizeof((array)[0]), key)

void *bpf_map_lookup_elem(void *map, const void *key)
{
	if (map == &connections)
		return ELEMENT(world.lines, key);
	if (map == &wide_connections)
		return ELEMENT(world.wide_lines, key);
	if (map == &loads)
		return ELEMENT(world.loads, key);
	if (map == &services)
		return ELEMENT(world.services, key);
	if (map == &rings)
		return ELEMENT(world.rings, key);
	if (map == &source_ports)
		return source_port_of(key);
	if (map == &listeners)
		return ELEMENT(ground.listeners, key);
	if (map == &wide_listeners)
		return ELEMENT(ground.wide_listeners, key);
	if (map == &listener_places)
		return ELEMENT(ground.places, key);
	if (map == &servers)
		return ELEMENT(ground.servers, key);
	if (map == &interfaces)
		return ELEMENT(ground.interfaces, key);
	if (map == &hops)
		return ELEMENT(ground.hops, key);
	if (map == &sources)
		return ELEMENT(ground.sources, key);
	if (map == &settings)
		return &ground.settings;
	if (map == &errands)
		return &errand_of[current_actor()];
	if (map == &outcomes)
		return outcome_of(key);
	return NULL;
}

/* Where clients are is of no interest here. */
long bpf_map_update_elem(void *map, const void *key, const void *value, __u64 flags)
{
	(void)map;
	(void)key;
	(void)value;
	(void)flags;
	return 0;
}

/* --- other helpers --- */

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

/* All draw the same lot: who looks for a port of ours begins where everybody does. */
__u32 bpf_get_prandom_u32(void)
{
	return 0;
}

void bpf_spin_lock(struct bpf_spin_lock *lock)
{
	(void)lock;
}

void bpf_spin_unlock(struct bpf_spin_lock *lock)
{
	(void)lock;
}

long bpf_fib_lookup(void *ctx, struct bpf_fib_lookup *params, int size, __u32 flags)
{
	(void)ctx;
	(void)params;
	(void)size;
	(void)flags;
	return BPF_FIB_LKUP_RET_NOT_FWDED;
}

__u64 bpf_xdp_get_buff_len(struct xdp_md *ctx)
{
	return ctx->data_end - ctx->data;
}

long bpf_xdp_adjust_head(struct xdp_md *ctx, int delta)
{
	(void)ctx;
	(void)delta;
	return -1;
}

/* A stray segment that would have been answered ends as STRAY. */
long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta)
{
	(void)ctx;
	(void)delta;
	return -1;
}

long bpf_redirect(__u32 interface, __u64 flags)
{
	(void)interface;
	(void)flags;
	return XDP_ABORTED;
}

long bpf_redirect_map(void *map, __u64 key, __u64 flags)
{
	(void)map;
	(void)key;
	(void)flags;
	return XDP_ABORTED;
}

/* --- native/table.c's accesses, see steps_table.h --- */

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
