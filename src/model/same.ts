// SPDX-License-Identifier: Apache-2.0
// Structural sharing: what did not change keeps its object, so that `===` finds what did.
import type { RealServer, Service } from './desired.js'
import { type Listener, listenerName } from './listener.js'

const fields = ['name', 'scheduler', 'forwarding', 'stray'] as const

function sameServer(a: RealServer, b: RealServer | undefined): boolean {
  return a === b || (a.address === b?.address && a.port === b.port && a.weight === b.weight && a.forwarding === b.forwarding)
}

/** The same listeners in the same order? */
function sameListeners(a: readonly Listener[], b: readonly Listener[]): boolean {
  return a === b || (a.length === b.length && a.every((one, place) => listenerName(one) === listenerName(b[place] as Listener)))
}

export function sameService(a: Service, b: Service | undefined): boolean {
  if (a === b) return true
  if (!b || fields.some((field) => a[field] !== b[field]) || !sameListeners(a.listeners, b.listeners)) return false
  return (
    a.servers === b.servers ||
    (a.servers.length === b.servers.length && a.servers.every((server, place) => sameServer(server, b.servers[place])))
  )
}

/** `after`, with `before`'s own object for every service that is the same in both. */
export function shareServices(before: readonly Service[], after: readonly Service[]): readonly Service[] {
  const known = new Set(before)
  if (after.every((service) => known.has(service))) return after
  const byListener = new Map(before.map((service) => [firstListener(service), service]))
  return after.map((service) => {
    const old = byListener.get(firstListener(service))
    return old && sameService(old, service) ? old : service
  })
}

function firstListener({ listeners }: Service): string {
  return listenerName(listeners[0] as Listener)
}
