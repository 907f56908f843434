/* SPDX-License-Identifier: Apache-2.0 */
/* Put in front of native/table.c by the compiler's -include: the same steps as in steps_program.h, and the test's clock. */
#ifndef XLVS_STEPS_TABLE_H
#define XLVS_STEPS_TABLE_H

#include <stdint.h>
#include <time.h>

uint64_t load_in_steps(const volatile void *place);
int swap_word_in_steps(volatile void *place, uint64_t from, uint64_t to);
int clock_in_steps(clockid_t clock, struct timespec *now);

#define __atomic_load_n(place, order) load_in_steps(place)
#define __atomic_compare_exchange_n(place, from, to, weak, order, or_else) swap_word_in_steps(place, *(from), to)
#define clock_gettime(clock, now) clock_in_steps(clock, now)

#endif
