/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario is made of: who sends what, what is in the table before, and what is seen there afterwards. */
#ifndef XLVS_SCENARIO_H
#define XLVS_SCENARIO_H

#include "userspace.h"

enum {
	NOW = 1000,
	NOBODY = 0, /* the packet was not forwarded */
	MAXIMUM_PACKETS = 3,
	MAXIMUM_INTERRUPTIONS = 3, /* where three act; two are interrupted without end */
};

/* Clients; each has one flow. */
enum {
	ANNA = 1,
	BEN = 2,
	SETTLED = 100, /* the first of those who were there before */
};

enum what {
	NOTHING,
	UDP,
	SYN,
	ACK,
	FIN,
	SWEEP
};

struct event {
	enum what what;
	__u32 client;
	__u32 second;
};

/* What one CPU does, one after another. */
struct script {
	struct event events[MAXIMUM_PACKETS];
};

struct scenario {
	const char *name;
	void (*given)(void);
	struct script scripts[MAXIMUM_ACTORS];
	const char *(*expected)(void);
};

static const struct scenario *scenario;
static __u16 sent_to[MAXIMUM_ACTORS][MAXIMUM_PACKETS];
static bool by_entry[MAXIMUM_ACTORS][MAXIMUM_PACKETS];
static struct xlvs_table *table;
static __u8 retired_servers[8192];

static void put(int number, __u32 client, __u16 server, __u32 second, enum connection_state state, __u8 flags)
{
	struct connection_slot *slot = slot_number(number);
	union owner owner = { .is = { THE_LISTENER, server, second, state, flags } };

	slot->key = (struct connection_key){ client, client, bpf_htons(80) };
	slot->owner_word = owner.word;
	world.loads[server].word += worth(owner);
}

/* All slots but these hold connections that nobody may touch, and so nobody's access to them is a step. */
static void leave_free(__u32 free)
{
	watched = free;
	for (int number = 0; number < SLOTS; number++) {
		if (!(free & 1U << number))
			put(number, SETTLED + number, 3, NOW, STATE_ESTABLISHED, 0);
	}
}

static struct connection_slot *entry_of(__u32 client)
{
	for (int number = 0; number < SLOTS; number++) {
		struct connection_slot *slot = slot_number(number);

		if (slot->owner.listener && slot->key.client == client)
			return slot;
	}
	return NULL;
}

static int entries_of(__u32 client)
{
	int count = 0;

	for (int number = 0; number < SLOTS; number++)
		count += slot_number(number)->owner.listener && slot_number(number)->key.client == client;
	return count;
}

#endif
