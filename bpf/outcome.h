/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_OUTCOME_H
#define XLVS_OUTCOME_H

#include "maps.h"
#include "packet.h"
#include "server.h"

ALWAYS_INLINE void add_traffic(void *map, __u32 index, const struct packet *packet, const struct flow *flow)
{
	struct traffic *traffic = bpf_map_lookup_elem(map, &index);

	if (traffic) {
		traffic->packets++;
		traffic->bytes += packet->length;
		traffic->connections += flow->is_new;
	}
}

ALWAYS_INLINE void add_reply(void *map, __u32 index, const struct packet *packet)
{
	struct traffic *traffic = bpf_map_lookup_elem(map, &index);

	if (traffic) {
		traffic->reply_packets++;
		traffic->reply_bytes += packet->length;
	}
}

/* To a real server. */
ALWAYS_INLINE bool was_sent(enum outcome outcome)
{
	return (outcome >= FORWARDED && outcome <= HASH_REDIRECTED) || outcome == DELIVERED;
}

/* To a client. */
ALWAYS_INLINE bool was_replied(enum outcome outcome)
{
	return outcome == REPLIED || outcome == REPLY_REDIRECTED;
}

/* What a packet that was sent to its server adds to the counters of service and server. */
ALWAYS_INLINE void count_traffic(const struct packet *packet, const struct flow *flow)
{
	add_traffic(&service_traffic, flow->service, packet, flow);
	add_traffic(&server_traffic, flow->server, packet, flow);
}

/* And what a reply adds. */
ALWAYS_INLINE void count_reply(const struct packet *packet, const struct flow *flow)
{
	const struct server *server = server_of(flow->server);

	add_reply(&service_traffic, server ? server->service : 0, packet);
	add_reply(&server_traffic, flow->server, packet);
}

ALWAYS_INLINE int action_of(enum outcome outcome)
{
	switch (outcome) {
	case FORWARDED:
	case HASHED:
	case REPLIED:
	case RESET_SENT:
	case ICMP_SENT:
		return XDP_TX;
	case REDIRECTED:
	case HASH_REDIRECTED:
	case REPLY_REDIRECTED:
		return XDP_REDIRECT;
	case NOT_IP:
	case NOT_UNICAST:
	case NOT_OURS:
	case NOT_MASTER:
	case NOT_A_REPLY:
	case BROKEN_IP_HEADER:
	case DELIVERED:
		return XDP_PASS;
	default:
		return XDP_DROP;
	}
}

/* Every packet ends here, once. */
ALWAYS_INLINE int finish(enum outcome outcome)
{
	__u32 index = outcome;
	struct outcome_count *count = bpf_map_lookup_elem(&outcomes, &index);

	if (count)
		count->packets++;
	return action_of(outcome);
}

#endif
