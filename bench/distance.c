/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "distance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "object.h"

enum {
	TRIES = 8,
	TRIPS = 1000, /* there and back */
};

struct court {
	_Alignas(128) atomic_long ball; /* odd on its way there */
	int other_cpu;
};

static void *return_balls(void *argument)
{
	struct court *court = argument;

	pin_to(court->other_cpu);
	for (long hit = 1; hit < 2 * TRIES * TRIPS; hit += 2) {
		while (atomic_load(&court->ball) != hit)
			;
		atomic_store(&court->ball, hit + 1);
	}
	return NULL;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

/* The shortest of some tries: who is interrupted takes longer. */
static double play(struct court *court)
{
	double shortest = 0;
	long hit = 0;

	for (int try = 0; try < TRIES; try++) {
		double started = now(), took;

		for (int trip = 0; trip < TRIPS; trip++, hit += 2) {
			atomic_store(&court->ball, hit + 1);
			while (atomic_load(&court->ball) != hit + 2)
				;
		}
		took = (now() - started) / (2 * TRIPS);
		if (!try || took < shortest)
			shortest = took;
	}
	return shortest;
}

double distance_between(int cpu, int other_cpu)
{
	struct court court = { .other_cpu = other_cpu };
	pthread_t other;
	double distance;

	pin_to(cpu);
	if (pthread_create(&other, NULL, return_balls, &court))
		fail("a thread to measure the distance of two CPUs");
	distance = play(&court);
	pthread_join(other, NULL);
	return distance;
}
