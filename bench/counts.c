/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "object.h"
#include "site.h"

/* The object's own enum outcome. */
static const struct btf_type *outcomes_of(const struct director *director)
{
	struct btf *btf = bpf_object__btf(director->object);

	return btf__type_by_id(btf, btf__find_by_name_kind(btf, "outcome", BTF_KIND_ENUM));
}

static const char *name_of(const struct director *director, int outcome)
{
	return btf__name_by_offset(bpf_object__btf(director->object),
				   btf_enum(outcomes_of(director))[outcome].name_off);
}

/* The outcomes map has as many; the enum's last name is their number. */
static __u32 number_of_outcomes(const struct director *director)
{
	__u32 outcomes = bpf_map__max_entries(map_of(director, "outcomes"));

	return outcomes < MAXIMUM_OUTCOMES ? outcomes : MAXIMUM_OUTCOMES;
}

/* The per-CPU values of the service's traffic begin alike in every version. */
static __u64 read_connections(const struct director *director)
{
	struct bpf_map *map = map_of(director, "service_traffic");
	size_t size = bpf_map__value_size(map);
	char *traffic = calloc(libbpf_num_possible_cpus(), size);
	__u64 connections = 0;

	if (!traffic || bpf_map_lookup_elem(bpf_map__fd(map), &(__u32){ SERVICE }, traffic))
		fail("%s: reading the service's traffic", director->path);
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		connections += ((struct traffic *)(traffic + cpu * size))->connections;
	free(traffic);
	return connections;
}

struct counts read_counts(const struct director *director)
{
	int outcomes = bpf_map__fd(map_of(director, "outcomes"));
	struct counts counts = { .connections = read_connections(director) };

	for (__u32 outcome = 0; outcome < number_of_outcomes(director); outcome++)
		counts.outcomes[outcome] = sum_over_cpus(outcomes, outcome);
	return counts;
}

struct counts counted_since(struct counts before, struct counts after)
{
	for (int outcome = 0; outcome < MAXIMUM_OUTCOMES; outcome++)
		after.outcomes[outcome] -= before.outcomes[outcome];
	after.connections -= before.connections;
	return after;
}

__u64 went(const struct director *director, const struct counts *counts, const char *stayed, const char *redirected)
{
	__u64 packets = 0;

	for (__u32 outcome = 0; outcome < number_of_outcomes(director); outcome++) {
		const char *name = name_of(director, outcome);

		if (!strcmp(name, stayed) || !strcmp(name, redirected))
			packets += counts->outcomes[outcome];
	}
	return packets;
}

/* All packets, but for one in ten thousand. */
static bool nearly_all(__u64 followed, __u64 astray, __u32 packets)
{
	return followed + astray == packets && astray <= packets / 10000;
}

bool followed_entries(const struct director *director, const struct counts *counts, __u32 packets)
{
	__u64 by_hash = went(director, counts, "HASHED", "HASH_REDIRECTED");
	__u64 nowhere = went(director, counts, "NO_SLOT", "NO_SLOT");

	return nearly_all(went(director, counts, "FORWARDED", "REDIRECTED"), by_hash + nowhere, packets) &&
	       !counts->connections;
}

bool replies_followed_entries(const struct director *director, const struct counts *counts, __u32 packets)
{
	return nearly_all(went(director, counts, "REPLIED", "REPLY_REDIRECTED"),
			  went(director, counts, "NOT_A_REPLY", "NOT_A_REPLY"), packets);
}

const char *name_outcomes(const struct director *director, const struct counts *counts)
{
	static char text[1024];
	int length = 0;

	text[0] = '\0';
	for (__u32 outcome = 0; outcome < number_of_outcomes(director); outcome++) {
		if (!counts->outcomes[outcome])
			continue;
		length += snprintf(text + length, sizeof(text) - length, "%s%s %llu", length ? ", " : "",
				   name_of(director, outcome), (unsigned long long)counts->outcomes[outcome]);
	}
	return text;
}
