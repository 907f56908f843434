/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods from sources that nobody has seen, at the generator's full rate, beside established flows: do these stay, do
 * new ones still get in, and do the outcomes say what happened? See README.md.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <linux/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "measured.h"
#include "object.h"
#include "traffic.h"

enum {
	ESTABLISHED = 1 << 17,
	NEWCOMERS = 1 << 10, /* real clients that connect at each pause */
	BURST = 1 << 18, /* packets between two pauses */
	FIRST_NEWCOMER = 1 << 27,
	CLIENTS_A_FLOOD = 1 << 27,
	NEWCOMERS_A_FLOOD = 1 << 24,
};

struct flood {
	const char *name;
	__u32 packets_each;
	__u8 flags[2];
};

static const struct flood floods[] = {
	{ "SYN", 1, { SYN } },
	{ "SYN+ACK pairs", 2, { SYN, ACK } },
	{ "lone ACK", 1, { ACK } },
};

struct options {
	const char *object, *wrapper, *json;
	int seconds;
	int cpu;
};

/* What one flood came to. */
struct toll {
	__u64 packets;
	double seconds;
	struct counts flooding;
	__u64 lost; /* packets of established flows that did not follow their entry */
	__u64 turned_away; /* newcomers without an entry */
	__u64 newcomers;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void add_counts(struct counts *sum, const struct counts *more)
{
	for (int outcome = 0; outcome < MAXIMUM_OUTCOMES; outcome++)
		sum->outcomes[outcome] += more->outcomes[outcome];
	sum->connections += more->connections;
}

/* Some clients connect, by SYN and the ACK that follows at once. */
static void let_newcomers_in(struct generator *generator, const struct director *director, const struct site *site,
			     __u32 first, struct toll *toll)
{
	struct job job = opening_job(site);
	struct counts counts;

	job.first = first + toll->newcomers;
	job.packets_each = 2;
	counts = send_job(generator, director, &job, 2 * NEWCOMERS, NULL);
	toll->newcomers += NEWCOMERS;
	toll->turned_away += NEWCOMERS - counts.connections;
}

static struct toll flood(struct generator *generator, const struct director *director, const struct site *site,
			 const struct flood *kind, int seconds)
{
	struct job job = opening_job(site);
	double start = now(), flooding = 0;
	struct toll toll = {};

	job.packets_each = kind->packets_each;
	job.flags[0] = kind->flags[0];
	job.flags[1] = kind->flags[1];
	while (now() - start < seconds) {
		double burst = now();
		struct counts counts;

		job.first = FIRST_NEW + (kind - floods) * CLIENTS_A_FLOOD + toll.packets / kind->packets_each;
		counts = send_job(generator, director, &job, BURST, NULL);
		flooding += now() - burst;
		toll.packets += BURST;
		add_counts(&toll.flooding, &counts);
		let_newcomers_in(generator, director, site, FIRST_NEWCOMER + (kind - floods) * NEWCOMERS_A_FLOOD,
				 &toll);
		counts = visit_flows(generator, director, site, ESTABLISHED);
		toll.lost += ESTABLISHED - went(director, &counts, "FORWARDED", "REDIRECTED") + counts.connections;
	}
	toll.seconds = flooding;
	return toll;
}

static void print_toll(const struct director *director, const struct flood *kind, const struct toll *toll)
{
	printf("%-14s %6.2f M packets/s; %llu of %llu newcomers without an entry; %llu packets of %u established flows "
	       "lost\n",
	       kind->name, toll->packets / toll->seconds / 1e6, (unsigned long long)toll->turned_away,
	       (unsigned long long)toll->newcomers, (unsigned long long)toll->lost, ESTABLISHED);
	printf("%-14s %s; %llu entries\n", "", name_outcomes(director, &toll->flooding),
	       (unsigned long long)toll->flooding.connections);
	fflush(stdout);
}

static void write_toll(FILE *file, const struct flood *kind, const struct toll *toll)
{
	fprintf(file, "%s\n    { \"flood\": \"%s\", \"packetsPerSecond\": %.0f, \"newcomers\": %llu, ",
		kind == floods ? "" : ",", kind->name, toll->packets / toll->seconds,
		(unsigned long long)toll->newcomers);
	fprintf(file, "\"turnedAway\": %llu, \"established\": %u, \"lost\": %llu }",
		(unsigned long long)toll->turned_away, ESTABLISHED, (unsigned long long)toll->lost);
}

static const struct option known[] = {
	{ "object", required_argument, NULL, 'o' }, { "wrapper", required_argument, NULL, 'w' },
	{ "json", required_argument, NULL, 'j' },   { "seconds", required_argument, NULL, 's' },
	{ "cpu", required_argument, NULL, 'c' },    {},
};

static struct options read_options(int count, char **arguments)
{
	struct options options = { .object = "build/director.bpf.o",
				   .wrapper = "build/bench/wrapper.bpf.o",
				   .seconds = 10 };

	for (int letter; (letter = getopt_long(count, arguments, "", known, NULL)) != -1;) {
		if (letter == 'o')
			options.object = optarg;
		else if (letter == 'w')
			options.wrapper = optarg;
		else if (letter == 'j')
			options.json = optarg;
		else if (letter == 's')
			options.seconds = atoi(optarg);
		else if (letter == 'c')
			options.cpu = atoi(optarg);
		else
			fail("usage: flood [--object FILE] [--wrapper FILE] [--seconds N] [--cpu N] [--json FILE]");
	}
	return options;
}

/* One flood after the other meets the same table. True when no established flow lost a packet. */
static bool run_floods(const struct options *options, struct generator *generator, FILE *json)
{
	struct site site = loopback_site(IPPROTO_TCP, 0, false);
	struct director director;
	__u64 lost = 0;

	open_director(&director, options->object);
	configure_site(&director, &site);
	establish_flows(generator, &director, &site, ESTABLISHED);
	for (const struct flood *kind = floods; kind < floods + sizeof(floods) / sizeof(*floods); kind++) {
		struct toll toll = flood(generator, &director, &site, kind, options->seconds);

		print_toll(&director, kind, &toll);
		if (json)
			write_toll(json, kind, &toll);
		lost += toll.lost;
	}
	close_director(&director);
	return !lost;
}

int main(int count, char **arguments)
{
	struct options options = read_options(count, arguments);
	FILE *json = options.json ? open_json(options.json) : NULL;
	struct generator generator;
	bool stood;

	quiet_libbpf();
	pin_to(options.cpu);
	open_generator(&generator, options.wrapper);
	printf("Floods of %d s from ever new sources, beside %u established flows (BPF_PROG_RUN)\n\n", options.seconds,
	       ESTABLISHED);
	if (json)
		fprintf(json, "  \"floods\": [");
	stood = run_floods(&options, &generator, json);
	if (json) {
		fprintf(json, "\n  ] }\n");
		fclose(json);
	}
	close_generator(&generator);
	return stood ? 0 : 1;
}
