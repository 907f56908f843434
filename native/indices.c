// SPDX-License-Identifier: Apache-2.0
// Which indices the connection tables name: what a controller must know before it gives any of them away.
#include "../bpf/abi.h"
#include "shim.h"

/* Bitmaps of 65,536 bits. */
struct named {
	__u8 *listeners;
	__u8 *servers;
};

static void mark(__u8 *bitmap, __u16 index)
{
	bitmap[index / 8] |= 1 << index % 8;
}

static void name_owner(const struct named *named, const __u64 *owner_word)
{
	const struct connection_slot slot = { .owner_word = __atomic_load_n(owner_word, __ATOMIC_ACQUIRE) };

	if (!slot.owner_word)
		return;
	mark(named->listeners, slot.owner.listener);
	mark(named->servers, slot.owner.server);
}

void xlvs_indices_named(const struct connection_line *lines, __u32 line_count, const struct wide_line *wide_lines,
			__u32 wide_line_count, __u8 *listeners, __u8 *servers)
{
	const struct named named = { listeners, servers };

	for (__u32 line = 0; line < line_count; line++)
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++)
			name_owner(&named, &lines[line].slots[i].owner_word);
	for (__u32 line = 0; line < wide_line_count; line++)
		for (__u32 i = 0; i < SLOTS_PER_LINE; i++)
			name_owner(&named, &wide_lines[line].slots[i].owner_word);
}
