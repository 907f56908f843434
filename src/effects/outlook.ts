// SPDX-License-Identifier: Apache-2.0
// What neighbours are found by: interfaces, addresses and routes as they were at the last look, and what follows from them.
import type { Log } from '../director/world.js'
import type { Family } from '../model/address.js'
import type { Address } from '../model/desired.js'
import type { Attached, Egress, Hops } from '../model/facts.js'
import { NativeError } from '../native/library.js'
import { layHops } from '../neighbours/hops.js'
import { type FindPath, type Link, pathFinder, primaryAddress, type Surroundings } from '../neighbours/path.js'
import { linksOf, ownAddresses, readRoutes } from './surroundings.js'

export interface OutlookWorld {
  attached(): readonly Attached[]
  vips(): ReadonlySet<Address>
  readonly log: Log
}

interface Seen {
  readonly surroundings: Surroundings
  readonly hops: Hops
  /** By the interface's name. */
  readonly egress: ReadonlyMap<string, Egress>
}

export interface Outlook {
  /** Looks again; true if anything is another than before. */
  look(): boolean
  seen(): Seen
  readonly find: FindPath
}

const families: readonly Family[] = ['IPv4', 'IPv6']

function egressOf(link: Link, surroundings: Surroundings): Egress {
  const found = families.map((family) => [family, primaryAddress(link, family, surroundings)] as const)
  return { mtu: link.mtu, sources: Object.fromEntries(found.filter(([, address]) => address !== undefined)) }
}

const nothing = { routes: [], more: false, policy: false }

export function createOutlook({ attached, vips, log }: OutlookWorld): Outlook {
  let surroundings: Surroundings = { links: [], routes: { IPv4: nothing, IPv6: nothing }, own: new Set(), vips: new Set() }
  let seen: Seen = { surroundings, hops: { IPv4: [], IPv6: [] }, egress: new Map() }
  let find = pathFinder(surroundings)
  let before = ''

  /** What is small is compared as text, what may be large by being the same object. */
  function isSame(now: Surroundings, text: string): boolean {
    const { routes, own } = surroundings
    return text === before && own === now.own && families.every((family) => routes[family] === now.routes[family])
  }

  function complain(family: Family, { more, policy, routes }: Surroundings['routes'][Family]): void {
    const was = surroundings.routes[family]
    if (more && !was.more)
      log.warn({ family }, `more than ${routes.length} routes: servers are looked for in the interfaces' own networks alone`)
    if (policy && !was.policy) log.warn({ family }, 'rules of policy routing are not followed, only the tables main and default')
  }

  function take(now: Surroundings): void {
    for (const family of families) complain(family, now.routes[family])
    surroundings = now
    const names = new Set(now.links.map(({ name }) => name))
    const lay = (family: Family) => layHops(now.routes[family], { family, attached: names, own: now.own })
    const egress = new Map(now.links.map((link) => [link.name, egressOf(link, now)]))
    seen = { surroundings: now, hops: { IPv4: lay('IPv4'), IPv6: lay('IPv6') }, egress }
    find = pathFinder(now)
  }

  return {
    look() {
      try {
        const interfaces = attached()
        const routes = { IPv4: readRoutes('IPv4'), IPv6: readRoutes('IPv6') }
        const now = { links: linksOf(interfaces), routes, own: ownAddresses(), vips: vips() }
        const text = JSON.stringify([now.links, [...now.vips], interfaces.map(({ ifindex }) => ifindex)])
        if (isSame(now, text)) return false
        before = text
        take(now)
        return true
      } catch (error) {
        // The kernel's tables changed while they were listed: there is a next look.
        if (!(error instanceof NativeError)) throw error
        return false
      }
    },
    seen: () => seen,
    find: (server, need) => find(server, need),
  }
}
