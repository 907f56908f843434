/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for libbpf's header of the same name where bpf/ is compiled for user space: the helpers that the program
 * calls, as functions that a test defines.
 */
#ifndef XLVS_USERSPACE_BPF_HELPERS_H
#define XLVS_USERSPACE_BPF_HELPERS_H

#include <linux/bpf.h>
#include <stddef.h>

#define SEC(name)
#define __uint(name, number) int(*name)[number]
#define __type(name, type_of) type_of *name

void *bpf_map_lookup_elem(void *map, const void *key);
long bpf_loop(__u32 count, void *callback, void *context, __u64 flags);
__u64 bpf_ktime_get_coarse_ns(void);
__u64 bpf_jiffies64(void);
__u32 bpf_get_smp_processor_id(void);
__u64 bpf_xdp_get_buff_len(struct xdp_md *ctx);
long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta);
long bpf_redirect_map(void *map, __u64 key, __u64 flags);

#endif
