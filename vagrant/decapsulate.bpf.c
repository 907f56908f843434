/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a tunnel on a real server whose kernel has no ipip or ip6tnl, as L3 DSR hosts have one: takes off an outer IPv4 or
 * IPv6 header that is addressed to the server, and leaves the packet within to the kernel. As strict as that kernel would be
 * about the outer header, so that a wrong one is not forgiven here.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum {
	FRAGMENT_MASK = 0x3fff, /* more fragments, and the offset */
	MAXIMUM_ADDRESSES = 16,
	SHORTEST_WORDS = 5,
	LONGEST_WORDS = 15,
};

/* The server's own, IPv4 as ::ffff:a.b.c.d. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAXIMUM_ADDRESSES);
	__type(key, struct in6_addr);
	__type(value, __u8);
} addresses SEC(".maps");

struct outer {
	struct in6_addr to;
	__u32 bytes; /* of the header */
	__u32 total; /* with what it carries */
	__u8 protocol;
	bool sound;
};

/* Whether a header's checksum is right (RFC 1071). */
static __always_inline bool sums_up(struct xdp_md *ctx, __u32 words)
{
	__be32 header[LONGEST_WORDS] = {};
	__u64 sum;

	if (words < SHORTEST_WORDS || words > LONGEST_WORDS)
		return false;
	if (bpf_xdp_load_bytes(ctx, sizeof(struct ethhdr), header, words * sizeof(*header)))
		return false;
	sum = (__u32)bpf_csum_diff(NULL, 0, header, sizeof(header), 0);
	for (int i = 0; i < 2; i++)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static __always_inline bool read_ipv4(struct xdp_md *ctx, const struct iphdr *ip, struct outer *outer)
{
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end || ip->version != 4 || ip->ihl < SHORTEST_WORDS)
		return false;
	outer->to.s6_addr32[2] = bpf_htonl(0xffff);
	outer->to.s6_addr32[3] = ip->daddr;
	outer->bytes = ip->ihl * 4;
	outer->total = bpf_ntohs(ip->tot_len);
	outer->protocol = ip->protocol;
	outer->sound = sums_up(ctx, ip->ihl) && ip->ttl > 0 && !(ip->frag_off & bpf_htons(FRAGMENT_MASK));
	return true;
}

static __always_inline bool read_ipv6(struct xdp_md *ctx, const struct ipv6hdr *ip, struct outer *outer)
{
	if ((void *)(ip + 1) > (void *)(long)ctx->data_end || ip->version != 6)
		return false;
	outer->to = ip->daddr;
	outer->bytes = sizeof(*ip);
	outer->total = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	outer->protocol = ip->nexthdr;
	outer->sound = ip->hop_limit > 0;
	return true;
}

static __always_inline bool read_outer(struct xdp_md *ctx, struct ethhdr *ethernet, struct outer *outer)
{
	const struct ethhdr *there = (void *)(long)ctx->data;

	if ((void *)(there + 1) > (void *)(long)ctx->data_end)
		return false;
	*ethernet = *there;
	switch (there->h_proto) {
	case bpf_htons(ETH_P_IP):
		return read_ipv4(ctx, (const void *)(there + 1), outer);
	case bpf_htons(ETH_P_IPV6):
		return read_ipv6(ctx, (const void *)(there + 1), outer);
	default:
		return false;
	}
}

SEC("xdp.frags")
int decapsulate(struct xdp_md *ctx)
{
	struct ethhdr ethernet, *there;
	struct outer outer = {};

	if (!read_outer(ctx, &ethernet, &outer))
		return XDP_PASS;
	if (outer.protocol != IPPROTO_IPIP && outer.protocol != IPPROTO_IPV6)
		return XDP_PASS;
	if (!bpf_map_lookup_elem(&addresses, &outer.to))
		return XDP_PASS;
	if (!outer.sound || sizeof(ethernet) + outer.total != bpf_xdp_get_buff_len(ctx))
		return XDP_DROP;
	if (bpf_xdp_adjust_head(ctx, outer.bytes))
		return XDP_DROP;
	there = (void *)(long)ctx->data;
	if ((void *)(there + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	*there = ethernet;
	there->h_proto = outer.protocol == IPPROTO_IPIP ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
