// SPDX-License-Identifier: Apache-2.0
#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum {
	STACK_BYTES = 256 * 1024,
	MAXIMUM_DEPTH = 4096,
};

/* Where somebody goes on. Not a ucontext_t, which costs two system calls a switch. */
typedef void *place_of_return[5];

struct actor {
	ucontext_t birth;
	place_of_return here;
	uint64_t past;
	uint32_t awaited; /* bitmap of the actors that this one waits for */
	bool started;
	bool done;
};

/* A set of moments that were met before: open addressing, doubled when it is half full. */
struct moments {
	uint64_t *hashes;
	uint64_t capacity;
	uint64_t count;
};

static const struct exploration *running;
static struct actor actors[MAXIMUM_ACTORS];
static char stacks[MAXIMUM_ACTORS][STACK_BYTES] __attribute__((aligned(64)));
static place_of_return explorer;
static int current;

uint64_t mixed(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

int current_actor(void)
{
	return running ? current : 0;
}

/* Stops here, and goes on at the explorer's. */
static void pause_here(void)
{
	if (!__builtin_setjmp(actors[current].here))
		__builtin_longjmp(explorer, 1);
}

void step(void)
{
	if (!running)
		return;
	actors[current].past = mixed(actors[current].past, 0);
	pause_here();
}

void observe(uint64_t value)
{
	if (running)
		actors[current].past = mixed(actors[current].past, value + 1);
}

void forget(void)
{
	if (running)
		actors[current].past = (uint64_t)current;
}

static uint32_t busy_actors(void)
{
	uint32_t busy = 0;

	for (int i = 0; i < running->actors; i++)
		busy |= (uint32_t)(actors[i].started && !actors[i].done) << i;
	return busy;
}

void await_others(void)
{
	if (!running)
		return;
	actors[current].awaited = busy_actors() & ~(1U << current);
	step();
}

static void live(void)
{
	running->act(current);
	actors[current].done = true;
	__builtin_longjmp(explorer, 1);
}

static void prepare(void)
{
	running->reset();
	for (int i = 0; i < running->actors; i++) {
		actors[i] = (struct actor){ .past = (uint64_t)i };
		getcontext(&actors[i].birth);
		actors[i].birth.uc_stack.ss_sp = stacks[i];
		actors[i].birth.uc_stack.ss_size = STACK_BYTES;
		makecontext(&actors[i].birth, live, 0);
	}
}

static uint32_t able_actors(void)
{
	uint32_t able = 0, busy = busy_actors();

	for (int i = 0; i < running->actors; i++)
		able |= (uint32_t)(!actors[i].done && !(actors[i].awaited & busy)) << i;
	return able;
}

static void advance(int actor)
{
	bool is_born = actors[actor].started;

	current = actor;
	actors[actor].started = true;
	if (__builtin_setjmp(explorer))
		return;
	if (is_born)
		__builtin_longjmp(actors[actor].here, 1);
	setcontext(&actors[actor].birth);
}

/* Who may go on after `last`, who was interrupted if he could have gone on himself. */
static uint32_t choices(uint32_t able, int last, int interruptions)
{
	if (running->interruptions && interruptions == running->interruptions && last >= 0 && able & 1U << last)
		return 1U << last;
	return able;
}

static uint64_t moment_now(int last, int interruptions)
{
	uint64_t hash = running->memory();

	if (running->interruptions)
		hash = mixed(hash, (uint64_t)interruptions << 8 | (uint8_t)last);
	for (int i = 0; i < running->actors; i++)
		hash = mixed(hash, actors[i].past << 2 | actors[i].started << 1 | actors[i].done);
	return hash | 1; /* 0 marks a free place */
}

static bool add(struct moments *moments, uint64_t hash);

static void grow(struct moments *moments)
{
	struct moments larger = { .capacity = moments->capacity ? moments->capacity * 2 : 1 << 12 };

	larger.hashes = calloc(larger.capacity, sizeof(*larger.hashes));
	if (!larger.hashes)
		abort();
	for (uint64_t i = 0; i < moments->capacity; i++) {
		if (moments->hashes[i])
			add(&larger, moments->hashes[i]);
	}
	free(moments->hashes);
	*moments = larger;
}

/* True when the moment is new. */
static bool add(struct moments *moments, uint64_t hash)
{
	if (moments->count * 2 >= moments->capacity)
		grow(moments);
	for (uint64_t i = hash >> 20;; i++) {
		uint64_t *place = &moments->hashes[i & (moments->capacity - 1)];

		if (*place == hash)
			return false;
		if (*place)
			continue;
		*place = hash;
		moments->count++;
		return true;
	}
}

static void write_order(struct explored *explored, const int *path, int depth)
{
	int length = depth < (int)sizeof(explored->order) - 1 ? depth : (int)sizeof(explored->order) - 1;

	for (int i = 0; i < length; i++)
		explored->order[i] = (char)('A' + path[i]);
	explored->order[length] = 0;
}

/* One order, along `path` for its first `given` steps; returns its length. Notes what else could have been done. */
static int run(int *path, uint32_t *others, int given, struct moments *moments, struct explored *explored)
{
	int depth = 0, last = -1, interruptions = 0;
	uint32_t able;

	prepare();
	for (; (able = able_actors()); depth++) {
		uint32_t allowed = choices(able, last, interruptions);

		if (depth == MAXIMUM_DEPTH)
			abort();
		if (depth >= given) {
			if (!add(moments, moment_now(last, interruptions)))
				return depth;
			path[depth] = __builtin_ctz(allowed);
			others[depth] = allowed & ~(1U << path[depth]);
		}
		interruptions += last >= 0 && last != path[depth] && able & 1U << last;
		last = path[depth];
		advance(last);
	}
	explored->executions++;
	explored->wrong = running->verdict();
	if (explored->wrong)
		write_order(explored, path, depth);
	return depth;
}

struct explored explore(const struct exploration *exploration)
{
	static int path[MAXIMUM_DEPTH];
	static uint32_t others[MAXIMUM_DEPTH];
	struct explored explored = { 0 };
	struct moments moments = { 0 };
	int depth = 0;

	running = exploration;
	do {
		int end = run(path, others, depth, &moments, &explored);

		for (depth = end; depth > 0 && !others[depth - 1]; depth--)
			;
		if (depth > 0) {
			path[depth - 1] = __builtin_ctz(others[depth - 1]);
			others[depth - 1] &= others[depth - 1] - 1;
		}
	} while (depth > 0 && !explored.wrong);
	running = NULL;
	explored.moments = moments.count;
	free(moments.hashes);
	return explored;
}
