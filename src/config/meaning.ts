// SPDX-License-Identifier: Apache-2.0
// Turns fields of the right shape into the model, defaults filled in, and finds what a schema cannot say. It also runs over
// fields of the wrong shape, so that all errors come at once: what it makes of those is thrown away with them.
import { isIPv6, parseAddress, unusable } from '../model/address.js'
import { conflictingServers } from '../model/conflicts.js'
import type { Address, Protocol, RealServer, Service } from '../model/desired.js'
import type { FieldError } from '../model/errors.js'
import { defaults } from './defaults.js'
import type { ServerBody, ServiceBody } from './schema.js'
import { isFields, shown } from './shape.js'

/** A value read, beside what is wrong with it. */
export interface Read<T> {
  readonly value: T
  readonly errors: readonly FieldError[]
}

/** What a server takes from its service. */
export type Around = Pick<Service, 'address' | 'port'>

export function readServer(fields: unknown, at: string, service: Around): Read<RealServer> {
  const body = (isFields(fields) ? fields : {}) as unknown as ServerBody
  const address = readAddress(body.address, `${at}address`)
  const port = body.port ?? service.port
  const errors = [...address.errors]
  if (address.value !== undefined && address.value === service.address)
    errors.push({ path: `${at}address`, message: `${address.value} is the service's own address` })
  if (port !== service.port && isPort(port) && isPort(service.port))
    errors.push({ path: `${at}port`, message: `must be the service's port ${service.port} in direct routing, got ${port}` })
  return { value: { address: address.value as Address, port, weight: body.weight ?? defaults.weight }, errors }
}

export function readService(fields: unknown, at: string): Read<Service> {
  const body = (isFields(fields) ? fields : {}) as unknown as ServiceBody
  const address = readAddress(body.address, `${at}address`)
  const around: Around = { address: address.value as Address, port: body.port }
  const servers = listOf(body.servers).map((server, index) => readServer(server, `${at}servers[${index}].`, around))
  const values = servers.map((server) => server.value)
  const service: Omit<Service, 'name'> = {
    protocol: body.protocol,
    ...around,
    scheduler: body.scheduler ?? defaults.scheduler,
    forwarding: body.forwarding ?? defaults.forwarding,
    stray: body.stray ?? defaults.stray,
    servers: values,
  }
  return {
    value: { name: body.name ?? nameOf(service), ...service },
    errors: [...address.errors, ...servers.flatMap((server) => server.errors), ...conflicts(values, `${at}servers`)],
  }
}

/** `tcp-203-0-113-10-80`: a service's name when the user gives none. */
export function nameOf(service: { protocol: Protocol; address: Address; port: number }): string {
  return `${service.protocol}-${service.address}-${service.port}`.replaceAll('.', '-')
}

/** A list of anything; empty where there is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A server whose address is wrong is told by its place, and so conflicts with nothing. */
function conflicts(servers: readonly RealServer[], at: string): FieldError[] {
  const told = servers.map((server, index) => (server.address ? server : { ...server, address: `#${index}` as Address }))
  return conflictingServers(told, at)
}

function readAddress(text: unknown, at: string): Read<Address | undefined> {
  if (typeof text !== 'string') return { value: undefined, errors: [] }
  const refuse = (message: string) => ({ value: undefined, errors: [{ path: at, message }] })
  const address = parseAddress(text)
  if (address === undefined) return refuse(`must be an IPv4 address, got ${shown(text)}`)
  if (isIPv6(address)) return refuse(`${address}: IPv6 is not supported by this version`)
  const why = unusable(address)
  return why === undefined ? { value: address, errors: [] } : refuse(`${address} ${why}`)
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535
}
