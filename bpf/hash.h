/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef XLVS_HASH_H
#define XLVS_HASH_H

#include "abi.h"

/*
 * Keyed multiplication, twice: nobody who does not know the seeds can aim at a place. Shared by the program and by
 * whoever fills its tables.
 */
static inline __attribute__((always_inline)) __u64 keyed_hash(__u64 word, const volatile __u64 seeds[3])
{
	word = (word + seeds[0]) * seeds[1];
	word ^= word >> 32;
	word *= seeds[2];
	return word ^ word >> 29;
}

/* An address as one word, for keyed_hash() to go on with: both its words are multiplied at once, so that neither waits. */
static inline __attribute__((always_inline)) __u64 address_word(const struct address *address,
								const volatile __u64 seeds[3])
{
	__u64 first = (address->words[0] + seeds[0]) * seeds[1], second = (address->words[1] + seeds[0]) * seeds[2];

	return (first ^ first >> 32) + (second ^ second >> 29);
}

/* Of an IPv6 listener's key: its address, and the word of port, protocol and kind. */
static inline __attribute__((always_inline)) __u64 wide_listener_hash(const struct address *address, __u64 port_word,
								      const volatile __u64 seeds[3])
{
	return keyed_hash(address_word(address, seeds) + port_word, seeds);
}

/* The two lines where a listener may be, different ones; `lines` is a power of two. */
static inline __attribute__((always_inline)) __u32 first_listener_line(__u64 hash, __u32 lines)
{
	return (__u32)(hash >> 32) & (lines - 1);
}

static inline __attribute__((always_inline)) __u32 second_listener_line(__u64 hash, __u32 lines)
{
	return (first_listener_line(hash, lines) ^ ((__u32)hash | 1)) & (lines - 1);
}

#endif
