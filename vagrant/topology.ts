// SPDX-License-Identifier: Apache-2.0
// The lab as data: what topology.yaml says, and the variations on it that single tests want.
import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'

export type Role = 'client' | 'router' | 'director' | 'server'

export interface Machine {
  readonly role: Role
  /** By network, in the order of the interfaces: the first is eth1. */
  readonly addresses: Readonly<Record<string, string>>
  readonly gateway?: string
}

export interface Network {
  readonly prefix: string
  /** Routers look for the VIPs here. */
  readonly vips?: boolean
}

export interface Topology {
  readonly vips: readonly string[]
  readonly networks: Readonly<Record<string, Network>>
  readonly machines: Readonly<Record<string, Machine>>
  readonly mtu?: number
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

/** The machine's interfaces with network, address and MAC; named as a virtual machine's would be, whose eth0 is its manager's. */
export function interfacesOf(
  topology: Topology,
  name: string,
): { device: string; network: string; address: string; mac: string }[] {
  return Object.entries(machineOf(topology, name).addresses).map(([network, address], index) => ({
    device: `eth${index + 1}`,
    network,
    address,
    mac: macOf(address),
  }))
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

/** What provision/ROLE.sh takes from its environment. */
export function environmentOf(topology: Topology, name: string): Record<string, string> {
  const interfaces = interfacesOf(topology, name)
  return {
    NAME: name,
    VIPS: topology.vips.join(' '),
    GATEWAY: machineOf(topology, name).gateway ?? '',
    INTERFACES: interfaces.map((each) => each.device).join(' '),
    VIP_INTERFACE: interfaces.find((each) => topology.networks[each.network]?.vips)?.device ?? '',
  }
}
