// SPDX-License-Identifier: Apache-2.0
// How large the maps are for given limits, and back.
import { AbiLimit } from '../abi/layout.js'
import type { Settings } from '../model/desired.js'

export type Limits = Settings['limits']

/** Every map but the identity, which is made and pinned last. */
export const mapNames = [
  'connections',
  'rings',
  'services',
  'servers',
  'loads',
  'interfaces',
  'settings',
  'listeners',
  'vips',
  'egress',
  'service_traffic',
  'server_traffic',
  'outcomes',
] as const
export type MapName = (typeof mapNames)[number]

/** Lines of the connection table: two slots a connection, and a power of two, as the hash wants it. */
export function linesFor(connections: number): number {
  return powerOfTwo(Math.ceil((connections * 2) / AbiLimit.SLOTS_PER_LINE))
}

export function listenerLinesFor(services: number): number {
  return powerOfTwo(services * AbiLimit.LISTENER_LINES_PER_LISTENER)
}

/** The next one, and no less than 2. */
function powerOfTwo(atLeast: number): number {
  return 2 ** Math.max(1, Math.ceil(Math.log2(atLeast)))
}

/** Entries of the maps whose size the limits decide; the others are as large as the object says. */
export function entriesFor(limits: Limits): ReadonlyMap<MapName, number> {
  return new Map<MapName, number>([
    ['connections', linesFor(limits.connections)],
    ['rings', Math.ceil(limits.ringSlots / AbiLimit.SERVERS_PER_LINE)],
    // Index 0 means none.
    ['services', limits.services + 1],
    ['service_traffic', limits.services + 1],
    ['servers', limits.servers + 1],
    ['loads', limits.servers + 1],
    ['server_traffic', limits.servers + 1],
    ['listeners', listenerLinesFor(limits.services)],
    // A change adds before it removes, so that for a moment old and new stand side by side.
    ['vips', limits.services * 2],
  ])
}

/** The limit that decides a map's size, and what a size says of it. */
export const deciding: Readonly<Partial<Record<MapName, { limit: keyof Limits; meaning: (entries: number) => number }>>> = {
  connections: { limit: 'connections', meaning: (entries) => (entries * AbiLimit.SLOTS_PER_LINE) / 2 },
  rings: { limit: 'ringSlots', meaning: (entries) => entries * AbiLimit.SERVERS_PER_LINE },
  services: { limit: 'services', meaning: (entries) => entries - 1 },
  servers: { limit: 'servers', meaning: (entries) => entries - 1 },
}

/** One limit that pinned maps contradict: the maps would hold `pinned` of it. */
export interface Contradiction {
  readonly limit: keyof Limits
  readonly pinned: number
  readonly wanted: number
}

/** Where the limits want other sizes than the pinned maps have. */
export function contradictions(limits: Limits, pinned: ReadonlyMap<MapName, number>): Contradiction[] {
  return [...entriesFor(limits)].flatMap(([name, wanted]) => {
    const entries = pinned.get(name)
    const decided = deciding[name]
    if (!decided || entries === undefined || entries === wanted) return []
    return [{ limit: decided.limit, pinned: decided.meaning(entries), wanted: limits[decided.limit] }]
  })
}
