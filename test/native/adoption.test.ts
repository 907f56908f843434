// SPDX-License-Identifier: Apache-2.0
// What is written to real maps reads back as it was planned: every kind of write, and wherever a controller dies.
import { randomBytes, randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { encode } from '../../src/abi/codec.js'
import { AbiLimit, Identity } from '../../src/abi/layout.js'
import { readActual } from '../../src/effects/adopt.js'
import { type Maps, openMaps } from '../../src/effects/maps.js'
import { entriesFor, linesFor, listenerLinesFor } from '../../src/effects/sizes.js'
import { carryOut } from '../../src/effects/writes.js'
import { BpfObject } from '../../src/native/libbpf.js'
import type { Actual, MapWrite } from '../../src/reconcile/actual.js'
import { afterGrace, afterSweep } from '../../src/reconcile/aftermath.js'
import { type Basis, plan } from '../../src/reconcile/plan.js'
import { desired } from '../model/example.js'
import { anyStep } from '../reconcile/given.js'
import { blank, fakeMaps } from '../reconcile/maps.js'

/** Nobody sweeps as often as these plans come. */
const limits = { ...desired().limits, services: 256, servers: 4096 }

/** Maps that are pinned nowhere, so that nothing is left behind. */
function freshMaps(): Maps {
  const object = new BpfObject(fileURLToPath(new URL('../../../director.bpf.o', import.meta.url)))
  for (const [name, entries] of entriesFor(limits)) object.setEntries(name, entries)
  const identity: Identity = {
    version: AbiLimit.ABI_VERSION,
    lines: linesFor(limits.connections),
    wideLines: linesFor(limits.wideConnections),
    listenerLines: listenerLinesFor(limits),
    wideListenerLines: listenerLinesFor(limits),
    seeds: [0, 1, 1].map((odd) => randomBytes(8).readBigUInt64LE() | BigInt(odd)),
  }
  object.setConstant('identity', encode(Identity, identity))
  object.load()
  return openMaps({ object, identity })
}

/** Without what is only told by connections, and by whoever was there before. */
function contents({ retired: _, resting: __, ...rest }: Actual) {
  return rest
}

t.test('maps that were just made hold nothing', async (t) => {
  t.strictSame(contents(readActual(freshMaps())), contents(blank))
})

t.test('whatever is written reads back as it was planned', async (t) => {
  const maps = freshMaps()
  const model = fakeMaps()
  const kinds = new Set<MapWrite['kind']>()
  const write = (writes: readonly MapWrite[]) => {
    for (const { kind } of writes) kinds.add(kind)
    carryOut(maps, writes)
    model.write(writes)
  }
  let actual: Actual = blank
  let basis: Basis | undefined
  const seed = randomInt(2 ** 31)
  for (const [number, step] of fc.sample(anyStep, { numRuns: 150, seed }).entries()) {
    const { services, sources, facts, killedAfter, swept, rested } = step
    const planned = plan({ ...desired(...services), limits, sources }, facts, actual, basis)
    write(planned.writes.slice(0, killedAfter))
    const isDead = planned.writes.length > killedAfter
    actual = isDead ? model.adopt() : planned.next
    basis = isDead ? undefined : planned.basis
    const name = `step ${number} of seed ${seed}`
    if (!isDead && swept) {
      const free = afterSweep(actual, actual.retired)
      write(free.writes)
      actual = free.next
    }
    if (rested) actual = afterGrace(actual, actual.resting)
    const found = contents(readActual(maps))
    for (const expected of isDead ? [model.adopt()] : [model.adopt(), actual]) {
      if (isDeepStrictEqual(found, contents(expected))) continue
      t.strictSame(found, contents(expected), name)
      return
    }
  }
  const all: Record<MapWrite['kind'], true> = {
    timeouts: true,
    interface: true,
    removeInterface: true,
    layOut: true,
    server: true,
    freeServer: true,
    turnOn: true,
    listener: true,
    removeListener: true,
    vip: true,
    removeVip: true,
    port: true,
    removePort: true,
    block: true,
    blocks: true,
    endpoint: true,
    removeEndpoint: true,
    source: true,
    hops: true,
  }
  t.strictSame([...kinds].sort(), Object.keys(all).sort(), 'every kind of write')
})
