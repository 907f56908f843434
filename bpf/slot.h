/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connection tables, one of slots of 16 bytes and one of 32: two candidate buckets a flow, each of two neighbouring
 * lines of four slots.
 *
 * The slot protocol, for program, sweep and whoever else touches a slot. All ownership lives in the owner word.
 *   read    owner, key, owner again: an entry only if listener and server are the same in both.
 *   claim   compare-and-swap the owner that was seen to BUSY; put the key there, each word by compare-and-swap from the
 *           one that was seen; look again: give the slot back if the flow has an entry by now; of two claims with its key
 *           the first in probe order stays, and takes the other's slot away; compare-and-swap BUSY to the new owner.
 *   change  one compare-and-swap from the owner that was read. Who wins it moves the servers' counts.
 * A BUSY word has listener 0, which no reader accepts, and the claimer's CPU, so that no two claims look alike. Entries
 * that follow each other in a slot differ in FLAG_CLAIMS, so that who has read one cannot change the next by mistake.
 */
#ifndef XLVS_SLOT_H
#define XLVS_SLOT_H

#include <stddef.h>

#include "clock.h"
#include "hash.h"
#include "maps.h"
#include "packet.h"
#include "server.h"

#define FLAG_CLAIMS 2 /* the flags but FLAG_PROBATION count a slot's claims; what one adds */
#define PLACES (4 * SLOTS_PER_LINE) /* slots that a flow may have, in probe order */

/* What a wide key's last word is compared by: not by own port and source, which a packet of the client does not know. */
static const struct wide_ports asked_ports = { .client_port = 0xffff, .service_port = 0xffff, .check = 0xff };

ALWAYS_INLINE __u64 word_of_ports(struct wide_ports ports)
{
	__u64 word;

	__builtin_memcpy(&word, &ports, sizeof(word));
	return word;
}

ALWAYS_INLINE void *line_at(bool is_wide, __u32 index)
{
	return is_wide ? bpf_map_lookup_elem(&wide_connections, &index) : bpf_map_lookup_elem(&connections, &index);
}

/* The first slot of one of the flow's four lines. */
ALWAYS_INLINE void *line_of(const struct flow *flow, __u32 number)
{
	return line_at(flow->is_wide, (number & 2 ? flow->second : flow->first) ^ (number & 1));
}

ALWAYS_INLINE void *slot_in(const struct flow *flow, void *line, __u32 i)
{
	return line + i * (flow->is_wide ? sizeof(struct wide_slot) : sizeof(struct connection_slot));
}

ALWAYS_INLINE __u64 *owner_word(const struct flow *flow, void *slot)
{
	return flow->is_wide ? &((struct wide_slot *)slot)->owner_word : &((struct connection_slot *)slot)->owner_word;
}

/* The slot of this number, from 1 on. */
ALWAYS_INLINE void *numbered(const struct flow *flow, __u64 number)
{
	void *line = line_at(flow->is_wide, (number - 1) / SLOTS_PER_LINE);

	return line ? slot_in(flow, line, (number - 1) % SLOTS_PER_LINE) : NULL;
}

/* Of one of the flow's places, in probe order. */
ALWAYS_INLINE __u64 number_of(const struct flow *flow, __u32 place)
{
	__u32 line = (place / SLOTS_PER_LINE & 2 ? flow->second : flow->first) ^ (place / SLOTS_PER_LINE & 1);

	return (__u64)line * SLOTS_PER_LINE + (place + READ_ONCE(unknown_zero)) % SLOTS_PER_LINE + 1;
}

/* The words of a key; a narrow one has the first alone. */
struct key_words {
	__u64 ports;
	__u64 client[2];
};

ALWAYS_INLINE struct key_words key_words_in(const struct flow *flow, void *slot)
{
	struct wide_slot *wide = slot;
	struct key_words words = {};

	if (!flow->is_wide) {
		words.ports = READ_ONCE(((struct connection_slot *)slot)->key_word);
		return words;
	}
	words.ports = READ_ONCE(wide->key.ports_word);
	words.client[0] = READ_ONCE(wide->key.client_words[0]);
	words.client[1] = READ_ONCE(wide->key.client_words[1]);
	return words;
}

/* A narrow key, or the word of a wide one's ports. */
ALWAYS_INLINE __u64 word_of_key(const struct flow *flow, void *slot)
{
	return flow->is_wide ? READ_ONCE(((struct wide_slot *)slot)->key.ports_word) :
			       READ_ONCE(((struct connection_slot *)slot)->key_word);
}

/* Does the slot bear the flow's key? */
ALWAYS_INLINE bool has_key(const struct flow *flow, void *slot)
{
	struct wide_slot *wide = slot;

	if (!flow->is_wide)
		return READ_ONCE(((struct connection_slot *)slot)->key_word) == flow->key_word;
	return READ_ONCE(wide->key.client_words[1]) == flow->client_words[1] &&
	       READ_ONCE(wide->key.client_words[0]) == flow->client_words[0] &&
	       (READ_ONCE(wide->key.ports_word) & word_of_ports(asked_ports)) == flow->ports_word;
}

/* Does it look so by the key's last word? Of a wide key that says enough of all but one in a million. */
ALWAYS_INLINE bool resembles_key(const struct flow *flow, void *slot)
{
	__u64 word = word_of_key(flow, slot);

	return flow->is_wide ? (word & word_of_ports(asked_ports)) == flow->ports_word : word == flow->key_word;
}

/* Where the client's flows are, of client, port and protocol alone: a reply knows no VIP and must come to the same buckets. */
ALWAYS_INLINE void locate_client(struct flow *flow, __u64 hash)
{
	__u32 mask = (flow->is_wide ? identity.wide_lines : identity.lines) - 1;
	void *line;

	flow->first = (__u32)(hash >> 32) & mask;
	/* Another bucket always: the second bit differs. */
	flow->second = (flow->first ^ ((__u32)hash | 2)) & mask;
	/* Touches the first line at once: it is far away, and the listener is looked up while it comes (5 to 10 %). */
	line = line_of(flow, 0);
	if (line)
		(void)READ_ONCE(*(__u64 *)line);
}

/* An IPv4 flow between client and service port in the narrow table. */
ALWAYS_INLINE void locate_narrow(struct flow *flow, __be32 address, __be16 port, __u8 protocol, __be16 service_port)
{
	__u64 client = address | (__u64)port << 32;

	/* struct connection_key */
	flow->key_word = client | (__u64)service_port << 48;
	locate_client(flow, keyed_hash(client | (__u64)protocol << 48, identity.seeds));
}

/* Of a wide key's client alone: the VIP that an IPv4 key has beside it is unknown to a reply. */
ALWAYS_INLINE __u64 client_hash(const struct address *client, bool is_ipv6)
{
	const struct address alone = { .words = { is_ipv6 ? client->words[0] : client->quads[0],
						  is_ipv6 ? client->words[1] : 0 } };

	return address_word(&alone, identity.seeds);
}

ALWAYS_INLINE __u8 check_of(__u64 hash, bool is_ipv6)
{
	return (hash >> 24 & (CHECK_IPV6 - 1)) | (is_ipv6 ? CHECK_IPV6 : 0);
}

/* The same in the wide table, for an IPv6 client, or an IPv4 client beside its VIP. */
ALWAYS_INLINE void locate_wide(struct flow *flow, const struct address *client, __be16 port, __u8 protocol,
			       __be16 service_port, bool is_ipv6)
{
	__u64 hash = client_hash(client, is_ipv6);
	struct wide_ports ports = { .client_port = port,
				    .service_port = service_port,
				    .check = check_of(hash, is_ipv6) };

	flow->client_words[0] = client->words[0];
	flow->client_words[1] = client->words[1];
	flow->ports_word = word_of_ports(ports);
	locate_client(flow, keyed_hash(hash + port + ((__u64)protocol << 16), identity.seeds));
}

/* The flow of a request; the table that its listener wants is chosen. */
ALWAYS_INLINE void locate(struct flow *flow, const struct packet *packet)
{
	struct address client = packet->source6;

	if (!flow->is_wide) {
		locate_narrow(flow, packet->source, packet->source_port, packet->protocol, packet->destination_port);
		return;
	}
	if (!packet->is_ipv6)
		client = (struct address){ .quads = { packet->source, packet->destination } };
	locate_wide(flow, &client, packet->source_port, packet->protocol, packet->destination_port, packet->is_ipv6);
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

ALWAYS_INLINE void *slot_at(const struct flow *flow, __u32 place)
{
	void *line = line_of(flow, place / SLOTS_PER_LINE);

	return line ? slot_in(flow, line, place % SLOTS_PER_LINE) : NULL;
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

/* Changes an owner word if it is still what was read; then its servers' counts follow. */
ALWAYS_INLINE bool change_word(__u64 *owner_word, union owner from, union owner to)
{
	__u64 minus = from.is.listener ? worth(from) : 0;
	__u64 plus = to.is.listener ? worth(to) : 0;

	if (__sync_val_compare_and_swap(owner_word, from.word, to.word) != from.word)
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

GLOBAL int change_apart(__u64 *owner_word, __u64 from, __u64 to)
{
	if (!owner_word)
		return 0;
	return change_word(owner_word, (union owner){ .word = from }, (union owner){ .word = to });
}

/* Changes an entry, or takes it away (0), if it is still what was read. In place for the narrow table, where it is timed. */
ALWAYS_INLINE bool change(const struct flow *flow, void *slot, union owner from, union owner to)
{
	__u64 *word = owner_word(flow, slot);

	return flow->is_wide ? change_apart(word, from.word, to.word) : change_word(word, from, to);
}

/* The same for an entry that was found. */
ALWAYS_INLINE bool change_entry(const struct flow *flow, const struct entry *entry, union owner to)
{
	void *slot = numbered(flow, entry->number);

	return slot && change(flow, slot, entry->owner, to);
}

/* True when the slot holds this flow's entry; `owner` is then the word to change it from. */
ALWAYS_INLINE bool holds(void *slot, const struct flow *flow, union owner *owner)
{
	union owner before, after;

	if (LIKELY(!has_key(flow, slot)))
		return false;
	before.word = READ_ONCE(*owner_word(flow, slot));
	if (before.is.listener != flow->listener || !has_key(flow, slot))
		return false;
	after.word = READ_ONCE(*owner_word(flow, slot));
	*owner = before;
	return (__u32)before.word == (__u32)after.word; /* listener and server */
}

/* The flow's entry, or none: first in probe order. */
ALWAYS_INLINE bool find_connection(const struct flow *flow, struct entry *entry)
{
	for (__u32 number = 0; number < 4; number++) {
		void *line = line_of(flow, number);

		if (!line)
			return false;
#pragma unroll
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++) {
			if (!holds(slot_in(flow, line, i), flow, &entry->owner))
				continue;
			entry->number = number_of(flow, number * SLOTS_PER_LINE + i);
			return true;
		}
	}
	return false;
}

/* True when two words that were read in one slot are of one and the same entry, however it does. */
ALWAYS_INLINE bool is_same_entry(union owner before, union owner after)
{
	const union owner same = { .is = { .listener = 0xffff, .server = 0xffff, .flags = (__u8)~FLAG_PROBATION } };

	return !((before.word ^ after.word) & same.word);
}

ALWAYS_INLINE bool is_over(union owner owner, __u32 now)
{
	return UNLIKELY(owner.is.second != (__u16)now) && is_older(now, owner.is.second, timeout_of(owner.is.state));
}

#endif
