// SPDX-License-Identifier: Apache-2.0
// Listeners that share a service, and those that move between services.
import t from 'tap'
import type { Service } from '../../src/model/desired.js'
import { type Actual, blank } from '../../src/reconcile/actual.js'
import { planListeners } from '../../src/reconcile/listeners.js'
import { desired, listeners, service } from '../model/example.js'

/** `web: 80 443` */
function group(text: string): Service {
  const [name = '', ports = ''] = text.split(':')
  const texts = ports.trim().split(' ')
  return { ...service(name, 1), listeners: listeners(...texts.map((port) => `tcp 203.0.113.10:${port}`)) }
}

function after(services: readonly string[], actual: Actual = blank) {
  const plan = planListeners(desired(...services.map(group)), actual)
  const retired = { listeners: new Set(plan.removed.map(({ index }) => index)), servers: new Set<number>() }
  return { plan, actual: { ...actual, listeners: plan.next, retired } }
}

/** `listener port of service` */
const shown = (entries: Iterable<{ index: number; firstPort: number; service: number }>) =>
  [...entries].map(({ index, firstPort, service }) => `${index} ${firstPort} of ${service}`).sort()

// services before and after, entries after, those written
const rows: [string, string[], string[], string[], string[]][] = [
  [
    'listeners of a service share its index',
    [],
    ['web: 80 443', 'mail: 25'],
    ['1 80 of 1', '2 443 of 1', '3 25 of 2'],
    ['1', '2', '3'],
  ],
  ['nothing changes', ['web: 80 443'], ['web: 80 443'], ['1 80 of 1', '2 443 of 1'], []],
  ['another order', ['web: 80 443'], ['web: 443 80'], ['1 80 of 1', '2 443 of 1'], []],
  ['one more', ['web: 80'], ['web: 8080 80'], ['1 80 of 1', '2 8080 of 1'], ['2']],
  ['one less', ['web: 80 443'], ['web: 443'], ['2 443 of 1'], []],
  ['another name', ['web: 80 443'], ['www: 443 80'], ['1 80 of 1', '2 443 of 1'], []],
  [
    'a service in two: who stands first keeps the index',
    ['web: 80 443'],
    ['a: 443', 'b: 80'],
    ['1 80 of 2', '2 443 of 1'],
    ['1'],
  ],
  ['two in one: the index of the first listener', ['a: 80', 'b: 443'], ['web: 443 80'], ['1 80 of 2', '2 443 of 2'], ['1']],
  [
    'one that moves does not take the index along',
    ['a: 80', 'b: 443 8080'],
    ['a: 443 80', 'b: 8080'],
    ['1 80 of 1', '2 443 of 1', '3 8080 of 2'],
    ['2'],
  ],
  ['all new', ['web: 80'], ['web: 81'], ['2 81 of 2'], ['2']],
]

for (const [name, before, now, entries, written] of rows)
  t.test(name, async (t) => {
    const { actual } = after(before)
    const { plan } = after(now, actual)
    t.strictSame(shown(plan.next.values()), entries)
    t.strictSame(plan.added.map(({ index }) => String(index)).sort(), written)
    for (const [wanted, entry] of plan.entries)
      t.equal(plan.next.get(`tcp 203.0.113.10:${wanted.listeners[0]?.firstPort}`), entry)
    const gone = [...actual.listeners.values()].filter(
      (entry) => ![...plan.next.values()].some(({ index }) => index === entry.index),
    )
    t.strictSame(plan.removed, gone)
  })

t.test('an index that slots may name is not given to another listener', async (t) => {
  const first = after(['web: 80 443'])
  const second = after(['web: 80'], first.actual)
  t.strictSame([...second.actual.retired.listeners], [2])
  t.strictSame(shown(after(['web: 80 8080'], second.actual).plan.next.values()), ['1 80 of 1', '3 8080 of 1'])
})

const wideness = (plan: ReturnType<typeof planListeners>) =>
  [...plan.next.values()].map(({ address, prefix, wide }) => `${address}/${prefix} ${wide ? 'wide' : 'narrow'}`)

t.test('where an address and two ports do not tell flows apart, these need wide slots', async (t) => {
  const all = listeners('tcp 203.0.113.10:80', 'tcp 203.0.113.11:0', 'tcp 203.0.113.0/24:80', 'tcp [2001:db8::10]:80')
  const plan = planListeners(desired({ ...service('web', 80), listeners: all }), blank)
  t.strictSame(wideness(plan), [
    '203.0.113.10/32 narrow',
    '203.0.113.11/32 narrow',
    '203.0.113.0/24 wide',
    '2001:db8::10/128 wide',
  ])
})

t.test('a listener that ever had wide slots keeps them, whatever becomes of its servers and its service', async (t) => {
  const web = service('web', 80, '11')
  const full: Service = { ...web, servers: web.servers.map((one) => ({ ...one, forwarding: 'fullnat' })) }
  const step = (one: Service, before: Actual) => {
    const plan = planListeners(desired(one), before)
    return { plan, actual: { ...before, listeners: plan.next } }
  }
  const first = step(web, blank)
  const second = step(full, first.actual)
  t.strictSame([wideness(first.plan), wideness(second.plan)], [['203.0.113.10/32 narrow'], ['203.0.113.10/32 wide']])
  const third = step(web, second.actual)
  t.equal(third.plan.next, second.actual.listeners, 'nothing changes')
  const moved = planListeners(
    desired({ ...service('other', 25), listeners: listeners('tcp 203.0.113.10:25') }, { ...web, name: 'new' }),
    third.actual,
  )
  t.match(
    [...moved.next.values()].filter(({ firstPort }) => firstPort === 80),
    [{ wide: true }],
  )
})
