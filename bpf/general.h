/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The whole journey, of either family: what the short one of director.bpf.c has no room for starts over here. Fragments,
 * ICMP errors, listeners of many addresses or ports, full NAT, VIPs that another director answers for, IPv6.
 */
#ifndef XLVS_GENERAL_H
#define XLVS_GENERAL_H

#include "exchange.h"
#include "fragment.h"
#include "icmp.h"

/* Which of a client's or an endpoint's tables is asked, in this order. */
ALWAYS_INLINE bool find_in_tables(struct flow *flow, const struct packet *packet, __u8 flags, struct entry *entry,
				  struct conversation *conversation, bool *is_full)
{
	struct place place = { .address = packet->destination, .address6 = packet->destination6, .kind = KIND_SOURCE };
	__u64 source;

	*is_full = false;
	if (!packet->is_ipv6 && flags & ENDPOINT_NARROW) {
		flow->is_wide = false;
		if (find_conversation(flow, packet, entry, conversation))
			return true;
	}
	flow->is_wide = true;
	if (flags & ENDPOINT_WIDE && find_conversation(flow, packet, entry, conversation))
		return true;
	if (!(flags & ENDPOINT_FULL))
		return false;
	place.is_ipv6 = packet->is_ipv6;
	source = find_place(&place);
	*is_full = true;
	return source && find_by_source_port(flow, packet, listener_of(source).index, entry, conversation);
}

/* The endpoint that a packet, or the packet that an error quotes, comes from: its flags, or 0. */
ALWAYS_INLINE __u8 find_endpoint(const struct packet *packet)
{
	struct place place = source_place(packet);
	__u64 value = find_place(&place);
	__u8 flags = value ? listener_of(value).flags : 0;

	/* A server of a range of ports has one endpoint for all of them, which may be another service's as well. */
	if (has_blocks()) {
		place.port = 0;
		value = find_place(&place);
		flags |= value ? listener_of(value).flags : 0;
	}
	return flags;
}

/* The listener that a packet is for, or that an error's quotation is from; false: none. */
ALWAYS_INLINE bool find_listener(const struct packet *packet, struct flow *flow)
{
	struct place place = destination_place(packet);
	__u64 value = find_place(&place);
	struct listener listener;

	if (!value)
		value = find_block(packet);
	if (!value)
		return false;
	listener = listener_of(value);
	flow->listener = listener.index;
	flow->service = listener.service;
	flow->listener_flags = listener.flags;
	flow->is_wide = packet->is_ipv6 || listener.flags & LISTENER_WIDE;
	return true;
}

/* What later fragments of a request need; `note` has its datagram already. */
ALWAYS_INLINE void note_request(struct note *note, const struct flow *flow)
{
	note->second = flow->now;
	note->server = flow->server;
	note->state = flow->is_proven ? NOTE_PROVEN : NOTE_UNPROVEN;
	note->is_full = is_full_nat(flow->route_word);
	server_side(flow, 0, &note->conversation.vip);
	if (note->is_full)
		own_side(flow, &note->conversation.client);
	write_note(note);
}

ALWAYS_INLINE void note_reply(struct note *note, const struct flow *flow, const struct conversation *conversation,
			      bool is_full)
{
	note->second = flow->now;
	note->server = flow->server;
	note->state = NOTE_PROVEN;
	note->is_reply = true;
	note->is_full = is_full;
	note->conversation = *conversation;
	write_note(note);
}

/* Parses anew: each part of the journey is a function of its own here, for the sake of the stack. */
REQUIRED enum outcome start_over(struct xdp_md *ctx, struct packet *packet, bool is_ipv6)
{
	enum outcome outcome = parse_network(ctx, packet, is_ipv6);

	if (outcome != CONTINUE)
		return outcome;
	return read_ports(packet) ? CONTINUE : MALFORMED;
}

/* The headers of a request. */
REQUIRED enum outcome parse_request(struct xdp_md *ctx, struct packet *packet, bool is_ipv6)
{
	enum outcome outcome = start_over(ctx, packet, is_ipv6);

	return outcome == CONTINUE ? parse_transport(packet) : outcome;
}

/* Whose packet, and which flow. */
REQUIRED enum outcome prepare(struct xdp_md *ctx, bool is_ipv6, bool is_wide)
{
	struct errand *errand = the_errand();
	struct packet packet = {};
	struct flow flow = {};
	enum outcome outcome;
	struct entry entry;

	outcome = parse_request(ctx, &packet, is_ipv6);
	if (outcome != CONTINUE)
		return outcome;
	if (!errand || !find_listener(&packet, &flow))
		return NOT_OURS;
	flow.is_wide = is_wide;
	locate(&flow, &packet);
	outcome = find_standing(ctx, &packet, &flow, &entry) ? CONTINUE : ADMIT;
	errand->flow = flow;
	errand->entry = entry;
	return outcome;
}

/* Which server. */
REQUIRED enum outcome admit_apart(struct xdp_md *ctx, bool is_ipv6, bool is_wide)
{
	struct errand *errand = the_errand();
	struct admission admission;
	struct packet packet = {};
	struct flow flow;
	enum outcome outcome;

	outcome = parse_request(ctx, &packet, is_ipv6);
	if (outcome != CONTINUE || !errand)
		return outcome;
	flow = errand->flow;
	flow.is_wide = is_wide;
	outcome = find_admission(&packet, &flow, &admission);
	if (outcome == CONTINUE)
		outcome = choose(ctx, &packet, &flow, &admission, &errand->flow);
	if (outcome != CONTINUE)
		return outcome;
	if (!wants_entry(&packet))
		outcome = conclude(ctx, &packet, &flow, &admission);
	else if (errand->entry.number && renew_connection(&errand->entry, &flow))
		outcome = conclude(ctx, &packet, &flow, &admission);
	else
		outcome = ENTER;
	errand->flow = flow;
	return outcome;
}

/* What follows from having an entry now, or none. */
REQUIRED enum outcome conclude_apart(struct xdp_md *ctx, bool is_ipv6)
{
	struct errand *errand = the_errand();
	struct admission admission;
	struct packet packet = {};
	enum outcome outcome;
	struct flow flow;

	outcome = parse_request(ctx, &packet, is_ipv6);
	if (outcome != CONTINUE || !errand)
		return outcome;
	flow = errand->flow;
	outcome = find_admission(&packet, &flow, &admission);
	if (outcome == CONTINUE)
		outcome = conclude(ctx, &packet, &flow, &admission);
	errand->flow = flow;
	return outcome;
}

/* Sends the packet on. */
REQUIRED enum outcome carry_apart(struct xdp_md *ctx, bool is_ipv6)
{
	struct errand *errand = the_errand();
	struct note *note = NULL;
	struct packet packet = {};
	enum outcome outcome;

	outcome = parse_request(ctx, &packet, is_ipv6);
	if (outcome != CONTINUE || !errand)
		return outcome;
	if (is_fragment(&packet))
		note = blank_note();
	if (note)
		note->datagram = datagram_of(&packet);
	outcome = carry(ctx, &packet, &errand->flow);
	if (note && was_sent(outcome))
		note_request(note, &errand->flow);
	return outcome;
}

GLOBAL int prepare_narrow(struct xdp_md *ctx)
{
	return prepare(ctx, false, false);
}

GLOBAL int prepare_wide(struct xdp_md *ctx)
{
	return prepare(ctx, false, true);
}

GLOBAL int prepare_ipv6(struct xdp_md *ctx)
{
	return prepare(ctx, true, true);
}

GLOBAL int admit_narrow(struct xdp_md *ctx)
{
	return admit_apart(ctx, false, false);
}

GLOBAL int admit_wide(struct xdp_md *ctx)
{
	return admit_apart(ctx, false, true);
}

GLOBAL int admit_ipv6(struct xdp_md *ctx)
{
	return admit_apart(ctx, true, true);
}

GLOBAL int conclude_ipv4(struct xdp_md *ctx)
{
	return conclude_apart(ctx, false);
}

GLOBAL int conclude_ipv6(struct xdp_md *ctx)
{
	return conclude_apart(ctx, true);
}

GLOBAL int carry_ipv4(struct xdp_md *ctx)
{
	return carry_apart(ctx, false);
}

GLOBAL int carry_ipv6(struct xdp_md *ctx)
{
	return carry_apart(ctx, true);
}

/* After create_…(): what follows from having an entry now, or none. */
REQUIRED enum outcome conclude_entered(struct xdp_md *ctx, const struct flow *flow, bool is_ipv6)
{
	/* Nearly always it has the one that was made for it, and its server is the one that was chosen. */
	if (UNLIKELY(!flow->is_new))
		return is_ipv6 ? conclude_ipv6(ctx) : conclude_ipv4(ctx);
	if (is_two_way(flow->route_word))
		remember_client(ctx, is_ipv6);
	return CONTINUE;
}

/* The steps of a request without an entry that stands, one after another, each with a stack of its own. */
REQUIRED enum outcome admit_and_carry(struct xdp_md *ctx, struct errand *errand, bool is_ipv6, bool is_wide)
{
	enum outcome outcome = is_ipv6 ? admit_ipv6(ctx) : is_wide ? admit_wide(ctx) : admit_narrow(ctx);

	if (outcome == ENTER) {
		if (is_wide)
			create_wide(&errand->flow);
		else
			create_narrow(&errand->flow);
		outcome = conclude_entered(ctx, &errand->flow, is_ipv6);
	}
	if (outcome != CONTINUE)
		return outcome;
	return is_ipv6 ? carry_ipv6(ctx) : carry_ipv4(ctx);
}

/* A request's whole way. */
REQUIRED enum outcome whole_request(struct xdp_md *ctx, bool is_ipv6, bool is_wide)
{
	struct errand *errand = the_errand();
	enum outcome outcome;

	if (!errand)
		return NOT_OURS;
	outcome = is_ipv6 ? prepare_ipv6(ctx) : is_wide ? prepare_wide(ctx) : prepare_narrow(ctx);
	if (outcome == ADMIT)
		return admit_and_carry(ctx, errand, is_ipv6, is_wide);
	if (outcome != CONTINUE)
		return outcome;
	return is_ipv6 ? carry_ipv6(ctx) : carry_ipv4(ctx);
}

/* Has the short way looked for this packet's flow already? */
ALWAYS_INLINE bool is_handed_over(void)
{
	struct errand *errand = the_errand();
	bool is_so = errand && errand->is_handed_over;

	if (is_so)
		errand->is_handed_over = false;
	return is_so;
}

/* What is left to do for an IPv6 request then. */
REQUIRED enum outcome rest_of_request(struct xdp_md *ctx)
{
	struct errand *errand = the_errand();

	return errand ? admit_and_carry(ctx, errand, true, true) : NOT_OURS;
}

/* Finds the connection that a reply belongs to. */
REQUIRED enum outcome find_reply(struct xdp_md *ctx, __u8 endpoint, bool is_ipv6)
{
	struct errand *errand = the_errand();
	struct packet packet = {};
	struct flow flow = {};
	enum outcome outcome;
	struct entry entry;

	outcome = start_over(ctx, &packet, is_ipv6);
	if (outcome != CONTINUE || !errand)
		return NOT_A_REPLY;
	if (!find_in_tables(&flow, &packet, endpoint, &entry, &errand->conversation, &errand->is_full))
		return NOT_A_REPLY;
	errand->flow = flow;
	errand->entry = entry;
	return CONTINUE;
}

/* Sends it on, and notes it for its later fragments. */
REQUIRED enum outcome send_found_reply(struct xdp_md *ctx, bool is_ipv6, bool is_wide)
{
	struct errand *errand = the_errand();
	struct note *note = NULL;
	struct packet packet = {};
	enum outcome outcome;
	struct flow flow;

	outcome = start_over(ctx, &packet, is_ipv6);
	if (outcome != CONTINUE || !errand)
		return NOT_A_REPLY;
	flow = errand->flow;
	flow.is_wide = is_wide;
	if (is_fragment(&packet))
		note = blank_note();
	if (note)
		note->datagram = datagram_of(&packet);
	outcome = reply(ctx, &packet, &flow, &errand->entry, &errand->conversation, errand->is_full);
	if (note && was_replied(outcome))
		note_reply(note, &flow, &errand->conversation, errand->is_full);
	return outcome;
}

GLOBAL int find_reply_ipv4(struct xdp_md *ctx, __u32 endpoint)
{
	return find_reply(ctx, endpoint, false);
}

GLOBAL int find_reply_ipv6(struct xdp_md *ctx, __u32 endpoint)
{
	return find_reply(ctx, endpoint, true);
}

GLOBAL int send_reply_narrow(struct xdp_md *ctx)
{
	return send_found_reply(ctx, false, false);
}

GLOBAL int send_reply_wide(struct xdp_md *ctx)
{
	return send_found_reply(ctx, false, true);
}

GLOBAL int send_reply_ipv6(struct xdp_md *ctx)
{
	return send_found_reply(ctx, true, true);
}

REQUIRED enum outcome whole_reply(struct xdp_md *ctx, __u32 endpoint, bool is_ipv6)
{
	struct errand *errand = the_errand();
	enum outcome outcome = is_ipv6 ? find_reply_ipv6(ctx, endpoint) : find_reply_ipv4(ctx, endpoint);

	if (outcome != CONTINUE || !errand)
		return outcome;
	if (is_ipv6)
		return send_reply_ipv6(ctx);
	return errand->flow.is_wide ? send_reply_wide(ctx) : send_reply_narrow(ctx);
}

/* A later fragment of a request: the way of the first one, with the server's place as it is now. */
REQUIRED enum outcome follow_request(struct xdp_md *ctx, struct packet *packet, const struct note *note)
{
	struct flow flow = { .server = note->server, .route_word = route_of(note->server), .has_entry = true };
	const struct server *server = server_of(note->server);
	struct difference difference = {};
	__u8 flags = flags_of(flow.route_word);
	enum outcome outcome;

	flow.now = note->second;
	flow.service = server ? server->service : 0;
	if (!(flags & SERVER_NAT) || flags & SERVER_REMOVED) {
		outcome = flags & SERVER_REMOVED ? FRAGMENT : forward(ctx, packet, &flow);
	} else if (!(flags & SERVER_REACHABLE)) {
		return SERVER_UNRESOLVED;
	} else {
		outcome = check_as_router(packet, mtu_of(flow.route_word));
		if (outcome != CONTINUE)
			return outcome;
		if (note->is_full)
			rewrite_source(packet, &note->conversation.client, &difference);
		rewrite_destination(packet, &note->conversation.vip, &difference);
		lower_time_to_live(packet, &difference);
		mend_checksums(packet, &difference);
		outcome = leave_for_server(ctx, packet->ethernet, &flow);
	}
	if (was_sent(outcome))
		count_traffic(packet, &flow);
	return outcome;
}

/* A later fragment goes where its first one went; without that one it is dropped, if it is for a VIP of ours. */
REQUIRED enum outcome follow(struct xdp_md *ctx, bool is_ipv6)
{
	struct note *note = blank_note();
	struct packet packet = {};
	struct flow flow = {};
	enum outcome outcome;

	outcome = parse_network(ctx, &packet, is_ipv6);
	if (outcome != CONTINUE || !note)
		return NOT_OURS;
	/* Nobody looks for ports behind it. */
	packet.fragment |= bpf_htons(1);
	note->datagram = datagram_of(&packet);
	if (read_note(note, second_now()))
		return is_for_vip(&packet, packet.protocol) ? FRAGMENT : NOT_OURS;
	if (!note->is_reply)
		return follow_request(ctx, &packet, note);
	flow.server = note->server;
	outcome = send_reply(ctx, &packet, &note->conversation, note->is_full);
	if (was_replied(outcome))
		count_reply(&packet, &flow);
	return outcome;
}

GLOBAL int follow_ipv4(struct xdp_md *ctx)
{
	return follow(ctx, false);
}

GLOBAL int follow_ipv6(struct xdp_md *ctx)
{
	return follow(ctx, true);
}

#endif
