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

/*
 * Does an entry have this port, and says so itself? A claim that is not finished counts as one. What is over is taken away
 * first: a packet that is late could revive it, beside the one that has its port by then. Global: it is asked in a loop.
 */
GLOBAL int is_taken(__u64 number, __u32 source, __u32 port, __u32 now)
{
	struct wide_slot *slot = wide_slot_numbered(number);
	struct wide_ports ports;
	union owner owner;
	__u64 word;

	if (!slot)
		return false;
	owner.word = READ_ONCE(slot->owner_word);
	if (!owner.word)
		return false;
	word = READ_ONCE(slot->key.ports_word);
	__builtin_memcpy(&ports, &word, sizeof(ports));
	if (owner.is.state != STATE_BUSY && (ports.own_port != (__be16)port || ports.source != (__u8)source))
		return false;
	return !is_over(owner, now) || !change_apart(&slot->owner_word, owner.word, 0);
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

/* Gives the port to the slot, unless somebody else has it. */
ALWAYS_INLINE bool take_port(struct source_port *place, const struct port_search *search, __u8 source, __be16 port)
{
	union {
		struct port_holder is;
		__u64 word;
	} seen, mine;

	seen.word = READ_ONCE(place->word);
	/* What the slot had before is the claim's. */
	if (seen.is.slot != search->number && is_taken(seen.is.slot, source, port, search->now))
		return false;
	mine.is.slot = search->number;
	mine.is.turn = seen.is.turn + 1;
	return __sync_val_compare_and_swap(&place->word, seen.word, mine.word) == seen.word;
}

/*
 * 0: the port is this slot's now. Tries lie far apart, for ports that are taken stand in rows when each begins where the one
 * before was taken; a pool of a few is gone through. Global, as find_room is.
 */
GLOBAL int search_source_port(struct port_search *search)
{
	const __u32 only = 0;
	const struct settings *range = bpf_map_lookup_elem(&settings, &only);
	__u32 lot = bpf_get_prandom_u32(), step = 1, count;
	struct server *server;

	if (!search || !range || !range->ports)
		return -1;
	server = server_of(search->server);
	if (!server || !server->sources)
		return -1;
	count = server->sources * range->ports;
	if (count > TRIES)
		step = 1 + bpf_get_prandom_u32() % (count - 1);
	for (__u32 i = 0; i < TRIES && i < count; i++, lot += step) {
		__u8 source = server->source + lot % count / range->ports;
		__be16 port = bpf_htons(range->first_port + lot % count % range->ports);
		struct source_port *place = source_port_at(source, search->protocol, port);

		if (!place)
			return -1;
		if (!take_port(place, search, source, port))
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

/* The port of a flow whose entry was found; false when the slot went to somebody else meanwhile. */
ALWAYS_INLINE bool read_source_port(struct flow *flow, const struct entry *entry)
{
	struct wide_slot *slot = wide_slot_numbered(entry->number);
	struct wide_ports ports;
	union owner now;
	__u64 word;

	if (!slot)
		return false;
	word = READ_ONCE(slot->key.ports_word);
	now.word = READ_ONCE(slot->owner_word);
	__builtin_memcpy(&ports, &word, sizeof(ports));
	flow->own_port = ports.own_port;
	flow->source = ports.source;
	return is_same_entry(entry->owner, now);
}

/* True when the slot's flow has a port of ours. */
ALWAYS_INLINE bool has_source_port(__u64 number)
{
	const struct wide_slot *slot = wide_slot_numbered(number);

	return slot && READ_ONCE(slot->key.ports.own_port);
}

/* The server and port of a flow that another CPU has entered a moment ago; false when it is gone already. */
ALWAYS_INLINE bool adopt_source_port(struct flow *flow)
{
	struct entry entry;

	if (!find_connection(flow, &entry) || !read_source_port(flow, &entry))
		return false;
	flow->server = entry.owner.is.server;
	return true;
}

#endif
