// SPDX-License-Identifier: Apache-2.0
// The Neighbours port: the kernel's own table is too small and too slow to notice, so servers are asked by ARP of our own.
import { setTimeout as timer } from 'node:timers'
import { macBytes, macText } from '../abi/codec.js'
import type { ArpAsk } from '../abi/native.js'
import type { Neighbours } from '../director/ports.js'
import type { Log } from '../director/world.js'
import type { Address } from '../model/desired.js'
import type { Attached, Resolved } from '../model/facts.js'
import { ipv4Address, ipv4Number } from '../model/ipv4.js'
import { openArp, receiveArp, sendArp } from '../native/arp.js'
import { NativeError } from '../native/library.js'
import { close } from '../native/xlvs.js'
import {
  isWaiting,
  type Neighbour,
  type NeighbourEffect,
  type NeighbourEvent,
  resolvedOf,
  step,
  unknown,
} from '../neighbours/neighbour.js'
import { questionsFor, refreshInterval } from '../neighbours/pace.js'
import { findPath, type Surroundings } from '../neighbours/path.js'
import { linksOf, ownAddresses } from './surroundings.js'

export const broadcast = [255, 255, 255, 255, 255, 255]

/** Milliseconds between turns while an answer may come, and while none is due. */
const BUSY_TURN = 25
const IDLE_TURN = 150
/** Milliseconds between looks at the interfaces. */
const LOOK = 1000
/** Reads of up to 256 frames a socket and turn: a storm of ARP waits in the socket, not here. */
const READS = 8

export interface ArpWorld {
  attached(): readonly Attached[]
  /** Addresses not to ask from. */
  vips(): ReadonlySet<Address>
  /** `current()` has other answers. */
  changed(): void
  readonly log: Log
}

export interface RunningNeighbours extends Neighbours {
  stop(): void
}

interface Socket {
  readonly name: string
  readonly ifindex: number
  readonly descriptor: number
}

export function createNeighbours(world: ArpWorld): RunningNeighbours {
  const neighbours = new Map<Address, Neighbour>()
  const resolved = new Map<Address, Resolved>()
  let sockets: readonly Socket[] = []
  let surroundings: Surroundings = { links: [], own: new Set(), vips: new Set() }
  let seen = ''
  let lastLook = Number.NEGATIVE_INFINITY
  let lastTurn = 0
  let news = false
  let questions: Question[] = []
  let running = timer(turn, 0)

  interface Question {
    readonly server: Address
    readonly effect: Extract<NeighbourEffect, { kind: 'ask' }>
  }

  function handle(server: Address, event: NeighbourEvent): void {
    const { state, effects } = step(neighbours.get(server) ?? unknown, event)
    neighbours.set(server, state)
    for (const effect of effects) {
      if (effect.kind === 'ask') questions.push({ server, effect })
      else if (effect.kind === 'warn') world.log.warn({ server }, `unresolved: ${effect.reason}`)
      else remember(server, resolvedOf(state))
    }
  }

  function remember(server: Address, found: Resolved | undefined): void {
    if (found) resolved.set(server, found)
    else resolved.delete(server)
    news = true
  }

  /** Interfaces come, go and change: every way is found anew when they did. */
  function look(now: number): void {
    lastLook = now
    const attached = world.attached()
    surroundings = { links: linksOf(attached), own: ownAddresses(), vips: world.vips() }
    const shown = JSON.stringify([
      surroundings.links,
      [...surroundings.own],
      [...surroundings.vips],
      attached.map(({ ifindex }) => ifindex),
    ])
    if (shown === seen) return
    seen = shown
    sockets = reopen(sockets, attached, world.log)
    for (const server of neighbours.keys()) lead(server, now)
  }

  function lead(server: Address, now: number): void {
    handle(server, { kind: 'path', path: findPath(server, surroundings), now })
  }

  function receive(now: number): void {
    const refresh = refreshInterval(neighbours.size)
    for (const { name, descriptor } of sockets) {
      for (const { sender, mac } of waiting(descriptor)) {
        const server = ipv4Address(sender)
        if (neighbours.has(server)) handle(server, { kind: 'heard', interface: name, mac: macText(mac), now, refresh })
      }
    }
  }

  /** Those whose time has come, the longest waiting first, as many as may be asked; who is left comes first next time. */
  function askDue(now: number): void {
    const due = [...neighbours].filter(([, state]) => state.phase !== 'unreachable' && state.next <= now)
    const allowed = questionsFor(now - lastTurn)
    const chosen = due.length <= allowed ? due : due.sort(byTime).slice(0, allowed)
    for (const [server] of chosen) handle(server, { kind: 'due', now })
    lastTurn = now
  }

  function send(): void {
    for (const { name, ifindex, descriptor } of sockets) {
      const asks = questions.filter(({ effect }) => effect.path.interface === name).map(frameOf)
      attempt(() => sendArp(descriptor, ifindex, asks))
    }
    questions = []
  }

  function turn(): void {
    const now = performance.now()
    if (now - lastLook >= LOOK) look(now)
    receive(now)
    askDue(now)
    send()
    const busy = [...neighbours.values()].some(isWaiting)
    running = timer(turn, busy ? BUSY_TURN : IDLE_TURN)
    if (!news) return
    news = false
    world.changed()
  }

  return {
    watch(addresses) {
      const now = performance.now()
      const wanted = new Set(addresses)
      for (const server of neighbours.keys()) {
        if (wanted.has(server)) continue
        neighbours.delete(server)
        resolved.delete(server)
      }
      const fresh = [...wanted].filter((server) => !neighbours.has(server))
      if (fresh.length > 0) look(now)
      for (const server of fresh) lead(server, now)
      clearTimeout(running)
      running = timer(turn, 0)
    },
    current: () => resolved,
    stop() {
      clearTimeout(running)
      for (const { descriptor } of sockets) close(descriptor)
      sockets = []
    },
  }
}

function byTime([, a]: readonly [Address, Neighbour], [, b]: readonly [Address, Neighbour]): number {
  return (a.phase === 'unreachable' ? 0 : a.next) - (b.phase === 'unreachable' ? 0 : b.next)
}

function frameOf({ server, effect }: { server: Address; effect: Extract<NeighbourEffect, { kind: 'ask' }> }): ArpAsk {
  const { path, to } = effect
  return {
    sender: ipv4Number(path.source),
    target: ipv4Number(server),
    source: macBytes(path.mac),
    destination: to === undefined ? broadcast : macBytes(to),
  }
}

/** Keeps the sockets of interfaces that stayed, opens those of new ones. */
function reopen(sockets: readonly Socket[], attached: readonly Attached[], log: Log): Socket[] {
  const stays = (socket: Socket) => attached.some(({ name, ifindex }) => name === socket.name && ifindex === socket.ifindex)
  for (const socket of sockets) if (!stays(socket)) close(socket.descriptor)
  return attached.flatMap(({ name, ifindex }) => {
    const open = sockets.find((socket) => socket.name === name && socket.ifindex === ifindex)
    if (open) return [open]
    try {
      return [{ name, ifindex, descriptor: openArp(ifindex) }]
    } catch (error) {
      log.warn({ interface: name, error: String(error) }, 'cannot ask for MAC addresses here')
      return []
    }
  })
}

/** An interface that went down or away a moment ago is noticed by the next look. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof NativeError)) throw error
    return undefined
  }
}

function* waiting(descriptor: number) {
  for (let read = 0; read < READS; read++) {
    const heard = attempt(() => receiveArp(descriptor)) ?? []
    yield* heard
    if (heard.length === 0) return
  }
}
