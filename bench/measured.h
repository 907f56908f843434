/* SPDX-License-Identifier: Apache-2.0 */
/* A few rounds of one measurement, and the machine they were taken on. */
#ifndef XLVS_BENCH_MEASURED_H
#define XLVS_BENCH_MEASURED_H

#include <stdio.h>
#include <linux/types.h>

enum {
	MAXIMUM_ROUNDS = 25,
};

struct measured {
	double rounds[MAXIMUM_ROUNDS];
	double median, minimum, maximum;
};

/* Fills in median, minimum and maximum. */
void summarise(struct measured *measured, int rounds);

/* The median of what the whole chunks took, in nanoseconds a packet; the last chunk has no end. */
double median_chunk(const __u64 *started, __u32 chunks);

/* "median (minimum-maximum)" into `text`. */
void format_measured(char *text, size_t size, const struct measured *measured, int digits);

/* JSON's members "name", "median", "minimum", "maximum", "rounds" in braces. */
void write_measured(FILE *file, const char *name, const struct measured *measured, int rounds);

/* Opens `path` for JSON and writes an opening brace with processor and kernel. */
FILE *open_json(const char *path);

/* Processor and kernel, as the kernel names them. */
const char *processor(void);
const char *kernel_release(void);

#endif
