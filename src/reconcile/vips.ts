// SPDX-License-Identifier: Apache-2.0
// VIPs, networks of them, and the ports of listeners that have several: what packets of no exact listener are looked up in.
import { familyOf } from '../model/address.js'
import type { Desired, Protocol } from '../model/desired.js'
import { firstAddress, isNetwork, type Network } from '../model/listener.js'
import type { Actual, ListenerEntry, MapWrite, PortEntry, VipEntry } from './actual.js'
import { freeIndices, tooMany } from './indices.js'
import { portPrefixes } from './port_prefixes.js'

/** VIP_… of bpf/abi.h. */
const protocolBits: Readonly<Record<Protocol, number>> = { tcp: 1, udp: 2, sctp: 4 }

/** As many as `blocks` of bpf/maps.h holds. */
const MAXIMUM_BLOCKS = 4096

/** MAXIMUM_NESTING of bpf/service.h: blocks around one address that a packet is looked up in. */
const MAXIMUM_NESTING = 8

export interface VipPlan {
  readonly vips: Actual['vips']
  readonly ports: Actual['ports']
  readonly blocks: number
  /** What new listeners need; what nothing needs any more. */
  readonly added: readonly MapWrite[]
  readonly removed: readonly MapWrite[]
}

/** True for one that has several addresses or ports: it is found by its block. */
export function isBlock(listener: Pick<ListenerEntry, 'address' | 'prefix' | 'firstPort' | 'lastPort'>): boolean {
  return isNetwork(listener) || listener.firstPort !== listener.lastPort
}

/** How many VIPs and networks of them may have listeners. */
export function mostVips({ services }: Pick<Desired['limits'], 'services'>): number {
  return Math.max(1024, services * 2)
}

/** How many entries the ports of networks and ranges may take. */
export function mostPorts({ services }: Pick<Desired['limits'], 'services'>): number {
  return Math.max(1024, services * 16)
}

interface Prefix extends Network {
  readonly listeners: ListenerEntry[]
}

type Prefixes = ReadonlyMap<string, Prefix>

/** One entry for each VIP and network that has listeners, and the ports of each block. */
export function planVips(listeners: ReadonlyMap<string, ListenerEntry>, limits: Desired['limits'], actual: Actual): VipPlan {
  const prefixes = prefixesOf(listeners.values())
  const vips = vipsOf(prefixes, actual)
  const ports = portsOf(prefixes, vips)
  refuseMoreThan(mostVips(limits), vips.size, 'VIPs and networks of them')
  refuseMoreThan(mostPorts(limits), ports.size, 'entries for the ports of networks and ranges')
  const blocks = [...vips.values()].filter(({ block }) => block !== 0).length
  return { vips, ports, blocks, ...writesOf({ vips, ports, blocks }, actual) }
}

type Wanted = Pick<VipPlan, 'vips' | 'ports' | 'blocks'>

/** Packets of a listener that stays find it between any two of these: its block, and the way there from every other, are always there. */
function writesOf({ vips, ports, blocks }: Wanted, actual: Actual): Pick<VipPlan, 'added' | 'removed'> {
  const changed = [...vips.values()].filter((entry) => !sameVip(actual.vips.get(nameOf(entry)), entry)).sort(byPrefix)
  const newPorts = [...ports.values()].filter((entry) => !samePort(actual.ports.get(portName(entry)), entry))
  const count = { kind: 'blocks', count: blocks } as const
  return {
    added: [
      ...(blocks > actual.blocks ? [count] : []),
      ...newPorts.map((entry): MapWrite => ({ kind: 'port', entry })),
      // Whoever goes on to the next shorter prefix finds the way on from there.
      ...changed.filter(({ block }) => block !== 0).map(({ block, parent }): MapWrite => ({ kind: 'block', block, parent })),
      ...changed.toReversed().map((entry): MapWrite => ({ kind: 'vip', entry })),
    ],
    removed: [
      ...missing(actual.ports, ports).map((entry): MapWrite => ({ kind: 'removePort', entry })),
      // From each that goes packets come to one that stays.
      ...missing(actual.vips, vips)
        .sort(byPrefix)
        .map((entry): MapWrite => ({ kind: 'removeVip', entry })),
      ...(blocks < actual.blocks ? [count] : []),
    ],
  }
}

function refuseMoreThan(limit: number, count: number, what: string): void {
  if (count > limit) throw tooMany('limits.services', `${count} ${what}, but at most ${limit}`)
}

/** The shortest first. */
function byPrefix(a: VipEntry, b: VipEntry): number {
  return a.prefix - b.prefix
}

function nameOf({ address, prefix }: Network): string {
  return `${address}/${prefix}`
}

/** `7 tcp 8000/58` */
export function portName({ block, protocol, port, bits }: PortEntry): string {
  return `${block} ${protocol} ${port}/${bits}`
}

function prefixesOf(listeners: Iterable<ListenerEntry>): Prefixes {
  const prefixes = new Map<string, Prefix>()
  for (const listener of listeners) {
    const { address, prefix } = listener
    const name = nameOf(listener)
    const known = prefixes.get(name)
    if (known) known.listeners.push(listener)
    else prefixes.set(name, { address, prefix, listeners: [listener] })
  }
  return prefixes
}

function vipsOf(prefixes: Prefixes, actual: Actual): ReadonlyMap<string, VipEntry> {
  const blocks = blockNumbers(prefixes, actual)
  const around = enclosing(prefixes, blocks)
  return new Map(
    [...prefixes].map(([name, one]) => {
      const { address, prefix, listeners } = one
      const names = around(one)
      const block = blocks.get(name) ?? 0
      refuseMoreThan(MAXIMUM_NESTING, names.length + (block ? 1 : 0), `networks and ranges around ${name}, one inside the other`)
      const all = [...listeners, ...names.flatMap((other) => (prefixes.get(other) as Prefix).listeners)]
      const protocols = all.reduce((bits, { protocol }) => bits | protocolBits[protocol], 0)
      return [name, { address, prefix, block, parent: blocks.get(names[0] ?? '') ?? 0, protocols }]
    }),
  )
}

/** Finds the blocks around a prefix, the longest first. */
function enclosing(prefixes: Prefixes, blocks: ReadonlyMap<string, number>): (prefix: Prefix) => string[] {
  const lengths = { IPv4: new Set<number>(), IPv6: new Set<number>() }
  for (const name of blocks.keys()) {
    const { address, prefix } = prefixes.get(name) as Prefix
    lengths[familyOf(address)].add(prefix)
  }
  const longestFirst = (set: ReadonlySet<number>) => [...set].sort((a, b) => b - a)
  const sorted = { IPv4: longestFirst(lengths.IPv4), IPv6: longestFirst(lengths.IPv6) }
  return ({ address, prefix }) =>
    sorted[familyOf(address)]
      .filter((length) => length < prefix)
      .map((length) => nameOf({ address: firstAddress({ address, prefix: length }), prefix: length }))
      .filter((name) => blocks.has(name))
}

/** A prefix keeps its number as long as it has such listeners. */
function blockNumbers(prefixes: Prefixes, { vips, ports }: Actual): ReadonlyMap<string, number> {
  // By ports whose VIP a dead controller had not written yet, and by VIPs that it had not removed yet as well.
  const taken = new Set([...ports.values()].map(({ block }) => block))
  for (const { block, parent } of vips.values()) taken.add(block).add(parent)
  const allocate = freeIndices(MAXIMUM_BLOCKS, (index) => taken.has(index), 'services', 'networks and ranges of ports')
  const wanted = [...prefixes].filter(([, { listeners }]) => listeners.some(isBlock))
  return new Map(wanted.map(([name]) => [name, vips.get(name)?.block || allocate()]))
}

/** Of a prefix that is a block, the ports of all its listeners but those that have an exact entry. */
function portsOf(prefixes: Prefixes, vips: ReadonlyMap<string, VipEntry>): ReadonlyMap<string, PortEntry> {
  const ports = new Map<string, PortEntry>()
  const add = (entry: PortEntry) => ports.set(portName(entry), entry)
  for (const [name, { listeners }] of prefixes) {
    const { block } = vips.get(name) as VipEntry
    // The widest first: where two come to one prefix, the more exact one has it.
    const widest = listeners.filter(isBlock).sort((a, b) => b.lastPort - b.firstPort - (a.lastPort - a.firstPort))
    for (const { protocol, firstPort, lastPort, index, service, wide } of widest) {
      for (const { port, bits } of portPrefixes(firstPort, lastPort))
        add({ block, protocol, port, bits, listener: index, service, wide })
    }
  }
  return ports
}

function missing<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): T[] {
  return [...before].filter(([name]) => !after.has(name)).map(([, entry]) => entry)
}

function sameVip(a: VipEntry | undefined, b: VipEntry): boolean {
  return a?.block === b.block && a.parent === b.parent && a.protocols === b.protocols
}

function samePort(a: PortEntry | undefined, b: PortEntry): boolean {
  return a?.listener === b.listener && a.service === b.service && a.wide === b.wide
}
