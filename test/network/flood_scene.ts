// SPDX-License-Identifier: Apache-2.0
// A flood beside real transfers and real new connections, and everything that was counted meanwhile.
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Controller } from '../../vagrant/controller.js'
import { finished, type Lab } from '../../vagrant/lab.js'
import { root, serversOf } from '../../vagrant/topology.js'
import { type Census, census, type Handshakes, type Kind, type Sent, sendFlood, shakeHands } from './flood.js'
import type { Held, Knocks } from './flood_clients.js'
import { outcomes, until } from './stage.js'

export const transfers = 200
const knocksPerSecond = 50
/** As nginx's `/trickle/` hands them out. */
const bytesPerSecond = 16384
/** Seconds for the transfers to begin and to be proven before the flood, and to outlast it. */
const allowance = 5

export interface Scene {
  readonly lab: Lab
  readonly controller: Controller
}

export interface Plan {
  readonly kind: Kind
  readonly seconds: number
  /** Milliseconds of round trip to try handshakes with while the flood goes on; it outlasts their sum by far. */
  readonly distances?: readonly number[]
}

export interface Flooded {
  readonly kind: Kind
  readonly sent: Sent
  /** From before the transfers began to after they ended. */
  readonly counted: Totals
  readonly held: Held
  /** No transfer was over before the flood was. */
  readonly outlasted: boolean
  readonly knocks: Knocks
  readonly handshakes: readonly Handshakes[]
  /** Before anything began. */
  readonly before: Census
  /** As the flood was about to end. */
  readonly during: Census
  readonly after: Census
  /** At rest, the servers' counts became the table's. */
  readonly exact: boolean
}

export interface Totals {
  /** Packets by outcome. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Entries made. */
  readonly entries: number
  /** Packets, as the director's interface and the client's count them. */
  readonly received: number
  readonly fromClient: number
}

export async function flood({ lab, controller }: Scene, { kind, seconds, distances = [] }: Plan): Promise<Flooded> {
  const digest = offer(lab, Math.ceil(seconds + allowance) * bytesPerSecond)
  const before = census(lab)
  const start = await totals(lab, controller)
  const downloads = holdTransfers(lab, digest)
  await downloads.begun
  await until('every transfer is proven', () => (census(lab).states.ESTABLISHED?.proven ?? 0) >= transfers)
  const knocking = keepKnocking(lab)
  const flooding = sendFlood(lab, kind, seconds)
  const probing = 1.5 * distances.reduce((sum, each) => sum + each, 0) + 500
  await delay(Math.max(seconds * 500, seconds * 1000 - probing))
  const during = census(lab)
  const handshakes = distances.length > 0 ? await shakeHands(lab, 100, distances) : []
  const sent = await flooding
  const outlasted = !downloads.over()
  const knocks = await knocking.stop()
  const held = await downloads.ended
  const exact = await countsAgree(lab)
  const counted = difference(start, await totals(lab, controller))
  return { kind, sent, counted, held, outlasted, knocks, handshakes, before, during, after: census(lab), exact }
}

/** Puts a page of random bytes on every server and returns its digest. */
function offer(lab: Lab, bytes: number): string {
  const page = randomBytes(bytes)
  for (const server of serversOf(lab.topology)) writeFileSync(`${lab.site(server)}/pages/page`, page, { mode: 0o644 })
  return createHash('sha256').update(page).digest('hex')
}

const clients = `${root}build/js/test/network/flood_clients.js`

interface Transfers {
  /** Resolves when every one has had its first bytes. */
  readonly begun: Promise<void>
  readonly ended: Promise<Held>
  over(): boolean
}

function holdTransfers(lab: Lab, digest: string): Transfers {
  const url = `http://${lab.vip}/trickle/page`
  const child = lab.start('client', process.execPath, [clients, 'hold', url, String(transfers), digest])
  let over = false
  const ended = finished(child).then(({ stdout, stderr }) => {
    over = true
    const last = stdout.trimEnd().split('\n').at(-1) ?? ''
    if (!last.startsWith('{')) throw new Error(`the transfers' process failed: ${stderr}`)
    return JSON.parse(last) as Held
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const begun = new Promise<void>((resolve, reject) => {
    lines.once('line', (line) => (line === 'begun' ? resolve() : reject(new Error(`the transfers did not begin: ${line}`))))
    ended.catch(reject)
  })
  return { begun, ended, over: () => over }
}

function keepKnocking(lab: Lab): { stop(): Promise<Knocks> } {
  const args = [clients, 'knock', `http://${lab.vip}/`, String(knocksPerSecond)]
  const child = lab.start('client', process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = finished(child)
  return {
    async stop() {
      child.stdin?.end()
      return JSON.parse((await ended).stdout) as Knocks
    },
  }
}

/** The sweep takes entries away even now, so a reading between a slot and its count is taken again. */
function countsAgree(lab: Lab): Promise<boolean> {
  const agree = () =>
    census(lab).servers.every(({ active, inactive, tallied }) => active === tallied.active && inactive === tallied.inactive)
  return until('the servers’ counts are the table’s', agree, 5).then(
    () => true,
    () => false,
  )
}

/** Outcomes and the interface's count of the same packets: read again if one arrived in between. */
async function totals(lab: Lab, controller: Controller): Promise<Totals> {
  for (;;) {
    const received = lab.counted('director').received.packets
    const counted = await outcomes(controller)
    const { status } = (await controller.api('GET', '/v1/services/web')).body
    const fromClient = lab.counted('client').sent.packets
    if (lab.counted('director').received.packets === received)
      return { outcomes: counted, entries: status.connections, received, fromClient }
  }
}

function difference(from: Totals, to: Totals): Totals {
  const changed = Object.entries(to.outcomes)
    .map(([name, count]): [string, number] => [name, count - (from.outcomes[name] ?? 0)])
    .filter(([, count]) => count !== 0)
  return {
    outcomes: Object.fromEntries(changed),
    entries: to.entries - from.entries,
    received: to.received - from.received,
    fromClient: to.fromClient - from.fromClient,
  }
}
