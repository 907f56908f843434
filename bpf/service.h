/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose packet is it? Addresses and ports that mean something to us. */
#ifndef XLVS_SERVICE_H
#define XLVS_SERVICE_H

#include "hash.h"
#include "maps.h"
#include "packet.h"

enum {
	HINTS = 4096, /* few enough to stay in the nearest cache */
};

/* A place that the listener tables may know. */
struct place {
	__be32 address; /* IPv4 */
	struct address address6; /* IPv6 */
	__be16 port;
	__u8 protocol;
	enum listener_kind kind;
	bool is_ipv6; /* a constant in each copy of the code */
};

/* The listener of this key in one of its two lines, 0 for none. */
ALWAYS_INLINE __u64 narrow_listener_in(__u32 number, __u64 key)
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

ALWAYS_INLINE bool is_listener(const struct wide_listener_slot *slot, const struct address *address, __u64 port_word)
{
	return READ_ONCE(slot->key.port_word) == port_word &&
	       READ_ONCE(slot->key.address.words[1]) == address->words[1] &&
	       READ_ONCE(slot->key.address.words[0]) == address->words[0];
}

ALWAYS_INLINE __u64 wide_listener_in(__u32 number, const struct address *address, __u64 port_word)
{
	struct wide_listener_line *line = bpf_map_lookup_elem(&wide_listeners, &number);

	if (!line)
		return 0;
#pragma unroll
	for (__u32 i = 0; i < SLOTS_PER_LINE; i++) {
		struct wide_listener_slot *slot = &line->slots[i];
		__u64 value;

		if (!is_listener(slot, address, port_word))
			continue;
		value = READ_ONCE(slot->value_word);
		if (LIKELY(is_listener(slot, address, port_word)))
			return value;
	}
	return 0;
}

/* How a place is looked for: by its key's word, of IPv6 the last one, and the hash of all of them. */
struct search_key {
	__u64 word;
	__u64 hash;
};

/* Once for a place: the seeds are read anew each time that a hash is made, which the compiler must not spare. */
ALWAYS_INLINE struct search_key search_key_of(const struct place *place)
{
	struct search_key key;

	if (place->is_ipv6) {
		/* struct wide_listener_port */
		key.word = place->port | place->protocol << 16 | (__u64)place->kind << 24 | 1ULL << 32;
		key.hash = wide_listener_hash(&place->address6, key.word, identity.seeds);
	} else {
		/* struct listener_key */
		key.word = place->address | (__u64)place->port << 32 | (__u64)place->protocol << 48 |
			   (__u64)place->kind << 56;
		key.hash = keyed_hash(key.word, identity.seeds);
	}
	return key;
}

/*
 * Hints of where packets go, by a place's hash: nonzero where a listener has been found. A packet without one is likely to be
 * a reply, whose client would be looked for in lines that nothing else ever touches (5 ns at 16 k flows). Nobody relies on a
 * hint: it says only which of two questions to ask first.
 */
__u8 hints[HINTS];

ALWAYS_INLINE __u8 *hint_of(struct search_key key)
{
	return &hints[key.hash & (HINTS - 1)];
}

/* struct listener in one word of what is known of this very address, port and protocol; 0: nothing. Most are in their first line. */
ALWAYS_INLINE __u64 find_at_once(const struct place *place, struct search_key key)
{
	if (place->is_ipv6)
		return wide_listener_in(first_listener_line(key.hash, identity.wide_listener_lines), &place->address6,
					key.word);
	return narrow_listener_in(first_listener_line(key.hash, identity.listener_lines), key.word);
}

/* The same of the others, which did not find room there. */
ALWAYS_INLINE __u64 find_displaced(const struct place *place, struct search_key key)
{
	if (place->is_ipv6)
		return wide_listener_in(second_listener_line(key.hash, identity.wide_listener_lines), &place->address6,
					key.word);
	return narrow_listener_in(second_listener_line(key.hash, identity.listener_lines), key.word);
}

ALWAYS_INLINE __u64 find_place(const struct place *place)
{
	struct search_key key = search_key_of(place);
	__u64 value = find_at_once(place, key);

	return value ? value : find_displaced(place, key);
}

/* The VIP side of a request. */
ALWAYS_INLINE struct place destination_place(const struct packet *packet)
{
	return (struct place){
		.address = packet->destination,
		.address6 = packet->destination6,
		.port = packet->destination_port,
		.protocol = packet->protocol,
		.kind = KIND_LISTENER,
		.is_ipv6 = packet->is_ipv6,
	};
}

/* The server's side of a reply. */
ALWAYS_INLINE struct place source_place(const struct packet *packet)
{
	return (struct place){
		.address = packet->source,
		.address6 = packet->source6,
		.port = packet->source_port,
		.protocol = packet->protocol,
		.kind = KIND_ENDPOINT,
		.is_ipv6 = packet->is_ipv6,
	};
}

ALWAYS_INLINE struct listener listener_of(__u64 value_word)
{
	struct listener listener;

	__builtin_memcpy(&listener, &value_word, sizeof(listener));
	return listener;
}

/* The prefix around an address that has listeners; NULL: none. */
ALWAYS_INLINE struct vip *find_vip(const struct address *address)
{
	struct vip_key key = { .bits = 128 };

	__builtin_memcpy(key.address, address, sizeof(key.address));
	return bpf_map_lookup_elem(&vips, &key);
}

enum {
	MAXIMUM_NESTING = 8, /* prefixes around one address that have listeners */
};

/* What find_in_blocks() looks for. */
struct block_search {
	struct address address;
	__be16 port;
	__u8 protocol;
	__u8 zero[5];
	__u64 found; /* struct listener in one word */
};

/* Among listeners of many addresses or ports the most exact: the longest prefix, there the fewest ports. 0: found. */
GLOBAL int find_in_blocks(struct block_search *search)
{
	struct port_key key = { .bits = 48 };
	struct vip *vip;
	__u16 block;

	if (!search)
		return -1;
	vip = find_vip(&search->address);
	if (!vip)
		return -1;
	key.protocol = bpf_htons(search->protocol);
	key.port = search->port;
	block = vip->block ? vip->block : vip->parent;
	for (int level = 0; level < MAXIMUM_NESTING && block; level++) {
		const struct listener *listener;
		__u32 head = block;
		struct block *around;

		key.block = bpf_htons(block);
		listener = bpf_map_lookup_elem(&ports, &key);
		if (listener) {
			__builtin_memcpy(&search->found, listener, sizeof(search->found));
			return 0;
		}
		around = bpf_map_lookup_elem(&blocks, &head);
		if (!around)
			return -1;
		block = around->parent;
	}
	return -1;
}

/* True when there are listeners of many addresses or ports at all. */
ALWAYS_INLINE bool has_blocks(void)
{
	const __u32 only = 0;
	const struct settings *now = bpf_map_lookup_elem(&settings, &only);

	return now && READ_ONCE(now->blocks);
}

ALWAYS_INLINE __u64 find_block(const struct packet *packet)
{
	struct block_search search = {
		.address = destination_of(packet),
		.port = packet->destination_port,
		.protocol = packet->protocol,
	};

	if (!has_blocks() || find_in_blocks(&search))
		return 0;
	return search.found;
}

/* The protocol's bit in a VIP's list. */
ALWAYS_INLINE __u16 vip_protocol_of(__u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return VIP_TCP;
	case IPPROTO_UDP:
		return VIP_UDP;
	case IPPROTO_SCTP:
		return VIP_SCTP;
	default:
		return 0;
	}
}

/* Does the packet's destination have listeners at all? */
ALWAYS_INLINE bool is_for_vip_at_all(const struct packet *packet)
{
	struct address address = destination_of(packet);

	return find_vip(&address);
}

/* Does the packet's destination have listeners of its protocol? For packets whose ports can't be read. */
ALWAYS_INLINE bool is_for_vip(const struct packet *packet, __u8 protocol)
{
	struct address address = destination_of(packet);
	struct vip *vip = find_vip(&address);

	return vip && vip->protocols & vip_protocol_of(protocol);
}

#endif
