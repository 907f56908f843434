/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connection table as the kernel's LRU_HASH would have it, for comparison: IPv4, direct routing. Everything that does
 * not find or make an entry is the real table's own code: an entry's value is a slot, changed by the same
 * compare-and-swap.
 */
#ifndef XLVS_BENCH_CONNECTION_LRU_H
#define XLVS_BENCH_CONNECTION_LRU_H

#define locate locate_in_table
#define find_connection find_in_table
#define change_entry change_in_table
#include "../bpf/slot.h"
#undef locate
#undef find_connection
#undef change_entry

struct lru_key {
	__u64 key_word;
	__u32 listener;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2097152); /* as many entries as the table has slots */
	__type(key, struct lru_key);
	__type(value, struct connection_slot);
} lru SEC(".maps");

ALWAYS_INLINE void locate(struct flow *flow, const struct packet *packet)
{
	struct connection_key key = {
		.client = packet->source,
		.client_port = packet->source_port,
		.service_port = packet->destination_port,
	};

	__builtin_memcpy(&flow->key_word, &key, sizeof(key));
}

ALWAYS_INLINE struct connection_slot *look_up(const struct flow *flow)
{
	struct lru_key key = { .key_word = flow->key_word, .listener = flow->listener };

	return bpf_map_lookup_elem(&lru, &key);
}

/* Its number says only that there is one. */
ALWAYS_INLINE bool find_connection(const struct flow *flow, struct entry *entry)
{
	struct connection_slot *slot = look_up(flow);

	entry->number = 1;
	entry->owner.word = slot ? READ_ONCE(slot->owner_word) : 0;
	return entry->owner.is.listener != 0;
}

/* Looked up again, once a second and flow. */
ALWAYS_INLINE bool change_entry(const struct flow *flow, const struct entry *entry, union owner to)
{
	struct connection_slot *slot = look_up(flow);

	return slot && change_word(&slot->owner_word, entry->owner, to);
}

#define find_room find_room_in_table
#define create_at_once create_in_own_table
#include "../bpf/connection.h"
#undef find_room
#undef create_at_once

/* There always is some: the kernel evicts somebody. */
ALWAYS_INLINE int find_room(const struct flow *flow, struct room *room)
{
	(void)flow;
	(void)room;
	return 0;
}

/* What the kernel evicts it does not tell us, so the counts of servers drift: a favour that is left to it. */
ALWAYS_INLINE bool create_at_once(struct flow *flow, struct flow *copy)
{
	struct lru_key key = { .key_word = flow->key_word, .listener = flow->listener };
	union owner mine = new_owner(flow);
	struct connection_slot slot = { .key_word = flow->key_word, .owner_word = mine.word };

	(void)copy;
	if (bpf_map_update_elem(&lru, &key, &slot, BPF_ANY))
		return true;
	add_load(flow->server, worth(mine));
	flow->has_entry = true;
	flow->is_new = true;
	return true;
}

#endif
