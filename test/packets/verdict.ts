// SPDX-License-Identifier: Apache-2.0
// What the program made of one packet, and what must hold of every packet.
import { Outcome } from '../../src/abi/layout.js'

export type OutcomeName = Exclude<keyof typeof Outcome, 'CONTINUE' | 'OUTCOMES'>

export const outcomeNames = (Object.keys(Outcome) as (keyof typeof Outcome)[]).filter(
  (name): name is OutcomeName => name !== 'CONTINUE' && name !== 'OUTCOMES',
)

/** enum xdp_action of <linux/bpf.h>. */
const actionNames = ['ABORTED', 'DROP', 'PASS', 'TX', 'REDIRECT'] as const
export type Action = (typeof actionNames)[number]

/** The action that each outcome must become. */
const actions: Readonly<Record<OutcomeName, Action>> = {
  NOT_IPV4: 'PASS',
  NOT_UNICAST: 'PASS',
  NOT_OURS: 'PASS',
  BROKEN_IP_HEADER: 'PASS',
  FORWARDED: 'TX',
  REDIRECTED: 'REDIRECT',
  HASHED: 'TX',
  HASH_REDIRECTED: 'REDIRECT',
  RESET_SENT: 'TX',
  MALFORMED: 'DROP',
  FRAGMENT: 'DROP',
  STRAY: 'DROP',
  NO_REAL_SERVER: 'DROP',
  SERVER_UNRESOLVED: 'DROP',
  NO_EGRESS: 'DROP',
  NOT_CONFIGURED: 'DROP',
}

/** Outcomes that send the packet itself to a server. */
const sending: ReadonlySet<string> = new Set<OutcomeName>(['FORWARDED', 'REDIRECTED', 'HASHED', 'HASH_REDIRECTED'])

export interface Verdict {
  readonly outcome: OutcomeName
  readonly action: Action
  readonly packet: Buffer
}

/** Throws unless the packet was counted once, under a name, and treated as that name says. */
export function verdictOf(sent: Buffer, verdict: number, packet: Buffer, counted: ReadonlyMap<string, bigint>): Verdict {
  const action = actionNames[verdict]
  const moved = [...counted].filter(([, times]) => times !== 0n)
  const [outcome, times] = moved[0] ?? ['nothing', 0n]
  const told = `${action ?? verdict}, counted ${moved.map(([name, count]) => `${name} ${count}`).join(', ') || 'nothing'}`
  if (moved.length !== 1 || times !== 1n) throw new Error(`a packet is counted once: ${told}`)
  if (!(outcome in actions) || actions[outcome as OutcomeName] !== action)
    throw new Error(`not the action of its outcome: ${told}`)
  if (isSent({ outcome }) && !sent.subarray(12).equals(packet.subarray(12)))
    throw new Error(`more than the MAC addresses changed: ${told}`)
  if (action === 'PASS' && !sent.equals(packet)) throw new Error(`what passes must stay as it is: ${told}`)
  return { outcome: outcome as OutcomeName, action: actions[outcome as OutcomeName], packet }
}

export function isSent({ outcome }: { outcome: string }): boolean {
  return sending.has(outcome)
}
