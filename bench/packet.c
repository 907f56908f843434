/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds a packet: the director's program, and others beside it, under BPF_PROG_RUN. See README.md. */
#define _GNU_SOURCE
#include "packet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "director.h"
#include "generator.h"
#include "object.h"

/* Client numbers, so that no two kinds of flows meet. */
enum {
	FIRST_ESTABLISHED = 0,
	FIRST_AGING = 1 << 28,
	FIRST_NEW = 1 << 30,
	GENERATIONS = 4,
	LOOPBACK = 1, /* where BPF_PROG_RUN says that a frame came from */
	ENTERING_TRIES = 8,
};

enum {
	TCP_SYN = 2,
	TCP_ACK = 16,
};

static const struct traffic_case cases[CASES] = {
	{ "1", 1, true, 45, 35 },
	{ "16k", 1 << 14, true, 100, 70 },
	{ "131k", 1 << 17, true, 220, 160 },
	{ "1M", 1 << 20, true, 260, 200 },
	{ "new", 0, true, 300, 230 },
	{ "1M-swept", 1 << 20, false, 260, 200 },
};

static struct job job_for(const struct options *options, const struct site *site)
{
	struct job job = {
		.packets_each = 1,
		.flags = { TCP_SYN, TCP_ACK },
		.protocol = options->protocol,
		.vip = site->vip,
		.port = site->port,
	};

	memcpy(job.addresses, (const __u8[]){ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 }, 12);
	return job;
}

static struct site site_for(const struct options *options)
{
	return (struct site){
		.vip = inet_addr("192.0.2.1"),
		.port = htons(80),
		.protocol = options->protocol,
		.egress = LOOPBACK,
		.server_macs = { { 2, 0, 0, 0, 1, 1 }, { 2, 0, 0, 0, 1, 2 }, { 2, 0, 0, 0, 1, 3 } },
	};
}

/* Runs a job and says what the director counted meanwhile. */
static struct counts send_job(struct generator *generator, const struct director *director, const struct job *job,
			  __u32 packets, double *nanoseconds)
{
	struct counts before = read_counts(director);
	double took = run_job(generator, bpf_program__fd(director->program), job, packets);

	if (nanoseconds)
		*nanoseconds = took;
	return counted_since(before, read_counts(director));
}

/* Four times as many other flows pass as the table is made for. */
static void age(struct generator *generator, const struct director *director, struct job job)
{
	job.first = FIRST_AGING;
	send_job(generator, director, &job, GENERATIONS * CONNECTIONS, NULL);
}

static void wait_for_next_second(void)
{
	struct timespec time = { .tv_sec = 1, .tv_nsec = 100000000 };

	nanosleep(&time, NULL);
}

/* Establishes the flows and proves them by a packet in a later second, until every one has its entry. */
static void enter(struct generator *generator, const struct director *director, struct job job, __u32 flows)
{
	struct job proof;
	struct counts counts;

	job.first = FIRST_ESTABLISHED;
	job.packets_each = 2;
	proof = job;
	proof.packets_each = 1;
	proof.flags[0] = TCP_ACK;
	for (int tries = 0; tries < ENTERING_TRIES; tries++) {
		send_job(generator, director, &job, 2 * flows, NULL);
		wait_for_next_second();
		counts = send_job(generator, director, &proof, flows, NULL);
		if (counts.outcomes[FORWARDED] == flows && !counts.connections)
			return;
	}
	fail("%s: cannot establish %u flows: %s", director->path, flows, name_outcomes(director, &counts));
}

/* Every packet must go the way that the case is about, else its time means nothing. */
static void check_counts(const struct director *director, const struct traffic_case *traffic, struct counts counts,
			 __u32 packets)
{
	__u64 wanted = traffic->flows ? 0 : packets;

	if (counts.outcomes[FORWARDED] != packets || counts.connections != wanted)
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
	job.flags[0] = TCP_ACK;
	job.order = AT_RANDOM;
	job.flows = traffic->flows;
	job.salt = (__u64)round << 40;
	return job;
}

static struct result run_case(const struct options *options, struct generator *generator,
			      const struct traffic_case *traffic)
{
	struct director directors[MAXIMUM_VARIANTS];
	struct site site = site_for(options);
	struct job basic = job_for(options, &site);
	struct result result = { .traffic = traffic };

	for (int i = 0; i < options->variants; i++) {
		open_director(&directors[i], options->objects[i], &site);
		age(generator, &directors[i], basic);
		if (!traffic->is_full)
			sweep_all(&directors[i]);
		if (traffic->flows)
			enter(generator, &directors[i], basic, traffic->flows);
	}
	/* Round 0 warms up. */
	for (int round = 0; round <= options->rounds; round++) {
		struct job job = traffic_of(traffic, basic, round, options->packets);
		double empty = run_job(generator, generator->empty, &job, options->packets);

		for (int i = 0; i < options->variants; i++) {
			double whole = measure(generator, &directors[i], traffic, &job, options->packets);

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
