// SPDX-License-Identifier: Apache-2.0
// Random packets of more flows than the table has slots, held against a plain Map.
import fc from 'fast-check'
import t from 'tap'
import { addressOf } from '../../src/model/network.js'
import { Director } from './director.js'
import { ethernet } from './frame.js'
import { type Given, realServer, service } from './given.js'
import { type Kind, type Known, Model, type Packet, type Rules } from './model.js'
import { isSent } from './verdict.js'

interface Listening {
  readonly name: string
  readonly protocol: 'tcp' | 'udp'
  readonly stray: 'reset' | 'hash'
  readonly servers: readonly string[]
}

/** The first two have the same port, so that their flows' keys look the same. */
const services: readonly Listening[] = [
  { name: '192.0.2.1:80', protocol: 'tcp', stray: 'reset', servers: ['10.0.0.11', '10.0.0.12', '10.0.0.13'] },
  { name: '192.0.2.2:80', protocol: 'tcp', stray: 'hash', servers: ['10.0.0.21', '10.0.0.22'] },
  { name: '192.0.2.1:53', protocol: 'udp', stray: 'reset', servers: ['10.0.0.31', '10.0.0.32'] },
]
const CLIENTS = 20
const RUNS = Number(process.env.XLVS_MODEL_RUNS ?? 40)

type Step =
  /** One packet after another; in UDP as many as the kinds are. */
  | { readonly what: 'send'; readonly service: number; readonly client: number; readonly kinds: readonly Exclude<Kind, 'udp'>[] }
  | { readonly what: 'pass'; readonly seconds: number }
  | { readonly what: 'sweep' }
  | { readonly what: 'drain'; readonly service: number; readonly server: number; readonly weight: number }

const some = <T>(...weighted: readonly (readonly [weight: number, value: T])[]) =>
  fc.oneof(...weighted.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))
const aService = fc.nat(services.length - 1)
const talk = fc.record({
  what: fc.constant('send' as const),
  service: aService,
  client: fc.nat(CLIENTS - 1),
  kinds: some<readonly Exclude<Kind, 'udp'>[]>(
    [4, ['S']],
    [4, ['S', 'A']],
    [9, ['A']],
    [1, ['S', 'FA']],
    [1, ['A', 'FA', 'S']],
    [1, ['R']],
    [1, ['SA']],
  ),
})
/** Most of the time so little that everybody is kept and proven, now and then so much that some are over. */
const pass = fc.record({
  what: fc.constant('pass' as const),
  seconds: some([30, 1], [1, 10], [1, 11], [1, 60], [1, 61], [1, 120], [1, 301], [1, 901]),
})
const sweep = fc.record({ what: fc.constant('sweep' as const) })
const drain = fc.record({
  what: fc.constant('drain' as const),
  service: aService,
  server: fc.nat(2),
  weight: fc.constantFrom(0, 1),
})
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 60, arbitrary: talk },
    { weight: 5, arbitrary: pass },
    { weight: 1, arbitrary: sweep },
    { weight: 1, arbitrary: drain },
  ),
  { maxLength: 300, size: 'max' },
)

/** 16 slots: two buckets, and every flow may be in both. */
const director = Director.load({ connections: 8 })

type Weights = ReadonlyMap<string, number>

function given(weights: Weights): Given[] {
  return services.flatMap(({ name, protocol, stray, servers }) => [
    service(name, { protocol, stray }),
    ...servers.map((address) =>
      realServer(address, `02:00:00:00:00:${address.slice(-2)}`, { weight: weights.get(address) ?? 1 }),
    ),
  ])
}

function rulesFor(weights: Weights): Rules {
  const eligible = services.map(
    ({ name, servers }) => [name, new Set(servers.filter((address) => weights.get(address) !== 0))] as const,
  )
  return {
    timeouts: director.timeouts(),
    stray: Object.fromEntries(services.map(({ name, stray }) => [name, stray])),
    eligible: new Map(eligible),
  }
}

/** How often what happened, so that the test knows that it tested something. */
const happened = new Map<string, number>()

function note(what: string, times = 1): void {
  happened.set(what, (happened.get(what) ?? 0) + times)
}

const clientName = (client: number) => `198.51.100.${client >> 1}:${40_000 + (client & 1)}`

/** What the table holds, by flow; two entries of one flow are one too many. */
function tableNow(second: number, faults: string[]): Map<string, Known> {
  const listeners = director.maps.listeners.all().map(({ place, value }) => [value.index, `${place.address}:${place.port}`])
  const names = new Map(listeners as [number, string][])
  const table = new Map<string, Known>()
  for (const { client, listener, server, state, probation, second: last, place } of director.connections.entries()) {
    const flow = `${names.get(listener)} ${client}`
    if (table.has(flow)) faults.push(`${flow} is there twice`)
    const address = addressOf(director.maps.servers.read(server).address.bytes)
    table.set(flow, { server: address, state, proven: !probation, age: (second - last) & 0xffff, place })
  }
  return table
}

async function play(script: readonly Step[], second: number): Promise<string[]> {
  const weights = new Map<string, number>()
  const model = new Model(rulesFor(weights))
  for (const [number, step] of script.entries()) {
    const faults = await take(step, model, weights)
    faults.push(...model.compare(tableNow(second, faults)), ...director.miscounted())
    if (faults.length > 0) return faults.map((fault) => `step ${number}, ${JSON.stringify(step)}: ${fault}`)
  }
  note('displaced', model.displaced)
  return []
}

async function take(step: Step, model: Model, weights: Map<string, number>): Promise<string[]> {
  if (step.what === 'send') return step.kinds.flatMap((kind) => send(step, kind, model))
  if (step.what === 'sweep') {
    const { expired } = await director.maps.table.sweep(null, null)
    const over = model.sweep()
    return Number(expired) === over ? [] : [`should take ${over} entries away, took ${expired}`]
  }
  if (step.what === 'pass') {
    director.age(step.seconds)
    model.pass(step.seconds)
    return []
  }
  const { servers } = services[step.service] as Listening
  // One always stays.
  const address = servers[step.server]
  if (address === undefined || address === servers[0]) return []
  weights.set(address, step.weight)
  director.configure(given(weights))
  model.change(rulesFor(weights))
  return []
}

function send({ service: number, client }: Extract<Step, { what: 'send' }>, kind: Exclude<Kind, 'udp'>, model: Model): string[] {
  const { name, protocol } = services[number] as Listening
  const [vip = '', port] = name.split(':')
  const [from = '', fromPort] = clientName(client).split(':')
  const network = ethernet().ipv4(from, vip)
  const frame =
    protocol === 'udp' ? network.udp(Number(fromPort), Number(port)) : network.tcp(Number(fromPort), Number(port), kind)
  const packet: Packet = { service: name, flow: `${name} ${clientName(client)}`, kind: protocol === 'udp' ? 'udp' : kind }
  const verdict = director.send(frame)
  note(`${packet.kind} ${verdict.outcome}`)
  const server = isSent(verdict) ? director.serverOf(verdict) : undefined
  const faults = model.take(packet, { outcome: verdict.outcome, ...(server === undefined ? {} : { server }) })
  return faults.map((fault) => `${fault}, was ${verdict.outcome} ${server ?? ''}`)
}

/** Again from the start when a second passed meanwhile: then ages are not what the model says. */
async function holds(script: readonly Step[]): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    director.reset()
    director.configure(given(new Map()))
    const second = await director.second()
    const faults = await play(script, second)
    if ((await director.second()) !== second) continue
    if (faults.length > 0) throw new Error(faults.join('\n'))
    return
  }
  throw new Error('this takes more than a second')
}

t.test('the connection table is a Map that forgets only whom it may', async (t) => {
  await fc.assert(fc.asyncProperty(steps, holds), {
    numRuns: RUNS,
    interruptAfterTimeLimit: 20_000,
    markInterruptAsFailure: false,
    ...seedOf(process.env.XLVS_MODEL_SEED),
  })
  for (const what of [
    'S FORWARDED',
    'S HASHED',
    'A RESET_SENT',
    'A HASHED',
    'R STRAY',
    'udp FORWARDED',
    'udp HASHED',
    'displaced',
  ])
    t.ok((happened.get(what) ?? 0) > 0, `${what} ${happened.get(what) ?? 0} times`)
})

function seedOf(text: string | undefined): { seed?: number } {
  return text === undefined ? {} : { seed: Number(text) }
}
