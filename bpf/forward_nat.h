/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_FORWARD_NAT_H
#define XLVS_FORWARD_NAT_H

#include "answer.h"
#include "hops.h"
#include "leave.h"
#include "rewrite.h"

/* The longest packet that may leave by this route; 0: the interface has not said. */
ALWAYS_INLINE __u32 mtu_of(__u64 route_word)
{
	struct interface *out = interface_numbered(route_word >> 48 & 0xff);

	return out ? out->mtu : 0;
}

/* NAT is a router: what it can't hand on it answers. CONTINUE: it can. */
REQUIRED enum outcome check_as_router(const struct packet *packet, __u32 mtu)
{
	if (UNLIKELY(is_at_its_end(packet)))
		return answer_with_icmp(packet, 0);
	if (!packet->is_short)
		mtu = without_second_tag(mtu);
	if (UNLIKELY(mtu && packet->length > mtu))
		return answer_with_icmp(packet, mtu);
	return CONTINUE;
}

/* What a client's packet gets for a source in full NAT. */
ALWAYS_INLINE bool own_side(const struct flow *flow, struct side *side)
{
	__u32 index = flow->source;
	const struct source *source = bpf_map_lookup_elem(&sources, &index);

	if (!source || !flow->own_port)
		return false;
	side->address = source->address;
	side->port = flow->own_port;
	return true;
}

/* The endpoint that a client's packet is rewritten to. */
ALWAYS_INLINE bool server_side(const struct flow *flow, __be16 port, struct side *side)
{
	const struct server *server = server_of(flow->server);

	if (!server)
		return false;
	side->address = server->address;
	side->port = port_of(server, port);
	return true;
}

/* NAT: the VIP becomes the server; in full NAT the client becomes one of our sources. */
REQUIRED enum outcome forward_nat(struct xdp_md *ctx, struct packet *packet, const struct flow *flow)
{
	struct difference difference = {};
	struct side server, own;
	enum outcome outcome;

	outcome = check_as_router(packet, mtu_of(flow->route_word));
	if (outcome != CONTINUE)
		return outcome;
	if (!server_side(flow, packet->destination_port, &server))
		return SERVER_UNRESOLVED;
	if (is_full_nat(flow->route_word)) {
		if (!own_side(flow, &own))
			return NO_SOURCE_PORT;
		rewrite_source(packet, &own, &difference);
	}
	rewrite_destination(packet, &server, &difference);
	lower_time_to_live(packet, &difference);
	mend_checksums(packet, &difference);
	return leave_for_server(ctx, packet->ethernet, flow);
}

#endif
