/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where an ICMP error goes: to the server whose packet it is about, or to the client whose request it is about. */
#ifndef XLVS_ERROR_H
#define XLVS_ERROR_H

#include "general.h"
#include "icmp.h"

/* Headers and quotation. */
ALWAYS_INLINE bool parse_error(struct xdp_md *ctx, struct packet *packet, struct packet *turned, bool is_ipv6)
{
	return parse_network(ctx, packet, is_ipv6) == CONTINUE && turn_round(packet, turned);
}

ALWAYS_INLINE int mend(struct xdp_md *ctx, bool is_ipv6)
{
	const struct errand *errand = the_errand();
	struct packet packet = {}, turned = {};

	if (!errand || !parse_error(ctx, &packet, &turned, is_ipv6))
		return -1;
	rewrite_error(&packet, &errand->mending.source, &errand->mending.destination,
		      rewrite_quotation(&turned, &errand->mending.quotation));
	return 0;
}

GLOBAL int mend_ipv4(struct xdp_md *ctx)
{
	return mend(ctx, false);
}

GLOBAL int mend_ipv6(struct xdp_md *ctx)
{
	return mend(ctx, true);
}

/* Sends an error, mended or wrapped if it had to be, where the_errand() has it. */
GLOBAL int send_error(struct xdp_md *ctx)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	struct errand *errand = the_errand();

	if (!errand || (void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return NOT_OURS;
	if (!errand->mending.for_client)
		return leave(ctx, ethernet, errand->flow.route_word, FORWARDED, REDIRECTED);
	if (flags_of(errand->flow.route_word) & SERVER_REACHABLE)
		return leave(ctx, ethernet, errand->flow.route_word, REPLIED, REPLY_REDIRECTED);
	return ask_kernel(ctx, &errand->way) ? NO_NEXT_HOP : leave_by_kernels_way(ctx, ethernet, &errand->way);
}

/* About a server's packet: the error follows the connection to that server, its quotation reads as the server sent it. */
REQUIRED enum outcome error_for_server(struct packet *packet, struct packet *turned, struct flow *flow)
{
	struct errand *errand = the_errand();
	struct mending *mending;
	struct entry entry;
	__u8 flags;

	flow->now = second_now();
	locate(flow, turned);
	if (!errand || !find_connection(flow, &entry) || is_over(entry.owner, flow->now))
		return NOT_OURS;
	mending = &errand->mending;
	flow->server = entry.owner.is.server;
	flow->route_word = route_of(flow->server);
	flow->has_entry = true;
	flags = flags_of(flow->route_word);
	errand->flow.route_word = flow->route_word;
	errand->flow.server = flow->server;
	mending->for_client = false;
	if (!(flags & SERVER_REACHABLE))
		return SERVER_UNRESOLVED;
	if (flags & SERVER_LOCAL)
		return DELIVERED;
	if (!(flags & SERVER_NAT))
		return flags & SERVER_TUNNEL ? WRAP : SEND;
	if (!server_side(flow, turned->destination_port, &mending->quotation.source))
		return SERVER_UNRESOLVED;
	if (is_at_its_end(packet))
		return ICMP_WITHHELD;
	mending->quotation.destination = (struct side){ .address = source_of(turned), .port = turned->source_port };
	if (is_full_nat(flow->route_word)) {
		if (!read_source_port(flow, &entry) || !own_side(flow, &mending->quotation.destination))
			return NO_SOURCE_PORT;
	}
	/* In full NAT from where the client seems to be: the router that says it may be on the way, and takes nothing from itself. */
	mending->source = is_full_nat(flow->route_word) ? mending->quotation.destination.address : source_of(packet);
	mending->destination = mending->quotation.source.address;
	return MEND;
}

/* About a client's packet behind NAT: the client hears it of the VIP, to which it sent. */
REQUIRED enum outcome error_for_client(struct packet *packet, struct packet *turned, struct flow *flow, __u8 endpoint)
{
	struct address from = source_of(packet), server = source_of(turned);
	struct errand *errand = the_errand();
	struct mending *mending;
	struct entry entry;
	bool is_full;

	if (!errand || !find_in_tables(flow, turned, endpoint, &entry, &errand->conversation, &is_full))
		return NOT_OURS;
	flow->now = second_now();
	if (is_over(entry.owner, flow->now))
		return NOT_OURS;
	if (flags_of(route_of(flow->server)) & SERVER_REMOVED)
		return STRAY;
	if (is_at_its_end(packet))
		return ICMP_WITHHELD;
	mending = &errand->mending;
	mending->quotation.source = errand->conversation.client;
	mending->quotation.destination = errand->conversation.vip;
	mending->source = is_full || same_address(&from, &server) ? errand->conversation.vip.address : from;
	mending->destination = errand->conversation.client.address;
	mending->for_client = true;
	errand->flow.route_word = hop_to(&mending->destination, packet->is_ipv6);
	errand->way = (struct asked_way){
		.source = mending->source,
		.destination = mending->destination,
		.length = packet->length,
		.protocol = packet->protocol,
		.is_ipv6 = packet->is_ipv6,
	};
	return MEND;
}

/* The rest of an error's way: what error_for_…() asked for. */
ALWAYS_INLINE enum outcome finish_error(struct xdp_md *ctx, enum outcome step, bool is_ipv6)
{
	struct errand *errand = the_errand();

	if (!errand)
		return NOT_OURS;
	if (step == MEND && (is_ipv6 ? mend_ipv6(ctx) : mend_ipv4(ctx)))
		return NOT_OURS;
	/* One that does not fit into the tunnel has nobody to be told to. */
	if (step == WRAP && wrap(ctx, errand->flow.server, is_ipv6))
		return ICMP_WITHHELD;
	return send_error(ctx);
}

/* "Too big" about one of our own outer packets: the path's MTU is noted. */
ALWAYS_INLINE void learn_from(const struct packet *packet, const struct packet *turned)
{
	const struct icmp_header *icmp = packet->transport;
	struct address server = source_of(turned);
	struct place place = {
		.address = turned->source, .address6 = turned->source6, .protocol = IPPROTO_IPIP, .kind = KIND_ENDPOINT
	};
	__u32 mtu = bpf_ntohl(icmp->rest);

	place.is_ipv6 = packet->is_ipv6;
	if (packet->is_ipv6 ? icmp->type != ICMPV6_PKT_TOOBIG :
			      icmp->type != ICMP_DEST_UNREACH || icmp->code != ICMP_FRAG_NEEDED)
		return;
	if (!packet->is_ipv6)
		mtu &= 0xffff;
	if (mtu && find_place(&place))
		learn_path(&server, mtu, second_now());
}

REQUIRED enum outcome hand_to_server(struct xdp_md *ctx, bool is_ipv6, bool is_wide)
{
	struct packet packet = {}, turned = {};
	struct flow flow = {};

	if (!parse_error(ctx, &packet, &turned, is_ipv6) || !find_listener(&turned, &flow))
		return NOT_OURS;
	flow.is_wide = is_wide;
	return error_for_server(&packet, &turned, &flow);
}

GLOBAL int error_to_narrow(struct xdp_md *ctx)
{
	return hand_to_server(ctx, false, false);
}

GLOBAL int error_to_wide(struct xdp_md *ctx)
{
	return hand_to_server(ctx, false, true);
}

GLOBAL int error_to_ipv6(struct xdp_md *ctx)
{
	return hand_to_server(ctx, true, true);
}

REQUIRED enum outcome hand_to_client(struct xdp_md *ctx, __u8 endpoint, bool is_ipv6)
{
	struct packet packet = {}, turned = {};
	struct flow flow = {};

	if (!parse_error(ctx, &packet, &turned, is_ipv6))
		return NOT_OURS;
	return error_for_client(&packet, &turned, &flow, endpoint);
}

GLOBAL int error_from_ipv4(struct xdp_md *ctx, __u32 endpoint)
{
	return hand_to_client(ctx, endpoint, false);
}

GLOBAL int error_from_ipv6(struct xdp_md *ctx, __u32 endpoint)
{
	return hand_to_client(ctx, endpoint, true);
}

#endif
