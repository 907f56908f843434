/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_OUTCOME_H
#define XLVS_OUTCOME_H

#include "maps.h"
#include "packet.h"

ALWAYS_INLINE void add_traffic(void *map, __u32 index, const struct packet *packet, const struct flow *flow)
{
	struct traffic *traffic = bpf_map_lookup_elem(map, &index);

	if (traffic) {
		traffic->packets++;
		traffic->bytes += packet->length;
		traffic->connections += flow->is_new;
	}
}

/* To a real server. */
ALWAYS_INLINE bool was_sent(enum outcome outcome)
{
	return outcome >= FORWARDED && outcome <= HASH_REDIRECTED;
}

/* What a packet that was sent to its server adds to the counters of service and server. */
ALWAYS_INLINE void count_traffic(const struct packet *packet, const struct flow *flow)
{
	add_traffic(&service_traffic, flow->service, packet, flow);
	add_traffic(&server_traffic, flow->server, packet, flow);
}

ALWAYS_INLINE int action_of(enum outcome outcome)
{
	switch (outcome) {
	case FORWARDED:
	case HASHED:
	case RESET_SENT:
		return XDP_TX;
	case REDIRECTED:
	case HASH_REDIRECTED:
		return XDP_REDIRECT;
	case NOT_IPV4:
	case NOT_UNICAST:
	case NOT_OURS:
	case BROKEN_IP_HEADER:
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
