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
#define __array(name, type_of) __typeof__(type_of) *name[]

/* Never comes back, as in the kernel: what the other part makes of the packet is what the caller makes of it. */
#define bpf_tail_call(ctx, programs, number) return (programs)->values[number](ctx)

void *bpf_map_lookup_elem(void *map, const void *key);
long bpf_map_update_elem(void *map, const void *key, const void *value, __u64 flags);
long bpf_loop(__u32 count, void *callback, void *context, __u64 flags);
__u64 bpf_ktime_get_coarse_ns(void);
__u64 bpf_jiffies64(void);
__u32 bpf_get_smp_processor_id(void);
__u32 bpf_get_prandom_u32(void);
void bpf_spin_lock(struct bpf_spin_lock *lock);
void bpf_spin_unlock(struct bpf_spin_lock *lock);
long bpf_fib_lookup(void *ctx, struct bpf_fib_lookup *params, int size, __u32 flags);
__u64 bpf_xdp_get_buff_len(struct xdp_md *ctx);
long bpf_xdp_adjust_head(struct xdp_md *ctx, int delta);
long bpf_xdp_adjust_tail(struct xdp_md *ctx, int delta);
long bpf_redirect(__u32 interface, __u64 flags);
long bpf_redirect_map(void *map, __u64 key, __u64 flags);

#endif
