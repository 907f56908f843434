// SPDX-License-Identifier: Apache-2.0
/* The slot protocol in every order that a few CPUs and the sweep can come to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"
#include "scenarios.h"

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

	locate(&flow, &packet);
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

/* Runs one in every order; says which was the first that went wrong. */
static bool holds_true(const struct scenario *one)
{
	struct exploration exploration = {
		.actors = actors_of(one),
		.interruptions = actors_of(one) > 2 ? MAXIMUM_INTERRUPTIONS : 0,
		.reset = set_up,
		.act = act,
		.memory = memory,
		.verdict = verdict,
	};
	struct explored explored;

	scenario = one;
	explored = explore(&exploration);
	if (!explored.wrong) {
		printf("ok: %s (%lu orders, %lu moments)\n", one->name, (unsigned long)explored.executions,
		       (unsigned long)explored.moments);
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
