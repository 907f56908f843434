/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients from far away, while a director is flooded: their SYNs and, a round trip later, their ACKs go through the
 * pinned program by BPF_PROG_RUN, on its real tables. handshakes PIN_DIRECTORY DEVICE VIP CLIENTS MILLISECONDS...
 * Prints, as JSON, how many were still known for each round trip.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "../../bench/object.h"

enum {
	MAXIMUM_CLIENTS = 4096,
	FIRST_CLIENT = 0x64400000, /* 100.64.0.0: no flood's source, and nobody in the lab */
	PORT = 80,
};

struct frame {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct tcphdr tcp;
	__u8 padding[10];
} __attribute__((packed));

struct director {
	int program;
	__u32 interface;
	__be32 vip;
};

/* What became of the clients of one round trip. */
struct fate {
	int admitted, known, reset, moved, other;
};

static struct director open_director(const char *directory, const char *device, const char *vip)
{
	struct director director = { .interface = if_nametoindex(device), .vip = inet_addr(vip) };
	char path[512];

	snprintf(path, sizeof(path), "%s/program", directory);
	director.program = bpf_obj_get(path);
	if (director.program < 0 || !director.interface)
		fail("%s, %s: %s", path, device, strerror(errno));
	return director;
}

static struct frame frame_of(const struct director *director, __u32 client)
{
	struct frame frame = {
		.ethernet = { .h_proto = htons(ETH_P_IP), .h_dest = { 2 }, .h_source = { 2, 1 } },
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP },
		.tcp = { .source = htons(40000), .dest = htons(PORT), .doff = 5 },
	};

	frame.ip.tot_len = htons(sizeof(frame) - sizeof(frame.ethernet));
	frame.ip.saddr = htonl(FIRST_CLIENT + client);
	frame.ip.daddr = director->vip;
	return frame;
}

/* Leaves in `frame` what comes out, and returns the program's verdict. */
static __u32 send_frame(const struct director *director, struct frame *frame)
{
	struct xdp_md context = { .data_end = sizeof(*frame), .ingress_ifindex = director->interface };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(*frame), .data_out = frame,
		    .data_size_out = sizeof(*frame), .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1);

	if (bpf_prog_test_run_opts(director->program, &options))
		fail("BPF_PROG_RUN: %s", strerror(errno));
	return options.retval;
}

static void open_one(const struct director *director, __u32 client, __u8 *server)
{
	struct frame frame = frame_of(director, client);

	frame.tcp.syn = 1;
	memset(server, 0, ETH_ALEN);
	if (send_frame(director, &frame) == XDP_TX)
		memcpy(server, frame.ethernet.h_dest, ETH_ALEN);
}

static void acknowledge(const struct director *director, __u32 client, const __u8 *server, struct fate *fate)
{
	struct frame frame = frame_of(director, client);
	__u32 verdict;

	frame.tcp.ack = 1;
	verdict = send_frame(director, &frame);
	fate->admitted += server[0] != 0;
	if (verdict == XDP_TX && !frame.tcp.rst && !memcmp(frame.ethernet.h_dest, server, ETH_ALEN))
		fate->known++;
	else if (verdict == XDP_TX && frame.tcp.rst)
		fate->reset++;
	else if (verdict == XDP_TX)
		fate->moved++;
	else
		fate->other++;
}

static struct fate shake_hands(const struct director *director, __u32 first, int clients, int milliseconds)
{
	static __u8 servers[MAXIMUM_CLIENTS][ETH_ALEN];
	struct fate fate = {};

	for (int i = 0; i < clients; i++)
		open_one(director, first + i, servers[i]);
	usleep(milliseconds * 1000);
	for (int i = 0; i < clients; i++)
		acknowledge(director, first + i, servers[i], &fate);
	return fate;
}

int main(int count, char **arguments)
{
	struct director director;
	int clients;

	if (count < 6)
		fail("usage: handshakes PIN_DIRECTORY DEVICE VIP CLIENTS MILLISECONDS...");
	director = open_director(arguments[1], arguments[2], arguments[3]);
	clients = atoi(arguments[4]);
	if (clients < 1 || clients > MAXIMUM_CLIENTS)
		fail("1 to %d clients", MAXIMUM_CLIENTS);
	printf("[");
	for (int i = 5; i < count; i++) {
		int milliseconds = atoi(arguments[i]);
		struct fate fate =
			shake_hands(&director, i * MAXIMUM_CLIENTS + getpid() % 64 * 65536, clients, milliseconds);

		printf("%s\n  { \"milliseconds\": %d, \"clients\": %d, \"admitted\": %d, \"known\": %d, \"reset\": %d, "
		       "\"moved\": %d, \"other\": %d }",
		       i > 5 ? "," : "", milliseconds, clients, fate.admitted, fate.known, fate.reset, fate.moved,
		       fate.other);
	}
	printf(" ]\n");
	return 0;
}
