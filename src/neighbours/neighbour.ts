// SPDX-License-Identifier: Apache-2.0
// One real server's MAC address: asked for, confirmed, followed, lost. Pure: time and answers come as events.
import type { Address } from '../model/desired.js'
import type { Resolved } from '../model/facts.js'

/** From where a server is asked: the interface, and the address and MAC address that it has there. */
export interface Path {
  readonly interface: string
  readonly source: Address
  readonly mac: string
}

export type Neighbour =
  /** No interface leads there. */
  | { readonly phase: 'unreachable'; readonly reason: string }
  /** Asked `asked` times without an answer; `next` is when to ask again, in milliseconds. */
  | { readonly phase: 'searching'; readonly path: Path; readonly asked: number; readonly next: number }
  /** Found, and asked `silent` times since without an answer. */
  | { readonly phase: 'resolved'; readonly path: Path; readonly mac: string; readonly silent: number; readonly next: number }

export type NeighbourEvent =
  /** The way there, or why there is none. */
  | { readonly kind: 'path'; readonly path: Path | string; readonly now: number }
  /** `next` has come. */
  | { readonly kind: 'due'; readonly now: number }
  /** ARP said on an interface that the server is at `mac`; it is asked again after `refresh` milliseconds. */
  | { readonly kind: 'heard'; readonly interface: string; readonly mac: string; readonly now: number; readonly refresh: number }

export type NeighbourEffect =
  /** Ask who has the address: the one that had it last, or everybody. */
  | { readonly kind: 'ask'; readonly path: Path; readonly to?: string }
  /** What `resolvedOf` says is another. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'warn'; readonly reason: string }

export interface Step {
  readonly state: Neighbour
  readonly effects: readonly NeighbourEffect[]
}

/** Milliseconds between questions to a server that owes an answer. */
const RETRY = 500
/** The first questions to everybody follow one another faster, for a server may be just starting. */
const HURRY = 250
const HURRIED = 4
/** After as many silent questions to the one MAC address, everybody is asked: the server may have another now. */
const UNICAST = 2
/** After as many silent questions, the server is lost: with a refresh of 1.5 s, 4 s after its last answer. */
const PATIENCE = 5
const SEARCH = 1000

export const unknown: Neighbour = { phase: 'unreachable', reason: '' }

/** Where a server is, if that is known. */
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
      return typeof event.path === 'string' ? cutOff(state, event.path) : lead(state, event.path, event.now)
    case 'due':
      return ask(state, event.now)
    case 'heard':
      return hear(state, event)
  }
}

function same(state: Neighbour): Step {
  return { state, effects: [] }
}

function cutOff(state: Neighbour, reason: string): Step {
  if (state.phase === 'unreachable' && state.reason === reason) return same(state)
  const lost: NeighbourEffect[] = state.phase === 'resolved' ? [{ kind: 'changed' }] : []
  return { state: { phase: 'unreachable', reason }, effects: [...lost, { kind: 'warn', reason }] }
}

/** On the same interface a server stays where it was; it is asked at once whether that still holds. */
function lead(state: Neighbour, path: Path, now: number): Step {
  if (state.phase === 'unreachable') return same({ phase: 'searching', path, asked: 0, next: now })
  if (samePath(state.path, path)) return same(state)
  if (state.path.interface === path.interface) return same({ ...state, path, next: now })
  const searching: Neighbour = { phase: 'searching', path, asked: 0, next: now }
  return { state: searching, effects: state.phase === 'resolved' ? [{ kind: 'changed' }] : [] }
}

function samePath(a: Path, b: Path): boolean {
  return a.interface === b.interface && a.source === b.source && a.mac === b.mac
}

function ask(state: Neighbour, now: number): Step {
  if (state.phase === 'unreachable') return same(state)
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
function hear(state: Neighbour, { interface: heardOn, mac, now, refresh }: Extract<NeighbourEvent, { kind: 'heard' }>): Step {
  if (state.phase === 'unreachable' || state.path.interface !== heardOn) return same(state)
  const resolved: Neighbour = { phase: 'resolved', path: state.path, mac, silent: 0, next: now + refresh }
  const isNews = state.phase !== 'resolved' || state.mac !== mac
  return { state: resolved, effects: isNews ? [{ kind: 'changed' }] : [] }
}
