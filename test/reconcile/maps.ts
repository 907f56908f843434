// SPDX-License-Identifier: Apache-2.0
// The pinned maps as plain data: carries writes out, and refuses what would harm packets on their way.
import type { Address } from '../../src/model/desired.js'
import { listenerName } from '../../src/model/listener.js'
import {
  type Actual,
  type EndpointEntry,
  type HopLists,
  type InterfaceEntry,
  type ListenerEntry,
  type MapWrite,
  blank as nothing,
  type PortEntry,
  type Schedule,
  type ServerEntry,
  type VipEntry,
} from '../../src/reconcile/actual.js'
import { endpointName } from '../../src/reconcile/endpoints.js'
import { linesOf } from '../../src/reconcile/lines.js'
import { isBlock, portName } from '../../src/reconcile/vips.js'
import { faultsOf } from './faults.js'
import type { Tables } from './lookup.js'

/** Maps that were just made: every timeout is 0. */
export const blank: Actual = { ...nothing, timeouts: Array(16).fill(0) }

type Kind = MapWrite['kind']
type Of<K extends Kind> = Extract<MapWrite, { kind: K }>

export interface FakeMaps {
  write(writes: readonly MapWrite[]): void
  /** As a controller that starts finds them; slots may name every index that was ever used. */
  adopt(): Actual
  /** What is wrong with them, for a packet that comes now. */
  faults(): string[]
  /** What packets are looked up in now. */
  tables(): Tables
}

export function fakeMaps(): FakeMaps {
  const exact = new Map<string, ListenerEntry>()
  /** What a listener is, by its index; stays when that goes. */
  const places = new Map<number, ListenerEntry>()
  const servers = new Map<number, ServerEntry>()
  const rings = new Map<number, Schedule>()
  const on = new Map<number, number>()
  const vips = new Map<string, VipEntry>()
  const ports = new Map<string, PortEntry>()
  const parents = new Map<number, number>()
  const endpoints = new Map<string, EndpointEntry>()
  const sources = new Map<number, Address>()
  const interfaces = new Map<number, InterfaceEntry>()
  const used = { listeners: new Set<number>(), servers: new Set<number>() }
  let hops: HopLists = blank.hops
  let blocks = 0
  let timeouts: readonly number[] = blank.timeouts

  /** Laying out over a schedule that is on would tear it under the packets that read it. */
  function layOut({ schedule }: Of<'layOut'>): void {
    const end = schedule.line + linesOf(schedule)
    for (const line of on.values()) {
      const other = rings.get(line) as Schedule
      if (schedule.line < other.line + linesOf(other) && other.line < end) throw new Error(`line ${schedule.line} is in use`)
    }
    if (schedule.line === 0) throw new Error('line 0')
    for (const [line, other] of rings) if (line < end && schedule.line < line + linesOf(other)) rings.delete(line)
    rings.set(schedule.line, schedule)
  }

  function turnOn({ service, line }: Of<'turnOn'>): void {
    if (line === 0) on.delete(service)
    else if (rings.has(line)) on.set(service, line)
    else throw new Error(`nothing is laid out at line ${line}`)
  }

  const identity = ({ service, forwarding, address, port }: ServerEntry) => `${service} ${forwarding} ${address} ${port}`

  function writeServer({ entry }: Of<'server'>): void {
    const before = servers.get(entry.index)
    if (before && identity(before) !== identity(entry)) throw new Error(`server ${entry.index} is ${identity(before)}`)
    if (before?.removed) throw new Error(`server ${entry.index} is removed and not free yet`)
    servers.set(entry.index, entry)
    used.servers.add(entry.index)
  }

  function writeListener({ entry }: Of<'listener'>): void {
    places.set(entry.index, entry)
    if (!isBlock(entry)) exact.set(listenerName(entry), entry)
    used.listeners.add(entry.index)
  }

  function writePort({ entry }: Of<'port'>): void {
    if (!places.has(entry.listener)) throw new Error(`port ${entry.port} is of listener ${entry.listener}, which is nothing`)
    ports.set(portName(entry), entry)
  }

  /** Connections to a server may be there as long as the server is. */
  function removeEndpoint({ entry }: Of<'removeEndpoint'>): void {
    const { address, port, protocol } = entry
    const methods = protocol === 'ipip' ? ['tun'] : ['nat', 'fullnat']
    const isOf = (server: ServerEntry) =>
      server.address === address && (protocol === 'ipip' || server.port === 0 || server.port === port)
    for (const server of servers.values())
      if (methods.includes(server.forwarding) && isOf(server)) throw new Error(`server ${server.index} answers from ${address}`)
    endpoints.delete(endpointName(entry))
  }

  /** Slots name sources by their index. */
  function writeSource({ index, address }: Of<'source'>): void {
    const before = sources.get(index)
    if (before !== undefined && before !== address) throw new Error(`source ${index} is ${before}`)
    sources.set(index, address)
  }

  function writeHops(write: Of<'hops'>): void {
    if (write.hops.at === hops.at) throw new Error(`the lists at ${hops.at} are walked now`)
    hops = write.hops
  }

  const actions: { readonly [K in Kind]: (write: Of<K>) => void } = {
    timeouts: ({ seconds }) => {
      timeouts = seconds
    },
    blocks: ({ count }) => {
      blocks = count
    },
    interface: ({ entry }) => void interfaces.set(entry.index, entry),
    removeInterface: ({ index }) => void interfaces.delete(index),
    layOut,
    turnOn,
    server: writeServer,
    freeServer: ({ index }) => void servers.delete(index),
    listener: writeListener,
    removeListener: ({ entry }) => void exact.delete(listenerName(entry)),
    block: ({ block, parent }) => void parents.set(block, parent),
    vip: ({ entry }) => void vips.set(`${entry.address}/${entry.prefix}`, entry),
    removeVip: ({ entry }) => void vips.delete(`${entry.address}/${entry.prefix}`),
    port: writePort,
    removePort: ({ entry }) => void ports.delete(portName(entry)),
    endpoint: ({ entry }) => void endpoints.set(endpointName(entry), entry),
    removeEndpoint,
    source: writeSource,
    hops: writeHops,
  }

  const schedules = () => new Map([...on].map(([service, line]) => [service, rings.get(line) as Schedule]))

  /** A listener of several addresses or ports is known by those of its ports that are there. */
  function listeners(): Map<string, ListenerEntry> {
    const found = new Map(exact)
    for (const entry of ofPorts()) {
      const name = listenerName(entry)
      found.set(name, { ...entry, wide: entry.wide || (found.get(name)?.wide ?? false) })
    }
    return found
  }

  function ofPorts(): ListenerEntry[] {
    return [...ports.values()].map(({ listener, service, wide }) => ({
      ...(places.get(listener) as ListenerEntry),
      service,
      wide,
    }))
  }

  function adopt(): Actual {
    const there = listeners()
    const indices = new Set([...there.values()].map(({ index }) => index))
    return {
      listeners: there,
      servers: new Map(servers),
      schedules: schedules(),
      vips: new Map([...vips].map(([name, entry]) => [name, { ...entry, parent: parents.get(entry.block) ?? entry.parent }])),
      ports: new Map(ports),
      blocks,
      endpoints: new Map(endpoints),
      sources: new Map(sources),
      hops,
      interfaces: new Map(interfaces),
      retired: {
        listeners: new Set([...used.listeners].filter((index) => !indices.has(index))),
        servers: new Set([...used.servers].filter((index) => servers.get(index)?.removed ?? true)),
      },
      resting: [],
      timeouts,
    }
  }

  return {
    write: (writes) => {
      for (const one of writes) (actions[one.kind] as (write: MapWrite) => void)(one)
    },
    adopt,
    faults: () => faultsOf(adopt(), [...exact.values(), ...ofPorts()]),
    tables: () => ({ exact, vips, ports, places, parents, blocks }),
  }
}
