// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The two ends of a live run: frames are made at the client, and counted where the servers are. */
#include "generate.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} arrived SEC(".maps");

struct job job;

/* Under BPF_PROG_RUN with BPF_F_TEST_XDP_LIVE_FRAMES: sends what it makes out of the interface it is told. */
SEC("xdp")
int inject(struct xdp_md *ctx)
{
	__u64 turn = job.sent++;

	stamp(turn);
	return generate(ctx, &job, turn) ? XDP_ABORTED : XDP_TX;
}

/* Only the job's frames count, not the kernel's own ARP or ND. */
SEC("xdp")
int count(struct xdp_md *ctx)
{
	const void *frame = (void *)(long)ctx->data;
	__u32 only = 0;
	__u64 *packets = bpf_map_lookup_elem(&arrived, &only);

	if (packets && frame + 24 <= (void *)(long)ctx->data_end && *(const __u8 *)(frame + 23) == job.protocol)
		++*packets;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
