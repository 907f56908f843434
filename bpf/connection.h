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
#ifndef XLVS_CONNECTION_H
#define XLVS_CONNECTION_H

#include "clock.h"
#include "maps.h"
#include "packet.h"
#include "service.h"
#include "state.h"

#define FLAG_CLAIMS 2 /* the flags but FLAG_PROBATION count a slot's claims; what one adds */
#define PLACES (4 * SLOTS_PER_LINE) /* slots that a flow may have, in probe order */

union owner {
	struct connection_owner is;
	__u64 word;
};

/* A slot, the owner word that was read there, and its place in probe order. */
struct entry {
	struct connection_slot *slot;
	union owner owner;
};

/* Of client, port and protocol alone: a reply, which knows no VIP, must come to the same buckets. */
ALWAYS_INLINE void locate(struct flow *flow, const struct packet *packet)
{
	__u64 client = packet->source | (__u64)packet->source_port << 32;
	__u64 hash = keyed_hash(client | (__u64)packet->protocol << 48, identity.seeds);
	__u32 mask = identity.lines - 1;

	flow->first = (__u32)(hash >> 32) & mask;
	/* Another bucket always: the second bit differs. */
	flow->second = (flow->first ^ ((__u32)hash | 2)) & mask;
	/* struct connection_key */
	flow->key_word = client | (__u64)packet->destination_port << 48;
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

ALWAYS_INLINE struct connection_line *line_of(const struct flow *flow, __u32 number)
{
	__u32 index = (number & 2 ? flow->second : flow->first) ^ (number & 1);

	return bpf_map_lookup_elem(&connections, &index);
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

/*
 * How gladly a slot is given to a new flow, 0: never. Empty and expired ones first, then closing ones, then the oldest
 * half-open or probationary one, half-open before probationary where they are equally old.
 */
struct standing {
	__u32 base;
	__u32 per_second;
};

#define KEPT 0
#define FREE (1 << 20)
#define CLOSING { 1 << 18, 1 }
#define HALF_OPEN { 2, 2 }
#define UNPROVEN { 1, 2 }
#define ON_PROBATION (FLAG_PROBATION << 8)
#define EITHER_WAY(state, standing) [state] = standing, [state | ON_PROBATION] = standing
static const struct standing standings[] = {
	[STATE_NONE] = { FREE, 0 },
	[STATE_ESTABLISHED | ON_PROBATION] = UNPROVEN,
	[STATE_UDP | ON_PROBATION] = UNPROVEN,
	EITHER_WAY(STATE_SYN_SENT, HALF_OPEN),
	EITHER_WAY(STATE_SYN_RECEIVED, HALF_OPEN),
	EITHER_WAY(STATE_SYN_ACK, HALF_OPEN),
	EITHER_WAY(STATE_FIN_WAIT, CLOSING),
	EITHER_WAY(STATE_TIME_WAIT, CLOSING),
	EITHER_WAY(STATE_CLOSE, CLOSING),
	EITHER_WAY(STATE_CLOSE_WAIT, CLOSING),
	EITHER_WAY(STATE_LAST_ACK, CLOSING),
	[(STATES - 1) | ON_PROBATION] = { KEPT, 0 },
};
#undef CLOSING
#undef HALF_OPEN
#undef UNPROVEN
#undef EITHER_WAY

ALWAYS_INLINE __u32 standing_of(__u64 owner_word, __u32 now, const struct settings *limits)
{
	__u32 state_and_flag = owner_word >> 48 & (ON_PROBATION | (STATES - 1));
	__u32 age = slack_age(now, owner_word >> 32);

	if (age > limits->timeouts[state_and_flag & (STATES - 1)] + AGE_SLACK)
		return FREE;
	return standings[state_and_flag].base + standings[state_and_flag].per_second * age;
}

/* Where a new flow may go. */
struct room {
	__u64 owner_word; /* claim it from this */
	__u32 place; /* in probe order */
	__u32 standing; /* of what is there now */
	__u32 free; /* slots of that bucket that nobody would miss */
};

/* The best slot of one bucket: of lines `number` and `number` + 1. Two free ones are enough to know. */
ALWAYS_INLINE struct room survey(const struct flow *flow, __u32 number, const struct settings *limits)
{
	const __u32 end = number + 2;
	struct room room = {};

	for (; number < end && room.free < 2; number++) {
		struct connection_line *line = line_of(flow, number);

		if (!line)
			break;
#pragma unroll
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++) {
			__u64 word = READ_ONCE(line->slots[i].owner_word);
			__u32 standing = standing_of(word, flow->now, limits);

			room.free += standing >= FREE;
			if (standing > room.standing) {
				room.standing = standing;
				room.place = number * SLOTS_PER_LINE + i;
				room.owner_word = word;
			}
		}
	}
	return room;
}

/*
 * The slot that a new flow should have: 0, or -1 when nobody may be displaced. The second bucket comes in once the first
 * has no more than one slot to give: at half load that leaves 8 % of the flows there and 15 in a million without a slot
 * (first until full: 3 % and 1,200). Global, so that the verifier looks at it once.
 */
__attribute__((noinline)) int find_room(const struct flow *flow, struct room *room)
{
	const __u32 only = 0;
	const struct settings *limits = bpf_map_lookup_elem(&settings, &only);
	struct room other;

	if (!flow || !room || !limits)
		return -1;
	*room = survey(flow, 0, limits);
	if (room->free >= 2)
		return 0;
	other = survey(flow, 2, limits);
	if (other.free > room->free || other.standing > room->standing)
		*room = other;
	return room->standing == KEPT ? -1 : 0;
}

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
		mine.is.flags = ((seen.is.flags + FLAG_CLAIMS) & ~FLAG_PROBATION) | FLAG_PROBATION;
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
