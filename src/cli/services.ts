// SPDX-License-Identifier: Apache-2.0
// xlvs services
import type { ServiceDocument } from '../api/documents.js'
import { endpoint } from '../model/address.js'
import { type Column, table } from './columns.js'
import { bytes, count, rate } from './quantity.js'
import { showWarnings } from './status.js'

const columns: readonly Column<ServiceDocument>[] = [
  { title: 'SERVICE', show: ({ name }) => name },
  { title: 'PROTOCOL', show: (service) => [...new Set(listenersOf(service).map(({ protocol }) => protocol))].join() },
  { title: 'VIRTUAL', show: virtual },
  { title: 'SCHEDULER', show: ({ scheduler }) => scheduler },
  { title: 'FORWARDING', show: methods },
  { title: 'STATE', show: ({ status }) => status.state },
  { title: 'SERVERS UP', show: serversUp, right: true },
  { title: 'ACTIVE', show: ({ status }) => count(status.activeConnections), right: true },
  { title: 'INACTIVE', show: ({ status }) => count(status.inactiveConnections), right: true },
  { title: 'CONN/S', show: ({ status }) => rate(status.connectionsPerSecond), right: true },
  { title: 'PACKETS/S', show: ({ status }) => rate(status.packetsPerSecond), right: true },
  { title: 'BYTES/S', show: ({ status }) => bytes(status.bytesPerSecond), right: true },
]

export function showServices(services: readonly ServiceDocument[]): string {
  const warnings = services.flatMap(({ name, status }) => status.warnings.map((warning) => `${name}: ${warning}`))
  return [table(columns, services), showWarnings(warnings)].filter((part) => part !== '').join('\n')
}

function listenersOf({ protocol = 'tcp', address = '', port = 0, listeners }: ServiceDocument) {
  return listeners ?? [{ protocol, address, port }]
}

/** The first listener; `--json` has all of them. */
function virtual(service: ServiceDocument): string {
  const [first, ...others] = listenersOf(service).map(({ address, port }) => endpoint(address, port))
  return others.length === 0 ? `${first}` : `${first} and ${others.length} more`
}

/** Those of its servers; its own where it has none. */
function methods({ forwarding, servers }: ServiceDocument): string {
  return servers.length === 0 ? forwarding : [...new Set(servers.map((server) => server.forwarding))].join()
}

function serversUp({ servers }: ServiceDocument): string {
  return `${servers.filter(({ status }) => status.state === 'up').length}/${servers.length}`
}
