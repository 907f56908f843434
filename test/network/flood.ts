// SPDX-License-Identifier: Apache-2.0
// A flood at the lab's director: which kinds there are, who sends it, and who looks into the table meanwhile.
import type { Lab } from '../../vagrant/lab.js'
import { interfacesOf, root, serversOf } from '../../vagrant/topology.js'
import { namespaceOf, portOf } from '../../vagrant/wiring.js'

export type Kind = 'syn' | 'pairs' | 'ack'

/** Lone ACKs first: the others leave a full table. */
export const kinds: Readonly<Record<Kind, string>> = {
  ack: 'lone ACKs',
  syn: 'SYNs',
  pairs: 'pairs of SYN and ACK',
}

/** What the generator says. */
export interface Sent {
  readonly sent: number
  readonly seconds: number
  /** At the servers' cables: what the director sent on. */
  readonly dropped: number
  /** What the director sent back. */
  readonly answered: number
}

interface Counts {
  readonly active: number
  readonly inactive: number
}

/** What the table holds, slot by slot, beside the servers' counts. */
export interface Census {
  readonly slots: number
  readonly used: number
  readonly states: Readonly<Record<string, { readonly proven: number; readonly probation: number }>>
  readonly servers: readonly (Counts & { readonly index: number; readonly tallied: Counts })[]
}

/** Clients whose ACK followed their SYN so many milliseconds later, and how the director took it. */
export interface Handshakes {
  readonly milliseconds: number
  readonly clients: number
  /** Sent to the server that the SYN went to. */
  readonly known: number
  readonly reset: number
}

/** Client numbers go on from flood to flood, so that every source is a new one. */
let firstSource = 0

/** At the full rate of one CPU, for so many seconds. */
export async function sendFlood(lab: Lab, kind: Kind, seconds: number): Promise<Sent> {
  const options = { object: `${root}build/test/flood.bpf.o`, kind, seconds, first: firstSource, ...placesIn(lab) }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const { code, stdout, stderr } = await lab.run('switch', `${root}build/test/flood`, [...args, ...cables(lab)])
  if (code !== 0) throw new Error(`the generator failed: ${stderr}`)
  const sent = JSON.parse(stdout) as Sent
  firstSource += sent.sent
  return sent
}

/** The flood looks as if it came through the router. */
function placesIn({ name, topology, vip }: Lab) {
  const [wire] = interfacesOf(topology, 'director')
  const router = interfacesOf(topology, 'router').find(({ network }) => network === wire?.network)
  if (!wire || !router) throw new Error('nothing joins the router and the director')
  const port = portOf(topology, 'director', wire.network)
  return { switch: namespaceOf(name, 'switch'), port, from: router.mac, to: wire.mac, vip }
}

function cables({ name, topology }: Lab): string[] {
  return serversOf(topology).flatMap((server) => {
    const [wire] = interfacesOf(topology, server)
    if (!wire) return []
    return ['--server', [namespaceOf(name, server), wire.device, portOf(topology, server, wire.network)].join()]
  })
}

export function census(lab: Lab): Census {
  return JSON.parse(lab.do('director', `${root}build/bench/census`, lab.pins('director'))) as Census
}

/** Tries so many clients at each distance, without a network between. */
export async function shakeHands(lab: Lab, clients: number, milliseconds: readonly number[]): Promise<Handshakes[]> {
  const args = [lab.pins('director'), 'eth1', lab.vip, clients, ...milliseconds].map(String)
  const { code, stdout, stderr } = await lab.run('director', `${root}build/test/handshakes`, args)
  if (code !== 0) throw new Error(`the handshakes failed: ${stderr}`)
  return JSON.parse(stdout) as Handshakes[]
}
