// SPDX-License-Identifier: Apache-2.0
// One random script of packets, of more flows than a table has slots, played against the program and against a plain Map.
import fc from 'fast-check'
import t from 'tap'
import { addressOf } from '../../src/model/network.js'
import { endpoint } from './addresses.js'
import { Director } from './director.js'
import { carrying } from './families.js'
import { ethernet, ROUTER } from './frame.js'
import { type Given, realServer, route, service } from './given.js'
import { type Kind, type Known, Model, type Packet, type Rules } from './model.js'
import { isSent } from './verdict.js'

interface Listening {
  readonly vip: string
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly stray: 'reset' | 'hash'
  readonly servers: readonly string[]
}

/** What a run is about. */
interface Setting {
  readonly name: string
  readonly forwarding: 'dr' | 'nat'
  readonly services: readonly Listening[]
  readonly client: (number: number) => { address: string; port: number }
}

const macOf = (address: string) => `02:00:00:00:00:${address.slice(-2)}`

/** The first two have the same port, so that their flows' keys look the same; no server is of two. */
function services(vip: (number: number) => string, server: (number: number) => string): Listening[] {
  return [
    { vip: vip(1), port: 80, protocol: 'tcp', stray: 'reset', servers: [11, 12, 13].map(server) },
    { vip: vip(2), port: 80, protocol: 'tcp', stray: 'hash', servers: [21, 22].map(server) },
    { vip: vip(1), port: 53, protocol: 'udp', stray: 'reset', servers: [31, 32].map(server) },
  ]
}

const families = {
  IPv4: {
    services: services(
      (number) => `192.0.2.${number}`,
      (number) => `10.0.0.${number}`,
    ),
    client: (number: number) => ({ address: `198.51.100.${number >> 1}`, port: 40_000 + (number & 1) }),
  },
  IPv6: {
    services: services(
      (number) => `2001:db8::${number}`,
      (number) => `fd00::${number}`,
    ),
    client: (number: number) => ({ address: `2001:db8:c::${1 + (number >> 1)}`, port: 40_000 + (number & 1) }),
  },
}
const CLIENTS = 20
const RUNS = Number(process.env.XLVS_MODEL_RUNS ?? 20)

type Segment = Exclude<Kind, 'udp'>
type Step =
  /** One packet after another; in UDP as many as the kinds are. */
  | { readonly what: 'send'; readonly service: number; readonly client: number; readonly kinds: readonly Segment[] }
  | { readonly what: 'reply'; readonly service: number; readonly client: number; readonly kinds: readonly Segment[] }
  | { readonly what: 'pass'; readonly seconds: number }
  | { readonly what: 'sweep' }
  | { readonly what: 'drain'; readonly service: number; readonly server: number; readonly weight: number }

const some = <T>(...weighted: readonly (readonly [weight: number, value: T])[]) =>
  fc.oneof(...weighted.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))
const aService = fc.nat(2)
const talk = fc.record({
  what: fc.constant('send' as const),
  service: aService,
  client: fc.nat(CLIENTS - 1),
  kinds: some<readonly Segment[]>(
    [4, ['S']],
    [4, ['S', 'A']],
    [9, ['A']],
    [1, ['S', 'FA']],
    [1, ['A', 'FA', 'S']],
    [1, ['R']],
    [1, ['SA']],
  ),
})
const answer = fc.record({
  what: fc.constant('reply' as const),
  service: aService,
  client: fc.nat(CLIENTS - 1),
  kinds: some<readonly Segment[]>([4, ['SA']], [6, ['A']], [2, ['FA']], [1, ['R']], [1, ['SA', 'A', 'FA']]),
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

function stepsOf({ forwarding }: Setting): fc.Arbitrary<Step[]> {
  const step = fc.oneof(
    { weight: 60, arbitrary: talk as fc.Arbitrary<Step> },
    { weight: forwarding === 'nat' ? 25 : 0, arbitrary: answer },
    { weight: 5, arbitrary: pass },
    { weight: 1, arbitrary: sweep },
    { weight: 1, arbitrary: drain },
  )
  return fc.array(step, { maxLength: 300, size: 'max' })
}

/** 16 slots in either table: two buckets, and every flow may be in both. */
const director = Director.load({ connections: 8, wideConnections: 8, services: 8, servers: 16 })

type Weights = ReadonlyMap<string, number>

/** How often what happened, so that the test knows that it tested something. */
const happened = new Map<string, number>()

function note(what: string, times = 1): void {
  happened.set(what, (happened.get(what) ?? 0) + times)
}

const nameOf = ({ vip, port, protocol }: Listening) => `${protocol} ${endpoint(vip, port)}`

/** One script, played against the program and the model. */
class Play {
  private readonly weights = new Map<string, number>()
  private readonly model: Model
  private readonly listeners: ReadonlyMap<number, string>

  constructor(
    private readonly setting: Setting,
    private readonly second: number,
  ) {
    this.model = new Model(this.rules())
    const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' }
    this.listeners = new Map(
      director.maps.listeners
        .all()
        .filter(({ place }) => place.kind === 0)
        .map(({ place, value }) => [value.index, `${protocols[place.protocol]} ${endpoint(place.address, place.port)}`]),
    )
  }

  async run(script: readonly Step[]): Promise<string[]> {
    for (const [number, step] of script.entries()) {
      const faults = await this.take(step)
      faults.push(...this.model.compare(this.tableNow(faults)), ...director.miscounted())
      if (faults.length > 0) return faults.map((fault) => `step ${number}, ${JSON.stringify(step)}: ${fault}`)
    }
    note('displaced', this.model.displaced)
    return []
  }

  private rules(): Rules {
    const { services, forwarding } = this.setting
    return {
      twoWay: forwarding === 'nat',
      timeouts: director.timeouts(),
      stray: Object.fromEntries(services.map((each) => [nameOf(each), each.stray])),
      eligible: new Map(
        services.map((each) => [nameOf(each), new Set(each.servers.filter((address) => this.weights.get(address) !== 0))]),
      ),
    }
  }

  /** What the table holds, by flow; two entries of one flow are one too many. */
  private tableNow(faults: string[]): Map<string, Known> {
    const table = new Map<string, Known>()
    for (const { client, listener, server, state, probation, second, place } of director.connections.entries()) {
      const flow = `${this.listeners.get(listener)} ${client}`
      if (table.has(flow)) faults.push(`${flow} is there twice`)
      const address = addressOf(director.maps.servers.read(server).address.bytes)
      table.set(flow, { server: address, state, proven: !probation, age: (this.second - second) & 0xffff, place })
    }
    return table
  }

  private async take(step: Step): Promise<string[]> {
    if (step.what === 'send' || step.what === 'reply') return step.kinds.flatMap((kind) => this.send(step, kind))
    if (step.what === 'sweep') {
      const { expired } = await director.maps.table.sweep(null, null)
      const over = this.model.sweep()
      return Number(expired) === over ? [] : [`should take ${over} entries away, took ${expired}`]
    }
    if (step.what === 'pass') {
      director.age(step.seconds)
      this.model.pass(step.seconds)
      return []
    }
    const { servers } = this.setting.services[step.service] as Listening
    // One always stays.
    const address = servers[step.server]
    if (address === undefined || address === servers[0]) return []
    this.weights.set(address, step.weight)
    director.configure(given(this.setting, this.weights))
    this.model.change(this.rules())
    return []
  }

  private send({ what, service: number, client }: Extract<Step, { what: 'send' | 'reply' }>, kind: Segment): string[] {
    const listening = this.setting.services[number] as Listening
    const { vip, port, protocol, servers } = listening
    const { address, port: from } = this.setting.client(client)
    const flow = `${nameOf(listening)} ${endpoint(address, from)}`
    const packet: Packet = {
      service: nameOf(listening),
      flow,
      kind: protocol === 'udp' ? 'udp' : kind,
      isReply: what === 'reply',
    }
    const server = this.model.entries.get(flow)?.server ?? (servers[0] as string)
    const frame = packet.isReply
      ? carrying(ethernet().ip(server, address), protocol, port, from, kind)
      : carrying(ethernet().ip(address, vip), protocol, from, port, kind)
    const verdict = director.send(frame)
    note(`${packet.isReply ? 'reply ' : ''}${packet.kind} ${verdict.outcome}`)
    const went = isSent(verdict) ? director.serverOf(verdict) : undefined
    const faults = this.model.take(packet, { outcome: verdict.outcome, ...(went === undefined ? {} : { server: went }) })
    return faults.map((fault) => `${fault}, was ${verdict.outcome} ${went ?? ''}`)
  }
}

function given({ services, forwarding }: Setting, weights: Weights): Given[] {
  const routes = [route('198.51.100.0/24', ROUTER), route('2001:db8:c::/64', ROUTER)]
  return services.flatMap(({ vip, port, protocol, stray, servers }): Given[] => [
    service(endpoint(vip, port), forwarding, { protocol, stray }),
    ...servers.map((address) => realServer(address, macOf(address), { weight: weights.get(address) ?? 1 })),
    ...routes,
  ])
}

/** Again from the start when a second passed meanwhile: then ages are not what the model says. */
async function holds(setting: Setting, script: readonly Step[]): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    director.reset()
    director.configure(given(setting, new Map()))
    const second = await director.second()
    const faults = await new Play(setting, second).run(script)
    if ((await director.second()) !== second) continue
    if (faults.length > 0) throw new Error(faults.join('\n'))
    return
  }
  throw new Error('this takes more than a second')
}

/** Random scripts, in either table; `must`: what they have to come upon. */
export function modelTest(forwarding: Setting['forwarding'], must: readonly string[]): void {
  for (const [name, family] of Object.entries(families))
    t.test(`${name}: the connection table is a Map that forgets only whom it may`, async (t) => {
      const setting: Setting = { name, forwarding, ...family }
      happened.clear()
      await fc.assert(
        fc.asyncProperty(stepsOf(setting), (script) => holds(setting, script)),
        {
          numRuns: RUNS,
          interruptAfterTimeLimit: 10_000,
          markInterruptAsFailure: false,
          ...seedOf(process.env.XLVS_MODEL_SEED),
        },
      )
      for (const what of must) t.ok((happened.get(what) ?? 0) > 0, `${what} ${happened.get(what) ?? 0} times`)
    })
}

function seedOf(text: string | undefined): { seed?: number } {
  return text === undefined ? {} : { seed: Number(text) }
}
