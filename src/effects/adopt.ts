// SPDX-License-Identifier: Apache-2.0
// What the maps hold, read back as the reconciler's plain data.
import { decodeAll, macText } from '../abi/codec.js'
import { Schedule as Head, VipKey } from '../abi/layout.js'
import { listenerName } from '../model/listener.js'
import { readHash } from '../native/xlvs.js'
import type { Actual, InterfaceEntry, ListenerEntry, Schedule, ServerEntry } from '../reconcile/actual.js'
import { decodeListenerKey, decodeServer, strayPolicy, vipName } from './encoding.js'
import type { Maps } from './maps.js'

/** Reads everything once, without a packet noticing. */
export function readActual(maps: Maps): Actual {
  const listeners = readListeners(maps)
  const servers = readServers(maps)
  return {
    listeners,
    servers,
    schedules: readSchedules(maps),
    vips: readVips(maps),
    interfaces: readInterfaces(maps),
    retired: readRetired(maps, listeners, servers),
    // Whoever still read a replaced schedule did so before this process began.
    resting: [],
    timeouts: maps.settings.read(0).timeouts,
  }
}

function readListeners(maps: Maps): Map<string, ListenerEntry> {
  const entries = maps.listeners.all().map(({ key, value }) => ({ ...decodeListenerKey(key), ...value }))
  return new Map(entries.map((entry) => [listenerName(entry), entry]))
}

function readVips(maps: Maps): Set<string> {
  const { keys, count } = readHash(maps.descriptor('vips'), VipKey.size, 4, maps.entries('vips'))
  return new Set(decodeAll(VipKey, keys, count).map(vipName))
}

function readServers(maps: Maps): Map<number, ServerEntry> {
  const servers = new Map<number, ServerEntry>()
  for (let index = 1; index < maps.servers.entries; index++) {
    const server = maps.servers.read(index)
    if (server.service !== 0) servers.set(index, decodeServer(index, server))
  }
  return servers
}

function readSchedules(maps: Maps): Map<number, Schedule> {
  const schedules = new Map<number, Schedule>()
  for (let service = 1; service < maps.services.entries; service++) {
    const line = maps.services.read(service).schedule
    if (line !== 0) schedules.set(service, readSchedule(maps, line))
  }
  return schedules
}

function readSchedule({ rings }: Maps, line: number): Schedule {
  const head = rings.readAs(Head, line)
  return {
    line,
    ring: rings.shorts(line + 1, head.slots).slice(),
    hashRing: rings.shorts(line + head.hashLine, head.hashSlots).slice(),
    lookahead: head.lookahead,
    stray: strayPolicy(head.stray),
  }
}

function readInterfaces(maps: Maps): Map<number, InterfaceEntry> {
  const interfaces = new Map<number, InterfaceEntry>()
  for (let index = 0; index < maps.interfaces.entries; index++) {
    const { ifindex, mac } = maps.interfaces.read(index)
    if (ifindex !== 0) interfaces.set(index, { index, ifindex, mac: macText(mac) })
  }
  return interfaces
}

/** Indices that nothing has any more but a connection slot: whoever died before a sweep left them. */
function readRetired(
  maps: Maps,
  listeners: ReadonlyMap<string, ListenerEntry>,
  servers: ReadonlyMap<number, ServerEntry>,
): Actual['retired'] {
  const named = maps.namedIndices()
  const listening = new Set([...listeners.values()].map(({ index }) => index))
  const removed = [...servers.values()].filter((server) => server.removed).map(({ index }) => index)
  return {
    listeners: new Set(bitsOf(named.listeners).filter((index) => !listening.has(index))),
    servers: new Set([...removed, ...bitsOf(named.servers).filter((index) => !servers.has(index))]),
  }
}

/** The numbers of the bits that are set, without 0, which is no index. */
function bitsOf(bitmap: Buffer): number[] {
  return [...bitmap.entries()]
    .flatMap(([at, byte]) =>
      byte === 0 ? [] : [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => at * 8 + bit),
    )
    .filter((index) => index !== 0)
}
