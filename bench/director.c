/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "director.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "object.h"

enum {
	LISTENER_LINES = 65536, /* as for 4,096 services and 65,535 servers, the default limits */
	LONG_AGO = 1000, /* seconds: longer than any timeout */
};

/* Maps whose size is not the source's but the controller's. */
static const struct {
	const char *name;
	size_t lines; /* member of struct identity */
} sized[] = {
	{ "connections", offsetof(struct identity, lines) },
	{ "wide_connections", offsetof(struct identity, wide_lines) },
	{ "listeners", offsetof(struct identity, listener_lines) },
	{ "wide_listeners", offsetof(struct identity, wide_listener_lines) },
};

static struct bpf_map *find_map(const struct director *director, const char *name)
{
	return bpf_object__find_map_by_name(director->object, name);
}

struct bpf_map *map_of(const struct director *director, const char *name)
{
	struct bpf_map *map = find_map(director, name);

	if (!map)
		fail("%s has no map %s", director->path, name);
	return map;
}

void store(const struct director *director, const char *name, __u32 index, const void *value)
{
	if (bpf_map_update_elem(bpf_map__fd(map_of(director, name)), &index, value, BPF_ANY))
		fail("%s: map %s: %s", director->path, name, strerror(errno));
}

void *map_array(const struct director *director, const char *name, size_t *size)
{
	struct bpf_map *map = map_of(director, name);
	void *memory;

	*size = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	memory = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (memory == MAP_FAILED)
		fail("%s: map %s: %s", director->path, name, strerror(errno));
	return memory;
}

/* Where the constants of an object that is not loaded yet have their initial values. */
static char *constants_of(const struct director *director)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, director->object)
	{
		size_t size;
		char *data = (char *)bpf_map__initial_value(map, &size);

		if (data && strstr(bpf_map__name(map), ".rodata"))
			return data;
	}
	fail("%s has no constants", director->path);
}

/* Sets those of the members that the object's own struct identity has. */
static void set_identity(const struct director *director, char *place, const struct btf_type *type)
{
	const struct btf *ours = bpf_object__btf(director->object);
	const struct identity *identity = &director->identity;
	const struct {
		const char *name;
		const void *value;
		size_t size;
	} members[] = {
		{ "lines", &identity->lines, sizeof(identity->lines) },
		{ "wide_lines", &identity->wide_lines, sizeof(identity->wide_lines) },
		{ "listener_lines", &identity->listener_lines, sizeof(identity->listener_lines) },
		{ "wide_listener_lines", &identity->wide_listener_lines, sizeof(identity->wide_listener_lines) },
		{ "seeds", identity->seeds, sizeof(identity->seeds) },
	};

	for (int i = 0; i < btf_vlen(type); i++)
		for (size_t j = 0; j < sizeof(members) / sizeof(*members); j++)
			if (!strcmp(btf__name_by_offset(ours, btf_members(type)[i].name_off), members[j].name))
				memcpy(place + btf_member_bit_offset(type, i) / 8, members[j].value, members[j].size);
}

static void write_identity(const struct director *director)
{
	const struct btf *btf = bpf_object__btf(director->object);
	const struct btf_type *section = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC));
	const struct btf_type *identity =
		btf__type_by_id(btf, btf__find_by_name_kind(btf, "identity", BTF_KIND_STRUCT));
	const struct btf_var_secinfo *variable = btf_var_secinfos(section);

	for (int i = 0; i < btf_vlen(section); i++, variable++)
		if (!strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, variable->type)->name_off), "identity")) {
			set_identity(director, constants_of(director) + variable->offset, identity);
			return;
		}
	fail("%s has no constant named identity", director->path);
}

static void size_maps(struct director *director)
{
	director->identity = (struct identity){
		.lines = SLOTS / SLOTS_PER_LINE,
		.wide_lines = SLOTS / SLOTS_PER_LINE,
		.listener_lines = LISTENER_LINES,
		.wide_listener_lines = LISTENER_LINES,
		.seeds = { 0x5bf03635f0a31e15ULL, 0xc2b2ae3d27d4eb4fULL, 0x9fb21c651e98df25ULL },
	};
	write_identity(director);
	for (size_t i = 0; i < sizeof(sized) / sizeof(*sized); i++) {
		struct bpf_map *map = find_map(director, sized[i].name);

		if (map)
			bpf_map__set_max_entries(map, *(__u32 *)((char *)&director->identity + sized[i].lines));
	}
}

void open_director(struct director *director, const char *path)
{
	director->path = path;
	director->object = bpf_object__open_file(path, NULL);
	if (!director->object)
		fail("%s: %s", path, strerror(errno));
	director->program = bpf_object__find_program_by_name(director->object, "director");
	if (!director->program)
		fail("%s has no program director", path);
	size_maps(director);
	if (bpf_object__load(director->object))
		fail("%s: the kernel refused it: %s", path, strerror(errno));
}

void close_director(struct director *director)
{
	bpf_object__close(director->object);
}

static void clear(const struct director *director, const char *name)
{
	size_t size;
	void *memory;

	if (!find_map(director, name))
		return;
	memory = map_array(director, name, &size);
	memset(memory, 0, size);
	munmap(memory, size);
}

void forget_connections(const struct director *director)
{
	clear(director, "connections");
	clear(director, "wide_connections");
	clear(director, "loads");
}

static void age(struct connection_owner *owner)
{
	if (owner->listener)
		owner->second -= LONG_AGO;
}

static void age_narrow(const struct director *director)
{
	size_t size;
	struct connection_line *lines = map_array(director, "connections", &size);

	for (size_t line = 0; line < size / sizeof(*lines); line++)
		for (int slot = 0; slot < SLOTS_PER_LINE; slot++)
			age(&lines[line].slots[slot].owner);
	munmap(lines, size);
}

static void age_wide(const struct director *director)
{
	size_t size;
	struct wide_line *lines = map_array(director, "wide_connections", &size);

	for (size_t line = 0; line < size / sizeof(*lines); line++)
		for (int slot = 0; slot < SLOTS_PER_LINE; slot++)
			age(&lines[line].slots[slot].owner);
	munmap(lines, size);
}

void let_time_pass(const struct director *director)
{
	age_narrow(director);
	if (find_map(director, "wide_connections"))
		age_wide(director);
}
