/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* NAT's way back: a server's packet finds its client's connection, and gets the VIP's address and port again. */
#ifndef XLVS_REPLY_H
#define XLVS_REPLY_H

#include "connection.h"
#include "forward_nat.h"
#include "service.h"

/* A reply's flow, whose service port and listener are not known yet. */
ALWAYS_INLINE void locate_reply(struct flow *flow, const struct packet *packet)
{
	struct address client = packet->destination6;

	if (!flow->is_wide) {
		locate_narrow(flow, packet->destination, packet->destination_port, packet->protocol, 0);
		return;
	}
	if (!packet->is_ipv6)
		client = (struct address){ .quads = { packet->destination } };
	locate_wide(flow, &client, packet->destination_port, packet->protocol, 0, packet->is_ipv6);
}

/* Does the slot belong to the client that the reply is for? Its service port, or 0. */
ALWAYS_INLINE __be16 service_port_in(void *slot, const struct flow *flow, const struct packet *packet)
{
	const struct wide_ports compared = { .client_port = 0xffff, .own_port = 0xffff, .source = 0xff, .check = 0xff };
	struct wide_slot *wide = slot;
	__u64 word;

	if (!flow->is_wide) {
		word = READ_ONCE(((struct connection_slot *)slot)->key_word);
		return (word ^ flow->key_word) << 16 ? 0 : word >> 48;
	}
	word = READ_ONCE(wide->key.ports_word);
	if ((word & word_of_ports(compared)) != flow->ports_word)
		return 0;
	if (!packet->is_ipv6)
		return READ_ONCE(wide->key.client.quads[0]) == packet->destination && !wide->key.client_words[1] ?
			       word >> 16 :
			       0;
	if (READ_ONCE(wide->key.client_words[1]) != flow->client_words[1] ||
	    READ_ONCE(wide->key.client_words[0]) != flow->client_words[0])
		return 0;
	return word >> 16;
}

/* True when the slot holds the connection that the reply is part of: this client's, to this endpoint. */
ALWAYS_INLINE bool holds_reply(void *slot, const struct flow *flow, const struct packet *packet, union owner *owner,
			       __be16 *service_port)
{
	__be16 port = service_port_in(slot, flow, packet);
	const struct server *server;
	union owner after;

	if (LIKELY(!port))
		return false;
	owner->word = READ_ONCE(*owner_word(flow, slot));
	if (!owner->is.listener)
		return false;
	server = server_of(owner->is.server);
	if (!server || !is_endpoint(server, owner->is.listener, port, packet))
		return false;
	*service_port = port;
	if (service_port_in(slot, flow, packet) != port)
		return false;
	after.word = READ_ONCE(*owner_word(flow, slot));
	return (__u32)owner->word == (__u32)after.word;
}

/* The connection that a reply belongs to; first in probe order. */
ALWAYS_INLINE bool find_answered(const struct flow *flow, const struct packet *packet, struct entry *entry,
				 __be16 *service_port)
{
	for (__u32 number = 0; number < 4; number++) {
		void *line = line_of(flow, number);

		if (!line)
			return false;
#pragma unroll
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++) {
			if (!holds_reply(slot_in(flow, line, i), flow, packet, &entry->owner, service_port))
				continue;
			entry->number = number_of(flow, number * SLOTS_PER_LINE + i);
			return true;
		}
	}
	return false;
}

/* The VIP that a listener of a single address has. */
ALWAYS_INLINE void read_vip(__u16 listener, struct address *vip)
{
	__u32 index = listener;
	const struct listener_place *found = bpf_map_lookup_elem(&listener_places, &index);

	if (found)
		*vip = found->address;
}

/* Of an IPv4 flow in the wide table. */
ALWAYS_INLINE void read_vip_beside_client(__u64 number, struct address *vip)
{
	const struct wide_slot *slot = wide_slot_numbered(number);

	if (slot)
		*vip = mapped(READ_ONCE(slot->key.client.quads[1]));
}

/* By the client's own address and port: NAT. Fills in flow, entry and conversation. */
ALWAYS_INLINE bool find_conversation(struct flow *flow, const struct packet *packet, struct entry *entry,
				     struct conversation *conversation)
{
	locate_reply(flow, packet);
	if (!find_answered(flow, packet, entry, &conversation->vip.port))
		return false;
	flow->listener = entry->owner.is.listener;
	flow->server = entry->owner.is.server;
	if (flow->is_wide && !packet->is_ipv6)
		read_vip_beside_client(entry->number, &conversation->vip.address);
	else
		read_vip(flow->listener, &conversation->vip.address);
	conversation->client.address = destination_of(packet);
	conversation->client.port = packet->destination_port;
	return true;
}

/* By a source's port that the reply came to: full NAT. */
ALWAYS_INLINE bool find_by_source_port(struct flow *flow, const struct packet *packet, __u8 source, struct entry *entry,
				       struct conversation *conversation)
{
	struct source_port *place = source_port_at(source, packet->protocol, packet->destination_port);
	__u32 number = place ? READ_ONCE(place->holder.slot) : 0;
	struct wide_slot *slot = wide_slot_numbered(number);
	const struct server *server;
	struct wide_ports ports;
	struct address client;
	union owner after;
	__u64 word;

	if (!slot)
		return false;
	entry->number = number;
	entry->owner.word = READ_ONCE(slot->owner_word);
	word = READ_ONCE(slot->key.ports_word);
	__builtin_memcpy(&ports, &word, sizeof(ports));
	if (!entry->owner.is.listener || ports.own_port != packet->destination_port || ports.source != source)
		return false;
	server = server_of(entry->owner.is.server);
	if (!server || !is_endpoint(server, entry->owner.is.listener, ports.service_port, packet))
		return false;
	client.words[0] = READ_ONCE(slot->key.client_words[0]);
	client.words[1] = READ_ONCE(slot->key.client_words[1]);
	after.word = READ_ONCE(slot->owner_word);
	/* Nobody else tells whether the key is whole: the packet bears nothing of it but the port. */
	if (!is_same_entry(entry->owner, after) || READ_ONCE(slot->key.ports_word) != word ||
	    ports.check != check_of(client_hash(&client, packet->is_ipv6), packet->is_ipv6))
		return false;
	flow->listener = entry->owner.is.listener;
	flow->server = entry->owner.is.server;
	flow->key_word = word & word_of_ports(asked_ports);
	flow->client_words[0] = client.words[0];
	flow->client_words[1] = client.words[1];
	conversation->vip.port = ports.service_port;
	conversation->client.port = ports.client_port;
	if (packet->is_ipv6) {
		conversation->client.address = client;
		read_vip(flow->listener, &conversation->vip.address);
	} else {
		conversation->client.address = mapped(client.quads[0]);
		conversation->vip.address = mapped(client.quads[1]);
	}
	return true;
}

/*
 * Notes a server's packet: it keeps the entry alive and moves its state. A server that goes on in a later second has shaken
 * hands with a real client: to what was spoofed it repeats its SYN, or sends RST. Of UDP it proves nothing.
 */
ALWAYS_INLINE void touch_by_reply(struct entry *entry, const struct flow *flow, const struct packet *packet)
{
	union owner now = entry->owner;

	if (UNLIKELY(now.is.second != (__u16)flow->now) && now.is.state == STATE_ESTABLISHED &&
	    (packet->tcp_flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK)
		now.is.flags &= ~FLAG_PROBATION;
	if (packet->protocol != IPPROTO_UDP)
		now.is.state = next_state(REPLY, now.is.state, packet->tcp_flags);
	now.is.second = flow->now;
	if (UNLIKELY(now.word != entry->owner.word))
		change_entry(flow, entry, now);
}

ALWAYS_INLINE void rewrite_reply(struct packet *packet, const struct conversation *conversation, bool is_full)
{
	struct difference difference = {};

	rewrite_source(packet, &conversation->vip, &difference);
	if (is_full)
		rewrite_destination(packet, &conversation->client, &difference);
	lower_time_to_live(packet, &difference);
	mend_checksums(packet, &difference);
}

/* Out by a way that the kernel knew. */
REQUIRED enum outcome leave_by_kernels_way(const struct xdp_md *ctx, struct ethhdr *ethernet,
					   const struct asked_way *way)
{
	__builtin_memcpy(ethernet->h_dest, way->mac_to, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, way->mac_from, ETH_ALEN);
	if (way->ifindex == ctx->ingress_ifindex)
		return REPLIED;
	return bpf_redirect(way->ifindex, 0) == XDP_REDIRECT ? REPLY_REDIRECTED : NO_EGRESS;
}

/* To a client that no router of ours leads to: the kernel is asked, which is not as fast. */
REQUIRED enum outcome reply_by_kernels_way(struct xdp_md *ctx, struct packet *packet,
					   const struct conversation *conversation, bool is_full)
{
	struct errand *errand = the_errand();
	struct asked_way *way = errand ? &errand->way : NULL;
	enum outcome outcome;

	if (!way)
		return NO_NEXT_HOP;
	*way = (struct asked_way){
		.source = conversation->vip.address,
		.destination = conversation->client.address,
		.length = packet->length,
		.protocol = packet->protocol,
		.is_ipv6 = packet->is_ipv6,
	};
	if (ask_kernel(ctx, way))
		return way->mtu ? answer_with_icmp(packet, way->mtu) : NO_NEXT_HOP;
	outcome = check_as_router(packet, 0);
	if (outcome != CONTINUE)
		return outcome;
	rewrite_reply(packet, conversation, is_full);
	return leave_by_kernels_way(ctx, packet->ethernet, way);
}

/* Sends a reply on to its client. */
REQUIRED enum outcome send_reply(struct xdp_md *ctx, struct packet *packet, const struct conversation *conversation,
				 bool is_full)
{
	__u64 route_word = hop_to(&conversation->client.address, packet->is_ipv6);
	enum outcome outcome;

	if (UNLIKELY(!(flags_of(route_word) & SERVER_REACHABLE)))
		return packet->is_short ? START_OVER : reply_by_kernels_way(ctx, packet, conversation, is_full);
	outcome = check_as_router(packet, mtu_of(route_word));
	if (outcome != CONTINUE)
		return outcome;
	rewrite_reply(packet, conversation, is_full);
	return leave(ctx, packet->ethernet, route_word, REPLIED, REPLY_REDIRECTED);
}

#endif
