// SPDX-License-Identifier: Apache-2.0
// What the pinned maps hold, and the writes that change them: data alone. effects/ carries them out.
import type { Family } from '../model/address.js'
import type { Address, Forwarding, Protocol, StrayPolicy } from '../model/desired.js'
import type { Listener, Network } from '../model/listener.js'

/** A listener as pinned: `index` is what connection slots name. */
export interface ListenerEntry extends Listener {
  readonly index: number
  /** What its service's listeners share. */
  readonly service: number
  /** Its flows are in the table of wide slots. Once that, it stays so: flows are not looked for where they are not. */
  readonly wide: boolean
}

/** Where frames to a server or a router go; `interface` is the index in the interfaces map. */
export interface Route {
  readonly mac: string
  readonly interface: number
}

/** A server as pinned. `service` 0 is a free index. */
export interface ServerEntry {
  readonly index: number
  readonly address: Address
  readonly port: number
  readonly service: number
  /** Its service's; absent where that listens for several. */
  readonly protocol?: Protocol
  readonly forwarding: Forwarding
  /** It is this director itself, which packets are delivered to as they are: by direct routing alone. */
  readonly local: boolean
  /** Full NAT: the indices of the sources that serve it, one after another. */
  readonly sources: Sources
  /** Absent: unresolved. */
  readonly route?: Route
  readonly eligible: boolean
  readonly removed: boolean
}

export interface Sources {
  readonly first: number
  readonly count: number
}

export type EndpointProtocol = Protocol | 'ipip'

/** Where replies come from: a server that answers through the director. A tunnel's end is known by port 0 and `ipip`. */
export interface EndpointEntry {
  readonly address: Address
  readonly port: number
  readonly protocol: EndpointProtocol
  /** ENDPOINT_… of bpf/abi.h. */
  readonly flags: number
}

/** A VIP, or a network of them. */
export interface VipEntry extends Network {
  /** Its number among those that have listeners of several addresses or ports; 0: it has none. */
  readonly block: number
  /** The block of the next shorter prefix around it; 0: none. */
  readonly parent: number
  /** VIP_… of bpf/abi.h: what it, or a network around it, has listeners for. */
  readonly protocols: number
}

/** A run of a block's ports that share their first bits, and whose they are. */
export interface PortEntry {
  readonly block: number
  readonly protocol: Protocol
  readonly port: number
  readonly bits: number
  readonly listener: number
  readonly service: number
  /** As of the listener. */
  readonly wide: boolean
}

/** Clients of a network, and the route to them; without one the kernel is asked. */
export interface HopEntry extends Network {
  readonly route?: Route
}

/** `at` is where the pair that is turned on begins: 0 or 2. */
export interface HopLists {
  readonly at: number
  readonly lists: Readonly<Record<Family, readonly HopEntry[]>>
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
  /** 0: not known. */
  readonly mtu: number
  /** The director's own there, that tunnels and ICMP errors are sent from. */
  readonly addresses: Readonly<Partial<Record<Family, Address>>>
}

/** Everything the maps hold that the reconciler decides about. A pure mirror: adopted once, then kept by each plan. */
export interface Actual {
  /** By `listenerName`. */
  readonly listeners: ReadonlyMap<string, ListenerEntry>
  readonly servers: ReadonlyMap<number, ServerEntry>
  /** The schedule that each service index has on. */
  readonly schedules: ReadonlyMap<number, Schedule>
  /** By `203.0.113.10/32`. */
  readonly vips: ReadonlyMap<string, VipEntry>
  /** By `7 tcp 8000/58`: block, protocol, first port and how many bits of it count. */
  readonly ports: ReadonlyMap<string, PortEntry>
  /** How many blocks packets are told of. */
  readonly blocks: number
  /** By `tcp 10.0.0.11:80`. */
  readonly endpoints: ReadonlyMap<string, EndpointEntry>
  /** By index. Those that are no longer wanted stay: slots may name them. */
  readonly sources: ReadonlyMap<number, Address>
  readonly hops: HopLists
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
  vips: new Map(),
  ports: new Map(),
  blocks: 0,
  endpoints: new Map(),
  sources: new Map(),
  hops: { at: 0, lists: { IPv4: [], IPv6: [] } },
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
  | { readonly kind: 'vip'; readonly entry: VipEntry }
  | { readonly kind: 'removeVip'; readonly entry: VipEntry }
  | { readonly kind: 'port'; readonly entry: PortEntry }
  | { readonly kind: 'removePort'; readonly entry: PortEntry }
  /** Where packets go on that have not found their port in a block. */
  | { readonly kind: 'block'; readonly block: number; readonly parent: number }
  /** How many blocks there are: without any, packets do not look for them. */
  | { readonly kind: 'blocks'; readonly count: number }
  | { readonly kind: 'endpoint'; readonly entry: EndpointEntry }
  | { readonly kind: 'removeEndpoint'; readonly entry: EndpointEntry }
  | { readonly kind: 'source'; readonly index: number; readonly address: Address }
  /** Written beside the pair that is on, then turned on by one store. */
  | { readonly kind: 'hops'; readonly hops: HopLists }
