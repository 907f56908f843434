/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_PARSE_H
#define XLVS_PARSE_H

#include "extensions.h"
#include "packet.h"

struct sctp_header {
	__be16 source;
	__be16 destination;
	__be32 tag;
	__be32 checksum;
	__u8 chunk; /* type of the first one */
	__u8 flags;
	__be16 length;
};

/* The IPv4 header, of a frame that says it has one. */
REQUIRED enum outcome parse_ipv4(struct packet *packet)
{
	struct iphdr *ip = packet->network;

	if (UNLIKELY((void *)(ip + 1) > packet->end || ip->version != 4 || ip->ihl < 5))
		return BROKEN_IP_HEADER;
	packet->source = ip->saddr;
	packet->destination = ip->daddr;
	packet->protocol = ip->protocol;
	packet->fragment = ip->frag_off;
	packet->fragment_id = ip->id;
	packet->length = bpf_ntohs(ip->tot_len);
	packet->header_length = ip->ihl * 4;
	return CONTINUE;
}

/* The frame may be longer than its packet (padding), and what is not linear lies in fragments of the buffer. */
ALWAYS_INLINE bool is_cut_off(struct xdp_md *ctx, const struct packet *packet)
{
	return UNLIKELY(packet->network + packet->length > packet->end) &&
	       packet->length + sizeof(struct ethhdr) > bpf_xdp_get_buff_len(ctx);
}

/* The same of IPv6, up to where TCP or UDP begins. */
REQUIRED enum outcome parse_ipv6(struct xdp_md *ctx, struct packet *packet)
{
	struct ipv6hdr *ip = packet->network;
	struct extensions found = {};

	if (UNLIKELY((void *)(ip + 1) > packet->end || ip->version != 6))
		return BROKEN_IP_HEADER;
	packet->source6 = addresses_in(ip)->source;
	packet->destination6 = addresses_in(ip)->destination;
	packet->protocol = ip->nexthdr;
	packet->length = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	packet->header_length = sizeof(*ip);
	packet->fragment = 0;
	packet->fragment_id = 0;
	if (LIKELY(!is_extension(ip->nexthdr)))
		return CONTINUE;
	if (is_cut_off(ctx, packet))
		return BROKEN_IP_HEADER;
	found.next = ip->nexthdr;
	if (walk_extensions(ctx, &found))
		return EXTENSION_HEADERS;
	packet->protocol = found.next;
	packet->header_length = sizeof(*ip) + (found.length & MAXIMUM_EXTENSIONS);
	packet->fragment = found.fragment;
	packet->fragment_id = found.fragment_id;
	return CONTINUE;
}

/* The headers of Ethernet and IP; a refusal here passes, for nobody knows yet whose packet it is. */
REQUIRED enum outcome parse_network(struct xdp_md *ctx, struct packet *packet, bool is_ipv6)
{
	void *data = (void *)(long)ctx->data;
	struct ethhdr *ethernet = data;
	enum outcome outcome;

	packet->end = (void *)(long)ctx->data_end;
	packet->is_ipv6 = is_ipv6;
	packet->ethernet = ethernet;
	packet->network = ethernet + 1;
	if (UNLIKELY(packet->network > packet->end))
		return NOT_IP;
	if (UNLIKELY(ethernet->h_dest[0] & 1))
		return NOT_UNICAST;
	outcome = is_ipv6 ? parse_ipv6(ctx, packet) : parse_ipv4(packet);
	if (UNLIKELY(outcome != CONTINUE))
		return outcome;
	packet->transport = packet->network + packet->header_length;
	if (UNLIKELY(packet->length < packet->header_length))
		return is_ipv6 ? EXTENSION_HEADERS : BROKEN_IP_HEADER;
	return is_cut_off(ctx, packet) ? BROKEN_IP_HEADER : CONTINUE;
}

/* True when the packet carries readable ports: of a protocol that has some, long enough. */
ALWAYS_INLINE bool read_ports(struct packet *packet)
{
	const __be16 *ports = packet->transport;

	if (UNLIKELY((void *)(ports + 2) > packet->end || packet->length < packet->header_length + 2 * sizeof(*ports)))
		return false;
	packet->source_port = ports[0];
	packet->destination_port = ports[1];
	return true;
}

/* What a chunk of SCTP means in TCP's words, in which the states are told. */
ALWAYS_INLINE __u8 flags_of_chunk(__u8 chunk)
{
	enum {
		INIT = 1,
		INIT_ACK = 2,
		ABORT = 6,
		SHUTDOWN = 7,
		SHUTDOWN_ACK = 8,
		SHUTDOWN_COMPLETE = 14,
	};

	switch (chunk) {
	case INIT:
		return TCP_SYN;
	case INIT_ACK:
		return TCP_SYN | TCP_ACK;
	case ABORT:
		return TCP_RST;
	case SHUTDOWN:
	case SHUTDOWN_ACK:
	case SHUTDOWN_COMPLETE:
		return TCP_FIN | TCP_ACK;
	default:
		return TCP_ACK;
	}
}

/* The rest of the TCP, UDP or SCTP header, for a packet that is a listener's. */
REQUIRED enum outcome parse_transport(struct packet *packet)
{
	__u32 room = packet->length - packet->header_length;

	if (packet->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = packet->transport;

		if (UNLIKELY((void *)(tcp + 1) > packet->end || tcp->doff < 5 || tcp->doff * 4 > room))
			return MALFORMED;
		packet->tcp_flags = ((__u8 *)tcp)[13];
	} else if (packet->protocol == IPPROTO_UDP) {
		struct udphdr *udp = packet->transport;
		__u32 length;

		if (UNLIKELY((void *)(udp + 1) > packet->end))
			return MALFORMED;
		length = bpf_ntohs(udp->len);
		if (UNLIKELY(length < sizeof(*udp) || (length > room && !is_fragment(packet))))
			return MALFORMED;
		packet->tcp_flags = 0;
	} else {
		struct sctp_header *sctp = packet->transport;

		if (UNLIKELY((void *)(sctp + 1) > packet->end || sizeof(*sctp) > room))
			return MALFORMED;
		packet->tcp_flags = flags_of_chunk(sctp->chunk);
	}
	return CONTINUE;
}

#endif
