/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A connection's life in the table: entered, renewed, touched. The protocol is told in slot.h. */
#ifndef XLVS_CONNECTION_H
#define XLVS_CONNECTION_H

#include "room.h"
#include "slot.h"
#include "source.h"
#include "state.h"

/*
 * Looks for the flow, whose claim at `place` bears its key by now: 0, nobody else has or makes an entry for it. Else the
 * server of its entry, or -1 while another CPU is making one; of a claim that has aged we don't wait for the end.
 */
ALWAYS_INLINE int settle_in_table(const struct flow *flow, __u32 place)
{
	const union owner none = { .word = 0 };

	for (__u32 other = 0; other < PLACES; other++) {
		void *slot = slot_at(flow, other);
		union owner theirs;

		for (int tries = 0; tries < 3 && other != place; tries++) {
			if (!slot || !has_key(flow, slot))
				break;
			theirs.word = READ_ONCE(*owner_word(flow, slot));
			if (theirs.is.listener == flow->listener) {
				if (!has_key(flow, slot))
					break;
				if (!is_over(theirs, flow->now))
					return theirs.is.server;
			} else if (theirs.is.state != STATE_BUSY) {
				break;
			} else if (other < place && theirs.is.second == (__u16)flow->now) {
				return -1;
			}
			if (change(owner_word(flow, slot), theirs, none))
				break;
		}
	}
	return 0;
}

GLOBAL int settle_narrow(const struct flow *flow, __u32 place)
{
	struct flow asked;

	if (!flow)
		return -1;
	asked = *flow;
	asked.is_wide = false;
	return settle_in_table(&asked, place);
}

GLOBAL int settle_wide(const struct flow *flow, __u32 place)
{
	struct flow asked;

	if (!flow)
		return -1;
	asked = *flow;
	asked.is_wide = true;
	return settle_in_table(&asked, place);
}

ALWAYS_INLINE int settle(const struct flow *flow, __u32 place)
{
	return flow->is_wide ? settle_wide(flow, place) : settle_narrow(flow, place);
}

/* True when more than one of the flow's slots seems to have its key: a look that costs little, for settle() is hardly ever needed. */
ALWAYS_INLINE bool is_there_twice(const struct flow *flow)
{
	__u32 times = READ_ONCE(unknown_zero);

	for (__u32 number = 0; number < 4; number++) {
		void *line = line_of(flow, number);

		if (!line)
			break;
#pragma unroll
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++)
			times += resembles_key(flow, slot_in(flow, line, i));
	}
	return times > 1;
}

ALWAYS_INLINE union owner new_owner(const struct flow *flow)
{
	union owner owner = { .word = 0 };

	owner.is.listener = flow->listener;
	owner.is.server = flow->server;
	owner.is.second = flow->now;
	owner.is.state = flow->protocol == IPPROTO_UDP
				 ? STATE_UDP
				 : next_state(requests_of(flow->route_word), STATE_NONE, flow->tcp_flags);
	owner.is.flags = FLAG_PROBATION;
	return owner;
}

/* Writes the flow's key into a slot that is claimed; false when somebody else wrote one meanwhile. */
ALWAYS_INLINE bool put_key(const struct flow *flow, void *slot, __u64 seen)
{
	__u64 last = flow->key_word;

	if (flow->is_wide) {
		struct wide_slot *wide = slot;

		*(volatile __u64 *)&wide->key.client_words[0] = flow->client_words[0];
		*(volatile __u64 *)&wide->key.client_words[1] = flow->client_words[1];
		last |= word_of_ports((struct wide_ports){ .own_port = flow->own_port, .source = flow->source });
	}
	return __sync_val_compare_and_swap(last_key_word(flow, slot), seen, last) == seen;
}

/*
 * Enters a flow that has a server now; displaces if it must, but nobody who is established. Without a slot the flow has
 * no entry. When another CPU entered the same flow first, that entry's server counts. `asked` is the flow in memory.
 */
ALWAYS_INLINE void create_in_table(struct flow *flow, const struct flow *asked)
{
	union owner mine = new_owner(flow), busy = { .word = 0 }, seen;
	const union owner none = { .word = 0 };
	struct room room;
	void *slot;
	__u64 key;
	int other;

	busy.is.server = bpf_get_smp_processor_id();
	busy.is.second = flow->now;
	busy.is.state = STATE_BUSY;
	/* A lost race shows another slot, or the other's entry, the next time. */
	for (int tries = 0; tries < 3; tries++) {
		if (find_room(asked, &room))
			return;
		slot = slot_at(flow, room.place & (PLACES - 1));
		if (!slot)
			return;
		key = READ_ONCE(*last_key_word(flow, slot));
		/* Perhaps another CPU has just put the flow's own entry there. */
		if (UNLIKELY(has_key(flow, slot)) && holds(slot, flow, &seen) && !is_over(seen, flow->now) &&
		    !is_closing(seen.is.state, false)) {
			flow->server = seen.is.server;
			flow->has_entry = true;
			read_source_port(flow, number_of(flow, room.place));
			return;
		}
		seen.word = room.owner_word;
		if (!change(owner_word(flow, slot), seen, busy))
			continue;
		if (flow->is_wide && UNLIKELY(is_full_nat(flow->route_word)) && take_source_port(flow, room.place)) {
			change(owner_word(flow, slot), busy, none);
			return;
		}
		other = -1;
		if (put_key(flow, slot, key))
			other = is_there_twice(flow) ? settle(asked, room.place) : 0;
		mine.is.flags = (seen.is.flags + FLAG_CLAIMS) | FLAG_PROBATION;
		flow->is_new = !other && change(owner_word(flow, slot), busy, mine);
		flow->has_entry = flow->is_new || other > 0;
		if (flow->is_new)
			return;
		change(owner_word(flow, slot), busy, none);
		if (other > 0) {
			flow->server = other;
			adopt_source_port(flow);
			return;
		}
	}
}

ALWAYS_INLINE int create_from(struct flow *flow, bool is_wide)
{
	struct flow made;

	if (!flow)
		return -1;
	made = *flow;
	made.is_wide = is_wide;
	create_in_table(&made, flow);
	flow->server = made.server;
	flow->own_port = made.own_port;
	flow->source = made.source;
	flow->lacks_port = made.lacks_port;
	flow->has_entry = made.has_entry;
	flow->is_new = made.is_new;
	return 0;
}

GLOBAL int create_narrow(struct flow *flow)
{
	return create_from(flow, false);
}

GLOBAL int create_wide(struct flow *flow)
{
	return create_from(flow, true);
}

/* On the short way, with a copy in memory, so that the flow itself can stay in registers. */
ALWAYS_INLINE void create_at_once(struct flow *flow, struct flow *copy)
{
	*copy = *flow;
	create_in_table(flow, copy);
}

/* Gives the flow's own entry, that is over in one way or another, to its new server. */
ALWAYS_INLINE bool renew_connection(struct entry *entry, struct flow *flow)
{
	union owner renewed = new_owner(flow);

	/* A port at another source, or none: another entry. */
	if (flow->is_wide && (is_full_nat(flow->route_word) || has_source_port(entry->number))) {
		change_entry(flow, entry, (union owner){ .word = 0 });
		return false;
	}
	renewed.is.flags |= entry->owner.is.flags;
	if (!change_entry(flow, entry, renewed))
		return false;
	flow->has_entry = true;
	flow->is_new = true;
	return true;
}

/* Reads the entry's owner again; false when the slot went to somebody else. */
ALWAYS_INLINE bool still_holds(const struct flow *flow, struct entry *entry)
{
	void *slot = numbered(flow, entry->number);

	return slot && holds(slot, flow, &entry->owner);
}

/* Notes a packet of a flow that goes on: once a second, or when the state changes, or the first proof of a client. */
ALWAYS_INLINE void touch(struct entry *entry, const struct flow *flow)
{
	for (int tries = 0; tries < 3; tries++) {
		union owner now = entry->owner;
		bool later = now.is.second != (__u16)flow->now;

		if (flow->protocol == IPPROTO_UDP) {
			now.is.flags &= ~FLAG_PROBATION;
		} else {
			/* Spoofed handshakes fit into one second, or straddle two: an established entry must be seen again. */
			if (later && now.is.state == STATE_ESTABLISHED)
				now.is.flags &= ~FLAG_PROBATION;
			now.is.state = next_state(requests_of(flow->route_word), now.is.state, flow->tcp_flags);
		}
		now.is.second = flow->now;
		if (LIKELY(now.word == entry->owner.word) || change_entry(flow, entry, now))
			return;
		/* Another CPU was quicker; try once more if the entry is still the flow's. */
		if (!still_holds(flow, entry))
			return;
	}
}

#endif
