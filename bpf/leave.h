/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_LEAVE_H
#define XLVS_LEAVE_H

#include "maps.h"
#include "packet.h"

ALWAYS_INLINE struct interface *interface_numbered(__u32 number)
{
	return bpf_map_lookup_elem(&interfaces, &number);
}

/* A frame's first twelve bytes in the widest words that make up both addresses: bytes one by one cost 2 ns. */
struct stations {
	__u32 to;
	__u16 to_end;
	__u16 from;
	__u32 from_end;
};

/* Either address in the first 48 bits of a word. */
__attribute__((no_sanitize("alignment"))) ALWAYS_INLINE void write_stations(struct ethhdr *ethernet, __u64 to,
									    __u64 from)
{
	struct stations *stations = (void *)ethernet;

	stations->to = to;
	stations->to_end = to >> 32;
	stations->from = from;
	stations->from_end = from >> 16;
}

/* Sends a frame on its way: two MAC addresses change; back out of the same interface, or of the route's. */
REQUIRED enum outcome leave(const struct xdp_md *ctx, struct ethhdr *ethernet, __u64 route_word, enum outcome stayed,
			    enum outcome redirected)
{
	__u32 number = route_word >> 48 & 0xff; /* struct server_route */
	struct interface *out = interface_numbered(number);

	if (UNLIKELY(!out || !out->ifindex))
		return NO_EGRESS;
	write_stations(ethernet, route_word, *(const __u64 *)out->mac);
	if (out->ifindex == ctx->ingress_ifindex)
		return stayed;
	if (UNLIKELY(bpf_redirect_map(&egress, number, 0) != XDP_REDIRECT))
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
