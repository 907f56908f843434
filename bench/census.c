/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts a pinned director's connection tables, slot by slot, beside what the servers' counts say, and prints both as JSON:
 * census PIN_DIRECTORY
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <bpf/bpf.h>

#include "../bpf/abi.h"
#include "object.h"

static const char *const state_names[] = {
	[STATE_NONE] = "NONE",	       [STATE_ESTABLISHED] = "ESTABLISHED",
	[STATE_SYN_SENT] = "SYN_SENT", [STATE_SYN_RECEIVED] = "SYN_RECV",
	[STATE_FIN_WAIT] = "FIN_WAIT", [STATE_TIME_WAIT] = "TIME_WAIT",
	[STATE_CLOSE] = "CLOSE",       [STATE_CLOSE_WAIT] = "CLOSE_WAIT",
	[STATE_LAST_ACK] = "LAST_ACK", [STATE_LISTEN] = "LISTEN",
	[STATE_SYN_ACK] = "SYN_ACK",   [STATE_UDP] = "UDP",
	[STATE_BUSY] = "BUSY",
};

enum {
	STATE_NAMES = sizeof(state_names) / sizeof(*state_names),
	SERVER_INDICES = 1 << 16,
};

struct tally {
	__u64 slots;
	__u64 used;
};

struct census {
	struct tally narrow, wide; /* tables */
	__u64 states[STATE_NAMES][2]; /* proven, on probation */
	struct load_counts servers[SERVER_INDICES];
};

struct array {
	const void *memory;
	struct bpf_map_info info;
};

/* The pinned array, mapped to be read. */
static struct array open_array(const char *directory, const char *name)
{
	struct array array = {};
	__u32 length = sizeof(array.info);
	char path[512];
	int map;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	map = bpf_obj_get(path);
	if (map < 0 || bpf_obj_get_info_by_fd(map, &array.info, &length))
		fail("%s: %s", path, strerror(errno));
	array.memory =
		mmap(NULL, (size_t)array.info.max_entries * array.info.value_size, PROT_READ, MAP_SHARED, map, 0);
	if (array.memory == MAP_FAILED)
		fail("%s: %s", path, strerror(errno));
	return array;
}

static void count_slot(struct census *census, struct tally *table, __u64 word)
{
	struct connection_owner owner;

	memcpy(&owner, &word, sizeof(owner));
	if (!owner.listener)
		return;
	table->used++;
	census->states[owner.state % STATE_NAMES][owner.flags & FLAG_PROBATION ? 1 : 0]++;
	if (owner.state == STATE_ESTABLISHED)
		census->servers[owner.server].active++;
	else
		census->servers[owner.server].inactive++;
}

static void count_narrow(struct census *census, const struct array *connections)
{
	const struct connection_slot *slots = connections->memory;

	census->narrow.slots = (__u64)connections->info.max_entries * SLOTS_PER_LINE;
	for (__u64 i = 0; i < census->narrow.slots; i++)
		count_slot(census, &census->narrow, __atomic_load_n(&slots[i].owner_word, __ATOMIC_RELAXED));
}

static void count_wide(struct census *census, const struct array *connections)
{
	const struct wide_slot *slots = connections->memory;

	census->wide.slots = (__u64)connections->info.max_entries * SLOTS_PER_LINE;
	for (__u64 i = 0; i < census->wide.slots; i++)
		count_slot(census, &census->wide, __atomic_load_n(&slots[i].owner_word, __ATOMIC_RELAXED));
}

static void print_tally(const struct tally *table)
{
	printf("\"slots\": %llu, \"used\": %llu", (unsigned long long)table->slots, (unsigned long long)table->used);
}

static void print_states(const struct census *census)
{
	const char *comma = "";

	printf("\"states\": {");
	for (int state = 0; state < STATE_NAMES; state++) {
		const __u64 *count = census->states[state];

		if (!count[0] && !count[1])
			continue;
		printf("%s \"%s\": { \"proven\": %llu, \"probation\": %llu }", comma, state_names[state],
		       (unsigned long long)count[0], (unsigned long long)count[1]);
		comma = ",";
	}
	printf(" }");
}

/* Both counts of every server that has any. */
static void print_servers(const struct census *census, const struct array *loads)
{
	const struct load *counted = loads->memory;
	const char *comma = "";

	printf("\"servers\": [");
	for (__u32 index = 0; index < loads->info.max_entries && index < SERVER_INDICES; index++) {
		struct load load = { .word = __atomic_load_n(&counted[index].word, __ATOMIC_RELAXED) };
		const struct load_counts *tallied = &census->servers[index];

		if (!load.word && !tallied->active && !tallied->inactive)
			continue;
		printf("%s\n  { \"index\": %u, \"active\": %u, \"inactive\": %u, \"tallied\": { \"active\": %u, "
		       "\"inactive\": %u } }",
		       comma, index, load.counts.active, load.counts.inactive, tallied->active, tallied->inactive);
		comma = ",";
	}
	printf(" ]");
}

int main(int count, char **arguments)
{
	static struct census census;
	struct array connections, wide_connections, loads;

	if (count != 2)
		fail("usage: census PIN_DIRECTORY");
	connections = open_array(arguments[1], "connections");
	wide_connections = open_array(arguments[1], "wide_connections");
	loads = open_array(arguments[1], "loads");
	count_narrow(&census, &connections);
	count_wide(&census, &wide_connections);
	printf("{ ");
	print_tally(&census.narrow);
	printf(", \"wide\": { ");
	print_tally(&census.wide);
	printf(" }, ");
	print_states(&census);
	printf(",\n");
	print_servers(&census, &loads);
	printf(" }\n");
	return 0;
}
