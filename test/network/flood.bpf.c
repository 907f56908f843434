/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flood and where its packets go. They are made at the switch's port to the director, which also sends what the
 * director forwards straight on to the servers' cables, and ends the director's answers to sources that do not exist; at
 * the servers' end a sink ends the rest before any TCP sees it. Everything else passes.
 */
#include "../../bench/generate.h"

#include <linux/ip.h>

/* What bench/generate.h's sources are of: 128.0.0.0/2. */
#define FLOOD_NETWORK 0x80000000U
#define FLOOD_MASK 0xc0000000U

enum {
	MAXIMUM_SERVERS = 16,
};

/* The switch's port to each server, by the last four bytes of the server's MAC address. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, MAXIMUM_SERVERS);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

/* Packets, over all servers and in answers. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} dropped SEC(".maps"), answered SEC(".maps");

struct job job;

/*
 * Under BPF_PROG_RUN with BPF_F_TEST_XDP_LIVE_FRAMES: sends what it makes out of the interface it is told. A frame that
 * the director shortened to a RST keeps that length when its page comes round again, unless this end changes it too: so
 * it is given some bytes more than it sends.
 */
SEC("xdp")
int inject(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_tail(ctx, FRAME_BYTES - (int)(ctx->data_end - ctx->data)))
		return XDP_ABORTED;
	return generate(ctx, &job, job.sent++) ? XDP_ABORTED : XDP_TX;
}

static __always_inline int is_flood(__be32 address)
{
	return (bpf_ntohl(address) & FLOOD_MASK) == FLOOD_NETWORK;
}

static __always_inline const struct iphdr *ip_of(struct xdp_md *ctx)
{
	const struct ethhdr *ethernet = (void *)(long)ctx->data;
	const struct iphdr *ip = (void *)(ethernet + 1);

	if ((void *)(ip + 1) > (void *)(long)ctx->data_end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return NULL;
	return ip;
}

static __always_inline int drop(void *counter)
{
	__u32 only = 0;
	__u64 *packets = bpf_map_lookup_elem(counter, &only);

	if (packets)
		++*packets;
	return XDP_DROP;
}

/* On the switch's port to the director. */
SEC("xdp.frags")
int uplink(struct xdp_md *ctx)
{
	const struct iphdr *ip = ip_of(ctx);

	if (!ip)
		return XDP_PASS;
	if (is_flood(ip->daddr))
		return drop(&answered);
	if (is_flood(ip->saddr))
		return bpf_redirect_map(&ports, *(const __u32 *)((void *)(long)ctx->data + 2), XDP_PASS);
	return XDP_PASS;
}

/* On a server's cable. */
SEC("xdp.frags")
int sink(struct xdp_md *ctx)
{
	const struct iphdr *ip = ip_of(ctx);

	return ip && is_flood(ip->saddr) ? drop(&dropped) : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
