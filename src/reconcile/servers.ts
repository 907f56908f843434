// SPDX-License-Identifier: Apache-2.0
import { type Desired, type RealServer, type Service, serverName } from '../model/desired.js'
import type { Facts } from '../model/facts.js'
import type { Actual, ListenerEntry, ServerEntry } from './actual.js'
import type { ServersByService } from './affected.js'
import { freeIndices } from './indices.js'

export interface ServerPlan {
  readonly next: ServersByService
  /** Every affected service's entries, in list order. */
  readonly entries: ReadonlyMap<Service, readonly ServerEntry[]>
  /** New or changed entries of servers that are wanted. */
  readonly written: readonly ServerEntry[]
  /** Entries of servers that are wanted no more, as removed. */
  readonly removed: readonly ServerEntry[]
}

/** Where routes come from. */
export interface Routing {
  readonly neighbours: Facts['neighbours']
  /** Interface index by name. */
  readonly interfaces: ReadonlyMap<string, number>
}

/** A server keeps its index as long as its service has it; nobody else gets it while a connection may name it. */
export function planServers(
  desired: Desired,
  listeners: ReadonlyMap<Service, ListenerEntry>,
  affected: ReadonlySet<Service>,
  routing: Routing,
  actual: Actual,
  before = serversByService(actual.servers.values()),
): ServerPlan {
  const taken = (index: number) => actual.servers.has(index) || actual.retired.servers.has(index)
  const allocate = freeIndices(desired.limits.servers, taken, 'limits.servers', 'servers')
  const next = new Map(before)
  const plans = [...affected].map((service) => {
    const { service: index } = listeners.get(service) as ListenerEntry
    const plan = planServersOf(service, index, before.get(index) ?? [], routing, allocate)
    next.set(index, plan.entries)
    return { service, ...plan }
  })
  const orphans = orphaned(listeners, before)
  for (const { service } of orphans) next.delete(service)
  return {
    next,
    entries: new Map(plans.map(({ service, entries }) => [service, entries])),
    written: plans.flatMap(({ written }) => written),
    removed: [...orphans, ...plans.flatMap(({ unwanted }) => unwanted)].map(asRemoved),
  }
}

function planServersOf(
  service: Service,
  index: number,
  before: readonly ServerEntry[],
  routing: Routing,
  allocate: () => number,
) {
  const old = new Map(before.map((entry) => [serverName(entry), entry]))
  const entries = service.servers.map((server) => {
    const existing = old.get(serverName(server))
    const entry = entryFor(server, existing?.index ?? allocate(), index, routing)
    return existing && sameEntry(existing, entry) ? existing : entry
  })
  const kept = new Set(entries.map((entry) => entry.index))
  const known = new Set(before)
  return {
    entries,
    written: entries.filter((entry) => !known.has(entry)),
    unwanted: before.filter((entry) => !kept.has(entry.index)),
  }
}

function serversByService(entries: Iterable<ServerEntry>): ServersByService {
  const grouped = new Map<number, ServerEntry[]>()
  for (const entry of entries) {
    if (entry.removed) continue
    const group = grouped.get(entry.service)
    if (group) group.push(entry)
    else grouped.set(entry.service, [entry])
  }
  return grouped
}

/** Servers of services that no listener leads to any more: removed now, or by a controller that died halfway. */
function orphaned(listeners: ReadonlyMap<Service, ListenerEntry>, servers: ServersByService): ServerEntry[] {
  const owners = new Set([...listeners.values()].map((entry) => entry.service))
  return [...servers].filter(([service]) => !owners.has(service)).flatMap(([, entries]) => entries)
}

/** Without a MAC address on an interface of ours a server gets nothing; with weight 0 it keeps what it has. */
function entryFor(server: RealServer, index: number, service: number, routing: Routing): ServerEntry {
  const place = routing.neighbours.get(server.address)
  const out = place === undefined ? undefined : routing.interfaces.get(place.interface)
  const identity = { index, address: server.address, port: server.port, service, removed: false }
  if (place === undefined || out === undefined) return { ...identity, eligible: false }
  return { ...identity, route: { mac: place.mac, interface: out }, eligible: server.weight > 0 }
}

function sameEntry(a: ServerEntry, b: ServerEntry): boolean {
  return a.eligible === b.eligible && a.route?.mac === b.route?.mac && a.route?.interface === b.route?.interface
}

function asRemoved({ index, address, port, service }: ServerEntry): ServerEntry {
  return { index, address, port, service, eligible: false, removed: true }
}
