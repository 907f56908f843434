/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <getopt.h>
#include <linux/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "job.h"
#include "object.h"
#include "packet.h"

static const struct option known[] = {
	{ "object", required_argument, NULL, 'o' },  { "against", required_argument, NULL, 'a' },
	{ "lru", required_argument, NULL, 'l' },     { "no-lru", no_argument, NULL, 'n' },
	{ "wrapper", required_argument, NULL, 'w' }, { "only", required_argument, NULL, 'y' },
	{ "json", required_argument, NULL, 'j' },    { "rounds", required_argument, NULL, 'r' },
	{ "packets", required_argument, NULL, 'p' }, { "cpu", required_argument, NULL, 'c' },
	{ "quick", no_argument, NULL, 'q' },	     { "udp", no_argument, NULL, 'u' },
	{ "help", no_argument, NULL, 'h' },	     {},
};

static const char usage[] =
	"usage: packet [--object FILE] [--against FILE] [--lru FILE | --no-lru] [--only "
	"1,16k,131k,1M,new,1M-flooded,new-flooded]\n"
	"              [--rounds N] [--packets N] [--quick] [--udp] [--cpu N] [--wrapper FILE] [--json FILE]\n";

static void add_variant(struct options *options, const char *name, const char *object)
{
	if (!object)
		return;
	options->names[options->variants] = name;
	options->objects[options->variants++] = object;
}

static __u32 whole_chunks(const char *text)
{
	return (atoi(text) + PACKETS_PER_CHUNK - 1) / PACKETS_PER_CHUNK * PACKETS_PER_CHUNK;
}

struct options read_options(int count, char **arguments)
{
	const char *objects[256] = {
		['o'] = "build/director.bpf.o", ['l'] = "build/bench/lru.bpf.o", ['w'] = "build/bench/wrapper.bpf.o"
	};
	struct options options = { .packets = 1 << 20, .rounds = 5, .protocol = IPPROTO_TCP };

	for (int letter; (letter = getopt_long(count, arguments, "", known, NULL)) != -1;) {
		if (letter == 'n')
			objects['l'] = NULL;
		else if (letter == 'q')
			options.packets = 1 << 17;
		else if (letter == 'u')
			options.protocol = IPPROTO_UDP;
		else if (letter == 'r')
			options.rounds = atoi(optarg);
		else if (letter == 'p')
			options.packets = whole_chunks(optarg);
		else if (letter == 'c')
			options.cpu = atoi(optarg);
		else if (letter != 'h' && letter != '?')
			objects[letter] = optarg;
		else
			exit(fputs(usage, letter == 'h' ? stdout : stderr) < 0 || letter == 'h' ? 0 : 2);
	}
	if (options.rounds < 1 || options.rounds > MAXIMUM_ROUNDS)
		fail("--rounds: 1 to %d", MAXIMUM_ROUNDS);
	if (options.packets < 2 * PACKETS_PER_CHUNK || options.packets > MAXIMUM_CHUNKS * PACKETS_PER_CHUNK)
		fail("--packets: %d to %d", 2 * PACKETS_PER_CHUNK, MAXIMUM_CHUNKS * PACKETS_PER_CHUNK);
	options.wrapper = objects['w'];
	options.only = objects['y'];
	options.json = objects['j'];
	add_variant(&options, "xlvs", objects['o']);
	add_variant(&options, "against", objects['a']);
	add_variant(&options, "LRU_HASH", objects['l']);
	return options;
}

void print_heading(const struct options *options)
{
	printf("Nanoseconds a packet over an empty XDP program (BPF_PROG_RUN, %s, %d bytes)\n",
	       options->protocol == IPPROTO_TCP ? "TCP" : "UDP", FRAME_BYTES);
	printf("%s, Linux %s, CPU %d, %d rounds of %u packets: median (minimum-maximum)\n\n", processor(),
	       kernel_release(), options->cpu, options->rounds, options->packets);
	printf("%-11s %6s %6s", "flows", "limit", "aim");
	for (int i = 0; i < options->variants; i++)
		printf("  %-22s", options->names[i]);
	for (int i = 1; i < options->variants; i++)
		printf("  xlvs/%-9s", options->names[i]);
	printf("\n");
	fflush(stdout);
}

void print_result(const struct options *options, const struct result *result)
{
	const struct traffic_case *traffic = result->traffic;

	printf("%-11s", traffic->name);
	if (traffic->limit)
		printf(" %6.0f %6.0f", traffic->limit, traffic->aim);
	else
		printf(" %6s %6s", "-", "-");
	for (int i = 0; i < options->variants; i++) {
		char text[64];

		format_measured(text, sizeof(text), &result->variants[i], 1);
		printf("  %-22s", text);
	}
	for (int i = 1; i < options->variants; i++)
		printf("  %-14.2f", result->variants[0].median / result->variants[i].median);
	printf("%s\n", traffic->limit && result->variants[0].median > traffic->limit ? "  over the limit" : "");
	fflush(stdout);
}

void write_json(const struct options *options, const struct result *results, int count)
{
	FILE *file = open_json(options->json);

	fprintf(file, "  \"unit\": \"nanoseconds a packet over an empty program\", \"packets\": %u, \"cases\": [",
		options->packets);
	for (int i = 0; i < count; i++) {
		const struct traffic_case *traffic = results[i].traffic;

		fprintf(file, "%s\n    { \"flows\": \"%s\", \"limit\": %.0f, \"aim\": %.0f, \"variants\": [",
			i ? "," : "", traffic->name, traffic->limit, traffic->aim);
		for (int variant = 0; variant < options->variants; variant++) {
			fprintf(file, "%s\n      ", variant ? "," : "");
			write_measured(file, options->names[variant], &results[i].variants[variant], options->rounds);
		}
		fprintf(file, "] }");
	}
	fprintf(file, "\n  ] }\n");
	if (fclose(file))
		fail("cannot write %s", options->json);
}
