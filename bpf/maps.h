/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_MAPS_H
#define XLVS_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

/* Mapped into the controller's memory as well; real sizes are set when the maps are made. */
#define MAPPED_ARRAY(name, entries, type_of_value) \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);  \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, entries);      \
		__type(key, __u32);                \
		__type(value, type_of_value);      \
	} name SEC(".maps")

#define COUNTERS(name, entries, type_of_value)           \
	struct {                                         \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); \
		__uint(max_entries, entries);            \
		__type(key, __u32);                      \
		__type(value, type_of_value);            \
	} name SEC(".maps")

#define PREFIXES(name, entries, type_of_key, type_of_value) \
	struct {                                            \
		__uint(type, BPF_MAP_TYPE_LPM_TRIE);        \
		__uint(map_flags, BPF_F_NO_PREALLOC);       \
		__uint(max_entries, entries);               \
		__type(key, type_of_key);                   \
		__type(value, type_of_value);               \
	} name SEC(".maps")

PREFIXES(vips, 8192, struct vip_key, struct vip);
PREFIXES(ports, 8192, struct port_key, struct listener);
MAPPED_ARRAY(blocks, 4097, struct block);

MAPPED_ARRAY(listeners, 2, struct listener_line);
MAPPED_ARRAY(wide_listeners, 2, struct wide_listener_line);
MAPPED_ARRAY(listener_places, 65536, struct listener_place);
MAPPED_ARRAY(connections, 4, struct connection_line);
MAPPED_ARRAY(wide_connections, 4, struct wide_line);
MAPPED_ARRAY(services, 4097, struct service);
MAPPED_ARRAY(rings, 1024, struct ring_line);
MAPPED_ARRAY(servers, 65536, struct server);
MAPPED_ARRAY(loads, 65536, struct load);
MAPPED_ARRAY(interfaces, MAXIMUM_INTERFACES, struct interface);
MAPPED_ARRAY(hops, 4, struct hops);
MAPPED_ARRAY(sources, 256, struct source);
MAPPED_ARRAY(source_ports, 1, struct source_port);
MAPPED_ARRAY(settings, 1, struct settings);
MAPPED_ARRAY(pinned_identity, 1, struct identity);

COUNTERS(service_traffic, 4097, struct traffic);
COUNTERS(server_traffic, 65536, struct traffic);
COUNTERS(outcomes, OUTCOMES, struct outcome_count);

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, MAXIMUM_INTERFACES);
	__type(key, __u32);
	__type(value, __u32);
} egress SEC(".maps");

/* What the coarse clock said at a jiffy: a call that returns costs more here than all array lookups together. */
struct clock_reading {
	__u32 jiffy;
	__u32 second;
};
__u64 clock_word; /* struct clock_reading */

/*
 * Always zero, which the verifier does not know. What is added to it is a number to the verifier and not this number, so that
 * it follows the ways from sixteen slots as one.
 */
__u32 unknown_zero;

/* Known when the program is loaded, so that the verifier folds sizes and seeds into the code. */
const volatile struct identity identity = {
	.version = ABI_VERSION,
	.lines = 4,
	.wide_lines = 4,
	.listener_lines = 2,
	.wide_listener_lines = 2,
};

/* The layouts that no map reaches, for BTF. */
enum outcome *_abi_outcome SEC(".abi");
enum abi_limit *_abi_limit SEC(".abi");
enum connection_flag *_abi_connection_flag SEC(".abi");
enum wide_check *_abi_wide_check SEC(".abi");
enum server_flag *_abi_server_flag SEC(".abi");
enum listener_flag *_abi_listener_flag SEC(".abi");
enum vip_protocol *_abi_vip_protocol SEC(".abi");
struct schedule *_abi_schedule SEC(".abi");

#endif
