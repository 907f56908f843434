/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_PACKET_H
#define XLVS_PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))
/* Whatever can refuse a packet. */
#define REQUIRED ALWAYS_INLINE __attribute__((warn_unused_result))

#define READ_ONCE(place) (*(const volatile __typeof__(place) *)&(place))
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

enum tcp_flag {
	TCP_FIN = 1,
	TCP_SYN = 2,
	TCP_RST = 4,
	TCP_ACK = 16,
};

/* What the parser found, in network order where the type says so. */
struct packet {
	struct ethhdr *ethernet;
	struct iphdr *ip;
	void *transport;
	void *end; /* of the linear data */
	__be32 source;
	__be32 destination;
	__be16 source_port;
	__be16 destination_port;
	__u16 length; /* IPv4 total length */
	__u16 header_length; /* of the IPv4 header */
	__u8 protocol;
	__u8 tcp_flags; /* enum tcp_flag; 0 for UDP */
};

/* A flow and what is known of it so far. */
struct flow {
	__u64 key_word; /* struct connection_key */
	__u32 first; /* line where its probe order starts */
	__u32 second; /* line where its other bucket starts */
	__u32 now; /* second, 32 bits of it */
	__u64 route_word; /* struct server_route, of the server */
	__u16 listener;
	__u16 service;
	__u16 server;
	bool has_entry; /* else it goes by its hash alone */
	bool is_new; /* its entry was made for this packet */
};

#endif
