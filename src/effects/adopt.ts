// SPDX-License-Identifier: Apache-2.0
// What the maps hold, read back as the reconciler's plain data.
import { decodeAll } from '../abi/codec.js'
import { Schedule as Head, Listener, ListenerKind, PortKey, Vip, VipKey } from '../abi/layout.js'
import type { Address } from '../model/desired.js'
import { listenerName } from '../model/listener.js'
import { readHash } from '../native/xlvs.js'
import type {
  Actual,
  EndpointEntry,
  HopLists,
  InterfaceEntry,
  ListenerEntry,
  PortEntry,
  Schedule,
  ServerEntry,
  VipEntry,
} from '../reconcile/actual.js'
import { endpointName } from '../reconcile/endpoints.js'
import { portName } from '../reconcile/vips.js'
import {
  decodeAddress,
  decodeHops,
  decodeInterface,
  decodePlace,
  decodePort,
  decodePortKey,
  decodeServer,
  decodeVipKey,
  endpointProtocol,
  isWide,
  strayPolicy,
} from './encoding.js'
import type { Place } from './listeners.js'
import type { Maps } from './maps.js'

/** Reads everything once, without a packet noticing. */
export function readActual(maps: Maps): Actual {
  const places = maps.listeners.all()
  const ports = readPorts(maps)
  const listeners = readListeners(maps, places, ports)
  const servers = readServers(maps)
  return {
    listeners,
    servers,
    schedules: readSchedules(maps),
    vips: readVips(maps),
    ports,
    blocks: maps.settings.read(0).blocks,
    endpoints: readEndpoints(places),
    sources: readSources(maps, places),
    hops: readHops(maps),
    interfaces: readInterfaces(maps),
    retired: readRetired(maps, listeners, servers),
    // Whoever still read a replaced schedule did so before this process began.
    resting: [],
    timeouts: maps.settings.read(0).timeouts,
  }
}

type Found = readonly { readonly place: Place; readonly value: Listener }[]

/** Those that packets find, by an exact place or by a block; what they are stands beside the tables. */
function readListeners(maps: Maps, places: Found, ports: ReadonlyMap<string, PortEntry>): Map<string, ListenerEntry> {
  const exact = places
    .filter(({ place }) => place.kind === ListenerKind.KIND_LISTENER)
    .map(({ place: { address }, value }) => ({ index: value.index, service: value.service, wide: isWide(address, value) }))
  const blocks = [...ports.values()].map(({ listener, service, wide }) => ({ index: listener, service, wide }))
  const found = new Map<number, Pick<ListenerEntry, 'index' | 'service' | 'wide'>>()
  // Of a listener that was being widened, some ports may be wide, and so may be flows.
  for (const one of [...exact, ...blocks])
    found.set(one.index, { ...one, wide: one.wide || (found.get(one.index)?.wide ?? false) })
  const entries = [...found.values()].map((one) => ({ ...decodePlace(maps.places.read(one.index)), ...one }))
  return new Map(entries.map((entry) => [listenerName(entry), entry]))
}

function readEndpoints(places: Found): Map<string, EndpointEntry> {
  const entries = places
    .filter(({ place }) => place.kind === ListenerKind.KIND_ENDPOINT)
    .map(({ place: { address, port, protocol }, value: { flags } }) => ({
      address,
      port,
      protocol: endpointProtocol(protocol),
      flags,
    }))
  return new Map(entries.map((entry) => [endpointName(entry), entry]))
}

function readSources(maps: Maps, places: Found): Map<number, Address> {
  const indices = places.filter(({ place }) => place.kind === ListenerKind.KIND_SOURCE).map(({ value }) => value.index)
  return new Map(indices.map((index) => [index, decodeAddress(maps.sources.read(index).address)]))
}

function readVips(maps: Maps): Map<string, VipEntry> {
  const { keys, values, count } = readHash(maps.descriptor('vips'), VipKey.size, Vip.size, maps.entries('vips'))
  const found = decodeAll(Vip, values, count)
  const entries = decodeAll(VipKey, keys, count).map((key, place) => {
    const vip = found[place] as Vip
    // Where packets go on from a block stands beside it.
    return { ...decodeVipKey(key), ...vip, ...(vip.block === 0 ? {} : maps.blocks.read(vip.block)) }
  })
  return new Map(entries.map((entry) => [`${entry.address}/${entry.prefix}`, entry]))
}

function readPorts(maps: Maps): Map<string, PortEntry> {
  const { keys, values, count } = readHash(maps.descriptor('ports'), PortKey.size, Listener.size, maps.entries('ports'))
  const found = decodeAll(Listener, values, count)
  const entries = decodeAll(PortKey, keys, count).map((key, place) => {
    const value = found[place] as Listener
    return { ...decodePortKey(key), ...decodePort(value) }
  })
  return new Map(entries.map((entry) => [portName(entry), entry]))
}

function readHops(maps: Maps): HopLists {
  const at = maps.settings.read(0).hops
  return { at, lists: { IPv4: decodeHops(maps.hops.read(at)), IPv6: decodeHops(maps.hops.read(at + 1)) } }
}

function readServers(maps: Maps): Map<number, ServerEntry> {
  const servers = new Map<number, ServerEntry>()
  for (const index of maps.servers.taken()) {
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
    const found = maps.interfaces.read(index)
    if (found.ifindex !== 0) interfaces.set(index, decodeInterface(index, found))
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
