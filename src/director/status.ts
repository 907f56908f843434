// SPDX-License-Identifier: Apache-2.0
// What services and servers are doing, in the API's words.
import type { Address, Service } from '../model/desired.js'
import type { Attached } from '../model/facts.js'
import { vipsOf } from '../model/listener.js'
import { scheduleWarning } from '../schedule/index.js'
import type { Listed, ListedServer } from './directory.js'
import type { DataPlane, Load } from './ports.js'
import type { TrafficMeter } from './statistics.js'
import type { ServerStatus, ServiceStatus, Statistics } from './view.js'

/** Where a status comes from. */
export interface Sources {
  readonly meter: TrafficMeter
  readonly load: DataPlane['load']
  readonly interfaceNames: ReadonlyMap<number, string>
  /** VIPs that are on no interface. */
  readonly absent: ReadonlySet<Address>
}

export function statusOfServer({ server, entry }: ListedServer, sources: Sources): ServerStatus {
  const interfaceName = entry?.route && sources.interfaceNames.get(entry.route.interface)
  return {
    state: stateOfServer({ server, entry }),
    ...connections(entry ? [sources.load(entry.index)] : []),
    ...sources.meter.server(entry?.index),
    weight: server.weight,
    ...(entry?.route ? { mac: entry.route.mac } : {}),
    ...(interfaceName === undefined ? {} : { interface: interfaceName }),
  }
}

/** A quiesced server keeps the connections that it has: it drains. */
function stateOfServer({ server, entry }: ListedServer): ServerStatus['state'] {
  if (!entry?.route && !entry?.local) return 'unresolved'
  return server.weight === 0 ? 'draining' : 'up'
}

export function statusOfService(listed: Listed, sources: Sources): ServiceStatus {
  const loads = listed.servers.flatMap(({ entry }) => (entry ? [sources.load(entry.index)] : []))
  return {
    state: stateOfService(listed),
    ...connections(loads),
    ...sources.meter.service(listed.listeners[0]?.service),
    warnings: [...vipWarnings(listed.service, sources.absent), ...scheduleWarnings(listed.service)],
  }
}

function stateOfService({ servers }: Listed): ServiceStatus['state'] {
  const wanted = servers.filter(({ server }) => server.weight > 0)
  const up = wanted.filter((server) => stateOfServer(server) === 'up')
  if (up.length === 0) return 'down'
  return up.length === wanted.length ? 'up' : 'degraded'
}

function connections(loads: readonly Load[]) {
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
  return {
    activeConnections: sum(loads.map(({ active }) => active)),
    inactiveConnections: sum(loads.map(({ inactive }) => inactive)),
  }
}

function vipWarnings(service: Service, absent: ReadonlySet<Address>): string[] {
  return vipsOf([service])
    .filter((vip) => absent.has(vip))
    .map((vip) => `the VIP ${vip} is on no interface`)
}

const known = new WeakMap<Service, readonly string[]>()

/** Kept beside the service, for it takes laying a ring out. */
function scheduleWarnings(service: Service): readonly string[] {
  const before = known.get(service)
  if (before) return before
  const weights = service.servers.map(({ weight }) => weight)
  const warning = scheduleWarning(service.scheduler, weights)
  const warnings = warning === undefined ? [] : [warning]
  known.set(service, warnings)
  return warnings
}

export function statistics(listings: readonly Listed[], sources: Sources): Statistics {
  return {
    outcomes: sources.meter.outcomes(),
    services: listings.map((listed) => ({
      name: listed.service.name,
      status: statusOfService(listed, sources),
      servers: listed.servers.map(({ server, entry }) => ({
        address: server.address,
        port: server.port,
        status: statusOfServer({ server, entry }, sources),
      })),
    })),
  }
}

/** Interfaces that work, but not as they should. */
export function interfaceWarnings(attached: readonly Attached[]): string[] {
  return attached.flatMap(({ name, mode, reason }) =>
    mode === 'generic' && reason !== undefined ? [`${name}: XDP runs in generic mode: ${reason}`] : [],
  )
}
