// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../model/desired.js'
import type { Attached, Facts, Resolved } from '../model/facts.js'
import type { Actual } from '../reconcile/actual.js'
import type { Neighbours } from './ports.js'

/** How long adopted routes are believed, in milliseconds: longer than it takes to give a silent server up. */
export const BELIEVED = 5000

/** Where the adopted maps say that the servers are, so that a restart does not forget them until they answer again. */
export function adoptedNeighbours(actual: Actual, attached: readonly Attached[]): ReadonlyMap<Address, Resolved> {
  const names = new Map(attached.map(({ ifindex, name }) => [ifindex, name]))
  const found = new Map<Address, Resolved>()
  for (const { address, route } of actual.servers.values()) {
    const name = route && names.get(actual.interfaces.get(route.interface)?.ifindex ?? 0)
    if (route && name !== undefined) found.set(address, { mac: route.mac, interface: name })
  }
  return found
}

/** A copy, for what is passed in goes on changing; what was found counts for more than what is believed. */
export function gatherFacts(
  neighbours: Neighbours,
  believed: ReadonlyMap<Address, Resolved>,
  interfaces: readonly Attached[],
): Facts {
  return {
    neighbours: new Map([...believed, ...neighbours.current()]),
    interfaces: [...interfaces],
    hops: neighbours.hops(),
    egress: neighbours.egress(),
    own: neighbours.own(),
  }
}
