// SPDX-License-Identifier: Apache-2.0
#include "loaded.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "../../bpf/hash.h"

enum {
	LISTENER_LINES = 2,
	LOOPBACK = 1, /* the interface that a test run's packets seem to come from */
	TCP_SERVICE = 1,
	UDP_SERVICE = 2,
	LINES_PER_SCHEDULE = 3, /* head, ring, flow-hash ring */
};

static const struct identity identity = {
	.version = ABI_VERSION,
	.listener_lines = LISTENER_LINES,
	.seeds = { 0x243f6a8885a308d3, 0x13198a2e03707345, 0xa4093822299f31d1 },
};

static void die(const char *doing)
{
	fprintf(stderr, "%s: %s\n", doing, strerror(errno));
	exit(2);
}

static struct bpf_map *map_of(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (!map)
		die(name);
	return map;
}

/* The kernel rounds an array's elements up to eight bytes. */
static size_t stride_of(size_t size)
{
	return (size + 7) / 8 * 8;
}

static void *memory_of(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = map_of(object, name);
	size_t bytes = bpf_map__max_entries(map) * stride_of(bpf_map__value_size(map));
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		die(name);
	return memory;
}

/* The object's constants start with `identity`: it has no others that are not static. */
static void set_identity(struct bpf_object *object, uint32_t line_count)
{
	struct identity mine = identity;
	struct bpf_map *map;

	mine.lines = line_count;
	bpf_object__for_each_map(map, object)
	{
		size_t bytes;
		char *constants;

		if (!strstr(bpf_map__name(map), ".rodata"))
			continue;
		constants = (char *)bpf_map__initial_value(map, &bytes);
		for (size_t at = 0; at + sizeof(mine) <= bytes; at += 8) {
			struct identity *found = (struct identity *)(constants + at);

			if (found->version == ABI_VERSION && found->lines == 4 && found->seeds[0] == 0)
				*found = mine;
		}
	}
}

static void listen_at(struct listener_line *lines, uint8_t protocol, uint16_t port, struct listener listener)
{
	struct listener_slot slot = { .key = { .address = VIP, .port = htons(port), .protocol = protocol },
				      .value = listener };
	uint64_t hash = keyed_hash(slot.key_word, identity.seeds);
	struct listener_line *line = &lines[first_listener_line(hash, LISTENER_LINES)];

	for (int i = 0; i < SLOTS_PER_LINE; i++) {
		if (line->slots[i].key_word)
			continue;
		line->slots[i] = slot;
		return;
	}
}

static void lay_out(struct ring_line *rings, uint32_t line, enum stray stray)
{
	*(struct schedule *)&rings[line] = (struct schedule){
		.slots = LOADED_SERVERS,
		.hash_line = 2,
		.hash_slots = LOADED_SERVERS,
		.lookahead = LOADED_SERVERS,
		.stray = stray,
	};
	for (int i = 0; i < LOADED_SERVERS; i++)
		rings[line + 1].servers[i] = rings[line + 2].servers[i] = i + 1;
}

void set_flags(const struct loaded *loaded, uint16_t server, uint8_t flags)
{
	union {
		struct server_route route;
		uint64_t word;
	} place = { .route = { .mac = { 2, 0, 0, 0, 0, server }, .interface = 1, .flags = flags } };

	__atomic_store_n(&loaded->servers[server].route_word, place.word, __ATOMIC_RELEASE);
}

static void set_up(struct bpf_object *object, const struct loaded *loaded, enum stray stray)
{
	struct listener_line *listeners = memory_of(object, "listeners");
	char *interfaces = memory_of(object, "interfaces");
	const struct interface interface = { .mac = { 2, 0, 0, 0, 1, 0 }, .ifindex = LOOPBACK };
	struct ring_line *rings = memory_of(object, "rings");

	listen_at(listeners, IPPROTO_TCP, 80, (struct listener){ .index = TCP_LISTENER, .service = TCP_SERVICE });
	listen_at(listeners, IPPROTO_UDP, 53, (struct listener){ .index = UDP_LISTENER, .service = UDP_SERVICE });
	memcpy(interfaces + stride_of(sizeof(interface)), &interface, sizeof(interface));
	for (uint16_t server = 1; server <= LOADED_SERVERS; server++)
		set_flags(loaded, server, SERVER_ELIGIBLE | SERVER_REACHABLE);
	for (uint32_t service = TCP_SERVICE; service <= UDP_SERVICE; service++) {
		lay_out(rings, service * LINES_PER_SCHEDULE, stray);
		loaded->services[service].schedule = service * LINES_PER_SCHEDULE;
	}
}

static int be_quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

struct loaded load_program(uint32_t line_count, enum stray stray)
{
	struct loaded loaded = { .line_count = line_count };
	struct bpf_object *object;

	libbpf_set_print(be_quiet);
	object = bpf_object__open_file("build/director.bpf.o", NULL);
	if (!object)
		die("open build/director.bpf.o");
	loaded.object = object;
	bpf_map__set_max_entries(map_of(object, "connections"), line_count);
	bpf_map__set_max_entries(map_of(object, "listeners"), LISTENER_LINES);
	bpf_map__set_max_entries(map_of(object, "servers"), LOADED_SERVERS + 1);
	bpf_map__set_max_entries(map_of(object, "loads"), LOADED_SERVERS + 1);
	bpf_map__set_max_entries(map_of(object, "server_traffic"), LOADED_SERVERS + 1);
	set_identity(object, line_count);
	if (bpf_object__load(object))
		die("load the program");
	loaded.program = bpf_program__fd(bpf_object__find_program_by_name(object, "director"));
	loaded.outcomes = bpf_map__fd(map_of(object, "outcomes"));
	loaded.lines = memory_of(object, "connections");
	loaded.loads = memory_of(object, "loads");
	loaded.servers = memory_of(object, "servers");
	loaded.services = memory_of(object, "services");
	loaded.settings = memory_of(object, "settings");
	set_up(object, &loaded, stray);
	return loaded;
}

void unload_program(const struct loaded *loaded)
{
	bpf_object__close(loaded->object);
}

struct frame {
	struct ethhdr ethernet;
	struct iphdr ip;
	union {
		struct tcphdr tcp;
		struct udphdr udp;
	};
} __attribute__((packed));

static struct frame frame_of(uint32_t client, uint16_t client_port, enum segment segment)
{
	bool is_udp = segment == DATAGRAM;
	uint16_t length = is_udp ? 28 : 40;
	struct frame frame = {
		.ethernet = { { 2, 0, 0, 0, 1, 0 }, { 2, 0, 0, 0, 2, 0 }, htons(ETH_P_IP) },
		.ip = { .version = 4, .ihl = 5, .tot_len = htons(length), .ttl = 64, .saddr = client, .daddr = VIP },
	};

	frame.ip.protocol = is_udp ? IPPROTO_UDP : IPPROTO_TCP;
	if (is_udp) {
		frame.udp = (struct udphdr){ .source = htons(client_port), .dest = htons(53), .len = htons(8) };
		return frame;
	}
	frame.tcp = (struct tcphdr){ .source = htons(client_port), .dest = htons(80), .doff = 5 };
	frame.tcp.syn = segment == SEGMENT_SYN;
	frame.tcp.fin = segment == SEGMENT_FIN;
	frame.tcp.rst = segment == SEGMENT_RST;
	frame.tcp.ack = segment == SEGMENT_ACK || segment == SEGMENT_FIN;
	return frame;
}

struct passage send_frame(const struct loaded *loaded, uint32_t client, uint16_t client_port, enum segment segment)
{
	struct frame frame = frame_of(client, client_port, segment);
	uint8_t in[FRAME_BYTES] = { 0 }, out[FRAME_BYTES] = { 0 };

	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = in, .data_size_in = sizeof(in), .data_out = out,
		    .data_size_out = sizeof(out), .repeat = 1);

	memcpy(in, &frame, sizeof(frame));
	if (bpf_prog_test_run_opts(loaded->program, &run))
		die("run the program");
	/* Servers' addresses are 02:00:00:00:00:xx; an answer goes to the sender, 02:00:00:00:02:00. */
	return (struct passage){ run.retval, run.retval == XDP_TX && out[4] == 0 ? out[5] : 0 };
}

uint64_t outcomes_counted(const struct loaded *loaded)
{
	int cpus = libbpf_num_possible_cpus();
	struct outcome_count counts[cpus];
	uint64_t sum = 0;

	for (uint32_t outcome = 0; outcome < OUTCOMES; outcome++) {
		if (bpf_map_lookup_elem(loaded->outcomes, &outcome, counts))
			die("read the outcomes");
		for (int cpu = 0; cpu < cpus; cpu++)
			sum += counts[cpu].packets;
	}
	return sum;
}
