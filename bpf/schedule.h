/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_SCHEDULE_H
#define XLVS_SCHEDULE_H

#include "maps.h"
#include "packet.h"

/* One search through a ring: from where, how far, and whom it found. */
struct search {
	struct schedule *schedule;
	__u32 line; /* the ring's first */
	__u32 slots;
	__u32 position; /* of the next slot to visit; for a counter the schedule's turn says it */
	bool counted;
	__u16 server;
};

ALWAYS_INLINE struct service *service_of(const struct flow *flow)
{
	__u32 index = flow->service;

	return bpf_map_lookup_elem(&services, &index);
}

/* The schedule that is turned on for the flow's service. */
ALWAYS_INLINE struct schedule *schedule_of(const struct service *service, __u32 *line)
{
	*line = READ_ONCE(service->schedule);
	return *line ? (struct schedule *)bpf_map_lookup_elem(&rings, line) : NULL;
}

ALWAYS_INLINE __u16 server_in(__u32 first_line, __u32 position)
{
	__u32 index = first_line + position / SERVERS_PER_LINE;
	struct ring_line *line = bpf_map_lookup_elem(&rings, &index);

	return line ? line->servers[position % SERVERS_PER_LINE] : NO_INDEX;
}

ALWAYS_INLINE bool is_eligible(__u16 server)
{
	return flags_of(route_of(server)) & SERVER_ELIGIBLE;
}

/* Looks at one slot; true when the search is over. A skipped slot costs a tick of a counter. */
ALWAYS_INLINE bool visit(struct search *search)
{
	__u32 position;

	if (search->counted)
		position = __sync_fetch_and_add(&search->schedule->turn, 1) % search->slots;
	else
		position = search->position++ % search->slots;
	search->server = server_in(search->line, position);
	return is_eligible(search->server);
}

static long visit_next(__u32 index, void *context)
{
	struct search *search = context;

	(void)index;
	return visit(search);
}

/* The first eligible server from the start on, or NO_INDEX. */
ALWAYS_INLINE __u16 look_ahead(struct search *search, __u16 lookahead)
{
	if (!search->slots)
		return NO_INDEX;
	if (LIKELY(visit(search)))
		return search->server;
	if (bpf_loop(lookahead - 1, visit_next, search, 0) < 0 || !is_eligible(search->server))
		return NO_INDEX;
	return search->server;
}

/* A new flow's server by the service's scheduler. */
ALWAYS_INLINE __u16 pick(struct schedule *schedule, __u32 line)
{
	struct search search = {
		.schedule = schedule,
		.line = line + 1,
		.slots = schedule->slots,
		.counted = true,
	};

	return look_ahead(&search, schedule->lookahead);
}

/* Unkeyed on purpose: two directors, and one before and after a restart, must send a flow the same way. */
ALWAYS_INLINE __u32 flow_hash(const struct packet *packet)
{
	__u64 hash = ((__u64)packet->source << 32 | packet->destination) * 0x9e3779b97f4a7c15ULL;

	hash ^= hash >> 32;
	hash += (__u64)packet->source_port << 24 | (__u32)packet->destination_port << 8 | packet->protocol;
	hash *= 0xd6e8feb86659fd93ULL;
	return hash >> 32;
}

/* The server that the service's flow-hash ring has for this flow. */
ALWAYS_INLINE __u16 pick_by_hash(struct schedule *schedule, __u32 line, const struct packet *packet)
{
	struct search search = {
		.schedule = schedule,
		.line = line + schedule->hash_line,
		.slots = schedule->hash_slots,
		.position = ((__u64)flow_hash(packet) * schedule->hash_slots) >> 32,
	};

	/* The turns' ring may be short, and its look-ahead with it; here a server has many slots in no order. */
	return look_ahead(&search, MAXIMUM_LOOKAHEAD);
}

#endif
