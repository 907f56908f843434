// SPDX-License-Identifier: Apache-2.0
// The listener tables have so much room, and a plan that needs more is refused whole.
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { blank } from '../../src/reconcile/actual.js'
import { mostPlaces, refuseFullTables } from '../../src/reconcile/room.js'
import { entries, serverEntry } from './example.js'

const limits = { services: 1, servers: 2 }
const ports = (from: number, count: number, vip = '203.0.113.10') =>
  entries(...Array.from({ length: count }, (_, place) => [`tcp ${vip}:${from + place}`, '1'] as const))
const endpoint = { address: serverEntry(1, '11', 'nat').address, port: 80, protocol: 'tcp', flags: 4 } as const

t.equal(mostPlaces(limits), 5)

const { endpoints, sources } = blank

// what is to be there, and what is there; whether it fits
const rows: Record<string, [Parameters<typeof refuseFullTables>[1], Parameters<typeof refuseFullTables>[2], boolean]> = {
  'as many as fit': [{ ...blank, listeners: ports(1, 5) }, blank, true],
  'one more': [{ ...blank, listeners: ports(1, 6) }, blank, false],
  'the same again': [{ ...blank, listeners: ports(1, 5) }, { ...blank, listeners: ports(1, 5) }, true],
  'others beside them': [{ ...blank, listeners: ports(1, 3) }, { ...blank, listeners: ports(4, 3) }, false],
  'listeners and endpoints': [{ ...blank, listeners: ports(1, 5), endpoints: new Map([['x', endpoint]]) }, blank, false],
  'listeners and sources': [{ endpoints, listeners: ports(1, 5), sources: new Map([[1, '10.0.0.2' as Address]]) }, blank, false],
  'each family has its own': [
    { endpoints, sources, listeners: new Map([...ports(1, 5), ...ports(1, 5, '[2001:db8::10]')]) },
    blank,
    true,
  ],
  'those of several ports are elsewhere': [
    { endpoints, sources, listeners: new Map([...ports(1, 5), ...entries(['tcp 203.0.113.0/24:80', '1'])]) },
    blank,
    true,
  ],
}

for (const [name, [next, actual, fits]] of Object.entries(rows))
  t.test(name, async (t) => {
    const refuse = () => refuseFullTables(limits, next, actual)
    if (fits) t.doesNotThrow(refuse)
    else t.throws(refuse, { code: 'tooMany', message: /^limits\.services: 6 listeners, .* of IPv4, but at most 5$/ })
  })
