/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "object.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

/* The end of a warning: the verifier's log can be a million lines, and says at its end what it did not like. */
static int print_warnings(enum libbpf_print_level level, const char *format, va_list arguments)
{
	enum {
		SHOWN = 600
	};
	char *text;
	int length;

	if (level != LIBBPF_WARN)
		return 0;
	length = vasprintf(&text, format, arguments);
	if (length < 0)
		return 0;
	fprintf(stderr, "%s%s", length > SHOWN ? "… " : "", length > SHOWN ? text + length - SHOWN : text);
	free(text);
	return length;
}

void quiet_libbpf(void)
{
	libbpf_set_print(print_warnings);
}

void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("there is no CPU %d", cpu);
}

struct bpf_object *load_object(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	if (!object)
		fail("%s: %s", path, strerror(errno));
	if (bpf_object__load(object))
		fail("%s: the kernel refused it: %s", path, strerror(errno));
	return object;
}

int program_in(const struct bpf_object *object, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	if (!program)
		fail("there is no program %s", name);
	return bpf_program__fd(program);
}

int map_in(const struct bpf_object *object, const char *name)
{
	int map = bpf_object__find_map_fd_by_name(object, name);

	if (map < 0)
		fail("there is no map %s", name);
	return map;
}

static char *map_bss(const struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		void *bss;

		if (!strstr(bpf_map__name(map), ".bss"))
			continue;
		bss = mmap(NULL, bpf_map__value_size(map), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
		if (bss == MAP_FAILED)
			fail("mapping a program's variables: %s", strerror(errno));
		return bss;
	}
	fail("the object has no variables");
}

void *variable_in(struct bpf_object *object, const char *name)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *section = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC));
	const struct btf_var_secinfo *variable = btf_var_secinfos(section);

	for (int i = 0; i < btf_vlen(section); i++, variable++)
		if (!strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, variable->type)->name_off), name))
			return map_bss(object) + variable->offset;
	fail("there is no variable %s", name);
}

__u64 sum_over_cpus(int map, __u32 index)
{
	__u64 values[libbpf_num_possible_cpus()], sum = 0;

	if (bpf_map_lookup_elem(map, &index, values))
		fail("reading a counter: %s", strerror(errno));
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		sum += values[cpu];
	return sum;
}
