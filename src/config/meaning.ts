// SPDX-License-Identifier: Apache-2.0
// Turns fields of the right shape into the model, defaults filled in, and finds what a schema cannot say. It also runs over
// fields of the wrong shape, so that all errors come at once: what it makes of those is thrown away with them.
import { conflictingServers } from '../model/conflicts.js'
import type { Address, RealServer, Service } from '../model/desired.js'
import type { FieldError } from '../model/errors.js'
import { isNetwork, type Listener, writtenPorts } from '../model/listener.js'
import { defaults } from './defaults.js'
import { readAddress, readListeners, type Sources } from './listening.js'
import { type Around, defaultPort, misplaced } from './placement.js'
import type { ServerBody, ServiceBody } from './schema.js'
import { isFields, listOf, type Read } from './shape.js'

export function readServer(fields: unknown, at: string, service: Around): Read<RealServer> {
  const body = (isFields(fields) ? fields : {}) as unknown as ServerBody
  const address = readAddress(body.address, `${at}address`)
  const server: RealServer = {
    address: address.value as Address,
    port: body.port || defaultPort(service),
    weight: body.weight ?? defaults.weight,
    forwarding: body.forwarding ?? service.forwarding,
  }
  return { value: server, errors: [...address.errors, ...(address.value ? misplaced(server, at, service) : [])] }
}

export function readService(fields: unknown, at: string, sources: Sources): Read<Service> {
  const body = (isFields(fields) ? fields : {}) as unknown as ServiceBody
  const listeners = readListeners(fields, at, sources)
  const forwarding = body.forwarding ?? defaults.forwarding
  // Beside listeners that can't be read, servers are only read.
  const around: Around = { listeners: listeners.errors.length > 0 ? [] : listeners.value, forwarding, sources }
  const servers = listOf(body.servers).map((server, index) => readServer(server, `${at}servers[${index}].`, around))
  const values = servers.map((server) => server.value)
  const service: Service = {
    name: body.name ?? nameOf(listeners.value),
    listeners: listeners.value,
    scheduler: body.scheduler ?? defaults.scheduler,
    forwarding,
    stray: body.stray ?? defaults.stray,
    servers: values,
  }
  return {
    value: service,
    errors: [...listeners.errors, ...servers.flatMap((server) => server.errors), ...conflicts(values, `${at}servers`)],
  }
}

/**
 * A service's name when the user gives none, by its first listener: `tcp-203-0-113-10-80`, `tcp-2001-db8--1-80`,
 * `udp-203-0-113-0-p24-8000to8100`. A DNS label, and another one for every other listener.
 */
export function nameOf([first]: readonly Listener[]): string {
  if (!first) return ''
  const prefix = isNetwork(first) ? `-p${first.prefix}` : ''
  const ports = String(writtenPorts(first)).replace('-', 'to')
  return `${first.protocol}-${first.address}${prefix}-${ports}`.replaceAll(/[.:]/g, '-')
}

/** A server whose address is wrong is told by its place, and so conflicts with nothing. */
function conflicts(servers: readonly RealServer[], at: string): FieldError[] {
  const told = servers.map((server, index) => (server.address ? server : { ...server, address: `#${index}` as Address }))
  return conflictingServers(told, at)
}
