// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A packet's whole journey: parse, service, connection, schedule for a new flow, forward, count. */
#include "connection.h"
#include "forward_direct.h"
#include "outcome.h"
#include "parse.h"
#include "reset.h"
#include "schedule.h"
#include "service.h"

/*
 * True when the flow's entry decides where the packet goes; else the flow is as good as new. So it is when its server
 * was removed, and, for what can start anew without harm (UDP, a SYN), when its server doesn't answer ARP.
 */
ALWAYS_INLINE bool stands(const struct entry *entry, const struct flow *flow, const struct packet *packet)
{
	__u8 flags = flags_of(flow->route_word);

	if (is_over(entry->owner, flow->now) || UNLIKELY(flags & SERVER_REMOVED))
		return false;
	if (UNLIKELY(!(flags & SERVER_REACHABLE)))
		return packet->protocol == IPPROTO_TCP && !opens(packet->tcp_flags);
	return LIKELY(!opens(packet->tcp_flags)) || !is_closing(entry->owner.is.state);
}

/* A new flow without a slot goes by its hash, and so do its next packets, for as long as it may live. */
ALWAYS_INLINE void note_overflow(struct service *service, const struct flow *flow)
{
	if (service->overflowed != flow->now)
		service->overflowed = flow->now;
}

/* True while a flow may live that went by its hash: `state` tells how long such a flow is waited for. */
ALWAYS_INLINE bool has_overflowed(const struct service *service, const struct flow *flow, enum connection_state state)
{
	__u32 overflowed = READ_ONCE(service->overflowed);

	/* Another CPU's second may be one that ours has not reached. */
	return UNLIKELY(overflowed) && (int)(flow->now - overflowed) <= timeout_of(state);
}

/* What becomes of TCP that belongs to nothing we know and opens nothing. CONTINUE: it goes on by its hash. */
REQUIRED enum outcome judge_stray(struct xdp_md *ctx, const struct packet *packet, const struct flow *flow,
				  const struct service *service, const struct schedule *schedule)
{
	const struct flow asked = *flow;
	struct room room;

	if (schedule->stray == STRAY_HASH || has_overflowed(service, flow, STATE_ESTABLISHED) ||
	    find_room(&asked, &room))
		return CONTINUE;
	if (schedule->stray == STRAY_DROP || packet->tcp_flags & TCP_RST || !is_host(packet->source))
		return STRAY;
	return answer_with_reset(ctx, packet);
}

/* Gives the flow an entry: its own old one where it has one. */
ALWAYS_INLINE void enter(struct flow *flow, const struct packet *packet, struct entry *old)
{
	if (!old->slot || !renew_connection(old, flow, packet))
		create_connection(flow, packet);
}

/* Finds a server for a flow whose entry, if any, stands no longer, and enters it where there is a slot. */
REQUIRED enum outcome admit(struct xdp_md *ctx, const struct packet *packet, struct flow *flow, struct entry *old)
{
	bool is_stray = packet->protocol == IPPROTO_TCP && !opens(packet->tcp_flags);
	struct service *service = service_of(flow);
	struct schedule *schedule;
	enum outcome outcome;
	bool by_hash;
	__u32 line;

	schedule = service ? schedule_of(service, &line) : NULL;
	if (!schedule)
		return NOT_CONFIGURED;
	if (is_stray) {
		outcome = judge_stray(ctx, packet, flow, service, schedule);
		if (outcome != CONTINUE)
			return outcome;
	}
	/* UDP opens nothing: its flow may be one that found no slot before. */
	by_hash = is_stray || (packet->protocol == IPPROTO_UDP && has_overflowed(service, flow, STATE_UDP));
	flow->server = by_hash ? pick_by_hash(schedule, line, packet) : pick(schedule, line);
	if (!flow->server)
		return NO_REAL_SERVER;
	if (!(packet->tcp_flags & (TCP_FIN | TCP_RST)))
		enter(flow, packet, old);
	if (!flow->has_entry && !is_stray) {
		note_overflow(service, flow);
		flow->server = pick_by_hash(schedule, line, packet);
	}
	flow->route_word = route_of(flow->server);
	return flow->server ? CONTINUE : NO_REAL_SERVER;
}

/* Where the packet goes: to its flow's server, else to one that the flow is admitted to. */
REQUIRED enum outcome direct(struct xdp_md *ctx, const struct packet *packet, struct flow *flow)
{
	struct entry entry;

	flow->now = second_now();
	if (find_connection(flow, &entry)) {
		flow->server = entry.owner.is.server;
		flow->route_word = route_of(flow->server);
		if (LIKELY(stands(&entry, flow, packet))) {
			flow->has_entry = true;
			touch(&entry, flow, packet);
			return CONTINUE;
		}
	} else {
		entry.slot = NULL;
	}
	return admit(ctx, packet, flow, &entry);
}

ALWAYS_INLINE enum outcome journey(struct xdp_md *ctx)
{
	struct packet packet = {};
	struct flow flow = {};
	enum outcome outcome;

	outcome = parse_network(ctx, &packet);
	if (outcome != CONTINUE)
		return outcome;
	outcome = require_ports(&packet);
	if (outcome != CONTINUE)
		return outcome;
	locate(&flow, &packet);
	outcome = find_listener(&packet, &flow);
	if (outcome != CONTINUE)
		return outcome;
	outcome = parse_transport(&packet);
	if (outcome != CONTINUE)
		return outcome;
	outcome = direct(ctx, &packet, &flow);
	if (outcome != CONTINUE)
		return outcome;
	outcome = forward_direct(ctx, &packet, &flow);
	if (LIKELY(was_sent(outcome)))
		count_traffic(&packet, &flow);
	return outcome;
}

SEC("xdp.frags")
int director(struct xdp_md *ctx)
{
	return finish(journey(ctx));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
