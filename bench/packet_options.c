/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <getopt.h>
#include <linux/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "job.h"
#include "object.h"
#include "packet.h"

static const struct option known[] = {
	{ "object", required_argument, NULL, 'o' },
	{ "before", required_argument, NULL, 'b' },
	{ "against", required_argument, NULL, 'a' },
	{ "lru", required_argument, NULL, 'l' },
	{ "wrapper", required_argument, NULL, 'w' },
	{ "only", required_argument, NULL, 'y' },
	{ "json", required_argument, NULL, 'j' },
	{ "contestants", required_argument, NULL, 'x' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "packets", required_argument, NULL, 'p' },
	{ "cpu", required_argument, NULL, 'c' },
	{ "quick", no_argument, NULL, 'q' },
	{ "udp", no_argument, NULL, 'u' },
	{ "help", no_argument, NULL, 'h' },
	{},
};

static const char usage[] =
	"usage: packet [--only 1,16k,131k,1M,new,1M-flooded,new-flooded]\n"
	"              [--contestants before,against,lru,nat4,reply4,dr6,nat6,reply6]\n"
	"              [--object FILE] [--before FILE] [--against FILE] [--lru FILE] [--wrapper FILE] [--json FILE]\n"
	"              [--rounds N] [--packets N] [--quick] [--udp] [--cpu N]\n";

static __u32 whole_chunks(const char *text)
{
	return (atoi(text) + PACKETS_PER_CHUNK - 1) / PACKETS_PER_CHUNK * PACKETS_PER_CHUNK;
}

/* The object, if it could be built: what it is made of is in the history, which a copy of the sources may lack. */
static const char *if_there(const char *object)
{
	return access(object, R_OK) ? NULL : object;
}

struct options read_options(int count, char **arguments)
{
	const char *texts[256] = { ['o'] = "build/director.bpf.o",
				   ['b'] = if_there("build/before/director.bpf.o"),
				   ['l'] = "build/bench/lru.bpf.o",
				   ['w'] = "build/bench/wrapper.bpf.o" };
	struct options options = { .packets = 1 << 20, .rounds = 5, .protocol = IPPROTO_TCP };

	for (int letter; (letter = getopt_long(count, arguments, "", known, NULL)) != -1;) {
		if (letter == 'q')
			options.packets = 1 << 17;
		else if (letter == 'u')
			options.protocol = IPPROTO_UDP;
		else if (letter == 'r')
			options.rounds = atoi(optarg);
		else if (letter == 'p')
			options.packets = whole_chunks(optarg);
		else if (letter == 'c')
			options.cpu = atoi(optarg);
		else if (letter != 'h' && letter != '?')
			texts[letter] = optarg;
		else
			exit(fputs(usage, letter == 'h' ? stdout : stderr) < 0 || letter == 'h' ? 0 : 2);
	}
	if (options.rounds < 1 || options.rounds > MAXIMUM_ROUNDS)
		fail("--rounds: 1 to %d", MAXIMUM_ROUNDS);
	if (options.packets < 2 * PACKETS_PER_CHUNK || options.packets > MAXIMUM_CHUNKS * PACKETS_PER_CHUNK)
		fail("--packets: %d to %d", 2 * PACKETS_PER_CHUNK, MAXIMUM_CHUNKS * PACKETS_PER_CHUNK);
	options.wrapper = texts['w'];
	options.only = texts['y'];
	options.contestants = texts['x'];
	options.json = texts['j'];
	options.objects[TODAY] = texts['o'];
	options.objects[BEFORE] = texts['b'];
	options.objects[AGAINST] = texts['a'];
	options.objects[LRU] = texts['l'];
	return options;
}
