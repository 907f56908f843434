/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the frames of a job, every header byte of them, whatever the buffer held before. */
#ifndef XLVS_BENCH_GENERATE_H
#define XLVS_BENCH_GENERATE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "job.h"

#define IP_BYTES (FRAME_BYTES - (int)sizeof(struct ethhdr))
#define TRANSPORT_BYTES (IP_BYTES - 20)
#define DONT_FRAGMENT 0x4000

/* A number that looks random, another one for each `value` (splitmix64). */
static __always_inline __u64 scatter(__u64 value)
{
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

/* The client number that the job's next packet comes from; `turn` is how many it sent before it. */
static __always_inline __u32 client_of(const struct job *job, __u64 turn)
{
	__u64 flow = job->packets_each == 2 ? turn >> 1 : turn;

	if (job->order == IN_TURN)
		return job->first + flow;
	return job->first + (scatter(flow + job->salt) & (job->flows - 1));
}

/*
 * Fields are stored in groups as wide as anybody might load them: a load that needs two stores still under way would
 * wait for both, which no frame from a NIC makes it do.
 */
static __always_inline void store16(void *frame, int offset, __u16 value)
{
	*(__u16 *)(frame + offset) = value;
}

static __always_inline void store32(void *frame, int offset, __u32 value)
{
	*(__u32 *)(frame + offset) = value;
}

static __always_inline void store64(void *frame, int offset, __u64 value)
{
	*(__u64 *)(frame + offset) = value;
}

static __always_inline void write_ethernet(void *frame, const struct job *job)
{
	store64(frame, 0, job->stations[0]);
	store32(frame, 8, job->stations[1]);
	store16(frame, 12, job->is_ipv6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP));
}

/* A client, and the VIP or server that it talks to; in host order where nothing else is said. */
struct ends {
	__u64 farther[2]; /* struct address in network order */
	__u32 client; /* the last 32 bits of its address */
	__u16 client_port;
	__u16 farther_port;
};

/* IPv4's header. */
static __always_inline void write_ipv4(void *frame, const struct job *job, const struct ends *ends)
{
	const __be32 farther = ends->farther[1] >> 32, client = bpf_htonl(ends->client);
	const __u32 lifetime = 64 << 8 | job->protocol;
	__u32 sum = 0x4500 + IP_BYTES + DONT_FRAGMENT + lifetime;

	sum += (ends->client >> 16) + (ends->client & 0xffff);
	sum += (bpf_ntohl(farther) >> 16) + (bpf_ntohl(farther) & 0xffff);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	store32(frame, 14, bpf_htonl(0x45000000 | IP_BYTES));
	store32(frame, 18, bpf_htonl(DONT_FRAGMENT));
	store32(frame, 22, bpf_htonl(lifetime << 16 | (~sum & 0xffff)));
	if (job->are_replies)
		store64(frame, 26, (__u64)client << 32 | farther);
	else
		store64(frame, 26, (__u64)farther << 32 | client);
}

/* IPv6's header; all clients are in one network. */
static __always_inline void write_ipv6(void *frame, const struct job *job, const struct ends *ends)
{
	const int client = job->are_replies ? 38 : 22, farther = job->are_replies ? 22 : 38;

	store32(frame, 14, bpf_htonl(6 << 28));
	store32(frame, 18, bpf_htonl(TRANSPORT_BYTES << 16 | job->protocol << 8 | 64));
	store64(frame, client, bpf_cpu_to_be64(0x20010db800000000ULL));
	store64(frame, client + 8, (__u64)bpf_htonl(ends->client) << 32);
	store64(frame, farther, ends->farther[0]);
	store64(frame, farther + 8, ends->farther[1]);
}

static __always_inline void write_tcp(void *transport, __u32 ports, __u8 flags)
{
	store32(transport, 0, bpf_htonl(ports));
	store64(transport, 4, 0); /* sequence numbers */
	store32(transport, 12, bpf_htonl(5 << 28 | (__u32)flags << 16 | 512));
	store32(transport, 16, 0); /* checksum, urgent pointer */
}

static __always_inline void write_udp(void *transport, __u32 ports)
{
	store32(transport, 0, bpf_htonl(ports));
	store32(transport, 4, bpf_htonl(TRANSPORT_BYTES << 16)); /* and no checksum */
}

static __always_inline void write_transport(void *transport, const struct job *job, const struct ends *ends, __u8 flags)
{
	__u32 ports = job->are_replies ? (__u32)ends->farther_port << 16 | ends->client_port :
					 (__u32)ends->client_port << 16 | ends->farther_port;

	if (job->protocol == IPPROTO_TCP)
		write_tcp(transport, ports, flags);
	else
		write_udp(transport, ports);
}

/* The time at which each chunk began. */
__u64 chunk_started[MAXIMUM_CHUNKS];

static __always_inline void stamp(__u64 turn)
{
	if (!(turn & (PACKETS_PER_CHUNK - 1)))
		chunk_started[turn / PACKETS_PER_CHUNK & (MAXIMUM_CHUNKS - 1)] = bpf_ktime_get_ns();
}

static __always_inline int frame_bytes(const struct job *job)
{
	return job->is_ipv6 ? FRAME_BYTES_IPV6 : FRAME_BYTES;
}

/* A client and whom it talks to. One to one, so that two clients never meet: 30 bits in the address, the others in the port. */
static __always_inline struct ends ends_of(const struct job *job, __u32 number)
{
	__u32 client = number * 0x9e3779b1;

	const struct address *farther = job->are_replies ? &job->first_server : &job->vip;
	struct ends ends = {
		.farther = { farther->words[0], farther->words[1] },
		.client = 0x80000000 | (client & 0x3fffffff), /* 128.0.0.0/2: no loopback, no multicast */
		.client_port = 1024 + (client & 0x3fff) + (client >> 30 << 14),
		.farther_port = bpf_ntohs(job->service_port),
	};

	if (job->are_replies)
		ends.farther[1] += (__u64)bpf_htonl(number % SERVERS) << 32;
	return ends;
}

/* Makes the packet of number `turn` of the job; 0, or -1 when the buffer has no room. */
static __always_inline int generate(struct xdp_md *ctx, const struct job *job, __u64 turn)
{
	void *frame = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 flags = job->flags[job->packets_each == 2 ? turn & 1 : 0];
	struct ends ends = ends_of(job, client_of(job, turn));

	if (job->is_ipv6) {
		if (frame + FRAME_BYTES_IPV6 > end)
			return -1;
		write_ethernet(frame, job);
		write_ipv6(frame, job, &ends);
		write_transport(frame + 54, job, &ends, flags);
	} else {
		if (frame + FRAME_BYTES > end)
			return -1;
		write_ethernet(frame, job);
		write_ipv4(frame, job, &ends);
		write_transport(frame + 34, job, &ends, flags);
	}
	return 0;
}

#endif
