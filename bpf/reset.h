/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_RESET_H
#define XLVS_RESET_H

#include "packet.h"

#define IP_DONT_FRAGMENT 0x4000

struct reset_packet {
	struct iphdr ip;
	struct tcphdr tcp;
};

/* The Internet checksum (RFC 1071) of `words` 16-bit words, added to `sum`. */
ALWAYS_INLINE __u16 checksum(const __be16 *data, __u32 words, __u32 sum)
{
#pragma unroll
	for (__u32 i = 0; i < words; i++)
		sum += data[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The segment that RFC 9293 (3.10.7.1) answers a stray one with: RST at its ACK, or RST and ACK of what it carried. */
ALWAYS_INLINE void answer_segment(const struct packet *packet, struct tcphdr *answer)
{
	const struct tcphdr *stray = packet->transport;
	__u32 carried = packet->length - packet->header_length - stray->doff * 4 + stray->syn + stray->fin;

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

ALWAYS_INLINE void answer_header(const struct packet *packet, struct iphdr *answer)
{
	answer->version = 4;
	answer->ihl = sizeof(*answer) / 4;
	answer->tot_len = bpf_htons(sizeof(struct reset_packet));
	answer->frag_off = bpf_htons(IP_DONT_FRAGMENT);
	answer->ttl = 64;
	answer->protocol = IPPROTO_TCP;
	answer->saddr = packet->destination;
	answer->daddr = packet->source;
	answer->check = checksum((const __be16 *)answer, sizeof(*answer) / 2, 0);
}

/* TCP's pseudo-header, unfolded. */
ALWAYS_INLINE __u32 pseudo_sum(const struct iphdr *ip)
{
	return (ip->saddr & 0xffff) + (ip->saddr >> 16) + (ip->daddr & 0xffff) + (ip->daddr >> 16) +
	       bpf_htons(IPPROTO_TCP) + bpf_htons(sizeof(struct tcphdr));
}

/* RFC 1122 (4.2.3.10): nothing is answered that no single host can have sent. */
ALWAYS_INLINE bool is_host(__be32 address)
{
	__u8 first = bpf_ntohl(address) >> 24;

	return first && first != 127 && first < 224;
}

/* Turns the stray segment round into a RST for its sender, who is where it came from. */
REQUIRED enum outcome answer_with_reset(struct xdp_md *ctx, const struct packet *packet)
{
	const int length = sizeof(struct ethhdr) + sizeof(struct reset_packet);
	struct reset_packet answer = {};
	struct ethhdr *ethernet;
	__u8 sender[ETH_ALEN];

	answer_header(packet, &answer.ip);
	answer_segment(packet, &answer.tcp);
	answer.tcp.check = checksum((const __be16 *)&answer.tcp, sizeof(answer.tcp) / 2, pseudo_sum(&answer.ip));
	if (bpf_xdp_adjust_tail(ctx, length - (int)bpf_xdp_get_buff_len(ctx)))
		return STRAY;
	ethernet = (void *)(long)ctx->data;
	if ((void *)ethernet + length > (void *)(long)ctx->data_end)
		return STRAY;
	__builtin_memcpy(sender, ethernet->h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, ethernet->h_dest, ETH_ALEN);
	__builtin_memcpy(ethernet->h_dest, sender, ETH_ALEN);
	__builtin_memcpy(ethernet + 1, &answer, sizeof(answer));
	return RESET_SENT;
}

#endif
