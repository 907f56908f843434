// SPDX-License-Identifier: Apache-2.0
// What is true now beside the desired state: runtime facts, never journalled.
import type { Family } from './address.js'
import type { Address } from './desired.js'

/** Where a real server is sent to: found by ARP or neighbour discovery on one of the interfaces. */
export interface Resolved {
  /** `02:00:00:00:00:11`: the server's own, or its router's. */
  readonly mac: string
  /** The interface's name. */
  readonly interface: string
  /** The router that the server is behind; absent when it is on the link, as direct routing needs it. */
  readonly gateway?: Address
  /** The director's own address towards it, of its family: what tunnels and full NAT can send from. */
  readonly source?: Address
}

/** Where clients of a network are replied to. */
export interface Hop {
  readonly network: Address
  readonly prefix: number
  /** The router's address, or that the kernel knows (a FIB lookup): the clients are on a link, or none are to be reached. */
  readonly via: Address | 'link'
  /** The interface's name. */
  readonly interface: string
  /** The router's, once it has answered. */
  readonly mac?: string
}

/** What an attached interface is to packets that the director makes itself: tunnels' outer headers, ICMP errors. */
export interface Egress {
  readonly mtu: number
  /** No VIPs, and none that means something on one link alone. */
  readonly sources: Readonly<Partial<Record<Family, Address>>>
}

/** The first hop that contains a client's address counts; undefined: the kernel is asked for every client. */
export type Hops = Readonly<Record<Family, readonly Hop[] | undefined>>

/** An interface that carries the XDP program. */
export interface Attached {
  readonly name: string
  readonly ifindex: number
  readonly mac: string
  readonly mode: 'native' | 'generic'
  /** Why not native, where it was wanted. */
  readonly reason?: string
}

export interface Facts {
  /** Resolved servers by address; one that is absent is unresolved. */
  readonly neighbours: ReadonlyMap<Address, Resolved>
  readonly interfaces: readonly Attached[]
  readonly hops: Hops
  /** Of attached interfaces that are up, by name. */
  readonly egress: ReadonlyMap<string, Egress>
  /** Every address of this machine: a server that has one of them is the director itself. */
  readonly own: ReadonlySet<Address>
}

/** Before anything was looked at: the kernel is asked for every client. */
export const unknownFacts: Facts = {
  neighbours: new Map(),
  interfaces: [],
  hops: { IPv4: undefined, IPv6: undefined },
  egress: new Map(),
  own: new Set(),
}
