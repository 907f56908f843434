/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a few actors in every order that their shared accesses can happen in. An actor is ordinary C on a stack of its
 * own; it calls step() before each access that others may notice, and observe() with what the access returned. What an
 * actor does next depends on nothing else, so two moments with the same memory and the same observations are one, and
 * the second is not explored again: the search is exhaustive and still short. Where it is not, the number of times that
 * an actor is interrupted can be bounded: races need few.
 */
#ifndef XLVS_EXPLORE_H
#define XLVS_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	MAXIMUM_ACTORS = 4,
};

struct exploration {
	int actors;
	int interruptions; /* at most so many of an actor that could have gone on; 0: any number */
	void (*reset)(void); /* puts the shared memory as it was at the start */
	void (*act)(int actor);
	uint64_t (*memory)(void); /* a hash of the shared memory */
	const char *(*verdict)(void); /* after all have acted: what is wrong, or NULL */
};

struct explored {
	uint64_t executions; /* orders that were run to their ends */
	uint64_t moments;
	const char *wrong; /* of the first bad order; NULL: none */
	char order[1024]; /* the actors of the bad order, step by step */
};

struct explored explore(const struct exploration *exploration);

/* For actors: others may run here. Outside of explore() nothing happens. */
void step(void);
/* Mixes into this actor's past what it has just learnt. */
void observe(uint64_t value);
/* What this actor has observed so far has no consequence any more: its moments are told apart by what comes now. */
void forget(void);
/* The actor that runs now; 0 outside of explore(). */
int current_actor(void);
/* Goes on when every other actor that is in the middle of something has come to its end. */
void await_others(void);

uint64_t mixed(uint64_t hash, uint64_t value);

#endif
