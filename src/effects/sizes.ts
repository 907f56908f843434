// SPDX-License-Identifier: Apache-2.0
// How large the maps are for given limits, and back.
import { AbiLimit } from '../abi/layout.js'
import type { Settings } from '../model/desired.js'
import { mostPlaces } from '../reconcile/room.js'
import { mostPorts, mostVips } from '../reconcile/vips.js'

export type Limits = Settings['limits']

/** Every map but the identity, which is made and pinned last. */
export const mapNames = [
  'connections',
  'wide_connections',
  'rings',
  'services',
  'servers',
  'loads',
  'interfaces',
  'settings',
  'listeners',
  'wide_listeners',
  'listener_places',
  'vips',
  'ports',
  'blocks',
  'hops',
  'sources',
  'source_ports',
  'clients_on_link',
  'egress',
  'parts',
  'service_traffic',
  'server_traffic',
  'outcomes',
] as const
export type MapName = (typeof mapNames)[number]

/** Lines of the connection table: two slots a connection, and a power of two, as the hash wants it. */
export function linesFor(connections: number): number {
  return powerOfTwo(Math.ceil((connections * 2) / AbiLimit.SLOTS_PER_LINE))
}

/** Of either family's table: two slots and a half for each listener and each server's endpoint, so that there is room in one of two lines. */
export function listenerLinesFor(limits: Pick<Limits, 'services' | 'servers'>): number {
  return powerOfTwo(Math.ceil((mostPlaces(limits) * 2.5) / AbiLimit.SLOTS_PER_LINE))
}

/** Full NAT's ports: of each source TCP's and UDP's. */
const POOLS_PER_SOURCE = 2

/** The next one, and no less than 2. */
function powerOfTwo(atLeast: number): number {
  return 2 ** Math.max(1, Math.ceil(Math.log2(atLeast)))
}

/** Entries of the maps whose size the limits decide; the others are as large as the object says. */
export function entriesFor(limits: Limits): ReadonlyMap<MapName, number> {
  return new Map<MapName, number>([
    ['connections', linesFor(limits.connections)],
    ['wide_connections', linesFor(limits.wideConnections)],
    ['rings', Math.ceil(limits.ringSlots / AbiLimit.SERVERS_PER_LINE)],
    // Index 0 means none.
    ['services', limits.services + 1],
    ['service_traffic', limits.services + 1],
    ['servers', limits.servers + 1],
    ['loads', limits.servers + 1],
    ['server_traffic', limits.servers + 1],
    ['listeners', listenerLinesFor(limits)],
    ['wide_listeners', listenerLinesFor(limits)],
    // A change adds before it removes, so that for a moment old and new stand side by side; and a full map takes no other value.
    ['vips', mostVips(limits) * 2 + 1],
    ['ports', mostPorts(limits) * 2 + 1],
    // Index 0 means none.
    ['source_ports', (limits.sources + 1) * POOLS_PER_SOURCE * AbiLimit.PORTS],
  ])
}

/** The limit that decides a map's size, and what a size says of it. */
export const deciding: Readonly<Partial<Record<MapName, { limit: keyof Limits; meaning: (entries: number) => number }>>> = {
  connections: { limit: 'connections', meaning: (entries) => (entries * AbiLimit.SLOTS_PER_LINE) / 2 },
  wide_connections: { limit: 'wideConnections', meaning: (entries) => (entries * AbiLimit.SLOTS_PER_LINE) / 2 },
  source_ports: { limit: 'sources', meaning: (entries) => entries / (POOLS_PER_SOURCE * AbiLimit.PORTS) - 1 },
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
