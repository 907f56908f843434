// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from '../model/address.js'
import type { Desired, Service } from '../model/desired.js'
import { isNetwork, type Listener, listenerName } from '../model/listener.js'
import type { Actual, ListenerEntry } from './actual.js'
import { freeIndices, tooMany } from './indices.js'
import { hasSourcePorts } from './widening.js'

/** Listener indices are 16 bits wide. */
const MAXIMUM_LISTENERS = 65_535

export interface ListenerPlan {
  readonly next: ReadonlyMap<string, ListenerEntry>
  /** For each desired service the entry of its first listener: all of them have its `service`. */
  readonly entries: ReadonlyMap<Service, ListenerEntry>
  /** New ones, and those that have another service now. */
  readonly added: readonly ListenerEntry[]
  readonly removed: readonly ListenerEntry[]
}

/** A listener keeps its index as long as it exists, whatever becomes of its service; a service keeps its index with a listener of its own. */
export function planListeners(desired: Desired, actual: Actual): ListenerPlan {
  const { services, limits } = desired
  if (services.length > limits.services)
    throw tooMany('limits.services', `${services.length} services, but at most ${limits.services}`)
  const indices = serviceIndices(desired, actual)
  const allocate = listenerIndices(actual)
  const next = new Map<string, ListenerEntry>()
  const entries = new Map<Service, ListenerEntry>()
  for (const service of services) {
    const index = indices.get(service) as number
    for (const listener of service.listeners) {
      const name = listenerName(listener)
      const entry = entryFor(listener, isWide(service, listener), actual.listeners.get(name), index, allocate)
      next.set(name, entry)
      if (listener === service.listeners[0]) entries.set(service, entry)
    }
  }
  const added = [...next.values()].filter((entry) => actual.listeners.get(listenerName(entry)) !== entry)
  const removed = [...actual.listeners].filter(([name]) => !next.has(name)).map(([, entry]) => entry)
  return { next: added.length + removed.length > 0 ? next : actual.listeners, entries, added, removed }
}

/** An address and two ports are not enough to tell flows apart: the VIP, a long address or a source port of ours belongs to them. */
function isWide(service: Service, listener: Listener): boolean {
  return isIPv6(listener.address) || isNetwork(listener) || hasSourcePorts(service)
}

function entryFor(
  listener: Listener,
  wide: boolean,
  old: ListenerEntry | undefined,
  service: number,
  allocate: () => number,
): ListenerEntry {
  if (old?.service === service && (old.wide || !wide)) return old
  const { protocol, address, prefix, firstPort, lastPort } = listener
  const place = { protocol, address, prefix, firstPort, lastPort }
  return { ...place, index: old?.index ?? allocate(), service, wide: wide || (old?.wide ?? false) }
}

function listenerIndices(actual: Actual): () => number {
  const taken = new Set([...actual.listeners.values()].map((entry) => entry.index))
  const isTaken = (index: number) => taken.has(index) || actual.retired.listeners.has(index)
  return freeIndices(MAXIMUM_LISTENERS, isTaken, 'services', 'listener indices')
}

/** The index of each service: the one that its listeners had, or a free one. */
function serviceIndices({ services, limits }: Desired, actual: Actual): ReadonlyMap<Service, number> {
  const inherited = inheritedIndices(services, actual)
  let allocate: (() => number) | undefined
  const indexOf = (service: Service) => {
    const known = inherited.get(service)
    if (known !== undefined) return known
    allocate ??= freeServiceIndices(limits.services, actual)
    return allocate()
  }
  return new Map(services.map((service) => [service, indexOf(service)]))
}

/** Where listeners have moved between services, one whose listeners are all of one origin is asked first, then whoever stands first. */
function inheritedIndices(services: readonly Service[], actual: Actual): ReadonlyMap<Service, number> {
  const claims = services.map((service) => ({ service, origins: originsOf(service, actual) }))
  const inherited = new Map<Service, number>()
  const taken = new Set<number>()
  for (const { service, origins } of claims.sort((a, b) => a.origins.length - b.origins.length)) {
    const index = origins.find((origin) => !taken.has(origin))
    if (index === undefined) continue
    inherited.set(service, index)
    taken.add(index)
  }
  return inherited
}

function originsOf({ listeners }: Service, actual: Actual): readonly number[] {
  const origins: number[] = []
  for (const listener of listeners) {
    const origin = actual.listeners.get(listenerName(listener))?.service
    if (origin !== undefined && !origins.includes(origin)) origins.push(origin)
  }
  return origins
}

/** A service's index is taken while anything in the maps still names it. */
function freeServiceIndices(limit: number, actual: Actual): () => number {
  const taken = new Set(actual.schedules.keys())
  for (const entry of actual.listeners.values()) taken.add(entry.service)
  for (const entry of actual.servers.values()) taken.add(entry.service)
  return freeIndices(limit, (index) => taken.has(index), 'limits.services', 'services')
}
