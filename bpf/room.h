/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which slot a new flow gets, and whose. */
#ifndef XLVS_ROOM_H
#define XLVS_ROOM_H

#include "slot.h"

/*
 * How gladly a slot is given to a new flow, 0: never. Empty and expired ones first, then closing ones, then the oldest
 * half-open or probationary one, half-open before probationary where they are equally old.
 */
enum {
	KEPT = 0,
	UNPROVEN = 1,
	HALF_OPEN = 2,
	CLOSING = 1 << 18,
	FREE = 1 << 20,
	ON_PROBATION = FLAG_PROBATION << 8, /* beside a state, as in the owner word */
};

struct standing {
	__u32 base;
	__u32 per_second;
};

static const struct standing standings[ON_PROBATION + STATES] = {
	[STATE_NONE] = { FREE, 0 },
	[STATE_SYN_SENT... STATE_SYN_RECEIVED] = { HALF_OPEN, 2 },
	[STATE_FIN_WAIT... STATE_LAST_ACK] = { CLOSING, 1 },
	[STATE_SYN_ACK] = { HALF_OPEN, 2 },
	[ON_PROBATION + STATE_ESTABLISHED] = { UNPROVEN, 2 },
	[ON_PROBATION + STATE_SYN_SENT... ON_PROBATION + STATE_SYN_RECEIVED] = { HALF_OPEN, 2 },
	[ON_PROBATION + STATE_FIN_WAIT... ON_PROBATION + STATE_LAST_ACK] = { CLOSING, 1 },
	[ON_PROBATION + STATE_SYN_ACK] = { HALF_OPEN, 2 },
	[ON_PROBATION + STATE_UDP] = { UNPROVEN, 2 },
};

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
	__u32 standing; /* of what is there now */
	__u16 place; /* in probe order */
	__u16 free; /* slots of that bucket that nobody would miss */
};

/* The best slot of one bucket: of lines `number` and `number` + 1. Two free ones are enough to know. */
ALWAYS_INLINE struct room survey(const struct flow *flow, __u32 number, const struct settings *limits)
{
	const __u32 end = number + 2;
	struct room room = {};

	for (; number < end && room.free < 2; number++) {
		void *line = line_of(flow, number);

		if (!line)
			break;
#pragma unroll
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++) {
			__u64 word = READ_ONCE(*owner_word(flow, slot_in(flow, line, i)));
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
 * (first until full: 3 % and 1,200).
 */
ALWAYS_INLINE int search_room(struct flow flow, struct room *room)
{
	const __u32 only = 0;
	const struct settings *limits = bpf_map_lookup_elem(&settings, &only);
	struct room other;

	if (!limits)
		return -1;
	*room = survey(&flow, 0, limits);
	if (room->free >= 2)
		return 0;
	other = survey(&flow, 2, limits);
	if (other.free > room->free || other.standing > room->standing)
		*room = other;
	return room->standing == KEPT ? -1 : 0;
}

GLOBAL int find_narrow_room(const struct flow *flow, struct room *room)
{
	struct flow asked;

	if (!flow || !room)
		return -1;
	asked = *flow;
	asked.is_wide = false;
	return search_room(asked, room);
}

GLOBAL int find_wide_room(const struct flow *flow, struct room *room)
{
	struct flow asked;

	if (!flow || !room)
		return -1;
	asked = *flow;
	asked.is_wide = true;
	return search_room(asked, room);
}

ALWAYS_INLINE int find_room(const struct flow *flow, struct room *room)
{
	return flow->is_wide ? find_wide_room(flow, room) : find_narrow_room(flow, room);
}

#endif
