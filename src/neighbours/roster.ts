// SPDX-License-Identifier: Apache-2.0
// Whom to ask for: servers on the link, the routers in front of others, and those that clients are behind.
import type { Address } from '../model/desired.js'
import type { Hop } from '../model/facts.js'
import type { Path } from './neighbour.js'
import { askerFor, neighbourName, type Surroundings, type Way } from './path.js'

export interface Asked {
  readonly address: Address
  readonly path: Path
}

/** By name: one entry for a router, however many servers and clients are behind it. */
export function callRoster(
  ways: Iterable<Way | string>,
  hops: readonly Hop[],
  { links, vips }: Pick<Surroundings, 'links' | 'vips'>,
): Map<string, Asked> {
  const asked = new Map<string, Asked>()
  for (const way of ways) {
    if (typeof way === 'string') continue
    const { nextHop, interface: name, asker, mac } = way
    asked.set(neighbourName(nextHop, name), { address: nextHop, path: { interface: name, asker, mac } })
  }
  for (const { via, interface: name } of hops) {
    if (via === 'link' || asked.has(neighbourName(via, name))) continue
    const link = links.find((link) => link.name === name)
    const asker = link && askerFor(link, via, vips)
    if (!link || asker === undefined) continue
    asked.set(neighbourName(via, name), { address: via, path: { interface: name, asker, mac: link.mac } })
  }
  return asked
}
