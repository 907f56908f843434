/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends, and what: addresses, keys, and frames that a CPU takes on their whole journey. */
#ifndef XLVS_CLIENTS_H
#define XLVS_CLIENTS_H

#include "userspace.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Clients; each has one flow. */
enum {
	ANNA = 1,
	BEN = 2,
	ANNA_AND_BEN = 3, /* nobody: the first half of Anna's address and the second one of Ben's */
	BEN_AND_ANNA = 4,
	NEIGHBOUR = 5, /* Ben's: the first half of the address is his */
	SETTLED = 6, /* the first of those who were there before */
	CLIENTS = SETTLED + SLOTS,
};

/* What flows are like, and with it, which table they are in. */
struct manner {
	const char *name;
	bool is_wide;
	bool is_ipv6;
	__u8 listener_flags;
	__u8 endpoint_flags; /* 0: replies don't come by */
	__u8 server_flags;
};

static const struct manner manners[] = {
	{ "narrow", false, false, 0, 0, 0 },
	{ "IPv6", true, true, 0, 0, 0 },
	{ "IPv6, NAT", true, true, 0, ENDPOINT_WIDE, SERVER_NAT },
	{ "full NAT", true, false, LISTENER_WIDE, ENDPOINT_FULL, SERVER_NAT | SERVER_TUNNEL },
	{ "IPv6, full NAT", true, true, 0, ENDPOINT_FULL, SERVER_NAT | SERVER_TUNNEL },
};

/* A slot's key without what it has of ours, as words: one of them, or three. */
struct key {
	__u64 words[3];
};

enum {
	THE_PORT = 0x5000, /* 80, network order */
	THE_VIP = 0x0100000a, /* 10.0.0.1 */
	OUR_ADDRESS = 0x0900000a,
	FRAME_BYTES = 128,
	FRAME_START = 2, /* so that IP headers are aligned */
};

static const struct manner *manner;
static struct address addresses[CLIENTS];
static struct key keys[CLIENTS];
static char *frames; /* one for each actor, where 32 bits reach */

static struct address address_in(__be32 ipv4)
{
	return manner->is_ipv6 ? (struct address){ .quads = { bpf_htonl(0x20010db8), 0, 0, ipv4 } } : mapped(ipv4);
}

/* Narrow flows differ in their ports too; wide ones have the same, so that only `check` keeps two apart that are mixed. */
static __be16 port_of_client(int client)
{
	return manner->is_wide ? bpf_htons(1000) : client;
}

static struct packet packet_of(int client)
{
	return (struct packet){
		.source = addresses[client].quads[3],
		.source6 = addresses[client],
		.source_port = port_of_client(client),
		.destination = THE_VIP,
		.destination6 = address_in(THE_VIP),
		.destination_port = THE_PORT,
		.protocol = IPPROTO_TCP,
		.is_ipv6 = manner->is_ipv6,
	};
}

static struct flow flow_of(int client)
{
	struct flow flow = { .is_wide = manner->is_wide };
	struct packet packet = packet_of(client);

	locate(&flow, &packet);
	return flow;
}

static void note_key(int client)
{
	struct flow flow = flow_of(client);

	keys[client] = (struct key){ { flow.ports_word, flow.client_words[0], flow.client_words[1] } };
	if (!manner->is_wide)
		memset(&keys[client].words[1], 0, 2 * sizeof(__u64));
}

static struct key key_in(int number)
{
	const void *slot = slot_numbered(number);
	const struct wide_slot *wide = slot;

	if (!is_wide)
		return (struct key){ { ((const struct connection_slot *)slot)->key_word } };
	return (struct key){ { wide->key.ports_word & word_of_ports(asked_ports), wide->key.client_words[0],
			       wide->key.client_words[1] } };
}

/* Whose key the slot bears; 0: nobody's. */
static int client_in(int number)
{
	struct key key = key_in(number);

	for (int client = ANNA; client < CLIENTS; client++)
		if (!memcmp(&keys[client], &key, sizeof(key)))
			return client;
	return 0;
}

/* True when the client's flow looks for its slots from line 0 on, as all do where the seeds are 0. */
static bool begins_in_front(int client)
{
	struct flow flow = flow_of(client);

	return flow.first == 0 && flow.second == 2;
}

/* True when the flow's hash leads to the server that Anna's entries name. */
static bool is_hashed_to_first(int client)
{
	struct packet packet = packet_of(client);

	return !(flow_hash(&packet) >> 31);
}

static bool has_same_check(int client, int other)
{
	return keys[client].words[0] >> 56 == keys[other].words[0] >> 56;
}

static void mix_addresses(void)
{
	addresses[ANNA_AND_BEN] = (struct address){ .words = { addresses[ANNA].words[0], addresses[BEN].words[1] } };
	addresses[BEN_AND_ANNA] = (struct address){ .words = { addresses[BEN].words[0], addresses[ANNA].words[1] } };
	addresses[NEIGHBOUR].words[0] = addresses[BEN].words[0];
	for (int client = ANNA_AND_BEN; client <= NEIGHBOUR; client++)
		note_key(client);
}

/* Addresses whose flows look for slots in one order, and go to one server by their hashes; and whose checks differ. */
static void find_addresses(void)
{
	for (int client = ANNA; client < CLIENTS; client++) {
		__u32 host = 0x01000000 + client * 0x1000;

		do {
			addresses[client] = address_in(bpf_htonl(host++));
			addresses[client].quads[1] |= manner->is_ipv6 ? client : 0;
			note_key(client);
		} while (client < SETTLED && !(begins_in_front(client) && is_hashed_to_first(client)));
	}
	if (manner->is_ipv6)
		mix_addresses();
	for (int client = BEN; manner->is_ipv6 && client <= NEIGHBOUR; client++) {
		for (int other = ANNA; other < client; other++)
			if (has_same_check(client, other))
				abort(); /* one time in a dozen: other seeds will do */
	}
}

/* Constants are set when a program is loaded. The compiler must not know that these are some. */
static void set_seeds(const __u64 seeds[3])
{
	uintptr_t place = (uintptr_t)identity.seeds;

	__asm__("" : "+r"(place));
	if (mprotect((void *)(place & ~4095UL), 2 * 4096, PROT_READ | PROT_WRITE))
		abort();
	memcpy((void *)place, seeds, sizeof(identity.seeds));
}

static void choose_manner(const struct manner *one)
{
	static const __u64 seeds[2][3] = { { 0 }, { 0x243f6a8885a308d3, 0x13198a2e03707345, 0xa4093822299f31d1 } };

	if (!frames)
		frames = mmap(NULL, MAXIMUM_ACTORS * FRAME_BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (frames == MAP_FAILED)
		abort();
	manner = one;
	is_wide = one->is_wide;
	set_seeds(seeds[is_wide]);
	find_addresses();
}

/* --- frames --- */

static struct ethhdr *frame_of(int actor)
{
	return (struct ethhdr *)(frames + actor * FRAME_BYTES + FRAME_START);
}

static __u32 ip_length(void)
{
	return manner->is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

/* Source and destination port of an actor's frame. */
static __be16 *ports_in(int actor)
{
	return (__be16 *)((char *)(frame_of(actor) + 1) + ip_length());
}

static struct address destination_in(int actor)
{
	const struct iphdr *ip = (struct iphdr *)(frame_of(actor) + 1);
	const struct ipv6hdr *ip6 = (struct ipv6hdr *)ip;
	struct address address;

	if (!manner->is_ipv6)
		return mapped(ip->daddr);
	memcpy(&address, &ip6->daddr, sizeof(address));
	return address;
}

static void write_ip(int actor, const struct address *from, const struct address *to, __u8 protocol, __u32 length)
{
	struct iphdr *ip = (struct iphdr *)(frame_of(actor) + 1);
	struct ipv6hdr *ip6 = (struct ipv6hdr *)ip;

	if (!manner->is_ipv6) {
		*ip = (struct iphdr){ .version = 4, .ihl = 5, .ttl = 64, .protocol = protocol };
		ip->tot_len = bpf_htons(sizeof(*ip) + length);
		ip->saddr = from->quads[3];
		ip->daddr = to->quads[3];
		return;
	}
	*ip6 = (struct ipv6hdr){ .version = 6, .hop_limit = 64, .nexthdr = protocol, .payload_len = bpf_htons(length) };
	memcpy(&ip6->saddr, from, sizeof(*from));
	memcpy(&ip6->daddr, to, sizeof(*to));
}

/* The frame takes its journey; what became of it is in outcome_for and in the frame. */
static void travel(int actor, const struct address *from, const struct address *to, const __be16 ports[2], __u8 flags,
		   bool is_udp)
{
	struct tcphdr *tcp = (struct tcphdr *)ports_in(actor);
	struct udphdr *udp = (struct udphdr *)tcp;
	__u32 length = is_udp ? sizeof(*udp) : sizeof(*tcp);
	struct xdp_md ctx = { .ingress_ifindex = THE_INTERFACE };

	*frame_of(actor) = (struct ethhdr){ .h_proto = bpf_htons(manner->is_ipv6 ? ETH_P_IPV6 : ETH_P_IP) };
	write_ip(actor, from, to, is_udp ? IPPROTO_UDP : IPPROTO_TCP, length);
	if (is_udp) {
		*udp = (struct udphdr){ .len = bpf_htons(length) };
	} else {
		*tcp = (struct tcphdr){ .doff = 5 };
		((__u8 *)tcp)[13] = flags;
	}
	memcpy(ports_in(actor), ports, 2 * sizeof(__be16));
	ctx.data = (__u32)(uintptr_t)frame_of(actor);
	ctx.data_end = ctx.data + sizeof(struct ethhdr) + ip_length() + length;
	/* Nothing of an errand lives longer than a packet, but what the short way says to the long one: here there is none. */
	memset(&errand_of[actor], 0xa5, sizeof(errand_of[actor]));
	errand_of[actor].is_handed_over = false;
	director(&ctx);
}

#endif
