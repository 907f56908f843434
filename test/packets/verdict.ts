// SPDX-License-Identifier: Apache-2.0
// What the program made of one packet, and what must hold of every packet.
import { Outcome } from '../../src/abi/layout.js'
import { faultOfIcmp, faultOfReset } from './answers.js'
import { faultToClient, faultToServer } from './methods.js'
import type { Scene } from './scene.js'

export type OutcomeName = Exclude<keyof typeof Outcome, 'CONTINUE' | 'OUTCOMES'>

export const outcomeNames = (Object.keys(Outcome) as (keyof typeof Outcome)[]).filter(
  (name): name is OutcomeName => name !== 'CONTINUE' && name !== 'OUTCOMES',
)

/** enum xdp_action of <linux/bpf.h>. */
const actionNames = ['ABORTED', 'DROP', 'PASS', 'TX', 'REDIRECT'] as const
export type Action = (typeof actionNames)[number]

/** What is wrong with what became of a packet, or undefined. */
type Fault = (sent: Buffer, received: Buffer, scene: Scene) => string | undefined

const unchanged: Fault = (sent, received) => (sent.equals(received) ? undefined : 'what passes must stay as it is')
/** Nobody sees it any more. */
const whatever: Fault = () => undefined

/** The action that each outcome must become, and what may have been done to the packet. */
const rules = {
  NOT_IP: ['PASS', unchanged],
  NOT_UNICAST: ['PASS', unchanged],
  NOT_OURS: ['PASS', unchanged],
  NOT_MASTER: ['PASS', unchanged],
  NOT_A_REPLY: ['PASS', unchanged],
  BROKEN_IP_HEADER: ['PASS', unchanged],
  DELIVERED: ['PASS', unchanged],
  FORWARDED: ['TX', faultToServer],
  REDIRECTED: ['REDIRECT', faultToServer],
  HASHED: ['TX', faultToServer],
  HASH_REDIRECTED: ['REDIRECT', faultToServer],
  REPLIED: ['TX', faultToClient],
  REPLY_REDIRECTED: ['REDIRECT', faultToClient],
  RESET_SENT: ['TX', faultOfReset],
  ICMP_SENT: ['TX', faultOfIcmp],
  MALFORMED: ['DROP', whatever],
  FRAGMENT: ['DROP', whatever],
  STRAY: ['DROP', whatever],
  NO_REAL_SERVER: ['DROP', whatever],
  SERVER_UNRESOLVED: ['DROP', whatever],
  NO_EGRESS: ['DROP', whatever],
  NOT_CONFIGURED: ['DROP', whatever],
  TUPLE_TAKEN: ['DROP', whatever],
  NO_SLOT: ['DROP', whatever],
  NO_SOURCE_PORT: ['DROP', whatever],
  ICMP_WITHHELD: ['DROP', whatever],
  NO_NEXT_HOP: ['DROP', whatever],
  EXTENSION_HEADERS: ['DROP', whatever],
} as const satisfies Record<string, readonly [Action, Fault]>

/** Outcomes that tests may expect; those that the program has not yet can't come true. */
export type ExpectedOutcome = keyof typeof rules

/** The compiler sees to it that every outcome of the program has a rule. */
const ruleOf = (outcome: OutcomeName): readonly [Action, Fault] => rules[outcome]

export interface Verdict {
  readonly outcome: OutcomeName
  readonly action: Action
  readonly packet: Buffer
}

/** Throws unless the packet was counted once, under a name, and treated as that name says. */
export function verdictOf(
  sent: Buffer,
  verdict: number,
  packet: Buffer,
  counted: ReadonlyMap<string, bigint>,
  scene: Scene,
): Verdict {
  const action = actionNames[verdict]
  const moved = [...counted].filter(([, times]) => times !== 0n)
  const [outcome, times] = moved[0] ?? ['nothing', 0n]
  const told = `${action ?? verdict}, counted ${moved.map(([name, count]) => `${name} ${count}`).join(', ') || 'nothing'}`
  if (moved.length !== 1 || times !== 1n) throw new Error(`a packet is counted once: ${told}`)
  if (!isOutcome(outcome)) throw new Error(`an outcome without a rule: ${told}`)
  const [expected, faultOf] = ruleOf(outcome)
  if (action !== expected) throw new Error(`not the action of its outcome: ${told}`)
  const fault = faultOf(sent, packet, scene)
  if (fault !== undefined) throw new Error(`${fault}: ${told}: ${packet.toString('hex')}`)
  return { outcome, action, packet }
}

function isOutcome(name: string): name is OutcomeName {
  return (outcomeNames as readonly string[]).includes(name) && name in rules
}

/** True of outcomes that send the packet itself to a server. */
export function isSent({ outcome }: { outcome: OutcomeName }): boolean {
  return ruleOf(outcome)[1] === faultToServer
}
