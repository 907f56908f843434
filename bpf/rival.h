/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One client port used at once to two listeners whose server is the same endpoint: to the server it would be one
 * connection, and its replies could not be told apart. The second is refused.
 */
#ifndef XLVS_RIVAL_H
#define XLVS_RIVAL_H

#include "service.h"
#include "slot.h"

/* In the last word of a key. */
ALWAYS_INLINE __be16 service_port_of(__u64 word, bool is_wide)
{
	return is_wide ? word >> 16 : word >> 48;
}

/* Is this slot's key of the same client and port, NAT without a source port of ours? */
ALWAYS_INLINE bool is_of_client(const struct flow *flow, void *slot, bool is_wide)
{
	const struct wide_ports client = { .client_port = 0xffff, .own_port = 0xffff, .source = 0xff, .check = 0xff };
	/* The VIP, which stands beside an IPv4 client, is not compared: it may be the other's. */
	const __u64 first = flow->ports_word >> 56 & CHECK_IPV6 ? ~0ULL : 0xffffffff;
	struct wide_slot *wide = slot;

	if (!is_wide)
		return !((READ_ONCE(((struct connection_slot *)slot)->key_word) ^ flow->key_word) << 16);
	return !((READ_ONCE(wide->key.ports_word) ^ flow->ports_word) & word_of_ports(client)) &&
	       !((READ_ONCE(wide->key.client_words[0]) ^ flow->client_words[0]) & first) &&
	       READ_ONCE(wide->key.client_words[1]) == flow->client_words[1];
}

/* Is the client's slot the flow's own? */
ALWAYS_INLINE bool is_own(const struct flow *flow, void *slot, union owner owner, __be16 service_port, bool is_wide)
{
	return owner.is.listener == flow->listener && service_port == service_port_of(flow->key_word, is_wide) &&
	       (!is_wide || READ_ONCE(((struct wide_slot *)slot)->key.client_words[0]) == flow->client_words[0]);
}

/* Is a connection by this listener and service port one to the endpoint that the flow's is? */
ALWAYS_INLINE bool has_same_endpoint(const struct flow *flow, union owner owner, __be16 service_port, bool is_wide)
{
	const struct server *mine = server_of(flow->server), *theirs = server_of(owner.is.server);

	return mine && theirs && same_address(&theirs->address, &mine->address) &&
	       port_of(theirs, service_port) == port_of(mine, service_port_of(flow->key_word, is_wide)) &&
	       protocol_by(theirs, owner.is.listener) == flow->protocol;
}

/* The flow stays in memory: of what is in registers there is too much for the stack. */
ALWAYS_INLINE int search_rival(const struct flow *flow, bool is_wide)
{
	for (__u32 place = 0; place < PLACES; place++) {
		const struct flow lines = { .first = flow->first, .second = flow->second, .is_wide = is_wide };
		void *slot = slot_at(&lines, place);
		__be16 service_port;
		union owner owner;

		if (!slot)
			break;
		if (!is_of_client(flow, slot, is_wide))
			continue;
		owner.word = READ_ONCE(*owner_word(&lines, slot));
		service_port = service_port_of(word_of_key(&lines, slot), is_wide);
		if (!owner.is.listener || is_over(owner, flow->now) || is_own(flow, slot, owner, service_port, is_wide))
			continue;
		if (has_same_endpoint(flow, owner, service_port, is_wide))
			return 1;
	}
	return 0;
}

GLOBAL int find_narrow_rival(const struct flow *flow)
{
	return flow ? search_rival(flow, false) : 0;
}

GLOBAL int find_wide_rival(const struct flow *flow)
{
	return flow ? search_rival(flow, true) : 0;
}

ALWAYS_INLINE int find_rival_in_table(const struct flow *flow)
{
	return flow->is_wide ? find_wide_rival(flow) : find_narrow_rival(flow);
}

/*
 * May IPv4 connections to the endpoint of the flow's server be in a table (ENDPOINT_NARROW or _WIDE)? Servers of many ports have
 * one endpoint, of port 0, for all of them.
 */
ALWAYS_INLINE bool is_also_in(const struct flow *flow, __u8 table)
{
	const struct server *server = server_of(flow->server);
	struct place place = { .protocol = flow->protocol, .kind = KIND_ENDPOINT };
	__u64 any, value;

	if (!server)
		return false;
	place.address = server->address.quads[3];
	any = find_place(&place);
	place.port = port_of(server, service_port_of(flow->key_word, flow->is_wide));
	value = find_place(&place);
	return (listener_of(any).flags | listener_of(value).flags) & table;
}

/* 0: the IPv4 flow is told now as it would be in the other table, where its rivals may be as well. */
GLOBAL int turn_to_other_table(struct flow *flow)
{
	struct address client = {};

	if (!flow || !is_also_in(flow, flow->is_wide ? ENDPOINT_NARROW : ENDPOINT_WIDE))
		return -1;
	if (flow->is_wide) {
		flow->is_wide = false;
		locate_narrow(flow, flow->client_words[0], flow->ports_word, flow->protocol, flow->ports_word >> 16);
	} else {
		flow->is_wide = true;
		client.quads[0] = flow->key_word;
		locate_wide(flow, &client, flow->key_word >> 32, flow->protocol, flow->key_word >> 48, false);
	}
	return 0;
}

/*
 * 1: another connection of this client port goes to the endpoint of the flow's server, by another listener. The flow is
 * not to be used afterwards.
 */
ALWAYS_INLINE int find_rival(struct flow *flow, bool is_ipv6)
{
	if (find_rival_in_table(flow))
		return 1;
	return !is_ipv6 && !turn_to_other_table(flow) && find_rival_in_table(flow);
}

#endif
