/* SPDX-License-Identifier: Apache-2.0 */
/* Packets a second over veth: direct routing beside the kernel's ways of forwarding. See README.md. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <linux/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conntrack.h"
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

static void drop_at_door(const struct options *options, struct lane *lane)
{
	struct bpf_object *object = load_object(options->ends);

	attach(lane, bpf_object__find_program_by_name(object, "count"));
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
static void translate(const struct lane *lane)
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
}

static void open_ways(const struct options *options, struct lane *lanes, struct director *director)
{
	for (int way = 0; way < WAYS; way++) {
		open_lane(&lanes[way], way, options->ends);
		lanes[way].delivers = way != DOOR;
		enter_place(&lanes[way], DIRECTOR);
		if (way == DOOR)
			drop_at_door(options, &lanes[way]);
		else if (way == XLVS)
			direct(options, &lanes[way], director);
		else if (way == KERNEL)
			forward(&lanes[way]);
		else
			translate(&lanes[way]);
	}
}

/* Every flow is seen twice: what keeps state has it then. */
static void establish(const struct lane *lane, __u32 flows)
{
	struct job job = job_for(lane);

	inject(lane, &job, flows);
	inject(lane, &job, flows);
}

static void check_director(const struct director *director, struct counts before, __u32 packets)
{
	struct counts counts = counted_since(before, read_counts(director));

	if (!followed_entries(&counts, packets))
		fail("xlvs: of %u packets %s, %llu entries were made", packets, name_outcomes(director, &counts),
		     (unsigned long long)counts.connections);
}

static void run_round(const struct options *options, const struct lane *lanes, const struct director *director,
		      __u32 flows, int round, struct result *result)
{
	for (int way = 0; way < WAYS; way++) {
		struct counts before = read_counts(director);
		struct job job = job_for(&lanes[way]);

		job.order = AT_RANDOM;
		job.flows = flows;
		job.salt = (__u64)(round + 1) << 40;
		result->whole[way].rounds[round] = inject(&lanes[way], &job, options->packets);
		result->alone[way].rounds[round] = result->whole[way].rounds[round] - result->whole[DOOR].rounds[round];
		if (way == XLVS)
			check_director(director, before, options->packets);
	}
}

static struct result measure(const struct options *options, const struct lane *lanes, const struct director *director,
			     __u32 flows)
{
	struct result result;

	for (int way = XLVS; way < WAYS; way++)
		establish(&lanes[way], flows);
	for (int round = 0; round < options->rounds; round++)
		run_round(options, lanes, director, flows, round, &result);
	for (int way = 0; way < WAYS; way++) {
		summarise(&result.whole[way], options->rounds);
		summarise(&result.alone[way], options->rounds);
	}
	return result;
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
	return options;
}

int main(int count, char **arguments)
{
	struct options options = read_options(count, arguments);
	struct result results[FLOW_COUNTS];
	struct lane lanes[WAYS] = {};
	struct director director;

	quiet_libbpf();
	raise_conntrack_limits(CONNECTIONS);
	pin_to(options.cpu);
	open_ways(&options, lanes, &director);
	for (int i = 0; i < FLOW_COUNTS; i++)
		results[i] = measure(&options, lanes, &director, flow_counts[i]);
	print_rates(&options, results);
	print_times(results);
	if (options.json)
		write_json(&options, results);
	for (int way = 0; way < WAYS; way++)
		close_lane(&lanes[way]);
	close_director(&director);
	return 0;
}
