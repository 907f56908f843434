/* SPDX-License-Identifier: Apache-2.0 */
/* Flows through a director under BPF_PROG_RUN, with what it counted. */
#ifndef XLVS_BENCH_TRAFFIC_H
#define XLVS_BENCH_TRAFFIC_H

#include "counts.h"
#include "generator.h"
#include "site.h"

/* Client numbers, so that no two kinds of flows meet. */
enum {
	FIRST_ESTABLISHED = 0,
	FIRST_AGING = 1 << 28,
	FIRST_NEW = 1 << 30,
};

/* A service, of this method (enum server_flag), on the interface that BPF_PROG_RUN says frames come from. */
struct site loopback_site(__u8 protocol, __u8 method, bool is_ipv6);

/* Runs a job and says what the director counted meanwhile; `nanoseconds` a packet unless it is NULL. */
struct counts send_job(struct generator *generator, const struct director *director, const struct job *job,
		       __u32 packets, double *nanoseconds);

/* Establishes the flows, the servers in turn, and proves them by a packet in a later second, until they have their entries. */
void establish_flows(struct generator *generator, const struct director *director, const struct site *site,
		     __u32 flows);

/* Sends one ACK for each of the established flows. */
struct counts visit_flows(struct generator *generator, const struct director *director, const struct site *site,
			  __u32 flows);

/* Sleeps until the director's clock has surely moved on. */
void wait_for_next_second(void);

#endif
