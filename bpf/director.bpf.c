// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A packet's whole journey: parse, service, connection, schedule for a new flow, forward, count. */
#include "journey.h"

int director_ipv6(struct xdp_md *ctx);
int long_way_ipv4(struct xdp_md *ctx);
int long_way_ipv6(struct xdp_md *ctx);

/* The parts of the program, each with a stack of its own. */
enum part {
	SHORT_IPV6,
	LONG_IPV4,
	LONG_IPV6,
	PARTS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, PARTS);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct xdp_md *));
} parts SEC(".maps") = {
	.values = {
		[SHORT_IPV6] = (void *)&director_ipv6,
		[LONG_IPV4] = (void *)&long_way_ipv4,
		[LONG_IPV6] = (void *)&long_way_ipv6,
	},
};

/* Goes on in another part, and comes back only where that is missing. */
ALWAYS_INLINE int go_on(struct xdp_md *ctx, enum part part)
{
	bpf_tail_call(ctx, &parts, part);
	return finish(NOT_CONFIGURED);
}

/* Every kind of packet. A tagged frame is shortened by its tags, travels like any other, and gets them back. */
ALWAYS_INLINE int long_way(struct xdp_md *ctx, bool is_ipv6)
{
	struct errand *errand = the_errand();
	struct tags tags = {};
	enum outcome outcome;

	if (!errand || (is_tag(protocol_of(ctx)) && !take_tags(ctx, &tags)))
		return finish(NOT_IP);
	errand->second_tag = tags.count == 2 ? sizeof(struct tag) : 0;
	outcome = is_ipv6 ? whole_journey_ipv6(ctx) : whole_journey_ipv4(ctx);
	if (outcome == MEND || outcome == WRAP || outcome == SEND)
		outcome = finish_error(ctx, outcome, is_ipv6);
	if (outcome == ANSWER)
		outcome = answer(ctx);
	errand->second_tag = 0;
	if (tags.count && !put_tags(ctx, &tags))
		return finish(NO_EGRESS);
	return finish(outcome);
}

SEC("xdp.frags")
int long_way_ipv4(struct xdp_md *ctx)
{
	return long_way(ctx, false);
}

SEC("xdp.frags")
int long_way_ipv6(struct xdp_md *ctx)
{
	return long_way(ctx, true);
}

SEC("xdp.frags")
int director_ipv6(struct xdp_md *ctx)
{
	enum outcome outcome = journey(ctx, true);

	return UNLIKELY(outcome == START_OVER) ? go_on(ctx, LONG_IPV6) : finish(outcome);
}

SEC("xdp.frags")
int director(struct xdp_md *ctx)
{
	__be16 protocol = protocol_of(ctx);
	enum outcome outcome;

	if (UNLIKELY(protocol != bpf_htons(ETH_P_IP))) {
		if (protocol == bpf_htons(ETH_P_IPV6))
			return go_on(ctx, SHORT_IPV6);
		switch (tagged_protocol_of(ctx)) {
		case bpf_htons(ETH_P_IP):
			return go_on(ctx, LONG_IPV4);
		case bpf_htons(ETH_P_IPV6):
			return go_on(ctx, LONG_IPV6);
		default:
			return finish(NOT_IP);
		}
	}
	outcome = journey(ctx, false);
	return UNLIKELY(outcome == START_OVER) ? go_on(ctx, LONG_IPV4) : finish(outcome);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
