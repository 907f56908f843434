/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "director.h"

#include "../native/listeners.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "object.h"

enum {
	INTERFACE = 1,
	SCHEDULE_LINE = 1,
	HASH_SLOTS = 251,
	LISTENER_LINES = 8192, /* for 4,096 of them */
	LONG_AGO = 1000, /* seconds: longer than any timeout */
};

static struct bpf_map *map_of(const struct director *director, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(director->object, name);

	if (!map)
		fail("%s has no map %s", director->path, name);
	return map;
}

static void store(const struct director *director, const char *name, __u32 index, const void *value)
{
	if (bpf_map_update_elem(bpf_map__fd(map_of(director, name)), &index, value, BPF_ANY))
		fail("%s: map %s: %s", director->path, name, strerror(errno));
}

/* The program's constant `identity` before it is loaded. */
static struct identity *identity_of(const struct director *director)
{
	struct btf *btf = bpf_object__btf(director->object);
	const struct btf_type *section = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC));
	const struct btf_var_secinfo *variable = btf_var_secinfos(section);
	struct bpf_map *map;

	bpf_object__for_each_map(map, director->object)
	{
		size_t size;
		char *data = (char *)bpf_map__initial_value(map, &size);

		if (!data || !strstr(bpf_map__name(map), ".rodata"))
			continue;
		for (int i = 0; i < btf_vlen(section); i++, variable++)
			if (!strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, variable->type)->name_off),
				    "identity"))
				return (struct identity *)(data + variable->offset);
	}
	fail("%s has no constant named identity", director->path);
}

static void size_maps(const struct director *director)
{
	struct identity *identity = identity_of(director);

	identity->version = ABI_VERSION;
	identity->lines = SLOTS / SLOTS_PER_LINE;
	identity->listener_lines = LISTENER_LINES;
	identity->seeds[0] = 0x5bf03635f0a31e15ULL;
	identity->seeds[1] = 0xc2b2ae3d27d4eb4fULL;
	identity->seeds[2] = 0x9fb21c651e98df25ULL;
	bpf_map__set_max_entries(map_of(director, "connections"), identity->lines);
	bpf_map__set_max_entries(map_of(director, "listeners"), identity->listener_lines);
}

/* Seconds by state, as the controller sets them by default. */
static void configure_timeouts(const struct director *director)
{
	const struct settings settings = { .timeouts = {
						   [STATE_NONE] = 2,
						   [STATE_ESTABLISHED] = 900,
						   [STATE_SYN_SENT] = 120,
						   [STATE_SYN_RECEIVED] = 60,
						   [STATE_FIN_WAIT] = 120,
						   [STATE_TIME_WAIT] = 120,
						   [STATE_CLOSE] = 10,
						   [STATE_CLOSE_WAIT] = 60,
						   [STATE_LAST_ACK] = 30,
						   [STATE_LISTEN] = 120,
						   [STATE_SYN_ACK] = 120,
						   [STATE_UDP] = 300,
						   [STATE_BUSY] = BUSY_SECONDS,
					   } };

	store(director, "settings", 0, &settings);
}

static void configure_interface(const struct director *director, const struct site *site)
{
	const struct interface interface = { .mac = { 2, 0, 0, 0, 0, 1 }, .ifindex = site->egress };

	store(director, "interfaces", INTERFACE, &interface);
	store(director, "egress", INTERFACE, &site->egress);
}

static void configure_servers(const struct director *director, const struct site *site)
{
	for (int i = 0; i < SERVERS; i++) {
		struct server server = { .route.interface = INTERFACE, .service = SERVICE };

		server.route.flags = SERVER_ELIGIBLE | SERVER_REACHABLE;
		memcpy(server.route.mac, site->server_macs[i], sizeof(server.route.mac));
		store(director, "servers", FIRST_SERVER + i, &server);
	}
}

/* Round robin over the servers: the head, one line of ring, and the flow-hash ring in turns. */
static void configure_schedule(const struct director *director)
{
	const struct schedule head = {
		.slots = SERVERS, .hash_line = 2, .hash_slots = HASH_SLOTS, .lookahead = SERVERS, .start = START_COUNTER
	};
	const struct service service = { .schedule = SCHEDULE_LINE };
	struct ring_line line;

	store(director, "rings", SCHEDULE_LINE, &head);
	for (int i = 0; i < SERVERS_PER_LINE; i++)
		line.servers[i] = FIRST_SERVER + i % SERVERS;
	for (int i = 0; i <= 1 + HASH_SLOTS / SERVERS_PER_LINE; i++)
		store(director, "rings", SCHEDULE_LINE + 1 + i, &line);
	store(director, "services", SERVICE, &service);
}

static void configure_listener(const struct director *director, const struct site *site)
{
	const struct listener_key key = { .address = site->vip, .port = site->port, .protocol = site->protocol };
	const struct listener listener = { .index = LISTENER, .service = SERVICE };

	struct bpf_map *map = map_of(director, "listeners");
	size_t size = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	struct listener_line *lines = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (lines == MAP_FAILED || xlvs_listener_put(lines, identity_of(director), &key, &listener))
		fail("%s: map listeners: %s", director->path, strerror(errno));
	munmap(lines, size);
}

void open_director(struct director *director, const char *path, const struct site *site)
{
	director->path = path;
	director->object = bpf_object__open_file(path, NULL);
	if (!director->object)
		fail("%s: %s", path, strerror(errno));
	director->program = bpf_object__find_program_by_name(director->object, "director");
	if (!director->program)
		fail("%s has no program director", path);
	size_maps(director);
	if (bpf_object__load(director->object))
		fail("%s: the kernel refused it: %s", path, strerror(errno));
	configure_timeouts(director);
	configure_interface(director, site);
	configure_servers(director, site);
	configure_schedule(director);
	configure_listener(director, site);
}

void close_director(struct director *director)
{
	bpf_object__close(director->object);
}

void let_time_pass(const struct director *director)
{
	struct bpf_map *map = map_of(director, "connections");
	size_t size = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	struct connection_line *lines = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (lines == MAP_FAILED)
		fail("%s: map connections: %s", director->path, strerror(errno));
	for (size_t line = 0; line < size / sizeof(*lines); line++)
		for (int slot = 0; slot < SLOTS_PER_LINE; slot++)
			if (lines[line].slots[slot].owner_word)
				lines[line].slots[slot].owner.second -= LONG_AGO;
	munmap(lines, size);
}

struct counts read_counts(const struct director *director)
{
	struct traffic traffic[libbpf_num_possible_cpus()];
	int outcomes = bpf_map__fd(map_of(director, "outcomes"));
	struct counts counts = {};

	for (__u32 outcome = 0; outcome < OUTCOMES; outcome++)
		counts.outcomes[outcome] = sum_over_cpus(outcomes, outcome);
	bpf_map_lookup_elem(bpf_map__fd(map_of(director, "service_traffic")), &(__u32){ SERVICE }, traffic);
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		counts.connections += traffic[cpu].connections;
	return counts;
}

struct counts counted_since(struct counts before, struct counts after)
{
	for (int outcome = 0; outcome < OUTCOMES; outcome++)
		after.outcomes[outcome] -= before.outcomes[outcome];
	after.connections -= before.connections;
	return after;
}

bool followed_entries(const struct counts *counts, __u32 packets)
{
	__u64 by_entry = counts->outcomes[FORWARDED] + counts->outcomes[REDIRECTED];
	__u64 by_hash = counts->outcomes[HASHED] + counts->outcomes[HASH_REDIRECTED];

	return by_entry + by_hash == packets && by_hash <= packets / 10000 && !counts->connections;
}

const char *name_outcomes(const struct director *director, const struct counts *counts)
{
	struct btf *btf = bpf_object__btf(director->object);
	const struct btf_type *type = btf__type_by_id(btf, btf__find_by_name_kind(btf, "outcome", BTF_KIND_ENUM));
	static char text[1024];
	int length = 0;

	text[0] = '\0';
	for (int i = 0; i < OUTCOMES; i++) {
		if (!counts->outcomes[i])
			continue;
		length += snprintf(text + length, sizeof(text) - length, "%s%s %llu", length ? ", " : "",
				   btf__name_by_offset(btf, btf_enum(type)[i].name_off),
				   (unsigned long long)counts->outcomes[i]);
	}
	return text;
}
