// SPDX-License-Identifier: Apache-2.0
// What becomes free again some time after a plan was carried out.
import type { Actual, MapWrite } from './actual.js'
import { planEndpoints } from './endpoints.js'
import type { Extent } from './lines.js'

type Retired = Actual['retired']

/** After a whole sweep that began when `retired` were retired already: no slot names them, so they are free. */
export function afterSweep(actual: Actual, retired: Retired): { readonly writes: readonly MapWrite[]; readonly next: Actual } {
  if (retired.listeners.size === 0 && retired.servers.size === 0) return { writes: [], next: actual }
  const freed = [...retired.servers].filter((index) => actual.servers.has(index))
  const servers = new Map(actual.servers)
  for (const index of freed) servers.delete(index)
  const endpoints = planEndpoints(servers.values(), actual.listeners.values(), actual.endpoints)
  const next: Actual = {
    ...actual,
    servers,
    endpoints: endpoints.next,
    retired: {
      listeners: difference(actual.retired.listeners, retired.listeners),
      servers: difference(actual.retired.servers, retired.servers),
    },
  }
  return { writes: [...freed.map((index): MapWrite => ({ kind: 'freeServer', index })), ...endpoints.removed], next }
}

/** After a grace period that began when `resting` were resting already: no packet reads them. */
export function afterGrace(actual: Actual, resting: readonly Extent[]): Actual {
  const rested = new Set(resting.map(([line]) => line))
  return { ...actual, resting: actual.resting.filter(([line]) => !rested.has(line)) }
}

function difference(set: ReadonlySet<number>, other: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...set].filter((index) => !other.has(index)))
}
