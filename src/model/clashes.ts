// SPDX-License-Identifier: Apache-2.0
// Listeners that cannot stand side by side. Of others that both fit a packet the more exact one gets it: first the longer prefix,
// then the narrower ports.
import { isRange, type Listener, listenerName, writtenNetwork } from './listener.js'

/** A listener, and whose it is. */
export interface Claim {
  readonly listener: Listener
  /** Place of the service in the list, and of the listener in the service. */
  readonly service: number
  readonly place: number
}

export interface Clash {
  /** The later of the two. */
  readonly claim: Claim
  readonly holder: Claim
  /** The same listener, or ranges of which neither is inside the other, so that neither is more exact. */
  readonly kind: 'same' | 'crossing'
}

/** What clashes with something before it in these services. */
export function clashes(services: readonly { readonly listeners: readonly Listener[] }[]): Clash[] {
  const found: Clash[] = []
  const holders = new Map<string, Claim>()
  const ranges = new Map<string, Claim[]>()
  services.forEach(({ listeners }, service) => {
    listeners.forEach((listener, place) => {
      const claim = { listener, service, place }
      const name = listenerName(listener)
      const holder = holders.get(name)
      if (holder) found.push({ claim, holder, kind: 'same' })
      else holders.set(name, claim)
      if (!holder && isRange(listener)) add(ranges, `${listener.protocol} ${writtenNetwork(listener)}`, claim)
    })
  })
  return [...found, ...[...ranges.values()].flatMap(crossings)]
}

function add(groups: Map<string, Claim[]>, name: string, claim: Claim): void {
  const group = groups.get(name)
  if (group) group.push(claim)
  else groups.set(name, [claim])
}

/** Goes through the ranges of one network by their first port, the wider first; `open` are those that the port is in, one inside the other. */
function crossings(ranges: readonly Claim[]): Clash[] {
  const found: Clash[] = []
  const open: Claim[] = []
  for (const claim of ranges.toSorted(byFirstPort)) {
    const { firstPort, lastPort } = claim.listener
    while ((open.at(-1)?.listener.lastPort ?? firstPort) < firstPort) open.pop()
    const around = open.at(-1)
    if (around && around.listener.lastPort < lastPort) found.push(inOrder(claim, around))
    open.push(claim)
  }
  return found
}

function byFirstPort({ listener: a }: Claim, { listener: b }: Claim): number {
  return a.firstPort - b.firstPort || b.lastPort - a.lastPort
}

function inOrder(one: Claim, other: Claim): Clash {
  const isLater = one.service - other.service || one.place - other.place
  return isLater > 0 ? { claim: one, holder: other, kind: 'crossing' } : { claim: other, holder: one, kind: 'crossing' }
}
