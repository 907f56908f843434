// SPDX-License-Identifier: Apache-2.0
// The topology in namespaces: one for each machine and one that is the switch, with a bridge for each network.
import { spawnSync } from 'node:child_process'
import { unlinkSync } from 'node:fs'
import { interfacesOf, isDualStack, machineOf, root, type Topology } from './topology.js'

/** The namespace of a lab's machine; `switch` is one of its own. */
export function namespaceOf(lab: string, machine: string): string {
  return `${lab}-${machine}`
}

export function namespacesOf(lab: string, topology: Topology): string[] {
  return ['switch', ...Object.keys(topology.machines)].map((machine) => namespaceOf(lab, machine))
}

/** The switch's end of a machine's cable: 15 characters are all that a link's name has. */
export function portOf(topology: Topology, machine: string, network: string): string {
  const index = Object.keys(machineOf(topology, machine).addresses).indexOf(network)
  return `${machine.slice(0, 12)}-${index + 1}`
}

/** Commands for `ip -batch` that wire the topology; the namespaces exist. */
export function wiring(lab: string, topology: Topology): { switchboard: string[]; machines: Map<string, string[]> } {
  const networks = Object.keys(topology.networks)
  const switchboard = networks.flatMap((network) => [
    `link add ${network} mtu ${mtuOf(topology, network)} type bridge mcast_snooping 0`,
    `link set ${network} up`,
  ])
  const machines = new Map<string, string[]>()
  for (const machine of Object.keys(topology.machines)) {
    const commands: string[] = []
    for (const { device, network, address, address6, mac } of interfacesOf(topology, machine)) {
      const port = portOf(topology, machine, network)
      const there = namespaceOf(lab, machine)
      const mtu = mtuOf(topology, network) + roomForTags(topology, machine)
      const bits = topology.networks[network]?.prefix.split('/')[1]
      switchboard.push(`link add ${port} mtu ${mtu} type veth peer name ${device} mtu ${mtu} address ${mac} netns ${there}`)
      switchboard.push(`link set ${port} master ${network} up`)
      commands.push(`address add ${address}/${bits} dev ${device}`, `link set ${device} up`)
      if (address6) commands.push(`address add ${address6}/64 dev ${device} nodad`)
    }
    machines.set(machine, commands)
  }
  return { switchboard, machines }
}

export function mtuOf(topology: Topology, network: string): number {
  return topology.networks[network]?.mtu ?? topology.mtu ?? 1500
}

/** A link carries one tag over its MTU, and not a second. */
function roomForTags(topology: Topology, machine: string): number {
  return topology.tags === 2 && machineOf(topology, machine).role === 'director' ? 4 : 0
}

/** No address has to be tried first, no router looked for, and nobody may send a machine another way than its routes say. */
const settled = {
  4: ['net.ipv4.conf.all.accept_redirects=0', 'net.ipv4.conf.default.accept_redirects=0'],
  6: ['accept_dad', 'accept_ra', 'accept_redirects'].map((name) => `net.ipv6.conf.default.${name}=0`),
}
/** Bridges look at no IP: with netfilter between, they would drop what the machines are to see, a bad header checksum among it. */
const transparent = ['arptables', 'iptables', 'ip6tables'].map((name) => `net.bridge.bridge-nf-call-${name}=0`)
const noIPv6 = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']

/** Makes the namespaces and everything between them. */
export function wire(lab: string, topology: Topology): void {
  for (const namespace of namespacesOf(lab, topology)) {
    const speaksIPv6 = isDualStack(topology) && namespace !== namespaceOf(lab, 'switch')
    execute('ip', ['netns', 'add', namespace])
    inNamespace(namespace, 'sysctl', ['-qw', ...settled[4], ...(speaksIPv6 ? settled[6] : noIPv6)])
  }
  // a kernel without bridge netfilter has no such settings
  inNamespace(namespaceOf(lab, 'switch'), 'sysctl', ['-e', '-qw', ...transparent])
  const { switchboard, machines } = wiring(lab, topology)
  batch(namespaceOf(lab, 'switch'), switchboard)
  for (const [machine, commands] of machines) batch(namespaceOf(lab, machine), commands)
  execute('bpftool', ['prog', 'load', `${root}build/port.bpf.o`, portPin(lab), 'type', 'xdp'])
  for (const machine of Object.keys(topology.machines)) {
    for (const { network } of interfacesOf(topology, machine)) openPort(lab, topology, machine, network)
  }
  unlinkSync(portPin(lab))
  if (topology.tags) tagPorts(lab, topology)
}

/** Makes trunks of the ports to the directors, whose own ends are their provisioning's. */
function tagPorts(lab: string, topology: Topology): void {
  const directors = Object.keys(topology.machines).filter((name) => machineOf(topology, name).role === 'director')
  const ports = directors.flatMap((name) => interfacesOf(topology, name).map(({ network }) => portOf(topology, name, network)))
  inNamespace(namespaceOf(lab, 'switch'), 'sh', [`${root}vagrant/provision/vlan.sh`], {
    TAGS: String(topology.tags),
    OBJECTS: `${root}build`,
    INTERFACES: ports.join(' '),
  })
}

/**
 * Lets frames that XDP sends arrive: redirected ones where NAPI runs, which GRO switches on; XDP_TX's where a program is. What GRO
 * has merged is cut again by this machine with finished checksums: XDP would send an unfinished one on as it is.
 */
function openPort(lab: string, topology: Topology, machine: string, network: string): void {
  const there = namespaceOf(lab, 'switch')
  const port = portOf(topology, machine, network)
  inNamespace(there, 'ethtool', ['-K', port, 'gro', 'on', 'tx', 'off'])
  if (machineOf(topology, machine).role === 'director')
    inNamespace(there, 'bpftool', ['net', 'attach', 'xdpdrv', 'pinned', portPin(lab), 'dev', port])
}

/** Where the ports' program is pinned while the ports are made; once attached it needs no pin. */
export function portPin(lab: string): string {
  return `/sys/fs/bpf/${lab}-port`
}

function batch(namespace: string, commands: readonly string[]): void {
  execute('ip', ['-n', namespace, '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

/** `ip netns exec` would hide bpffs; `nsenter --net` leaves the mounts as they are. */
export function enter(namespace: string, command: string, args: readonly string[]): [string, string[]] {
  return ['nsenter', [`--net=/run/netns/${namespace}`, '--', command, ...args]]
}

export function inNamespace(namespace: string, command: string, args: readonly string[], env?: Record<string, string>): string {
  return execute(...enter(namespace, command, args), { env: { ...process.env, ...env } })
}

/** Runs a command to its end and returns what it printed; throws what it complained of. */
export function execute(
  command: string,
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    input: '',
    ...options,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${signal ?? status}: ${stderr.trim()}`)
  return stdout
}
