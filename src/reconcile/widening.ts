// SPDX-License-Identifier: Apache-2.0
// A service that gets servers behind full NAT: before these get any flow, all its listeners, those that will go or be another
// service's included, have their flows in the table of wide slots, where there is room for a source port.
import type { Service } from '../model/desired.js'
import { listenerName } from '../model/listener.js'
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
  const narrow = [...actual.listeners.values()].filter(({ service, wide }) => !wide && full.has(service))
  if (narrow.length === 0) return { actual, writes: [] }
  const indices = new Set(narrow.map(({ index }) => index))
  const listeners = narrow.map((entry) => ({ ...entry, wide: true }))
  const ports = [...actual.ports].filter(([, { listener }]) => indices.has(listener))
  const widened = ports.map(([name, entry]) => [name, { ...entry, wide: true }] as const)
  return {
    actual: {
      ...actual,
      listeners: new Map([...actual.listeners, ...listeners.map((entry) => [listenerName(entry), entry] as const)]),
      ports: new Map([...actual.ports, ...widened]),
    },
    writes: [
      ...listeners.map((entry): MapWrite => ({ kind: 'listener', entry })),
      ...widened.map(([, entry]): MapWrite => ({ kind: 'port', entry })),
    ],
  }
}

/** True for a service whose flows may have source ports of ours. */
export function hasSourcePorts({ servers }: Service): boolean {
  return servers.some(({ forwarding }) => forwarding === 'fullnat')
}
