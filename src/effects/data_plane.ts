// SPDX-License-Identifier: Apache-2.0
// The DataPlane port over pinned maps.
import { ConnectionFlag, type ConnectionState, Outcome } from '../abi/layout.js'
import type { Connection } from '../abi/native.js'
import type {
  ConnectionFilter,
  ConnectionItem,
  ConnectionPage,
  Counters,
  DataPlane,
  Indexed,
  SweepReport,
  Traffic,
} from '../director/ports.js'
import { addressBytes, addressOf } from '../model/network.js'
import { grace, sumOverCpus } from '../native/xlvs.js'
import type { Actual, MapWrite } from '../reconcile/actual.js'
import { readActual } from './adopt.js'
import { stateName } from './encoding.js'
import type { Maps } from './maps.js'
import { carryOut } from './writes.js'

const TRAFFIC_WORDS = 5
const OUTCOME_WORDS = 1
const LISTENERS_AND_SERVERS = 65_536

export function createDataPlane(maps: Maps): DataPlane {
  /** Services and servers that ever had something to count. */
  const highest = { service: 0, server: 0 }

  function adopt(): Actual {
    const actual = readActual(maps)
    highest.service = Math.max(0, ...actual.schedules.keys(), ...[...actual.listeners.values()].map(({ service }) => service))
    for (const index of actual.servers.keys()) highest.server = Math.max(highest.server, index)
    return actual
  }

  function write(writes: readonly MapWrite[]): void {
    for (const change of writes) {
      if (change.kind === 'turnOn') highest.service = Math.max(highest.service, change.service)
      if (change.kind === 'server') highest.server = Math.max(highest.server, change.entry.index)
    }
    carryOut(maps, writes)
  }

  return {
    adopt,
    write,
    grace,
    sweep: (retired) => sweep(maps, retired),
    connections: (filter, limit, cursor) => findConnections(maps, filter, limit, cursor),
    counters: () => ({
      outcomes: outcomes(maps),
      services: traffic(maps, 'service_traffic', highest.service),
      servers: traffic(maps, 'server_traffic', highest.server),
    }),
    load: (server) => {
      const word = maps.loads.word(server, 0)
      return { active: Number(word >> 32n), inactive: Number(word & 0xffff_ffffn) }
    },
  }
}

async function sweep(maps: Maps, retired: Parameters<DataPlane['sweep']>[0]): Promise<SweepReport> {
  const report = await maps.table.sweep(bitmap(retired.listeners), bitmap(retired.servers))
  const wide = {
    used: Number(report.wideUsed),
    slots: maps.wideSlots,
    established: Number(report.wideEstablished),
    probationary: Number(report.wideProbationary),
  }
  return {
    used: Number(report.used) - wide.used,
    slots: maps.slots,
    established: Number(report.established) - wide.established,
    probationary: Number(report.probationary) - wide.probationary,
    wide,
    expired: Number(report.expired),
    mended: Number(report.mended),
    milliseconds: Number(report.nanoseconds) / 1e6,
  }
}

/** Null when nothing is retired, so that the sweep needs to wait for nobody. */
function bitmap(indices: ReadonlySet<number>): Buffer | null {
  if (indices.size === 0) return null
  const bits = Buffer.alloc(LISTENERS_AND_SERVERS / 8)
  for (const index of indices) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))
  return bits
}

async function findConnections(maps: Maps, filter: ConnectionFilter, limit: number, cursor = 0): Promise<ConnectionPage> {
  const wanted = {
    client: filter.client === undefined ? [] : addressBytes(filter.client),
    listener: filter.listener ?? 0,
    server: filter.server ?? 0,
  }
  const { connections, now, next } = await maps.table.scan(wanted, BigInt(cursor), limit)
  const { timeouts } = maps.settings.read(0)
  const items = connections.map((connection) => itemOf(connection, now, timeouts))
  return next === undefined ? { items } : { items, nextCursor: Number(next) }
}

function itemOf(connection: Connection, now: number, timeouts: readonly number[]): ConnectionItem {
  const { client, vip, clientPort, servicePort, listener, server, second, state, flags } = connection
  return {
    listener,
    server,
    client: addressOf(client),
    clientPort,
    ...(vip.some((byte) => byte !== 0) ? { vip: addressOf(vip) } : {}),
    servicePort,
    state: stateName(state as ConnectionState),
    probationary: (flags & ConnectionFlag.FLAG_PROBATION) !== 0,
    expiresIn: Math.max(0, (timeouts[state] ?? 0) - ageOf(now, second)),
  }
}

/** As bpf/clock.h's age_of: seconds wrap at 16 bits, and the last minute of the range means now. */
function ageOf(now: number, second: number): number {
  const age = (now - second) & 0xffff
  return age > 0xffc0 ? 0 : age
}

/** By lower-case name; `outcomes` itself is how many there are. */
function outcomes(maps: Maps): Counters['outcomes'] {
  const sums = sumOverCpus(maps.descriptor('outcomes'), 0, Outcome.OUTCOMES, OUTCOME_WORDS)
  const counted = Object.entries(Outcome).filter(([, value]) => value < Outcome.OUTCOMES && value !== Outcome.CONTINUE)
  return new Map(counted.map(([name, value]) => [name.toLowerCase(), sums[value] ?? 0n]))
}

/** One word after another for each index from 1 on. */
function traffic(maps: Maps, map: 'service_traffic' | 'server_traffic', highest: number): Indexed<Traffic> {
  const sums = sumOverCpus(maps.descriptor(map), 1, highest, TRAFFIC_WORDS)
  return {
    get(index) {
      const [packets, ...rest] = sums.subarray((index - 1) * TRAFFIC_WORDS, index * TRAFFIC_WORDS)
      if (packets === undefined) return undefined
      const [bytes = 0n, connections = 0n, replyPackets = 0n, replyBytes = 0n] = rest
      return { packets, bytes, connections, replyPackets, replyBytes }
    },
  }
}
