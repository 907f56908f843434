/* SPDX-License-Identifier: Apache-2.0 */
/* BPF objects and this process, for programs that end with a message when something fails. */
#ifndef XLVS_BENCH_OBJECT_H
#define XLVS_BENCH_OBJECT_H

#include <bpf/libbpf.h>

/* Prints "bench: " and a message, and exits. */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* libbpf says only what is wrong. */
void quiet_libbpf(void);

/* Stays on one CPU: its caches, its clock. */
void pin_to(int cpu);

/* Opens and loads the object at `path`. */
struct bpf_object *load_object(const char *path);

/* File descriptor of a program or map. */
int program_in(const struct bpf_object *object, const char *name);
int map_in(const struct bpf_object *object, const char *name);

/* The object's variable, in memory that the programs share; it must not have an initial value. */
void *variable_in(struct bpf_object *object, const char *name);

/* The sum over all CPUs of a per-CPU array's 64-bit entry. */
__u64 sum_over_cpus(int map, __u32 index);

#endif
