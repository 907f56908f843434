// SPDX-License-Identifier: Apache-2.0
// Any configuration after any other, with a controller that dies between any two writes.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { Desired } from '../../src/model/desired.js'
import { type Listener, listenerName } from '../../src/model/listener.js'
import { contains } from '../../src/model/network.js'
import type { Actual, MapWrite } from '../../src/reconcile/actual.js'
import { afterGrace, afterSweep } from '../../src/reconcile/aftermath.js'
import { type Basis, plan } from '../../src/reconcile/plan.js'
import { desired } from '../model/example.js'
import { anyStep, probes, type Step } from './given.js'
import { findListener, findVip, type Probe, type Tables } from './lookup.js'
import { blank, type FakeMaps, fakeMaps } from './maps.js'

/** Contents without indices of what may still be retired or resting. */
function contents({ retired: _, resting: __, servers, ...rest }: Actual) {
  const live = new Map([...servers].filter(([, { removed }]) => !removed))
  return { ...rest, live }
}

/** Whose each probe is, and, where its ports can't be read, whether it is for a VIP at all. */
function answers(tables: Tables): { readonly owner: string; readonly isForVip: string }[] {
  return probes.map((probe) => {
    const found = findListener(tables, probe)
    const protocols = findVip(tables, probe.address)?.protocols ?? 0
    if (found && !covers(found.place, probe)) throw new Error(`${JSON.stringify(probe)} is given to ${listenerName(found.place)}`)
    return {
      owner: found ? `${listenerName(found.place)} of ${found.service}` : 'nobody',
      isForVip: String((protocols & (probe.protocol === 'tcp' ? 1 : 2)) !== 0),
    }
  })
}

function covers({ protocol, address, prefix, firstPort, lastPort }: Listener, probe: Probe): boolean {
  return (
    protocol === probe.protocol && firstPort <= probe.port && probe.port <= lastPort && contains(address, prefix, probe.address)
  )
}

const found: ReadonlySet<MapWrite['kind']> = new Set([
  'listener',
  'removeListener',
  'vip',
  'removeVip',
  'port',
  'removePort',
  'block',
  'blocks',
])

/**
 * Carries out as much as the controller lives to; throws when a packet between two writes would notice. Of maps that a dead
 * controller left, nobody knows whose those packets were that are another's now.
 */
function carryOut(maps: FakeMaps, writes: readonly MapWrite[], killedAfter: number, isRecovery: boolean): void {
  const seen = [{ answers: answers(maps.tables()), after: 'nothing' }]
  for (const write of writes.slice(0, killedAfter)) {
    maps.write([write])
    const faults = maps.faults()
    if (faults.length > 0) throw new Error(`after ${write.kind}: ${faults}`)
    if (found.has(write.kind)) seen.push({ answers: answers(maps.tables()), after: JSON.stringify(write) })
  }
  if (writes.length > killedAfter || isRecovery) return
  for (const [place, probe] of probes.entries()) {
    for (const part of ['owner', 'isForVip'] as const) {
      const all = seen.map((one) => one.answers[place]?.[part])
      const wrong = all[0] === all.at(-1) ? all.findIndex((answer) => answer !== all[0]) : -1
      if (wrong >= 0) throw new Error(`${JSON.stringify(probe)}: ${all[0]}, but ${all[wrong]} after ${seen[wrong]?.after}`)
    }
  }
}

function checkIndices(services: Desired['services'], actual: Actual): void {
  const indices = services.map((one) => one.listeners.map((own) => actual.listeners.get(listenerName(own))?.service))
  if (indices.some((own) => new Set(own).size !== 1)) throw new Error('listeners of one service have several')
  if (new Set(indices.flat()).size !== indices.length) throw new Error('two services have one index')
}

t.test('whatever is applied, and wherever a controller dies, packets find their way and the next one finishes', async (t) => {
  let kills = 0
  const run = (steps: Step[]) => {
    const maps = fakeMaps()
    let actual: Actual = blank
    let basis: Basis | undefined
    for (const { services, sources, facts, killedAfter, swept, rested } of steps) {
      const wanted: Desired = { ...desired(...services), sources }
      const planned = plan(wanted, facts, actual, basis)
      carryOut(maps, planned.writes, killedAfter, basis === undefined)
      if (planned.writes.length > killedAfter) {
        kills++
        actual = maps.adopt()
        basis = undefined
        continue
      }
      actual = planned.next
      basis = planned.basis
      if (!isDeepStrictEqual(contents(maps.adopt()), contents(actual))) throw new Error('the maps are not what was planned')
      if (plan(wanted, facts, maps.adopt()).writes.length > 0) throw new Error('adopted, and not in line')
      if (plan(wanted, facts, actual, basis).writes.length > 0) throw new Error('carried out, and not in line')
      checkIndices(wanted.services, actual)
      if (rested) actual = afterGrace(actual, actual.resting)
      if (swept) {
        const free = afterSweep(actual, actual.retired)
        maps.write(free.writes)
        actual = free.next
        if (!isDeepStrictEqual(contents(maps.adopt()), contents(actual))) throw new Error('the maps are not what was swept')
      }
    }
  }
  fc.assert(fc.property(fc.array(anyStep, { minLength: 2, maxLength: 6 }), run), {
    numRuns: Number(process.env.XLVS_RUNS ?? 100),
  })
  t.ok(kills > 50, `${kills} controllers died`)
})
