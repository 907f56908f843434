// SPDX-License-Identifier: Apache-2.0
// Holds the state, and carries decisions out: on the disk first, then in the maps, then it is the state.
import type { Actual, MapWrite } from '../reconcile/actual.js'
import { directoryOf } from './directory.js'
import { logRoutes } from './events.js'
import { createQueue, type Journalled } from './queue.js'
import type { Decision, State } from './state.js'
import type { World } from './world.js'

export interface Machine {
  state(): State
  /** Resolves to what was decided, once it is in force. Rejects when it was refused, or when disk or maps failed. */
  submit<D extends Journalled>(decide: (state: State) => D): Promise<D>
  /** Resolves once nothing is on its way. */
  idle(): Promise<void>
}

type Needs = Pick<World, 'dataPlane' | 'journal' | 'log'>

/** `changed` is told after each batch that left another state; `failed` when the maps may hold something else than the state says. */
export function createMachine(
  { dataPlane, journal, log }: Needs,
  initial: State,
  on: { changed: () => void; failed: (error: unknown) => void },
): Machine {
  let state = initial

  function carryOut(decisions: readonly Decision[]): void {
    const before = state
    const last = decisions.at(-1)
    if (!last) return
    const writes = decisions.flatMap((decision) => decision.writes)
    try {
      if (writes.length > 0) dataPlane.write(writes)
    } catch (error) {
      state = { ...last.state, actual: mergeRests(dataPlane.adopt(), last.state.actual), basis: undefined }
      on.failed(error)
      throw error
    }
    state = last.state
    logWrites(before, writes)
    on.changed()
  }

  function logWrites(before: State, writes: readonly MapWrite[]): void {
    logRoutes(log, before.actual, writes, () => directoryOf(state))
  }

  const queue = createQueue({
    state: () => state,
    record: async (entries) => {
      await Promise.all(entries.map((entry) => journal.append(entry)))
    },
    carryOut,
  })

  return {
    state: () => state,
    submit: <D extends Journalled>(decide: (state: State) => D) =>
      new Promise<D>((resolve, reject) => {
        let decided: D
        queue.add({
          decide: (current) => {
            decided = decide(current)
            return decided
          },
          done: () => resolve(decided),
          refused: reject,
        })
      }),
    idle: () => queue.idle(),
  }
}

/** The maps as they are, with everything still reserved that the failed plan had reserved. */
function mergeRests(adopted: Actual, planned: Actual): Actual {
  return {
    ...adopted,
    resting: planned.resting,
    retired: {
      listeners: new Set([...adopted.retired.listeners, ...planned.retired.listeners]),
      servers: new Set([...adopted.retired.servers, ...planned.retired.servers]),
    },
  }
}
