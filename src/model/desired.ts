// SPDX-License-Identifier: Apache-2.0
// The desired state: plain data, parsed once at the edge (config/), trusted inside. Field names are those of the file and of REST.
import { endpoint } from './address.js'
import type { Listener } from './listener.js'

/** An IPv4 or IPv6 address in canonical text (RFC 5952); made by `parseAddress` alone, so that `===` compares. */
export type Address = string & { readonly __brand: 'Address' }

export type Protocol = 'tcp' | 'udp' | 'sctp'
/** Direct routing, NAT, NAT of both addresses, and IP in IP. */
export type Forwarding = 'dr' | 'nat' | 'fullnat' | 'tun'
export type SchedulerName = 'rr' | 'wrr'
/** What happens to TCP that has neither a connection entry nor SYN. */
export type StrayPolicy = 'reset' | 'drop' | 'hash'
export type XdpMode = 'auto' | 'native' | 'generic'

export interface RealServer {
  readonly address: Address
  /** 1–65535, or 0 for the port that the client used, where that may be one of several. */
  readonly port: number
  /** 0 = quiesced; up to 2147483647. */
  readonly weight: number
  readonly forwarding: Forwarding
}

export interface Service {
  /** A DNS label, unique. */
  readonly name: string
  /** One or more, none of them twice; all of them share the schedule. */
  readonly listeners: readonly Listener[]
  readonly scheduler: SchedulerName
  /** What a server has that says nothing else. */
  readonly forwarding: Forwarding
  readonly stray: StrayPolicy
  /** In list order, which decides turns. */
  readonly servers: readonly RealServer[]
}

/** What is read at the start; a change needs a restart (SIGHUP says so by name), sources and timeouts excepted. */
export interface Settings {
  readonly interfaces: readonly string[]
  readonly vips: 'manual' | 'assign'
  readonly xdpMode: XdpMode
  readonly api: { readonly listen: string; readonly tokens?: string }
  readonly stateDir: string
  readonly pinDir: string
  /** Addresses of this director that full NAT puts in the clients' place. */
  readonly sources: readonly Address[]
  readonly limits: {
    readonly connections: number
    /** Of IPv6, of prefixes and of full NAT. */
    readonly wideConnections: number
    readonly services: number
    readonly servers: number
    readonly ringSlots: number
    readonly sources: number
  }
  /** Seconds. */
  readonly timeouts: { readonly tcp: number; readonly tcpFin: number; readonly udp: number }
}

export interface Desired extends Settings {
  readonly services: readonly Service[]
}

/** `10.0.0.11:80`, `[2001:db8::11]:80`: what a server is known by inside its service. */
export function serverName(server: Pick<RealServer, 'address' | 'port'>): string {
  return endpoint(server.address, server.port)
}
