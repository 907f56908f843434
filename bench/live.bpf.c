// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The two ends of a live run: frames are made at one end, and counted at the other. */
#include <stdbool.h>

#include "generate.h"
#include "live.h"

#define READ_ONCE(word) (*(const volatile __typeof__(word) *)&(word))
#define WRITE_ONCE(word, value) (*(volatile __typeof__(word) *)&(word) = (value))
#define LONGEST_WAIT (1 << 23) /* looks */

struct job job __attribute__((aligned(NEIGHBOURING_LINES)));
struct pace pace;
struct arrivals arrivals;

static bool is_full(void)
{
	return job.sent - pace.noticed >= RING_FRAMES;
}

static long look(__u32 turn, void *nothing)
{
	(void)turn;
	(void)nothing;
	pace.noticed = READ_ONCE(arrivals.noticed);
	return !is_full();
}

/*
 * Under BPF_PROG_RUN with BPF_F_TEST_XDP_LIVE_FRAMES: sends what it makes out of the interface it is told, or nothing
 * when that would get lost.
 */
SEC("xdp")
int inject(struct xdp_md *ctx)
{
	if (is_full())
		bpf_loop(pace.waits ? LONGEST_WAIT : 1, look, NULL, 0);
	if (is_full())
		return XDP_DROP;
	return generate(ctx, &job, job.sent++) ? XDP_ABORTED : XDP_TX;
}

static bool is_as(const struct pattern *pattern, __be32 address)
{
	return (address & pattern->mask) == pattern->address;
}

/* Counts UDP between the expected addresses: not the kernel's own ARP or ND, nor what went another way. */
SEC("xdp")
int count(struct xdp_md *ctx)
{
	const void *frame = (void *)(long)ctx->data;

	if (frame + 34 > (void *)(long)ctx->data_end || *(const __u8 *)(frame + 23) != IPPROTO_UDP)
		return XDP_DROP;
	if (!is_as(&arrivals.source, *(const __be32 *)(frame + 26)) ||
	    !is_as(&arrivals.destination, *(const __be32 *)(frame + 30)))
		return XDP_DROP;
	stamp(arrivals.packets++);
	if (!(arrivals.packets % FRAMES_PER_NOTICE))
		WRITE_ONCE(arrivals.noticed, arrivals.packets);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
