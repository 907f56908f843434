// SPDX-License-Identifier: Apache-2.0
#include "listeners.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "../bpf/hash.h"

static __u64 word_of(const struct listener *value)
{
	__u64 word;

	memcpy(&word, value, sizeof(word));
	return word;
}

static struct listener_slot *slot_with(struct listener_line *line, __u64 key)
{
	for (int i = 0; i < SLOTS_PER_LINE; i++)
		if (line->slots[i].key_word == key)
			return &line->slots[i];
	return NULL;
}

/* The slot that holds the key, looking at both lines before giving up. */
static struct listener_slot *find_slot(struct listener_line *lines, const struct identity *identity, __u64 hash,
				       __u64 key)
{
	struct listener_slot *slot = slot_with(&lines[first_listener_line(hash, identity->listener_lines)], key);

	return slot ? slot : slot_with(&lines[second_listener_line(hash, identity->listener_lines)], key);
}

static int taken_in(const struct listener_line *line)
{
	int taken = 0;

	for (int i = 0; i < SLOTS_PER_LINE; i++)
		taken += line->slots[i].key_word != 0;
	return taken;
}

/* In the second line only once the first is half full and the fuller one: packets look at the first first, and both fill evenly. */
static bool is_second_better(int in_first, int in_second)
{
	return in_first >= SLOTS_PER_LINE / 2 && in_second < in_first;
}

static struct listener_slot *find_empty_slot(struct listener_line *lines, const struct identity *identity, __u64 hash)
{
	struct listener_line *first = &lines[first_listener_line(hash, identity->listener_lines)];
	struct listener_line *second = &lines[second_listener_line(hash, identity->listener_lines)];

	return slot_with(is_second_better(taken_in(first), taken_in(second)) ? second : first, 0);
}

int xlvs_listener_put(struct listener_line *lines, const struct identity *identity, const struct listener_key *key,
		      const struct listener *value)
{
	struct listener_slot *slot;
	__u64 key_word, hash;

	memcpy(&key_word, key, sizeof(key_word));
	hash = keyed_hash(key_word, identity->seeds);
	slot = find_slot(lines, identity, hash, key_word);
	if (!slot)
		slot = find_empty_slot(lines, identity, hash);
	if (!slot)
		return -ENOSPC;
	/* A reader that finds the key finds the value. */
	__atomic_store_n(&slot->value_word, word_of(value), __ATOMIC_RELEASE);
	__atomic_store_n(&slot->key_word, key_word, __ATOMIC_RELEASE);
	return 0;
}

int xlvs_listener_remove(struct listener_line *lines, const struct identity *identity, const struct listener_key *key)
{
	struct listener_slot *slot;
	__u64 key_word;

	memcpy(&key_word, key, sizeof(key_word));
	slot = find_slot(lines, identity, keyed_hash(key_word, identity->seeds), key_word);
	if (!slot)
		return -ENOENT;
	__atomic_store_n(&slot->key_word, 0, __ATOMIC_RELEASE);
	return 0;
}

/* With the last word as it is in a slot that is taken. */
static struct wide_listener_key taken_key(const struct wide_listener_key *key)
{
	struct wide_listener_key taken = *key;

	taken.port.taken = 1;
	return taken;
}

/* An empty slot has any address, and no last word. */
static bool is_at(const struct wide_listener_slot *slot, const struct wide_listener_key *key)
{
	return slot->key.port_word == key->port_word &&
	       (!key->port_word || !memcmp(&slot->key.address, &key->address, sizeof(key->address)));
}

static int taken_in_wide(const struct wide_listener_line *line)
{
	int taken = 0;

	for (int i = 0; i < SLOTS_PER_LINE; i++)
		taken += line->slots[i].key.port_word != 0;
	return taken;
}

static struct wide_listener_slot *wide_slot_with(struct wide_listener_line *line, const struct wide_listener_key *key)
{
	for (int i = 0; i < SLOTS_PER_LINE; i++)
		if (is_at(&line->slots[i], key))
			return &line->slots[i];
	return NULL;
}

/* As find_slot(). */
static struct wide_listener_slot *find_wide_slot(struct wide_listener_line *lines, const struct identity *identity,
						 __u64 hash, const struct wide_listener_key *key)
{
	const __u32 count = identity->wide_listener_lines;
	struct wide_listener_slot *slot = wide_slot_with(&lines[first_listener_line(hash, count)], key);

	return slot ? slot : wide_slot_with(&lines[second_listener_line(hash, count)], key);
}

static struct wide_listener_slot *find_empty_wide_slot(struct wide_listener_line *lines,
						       const struct identity *identity, __u64 hash)
{
	const __u32 count = identity->wide_listener_lines;
	struct wide_listener_line *first = &lines[first_listener_line(hash, count)];
	struct wide_listener_line *second = &lines[second_listener_line(hash, count)];
	const struct wide_listener_key empty = { .port_word = 0 };

	return wide_slot_with(is_second_better(taken_in_wide(first), taken_in_wide(second)) ? second : first, &empty);
}

int xlvs_wide_listener_put(struct wide_listener_line *lines, const struct identity *identity,
			   const struct wide_listener_key *key, const struct listener *value)
{
	const struct wide_listener_key taken = taken_key(key);
	const __u64 hash = wide_listener_hash(&taken.address, taken.port_word, identity->seeds);
	struct wide_listener_slot *slot = find_wide_slot(lines, identity, hash, &taken);

	if (!slot)
		slot = find_empty_wide_slot(lines, identity, hash);
	if (!slot)
		return -ENOSPC;
	/* A reader that finds the last word finds the others, and the value. */
	__atomic_store_n(&slot->value_word, word_of(value), __ATOMIC_RELEASE);
	__atomic_store_n(&slot->key.address.words[0], taken.address.words[0], __ATOMIC_RELEASE);
	__atomic_store_n(&slot->key.address.words[1], taken.address.words[1], __ATOMIC_RELEASE);
	__atomic_store_n(&slot->key.port_word, taken.port_word, __ATOMIC_RELEASE);
	return 0;
}

int xlvs_wide_listener_remove(struct wide_listener_line *lines, const struct identity *identity,
			      const struct wide_listener_key *key)
{
	const struct wide_listener_key taken = taken_key(key);
	const __u64 hash = wide_listener_hash(&taken.address, taken.port_word, identity->seeds);
	struct wide_listener_slot *slot = find_wide_slot(lines, identity, hash, &taken);

	if (!slot)
		return -ENOENT;
	__atomic_store_n(&slot->key.port_word, 0, __ATOMIC_RELEASE);
	return 0;
}
