/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "forward.h"

#include "job.h"
#include "object.h"

static const char *const names[WAYS] = { "injection alone", "xlvs DR", "kernel forwarding", "nftables DNAT" };

/* From nanoseconds a packet to millions of packets a second. */
static struct measured rates(const struct measured *nanoseconds, int rounds)
{
	struct measured rates;

	for (int round = 0; round < rounds; round++)
		rates.rounds[round] = 1000 / nanoseconds->rounds[round];
	summarise(&rates, rounds);
	return rates;
}

static void print_names(int first)
{
	printf("%-9s", "flows");
	for (int way = first; way < WAYS; way++)
		printf("  %-20s", names[way]);
	printf("  xlvs/kernel  xlvs/nftables\n");
}

static void print_row(__u32 flows, const struct measured *columns, int first, int digits, double kernel,
		      double nftables)
{
	printf("%-9u", flows);
	for (int way = first; way < WAYS; way++) {
		char text[64];

		format_measured(text, sizeof(text), &columns[way], digits);
		printf("  %-20s", text);
	}
	printf("  %-11.1f  %.1f\n", kernel, nftables);
}

void print_rates(const struct options *options, const struct result *results)
{
	printf("Millions of packets a second over veth (live frames, UDP, %d bytes; one CPU injects, directs and "
	       "counts)\n",
	       FRAME_BYTES);
	printf("%s, Linux %s, CPU %d, %d rounds of %u packets: median (minimum-maximum)\n\n", processor(),
	       kernel_release(), options->cpu, options->rounds, options->packets);
	print_names(DOOR);
	for (int i = 0; i < FLOW_COUNTS; i++) {
		const struct measured *whole = results[i].whole;
		struct measured columns[WAYS];

		for (int way = 0; way < WAYS; way++)
			columns[way] = rates(&whole[way], options->rounds);
		print_row(flow_counts[i], columns, DOOR, 2, columns[XLVS].median / columns[KERNEL].median,
			  columns[XLVS].median / columns[NFTABLES].median);
	}
}

void print_times(const struct result *results)
{
	printf("\nThe same without what injection costs: the director's nanoseconds a packet, and how many times xlvs "
	       "is ahead\n\n");
	print_names(XLVS);
	for (int i = 0; i < FLOW_COUNTS; i++) {
		const struct measured *alone = results[i].alone;

		print_row(flow_counts[i], alone, XLVS, 0, alone[KERNEL].median / alone[XLVS].median,
			  alone[NFTABLES].median / alone[XLVS].median);
	}
}

static void write_ways(FILE *file, const char *member, const struct measured *ways, int rounds)
{
	fprintf(file, "\"%s\": [", member);
	for (int way = 0; way < WAYS; way++) {
		fprintf(file, "%s\n      ", way ? "," : "");
		write_measured(file, names[way], &ways[way], rounds);
	}
	fprintf(file, "]");
}

void write_json(const struct options *options, const struct result *results)
{
	FILE *file = open_json(options->json);

	fprintf(file, "  \"unit\": \"nanoseconds a packet\", \"packets\": %u, \"cases\": [", options->packets);
	for (int i = 0; i < FLOW_COUNTS; i++) {
		fprintf(file, "%s\n    { \"flows\": %u, ", i ? "," : "", flow_counts[i]);
		write_ways(file, "withInjection", results[i].whole, options->rounds);
		fprintf(file, ",\n      ");
		write_ways(file, "withoutInjection", results[i].alone, options->rounds);
		fprintf(file, " }");
	}
	fprintf(file, "\n  ] }\n");
	if (fclose(file))
		fail("cannot write %s", options->json);
}
