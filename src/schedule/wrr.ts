// SPDX-License-Identifier: Apache-2.0
import { gcd, roundShares } from './ratio.js'
import type { Turns } from './scheduler.js'

/** The longest ring that is laid out exactly. */
export const EXACT_SLOTS = 65_536

/** IPVS's interleaving: each server as often as its weight over their gcd; beyond 65,536 slots by the nearest such ratio. */
export function wrr(weights: readonly number[]): Turns {
  const divisor = weights.reduce(gcd, 0)
  const exact = weights.map((weight) => weight / divisor)
  const slots = exact.reduce((sum, turns) => sum + turns, 0)
  if (slots <= EXACT_SLOTS) return { ring: interleave(exact), shares: exact }
  const shares = roundShares(exact, EXACT_SLOTS)
  return { ring: interleave(shares), shares, warning: roundingWarning(exact, shares) }
}

/**
 * What IPVS's scan yields in one turn: for a level falling from the highest weight to 1, every server of at least that
 * weight in list order. Who is in the list changes only at a weight that occurs.
 */
function interleave(turns: readonly number[]): number[] {
  const ring: number[] = []
  const heights = [...new Set(turns)].sort((a, b) => b - a)
  heights.forEach((height, step) => {
    const tall = [...turns.keys()].filter((server) => (turns[server] as number) >= height)
    const levels = height - (heights[step + 1] ?? 0)
    for (let level = 0; level < levels; level++) for (const server of tall) ring.push(server)
  })
  return ring
}

function roundingWarning(exact: readonly number[], shares: readonly number[]): string {
  const total = exact.reduce((sum, turns) => sum + turns, 0)
  const slots = shares.reduce((sum, turns) => sum + turns, 0)
  const errors = exact.map((turns, server) => Math.abs(((shares[server] as number) * total) / (slots * turns) - 1))
  const worst = errors.reduce((most, error) => Math.max(most, error), 0)
  return `the weights need ${total} turns; rounded to ${slots}, the worst share is off by ${(worst * 100).toPrecision(2)} %`
}
