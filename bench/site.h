/* SPDX-License-Identifier: Apache-2.0 */
/* One service and its servers, and how they are written into a director's maps. */
#ifndef XLVS_BENCH_SITE_H
#define XLVS_BENCH_SITE_H

#include <stdbool.h>

#include "director.h"
#include "job.h"

enum {
	SERVICE = 1,
	LISTENER = 1,
	FIRST_SERVER = 1,
};

/* An IPv6 address, or an IPv4 one mapped into it; exits when it is neither. */
struct address address_of(const char *text);

/* An interface of the director and who is at its other end. */
struct port {
	__u32 ifindex; /* in the director's namespace */
	__u8 mac[6];
	__u8 neighbour[6]; /* MAC address of a router to the clients */
};

struct site {
	bool is_ipv6;
	__u8 method; /* enum server_flag */
	__u8 protocol;
	__be16 service_port;
	__be16 server_port;
	struct address vip;
	struct address servers[SERVERS];
	__u8 server_macs[SERVERS][6];
	struct port clients_side, servers_side; /* may be the same */
};

/* Turns the site's service on; anything else that the director had is forgotten. The first turn is the first server's. */
void configure_site(const struct director *director, const struct site *site);

/* Has the next pick begin with the first server again, so that flows in turn have servers in turn. */
void restart_turns(const struct director *director);

/* One SYN (or datagram) from each client, for the site's service. */
struct job opening_job(const struct site *site);

/* The job's flows the other way: what their servers answer to it. */
struct job reply_to(struct job job, const struct site *site);

#endif
