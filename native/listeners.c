// SPDX-License-Identifier: Apache-2.0
#include "listeners.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../bpf/hash.h"

static struct listener_slot *slot_with(struct listener_line *line, __u64 key)
{
	for (int i = 0; i < SLOTS_PER_LINE; i++)
		if (line->slots[i].key_word == key)
			return &line->slots[i];
	return NULL;
}

/* The slot that holds the key, looking at both lines before giving up; key 0 finds an empty one. */
static struct listener_slot *find_slot(struct listener_line *lines, const struct identity *identity, __u64 hash,
				       __u64 key)
{
	struct listener_slot *slot = slot_with(&lines[first_listener_line(hash, identity->listener_lines)], key);

	return slot ? slot : slot_with(&lines[second_listener_line(hash, identity->listener_lines)], key);
}

int xlvs_listener_put(struct listener_line *lines, const struct identity *identity, const struct listener_key *key,
		      const struct listener *value)
{
	struct listener_slot *slot;
	__u64 key_word, value_word, hash;

	memcpy(&key_word, key, sizeof(key_word));
	memcpy(&value_word, value, sizeof(value_word));
	hash = keyed_hash(key_word, identity->seeds);
	slot = find_slot(lines, identity, hash, key_word);
	if (!slot)
		slot = find_slot(lines, identity, hash, 0);
	if (!slot)
		return -ENOSPC;
	/* A reader that finds the key finds the value. */
	__atomic_store_n(&slot->value_word, value_word, __ATOMIC_RELEASE);
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
