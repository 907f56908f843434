// SPDX-License-Identifier: Apache-2.0
#include "table.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../bpf/clock.h"
#include "shim.h"

union owner {
	struct connection_owner is;
	uint64_t word;
};

/* What the sweep before saw of a server that was quiet; `counted` is UINT64_MAX when it wasn't. */
struct difference {
	uint64_t counted;
	uint64_t tallied;
};

struct xlvs_table {
	struct connection_line *lines;
	uint64_t slots;
	struct load *loads;
	uint32_t server_count;
	const struct settings *settings;
	atomic_flag sweeping;
	/* by server: what the slots say, what the map said before, and the last sweep's finding */
	uint64_t *tally;
	uint64_t *before;
	struct difference *differences;
};

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t load_word(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static bool swap_word(__u64 *word, uint64_t from, uint64_t to)
{
	__u64 expected = from;

	return __atomic_compare_exchange_n(word, &expected, to, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static struct connection_slot *slot_at(const struct xlvs_table *table, uint64_t number)
{
	return &table->lines[number / SLOTS_PER_LINE].slots[number % SLOTS_PER_LINE];
}

/* What an entry adds to its server's load word. */
static uint64_t worth(union owner owner)
{
	return owner.is.state == STATE_ESTABLISHED ? 1ULL << 32 : 1;
}

static bool has_bit(const uint8_t *bitmap, uint16_t index)
{
	return bitmap && bitmap[index / 8] & 1 << index % 8;
}

static bool is_over(const struct xlvs_table *table, union owner owner, uint32_t now)
{
	return is_older(now, owner.is.second, table->settings->timeouts[owner.is.state % STATES]);
}

struct xlvs_table *xlvs_table_open(struct connection_line *lines, uint32_t line_count, struct load *loads,
				   uint32_t server_count, const struct settings *settings)
{
	struct xlvs_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->lines = lines;
	table->slots = (uint64_t)line_count * SLOTS_PER_LINE;
	table->loads = loads;
	table->server_count = server_count;
	table->settings = settings;
	atomic_flag_clear(&table->sweeping);
	table->tally = calloc(server_count, sizeof(*table->tally));
	table->before = calloc(server_count, sizeof(*table->before));
	table->differences = malloc(server_count * sizeof(*table->differences));
	if (!table->tally || !table->before || !table->differences) {
		xlvs_table_close(table);
		return NULL;
	}
	memset(table->differences, 0xff, server_count * sizeof(*table->differences));
	return table;
}

void xlvs_table_close(struct xlvs_table *table)
{
	if (!table)
		return;
	free(table->tally);
	free(table->before);
	free(table->differences);
	free(table);
}

/* Takes one entry away, whoever else is changing it, unless it becomes one that may stay. */
static bool take_away(struct xlvs_table *table, struct connection_slot *slot, union owner owner)
{
	if (!swap_word(&slot->owner_word, owner.word, 0))
		return false;
	if (owner.is.listener && owner.is.server < table->server_count)
		__atomic_fetch_sub(&table->loads[owner.is.server].word, worth(owner), __ATOMIC_SEQ_CST);
	return true;
}

/* Counts one slot, or frees it. */
static void sweep_slot(struct xlvs_table *table, struct connection_slot *slot, const uint8_t *retired_listeners,
		       const uint8_t *retired_servers, uint32_t now, struct xlvs_sweep_report *report)
{
	union owner owner = { .word = load_word(&slot->owner_word) };

	while (owner.word && (is_over(table, owner, now) || has_bit(retired_listeners, owner.is.listener) ||
			      (owner.is.listener && has_bit(retired_servers, owner.is.server)))) {
		if (take_away(table, slot, owner)) {
			report->expired++;
			return;
		}
		owner.word = load_word(&slot->owner_word);
	}
	if (!owner.is.listener)
		return; /* empty, or being written */
	report->used++;
	report->established += owner.is.state == STATE_ESTABLISHED;
	report->probationary += owner.is.flags & FLAG_PROBATION;
	if (owner.is.server < table->server_count)
		table->tally[owner.is.server] += worth(owner);
}

/*
 * Sets a server's counts to what the slots say, when this sweep and the one before found the same difference and nobody
 * moved the counts meanwhile: a controller killed between a deletion and its count leaves such a difference.
 */
static bool mend(struct xlvs_table *table, uint32_t server)
{
	struct difference *last = &table->differences[server];
	uint64_t counted = load_word(&table->loads[server].word), tallied = table->tally[server];
	bool quiet = counted == table->before[server] && counted != tallied;
	bool agreed = quiet && last->counted == counted && last->tallied == tallied;

	*last = (struct difference){ quiet ? counted : UINT64_MAX, tallied };
	return agreed && swap_word(&table->loads[server].word, counted, tallied);
}

static void sweep(struct xlvs_table *table, const uint8_t *retired_listeners, const uint8_t *retired_servers,
		  struct xlvs_sweep_report *report)
{
	memset(table->tally, 0, table->server_count * sizeof(*table->tally));
	for (uint32_t server = 0; server < table->server_count; server++)
		table->before[server] = load_word(&table->loads[server].word);
	uint32_t now = second_of(nanoseconds(CLOCK_MONOTONIC_COARSE));
	for (uint64_t number = 0; number < table->slots; number++)
		sweep_slot(table, slot_at(table, number), retired_listeners, retired_servers, now, report);
	for (uint32_t server = 0; server < table->server_count; server++)
		report->mended += mend(table, server);
}

int xlvs_table_sweep(struct xlvs_table *table, const uint8_t *retired_listeners, const uint8_t *retired_servers,
		     struct xlvs_sweep_report *report)
{
	uint64_t start = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
	int error = 0;

	if (atomic_flag_test_and_set(&table->sweeping))
		return -EBUSY;
	memset(report, 0, sizeof(*report));
	if (retired_listeners || retired_servers)
		error = xlvs_grace();
	if (!error)
		sweep(table, retired_listeners, retired_servers, report);
	report->nanoseconds = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start;
	atomic_flag_clear(&table->sweeping);
	return error;
}

static bool passes(const struct xlvs_filter *filter, const struct connection_slot *slot)
{
	return (!filter->client || filter->client == slot->key.client) &&
	       (!filter->listener || filter->listener == slot->owner.listener) &&
	       (!filter->server || filter->server == slot->owner.server);
}

/* A consistent copy of a slot, as the protocol reads it; false when it holds no entry. */
static bool read_slot(const struct connection_slot *slot, struct connection_slot *copy)
{
	uint64_t before = load_word(&slot->owner_word), after;

	copy->owner_word = before;
	if (!copy->owner.listener)
		return false;
	copy->key_word = load_word(&slot->key_word);
	after = load_word(&slot->owner_word);
	return (uint32_t)before == (uint32_t)after;
}

int64_t xlvs_table_scan(const struct xlvs_table *table, const struct xlvs_filter *filter, uint64_t *cursor,
			struct connection_slot *found, uint32_t limit, uint32_t *now)
{
	int64_t count = 0;
	uint64_t number = *cursor;

	*now = second_of(nanoseconds(CLOCK_MONOTONIC_COARSE));
	for (; number < table->slots && count < limit; number++) {
		struct connection_slot copy;
		union owner owner;

		if (!read_slot(slot_at(table, number), &copy) || !passes(filter, &copy))
			continue;
		owner.word = copy.owner_word;
		if (!is_over(table, owner, *now))
			found[count++] = copy;
	}
	*cursor = number < table->slots ? number : UINT64_MAX;
	return count;
}
