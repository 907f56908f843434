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
	       "ip address add 10.0.1.1/24 dev %s\n"
	       "ip link set %s up\n"
	       "ip link set %s up\n"
	       "ethtool -K %s gro on >/dev/null\n",
	       lane->inner_device, lane->client_device, getpid(), lane->namespaces[CLIENT], lane->outer_device,
	       lane->server_device, getpid(), lane->namespaces[SERVER_SIDE], lane->inner_device, lane->outer_device,
	       lane->inner_device, lane->outer_device, lane->inner_device);
	run_in(lane, CLIENT, "sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip link set %s up", lane->client_device);
	run_in(lane, SERVER_SIDE, "sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip link set %s up",
	       lane->server_device);
	for (int i = 0; i < SERVERS; i++)
		run_in(lane, DIRECTOR, "ip neighbour add 10.0.1.1%d lladdr 02:00:00:00:01:0%d dev %s nud permanent",
		       i + 1, i + 1, lane->outer_device);
}

static void attach_counter(struct lane *lane)
{
	struct bpf_program *count = bpf_object__find_program_by_name(lane->ends, "count");

	enter_place(lane, SERVER_SIDE);
	lane->counter = bpf_program__attach_xdp(count, index_of(lane->server_device));
	if (!lane->counter)
		fail("%s: no XDP in native mode: %s", lane->server_device, strerror(errno));
}

static struct site site_of(const struct lane *lane)
{
	struct site site = { .vip = inet_addr("192.0.2.1"), .port = htons(53), .protocol = IPPROTO_UDP };

	for (int i = 0; i < SERVERS; i++)
		memcpy(site.server_macs[i], (const __u8[]){ 2, 0, 0, 0, 1, i + 1 }, 6);
	enter_place(lane, DIRECTOR);
	site.egress = index_of(lane->outer_device);
	return site;
}

void open_lane(struct lane *lane, int number, const char *ends)
{
	lane->number = number;
	make_namespaces(lane);
	name_devices(lane);
	make_devices(lane);
	lane->ends = load_object(ends);
	lane->job = variable_in(lane->ends, "job");
	lane->chunk_started = variable_in(lane->ends, "chunk_started");
	lane->pace = variable_in(lane->ends, "pace");
	lane->arrivals = variable_in(lane->ends, "arrivals");
	attach_counter(lane);
	lane->site = site_of(lane);
	lane->arrivals->destination = lane->site.vip;
	lane->arrivals->mask = 0xffffffff;
}

void close_lane(struct lane *lane)
{
	bpf_link__destroy(lane->counter);
	bpf_object__close(lane->ends);
	for (int place = 0; place < PLACES_OF_LANE; place++)
		close(lane->namespaces[place]);
}

void expect_translation(struct lane *lane)
{
	lane->arrivals->destination = inet_addr("10.0.1.0");
	lane->arrivals->mask = inet_addr("255.255.255.0");
}

void divide_work(struct lane *lane)
{
	lane->directing = thread_receiver(lane, DIRECTOR, lane->inner_device);
	lane->counting = thread_receiver(lane, SERVER_SIDE, lane->server_device);
}

void arrange(struct lane *lane, int injecting, int directing)
{
	hold_receiver(lane->directing, directing);
	hold_receiver(lane->counting, directing);
	lane->pace->waits = injecting != directing;
}

/* The director sees frames at the end of a batch; more than a batch must be under way for it to go on meanwhile. */
static __u32 batch_of(const struct lane *lane)
{
	return lane->pace->waits ? 2 * RING_FRAMES / 3 : RING_FRAMES;
}

/* What finds no room is left for the next call. */
static void run_job(const struct lane *lane, const struct job *job, __u32 packets)
{
	char frame[FRAME_BYTES] = {};
	struct xdp_md context = { .data_end = FRAME_BYTES };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = batch_of(lane));

	enter_place(lane, CLIENT);
	context.ingress_ifindex = index_of(lane->client_device);
	*lane->job = *job;
	lane->pace->noticed = lane->arrivals->noticed = lane->arrivals->packets = 0;
	for (int tries = 0; tries < LONGEST_AWAITED && lane->job->sent < packets; tries++) {
		options.repeat = packets - lane->job->sent;
		if (bpf_prog_test_run_opts(program_in(lane->ends, "inject"), &options))
			fail("BPF_PROG_RUN of live frames: %s", strerror(errno));
	}
}

/* The last frames may still be under way on another CPU. */
static void await_arrival(const struct lane *lane, __u32 packets)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	const volatile __u64 *arrived = &lane->arrivals->packets;

	for (int tries = 0; tries < LONGEST_AWAITED; tries++) {
		nanosleep(&moment, NULL);
		if (*arrived == packets)
			return;
	}
	fail("of %u packets %llu arrived", packets, (unsigned long long)*arrived);
}

struct cost inject(const struct lane *lane, const struct job *job, __u32 packets)
{
	const double directing = ran_for(lane->directing), counting = ran_for(lane->counting);

	run_job(lane, job, packets);
	await_arrival(lane, packets);
	return (struct cost){
		.directing = (ran_for(lane->directing) - directing) / packets,
		.counting = (ran_for(lane->counting) - counting) / packets,
		.interval = median_chunk(lane->chunk_started, packets / PACKETS_PER_CHUNK),
	};
}
