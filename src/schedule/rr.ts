// SPDX-License-Identifier: Apache-2.0
import type { Turns } from './scheduler.js'

/** Every server once, in list order; weights count for nothing. */
export function rr(weights: readonly number[]): Turns {
  return { ring: [...weights.keys()], shares: weights.map(() => 1) }
}
