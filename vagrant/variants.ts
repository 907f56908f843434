// SPDX-License-Identifier: Apache-2.0
// Variations on the lab: where the servers stand and how they are reached, other clients, other cables. Each takes a topology
// and returns one, so that they add up.
import { type Forwarding, machineOf, serversOf, type Topology, withMachine, withNetwork } from './topology.js'

/**
 * Where servers are: on the director's own network; on another, behind its second interface; or on one that the director
 * reaches through the router.
 */
export type Stand = 'one-arm' | 'two-arm' | 'remote'

const networks: Readonly<Record<Stand, string>> = { 'one-arm': 'servers', 'two-arm': 'private', remote: 'remote' }

/**
 * Servers reached by one method: VIPs on lo for `dr` and `tun`, a decapsulator for `tun`; their gateway is the director for
 * `nat`, and the router for all others.
 */
export function placeServers(
  topology: Topology,
  forwarding: Forwarding,
  stand: Stand = 'one-arm',
  names = serversOf(topology),
): Topology {
  const gateway = forwarding === 'nat' ? 'director' : 'router'
  if (stand === 'remote' && (forwarding === 'dr' || forwarding === 'nat'))
    throw new Error(`${forwarding} reaches no server beyond the router`)
  const network = networks[stand]
  const ready = withStand(topology, stand, gateway)
  return names.reduce((lab, name) => {
    const { role, addresses } = machineOf(lab, name)
    const address = numbered(lab, network, lastNumber(Object.values(addresses)[0]))
    return withMachine(lab, name, {
      role,
      addresses: { [network]: address },
      gateway: addressIn(lab, gateway, network),
      forwarding,
    })
  }, ready)
}

/** The network that servers stand on, joined to what sends to them and to what they send through. */
function withStand(topology: Topology, stand: Stand, gateway: 'director' | 'router'): Topology {
  if (stand === 'one-arm') return topology
  if (stand === 'remote')
    return attached(
      withNetwork(topology, 'remote', { prefix: '10.2.0.0/24', prefix6: '2001:db8:10:2::/64' }),
      'router',
      'remote',
      1,
    )
  const wider = withNetwork(topology, 'private', { prefix: '10.1.0.0/24', prefix6: '2001:db8:10:1::/64' })
  const reached = attached(wider, 'director', 'private', 2)
  return gateway === 'router'
    ? attached(reached, 'router', 'private', 1)
    : routed(reached, 'router', 'private', addressIn(reached, 'director', 'servers'))
}

function attached(topology: Topology, name: string, network: string, number: number): Topology {
  const machine = machineOf(topology, name)
  const addresses = { ...machine.addresses, [network]: numbered(topology, network, number) }
  return withMachine(topology, name, { ...machine, addresses })
}

function routed(topology: Topology, name: string, network: string, via: string): Topology {
  const machine = machineOf(topology, name)
  return withMachine(topology, name, { ...machine, routes: { ...machine.routes, [network]: via } })
}

/** 10.1.0.11 is number 11 in 10.1.0.0/24. */
function numbered(topology: Topology, network: string, number: number): string {
  return `${topology.networks[network]?.prefix.split('.').slice(0, 3).join('.')}.${number}`
}

function lastNumber(address = ''): number {
  return Number(address.split('.').at(-1))
}

function addressIn(topology: Topology, name: string, network: string): string {
  return machineOf(topology, name).addresses[network] ?? ''
}

/** A client, `neighbour`, on the VIPs' own network: no router is between it and the director. */
export function withNeighbour(topology: Topology): Topology {
  const gateway = addressIn(topology, 'router', 'servers')
  const addresses = { servers: numbered(topology, 'servers', 100) }
  return withMachine(topology, 'neighbour', { role: 'client', addresses, gateway })
}

/**
 * A client, `far`, that announces full segments and can't get them: between its router, `edge`, and ours the MTU is less.
 * What is too big for that is for the kernels on the way to tell, and for those at the ends to hear.
 */
export function withNarrowPath(topology: Topology, mtu = 1280): Topology {
  const narrow = withNetwork(topology, 'narrow', { prefix: '192.0.2.0/24', prefix6: '2001:db8:192::/64', mtu })
  const distant = withNetwork(narrow, 'distant', { prefix: '100.64.0.0/24', prefix6: '2001:db8:100::/64' })
  const left = routed(attached(distant, 'router', 'narrow', 1), 'router', 'distant', '192.0.2.2')
  const addresses = { distant: '100.64.0.1', narrow: '192.0.2.2' }
  const joined = withMachine(left, 'edge', { role: 'router', addresses, gateway: '192.0.2.1' })
  return withMachine(joined, 'far', { role: 'client', addresses: { distant: '100.64.0.10' }, gateway: '100.64.0.1' })
}

/** Every frame on the directors' cables carries one VLAN tag, or two: the switch's ports give and take them. */
export function withTags(topology: Topology, tags: 1 | 2): Topology {
  return { ...topology, tags }
}

/** Another MTU for one network: less beyond the router, where tunnels end, or more for jumbo frames. */
export function withMtu(topology: Topology, network: string, mtu: number): Topology {
  const known = topology.networks[network]
  if (!known) throw new Error(`the topology has no network ${network}`)
  return withNetwork(topology, network, { ...known, mtu })
}
