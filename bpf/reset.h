/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_RESET_H
#define XLVS_RESET_H

#include "checksum.h"
#include "packet.h"
#include "rewrite.h"

/* What is known of a stray segment, without pointers into it. */
struct stray_segment {
	struct address source; /* IPv4 mapped */
	struct address destination;
	__u32 length; /* of the packet */
	__u32 header_length;
	bool is_ipv6;
};

/* The segment that RFC 9293 (3.10.7.1) answers a stray one with: RST at its ACK, or RST and ACK of what it carried. */
ALWAYS_INLINE void answer_segment(const struct tcphdr *stray, __u32 room, struct tcphdr *answer)
{
	__u32 carried = room - stray->doff * 4 + stray->syn + stray->fin;

	answer->source = stray->dest;
	answer->dest = stray->source;
	answer->doff = sizeof(*answer) / 4;
	answer->rst = 1;
	if (stray->ack) {
		answer->seq = stray->ack_seq;
	} else {
		answer->ack = 1;
		answer->ack_seq = bpf_htonl(bpf_ntohl(stray->seq) + carried);
	}
}

ALWAYS_INLINE void answer_ipv4(const struct stray_segment *stray, struct iphdr *answer)
{
	answer->version = 4;
	answer->ihl = sizeof(*answer) / 4;
	answer->tot_len = bpf_htons(sizeof(*answer) + sizeof(struct tcphdr));
	answer->frag_off = bpf_htons(IP_DONT_FRAGMENT);
	answer->ttl = HOP_LIMIT;
	answer->protocol = IPPROTO_TCP;
	answer->saddr = stray->destination.quads[3];
	answer->daddr = stray->source.quads[3];
	answer->check = ~folded(sum_of((const __be16 *)answer, sizeof(*answer) / 2));
}

ALWAYS_INLINE void answer_ipv6(const struct stray_segment *stray, struct ipv6hdr *answer)
{
	answer->version = 6;
	answer->payload_len = bpf_htons(sizeof(struct tcphdr));
	answer->nexthdr = IPPROTO_TCP;
	answer->hop_limit = HOP_LIMIT;
	__builtin_memcpy(&answer->saddr, &stray->destination, sizeof(answer->saddr));
	__builtin_memcpy(&answer->daddr, &stray->source, sizeof(answer->daddr));
}

/* Writes the answer over the stray segment, which is cut to its length. */
ALWAYS_INLINE bool write_answer(struct xdp_md *ctx, const void *ip, __u32 ip_length, const struct tcphdr *segment)
{
	const int length = sizeof(struct ethhdr) + ip_length + sizeof(*segment);
	struct ethhdr *ethernet;
	__u8 sender[ETH_ALEN];

	if (bpf_xdp_adjust_tail(ctx, length - (int)bpf_xdp_get_buff_len(ctx)))
		return false;
	ethernet = (void *)(long)ctx->data;
	if ((void *)ethernet + length > (void *)(long)ctx->data_end)
		return false;
	__builtin_memcpy(sender, ethernet->h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, ethernet->h_dest, ETH_ALEN);
	__builtin_memcpy(ethernet->h_dest, sender, ETH_ALEN);
	__builtin_memcpy(ethernet + 1, ip, ip_length);
	__builtin_memcpy((void *)(ethernet + 1) + ip_length, segment, sizeof(*segment));
	return true;
}

/* Turns the stray segment round into a RST for its sender, who is where it came from. 0: done. Global: it is rare. */
GLOBAL int send_reset(struct xdp_md *ctx, const struct stray_segment *stray)
{
	struct tcphdr segment = {}, *old;
	struct ipv6hdr ip6 = {};
	struct iphdr ip = {};
	__u64 sum;

	if (!stray)
		return -1;
	old = (void *)(long)ctx->data + sizeof(struct ethhdr) + (stray->header_length & 1023);
	if ((void *)(old + 1) > (void *)(long)ctx->data_end)
		return -1;
	answer_segment(old, stray->length - stray->header_length, &segment);
	sum = sum_of((const __be16 *)&segment, sizeof(segment) / 2);
	if (stray->is_ipv6) {
		sum += pseudo_sum(&stray->source, &stray->destination, sizeof(segment), IPPROTO_TCP);
		segment.check = ~folded(sum);
		answer_ipv6(stray, &ip6);
		return write_answer(ctx, &ip6, sizeof(ip6), &segment) ? 0 : -1;
	}
	sum += pseudo_sum4(stray->source.quads[3], stray->destination.quads[3], sizeof(segment), IPPROTO_TCP);
	segment.check = ~folded(sum);
	answer_ipv4(stray, &ip);
	return write_answer(ctx, &ip, sizeof(ip), &segment) ? 0 : -1;
}

ALWAYS_INLINE struct stray_segment stray_segment_of(const struct packet *packet)
{
	return (struct stray_segment){
		.source = source_of(packet),
		.destination = destination_of(packet),
		.length = packet->length,
		.header_length = packet->header_length,
		.is_ipv6 = packet->is_ipv6,
	};
}

REQUIRED enum outcome answer_with_reset(struct xdp_md *ctx, const struct packet *packet)
{
	struct stray_segment stray;

	if (packet->is_short)
		return START_OVER;
	stray = stray_segment_of(packet);
	return send_reset(ctx, &stray) ? STRAY : RESET_SENT;
}

#endif
