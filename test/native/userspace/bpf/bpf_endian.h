/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libbpf's header of the same name where bpf/ is compiled for user space. */
#ifndef XLVS_USERSPACE_BPF_ENDIAN_H
#define XLVS_USERSPACE_BPF_ENDIAN_H

#define bpf_htons(number) __builtin_bswap16(number)
#define bpf_ntohs(number) __builtin_bswap16(number)
#define bpf_htonl(number) __builtin_bswap32(number)
#define bpf_ntohl(number) __builtin_bswap32(number)
#define bpf_be64_to_cpu(number) __builtin_bswap64(number)

#endif
