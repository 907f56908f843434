// SPDX-License-Identifier: Apache-2.0
// What is forwarded how: every way to forward with every family, protocol, place of the servers and kind of packet. The tests of
// the matrix hold each cell to what this says of it, and the README's table (`make matrix`) is made from it.
import type { Family } from '../../src/model/address.js'
import { type Combination, refusal } from '../../src/model/compatibility.js'
import type { Forwarding, Protocol } from '../../src/model/desired.js'
import type { Stand } from '../../vagrant/variants.js'

export const kinds = ['plain', 'one VLAN tag', 'two VLAN tags', 'fragments', 'ICMP errors'] as const
export type Kind = (typeof kinds)[number]

/** A service's way: from a VIP of one family to servers of the same or, in tunnels, another. */
export interface Way {
  readonly forwarding: Forwarding
  readonly vip: Family
  readonly server: Family
}

export interface Cell extends Way {
  readonly protocol: Protocol
  readonly stand: Stand
  readonly kind: Kind
}

const families: readonly Family[] = ['IPv4', 'IPv6']
const protocols: readonly Protocol[] = ['tcp', 'udp', 'sctp']
const stands: readonly Stand[] = ['one-arm', 'two-arm', 'remote']
const forwardings: readonly Forwarding[] = ['dr', 'nat', 'fullnat', 'tun']

export const ways: readonly Way[] = forwardings.flatMap((forwarding) =>
  families.flatMap((vip) => families.map((server) => ({ forwarding, vip, server }))),
)

export const cells: readonly Cell[] = ways.flatMap((way) =>
  protocols.flatMap((protocol) => stands.flatMap((stand) => kinds.map((kind) => ({ ...way, protocol, stand, kind })))),
)

/** Why there is nothing to pass. Refused: a configuration that asks for it gets this for an answer. */
export interface Hole {
  readonly refused: boolean
  readonly reason: string
}

/** Undefined: it passes. */
export function holeAt({ kind, ...cell }: Cell): Hole | undefined {
  const why = refusal(asCombination(cell))
  if (why) return { refused: true, reason: why.reason }
  if (cell.stand === 'remote' && !reachesBeyondRouters(cell)) return { refused: false, reason: nearby[cell.forwarding] ?? '' }
  if (kind === 'fragments' && cell.protocol !== 'udp' && cell.vip === 'IPv6')
    return { refused: false, reason: "IPv6's routers make no fragments, and TCP makes segments that fit: it is never in any" }
  return undefined
}

export function asCombination({ forwarding, vip, server, protocol }: Way & { readonly protocol: Protocol }): Combination {
  return { forwarding, vip, server, protocol, network: false, remapped: false }
}

function reachesBeyondRouters({ forwarding }: Way): boolean {
  return nearby[forwarding] === undefined
}

const nearby: Readonly<Partial<Record<Forwarding, string>>> = {
  dr: 'direct routing changes MAC addresses alone: its servers are on a network of the director',
  nat: 'NAT needs to see the replies: the director is the gateway of its servers',
}
