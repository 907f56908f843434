// SPDX-License-Identifier: Apache-2.0
// Thousands of frames, sound, broken and meaningless, while the configuration changes under them: each has one named outcome and
// the action of that name, what is for a listener of ours never passes and what isn't always does, and the counts are right in
// the end. XLVS_SEED repeats a run, XLVS_FRAMES makes it longer.
import t from 'tap'
import { Director } from './director.js'
import { fuzzFrame } from './fuzz_frames.js'
import { type Forwarding, type Given, type ProtocolName, realServer, service } from './given.js'
import { type Sight, whose } from './ours.js'
import { type Random, randomFrom } from './random.js'
import type { OutcomeName, Verdict } from './verdict.js'

const seed = Number(process.env.XLVS_SEED ?? Math.floor(Math.random() * 2 ** 32))
const FRAMES = Number(process.env.XLVS_FRAMES ?? 10_000)

/** What program and configuration can do: to be said in a line each as they grow. */
const sight: Sight = { ipv6: false, tags: 0, extensions: { headers: 8, bytes: 511 }, related: false }
const methods: readonly Forwarding[] = ['dr']
const listeners: readonly (readonly [protocol: ProtocolName, endpoint: string])[] = [
  ['tcp', '192.0.2.1:80'],
  ['tcp', '192.0.2.1:81'],
  ['udp', '192.0.2.1:53'],
  ['tcp', '192.0.2.2:80'],
]

/** Each method has a MAC address of its own, so that what was sent tells by which it was. */
const macOf = (number: number, method: Forwarding) => `02:00:00:00:0${['dr', 'nat', 'fullnat', 'tun'].indexOf(method)}:1${number}`

/** The listeners with the servers that there happen to be. */
function anyConfiguration(random: Random): Given[] {
  return listeners.flatMap(([protocol, endpoint]) => {
    const stray = random.pick(['reset', 'drop', 'hash'] as const)
    const method = random.pick(methods)
    const network = endpoint.startsWith('[') ? 'fd00::1' : '10.0.0.1'
    return [
      service(endpoint, method, { protocol, scheduler: random.pick(['rr', 'wrr']), stray }),
      ...[1, 2, 3]
        .filter(() => !random.once(6))
        .map((number) =>
          realServer(`${network}${number}`, random.once(6) ? null : macOf(number, method), {
            weight: random.below(4),
            on: random.pick(['in', 'in', 'other', 'gone'] as const),
          }),
        ),
    ]
  })
}

/** What is wrong with a verdict, beyond what verdictOf has seen to. */
function fault(director: Director, frame: Buffer, { action, outcome }: Verdict): string | undefined {
  const owner = whose(frame, director.scene, sight)
  if (action === 'PASS' && owner === 'ours' && (outcome as string) !== 'DELIVERED') return 'PASS of what is ours'
  return action !== 'PASS' && owner === 'not ours' ? `${action} of what is not ours` : undefined
}

/** Now and then time passes, the administrator changes something, the controller sweeps. Returns what went wrong. */
async function meanwhile(director: Director, random: Random): Promise<string[]> {
  if (random.once(100)) director.age(random.pick([1, 1, 2, 10, 61, 200]))
  if (random.once(200)) director.configure(anyConfiguration(random))
  if (!random.once(400)) return []
  const { mended } = await director.sweep()
  return [...director.miscounted(), ...(mended === 0 ? [] : [`the sweep mended ${mended} servers' counts`])]
}

/** The outcome of one frame, or what was wrong with it. */
function judge(director: Director, frame: Buffer): { outcome?: OutcomeName; wrong?: string } {
  try {
    const verdict = director.send(frame)
    const wrong = fault(director, frame, verdict)
    return wrong === undefined ? { outcome: verdict.outcome } : { wrong: `${wrong}: ${verdict.outcome}` }
  } catch (error) {
    return { wrong: (error as Error).message }
  }
}

for (const connections of [8, 1024])
  t.test(`${FRAMES} frames, ${connections} connections, XLVS_SEED=${seed}`, async (t) => {
    const random = randomFrom(seed)
    const director = Director.load({ connections })
    const reached = new Map<OutcomeName, number>()
    const faults: string[] = []
    director.configure(anyConfiguration(random))
    for (let number = 0; number < FRAMES && faults.length < 5; number++) {
      faults.push(...(await meanwhile(director, random)))
      const frame = fuzzFrame(random)
      const { outcome, wrong } = judge(director, frame)
      if (outcome) reached.set(outcome, (reached.get(outcome) ?? 0) + 1)
      else faults.push(`frame ${number}: ${wrong}: ${frame.toString('hex')}`)
    }
    t.same(faults, [])
    t.same(director.miscounted(), [], 'servers count what the table holds')
    t.comment([...reached].map(([name, count]) => `${name} ${count}`).join(', '))
    t.ok(reached.size >= 12, `${reached.size} outcomes were reached`)
  })
