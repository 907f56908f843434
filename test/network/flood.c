/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods a director in the lab: live frames from ever new sources leave the switch's port to it at the full rate of one
 * CPU. Prints what was sent, and where it ended, as JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_link.h>
#include <linux/in.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "../../bench/job.h"
#include "../../bench/object.h"

enum {
	BURST = 1 << 16,
	MAXIMUM_SERVERS = 16,
	SPARE_BYTES = 8, /* for flood.bpf.c to take away */
	SETTLING_MICROSECONDS = 200000,
};

struct kind {
	const char *name;
	__u32 packets_each;
	__u8 flags[2];
};

static const struct kind kinds[] = {
	{ "syn", 1, { SYN } },
	{ "pairs", 2, { SYN, ACK } },
	{ "ack", 1, { ACK } },
};

/* A server's cable: its end there, and the switch's end. */
struct cable {
	char *namespace, *device, *port;
};

struct options {
	const char *object;
	const char *namespace, *port; /* the switch's, to the director */
	struct cable cables[MAXIMUM_SERVERS];
	int servers;
	double seconds;
	struct job job;
};

/* What is loaded while a flood goes on. */
struct flood {
	struct bpf_object *object;
	struct job *job;
	int port;
	__u64 sent;
	double took;
};

static void enter(const char *namespace)
{
	char path[256];
	int descriptor;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0 || setns(descriptor, CLONE_NEWNET))
		fail("namespace %s: %s", namespace, strerror(errno));
	close(descriptor);
}

static int index_of(const char *device)
{
	int index = if_nametoindex(device);

	if (!index)
		fail("there is no interface %s", device);
	return index;
}

/* The last four bytes of a device's MAC address. */
static __u32 mac_key(const char *device)
{
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {};
	__u32 key;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (descriptor < 0 || ioctl(descriptor, SIOCGIFHWADDR, &request))
		fail("%s: MAC address: %s", device, strerror(errno));
	close(descriptor);
	memcpy(&key, request.ifr_hwaddr.sa_data + 2, sizeof(key));
	return key;
}

/* In place of whatever is there. It stays when this process ends, until the lab does. */
static void attach(const struct flood *flood, const char *program, const char *device)
{
	if (bpf_xdp_attach(index_of(device), program_in(flood->object, program), XDP_FLAGS_DRV_MODE, NULL))
		fail("%s: no XDP in native mode: %s", device, strerror(errno));
}

static void attach_ends(const struct options *options, struct flood *flood)
{
	for (const struct cable *cable = options->cables; cable < options->cables + options->servers; cable++) {
		__u32 key, port;

		enter(cable->namespace);
		attach(flood, "sink", cable->device);
		key = mac_key(cable->device);
		enter(options->namespace);
		port = index_of(cable->port);
		if (bpf_map_update_elem(map_in(flood->object, "ports"), &key, &port, BPF_ANY))
			fail("%s: %s", cable->port, strerror(errno));
	}
	attach(flood, "uplink", options->port);
	flood->port = index_of(options->port);
}

static void send_burst(struct flood *flood)
{
	char frame[FRAME_BYTES + SPARE_BYTES] = {};
	struct xdp_md context = { .data_end = sizeof(frame), .ingress_ifindex = flood->port };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = BURST, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	if (bpf_prog_test_run_opts(program_in(flood->object, "inject"), &options))
		fail("BPF_PROG_RUN of live frames: %s", strerror(errno));
	flood->sent += BURST;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void run(const struct options *options, struct flood *flood)
{
	double start = now();

	*flood->job = options->job;
	while (flood->took < options->seconds) {
		send_burst(flood);
		flood->took = now() - start;
	}
	usleep(SETTLING_MICROSECONDS);
}

static void report(const struct flood *flood)
{
	printf("{ \"sent\": %llu, \"seconds\": %.3f, \"dropped\": %llu, \"answered\": %llu }\n",
	       (unsigned long long)flood->sent, flood->took,
	       (unsigned long long)sum_over_cpus(map_in(flood->object, "dropped"), 0),
	       (unsigned long long)sum_over_cpus(map_in(flood->object, "answered"), 0));
}

static void choose_kind(struct job *job, const char *name)
{
	for (const struct kind *kind = kinds; kind < kinds + sizeof(kinds) / sizeof(*kinds); kind++) {
		if (strcmp(kind->name, name))
			continue;
		job->packets_each = kind->packets_each;
		memcpy(job->flags, kind->flags, sizeof(job->flags));
		return;
	}
	fail("--kind: syn, pairs or ack");
}

static void set_mac(struct job *job, int place, const char *text)
{
	if (!ether_aton_r(text, (struct ether_addr *)((__u8 *)job->stations + place * ETH_ALEN)))
		fail("%s is no MAC address", text);
}

static void set_vip(struct job *job, const char *text)
{
	job->vip.quads[2] = htonl(0xffff);
	if (inet_pton(AF_INET, text, &job->vip.quads[3]) != 1)
		fail("%s is no IPv4 address", text);
}

/* NAMESPACE,DEVICE,PORT */
static void add_server(struct options *options, char *text)
{
	struct cable *cable = &options->cables[options->servers++];

	cable->namespace = strtok(text, ",");
	cable->device = strtok(NULL, ",");
	cable->port = strtok(NULL, ",");
	if (options->servers == MAXIMUM_SERVERS || !cable->port)
		fail("--server: NAMESPACE,DEVICE,PORT, at most %d times", MAXIMUM_SERVERS - 1);
}

static const struct option known[] = {
	{ "object", required_argument, NULL, 'o' },
	{ "switch", required_argument, NULL, 'n' },
	{ "port", required_argument, NULL, 'p' },
	{ "server", required_argument, NULL, 's' },
	{ "to", required_argument, NULL, 't' },
	{ "from", required_argument, NULL, 'f' },
	{ "vip", required_argument, NULL, 'v' },
	{ "kind", required_argument, NULL, 'k' },
	{ "first", required_argument, NULL, '1' },
	{ "seconds", required_argument, NULL, 'd' },
	{},
};

static void read_option(struct options *options, int letter)
{
	if (letter == 'o')
		options->object = optarg;
	else if (letter == 'n')
		options->namespace = optarg;
	else if (letter == 'p')
		options->port = optarg;
	else if (letter == 's')
		add_server(options, optarg);
	else if (letter == 't')
		set_mac(&options->job, 0, optarg);
	else if (letter == 'f')
		set_mac(&options->job, 1, optarg);
	else if (letter == 'v')
		set_vip(&options->job, optarg);
	else if (letter == 'k')
		choose_kind(&options->job, optarg);
	else if (letter == '1')
		options->job.first = strtoul(optarg, NULL, 10);
	else if (letter == 'd')
		options->seconds = atof(optarg);
	else
		exit(2);
}

static struct options read_options(int count, char **arguments)
{
	struct options options = {
		.object = "build/test/flood.bpf.o",
		.job = { .protocol = IPPROTO_TCP, .service_port = htons(80), .packets_each = 1, .flags = { SYN } },
	};

	for (int letter; (letter = getopt_long(count, arguments, "", known, NULL)) != -1;)
		read_option(&options, letter);
	if (!options.namespace || !options.port || !options.servers)
		fail("--switch, --port and --server are needed");
	return options;
}

int main(int count, char **arguments)
{
	struct options options = read_options(count, arguments);
	struct flood flood = {};

	quiet_libbpf();
	flood.object = load_object(options.object);
	flood.job = variable_in(flood.object, "job");
	attach_ends(&options, &flood);
	run(&options, &flood);
	report(&flood);
	return 0;
}
