// SPDX-License-Identifier: Apache-2.0
// What becomes free again some time after a plan was carried out.
import type { Actual, MapWrite } from './actual.js'
import type { Extent } from './lines.js'

type Retired = Actual['retired']

/** After a whole sweep that began when `retired` were retired already: no slot names them, so they are free. */
export function afterSweep(actual: Actual, retired: Retired): { readonly writes: readonly MapWrite[]; readonly next: Actual } {
  if (retired.listeners.size === 0 && retired.servers.size === 0) return { writes: [], next: actual }
  const freed = [...retired.servers].filter((index) => actual.servers.get(index)?.removed)
  const servers = new Map(actual.servers)
  for (const index of freed) servers.delete(index)
  const next: Actual = {
    ...actual,
    servers,
    retired: {
      listeners: difference(actual.retired.listeners, retired.listeners),
      servers: difference(actual.retired.servers, retired.servers),
    },
  }
  return { writes: freed.map((index) => ({ kind: 'freeServer', index })), next }
}

/** After a grace period that began when `resting` were resting already: no packet reads them. */
export function afterGrace(actual: Actual, resting: readonly Extent[]): Actual {
  const rested = new Set(resting.map(([line]) => line))
  return { ...actual, resting: actual.resting.filter(([line]) => !rested.has(line)) }
}

/**
 * Everything that a slot could name and nothing in the maps stands for, at a start: a controller that died may have removed it
 * without seeing the sweep that follows.
 */
export function unaccounted(actual: Actual): Retired {
  const listeners = new Set([...actual.listeners.values()].map((entry) => entry.index))
  const servers = actual.servers
  const all = Array.from({ length: 65_535 }, (_, index) => index + 1)
  return {
    listeners: new Set(all.filter((index) => !listeners.has(index))),
    servers: new Set(all.filter((index) => servers.get(index)?.removed ?? true)),
  }
}

function difference(set: ReadonlySet<number>, other: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...set].filter((index) => !other.has(index)))
}
