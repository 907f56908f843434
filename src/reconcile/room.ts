// SPDX-License-Identifier: Apache-2.0
// What fits the listener tables, one for each family: a plan that does not is refused before anything is written.
import { type Family, familyOf } from '../model/address.js'
import type { Desired } from '../model/desired.js'
import type { Actual } from './actual.js'
import { tooMany } from './indices.js'
import { isBlock } from './vips.js'

type Limits = Pick<Desired['limits'], 'services' | 'servers'>

/** Listeners of one address and port, endpoints and sources of one family: tables made for so many have room for all in practice. */
export function mostPlaces({ services, servers }: Limits): number {
  return services * 3 + servers
}

type Placed = Pick<Actual, 'listeners' | 'endpoints' | 'sources'>

/** What goes is there beside what comes, for a moment. */
export function refuseFullTables(limits: Limits, next: Placed, actual: Placed): void {
  const names: Record<Family, Set<string>> = { IPv4: new Set(), IPv6: new Set() }
  for (const { listeners, endpoints, sources } of [actual, next]) {
    for (const [name, listener] of listeners) if (!isBlock(listener)) names[familyOf(listener.address)].add(`listener ${name}`)
    for (const [name, { address }] of endpoints) names[familyOf(address)].add(name)
    for (const address of sources.values()) names[familyOf(address)].add(address)
  }
  const most = mostPlaces(limits)
  for (const [family, { size }] of Object.entries(names)) {
    if (size > most)
      throw tooMany('limits.services', `${size} listeners, and ports of servers behind NAT, of ${family}, but at most ${most}`)
  }
}
