/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "receiver.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "object.h"

enum {
	PRIORITY = 5, /* above all that is not real-time */
};

/* The kernel names such a thread napi/DEVICE-NUMBER. */
static bool receives_for(const char *process, const char *device)
{
	char path[64], expected[32], name[64] = "";
	FILE *file;

	snprintf(expected, sizeof(expected), "napi/%s-", device);
	snprintf(path, sizeof(path), "/proc/%.16s/comm", process);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return !strncmp(name, expected, strlen(expected));
}

static pid_t find_receiver(const char *device)
{
	DIR *processes = opendir("/proc");
	pid_t found = 0;

	for (struct dirent *entry; processes && !found && (entry = readdir(processes));)
		if (isdigit(entry->d_name[0]) && receives_for(entry->d_name, device))
			found = atoi(entry->d_name);
	closedir(processes);
	if (!found)
		fail("%s: the kernel has made no thread to receive by", device);
	return found;
}

pid_t thread_receiver(const struct lane *lane, enum place place, const char *device)
{
	/* /sys/class/net shows the network of who mounted it. */
	run_in(lane, place, "unshare --mount sh -ec 'mount -t sysfs sysfs /sys; echo 1 >/sys/class/net/%s/threaded'",
	       device);
	return find_receiver(device);
}

/* Real-time, so that whoever injects on the same CPU gives way as soon as there are frames. */
void hold_receiver(pid_t thread, int cpu)
{
	const struct sched_param parameter = { .sched_priority = PRIORITY };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(thread, sizeof(set), &set) || sched_setscheduler(thread, SCHED_FIFO, &parameter))
		fail("pinning a receiving thread to CPU %d: %s", cpu, strerror(errno));
}

double ran_for(pid_t thread)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(thread, &clock) || clock_gettime(clock, &time))
		fail("a receiving thread's time cannot be told");
	return time.tv_sec * 1e9 + time.tv_nsec;
}
