// SPDX-License-Identifier: Apache-2.0
/* The slot protocol in every order that a few CPUs and the sweep can come to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace.h"

enum {
	NOW = 1000,
	NOBODY = 0, /* the packet was not forwarded */
	MAXIMUM_PACKETS = 3,
};

/* Clients; each has one flow. */
enum {
	ANNA = 1,
	BEN = 2,
	SETTLED = 100, /* the first of those who were there before */
};

enum what { NOTHING, UDP, SYN, ACK, FIN, SWEEP };

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

/* --- the world before --- */

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

static void set_up(void)
{
	struct schedule *schedule = (struct schedule *)&world.rings[THE_SCHEDULE];

	memset(&world, 0, sizeof(world));
	clock_word = 0;
	memset(sent_to, 0, sizeof(sent_to));
	memset(by_entry, 0, sizeof(by_entry));
	memset(retired_servers, 0, sizeof(retired_servers));
	for (int state = 0; state < STATES; state++)
		world.settings.timeouts[state] = 60;
	world.settings.timeouts[STATE_BUSY] = BUSY_SECONDS;
	for (int server = 1; server < SERVERS; server++)
		world.servers[server].route.flags = SERVER_ELIGIBLE | SERVER_REACHABLE;
	world.services[THE_SERVICE].schedule = THE_SCHEDULE;
	schedule->slots = schedule->hash_slots = schedule->lookahead = 2;
	schedule->hash_line = 2;
	for (int line = 1; line <= 2; line++) {
		world.rings[THE_SCHEDULE + line].servers[0] = 1;
		world.rings[THE_SCHEDULE + line].servers[1] = 2;
	}
	xlvs_table_close(table);
	table = xlvs_table_open(world.lines, LINES, world.loads, SERVERS, &world.settings);
	scenario->given();
}

/* --- the actors --- */

static const __u8 segment_flags[] = { [SYN] = TCP_SYN, [ACK] = TCP_ACK, [FIN] = TCP_FIN | TCP_ACK };

static void send(int actor, int number, const struct event *event)
{
	struct tcphdr segment = { .doff = 5 };
	struct packet packet = {
		.transport = &segment,
		.source = event->client,
		.source_port = event->client,
		.destination_port = bpf_htons(80),
		.length = 40,
		.header_length = 20,
		.protocol = event->what == UDP ? IPPROTO_UDP : IPPROTO_TCP,
		.tcp_flags = segment_flags[event->what],
	};
	struct flow flow = { .listener = THE_LISTENER, .service = THE_SERVICE };

	if (direct(NULL, &packet, &flow) != CONTINUE)
		return;
	sent_to[actor][number] = flow.server;
	by_entry[actor][number] = flow.has_entry;
}

static void act(int actor)
{
	struct xlvs_sweep_report report;

	for (int number = 0; number < MAXIMUM_PACKETS; number++) {
		const struct event *event = &scenario->scripts[actor].events[number];

		second_for[actor] = event->second;
		if (event->what == SWEEP)
			xlvs_table_sweep(table, NULL, retired_servers, &report);
		else if (event->what != NOTHING)
			send(actor, number, event);
		forget();
		observe(number);
	}
}

static int actors_of(const struct scenario *one)
{
	int count = 0;

	while (count < MAXIMUM_ACTORS && one->scripts[count].events[0].what != NOTHING)
		count++;
	return count;
}

/* --- what must hold --- */

static uint64_t memory(void)
{
	const __u64 *words = (const __u64 *)&world;
	uint64_t hash = 0;

	for (size_t i = 0; i < sizeof(world) / sizeof(*words); i++)
		hash = mixed(hash, words[i]);
	for (int actor = 0; actor < MAXIMUM_ACTORS; actor++) {
		for (int number = 0; number < MAXIMUM_PACKETS; number++)
			hash = mixed(hash, (uint64_t)sent_to[actor][number] << 1 | by_entry[actor][number]);
	}
	return hash;
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

static bool loads_are_exact(void)
{
	__u64 tally[SERVERS] = { 0 };

	for (int number = 0; number < SLOTS; number++) {
		union owner owner = { .word = slot_number(number)->owner_word };

		if (owner.is.listener)
			tally[owner.is.server] += worth(owner);
	}
	for (int server = 0; server < SERVERS; server++) {
		if (world.loads[server].word != tally[server])
			return false;
	}
	return true;
}

static const char *verdict(void)
{
	for (int number = 0; number < SLOTS; number++) {
		if (slot_number(number)->owner.state == STATE_BUSY)
			return "a slot stays claimed";
		if (!(watched & 1U << number) && entries_of(SETTLED + number) != 1)
			return "an established connection is gone";
	}
	if (entries_of(ANNA) > 1 || entries_of(BEN) > 1)
		return "two entries for one flow";
	if (!loads_are_exact())
		return "counts differ from the slots";
	return scenario->expected();
}

static const char *nothing_more(void)
{
	return NULL;
}

/* --- the scenarios --- */

static void two_free_slots(void)
{
	leave_free(1 << 1 | 1 << 9);
}

static void three_free_slots(void)
{
	leave_free(1 << 1 | 1 << 6 | 1 << 9);
}

static void one_free_slot(void)
{
	leave_free(1 << 4);
}

static const char *anna_has_an_entry(void)
{
	return entries_of(ANNA) == 1 ? NULL : "the flow has no entry";
}

static const char *both_have_entries(void)
{
	return entries_of(ANNA) == 1 && entries_of(BEN) == 1 ? NULL : "a flow has no entry";
}

static const char *one_of_the_two_has_an_entry(void)
{
	return entries_of(ANNA) + entries_of(BEN) == 1 ? NULL : "a slot was free and nobody has it";
}

/* The second CPU's ACK used the entry that its SYN had made: from then on the flow is at home there. */
static const char *the_acknowledged_server_stays(void)
{
	const struct connection_slot *slot = entry_of(ANNA);

	if (!slot)
		return "the flow has no entry";
	if (by_entry[1][1] && slot->owner.server != sent_to[1][1])
		return "an established flow has changed servers";
	return NULL;
}

static void ben_may_displace_anna(void)
{
	leave_free(1 << 2);
	put(2, ANNA, 1, NOW - 1, STATE_ESTABLISHED, FLAG_PROBATION);
}

/* Anna's packet in a later second proves her; Ben takes the slot only if he comes before that. */
static const char *proven_or_displaced(void)
{
	const struct connection_slot *slot = entry_of(ANNA);

	if (sent_to[0][0] != NOBODY && sent_to[0][0] != 1)
		return "a packet went to a server that is not its flow's";
	if (slot && slot->owner.second != NOW)
		return "traffic in a later second left no trace";
	return slot || entries_of(BEN) ? NULL : "the slot is lost";
}

static void anna_is_half_open_here(void)
{
	leave_free(1 << 2);
	put(2, ANNA, 1, NOW, STATE_SYN_RECEIVED, FLAG_PROBATION);
}

/* Ben's entry may look like Anna's to the bit; her FIN must not close it. */
static const char *ben_is_half_open(void)
{
	const struct connection_slot *slot = entry_of(BEN);

	return !slot || slot->owner.state == STATE_SYN_RECEIVED ? NULL : "a packet of one flow changed another's entry";
}

static void anna_is_nearly_over(void)
{
	leave_free(1 << 2 | 1 << 3);
	put(2, ANNA, 1, NOW - 60, STATE_ESTABLISHED, 0);
}

static void anna_is_over(void)
{
	leave_free(1 << 2 | 1 << 3);
	put(2, ANNA, 1, NOW - 61, STATE_UDP, 0);
}

/* Where the packet was sent, the entry is, unless the sweep still took it for over. */
static const char *touched_or_expired(void)
{
	const struct connection_slot *slot = entry_of(ANNA);

	return !slot || (slot->owner.server == sent_to[0][0] && slot->owner.second == NOW + 1) ? NULL :
												 "a stale entry stayed";
}

static void anna_was_closing(void)
{
	leave_free(1 << 2 | 1 << 3);
	put(2, ANNA, 3, NOW, STATE_TIME_WAIT, 0);
}

static void server_one_is_retired(void)
{
	leave_free(1 << 2 | 1 << 3);
	put(2, ANNA, 1, NOW, STATE_ESTABLISHED, 0);
	world.servers[1].route.flags = SERVER_REMOVED;
	retired_servers[0] = 1 << 1;
}

static const char *nobody_at_server_one(void)
{
	for (int number = 0; number < SLOTS; number++) {
		if (slot_number(number)->owner.listener && slot_number(number)->owner.server == 1)
			return "after the sweep a slot names a retired server";
	}
	return NULL;
}

/* Who was told that he has an entry, has it whole. */
static const char *ben_keeps_his_entry(void)
{
	const struct connection_slot *slot = entry_of(BEN);

	if (!by_entry[1][0])
		return NULL;
	return slot && slot->owner.server == sent_to[1][0] ? NULL : "a claimer that woke up late wrote over an entry";
}

/* One CPU overflows; a segment that follows on another one, whose clock is a second behind, goes by the hash too. */
static const char *what_follows_is_hashed(void)
{
	return sent_to[0][0] != NOBODY && sent_to[0][1] != NOBODY ? NULL : "a flow without an entry was reset";
}

/* Full until the sweep takes a retired server's entry away. */
static void full_until_the_sweep(void)
{
	leave_free(1 << 2);
	put(2, SETTLED + 2, 1, NOW, STATE_ESTABLISHED, 0);
	retired_servers[0] = 1 << 1;
}

static const struct scenario scenarios[] = {
	{ "two CPUs enter one flow", two_free_slots, { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } } }, anna_has_an_entry },
	{ "two CPUs enter one UDP flow", two_free_slots, { { { { UDP, ANNA, NOW } } }, { { { UDP, ANNA, NOW } } } }, anna_has_an_entry },
	{ "two CPUs enter one flow where one slot is free", one_free_slot,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } } }, nothing_more },
	{ "two CPUs enter two flows", two_free_slots, { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW } } } }, both_have_entries },
	{ "two CPUs enter two flows where one slot is free", one_free_slot,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW } } } }, one_of_the_two_has_an_entry },
	{ "an established flow outlives a slow insert of the same", two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW }, { ACK, ANNA, NOW } } } }, the_acknowledged_server_stays },
	{ "an established flow outlives two slow inserts of the same", three_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW }, { ACK, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } } },
	  the_acknowledged_server_stays },
	{ "two CPUs enter one flow while its next packet comes to a third", two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } }, { { { ACK, ANNA, NOW } } } }, anna_has_an_entry },
	{ "proof of a client against displacement", ben_may_displace_anna,
	  { { { { ACK, ANNA, NOW } } }, { { { SYN, BEN, NOW } } } }, proven_or_displaced },
	{ "displacement by an entry that looks the same", anna_is_half_open_here,
	  { { { { FIN, ANNA, NOW } } }, { { { SYN, BEN, NOW } } } }, ben_is_half_open },
	{ "a packet at the last moment against the sweep", anna_is_nearly_over,
	  { { { { ACK, ANNA, NOW } } }, { { { SWEEP, 0, NOW + 1 } } } }, nothing_more },
	{ "a packet of a flow that is over against the sweep", anna_is_over,
	  { { { { UDP, ANNA, NOW + 1 } } }, { { { SWEEP, 0, NOW + 1 } } } }, touched_or_expired },
	{ "two CPUs renew one flow", anna_was_closing, { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } } }, anna_has_an_entry },
	{ "two CPUs renew one flow while its old one is still heard", anna_was_closing,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } }, { { { ACK, ANNA, NOW + 1 } } } }, anna_has_an_entry },
	{ "a retired server is gone after the sweep", server_one_is_retired,
	  { { { { ACK, ANNA, NOW + 1 } } }, { { { SWEEP, 0, NOW } } }, { { { SYN, ANNA, NOW } } } }, nobody_at_server_one },
	{ "a claimer that wakes up late", one_free_slot,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, BEN, NOW + BUSY_SECONDS + 1 } } } }, ben_keeps_his_entry },
	{ "two inserts and the sweep", two_free_slots,
	  { { { { SYN, ANNA, NOW } } }, { { { SYN, ANNA, NOW } } }, { { { SWEEP, 0, NOW + 1 } } } }, anna_has_an_entry },
	{ "overflow on two CPUs at the turn of a second", full_until_the_sweep,
	  { { { { SYN, ANNA, NOW }, { ACK, ANNA, NOW } } }, { { { SYN, BEN, NOW + 1 } } }, { { { SWEEP, 0, NOW } } } }, what_follows_is_hashed },
};

/* A flow that nobody asked about is asked about once more, alone: found where it is, and never twice. */
static bool holds_true(const struct scenario *one)
{
	struct exploration exploration = {
		.actors = actors_of(one),
		.reset = set_up,
		.act = act,
		.memory = memory,
		.verdict = verdict,
	};
	struct explored explored;

	scenario = one;
	explored = explore(&exploration);
	if (!explored.wrong) {
		printf("ok: %s (%lu moments)\n", one->name, (unsigned long)explored.moments);
		return true;
	}
	printf("not ok: %s: %s\n  in the order %s\n", one->name, explored.wrong, explored.order);
	return false;
}

int main(void)
{
	int passed = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		if (holds_true(&scenarios[i]))
			passed++;
		else
			failed++;
	}
	xlvs_table_close(table);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
