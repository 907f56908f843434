/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "contestant.h"

#include "object.h"

enum {
	GENERATIONS = 4,
};

/* clang-format off */
const struct description descriptions[CONTESTANTS] = {
	[DR_IPV4]          = { "dr4",     "DR IPv4",            TODAY,   DR_IPV4,         DR_IPV4, false, 0,          false },
	[DR_IPV4_BEFORE]   = { "before",  "DR IPv4, before",    BEFORE,  DR_IPV4_BEFORE,  DR_IPV4, false, 0,          false },
	[DR_IPV4_AGAINST]  = { "against", "DR IPv4, other",     AGAINST, DR_IPV4_AGAINST, DR_IPV4, false, 0,          false },
	[DR_IPV4_LRU]      = { "lru",     "DR IPv4, LRU_HASH",  LRU,     DR_IPV4_LRU,     DR_IPV4, false, 0,          false },
	[NAT_IPV4]         = { "nat4",    "NAT IPv4, requests", TODAY,   NAT_IPV4,        DR_IPV4, false, SERVER_NAT, false },
	[NAT_IPV4_REPLIES] = { "reply4",  "NAT IPv4, replies",  TODAY,   NAT_IPV4,        DR_IPV4, false, SERVER_NAT, true },
	[DR_IPV6]          = { "dr6",     "DR IPv6",            TODAY,   DR_IPV6,         DR_IPV4, true,  0,          false },
	[NAT_IPV6]         = { "nat6",    "NAT IPv6, requests", TODAY,   NAT_IPV6,        NAT_IPV4, true,  SERVER_NAT, false },
	[NAT_IPV6_REPLIES] = { "reply6",  "NAT IPv6, replies",  TODAY,   NAT_IPV6,        NAT_IPV4_REPLIES, true,  SERVER_NAT, true },
};
/* clang-format on */

/* By its name, or as the rival of one that is. */
static bool is_asked_for(const struct options *options, enum contestant contestant)
{
	if (!options->objects[descriptions[contestant].program])
		return false;
	for (int i = 0; i < CONTESTANTS; i++)
		if ((i == (int)contestant || descriptions[i].rival == contestant) &&
		    is_listed(options->contestants, descriptions[i].name))
			return true;
	return false;
}

bool takes_part(const struct arena *arena, enum contestant contestant, const struct traffic_case *traffic)
{
	const struct description *description = &descriptions[contestant];

	if (!is_asked_for(arena->options, contestant))
		return false;
	/* Nobody answers a flow that is not there yet, and floods are measured where nothing but the table differs. */
	if (!traffic->flows && description->are_replies)
		return false;
	return !traffic->is_flooded || !description->method;
}

static struct site site_of(const struct arena *arena, enum contestant contestant)
{
	const struct description *description = &descriptions[contestant];

	return loopback_site(arena->options->protocol, description->method, description->is_ipv6);
}

void open_arena(struct arena *arena, const struct options *options)
{
	arena->options = options;
	open_generator(&arena->generator, options->wrapper);
	for (int i = 0; i < CONTESTANTS; i++) {
		enum contestant opener = descriptions[i].director;

		if (!is_asked_for(options, i) || arena->is_open[opener])
			continue;
		open_director(&arena->directors[opener], options->objects[descriptions[i].program]);
		arena->is_open[opener] = true;
	}
}

void close_arena(struct arena *arena)
{
	for (int i = 0; i < CONTESTANTS; i++)
		if (arena->is_open[i])
			close_director(&arena->directors[i]);
	close_generator(&arena->generator);
}

/*
 * Generations of other flows, each as many as the table is made for, have come and gone; what they left is over, but
 * nobody has swept. In a flood the last of them are all still there.
 */
static void age(struct generator *generator, const struct director *director, struct job job, bool is_flooded)
{
	job.first = FIRST_AGING;
	for (int generation = 0; generation < GENERATIONS; generation++) {
		send_job(generator, director, &job, CONNECTIONS, NULL);
		job.first += CONNECTIONS;
		if (!is_flooded)
			let_time_pass(director);
	}
}

void prepare(struct arena *arena, enum contestant contestant, const struct traffic_case *traffic)
{
	const struct director *director = &arena->directors[descriptions[contestant].director];
	struct site site = site_of(arena, contestant);

	/* Another contestant may have the same director, and the same table. */
	for (int earlier = 0; earlier < (int)contestant; earlier++)
		if (descriptions[earlier].director == descriptions[contestant].director &&
		    takes_part(arena, earlier, traffic))
			return;
	configure_site(director, &site);
	age(&arena->generator, director, opening_job(&site), traffic->is_flooded);
	if (traffic->flows)
		establish_flows(&arena->generator, director, &site, traffic->flows);
}

/* The packets of one round. */
static struct job packets_of(const struct arena *arena, enum contestant contestant, const struct traffic_case *traffic,
			     int round)
{
	struct site site = site_of(arena, contestant);
	struct job job = opening_job(&site);

	if (!traffic->flows) {
		job.first = FIRST_NEW + round * arena->options->packets;
		return job;
	}
	if (descriptions[contestant].are_replies)
		job = reply_to(job, &site);
	job.first = FIRST_ESTABLISHED;
	job.flags[0] = ACK;
	job.order = AT_RANDOM;
	job.flows = traffic->flows;
	job.salt = (__u64)round << 40;
	return job;
}

static bool went_well(const struct director *director, enum contestant contestant, const struct traffic_case *traffic,
		      const struct counts *counts, __u32 packets)
{
	if (!traffic->flows)
		return went(director, counts, "FORWARDED", "REDIRECTED") == packets && counts->connections == packets;
	if (descriptions[contestant].are_replies)
		return replies_followed_entries(director, counts, packets);
	return followed_entries(director, counts, packets);
}

double measure(struct arena *arena, enum contestant contestant, const struct traffic_case *traffic, int round)
{
	const struct director *director = &arena->directors[descriptions[contestant].director];
	struct job job = packets_of(arena, contestant, traffic, round);
	__u32 packets = arena->options->packets;
	double empty, whole;
	struct counts counts;

	/* The last round's new flows have had their time, or are still there as a flood's. */
	if (!traffic->flows && !traffic->is_flooded)
		let_time_pass(director);
	empty = run_job(&arena->generator, arena->generator.empty, &job, packets);
	counts = send_job(&arena->generator, director, &job, packets, &whole);
	/* Else its time means nothing. */
	if (!went_well(director, contestant, traffic, &counts, packets))
		fail("%s, %s, case %s: of %u packets %s, %llu entries were made", director->path,
		     descriptions[contestant].title, traffic->name, packets, name_outcomes(director, &counts),
		     (unsigned long long)counts.connections);
	return whole - empty;
}
