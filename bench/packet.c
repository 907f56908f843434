/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds a packet: the director's program, and others beside it, under BPF_PROG_RUN. See README.md. */
#define _GNU_SOURCE
#include "packet.h"

#include <string.h>

#include "object.h"
#include "traffic.h"

enum {
	GENERATIONS = 4,
};

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

/*
 * Generations of other flows, each as many as the table is made for, have come and gone; what they left is over, but
 * nobody has swept. In a flood the last of them are all still there.
 */
static void age(struct generator *generator, const struct director *director, struct job job, bool is_flooded)
{
	job.first = FIRST_AGING;
	for (int generation = 0; generation < GENERATIONS; generation++) {
		send_job(generator, director, &job, CONNECTIONS, NULL);
		job.first += CONNECTIONS;
		if (!is_flooded)
			let_time_pass(director);
	}
}

/* Every packet must go the way that the case is about, else its time means nothing. */
static void check_counts(const struct director *director, const struct traffic_case *traffic, struct counts counts,
			 __u32 packets)
{
	bool opened = counts.outcomes[FORWARDED] == packets && counts.connections == packets;

	if (traffic->flows ? !followed_entries(&counts, packets) : !opened)
		fail("%s, case %s: of %u packets %s, %llu entries were made", director->path, traffic->name, packets,
		     name_outcomes(director, &counts), (unsigned long long)counts.connections);
}

static double measure(struct generator *generator, const struct director *director, const struct traffic_case *traffic,
		      const struct job *job, __u32 packets)
{
	double nanoseconds;
	struct counts counts = send_job(generator, director, job, packets, &nanoseconds);

	check_counts(director, traffic, counts, packets);
	return nanoseconds;
}

/* The packets of one round. */
static struct job traffic_of(const struct traffic_case *traffic, struct job job, int round, __u32 packets)
{
	if (!traffic->flows) {
		job.first = FIRST_NEW + round * packets;
		return job;
	}
	job.first = FIRST_ESTABLISHED;
	job.flags[0] = ACK;
	job.order = AT_RANDOM;
	job.flows = traffic->flows;
	job.salt = (__u64)round << 40;
	return job;
}

static struct result run_case(const struct options *options, struct generator *generator,
			      const struct traffic_case *traffic)
{
	struct director directors[MAXIMUM_VARIANTS];
	struct site site = loopback_site(options->protocol);
	struct job basic = opening_job(&site);
	struct result result = { .traffic = traffic };

	for (int i = 0; i < options->variants; i++) {
		open_director(&directors[i], options->objects[i], &site);
		age(generator, &directors[i], basic, traffic->is_flooded);
		if (traffic->flows)
			establish_flows(generator, &directors[i], &site, traffic->flows);
	}
	/* Round 0 warms up. */
	for (int round = 0; round <= options->rounds; round++) {
		struct job job = traffic_of(traffic, basic, round, options->packets);
		double empty = run_job(generator, generator->empty, &job, options->packets);

		for (int i = 0; i < options->variants; i++) {
			double whole;

			/* The last round's new flows have had their time, or are still there as a flood's. */
			if (!traffic->flows && !traffic->is_flooded)
				let_time_pass(&directors[i]);
			whole = measure(generator, &directors[i], traffic, &job, options->packets);
			if (round)
				result.variants[i].rounds[round - 1] = whole - empty;
		}
	}
	for (int i = 0; i < options->variants; i++) {
		summarise(&result.variants[i], options->rounds);
		close_director(&directors[i]);
	}
	return result;
}

static bool is_wanted(const char *only, const char *name)
{
	size_t length = strlen(name);

	if (!only)
		return true;
	for (const char *at = only; (at = strstr(at, name)); at += length)
		if ((at == only || at[-1] == ',') && (at[length] == '\0' || at[length] == ','))
			return true;
	return false;
}

int main(int count, char **arguments)
{
	struct options options = read_options(count, arguments);
	struct result results[CASES];
	struct generator generator;
	int done = 0;

	quiet_libbpf();
	pin_to(options.cpu);
	open_generator(&generator, options.wrapper);
	print_heading(&options);
	for (int i = 0; i < CASES; i++) {
		if (!is_wanted(options.only, cases[i].name))
			continue;
		results[done] = run_case(&options, &generator, &cases[i]);
		print_result(&options, &results[done++]);
	}
	close_generator(&generator);
	if (options.json)
		write_json(&options, results, done);
	return 0;
}
