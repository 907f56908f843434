// SPDX-License-Identifier: Apache-2.0
// Carries a plan out: every write of the maps, in its order, runs of hash entries by one call.
import { encode, encodeAll, macBytes, viewOf } from '../abi/codec.js'
import { AbiLimit, Schedule as Head, Server, ServerRoute, Service, Start, VipKey } from '../abi/layout.js'
import { update } from '../native/libbpf.js'
import { NativeError } from '../native/library.js'
import { clearOnCpus, deleteFromHash, updateHash } from '../native/xlvs.js'
import type { InterfaceEntry, MapWrite, Schedule, ServerEntry } from '../reconcile/actual.js'
import { encodeListenerKey, encodeServer, encodeVipKey, strayNumber } from './encoding.js'
import type { Maps } from './maps.js'

type Kind = MapWrite['kind']
type Of<K extends Kind> = Extract<MapWrite, { kind: K }>

/** The u64s of struct traffic. */
const TRAFFIC_WORDS = 3

/** For each kind, what carries out a run of neighbours of that kind. */
const actions: { readonly [K in Kind]: (maps: Maps, run: readonly Of<K>[]) => void } = {
  timeouts: (maps, run) => each(run, ({ seconds }) => writeTimeouts(maps, seconds)),
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
  listener: (maps, run) => each(run, ({ entry }) => maps.listeners.set(encodeListenerKey(entry), entry)),
  removeListener: (maps, run) => each(run, ({ entry }) => maps.listeners.remove(encodeListenerKey(entry))),
  vip: (maps, run) => {
    const values = Buffer.from(new Uint32Array(run.length).fill(1).buffer)
    updateHash(maps.descriptor('vips'), vipKeys(run), values, run.length)
  },
  removeVip: (maps, run) => deleteFromHash(maps.descriptor('vips'), vipKeys(run), run.length),
}

function vipKeys(run: readonly (Of<'vip'> | Of<'removeVip'>)[]): Buffer {
  return encodeAll(
    VipKey,
    run.map(({ protocol, address }) => encodeVipKey(protocol, address)),
  )
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
  maps.settings.write(0, { timeouts: seconds })
}

/** Where redirected packets leave comes first, so that no server leads to an interface without an exit. */
function writeInterface(maps: Maps, { index, ifindex, mac }: InterfaceEntry): void {
  setEgress(maps, index, ifindex)
  maps.interfaces.write(index, { ifindex, mac: macBytes(mac) })
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
  maps.interfaces.write(index, { ifindex: 0, mac: [] })
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
  if (before.service !== server.service || before.address !== server.address || before.port !== server.port)
    servers.write(entry.index, { ...server, route: before.route })
  servers.publish64(entry.index, Server.at.routeWord, viewOf(encode(ServerRoute, server.route)).getBigUint64(0, true))
}

/** Their counters start from nothing for whoever gets the indices next. */
function freeServers({ servers, descriptor }: Maps, indices: readonly number[]): void {
  for (const index of indices) servers.clear(index)
  clearOnCpus(descriptor('server_traffic'), indices, TRAFFIC_WORDS)
}
