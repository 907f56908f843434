/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_FORWARD_DIRECT_H
#define XLVS_FORWARD_DIRECT_H

#include "maps.h"
#include "packet.h"

/* Direct routing: two MAC addresses change and nothing else; back out of the same interface, or of the server's. */
REQUIRED enum outcome forward_direct(const struct xdp_md *ctx, const struct packet *packet, const struct flow *flow)
{
	struct server_route route;
	struct interface *out;
	__u32 number;

	__builtin_memcpy(&route, &flow->route_word, sizeof(route));
	if (UNLIKELY(!(route.flags & SERVER_REACHABLE)))
		return SERVER_UNRESOLVED;
	number = route.interface;
	out = bpf_map_lookup_elem(&interfaces, &number);
	if (UNLIKELY(!out || !out->ifindex))
		return NO_EGRESS;
	__builtin_memcpy(packet->ethernet->h_dest, route.mac, ETH_ALEN);
	__builtin_memcpy(packet->ethernet->h_source, out->mac, ETH_ALEN);
	if (out->ifindex == ctx->ingress_ifindex)
		return flow->has_entry ? FORWARDED : HASHED;
	if (UNLIKELY(bpf_redirect_map(&egress, number, 0) != XDP_REDIRECT))
		return NO_EGRESS;
	return flow->has_entry ? REDIRECTED : HASH_REDIRECTED;
}

#endif
