/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One client port used at once to two listeners whose server is the same endpoint: to the server it would be one
 * connection, and its replies could not be told apart. The second is refused.
 */
#ifndef XLVS_RIVAL_H
#define XLVS_RIVAL_H

#include "slot.h"

/* Is this slot's key of the same client and port, NAT without a source port of ours? */
ALWAYS_INLINE bool is_of_client(const struct flow *flow, void *slot)
{
	const struct wide_ports client = { .client_port = 0xffff, .own_port = 0xffff, .source = 0xff, .check = 0xff };
	/* The VIP, which stands beside an IPv4 client, is not compared: it may be the other's. */
	const __u64 first = flow->ports_word >> 56 & CHECK_IPV6 ? ~0ULL : 0xffffffff;
	struct wide_slot *wide = slot;

	if (!flow->is_wide)
		return !((READ_ONCE(((struct connection_slot *)slot)->key_word) ^ flow->key_word) << 16);
	return !((READ_ONCE(wide->key.ports_word) ^ flow->ports_word) & word_of_ports(client)) &&
	       !((READ_ONCE(wide->key.client_words[0]) ^ flow->client_words[0]) & first) &&
	       READ_ONCE(wide->key.client_words[1]) == flow->client_words[1];
}

ALWAYS_INLINE int search_rival(const struct flow *flow)
{
	const struct server *mine = server_of(flow->server);

	for (__u32 place = 0; place < PLACES; place++) {
		void *slot = slot_at(flow, place);
		const struct server *theirs;
		union owner owner;

		if (!slot || !mine)
			break;
		if (!is_of_client(flow, slot))
			continue;
		owner.word = READ_ONCE(*owner_word(flow, slot));
		if (!owner.is.listener || is_over(owner, flow->now) ||
		    (owner.is.listener == flow->listener && has_key(flow, slot)))
			continue;
		theirs = server_of(owner.is.server);
		if (theirs && theirs->port == mine->port && theirs->protocol == mine->protocol &&
		    same_address(&theirs->address, &mine->address))
			return 1;
	}
	return 0;
}

GLOBAL int find_narrow_rival(const struct flow *flow)
{
	struct flow asked;

	if (!flow)
		return 0;
	asked = *flow;
	asked.is_wide = false;
	return search_rival(&asked);
}

GLOBAL int find_wide_rival(const struct flow *flow)
{
	struct flow asked;

	if (!flow)
		return 0;
	asked = *flow;
	asked.is_wide = true;
	return search_rival(&asked);
}

/* 1: another connection of this client port goes to the endpoint of the flow's server, by another listener. */
ALWAYS_INLINE int find_rival(const struct flow *flow)
{
	return flow->is_wide ? find_wide_rival(flow) : find_narrow_rival(flow);
}

#endif
