// SPDX-License-Identifier: Apache-2.0
// What a packet test stands on, in a line each: `service('192.0.2.1:80')` and, below it, its real servers.

export type InterfaceName = 'in' | 'other' | 'gone'

/** As in the configuration file. */
interface ServiceBody {
  readonly protocol?: 'tcp' | 'udp'
  readonly scheduler?: 'rr' | 'wrr'
  readonly stray?: 'reset' | 'drop' | 'hash'
}

export interface GivenService extends ServiceBody {
  readonly kind: 'service'
  readonly address: string
  readonly port: number
}

export interface GivenServer {
  readonly kind: 'server'
  readonly address: string
  /** Null: nobody answers ARP. */
  readonly mac: string | null
  readonly weight: number
  readonly interface: InterfaceName
}

export interface GivenTimeouts {
  readonly kind: 'timeouts'
  readonly tcp?: number
  readonly tcpFin?: number
  readonly udp?: number
}

export type Given = GivenService | GivenServer | GivenTimeouts

/** `service('192.0.2.1:80', { stray: 'drop' })`; TCP by rr unless said otherwise. */
export function service(endpoint: string, body: ServiceBody = {}): GivenService {
  const [address = '', port] = endpoint.split(':')
  return { kind: 'service', protocol: 'tcp', scheduler: 'rr', ...body, address, port: Number(port) }
}

/** A server of the service above it. */
export function realServer(
  address: string,
  mac: string | null,
  { weight = 1, on = 'in' as InterfaceName }: { weight?: number; on?: InterfaceName } = {},
): GivenServer {
  return { kind: 'server', address, mac, weight, interface: on }
}

/** Seconds. */
export function timeouts(seconds: Omit<GivenTimeouts, 'kind'>): GivenTimeouts {
  return { kind: 'timeouts', ...seconds }
}

/** The configuration file that says this, and where the servers were found. */
export function configurationOf(given: readonly Given[], limits: object) {
  const services: { servers: unknown[]; port: number }[] = []
  const found: { address: string; mac: string; interface: InterfaceName }[] = []
  let seconds = {}
  for (const item of given) {
    if (item.kind === 'timeouts') {
      const { kind: _, ...named } = item
      seconds = named
    } else if (item.kind === 'service') {
      const { kind: _, ...body } = item
      services.push({ ...body, servers: [] })
    } else {
      const last = services.at(-1)
      if (!last) throw new Error(`${item.address} has no service above it`)
      last.servers.push({ address: item.address, port: last.port, weight: item.weight })
      if (item.mac !== null) found.push({ address: item.address, mac: item.mac, interface: item.interface })
    }
  }
  return { file: { interfaces: ['in', 'other', 'gone'], limits, timeouts: seconds, services }, found }
}
