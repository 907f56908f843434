/* SPDX-License-Identifier: Apache-2.0 */
/* The connection table, seen from the controller: the same slots and the same protocol as bpf/connection.h. */
#ifndef XLVS_TABLE_H
#define XLVS_TABLE_H

#include <stdint.h>

#include "../bpf/abi.h"

struct xlvs_table;

/* What a sweep saw and did; 64-bit words, so that a caller through FFI reads an array. */
struct xlvs_sweep_report {
	uint64_t used; /* slots that hold an entry now */
	uint64_t established;
	uint64_t probationary;
	uint64_t expired; /* entries taken away: over, or of a retired listener or server */
	uint64_t mended; /* server counts that two quiet sweeps agreed to set right */
	uint64_t nanoseconds; /* of this thread's CPU time */
};

/* Which entries a scan returns; 0 in a field: all of them. */
struct xlvs_filter {
	__be32 client;
	uint16_t listener;
	uint16_t server;
};

/*
 * A table over maps that the caller has mapped and keeps mapped: `line_count` lines, the loads of servers 0 to
 * `server_count` - 1, and the settings. NULL when memory is short.
 */
struct xlvs_table *xlvs_table_open(struct connection_line *lines, uint32_t line_count, struct load *loads,
				   uint32_t server_count, const struct settings *settings);
void xlvs_table_close(struct xlvs_table *table);

/*
 * Takes away what is over and what names a retired index; counts the rest; mends servers' counts. `retired_listeners`
 * and `retired_servers` are bitmaps of 65,536 bits, or NULL. Afterwards no slot names an index that was retired before
 * the call: packets on their way are waited for first. One sweep at a time.
 * 0, or a negative errno (-EBUSY: another sweep runs).
 */
int xlvs_table_sweep(struct xlvs_table *table, const uint8_t *retired_listeners, const uint8_t *retired_servers,
		     struct xlvs_sweep_report *report);

/*
 * Copies up to `limit` live entries that pass the filter, from slot number `*cursor` on; leaves there the slot to go on
 * from, or UINT64_MAX at the end. `*now` is the second to judge their age by. Returns how many.
 */
int64_t xlvs_table_scan(const struct xlvs_table *table, const struct xlvs_filter *filter, uint64_t *cursor,
			struct connection_slot *found, uint32_t limit, uint32_t *now);

#endif
