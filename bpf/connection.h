/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A connection's life in the table: entered, renewed, touched. The protocol is told in slot.h. */
#ifndef XLVS_CONNECTION_H
#define XLVS_CONNECTION_H

#include "room.h"
#include "slot.h"
#include "source.h"
#include "state.h"

/*
 * Looks for the flow, whose claim at `place` bears its key by now, at another of its places: 0, nobody has or makes an
 * entry for it there. Else the server of its entry, or -1 while another CPU is making one; of a claim that has aged we don't
 * wait for the end.
 */
ALWAYS_INLINE int settle_at(const struct flow *flow, __u32 place, __u32 other)
{
	const union owner none = { .word = 0 };
	void *slot = slot_at(flow, other & (PLACES - 1));
	union owner theirs;

	for (int tries = 0; tries < 3; tries++) {
		if (!slot || !has_key(flow, slot))
			return 0;
		theirs.word = READ_ONCE(*owner_word(flow, slot));
		if (theirs.is.listener == flow->listener) {
			if (!has_key(flow, slot))
				return 0;
			if (!is_over(theirs, flow->now))
				return theirs.is.server;
		} else if (theirs.is.state != STATE_BUSY) {
			return 0;
		} else if (other < place && theirs.is.second == (__u16)flow->now) {
			return -1;
		}
		if (change(flow, slot, theirs, none))
			return 0;
	}
	return 0;
}

GLOBAL int settle_narrow_at(const struct flow *flow, __u32 place, __u32 other)
{
	struct flow asked;

	if (!flow)
		return -1;
	asked = *flow;
	asked.is_wide = false;
	return settle_at(&asked, place, other);
}

GLOBAL int settle_wide_at(const struct flow *flow, __u32 place, __u32 other)
{
	struct flow asked;

	if (!flow)
		return -1;
	asked = *flow;
	asked.is_wide = true;
	return settle_at(&asked, place, other);
}

/* The same of all the flow's places. */
ALWAYS_INLINE int settle(const struct flow *flow, __u32 place, bool is_wide)
{
	for (__u32 other = 0; other < PLACES; other++) {
		int found = 0;

		if (other != place)
			found = is_wide ? settle_wide_at(flow, place, other) : settle_narrow_at(flow, place, other);
		if (found)
			return found;
	}
	return 0;
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
	owner.is.state = flow->protocol == IPPROTO_UDP ?
				 STATE_UDP :
				 next_state(requests_of(flow->route_word), STATE_NONE, flow->tcp_flags);
	owner.is.flags = FLAG_PROBATION;
	return owner;
}

ALWAYS_INLINE bool put_word(__u64 *place, __u64 seen, __u64 word)
{
	return __sync_val_compare_and_swap(place, seen, word) == seen;
}

/*
 * Writes the flow's key into a slot that is claimed; false when somebody else wrote one meanwhile. The word of the ports
 * comes first: the one before in this slot, or after a claim that slept, hardly ever had the same, but often a neighbour's
 * address.
 */
ALWAYS_INLINE bool put_key(const struct flow *flow, void *slot, const struct key_words *seen)
{
	struct wide_slot *wide = slot;
	__u64 ports;

	if (!flow->is_wide)
		return put_word(&((struct connection_slot *)slot)->key_word, seen->ports, flow->key_word);
	ports = flow->ports_word |
		word_of_ports((struct wide_ports){ .own_port = flow->own_port, .source = flow->source });
	return put_word(&wide->key.ports_word, seen->ports, ports) &&
	       put_word(&wide->key.client_words[0], seen->client[0], flow->client_words[0]) &&
	       put_word(&wide->key.client_words[1], seen->client[1], flow->client_words[1]);
}

/*
 * One try to enter a flow that has a server now; displaces if it must, but nobody who is established. True: that is settled,
 * and the flow has an entry, or there is no slot for it; else a race was lost, and the next try shows another slot, or the
 * other's entry. `asked` is the flow in memory.
 */
ALWAYS_INLINE bool try_to_create(struct flow *flow, const struct flow *asked)
{
	union owner mine = new_owner(flow), busy = { .word = 0 }, seen;
	const union owner none = { .word = 0 };
	struct room room;
	struct key_words key;
	void *slot;
	int other;

	if (find_room(asked, &room))
		return true;
	slot = slot_at(flow, room.place & (PLACES - 1));
	if (!slot)
		return true;
	key = key_words_in(flow, slot);
	/* Perhaps another CPU has just put the flow's own entry there. */
	if (UNLIKELY(has_key(flow, slot)) && holds(slot, flow, &seen) && !is_over(seen, flow->now) &&
	    !is_closing(seen.is.state, false)) {
		struct entry theirs = { .number = number_of(flow, room.place), .owner = seen };

		flow->server = seen.is.server;
		flow->has_entry = !flow->is_wide || read_source_port(flow, &theirs);
		return flow->has_entry;
	}
	seen.word = room.owner_word;
	busy.is.server = bpf_get_smp_processor_id();
	busy.is.second = flow->now;
	busy.is.state = STATE_BUSY;
	if (!change(flow, slot, seen, busy))
		return false;
	if (flow->is_wide && UNLIKELY(is_full_nat(flow->route_word)) && take_source_port(flow, room.place)) {
		change(flow, slot, busy, none);
		return true;
	}
	other = -1;
	if (put_key(flow, slot, &key))
		other = is_there_twice(flow) ? settle(asked, room.place, flow->is_wide) : 0;
	mine.is.flags = (seen.is.flags + FLAG_CLAIMS) | FLAG_PROBATION;
	flow->is_new = !other && change(flow, slot, busy, mine);
	flow->has_entry = flow->is_new;
	if (flow->is_new)
		return true;
	change(flow, slot, busy, none);
	if (other <= 0)
		return false;
	/* When another CPU entered the same flow first, that entry's server counts. */
	flow->server = other;
	flow->has_entry = !flow->is_wide || adopt_source_port(flow);
	return flow->has_entry;
}

/* What a try found out. */
ALWAYS_INLINE void take_over(struct flow *flow, const struct flow *made)
{
	flow->server = made->server;
	flow->own_port = made->own_port;
	flow->source = made->source;
	flow->lacks_port = made->lacks_port;
	flow->has_entry = made->has_entry;
	flow->is_new = made->is_new;
}

ALWAYS_INLINE int try_from(struct flow *flow, bool is_wide)
{
	struct flow made;
	bool is_settled;

	if (!flow)
		return 0;
	made = *flow;
	made.is_wide = is_wide;
	is_settled = try_to_create(&made, flow);
	take_over(flow, &made);
	return is_settled ? 0 : -1;
}

GLOBAL int try_narrow(struct flow *flow)
{
	return try_from(flow, false);
}

GLOBAL int try_wide(struct flow *flow)
{
	return try_from(flow, true);
}

/* Who loses more races than these goes without an entry. */
ALWAYS_INLINE void create_narrow(struct flow *flow)
{
	if (try_narrow(flow) && try_narrow(flow))
		try_narrow(flow);
}

ALWAYS_INLINE void create_wide(struct flow *flow)
{
	if (try_wide(flow) && try_wide(flow))
		try_wide(flow);
}

/* The one try of the short way, with a copy in memory, so that the flow itself can stay in registers. */
ALWAYS_INLINE bool create_at_once(struct flow *flow, struct flow *copy)
{
	*copy = *flow;
	return LIKELY(try_to_create(flow, copy));
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
	for (int tries = 0; tries < 2; tries++) {
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
