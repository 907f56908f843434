// SPDX-License-Identifier: Apache-2.0
// The real clients beside a flood, in the lab's client: `hold` keeps slow downloads going, `knock` opens new connections.
import { createHash } from 'node:crypto'
import { type ClientRequest, get } from 'node:http'

/** One line when every transfer has begun, one when all have ended. */
export interface Held {
  readonly whole: number
  /** Why the others ended, by reason. */
  readonly broken: Readonly<Record<string, number>>
}

export interface Knocks {
  readonly answered: number
  readonly refused: Readonly<Record<string, number>>
  /** Milliseconds until the connection stood, of those that were answered, sorted. */
  readonly connected: readonly number[]
  /** Milliseconds until the answer was there, sorted. */
  readonly took: readonly number[]
}

const patience = 10_000

function request(url: string): ClientRequest {
  return get(url, { agent: false, headers: { connection: 'close' } })
}

function tally(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}

/** Resolves to undefined when the body's digest is right, else to what went wrong; `begun` is told of the first bytes. */
function hold(url: string, digest: string, begun: () => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    const hash = createHash('sha256')
    const call = request(url)
    call.on('error', (error) => resolve(reasonOf(error)))
    call.on('response', (answer) => {
      answer.once('data', begun)
      answer.on('data', (chunk: Buffer) => hash.update(chunk))
      answer.on('error', (error) => resolve(reasonOf(error)))
      answer.on('end', () => resolve(hash.digest('hex') === digest ? undefined : 'other bytes'))
    })
  })
}

async function holdAll(url: string, count: number, digest: string): Promise<void> {
  let begun = 0
  const began = () => {
    if (++begun === count) console.log('begun')
  }
  const ends = await Promise.all(Array.from({ length: count }, () => hold(url, digest, began)))
  const reasons = ends.filter((reason) => reason !== undefined)
  console.log(JSON.stringify({ whole: count - reasons.length, broken: tally(reasons) } satisfies Held))
}

interface Knock {
  readonly connected: number
  readonly took: number
}

function knock(url: string): Promise<Knock | string> {
  const start = performance.now()
  let connected = 0
  return new Promise((resolve) => {
    const call = request(url)
    call.setTimeout(patience, () => call.destroy(Object.assign(new Error('no answer'), { code: 'no answer' })))
    call.on('socket', (socket) => socket.once('connect', () => (connected = performance.now() - start)))
    call.on('error', (error) => resolve(`${connected ? 'connected, then ' : ''}${reasonOf(error)}`))
    call.on('response', (answer) => {
      answer.resume()
      answer.on('error', (error) => resolve(reasonOf(error)))
      answer.on('end', () => resolve({ connected, took: performance.now() - start }))
    })
  })
}

/** Knocks until standard input ends. */
async function knockOn(url: string, perSecond: number): Promise<void> {
  const going: Promise<Knock | string>[] = []
  const timer = setInterval(() => going.push(knock(url)), 1000 / perSecond)
  await new Promise((resolve) => process.stdin.resume().once('end', resolve))
  clearInterval(timer)
  const ends = await Promise.all(going)
  const good = ends.filter((end) => typeof end !== 'string')
  const sorted = (values: number[]) => values.sort((a, b) => a - b)
  const knocks: Knocks = {
    answered: good.length,
    refused: tally(ends.filter((end) => typeof end === 'string')),
    connected: sorted(good.map((each) => each.connected)),
    took: sorted(good.map((each) => each.took)),
  }
  console.log(JSON.stringify(knocks))
}

const [mode, url = '', count, digest = ''] = process.argv.slice(2)
if (mode === 'hold') await holdAll(url, Number(count), digest)
else if (mode === 'knock') await knockOn(url, Number(count))
