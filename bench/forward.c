/* SPDX-License-Identifier: Apache-2.0 */
/* Packets a second over veth: direct routing and NAT beside the kernel's ways of forwarding. See README.md. */
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

bool takes_part(enum way way, enum direction direction)
{
	return direction == REQUESTS || way != XLVS_DR;
}

static struct job job_for(const struct lane *lane, enum direction direction)
{
	struct job job = opening_job(&lane->site);

	return direction == REPLIES ? reply_to(job, &lane->site) : job;
}

/* Both directions meet the program. */
static void attach(const struct course *course, const char *device)
{
	if (!bpf_program__attach_xdp(course->director.program, index_of(device)))
		fail("%s: no XDP in native mode: %s", device, strerror(errno));
}

static void direct(const struct options *options, struct course *course, __u8 method)
{
	course->lane.site.method = method;
	open_director(&course->director, options->object);
	configure_site(&course->director, &course->lane.site);
	attach(course, course->lane.inner_device);
	attach(course, course->lane.outer_device);
}

static void forward(const struct lane *lane)
{
	run_in(lane, DIRECTOR, "ip route add 192.0.2.1/32 via 10.0.1.11");
}

/* The ruleset that balances in the kernel with the least work a packet; unanswered UDP must not expire meanwhile. */
static void translate(const struct lane *lane)
{
	run_in(lane, DIRECTOR,
	       "sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600 "
	       "net.netfilter.nf_conntrack_udp_timeout_stream=600\n"
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

/* Packets arrive as who translates leaves them, and only as these. */
static void expect_addresses(struct lane *lane, bool is_translated)
{
	const struct pattern clients = pattern_of("128.0.0.0", 2), servers = pattern_of("10.0.1.0", 24);
	const struct pattern vip = pattern_of("192.0.2.1", 32);

	expect(lane, REQUESTS, clients, is_translated ? servers : vip);
	expect(lane, REPLIES, is_translated ? vip : servers, clients);
}

static void open_courses(const struct options *options, struct course *courses)
{
	for (int way = 0; way < WAYS; way++) {
		struct lane *lane = &courses[way].lane;

		open_lane(lane, way, options->ends);
		enter_place(lane, DIRECTOR);
		if (way == XLVS_DR || way == XLVS_NAT)
			direct(options, &courses[way], way == XLVS_NAT ? SERVER_NAT : 0);
		else if (way == KERNEL)
			forward(lane);
		else
			translate(lane);
		expect_addresses(lane, way == XLVS_NAT || way == NFTABLES);
		divide_work(lane);
	}
}

/* Every flow is seen twice: what keeps state has it then. The servers have the flows in turn, as replies suppose. */
static void establish(const struct lane *lane, __u32 flows)
{
	struct job job = job_for(lane, REQUESTS);

	inject(lane, REQUESTS, &job, flows);
	inject(lane, REQUESTS, &job, flows);
}

static void run_round(const struct options *options, const struct course *courses, enum direction direction,
		      __u32 flows, int round, struct result *result)
{
	for (int way = 0; way < WAYS; way++) {
		struct job job = job_for(&courses[way].lane, direction);
		struct evidence before;
		struct cost cost;

		if (!takes_part(way, direction))
			continue;
		before = gather_evidence(way, &courses[way]);
		job.order = AT_RANDOM;
		job.flows = flows;
		job.salt = (__u64)(round + 1) << 40;
		cost = inject(&courses[way].lane, direction, &job, options->packets);
		check_evidence(way, direction, &courses[way], &before, flows, options->packets);
		result->directing[way].rounds[round] = cost.directing;
		result->counting[way].rounds[round] = cost.counting;
		result->interval[way].rounds[round] = cost.interval;
	}
}

static struct result measure(const struct options *options, struct course *courses, enum direction direction,
			     __u32 flows, enum arrangement arrangement)
{
	int director_cpu = arrangement == APART ? options->other_cpu : options->cpu;
	struct result result = {};

	for (int way = 0; way < WAYS; way++)
		arrange(&courses[way].lane, options->cpu, director_cpu);
	for (int round = 0; round < options->rounds; round++) {
		run_round(options, courses, direction, flows, round, &result);
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

static void measure_flows(const struct options *options, struct course *courses, int number, results results)
{
	for (int way = 0; way < WAYS; way++) {
		arrange(&courses[way].lane, options->cpu, options->cpu);
		establish(&courses[way].lane, flow_counts[number]);
	}
	for (int direction = 0; direction < DIRECTIONS; direction++)
		for (int arrangement = 0; arrangement < options->arrangements; arrangement++)
			results[direction][number][arrangement] =
				measure(options, courses, direction, flow_counts[number], arrangement);
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
	static struct course courses[WAYS];
	static results results;

	quiet_libbpf();
	raise_conntrack_limits(CONNECTIONS);
	pin_to(options.cpu);
	open_courses(&options, courses);
	for (int i = 0; i < FLOW_COUNTS; i++)
		measure_flows(&options, courses, i, results);
	print_results(&options, results);
	if (options.json)
		write_json(&options, results);
	for (int way = 0; way < WAYS; way++)
		close_lane(&courses[way].lane);
	close_director(&courses[XLVS_DR].director);
	close_director(&courses[XLVS_NAT].director);
	return 0;
}
