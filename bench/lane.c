/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "lane.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "measured.h"
#include "object.h"
#include "receiver.h"

enum {
	LONGEST_AWAITED = 200, /* milliseconds */
};

static void make_namespaces(struct lane *lane)
{
	for (int place = 0; place < PLACES_OF_LANE; place++) {
		if (unshare(CLONE_NEWNET))
			fail("a network namespace: %s", strerror(errno));
		lane->namespaces[place] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	}
}

void enter_place(const struct lane *lane, enum place place)
{
	if (setns(lane->namespaces[place], CLONE_NEWNET))
		fail("entering a namespace: %s", strerror(errno));
}

int index_of(const char *device)
{
	int index = if_nametoindex(device);

	if (!index)
		fail("there is no interface %s here", device);
	return index;
}

void run_in(const struct lane *lane, enum place place, const char *format, ...)
{
	char command[4096];
	va_list arguments;
	int status;
	pid_t child;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	child = fork();
	if (!child) {
		enter_place(lane, place);
		execl("/bin/sh", "sh", "-ec", command, NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		fail("this failed: %s", command);
}

static void name_devices(struct lane *lane)
{
	char *const names[] = { lane->client_device, lane->inner_device, lane->outer_device, lane->server_device };

	for (int i = 0; i < 4; i++)
		snprintf(names[i], sizeof(lane->client_device), "%c%x%d", "cios"[i], getpid() & 0xfffff,
			 lane -> number);
}

static void make_devices(const struct lane *lane)
{
	run_in(lane, DIRECTOR,
	       "ip link add %s address 02:00:00:00:00:01 type veth peer name %s address 02:00:00:00:00:02 netns "
	       "/proc/%d/fd/%d\n"
	       "ip link add %s address 02:00:00:00:01:fe type veth peer name %s netns /proc/%d/fd/%d\n"
	       "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 "
	       "net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.send_redirects=0\n"
	       "ip address add 10.0.0.1/24 dev %s\n"
	       "ip address add 10.0.1.1/24 dev %s\n",
	       lane->inner_device, lane->client_device, getpid(), lane->namespaces[CLIENT], lane->outer_device,
	       lane->server_device, getpid(), lane->namespaces[SERVER_SIDE], lane->inner_device, lane->outer_device);
	for (int i = 0; i < 2; i++)
		run_in(lane, DIRECTOR, "ip link set %1$s up; ethtool -K %1$s gro on >/dev/null",
		       i ? lane->outer_device : lane->inner_device);
	run_in(lane, CLIENT, "sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip link set %s up", lane->client_device);
	run_in(lane, SERVER_SIDE, "sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip link set %s up",
	       lane->server_device);
}

/* Servers on the link; all clients behind one router. */
static void make_routes(const struct lane *lane)
{
	for (int i = 0; i < SERVERS; i++)
		run_in(lane, DIRECTOR, "ip neighbour add 10.0.1.1%d lladdr 02:00:00:00:01:0%d dev %s nud permanent",
		       i + 1, i + 1, lane->outer_device);
	run_in(lane, DIRECTOR,
	       "ip neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev %s nud permanent; ip route add 128.0.0.0/2 via "
	       "10.0.0.2",
	       lane->inner_device);
}

static void attach_counter(struct lane *lane, struct passage *passage)
{
	struct bpf_program *count = bpf_object__find_program_by_name(passage->ends, "count");

	enter_place(lane, passage->to);
	passage->counter = bpf_program__attach_xdp(count, index_of(passage->receiver));
	if (!passage->counter)
		fail("%s: no XDP in native mode: %s", passage->receiver, strerror(errno));
}

static void open_passage(struct lane *lane, struct passage *passage, const char *ends)
{
	passage->ends = load_object(ends);
	passage->job = variable_in(passage->ends, "job");
	passage->chunk_started = variable_in(passage->ends, "chunk_started");
	passage->pace = variable_in(passage->ends, "pace");
	passage->arrivals = variable_in(passage->ends, "arrivals");
	attach_counter(lane, passage);
}

static struct site site_of(const struct lane *lane)
{
	struct site site = {
		.protocol = IPPROTO_UDP,
		.service_port = htons(53),
		.server_port = htons(53),
		.vip = address_of("192.0.2.1"),
		.servers = { address_of("10.0.1.11"), address_of("10.0.1.12"), address_of("10.0.1.13") },
		.server_macs = { { 2, 0, 0, 0, 1, 1 }, { 2, 0, 0, 0, 1, 2 }, { 2, 0, 0, 0, 1, 3 } },
		.clients_side = { 0, { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } },
		.servers_side = { 0, { 2, 0, 0, 0, 1, 0xfe }, {} },
	};

	enter_place(lane, DIRECTOR);
	site.clients_side.ifindex = index_of(lane->inner_device);
	site.servers_side.ifindex = index_of(lane->outer_device);
	return site;
}

void open_lane(struct lane *lane, int number, const char *ends)
{
	lane->number = number;
	make_namespaces(lane);
	name_devices(lane);
	make_devices(lane);
	make_routes(lane);
	lane->passages[REQUESTS] = (struct passage){ .from = CLIENT,
						     .to = SERVER_SIDE,
						     .sender = lane->client_device,
						     .entry = lane->inner_device,
						     .receiver = lane->server_device };
	lane->passages[REPLIES] = (struct passage){ .from = SERVER_SIDE,
						    .to = CLIENT,
						    .sender = lane->server_device,
						    .entry = lane->outer_device,
						    .receiver = lane->client_device };
	for (int direction = 0; direction < DIRECTIONS; direction++)
		open_passage(lane, &lane->passages[direction], ends);
	lane->site = site_of(lane);
}

void close_lane(struct lane *lane)
{
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		bpf_link__destroy(lane->passages[direction].counter);
		bpf_object__close(lane->passages[direction].ends);
	}
	for (int place = 0; place < PLACES_OF_LANE; place++)
		close(lane->namespaces[place]);
}

struct pattern pattern_of(const char *address, int bits)
{
	__be32 mask = htonl(~0ULL << (32 - bits));

	return (struct pattern){ inet_addr(address) & mask, mask };
}

void expect(struct lane *lane, enum direction direction, struct pattern source, struct pattern destination)
{
	lane->passages[direction].arrivals->source = source;
	lane->passages[direction].arrivals->destination = destination;
}

void divide_work(struct lane *lane)
{
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		struct passage *passage = &lane->passages[direction];

		passage->directing = thread_receiver(lane, DIRECTOR, passage->entry);
		passage->counting = thread_receiver(lane, passage->to, passage->receiver);
	}
}

void arrange(struct lane *lane, int injecting, int directing)
{
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		struct passage *passage = &lane->passages[direction];

		hold_receiver(passage->directing, directing);
		hold_receiver(passage->counting, directing);
		passage->pace->waits = injecting != directing;
	}
}

/* The director sees frames at the end of a batch; more than a batch must be under way for it to go on meanwhile. */
static __u32 batch_of(const struct passage *passage)
{
	return passage->pace->waits ? 2 * RING_FRAMES / 3 : RING_FRAMES;
}

/* What finds no room is left for the next call. */
static void run_job(const struct lane *lane, const struct passage *passage, const struct job *job, __u32 packets)
{
	char frame[FRAME_BYTES] = {};
	struct xdp_md context = { .data_end = FRAME_BYTES };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .batch_size = batch_of(passage));

	enter_place(lane, passage->from);
	context.ingress_ifindex = index_of(passage->sender);
	*passage->job = *job;
	passage->pace->noticed = passage->arrivals->noticed = passage->arrivals->packets = 0;
	for (int tries = 0; tries < LONGEST_AWAITED && passage->job->sent < packets; tries++) {
		options.repeat = packets - passage->job->sent;
		if (bpf_prog_test_run_opts(program_in(passage->ends, "inject"), &options))
			fail("BPF_PROG_RUN of live frames: %s", strerror(errno));
	}
}

/*
 * The last frames may still be under way on another CPU. Of a million flows a handful have no slot, and in NAT their packets
 * go nowhere: one in ten thousand may be missing, if the director has counted it.
 */
static void await_arrival(const struct passage *passage, __u32 packets)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	const volatile __u64 *arrived = &passage->arrivals->packets;

	for (int tries = 0; tries < LONGEST_AWAITED; tries++) {
		nanosleep(&moment, NULL);
		if (*arrived == packets)
			return;
	}
	if (*arrived > packets || packets - *arrived > packets / 10000)
		fail("of %u packets %llu arrived", packets, (unsigned long long)*arrived);
}

struct cost inject(const struct lane *lane, enum direction direction, const struct job *job, __u32 packets)
{
	const struct passage *passage = &lane->passages[direction];
	const double directing = ran_for(passage->directing), counting = ran_for(passage->counting);

	run_job(lane, passage, job, packets);
	await_arrival(passage, packets);
	return (struct cost){
		.directing = (ran_for(passage->directing) - directing) / packets,
		.counting = (ran_for(passage->counting) - counting) / packets,
		.interval = median_chunk(passage->chunk_started, packets / PACKETS_PER_CHUNK),
	};
}
