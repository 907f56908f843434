// SPDX-License-Identifier: Apache-2.0
// Entries of the maps in a word or two each.
import type { Forwarding } from '../../src/model/desired.js'
import { listenerName } from '../../src/model/listener.js'
import type { ListenerEntry, MapWrite, ServerEntry } from '../../src/reconcile/actual.js'
import { listeners, server } from '../model/example.js'

/** Listeners 1, 2, … of services as given; `wide` those that have a star: `['tcp 203.0.113.10:80', '1*']`. */
export function entries(...given: readonly (readonly [listener: string, service: string])[]): Map<string, ListenerEntry> {
  return new Map(
    given.map(([text, service], place) => {
      const [listener] = listeners(text)
      const entry = {
        ...(listener as ListenerEntry),
        index: place + 1,
        service: Number.parseInt(service, 10),
        wide: service.endsWith('*'),
      }
      return [listenerName(entry), entry]
    }),
  )
}

/** Server `index` of service 1 at 10.0.0.`host`, reachable; `more` where it differs. */
export function serverEntry(index: number, host: string, forwarding: Forwarding, more: Partial<ServerEntry> = {}): ServerEntry {
  return {
    index,
    address: server(host).address,
    port: 80,
    service: 1,
    protocol: 'tcp',
    forwarding,
    local: false,
    sources: { first: 0, count: 0 },
    route: { mac: `02:00:00:00:00:${host}`, interface: 0 },
    eligible: true,
    removed: false,
    ...more,
  }
}

/** `port 1 tcp 8000/10 of 2`, `block 1 in 2`, `vip 203.0.113.0/24 block 1 in 2 for 3` … */
export function placed(writes: readonly MapWrite[]): string[] {
  return writes.map((one) => {
    switch (one.kind) {
      case 'vip':
      case 'removeVip':
        return `${one.kind} ${one.entry.address}/${one.entry.prefix} block ${one.entry.block} in ${one.entry.parent} for ${one.entry.protocols}`
      case 'port':
      case 'removePort':
        return `${one.kind} ${one.entry.block} ${one.entry.protocol} ${one.entry.port}/${one.entry.bits} of ${one.entry.listener}${one.entry.wide ? '*' : ''}`
      case 'block':
        return `block ${one.block} in ${one.parent}`
      case 'blocks':
        return `blocks ${one.count}`
      case 'endpoint':
      case 'removeEndpoint':
        return `${one.kind} ${one.entry.protocol} ${one.entry.address}:${one.entry.port} ${one.entry.flags}`
      default:
        return one.kind
    }
  })
}
