/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The next hop of a reply to its client: the router's entry for routed clients. For clients on the link, and where the
 * controller's list does not say, the kernel's own tables (a FIB lookup), and where the kernel has no MAC address, because it
 * never sees the requests, the one that the client itself came from.
 */
#ifndef XLVS_HOPS_H
#define XLVS_HOPS_H

#include "errand.h"
#include "leave.h"
#include "maps.h"
#include "packet.h"
#include "server.h"

enum {
	OF_IPV4 = 2, /* AF_INET */
	OF_IPV6 = 10, /* AF_INET6 */
};

struct link_client {
	__u8 mac[6];
	__u16 zero;
	__u32 ifindex;
};

/* Clients on the link, by address: where they were when they last came. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct address);
	__type(value, struct link_client);
} clients_on_link SEC(".maps");

ALWAYS_INLINE bool is_in(const struct hop *hop, const struct address *address, bool is_ipv6)
{
	if (!is_ipv6)
		return ((address->quads[3] ^ hop->network.quads[3]) & hop->mask.quads[3]) == 0;
	return ((address->words[0] ^ hop->network.words[0]) & hop->mask.words[0]) == 0 &&
	       ((address->words[1] ^ hop->network.words[1]) & hop->mask.words[1]) == 0;
}

/* The route to a client, struct server_route in one word; without SERVER_REACHABLE: the kernel knows better. */
ALWAYS_INLINE __u64 hop_to(const struct address *client, bool is_ipv6)
{
	const __u32 only = 0;
	const struct settings *now = bpf_map_lookup_elem(&settings, &only);
	__u32 index = now ? READ_ONCE(now->hops) + is_ipv6 : 0;
	const struct hops *list = bpf_map_lookup_elem(&hops, &index);

	if (!list)
		return 0;
	for (__u32 i = 0; i < MAXIMUM_HOPS && i < list->count; i++)
		if (is_in(&list->hops[i], client, is_ipv6))
			return READ_ONCE(list->hops[i].route_word);
	return 0;
}

/* Remembers where a client on the link is. Global: once a second and flow. */
GLOBAL int remember_client(struct xdp_md *ctx, bool is_ipv6)
{
	struct link_client here = { .ifindex = ctx->ingress_ifindex };
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip6 = (void *)(ethernet + 1);
	struct iphdr *ip = (void *)(ethernet + 1);
	struct address client;

	if (is_ipv6) {
		if ((void *)(ip6 + 1) > end)
			return -1;
		__builtin_memcpy(&client, &ip6->saddr, sizeof(client));
	} else {
		if ((void *)(ip + 1) > end)
			return -1;
		client = mapped(ip->saddr);
	}
	if (flags_of(hop_to(&client, is_ipv6)) & SERVER_REACHABLE)
		return 0;
	__builtin_memcpy(here.mac, ethernet->h_source, ETH_ALEN);
	return bpf_map_update_elem(&clients_on_link, &client, &here, BPF_ANY);
}

ALWAYS_INLINE bool came_from(struct asked_way *way)
{
	const struct link_client *client = bpf_map_lookup_elem(&clients_on_link, &way->destination);
	struct interface *out;
	__u32 number;

	if (!client)
		return false;
	out = interface_of(client->ifindex, &number);
	if (!out)
		return false;
	way->ifindex = client->ifindex;
	__builtin_memcpy(way->mac_to, client->mac, ETH_ALEN);
	__builtin_memcpy(way->mac_from, out->mac, ETH_ALEN);
	return true;
}

/* 0: `way` says where the reply goes. Global: it is rare, and has much on its stack. */
GLOBAL int ask_kernel(struct xdp_md *ctx, struct asked_way *way)
{
	struct bpf_fib_lookup fib = {};
	long answer;

	if (!way)
		return -1;
	fib.family = way->is_ipv6 ? OF_IPV6 : OF_IPV4;
	fib.l4_protocol = way->protocol;
	fib.tot_len = way->length;
	fib.ifindex = ctx->ingress_ifindex;
	if (way->is_ipv6) {
		__builtin_memcpy(fib.ipv6_src, &way->source, sizeof(fib.ipv6_src));
		__builtin_memcpy(fib.ipv6_dst, &way->destination, sizeof(fib.ipv6_dst));
	} else {
		fib.ipv4_src = way->source.quads[3];
		fib.ipv4_dst = way->destination.quads[3];
	}
	answer = bpf_fib_lookup(ctx, &fib, sizeof(fib), 0);
	if (answer == BPF_FIB_LKUP_RET_FRAG_NEEDED) {
		way->mtu = fib.mtu_result;
		return -1;
	}
	if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return came_from(way) ? 0 : -1;
	way->ifindex = fib.ifindex;
	__builtin_memcpy(way->mac_to, fib.dmac, ETH_ALEN);
	__builtin_memcpy(way->mac_from, fib.smac, ETH_ALEN);
	return 0;
}

#endif
