// SPDX-License-Identifier: Apache-2.0
// How a server is reached: over which interface, by which router if any, and from which of our addresses.
import { type Family, familyOf, isIPv6, unusable } from '../model/address.js'
import type { Address } from '../model/desired.js'
import { contains, isLinkLocal } from '../model/network.js'
import type { Path } from './neighbour.js'
import { type Lookup, lookupOf, type Route, type Routes } from './routes.js'

/** An address of an interface, and how many of its bits name the network. */
export interface InterfaceAddress {
  readonly address: Address
  readonly prefix: number
  /** Not to be chosen as a source (RFC 4862, section 5.5.4). */
  readonly deprecated?: boolean
}

/** An attached interface that is up. */
export interface Link {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  readonly addresses: readonly InterfaceAddress[]
}

/** `own`: every address of this machine. `vips` are not asked from: servers have them too, and do not answer themselves. */
export interface Surroundings {
  readonly links: readonly Link[]
  readonly routes: Readonly<Record<Family, Routes>>
  readonly own: ReadonlySet<Address>
  readonly vips: ReadonlySet<Address>
}

/** Which addresses are ours, and which of them VIPs. */
type Around = Pick<Surroundings, 'own' | 'vips'>

export interface Need {
  /** Direct routing: no router can be between, for it would send the packet to the VIP's owner, us. */
  readonly onLink: boolean
}

/** The way to a server. The next hop is the server itself, or the router that is asked for in its place. */
export interface Way extends Path {
  readonly nextHop: Address
  /** The director's address towards it, of the server's family and no VIP: what tunnels and full NAT send from. */
  readonly source?: Address
}

export type FindPath = (server: Address, need: Need) => Way | string

/** The way to a server or why there is none, by the routes as they are; made once for many servers. */
export function pathFinder(surroundings: Surroundings): FindPath {
  const lookup = lookupFor(surroundings)
  return (server, need) => {
    if (surroundings.own.has(server)) return `${server} is an address of this director itself`
    const route = lookup(server)
    const family = familyOf(server)
    if (!route && surroundings.routes[family].more)
      return `${server} is in no network of ours, and there are too many routes to read`
    if (!route) return `no route leads to ${server}`
    return along(route, server, need, surroundings)
  }
}

export function findPath(server: Address, surroundings: Surroundings, need: Need): Way | string {
  return pathFinder(surroundings)(server, need)
}

function lookupFor({ links, routes }: Surroundings): Lookup {
  const readable = (family: Family) => (routes[family].more ? connected(links, family) : routes[family].routes)
  return lookupOf({ IPv4: readable('IPv4'), IPv6: readable('IPv6') }, new Set(links.map(({ name }) => name)))
}

/** The networks that an interface's addresses are in: all there is to go by when the routes are too many. */
function connected(links: readonly Link[], family: Family): Route[] {
  return links.flatMap(({ name, addresses }) =>
    addresses
      .filter(({ address }) => familyOf(address) === family)
      .map(({ address, prefix }) => ({
        network: address,
        prefix,
        table: 'main' as const,
        kind: 'unicast' as const,
        interface: name,
        metric: 0,
      })),
  )
}

function along(route: Route, server: Address, { onLink }: Need, surroundings: Surroundings): Way | string {
  const { links, vips } = surroundings
  const network = `${route.network}/${route.prefix}`
  if (route.kind === 'local') return `${server} is in ${network}, which is local to this director`
  if (route.kind !== 'unicast') return `the route to ${network} leads nowhere: ${route.kind}`
  if (route.interface === undefined)
    return `the route to ${network} names no interface: nexthop objects are read with net.ipv4.nexthop_compat_mode=1`
  const link = links.find(({ name }) => name === route.interface)
  if (!link) return `${server} is reached over ${route.interface}, which is no attached interface that is up`
  if (onLink && route.gateway !== undefined) return notOnLink(server, route.gateway)
  const nextHop = route.gateway ?? server
  const asker = askerFor(link, nextHop, vips)
  if (asker === undefined)
    return `${nextHop} cannot be asked for from a VIP: give ${link.name} an ${familyOf(nextHop)} address of its own`
  const source = sourceFor(server, route, link, surroundings)
  return { interface: link.name, mac: link.mac, asker, nextHop, ...(source === undefined ? {} : { source }) }
}

/** Why a server that was found behind a router gets nothing by direct routing. */
export function notOnLink(server: Address, gateway: Address): string {
  return `${server} is behind the router ${gateway}: direct routing needs it on a network of this director`
}

/** One of the link's own addresses: link-local to link-local, else of the same network, else what every neighbour can answer. */
export function askerFor({ addresses }: Link, nextHop: Address, vips: ReadonlySet<Address>): Address | undefined {
  const candidates = addresses.filter(({ address }) => isIPv6(address) === isIPv6(nextHop) && !vips.has(address))
  const rank = ({ address, prefix, deprecated }: InterfaceAddress) =>
    (contains(address, prefix, nextHop) ? 2 + prefix : isLinkLocal(address) ? 1 : 0) - (deprecated ? 0.5 : 0)
  return candidates.toSorted((a, b) => rank(b) - rank(a))[0]?.address
}

/** What the kernel would send from, unless that is a VIP. */
function sourceFor(server: Address, { source }: Route, link: Link, surroundings: Around): Address | undefined {
  const { vips } = surroundings
  if (source !== undefined && isSource(source, familyOf(server), vips)) return source
  const nearness = ({ address, prefix }: InterfaceAddress) => (contains(address, prefix, server) ? prefix : -1)
  const addresses = link.addresses.toSorted((a, b) => nearness(b) - nearness(a))
  return primaryAddress({ addresses }, familyOf(server), surroundings)
}

/** An interface's first address of a family that packets can be sent from to anywhere, or else the machine's. */
export function primaryAddress(
  { addresses }: Pick<Link, 'addresses'>,
  family: Family,
  { own, vips }: Around,
): Address | undefined {
  const here = addresses.find(({ address, deprecated }) => !deprecated && isSource(address, family, vips))
  return here?.address ?? [...own].find((address) => isSource(address, family, vips))
}

function isSource(address: Address, family: Family, vips: ReadonlySet<Address>): boolean {
  return familyOf(address) === family && !vips.has(address) && unusable(address) === undefined
}

/** What a next hop is known by: an address may be one host's on one interface, and another's on another. */
export function neighbourName(nextHop: Address, onInterface: string): string {
  return `${nextHop}%${onInterface}`
}
