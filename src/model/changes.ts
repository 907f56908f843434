// SPDX-License-Identifier: Apache-2.0
import { type RealServer, type Service, serverName } from './desired.js'
import { listenerName } from './listener.js'
import { written } from './written.js'

/** One difference between two desired states, as a dry run lists them. */
export interface Change {
  readonly action: 'add' | 'change' | 'remove'
  /** `services/web`, `services/web/servers/10.0.0.11:80`, or `services/web/servers` when their order alone changed. */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

/** What has to change to get from one list of services to the other; a service that keeps its listener may change its name. */
export function changes(before: readonly Service[], after: readonly Service[]): Change[] {
  const [old, now] = [without(before, after), without(after, before)]
  const pairs = pairUp(old, now)
  const kept = new Set(pairs.values())
  const removed = old
    .filter((service) => !kept.has(service))
    .map((service) => removal(`services/${service.name}`, written(service)))
  const others = now.flatMap((service) => {
    const pair = pairs.get(service)
    return pair ? changesOfService(pair, service) : [addition(`services/${service.name}`, written(service))]
  })
  return [...removed, ...others]
}

/** The services of one list that are not, as the same object, in the other. */
function without(services: readonly Service[], others: readonly Service[]): Service[] {
  const known = new Set(others)
  return services.filter((service) => !known.has(service))
}

/** For each service after, the one before that it continues: by name, else by a listener. */
function pairUp(before: readonly Service[], after: readonly Service[]): Map<Service, Service> {
  const names = new Map(before.map((service) => [service.name, service]))
  const pairs = new Map<Service, Service>()
  for (const service of after) {
    const old = names.get(service.name)
    if (old) pairs.set(service, old)
  }
  const paired = new Set(pairs.values())
  const unpaired = before.filter((service) => !paired.has(service))
  const owners = new Map(unpaired.flatMap((service) => service.listeners.map((listener) => [listenerName(listener), service])))
  for (const service of after) {
    if (pairs.has(service)) continue
    const old = service.listeners
      .map((listener) => owners.get(listenerName(listener)))
      .find((owner) => owner && !paired.has(owner))
    if (!old) continue
    pairs.set(service, old)
    paired.add(old)
  }
  return pairs
}

function changesOfService(before: Service, after: Service): Change[] {
  const path = `services/${before.name}`
  const own = changeOfFields(path, fieldsOf(before), fieldsOf(after))
  return [...own, ...changesOfServers(`${path}/servers`, before.servers, after.servers)]
}

function changesOfServers(path: string, before: readonly RealServer[], after: readonly RealServer[]): Change[] {
  const old = new Map(before.map((server) => [serverName(server), server]))
  const now = new Map(after.map((server) => [serverName(server), server]))
  const removed = [...old].filter(([name]) => !now.has(name)).map(([name, server]) => removal(`${path}/${name}`, server))
  const others = [...now].flatMap(([name, server]) => changeOfServer(`${path}/${name}`, old.get(name), server))
  return [...removed, ...others, ...changeOfOrder(path, [...old.keys()], [...now.keys()])]
}

function changeOfServer(path: string, before: RealServer | undefined, after: RealServer): Change[] {
  if (!before) return [addition(path, after)]
  return changeOfFields(path, { ...before }, { ...after })
}

type Fields = Readonly<Record<string, unknown>>

/** Everything about a service but its servers. */
function fieldsOf(service: Service): Fields {
  const { servers: _, ...fields } = written(service)
  return fields
}

/** One change with the fields that differ; none where nothing does. */
function changeOfFields(path: string, before: Fields, after: Fields): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const differing = names.filter((name) => !sameValue(before[name], after[name]))
  const pick = (fields: Fields) =>
    Object.fromEntries(differing.filter((name) => name in fields).map((name) => [name, fields[name]]))
  return differing.length === 0 ? [] : [{ action: 'change', path, before: pick(before), after: pick(after) }]
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

/** Turns follow the list order, so the order of those that stay is a difference too. */
function changeOfOrder(path: string, before: readonly string[], after: readonly string[]): Change[] {
  const stays = (others: readonly string[]) => (name: string) => others.includes(name)
  const old = before.filter(stays(after))
  const now = after.filter(stays(before))
  return old.join() === now.join() ? [] : [{ action: 'change', path, before: old, after: now }]
}

function addition(path: string, after: unknown): Change {
  return { action: 'add', path, after }
}

function removal(path: string, before: unknown): Change {
  return { action: 'remove', path, before }
}
