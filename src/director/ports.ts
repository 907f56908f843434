// SPDX-License-Identifier: Apache-2.0
// What the director asks of the world, passed in as values: effects/ implements these, tests pass arrays that record.
import type { Address, Service } from '../model/desired.js'
import type { Attached, Egress, Hops, Resolved } from '../model/facts.js'
import type { Actual, MapWrite } from '../reconcile/actual.js'

export interface Traffic {
  /** From clients. */
  readonly packets: bigint
  readonly bytes: bigint
  readonly connections: bigint
  /** From servers, where these answer through the director. */
  readonly replyPackets: bigint
  readonly replyBytes: bigint
}

/** Values by index, none of them made before it is asked for. */
export type Indexed<T> = Pick<ReadonlyMap<number, T>, 'get'>

/** Counters since the maps were made, summed over CPUs; server and service by index. */
export interface Counters {
  readonly outcomes: ReadonlyMap<string, bigint>
  readonly services: Indexed<Traffic>
  readonly servers: Indexed<Traffic>
}

/** Connections by server index, as the program counts them live. */
export interface Load {
  readonly active: number
  readonly inactive: number
}

export interface TableFill {
  /** Slots in use, and how many there are. */
  readonly used: number
  readonly slots: number
  readonly established: number
  readonly probationary: number
}

/** Of the table of IPv4's connections, and `wide`, of the one for IPv6, networks and full NAT. */
export interface SweepReport extends TableFill {
  readonly wide: TableFill
  /** Entries that this sweep took away, because their time was over or because they named a retired index. */
  readonly expired: number
  /** Server counters that two quiet sweeps agreed to mend. */
  readonly mended: number
  readonly milliseconds: number
}

export interface ConnectionFilter {
  readonly listener?: number
  readonly server?: number
  readonly client?: Address
}

export interface ConnectionItem {
  readonly listener: number
  readonly server: number
  readonly client: Address
  readonly clientPort: number
  /** The VIP, where the listener has several. */
  readonly vip?: Address
  readonly servicePort: number
  /** IPVS's name: ESTABLISHED, SYN_RECV, FIN_WAIT, …, UDP. */
  readonly state: string
  readonly probationary: boolean
  /** Seconds. */
  readonly expiresIn: number
}

export interface ConnectionPage {
  readonly items: readonly ConnectionItem[]
  /** Where the next page starts; absent at the end. */
  readonly nextCursor?: number
}

/** The pinned maps and programs. */
export interface DataPlane {
  /** What the pinned maps hold: read once at the start. */
  adopt(): Actual
  write(writes: readonly MapWrite[]): void
  /** Resolves once every packet that could have seen what was written before is done (an RCU grace period, ~8 ms). */
  grace(): Promise<void>
  /** Off the event loop's thread. `retired` entries go. */
  sweep(retired: { listeners: ReadonlySet<number>; servers: ReadonlySet<number> }): Promise<SweepReport>
  /** Off the event loop's thread; scans from `cursor`, returns at most `limit` items. */
  connections(filter: ConnectionFilter, limit: number, cursor?: number): Promise<ConnectionPage>
  counters(): Counters
  load(server: number): Load
}

/** Finds real servers' MAC addresses and keeps them fresh. */
export interface Neighbours {
  /** The addresses to keep resolved from now on; others are forgotten. Those of `routed` may be behind a router. */
  watch(addresses: readonly Address[], routed?: ReadonlySet<Address>): void
  current(): ReadonlyMap<Address, Resolved>
  /** Where clients of each network are replied to. */
  hops(): Hops
  /** Of attached interfaces that are up, by name. */
  egress(): ReadonlyMap<string, Egress>
  /** Every address of this machine; the same object as long as they stay the same. */
  own(): ReadonlySet<Address>
}

export interface Interfaces {
  attached(): readonly Attached[]
  /** Which of these VIPs are on no interface of this machine. */
  absent(vips: readonly Address[]): readonly Address[]
  /** With `vips: assign`: adds and announces these (gratuitous ARP), removes those that it once added and that are no longer here. */
  assign(vips: readonly Address[]): Promise<void>
}

/** Accepted changes, on disk before they are in force. */
export interface Journal {
  /** Resolves when the entry is on the disk (fsync, grouped). */
  append(entry: JournalEntry): Promise<void>
}

/** The whole list of services after one accepted change, or the file's digest at a start. */
export interface JournalEntry {
  readonly time: string
  readonly origin: 'file' | 'api'
  /** Of the configuration file that this state was based on. */
  readonly fileDigest: string
  readonly summary: string
  readonly services: readonly Service[]
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Monotonic milliseconds. */
  monotonic(): number
}
