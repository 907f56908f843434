/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XLVS_TEST_EXPECT_H
#define XLVS_TEST_EXPECT_H

#include <stdio.h>

static int failures;

#define EXPECT(condition)                                                      \
	do {                                                                   \
		if (!(condition)) {                                            \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			failures++;                                            \
		}                                                              \
	} while (0)

#endif
