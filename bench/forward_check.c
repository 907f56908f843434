/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "forward.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "object.h"

/* Datagrams that IPv4 has forwarded in this network namespace: a field of the second line that begins with "Ip:". */
static __u64 read_forwarded(void)
{
	FILE *file = fopen("/proc/thread-self/net/snmp", "r");
	unsigned long long forwarded = 0;
	char line[1024];
	int found = 0;

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "Ip: %*u %*u %*u %*u %*u %llu", &forwarded);
	if (!found)
		fail("the kernel does not say how many datagrams it forwarded");
	fclose(file);
	return forwarded;
}

static __u64 read_tracked(void)
{
	FILE *file = fopen("/proc/sys/net/netfilter/nf_conntrack_count", "r");
	unsigned long long tracked;

	if (!file || fscanf(file, "%llu", &tracked) != 1)
		fail("reading conntrack's count: %s", strerror(errno));
	fclose(file);
	return tracked;
}

static bool is_xlvs(enum way way)
{
	return way == XLVS_DR || way == XLVS_NAT;
}

struct evidence gather_evidence(enum way way, const struct course *course)
{
	struct evidence evidence = {};

	enter_place(&course->lane, DIRECTOR);
	if (is_xlvs(way))
		evidence.counts = read_counts(&course->director);
	else
		evidence.forwarded = read_forwarded();
	if (way == NFTABLES)
		evidence.tracked = read_tracked();
	return evidence;
}

static void check_xlvs(const struct director *director, enum direction direction, const struct counts *counts,
		       __u32 packets)
{
	if (direction == REPLIES ? !replies_followed_entries(director, counts, packets) :
				   !followed_entries(director, counts, packets))
		fail("xlvs: of %u packets %s, %llu entries were made", packets, name_outcomes(director, counts),
		     (unsigned long long)counts->connections);
}

void check_evidence(enum way way, enum direction direction, const struct course *course, const struct evidence *before,
		    __u32 flows, __u32 packets)
{
	struct evidence after = gather_evidence(way, course);
	struct counts counts = counted_since(before->counts, after.counts);
	__u64 forwarded = after.forwarded - before->forwarded;

	if (is_xlvs(way))
		check_xlvs(&course->director, direction, &counts, packets);
	else if (forwarded != packets)
		fail("of %u packets the kernel forwarded %llu", packets, (unsigned long long)forwarded);
	if (way == NFTABLES && (before->tracked != flows || after.tracked != flows))
		fail("conntrack knows %llu connections, not %u", (unsigned long long)after.tracked, flows);
}
