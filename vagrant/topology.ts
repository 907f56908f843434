// SPDX-License-Identifier: Apache-2.0
// The lab as data: what topology.yaml says, and what follows from it.
import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'

export type Role = 'client' | 'router' | 'director' | 'server'
export type Forwarding = 'dr' | 'nat' | 'fullnat' | 'tun'
export type Family = 4 | 6

export interface Machine {
  readonly role: Role
  /** By network, in the order of the interfaces: the first is eth1. */
  readonly addresses: Readonly<Record<string, string>>
  readonly gateway?: string
  /** Of a server, how the director is to reach it: `dr`, unless it says otherwise. */
  readonly forwarding?: Forwarding
  /** Networks that are reached by another way than the gateway, and the address on the way. */
  readonly routes?: Readonly<Record<string, string>>
}

export interface Network {
  readonly prefix: string
  /** Its IPv6 twin, a /64; without one the network has no IPv6. */
  readonly prefix6?: string
  /** Routers look for the VIPs here. */
  readonly vips?: boolean
  /** Of every interface in it; the topology's when absent. */
  readonly mtu?: number
}

export interface Topology {
  readonly vips: readonly string[]
  readonly vips6?: readonly string[]
  readonly networks: Readonly<Record<string, Network>>
  readonly machines: Readonly<Record<string, Machine>>
  readonly mtu?: number
  /** VLAN tags that frames carry on the directors' cables: none, one (802.1Q), or two (802.1ad outside). */
  readonly tags?: 0 | 1 | 2
}

export interface Interface {
  readonly device: string
  readonly network: string
  readonly address: string
  readonly address6?: string
  readonly mac: string
}

/** The tree that this file belongs to, from source or compiled. */
export const root = new URL(import.meta.url.includes('/build/js/') ? '../../../' : '../', import.meta.url).pathname

export function readTopology(path = `${root}vagrant/topology.yaml`): Topology {
  return load(readFileSync(path, 'utf8')) as Topology
}

export function withMachine(topology: Topology, name: string, machine: Machine): Topology {
  return { ...topology, machines: { ...topology.machines, [name]: machine } }
}

export function withNetwork(topology: Topology, name: string, network: Network): Topology {
  return { ...topology, networks: { ...topology.networks, [name]: network } }
}

/** The machine's interfaces with network, addresses and MAC; named as a virtual machine's would be, whose eth0 is its manager's. */
export function interfacesOf(topology: Topology, name: string): Interface[] {
  return Object.entries(machineOf(topology, name).addresses).map(([network, address], index) => ({
    device: `eth${index + 1}`,
    network,
    address,
    ...twinIn(topology, network, address),
    mac: macOf(address),
  }))
}

function twinIn(topology: Topology, network: string, address: string): { address6?: string } {
  const prefix6 = topology.networks[network]?.prefix6
  return prefix6 === undefined ? {} : { address6: twinOf(prefix6, address) }
}

/** `2001:db8:10::11` for 10.0.0.11 in 2001:db8:10::/64: the last number reads the same. */
function twinOf(prefix6: string, address: string): string {
  return prefix6.replace(/\/.*/, '') + address.split('.').at(-1)
}

/** The IPv6 twin of any machine's address, where that has one. */
function twinOfAny(topology: Topology, address: string): string | undefined {
  return Object.keys(topology.machines)
    .flatMap((name) => interfacesOf(topology, name))
    .find((each) => each.address === address)?.address6
}

export function machineOf(topology: Topology, name: string): Machine {
  const machine = topology.machines[name]
  if (!machine) throw new Error(`the topology has no machine ${name}`)
  return machine
}

/** `02:00:` and the address in hexadecimal, so that a capture reads well: 10.0.0.11 is 02:00:0a:00:00:0b. */
export function macOf(address: string): string {
  return ['02', '00', ...address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))].join(':')
}

export function serversOf(topology: Topology): string[] {
  return Object.keys(topology.machines).filter((name) => topology.machines[name]?.role === 'server')
}

export function forwardingOf(topology: Topology, server: string): Forwarding {
  return machineOf(topology, server).forwarding ?? 'dr'
}

/** Whether the VIPs are the server's own too: what reaches it is still for the VIP. */
export function holdsVips(topology: Topology, server: string): boolean {
  return ['dr', 'tun'].includes(forwardingOf(topology, server))
}

export function isDualStack(topology: Topology): boolean {
  return Object.values(topology.networks).some(({ prefix6 }) => prefix6 !== undefined)
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4
}

/** As it stands in a URL and before a port. */
export function bracketed(address: string): string {
  return familyOf(address) === 6 ? `[${address}]` : address
}

/** What provision/ROLE.sh takes from its environment. */
export function environmentOf(topology: Topology, name: string): Record<string, string> {
  const interfaces = interfacesOf(topology, name)
  const { role, gateway = '', forwarding = '' } = machineOf(topology, name)
  const vips = role === 'server' && !holdsVips(topology, name) ? [] : [...topology.vips, ...vips6Of(topology)]
  return {
    NAME: name,
    VIPS: vips.filter((vip) => familyOf(vip) === 4).join(' '),
    VIPS6: vips.filter((vip) => familyOf(vip) === 6).join(' '),
    GATEWAY: gateway,
    GATEWAY6: twinOfAny(topology, gateway) ?? '',
    ROUTES: routesOf(topology, name).join(' '),
    FORWARDING: forwarding,
    FORWARDS: isGateway(topology, name) ? 'yes' : '',
    INTERFACES: interfaces.map((each) => each.device).join(' '),
    TAGS: topology.tags ? String(topology.tags) : '',
    OBJECTS: `${root}build`,
    VIP_INTERFACE: interfaces.find((each) => topology.networks[each.network]?.vips)?.device ?? '',
  }
}

function vips6Of({ vips6 = [], networks }: Topology): readonly string[] {
  return Object.values(networks).some(({ vips, prefix6 }) => vips && prefix6 !== undefined) ? vips6 : []
}

/** `PREFIX=GATEWAY`, in both families; a network that the machine is in needs none. */
function routesOf(topology: Topology, name: string): string[] {
  const { addresses, routes = {} } = machineOf(topology, name)
  const elsewhere = Object.entries(routes).filter(([network]) => !(network in addresses))
  return elsewhere.flatMap(([network, via]) => {
    const { prefix, prefix6 } = topology.networks[network] ?? {}
    const via6 = twinOfAny(topology, via)
    return [`${prefix}=${via}`, ...(prefix6 && via6 ? [`${prefix6}=${via6}`] : [])]
  })
}

/** Whether other machines send through it. */
function isGateway(topology: Topology, name: string): boolean {
  const own = Object.values(machineOf(topology, name).addresses)
  return Object.values(topology.machines).some(
    ({ gateway, routes = {} }) => own.includes(gateway ?? '') || Object.values(routes).some((via) => own.includes(via)),
  )
}
