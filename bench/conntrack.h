/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XLVS_BENCH_CONNTRACK_H
#define XLVS_BENCH_CONNTRACK_H

/*
 * Gives the kernel's connection tracking, whose limits are the whole machine's, room for so many connections. They get
 * their old values back when this process ends, however it ends.
 */
void raise_conntrack_limits(long connections);

#endif
