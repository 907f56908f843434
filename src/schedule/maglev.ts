// SPDX-License-Identifier: Apache-2.0
// The flow-hash ring: Maglev (Eisenbud et al., NSDI 2016, section 3.4), with weights as turns.

/** Primes, each about four times the one before. */
const sizes = [251, 1021, 4093, 16_381]
const LARGEST = 65_537

export interface Keyed {
  readonly key: string
  readonly weight: number
}

/** The smallest size that gives each server at least 20 slots, or the largest there is. */
export function maglevSize(servers: number): number {
  return sizes.find((size) => size >= 20 * servers) ?? LARGEST
}

/**
 * A place in `servers` for each slot. It depends on keys and weights alone, not on their order, so that two directors agree;
 * and when a server goes, few slots of the others move.
 */
export function maglev(servers: readonly Keyed[]): Uint16Array {
  const size = maglevSize(servers.length)
  const ring = new Uint16Array(servers.length === 0 ? 0 : size)
  const heaviest = servers.reduce((most, server) => Math.max(most, server.weight), 0)
  const walks = inKeyOrder(servers).map((place) => walkOf(servers[place] as Keyed, place, size, heaviest / 2))
  fill(ring, walks, heaviest)
  return ring
}

/** A server's own order of preference among the slots: from `slot` on, every `skip`-th. */
interface Walk {
  readonly place: number
  readonly weight: number
  readonly skip: number
  slot: number
  /** Weight saved up for the next turn, which costs as much as the heaviest server gets a round; half a turn at first, to round and not to cut. */
  saved: number
}

function walkOf(server: Keyed, place: number, size: number, saved: number): Walk {
  return {
    place,
    weight: server.weight,
    slot: hash(server.key, 0x9e3779b9) % size,
    skip: (hash(server.key, 0x85ebca6b) % (size - 1)) + 1,
    saved,
  }
}

function inKeyOrder(servers: readonly Keyed[]): number[] {
  const key = (place: number) => (servers[place] as Keyed).key
  return [...servers.keys()].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** Round by round, each server takes the next free slot of its walk, once it has saved up a turn. */
function fill(ring: Uint16Array, walks: readonly Walk[], heaviest: number): void {
  const taken = new Uint8Array(ring.length)
  for (let filled = 0; filled < ring.length; ) {
    for (const walk of walks) {
      walk.saved += walk.weight
      if (walk.saved < heaviest || filled === ring.length) continue
      walk.saved -= heaviest
      while (taken[walk.slot]) walk.slot = (walk.slot + walk.skip) % ring.length
      taken[walk.slot] = 1
      ring[walk.slot] = walk.place
      filled++
    }
  }
}

/** 32 bits of a text: FNV-1a over its characters, finished as in MurmurHash3 so that every bit counts. */
export function hash(text: string, seed: number): number {
  let h = seed ^ 0x811c9dc5
  for (let at = 0; at < text.length; at++) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
