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
#include "../../native/shim.h"

enum {
	LINES = 8,
	SLOTS = LINES * SLOTS_PER_LINE,
	SERVERS = 5,
	TIMEOUT = 60,
};

/* The filter for an IPv4 client that put() made. */
#define CLIENT(number) ((struct xlvs_filter){ .client = { [10] = 0xff, [11] = 0xff, [12] = (number) } })

static struct connection_line lines[LINES];
static struct wide_line wide_lines[LINES];
static struct load loads[SERVERS];
static struct settings settings;
static struct xlvs_table *table;
static bool is_wide; /* which of the two tables a test is about */
static int passed, failed;

static void check(const char *what, bool holds)
{
	passed += holds;
	failed += !holds;
	if (!holds)
		printf("not ok: %s%s\n", what, is_wide ? ", in the wide table" : "");
}

static uint32_t second_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return second_of((uint64_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

static struct connection_owner *owner_in(bool wide, int number)
{
	int line = number / SLOTS_PER_LINE, i = number % SLOTS_PER_LINE;

	return wide ? &wide_lines[line].slots[i].owner : &lines[line].slots[i].owner;
}

/* Of the table that the test is about. */
static struct connection_owner *owner_at(int number)
{
	return owner_in(is_wide, number);
}

static bool is_empty(int number)
{
	static const struct connection_owner none;

	return !memcmp(owner_at(number), &none, sizeof(none));
}

static void put_in(bool wide, int number, uint16_t listener, uint16_t server, uint32_t age, enum connection_state state)
{
	int line = number / SLOTS_PER_LINE, i = number % SLOTS_PER_LINE;
	const struct connection_key key = { .client = 100 + number, .client_port = 1, .service_port = 2 };
	const struct wide_ports ports = { .client_port = 1, .service_port = 2, .own_port = 3, .source = 4 };

	if (wide)
		wide_lines[line].slots[i].key =
			(struct wide_key){ .client = { .quads = { 100 + number, 7 } }, .ports = ports };
	else
		lines[line].slots[i].key = key;
	*owner_in(wide, number) = (struct connection_owner){ listener, server, second_now() - age, state, 0 };
	if (!listener)
		return;
	loads[server].counts.active += state == STATE_ESTABLISHED;
	loads[server].counts.inactive += state != STATE_ESTABLISHED;
}

static void put(int number, uint16_t listener, uint16_t server, uint32_t age, enum connection_state state)
{
	put_in(is_wide, number, listener, server, age, state);
}

static void start(void)
{
	xlvs_table_close(table);
	memset(lines, 0, sizeof(lines));
	memset(wide_lines, 0, sizeof(wide_lines));
	memset(loads, 0, sizeof(loads));
	for (int state = 0; state < STATES; state++)
		settings.timeouts[state] = TIMEOUT;
	settings.timeouts[STATE_BUSY] = BUSY_SECONDS;
	table = xlvs_table_open(lines, LINES, wide_lines, LINES, loads, SERVERS, &settings);
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
	check("what is over is gone", is_empty(2) && is_empty(SLOTS - 1));
	check("what is not stays", owner_at(0)->server == 1 && owner_at(1)->server == 1);
	check("an old claim is gone, a fresh one stays", is_empty(4) && owner_at(5)->state == STATE_BUSY);
	check("the report counts entries", report.used == 2 && report.established == 1 && report.expired == 3);
	check("the counts of a server that lost all are 0", loads[2].word == 0);
	check("the counts of the other stay", loads[1].counts.active == 1 && loads[1].counts.inactive == 1);
}

static void test_a_clock_that_is_ahead(void)
{
	start();
	put(0, 1, 1, -1, STATE_ESTABLISHED);
	sweep(NULL, NULL);
	check("an entry from a second to come stays", owner_at(0)->listener == 1);
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
	check("entries of retired listeners and servers are gone", is_empty(1) && is_empty(2));
	check("others stay", owner_at(0)->listener == 1);
	check("a claim that bears a number like a server's stays", owner_at(3)->state == STATE_BUSY);
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
	owner_at(0)->server = SERVERS;
	owner_at(0)->second -= TIMEOUT + 2;
	sweep(NULL, NULL);
	check("an entry of no known server expires", is_empty(0));
}

static int64_t scan(struct xlvs_filter filter, uint64_t *cursor, struct xlvs_connection *found, uint32_t limit)
{
	uint32_t now;

	return xlvs_table_scan(table, &filter, cursor, found, limit, &now);
}

static void test_scan(void)
{
	struct xlvs_connection found[SLOTS];
	uint64_t cursor = 0;

	start();
	for (int number = 0; number < SLOTS; number++)
		put(number, 1 + number % 2, 1 + number % 4, number == 3 ? TIMEOUT + 2 : 0, STATE_UDP);
	*owner_at(4) = (struct connection_owner){ .state = STATE_BUSY, .second = second_now() };
	check("a scan finds live entries alone", scan((struct xlvs_filter){ 0 }, &cursor, found, SLOTS) == SLOTS - 2);
	check("and says that it came to the end", cursor == UINT64_MAX);
	cursor = 0;
	check("a page holds no more than was asked for", scan((struct xlvs_filter){ 0 }, &cursor, found, 3) == 3);
	check("the next one goes on", scan((struct xlvs_filter){ 0 }, &cursor, found, SLOTS) == SLOTS - 5);
	check("where the first stopped", found[0].client[12] == 105);
	cursor = 0;
	check("by client", scan((struct xlvs_filter)CLIENT(110), &cursor, found, SLOTS) == 1);
	cursor = 0;
	check("by listener", scan((struct xlvs_filter){ .listener = 2 }, &cursor, found, SLOTS) == SLOTS / 2 - 1);
	cursor = 0;
	check("by server and listener",
	      scan((struct xlvs_filter){ .listener = 2, .server = 1 }, &cursor, found, SLOTS) == 0);
	cursor = 2 * SLOTS + 1000;
	check("a cursor beyond the tables finds nothing", scan((struct xlvs_filter){ 0 }, &cursor, found, SLOTS) == 0);
}

static void test_exact_page(void)
{
	struct xlvs_connection found[1];
	uint64_t cursor = 0;

	start();
	put(SLOTS - 1, 1, 1, 0, STATE_UDP);
	check("the last slot is found", scan((struct xlvs_filter){ 0 }, &cursor, found, 1) == 1);
	check("and there is no page after it, if there is no table after it", cursor == (is_wide ? UINT64_MAX : SLOTS));
	if (!is_wide)
		check("which is empty here", scan((struct xlvs_filter){ 0 }, &cursor, found, 1) == 0);
	check("the end is the end", cursor == UINT64_MAX);
}

static void test_two_tables_as_one(void)
{
	struct xlvs_sweep_report report;
	struct xlvs_connection found[4];
	uint64_t cursor = 0;

	start();
	put_in(false, 1, 1, 1, 0, STATE_ESTABLISHED);
	put_in(true, 1, 1, 1, 0, STATE_SYN_RECEIVED);
	put_in(true, 2, 2, 1, 0, STATE_ESTABLISHED);
	put_in(true, 3, 2, 1, TIMEOUT + 2, STATE_ESTABLISHED);
	owner_in(true, 2)->flags = FLAG_PROBATION;
	report = sweep(NULL, NULL);
	check("both are reported", report.used == 3 && report.established == 2 && report.expired == 1);
	check("and the wide one by itself", report.wide_used == 2 && report.wide_established == 1);
	check("probation too", report.probationary == 1 && report.wide_probationary == 1);
	check("a server's counts are those of both", loads[1].counts.active == 2 && loads[1].counts.inactive == 1);
	check("so that nothing has to be mended", report.mended == 0 && sweep(NULL, NULL).mended == 0);
	check("a scan goes through both", scan((struct xlvs_filter){ 0 }, &cursor, found, 4) == 3);
	check("the narrow one first", found[0].own_port == 0 && found[1].own_port == 3);
	cursor = 0;
	check("a client is found in both", scan(CLIENT(101), &cursor, found, 4) == 2);
}

static void test_both_families(void)
{
	const uint8_t client[16] = { 0x20, 1, 0xd, 0xb8 }, vip[16] = { [10] = 0xff, [11] = 0xff, [12] = 7 };
	static const uint8_t none[16];
	struct xlvs_filter filter = { 0 };
	struct xlvs_connection found[2];
	uint64_t cursor = 0;

	start();
	memcpy(filter.client, client, sizeof(client));
	put_in(true, 0, 1, 1, 0, STATE_UDP);
	put_in(true, 1, 1, 1, 0, STATE_UDP);
	memcpy(wide_lines[0].slots[1].key.client.bytes, client, sizeof(client));
	wide_lines[0].slots[1].key.ports.check = CHECK_IPV6;
	check("an IPv6 client that ends in zeros is found", scan(filter, &cursor, found, 2) == 1);
	check("with its whole address", !memcmp(found[0].client, client, sizeof(client)));
	check("and no other's", !memcmp(found[0].vip, none, sizeof(none)));
	cursor = 0;
	check("an IPv4 client has its VIP beside it",
	      scan(CLIENT(100), &cursor, found, 2) == 1 && found[0].listener == 1);
	check("which is told", !memcmp(found[0].vip, vip, sizeof(vip)));
	check("with all that the slot says", found[0].client_port == 1 && found[0].service_port == 2 &&
						     found[0].own_port == 3 && found[0].source == 4);
}

static bool has_bit(const uint8_t *bitmap, uint16_t index)
{
	return bitmap[index / 8] & 1 << index % 8;
}

static void test_indices(void)
{
	static uint8_t listeners[8192], servers[8192];

	start();
	put_in(false, SLOTS - 1, 9, 1, 0, STATE_UDP);
	put_in(true, SLOTS - 1, 65535, 4, 0, STATE_UDP);
	owner_in(false, SLOTS - 1)->server = 65535;
	xlvs_indices_named(lines, LINES, wide_lines, LINES, listeners, servers);
	check("indices of narrow slots are named", has_bit(listeners, 9) && has_bit(servers, 65535));
	check("those of wide ones too", has_bit(listeners, 65535) && has_bit(servers, 4));
	check("others are not", !has_bit(listeners, 1) && !has_bit(servers, 1) && !has_bit(listeners, 0));
}

int main(void)
{
	for (int wide = 0; wide < 2; wide++) {
		is_wide = wide;
		test_expiry();
		test_a_clock_that_is_ahead();
		test_retirement();
		test_mending();
		test_servers_beyond_the_map();
		test_scan();
		test_exact_page();
	}
	test_two_tables_as_one();
	test_both_families();
	test_indices();
	xlvs_table_close(table);
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
