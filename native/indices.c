// SPDX-License-Identifier: Apache-2.0
// Which indices the connection table names: what a controller must know before it gives any of them away.
#include "../bpf/abi.h"
#include "shim.h"

static void mark(__u8 *bitmap, __u16 index)
{
	bitmap[index / 8] |= 1 << index % 8;
}

void xlvs_indices_named(const struct connection_line *lines, __u32 line_count, __u8 *listeners, __u8 *servers)
{
	for (__u32 line = 0; line < line_count; line++) {
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++) {
			struct connection_slot slot;

			slot.owner_word = __atomic_load_n(&lines[line].slots[i].owner_word, __ATOMIC_ACQUIRE);
			if (!slot.owner_word)
				continue;
			mark(listeners, slot.owner.listener);
			mark(servers, slot.owner.server);
		}
	}
}
