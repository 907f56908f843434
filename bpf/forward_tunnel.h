/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tunnel: the packet goes whole inside another, from this director to the server (RFC 2003, RFC 2473, RFC 4213). */
#ifndef XLVS_FORWARD_TUNNEL_H
#define XLVS_FORWARD_TUNNEL_H

#include "answer.h"
#include "leave.h"
#include "path.h"
#include "slot.h"

/* What the outer header takes from the packet inside. */
struct inner {
	__u32 length;
	__u8 traffic_class; /* with its congestion bits (RFC 6040) */
	bool is_ipv6;
	bool may_fragment;
};

/* False when there is no packet, which nobody expects here. */
ALWAYS_INLINE bool read_inner(struct xdp_md *ctx, struct inner *inner)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip6 = (void *)(ethernet + 1);
	struct iphdr *ip = (void *)(ethernet + 1);

	if (inner->is_ipv6) {
		if ((void *)(ip6 + 1) > end)
			return false;
		inner->length = bpf_ntohs(ip6->payload_len) + sizeof(*ip6);
		inner->traffic_class = ip6->priority << 4 | ip6->flow_lbl[0] >> 4;
		inner->may_fragment = false;
	} else {
		if ((void *)(ip + 1) > end)
			return false;
		inner->length = bpf_ntohs(ip->tot_len);
		inner->traffic_class = ip->tos;
		inner->may_fragment = !(ip->frag_off & bpf_htons(IP_DONT_FRAGMENT));
	}
	return true;
}

ALWAYS_INLINE void write_outer_ipv4(struct iphdr *outer, const struct inner *inner, __be32 from, __be32 to)
{
	*outer = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*outer) / 4,
		.tos = inner->traffic_class,
		.tot_len = bpf_htons(sizeof(*outer) + inner->length),
		.frag_off = inner->may_fragment ? 0 : bpf_htons(IP_DONT_FRAGMENT),
		.id = inner->may_fragment ? bpf_get_prandom_u32() : 0,
		.ttl = HOP_LIMIT,
		.protocol = inner->is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IPIP,
		.saddr = from,
		.daddr = to,
	};
	outer->check = ~folded(sum_of((const __be16 *)outer, sizeof(*outer) / 2));
}

ALWAYS_INLINE void write_outer_ipv6(struct ipv6hdr *outer, const struct inner *inner, const struct address *from,
				    const struct address *to)
{
	*outer = (struct ipv6hdr){
		.version = 6,
		.priority = inner->traffic_class >> 4,
		.flow_lbl = { inner->traffic_class << 4 },
		.payload_len = bpf_htons(inner->length),
		.nexthdr = inner->is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IPIP,
		.hop_limit = HOP_LIMIT,
	};
	__builtin_memcpy(&outer->saddr, from, sizeof(outer->saddr));
	__builtin_memcpy(&outer->daddr, to, sizeof(outer->daddr));
}

/* Puts `length` bytes before the packet, behind Ethernet's header, which moves to the front. NULL: no room. */
ALWAYS_INLINE void *make_room(struct xdp_md *ctx, int length, __be16 type)
{
	struct ethhdr *ethernet, old;

	if ((void *)(long)ctx->data + sizeof(old) > (void *)(long)ctx->data_end)
		return NULL;
	__builtin_memcpy(&old, (void *)(long)ctx->data, sizeof(old));
	if (bpf_xdp_adjust_head(ctx, -length))
		return NULL;
	ethernet = (void *)(long)ctx->data;
	if ((void *)(ethernet + 1) + length > (void *)(long)ctx->data_end)
		return NULL;
	__builtin_memcpy(ethernet, &old, sizeof(old));
	ethernet->h_proto = type;
	return ethernet + 1;
}

/* The longest packet that fits inside; 0: nobody has said. */
ALWAYS_INLINE __u32 room_inside(const struct server *server, const struct interface *out, const struct inner *inner)
{
	__u32 overhead = server->route.flags & SERVER_IPV6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	__u32 path = inner->may_fragment ? 0 : path_mtu(&server->address, second_now());
	__u32 mtu = without_second_tag(out->mtu);

	if (path && (!mtu || path < mtu))
		mtu = path;
	if (mtu <= overhead)
		return 0;
	mtu -= overhead;
	/* IPv6 never goes below that; the rest would be for the outer packet's fragmentation, which is not done here. */
	return inner->is_ipv6 && mtu < LEAST_MTU_IPV6 ? LEAST_MTU_IPV6 : mtu;
}

/*
 * 0: the packet is wrapped, and a new frame begins at ctx->data; more than 0: it is too long, and this would fit; -1: no
 * address to send it from. Global: pointers into the packet end here anyway.
 */
GLOBAL int wrap(struct xdp_md *ctx, __u32 index, bool is_ipv6)
{
	const struct server *server = server_of(index);
	struct inner inner = { .is_ipv6 = is_ipv6 };
	const struct interface *out;
	__u32 room;
	void *outer;

	out = server ? interface_numbered(server->route.interface) : NULL;
	if (!out || !read_inner(ctx, &inner))
		return -1;
	room = room_inside(server, out, &inner);
	if (room && inner.length > room)
		return room;
	if (server->route.flags & SERVER_IPV6) {
		if (!out->address6.words[0] && !out->address6.words[1])
			return -1;
		outer = make_room(ctx, sizeof(struct ipv6hdr), bpf_htons(ETH_P_IPV6));
		if (!outer)
			return -1;
		write_outer_ipv6(outer, &inner, &out->address6, &server->address);
		return 0;
	}
	if (!out->address)
		return -1;
	outer = make_room(ctx, sizeof(struct iphdr), bpf_htons(ETH_P_IP));
	if (!outer)
		return -1;
	write_outer_ipv4(outer, &inner, out->address, server->address.quads[3]);
	return 0;
}

REQUIRED enum outcome forward_tunnel(struct xdp_md *ctx, const struct packet *packet, const struct flow *flow)
{
	int wrapped = wrap(ctx, flow->server, packet->is_ipv6);
	struct ethhdr *ethernet;

	if (wrapped > 0)
		return answer_with_icmp(packet, wrapped);
	ethernet = (void *)(long)ctx->data;
	if (wrapped || (void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return NO_EGRESS;
	return leave_for_server(ctx, ethernet, flow);
}

#endif
