/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario is made of: who sends what, what is in the table before, and what is seen there afterwards. */
#ifndef XLVS_SCENARIO_H
#define XLVS_SCENARIO_H

#include "clients.h"

enum {
	NOW = 1000,
	NOBODY = 0, /* the packet was not forwarded */
	MAXIMUM_PACKETS = 3,
	MAXIMUM_INTERRUPTIONS = 3, /* where three act; two are interrupted without end */
	FEW_INTERRUPTIONS = 2,
};

enum what {
	NOTHING,
	UDP,
	SYN,
	ACK,
	FIN,
	ANSWERED, /* to what this CPU sent last */
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
static __be16 sent_from[MAXIMUM_ACTORS][MAXIMUM_PACKETS]; /* a port of ours, or the client's */
static int replied_to[MAXIMUM_ACTORS][MAXIMUM_PACKETS];
static struct xlvs_table *table;
static __u8 retired_servers[8192];
static bool may_lose; /* an entry whose key is nobody's is no mistake */

/* Of those that were there before: Anna has the first port of ours, and Ben the next. */
static void give_port(int number, int client)
{
	struct wide_slot *slot = slot_numbered(number);
	int port = client - ANNA;

	if (manner->endpoint_flags != ENDPOINT_FULL || client > BEN)
		return;
	slot->key.ports.own_port = bpf_htons(FIRST_PORT + port);
	slot->key.ports.source = THE_SOURCE;
	world.source_ports[0][port].holder.slot = world.source_ports[1][port].holder.slot = number + 1;
}

static void put(int number, int client, __u16 server, __u32 second, enum connection_state state, __u8 flags)
{
	union owner owner = { .is = { THE_LISTENER, server, second, state, flags } };
	struct connection_slot *narrow = slot_numbered(number);
	struct wide_slot *wide = slot_numbered(number);

	if (is_wide) {
		wide->key.ports_word = keys[client].words[0];
		memcpy(wide->key.client_words, &keys[client].words[1], sizeof(wide->key.client_words));
	} else {
		narrow->key_word = keys[client].words[0];
	}
	*owner_numbered(number) = owner.is;
	give_port(number, client);
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

static bool is_entry_of(int number, int client)
{
	return owner_numbered(number)->listener && client_in(number) == client;
}

static const struct connection_owner *entry_of(int client)
{
	for (int number = 0; number < SLOTS; number++) {
		if (is_entry_of(number, client))
			return owner_numbered(number);
	}
	return NULL;
}

static int entries_of(int client)
{
	int count = 0;

	for (int number = 0; number < SLOTS; number++)
		count += is_entry_of(number, client);
	return count;
}

/* The port of ours that an entry has; 0: none. */
static __be16 own_port_in(int number)
{
	return is_wide ? ((struct wide_slot *)slot_numbered(number))->key.ports.own_port : 0;
}

static __be16 own_port_of(int client)
{
	for (int number = 0; number < SLOTS; number++) {
		if (is_entry_of(number, client))
			return own_port_in(number);
	}
	return 0;
}

#endif
