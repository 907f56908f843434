// SPDX-License-Identifier: Apache-2.0
// Adding a scheduler is a file and a line here.
import type { SchedulerName } from '../model/desired.js'
import { maglev } from './maglev.js'
import { rr } from './rr.js'
import type { Candidate, Scheduler } from './scheduler.js'
import { wrr } from './wrr.js'

export type { Candidate } from './scheduler.js'

const schedulers: Readonly<Record<SchedulerName, Scheduler>> = { rr, wrr }

/** How many ring slots a pick may visit at most; as in bpf/abi.h. */
const MAXIMUM_LOOKAHEAD = 1024

/** A schedule's contents: server indices by turn and by flow hash. */
export interface Layout {
  readonly ring: Uint16Array
  readonly hashRing: Uint16Array
  readonly lookahead: number
  readonly warning?: string
}

/** The rings for these servers, which are resolved and of positive weight, in list order. */
export function layOut(scheduler: SchedulerName, candidates: readonly Candidate[]): Layout {
  const { ring, shares, warning } = schedulers[scheduler](candidates.map((candidate) => candidate.weight))
  const indexOf = (place: number) => (candidates[place] as Candidate).index
  const keyed = candidates.map(({ name }, place) => ({ key: name, weight: shares[place] as number }))
  return {
    ring: Uint16Array.from(ring, indexOf),
    hashRing: maglev(keyed).map(indexOf),
    lookahead: Math.min(Math.max(ring.length, 1), MAXIMUM_LOOKAHEAD),
    ...(warning === undefined ? {} : { warning }),
  }
}

/** What an administrator should know about these weights under this scheduler, whichever servers are up. */
export function scheduleWarning(scheduler: SchedulerName, weights: readonly number[]): string | undefined {
  return schedulers[scheduler](weights.filter((weight) => weight > 0)).warning
}
