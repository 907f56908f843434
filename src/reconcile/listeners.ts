// SPDX-License-Identifier: Apache-2.0
import { type Address, type Desired, listenerName, type Protocol, type Service } from '../model/desired.js'
import type { Actual, ListenerEntry, MapWrite } from './actual.js'
import { freeIndices, tooMany } from './indices.js'

/** Listener indices are 16 bits wide. */
const MAXIMUM_LISTENERS = 65_535

export interface ListenerPlan {
  readonly next: ReadonlyMap<string, ListenerEntry>
  /** The entry of each desired service. */
  readonly entries: ReadonlyMap<Service, ListenerEntry>
  readonly added: readonly ListenerEntry[]
  readonly removed: readonly ListenerEntry[]
}

/** A listener keeps its indices as long as it exists, whatever becomes of its service's name and servers. */
export function planListeners(desired: Desired, actual: Actual): ListenerPlan {
  const { services, limits } = desired
  if (services.length > limits.services)
    throw tooMany('limits.services', `${services.length} services, but at most ${limits.services}`)
  const named = services.map((service) => ({ service, name: listenerName(service) }))
  const allocate = allocator(desired, actual)
  const next = new Map(
    named.map(({ service, name }) => [name, actual.listeners.get(name) ?? { ...keyOf(service), ...allocate() }]),
  )
  const added = [...next].filter(([name]) => !actual.listeners.has(name)).map(([, entry]) => entry)
  const removed = [...actual.listeners].filter(([name]) => !next.has(name)).map(([, entry]) => entry)
  return {
    next: added.length + removed.length > 0 ? next : actual.listeners,
    entries: new Map(named.map(({ service, name }) => [service, next.get(name) as ListenerEntry])),
    added,
    removed,
  }
}

function keyOf({ protocol, address, port }: Service) {
  return { protocol, address, port }
}

/** Indices for a new listener and its service. A service's index is taken while anything in the maps still names it. */
function allocator({ limits }: Desired, actual: Actual): () => Pick<ListenerEntry, 'index' | 'service'> {
  const entries = [...actual.listeners.values()]
  const listeners = new Set(entries.map((entry) => entry.index))
  const takenListener = (index: number) => listeners.has(index) || actual.retired.listeners.has(index)
  const listener = freeIndices(MAXIMUM_LISTENERS, takenListener, 'services', 'listener indices')
  let service: (() => number) | undefined
  return () => {
    service ??= serviceIndices(limits.services, actual)
    return { index: listener(), service: service() }
  }
}

function serviceIndices(limit: number, actual: Actual): () => number {
  const taken = new Set(actual.schedules.keys())
  for (const entry of actual.listeners.values()) taken.add(entry.service)
  for (const entry of actual.servers.values()) taken.add(entry.service)
  return freeIndices(limit, (index) => taken.has(index), 'limits.services', 'services')
}

export interface VipPlan {
  readonly next: ReadonlySet<string>
  readonly added: readonly MapWrite[]
  readonly removed: readonly MapWrite[]
}

/** One entry for each VIP and protocol that has listeners. */
export function planVips(services: readonly Service[], actual: ReadonlySet<string>): VipPlan {
  const next = new Set(services.map(({ protocol, address }) => `${protocol} ${address}`))
  const fieldsOf = (vip: string) => {
    const [protocol, address] = vip.split(' ') as [Protocol, Address]
    return { protocol, address }
  }
  const added = [...next].filter((vip) => !actual.has(vip))
  const removed = [...actual].filter((vip) => !next.has(vip))
  return {
    next,
    added: added.map((vip) => ({ kind: 'vip', ...fieldsOf(vip) })),
    removed: removed.map((vip) => ({ kind: 'removeVip', ...fieldsOf(vip) })),
  }
}
