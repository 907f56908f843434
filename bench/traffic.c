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

struct site loopback_site(__u8 protocol)
{
	return (struct site){
		.vip = inet_addr("192.0.2.1"),
		.port = htons(80),
		.protocol = protocol,
		.egress = LOOPBACK,
		.server_macs = { { 2, 0, 0, 0, 1, 1 }, { 2, 0, 0, 0, 1, 2 }, { 2, 0, 0, 0, 1, 3 } },
	};
}

struct job opening_job(const struct site *site)
{
	struct job job = { .packets_each = 1,
			   .flags = { SYN, ACK },
			   .protocol = site->protocol,
			   .vip = site->vip,
			   .port = site->port };

	memcpy(job.addresses, (const __u8[]){ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 }, 12);
	return job;
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

	handshakes.first = FIRST_ESTABLISHED;
	handshakes.packets_each = 2;
	for (int tries = 0; tries < ENTERING_TRIES; tries++) {
		send_job(generator, director, &handshakes, 2 * flows, NULL);
		wait_for_next_second();
		counts = visit_flows(generator, director, site, flows);
		if (followed_entries(&counts, flows))
			return;
	}
	fail("%s: cannot establish %u flows: %s", director->path, flows, name_outcomes(director, &counts));
}
