/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_SCHEDULE_H
#define XLVS_SCHEDULE_H

#include "maps.h"
#include "packet.h"
#include "server.h"

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

/* A search through the ring of the schedule at this line: by its turn, or by the flow's hash. */
ALWAYS_INLINE struct search search_in(struct schedule *schedule, __u32 line, bool by_hash, __u32 position)
{
	return (struct search){
		.schedule = schedule,
		.line = line + (by_hash ? schedule->hash_line : 1),
		.slots = by_hash ? schedule->hash_slots : schedule->slots,
		.position = position,
		.counted = !by_hash,
	};
}

/* Where the first slot had nobody: the first eligible server from there on, or NO_INDEX. Global: it is rare. */
GLOBAL int search_on(__u32 line, bool by_hash, __u32 position)
{
	struct schedule *schedule = bpf_map_lookup_elem(&rings, &line);
	struct search search;

	if (!schedule)
		return NO_INDEX;
	search = search_in(schedule, line, by_hash, position);
	if (!search.slots)
		return NO_INDEX;
	/* The turns' ring may be short, and its look-ahead with it; in the other a server has many slots in no order. */
	if (bpf_loop((by_hash ? MAXIMUM_LOOKAHEAD : schedule->lookahead) - 1, visit_next, &search, 0) < 0 ||
	    !is_eligible(search.server))
		return NO_INDEX;
	return search.server;
}

ALWAYS_INLINE __u16 pick(struct search *search, __u32 line)
{
	if (!search->slots)
		return NO_INDEX;
	if (LIKELY(visit(search)))
		return search->server;
	return search_on(line, !search->counted, search->position);
}

/* For a new flow: the server whose turn it is. */
ALWAYS_INLINE __u16 pick_by_turn(struct schedule *schedule, __u32 line)
{
	struct search search = search_in(schedule, line, false, 0);

	return pick(&search, line);
}

/* Unkeyed on purpose: two directors, and one before and after a restart, must send a flow the same way. */
ALWAYS_INLINE __u32 flow_hash(const struct packet *packet)
{
	__u64 addresses = (__u64)packet->source << 32 | packet->destination, hash;

	if (packet->is_ipv6) {
		const struct address *from = &packet->source6, *to = &packet->destination6;

		addresses = (from->words[0] * 0xff51afd7ed558ccdULL) ^ (from->words[1] * 0xc4ceb9fe1a85ec53ULL);
		addresses ^= addresses >> 32;
		addresses += (to->words[0] * 0x9e6c63d0876a9a47ULL) ^ (to->words[1] * 0xb492b66fbe98f273ULL);
	}
	hash = addresses * 0x9e3779b97f4a7c15ULL;
	hash ^= hash >> 32;
	hash += (__u64)packet->source_port << 24 | (__u32)packet->destination_port << 8 | packet->protocol;
	hash *= 0xd6e8feb86659fd93ULL;
	return hash >> 32;
}

/* The server that the service's flow-hash ring has for this flow. */
ALWAYS_INLINE __u16 pick_by_hash(struct schedule *schedule, __u32 line, const struct packet *packet)
{
	struct search search = search_in(schedule, line, true, ((__u64)flow_hash(packet) * schedule->hash_slots) >> 32);

	return pick(&search, line);
}

#endif
