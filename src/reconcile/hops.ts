// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../model/address.js'
import type { Facts, Hop } from '../model/facts.js'
import type { HopEntry, HopLists, MapWrite } from './actual.js'

export interface HopPlan {
  readonly next: HopLists
  readonly writes: readonly MapWrite[]
}

/** The lists by which replies find their clients; a pair that differs is written beside the one that is on. */
export function planHops(hops: Facts['hops'], interfaces: ReadonlyMap<string, number>, actual: HopLists): HopPlan {
  const lists = { IPv4: entriesOf(hops.IPv4, interfaces), IPv6: entriesOf(hops.IPv6, interfaces) }
  const families: readonly Family[] = ['IPv4', 'IPv6']
  if (families.every((family) => sameList(lists[family], actual.lists[family]))) return { next: actual, writes: [] }
  const next = { at: actual.at === 0 ? 2 : 0, lists }
  return { next, writes: [{ kind: 'hops', hops: next }] }
}

/** Without a list the kernel is asked, and so it is for a router that has not answered yet. */
function entriesOf(hops: readonly Hop[] | undefined, interfaces: ReadonlyMap<string, number>): HopEntry[] {
  return (hops ?? []).map(({ network, prefix, interface: name, mac }) => {
    const out = interfaces.get(name)
    const place = { address: network, prefix }
    return mac === undefined || out === undefined ? place : { ...place, route: { mac, interface: out } }
  })
}

function sameList(a: readonly HopEntry[], b: readonly HopEntry[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ address, prefix, route }, place) => {
      const other = b[place]
      return (
        address === other?.address &&
        prefix === other.prefix &&
        route?.mac === other.route?.mac &&
        route?.interface === other.route?.interface
      )
    })
  )
}
