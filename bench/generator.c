/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "generator.h"

#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

#include "measured.h"
#include "object.h"

void open_generator(struct generator *generator, const char *path)
{
	generator->object = load_object(path);
	generator->wrapper = program_in(generator->object, "wrapper");
	generator->empty = program_in(generator->object, "empty");
	generator->target = map_in(generator->object, "target");
	generator->job = variable_in(generator->object, "job");
	generator->chunk_started = variable_in(generator->object, "chunk_started");
}

void close_generator(struct generator *generator)
{
	bpf_object__close(generator->object);
}

double run_job(struct generator *generator, int program, const struct job *job, __u32 packets)
{
	char frame[FRAME_BYTES_IPV6] = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame,
		    .data_size_in = job->is_ipv6 ? FRAME_BYTES_IPV6 : FRAME_BYTES, .repeat = packets);

	if (bpf_map_update_elem(generator->target, &(__u32){ 0 }, &program, BPF_ANY))
		fail("cannot put the program behind the generator: %s", strerror(errno));
	*generator->job = *job;
	if (bpf_prog_test_run_opts(generator->wrapper, &options))
		fail("BPF_PROG_RUN: %s", strerror(errno));
	return median_chunk(generator->chunk_started, packets / PACKETS_PER_CHUNK);
}
