// SPDX-License-Identifier: Apache-2.0
// The Neighbours port: the kernel's own table is too small and too slow to notice, so neighbours are asked by frames of our own.
import { setTimeout as timer } from 'node:timers'
import type { Neighbours } from '../director/ports.js'
import type { Log } from '../director/world.js'
import type { Address } from '../model/desired.js'
import type { Attached, Hop, Resolved } from '../model/facts.js'
import { close } from '../native/xlvs.js'
import { isWaiting, type Neighbour, type NeighbourEvent, resolvedOf, step, unknown } from '../neighbours/neighbour.js'
import { questionsFor, refreshInterval } from '../neighbours/pace.js'
import { neighbourName, type Way } from '../neighbours/path.js'
import { callRoster } from '../neighbours/roster.js'
import { type Question, receive, reopen, type Socket, send } from './neighbour_sockets.js'
import { createOutlook } from './outlook.js'

/** Milliseconds between turns while an answer may come, and while none is due. */
const BUSY_TURN = 25
const IDLE_TURN = 150
/** Milliseconds between looks at interfaces and routes. */
const LOOK = 1000

export interface NeighboursWorld {
  attached(): readonly Attached[]
  /** Addresses not to ask from. */
  vips(): ReadonlySet<Address>
  /** `current()`, `hops()` or `egress()` has other answers. */
  changed(): void
  readonly log: Log
}

export interface RunningNeighbours extends Neighbours {
  stop(): void
}

/** A neighbour, and the servers that are reached through it. */
interface Watched {
  readonly address: Address
  state: Neighbour
  readonly servers: Address[]
}

export function createNeighbours(world: NeighboursWorld): RunningNeighbours {
  const outlook = createOutlook(world)
  const ways = new Map<Address, Way | string>()
  const resolved = new Map<Address, Resolved>()
  let neighbours = new Map<string, Watched>()
  let routed: ReadonlySet<Address> = new Set()
  let sockets: readonly Socket[] = []
  let lastLook = Number.NEGATIVE_INFINITY
  let lastTurn = 0
  let news = false
  let questions: Question[] = []
  let running = timer(turn, 0)

  function handle(watched: Watched, event: NeighbourEvent): void {
    const { state, effects } = step(watched.state, event)
    watched.state = state
    for (const effect of effects) {
      if (effect.kind === 'changed') for (const server of watched.servers) remember(server)
      else questions.push({ ...effect.path, target: watched.address, ...(effect.to === undefined ? {} : { to: effect.to }) })
    }
    news ||= effects.some(({ kind }) => kind === 'changed')
  }

  function remember(server: Address): void {
    const found = placeOf(server)
    if (found) resolved.set(server, found)
    else resolved.delete(server)
  }

  function placeOf(server: Address): Resolved | undefined {
    const way = ways.get(server)
    if (way === undefined || typeof way === 'string') return undefined
    const watched = neighbours.get(neighbourName(way.nextHop, way.interface))
    const found = watched && resolvedOf(watched.state)
    if (!found) return undefined
    const gateway = way.nextHop === server ? {} : { gateway: way.nextHop }
    return { ...found, ...gateway, ...(way.source === undefined ? {} : { source: way.source }) }
  }

  /** Interfaces and routes come, go and change: every way is found anew when they did. */
  function look(now: number): void {
    lastLook = now
    if (!outlook.look()) return
    sockets = reopen(sockets, world.attached(), world.log)
    for (const server of ways.keys()) lead(server)
    settle(now)
    news = true
  }

  function lead(server: Address): void {
    const way = outlook.find(server, { onLink: !routed.has(server) })
    const isNews = typeof way === 'string' && way !== ways.get(server) && !outlook.seen().surroundings.own.has(server)
    if (isNews) world.log.warn({ server }, `unresolved: ${way}`)
    ways.set(server, way)
  }

  /** Has those asked for whom the ways lead to, and no others. */
  function settle(now: number): void {
    const { surroundings, hops } = outlook.seen()
    const before = neighbours
    neighbours = new Map()
    for (const [name, { address, path }] of callRoster(
      ways.values(),
      [...(hops.IPv4 ?? []), ...(hops.IPv6 ?? [])],
      surroundings,
    )) {
      const known = before.get(name)
      const watched: Watched = { address, state: known?.state ?? unknown(path, now), servers: [] }
      neighbours.set(name, watched)
      handle(watched, { kind: 'path', path, now })
    }
    for (const [server, way] of ways) {
      if (typeof way !== 'string') neighbours.get(neighbourName(way.nextHop, way.interface))?.servers.push(server)
      remember(server)
    }
  }

  function hear(now: number): void {
    const refresh = refreshInterval(neighbours.size)
    for (const { interface: name, address, ...said } of receive(sockets)) {
      const watched = neighbours.get(neighbourName(address, name))
      if (watched) handle(watched, { kind: 'heard', ...said, now, refresh })
    }
  }

  /** Those whose time has come, the longest waiting first, as many as may be asked; who is left comes first next time. */
  function askDue(now: number): void {
    const due = [...neighbours.values()].filter(({ state }) => state.next <= now)
    const allowed = questionsFor(now - lastTurn)
    const chosen = due.length <= allowed ? due : due.sort((a, b) => a.state.next - b.state.next).slice(0, allowed)
    for (const watched of chosen) handle(watched, { kind: 'due', now })
    lastTurn = now
  }

  function turn(): void {
    const now = performance.now()
    if (now - lastLook >= LOOK) look(now)
    hear(now)
    askDue(now)
    send(sockets, questions)
    questions = []
    const busy = [...neighbours.values()].some(({ state }) => isWaiting(state))
    running = timer(turn, busy ? BUSY_TURN : IDLE_TURN)
    if (!news) return
    news = false
    world.changed()
  }

  function withMac(hop: Hop): Hop {
    const watched = hop.via === 'link' ? undefined : neighbours.get(neighbourName(hop.via, hop.interface))
    const mac = watched && resolvedOf(watched.state)?.mac
    return mac === undefined ? hop : { ...hop, mac }
  }

  return {
    watch(addresses, behindRouters = new Set()) {
      const now = performance.now()
      const wanted = new Set(addresses)
      const gone = [...ways.keys()].filter((server) => !wanted.has(server))
      const fresh = [...wanted].filter((server) => !ways.has(server) || routed.has(server) !== behindRouters.has(server))
      routed = behindRouters
      if (fresh.length + gone.length === 0) return
      for (const server of gone) ways.delete(server)
      for (const server of gone) resolved.delete(server)
      if (fresh.length > 0) look(now)
      for (const server of fresh) lead(server)
      settle(now)
      news ||= fresh.some((server) => resolved.has(server))
      clearTimeout(running)
      running = timer(turn, 0)
    },
    current: () => resolved,
    hops: () => {
      const { hops } = outlook.seen()
      return { IPv4: hops.IPv4?.map(withMac), IPv6: hops.IPv6?.map(withMac) }
    },
    egress: () => outlook.seen().egress,
    own: () => outlook.seen().surroundings.own,
    stop() {
      clearTimeout(running)
      for (const { descriptor } of sockets) close(descriptor)
      sockets = []
    },
  }
}
