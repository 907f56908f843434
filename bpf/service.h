/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_SERVICE_H
#define XLVS_SERVICE_H

#include "hash.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"

/* Why a packet that has no listener is not taken: fragments and stumps for a VIP are dropped, the rest is the kernel's. */
REQUIRED enum outcome without_ports(const struct packet *packet)
{
	struct vip_key key = { .address = packet->destination, .protocol = packet->protocol };

	if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP)
		return NOT_OURS;
	if (!bpf_map_lookup_elem(&vips, &key))
		return NOT_OURS;
	return packet->ip->frag_off & bpf_htons(IP_FRAGMENT_BITS) ? FRAGMENT : MALFORMED;
}

/* Ports, or the packet's end. */
REQUIRED enum outcome require_ports(struct packet *packet)
{
	return read_ports(packet) ? CONTINUE : without_ports(packet);
}

/* The listener of this key in one of its two lines, 0 for none. */
ALWAYS_INLINE __u64 listener_in(__u32 number, __u64 key)
{
	struct listener_line *line = bpf_map_lookup_elem(&listeners, &number);

	if (!line)
		return 0;
#pragma unroll
	for (__u32 i = 0; i < SLOTS_PER_LINE; i++) {
		struct listener_slot *slot = &line->slots[i];
		__u64 value;

		if (READ_ONCE(slot->key_word) != key)
			continue;
		value = READ_ONCE(slot->value_word);
		/* The slot may have gone to another listener meanwhile. */
		if (LIKELY(READ_ONCE(slot->key_word) == key))
			return value;
	}
	return 0;
}

/* Whose packet is it? Address, port and protocol name a listener, and that its service. */
REQUIRED enum outcome find_listener(const struct packet *packet, struct flow *flow)
{
	struct listener listener;
	__u64 key, hash, value;

	/* struct listener_key */
	key = packet->destination | (__u64)packet->destination_port << 32 | (__u64)packet->protocol << 48;
	hash = keyed_hash(key, identity.seeds);
	value = listener_in(first_listener_line(hash, identity.listener_lines), key);
	if (!value)
		value = listener_in(second_listener_line(hash, identity.listener_lines), key);
	if (!value)
		return NOT_OURS;
	__builtin_memcpy(&listener, &value, sizeof(listener));
	flow->listener = listener.index;
	flow->service = listener.service;
	return CONTINUE;
}

/* Where the server is, struct server_route in one word; 0, which allows nothing, for an index that has none. */
ALWAYS_INLINE __u64 route_of(__u16 server)
{
	__u32 index = server;
	struct server *entry = bpf_map_lookup_elem(&servers, &index);

	return entry ? READ_ONCE(entry->route_word) : 0;
}

ALWAYS_INLINE __u8 flags_of(__u64 route_word)
{
	struct server_route route;

	__builtin_memcpy(&route, &route_word, sizeof(route));
	return route.flags;
}

/* The seconds, as settings have it, after which an entry in this state is over. */
ALWAYS_INLINE __u16 timeout_of(enum connection_state state)
{
	const __u32 only = 0;
	const struct settings *now = bpf_map_lookup_elem(&settings, &only);

	return now ? READ_ONCE(now->timeouts[state & (STATES - 1)]) : 0;
}

#endif
