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
	store64(frame, 0, job->addresses[0]);
	store32(frame, 8, job->addresses[1]);
	store16(frame, 12, bpf_htons(ETH_P_IP));
}

/* IPv4's header, `source` in host order. */
static __always_inline void write_ip(void *frame, const struct job *job, __u32 source)
{
	const __u32 vip = bpf_ntohl(job->vip);
	const __u32 lifetime = 64 << 8 | job->protocol;
	__u32 sum = 0x4500 + IP_BYTES + DONT_FRAGMENT + lifetime;

	sum += (source >> 16) + (source & 0xffff) + (vip >> 16) + (vip & 0xffff);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	store32(frame, 14, bpf_htonl(0x45000000 | IP_BYTES));
	store32(frame, 18, bpf_htonl(DONT_FRAGMENT));
	store32(frame, 22, bpf_htonl(lifetime << 16 | (~sum & 0xffff)));
	store64(frame, 26, (__u64)job->vip << 32 | bpf_htonl(source));
}

static __always_inline void write_tcp(void *frame, __u32 ports, __u8 flags)
{
	store32(frame, 34, bpf_htonl(ports));
	store64(frame, 38, 0); /* sequence numbers */
	store32(frame, 46, bpf_htonl(5 << 28 | (__u32)flags << 16 | 512));
	store32(frame, 50, 0); /* checksum, urgent pointer */
}

static __always_inline void write_udp(void *frame, __u32 ports)
{
	store32(frame, 34, bpf_htonl(ports));
	store32(frame, 38, bpf_htonl(TRANSPORT_BYTES << 16)); /* and no checksum */
}

/* The time at which each chunk began. */
__u64 chunk_started[MAXIMUM_CHUNKS];

static __always_inline void stamp(__u64 turn)
{
	if (!(turn & (PACKETS_PER_CHUNK - 1)))
		chunk_started[turn / PACKETS_PER_CHUNK & (MAXIMUM_CHUNKS - 1)] = bpf_ktime_get_ns();
}

/* Makes the packet of number `turn` of the job; 0, or -1 when the buffer has no room. */
static __always_inline int generate(struct xdp_md *ctx, const struct job *job, __u64 turn)
{
	void *frame = (void *)(long)ctx->data;
	/* One to one, so that two clients never meet: 30 bits of it in the address, the other 2 in the port. */
	__u32 client = client_of(job, turn) * 0x9e3779b1;
	__u32 port = 1024 + (client & 0x3fff) + (client >> 30 << 14);
	__u32 ports = port << 16 | bpf_ntohs(job->port);
	__u8 flags = job->flags[job->packets_each == 2 ? turn & 1 : 0];

	if (frame + FRAME_BYTES > (void *)(long)ctx->data_end)
		return -1;
	write_ethernet(frame, job);
	/* 128.0.0.0/2: no loopback, no multicast */
	write_ip(frame, job, 0x80000000 | (client & 0x3fffffff));
	if (job->protocol == IPPROTO_TCP)
		write_tcp(frame, ports, flags);
	else
		write_udp(frame, ports);
	return 0;
}

#endif
