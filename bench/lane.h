/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client, a director and the servers' network in namespaces that have no name: they go when this process does,
 * however it ends.
 */
#ifndef XLVS_BENCH_LANE_H
#define XLVS_BENCH_LANE_H

#include <bpf/libbpf.h>

#include "director.h"
#include "job.h"

enum place {
	CLIENT,
	DIRECTOR,
	SERVER_SIDE,
	PLACES_OF_LANE,
};

struct lane {
	int number;
	int namespaces[PLACES_OF_LANE];
	char client_device[16], inner_device[16]; /* client's, and the director's end of it */
	char outer_device[16], server_device[16]; /* the director's way out, and the servers' end of it */
	struct bpf_object *ends; /* live.bpf.c */
	struct bpf_link *counting;
	struct job *job;
	__u64 *chunk_started;
	bool delivers; /* what is sent is to arrive */
	struct site site;
};

/* Makes the namespaces, devices and addresses, and counts what arrives at the servers. */
void open_lane(struct lane *lane, int number, const char *ends);
void close_lane(struct lane *lane);

/* This process goes there. */
void enter_place(const struct lane *lane, enum place place);

/* Interface number in the namespace that this process is in. */
int index_of(const char *device);

/* Runs a shell command in one of the lane's namespaces; ends this process when it fails. */
void run_in(const struct lane *lane, enum place place, const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Sends so many of the job's packets and returns the median chunk's nanoseconds a packet: all of their way is walked on
 * the CPU that this process is on. Fails when not all arrive, but where nothing is to be delivered.
 */
double inject(const struct lane *lane, const struct job *job, __u32 packets);

/* Packets that the servers have got so far. */
__u64 arrived_at(const struct lane *lane);

#endif
