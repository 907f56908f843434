/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "conntrack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "object.h"

static const char maximum[] = "/proc/sys/net/netfilter/nf_conntrack_max";
static const char buckets[] = "/proc/sys/net/netfilter/nf_conntrack_buckets";

static long read_number(const char *path)
{
	FILE *file = fopen(path, "r");
	long number;

	if (!file || fscanf(file, "%ld", &number) != 1)
		fail("%s: %s", path, strerror(errno));
	fclose(file);
	return number;
}

static void write_number(const char *path, long number)
{
	FILE *file = fopen(path, "w");

	if (!file || fprintf(file, "%ld\n", number) < 0 || fclose(file))
		fail("%s: %s", path, strerror(errno));
}

/* A child that waits for this process's end, in a session of its own, out of reach of what ends this one. */
static void restore_at_end(long old_maximum, long old_buckets)
{
	int ends[2];
	char byte;

	if (pipe2(ends, O_CLOEXEC))
		fail("a pipe: %s", strerror(errno));
	if (fork()) {
		close(ends[0]);
		return;
	}
	setsid();
	close(ends[1]);
	if (!read(ends[0], &byte, 1)) {
		write_number(buckets, old_buckets);
		write_number(maximum, old_maximum);
	}
	_exit(0);
}

/* Each connection has two places in the hash table, one a direction. */
void raise_conntrack_limits(long connections)
{
	long old_maximum = read_number(maximum), old_buckets = read_number(buckets);

	restore_at_end(old_maximum, old_buckets);
	if (old_buckets < 2 * connections)
		write_number(buckets, 2 * connections);
	if (old_maximum < 2 * connections)
		write_number(maximum, 2 * connections);
}
