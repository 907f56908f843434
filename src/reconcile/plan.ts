// SPDX-License-Identifier: Apache-2.0
// From what should be and what is to the writes between them. Pure: nothing is written here.
import type { Desired } from '../model/desired.js'
import type { Facts } from '../model/facts.js'
import type { Actual, MapWrite, ServerEntry } from './actual.js'
import { affectedServices, type Basis } from './affected.js'
import { type EndpointPlan, planEndpoints } from './endpoints.js'
import { type HopPlan, planHops } from './hops.js'
import { type InterfacePlan, planInterfaces } from './interfaces.js'
import { type ListenerPlan, planListeners } from './listeners.js'
import { refuseFullTables } from './room.js'
import { planSchedules, type SchedulePlan } from './schedules.js'
import { planServers, type ServerPlan } from './servers.js'
import { planSources, type SourcePlan } from './sources.js'
import { timeoutsByState } from './timeouts.js'
import { planVips, type VipPlan } from './vips.js'
import { foundListeners, widenListeners } from './widening.js'

export type { Basis } from './affected.js'

export interface Plan {
  readonly writes: readonly MapWrite[]
  /** What the maps hold once all writes are carried out. */
  readonly next: Actual
  /** For the plan after this one. */
  readonly basis: Basis
  /** What an administrator should know about the services that were looked at. */
  readonly warnings: readonly string[]
}

interface Parts {
  readonly widened: readonly MapWrite[]
  readonly timeouts: readonly number[]
  readonly interfaces: InterfacePlan
  readonly hops: HopPlan
  readonly sources: SourcePlan
  readonly listeners: ListenerPlan
  readonly vips: VipPlan
  readonly servers: ServerPlan
  readonly endpoints: EndpointPlan
  readonly schedules: SchedulePlan
}

/**
 * The writes that make the maps match. With the basis of the plan before, services that are the same object
 * and whose servers stayed where they are aren't looked at. Throws a UserError (tooMany) when something does not fit.
 */
export function plan(desired: Desired, facts: Facts, before: Actual, basis?: Basis): Plan {
  const affected = affectedServices(desired, facts, basis)
  const found = planListeners(desired, before)
  const { actual, writes: widened } = widenListeners(found.entries, before)
  const interfaces = planInterfaces(facts.interfaces, facts.egress, actual.interfaces)
  const hops = planHops(facts.hops, interfaces.indices, actual.hops)
  const sources = planSources(desired, actual.sources)
  const listeners = widened.length > 0 ? planListeners(desired, actual) : found
  const { neighbours, own } = facts
  const routing = { neighbours, own, interfaces: interfaces.indices, sources: sources.runs }
  const servers = planServers(desired, listeners.entries, affected, routing, actual, basis?.servers)
  const schedules = planSchedules(desired, listeners.entries, servers.entries, actual)
  const isSettled = basis !== undefined && listeners.next === before.listeners
  const vips = isSettled ? unchanged(actual) : planVips(listeners.next, desired.limits, actual)
  const both = withAll(actual.servers, servers.written.map(byIndex))
  const endpoints =
    isSettled && sameServers(servers.written, actual)
      ? { next: actual.endpoints, added: [], removed: [] }
      : // Requests to a listener that goes may meet a server that comes, and the other way round.
        planEndpoints(both.values(), [...foundListeners(actual), ...listeners.next.values()], actual.endpoints)
  const isGrown = listeners.added.length + endpoints.added.length + sources.writes.length > 0
  const places = { listeners: listeners.next, endpoints: endpoints.next, sources: sources.next }
  if (isGrown) refuseFullTables(desired.limits, places, actual)
  const timeouts = timeoutsByState(desired.timeouts)
  const parts = { widened, timeouts, interfaces, hops, sources, listeners, vips, servers, endpoints, schedules }
  return {
    writes: inOrder(parts, actual),
    next: { ...outcomeOf(parts, actual), servers: withAll(both, servers.removed.map(byIndex)) },
    basis: { services: desired.services, sources: desired.sources, facts, servers: servers.next },
    warnings: schedules.warnings,
  }
}

function unchanged({ vips, ports, blocks }: Actual): VipPlan {
  return { vips, ports, blocks, added: [], removed: [] }
}

/** True when none of these entries is of a server that was not there before. */
function sameServers(written: readonly ServerEntry[], { servers }: Actual): boolean {
  return written.every(({ index }) => servers.has(index))
}

function byIndex(entry: ServerEntry): readonly [number, ServerEntry] {
  return [entry.index, entry]
}

/**
 * Whatever is named is there before it is named, and is named no more before it goes: a controller killed between any two of
 * these leaves maps that forward correctly, and the next one finishes the work.
 */
function inOrder(parts: Parts, actual: Actual): MapWrite[] {
  const { widened, timeouts, interfaces, hops, sources, listeners, vips, servers, endpoints, schedules } = parts
  const newTimeouts: MapWrite[] = sameNumbers(timeouts, actual.timeouts) ? [] : [{ kind: 'timeouts', seconds: timeouts }]
  return [
    ...newTimeouts,
    ...interfaces.writes,
    ...hops.writes,
    ...sources.writes,
    ...servers.written.map((entry): MapWrite => ({ kind: 'server', entry })),
    ...endpoints.added,
    ...widened,
    ...[...schedules.replaced.values()].map((schedule): MapWrite => ({ kind: 'layOut', schedule })),
    ...[...schedules.replaced].map(([service, { line }]): MapWrite => ({ kind: 'turnOn', service, line })),
    ...listeners.added.map((entry): MapWrite => ({ kind: 'listener', entry })),
    ...vips.added,
    ...vips.removed,
    ...listeners.removed.map((entry): MapWrite => ({ kind: 'removeListener', entry })),
    ...schedules.ended.map((service): MapWrite => ({ kind: 'turnOn', service, line: 0 })),
    ...servers.removed.map((entry): MapWrite => ({ kind: 'server', entry })),
    ...endpoints.removed,
    ...interfaces.removals,
  ]
}

function outcomeOf(parts: Parts, actual: Actual): Omit<Actual, 'servers'> {
  const { timeouts, interfaces, hops, sources, listeners, vips, servers, endpoints, schedules } = parts
  return {
    listeners: listeners.next,
    schedules: without(withAll(actual.schedules, [...schedules.replaced]), schedules.ended),
    vips: vips.vips,
    ports: vips.ports,
    blocks: vips.blocks,
    endpoints: endpoints.next,
    sources: sources.next,
    hops: hops.next,
    interfaces: interfaces.next,
    retired: {
      listeners: joined(actual.retired.listeners, listeners.removed),
      servers: joined(actual.retired.servers, servers.removed),
    },
    resting: [...actual.resting, ...schedules.resting],
    timeouts,
  }
}

function withAll<V>(map: ReadonlyMap<number, V>, entries: readonly (readonly [number, V])[]): ReadonlyMap<number, V> {
  if (entries.length === 0) return map
  const copy = new Map(map)
  for (const [key, value] of entries) copy.set(key, value)
  return copy
}

function without<V>(map: ReadonlyMap<number, V>, keys: readonly number[]): ReadonlyMap<number, V> {
  if (keys.length === 0) return map
  const copy = new Map(map)
  for (const key of keys) copy.delete(key)
  return copy
}

function joined(set: ReadonlySet<number>, entries: readonly { readonly index: number }[]): ReadonlySet<number> {
  return entries.length === 0 ? set : new Set([...set, ...entries.map((entry) => entry.index)])
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, place) => number === b[place])
}
