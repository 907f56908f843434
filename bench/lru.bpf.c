// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The director's short way for IPv4 with its connections in a kernel LRU_HASH, all else being equal. */
#include "connection_lru.h"
#include "../bpf/journey.h"

SEC("xdp.frags")
int director(struct xdp_md *ctx)
{
	enum outcome outcome;

	if (UNLIKELY(protocol_of(ctx) != bpf_htons(ETH_P_IP)))
		return finish(NOT_IP);
	outcome = journey(ctx, false);
	return finish(UNLIKELY(outcome == START_OVER) ? NOT_CONFIGURED : outcome);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
