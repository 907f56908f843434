/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_PARSE_H
#define XLVS_PARSE_H

#include <stddef.h>

#include "packet.h"

#define IP_FRAGMENT_BITS 0x3fff /* more fragments, or an offset */

/* The headers of Ethernet and IPv4; a refusal here passes, for nobody knows yet whose packet it is. */
REQUIRED enum outcome parse_network(struct xdp_md *ctx, struct packet *packet)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = data + sizeof(*ethernet);

	if (UNLIKELY((void *)(ethernet + 1) > end))
		return NOT_IPV4;
	/* struct ethhdr is packed: its own field would be read in bytes. */
	if (UNLIKELY(*(__be16 *)(data + offsetof(struct ethhdr, h_proto)) != bpf_htons(ETH_P_IP)))
		return NOT_IPV4;
	if (UNLIKELY(ethernet->h_dest[0] & 1))
		return NOT_UNICAST;
	if (UNLIKELY((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5))
		return BROKEN_IP_HEADER;
	packet->ethernet = ethernet;
	packet->ip = ip;
	packet->end = end;
	packet->source = ip->saddr;
	packet->destination = ip->daddr;
	packet->protocol = ip->protocol;
	packet->length = bpf_ntohs(ip->tot_len);
	packet->header_length = ip->ihl * 4;
	packet->transport = (void *)ip + packet->header_length;
	if (UNLIKELY(packet->length < packet->header_length))
		return BROKEN_IP_HEADER;
	/* The frame may be longer (padding), and what is not linear lies in fragments of the buffer. */
	if (UNLIKELY((void *)ip + packet->length > end) &&
	    packet->length + sizeof(*ethernet) > bpf_xdp_get_buff_len(ctx))
		return BROKEN_IP_HEADER;
	return CONTINUE;
}

/* True when the packet carries readable ports: TCP or UDP, whole, long enough. */
ALWAYS_INLINE bool read_ports(struct packet *packet)
{
	const __be16 *ports = packet->transport;

	if (UNLIKELY(packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP))
		return false;
	if (UNLIKELY(packet->ip->frag_off & bpf_htons(IP_FRAGMENT_BITS)))
		return false;
	if (UNLIKELY((void *)(ports + 2) > packet->end || packet->length < packet->header_length + 2 * sizeof(*ports)))
		return false;
	packet->source_port = ports[0];
	packet->destination_port = ports[1];
	return true;
}

/* The rest of the TCP or UDP header, for a packet that is a listener's. */
REQUIRED enum outcome parse_transport(struct packet *packet)
{
	__u32 room = packet->length - packet->header_length;

	if (packet->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = packet->transport;

		if (UNLIKELY((void *)(tcp + 1) > packet->end || tcp->doff < 5 || tcp->doff * 4 > room))
			return MALFORMED;
		packet->tcp_flags = ((__u8 *)tcp)[13];
	} else {
		struct udphdr *udp = packet->transport;
		__u32 length;

		if (UNLIKELY((void *)(udp + 1) > packet->end))
			return MALFORMED;
		length = bpf_ntohs(udp->len);
		if (UNLIKELY(length < sizeof(*udp) || length > room))
			return MALFORMED;
		packet->tcp_flags = 0;
	}
	return CONTINUE;
}

#endif
