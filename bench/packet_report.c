/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <linux/in.h>
#include <stdio.h>

#include "job.h"
#include "object.h"
#include "packet.h"

void print_heading(const struct options *options)
{
	printf("Nanoseconds a packet over an empty XDP program (BPF_PROG_RUN, %s, %d bytes, IPv6 %d)\n",
	       options->protocol == IPPROTO_TCP ? "TCP" : "UDP", FRAME_BYTES, FRAME_BYTES_IPV6);
	printf("%s, Linux %s, CPU %d, %d rounds of %u packets: median (minimum-maximum)\n", processor(),
	       kernel_release(), options->cpu, options->rounds, options->packets);
	if (!options->objects[BEFORE])
		printf("The program before NAT and IPv6 is not measured: its commit is not in this copy's history\n");
	printf("\n%-12s %-20s  %-22s %-28s %6s\n", "flows", "", "ns", "beside another, by rounds", "limit");
	fflush(stdout);
}

static const char *title_of(enum contestant contestant)
{
	return descriptions[contestant].title;
}

/* What the promise is about. */
static const struct measured *promised(const struct result *result, enum contestant contestant)
{
	if (promise_of(result->traffic, contestant).comparison == NOTHING)
		return &result->times[contestant];
	return &result->compared[contestant];
}

static void print_comparison(const struct result *result, enum contestant contestant)
{
	const struct measured *compared = &result->compared[contestant];
	char text[64] = "";

	switch (promise_of(result->traffic, contestant).comparison) {
	case NOTHING:
		break;
	case MORE:
	case LESS:
		snprintf(text, sizeof(text), "%+6.1f (%+.1f to %+.1f) ns%s", compared->median, compared->minimum,
			 compared->maximum, contestant == DR_IPV4_BEFORE ? " since" : "");
		break;
	case RATIO:
		snprintf(text, sizeof(text), "%6.2f (%.2f-%.2f) times", compared->median, compared->minimum,
			 compared->maximum);
	}
	printf(" %-28s", text);
}

static void print_contestant(const struct result *result, enum contestant contestant)
{
	struct promise promise = promise_of(result->traffic, contestant);
	char text[64];

	format_measured(text, sizeof(text), &result->times[contestant], 1);
	printf("%-12s %-20s  %-22s", contestant == DR_IPV4 ? result->traffic->name : "", title_of(contestant), text);
	print_comparison(result, contestant);
	if (promise.limit)
		printf(" %6.4g%s", promise.limit,
		       promised(result, contestant)->median > promise.limit ? "  over the limit" : "");
	printf("\n");
}

void print_result(const struct result *result)
{
	for (int i = 0; i < CONTESTANTS; i++)
		if (result->takes_part[i])
			print_contestant(result, i);
	printf("\n");
	fflush(stdout);
}

static void write_contestant(FILE *file, const struct result *result, enum contestant contestant, int rounds)
{
	static const char *const comparisons[] = {
		[MORE] = "nanoseconds more than", [LESS] = "nanoseconds less than", [RATIO] = "times as long as"
	};
	struct promise promise = promise_of(result->traffic, contestant);

	fprintf(file, "\n      { \"limit\": %.4g, \"nanoseconds\": ", promise.limit);
	write_measured(file, title_of(contestant), &result->times[contestant], rounds);
	if (promise.comparison != NOTHING) {
		char name[64];

		snprintf(name, sizeof(name), "%s %s", comparisons[promise.comparison],
			 title_of(descriptions[contestant].rival));
		fprintf(file, ",\n        \"compared\": ");
		write_measured(file, name, &result->compared[contestant], rounds);
	}
	fprintf(file, " }");
}

static void write_case(FILE *file, const struct result *result, int rounds)
{
	const char *comma = "";

	fprintf(file, "\n    { \"flows\": \"%s\", \"aim\": %.0f, \"contestants\": [", result->traffic->name,
		result->traffic->aim);
	for (int i = 0; i < CONTESTANTS; i++) {
		if (!result->takes_part[i])
			continue;
		fprintf(file, "%s", comma);
		write_contestant(file, result, i, rounds);
		comma = ",";
	}
	fprintf(file, "] }");
}

void write_json(const struct options *options, const struct result *results, int count)
{
	FILE *file = open_json(options->json);

	fprintf(file, "  \"unit\": \"nanoseconds a packet over an empty program\", \"packets\": %u, \"cases\": [",
		options->packets);
	for (int i = 0; i < count; i++) {
		fprintf(file, "%s", i ? "," : "");
		write_case(file, &results[i], options->rounds);
	}
	fprintf(file, "\n  ] }\n");
	if (fclose(file))
		fail("cannot write %s", options->json);
}
