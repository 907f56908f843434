/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds a packet: the director's program, and others beside it, under BPF_PROG_RUN. See README.md. */
#define _GNU_SOURCE
#include "packet.h"

#include <string.h>

#include "contestant.h"
#include "object.h"

/* clang-format off */
static const struct traffic_case cases[CASES] = {
	/* name         flows    flooded limit aim */
	{ "1",           1,       false,  45,  35 },
	{ "16k",         1 << 14, false,  100, 70 },
	{ "131k",        1 << 17, false,  220, 160 },
	{ "1M",          1 << 20, false,  260, 200 },
	{ "new",         0,       false,  300, 230 },
	{ "1M-flooded",  1 << 20, true,   0,   0 },
	{ "new-flooded", 0,       true,   0,   0 },
};
/* clang-format on */

struct promise promise_of(const struct traffic_case *traffic, enum contestant contestant)
{
	switch (contestant) {
	case DR_IPV4:
		return (struct promise){ NOTHING, traffic->limit };
	case DR_IPV4_BEFORE:
	case DR_IPV4_AGAINST:
		return (struct promise){ LESS, contestant == DR_IPV4_BEFORE && traffic->limit ? 5 : 0 };
	case NAT_IPV4:
	case NAT_IPV4_REPLIES:
		if (traffic->flows == 1)
			return (struct promise){ MORE, 25 };
		return (struct promise){ RATIO, traffic->flows ? 1.35 : 0 };
	case DR_IPV6:
	case NAT_IPV6:
	case NAT_IPV6_REPLIES:
		return (struct promise){ RATIO, 1.5 };
	default:
		return (struct promise){ RATIO, 0 };
	}
}

static double compare(enum comparison comparison, double time, double rival)
{
	switch (comparison) {
	case MORE:
		return time - rival;
	case LESS:
		return rival - time;
	default:
		return time / rival;
	}
}

/* Times, and what they are beside the rival's of the same round. */
static void conclude(struct result *result, enum contestant contestant, int rounds)
{
	const struct measured *rival = &result->times[descriptions[contestant].rival];
	struct measured *compared = &result->compared[contestant], *times = &result->times[contestant];

	for (int round = 0; round < rounds; round++)
		compared->rounds[round] = compare(promise_of(result->traffic, contestant).comparison,
						  times->rounds[round], rival->rounds[round]);
	summarise(times, rounds);
	summarise(compared, rounds);
}

static struct result run_case(struct arena *arena, const struct traffic_case *traffic)
{
	struct result result = { .traffic = traffic };
	int rounds = arena->options->rounds;

	for (int i = 0; i < CONTESTANTS; i++) {
		result.takes_part[i] = takes_part(arena, i, traffic);
		if (result.takes_part[i])
			prepare(arena, i, traffic);
	}
	/* Everybody is first in turn, and comes after everybody's caches. */
	for (int round = 0; round <= rounds; round++)
		for (int turn = 0; turn < CONTESTANTS; turn++) {
			int i = (turn + round) % CONTESTANTS;
			double time = result.takes_part[i] ? measure(arena, i, traffic, round) : 0;

			if (round)
				result.times[i].rounds[round - 1] = time;
		}
	for (int i = 0; i < CONTESTANTS; i++)
		if (result.takes_part[i])
			conclude(&result, i, rounds);
	return result;
}

bool is_listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	if (!list)
		return true;
	for (const char *at = list; (at = strstr(at, name)); at += length)
		if ((at == list || at[-1] == ',') && (at[length] == '\0' || at[length] == ','))
			return true;
	return false;
}

int main(int count, char **arguments)
{
	struct options options = read_options(count, arguments);
	static struct result results[CASES];
	struct arena arena = {};
	int done = 0;

	quiet_libbpf();
	pin_to(options.cpu);
	print_heading(&options);
	open_arena(&arena, &options);
	for (int i = 0; i < CASES; i++) {
		if (!is_listed(options.only, cases[i].name))
			continue;
		results[done] = run_case(&arena, &cases[i]);
		print_result(&results[done++]);
	}
	close_arena(&arena);
	if (options.json)
		write_json(&options, results, done);
	return 0;
}
