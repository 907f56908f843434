/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The journeys: a short one for most packets, and one for all the others. */
#ifndef XLVS_JOURNEY_H
#define XLVS_JOURNEY_H

#include "error.h"
#include "exchange.h"
#include "general.h"
#include "tag.h"

/*
 * The short way: whole packets between a listener of one address and port and its servers. START_OVER: this is another
 * kind of packet.
 */
REQUIRED enum outcome journey(struct xdp_md *ctx, bool is_ipv6)
{
	struct packet packet = { .is_short = true };
	struct flow flow = { .is_wide = is_ipv6 };
	struct search_key place_key, source_key;
	struct place place, source;
	__u64 value = 0, endpoint = 0;
	enum outcome outcome;
	__u8 *hint;

	outcome = parse_network(ctx, &packet, is_ipv6);
	if (UNLIKELY(outcome != CONTINUE))
		return outcome == EXTENSION_HEADERS ? START_OVER : outcome;
	if (UNLIKELY(packet.protocol != IPPROTO_TCP && packet.protocol != IPPROTO_UDP))
		return START_OVER;
	if (UNLIKELY(is_fragment(&packet) || !read_ports(&packet)))
		return START_OVER;
	place = destination_place(&packet);
	place_key = search_key_of(&place);
	hint = hint_of(place_key);
	if (LIKELY(READ_ONCE(*hint))) {
		locate(&flow, &packet);
		value = find_at_once(&place, place_key);
	}
	if (UNLIKELY(!value)) {
		source = source_place(&packet);
		source_key = search_key_of(&source);
		endpoint = find_at_once(&source, source_key);
		if (!endpoint) {
			locate(&flow, &packet);
			value = find_place(&place);
			if (value)
				*hint = 1;
			else
				endpoint = find_displaced(&source, source_key);
		}
	}
	if (LIKELY(value)) {
		struct listener listener = listener_of(value);

		if (UNLIKELY(listener.flags))
			return START_OVER;
		flow.listener = listener.index;
		flow.service = listener.service;
		return request(ctx, &packet, &flow);
	}
	if (endpoint && listener_of(endpoint).flags == (is_ipv6 ? ENDPOINT_WIDE : ENDPOINT_NARROW) && !has_blocks()) {
		struct conversation conversation = {};
		struct entry entry;

		/* No reply: it may be for a listener that has not been asked for. */
		if (!find_conversation(&flow, &packet, &entry, &conversation))
			return START_OVER;
		return reply(ctx, &packet, &flow, &entry, &conversation, false);
	}
	return endpoint || has_blocks() ? START_OVER : NOT_OURS;
}

/* What a packet is that the short way is not for. */
enum kind {
	KIND_REQUEST_NARROW = OUTCOMES, /* else it is an outcome already */
	KIND_REQUEST_WIDE,
	KIND_REQUEST_WIDENED,
	KIND_NEWCOMER, /* a request whose flow is known to have no entry that stands */
	KIND_LATER_FRAGMENT,
	KIND_REPLY, /* and the endpoint's flags, from bit 8 on */
	KIND_ERROR_TO_NARROW,
	KIND_ERROR_TO_WIDE,
	KIND_ERROR_TO_WIDENED,
	KIND_ERROR_TO_CLIENT, /* likewise */
};

/*
 * Flows of a single IPv4 address are in the wide table since their service got a server of full NAT. What was entered before
 * is in the other one, and goes on there.
 */
ALWAYS_INLINE bool was_widened(const struct flow *flow, bool is_ipv6)
{
	__u32 index = flow->listener;
	const struct listener_place *place;

	if (is_ipv6 || !flow->is_wide)
		return false;
	place = bpf_map_lookup_elem(&listener_places, &index);
	return place && place->prefix == 32;
}

/* Has the flow an entry in the narrow table that stands? One that does not is taken away: the flow begins in the wide one. */
GLOBAL int goes_on_narrow(struct xdp_md *ctx)
{
	const union owner none = { .word = 0 };
	struct packet packet = {};
	struct flow flow = {};
	struct entry entry;

	if (parse_request(ctx, &packet, false) != CONTINUE || !find_listener(&packet, &flow))
		return false;
	flow.is_wide = false;
	flow.now = second_now();
	locate(&flow, &packet);
	if (!find_connection(&flow, &entry))
		return false;
	flow.route_word = route_of(entry.owner.is.server);
	if (stands(&entry, &flow, &packet) && !is_full_nat(flow.route_word))
		return true;
	change_entry(&flow, &entry, none);
	return false;
}

/* An ICMP message that is no error about something of ours is the kernel's: a ping to a VIP is answered there. */
ALWAYS_INLINE int kind_of_error(struct packet *packet)
{
	struct packet turned = {};
	struct flow flow = {};
	__u8 endpoint;

	if (!turn_round(packet, &turned))
		return NOT_OURS;
	if (turned.protocol == IPPROTO_IPIP || turned.protocol == IPPROTO_IPV6)
		learn_from(packet, &turned);
	if (!has_ports(turned.protocol))
		return NOT_OURS;
	if (find_listener(&turned, &flow)) {
		if (flow.listener_flags & LISTENER_PASSIVE)
			return NOT_MASTER;
		if (was_widened(&flow, packet->is_ipv6))
			return KIND_ERROR_TO_WIDENED;
		return flow.is_wide ? KIND_ERROR_TO_WIDE : KIND_ERROR_TO_NARROW;
	}
	endpoint = find_endpoint(&turned);
	return endpoint ? KIND_ERROR_TO_CLIENT | endpoint << 8 : NOT_OURS;
}

ALWAYS_INLINE int kind_of(struct xdp_md *ctx, bool is_ipv6)
{
	struct packet packet = {};
	struct flow flow = {};
	enum outcome outcome;
	__u8 endpoint;

	outcome = parse_network(ctx, &packet, is_ipv6);
	if (outcome == EXTENSION_HEADERS)
		return is_for_vip_at_all(&packet) ? EXTENSION_HEADERS : NOT_OURS;
	if (outcome != CONTINUE)
		return outcome;
	if (is_icmp(&packet))
		return kind_of_error(&packet);
	if (!has_ports(packet.protocol))
		return NOT_OURS;
	if (is_later_fragment(&packet))
		return KIND_LATER_FRAGMENT;
	if (!read_ports(&packet))
		return is_for_vip(&packet, packet.protocol) ? MALFORMED : NOT_OURS;
	if (find_listener(&packet, &flow)) {
		if (flow.listener_flags & LISTENER_PASSIVE)
			return NOT_MASTER;
		if (was_widened(&flow, is_ipv6))
			return KIND_REQUEST_WIDENED;
		return flow.is_wide ? KIND_REQUEST_WIDE : KIND_REQUEST_NARROW;
	}
	endpoint = find_endpoint(&packet);
	return endpoint ? KIND_REPLY | endpoint << 8 : NOT_OURS;
}

GLOBAL int kind_of_ipv4(struct xdp_md *ctx)
{
	return kind_of(ctx, false);
}

GLOBAL int kind_of_ipv6(struct xdp_md *ctx)
{
	return kind_of(ctx, true);
}

ALWAYS_INLINE enum outcome whole_journey_ipv4(struct xdp_md *ctx)
{
	int kind = kind_of_ipv4(ctx);
	enum outcome outcome;

	switch (kind & 0xff) {
	case KIND_REQUEST_WIDENED:
		if (!goes_on_narrow(ctx))
			return whole_request(ctx, false, true);
		return whole_request(ctx, false, false);
	case KIND_REQUEST_NARROW:
		return whole_request(ctx, false, false);
	case KIND_REQUEST_WIDE:
		return whole_request(ctx, false, true);
	case KIND_LATER_FRAGMENT:
		return follow_ipv4(ctx);
	case KIND_REPLY:
		return whole_reply(ctx, kind >> 8, false);
	case KIND_ERROR_TO_WIDENED:
		outcome = error_to_narrow(ctx);
		return outcome == NOT_OURS ? error_to_wide(ctx) : outcome;
	case KIND_ERROR_TO_NARROW:
		return error_to_narrow(ctx);
	case KIND_ERROR_TO_WIDE:
		return error_to_wide(ctx);
	case KIND_ERROR_TO_CLIENT:
		return error_from_ipv4(ctx, kind >> 8);
	default:
		return kind;
	}
}

ALWAYS_INLINE enum outcome whole_journey_ipv6(struct xdp_md *ctx)
{
	int kind = is_handed_over() ? KIND_NEWCOMER : kind_of_ipv6(ctx);

	switch (kind & 0xff) {
	case KIND_NEWCOMER:
		return rest_of_request(ctx);
	case KIND_REQUEST_WIDE:
		return whole_request(ctx, true, true);
	case KIND_LATER_FRAGMENT:
		return follow_ipv6(ctx);
	case KIND_REPLY:
		return whole_reply(ctx, kind >> 8, true);
	case KIND_ERROR_TO_WIDE:
		return error_to_ipv6(ctx);
	case KIND_ERROR_TO_CLIENT:
		return error_from_ipv6(ctx, kind >> 8);
	default:
		return kind;
	}
}

#endif
