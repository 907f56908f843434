/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XLVS_BENCH_DISTANCE_H
#define XLVS_BENCH_DISTANCE_H

/*
 * Nanoseconds that a cache line takes from one CPU to the other. A hypervisor may move them between rounds from one
 * cache to two, and with that several times as far apart.
 */
double distance_between(int cpu, int other_cpu);

#endif
