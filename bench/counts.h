/* SPDX-License-Identifier: Apache-2.0 */
/* What a director's program has counted: the evidence that packets went the way that is measured. */
#ifndef XLVS_BENCH_COUNTS_H
#define XLVS_BENCH_COUNTS_H

#include <stdbool.h>

#include "director.h"

enum {
	MAXIMUM_OUTCOMES = 64,
};

struct counts {
	__u64 outcomes[MAXIMUM_OUTCOMES]; /* by the object's own numbers */
	__u64 connections; /* entries that the service made */
};

/* All that the director has counted so far, over every CPU. */
struct counts read_counts(const struct director *director);

/* What was counted between two readings. */
struct counts counted_since(struct counts before, struct counts after);

/* How many packets ended in one of two outcomes: what stayed on its interface and what was redirected. */
__u64 went(const struct director *director, const struct counts *counts, const char *stayed, const char *redirected);

/*
 * True when all packets of established flows followed their entries. Among a million flows that came to a full table a
 * few find no slot, and go by their hash or nowhere: one in ten thousand may.
 */
bool followed_entries(const struct director *director, const struct counts *counts, __u32 packets);

/* The same of their servers' replies. */
bool replies_followed_entries(const struct director *director, const struct counts *counts, __u32 packets);

/* The outcomes that are not 0, as "FORWARDED 12, STRAY 3", in a buffer that the next call uses again. */
const char *name_outcomes(const struct director *director, const struct counts *counts);

#endif
