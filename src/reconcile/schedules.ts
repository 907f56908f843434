// SPDX-License-Identifier: Apache-2.0
import { type Desired, type RealServer, type Service, serverName } from '../model/desired.js'
import { type Candidate, layOut } from '../schedule/index.js'
import type { Actual, ListenerEntry, Schedule, ServerEntry } from './actual.js'
import { type Extent, freeLines, linesOf } from './lines.js'

export interface SchedulePlan {
  /** Schedules to lay out and turn on, by service index. */
  readonly replaced: ReadonlyMap<number, Schedule>
  /** Service indices to turn off. */
  readonly ended: readonly number[]
  /** Lines that in-flight packets may still read. */
  readonly resting: readonly Extent[]
  readonly warnings: readonly string[]
}

/** Lays out the affected services; a schedule whose contents stay the same stays on, and with it its turn. */
export function planSchedules(
  desired: Desired,
  listeners: ReadonlyMap<Service, ListenerEntry>,
  servers: ReadonlyMap<Service, readonly ServerEntry[]>,
  actual: Actual,
): SchedulePlan {
  const replaced = new Map<number, Schedule>()
  const warnings: string[] = []
  let allocate: ((lines: number) => number) | undefined
  for (const [service, entries] of servers) {
    const { warning, ...layout } = layOut(service.scheduler, candidatesOf(service, entries))
    if (warning !== undefined) warnings.push(`${service.name}: ${warning}`)
    const { service: index } = listeners.get(service) as ListenerEntry
    if (sameSchedule(actual.schedules.get(index), layout, service)) continue
    allocate ??= freeLines(desired.limits.ringSlots, takenLines(actual))
    replaced.set(index, { line: allocate(linesOf(layout)), ...layout, stray: service.stray })
  }
  const ended = endedSchedules(listeners, actual)
  const off = [...replaced.keys(), ...ended]
    .map((index) => actual.schedules.get(index))
    .filter((schedule) => schedule !== undefined)
  return { replaced, ended, resting: off.map(extentOf), warnings }
}

/** Whoever may get new flows, in list order. */
function candidatesOf(service: Service, entries: readonly ServerEntry[]): Candidate[] {
  return entries
    .map(({ index, eligible }, place) => ({ server: service.servers[place] as RealServer, index, eligible }))
    .filter(({ eligible }) => eligible)
    .map(({ server, index }) => ({ name: serverName(server), index, weight: server.weight }))
}

function endedSchedules(listeners: ReadonlyMap<Service, ListenerEntry>, actual: Actual): number[] {
  const kept = new Set([...listeners.values()].map((entry) => entry.service))
  return [...actual.schedules.keys()].filter((index) => !kept.has(index))
}

function takenLines(actual: Actual): Extent[] {
  return [...[...actual.schedules.values()].map(extentOf), ...actual.resting]
}

function extentOf(schedule: Schedule): Extent {
  return [schedule.line, linesOf(schedule)]
}

function sameSchedule(old: Schedule | undefined, layout: Omit<Schedule, 'line' | 'stray'>, service: Service): boolean {
  return (
    old !== undefined &&
    old.stray === service.stray &&
    old.lookahead === layout.lookahead &&
    sameRing(old.ring, layout.ring) &&
    sameRing(old.hashRing, layout.hashRing)
  )
}

function sameRing(a: Uint16Array, b: Uint16Array): boolean {
  return a.length === b.length && a.every((server, slot) => server === b[slot])
}
