/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses, ports and time to live of a packet become others, and its checksums with them, by difference (RFC 1624). */
#ifndef XLVS_REWRITE_H
#define XLVS_REWRITE_H

#include "errand.h"
#include "packet.h"
#include "parse.h"

/* What rewritten fields add to the checksums that cover them: words in one's complement, not yet folded; below 2^38. */
struct difference {
	__u64 header; /* of IPv4's own checksum */
	__u64 transport;
};

ALWAYS_INLINE __u16 folded(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

ALWAYS_INLINE __u64 difference16(__u16 from, __u16 to)
{
	return (__u64)(__u16)~from + to;
}

ALWAYS_INLINE __u64 difference32(__u32 from, __u32 to)
{
	return (__u64)(__u32)~from + to;
}

ALWAYS_INLINE __u64 difference64(__u64 from, __u64 to)
{
	return difference32(from, to) + difference32(from >> 32, to >> 32);
}

ALWAYS_INLINE __u64 difference128(const struct address *from, const struct address *to)
{
	return difference64(from->words[0], to->words[0]) + difference64(from->words[1], to->words[1]);
}

/* RFC 1624, equation 3. */
ALWAYS_INLINE __u16 with_difference(__u16 check, __u64 difference)
{
	return ~folded((__u16)~check + difference);
}

ALWAYS_INLINE void rewrite_source(struct packet *packet, const struct side *to, struct difference *difference)
{
	if (packet->is_ipv6) {
		difference->transport += difference128(&packet->source6, &to->address);
		addresses_in(packet->network)->source = to->address;
	} else {
		struct iphdr *ip = packet->network;
		__u64 changed = difference32(packet->source, to->address.quads[3]);

		difference->header += changed;
		difference->transport += changed;
		ip->saddr = to->address.quads[3];
	}
	if (is_later_fragment(packet))
		return;
	difference->transport += difference16(packet->source_port, to->port);
	((__be16 *)packet->transport)[0] = to->port;
}

ALWAYS_INLINE void rewrite_destination(struct packet *packet, const struct side *to, struct difference *difference)
{
	if (packet->is_ipv6) {
		difference->transport += difference128(&packet->destination6, &to->address);
		addresses_in(packet->network)->destination = to->address;
	} else {
		struct iphdr *ip = packet->network;
		__u64 changed = difference32(packet->destination, to->address.quads[3]);

		difference->header += changed;
		difference->transport += changed;
		ip->daddr = to->address.quads[3];
	}
	if (is_later_fragment(packet))
		return;
	difference->transport += difference16(packet->destination_port, to->port);
	((__be16 *)packet->transport)[1] = to->port;
}

/* True when a router would have to give the packet up. */
ALWAYS_INLINE bool is_at_its_end(const struct packet *packet)
{
	if (packet->is_ipv6)
		return ((struct ipv6hdr *)packet->network)->hop_limit <= 1;
	return ((struct iphdr *)packet->network)->ttl <= 1;
}

ALWAYS_INLINE void lower_time_to_live(struct packet *packet, struct difference *difference)
{
	if (packet->is_ipv6) {
		((struct ipv6hdr *)packet->network)->hop_limit--;
		return;
	}
	((struct iphdr *)packet->network)->ttl--;
	difference->header += (__u16)~bpf_htons(0x0100);
}

/* SCTP's checksum covers neither addresses nor, since they stay, ports. */
ALWAYS_INLINE void mend_transport(struct packet *packet, __u64 difference)
{
	if (is_later_fragment(packet))
		return;
	if (packet->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = packet->transport;

		if ((void *)(tcp + 1) > packet->end)
			return;
		tcp->check = with_difference(tcp->check, difference);
	} else if (packet->protocol == IPPROTO_UDP) {
		struct udphdr *udp = packet->transport;

		if ((void *)(udp + 1) > packet->end || !udp->check)
			return;
		udp->check = with_difference(udp->check, difference);
		/* 0 would say that there is none (RFC 768). */
		if (!udp->check)
			udp->check = 0xffff;
	}
}

ALWAYS_INLINE void mend_checksums(struct packet *packet, const struct difference *difference)
{
	if (!packet->is_ipv6) {
		struct iphdr *ip = packet->network;

		ip->check = with_difference(ip->check, difference->header);
	}
	mend_transport(packet, difference->transport);
}

#endif
