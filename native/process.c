// SPDX-License-Identifier: Apache-2.0
// What concerns the whole process: grace periods, locks, mounts, libbpf's log.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include <bpf/libbpf.h>

#include "shim.h"

int xlvs_grace(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) ? -errno : 0;
}

int xlvs_lock(int descriptor)
{
	return flock(descriptor, LOCK_EX | LOCK_NB) ? -errno : 0;
}

int xlvs_mount_bpf(const char *path)
{
	return mount("bpf", path, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, "mode=0700") ? -errno : 0;
}

/* The end of what libbpf said: of a refused program the last lines tell why. Written and taken by one thread. */
static char kept[64 * 1024];
static size_t kept_length;

static void make_room(size_t needed)
{
	size_t dropped = kept_length + needed < sizeof(kept) ? 0 : kept_length + needed - sizeof(kept) + 1;

	if (dropped > kept_length)
		dropped = kept_length;
	memmove(kept, kept + dropped, kept_length - dropped);
	kept_length -= dropped;
}

__attribute__((format(printf, 2, 0))) static int keep(enum libbpf_print_level level, const char *format, va_list values)
{
	va_list again;
	int length;

	if (level != LIBBPF_WARN)
		return 0;
	va_copy(again, values);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length <= 0)
		return 0;
	make_room(length);
	vsnprintf(kept + kept_length, sizeof(kept) - kept_length, format, values);
	kept_length += strlen(kept + kept_length);
	return length;
}

void xlvs_log_capture(void)
{
	libbpf_set_print(keep);
}

int xlvs_log_take(char *text, __u32 capacity)
{
	size_t length = kept_length < capacity ? kept_length : capacity - 1;

	memcpy(text, kept + kept_length - length, length);
	text[length] = '\0';
	kept_length = 0;
	return length;
}
