/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says when a director's pinned map of services changes: watch PIN_DIRECTORY. One line each time that another schedule
 * is turned on, by the reading of ten in a millisecond that sees it: CLOCK_MONOTONIC in nanoseconds, and how many
 * services have one. Goes on until it is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <bpf/bpf.h>

#include "../bpf/abi.h"
#include "object.h"

enum {
	PAUSE_NANOSECONDS = 100000,
	SLACK_NANOSECONDS = 1000,
};

struct watch {
	const struct service *services;
	__u32 *schedules; /* as last seen */
	__u32 entries;
};

static struct watch open_watch(const char *directory)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	struct watch watch = {};
	char path[512];
	int map;

	snprintf(path, sizeof(path), "%s/services", directory);
	map = bpf_obj_get(path);
	if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &length))
		fail("%s: %s", path, strerror(errno));
	watch.entries = info.max_entries;
	watch.schedules = calloc(watch.entries, sizeof(*watch.schedules));
	watch.services = mmap(NULL, watch.entries * sizeof(*watch.services), PROT_READ, MAP_SHARED, map, 0);
	if (!watch.schedules || watch.services == MAP_FAILED)
		fail("%s: %s", path, strerror(errno));
	return watch;
}

/* How many services have a schedule now; `changed` says whether one has another than before. */
static __u32 look(struct watch *watch, bool *changed)
{
	__u32 used = 0;

	*changed = false;
	for (__u32 i = 0; i < watch->entries; i++) {
		__u32 schedule = __atomic_load_n(&watch->services[i].schedule, __ATOMIC_RELAXED);

		*changed |= schedule != watch->schedules[i];
		watch->schedules[i] = schedule;
		used += schedule != 0;
	}
	return used;
}

static unsigned long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

int main(int count, char **arguments)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NANOSECONDS };
	struct watch watch;

	if (count != 2)
		fail("usage: watch PIN_DIRECTORY");
	watch = open_watch(arguments[1]);
	prctl(PR_SET_TIMERSLACK, SLACK_NANOSECONDS);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (;;) {
		bool changed;
		__u32 used = look(&watch, &changed);

		if (changed)
			printf("%llu %u\n", now(), used);
		nanosleep(&pause, NULL);
	}
}
