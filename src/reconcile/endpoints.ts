// SPDX-License-Identifier: Apache-2.0
// Where replies come from: servers behind NAT, and the ends of tunnels, which send ICMP errors about our own packets.
import { endpoint } from '../model/address.js'
import type { Protocol } from '../model/desired.js'
import type { Actual, EndpointEntry, ListenerEntry, MapWrite, ServerEntry } from './actual.js'

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

/** The endpoints of these servers. Whatever is known stays while there is a server that it may be of, a removed one included. */
export function planEndpoints(
  servers: Iterable<ServerEntry>,
  listeners: Iterable<ListenerEntry>,
  actual: Actual['endpoints'],
): EndpointPlan {
  const all = [...servers]
  const next = new Map<string, EndpointEntry>()
  for (const entry of [...keptOf(all, actual), ...wantedOf(all, portsByService(listeners))]) {
    const name = endpointName(entry)
    // Flows that were made while another table was theirs are still there.
    next.set(name, { ...entry, flags: entry.flags | (next.get(name)?.flags ?? 0) })
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

/** `nat 10.0.0.11:80`; port 0 stands for whatever port the client used. */
function owner(kind: 'nat' | 'tun', address: string, port: number): string {
  return `${kind} ${endpoint(address, port)}`
}

function keptOf(servers: readonly ServerEntry[], actual: Actual['endpoints']): EndpointEntry[] {
  if (actual.size === 0) return []
  const there = new Set(servers.flatMap(({ forwarding, address, port }) => ownersOf(forwarding, address, port)))
  return [...actual.values()].filter(({ protocol, address, port }) =>
    protocol === 'ipip'
      ? there.has(owner('tun', address, 0))
      : there.has(owner('nat', address, port)) || there.has(owner('nat', address, 0)),
  )
}

function ownersOf(forwarding: ServerEntry['forwarding'], address: string, port: number): string[] {
  if (forwarding === 'dr') return []
  return [forwarding === 'tun' ? owner('tun', address, 0) : owner('nat', address, port)]
}

/** Of a service's listeners: by protocol and port, 0 for those of several ports, which tables their flows may be in. */
type ListenerPorts = Map<string, { readonly protocol: Protocol; readonly port: number; readonly tables: number }>

function portsByService(listeners: Iterable<ListenerEntry>): ReadonlyMap<number, ListenerPorts> {
  const services = new Map<number, ListenerPorts>()
  for (const { service, protocol, firstPort, lastPort, wide } of listeners) {
    const ports: ListenerPorts = services.get(service) ?? new Map()
    const port = firstPort === lastPort ? firstPort : 0
    const name = `${protocol} ${port}`
    ports.set(name, { protocol, port, tables: (ports.get(name)?.tables ?? 0) | (wide ? WIDE : NARROW) })
    services.set(service, ports)
  }
  return services
}

function wantedOf(servers: readonly ServerEntry[], services: ReadonlyMap<number, ListenerPorts>): EndpointEntry[] {
  return servers.flatMap(({ address, port, forwarding, service, removed }): EndpointEntry[] => {
    const ports = services.get(service)
    if (removed || forwarding === 'dr' || !ports) return []
    if (forwarding === 'tun') return [{ address, port: 0, protocol: 'ipip', flags: TUNNEL }]
    // Packets ask for an endpoint of port 0 only where there are ranges.
    return [...ports.values()].map(({ protocol, port: own, tables }) => ({
      address,
      port: port === 0 ? own : port,
      protocol,
      flags: forwarding === 'fullnat' ? FULL : tables,
    }))
  })
}
