/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "object.h"

enum {
	LOOPBACK = 1,
	ENTERING_TRIES = 8,
};

struct site loopback_site(__u8 protocol, __u8 method, bool is_ipv6)
{
	const struct port port = { LOOPBACK, { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } };
	struct site site = {
		.is_ipv6 = is_ipv6,
		.method = method,
		.protocol = protocol,
		.service_port = htons(80),
		.server_port = htons(method & SERVER_NAT ? 8080 : 80),
		.vip = address_of(is_ipv6 ? "2001:db8:ffff::1" : "192.0.2.1"),
		.server_macs = { { 2, 0, 0, 0, 1, 1 }, { 2, 0, 0, 0, 1, 2 }, { 2, 0, 0, 0, 1, 3 } },
		.clients_side = port,
		.servers_side = port,
	};

	for (int i = 0; i < SERVERS; i++) {
		site.servers[i] = address_of(is_ipv6 ? "fd00:0:0:1::10" : "10.0.1.10");
		site.servers[i].bytes[15] += i + 1;
	}
	return site;
}

struct counts send_job(struct generator *generator, const struct director *director, const struct job *job,
		       __u32 packets, double *nanoseconds)
{
	struct counts before = read_counts(director);
	double took = run_job(generator, bpf_program__fd(director->program), job, packets);

	if (nanoseconds)
		*nanoseconds = took;
	return counted_since(before, read_counts(director));
}

void wait_for_next_second(void)
{
	const struct timespec time = { .tv_sec = 1, .tv_nsec = 100000000 };

	nanosleep(&time, NULL);
}

struct counts visit_flows(struct generator *generator, const struct director *director, const struct site *site,
			  __u32 flows)
{
	struct job job = opening_job(site);

	job.first = FIRST_ESTABLISHED;
	job.flags[0] = ACK;
	return send_job(generator, director, &job, flows, NULL);
}

void establish_flows(struct generator *generator, const struct director *director, const struct site *site, __u32 flows)
{
	struct job handshakes = opening_job(site);
	struct counts counts;

	restart_turns(director);
	handshakes.first = FIRST_ESTABLISHED;
	handshakes.packets_each = 2;
	for (int tries = 0; tries < ENTERING_TRIES; tries++) {
		send_job(generator, director, &handshakes, 2 * flows, NULL);
		wait_for_next_second();
		counts = visit_flows(generator, director, site, flows);
		if (followed_entries(director, &counts, flows))
			return;
	}
	fail("%s: cannot establish %u flows: %s", director->path, flows, name_outcomes(director, &counts));
}
