// SPDX-License-Identifier: Apache-2.0
// One neighbour's MAC address, a server's or a router's: asked for, confirmed, followed, lost. Time and answers come as events.
import type { Address } from '../model/desired.js'
import type { Resolved } from '../model/facts.js'

/** From where a neighbour is asked: the interface, and the address and MAC address that it has there. */
export interface Path {
  readonly interface: string
  readonly asker: Address
  readonly mac: string
}

export type Neighbour =
  /** Asked `asked` times without an answer; `next` is when to ask again, in milliseconds. */
  | { readonly phase: 'searching'; readonly path: Path; readonly asked: number; readonly next: number }
  /** Found, and asked `silent` times since without an answer. */
  | { readonly phase: 'resolved'; readonly path: Path; readonly mac: string; readonly silent: number; readonly next: number }

export type NeighbourEvent =
  /** From where to ask: the interface stays. */
  | { readonly kind: 'path'; readonly path: Path; readonly now: number }
  /** `next` has come. */
  | { readonly kind: 'due'; readonly now: number }
  | Heard

/** The neighbour said on its interface that it is at `mac`; it is asked again after `refresh` milliseconds. */
export interface Heard {
  readonly kind: 'heard'
  /** Absent: at the MAC address that was asked (RFC 4861, section 7.2.4). */
  readonly mac?: string
  /** Counts for more than what is known; ND says so or not, ARP always does. */
  readonly overrides: boolean
  readonly now: number
  readonly refresh: number
}

export type NeighbourEffect =
  /** Ask who has the address: the one that had it last, or everybody. */
  | { readonly kind: 'ask'; readonly path: Path; readonly to?: string }
  /** What `resolvedOf` says is another. */
  | { readonly kind: 'changed' }

export interface Step {
  readonly state: Neighbour
  readonly effects: readonly NeighbourEffect[]
}

/** Milliseconds between questions to a neighbour that owes an answer. */
const RETRY = 500
/** The first questions to everybody follow one another faster, for a server may be just starting. */
const HURRY = 250
const HURRIED = 4
/** After as many silent questions to the one MAC address, everybody is asked: the neighbour may have another now. */
const UNICAST = 2
/** After as many silent questions, the neighbour is lost: with a refresh of 1.5 s, 4 s after its last answer. */
const PATIENCE = 5
const SEARCH = 1000

/** A neighbour that nobody has asked for yet. */
export function unknown(path: Path, now: number): Neighbour {
  return { phase: 'searching', path, asked: 0, next: now }
}

/** Where a neighbour is, if that is known. */
export function resolvedOf(state: Neighbour): Resolved | undefined {
  return state.phase === 'resolved' ? { mac: state.mac, interface: state.path.interface } : undefined
}

/** True while an answer is due or may come. */
export function isWaiting(state: Neighbour): boolean {
  return state.phase === 'searching' || (state.phase === 'resolved' && state.silent > 0)
}

export function step(state: Neighbour, event: NeighbourEvent): Step {
  switch (event.kind) {
    case 'path':
      return lead(state, event.path, event.now)
    case 'due':
      return ask(state, event.now)
    case 'heard':
      return hear(state, event)
  }
}

function same(state: Neighbour): Step {
  return { state, effects: [] }
}

/** A neighbour stays where it was; it is asked at once whether that still holds. */
function lead(state: Neighbour, path: Path, now: number): Step {
  const { asker, mac } = state.path
  return asker === path.asker && mac === path.mac ? same(state) : same({ ...state, path, next: now })
}

function ask(state: Neighbour, now: number): Step {
  const { path } = state
  if (state.phase === 'searching') {
    const pause = state.asked < HURRIED ? HURRY : SEARCH
    return { state: { ...state, asked: state.asked + 1, next: now + pause }, effects: [{ kind: 'ask', path }] }
  }
  if (state.silent >= PATIENCE) {
    const lost: Neighbour = { phase: 'searching', path, asked: 1, next: now + HURRY }
    return { state: lost, effects: [{ kind: 'changed' }, { kind: 'ask', path }] }
  }
  const question: NeighbourEffect = state.silent < UNICAST ? { kind: 'ask', path, to: state.mac } : { kind: 'ask', path }
  return { state: { ...state, silent: state.silent + 1, next: now + RETRY }, effects: [question] }
}

/** The latest word counts, asked for or not: a server that changes its MAC address announces it. */
function hear(state: Neighbour, { mac, overrides, now, refresh }: Heard): Step {
  const known = state.phase === 'resolved' ? state : undefined
  const at = mac ?? (known && known.silent > 0 ? known.mac : undefined)
  if (at === undefined || (known && known.mac !== at && !overrides)) return same(state)
  const resolved: Neighbour = { phase: 'resolved', path: state.path, mac: at, silent: 0, next: now + refresh }
  return { state: resolved, effects: known?.mac === at ? [] : [{ kind: 'changed' }] }
}
