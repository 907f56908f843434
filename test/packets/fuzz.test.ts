// SPDX-License-Identifier: Apache-2.0
// Thousands of frames, sound, broken and meaningless, while the configuration changes under them: each has one named outcome and
// the action of that name, what is for a listener of ours never passes and what isn't always does, and the counts are right in
// the end. XLVS_SEED repeats a run, XLVS_FRAMES makes it longer.
import t from 'tap'
import { Director } from './director.js'
import { fuzzFrame } from './fuzz_frames.js'
import { type Given, realServer, service } from './given.js'
import { type Random, randomFrom } from './random.js'
import { isSent, type OutcomeName, type Verdict } from './verdict.js'

const seed = Number(process.env.XLVS_SEED ?? Math.floor(Math.random() * 2 ** 32))
const FRAMES = Number(process.env.XLVS_FRAMES ?? 6000)

/** Every listener, as protocol number, address and port. */
const listeners = ['6 192.0.2.1 80', '6 192.0.2.1 81', '17 192.0.2.1 53', '6 192.0.2.2 80']
const servers = [1, 2, 3].map((number) => ({ address: `10.0.0.1${number}`, mac: `02:00:00:00:00:1${number}` }))

/** The listeners with the servers that there happen to be. */
function anyConfiguration(random: Random): Given[] {
  return listeners.flatMap((listener) => {
    const [protocol, address, port] = listener.split(' ')
    const stray = random.pick(['reset', 'drop', 'hash'] as const)
    const present = servers.filter(() => !random.once(6))
    return [
      service(`${address}:${port}`, { protocol: protocol === '6' ? 'tcp' : 'udp', scheduler: random.pick(['rr', 'wrr']), stray }),
      ...present.map((server) =>
        realServer(server.address, random.once(6) ? null : server.mac, {
          weight: random.below(4),
          on: random.pick(['in', 'in', 'other', 'gone'] as const),
        }),
      ),
    ]
  })
}

/** Whose packet it is, by reading it as RFC 791 says and no other way. */
function isOurs(frame: Buffer): boolean {
  if (frame.readUInt16BE(12) !== 0x0800 || ((frame[0] as number) & 1) === 1 || frame.length < 34) return false
  const ip = frame.subarray(14)
  const header = ((ip[0] as number) & 15) * 4
  const total = ip.readUInt16BE(2)
  if ((ip[0] as number) >> 4 !== 4 || header < 20 || total < header || total > ip.length) return false
  const destination = `${ip[9]} ${[...ip.subarray(16, 20)].join('.')}`
  const isFragment = (ip.readUInt16BE(6) & 0x3fff) !== 0
  if (isFragment || total < header + 4) return listeners.some((listener) => listener.startsWith(`${destination} `))
  return listeners.includes(`${destination} ${ip.readUInt16BE(header + 2)}`)
}

/** What is wrong with a verdict, beyond what verdictOf has seen to. */
function fault(director: Director, frame: Buffer, verdict: Verdict): string | undefined {
  if ((verdict.action === 'PASS') === isOurs(frame)) return `${verdict.action} of what is ${isOurs(frame) ? '' : 'not '}ours`
  if (isSent(verdict) && !director.serverOf(verdict)) return 'sent to nobody'
  return undefined
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
