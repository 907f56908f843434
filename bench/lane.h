/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients, a director and the servers' network in namespaces that have no name: they go when this process does,
 * however it ends.
 */
#ifndef XLVS_BENCH_LANE_H
#define XLVS_BENCH_LANE_H

#include <sys/types.h>
#include <bpf/libbpf.h>

#include "director.h"
#include "job.h"
#include "live.h"
#include "site.h"

enum place {
	CLIENT,
	DIRECTOR,
	SERVER_SIDE,
	PLACES_OF_LANE,
};

enum direction {
	REQUESTS, /* from clients to the VIP */
	REPLIES, /* from servers to clients */
	DIRECTIONS,
};

/* One direction through a lane: frames are made at one end, pass the director and are counted at the other end. */
struct passage {
	enum place from, to;
	const char *sender, *entry, *receiver; /* devices of the three places */
	struct bpf_object *ends; /* live.bpf.c */
	struct bpf_link *counter;
	struct job *job; /* its variables */
	struct pace *pace;
	struct arrivals *arrivals;
	__u64 *chunk_started;
	pid_t directing, counting; /* the threads that receive at the director and at the end */
};

struct lane {
	int number;
	int namespaces[PLACES_OF_LANE];
	char client_device[16], inner_device[16]; /* client's, and the director's end of it */
	char outer_device[16], server_device[16]; /* the director's way out, and the servers' end of it */
	struct passage passages[DIRECTIONS];
	struct site site;
};

/* Nanoseconds a packet. */
struct cost {
	double directing, counting; /* of the threads' CPU time */
	double interval; /* by the clock: from arrival to arrival at the end */
};

/* Makes the namespaces, devices and addresses, and a counter at either end. */
void open_lane(struct lane *lane, int number, const char *ends);
void close_lane(struct lane *lane);

/* Which packets are to arrive. */
void expect(struct lane *lane, enum direction direction, struct pattern source, struct pattern destination);

/* The pattern of an address, as text, and of all that begin with so many bits of it. */
struct pattern pattern_of(const char *address, int bits);

/* Gives the director a thread for each direction, and others to what counts behind it. */
void divide_work(struct lane *lane);

/*
 * Puts all threads on the CPU `directing`. When that is also the one that injects they take turns: frames are put
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
struct cost inject(const struct lane *lane, enum direction direction, const struct job *job, __u32 packets);

#endif
