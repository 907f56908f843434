/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* VLAN tags (802.1Q, and stacked: 802.1ad): taken off for the journey, and put back as they were. */
#ifndef XLVS_TAG_H
#define XLVS_TAG_H

#include "packet.h"

struct tag {
	__be16 type; /* where the frame's own would be */
	__be16 control;
};

struct tags {
	struct tag tags[2];
	__u32 count;
};

ALWAYS_INLINE bool is_tag(__be16 protocol)
{
	return protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD);
}

/* What the frame says it is; 0, which nothing is, for a stump. */
ALWAYS_INLINE __be16 protocol_of(const struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;

	if (UNLIKELY(data + sizeof(struct ethhdr) > (void *)(long)ctx->data_end))
		return 0;
	/* struct ethhdr is packed: its own field would be read in bytes. */
	return *(__be16 *)(data + offsetof(struct ethhdr, h_proto));
}

/* What stands behind one tag or two; 0: there is none, or there are more. */
ALWAYS_INLINE __be16 tagged_protocol_of(const struct xdp_md *ctx)
{
	__be16 *type = (void *)(long)ctx->data + offsetof(struct ethhdr, h_proto);

	if (!is_tag(protocol_of(ctx)) || (void *)(type + 3) > (void *)(long)ctx->data_end)
		return 0;
	if (!is_tag(type[2]))
		return type[2];
	return (void *)(type + 5) > (void *)(long)ctx->data_end ? 0 : type[4];
}

ALWAYS_INLINE bool move_front(struct xdp_md *ctx, int bytes)
{
	__u8 stations[2 * ETH_ALEN];
	void *data = (void *)(long)ctx->data;

	if (data + sizeof(stations) > (void *)(long)ctx->data_end)
		return false;
	__builtin_memcpy(stations, data, sizeof(stations));
	if (bpf_xdp_adjust_head(ctx, bytes))
		return false;
	data = (void *)(long)ctx->data;
	if (data + sizeof(stations) > (void *)(long)ctx->data_end)
		return false;
	__builtin_memcpy(data, stations, sizeof(stations));
	return true;
}

/* Takes at most two tags off. */
ALWAYS_INLINE bool take_tags(struct xdp_md *ctx, struct tags *tags)
{
	struct tag *tag = (void *)(long)ctx->data + offsetof(struct ethhdr, h_proto);
	__be16 protocol;

	if ((void *)(tag + 1) + sizeof(protocol) > (void *)(long)ctx->data_end)
		return false;
	tags->tags[0] = *tag++;
	tags->count = 1;
	protocol = tag->type;
	if (is_tag(protocol)) {
		if ((void *)(tag + 1) + sizeof(protocol) > (void *)(long)ctx->data_end)
			return false;
		tags->tags[1] = *tag;
		tags->count = 2;
	}
	return tags->count == 1 ? move_front(ctx, sizeof(*tag)) : move_front(ctx, 2 * sizeof(*tag));
}

/* The tags stand between the stations and whatever type the frame has by now. */
ALWAYS_INLINE bool put_tags(struct xdp_md *ctx, const struct tags *tags)
{
	struct tag *tag;

	if (!(tags->count == 1 ? move_front(ctx, -(int)sizeof(*tag)) : move_front(ctx, -2 * (int)sizeof(*tag))))
		return false;
	tag = (void *)(long)ctx->data + offsetof(struct ethhdr, h_proto);
	if ((void *)(tag + 1) > (void *)(long)ctx->data_end)
		return false;
	tag[0] = tags->tags[0];
	if (tags->count == 1)
		return true;
	if ((void *)(tag + 2) > (void *)(long)ctx->data_end)
		return false;
	tag[1] = tags->tags[1];
	return true;
}

#endif
