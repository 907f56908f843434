/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client, a director and the servers' network in namespaces that have no name: they go when this process does,
 * however it ends.
 */
#ifndef XLVS_BENCH_LANE_H
#define XLVS_BENCH_LANE_H

#include <sys/types.h>
#include <bpf/libbpf.h>

#include "director.h"
#include "job.h"
#include "live.h"

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
	struct bpf_link *counter;
	struct job *job; /* its variables */
	struct pace *pace;
	struct arrivals *arrivals;
	__u64 *chunk_started;
	pid_t directing, counting; /* the threads that receive at the director and at the servers */
	struct site site;
};

/* Nanoseconds a packet. */
struct cost {
	double directing, counting; /* of the threads' CPU time */
	double interval; /* by the clock: from arrival to arrival at the servers */
};

/* Makes the namespaces, devices and addresses, and a counter of what arrives at the servers for the VIP. */
void open_lane(struct lane *lane, int number, const char *ends);
void close_lane(struct lane *lane);

/* Packets are to arrive at the servers' own addresses, not at the VIP. */
void expect_translation(struct lane *lane);

/* Gives the director a thread, and another to what counts behind it. */
void divide_work(struct lane *lane);

/*
 * Puts both threads on the CPU `directing`. When that is also the one that injects they take turns: frames are put
 * before the director while it stands still.
 */
void arrange(struct lane *lane, int injecting, int directing);

/* This process goes there. */
void enter_place(const struct lane *lane, enum place place);

/* Interface number in the namespace that this process is in. */
int index_of(const char *device);

/* Runs a shell command in one of the lane's namespaces; ends this process when it fails. */
void run_in(const struct lane *lane, enum place place, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Sends so many of the job's packets and says what they cost; fails when not all arrive as expected. */
struct cost inject(const struct lane *lane, const struct job *job, __u32 packets);

#endif
