// SPDX-License-Identifier: Apache-2.0
// Maps: memory, batches, and sums over CPUs.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "shim.h"

enum {
	ELEMENTS_PER_READ = 512, /* of a per-CPU array: bounds the buffer, and what one system call does */
	LONGEST_KEY = 64, /* bytes */
};

int xlvs_map_memory(int map, __u64 length, __u64 *memory)
{
	void *address = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (address == MAP_FAILED)
		return -errno;
	*memory = (__u64)(unsigned long)address;
	return 0;
}

static int update_each(int map, const char *keys, const char *values, __u32 key_size, __u32 value_size, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		if (bpf_map_update_elem(map, keys + (size_t)i * key_size, values + (size_t)i * value_size, BPF_ANY))
			return -errno;
	}
	return 0;
}

int xlvs_map_update(int map, const void *keys, const void *values, __u32 key_size, __u32 value_size, __u32 count)
{
	__u32 done = count;

	if (count == 0 || bpf_map_update_batch(map, keys, values, &done, NULL) == 0)
		return 0;
	/* Not every kind of map knows batches; and one pair at a time says which error it is. */
	return update_each(map, keys, values, key_size, value_size, count);
}

int xlvs_map_delete(int map, const void *keys, __u32 key_size, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		if (bpf_map_delete_elem(map, (const char *)keys + (size_t)i * key_size) && errno != ENOENT)
			return -errno;
	}
	return 0;
}

int xlvs_map_entries(int map, void *keys, void *values, __u32 capacity)
{
	__u32 count = capacity;
	char position[LONGEST_KEY]; /* where the kernel would go on: a bucket of a hash, a whole key of a trie */

	/* ENOENT is how the kernel says that there is no more. */
	if (bpf_map_lookup_batch(map, NULL, position, keys, values, &count, NULL) == 0)
		return count < capacity ? (int)count : -ENOSPC;
	return errno == ENOENT ? (int)count : -errno;
}

static void add_up(const __u64 *values, __u32 elements, int cpus, __u32 words, __u64 *sums)
{
	for (__u32 i = 0; i < elements; i++) {
		__u64 *sum = sums + (size_t)i * words;

		memset(sum, 0, words * sizeof(*sum));
		for (int cpu = 0; cpu < cpus; cpu++) {
			for (__u32 word = 0; word < words; word++)
				sum[word] += *values++;
		}
	}
}

int xlvs_percpu_sums(int map, __u32 first, __u32 count, __u32 words, __u64 *sums)
{
	int cpus = libbpf_num_possible_cpus();
	__u32 keys[ELEMENTS_PER_READ];
	__u64 *values;
	int error = 0;

	if (cpus < 0)
		return cpus;
	values = malloc((size_t)ELEMENTS_PER_READ * cpus * words * sizeof(*values));
	if (!values)
		return -ENOMEM;
	while (count > 0) {
		__u32 elements = count < ELEMENTS_PER_READ ? count : ELEMENTS_PER_READ;
		__u32 before = first - 1, last; /* the kernel goes on after the key that it is given */

		if (bpf_map_lookup_batch(map, first ? &before : NULL, &last, keys, values, &elements, NULL) &&
		    (errno != ENOENT || elements == 0)) {
			error = -errno;
			break;
		}
		add_up(values, elements, cpus, words, sums);
		sums += (size_t)elements * words;
		first += elements;
		count -= elements;
	}
	free(values);
	return error;
}

int xlvs_percpu_clear(int map, const __u32 *indices, __u32 count, __u32 words)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *zeros;
	int error = 0;

	if (cpus < 0)
		return cpus;
	zeros = calloc((size_t)cpus * words, sizeof(*zeros));
	if (!zeros)
		return -ENOMEM;
	for (__u32 i = 0; i < count && !error; i++) {
		if (bpf_map_update_elem(map, &indices[i], zeros, BPF_ANY))
			error = -errno;
	}
	free(zeros);
	return error;
}
