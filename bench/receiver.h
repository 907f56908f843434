/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's thread that receives for a device, so that its work has a time and a CPU of its own. */
#ifndef XLVS_BENCH_RECEIVER_H
#define XLVS_BENCH_RECEIVER_H

#include "lane.h"

/* Turns on threaded NAPI for a device of the lane and returns the thread. */
pid_t thread_receiver(const struct lane *lane, enum place place, const char *device);

/* Keeps the thread on one CPU, ahead of what else is to run there. */
void hold_receiver(pid_t thread, int cpu);

/* Nanoseconds that the thread has run so far. */
double ran_for(pid_t thread);

#endif
