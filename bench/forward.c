/* SPDX-License-Identifier: Apache-2.0 */
/* Packets a second over veth: direct routing beside the kernel's ways of forwarding. See README.md. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <linux/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "conntrack.h"
#include "distance.h"
#include "forward.h"
#include "lane.h"
#include "object.h"

const __u32 flow_counts[FLOW_COUNTS] = { 1, 1 << 14, 1 << 17, 1 << 20 };

static struct job job_for(const struct lane *lane)
{
	struct job job = {
		.packets_each = 1, .protocol = lane->site.protocol, .vip = lane->site.vip, .port = lane->site.port
	};

	memcpy(job.addresses, (const __u8[]){ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 }, 12);
	return job;
}

static void attach(const struct lane *lane, struct bpf_program *program)
{
	if (!bpf_program__attach_xdp(program, index_of(lane->inner_device)))
		fail("%s: no XDP in native mode: %s", lane->inner_device, strerror(errno));
}

static void direct(const struct options *options, struct lane *lane, struct director *director)
{
	open_director(director, options->object, &lane->site);
	attach(lane, director->program);
}

static void forward(const struct lane *lane)
{
	run_in(lane, DIRECTOR, "ip route add 192.0.2.1/32 via 10.0.1.11");
}

/* The ruleset that balances in the kernel with the least work a packet; unanswered UDP must not expire meanwhile. */
static void translate(struct lane *lane)
{
	run_in(lane, DIRECTOR,
	       "sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600\n"
	       "nft -f - <<END\n"
	       "table ip bench {\n"
	       "	chain prerouting {\n"
	       "		type nat hook prerouting priority dstnat\n"
	       "		ip daddr 192.0.2.1 udp dport 53 "
	       "dnat to numgen inc mod 3 map { 0 : 10.0.1.11, 1 : 10.0.1.12, 2 : 10.0.1.13 }\n"
	       "	}\n"
	       "}\n"
	       "END");
	expect_translation(lane);
}

static void open_ways(const struct options *options, struct lane *lanes, struct director *director)
{
	for (int way = 0; way < WAYS; way++) {
		open_lane(&lanes[way], way, options->ends);
		enter_place(&lanes[way], DIRECTOR);
		if (way == XLVS)
			direct(options, &lanes[way], director);
		else if (way == KERNEL)
			forward(&lanes[way]);
		else
			translate(&lanes[way]);
		divide_work(&lanes[way]);
	}
}

/* Every flow is seen twice: what keeps state has it then. */
static void establish(const struct lane *lane, __u32 flows)
{
	struct job job = job_for(lane);

	inject(lane, &job, flows);
	inject(lane, &job, flows);
}

static void run_round(const struct options *options, const struct lane *lanes, const struct director *director,
		      __u32 flows, int round, struct result *result)
{
	for (int way = 0; way < WAYS; way++) {
		struct evidence before = gather_evidence(way, &lanes[way], director);
		struct job job = job_for(&lanes[way]);
		struct cost cost;

		job.order = AT_RANDOM;
		job.flows = flows;
		job.salt = (__u64)(round + 1) << 40;
		cost = inject(&lanes[way], &job, options->packets);
		check_evidence(way, &lanes[way], director, &before, flows, options->packets);
		result->directing[way].rounds[round] = cost.directing;
		result->counting[way].rounds[round] = cost.counting;
		result->interval[way].rounds[round] = cost.interval;
	}
}

static struct result measure(const struct options *options, struct lane *lanes, const struct director *director,
			     __u32 flows, enum arrangement arrangement)
{
	int director_cpu = arrangement == APART ? options->other_cpu : options->cpu;
	struct result result;

	for (int way = 0; way < WAYS; way++)
		arrange(&lanes[way], options->cpu, director_cpu);
	for (int round = 0; round < options->rounds; round++) {
		run_round(options, lanes, director, flows, round, &result);
		if (arrangement == APART)
			result.distance.rounds[round] = distance_between(options->cpu, options->other_cpu);
	}
	for (int way = 0; way < WAYS; way++) {
		summarise(&result.directing[way], options->rounds);
		summarise(&result.counting[way], options->rounds);
		summarise(&result.interval[way], options->rounds);
	}
	if (arrangement == APART)
		summarise(&result.distance, options->rounds);
	return result;
}

static void measure_flows(const struct options *options, struct lane *lanes, const struct director *director,
			  __u32 flows, struct result *result)
{
	for (int way = 0; way < WAYS; way++) {
		arrange(&lanes[way], options->cpu, options->cpu);
		establish(&lanes[way], flows);
	}
	for (int arrangement = 0; arrangement < options->arrangements; arrangement++)
		result[arrangement] = measure(options, lanes, director, flows, arrangement);
}

static const struct option known[] = {
	{ "object", required_argument, NULL, 'o' },
	{ "ends", required_argument, NULL, 'e' },
	{ "json", required_argument, NULL, 'j' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "cpu", required_argument, NULL, 'c' },
	{ "quick", no_argument, NULL, 'q' },
	{},
};

static struct options read_options(int count, char **arguments)
{
	struct options options = {
		.object = "build/director.bpf.o", .ends = "build/bench/live.bpf.o", .packets = 1 << 18, .rounds = 5
	};

	for (int letter; (letter = getopt_long(count, arguments, "", known, NULL)) != -1;) {
		if (letter == 'o')
			options.object = optarg;
		else if (letter == 'e')
			options.ends = optarg;
		else if (letter == 'j')
			options.json = optarg;
		else if (letter == 'r')
			options.rounds = atoi(optarg);
		else if (letter == 'c')
			options.cpu = atoi(optarg);
		else if (letter == 'q')
			options.packets = 1 << 15;
		else
			fail("usage: forward [--object FILE] [--ends FILE] [--json FILE] [--rounds N] [--cpu N] "
			     "[--quick]");
	}
	if (options.rounds < 1 || options.rounds > MAXIMUM_ROUNDS)
		fail("--rounds: 1 to %d", MAXIMUM_ROUNDS);
	options.other_cpu = (options.cpu + 1) % get_nprocs();
	options.arrangements = get_nprocs() > 1 ? ARRANGEMENTS : 1;
	return options;
}

int main(int count, char **arguments)
{
	struct options options = read_options(count, arguments);
	results results;
	struct lane lanes[WAYS] = {};
	struct director director;

	quiet_libbpf();
	raise_conntrack_limits(CONNECTIONS);
	pin_to(options.cpu);
	open_ways(&options, lanes, &director);
	for (int i = 0; i < FLOW_COUNTS; i++)
		measure_flows(&options, lanes, &director, flow_counts[i], results[i]);
	print_results(&options, results);
	if (options.json)
		write_json(&options, results);
	for (int way = 0; way < WAYS; way++)
		close_lane(&lanes[way]);
	close_director(&director);
	return 0;
}
