// SPDX-License-Identifier: Apache-2.0
/* The slot protocol in every order that a few CPUs and the sweep can come to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"
#include "scenarios.h"

static void listen_at(const struct address *address, __be16 port, __u8 protocol, enum listener_kind what,
		      const struct listener *listener)
{
	const struct listener_key narrow = { address->quads[3], port, protocol, what };
	const struct wide_listener_key wide = { .address = *address, .port = { port, protocol, what, 1 } };
	const struct identity whose = identity;

	if (manner->is_ipv6 ? xlvs_wide_listener_put(ground.wide_listeners, &whose, &wide, listener) :
			      xlvs_listener_put(ground.listeners, &whose, &narrow, listener))
		abort();
}

static void listen_there(void)
{
	const struct listener listener = { THE_LISTENER, THE_SERVICE, manner->listener_flags, { 0 } };
	const struct listener endpoint = { .flags = manner->endpoint_flags }, source = { .index = THE_SOURCE };
	const struct address vip = address_in(THE_VIP), ours = address_in(OUR_ADDRESS);

	listen_at(&vip, THE_PORT, IPPROTO_TCP, KIND_LISTENER, &listener);
	listen_at(&vip, THE_PORT, IPPROTO_UDP, KIND_LISTENER, &listener);
	for (int server = 1; manner->endpoint_flags && server < SERVERS; server++)
		listen_at(&ground.servers[server].address, THE_PORT, IPPROTO_TCP, KIND_ENDPOINT, &endpoint);
	if (manner->endpoint_flags == ENDPOINT_FULL)
		listen_at(&ours, 0, 0, KIND_SOURCE, &source);
	ground.places[THE_LISTENER].address = vip;
	ground.sources[THE_SOURCE].address = ours;
}

static void set_up_servers(void)
{
	for (int server = 1; server < SERVERS; server++) {
		ground.servers[server] = (struct server){
			.route = { .mac = { 2, 0, 0, 0, 0, server }, .interface = THE_INTERFACE },
			.service = THE_SERVICE,
			.port = THE_PORT,
			.protocol = IPPROTO_TCP,
			.source = THE_SOURCE,
			.sources = 1,
			.address = address_in(bpf_htonl(0x0a010000 + server)),
		};
		ground.servers[server].route.flags = SERVER_ELIGIBLE | SERVER_REACHABLE | manner->server_flags;
	}
}

static void set_up_schedule(void)
{
	struct schedule *schedule = (struct schedule *)&world.rings[THE_SCHEDULE];

	world.services[THE_SERVICE].schedule = THE_SCHEDULE;
	schedule->slots = schedule->hash_slots = schedule->lookahead = 2;
	schedule->hash_line = 2;
	for (int line = 1; line <= 2; line++) {
		world.rings[THE_SCHEDULE + line].servers[0] = 1;
		world.rings[THE_SCHEDULE + line].servers[1] = 2;
	}
}

/* What no scenario changes but by its packets, or by given(). */
static void set_up_ground(void)
{
	struct hop *way_back = &ground.hops[0].hops[0];

	memset(&ground, 0, sizeof(ground));
	for (int state = 0; state < STATES; state++)
		ground.settings.timeouts[state] = 60;
	ground.settings.timeouts[STATE_BUSY] = BUSY_SECONDS;
	ground.settings.first_port = FIRST_PORT;
	ground.settings.ports = PORTS_OF_OURS;
	ground.interfaces[THE_INTERFACE] = (struct interface){ .mac = { 2, 0, 0, 0, 1 }, .ifindex = THE_INTERFACE };
	way_back->route = (struct server_route){ { 2, 0, 0, 0, 2 }, THE_INTERFACE, SERVER_REACHABLE };
	ground.hops[0].count = 1;
	ground.hops[1] = ground.hops[0];
	set_up_servers();
	listen_there();
}

static void set_up(void)
{
	memset(&world, 0, sizeof(world));
	clock_word = 0;
	memset(sent_to, 0, sizeof(sent_to));
	memset(by_entry, 0, sizeof(by_entry));
	memset(sent_from, 0, sizeof(sent_from));
	memset(replied_to, 0, sizeof(replied_to));
	memset(retired_servers, 0, sizeof(retired_servers));
	may_lose = false;
	set_up_ground();
	set_up_schedule();
	xlvs_table_close(table);
	table = xlvs_table_open(world.lines, LINES, world.wide_lines, LINES, world.loads, SERVERS, &ground.settings);
	scenario->given();
}

/* --- the actors --- */

static const __u8 segment_flags[] = { [SYN] = TCP_SYN, [ACK] = TCP_ACK, [FIN] = TCP_FIN | TCP_ACK };

static void send(int actor, int number, const struct event *event)
{
	const __be16 ports[2] = { port_of_client(event->client), THE_PORT };

	travel(actor, &addresses[event->client], &ground.places[THE_LISTENER].address, ports,
	       segment_flags[event->what], event->what == UDP);
	if (!was_sent(outcome_for[actor]))
		return;
	sent_to[actor][number] = frame_of(actor)->h_dest[5];
	by_entry[actor][number] = outcome_for[actor] == FORWARDED;
	sent_from[actor][number] = ports_in(actor)[0];
}

/* The server's answer to the packet before. */
static void answer_last(int actor, int number)
{
	const struct address *to =
		manner->endpoint_flags == ENDPOINT_FULL ? &ground.sources[THE_SOURCE].address : &addresses[ANNA];
	const __be16 ports[2] = { THE_PORT, sent_from[actor][number - 1] };
	struct address client;

	if (!sent_to[actor][number - 1])
		return;
	travel(actor, &ground.servers[sent_to[actor][number - 1]].address, to, ports, TCP_ACK, false);
	if (!was_replied(outcome_for[actor]))
		return;
	client = destination_in(actor);
	replied_to[actor][number] = same_address(&client, &addresses[ANNA]) ? ANNA : BEN;
}

static void act(int actor)
{
	struct xlvs_sweep_report report;

	for (int number = 0; number < MAXIMUM_PACKETS; number++) {
		const struct event *event = &scenario->scripts[actor].events[number];

		second_for[actor] = event->second;
		if (event->what == SWEEP)
			xlvs_table_sweep(table, NULL, retired_servers, &report);
		else if (event->what == ANSWERED)
			answer_last(actor, number);
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

static uint64_t mixed_in(uint64_t hash, const void *words, size_t size)
{
	for (size_t i = 0; i < size / sizeof(__u64); i++)
		hash = mixed(hash, ((const __u64 *)words)[i]);
	return hash;
}

static uint64_t memory(void)
{
	uint64_t hash = mixed_in(0, world.loads, sizeof(world.loads));

	for (int number = 0; number < SLOTS; number++) {
		if (watched & 1U << number)
			hash = mixed_in(hash, slot_numbered(number), slot_bytes());
	}
	hash = mixed_in(hash, &world.rings[THE_SCHEDULE], sizeof(__u64)); /* its turn */
	hash = mixed_in(hash, &world.services[THE_SERVICE], sizeof(struct service));
	hash = mixed_in(hash, world.source_ports, sizeof(world.source_ports));
	for (int actor = 0; actor < MAXIMUM_ACTORS; actor++) {
		for (int number = 0; number < MAXIMUM_PACKETS; number++) {
			hash = mixed(hash, (uint64_t)sent_to[actor][number] << 1 | by_entry[actor][number]);
			hash = mixed(hash, (uint64_t)replied_to[actor][number] << 16 | sent_from[actor][number]);
		}
	}
	return hash;
}

static bool loads_are_exact(void)
{
	__u64 tally[SERVERS] = { 0 };

	for (int number = 0; number < SLOTS; number++) {
		union owner owner = { .is = *owner_numbered(number) };

		if (owner.is.listener)
			tally[owner.is.server] += worth(owner);
	}
	for (int server = 0; server < SERVERS; server++) {
		if (world.loads[server].word != tally[server])
			return false;
	}
	return true;
}

/* Full NAT: an entry has a port, which is its own. */
static bool has_port_of_its_own(int number)
{
	__be16 port = own_port_in(number);

	for (int other = 0; other < SLOTS; other++) {
		if (other != number && owner_numbered(other)->listener && own_port_in(other) == port)
			return false;
	}
	for (int protocol = 0; protocol < SOURCE_PROTOCOLS; protocol++) {
		if (port && world.source_ports[protocol][bpf_ntohs(port) - FIRST_PORT].holder.slot == (__u32)number + 1)
			return true;
	}
	return false;
}

/* What is wrong with an entry. */
static const char *judge(int number)
{
	int client = client_in(number);

	if (client == ANNA_AND_BEN || client == BEN_AND_ANNA)
		return "an entry is found under a key that is mixed of two";
	if (!client && !may_lose)
		return "an entry has nobody's key";
	if (manner->endpoint_flags == ENDPOINT_FULL && client <= BEN && !has_port_of_its_own(number))
		return "an entry has no port of its own";
	return NULL;
}

static const char *verdict(void)
{
	for (int number = 0; number < SLOTS; number++) {
		const char *wrong = owner_numbered(number)->listener ? judge(number) : NULL;

		if (wrong)
			return wrong;
		if (owner_numbered(number)->state == STATE_BUSY)
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

/* Runs one in every order, or in those of so few interruptions; says which was the first that went wrong. */
static bool holds_true(const struct scenario *one, int interruptions)
{
	struct exploration exploration = {
		.actors = actors_of(one),
		.interruptions = interruptions,
		.reset = set_up,
		.act = act,
		.memory = memory,
		.verdict = verdict,
	};
	struct explored explored;

	scenario = one;
	explored = explore(&exploration);
	if (!explored.wrong) {
		printf("ok: %s: %s (%lu orders, %lu moments)\n", manner->name, one->name,
		       (unsigned long)explored.executions, (unsigned long)explored.moments);
		return true;
	}
	printf("not ok: %s: %s: %s\n  in the order %s\n", manner->name, one->name, explored.wrong, explored.order);
	return false;
}

static int passed, failed;
static const char *wanted = ""; /* in the names of those that are tried */

static void try_all(const struct scenario *some, size_t count, int interruptions)
{
	for (size_t i = 0; i < count; i++) {
		bool are_many = actors_of(&some[i]) > 2;

		if (!strstr(manner->name, wanted) && !strstr(some[i].name, wanted))
			continue;
		if (holds_true(&some[i], are_many ? MAXIMUM_INTERRUPTIONS : interruptions))
			passed++;
		else
			failed++;
	}
}

#define TRY_ALL(some, interruptions) try_all(some, sizeof(some) / sizeof((some)[0]), interruptions)

/*
 * interleave [WORDS]: all that have these words in their names, each in every order; without words the first manner is,
 * and the others, which have many times as many orders, are in those of few interruptions.
 */
int main(int count, char **words)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (count > 1)
		wanted = words[1];
	for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
		const int interruptions = i && !*wanted ? FEW_INTERRUPTIONS : 0;

		choose_manner(&manners[i]);
		TRY_ALL(scenarios, interruptions);
		TRY_ALL(sleepers, interruptions ? interruptions : MAXIMUM_INTERRUPTIONS);
		if (manner->endpoint_flags == ENDPOINT_FULL)
			TRY_ALL(port_scenarios, interruptions);
	}
	xlvs_table_close(table);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
