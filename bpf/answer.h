/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ICMP errors that a router owes the sender of a packet: its time is over, or it is too big for the way ahead. */
#ifndef XLVS_ANSWER_H
#define XLVS_ANSWER_H

#include "checksum.h"
#include "clock.h"
#include "errand.h"
#include "icmp_header.h"
#include "leave.h"
#include "rewrite.h"

enum {
	QUOTED_IPV4 = 548, /* bytes: 576 in all (RFC 1812, 4.3.2.3) */
	QUOTED_IPV6 = 1232, /* 1280 in all (RFC 4443, 2.4) */
	ANSWERS_PER_SECOND = 1000, /* and processor (RFC 4443, 2.4 (f)) */
	LEAST_MTU_IPV6 = 1280,
};

struct budget {
	__u32 second;
	__u32 spent;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct budget);
} answer_budget SEC(".maps");

ALWAYS_INLINE bool may_answer(void)
{
	const __u32 only = 0;
	struct budget *budget = bpf_map_lookup_elem(&answer_budget, &only);
	__u32 now = second_of(bpf_ktime_get_coarse_ns());

	if (!budget)
		return false;
	if (budget->second != now)
		*budget = (struct budget){ .second = now };
	return budget->spent++ < ANSWERS_PER_SECOND;
}

/* The sum, folded, of `length` bytes of the frame from `offset` on. Global, so that the many ends of the loop are one. */
GLOBAL int sum_of_frame(struct xdp_md *ctx, __u32 offset, __u32 length)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 sum = 0;

	if (offset > sizeof(struct ethhdr) + sizeof(struct ipv6hdr) + sizeof(struct icmp_header))
		return 0;
	for (__u32 i = 0; i < QUOTED_IPV6 / 4; i++) {
		__be32 *word = data + offset + i * 4;

		if (i * 4 >= length || (void *)(word + 1) > end)
			break;
		sum += *word;
	}
	return folded(sum);
}

/* Makes room in front of the packet, which is cut to what is quoted of it; its length, or 0. */
ALWAYS_INLINE __u32 quote(struct xdp_md *ctx, __u32 length, __u32 most, int headers)
{
	__u32 quoted = (length < most ? length : most) & ~3U;
	struct ethhdr *ethernet, old;

	if ((void *)(long)ctx->data + sizeof(*ethernet) > (void *)(long)ctx->data_end)
		return 0;
	__builtin_memcpy(&old, (void *)(long)ctx->data, sizeof(old));
	if (bpf_xdp_adjust_tail(ctx, (int)(sizeof(old) + quoted) - (int)bpf_xdp_get_buff_len(ctx)))
		return 0;
	if (bpf_xdp_adjust_head(ctx, -headers))
		return 0;
	ethernet = (void *)(long)ctx->data;
	if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return 0;
	__builtin_memcpy(ethernet->h_dest, old.h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, old.h_dest, ETH_ALEN);
	ethernet->h_proto = old.h_proto;
	return quoted;
}

struct answer_ipv4 {
	struct iphdr ip;
	struct icmp_header icmp;
};

ALWAYS_INLINE int answer_over_ipv4(struct xdp_md *ctx, __u32 mtu)
{
	struct iphdr *stray = (void *)(long)ctx->data + sizeof(struct ethhdr);
	struct answer_ipv4 answer = {}, *place;
	struct interface *in;
	__u32 quoted, number;

	if ((void *)(stray + 1) > (void *)(long)ctx->data_end)
		return -1;
	in = interface_of(ctx->ingress_ifindex, &number);
	answer.ip.version = 4;
	answer.ip.ihl = sizeof(answer.ip) / 4;
	answer.ip.ttl = HOP_LIMIT;
	answer.ip.protocol = IPPROTO_ICMP;
	answer.ip.saddr = in && in->address ? in->address : stray->daddr;
	answer.ip.daddr = stray->saddr;
	answer.icmp.type = mtu ? ICMP_DEST_UNREACH : ICMP_TIME_EXCEEDED;
	answer.icmp.code = mtu ? ICMP_FRAG_NEEDED : 0;
	answer.icmp.rest = bpf_htonl(mtu);
	quoted = quote(ctx, bpf_ntohs(stray->tot_len), QUOTED_IPV4, sizeof(answer));
	if (!quoted)
		return -1;
	answer.ip.tot_len = bpf_htons(sizeof(answer) + quoted);
	answer.ip.check = ~folded(sum_of((const __be16 *)&answer.ip, sizeof(answer.ip) / 2));
	answer.icmp.checksum = ~folded(sum_of((const __be16 *)&answer.icmp, sizeof(answer.icmp) / 2) +
				       sum_of_frame(ctx, sizeof(struct ethhdr) + sizeof(answer), quoted));
	place = (void *)(long)ctx->data + sizeof(struct ethhdr);
	if ((void *)(place + 1) > (void *)(long)ctx->data_end)
		return -1;
	*place = answer;
	return 0;
}

struct answer_ipv6 {
	struct ipv6hdr ip;
	struct icmp_header icmp;
};

ALWAYS_INLINE int answer_over_ipv6(struct xdp_md *ctx, __u32 mtu)
{
	struct ipv6hdr *stray = (void *)(long)ctx->data + sizeof(struct ethhdr);
	struct answer_ipv6 answer = {}, *place;
	struct interface *in;
	__u32 quoted, number;
	__u64 sum;

	if ((void *)(stray + 1) > (void *)(long)ctx->data_end)
		return -1;
	in = interface_of(ctx->ingress_ifindex, &number);
	answer.ip.version = 6;
	answer.ip.nexthdr = IPPROTO_ICMPV6;
	answer.ip.hop_limit = HOP_LIMIT;
	answer.ip.saddr = stray->daddr;
	if (in && (in->address6.words[0] || in->address6.words[1]))
		__builtin_memcpy(&answer.ip.saddr, &in->address6, sizeof(answer.ip.saddr));
	answer.ip.daddr = stray->saddr;
	answer.icmp.type = mtu ? ICMPV6_PKT_TOOBIG : ICMPV6_TIME_EXCEED;
	answer.icmp.rest = bpf_htonl(mtu);
	quoted = quote(ctx, bpf_ntohs(stray->payload_len) + sizeof(*stray), QUOTED_IPV6, sizeof(answer));
	if (!quoted)
		return -1;
	answer.ip.payload_len = bpf_htons(sizeof(answer.icmp) + quoted);
	sum = pseudo_sum((struct address *)&answer.ip.saddr, (struct address *)&answer.ip.daddr,
			 sizeof(answer.icmp) + quoted, IPPROTO_ICMPV6);
	sum += sum_of((const __be16 *)&answer.icmp, sizeof(answer.icmp) / 2);
	sum += sum_of_frame(ctx, sizeof(struct ethhdr) + sizeof(answer), quoted);
	answer.icmp.checksum = ~folded(sum);
	place = (void *)(long)ctx->data + sizeof(struct ethhdr);
	if ((void *)(place + 1) > (void *)(long)ctx->data_end)
		return -1;
	*place = answer;
	return 0;
}

/* Turns the packet into the error about itself, for its sender, who is where it came from. 0: done. Global: it is rare. */
GLOBAL int send_icmp(struct xdp_md *ctx, const struct icmp_answer *what)
{
	if (!what)
		return -1;
	return what->is_ipv6 ? answer_over_ipv6(ctx, what->mtu) : answer_over_ipv4(ctx, what->mtu);
}

/* What answer_with_icmp() asked for. */
ALWAYS_INLINE enum outcome answer(struct xdp_md *ctx)
{
	struct errand *errand = the_errand();

	return errand && !send_icmp(ctx, &errand->answer) ? ICMP_SENT : ICMP_WITHHELD;
}

/* Has the packet answered with an error; `mtu` 0: its time is over. */
REQUIRED enum outcome answer_with_icmp(const struct packet *packet, __u32 mtu)
{
	struct errand *errand;

	if (packet->is_short)
		return START_OVER;
	errand = the_errand();
	/* Nothing is said of later fragments, of ICMP errors, and to nobody (RFC 1122, 3.2.2). */
	if (!errand || !is_host(packet) || is_later_fragment(packet) || !has_ports(packet->protocol) || !may_answer())
		return ICMP_WITHHELD;
	errand->answer = (struct icmp_answer){ .mtu = mtu, .is_ipv6 = packet->is_ipv6 };
	return ANSWER;
}

#endif
