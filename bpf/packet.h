/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_PACKET_H
#define XLVS_PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))
/* Whatever can refuse a packet. */
#define REQUIRED ALWAYS_INLINE __attribute__((warn_unused_result))
/* The verifier looks at it once and not on each way that leads there; a call costs some nanoseconds. */
#define GLOBAL __attribute__((noinline))

#define READ_ONCE(place) (*(const volatile __typeof__(place) *)&(place))
#define WRITE_ONCE(place, value) (*(volatile __typeof__(place) *)&(place) = (value))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#define IP_FRAGMENT_BITS 0x3fff /* more fragments, or an offset */
#define IP_OFFSET_BITS 0x1fff
#define IP_DONT_FRAGMENT 0x4000
#define IP_MORE_FRAGMENTS 0x2000
#define HOP_LIMIT 64 /* of what we send ourselves */

enum tcp_flag {
	TCP_FIN = 1,
	TCP_SYN = 2,
	TCP_RST = 4,
	TCP_ACK = 16,
};

/* What the parser found, in network order where the type says so. */
struct packet {
	struct ethhdr *ethernet;
	void *network; /* struct iphdr or ipv6hdr */
	void *transport;
	void *end; /* of the linear data */
	__be32 source; /* IPv4 */
	__be32 destination;
	struct address source6; /* IPv6 */
	struct address destination6;
	__be16 source_port;
	__be16 destination_port;
	__u32 length; /* of the IP packet */
	__u32 header_length; /* of the IP header, extension headers included */
	__u32 fragment_id;
	__be16 fragment; /* as in IPv4's header: more fragments, and the offset in eights */
	__u8 protocol;
	__u8 tcp_flags; /* enum tcp_flag; 0 for UDP */
	bool is_ipv6; /* a constant in each copy of the code */
	bool is_short; /* likewise: on the short way, where what is rare ends as START_OVER */
};

/* A flow and what is known of it so far. */
struct flow {
	union {
		__u64 key_word; /* struct connection_key */
		__u64 ports_word; /* of a struct wide_key, without own port and source */
	};
	__u64 client_words[2]; /* of a struct wide_key */
	__u64 route_word; /* struct server_route, of the server */
	__u32 first; /* line where its probe order starts */
	__u32 second; /* line where its other bucket starts */
	__u32 now; /* second, 32 bits of it */
	__u16 listener;
	__u16 service;
	__u16 server;
	__be16 own_port; /* full NAT's */
	__u8 source;
	__u8 protocol;
	__u8 tcp_flags;
	__u8 listener_flags; /* enum listener_flag */
	bool lacks_port; /* full NAT found none */
	bool is_wide; /* which table: a constant in each copy of the code */
	bool has_entry; /* else it goes by its hash alone */
	bool is_new; /* its entry was made for this packet */
	bool is_proven; /* its entry is not on probation */
};

union owner {
	struct connection_owner is;
	__u64 word;
};

/* A slot of either table by its number in it, and 1 (0: none), and the owner word that was read there. */
struct entry {
	__u64 number;
	union owner owner;
};

/* IPv4 as part of an IPv6 address (RFC 4291, 2.5.5.2). */
ALWAYS_INLINE struct address mapped(__be32 address)
{
	return (struct address){ .quads = { 0, 0, bpf_htonl(0xffff), address } };
}

/* Of an IPv6 header, in words as wide as they can be: by the struct's own alignment they would be read in halves. */
struct address_pair {
	struct address source;
	struct address destination;
};

ALWAYS_INLINE struct address_pair *addresses_in(struct ipv6hdr *ip)
{
	return (void *)ip + offsetof(struct ipv6hdr, saddr);
}

ALWAYS_INLINE bool same_address(const struct address *a, const struct address *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

ALWAYS_INLINE struct address source_of(const struct packet *packet)
{
	return packet->is_ipv6 ? packet->source6 : mapped(packet->source);
}

ALWAYS_INLINE struct address destination_of(const struct packet *packet)
{
	return packet->is_ipv6 ? packet->destination6 : mapped(packet->destination);
}

ALWAYS_INLINE bool has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

ALWAYS_INLINE bool is_fragment(const struct packet *packet)
{
	return packet->fragment & bpf_htons(IP_FRAGMENT_BITS);
}

ALWAYS_INLINE bool is_later_fragment(const struct packet *packet)
{
	return packet->fragment & bpf_htons(IP_OFFSET_BITS);
}

#endif
