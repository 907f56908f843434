// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../model/desired.js'
import type { Attached, Facts, Hop, Resolved } from '../model/facts.js'
import type { Actual, Route } from '../reconcile/actual.js'
import type { Neighbours } from './ports.js'

/** How long adopted routes are believed, in milliseconds: longer than it takes to give a silent server up. */
export const BELIEVED = 5000

/** Where servers and routers were, so that a restart does not forget them until they answer again. */
export interface Believed {
  readonly servers: ReadonlyMap<Address, Resolved>
  /** MAC addresses by what is behind them, see `hopName`. */
  readonly routers: ReadonlyMap<string, string>
}

export const nothing: Believed = { servers: new Map(), routers: new Map() }

/** What the adopted maps say. */
export function adoptedPlaces(actual: Actual, attached: readonly Attached[]): Believed {
  const names = new Map(attached.map(({ ifindex, name }) => [ifindex, name]))
  const nameOf = (route: Route | undefined) => route && names.get(actual.interfaces.get(route.interface)?.ifindex ?? 0)
  const servers = new Map<Address, Resolved>()
  for (const { address, route } of actual.servers.values()) {
    const name = nameOf(route)
    if (route && name !== undefined) servers.set(address, { mac: route.mac, interface: name })
  }
  const routers = new Map<string, string>()
  for (const { address, prefix, route } of [...actual.hops.lists.IPv4, ...actual.hops.lists.IPv6]) {
    const name = nameOf(route)
    if (route && name !== undefined) routers.set(hopName({ network: address, prefix, interface: name }), route.mac)
  }
  return servers.size + routers.size === 0 ? nothing : { servers, routers }
}

/** `eth0 198.51.100.0/24` */
function hopName({ network, prefix, interface: name }: Pick<Hop, 'network' | 'prefix' | 'interface'>): string {
  return `${name} ${network}/${prefix}`
}

/** A copy, for what is passed in goes on changing; what was found counts for more than what is believed. */
export function gatherFacts(neighbours: Neighbours, believed: Believed, interfaces: readonly Attached[]): Facts {
  const { IPv4, IPv6 } = neighbours.hops()
  const withMac = (hop: Hop) => {
    const mac = hop.via === 'link' ? undefined : (hop.mac ?? believed.routers.get(hopName(hop)))
    return mac === undefined ? hop : { ...hop, mac }
  }
  return {
    neighbours: new Map([...believed.servers, ...neighbours.current()]),
    interfaces: [...interfaces],
    hops: { IPv4: IPv4?.map(withMac), IPv6: IPv6?.map(withMac) },
    egress: neighbours.egress(),
    own: neighbours.own(),
  }
}
