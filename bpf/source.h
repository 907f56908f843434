/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Full NAT's ports: a flow has one at an address of ours, so that replies come back here. source_ports says which slot
 * has a port; the slot says which port it has. A port is taken while both say so: nobody has to give one back.
 */
#ifndef XLVS_SOURCE_H
#define XLVS_SOURCE_H

#include "slot.h"

enum {
	TRIES = 64, /* at a pool that is nine tenths full, one flow in a thousand finds none */
	SOURCE_PROTOCOLS = 2, /* TCP's ports and UDP's */
};

ALWAYS_INLINE struct source_port *source_port_at(__u8 source, __u8 protocol, __be16 port)
{
	__u32 index = (source * SOURCE_PROTOCOLS + (protocol == IPPROTO_UDP)) * PORTS + bpf_ntohs(port);

	return bpf_map_lookup_elem(&source_ports, &index);
}

ALWAYS_INLINE struct wide_slot *wide_slot_numbered(__u64 number)
{
	struct wide_line *line = number ? line_at(true, (number - 1) / SLOTS_PER_LINE) : NULL;

	return line ? &line->slots[(number - 1) % SLOTS_PER_LINE] : NULL;
}

/* Does an entry have this port, and says so itself? A claim that is not finished counts as one. Global: it is asked in a loop. */
GLOBAL int is_taken(__u64 number, __u32 source, __u32 port, __u32 now)
{
	struct wide_slot *slot = wide_slot_numbered(number);
	struct wide_ports ports;
	union owner owner;
	__u64 word;

	if (!slot)
		return false;
	owner.word = READ_ONCE(slot->owner_word);
	if (!owner.word || is_over(owner, now))
		return false;
	if (owner.is.state == STATE_BUSY)
		return true;
	word = READ_ONCE(slot->key.ports_word);
	__builtin_memcpy(&ports, &word, sizeof(ports));
	return ports.own_port == (__be16)port && ports.source == (__u8)source;
}

/* What take_source_port() looks for, and what it found. */
struct port_search {
	__u64 number; /* of the slot that it is for, and 1 */
	__u32 now;
	__u16 server;
	__be16 port;
	__u8 protocol;
	__u8 source;
	__u8 zero[6];
};

/* 0: the port is this slot's now. Global, as find_room is. */
GLOBAL int search_source_port(struct port_search *search)
{
	const __u32 only = 0;
	const struct settings *range = bpf_map_lookup_elem(&settings, &only);
	struct server *server;
	__u32 start = bpf_get_prandom_u32();

	if (!search || !range || !range->ports)
		return -1;
	server = server_of(search->server);
	if (!server || !server->sources)
		return -1;
	for (__u32 i = 0; i < TRIES; i++) {
		__u8 source = server->source + (start + i) % server->sources;
		/* One port at each source, then the next one: as many tries as there are find every one of them. */
		__be16 port = bpf_htons(range->first_port + (start / 256 + i / server->sources) % range->ports);
		struct source_port *held = source_port_at(source, search->protocol, port);
		__u64 seen;

		if (!held)
			return -1;
		seen = READ_ONCE(held->slot);
		/* What this slot had before its claim is free. */
		if (seen != search->number && is_taken(seen, source, port, search->now))
			continue;
		if (__sync_val_compare_and_swap(&held->slot, seen, search->number) != seen)
			continue;
		search->source = source;
		search->port = port;
		return 0;
	}
	return -1;
}

/* Finds the flow a port at one of its server's sources, for the slot at `place`, which is claimed. */
ALWAYS_INLINE int take_source_port(struct flow *flow, __u32 place)
{
	struct port_search search = {
		.number = number_of(flow, place),
		.now = flow->now,
		.server = flow->server,
		.protocol = flow->protocol,
	};

	flow->lacks_port = search_source_port(&search);
	flow->own_port = search.port;
	flow->source = search.source;
	return flow->lacks_port;
}

/* The port of a flow that was found in the slot of this number. */
ALWAYS_INLINE void read_source_port(struct flow *flow, __u64 number)
{
	struct wide_slot *slot = flow->is_wide ? wide_slot_numbered(number) : NULL;
	struct wide_ports ports;
	__u64 word;

	if (!slot)
		return;
	word = READ_ONCE(slot->key.ports_word);
	__builtin_memcpy(&ports, &word, sizeof(ports));
	flow->own_port = ports.own_port;
	flow->source = ports.source;
}

/* True when the slot's flow has a port of ours. */
ALWAYS_INLINE bool has_source_port(__u64 number)
{
	const struct wide_slot *slot = wide_slot_numbered(number);

	return slot && READ_ONCE(slot->key.ports.own_port);
}

/* Of a flow that another CPU has entered a moment ago. */
ALWAYS_INLINE void adopt_source_port(struct flow *flow)
{
	struct entry entry;

	if (flow->is_wide && is_full_nat(flow->route_word) && find_connection(flow, &entry))
		read_source_port(flow, entry.number);
}

#endif
