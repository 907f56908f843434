// SPDX-License-Identifier: Apache-2.0
// Any configuration after any other, with a controller that dies between any two writes.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { Address, Desired, Service } from '../../src/model/desired.js'
import type { Facts } from '../../src/model/facts.js'
import { listenerName } from '../../src/model/listener.js'
import type { Actual, ServerEntry } from '../../src/reconcile/actual.js'
import { afterGrace, afterSweep } from '../../src/reconcile/aftermath.js'
import { type Basis, plan } from '../../src/reconcile/plan.js'
import { desired, listeners, service } from '../model/example.js'
import { blank, fakeMaps } from './maps.js'

const hosts = ['11', '12', '13', '14']

const anyService = (port: number): fc.Arbitrary<Service> =>
  fc
    .record({
      servers: fc.shuffledSubarray(hosts),
      weights: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 }),
      scheduler: fc.constantFrom('rr' as const, 'wrr' as const),
      stray: fc.constantFrom('reset' as const, 'drop' as const),
    })
    .map(({ servers, weights, ...rest }) => ({
      ...service(`s${port}`, port, ...servers.map((host, place) => `${host} x${weights[place]}`)),
      ...rest,
    }))

const ports = [80, 81, 82, 83, 84, 85]

/** Services in any order, each with some of the ports; a port has one service at most. */
const anyServices = fc
  .tuple(
    fc.tuple(...[80, 81, 82, 83].map(anyService)),
    fc.array(fc.nat(5), { minLength: ports.length, maxLength: ports.length }),
    fc.shuffledSubarray([0, 1, 2, 3]),
  )
  .map(([services, owners, order]) =>
    order.flatMap((place) => {
      const own = ports.filter((_, at) => owners[at] === place)
      const listening = listeners(...own.map((port) => `tcp 203.0.113.10:${port}`))
      return own.length === 0 ? [] : [{ ...(services[place] as Service), listeners: listening }]
    }),
  )

const anyFacts: fc.Arbitrary<Facts> = fc
  .record({ found: fc.subarray(hosts), nics: fc.shuffledSubarray([3, 4, 5], { minLength: 1 }) })
  .map(({ found, nics }) => ({
    neighbours: new Map(
      found.map((host, place) => [
        `10.0.0.${host}` as Address,
        { mac: `02:00:00:00:00:${host}`, interface: `eth${nics[place % nics.length]}` },
      ]),
    ),
    interfaces: nics.map((ifindex) => ({
      name: `eth${ifindex}`,
      ifindex,
      mac: `02:00:00:00:01:0${ifindex}`,
      mode: 'native' as const,
    })),
  }))

interface Step {
  readonly services: Service[]
  readonly facts: Facts
  /** Writes that are carried out before the controller dies; it lives when there are fewer. */
  readonly killedAfter: number
  readonly swept: boolean
  readonly rested: boolean
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  services: anyServices,
  facts: anyFacts,
  killedAfter: fc.oneof(fc.nat(30), fc.constant(1000)),
  swept: fc.boolean(),
  rested: fc.boolean(),
})

/** Contents without indices of what may still be retired or resting. */
function contents(actual: Actual) {
  const live = [...actual.servers.values()].filter(({ removed }) => !removed)
  const byIndex = (a: ServerEntry, b: ServerEntry) => a.index - b.index
  const { listeners, schedules, vips, interfaces, timeouts } = actual
  const sorted = <K, V>(map: ReadonlyMap<K, V>) => [...map].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
  return {
    listeners: sorted(listeners),
    live: live.sort(byIndex),
    schedules: sorted(schedules),
    vips: [...vips].sort(),
    interfaces: sorted(interfaces),
    timeouts,
  }
}

t.test('whatever is applied, and wherever a controller dies, packets find their way and the next one finishes', async (t) => {
  let kills = 0
  const run = (steps: Step[]) => {
    const maps = fakeMaps()
    let actual: Actual = blank
    let basis: Basis | undefined
    for (const { services, facts, killedAfter, swept, rested } of steps) {
      const wanted: Desired = desired(...services)
      const planned = plan(wanted, facts, actual, basis)
      for (const [place, write] of planned.writes.entries()) {
        if (place >= killedAfter) break
        maps.write([write])
        const faults = maps.faults()
        if (faults.length > 0) throw new Error(`after ${write.kind}: ${faults}`)
      }
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
      const indices = wanted.services.map((one) => one.listeners.map((own) => actual.listeners.get(listenerName(own))?.service))
      if (indices.some((own) => new Set(own).size !== 1)) throw new Error('listeners of one service have several')
      if (new Set(indices.flat()).size !== indices.length) throw new Error('two services have one index')
      if (rested) actual = afterGrace(actual, actual.resting)
      if (swept) {
        const free = afterSweep(actual, actual.retired)
        maps.write(free.writes)
        actual = free.next
      }
    }
  }
  fc.assert(fc.property(fc.array(anyStep, { minLength: 2, maxLength: 8 }), run), { numRuns: 150 })
  t.ok(kills > 50, `${kills} controllers died`)
})
