/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_SERVER_H
#define XLVS_SERVER_H

#include "maps.h"
#include "packet.h"

ALWAYS_INLINE struct server *server_of(__u16 server)
{
	__u32 index = server;

	return bpf_map_lookup_elem(&servers, &index);
}

/* Where the server is, struct server_route in one word; 0, which allows nothing, for an index that has none. */
ALWAYS_INLINE __u64 route_of(__u16 server)
{
	struct server *entry = server_of(server);

	return entry ? READ_ONCE(entry->route_word) : 0;
}

ALWAYS_INLINE __u8 flags_of(__u64 route_word)
{
	return route_word >> 56;
}

/* How packets get to a server: one of the four methods. */
ALWAYS_INLINE __u8 method_of(__u64 route_word)
{
	return flags_of(route_word) & SERVER_METHOD;
}

ALWAYS_INLINE bool is_full_nat(__u64 route_word)
{
	return (flags_of(route_word) & (SERVER_NAT | SERVER_TUNNEL)) == (SERVER_NAT | SERVER_TUNNEL);
}

/* Replies come back through us, so that both directions are seen. */
ALWAYS_INLINE bool is_two_way(__u64 route_word)
{
	return flags_of(route_word) & SERVER_NAT;
}

/* The protocol of a connection to a server: where a service has several, that of the listener it came by. */
ALWAYS_INLINE __u8 protocol_by(const struct server *server, __u16 listener)
{
	const struct listener_place *place;
	__u32 index = listener;

	if (LIKELY(server->protocol))
		return server->protocol;
	place = bpf_map_lookup_elem(&listener_places, &index);
	return place ? place->protocol : 0;
}

/* Where a server gets packets that a client sent to `service_port`. */
ALWAYS_INLINE __be16 port_of(const struct server *server, __be16 service_port)
{
	return server->port ? server->port : service_port;
}

/* Is this where the server answers from, in a connection by this listener and service port? */
ALWAYS_INLINE bool is_endpoint(const struct server *server, __u16 listener, __be16 service_port,
			       const struct packet *packet)
{
	if (port_of(server, service_port) != packet->source_port || protocol_by(server, listener) != packet->protocol)
		return false;
	if (!packet->is_ipv6)
		return server->address.quads[3] == packet->source;
	return same_address(&server->address, &packet->source6);
}

/* The seconds, as settings have it, after which an entry in this state is over. */
ALWAYS_INLINE __u16 timeout_of(enum connection_state state)
{
	const __u32 only = 0;
	const struct settings *now = bpf_map_lookup_elem(&settings, &only);

	return now ? READ_ONCE(now->timeouts[state & (STATES - 1)]) : 0;
}

#endif
