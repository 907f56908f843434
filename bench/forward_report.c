/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "forward.h"

#include "job.h"
#include "object.h"

static const char *const names[WAYS] = { "xlvs DR", "xlvs NAT", "kernel forwarding", "nftables DNAT" };

static const char *const directions[DIRECTIONS] = { "requests", "replies" };

/* From nanoseconds a packet to millions of packets a second. */
static struct measured rates(const struct measured *nanoseconds, int rounds)
{
	struct measured rates;

	for (int round = 0; round < rounds; round++)
		rates.rounds[round] = 1000 / nanoseconds->rounds[round];
	summarise(&rates, rounds);
	return rates;
}

/* How many times `way` is ahead of nftables, each round by itself. */
static struct measured ahead_by(enum way way, const struct measured *nanoseconds, int rounds)
{
	struct measured times;

	for (int round = 0; round < rounds; round++)
		times.rounds[round] = nanoseconds[NFTABLES].rounds[round] / nanoseconds[way].rounds[round];
	summarise(&times, rounds);
	return times;
}

static void print_names(enum direction direction)
{
	printf("%-8s", directions[direction]);
	for (int way = 0; way < WAYS; way++)
		if (takes_part(way, direction))
			printf("  %-19s", names[way]);
	for (int way = 0; way < KERNEL; way++)
		if (takes_part(way, direction))
			printf("  %-8s/nftables", names[way]);
	printf("  limit %d\n", LIMIT);
}

/* Packet rates and the ratios between them, and whether nftables is as far behind as it should be. */
static void print_row(const struct options *options, enum direction direction, __u32 flows,
		      const struct measured *nanoseconds)
{
	bool holds = true;
	char text[64];

	printf("%-8u", flows);
	for (int way = 0; way < WAYS; way++) {
		struct measured column;

		if (!takes_part(way, direction))
			continue;
		column = rates(&nanoseconds[way], options->rounds);
		format_measured(text, sizeof(text), &column, 2);
		printf("  %-19s", text);
	}
	for (int way = 0; way < KERNEL; way++) {
		struct measured times = ahead_by(way, nanoseconds, options->rounds);

		if (!takes_part(way, direction))
			continue;
		format_measured(text, sizeof(text), &times, 1);
		printf("  %-17s", text);
		holds &= times.median >= LIMIT;
	}
	printf("%s\n", holds ? "" : "  under the limit");
}

static void print_heading(const struct options *options)
{
	printf("Packets by four ways over veth (live frames, UDP, %d bytes), in millions a second\n", FRAME_BYTES);
	printf("%s, Linux %s, %d rounds of %u packets: median (minimum-maximum)\n", processor(), kernel_release(),
	       options->rounds, options->packets);
}

static void print_table(const struct options *options, const results results, enum arrangement arrangement,
			bool by_clock)
{
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		print_names(direction);
		for (int i = 0; i < FLOW_COUNTS; i++) {
			const struct result *result = &results[direction][i][arrangement];

			print_row(options, direction, flow_counts[i], by_clock ? result->interval : result->directing);
		}
	}
}

static void print_turns(const struct options *options, const results results)
{
	printf("\nIn turns on CPU %d: a second of the director's own CPU time\n\n", options->cpu);
	print_table(options, results, IN_TURNS, false);
	printf("\nThe same by the clock, injection and counting included\n\n");
	print_table(options, results, IN_TURNS, true);
}

static void print_distances(const struct options *options, const results results)
{
	printf("\nNanoseconds that a cache line takes from CPU %d to CPU %d meanwhile:", options->cpu,
	       options->other_cpu);
	for (int direction = 0; direction < DIRECTIONS; direction++)
		for (int i = 0; i < FLOW_COUNTS; i++) {
			char text[64];

			format_measured(text, sizeof(text), &results[direction][i][APART].distance, 0);
			printf(" %s", text);
		}
	printf("\n");
}

/* By the clock a director that has time to spare is faster than it was seen to be. */
static void print_spare_time(const struct options *options, enum direction direction, __u32 flows,
			     const struct result *result)
{
	for (int way = 0; way < WAYS; way++) {
		double worked = result->directing[way].median + result->counting[way].median;
		double busy = 100 * worked / result->interval[way].median;

		if (takes_part(way, direction) && busy < 95)
			printf("%s, %s, %u flows: injection was the limit, CPU %d was busy for %.0f %%\n", names[way],
			       directions[direction], flows, options->other_cpu, busy);
	}
}

static void print_apart(const struct options *options, const results results)
{
	printf("\nApart, CPU %d injects, CPU %d directs and counts: a second of the director's own CPU time\n\n",
	       options->cpu, options->other_cpu);
	print_table(options, results, APART, false);
	printf("\nThe same by the clock, counting included\n\n");
	print_table(options, results, APART, true);
	print_distances(options, results);
	for (int direction = 0; direction < DIRECTIONS; direction++)
		for (int i = 0; i < FLOW_COUNTS; i++)
			print_spare_time(options, direction, flow_counts[i], &results[direction][i][APART]);
}

void print_results(const struct options *options, const results results)
{
	print_heading(options);
	print_turns(options, results);
	if (options->arrangements > APART)
		print_apart(options, results);
}

static void write_ways(FILE *file, const char *member, enum direction direction, const struct measured *ways,
		       int rounds)
{
	const char *comma = "";

	fprintf(file, ",\n      \"%s\": [", member);
	for (int way = 0; way < WAYS; way++) {
		if (!takes_part(way, direction))
			continue;
		fprintf(file, "%s\n        ", comma);
		write_measured(file, names[way], &ways[way], rounds);
		comma = ",";
	}
	fprintf(file, "]");
}

static void write_ratios(FILE *file, const char *member, enum direction direction, const struct measured *ways,
			 int rounds)
{
	struct measured times[WAYS];

	for (int way = 0; way < WAYS; way++)
		if (takes_part(way, direction))
			times[way] = ahead_by(way, ways, rounds);
	write_ways(file, member, direction, times, rounds);
}

static void write_case(FILE *file, enum direction direction, enum arrangement arrangement, __u32 flows,
		       const struct result *result, int rounds)
{
	static const char *const arrangements[ARRANGEMENTS] = { "in turns", "apart" };

	fprintf(file, "\n    { \"direction\": \"%s\", \"flows\": %u, \"arrangement\": \"%s\"", directions[direction],
		flows, arrangements[arrangement]);
	write_ways(file, "directing", direction, result->directing, rounds);
	write_ways(file, "counting", direction, result->counting, rounds);
	write_ways(file, "interval", direction, result->interval, rounds);
	write_ratios(file, "timesAheadOfNftables", direction, result->directing, rounds);
	write_ratios(file, "timesAheadByTheClock", direction, result->interval, rounds);
	if (arrangement == APART) {
		fprintf(file, ",\n      \"distance\": ");
		write_measured(file, "nanoseconds a cache line", &result->distance, rounds);
	}
	fprintf(file, " }");
}

void write_json(const struct options *options, const results results)
{
	FILE *file = open_json(options->json);
	const char *comma = "";

	fprintf(file, "  \"unit\": \"nanoseconds a packet\", \"packets\": %u, \"limit\": %d, \"cases\": [",
		options->packets, LIMIT);
	for (int direction = 0; direction < DIRECTIONS; direction++)
		for (int i = 0; i < FLOW_COUNTS; i++)
			for (int j = 0; j < options->arrangements; j++) {
				fprintf(file, "%s", comma);
				write_case(file, direction, j, flow_counts[i], &results[direction][i][j],
					   options->rounds);
				comma = ",";
			}
	fprintf(file, "\n  ] }\n");
	if (fclose(file))
		fail("cannot write %s", options->json);
}
