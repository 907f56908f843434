/* SPDX-License-Identifier: Apache-2.0 */
/* A director's program with maps of its own, without a controller. */
#ifndef XLVS_BENCH_DIRECTOR_H
#define XLVS_BENCH_DIRECTOR_H

#include <bpf/libbpf.h>

#include "../bpf/abi.h"

enum {
	CONNECTIONS = 1048576, /* limits.connections: two slots each */
	SLOTS = 2 * CONNECTIONS,
};

/*
 * The object may be of another version, as long as what it shares with this one's layouts stands where it does here:
 * a map's entries may be shorter, and identity and outcomes are known by their names.
 */
struct director {
	const char *path;
	struct bpf_object *object;
	struct bpf_program *program;
	struct identity identity; /* as far as the object has one */
};

/* Loads the object at `path`, sized for CONNECTIONS of either family; exits with a message when it can't. */
void open_director(struct director *director, const char *path);
void close_director(struct director *director);

/* The object's map; exits when it has none of this name. */
struct bpf_map *map_of(const struct director *director, const char *name);

/* Writes one entry of a map: as much of `value` as the entry holds. */
void store(const struct director *director, const char *name, __u32 index, const void *value);

/* The whole array of this name in memory; `size` in bytes. */
void *map_array(const struct director *director, const char *name, size_t *size);

/* Empties the connection tables; what a kernel hash holds stays as it is. */
void forget_connections(const struct director *director);

/* Makes every entry of the connection tables one whose time is over. */
void let_time_pass(const struct director *director);

#endif
