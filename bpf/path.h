/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The path MTU to servers behind tunnels, learnt from ICMP errors about outer packets, which may quote no client. */
#ifndef XLVS_PATH_H
#define XLVS_PATH_H

#include "hash.h"
#include "maps.h"
#include "packet.h"

enum {
	PATHS = 4096, /* a power of two */
	PATH_SECONDS = 600, /* how long one is believed (RFC 1191, 6.3) */
	LEAST_MTU = 576, /* nobody makes packets smaller than this by a forged error */
};

struct path {
	struct address address;
	__u32 second;
	__u32 mtu;
};

/* By a hash of the address: two servers in one place forget each other's, and learn again. */
MAPPED_ARRAY(paths, PATHS, struct path);

ALWAYS_INLINE struct path *path_to(const struct address *address)
{
	__u32 index =
		keyed_hash(address->words[0] + keyed_hash(address->words[1], identity.seeds), identity.seeds) >> 32;

	index &= PATHS - 1;
	return bpf_map_lookup_elem(&paths, &index);
}

/* 0: nothing is known. */
ALWAYS_INLINE __u32 path_mtu(const struct address *address, __u32 now)
{
	const struct path *path = path_to(address);

	if (!path || !path->mtu || !same_address(&path->address, address) || now - path->second > PATH_SECONDS)
		return 0;
	return path->mtu;
}

ALWAYS_INLINE void learn_path(const struct address *address, __u32 mtu, __u32 now)
{
	struct path *path = path_to(address);

	if (path)
		*path = (struct path){ .address = *address, .second = now, .mtu = mtu < LEAST_MTU ? LEAST_MTU : mtu };
}

#endif
