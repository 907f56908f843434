/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a client's packet goes: to its flow's server, else to one that the flow is admitted to. The long way takes the same steps apart. */
#ifndef XLVS_DIRECT_H
#define XLVS_DIRECT_H

#include "connection.h"
#include "hops.h"
#include "reset.h"
#include "rival.h"
#include "schedule.h"

/* UDP opens and closes nothing. */
ALWAYS_INLINE bool has_states(const struct packet *packet)
{
	return packet->protocol != IPPROTO_UDP;
}

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
		return has_states(packet) && !opens(packet->tcp_flags);
	return LIKELY(!opens(packet->tcp_flags)) || !is_closing(entry->owner.is.state, is_two_way(flow->route_word));
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

/* What a flow without a standing entry is admitted by. */
struct admission {
	struct service *service;
	struct schedule *schedule;
	__u32 line; /* of the schedule */
	bool is_stray; /* has states, and opens nothing */
};

/* What becomes of TCP that belongs to nothing we know and opens nothing. CONTINUE: it goes on by its hash. */
REQUIRED enum outcome judge_stray(struct xdp_md *ctx, const struct packet *packet, const struct flow *flow,
				  const struct admission *admission, struct flow *copy)
{
	struct room room;

	*copy = *flow;
	if (admission->schedule->stray == STRAY_HASH || has_overflowed(admission->service, flow, STATE_ESTABLISHED) ||
	    find_room(copy, &room))
		return CONTINUE;
	if (admission->schedule->stray == STRAY_DROP || packet->protocol != IPPROTO_TCP ||
	    packet->tcp_flags & TCP_RST || !is_host(packet))
		return STRAY;
	return answer_with_reset(ctx, packet);
}

REQUIRED enum outcome find_admission(const struct packet *packet, const struct flow *flow, struct admission *admission)
{
	admission->service = service_of(flow);
	admission->schedule = admission->service ? schedule_of(admission->service, &admission->line) : NULL;
	admission->is_stray = has_states(packet) && !opens(packet->tcp_flags);
	return admission->schedule ? CONTINUE : NOT_CONFIGURED;
}

/* The server of a flow that is as good as new. `copy` is for functions that want it in memory. */
REQUIRED enum outcome choose(struct xdp_md *ctx, const struct packet *packet, struct flow *flow,
			     const struct admission *admission, struct flow *copy)
{
	enum outcome outcome;

	if (admission->is_stray) {
		outcome = judge_stray(ctx, packet, flow, admission, copy);
		if (outcome != CONTINUE)
			return outcome;
	}
	/* UDP opens nothing: its flow may be one that found no slot before. */
	if (admission->is_stray || (!has_states(packet) && has_overflowed(admission->service, flow, STATE_UDP)))
		flow->server = pick_by_hash(admission->schedule, admission->line, packet);
	else
		flow->server = pick_by_turn(admission->schedule, admission->line);
	if (!flow->server)
		return NO_REAL_SERVER;
	flow->route_word = route_of(flow->server);
	if (UNLIKELY(is_two_way(flow->route_word)) && !is_full_nat(flow->route_word)) {
		*copy = *flow;
		if (find_rival(copy, packet->is_ipv6))
			return TUPLE_TAKEN;
	}
	return CONTINUE;
}

/* Does a flow that begins with this packet get an entry? */
ALWAYS_INLINE bool wants_entry(const struct packet *packet)
{
	return !(packet->tcp_flags & (TCP_FIN | TCP_RST));
}

/* What follows from having an entry now, or none. */
REQUIRED enum outcome conclude(struct xdp_md *ctx, const struct packet *packet, struct flow *flow,
			       const struct admission *admission)
{
	bool has_overflowed = !flow->has_entry && !admission->is_stray;

	if (has_overflowed)
		flow->server = pick_by_hash(admission->schedule, admission->line, packet);
	flow->route_word = route_of(flow->server);
	if (!flow->server)
		return NO_REAL_SERVER;
	if (LIKELY(!is_two_way(flow->route_word))) {
		if (has_overflowed)
			note_overflow(admission->service, flow);
		return CONTINUE;
	}
	remember_client(ctx, packet->is_ipv6);
	/* Replies need an entry to come back by. */
	if (flow->has_entry)
		return CONTINUE;
	if (!wants_entry(packet))
		return STRAY;
	return flow->lacks_port ? NO_SOURCE_PORT : NO_SLOT;
}

/* Finds a server for a flow whose entry, if any, stands no longer, and enters it where there is a slot. */
REQUIRED enum outcome admit(struct xdp_md *ctx, const struct packet *packet, struct flow *flow, struct entry *old)
{
	struct admission admission;
	enum outcome outcome;
	struct flow copy;

	outcome = find_admission(packet, flow, &admission);
	if (outcome != CONTINUE)
		return outcome;
	outcome = choose(ctx, packet, flow, &admission, &copy);
	if (outcome != CONTINUE)
		return outcome;
	if (wants_entry(packet) && (!old->number || !renew_connection(old, flow)) && !create_at_once(flow, &copy))
		return START_OVER;
	return conclude(ctx, packet, flow, &admission);
}

/* True when the flow's entry stands, which is touched then; else `entry` is its old one, if it has one. */
ALWAYS_INLINE bool find_standing(struct xdp_md *ctx, const struct packet *packet, struct flow *flow,
				 struct entry *entry)
{
	flow->now = second_now();
	flow->protocol = packet->protocol;
	flow->tcp_flags = packet->tcp_flags;
	if (!find_connection(flow, entry)) {
		entry->number = 0;
		return false;
	}
	flow->server = entry->owner.is.server;
	flow->route_word = route_of(flow->server);
	if (UNLIKELY(is_full_nat(flow->route_word)) && !read_source_port(flow, entry)) {
		entry->number = 0;
		return false;
	}
	if (UNLIKELY(!stands(entry, flow, packet)))
		return false;
	flow->has_entry = true;
	flow->is_proven = !(entry->owner.is.flags & FLAG_PROBATION);
	/* Once a second and flow: where the client is now. */
	if (UNLIKELY(is_two_way(flow->route_word)) && entry->owner.is.second != (__u16)flow->now)
		remember_client(ctx, packet->is_ipv6);
	touch(entry, flow);
	return true;
}

#endif
