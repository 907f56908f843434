// SPDX-License-Identifier: Apache-2.0
import * as fc from 'fast-check'
import ref from 'ref-napi'
import t from 'tap'
import { AbiLimit, type Listener, ListenerKind, ListenerLine, WideListenerLine } from '../../src/abi/layout.js'
import { listenerTable, type Place } from '../../src/effects/listeners.js'
import { listenerLinesFor } from '../../src/effects/sizes.js'
import type { Address } from '../../src/model/desired.js'
import { mostPlaces } from '../../src/reconcile/room.js'

const seeds = [0x9e3779b97f4a7c15n, 0xbf58476d1ce4e5b9n, 0x94d049bb133111ebn]

function memory(size: number) {
  const bytes = Buffer.alloc(size)
  return { address: ref.address(bytes), length: bytes.length, bytes: () => bytes }
}

function table(limits: { services: number; servers: number }) {
  const lines = listenerLinesFor(limits)
  return listenerTable(memory(lines * ListenerLine.size), memory(lines * WideListenerLine.size), {
    version: AbiLimit.ABI_VERSION,
    lines: 2,
    wideLines: 2,
    listenerLines: lines,
    wideListenerLines: lines,
    seeds,
  })
}

const name = ({ kind, protocol, address, port }: Place) => `${kind} ${protocol} ${address} ${port}`
const places: fc.Arbitrary<Place> = fc.record({
  kind: fc.constantFrom(ListenerKind.KIND_LISTENER, ListenerKind.KIND_ENDPOINT, ListenerKind.KIND_SOURCE),
  address: fc.constantFrom(...(['203.0.113.1', '203.0.113.2', '2001:db8::1', '2001:db8:0:1::1'] as Address[])),
  port: fc.integer({ min: 0, max: 3 }),
  protocol: fc.constantFrom(6, 17),
})
interface Change {
  readonly place: Place
  /** 0: removed. */
  readonly service: number
}
const changes: fc.Arbitrary<Change[]> = fc.array(fc.record({ place: places, service: fc.integer({ min: 0, max: 3 }) }), {
  maxLength: 200,
})

const listenerOf = ({ place, service }: Change): Listener => ({ index: place.port + 1, service, flags: service })

function inMap(made: readonly Change[]): Map<string, Listener> {
  const map = new Map<string, Listener>()
  for (const change of made) {
    if (change.service === 0) map.delete(name(change.place))
    else map.set(name(change.place), listenerOf(change))
  }
  return map
}

function inTable(made: readonly Change[]): Map<string, Listener> {
  const { all, set, remove } = table({ services: 64, servers: 64 })
  for (const change of made) {
    if (change.service === 0) remove(change.place)
    else set(change.place, listenerOf(change))
  }
  return new Map(all().map(({ place, value }) => [name(place), value]))
}

const sorted = (map: Map<string, Listener>) => JSON.stringify([...map].sort())

t.test('it holds what a plain map holds, whatever is added, changed and removed', async (t) => {
  const holds = fc.property(changes, (made) => sorted(inTable(made)) === sorted(inMap(made)))
  t.doesNotThrow(() => void fc.assert(holds))
})

/** Of the listeners and endpoints of one family. */
const placeOf: Record<'IPv4' | 'IPv6', (number: number) => Place> = {
  IPv4: (number) => ({ ...one, address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}` as Address }),
  IPv6: (number) => ({ ...one, address: `2001:db8::${(number + 1).toString(16)}` as Address }),
}
const one = { kind: ListenerKind.KIND_ENDPOINT, port: 80, protocol: 6 }

t.test('as many of each family as a plan allows find room', async (t) => {
  for (const limits of [
    { services: 1, servers: 1 },
    { services: 16, servers: 64 },
    { services: 4, servers: 8000 },
    { services: 4096, servers: 1 },
  ]) {
    const { all, set } = table(limits)
    for (const place of Object.values(placeOf))
      for (let number = 0; number < mostPlaces(limits); number++) set(place(number), { index: 1, service: 1, flags: 0 })
    t.equal(all().length, mostPlaces(limits) * 2, JSON.stringify(limits))
  }
})

t.test('one for whom there is no room is refused', async (t) => {
  for (const place of Object.values(placeOf)) {
    const { set } = table({ services: 1, servers: 1 })
    const fill = () => {
      for (let number = 0; number < 100; number++) set(place(number), { index: 1, service: 1, flags: 0 })
    }
    t.throws(fill, { code: 'tooMany' })
  }
})
