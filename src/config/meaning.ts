// SPDX-License-Identifier: Apache-2.0
// Turns fields of the right shape into the model, defaults filled in, and finds what a schema cannot say. It also runs over
// fields of the wrong shape, so that all errors come at once: what it makes of those is thrown away with them.
import { familyOf, parseAddress, unusable } from '../model/address.js'
import { refusal } from '../model/compatibility.js'
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

/** The director's addresses for full NAT; unknown where a journal is read, which was held to them when it was written. */
export type Sources = readonly Address[] | 'unknown'

/** What a server takes from its service, and the service from its director. */
export interface Around extends Pick<Service, 'protocol' | 'address' | 'port' | 'forwarding'> {
  readonly sources: Sources
}

export function readServer(fields: unknown, at: string, service: Around): Read<RealServer> {
  const body = (isFields(fields) ? fields : {}) as unknown as ServerBody
  const address = readAddress(body.address, `${at}address`)
  const server: RealServer = {
    address: address.value as Address,
    port: body.port ?? service.port,
    weight: body.weight ?? defaults.weight,
    forwarding: body.forwarding ?? service.forwarding,
  }
  return { value: server, errors: [...address.errors, ...(address.value ? misplaced(server, at, service) : [])] }
}

/** What makes a server no server of this service. */
function misplaced(server: RealServer, at: string, service: Around): FieldError[] {
  const { address, port, forwarding } = server
  if (address === service.address) return [{ path: `${at}address`, message: `${address} is the service's own address` }]
  if (!service.address || !service.protocol || !isPort(service.port) || !isPort(port)) return []
  const refused = refusal({
    forwarding,
    protocol: service.protocol,
    vip: familyOf(service.address),
    server: familyOf(address),
    remapped: port !== service.port,
  })
  if (refused) return [{ path: `${at}${refused.field}`, message: inWords[refused.field](refused.reason, server, service) }]
  return forwarding === 'fullnat' ? withoutSource(address, `${at}forwarding`, service.sources) : []
}

/** How a reason reads where the user wrote the field. */
const inWords = {
  address: (reason: string, server: RealServer, vip: Around) =>
    `${reason}: the VIP is ${vip.address}, the server ${server.address}`,
  port: (reason: string, { port }: RealServer, vip: Around) => `must be the service's port ${vip.port}, got ${port}: ${reason}`,
  forwarding: (reason: string, { forwarding }: RealServer, { protocol }: Around) =>
    `${forwarding} is not for ${protocol}: ${reason}`,
}

function withoutSource(server: Address, path: string, sources: Sources): FieldError[] {
  const family = familyOf(server)
  if (sources === 'unknown' || sources.some((source) => familyOf(source) === family)) return []
  return [{ path, message: `fullnat needs an ${family} address of this director in sources` }]
}

export function readService(fields: unknown, at: string, sources: Sources): Read<Service> {
  const body = (isFields(fields) ? fields : {}) as unknown as ServiceBody
  const address = readAddress(body.address, `${at}address`)
  const listener = { protocol: body.protocol, address: address.value as Address, port: body.port }
  const forwarding = body.forwarding ?? defaults.forwarding
  const around: Around = { ...listener, forwarding, sources }
  const servers = listOf(body.servers).map((server, index) => readServer(server, `${at}servers[${index}].`, around))
  const values = servers.map((server) => server.value)
  const service: Service = {
    name: body.name ?? nameOf(listener),
    ...listener,
    scheduler: body.scheduler ?? defaults.scheduler,
    forwarding,
    stray: body.stray ?? defaults.stray,
    servers: values,
  }
  const errors = [...address.errors, ...ownSource(listener.address, `${at}address`, sources)]
  return {
    value: service,
    errors: [...errors, ...servers.flatMap((server) => server.errors), ...conflicts(values, `${at}servers`)],
  }
}

/** Replies to a source address are told from clients' packets by that address alone. */
function ownSource(address: Address, path: string, sources: Sources): FieldError[] {
  if (sources === 'unknown' || !sources.includes(address)) return []
  return [{ path, message: `${address} is in sources: full NAT needs it for itself` }]
}

/** `tcp-203-0-113-10-80`, `tcp-2001-db8--1-80`: a service's name when the user gives none. */
export function nameOf(service: { protocol: Protocol; address: Address; port: number }): string {
  return `${service.protocol}-${service.address}-${service.port}`.replaceAll(/[.:]/g, '-')
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

export function readAddress(text: unknown, at: string): Read<Address | undefined> {
  if (typeof text !== 'string') return { value: undefined, errors: [] }
  const refuse = (message: string) => ({ value: undefined, errors: [{ path: at, message }] })
  const address = parseAddress(text)
  if (address === undefined) return refuse(`must be an IPv4 or IPv6 address, got ${shown(text)}`)
  const why = unusable(address)
  return why === undefined ? { value: address, errors: [] } : refuse(`${address} ${why}`)
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535
}
