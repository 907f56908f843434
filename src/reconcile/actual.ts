// SPDX-License-Identifier: Apache-2.0
// What the pinned maps hold, and the writes that change them: data alone. effects/ carries them out.
import type { Address, Protocol, StrayPolicy } from '../model/desired.js'
import type { Listener } from '../model/listener.js'

/** A listener as pinned: `index` is what connection slots name. */
export interface ListenerEntry extends Listener {
  readonly index: number
  /** What its service's listeners share. */
  readonly service: number
}

/** A server as pinned. `service` 0 is a free index. */
export interface ServerEntry {
  readonly index: number
  readonly address: Address
  readonly port: number
  readonly service: number
  /** Absent: unresolved. `interface` is the index in the interfaces map. */
  readonly route?: { readonly mac: string; readonly interface: number }
  readonly eligible: boolean
  readonly removed: boolean
}

/** A schedule as laid out in the rings map: one head line, the ring's lines, the flow-hash ring's lines. */
export interface Schedule {
  /** First line in rings; never 0. */
  readonly line: number
  /** Server indices in turn; may be empty. */
  readonly ring: Uint16Array
  /** Server indices by flow hash; empty only when the ring is. */
  readonly hashRing: Uint16Array
  readonly lookahead: number
  readonly stray: StrayPolicy
}

export interface InterfaceEntry {
  readonly index: number
  readonly ifindex: number
  readonly mac: string
}

/** Everything the maps hold that the reconciler decides about. A pure mirror: adopted once, then kept by each plan. */
export interface Actual {
  /** By `listenerName`. */
  readonly listeners: ReadonlyMap<string, ListenerEntry>
  readonly servers: ReadonlyMap<number, ServerEntry>
  /** The schedule that each service index has on. */
  readonly schedules: ReadonlyMap<number, Schedule>
  /** `tcp 203.0.113.10` */
  readonly vips: ReadonlySet<string>
  readonly interfaces: ReadonlyMap<number, InterfaceEntry>
  /** Listener and server indices that slots may still name; free again once a whole sweep that began after found none. */
  readonly retired: { readonly listeners: ReadonlySet<number>; readonly servers: ReadonlySet<number> }
  /** Ring lines that packets may still be reading, as [line, lines]; free again after a grace period. */
  readonly resting: readonly (readonly [line: number, lines: number])[]
  /** Timeouts in seconds by connection state number, as in settings.timeouts. */
  readonly timeouts: readonly number[]
}

/** Before anything was adopted. */
export const blank: Actual = {
  listeners: new Map(),
  servers: new Map(),
  schedules: new Map(),
  vips: new Set(),
  interfaces: new Map(),
  retired: { listeners: new Set(), servers: new Set() },
  resting: [],
  timeouts: [],
}

/** One change of the maps. Carried out in the order given; any prefix of a plan leaves maps that forward correctly. */
export type MapWrite =
  | { readonly kind: 'timeouts'; readonly seconds: readonly number[] }
  | { readonly kind: 'interface'; readonly entry: InterfaceEntry }
  | { readonly kind: 'removeInterface'; readonly index: number }
  | { readonly kind: 'layOut'; readonly schedule: Schedule }
  /** Identity first, the route word last, by one 64-bit store. */
  | { readonly kind: 'server'; readonly entry: ServerEntry }
  /** All zero again. */
  | { readonly kind: 'freeServer'; readonly index: number }
  /** One 32-bit store: turns a schedule on; 0 turns the service off. */
  | { readonly kind: 'turnOn'; readonly service: number; readonly line: number }
  | { readonly kind: 'listener'; readonly entry: ListenerEntry }
  | { readonly kind: 'removeListener'; readonly entry: ListenerEntry }
  | { readonly kind: 'vip'; readonly protocol: Protocol; readonly address: Address }
  | { readonly kind: 'removeVip'; readonly protocol: Protocol; readonly address: Address }
