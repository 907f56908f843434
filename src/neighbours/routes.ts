// SPDX-License-Identifier: Apache-2.0
// The kernel's routes, and which of them an address takes.
import { type Family, familyOf } from '../model/address.js'
import type { Address } from '../model/desired.js'
import { addressNumber, networkNumber } from '../model/network.js'

/** The kernel's, in the order in which it asks them. */
export type Table = 'local' | 'main' | 'default'

export interface Route {
  readonly network: Address
  readonly prefix: number
  readonly table: Table
  /** `unicast`, or why no packet goes there; `throw`: the next table is asked. */
  readonly kind: 'unicast' | 'local' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw'
  /** Absent: its hosts are on the link. */
  readonly gateway?: Address
  /** Absent where the kernel does not say. */
  readonly interface?: string
  readonly metric: number
  /** What the kernel would send from. */
  readonly source?: Address
}

/** One family's routes. */
export interface Routes {
  readonly routes: readonly Route[]
  /** There are more than were read, so that these are none to go by. */
  readonly more: boolean
  /** Rules choose among other tables too (policy routing): these routes are not the whole truth. */
  readonly policy: boolean
}

export type Lookup = (address: Address) => Route | undefined

/** A table's routes by length of prefix, the longest first, and then by network. */
type Index = readonly (readonly [prefix: number, routes: ReadonlyMap<bigint, Route>])[]

/** A route of the kernel's that XDP has no way to take: a packet leaves over attached interfaces alone. */
function isElsewhere({ kind, interface: name }: Route, attached: ReadonlySet<string>): boolean {
  return kind === 'unicast' && (name === undefined || !attached.has(name))
}

/** One route for each network of a table: of those over attached interfaces, if there are any, that of the lowest metric. */
export function bestRoutes(routes: readonly Route[], attached: ReadonlySet<string>): Route[] {
  const rank = (route: Route) => [Number(isElsewhere(route, attached)), route.metric] as const
  const chosen = new Map<string, Route>()
  for (const route of routes) {
    const name = `${route.table} ${route.network}/${route.prefix}`
    const rival = chosen.get(name)
    if (!rival || isLower(rank(route), rank(rival))) chosen.set(name, route)
  }
  return [...chosen.values()]
}

function isLower([a1, a2]: readonly [number, number], [b1, b2]: readonly [number, number]): boolean {
  return a1 < b1 || (a1 === b1 && a2 < b2)
}

function indexOf(routes: readonly Route[]): Index {
  const byPrefix = new Map<number, Map<bigint, Route>>()
  for (const route of routes) {
    const same = byPrefix.get(route.prefix) ?? new Map<bigint, Route>()
    byPrefix.set(route.prefix, same.set(numberOf(route.network, route.prefix), route))
  }
  return [...byPrefix].sort(([a], [b]) => b - a)
}

function numberOf(network: Address, prefix: number): bigint {
  return networkNumber(addressNumber(network), familyOf(network), prefix)
}

/** The route of the longest prefix, up to `longest` bits, that contains the address. */
function longestMatch(index: Index, address: Address, longest = 128): Route | undefined {
  const number = addressNumber(address)
  const family = familyOf(address)
  for (const [prefix, routes] of index) {
    const route = prefix <= longest ? routes.get(networkNumber(number, family, prefix)) : undefined
    if (route) return route
  }
  return undefined
}

export interface RouteIndex {
  /** As the kernel looks one up: table after table, in each the longest prefix. */
  readonly lookup: Lookup
  /** Within one table, the longest prefix of at most so many bits. */
  match(table: Table, address: Address, longest?: number): Route | undefined
}

const tables: readonly Table[] = ['local', 'main', 'default']

/** Of one family's routes, at most one for each network of a table. */
export function indexRoutes(routes: readonly Route[]): RouteIndex {
  const of = (table: Table) => indexOf(routes.filter((route) => route.table === table))
  const indices: Readonly<Record<Table, Index>> = { local: of('local'), main: of('main'), default: of('default') }
  return {
    lookup(address) {
      for (const table of tables) {
        const route = longestMatch(indices[table], address)
        if (route && route.kind !== 'throw') return route
      }
      return undefined
    },
    match: (table, address, longest) => longestMatch(indices[table], address, longest),
  }
}

/** Both families' lookups in one. */
export function lookupOf(routes: Readonly<Record<Family, readonly Route[]>>, attached: ReadonlySet<string>): Lookup {
  const lookups = {
    IPv4: indexRoutes(bestRoutes(routes.IPv4, attached)).lookup,
    IPv6: indexRoutes(bestRoutes(routes.IPv6, attached)).lookup,
  }
  return (address) => lookups[familyOf(address)](address)
}
