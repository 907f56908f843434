// SPDX-License-Identifier: Apache-2.0
// Structural sharing: what did not change keeps its object, so that `===` finds what did.
import { listenerName, type RealServer, type Service } from './desired.js'

const fields = ['name', 'protocol', 'address', 'port', 'scheduler', 'forwarding', 'stray'] as const

function sameServer(a: RealServer, b: RealServer | undefined): boolean {
  return a === b || (a.address === b?.address && a.port === b.port && a.weight === b.weight && a.forwarding === b.forwarding)
}

export function sameService(a: Service, b: Service | undefined): boolean {
  if (a === b) return true
  if (!b || fields.some((field) => a[field] !== b[field])) return false
  return (
    a.servers === b.servers ||
    (a.servers.length === b.servers.length && a.servers.every((server, place) => sameServer(server, b.servers[place])))
  )
}

/** `after`, with `before`'s own object for every service that is the same in both. */
export function shareServices(before: readonly Service[], after: readonly Service[]): readonly Service[] {
  const known = new Set(before)
  if (after.every((service) => known.has(service))) return after
  const byListener = new Map(before.map((service) => [listenerName(service), service]))
  return after.map((service) => {
    const old = byListener.get(listenerName(service))
    return old && sameService(old, service) ? old : service
  })
}
