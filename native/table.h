/* SPDX-License-Identifier: Apache-2.0 */
/* The connection tables, seen from the controller: the same slots and the same protocol as bpf/slot.h. */
#ifndef XLVS_TABLE_H
#define XLVS_TABLE_H

#include <stdint.h>

#include "../bpf/abi.h"

struct xlvs_table;

/* What a sweep saw and did; 64-bit words, so that a caller through FFI reads an array. */
struct xlvs_sweep_report {
	uint64_t used; /* slots of both tables that hold an entry now */
	uint64_t established;
	uint64_t probationary;
	uint64_t wide_used; /* and those of the wide table alone */
	uint64_t wide_established;
	uint64_t wide_probationary;
	uint64_t expired; /* entries taken away: over, or of a retired listener or server */
	uint64_t mended; /* server counts that two quiet sweeps agreed to set right */
	uint64_t nanoseconds; /* of this thread's CPU time */
};

/* Which entries a scan returns; 0 in a field: all of them. An address is IPv6, or IPv4 mapped into it. */
struct xlvs_filter {
	__u8 client[16];
	uint16_t listener;
	uint16_t server;
	uint32_t zero;
};

/* An entry of either table. Addresses as in the filter; multi-byte fields as in the slots. */
struct xlvs_connection {
	__u8 client[16];
	__u8 vip[16]; /* of an IPv4 flow in the wide table; else all zero, for its listener tells */
	__be16 client_port;
	__be16 service_port;
	__be16 own_port; /* full NAT: at its source; else 0 */
	__u8 source; /* index in sources */
	__u8 zero;
	uint16_t listener;
	uint16_t server;
	uint16_t second; /* last seen */
	__u8 state; /* enum connection_state */
	__u8 flags; /* enum connection_flag */
};

/*
 * A table over maps that the caller has mapped and keeps mapped: so many lines of either kind, the loads of servers 0 to
 * `server_count` - 1, and the settings. The wide slots' numbers come after the others'. NULL when memory is short.
 */
struct xlvs_table *xlvs_table_open(struct connection_line *lines, uint32_t line_count, struct wide_line *wide_lines,
				   uint32_t wide_line_count, struct load *loads, uint32_t server_count,
				   const struct settings *settings);
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
			struct xlvs_connection *found, uint32_t limit, uint32_t *now);

#endif
