// SPDX-License-Identifier: Apache-2.0
// Who is where in a packet test, by what was given and by nothing that the program or the controller made of it.
import ipaddr from 'ipaddr.js'
import type { Forwarding, Given, GivenServer, GivenService, InterfaceName, ProtocolName } from './given.js'
import { SCTP, TCP, UDP } from './transport.js'

/** What the director has on its interfaces. */
export const stations: Readonly<Record<InterfaceName, { mac: string; addresses: readonly string[] }>> = {
  in: { mac: '02:00:00:00:00:01', addresses: ['10.0.0.1', 'fd00::1'] },
  other: { mac: '02:00:00:00:00:02', addresses: ['10.1.0.1', 'fd00:1::1'] },
  gone: { mac: '02:00:00:00:00:03', addresses: ['10.2.0.1', 'fd00:2::1'] },
}

const protocolNumbers: Readonly<Record<ProtocolName, number>> = { tcp: TCP, udp: UDP, sctp: SCTP }

export interface Placed {
  readonly server: GivenServer
  readonly service: GivenService
  readonly forwarding: Forwarding
}

export interface Scene {
  readonly given: readonly Given[]
  readonly services: readonly GivenService[]
  readonly servers: readonly Placed[]
  /** Full NAT's. */
  readonly sources: readonly string[]
  /** Addresses of servers that there were before: they may still answer. */
  readonly former: ReadonlySet<string>
}

export const emptyScene: Scene = { given: [], services: [], servers: [], sources: [], former: new Set() }

export function sceneOf(given: readonly Given[], before = emptyScene): Scene {
  let service: GivenService | undefined
  const servers: Placed[] = []
  for (const item of given) {
    if (item.kind === 'service') service = item
    if (item.kind === 'server' && service)
      servers.push({ server: item, service, forwarding: item.forwarding ?? service.forwarding ?? 'dr' })
  }
  const services = given.filter((item) => item.kind === 'service')
  const former = new Set([...before.former, ...before.servers.map(({ server }) => server.address)])
  return { given, former, services, servers, sources: given.flatMap((item) => (item.kind === 'sources' ? item.addresses : [])) }
}

/** Listens a service at this address, to this protocol, and, where one is given, on this port? */
export function listens({ listeners, protocol = 'tcp' }: GivenService, address: string, number: number, port?: number): boolean {
  return listeners.some(
    (at) =>
      protocolNumbers[at.protocol ?? protocol] === number &&
      isWithin(address, at.address) &&
      (port === undefined || reaches(at.port, port)),
  )
}

/** Is there a service that does? */
export function isListener({ services }: Scene, address: string, protocol: number, port?: number): boolean {
  return services.some((service) => listens(service, address, protocol, port))
}

function reaches(ports: number | string, port: number): boolean {
  if (ports === 0) return true
  const [first, last = first] = String(ports).split('-').map(Number)
  return port >= (first as number) && port <= (last as number)
}

function isWithin(address: string, network: string): boolean {
  const [base = '', length] = network.split('/')
  if (length === undefined) return address === base
  const [one, other] = [ipaddr.parse(address), ipaddr.parse(base)]
  return one.kind() === other.kind() && one.match(other, Number(length))
}
