// SPDX-License-Identifier: Apache-2.0
// Which interface a server is behind: direct routing needs one whose network contains it.
import type { Address } from '../model/desired.js'
import { contains } from '../model/network.js'
import type { Path } from './neighbour.js'

/** An address of an interface, and how many of its bits name the network. */
export interface InterfaceAddress {
  readonly address: Address
  readonly prefix: number
}

/** An attached interface that is up. */
export interface Link {
  readonly name: string
  readonly mac: string
  readonly addresses: readonly InterfaceAddress[]
}

/** `own`: every address of this machine. `vips` are not asked from: servers have them too, and do not answer themselves. */
export interface Surroundings {
  readonly links: readonly Link[]
  readonly own: ReadonlySet<Address>
  readonly vips: ReadonlySet<Address>
}

/** The way to a server, over the longest prefix that contains it; or why there is none. */
export function findPath(server: Address, { links, own, vips }: Surroundings): Path | string {
  if (own.has(server)) return `${server} is an address of this director itself`
  const ways = links.flatMap((link) =>
    link.addresses
      .filter(({ address, prefix }) => contains(address, prefix, server))
      .map(({ address, prefix }) => ({ prefix, path: { interface: link.name, source: address, mac: link.mac } })),
  )
  if (ways.length === 0) return `${server} is in the network of no attached interface that is up`
  const usable = ways.filter(({ path }) => !vips.has(path.source))
  if (usable.length === 0)
    return `${server} shares a network with VIPs of this director alone: give the interface an address of its own`
  return usable.reduce((best, way) => (way.prefix > best.prefix ? way : best)).path
}
