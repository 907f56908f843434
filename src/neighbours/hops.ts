// SPDX-License-Identifier: Apache-2.0
// Where NAT's replies go: the routes, laid out as a short list that the packet program walks.
import type { Family } from '../model/address.js'
import type { Address } from '../model/desired.js'
import type { Hop } from '../model/facts.js'
import { isLinkLocal, widths } from '../model/network.js'
import { bestRoutes, indexRoutes, type Route, type RouteIndex, type Routes } from './routes.js'

/** What the packet program walks for one reply. */
export const MOST_HOPS = 15

export interface Around {
  readonly family: Family
  /** Names of the attached interfaces that are up. */
  readonly attached: ReadonlySet<string>
  /** Hosts that are no client: this machine's addresses. */
  readonly own: ReadonlySet<Address>
}

/**
 * The first entry that contains a client's address says where it is: behind a router, or on a link, which includes whatever the
 * kernel alone can tell (a FIB lookup). The most exact comes first. Undefined: the kernel has to be asked for every client.
 */
export function layHops({ routes, more, policy }: Routes, { family, attached, own }: Around): readonly Hop[] | undefined {
  if (more || policy) return undefined
  const isAttached = ({ interface: name }: Route) => name !== undefined && attached.has(name)
  const clients = routes.filter(({ network, prefix, table }) => {
    if (table === 'local' || isLinkLocal(network)) return false
    return prefix < widths[family] || !own.has(network)
  })
  const best = bestRoutes(clients, attached)
  const index = indexRoutes(best)
  const needed = best.filter((route) => !isShadowed(route, index) && !isRepetition(route, index, isAttached))
  if (needed.length > MOST_HOPS) return undefined
  return needed.sort(inOrder).map((route) => hopOf(route, isAttached))
}

function inOrder(a: Route, b: Route): number {
  if (a.table !== b.table) return a.table === 'main' ? -1 : 1
  return b.prefix - a.prefix
}

/** The table `default` is asked where `main` has nothing at all. */
function isShadowed({ table, network, prefix }: Route, index: RouteIndex): boolean {
  return table === 'default' && index.match('main', network, prefix) !== undefined
}

/** Without it, the next larger network of its table would say the same. */
function isRepetition(route: Route, index: RouteIndex, isAttached: (route: Route) => boolean): boolean {
  const around = route.prefix > 0 ? index.match(route.table, route.network, route.prefix - 1) : undefined
  return around !== undefined && verdict(around, isAttached) === verdict(route, isAttached)
}

function verdict(route: Route, isAttached: (route: Route) => boolean): string {
  const { via, interface: name } = hopOf(route, isAttached)
  return via === 'link' ? via : `${via} ${name}`
}

function hopOf(route: Route, isAttached: (route: Route) => boolean): Hop {
  const { network, prefix, kind, gateway, interface: name = '' } = route
  const via = kind === 'unicast' && gateway !== undefined && isAttached(route) ? gateway : 'link'
  return { network, prefix, via, interface: name }
}
