// SPDX-License-Identifier: Apache-2.0
import type { Address, Desired, Service } from '../model/desired.js'
import type { Attached, Facts, Resolved } from '../model/facts.js'
import type { ServerEntry } from './actual.js'

/** What `actual` was planned for: with it, only what differs is looked at again. */
export interface Basis {
  readonly services: readonly Service[]
  readonly sources: Desired['sources']
  readonly facts: Facts
  /** The servers that each service index has, without removed ones. */
  readonly servers: ServersByService
}

export type ServersByService = ReadonlyMap<number, readonly ServerEntry[]>

/** The services that may need writes; all of them without a basis, or when interfaces or our own addresses changed. */
export function affectedServices({ services, sources }: Desired, facts: Facts, basis?: Basis): ReadonlySet<Service> {
  if (!basis || !sameInterfaces(basis.facts.interfaces, facts.interfaces)) return new Set(services)
  if (basis.sources !== sources || basis.facts.own !== facts.own) return new Set(services)
  const known = new Set(basis.services)
  const moved = movedAddresses(basis.facts.neighbours, facts.neighbours)
  const touched = (service: Service) => moved.size > 0 && service.servers.some((server) => moved.has(server.address))
  return new Set(services.filter((service) => !known.has(service) || touched(service)))
}

/** The same interfaces, as far as routes go? */
export function sameInterfaces(before: readonly Attached[], after: readonly Attached[]): boolean {
  const shown = (interfaces: readonly Attached[]) =>
    interfaces.map(({ name, ifindex, mac }) => `${name} ${ifindex} ${mac}`).join()
  return before === after || shown(before) === shown(after)
}

/** Addresses that were resolved, lost, or are found somewhere else. */
export function movedAddresses(before: Facts['neighbours'], after: Facts['neighbours']): ReadonlySet<Address> {
  if (before === after) return new Set()
  const lost = [...before.keys()].filter((address) => !after.has(address))
  const found = [...after].filter(([address, place]) => !samePlace(before.get(address), place)).map(([address]) => address)
  return new Set([...lost, ...found])
}

function samePlace(before: Resolved | undefined, after: Resolved): boolean {
  return before?.mac === after.mac && before.interface === after.interface
}
