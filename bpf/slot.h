/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connection table: two candidate buckets a flow, each of two neighbouring cache lines of four slots.
 *
 * The slot protocol, for program, sweep and whoever else touches a slot. All ownership lives in the owner word.
 *   read    owner, key, owner again: an entry only if listener and server are the same in both.
 *   claim   compare-and-swap the owner that was seen to BUSY; compare-and-swap the key that was seen to the new one;
 *           look again: give the slot back if the flow has an entry by now; of two claims with its key the first in
 *           probe order stays, and takes the other's slot away; compare-and-swap BUSY to the new owner.
 *   change  one compare-and-swap from the owner that was read. Who wins it moves the servers' counts.
 * A BUSY word has listener 0, which no reader accepts, and the claimer's CPU, so that no two claims look alike. Entries
 * that follow each other in a slot differ in FLAG_CLAIMS, so that who has read one cannot change the next by mistake.
 */
#ifndef XLVS_SLOT_H
#define XLVS_SLOT_H

#include "clock.h"
#include "hash.h"
#include "maps.h"
#include "packet.h"
#include "service.h"

#define FLAG_CLAIMS 2 /* the flags but FLAG_PROBATION count a slot's claims; what one adds */
#define PLACES (4 * SLOTS_PER_LINE) /* slots that a flow may have, in probe order */

union owner {
	struct connection_owner is;
	__u64 word;
};

/* A slot, and the owner word that was read there. */
struct entry {
	struct connection_slot *slot;
	union owner owner;
};

ALWAYS_INLINE struct connection_line *line_of(const struct flow *flow, __u32 number)
{
	__u32 index = (number & 2 ? flow->second : flow->first) ^ (number & 1);

	return bpf_map_lookup_elem(&connections, &index);
}

/*
 * Where the flow's entry may be, of client, port and protocol alone: a reply, which knows no VIP, must come to the same
 * buckets. Touches the first line at once: it is far away, and the listener is looked up while it comes (5 to 10 %).
 */
ALWAYS_INLINE void locate(struct flow *flow, const struct packet *packet)
{
	__u64 client = packet->source | (__u64)packet->source_port << 32;
	__u64 hash = keyed_hash(client | (__u64)packet->protocol << 48, identity.seeds);
	__u32 mask = identity.lines - 1;
	struct connection_line *line;

	flow->first = (__u32)(hash >> 32) & mask;
	/* Another bucket always: the second bit differs. */
	flow->second = (flow->first ^ ((__u32)hash | 2)) & mask;
	/* struct connection_key */
	flow->key_word = client | (__u64)packet->destination_port << 48;
	line = line_of(flow, 0);
	if (line)
		(void)READ_ONCE(line->slots[0].key_word);
}

/* The second, by a reading of the clock that is at most a jiffy old. */
ALWAYS_INLINE __u32 second_now(void)
{
	__u32 jiffy = (__u32)bpf_jiffies64();
	__u64 reading = READ_ONCE(clock_word);
	__u32 second;

	if (LIKELY((__u32)reading == jiffy))
		return reading >> 32;
	second = second_of(bpf_ktime_get_coarse_ns());
	*(volatile __u64 *)&clock_word = (__u64)second << 32 | jiffy;
	return second;
}

ALWAYS_INLINE struct connection_slot *slot_at(const struct flow *flow, __u32 place)
{
	struct connection_line *line = line_of(flow, place / SLOTS_PER_LINE);

	return line ? &line->slots[place % SLOTS_PER_LINE] : NULL;
}

/* The number of connections that an entry is worth to its server's counts, as a difference of the load word. */
ALWAYS_INLINE __u64 worth(union owner owner)
{
	return owner.is.state == STATE_ESTABLISHED ? 1ULL << 32 : 1;
}

ALWAYS_INLINE void add_load(__u16 server, __u64 difference)
{
	__u32 index = server;
	struct load *load = bpf_map_lookup_elem(&loads, &index);

	if (load)
		__sync_fetch_and_add(&load->word, difference);
}

/* Changes an entry, or takes it away (0), if it is still what was read; then its servers' counts follow. */
ALWAYS_INLINE bool change(struct connection_slot *slot, union owner from, union owner to)
{
	__u64 minus = from.is.listener ? worth(from) : 0;
	__u64 plus = to.is.listener ? worth(to) : 0;

	if (__sync_val_compare_and_swap(&slot->owner_word, from.word, to.word) != from.word)
		return false;
	if (from.is.server == to.is.server && from.is.listener && to.is.listener) {
		if (plus != minus)
			add_load(to.is.server, plus - minus);
		return true;
	}
	if (minus)
		add_load(from.is.server, -minus);
	if (plus)
		add_load(to.is.server, plus);
	return true;
}

/* True when the slot holds this flow's entry; `owner` is then the word to change it from. */
ALWAYS_INLINE bool holds(struct connection_slot *slot, const struct flow *flow, union owner *owner)
{
	union owner before, after;

	if (LIKELY(READ_ONCE(slot->key_word) != flow->key_word))
		return false;
	before.word = READ_ONCE(slot->owner_word);
	if (before.is.listener != flow->listener || READ_ONCE(slot->key_word) != flow->key_word)
		return false;
	after.word = READ_ONCE(slot->owner_word);
	*owner = before;
	return (__u32)before.word == (__u32)after.word; /* listener and server */
}

/* The flow's entry, or none: first in probe order. */
ALWAYS_INLINE bool find_connection(const struct flow *flow, struct entry *entry)
{
	for (__u32 number = 0; number < 4; number++) {
		struct connection_line *line = line_of(flow, number);

		if (!line)
			return false;
#pragma unroll
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++) {
			entry->slot = &line->slots[i];
			if (holds(entry->slot, flow, &entry->owner))
				return true;
		}
	}
	return false;
}

ALWAYS_INLINE bool is_over(union owner owner, __u32 now)
{
	return UNLIKELY(owner.is.second != (__u16)now) && is_older(now, owner.is.second, timeout_of(owner.is.state));
}

#endif
