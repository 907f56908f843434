// SPDX-License-Identifier: Apache-2.0
// Where schedules lie in the rings map, in lines of 32 slots.
import type { Schedule } from './actual.js'
import { tooMany } from './indices.js'

/** SERVERS_PER_LINE of bpf/abi.h. */
const SLOTS_PER_LINE = 32

export type Extent = readonly [line: number, lines: number]

/** Lines of a schedule: its head, its ring, its flow-hash ring. */
export function linesOf(schedule: Pick<Schedule, 'ring' | 'hashRing'>): number {
  return 1 + Math.ceil(schedule.ring.length / SLOTS_PER_LINE) + Math.ceil(schedule.hashRing.length / SLOTS_PER_LINE)
}

/** Hands out lines from the first gap that is long enough; line 0 means none and is never handed out. */
export function freeLines(ringSlots: number, taken: readonly Extent[]): (lines: number) => number {
  const gaps = gapsBetween(taken, Math.floor(ringSlots / SLOTS_PER_LINE))
  return (lines) => {
    const gap = gaps.find((candidate) => candidate.lines >= lines)
    if (!gap) throw tooMany('limits.ringSlots', `${ringSlots} ring slots are too few for these services and weights`)
    gap.line += lines
    gap.lines -= lines
    return gap.line - lines
  }
}

function gapsBetween(taken: readonly Extent[], end: number): { line: number; lines: number }[] {
  const gaps: { line: number; lines: number }[] = []
  let free = 1
  for (const [line, lines] of [...taken].sort((a, b) => a[0] - b[0])) {
    if (line > free) gaps.push({ line: free, lines: line - free })
    free = Math.max(free, line + lines)
  }
  if (end > free) gaps.push({ line: free, lines: end - free })
  return gaps
}
