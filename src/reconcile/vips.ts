// SPDX-License-Identifier: Apache-2.0
// VIPs, networks of them, and the ports of listeners that have several: what packets of no exact listener are looked up in.
import { familyOf } from '../model/address.js'
import type { Protocol } from '../model/desired.js'
import { isNetwork, type Network } from '../model/listener.js'
import { contains } from '../model/network.js'
import type { Actual, ListenerEntry, MapWrite, PortEntry, VipEntry } from './actual.js'
import { freeIndices } from './indices.js'
import { portPrefixes } from './port_prefixes.js'

/** VIP_… of bpf/abi.h. */
const protocolBits: Readonly<Record<Protocol, number>> = { tcp: 1, udp: 2, sctp: 4 }

/** As many as `blocks` of bpf/maps.h holds. */
const MAXIMUM_BLOCKS = 4096

export interface VipPlan {
  readonly vips: Actual['vips']
  readonly ports: Actual['ports']
  /** Before the listeners that need them; then those that nothing needs. */
  readonly added: readonly MapWrite[]
  readonly removed: readonly MapWrite[]
}

/** True for one that has several addresses or ports: it is found by its block. */
export function isBlock(listener: ListenerEntry): boolean {
  return isNetwork(listener) || listener.firstPort !== listener.lastPort
}

interface Prefix extends Network {
  readonly listeners: ListenerEntry[]
}

/** One entry for each VIP and network that has listeners, and the ports of each block. */
export function planVips(listeners: ReadonlyMap<string, ListenerEntry>, actual: Actual): VipPlan {
  const prefixes = prefixesOf(listeners.values())
  const vips = vipsOf(prefixes, actual)
  const ports = portsOf(prefixes, vips)
  const count = blocksIn(vips)
  const before = blocksIn(actual.vips)
  const newVips = [...vips].filter(([name, entry]) => !sameVip(actual.vips.get(name), entry)).map(([, entry]) => entry)
  const newPorts = [...ports].filter(([name, entry]) => !samePort(actual.ports.get(name), entry)).map(([, entry]) => entry)
  return {
    vips,
    ports,
    added: [
      ...(count > before ? [{ kind: 'blocks', count } as const] : []),
      ...newPorts.map((entry): MapWrite => ({ kind: 'port', entry })),
      ...newVips.map((entry): MapWrite => ({ kind: 'vip', entry })),
    ],
    removed: [
      ...missing(actual.vips, vips).map((entry): MapWrite => ({ kind: 'removeVip', entry })),
      ...missing(actual.ports, ports).map((entry): MapWrite => ({ kind: 'removePort', entry })),
      ...(count < before ? [{ kind: 'blocks', count } as const] : []),
    ],
  }
}

function prefixesOf(listeners: Iterable<ListenerEntry>): ReadonlyMap<string, Prefix> {
  const prefixes = new Map<string, Prefix>()
  for (const listener of listeners) {
    const { address, prefix } = listener
    const name = `${address}/${prefix}`
    const known = prefixes.get(name)
    if (known) known.listeners.push(listener)
    else prefixes.set(name, { address, prefix, listeners: [listener] })
  }
  return prefixes
}

function vipsOf(prefixes: ReadonlyMap<string, Prefix>, actual: Actual): ReadonlyMap<string, VipEntry> {
  const blocks = blockNumbers(prefixes, actual)
  // The longest first: the first that contains another one is its parent.
  const around = [...prefixes].filter(([name]) => blocks.has(name)).sort(([, a], [, b]) => b.prefix - a.prefix)
  return new Map(
    [...prefixes].map(([name, { address, prefix, listeners }]) => {
      const enclosing = around.filter(([, other]) => other.prefix < prefix && isWithin(address, other))
      const [parent] = enclosing
      const all = [...listeners, ...enclosing.flatMap(([, other]) => other.listeners)]
      const protocols = all.reduce((bits, { protocol }) => bits | protocolBits[protocol], 0)
      return [
        name,
        { address, prefix, block: blocks.get(name) ?? 0, parent: parent ? (blocks.get(parent[0]) as number) : 0, protocols },
      ]
    }),
  )
}

function isWithin(address: VipEntry['address'], network: Network): boolean {
  return familyOf(address) === familyOf(network.address) && contains(network.address, network.prefix, address)
}

/** A prefix keeps its number as long as it has such listeners. */
function blockNumbers(prefixes: ReadonlyMap<string, Prefix>, { vips }: Actual): ReadonlyMap<string, number> {
  const taken = new Set([...vips.values()].map(({ block }) => block))
  const allocate = freeIndices(MAXIMUM_BLOCKS, (index) => taken.has(index), 'services', 'networks and ranges of ports')
  const wanted = [...prefixes].filter(([, { listeners }]) => listeners.some(isBlock))
  return new Map(wanted.map(([name]) => [name, vips.get(name)?.block || allocate()]))
}

/** Of a prefix that is a block, the ports of all its listeners but those that have an exact entry. */
function portsOf(prefixes: ReadonlyMap<string, Prefix>, vips: ReadonlyMap<string, VipEntry>): ReadonlyMap<string, PortEntry> {
  const ports = new Map<string, PortEntry>()
  for (const [name, { listeners }] of prefixes) {
    const block = vips.get(name)?.block ?? 0
    // The widest first: where two come to one prefix, the more exact one has it.
    const widest = listeners.filter(isBlock).sort((a, b) => b.lastPort - b.firstPort - (a.lastPort - a.firstPort))
    for (const { protocol, firstPort, lastPort, index, service } of widest) {
      for (const { port, bits } of portPrefixes(firstPort, lastPort))
        ports.set(`${block} ${protocol} ${port}/${bits}`, { block, protocol, port, bits, listener: index, service })
    }
  }
  return ports
}

function blocksIn(vips: ReadonlyMap<string, VipEntry>): number {
  return [...vips.values()].filter(({ block }) => block !== 0).length
}

function missing<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): T[] {
  return [...before].filter(([name]) => !after.has(name)).map(([, entry]) => entry)
}

function sameVip(a: VipEntry | undefined, b: VipEntry): boolean {
  return a?.block === b.block && a.parent === b.parent && a.protocols === b.protocols
}

function samePort(a: PortEntry | undefined, b: PortEntry): boolean {
  return a?.listener === b.listener && a.service === b.service
}
