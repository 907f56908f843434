/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fragments: the first one bears the ports and is directed like any packet; what became of it is noted here for a moment,
 * and later ones follow it. Small and bounded: a note is displaced only when its time is over, or by a flow that has
 * proven itself where its own has not, so that a flood of first fragments costs those who are known nothing.
 */
#ifndef XLVS_FRAGMENT_H
#define XLVS_FRAGMENT_H

#include "hash.h"
#include "reply.h"

enum {
	NOTES_PER_LINE = 4,
	NOTE_LINES = 1024, /* a power of two */
	NOTE_SECONDS = 2, /* how long later fragments may follow their first one */
};

/* What fragments of one datagram have in common. */
struct datagram {
	struct address source;
	struct address destination;
	__u32 id;
	__u32 protocol;
};

enum note_state {
	NOTE_FREE = 0,
	NOTE_UNPROVEN, /* its flow is on probation */
	NOTE_PROVEN,
};

/* What became of a first fragment. */
struct note {
	struct datagram datagram;
	struct conversation conversation; /* of a reply, or what a request's addresses become; ports don't matter */
	__u64 route_word; /* of a request's server */
	__u32 second;
	__u16 server;
	__u8 state; /* enum note_state */
	__u8 is_reply;
	__u8 is_full; /* both addresses change */
	__u8 zero[7];
};

struct note_line {
	struct bpf_spin_lock lock;
	__u32 zero;
	struct note notes[NOTES_PER_LINE];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NOTE_LINES);
	__type(key, __u32);
	__type(value, struct note_line);
} notes SEC(".maps");

/* Where a note is made ready: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct note);
} draft SEC(".maps");

ALWAYS_INLINE struct note *blank_note(void)
{
	const __u32 only = 0;
	struct note *note = bpf_map_lookup_elem(&draft, &only);

	if (note)
		__builtin_memset(note, 0, sizeof(*note));
	return note;
}

ALWAYS_INLINE struct datagram datagram_of(const struct packet *packet)
{
	return (struct datagram){
		.source = source_of(packet),
		.destination = destination_of(packet),
		.id = packet->fragment_id,
		.protocol = packet->protocol,
	};
}

ALWAYS_INLINE bool same_datagram(const struct datagram *a, const struct datagram *b)
{
	return a->id == b->id && a->protocol == b->protocol && same_address(&a->source, &b->source) &&
	       same_address(&a->destination, &b->destination);
}

ALWAYS_INLINE struct note_line *line_of_datagram(const struct datagram *datagram)
{
	__u64 hash = keyed_hash(datagram->source.words[0] ^ datagram->id, identity.seeds);
	__u32 index;

	hash = keyed_hash(hash + datagram->source.words[1], identity.seeds);
	hash = keyed_hash(hash + (datagram->destination.words[0] ^ datagram->destination.words[1]), identity.seeds);
	index = (hash >> 32) & (NOTE_LINES - 1);
	return bpf_map_lookup_elem(&notes, &index);
}

/* How gladly a note is given up for one in this state; 0: not at all. */
ALWAYS_INLINE __u32 readiness(const struct note *old, const struct note *new)
{
	if (old->state == NOTE_FREE || new->second - old->second > NOTE_SECONDS)
		return 3;
	if (same_datagram(&old->datagram, &new->datagram))
		return 4;
	return new->state == NOTE_PROVEN && old->state == NOTE_UNPROVEN ? 1 : 0;
}

/* Without a place later fragments will be dropped by name. Global: little else is on its stack. */
GLOBAL int write_note(const struct note *new)
{
	struct note_line *line;
	__u32 best = 0, place = 0;

	if (!new)
		return -1;
	line = line_of_datagram(&new->datagram);
	if (!line)
		return -1;
	bpf_spin_lock(&line->lock);
#pragma unroll
	for (__u32 i = 0; i < NOTES_PER_LINE; i++) {
		__u32 ready = readiness(&line->notes[i], new);

		if (ready > best) {
			best = ready;
			place = i;
		}
	}
	if (best)
		line->notes[place & (NOTES_PER_LINE - 1)] = *new;
	bpf_spin_unlock(&line->lock);
	return best ? 0 : -1;
}

/* 0: `note` is what became of the first fragment of note->datagram. */
GLOBAL int read_note(struct note *note, __u32 now)
{
	struct note_line *line;
	int found = -1;

	if (!note)
		return -1;
	line = line_of_datagram(&note->datagram);
	if (!line)
		return -1;
	bpf_spin_lock(&line->lock);
#pragma unroll
	for (__u32 i = 0; i < NOTES_PER_LINE; i++) {
		struct note *kept = &line->notes[i];

		if (found && kept->state != NOTE_FREE && now - kept->second <= NOTE_SECONDS &&
		    same_datagram(&kept->datagram, &note->datagram)) {
			*note = *kept;
			found = 0;
		}
	}
	bpf_spin_unlock(&line->lock);
	return found;
}

#endif
