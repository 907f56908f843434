/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_LEAVE_H
#define XLVS_LEAVE_H

#include "maps.h"
#include "packet.h"

ALWAYS_INLINE struct interface *interface_numbered(__u32 number)
{
	return bpf_map_lookup_elem(&interfaces, &number);
}

/* Sends a frame on its way: two MAC addresses change; back out of the same interface, or of the route's. */
REQUIRED enum outcome leave(const struct xdp_md *ctx, struct ethhdr *ethernet, __u64 route_word, enum outcome stayed,
			    enum outcome redirected)
{
	struct server_route route;
	struct interface *out;

	__builtin_memcpy(&route, &route_word, sizeof(route));
	out = interface_numbered(route.interface);
	if (UNLIKELY(!out || !out->ifindex))
		return NO_EGRESS;
	__builtin_memcpy(ethernet->h_dest, route.mac, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, out->mac, ETH_ALEN);
	if (out->ifindex == ctx->ingress_ifindex)
		return stayed;
	if (UNLIKELY(bpf_redirect_map(&egress, route.interface, 0) != XDP_REDIRECT))
		return NO_EGRESS;
	return redirected;
}

/* A client's packet leaves for its server. */
REQUIRED enum outcome leave_for_server(const struct xdp_md *ctx, struct ethhdr *ethernet, const struct flow *flow)
{
	return leave(ctx, ethernet, flow->route_word, flow->has_entry ? FORWARDED : HASHED,
		     flow->has_entry ? REDIRECTED : HASH_REDIRECTED);
}

/* The interface that a packet came from, as we know it; NULL when it is none of ours any more. */
ALWAYS_INLINE struct interface *interface_of(__u32 ifindex, __u32 *number)
{
	for (__u32 i = 0; i < MAXIMUM_INTERFACES; i++) {
		struct interface *found = interface_numbered(i);

		if (found && found->ifindex == ifindex) {
			*number = i;
			return found;
		}
	}
	return NULL;
}

#endif
