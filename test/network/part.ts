// SPDX-License-Identifier: Apache-2.0
// part.js INTERFACE…: the part of the controller that finds neighbours and announces VIPs, alone in its network namespace.
// Takes what to do as lines of JSON, and prints what is known as such whenever that changes; ends with its input.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { macText } from '../../src/abi/codec.js'
import { openAssignedVips } from '../../src/effects/assigned_vips.js'
import { createNeighbours } from '../../src/effects/neighbours.js'
import type { Address } from '../../src/model/desired.js'
import type { Attached, Egress, Hops, Resolved } from '../../src/model/facts.js'
import { readInterface } from '../../src/native/xlvs.js'

export interface Order {
  readonly watch?: readonly Address[]
  /** Of those that are watched. */
  readonly routed?: readonly Address[]
  readonly assign?: readonly Address[]
}

export interface Known {
  readonly servers: Readonly<Record<Address, Resolved>>
  readonly hops: Hops
  readonly egress: Readonly<Record<string, Egress>>
  readonly warnings: readonly string[]
}

const stateDir = mkdtempSync(`${tmpdir()}/xlvs-part-`)
process.once('exit', () => rmSync(stateDir, { recursive: true }))

const warnings: string[] = []
const log = { info: () => {}, warn: (_: object, text: string) => void warnings.push(text), error: () => {} }
const attached = (): Attached[] =>
  process.argv.slice(2).map((name) => {
    const { index, mac } = readInterface(name)
    return { name, ifindex: index, mac: macText(mac), mode: 'native' }
  })

let vips: readonly Address[] = []
const assigned = openAssignedVips(stateDir, log)
const neighbours = createNeighbours({ attached, vips: () => new Set(vips), changed: tell, log })

function tell(): void {
  const egress = Object.fromEntries(neighbours.egress())
  const known: Known = { servers: Object.fromEntries(neighbours.current()), hops: neighbours.hops(), egress, warnings }
  console.log(JSON.stringify(known))
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { watch, routed, assign } = JSON.parse(line) as Order
    if (assign) {
      vips = assign
      assigned.assign(vips, attached())
    }
    if (watch) neighbours.watch(watch, new Set(routed))
  })
  .on('close', () => process.exit(0))
