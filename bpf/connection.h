/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A connection's life in the table: entered, renewed, touched. The protocol is told in slot.h. */
#ifndef XLVS_CONNECTION_H
#define XLVS_CONNECTION_H

#include "room.h"
#include "slot.h"
#include "state.h"

/*
 * Looks for the flow, whose claim at `place` bears its key by now: 0, nobody else has or makes an entry for it. Else the
 * server of its entry, or -1 while another CPU is making one; of a claim that has aged we don't wait for the end.
 * (Global, as find_room is.)
 */
__attribute__((noinline)) int settle(const struct flow *flow, __u32 place)
{
	const union owner none = { .word = 0 };

	if (!flow)
		return -1;
	for (__u32 other = 0; other < PLACES; other++) {
		struct connection_slot *slot = slot_at(flow, other);
		union owner theirs;

		for (int tries = 0; tries < 3 && other != place; tries++) {
			if (!slot || READ_ONCE(slot->key_word) != flow->key_word)
				break;
			theirs.word = READ_ONCE(slot->owner_word);
			if (theirs.is.listener == flow->listener) {
				if (READ_ONCE(slot->key_word) != flow->key_word)
					break;
				if (!is_over(theirs, flow->now))
					return theirs.is.server;
			} else if (theirs.is.state != STATE_BUSY) {
				break;
			} else if (other < place && theirs.is.second == (__u16)flow->now) {
				return -1;
			}
			if (change(slot, theirs, none))
				break;
		}
	}
	return 0;
}

/* True when more than one of the flow's slots has its key: a look that costs little, for settle() is hardly ever needed. */
ALWAYS_INLINE bool is_there_twice(const struct flow *flow)
{
	__u32 times = 0;

	for (__u32 number = 0; number < 4; number++) {
		struct connection_line *line = line_of(flow, number);

		if (!line)
			break;
#pragma unroll
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++)
			times += READ_ONCE(line->slots[i].key_word) == flow->key_word;
	}
	return times > 1;
}

ALWAYS_INLINE union owner new_owner(const struct flow *flow, const struct packet *packet)
{
	union owner owner = { .word = 0 };

	owner.is.listener = flow->listener;
	owner.is.server = flow->server;
	owner.is.second = flow->now;
	owner.is.state = packet->protocol == IPPROTO_UDP ? STATE_UDP : next_state(STATE_NONE, packet->tcp_flags);
	owner.is.flags = FLAG_PROBATION;
	return owner;
}

/*
 * Enters a flow that has a server now; displaces if it must, but nobody who is established. Without a slot the flow has
 * no entry. When another CPU entered the same flow first, that entry's server counts.
 */
ALWAYS_INLINE void create_connection(struct flow *flow, const struct packet *packet)
{
	union owner mine = new_owner(flow, packet), busy = { .word = 0 }, seen;
	const struct flow asked = *flow; /* so that the original can stay in registers */
	const union owner none = { .word = 0 };
	struct connection_slot *slot;
	struct room room;
	__u64 key;
	int other;

	busy.is.server = bpf_get_smp_processor_id();
	busy.is.second = flow->now;
	busy.is.state = STATE_BUSY;
	/* A lost race shows another slot, or the other's entry, the next time. */
	for (int tries = 0; tries < 3; tries++) {
		if (find_room(&asked, &room))
			return;
		slot = slot_at(flow, room.place & (PLACES - 1));
		if (!slot)
			return;
		key = READ_ONCE(slot->key_word);
		/* Perhaps another CPU has just put the flow's own entry there. */
		if (UNLIKELY(key == flow->key_word) && holds(slot, flow, &seen) && !is_over(seen, flow->now) &&
		    !is_closing(seen.is.state)) {
			flow->server = seen.is.server;
			flow->has_entry = true;
			return;
		}
		seen.word = room.owner_word;
		if (!change(slot, seen, busy))
			continue;
		other = -1;
		if (__sync_val_compare_and_swap(&slot->key_word, key, flow->key_word) == key)
			other = is_there_twice(flow) ? settle(&asked, room.place) : 0;
		mine.is.flags = (seen.is.flags + FLAG_CLAIMS) | FLAG_PROBATION;
		flow->is_new = !other && change(slot, busy, mine);
		flow->has_entry = flow->is_new || other > 0;
		if (flow->is_new)
			return;
		change(slot, busy, none);
		if (other > 0) {
			flow->server = other;
			return;
		}
	}
}

/* Gives the flow's own entry, that is over in one way or another, to its new server. */
ALWAYS_INLINE bool renew_connection(struct entry *entry, struct flow *flow, const struct packet *packet)
{
	union owner renewed = new_owner(flow, packet);

	renewed.is.flags |= entry->owner.is.flags;
	if (!change(entry->slot, entry->owner, renewed))
		return false;
	flow->has_entry = true;
	flow->is_new = true;
	return true;
}

/* Notes a packet of a flow that goes on: once a second, or when the state changes, or the first proof of a client. */
ALWAYS_INLINE void touch(struct entry *entry, const struct flow *flow, const struct packet *packet)
{
	for (int tries = 0; tries < 3; tries++) {
		union owner now = entry->owner;
		bool later = now.is.second != (__u16)flow->now;

		if (packet->protocol == IPPROTO_UDP) {
			now.is.flags &= ~FLAG_PROBATION;
		} else {
			/* Spoofed handshakes fit into one second, or straddle two: an established entry must be seen again. */
			if (later && now.is.state == STATE_ESTABLISHED)
				now.is.flags &= ~FLAG_PROBATION;
			now.is.state = next_state(now.is.state, packet->tcp_flags);
		}
		now.is.second = flow->now;
		if (LIKELY(now.word == entry->owner.word) || change(entry->slot, entry->owner, now))
			return;
		/* Another CPU was quicker; try once more if the entry is still the flow's. */
		if (!holds(entry->slot, flow, &entry->owner))
			return;
	}
}

#endif
