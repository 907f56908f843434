/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "measured.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "job.h"
#include "object.h"

static int compare(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

void summarise(struct measured *measured, int rounds)
{
	double sorted[MAXIMUM_ROUNDS];

	memcpy(sorted, measured->rounds, rounds * sizeof(*sorted));
	qsort(sorted, rounds, sizeof(*sorted), compare);
	measured->median = (sorted[rounds / 2] + sorted[(rounds - 1) / 2]) / 2;
	measured->minimum = sorted[0];
	measured->maximum = sorted[rounds - 1];
}

double median_chunk(const __u64 *started, __u32 chunks)
{
	double took[MAXIMUM_CHUNKS];

	if (chunks < 2 || chunks > MAXIMUM_CHUNKS)
		return 0;
	for (__u32 i = 0; i + 1 < chunks; i++)
		took[i] = started[i + 1] - started[i];
	qsort(took, chunks - 1, sizeof(*took), compare);
	return took[(chunks - 1) / 2] / PACKETS_PER_CHUNK;
}

void format_measured(char *text, size_t size, const struct measured *measured, int digits)
{
	snprintf(text, size, "%6.*f (%.*f-%.*f)", digits, measured->median, digits, measured->minimum, digits,
		 measured->maximum);
}

void write_measured(FILE *file, const char *name, const struct measured *measured, int rounds)
{
	fprintf(file, "{ \"name\": \"%s\", \"median\": %.4g, \"minimum\": %.4g, \"maximum\": %.4g, \"rounds\": [", name,
		measured->median, measured->minimum, measured->maximum);
	for (int round = 0; round < rounds; round++)
		fprintf(file, "%s%.4g", round ? ", " : "", measured->rounds[round]);
	fprintf(file, "] }");
}

FILE *open_json(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		fail("cannot write %s: %s", path, strerror(errno));
	fprintf(file, "{ \"processor\": \"%s\", \"kernel\": \"%s\",\n", processor(), kernel_release());
	return file;
}

const char *processor(void)
{
	static char line[256];
	FILE *file = fopen("/proc/cpuinfo", "r");

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "model name", 10))
			continue;
		fclose(file);
		line[strcspn(line, "\n")] = '\0';
		return strchr(line, ':') + 2;
	}
	return "unknown processor";
}

const char *kernel_release(void)
{
	static struct utsname name;

	uname(&name);
	return name.release;
}
