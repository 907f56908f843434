// SPDX-License-Identifier: Apache-2.0
// A program's constants, and running it on a packet that no interface received.
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "shim.h"

int xlvs_prog_run(int program, const void *in, __u32 in_len, void *out, __u32 out_cap, __u32 *out_len, __u32 *retval,
		  __u32 interface)
{
	struct xdp_md context = { .data_end = in_len, .ingress_ifindex = interface };
	LIBBPF_OPTS(bpf_test_run_opts, run);

	run.data_in = in;
	run.data_size_in = in_len;
	run.data_out = out;
	run.data_size_out = out_cap;
	run.ctx_in = &context;
	run.ctx_size_in = sizeof(context);
	run.repeat = 1;
	if (bpf_prog_test_run_opts(program, &run))
		return -errno;
	*out_len = run.data_size_out;
	*retval = run.retval;
	return 0;
}

static bool is_rodata(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);
	const char *dot = strchr(name, '.');

	return dot && strcmp(dot, ".rodata") == 0;
}

/* Where a variable lies in a section, or NULL. */
static const struct btf_var_secinfo *find_variable(const struct btf *btf, const char *section, const char *name)
{
	int id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, id);

	for (int i = 0; type && i < btf_vlen(type); i++) {
		const struct btf_var_secinfo *found = btf_var_secinfos(type) + i;
		const struct btf_type *variable = btf__type_by_id(btf, found->type);

		if (strcmp(btf__name_by_offset(btf, variable->name_off), name) == 0)
			return found;
	}
	return NULL;
}

/* A map's initial contents with `size` bytes at `offset` replaced. */
static int patch(struct bpf_map *map, __u32 offset, const void *value, __u32 size)
{
	size_t length;
	const void *contents = bpf_map__initial_value(map, &length);
	char *copy;
	int error;

	if (!contents || offset + size > length)
		return -ENOENT;
	copy = malloc(length);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, contents, length);
	memcpy(copy + offset, value, size);
	error = bpf_map__set_initial_value(map, copy, length);
	free(copy);
	return error;
}

int xlvs_constant_set(struct bpf_object *object, const char *name, const void *value, __u32 size)
{
	const struct btf_var_secinfo *found = find_variable(bpf_object__btf(object), ".rodata", name);
	struct bpf_map *map;

	if (!found || found->size != size)
		return -ENOENT;
	bpf_object__for_each_map(map, object)
	{
		if (is_rodata(map))
			return patch(map, found->offset, value, size);
	}
	return -ENOENT;
}
