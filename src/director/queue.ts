// SPDX-License-Identifier: Apache-2.0
// One queue for everything that changes the state, so that each decision sees what the one before left.
import type { JournalEntry } from './ports.js'
import type { Decision, State } from './state.js'

/** A decision, and what must be on the disk before it is in force. */
export interface Journalled extends Decision {
  readonly entry?: JournalEntry
}

export interface Job {
  /** Decides on the state that the jobs before left; what it throws refuses this job alone. */
  decide(state: State): Journalled
  /** In force now. */
  done(): void
  refused(error: unknown): void
}

/** Where decisions take effect. */
export interface Outlet {
  state(): State
  /** Resolves once all of them are on the disk. */
  record(entries: readonly JournalEntry[]): Promise<void>
  carryOut(decisions: readonly Decision[]): void
}

interface Decided {
  readonly job: Job
  readonly decision: Journalled
}

/** Jobs that wait while one batch is on its way to the disk form the next batch, and share its fsync. */
export function createQueue(outlet: Outlet): { add(job: Job): void; idle(): Promise<void> } {
  let waiting: Job[] = []
  let busy = false
  let running = Promise.resolve()

  /** Runs at once, up to the first batch with something for the disk. */
  async function drain(): Promise<void> {
    busy = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await carryThrough(decideAll(batch, outlet.state()))
    }
    busy = false
  }

  /** Refused as one when the disk or the maps fail. */
  function carryThrough(decided: readonly Decided[]): Promise<void> | undefined {
    const entries = decided.flatMap(({ decision }) => decision.entry ?? [])
    const refuse = (error: unknown) => {
      for (const { job } of decided) job.refused(error)
    }
    if (entries.length === 0) return finish(decided, refuse)
    return outlet.record(entries).then(() => finish(decided, refuse), refuse)
  }

  function finish(decided: readonly Decided[], refuse: (error: unknown) => void): undefined {
    try {
      outlet.carryOut(decided.map(({ decision }) => decision))
    } catch (error) {
      refuse(error)
      return
    }
    for (const { job } of decided) job.done()
  }

  return {
    add(job) {
      waiting.push(job)
      if (!busy) running = drain()
    },
    idle: () => running,
  }
}

function decideAll(batch: readonly Job[], start: State): Decided[] {
  let state = start
  return batch.flatMap((job) => {
    try {
      const decision = job.decide(state)
      state = decision.state
      return [{ job, decision }]
    } catch (error) {
      job.refused(error)
      return []
    }
  })
}
