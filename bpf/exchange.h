/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The two directions of a conversation: a client's request to its server, a NAT server's reply to its client. */
#ifndef XLVS_EXCHANGE_H
#define XLVS_EXCHANGE_H

#include "direct.h"
#include "forward.h"
#include "outcome.h"
#include "reply.h"

/* Sends a directed packet on, and counts it. */
REQUIRED enum outcome carry(struct xdp_md *ctx, struct packet *packet, const struct flow *flow)
{
	enum outcome outcome = forward(ctx, packet, flow);

	if (LIKELY(was_sent(outcome)))
		count_traffic(packet, flow);
	return outcome;
}

/* A flow that must be admitted, of IPv6, takes more stack than there is on the short way: the long one goes on from here. */
REQUIRED enum outcome hand_over(const struct flow *flow, const struct entry *old)
{
	struct errand *errand = the_errand();

	if (errand) {
		errand->flow = *flow;
		errand->entry = *old;
		errand->is_handed_over = true;
	}
	return START_OVER;
}

/* A packet for the listener that the flow names already. */
REQUIRED enum outcome request(struct xdp_md *ctx, struct packet *packet, struct flow *flow)
{
	enum outcome outcome = parse_transport(packet);
	struct entry entry;

	if (outcome != CONTINUE)
		return outcome;
	if (UNLIKELY(!find_standing(ctx, packet, flow, &entry))) {
		if (packet->is_ipv6)
			return hand_over(flow, &entry);
		outcome = admit(ctx, packet, flow, &entry);
		if (outcome != CONTINUE)
			return outcome;
	}
	return carry(ctx, packet, flow);
}

/* A server that was removed answers somebody whose connection has ended with it: as the service's strays are treated. */
REQUIRED enum outcome judge_removed(struct xdp_md *ctx, const struct packet *packet, const struct flow *flow)
{
	const struct server *server = server_of(flow->server);
	const struct flow its = { .service = server ? server->service : NO_INDEX };
	const struct service *service = service_of(&its);
	const struct schedule *schedule;
	__u32 line;

	schedule = service ? schedule_of(service, &line) : NULL;
	if (!schedule || schedule->stray != STRAY_RESET)
		return STRAY;
	if (packet->protocol != IPPROTO_TCP || packet->tcp_flags & TCP_RST)
		return STRAY;
	return answer_with_reset(ctx, packet);
}

/* A packet of a connection whose entry was found by the server's side of it. */
REQUIRED enum outcome reply(struct xdp_md *ctx, struct packet *packet, struct flow *flow, struct entry *entry,
			    const struct conversation *conversation, bool is_full)
{
	enum outcome outcome;

	flow->now = second_now();
	if (UNLIKELY(is_over(entry->owner, flow->now)))
		return NOT_A_REPLY;
	outcome = parse_transport(packet);
	if (outcome != CONTINUE)
		return outcome;
	if (UNLIKELY(flags_of(route_of(flow->server)) & SERVER_REMOVED))
		return judge_removed(ctx, packet, flow);
	outcome = send_reply(ctx, packet, conversation, is_full);
	if (outcome != START_OVER)
		touch_by_reply(entry, flow, packet);
	if (LIKELY(was_replied(outcome)))
		count_reply(packet, flow);
	return outcome;
}

#endif
