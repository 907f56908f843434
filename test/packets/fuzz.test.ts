// SPDX-License-Identifier: Apache-2.0
// Thousands of frames, sound, broken and meaningless, while the configuration changes under them: each has one named outcome and
// the action of that name, what is for a listener of ours never passes and what isn't always does, and the counts are right in
// the end. XLVS_SEED repeats a run, XLVS_FRAMES makes it longer.
import t from 'tap'
import { Conversations } from './conversations.js'
import { Director } from './director.js'
import { anyConfiguration } from './fuzz_configuration.js'
import { FIRST_PORT, PORTS } from './fuzz_flows.js'
import { fuzzFrame } from './fuzz_frames.js'
import type { Given } from './given.js'
import { type Sight, whose } from './ours.js'
import { type Random, randomFrom } from './random.js'
import { becomesMaster, becomesPassive, poolOf } from './roles.js'
import { type OutcomeName, outcomeNames, type Verdict } from './verdict.js'

const seed = Number(process.env.XLVS_SEED ?? Math.floor(Math.random() * 2 ** 32))
const FRAMES = Number(process.env.XLVS_FRAMES ?? 5000)

/** What the program looks into. */
const sight: Sight = { ipv6: true, tags: 2, extensions: { headers: 8, bytes: 511 }, related: true }
/** What is for a listener, and passes all the same. */
const passing: readonly OutcomeName[] = ['DELIVERED', 'NOT_MASTER']

/** What is wrong with a verdict, beyond what verdictOf has seen to. */
function fault(director: Director, frame: Buffer, { action, outcome }: Verdict): string | undefined {
  const owner = whose(frame, director.scene, sight)
  if (action === 'PASS' && owner === 'ours' && !passing.includes(outcome)) return 'PASS of what is ours'
  return action !== 'PASS' && owner === 'not ours' ? `${action} of what is not ours` : undefined
}

/** Another configuration; now and then another director is MASTER. */
function reconfigure(director: Director, random: Random, before: readonly Given[] = []): void {
  director.configure(anyConfiguration(random, before))
  poolOf(PORTS, FIRST_PORT)(director)
  if (random.once(20)) becomesPassive(director)
  else becomesMaster(director)
}

/** Now and then time passes, the administrator changes something, the controller sweeps. Returns what went wrong. */
async function meanwhile(director: Director, random: Random): Promise<string[]> {
  if (random.once(100)) director.age(random.pick([1, 1, 2, 10, 61, 200]))
  if (random.once(200)) reconfigure(director, random, director.scene.given)
  if (!random.once(400)) return []
  const { mended } = await director.sweep()
  return [...director.miscounted(), ...(mended === 0 ? [] : [`the sweep mended ${mended} servers' counts`])]
}

/** The outcome of one frame, or what was wrong with it. */
function judge(director: Director, conversations: Conversations, frame: Buffer): { outcome?: OutcomeName; wrong?: string } {
  try {
    const verdict = director.send(frame)
    const wrong = fault(director, frame, verdict) ?? conversations.take(frame, verdict)
    return wrong === undefined ? { outcome: verdict.outcome } : { wrong: `${wrong}: ${verdict.outcome}` }
  } catch (error) {
    return { wrong: (error as Error).message }
  }
}

for (const connections of [8, 1024])
  t.test(`${FRAMES} frames, ${connections} connections, XLVS_SEED=${seed}`, async (t) => {
    const random = randomFrom(seed)
    const director = Director.load({ connections, wideConnections: connections })
    const conversations = new Conversations(director.connections, () => director.timeouts())
    const reached = new Map<OutcomeName, number>()
    const faults: string[] = []
    reconfigure(director, random)
    for (let number = 0; number < FRAMES && faults.length < 5; number++) {
      faults.push(...(await meanwhile(director, random)))
      const frame = fuzzFrame(random, conversations.recent)
      const { outcome, wrong } = judge(director, conversations, frame)
      if (outcome) reached.set(outcome, (reached.get(outcome) ?? 0) + 1)
      else faults.push(`frame ${number}: ${wrong}: ${frame.toString('hex')}`)
    }
    t.same(faults, [])
    t.same(director.miscounted(), [], 'servers count what the table holds')
    t.comment([...reached].map(([name, count]) => `${name} ${count}`).join(', '))
    t.ok(reached.size >= 18, `not reached: ${outcomeNames.filter((name) => !reached.has(name))}`)
  })
