/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_FORWARD_DIRECT_H
#define XLVS_FORWARD_DIRECT_H

#include "leave.h"

/* Direct routing: two MAC addresses change and nothing else. */
REQUIRED enum outcome forward_direct(const struct xdp_md *ctx, const struct packet *packet, const struct flow *flow)
{
	return leave_for_server(ctx, packet->ethernet, flow);
}

#endif
