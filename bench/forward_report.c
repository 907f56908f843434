/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "forward.h"

#include "job.h"
#include "object.h"

static const char *const names[WAYS] = { "xlvs DR", "kernel forwarding", "nftables DNAT" };

/* From nanoseconds a packet to millions of packets a second. */
static struct measured rates(const struct measured *nanoseconds, int rounds)
{
	struct measured rates;

	for (int round = 0; round < rounds; round++)
		rates.rounds[round] = 1000 / nanoseconds->rounds[round];
	summarise(&rates, rounds);
	return rates;
}

/* How many times xlvs is ahead, each round by itself. */
static struct measured ahead_of(enum way other, const struct measured *nanoseconds, int rounds)
{
	struct measured times;

	for (int round = 0; round < rounds; round++)
		times.rounds[round] = nanoseconds[other].rounds[round] / nanoseconds[XLVS].rounds[round];
	summarise(&times, rounds);
	return times;
}

static void print_names(const char *last)
{
	printf("%-8s", "flows");
	for (int way = 0; way < WAYS; way++)
		printf("  %-19s", names[way]);
	printf("  %-15s  %-15s%s\n", "xlvs/kernel", "xlvs/nftables", last);
}

static void print_ratio(const struct measured *times)
{
	char text[64];

	format_measured(text, sizeof(text), times, 1);
	printf("  %-15s", text);
}

/* Packet rates and the ratios between them, and whether nftables is as far behind as it should be. */
static void print_row(const struct options *options, __u32 flows, const struct measured *nanoseconds)
{
	struct measured kernel = ahead_of(KERNEL, nanoseconds, options->rounds);
	struct measured nftables = ahead_of(NFTABLES, nanoseconds, options->rounds);

	printf("%-8u", flows);
	for (int way = 0; way < WAYS; way++) {
		struct measured column = rates(&nanoseconds[way], options->rounds);
		char text[64];

		format_measured(text, sizeof(text), &column, 2);
		printf("  %-19s", text);
	}
	print_ratio(&kernel);
	print_ratio(&nftables);
	printf("  %s\n", nftables.median < LIMIT ? "under the limit" : "");
}

static void print_heading(const struct options *options)
{
	printf("Packets by three ways over veth (live frames, UDP, %d bytes), in millions a second\n", FRAME_BYTES);
	printf("%s, Linux %s, %d rounds of %u packets: median (minimum-maximum)\n", processor(), kernel_release(),
	       options->rounds, options->packets);
}

static void print_table(const struct options *options, const results results, enum arrangement arrangement,
			bool by_clock)
{
	char limit[32];

	snprintf(limit, sizeof(limit), "  limit %d", LIMIT);
	print_names(limit);
	for (int i = 0; i < FLOW_COUNTS; i++) {
		const struct result *result = &results[i][arrangement];

		print_row(options, flow_counts[i], by_clock ? result->interval : result->directing);
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
	for (int i = 0; i < FLOW_COUNTS; i++) {
		char text[64];

		format_measured(text, sizeof(text), &results[i][APART].distance, 0);
		printf(" %s", text);
	}
	printf("\n");
}

/* By the clock a director that has time to spare is faster than it was seen to be. */
static void print_spare_time(const struct options *options, const results results)
{
	for (int i = 0; i < FLOW_COUNTS; i++)
		for (int way = 0; way < WAYS; way++) {
			const struct result *result = &results[i][APART];
			double worked = result->directing[way].median + result->counting[way].median;
			double busy = 100 * worked / result->interval[way].median;

			if (busy < 95)
				printf("%s, %u flows: injection was the limit, CPU %d was busy for %.0f %%\n",
				       names[way], flow_counts[i], options->other_cpu, busy);
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
	print_spare_time(options, results);
}

void print_results(const struct options *options, const results results)
{
	print_heading(options);
	print_turns(options, results);
	if (options->arrangements > APART)
		print_apart(options, results);
}

static void write_ways(FILE *file, const char *member, const struct measured *ways, int rounds)
{
	fprintf(file, ",\n      \"%s\": [", member);
	for (int way = 0; way < WAYS; way++) {
		fprintf(file, "%s\n        ", way ? "," : "");
		write_measured(file, names[way], &ways[way], rounds);
	}
	fprintf(file, "]");
}

static void write_ratios(FILE *file, const char *member, const struct measured *ways, int rounds)
{
	fprintf(file, ",\n      \"%s\": [", member);
	for (int way = KERNEL; way < WAYS; way++) {
		struct measured times = ahead_of(way, ways, rounds);

		fprintf(file, "%s\n        ", way == KERNEL ? "" : ",");
		write_measured(file, names[way], &times, rounds);
	}
	fprintf(file, "]");
}

static void write_case(FILE *file, enum arrangement arrangement, __u32 flows, const struct result *result, int rounds)
{
	static const char *const arrangements[ARRANGEMENTS] = { "in turns", "apart" };

	fprintf(file, "\n    { \"flows\": %u, \"arrangement\": \"%s\"", flows, arrangements[arrangement]);
	write_ways(file, "directing", result->directing, rounds);
	write_ways(file, "counting", result->counting, rounds);
	write_ways(file, "interval", result->interval, rounds);
	write_ratios(file, "timesAheadOf", result->directing, rounds);
	write_ratios(file, "timesAheadByTheClock", result->interval, rounds);
	if (arrangement == APART) {
		fprintf(file, ",\n      \"distance\": ");
		write_measured(file, "nanoseconds a cache line", &result->distance, rounds);
	}
	fprintf(file, " }");
}

void write_json(const struct options *options, const results results)
{
	FILE *file = open_json(options->json);

	fprintf(file, "  \"unit\": \"nanoseconds a packet\", \"packets\": %u, \"limit\": %d, \"cases\": [",
		options->packets, LIMIT);
	for (int i = 0; i < FLOW_COUNTS; i++)
		for (int j = 0; j < options->arrangements; j++) {
			fprintf(file, "%s", i + j ? "," : "");
			write_case(file, j, flow_counts[i], &results[i][j], options->rounds);
		}
	fprintf(file, "\n  ] }\n");
	if (fclose(file))
		fail("cannot write %s", options->json);
}
