/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "site.h"

#include "../native/listeners.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <bpf/bpf.h>

#include "object.h"

enum {
	CLIENTS_SIDE = 1, /* interface indices */
	SERVERS_SIDE = 2,
	SCHEDULE_LINE = 1,
	HASH_SLOTS = 251,
	MTU = 1500,
};

struct address address_of(const char *text)
{
	struct address address = { .quads = { 0, 0, htonl(0xffff) } };

	if (inet_pton(AF_INET, text, &address.quads[3]) != 1 && inet_pton(AF_INET6, text, &address) != 1)
		fail("%s is no address", text);
	return address;
}

/* Seconds by state, as the controller sets them by default; no ranges; the first list of hops. */
static void configure_settings(const struct director *director)
{
	const struct settings settings = { .timeouts = {
						   [STATE_NONE] = 2,
						   [STATE_ESTABLISHED] = 900,
						   [STATE_SYN_SENT] = 120,
						   [STATE_SYN_RECEIVED] = 60,
						   [STATE_FIN_WAIT] = 120,
						   [STATE_TIME_WAIT] = 120,
						   [STATE_CLOSE] = 10,
						   [STATE_CLOSE_WAIT] = 60,
						   [STATE_LAST_ACK] = 30,
						   [STATE_LISTEN] = 120,
						   [STATE_SYN_ACK] = 120,
						   [STATE_UDP] = 300,
						   [STATE_BUSY] = BUSY_SECONDS,
					   } };

	store(director, "settings", 0, &settings);
}

static void configure_interface(const struct director *director, __u32 number, const struct port *port)
{
	struct interface interface = { .mtu = MTU, .ifindex = port->ifindex };

	memcpy(interface.mac, port->mac, sizeof(interface.mac));
	store(director, "interfaces", number, &interface);
	store(director, "egress", number, &port->ifindex);
}

static void configure_servers(const struct director *director, const struct site *site)
{
	for (int i = 0; i < SERVERS; i++) {
		struct server server = { .route.interface = SERVERS_SIDE,
					 .service = SERVICE,
					 .port = site->server_port,
					 .protocol = site->protocol,
					 .address = site->servers[i] };

		server.route.flags = SERVER_ELIGIBLE | SERVER_REACHABLE | site->method;
		server.route.flags |= site->is_ipv6 ? SERVER_IPV6 : 0;
		memcpy(server.route.mac, site->server_macs[i], sizeof(server.route.mac));
		store(director, "servers", FIRST_SERVER + i, &server);
	}
}

void restart_turns(const struct director *director)
{
	const struct schedule head = {
		.slots = SERVERS, .hash_line = 2, .hash_slots = HASH_SLOTS, .lookahead = SERVERS, .start = START_COUNTER
	};

	store(director, "rings", SCHEDULE_LINE, &head);
}

/* Round robin over the servers: the head, one line of ring, and the flow-hash ring in turns. */
static void configure_schedule(const struct director *director)
{
	const struct service service = { .schedule = SCHEDULE_LINE };
	struct ring_line line;

	restart_turns(director);
	for (int i = 0; i < SERVERS_PER_LINE; i++)
		line.servers[i] = FIRST_SERVER + i % SERVERS;
	for (int i = 0; i <= 1 + HASH_SLOTS / SERVERS_PER_LINE; i++)
		store(director, "rings", SCHEDULE_LINE + 1 + i, &line);
	store(director, "services", SERVICE, &service);
}

static void put_place(const struct director *director, const struct site *site, const struct address *address,
		      __be16 port, enum listener_kind kind, struct listener value)
{
	const struct listener_key key = { address->quads[3], port, site->protocol, kind };
	const struct wide_listener_key wide = { .address = *address, .port = { port, site->protocol, kind } };
	size_t size;
	void *lines = map_array(director, site->is_ipv6 ? "wide_listeners" : "listeners", &size);

	if (site->is_ipv6 ? xlvs_wide_listener_put(lines, &director->identity, &wide, &value) :
			    xlvs_listener_put(lines, &director->identity, &key, &value))
		fail("%s: its listener table is full", director->path);
	munmap(lines, size);
}

static void configure_listener(const struct director *director, const struct site *site)
{
	const struct listener_place place = { .address = site->vip };

	put_place(director, site, &site->vip, site->service_port, KIND_LISTENER,
		  (struct listener){ .index = LISTENER, .service = SERVICE });
	if (!(site->method & SERVER_NAT))
		return;
	store(director, "listener_places", LISTENER, &place);
	for (int i = 0; i < SERVERS; i++)
		put_place(director, site, &site->servers[i], site->server_port, KIND_ENDPOINT,
			  (struct listener){ .flags = site->is_ipv6 ? ENDPOINT_WIDE : ENDPOINT_NARROW });
}

/* Two networks on the links, which no client is in, and a router to all others: no fewer has any director. */
static struct hops hops_to(const struct site *site)
{
	const struct hop linked[2][2] = {
		{ { address_of("10.0.0.0"), address_of("255.255.255.0"), .route_word = 0 },
		  { address_of("10.0.1.0"), address_of("255.255.255.0"), .route_word = 0 } },
		{ { address_of("fd00::"), address_of("ffff:ffff:ffff:ffff::"), .route_word = 0 },
		  { address_of("fd00:0:0:1::"), address_of("ffff:ffff:ffff:ffff::"), .route_word = 0 } },
	};
	struct hops hops = { .count = 3, .hops = { linked[site->is_ipv6][0], linked[site->is_ipv6][1] } };

	hops.hops[2].route = (struct server_route){ .interface = CLIENTS_SIDE, .flags = SERVER_REACHABLE };
	memcpy(hops.hops[2].route.mac, site->clients_side.neighbour, sizeof(hops.hops[2].route.mac));
	return hops;
}

static void forget_listeners(const struct director *director, const char *name)
{
	size_t size;
	void *lines = map_array(director, name, &size);

	memset(lines, 0, size);
	munmap(lines, size);
}

void configure_site(const struct director *director, const struct site *site)
{
	struct hops hops;

	forget_connections(director);
	forget_listeners(director, site->is_ipv6 ? "wide_listeners" : "listeners");
	configure_settings(director);
	configure_interface(director, CLIENTS_SIDE, &site->clients_side);
	configure_interface(director, SERVERS_SIDE, &site->servers_side);
	configure_servers(director, site);
	configure_schedule(director);
	configure_listener(director, site);
	if (!(site->method & SERVER_NAT))
		return;
	hops = hops_to(site);
	store(director, "hops", site->is_ipv6, &hops);
}

struct job opening_job(const struct site *site)
{
	struct job job = { .packets_each = 1,
			   .flags = { SYN, ACK },
			   .protocol = site->protocol,
			   .is_ipv6 = site->is_ipv6,
			   .vip = site->vip,
			   .service_port = site->service_port };

	memcpy(job.stations, site->clients_side.mac, 6);
	memcpy((char *)job.stations + 6, site->clients_side.neighbour, 6);
	return job;
}

struct job reply_to(struct job job, const struct site *site)
{
	job.are_replies = true;
	job.service_port = site->server_port;
	job.first_server = site->servers[0];
	memcpy(job.stations, site->servers_side.mac, 6);
	memcpy((char *)job.stations + 6, site->server_macs[0], 6);
	return job;
}
