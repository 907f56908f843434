/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_FORWARD_H
#define XLVS_FORWARD_H

#include "forward_direct.h"
#include "forward_nat.h"
#include "forward_tunnel.h"

/* To the flow's server, the way that the server wants. */
REQUIRED enum outcome forward(struct xdp_md *ctx, struct packet *packet, const struct flow *flow)
{
	__u8 flags = flags_of(flow->route_word);

	if (UNLIKELY(!(flags & SERVER_REACHABLE)))
		return SERVER_UNRESOLVED;
	if (LIKELY(!(flags & SERVER_METHOD)))
		return forward_direct(ctx, packet, flow);
	if (flags & SERVER_LOCAL)
		return DELIVERED;
	if (flags & SERVER_NAT)
		return forward_nat(ctx, packet, flow);
	return forward_tunnel(ctx, packet, flow);
}

#endif
