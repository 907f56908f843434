// SPDX-License-Identifier: Apache-2.0
/* Program and sweep at once: two CPUs send packets of the same flows while a third thread sweeps, over small and large tables. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../native/table.h"
#include "loaded.h"

enum {
	CPUS = 2,
	CUSTOMERS = 24, /* established before the storm and kept through it */
	STEADY_SERVERS = 6, /* the others come and go */
	CUSTOMER_NET = 0x0002000a,
	CROWD_NET = 0x0003000a,
	HOURS = 10000, /* in seconds, and longer than any timeout */
	MICROSECONDS_BETWEEN_SWEEPS = 500,
};

struct storm {
	const char *name;
	uint32_t lines;
	uint32_t flows; /* that the two CPUs share; 0: each flow is new, and both CPUs send its first packet at once */
	enum stray stray;
	uint32_t packets; /* of each CPU */
};

static const struct storm storms[] = {
	{ "a table that overflows", 32, 400, STRAY_RESET, 100000 },
	{ "a table that overflows, strays hashed", 32, 400, STRAY_HASH, 100000 },
	{ "a few flows, again and again", 64, 3, STRAY_RESET, 100000 },
	{ "a few flows, strays hashed", 64, 3, STRAY_HASH, 100000 },
	{ "a large table", 16384, 20000, STRAY_RESET, 100000 },
	{ "new flows on both CPUs", 65536, 0, STRAY_RESET, 40000 },
	{ "new flows on both CPUs, a table that overflows", 1024, 0, STRAY_RESET, 40000 },
};

static struct loaded loaded;
static struct xlvs_table *table;
static const struct storm *storm;
static uint64_t ticket;
static int storm_is_over;
static uint64_t broken_customers, named_after_sweep, mended_meanwhile, sweeps, expired;
static uint16_t home[CUSTOMERS]; /* each customer's server */
static int passed, failed;

static void check(const char *what, uint64_t found)
{
	if (!found) {
		passed++;
		return;
	}
	failed++;
	printf("not ok: %s: %s: %lu\n", storm->name, what, (unsigned long)found);
}

static uint32_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 33);
}

/* --- what the two CPUs do --- */

static void serve_customer(uint32_t number)
{
	struct passage passage = send_frame(&loaded, CUSTOMER_NET, 1000 + number, SEGMENT_ACK);

	if (passage.server != home[number])
		__atomic_fetch_add(&broken_customers, 1, __ATOMIC_RELAXED);
}

/* Two tickets in a row are for one flow, and most often two CPUs draw them. */
static void send_from_crowd(uint64_t *random)
{
	static const enum segment usual[] = { SEGMENT_SYN, SEGMENT_SYN, SEGMENT_SYN, SEGMENT_ACK, SEGMENT_ACK,
					      SEGMENT_FIN, SEGMENT_RST, DATAGRAM,    DATAGRAM };
	uint64_t state = __atomic_fetch_add(&ticket, 1, __ATOMIC_RELAXED) / 2 + 1;
	uint32_t flow = (random_next(&state), random_next(&state) % storm->flows);

	send_frame(&loaded, CROWD_NET, 1 + flow, usual[random_next(random) % (sizeof(usual) / sizeof(usual[0]))]);
}

/* Waits for the other CPU, though not for ever: it may be away. */
static void meet(uint64_t number)
{
	for (int patience = 0; patience < 3000 && __atomic_load_n(&ticket, __ATOMIC_ACQUIRE) < number / 2 * 2 + 2;
	     patience++)
		__builtin_ia32_pause();
}

static void send_first_packet(uint64_t *random)
{
	uint64_t number = __atomic_fetch_add(&ticket, 1, __ATOMIC_ACQ_REL), flow = number / 2;
	enum segment first = flow % 4 ? SEGMENT_SYN : DATAGRAM;

	meet(number);
	for (uint32_t delay = random_next(random) % 64; delay; delay--)
		__builtin_ia32_pause();
	send_frame(&loaded, CROWD_NET + (uint32_t)(flow >> 16 << 24), 1 + flow % 65535, first);
}

static void *send_many(void *argument)
{
	uint64_t number = (uint64_t)argument, random = number + 1;
	cpu_set_t mine;

	CPU_ZERO(&mine);
	CPU_SET(number, &mine);
	pthread_setaffinity_np(pthread_self(), sizeof(mine), &mine);
	for (uint32_t i = 0; i < storm->packets; i++) {
		if (i % 16 == 0)
			serve_customer(random_next(&random) % CUSTOMERS);
		else if (storm->flows)
			send_from_crowd(&random);
		else
			send_first_packet(&random);
	}
	return NULL;
}

/* --- what the sweep does --- */

static uint64_t slots_naming(uint16_t server)
{
	uint64_t count = 0;

	for (uint32_t line = 0; line < loaded.line_count; line++) {
		for (int i = 0; i < SLOTS_PER_LINE; i++) {
			const struct connection_slot *slot = &loaded.lines[line].slots[i];

			count += slot->owner.listener && slot->owner.server == server;
		}
	}
	return count;
}

/* Takes one of the unsteady servers away, sweeps, and brings it back. */
static void retire_and_sweep(uint16_t server)
{
	struct xlvs_sweep_report report;
	uint8_t retired[8192] = { 0 };

	set_flags(&loaded, server, SERVER_REMOVED);
	retired[server / 8] = 1 << server % 8;
	xlvs_table_sweep(table, NULL, retired, &report);
	named_after_sweep += slots_naming(server);
	mended_meanwhile += report.mended;
	expired += report.expired;
	set_flags(&loaded, server, SERVER_ELIGIBLE | SERVER_REACHABLE);
}

/* What an hour does, in a moment: some of the crowd's entries are over, by the protocol that everybody keeps to. */
static void age_some(uint64_t *random)
{
	for (uint32_t line = 0; line < loaded.line_count; line++) {
		struct connection_slot *slot = &loaded.lines[line].slots[random_next(random) % SLOTS_PER_LINE];
		struct connection_slot seen = { .owner_word = __atomic_load_n(&slot->owner_word, __ATOMIC_ACQUIRE) },
				       older;

		seen.key_word = __atomic_load_n(&slot->key_word, __ATOMIC_ACQUIRE);
		if (!seen.owner.listener || seen.key.client == CUSTOMER_NET)
			continue;
		older = seen;
		older.owner.second -= HOURS;
		__atomic_compare_exchange_n(&slot->owner_word, &seen.owner_word, older.owner_word, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	}
}

static void *sweep_often(void *argument)
{
	struct xlvs_sweep_report report;
	uint64_t random = 99;

	(void)argument;
	for (sweeps = 0; !__atomic_load_n(&storm_is_over, __ATOMIC_ACQUIRE); sweeps++) {
		usleep(MICROSECONDS_BETWEEN_SWEEPS);
		if (storm->flows)
			age_some(&random);
		if (storm->flows && sweeps % 8 == 0) {
			retire_and_sweep(STEADY_SERVERS + 1 + sweeps / 8 % (LOADED_SERVERS - STEADY_SERVERS));
		} else {
			xlvs_table_sweep(table, NULL, NULL, &report);
			mended_meanwhile += report.mended;
			expired += report.expired;
		}
	}
	return NULL;
}

/* --- what must hold when all is quiet --- */

static int by_flow(const void *left, const void *right)
{
	const struct connection_slot *a = left, *b = right;

	if (a->key_word != b->key_word)
		return a->key_word < b->key_word ? -1 : 1;
	return (int)a->owner.listener - (int)b->owner.listener;
}

static uint64_t twice_in_the_table(void)
{
	uint64_t slots = (uint64_t)loaded.line_count * SLOTS_PER_LINE, used = 0, count = 0;
	struct connection_slot *all = calloc(slots, sizeof(*all));

	for (uint64_t i = 0; i < slots; i++) {
		const struct connection_slot *slot = &loaded.lines[i / SLOTS_PER_LINE].slots[i % SLOTS_PER_LINE];

		if (slot->owner.listener)
			all[used++] = *slot;
	}
	qsort(all, used, sizeof(*all), by_flow);
	for (uint64_t i = 1; i < used; i++)
		count += by_flow(&all[i - 1], &all[i]) == 0;
	free(all);
	return count;
}

static uint64_t claimed_slots(void)
{
	uint64_t count = 0;

	for (uint32_t line = 0; line < loaded.line_count; line++) {
		for (int i = 0; i < SLOTS_PER_LINE; i++)
			count += loaded.lines[line].slots[i].owner.state == STATE_BUSY;
	}
	return count;
}

static uint64_t wrong_loads(void)
{
	uint64_t tally[LOADED_SERVERS + 1] = { 0 }, count = 0;

	for (uint32_t line = 0; line < loaded.line_count; line++) {
		for (int i = 0; i < SLOTS_PER_LINE; i++) {
			const struct connection_owner *owner = &loaded.lines[line].slots[i].owner;

			if (owner->listener)
				tally[owner->server] += owner->state == STATE_ESTABLISHED ? 1ULL << 32 : 1;
		}
	}
	for (int server = 0; server <= LOADED_SERVERS; server++)
		count += loaded.loads[server].word != tally[server];
	return count;
}

static void check_at_rest(void)
{
	struct xlvs_sweep_report report;

	check("loads that differ from the slots, before any sweep", wrong_loads());
	for (int sweep = 0; sweep < 2; sweep++) {
		xlvs_table_sweep(table, NULL, NULL, &report);
		check("loads that a sweep had to mend", report.mended);
	}
	check("loads that differ from the slots after two sweeps", wrong_loads());
	check("slots that stay claimed", claimed_slots());
	check("pairs of entries for one flow", twice_in_the_table());
	for (uint32_t number = 0; number < CUSTOMERS; number++)
		serve_customer(number);
	check("packets of established connections that went astray", broken_customers);
	check("slots that named a retired server after the sweep", named_after_sweep);
	check("loads mended during the storm", mended_meanwhile);
}

/* --- the storms --- */

/* Short, so that entries expire all the time; but customers' packets come more often. */
static void set_timeouts(void)
{
	for (int state = 0; state < STATES; state++)
		loaded.settings->timeouts[state] = storm->flows ? 1 : 60;
	loaded.settings->timeouts[STATE_ESTABLISHED] = 20;
	loaded.settings->timeouts[STATE_BUSY] = BUSY_SECONDS;
}

/* SYN, ACK, and an ACK in a later second: the entries' own seconds are put back instead of waiting. */
static void greet_customers(void)
{
	uint64_t homeless = 0;

	for (uint32_t number = 0; number < CUSTOMERS; number++) {
		home[number] = send_frame(&loaded, CUSTOMER_NET, 1000 + number, SEGMENT_SYN).server;
		send_frame(&loaded, CUSTOMER_NET, 1000 + number, SEGMENT_ACK);
	}
	for (uint32_t line = 0; line < loaded.line_count; line++) {
		for (int i = 0; i < SLOTS_PER_LINE; i++) {
			if (loaded.lines[line].slots[i].owner.listener)
				loaded.lines[line].slots[i].owner.second--;
		}
	}
	for (uint32_t number = 0; number < CUSTOMERS; number++) {
		serve_customer(number);
		homeless += !home[number];
	}
	check("customers without a server", homeless);
}

static void rage(const struct storm *one)
{
	pthread_t senders[CPUS], sweeper;
	uint64_t before;

	storm = one;
	ticket = broken_customers = named_after_sweep = mended_meanwhile = expired = 0;
	storm_is_over = 0;
	loaded = load_program(one->lines, one->stray);
	table = xlvs_table_open(loaded.lines, one->lines, NULL, 0, loaded.loads, LOADED_SERVERS + 1, loaded.settings);
	set_timeouts();
	for (uint16_t server = STEADY_SERVERS + 1; server <= LOADED_SERVERS; server++)
		set_flags(&loaded, server, 0);
	greet_customers();
	before = outcomes_counted(&loaded);
	pthread_create(&sweeper, NULL, sweep_often, NULL);
	for (uint64_t number = 0; number < CPUS; number++)
		pthread_create(&senders[number], NULL, send_many, (void *)number);
	for (int number = 0; number < CPUS; number++)
		pthread_join(senders[number], NULL);
	__atomic_store_n(&storm_is_over, 1, __ATOMIC_RELEASE);
	pthread_join(sweeper, NULL);
	check("packets without an outcome, or with two", outcomes_counted(&loaded) - before != CPUS * storm->packets);
	check("sweeps that had nothing to do", storm->flows && !expired);
	check_at_rest();
	printf("%s: %lu sweeps took %lu entries away\n", one->name, (unsigned long)sweeps, (unsigned long)expired);
	xlvs_table_close(table);
	unload_program(&loaded);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(storms) / sizeof(storms[0]); i++)
		rage(&storms[i]);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
