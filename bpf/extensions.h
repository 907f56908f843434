/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* IPv6's extension headers (RFC 8200, section 4), walked to a bound. */
#ifndef XLVS_EXTENSIONS_H
#define XLVS_EXTENSIONS_H

#include "packet.h"

enum {
	MAXIMUM_HEADERS = 8, /* in one packet */
	MAXIMUM_EXTENSIONS = 511, /* bytes of them, a mask as well */
};

struct extensions {
	__u32 length; /* of all of them */
	__u32 fragment_id;
	__be16 fragment; /* as in IPv4's header */
	__u8 next; /* what comes after them */
	__u8 zero;
};

ALWAYS_INLINE bool is_extension(__u8 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT || next == IPPROTO_AH ||
	       next == IPPROTO_DSTOPTS || next == IPPROTO_MH;
}

/* IPv6's fragment header. */
struct fragment_header {
	__u8 next;
	__u8 zero;
	__be16 place; /* offset in eights 13, 0 2, more 1 */
	__be32 id;
};

/* One header's length; all have the next one's number and their own length in front. */
ALWAYS_INLINE __u32 length_of_extension(__u8 number, __u8 length)
{
	switch (number) {
	case IPPROTO_FRAGMENT:
		return sizeof(struct fragment_header);
	case IPPROTO_AH: /* in fours, less two (RFC 4302, 2.2) */
		return (length + 2) * 4;
	default:
		return (length + 1) * 8;
	}
}

/*
 * Goes from header to header, `found->next` being the first one's number. 0: `found` says what comes behind them; else
 * they are too many, too long, cut off, or lead elsewhere first. Behind a later fragment's header nothing is looked at.
 */
GLOBAL int walk_extensions(struct xdp_md *ctx, struct extensions *found)
{
	void *end = (void *)(long)ctx->data_end;
	__u32 length = 0;
	__u8 next;

	if (!found)
		return -1;
	next = found->next;
	for (int headers = 0; headers < MAXIMUM_HEADERS; headers++) {
		struct fragment_header *header;

		if (!is_extension(next))
			break;
		if (length > MAXIMUM_EXTENSIONS - sizeof(*header))
			return -1;
		header = (void *)(long)ctx->data + sizeof(struct ethhdr) + sizeof(struct ipv6hdr) + length;
		if ((void *)(header + 1) > end)
			return -1;
		/* With segments left, this address is not the last one. */
		if (next == IPPROTO_ROUTING && ((__u8 *)header)[3])
			return -1;
		length += length_of_extension(next, ((__u8 *)header)[1]);
		if (next == IPPROTO_FRAGMENT) {
			__u16 place = bpf_ntohs(header->place);

			found->fragment = bpf_htons(place >> 3 | (place & 1 ? IP_MORE_FRAGMENTS : 0));
			found->fragment_id = header->id;
			next = header->next;
			if (place >> 3)
				break;
			continue;
		}
		next = header->next;
	}
	/* A later fragment's `next` says what the whole packet is, and what follows is not that one's header. */
	if (length > MAXIMUM_EXTENSIONS || (is_extension(next) && !(found->fragment & bpf_htons(IP_OFFSET_BITS))))
		return -1;
	found->next = next;
	found->length = length;
	return 0;
}

#endif
