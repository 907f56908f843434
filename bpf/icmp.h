/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors about packets that we directed. An error quotes the packet it is about, which went the other way: turned
 * round, the quotation is a packet of the very connection, and finds it as any other would.
 */
#ifndef XLVS_ICMP_H
#define XLVS_ICMP_H

#include "icmp_header.h"
#include "packet.h"
#include "path.h"
#include "rewrite.h"

ALWAYS_INLINE bool is_icmp(const struct packet *packet)
{
	return packet->protocol == (packet->is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

ALWAYS_INLINE bool is_error(__u8 type, bool is_ipv6)
{
	if (is_ipv6)
		return type >= ICMPV6_DEST_UNREACH && type <= ICMPV6_PARAMPROB;
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_TIME_EXCEEDED ||
	       type == ICMP_PARAMETERPROB;
}

/* The packet that an ICMP error quotes, turned round; false when too little of it is there. Pointers lead into the quotation. */
ALWAYS_INLINE bool turn_round(const struct packet *packet, struct packet *turned)
{
	struct icmp_header *icmp = packet->transport;
	const __be16 *ports;
	__u32 whole;

	if ((void *)(icmp + 1) > packet->end || !is_error(icmp->type, packet->is_ipv6) || is_fragment(packet))
		return false;
	turned->is_ipv6 = packet->is_ipv6;
	turned->ethernet = packet->ethernet;
	turned->end = packet->end;
	turned->network = icmp + 1;
	if (packet->is_ipv6) {
		const struct ipv6hdr *quoted = turned->network;

		if ((void *)(quoted + 1) > packet->end || quoted->version != 6)
			return false;
		whole = bpf_ntohs(quoted->payload_len) + sizeof(*quoted);
		__builtin_memcpy(&turned->source6, &quoted->daddr, sizeof(turned->source6));
		__builtin_memcpy(&turned->destination6, &quoted->saddr, sizeof(turned->destination6));
		turned->protocol = quoted->nexthdr;
		turned->header_length = sizeof(*quoted);
		turned->fragment = 0;
		/* Of extension headers the one that is about size, too. */
		if (turned->protocol == IPPROTO_FRAGMENT) {
			const struct fragment_header *header = (void *)(quoted + 1);

			if ((void *)(header + 1) > packet->end)
				return false;
			turned->protocol = header->next;
			turned->header_length += sizeof(*header);
			turned->fragment = bpf_htons(bpf_ntohs(header->place) >> 3);
		}
	} else {
		const struct iphdr *quoted = turned->network;

		if ((void *)(quoted + 1) > packet->end || quoted->version != 4 || quoted->ihl < 5)
			return false;
		whole = bpf_ntohs(quoted->tot_len);
		turned->source = quoted->daddr;
		turned->destination = quoted->saddr;
		turned->protocol = quoted->protocol;
		turned->header_length = quoted->ihl * 4;
		turned->fragment = quoted->frag_off;
	}
	turned->transport = turned->network + turned->header_length;
	/* As much of it as is quoted: what follows in the frame is padding. */
	if (packet->length < packet->header_length + sizeof(*icmp))
		return false;
	turned->length = packet->length - packet->header_length - sizeof(*icmp);
	if (turned->length > whole)
		turned->length = whole;
	ports = turned->transport;
	if (turned->length < turned->header_length + 2 * sizeof(*ports))
		return false;
	if (is_later_fragment(turned) || (void *)(ports + 2) > packet->end)
		return false;
	turned->source_port = ports[1];
	turned->destination_port = ports[0];
	turned->tcp_flags = 0;
	return true;
}

/* Sets a field, and adds to the sum what that does to a checksum over it. */
ALWAYS_INLINE void set16(__be16 *field, __be16 value, __u64 *sum)
{
	*sum += difference16(*field, value);
	*field = value;
}

ALWAYS_INLINE void set_address(void *field, const struct address *value, bool is_ipv6, __u64 *sum)
{
	struct address old;

	if (!is_ipv6) {
		*sum += difference32(*(__be32 *)field, value->quads[3]);
		*(__be32 *)field = value->quads[3];
		return;
	}
	__builtin_memcpy(&old, field, sizeof(old));
	*sum += difference128(&old, value);
	__builtin_memcpy(field, value, sizeof(*value));
}

/* The quoted packet's own checksums, as far as it is quoted: nobody verifies them, but they should be right. */
ALWAYS_INLINE void mend_quoted(struct packet *turned, __u64 addresses, __u64 ports, __u64 *sum)
{
	if (!turned->is_ipv6) {
		struct iphdr *ip = turned->network;

		set16(&ip->check, with_difference(ip->check, addresses), sum);
	}
	if (turned->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = turned->transport;

		if ((void *)(&tcp->check + 1) <= turned->end &&
		    turned->length >= turned->header_length + offsetof(struct tcphdr, urg_ptr))
			set16(&tcp->check, with_difference(tcp->check, addresses + ports), sum);
	} else if (turned->protocol == IPPROTO_UDP) {
		struct udphdr *udp = turned->transport;

		if ((void *)(udp + 1) <= turned->end && turned->length >= turned->header_length + sizeof(*udp) &&
		    udp->check)
			set16(&udp->check, with_difference(udp->check, addresses + ports), sum);
	}
}

/* Rewrites the quotation; returns what that adds to the ICMP checksum. */
ALWAYS_INLINE __u64 rewrite_quotation(struct packet *turned, const struct quotation *to)
{
	__u64 addresses = 0, port_sum = 0, sum = 0;
	__be16 *ports = turned->transport;

	if (turned->is_ipv6) {
		struct ipv6hdr *ip = turned->network;

		set_address(&ip->saddr, &to->source.address, true, &addresses);
		set_address(&ip->daddr, &to->destination.address, true, &addresses);
	} else {
		struct iphdr *ip = turned->network;

		set_address(&ip->saddr, &to->source.address, false, &addresses);
		set_address(&ip->daddr, &to->destination.address, false, &addresses);
	}
	set16(&ports[0], to->source.port, &port_sum);
	set16(&ports[1], to->destination.port, &port_sum);
	mend_quoted(turned, addresses, port_sum, &sum);
	return addresses + port_sum + sum;
}

/* Rewrites the error itself: its ends, its time to live, and its checksums with the quotation's part in them. */
ALWAYS_INLINE void rewrite_error(struct packet *packet, const struct address *source, const struct address *destination,
				 __u64 quotation)
{
	struct icmp_header *icmp = packet->transport;
	struct difference difference = {};
	__u64 addresses = 0;

	if (packet->is_ipv6) {
		struct ipv6hdr *ip = packet->network;

		set_address(&ip->saddr, source, true, &addresses);
		set_address(&ip->daddr, destination, true, &addresses);
		/* ICMPv6 covers the addresses, ICMP does not. */
		quotation += addresses;
	} else {
		struct iphdr *ip = packet->network;

		set_address(&ip->saddr, source, false, &addresses);
		set_address(&ip->daddr, destination, false, &addresses);
	}
	difference.header = addresses;
	lower_time_to_live(packet, &difference);
	if (!packet->is_ipv6) {
		struct iphdr *ip = packet->network;

		ip->check = with_difference(ip->check, difference.header);
	}
	icmp->checksum = with_difference(icmp->checksum, quotation);
}

#endif
