// SPDX-License-Identifier: Apache-2.0
// The addresses that full NAT sends from. Slots name them by index, so an address keeps its own, wanted or not.
import { type Family, familyOf } from '../model/address.js'
import type { Address, Desired } from '../model/desired.js'
import type { Actual, MapWrite, Sources } from './actual.js'
import { freeIndices } from './indices.js'

export interface SourcePlan {
  readonly next: Actual['sources']
  readonly writes: readonly MapWrite[]
  /** The longest run of wanted sources of each family. */
  readonly runs: Readonly<Record<Family, Sources>>
}

export function planSources({ sources, limits }: Desired, actual: Actual['sources']): SourcePlan {
  const known = new Map([...actual].map(([index, address]) => [address, index]))
  const isTaken = (index: number) => actual.has(index)
  const allocate = freeIndices(limits.sources, isTaken, 'limits.sources', 'sources', 'those that were there before count as well')
  // A family's sources one after another, as far as they are new.
  const fresh = [...sources].filter((address) => !known.has(address)).sort((a, b) => byFamily(a, b))
  const added = fresh.map((address) => ({ kind: 'source' as const, index: allocate(), address }))
  const next = added.length === 0 ? actual : new Map([...actual, ...added.map(({ index, address }) => [index, address] as const)])
  const wanted = new Set(sources)
  return { next, writes: added, runs: { IPv4: longestRun(next, wanted, 'IPv4'), IPv6: longestRun(next, wanted, 'IPv6') } }
}

function byFamily(a: Address, b: Address): number {
  return familyOf(a) === familyOf(b) ? 0 : familyOf(a) === 'IPv4' ? -1 : 1
}

/** The packet program takes a first index and a count. */
function longestRun(sources: Actual['sources'], wanted: ReadonlySet<Address>, family: Family): Sources {
  const usable = [...sources]
    .filter(([, address]) => wanted.has(address) && familyOf(address) === family)
    .map(([index]) => index)
    .sort((a, b) => a - b)
  let longest: Sources = { first: 0, count: 0 }
  let run: Sources = { first: 0, count: 0 }
  for (const index of usable) {
    run = index === run.first + run.count ? { ...run, count: run.count + 1 } : { first: index, count: 1 }
    if (run.count > longest.count) longest = run
  }
  return longest
}
