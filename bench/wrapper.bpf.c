// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Under BPF_PROG_RUN: a fresh frame for the program to be measured at each repeat, and the time once a chunk. */
#include "generate.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

struct job job;

/* A program that was sent a RST leaves a shorter frame behind. */
static __always_inline void restore_length(struct xdp_md *ctx)
{
	int missing = frame_bytes(&job) - (int)(ctx->data_end - ctx->data);

	if (__builtin_expect(missing != 0, 0))
		bpf_xdp_adjust_tail(ctx, missing);
}

SEC("xdp.frags")
int wrapper(struct xdp_md *ctx)
{
	__u64 turn = job.sent++;

	stamp(turn);
	restore_length(ctx);
	if (!generate(ctx, &job, turn))
		bpf_tail_call(ctx, &target, 0);
	return XDP_ABORTED;
}

SEC("xdp.frags")
int empty(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
