// SPDX-License-Identifier: Apache-2.0
// A service that gets servers behind full NAT: before these get any flow, all its listeners, those that will go or be another
// service's included, have their flows in the table of wide slots, where there is room for a source port.
import type { Service } from '../model/desired.js'
import type { Actual, ListenerEntry, MapWrite } from './actual.js'

export interface Widening {
  /** With the listeners as the writes make them. */
  readonly actual: Actual
  readonly writes: readonly MapWrite[]
}

/** `services`: each desired one's index. */
export function widenListeners(services: ReadonlyMap<Service, ListenerEntry>, actual: Actual): Widening {
  const full = new Set([...services].filter(([service]) => hasSourcePorts(service)).map(([, entry]) => entry.service))
  if (full.size === 0) return { actual, writes: [] }
  const narrow = foundListeners(actual).filter(({ service, wide }) => !wide && full.has(service))
  if (narrow.length === 0) return { actual, writes: [] }
  const indices = new Set(narrow.map(({ index }) => index))
  const widen = ([name, entry]: readonly [string, ListenerEntry]) => [name, { ...entry, wide: true }] as const
  const listeners = [...actual.listeners].filter(([, { index }]) => indices.has(index)).map(widen)
  const ports = [...actual.ports].filter(([, { listener }]) => indices.has(listener))
  const widened = ports.map(([name, entry]) => [name, { ...entry, wide: true }] as const)
  return {
    actual: {
      ...actual,
      listeners: new Map([...actual.listeners, ...listeners]),
      ports: new Map([...actual.ports, ...widened]),
    },
    writes: [
      ...listeners.map(([, entry]): MapWrite => ({ kind: 'listener', entry })),
      ...widened.map(([, entry]): MapWrite => ({ kind: 'port', entry })),
    ],
  }
}

/** Listeners by every service that packets find them by: of one that was moved half-way, some ports lead to the other one. */
export function foundListeners({ listeners, ports }: Pick<Actual, 'listeners' | 'ports'>): ListenerEntry[] {
  const all = [...listeners.values()]
  if (ports.size === 0) return all
  const byIndex = new Map(all.map((entry) => [entry.index, entry]))
  const others = [...ports.values()].flatMap(({ listener, service, wide }) => {
    const entry = byIndex.get(listener) as ListenerEntry
    return entry.service === service && entry.wide === wide ? [] : [{ ...entry, service, wide }]
  })
  return [...all, ...others]
}

/** True for a service whose flows may have source ports of ours. */
export function hasSourcePorts({ servers }: Service): boolean {
  return servers.some(({ forwarding }) => forwarding === 'fullnat')
}
