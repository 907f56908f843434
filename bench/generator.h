/* SPDX-License-Identifier: Apache-2.0 */
/* Runs programs on generated frames by BPF_PROG_RUN and takes their time. */
#ifndef XLVS_BENCH_GENERATOR_H
#define XLVS_BENCH_GENERATOR_H

#include <bpf/libbpf.h>

#include "job.h"

struct generator {
	struct bpf_object *object;
	int wrapper; /* programs */
	int empty;
	int target; /* map */
	struct job *job; /* the object's variables */
	__u64 *chunk_started;
};

/* Loads the object at `path`; exits with a message when it can't. */
void open_generator(struct generator *generator, const char *path);
void close_generator(struct generator *generator);

/* Sends the job's `packets` through `program` and returns the median chunk's nanoseconds a packet. */
double run_job(struct generator *generator, int program, const struct job *job, __u32 packets);

#endif
