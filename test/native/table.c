// SPDX-License-Identifier: Apache-2.0
/* native/table.c by itself, over memory that no program touches. */
#include "../../native/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../bpf/clock.h"

enum {
	LINES = 8,
	SLOTS = LINES * SLOTS_PER_LINE,
	SERVERS = 5,
	TIMEOUT = 60,
};

static struct connection_line lines[LINES];
static struct load loads[SERVERS];
static struct settings settings;
static struct xlvs_table *table;
static int passed, failed;

static void check(const char *what, bool holds)
{
	passed += holds;
	failed += !holds;
	if (!holds)
		printf("not ok: %s\n", what);
}

static uint32_t second_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return second_of((uint64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

static struct connection_slot *slot_at(int number)
{
	return &lines[number / SLOTS_PER_LINE].slots[number % SLOTS_PER_LINE];
}

static void put(int number, uint16_t listener, uint16_t server, uint32_t age, enum connection_state state)
{
	*slot_at(number) = (struct connection_slot){
		.key = { .client = 100 + number, .client_port = 1, .service_port = 2 },
		.owner = { listener, server, second_now() - age, state, 0 },
	};
	if (!listener)
		return;
	loads[server].counts.active += state == STATE_ESTABLISHED;
	loads[server].counts.inactive += state != STATE_ESTABLISHED;
}

static void start(void)
{
	xlvs_table_close(table);
	memset(lines, 0, sizeof(lines));
	memset(loads, 0, sizeof(loads));
	for (int state = 0; state < STATES; state++)
		settings.timeouts[state] = TIMEOUT;
	settings.timeouts[STATE_BUSY] = BUSY_SECONDS;
	table = xlvs_table_open(lines, LINES, loads, SERVERS, &settings);
}

static struct xlvs_sweep_report sweep(const uint8_t *retired_listeners, const uint8_t *retired_servers)
{
	struct xlvs_sweep_report report;

	check("a sweep succeeds", xlvs_table_sweep(table, retired_listeners, retired_servers, &report) == 0);
	return report;
}

static void test_expiry(void)
{
	struct xlvs_sweep_report report;

	start();
	put(0, 1, 1, 0, STATE_ESTABLISHED);
	put(1, 1, 1, TIMEOUT - 1, STATE_SYN_RECEIVED);
	put(2, 1, 2, TIMEOUT + 2, STATE_ESTABLISHED);
	put(SLOTS - 1, 1, 2, TIMEOUT + 2, STATE_UDP);
	put(4, 0, 7, BUSY_SECONDS + 2, STATE_BUSY);
	put(5, 0, 7, 0, STATE_BUSY);
	report = sweep(NULL, NULL);
	check("what is over is gone", !slot_at(2)->owner_word && !slot_at(SLOTS - 1)->owner_word);
	check("what is not stays", slot_at(0)->owner.server == 1 && slot_at(1)->owner.server == 1);
	check("an old claim is gone, a fresh one stays",
	      !slot_at(4)->owner_word && slot_at(5)->owner.state == STATE_BUSY);
	check("the report counts entries", report.used == 2 && report.established == 1 && report.expired == 3);
	check("the counts of a server that lost all are 0", loads[2].word == 0);
	check("the counts of the other stay", loads[1].counts.active == 1 && loads[1].counts.inactive == 1);
}

static void test_a_clock_that_is_ahead(void)
{
	start();
	put(0, 1, 1, -1, STATE_ESTABLISHED);
	sweep(NULL, NULL);
	check("an entry from a second to come stays", slot_at(0)->owner.listener == 1);
}

static void test_retirement(void)
{
	uint8_t retired_listeners[8192] = { 0 }, retired_servers[8192] = { 0 };

	start();
	put(0, 1, 1, 0, STATE_ESTABLISHED);
	put(1, 2, 1, 0, STATE_ESTABLISHED);
	put(2, 1, 4, 0, STATE_UDP);
	put(3, 0, 4, 0, STATE_BUSY);
	retired_listeners[0] = 1 << 2;
	retired_servers[0] = 1 << 4;
	sweep(retired_listeners, retired_servers);
	check("entries of retired listeners and servers are gone", !slot_at(1)->owner_word && !slot_at(2)->owner_word);
	check("others stay", slot_at(0)->owner.listener == 1);
	check("a claim that bears a number like a server's stays", slot_at(3)->owner.state == STATE_BUSY);
	check("the counts follow", loads[1].counts.active == 1 && loads[4].word == 0);
}

static void test_mending(void)
{
	start();
	put(0, 1, 1, 0, STATE_ESTABLISHED);
	loads[1].word += 5;
	loads[2].word = 1;
	check("one quiet sweep mends nothing", sweep(NULL, NULL).mended == 0);
	loads[2].word = 2;
	check("the second mends what stayed the same", sweep(NULL, NULL).mended == 1);
	check("by what the slots say", loads[1].word == 1ULL << 32);
	check("and not what moved meanwhile", loads[2].word == 2);
	check("until that is quiet too", sweep(NULL, NULL).mended == 1 && loads[2].word == 0);
	check("then nothing is left to mend", sweep(NULL, NULL).mended == 0);
}

static void test_servers_beyond_the_map(void)
{
	start();
	put(0, 1, 1, 0, STATE_ESTABLISHED);
	slot_at(0)->owner.server = SERVERS;
	slot_at(0)->owner.second -= TIMEOUT + 2;
	sweep(NULL, NULL);
	check("an entry of no known server expires", !slot_at(0)->owner_word);
}

static int64_t scan(struct xlvs_filter filter, uint64_t *cursor, struct connection_slot *found, uint32_t limit)
{
	uint32_t now;

	return xlvs_table_scan(table, &filter, cursor, found, limit, &now);
}

static void test_scan(void)
{
	struct connection_slot found[SLOTS];
	uint64_t cursor = 0;

	start();
	for (int number = 0; number < SLOTS; number++)
		put(number, 1 + number % 2, 1 + number % 4, number == 3 ? TIMEOUT + 2 : 0, STATE_UDP);
	slot_at(4)->owner = (struct connection_owner){ .state = STATE_BUSY, .second = second_now() };
	check("a scan finds live entries alone", scan((struct xlvs_filter){ 0 }, &cursor, found, SLOTS) == SLOTS - 2);
	check("and says that it came to the end", cursor == UINT64_MAX);
	cursor = 0;
	check("a page holds no more than was asked for", scan((struct xlvs_filter){ 0 }, &cursor, found, 3) == 3);
	check("the next one goes on", scan((struct xlvs_filter){ 0 }, &cursor, found, SLOTS) == SLOTS - 5);
	check("where the first stopped", found[0].key.client == 105);
	cursor = 0;
	check("by client", scan((struct xlvs_filter){ .client = 110 }, &cursor, found, SLOTS) == 1);
	cursor = 0;
	check("by listener", scan((struct xlvs_filter){ .listener = 2 }, &cursor, found, SLOTS) == SLOTS / 2 - 1);
	cursor = 0;
	check("by server and listener",
	      scan((struct xlvs_filter){ .listener = 2, .server = 1 }, &cursor, found, SLOTS) == 0);
	cursor = SLOTS + 1000;
	check("a cursor beyond the table finds nothing", scan((struct xlvs_filter){ 0 }, &cursor, found, SLOTS) == 0);
}

static void test_exact_page(void)
{
	struct connection_slot found[1];
	uint64_t cursor = 0;

	start();
	put(SLOTS - 1, 1, 1, 0, STATE_UDP);
	check("the last slot is found", scan((struct xlvs_filter){ 0 }, &cursor, found, 1) == 1);
	check("and there is no page after it", cursor == UINT64_MAX);
}

int main(void)
{
	test_expiry();
	test_a_clock_that_is_ahead();
	test_retirement();
	test_mending();
	test_servers_beyond_the_map();
	test_scan();
	test_exact_page();
	xlvs_table_close(table);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
