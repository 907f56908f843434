// SPDX-License-Identifier: Apache-2.0
import * as fc from 'fast-check'
import ref from 'ref-napi'
import t from 'tap'
import { type Identity, type Listener, type ListenerKey, ListenerLine } from '../../src/abi/layout.js'
import { listenerTable } from '../../src/effects/listeners.js'
import { listenerLinesFor } from '../../src/effects/sizes.js'

const seeds = [0x9e3779b97f4a7c15n, 0xbf58476d1ce4e5b9n, 0x94d049bb133111ebn]

function table(services: number) {
  const lines = listenerLinesFor(services)
  const bytes = Buffer.alloc(lines * ListenerLine.size)
  const identity: Identity = { version: 1, lines: 2, listenerLines: lines, seeds }
  return listenerTable({ address: ref.address(bytes), length: bytes.length, bytes: () => bytes }, identity)
}

const name = (key: ListenerKey) => `${key.protocol} ${key.address}:${key.port}`
const keys: fc.Arbitrary<ListenerKey> = fc.record({
  address: fc.integer({ min: 1, max: 8 }),
  port: fc.integer({ min: 1, max: 4 }),
  protocol: fc.constantFrom(6, 17),
})
interface Change {
  readonly key: ListenerKey
  /** 0: removed. */
  readonly service: number
}
const changes: fc.Arbitrary<Change[]> = fc.array(fc.record({ key: keys, service: fc.integer({ min: 0, max: 3 }) }), {
  maxLength: 200,
})

function inMap(made: readonly Change[]): Map<string, Listener> {
  const map = new Map<string, Listener>()
  for (const { key, service } of made) {
    if (service === 0) map.delete(name(key))
    else map.set(name(key), { index: key.port, service })
  }
  return map
}

function inTable(made: readonly Change[]): Map<string, Listener> {
  const { all, set, remove } = table(64)
  for (const { key, service } of made) {
    if (service === 0) remove(key)
    else set(key, { index: key.port, service })
  }
  return new Map(all().map((slot) => [name(slot.key), slot.value]))
}

const sorted = (map: Map<string, Listener>) => JSON.stringify([...map].sort())

t.test('it holds what a plain map holds, whatever is added, changed and removed', async (t) => {
  const holds = fc.property(changes, (made) => sorted(inTable(made)) === sorted(inMap(made)))
  t.doesNotThrow(() => void fc.assert(holds))
})

t.test('as many listeners as the limit allows find room', async (t) => {
  for (const services of [1, 2, 64, 4096]) {
    const { all, set } = table(services)
    for (let i = 0; i < services; i++)
      set({ address: 0xcb007100 + (i >> 6), port: 1 + (i & 63), protocol: 6 }, { index: i, service: i })
    t.equal(all().length, services)
  }
})

t.test('one for whom there is no room is refused', async (t) => {
  const { set } = table(1)
  const fill = () => {
    for (let port = 1; port < 100; port++) set({ address: 1, port, protocol: 6 }, { index: port, service: port })
  }
  t.throws(fill, { code: 'tooMany' })
})
