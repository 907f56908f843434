// SPDX-License-Identifier: Apache-2.0
import { type Family, familyOf } from '../model/address.js'
import { type Address, type Desired, type Protocol, type RealServer, type Service, serverName } from '../model/desired.js'
import type { Facts } from '../model/facts.js'
import type { Actual, ListenerEntry, ServerEntry, Sources } from './actual.js'
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
  readonly own: Facts['own']
  /** Interface index by name. */
  readonly interfaces: ReadonlyMap<string, number>
  /** Full NAT's, by family. */
  readonly sources: Readonly<Record<Family, Sources>>
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
  const old = new Map(before.map((entry) => [identity(entry), entry]))
  const protocol = protocolOf(service)
  const entries = service.servers.map((server) => {
    const existing = old.get(identity(server))
    const entry = entryFor({ server, index: existing?.index ?? allocate(), service: index, protocol }, routing)
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

/** Connections to a server end when it is reached in another way, for they would not be understood there. */
function identity(server: Pick<RealServer, 'address' | 'port' | 'forwarding'>): string {
  return `${server.forwarding} ${serverName(server)}`
}

/** The protocol of all its listeners, if that is one. */
function protocolOf({ listeners }: Service): Protocol | undefined {
  const [first] = listeners
  return listeners.every(({ protocol }) => protocol === first?.protocol) ? first?.protocol : undefined
}

interface Wanted {
  readonly server: RealServer
  readonly index: number
  readonly service: number
  readonly protocol: Protocol | undefined
}

const noSources: Sources = { first: 0, count: 0 }

/** Without a MAC address on an interface of ours a server gets nothing; with weight 0 it keeps what it has. */
function entryFor({ server, index, service, protocol }: Wanted, routing: Routing): ServerEntry {
  const { address, port, forwarding, weight } = server
  const local = forwarding === 'dr' && routing.own.has(address)
  const sources = forwarding === 'fullnat' ? routing.sources[familyOf(address)] : noSources
  const about = { index, address, port, service, ...(protocol === undefined ? {} : { protocol }), forwarding, local, sources }
  const route = local ? undefined : routeTo(address, routing)
  const reachable = local || (route !== undefined && (forwarding !== 'fullnat' || sources.count > 0))
  return { ...about, ...(route ? { route } : {}), eligible: reachable && weight > 0, removed: false }
}

function routeTo(address: Address, { neighbours, interfaces }: Routing): ServerEntry['route'] {
  const place = neighbours.get(address)
  const out = place === undefined ? undefined : interfaces.get(place.interface)
  return place === undefined || out === undefined ? undefined : { mac: place.mac, interface: out }
}

function sameEntry(a: ServerEntry, b: ServerEntry): boolean {
  return (
    a.eligible === b.eligible &&
    a.local === b.local &&
    a.protocol === b.protocol &&
    a.sources.first === b.sources.first &&
    a.sources.count === b.sources.count &&
    a.route?.mac === b.route?.mac &&
    a.route?.interface === b.route?.interface
  )
}

function asRemoved(entry: ServerEntry): ServerEntry {
  const { route: _, ...rest } = entry
  return { ...rest, eligible: false, removed: true }
}
