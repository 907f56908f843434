/* SPDX-License-Identifier: Apache-2.0 */
/* Opens connections through a pinned director's program and proves them: fill PIN_DIRECTORY VIP PORT CONNECTIONS */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/bpf.h>

#include "generator.h"
#include "object.h"
#include "traffic.h"

static int open_program(const char *directory)
{
	char path[512];
	int program;

	snprintf(path, sizeof(path), "%s/program", directory);
	program = bpf_obj_get(path);
	if (program < 0)
		fail("%s: %s", path, strerror(errno));
	return program;
}

/* A SYN and an ACK for each; then one more ACK in a later second shows that the client is real. */
static void open_connections(struct generator *generator, int program, struct job job, __u32 connections)
{
	job.packets_each = 2;
	run_job(generator, program, &job, 2 * connections);
	wait_for_next_second();
	job.packets_each = 1;
	job.flags[0] = ACK;
	run_job(generator, program, &job, connections);
}

int main(int count, char **arguments)
{
	struct site site = loopback_site(IPPROTO_TCP, 0, false);
	struct generator generator;

	if (count != 5)
		fail("usage: fill PIN_DIRECTORY VIP PORT CONNECTIONS");
	quiet_libbpf();
	site.vip = address_of(arguments[2]);
	site.service_port = htons(atoi(arguments[3]));
	open_generator(&generator, "build/bench/wrapper.bpf.o");
	open_connections(&generator, open_program(arguments[1]), opening_job(&site), atoi(arguments[4]));
	close_generator(&generator);
	return 0;
}
