// SPDX-License-Identifier: Apache-2.0
// Where replies come from: servers behind NAT, and the ends of tunnels, which send ICMP errors about our own packets.
import { endpoint } from '../model/address.js'
import type { Protocol } from '../model/desired.js'
import type { Actual, EndpointEntry, EndpointProtocol, ListenerEntry, MapWrite, ServerEntry } from './actual.js'

/** ENDPOINT_… of bpf/abi.h. */
const NARROW = 4
const WIDE = 8
const FULL = 16
const TUNNEL = 32

export interface EndpointPlan {
  readonly next: Actual['endpoints']
  readonly added: readonly MapWrite[]
  readonly removed: readonly MapWrite[]
}

/** The endpoints of these servers, removed ones included as long as a connection may name them. */
export function planEndpoints(
  servers: Iterable<ServerEntry>,
  listeners: Iterable<ListenerEntry>,
  actual: Actual['endpoints'],
): EndpointPlan {
  const tables = tablesByService(listeners)
  const next = new Map<string, EndpointEntry>()
  for (const server of servers) {
    for (const entry of endpointsOf(server, tables.get(server.service))) {
      const name = endpointName(entry)
      // Flows that were made while another table was theirs are still there.
      const flags = entry.flags | (next.get(name)?.flags ?? 0) | (actual.get(name)?.flags ?? 0)
      next.set(name, { ...entry, flags })
    }
  }
  const changed = [...next].filter(([name, { flags }]) => actual.get(name)?.flags !== flags).map(([, entry]) => entry)
  const gone = [...actual].filter(([name]) => !next.has(name)).map(([, entry]) => entry)
  return {
    next: changed.length + gone.length > 0 ? next : actual,
    added: changed.map((entry) => ({ kind: 'endpoint', entry })),
    removed: gone.map((entry) => ({ kind: 'removeEndpoint', entry })),
  }
}

/** `tcp 10.0.0.11:80` */
export function endpointName({ protocol, address, port }: Omit<EndpointEntry, 'flags'>): string {
  return `${protocol} ${endpoint(address, port)}`
}

type Tables = Map<Protocol, number>

/** Which tables each service's flows may be in, by protocol. */
function tablesByService(listeners: Iterable<ListenerEntry>): ReadonlyMap<number, Tables> {
  const services = new Map<number, Tables>()
  for (const { service, protocol, wide } of listeners) {
    const tables: Tables = services.get(service) ?? new Map()
    tables.set(protocol, (tables.get(protocol) ?? 0) | (wide ? WIDE : NARROW))
    services.set(service, tables)
  }
  return services
}

function endpointsOf({ address, port, forwarding, protocol }: ServerEntry, tables: Tables | undefined): EndpointEntry[] {
  if (forwarding === 'dr') return []
  if (forwarding === 'tun') return [{ address, port: 0, protocol: 'ipip', flags: TUNNEL }]
  const protocols: readonly EndpointProtocol[] = tables ? [...tables.keys()] : protocol === undefined ? [] : [protocol]
  return protocols.map((each) => {
    const flags = forwarding === 'fullnat' ? FULL : (tables?.get(each as Protocol) ?? 0)
    return { address, port, protocol: each, flags }
  })
}
