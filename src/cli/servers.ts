// SPDX-License-Identifier: Apache-2.0
// xlvs servers
import type { ServerDocument, ServiceDocument } from '../api/documents.js'
import { endpoint } from '../model/address.js'
import { type Column, table } from './columns.js'
import { bytes, count, rate } from './quantity.js'

interface Row {
  readonly service: string
  readonly server: ServerDocument
}

const columns: readonly Column<Row>[] = [
  { title: 'SERVICE', show: ({ service }) => service },
  { title: 'SERVER', show: ({ server }) => endpoint(server.address, server.port) },
  { title: 'FORWARDING', show: ({ server }) => server.forwarding },
  { title: 'STATE', show: ({ server }) => server.status.state },
  { title: 'WEIGHT', show: weight, right: true },
  { title: 'ACTIVE', show: ({ server }) => count(server.status.activeConnections), right: true },
  { title: 'INACTIVE', show: ({ server }) => count(server.status.inactiveConnections), right: true },
  { title: 'CONN/S', show: ({ server }) => rate(server.status.connectionsPerSecond), right: true },
  { title: 'PACKETS/S', show: ({ server }) => rate(server.status.packetsPerSecond), right: true },
  { title: 'BYTES/S', show: ({ server }) => bytes(server.status.bytesPerSecond), right: true },
  { title: 'MAC', show: ({ server }) => server.status.mac ?? '' },
  { title: 'INTERFACE', show: ({ server }) => server.status.interface ?? '' },
]

export function showServers(services: readonly ServiceDocument[]): string {
  const rows = services.flatMap((service) => service.servers.map((server) => ({ service: service.name, server })))
  return table(columns, rows)
}

/** The weight in effect; where it is not the configured one, both. */
function weight({ server }: Row): string {
  const { weight: inEffect } = server.status
  return inEffect === server.weight ? count(inEffect) : `${count(inEffect)} (of ${count(server.weight)})`
}
