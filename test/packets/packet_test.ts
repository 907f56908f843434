// SPDX-License-Identifier: Apache-2.0
// Packet tests as strips: what there is, what is sent, what becomes of it.
import t from 'tap'
import type { Change } from './connection_table.js'
import { Director } from './director.js'
import type { Frame } from './frame.js'
import type { Given } from './given.js'
import { hex } from './oracle.js'
import { readFrame } from './reading.js'
import { type ExpectedOutcome, isSent, type Verdict } from './verdict.js'

type Sent = Frame | Buffer

/** One packet and what is to come of it, byte for byte where `packet` says so. */
export interface Exchange {
  readonly sent: Sent
  readonly expect: { readonly outcome: ExpectedOutcome; readonly packet?: Sent }
}

interface Single extends Exchange {
  readonly given: readonly Given[]
}

/**
 * A packet, and beside it: the outcome and the server it was sent to (`FORWARDED .11`); its flow's entry (`SYN_RECEIVED?`
 * on probation, `-` none); active and inactive connections of the servers, in the order of their indices (`1+0 0+1`).
 */
export type Row = readonly [sent: Sent, verdict?: string, entry?: string, loads?: string]

/** Something that happens between two packets. */
export type Event = (director: Director) => void

export type Step = Row | Event | Exchange

interface Strip {
  readonly given: readonly Given[]
  readonly strip: readonly Step[]
  /** What is there in the end, as the test itself looks for it, and what that should be. */
  readonly finally?: (director: Director) => unknown
  readonly leaves?: unknown
}

/** So many seconds pass. */
export function after(seconds: number): Event {
  return (director) => director.age(seconds)
}

/** The administrator changes the configuration, or ARP finds servers elsewhere. */
export function configured(...given: readonly Given[]): Event {
  return (director) => director.configure(given)
}

/** The client's entry is made to be so: what would take many packets, or no packet can do. */
export function entryIs(client: string, change: Change): Event {
  return (director) => director.connections.change(client, change)
}

let loaded: Director | undefined

/** One for all tests of a file that need nothing special. */
export function usual(): Director {
  loaded ??= Director.load()
  return loaded
}

export function packetTest(name: string, scene: Single | Strip, directorOf: () => Director = usual): void {
  t.test(name, async (t) => {
    const director = directorOf()
    const { seen, expected } = 'strip' in scene ? await played(director, scene) : await tried(director, scene)
    t.same(seen, expected)
    t.same(director.miscounted(), [], 'servers count what the table holds')
  })
}

/** Sends one packet. */
async function tried(director: Director, single: Single) {
  const seen = await within(director, single.given, () => exchange(director, single))
  return { seen, expected: wanted(single) }
}

/** The outcome, and the frame where it is expected to be a certain one. */
function exchange(director: Director, { sent, expect }: Exchange): string[] {
  const { outcome, packet } = director.send(sent)
  return expect.packet ? [outcome, hex(packet)] : [outcome]
}

function wanted({ expect }: Exchange): string[] {
  return expect.packet ? [expect.outcome, hex(expect.packet)] : [expect.outcome]
}

async function played(director: Director, { given, strip, finally: last, leaves }: Strip) {
  const seen = await within(director, given, () => {
    const texts = strip.flatMap((step) => play(director, step))
    return last ? [...texts, last(director)] : texts
  })
  const expected = strip.flatMap(expectation)
  return { seen, expected: last ? [...expected, leaves] : expected }
}

function expectation(step: Step): string[] {
  if (typeof step === 'function') return []
  return 'sent' in step ? wanted(step) : [step.slice(1).join(' | ')]
}

/** A row as it went, with as many columns as it has; an event has no text. */
function play(director: Director, step: Step): string[] {
  if (typeof step === 'function') {
    step(director)
    return []
  }
  if ('sent' in step) return exchange(director, step)
  const [sent, ...columns] = step
  const verdict = director.send(sent)
  const texts = [() => verdictText(director, verdict), () => entryText(director, sent), () => loadsText(director)]
  return [
    texts
      .slice(0, columns.length)
      .map((text) => text())
      .join(' | '),
  ]
}

/** Repeats what happened to be under way when a second passed, so that ages are exact. */
export async function within<T>(director: Director, given: readonly Given[], act: () => T): Promise<T> {
  for (let tries = 0; tries < 10; tries++) {
    director.reset()
    director.configure(given)
    const second = await director.second()
    const result = act()
    if ((await director.second()) === second) return result
  }
  throw new Error('this takes more than a second')
}

export function verdictText(director: Director, verdict: Verdict): string {
  const server = isSent(verdict) ? director.serverOf(verdict) : undefined
  return server ? `${verdict.outcome} ${lastPart(server)}` : verdict.outcome
}

/** `10.0.0.11` → `.11`, `fd00::11` → `:11` */
function lastPart(address: string): string {
  return address.slice(Math.max(address.lastIndexOf('.'), address.lastIndexOf(':')))
}

/** The entries of the packet's flow: by protocol and VIP there may be several. */
function entryText({ connections }: Director, sent: Sent): string {
  const { client, port } = flowOf(sent)
  const entries = connections.of(client).filter(({ servicePort }) => servicePort === port)
  return (
    entries
      .map(({ state, probation }) => `${state}${probation ? '?' : ''}`)
      .sort()
      .join(' and ') || '-'
  )
}

function loadsText(director: Director): string {
  return director
    .loads()
    .map(({ active, inactive }) => `${active}+${inactive}`)
    .join(' ')
}

/** `198.51.100.7:40000`, and the port that it wants. */
function flowOf(sent: Sent): { client: string; port: number } {
  const { source = '', version = 4, ports } = readFrame(Buffer.isBuffer(sent) ? sent : sent.bytes()) ?? {}
  const { source: from = 0, destination: port = 0 } = ports ?? {}
  return { client: version === 4 ? `${source}:${from}` : `[${source}]:${from}`, port }
}
