/* SPDX-License-Identifier: Apache-2.0 */
/* What a benchmark asks of the generator programs. */
#ifndef XLVS_BENCH_JOB_H
#define XLVS_BENCH_JOB_H

#include <linux/types.h>

#include "../bpf/abi.h"

enum job_limit {
	PACKETS_PER_CHUNK = 512, /* the clock is read once a chunk */
	MAXIMUM_CHUNKS = 8192, /* a power of two */
	FRAME_BYTES = 64,
	FRAME_BYTES_IPV6 = 84, /* its header is 20 bytes longer */
	SERVERS = 3,
};

enum tcp_bits {
	SYN = 2,
	ACK = 16,
};

/* Which flow a packet belongs to. */
enum job_order {
	IN_TURN, /* client number first, first + 1, … */
	AT_RANDOM, /* any of the flows */
};

struct job {
	__u64 sent; /* packets so far; the generator counts */
	__u64 salt; /* makes one random sequence differ from another */
	__u32 first; /* client number of the first flow */
	__u32 flows; /* for AT_RANDOM: a power of two */
	__u32 order; /* enum job_order */
	__u32 packets_each; /* 1 or 2 in a row for each flow */
	__u8 flags[2]; /* TCP flags of a flow's first and second packet */
	__u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	__u8 is_ipv6;
	__u8 are_replies; /* from the servers, which the flows have in turn, to the clients */
	__u8 zero;
	__be16 service_port; /* the VIP's, or the servers' for replies */
	struct address vip;
	struct address first_server; /* the others' addresses follow it */
	__u64 stations[2]; /* the frame's first 12 bytes: MAC addresses of destination and source */
};

#endif
