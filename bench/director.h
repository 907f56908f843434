/* SPDX-License-Identifier: Apache-2.0 */
/* A director's program with maps of its own and one service, without a controller. */
#ifndef XLVS_BENCH_DIRECTOR_H
#define XLVS_BENCH_DIRECTOR_H

#include <stdbool.h>
#include <bpf/libbpf.h>

#include "../bpf/abi.h"

enum {
	SERVICE = 1,
	LISTENER = 1,
	FIRST_SERVER = 1,
	SERVERS = 3,
	CONNECTIONS = 1048576, /* limits.connections: two slots each */
	SLOTS = 2 * CONNECTIONS,
};

/* Where the service is, and where its servers are. */
struct site {
	__be32 vip;
	__be16 port;
	__u8 protocol;
	__u32 egress; /* interface that the servers are on, by ifindex in this namespace */
	__u8 server_macs[SERVERS][6];
};

struct director {
	const char *path;
	struct bpf_object *object;
	struct bpf_program *program;
};

struct counts {
	__u64 outcomes[OUTCOMES];
	__u64 connections; /* entries that the service made */
};

/* Loads the object at `path` and configures one service of three servers; exits with a message when it can't. */
void open_director(struct director *director, const char *path, const struct site *site);
void close_director(struct director *director);

/* Makes every entry of the connection table one whose time is over; what a kernel hash holds stays as it is. */
void let_time_pass(const struct director *director);

/* All that the director has counted so far, over every CPU. */
struct counts read_counts(const struct director *director);

/* What was counted between two readings. */
struct counts counted_since(struct counts before, struct counts after);

/*
 * True when all packets of established flows followed their entries. Among a million flows that came to a full table a
 * few find no slot, and go by their hash: one in ten thousand may.
 */
bool followed_entries(const struct counts *counts, __u32 packets);

/* The outcomes that are not 0, as "FORWARDED 12, STRAY 3", in a buffer that the next call uses again. */
const char *name_outcomes(const struct director *director, const struct counts *counts);

#endif
