// SPDX-License-Identifier: Apache-2.0
// What a packet test stands on, in a line each: `service('192.0.2.1:80', 'nat')` and, below it, its real servers.

export type InterfaceName = 'in' | 'other' | 'gone'
export type Forwarding = 'dr' | 'nat' | 'fullnat' | 'tun'
export type ProtocolName = 'tcp' | 'udp' | 'sctp'

/** As in the configuration file. */
interface ServiceBody {
  readonly protocol?: ProtocolName
  readonly scheduler?: 'rr' | 'wrr'
  readonly stray?: 'reset' | 'drop' | 'hash'
  readonly forwarding?: Forwarding
}

/** Where clients come: an address or a prefix of some, and a port, a range of ports or 0, which is all of them. */
export interface GivenListener {
  /** Absent: the service's. */
  readonly protocol?: ProtocolName
  readonly address: string
  readonly port: number | string
}

export interface GivenService extends ServiceBody {
  readonly kind: 'service'
  /** One is said in the file as the service's own address and port, several are as `listeners`. */
  readonly listeners: readonly GivenListener[]
}

export interface GivenServer {
  readonly kind: 'server'
  readonly address: string
  /** Absent: the service's. */
  readonly port?: number
  /** Null: nobody answers ARP. */
  readonly mac: string | null
  readonly weight: number
  readonly interface: InterfaceName
  /** Absent: the service's. */
  readonly forwarding?: Forwarding
}

export interface GivenTimeouts {
  readonly kind: 'timeouts'
  readonly tcp?: number
  readonly tcpFin?: number
  readonly udp?: number
}

/** Addresses of this director that full NAT sends from. */
export interface GivenSources {
  readonly kind: 'sources'
  readonly addresses: readonly string[]
}

/** The way to clients of a network. */
export interface GivenRoute {
  readonly kind: 'route'
  readonly network: string
  readonly mac: string
  readonly interface: InterfaceName
}

/** What packets an interface takes, in bytes. */
export interface GivenMtu {
  readonly kind: 'mtu'
  readonly interface: InterfaceName
  readonly mtu: number
}

export type Given = GivenService | GivenServer | GivenTimeouts | GivenSources | GivenRoute | GivenMtu

/**
 * `service('192.0.2.1:80', 'nat')`, `service('[2001:db8::1]:53', { protocol: 'udp' })`,
 * `service(['192.0.2.1:53', 'udp 192.0.2.1:53', '203.0.113.0/24:8000-8100'], 'dr', { stray: 'drop' })`; TCP by rr unless said otherwise.
 */
export function service(
  endpoints: string | readonly string[],
  forwarding: Forwarding | ServiceBody = {},
  body: ServiceBody = {},
): GivenService {
  const said = typeof forwarding === 'string' ? { forwarding, ...body } : forwarding
  const listeners = [endpoints].flat().map(listenerOf)
  return { kind: 'service', protocol: 'tcp', scheduler: 'rr', ...said, listeners }
}

function listenerOf(text: string): GivenListener {
  const [endpoint = '', protocol] = text.split(' ').reverse()
  const { address, port = '0' } = endpointOf(endpoint)
  const place = { address, port: port.includes('-') ? port : Number(port) }
  return protocol === undefined ? place : { protocol: protocol as ProtocolName, ...place }
}

interface ServerPlace {
  readonly weight?: number
  readonly on?: InterfaceName
  readonly forwarding?: Forwarding
}

/** A server of the service above it: `10.0.0.11`, `10.0.0.11:8080`, `fd00::11` or `[fd00::11]:8080`. */
export function realServer(
  endpoint: string,
  mac: string | null,
  { weight = 1, on = 'in', ...rest }: ServerPlace = {},
): GivenServer {
  const { address, port } = endpointOf(endpoint)
  return { kind: 'server', address, ...(port === undefined ? {} : { port: Number(port) }), mac, weight, interface: on, ...rest }
}

/** Seconds. */
export function timeouts(seconds: Omit<GivenTimeouts, 'kind'>): GivenTimeouts {
  return { kind: 'timeouts', ...seconds }
}

export function sources(...addresses: readonly string[]): GivenSources {
  return { kind: 'sources', addresses }
}

/** `route('198.51.100.0/24', ROUTER)`: who takes replies to these clients, and by which interface. */
export function route(network: string, mac: string, on: InterfaceName = 'in'): GivenRoute {
  return { kind: 'route', network, mac, interface: on }
}

export function mtu(on: InterfaceName, bytes: number): GivenMtu {
  return { kind: 'mtu', interface: on, mtu: bytes }
}

/** `192.0.2.1:80`, `192.0.2.0/24:8000-8100`, `[2001:db8::1]:80`, or an address alone. */
function endpointOf(text: string): { address: string; port?: string } {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):([\d-]+)$/.exec(text) ?? []
  return port === undefined ? { address: text } : { address: (bracketed ?? plain) as string, port }
}

/** As facts have it: the first network that holds a client counts. */
export interface GivenHop {
  readonly network: string
  readonly prefix: number
  readonly mac: string
  readonly interface: InterfaceName
}

function hopOf({ network, mac, interface: on }: GivenRoute): GivenHop {
  const [address = '', prefix] = network.split('/')
  return { network: address, prefix: Number(prefix), mac, interface: on }
}

/** The configuration file that says this, where the servers were found, who takes replies, and how long packets may be. */
export function configurationOf(given: readonly Given[], limits: object) {
  const services: { servers: unknown[] }[] = []
  const found: { address: string; mac: string; interface: InterfaceName }[] = []
  const hops: Record<'IPv4' | 'IPv6', GivenHop[]> = { IPv4: [], IPv6: [] }
  const mtus: Partial<Record<InterfaceName, number>> = {}
  let top = {}
  for (const item of given) {
    if (item.kind === 'timeouts') {
      const { kind: _, ...timeouts } = item
      top = { ...top, timeouts }
    } else if (item.kind === 'sources') {
      top = { ...top, sources: item.addresses }
    } else if (item.kind === 'route') {
      hops[item.network.includes(':') ? 'IPv6' : 'IPv4'].push(hopOf(item))
    } else if (item.kind === 'mtu') {
      mtus[item.interface] = item.mtu
    } else if (item.kind === 'service') {
      services.push(serviceBody(item))
    } else {
      const last = services.at(-1)
      if (!last) throw new Error(`${item.address} has no service above it`)
      last.servers.push(serverBody(item))
      if (item.mac !== null) found.push({ address: item.address, mac: item.mac, interface: item.interface })
    }
  }
  return { file: { interfaces: ['in', 'other', 'gone'], limits, ...top, services }, found, hops, mtus }
}

function serviceBody({ kind: _, listeners, ...body }: GivenService) {
  const [only] = listeners
  return { ...body, ...(listeners.length === 1 ? only : { listeners }), servers: [] }
}

function serverBody({ address, port, weight, forwarding }: GivenServer) {
  return { address, weight, ...(port === undefined ? {} : { port }), ...(forwarding ? { forwarding } : {}) }
}
