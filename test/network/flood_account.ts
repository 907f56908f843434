// SPDX-License-Identifier: Apache-2.0
// Whether a flood did any harm, and where its packets went: judged from what was counted, without looking again.
import { type Flooded, transfers } from './flood_scene.js'

export interface Claim {
  readonly what: string
  readonly held: boolean
}

/** Where the flood's packets ended. */
export interface Account {
  /** Packets with an outcome, and those that the director's interface received or that were handed to its program. */
  readonly counted: number
  readonly arrived: number
  /** The flood's part of what arrived; the others found the director's ring full. */
  readonly flood: number
  /** The flood's packets that the director sent on or back, and that came out there. */
  readonly sentOut: number
  readonly cameOut: number
  /** Entries that others took the place of, or that were over. */
  readonly gone: number
}

const sentOutcomes = ['forwarded', 'redirected', 'hashed', 'hash_redirected', 'reset_sent']

export function accountOf({ sent, counted, handshakes, before, after }: Flooded): Account {
  const { outcomes, received, fromClient } = counted
  const probes = handshakes.reduce((sum, { clients }) => sum + 2 * clients, 0)
  const others = fromClient + probes
  const passed = (outcomes.not_ipv4 ?? 0) + (outcomes.not_unicast ?? 0)
  return {
    counted: total(Object.values(outcomes)),
    arrived: received + probes,
    flood: received - fromClient - passed,
    sentOut: total(sentOutcomes.map((name) => outcomes[name] ?? 0)) - others,
    cameOut: sent.dropped + sent.answered,
    gone: before.used + counted.entries - after.used,
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

/** A veth's ring may be full now and then; and the client's own ARP is no packet for the director. */
const nearly = (one: number, other: number) => Math.abs(one - other) <= Math.max(16, other / 50)

/** `share` of the new connections is to get through: an entry that the flood has displaced is one that an ACK comes too late for. */
export function claimsOf(flooded: Flooded, share = 0.98): Claim[] {
  const { kind, counted, held, outlasted, knocks, exact } = flooded
  const account = accountOf(flooded)
  const tried = knocks.answered + total(Object.values(knocks.refused))
  const resets = counted.outcomes.reset_sent ?? 0
  const asked = `${(100 * share).toFixed(0)} % are asked for`
  return [
    { what: `${held.whole} of ${transfers} transfers end with the right hash`, held: held.whole === transfers },
    { what: 'and later than the flood', held: outlasted },
    {
      what: `${knocks.answered} of ${tried} new connections are answered (${asked})`,
      held: tried > 0 && knocks.answered >= share * tried,
    },
    { what: 'every packet that the director received has an outcome, counted once', held: account.counted === account.arrived },
    { what: 'all of the flood is sent on or back, and comes out there', held: comesOut(account) },
    kind === 'ack'
      ? { what: 'lone ACKs are answered with RST and enter nothing', held: nearly(resets, account.flood) }
      : { what: 'it is sent on as new flows are', held: resets <= account.flood / 1000 },
    { what: 'the servers’ counts are exactly the table’s', held: exact },
  ]
}

function comesOut({ flood, sentOut, cameOut }: Account): boolean {
  return flood > 0 && nearly(sentOut, flood) && nearly(cameOut, sentOut)
}
