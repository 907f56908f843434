/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checksums of what we send ourselves (RFC 1071), and who may be sent anything at all. */
#ifndef XLVS_CHECKSUM_H
#define XLVS_CHECKSUM_H

#include "packet.h"

ALWAYS_INLINE __u64 sum_of(const __be16 *data, __u32 words)
{
	__u64 sum = 0;

#pragma unroll
	for (__u32 i = 0; i < words; i++)
		sum += data[i];
	return sum;
}

/* TCP's and ICMPv6's pseudo-header, unfolded. */
ALWAYS_INLINE __u64 pseudo_sum(const struct address *source, const struct address *destination, __u32 length,
			       __u8 protocol)
{
	return sum_of((const __be16 *)source, 8) + sum_of((const __be16 *)destination, 8) + bpf_htons(length) +
	       bpf_htons(protocol);
}

/* The same of IPv4: what maps an address into IPv6 is left out. */
ALWAYS_INLINE __u64 pseudo_sum4(__be32 source, __be32 destination, __u32 length, __u8 protocol)
{
	return (source & 0xffff) + (source >> 16) + (destination & 0xffff) + (destination >> 16) + bpf_htons(length) +
	       bpf_htons(protocol);
}

/* RFC 1122 (4.2.3.10), RFC 4443 (2.4): nothing is answered that no single host can have sent. */
ALWAYS_INLINE bool is_host(const struct packet *packet)
{
	__u8 first = bpf_ntohl(packet->source) >> 24;
	const struct address *source = &packet->source6;

	if (!packet->is_ipv6)
		return first && first != 127 && first < 224;
	if (source->bytes[0] == 0xff)
		return false;
	return source->words[0] || bpf_be64_to_cpu(source->words[1]) > 1;
}

#endif
