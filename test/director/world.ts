// SPDX-License-Identifier: Apache-2.0
// A world that records: maps as plain data, a clock that is set, neighbours that are told.

import type {
  ConnectionFilter,
  ConnectionPage,
  Counters,
  JournalEntry,
  Load,
  SweepReport,
  Traffic,
} from '../../src/director/ports.js'
import type { World } from '../../src/director/world.js'
import type { Address, Service } from '../../src/model/desired.js'
import { type Attached, type Hops, type Resolved, unknownFacts } from '../../src/model/facts.js'
import type { Recorded } from '../../src/model/history.js'
import type { MapWrite } from '../../src/reconcile/actual.js'
import { desired } from '../model/example.js'
import { type FakeMaps, fakeMaps } from '../reconcile/maps.js'

export const report: SweepReport = {
  used: 3,
  slots: 2048,
  established: 2,
  probationary: 1,
  wide: { used: 1, slots: 1024, established: 1, probationary: 0 },
  expired: 0,
  mended: 0,
  milliseconds: 1,
}

export interface FakeWorld extends World {
  readonly maps: FakeMaps
  /** Every batch that reached the maps. */
  readonly written: MapWrite[][]
  readonly journalled: JournalEntry[]
  readonly lines: { level: string; fields: Record<string, unknown>; message: string }[]
  readonly watched: Address[][]
  readonly assigned: Address[][]
  readonly swept: { listeners: number[]; servers: number[] }[]
  readonly scans: [ConnectionFilter, number, number | undefined][]
  readonly traffic: Record<'services' | 'servers', Map<number, Traffic>> & { outcomes: Map<string, bigint> }
  readonly loads: Map<number, Load>
  readonly attached: Attached[]
  /** Where servers answer; `host` is the last number of 10.0.0.x. */
  answer(...hosts: number[]): void
  silence(...hosts: number[]): void
  pass(milliseconds: number): void
  /** To be set by a test. */
  knobs: {
    absent: Address[]
    hops: Hops
    own: ReadonlySet<Address>
    pages: ConnectionPage[]
    sweep: SweepReport | Error
    disk: Promise<void> | undefined
    full: Error | undefined
    broken: Error | undefined
    grace: Promise<void>
    assign: Error | undefined
  }
}

export function fakeWorld(services: Service[], recorded?: Recorded, maps = fakeMaps(), digest = 'one'): FakeWorld {
  const found = new Map<Address, Resolved>()
  let now = 1000
  const log = (level: string) => (fields: object, message: string) => {
    world.lines.push({ level, fields: { ...fields }, message })
  }
  const world: FakeWorld = {
    version: '0.1.0',
    file: { desired: desired(...services), digest },
    recorded,
    maps,
    written: [],
    journalled: [],
    lines: [],
    watched: [],
    assigned: [],
    swept: [],
    scans: [],
    traffic: { services: new Map(), servers: new Map(), outcomes: new Map() },
    loads: new Map(),
    attached: [{ name: 'eth0', ifindex: 3, mac: '02:00:00:00:00:03', mode: 'native' }],
    answer(...hosts) {
      for (const host of hosts) found.set(`10.0.0.${host}` as Address, { mac: `02:00:00:00:00:${host}`, interface: 'eth0' })
    },
    silence(...hosts) {
      for (const host of hosts) found.delete(`10.0.0.${host}` as Address)
    },
    pass(milliseconds) {
      now += milliseconds
    },
    knobs: {
      absent: [],
      hops: unknownFacts.hops,
      own: unknownFacts.own,
      pages: [],
      sweep: report,
      disk: undefined,
      full: undefined,
      broken: undefined,
      grace: Promise.resolve(),
      assign: undefined,
    },
    dataPlane: {
      adopt: () => maps.adopt(),
      write(writes) {
        if (world.knobs.broken) throw world.knobs.broken
        world.written.push([...writes])
        maps.write(writes)
      },
      grace: () => world.knobs.grace,
      async sweep(retired) {
        world.swept.push({ listeners: [...retired.listeners], servers: [...retired.servers] })
        if (world.knobs.sweep instanceof Error) throw world.knobs.sweep
        return world.knobs.sweep
      },
      async connections(filter, limit, cursor) {
        world.scans.push([filter, limit, cursor])
        return world.knobs.pages.shift() ?? { items: [] }
      },
      counters: (): Counters => ({
        outcomes: new Map(world.traffic.outcomes),
        services: new Map(world.traffic.services),
        servers: new Map(world.traffic.servers),
      }),
      load: (server) => world.loads.get(server) ?? { active: 0, inactive: 0 },
    },
    neighbours: {
      watch: (addresses) => void world.watched.push([...addresses]),
      current: () => found,
      hops: () => world.knobs.hops,
      egress: () => unknownFacts.egress,
      own: () => world.knobs.own,
    },
    interfaces: {
      attached: () => world.attached,
      absent: (vips) => vips.filter((vip) => world.knobs.absent.includes(vip)),
      async assign(vips) {
        if (world.knobs.assign) throw world.knobs.assign
        world.assigned.push([...vips])
      },
    },
    journal: {
      async append(entry) {
        await world.knobs.disk
        if (world.knobs.full) throw world.knobs.full
        world.journalled.push(entry)
      },
    },
    clock: { now: () => 1_700_000_000_000 + now, monotonic: () => now },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
  }
  return world
}

/** `info applied web 10.0.0.11:80` */
export function logged(world: FakeWorld): string[] {
  return world.lines.map(({ level, fields, message }) =>
    [level, message, fields.service, fields.server, fields.error, fields.vip, fields.undone]
      .filter((word) => word !== undefined)
      .join(' '),
  )
}

/** Everything that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}
