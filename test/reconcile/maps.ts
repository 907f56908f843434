// SPDX-License-Identifier: Apache-2.0
// The pinned maps as plain data: carries writes out, and refuses what would harm packets on their way.
import { listenerName } from '../../src/model/listener.js'
import {
  type Actual,
  type InterfaceEntry,
  type ListenerEntry,
  type MapWrite,
  blank as nothing,
  type Schedule,
  type ServerEntry,
} from '../../src/reconcile/actual.js'
import { linesOf } from '../../src/reconcile/lines.js'

/** Maps that were just made: every timeout is 0. */
export const blank: Actual = { ...nothing, timeouts: Array(16).fill(0) }

export interface FakeMaps {
  write(writes: readonly MapWrite[]): void
  /** As a controller that starts finds them; slots may name every index that was ever used. */
  adopt(): Actual
  /** What is wrong with them, for a packet that comes now. */
  faults(): string[]
}

export function fakeMaps(): FakeMaps {
  const listeners = new Map<string, ListenerEntry>()
  const servers = new Map<number, ServerEntry>()
  const rings = new Map<number, Schedule>()
  const on = new Map<number, number>()
  const vips = new Set<string>()
  const interfaces = new Map<number, InterfaceEntry>()
  const used = { listeners: new Set<number>(), servers: new Set<number>() }
  let timeouts: readonly number[] = blank.timeouts

  /** Laying out over a schedule that is on would tear it under the packets that read it. */
  function layOut(schedule: Schedule): void {
    const end = schedule.line + linesOf(schedule)
    for (const line of on.values()) {
      const other = rings.get(line) as Schedule
      if (schedule.line < other.line + linesOf(other) && other.line < end) throw new Error(`line ${schedule.line} is in use`)
    }
    if (schedule.line === 0) throw new Error('line 0')
    for (const [line, other] of rings) if (line < end && schedule.line < line + linesOf(other)) rings.delete(line)
    rings.set(schedule.line, schedule)
  }

  function turnOn(service: number, line: number): void {
    if (line === 0) on.delete(service)
    else if (rings.has(line)) on.set(service, line)
    else throw new Error(`nothing is laid out at line ${line}`)
  }

  function writeServer(entry: ServerEntry): void {
    const before = servers.get(entry.index)
    if (before && !before.removed && `${before.service} ${before.address}` !== `${entry.service} ${entry.address}`)
      throw new Error(`server ${entry.index} is ${before.address}`)
    if (before?.removed) throw new Error(`server ${entry.index} is removed and not free yet`)
    servers.set(entry.index, entry)
    used.servers.add(entry.index)
  }

  function writeListener(entry: ListenerEntry): void {
    listeners.set(listenerName(entry), entry)
    used.listeners.add(entry.index)
  }

  function write(one: MapWrite): void {
    if (one.kind === 'timeouts') timeouts = one.seconds
    else if (one.kind === 'interface') interfaces.set(one.entry.index, one.entry)
    else if (one.kind === 'removeInterface') interfaces.delete(one.index)
    else if (one.kind === 'layOut') layOut(one.schedule)
    else if (one.kind === 'server') writeServer(one.entry)
    else if (one.kind === 'freeServer') servers.delete(one.index)
    else if (one.kind === 'turnOn') turnOn(one.service, one.line)
    else if (one.kind === 'listener') writeListener(one.entry)
    else if (one.kind === 'removeListener') listeners.delete(listenerName(one.entry))
    else if (one.kind === 'vip') vips.add(`${one.protocol} ${one.address}`)
    else vips.delete(`${one.protocol} ${one.address}`)
  }

  const schedules = () => new Map([...on].map(([service, line]) => [service, rings.get(line) as Schedule]))

  return {
    write: (writes) => writes.forEach(write),
    adopt: () => ({
      listeners: new Map(listeners),
      servers: new Map(servers),
      schedules: schedules(),
      vips: new Set(vips),
      interfaces: new Map(interfaces),
      retired: {
        listeners: new Set([...used.listeners].filter((index) => ![...listeners.values()].some((one) => one.index === index))),
        servers: new Set([...used.servers].filter((index) => servers.get(index)?.removed ?? true)),
      },
      resting: [],
      timeouts,
    }),
    faults: () => faultsOf(listeners, servers, schedules(), interfaces),
  }
}

function faultsOf(
  listeners: ReadonlyMap<string, ListenerEntry>,
  servers: ReadonlyMap<number, ServerEntry>,
  schedules: ReadonlyMap<number, Schedule>,
  interfaces: ReadonlyMap<number, InterfaceEntry>,
): string[] {
  const faults: string[] = []
  for (const [name, { service }] of listeners) {
    const schedule = schedules.get(service)
    if (!schedule) faults.push(`${name} has no schedule`)
    for (const index of new Set([...(schedule?.ring ?? []), ...(schedule?.hashRing ?? [])])) {
      const server = servers.get(index)
      if (!server || server.removed || server.service !== service) faults.push(`${name} leads to server ${index}`)
    }
  }
  for (const { index, route } of servers.values())
    if (route && !interfaces.has(route.interface)) faults.push(`server ${index} is on interface ${route.interface}`)
  const indices = [...listeners.values()]
  if (new Set(indices.map(({ index }) => index)).size < indices.length) faults.push('two listeners of one index')
  return faults
}
