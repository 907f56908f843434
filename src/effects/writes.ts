// SPDX-License-Identifier: Apache-2.0
// Carries a plan out: every write of the maps, in its order, runs of hash entries by one call.
import { encode, encodeAll, viewOf } from '../abi/codec.js'
import {
  AbiLimit,
  Schedule as Head,
  Interface,
  Listener,
  ListenerKind,
  PortKey,
  Server,
  ServerRoute,
  Service,
  Settings,
  Start,
  Vip,
  VipKey,
} from '../abi/layout.js'
import type { Address } from '../model/desired.js'
import { update } from '../native/libbpf.js'
import { NativeError } from '../native/library.js'
import { clearOnCpus, deleteFromHash, updateHash } from '../native/xlvs.js'
import type {
  EndpointEntry,
  HopLists,
  InterfaceEntry,
  ListenerEntry,
  MapWrite,
  PortEntry,
  Schedule,
  ServerEntry,
  VipEntry,
} from '../reconcile/actual.js'
import { isBlock } from '../reconcile/vips.js'
import {
  encodeAddress,
  encodeHops,
  encodeInterface,
  encodeListener,
  encodePlace,
  encodePort,
  encodePortKey,
  encodeServer,
  encodeVipKey,
  protocolNumber,
  strayNumber,
} from './encoding.js'
import type { Place } from './listeners.js'
import type { Maps } from './maps.js'

type Kind = MapWrite['kind']
type Of<K extends Kind> = Extract<MapWrite, { kind: K }>

/** The u64s of struct traffic. */
const TRAFFIC_WORDS = 5

/** For each kind, what carries out a run of neighbours of that kind. */
const actions: { readonly [K in Kind]: (maps: Maps, run: readonly Of<K>[]) => void } = {
  timeouts: (maps, run) => each(run, ({ seconds }) => writeTimeouts(maps, seconds)),
  hops: (maps, run) => each(run, ({ hops }) => turnOnHops(maps, hops)),
  source: (maps, run) => each(run, ({ index, address }) => writeSource(maps, index, address)),
  endpoint: (maps, run) => each(run, ({ entry }) => maps.listeners.set(endpointPlace(entry), endpointValue(entry))),
  removeEndpoint: (maps, run) => each(run, ({ entry }) => maps.listeners.remove(endpointPlace(entry))),
  block: (maps, run) => each(run, ({ block, parent }) => maps.blocks.write(block, { parent })),
  blocks: (maps, run) => each(run, ({ count }) => maps.settings.publish32(0, Settings.at.blocks, count)),
  interface: (maps, run) => each(run, ({ entry }) => writeInterface(maps, entry)),
  removeInterface: (maps, run) => each(run, ({ index }) => removeInterface(maps, index)),
  layOut: (maps, run) => each(run, ({ schedule }) => layOut(maps, schedule)),
  server: (maps, run) => each(run, ({ entry }) => writeServer(maps, entry)),
  freeServer: (maps, run) =>
    freeServers(
      maps,
      run.map(({ index }) => index),
    ),
  turnOn: (maps, run) => each(run, ({ service, line }) => turnOn(maps, service, line)),
  listener: (maps, run) => each(run, ({ entry }) => writeListener(maps, entry)),
  removeListener: (maps, run) => each(run, ({ entry }) => removeListener(maps, entry)),
  vip: (maps, run) => writeVips(maps, entriesOf(run)),
  removeVip: (maps, run) => deleteFromHash(maps.descriptor('vips'), vipKeys(entriesOf(run)), run.length),
  port: (maps, run) => writePorts(maps, entriesOf(run)),
  removePort: (maps, run) => deleteFromHash(maps.descriptor('ports'), portKeys(entriesOf(run)), run.length),
}

function entriesOf<T>(run: readonly { readonly entry: T }[]): T[] {
  return run.map(({ entry }) => entry)
}

function vipKeys(entries: readonly VipEntry[]): Buffer {
  return encodeAll(VipKey, entries.map(encodeVipKey))
}

function portKeys(entries: readonly PortEntry[]): Buffer {
  return encodeAll(PortKey, entries.map(encodePortKey))
}

function writeVips(maps: Maps, entries: readonly VipEntry[]): void {
  updateHash(maps.descriptor('vips'), vipKeys(entries), encodeAll(Vip, entries), entries.length)
}

function writePorts(maps: Maps, entries: readonly PortEntry[]): void {
  updateHash(maps.descriptor('ports'), portKeys(entries), encodeAll(Listener, entries.map(encodePort)), entries.length)
}

/** What it is first, so that its replies have an address; one of a block is found by its ports, which come next. */
function writeListener(maps: Maps, entry: ListenerEntry): void {
  maps.places.write(entry.index, encodePlace(entry))
  if (!isBlock(entry)) maps.listeners.set(listenerPlace(entry), encodeListener(entry))
}

/** What it was stays readable for replies on their way. */
function removeListener(maps: Maps, entry: ListenerEntry): void {
  if (!isBlock(entry)) maps.listeners.remove(listenerPlace(entry))
}

function listenerPlace({ address, firstPort, protocol }: ListenerEntry): Place {
  return { kind: ListenerKind.KIND_LISTENER, address, port: firstPort, protocol: protocolNumber(protocol) }
}

function endpointPlace({ address, port, protocol }: EndpointEntry): Place {
  return { kind: ListenerKind.KIND_ENDPOINT, address, port, protocol: protocolNumber(protocol) }
}

/** Index 1: a value that is not zero is found, whatever its flags. */
function endpointValue({ flags }: EndpointEntry): Listener {
  return { index: 1, service: 0, flags }
}

/** Ports of the sources that are used: below those that Linux gives to its own connections. */
const FIRST_SOURCE_PORT = 1024
const SOURCE_PORTS = 32_768 - FIRST_SOURCE_PORT

function writeSource(maps: Maps, index: number, address: Address): void {
  maps.settings.publish32(0, Settings.at.firstPort, FIRST_SOURCE_PORT | (SOURCE_PORTS << 16))
  maps.sources.write(index, { address: encodeAddress(address) })
  maps.listeners.set({ kind: ListenerKind.KIND_SOURCE, address, port: 0, protocol: 0 }, { index, service: 0, flags: 0 })
}

function turnOnHops(maps: Maps, { at, lists }: HopLists): void {
  maps.hops.write(at, encodeHops(lists.IPv4))
  maps.hops.write(at + 1, encodeHops(lists.IPv6))
  maps.settings.publish32(0, Settings.at.hops, at)
}

function each<T>(run: readonly T[], act: (write: T) => void): void {
  run.forEach(act)
}

/** Carries `writes` out in their order. */
export function carryOut(maps: Maps, writes: readonly MapWrite[]): void {
  for (const run of runsOf(writes)) {
    const act = actions[run.kind] as (maps: Maps, run: readonly MapWrite[]) => void
    act(maps, run.writes)
  }
}

/** Neighbours of one kind, together. */
function runsOf(writes: readonly MapWrite[]): { kind: Kind; writes: MapWrite[] }[] {
  const runs: { kind: Kind; writes: MapWrite[] }[] = []
  for (const write of writes) {
    const last = runs.at(-1)
    if (last?.kind === write.kind) last.writes.push(write)
    else runs.push({ kind: write.kind, writes: [write] })
  }
  return runs
}

function writeTimeouts(maps: Maps, seconds: readonly number[]): void {
  maps.settings.write(0, { ...maps.settings.read(0), timeouts: seconds })
}

/** Where redirected packets leave comes first, so that no server leads to an interface without an exit. */
function writeInterface(maps: Maps, entry: InterfaceEntry): void {
  setEgress(maps, entry.index, entry.ifindex)
  maps.interfaces.write(entry.index, encodeInterface(entry))
}

/** An interface that went away since it was listed has no exit: its packets are counted as such until the next plan. */
function setEgress(maps: Maps, index: number, ifindex: number): void {
  try {
    update(maps.descriptor('egress'), word(index), word(ifindex))
  } catch (error) {
    if (!(error instanceof NativeError) || error.code !== 'EINVAL') throw error
  }
}

function removeInterface(maps: Maps, index: number): void {
  maps.interfaces.write(index, Interface.zero)
  deleteFromHash(maps.descriptor('egress'), word(index), 1)
}

function word(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes
}

/** Writes a schedule where no packet reads yet. */
function layOut({ rings }: Maps, { line, ring, hashRing, lookahead, stray }: Schedule): void {
  const hashLine = 1 + Math.ceil(ring.length / AbiLimit.SERVERS_PER_LINE)
  rings.shorts(line + 1, ring.length).set(ring)
  rings.shorts(line + hashLine, hashRing.length).set(hashRing)
  rings.writeAs(Head, line, {
    turn: 0n,
    slots: ring.length,
    hashLine,
    hashSlots: hashRing.length,
    lookahead,
    start: Start.START_COUNTER,
    stray: strayNumber(stray),
  })
}

/** A service that is turned off leaves nothing behind for whoever gets the index next. */
function turnOn(maps: Maps, service: number, line: number): void {
  maps.services.publish32(service, Service.at.schedule, line)
  if (line !== 0) return
  maps.services.publish32(service, Service.at.overflowed, 0)
  clearOnCpus(maps.descriptor('service_traffic'), [service], TRAFFIC_WORDS)
}

/** Who it is first, where it is last: until then nothing leads to it. */
function writeServer({ servers }: Maps, entry: ServerEntry): void {
  const server = encodeServer(entry)
  const before = servers.read(entry.index)
  if (!encode(Server, { ...before, route: server.route }).equals(encode(Server, server)))
    servers.write(entry.index, { ...server, route: before.route })
  servers.publish64(entry.index, Server.at.routeWord, viewOf(encode(ServerRoute, server.route)).getBigUint64(0, true))
}

/** Their counters start from nothing for whoever gets the indices next. */
function freeServers({ servers, descriptor }: Maps, indices: readonly number[]): void {
  for (const index of indices) servers.clear(index)
  clearOnCpus(descriptor('server_traffic'), indices, TRAFFIC_WORDS)
}
