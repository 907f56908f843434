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

/* One of the two tables: slots of so many bytes, whose last word is the owner. */
struct part {
	char *slots;
	uint64_t count;
	size_t slot_bytes;
};

enum {
	NARROW,
	WIDE,
	PARTS
};

struct xlvs_table {
	struct part parts[PARTS];
	struct load *loads;
	uint32_t server_count;
	const struct settings *settings;
	atomic_flag sweeping;
	/* by server: what the slots say, what the map said before, and the last sweep's finding */
	uint64_t *tally;
	uint64_t *before;
	struct difference *differences;
};

/* What a sweep has seen of one table. */
struct fill {
	uint64_t used;
	uint64_t established;
	uint64_t probationary;
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

static __u64 *owner_word_at(const struct part *part, uint64_t number)
{
	return (__u64 *)(part->slots + (number + 1) * part->slot_bytes - sizeof(__u64));
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

struct xlvs_table *xlvs_table_open(struct connection_line *lines, uint32_t line_count, struct wide_line *wide_lines,
				   uint32_t wide_line_count, struct load *loads, uint32_t server_count,
				   const struct settings *settings)
{
	struct xlvs_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->parts[NARROW] =
		(struct part){ (char *)lines, (uint64_t)line_count * SLOTS_PER_LINE, sizeof(struct connection_slot) };
	table->parts[WIDE] = (struct part){ (char *)wide_lines, (uint64_t)wide_line_count * SLOTS_PER_LINE,
					    sizeof(struct wide_slot) };
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
static bool take_away(struct xlvs_table *table, __u64 *owner_word, union owner owner)
{
	if (!swap_word(owner_word, owner.word, 0))
		return false;
	if (owner.is.listener && owner.is.server < table->server_count)
		__atomic_fetch_sub(&table->loads[owner.is.server].word, worth(owner), __ATOMIC_SEQ_CST);
	return true;
}

/* Which entries go, whether their time is over or not. */
struct retired {
	const uint8_t *listeners;
	const uint8_t *servers;
};

static bool is_to_go(const struct xlvs_table *table, const struct retired *retired, union owner owner, uint32_t now)
{
	return is_over(table, owner, now) || has_bit(retired->listeners, owner.is.listener) ||
	       (owner.is.listener && has_bit(retired->servers, owner.is.server));
}

/* Counts one slot, or frees it; returns how many entries it has taken away. */
static unsigned int sweep_slot(struct xlvs_table *table, __u64 *owner_word, const struct retired *retired, uint32_t now,
			       struct fill *fill)
{
	union owner owner = { .word = load_word(owner_word) };

	while (owner.word && is_to_go(table, retired, owner, now)) {
		if (take_away(table, owner_word, owner))
			return 1;
		owner.word = load_word(owner_word);
	}
	if (!owner.is.listener)
		return 0; /* empty, or being written */
	fill->used++;
	fill->established += owner.is.state == STATE_ESTABLISHED;
	fill->probationary += owner.is.flags & FLAG_PROBATION;
	if (owner.is.server < table->server_count)
		table->tally[owner.is.server] += worth(owner);
	return 0;
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

static void sweep(struct xlvs_table *table, const struct retired *retired, struct xlvs_sweep_report *report)
{
	struct fill fills[PARTS] = { 0 };

	memset(table->tally, 0, table->server_count * sizeof(*table->tally));
	for (uint32_t server = 0; server < table->server_count; server++)
		table->before[server] = load_word(&table->loads[server].word);
	uint32_t now = second_of(nanoseconds(CLOCK_MONOTONIC_COARSE));
	for (int i = 0; i < PARTS; i++) {
		const struct part *part = &table->parts[i];

		for (uint64_t number = 0; number < part->count; number++)
			report->expired += sweep_slot(table, owner_word_at(part, number), retired, now, &fills[i]);
	}
	for (uint32_t server = 0; server < table->server_count; server++)
		report->mended += mend(table, server);
	report->wide_used = fills[WIDE].used;
	report->wide_established = fills[WIDE].established;
	report->wide_probationary = fills[WIDE].probationary;
	report->used = fills[NARROW].used + fills[WIDE].used;
	report->established = fills[NARROW].established + fills[WIDE].established;
	report->probationary = fills[NARROW].probationary + fills[WIDE].probationary;
}

int xlvs_table_sweep(struct xlvs_table *table, const uint8_t *retired_listeners, const uint8_t *retired_servers,
		     struct xlvs_sweep_report *report)
{
	const struct retired retired = { retired_listeners, retired_servers };
	uint64_t start = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
	int error = 0;

	if (atomic_flag_test_and_set(&table->sweeping))
		return -EBUSY;
	memset(report, 0, sizeof(*report));
	if (retired_listeners || retired_servers)
		error = xlvs_grace();
	if (!error)
		sweep(table, &retired, report);
	report->nanoseconds = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start;
	atomic_flag_clear(&table->sweeping);
	return error;
}

/* IPv4's place in IPv6's addresses (RFC 4291, 2.5.5.2). */
static void write_mapped(__u8 *address, __be32 ipv4)
{
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
	memcpy(address + 12, &ipv4, sizeof(ipv4));
}

static void read_narrow_key(const struct connection_slot *slot, struct xlvs_connection *found)
{
	const struct connection_slot copy = { .key_word = load_word(&slot->key_word) };

	write_mapped(found->client, copy.key.client);
	found->client_port = copy.key.client_port;
	found->service_port = copy.key.service_port;
}

static void read_wide_key(const struct wide_slot *slot, struct xlvs_connection *found)
{
	const struct wide_key copy = {
		.client_words = { load_word(&slot->key.client_words[0]), load_word(&slot->key.client_words[1]) },
		.ports_word = load_word(&slot->key.ports_word),
	};

	if (copy.ports.check & CHECK_IPV6) {
		memcpy(found->client, copy.client.bytes, sizeof(found->client));
	} else {
		write_mapped(found->client, copy.client.quads[0]);
		write_mapped(found->vip, copy.client.quads[1]);
	}
	found->client_port = copy.ports.client_port;
	found->service_port = copy.ports.service_port;
	found->own_port = copy.ports.own_port;
	found->source = copy.ports.source;
}

static bool is_asked_for(const struct xlvs_filter *filter, union owner owner)
{
	return owner.is.listener && (!filter->listener || filter->listener == owner.is.listener) &&
	       (!filter->server || filter->server == owner.is.server);
}

static bool is_client_asked_for(const struct xlvs_filter *filter, const struct xlvs_connection *found)
{
	static const __u8 any[sizeof(filter->client)];

	return !memcmp(filter->client, any, sizeof(any)) || !memcmp(filter->client, found->client, sizeof(any));
}

/* A consistent copy of a slot, as the protocol reads it; false when it holds no live entry that is asked for. */
static bool read_slot(const struct xlvs_table *table, const struct part *part, uint64_t number,
		      const struct xlvs_filter *filter, uint32_t now, struct xlvs_connection *found)
{
	const char *slot = part->slots + number * part->slot_bytes;
	const __u64 *owner_word = owner_word_at(part, number);
	union owner owner = { .word = load_word(owner_word) };

	if (!is_asked_for(filter, owner) || is_over(table, owner, now))
		return false;
	*found = (struct xlvs_connection){
		.listener = owner.is.listener,
		.server = owner.is.server,
		.second = owner.is.second,
		.state = owner.is.state,
		.flags = owner.is.flags & FLAG_PROBATION,
	};
	if (part == &table->parts[WIDE])
		read_wide_key((const struct wide_slot *)slot, found);
	else
		read_narrow_key((const struct connection_slot *)slot, found);
	return (uint32_t)load_word(owner_word) == (uint32_t)owner.word && is_client_asked_for(filter, found);
}

int64_t xlvs_table_scan(const struct xlvs_table *table, const struct xlvs_filter *filter, uint64_t *cursor,
			struct xlvs_connection *found, uint32_t limit, uint32_t *now)
{
	const struct part *narrow = &table->parts[NARROW], *wide = &table->parts[WIDE];
	uint64_t number = *cursor, end = narrow->count + wide->count;
	int64_t count = 0;

	*now = second_of(nanoseconds(CLOCK_MONOTONIC_COARSE));
	for (; number < end && count < limit; number++) {
		bool is_wide = number >= narrow->count;

		count += read_slot(table, is_wide ? wide : narrow, is_wide ? number - narrow->count : number, filter,
				   *now, &found[count]);
	}
	*cursor = number < end ? number : UINT64_MAX;
	return count;
}
