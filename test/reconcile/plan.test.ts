// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Address, Desired, Service } from '../../src/model/desired.js'
import { type Attached, type Facts, type Resolved, unknownFacts } from '../../src/model/facts.js'
import type { Actual, MapWrite, Schedule } from '../../src/reconcile/actual.js'
import { afterGrace, afterSweep } from '../../src/reconcile/aftermath.js'
import { type Plan, plan } from '../../src/reconcile/plan.js'
import { desired, listeners, service } from '../model/example.js'
import { blank, fakeMaps } from './maps.js'

const eth0: Attached = { name: 'eth0', ifindex: 3, mac: '02:00:00:00:00:03', mode: 'native' }
const eth1: Attached = { name: 'eth1', ifindex: 4, mac: '02:00:00:00:00:04', mode: 'native' }

/** Servers 10.0.0.`hosts` answer on eth0. */
function facts(hosts: number[], interfaces: Attached[] = [eth0]): Facts {
  return { ...unknownFacts, neighbours: new Map(hosts.map((host) => [`10.0.0.${host}` as Address, at(host)])), interfaces }
}

function at(host: number, name = 'eth0'): Resolved {
  return { mac: `02:00:00:00:00:${host}`, interface: name }
}

/** `layOut 1: 1,2`, `turnOn 1 at 5`, `server 2 10.0.0.12 up` … */
function shown(writes: readonly MapWrite[]): string[] {
  return writes.map(sentence)
}

function sentence(one: MapWrite): string {
  switch (one.kind) {
    case 'layOut':
      return `layOut at ${one.schedule.line}: ${one.schedule.ring}`
    case 'turnOn':
      return `turnOn ${one.service} at ${one.line}`
    case 'server': {
      const { index, address, removed, eligible, route } = one.entry
      const state = removed ? 'removed' : eligible ? 'up' : route ? 'draining' : 'unresolved'
      return `server ${index} ${address} ${state}`
    }
    case 'listener':
    case 'removeListener':
      return `${one.kind} ${one.entry.index} of ${one.entry.service}: ${one.entry.firstPort}`
    case 'vip':
    case 'removeVip':
      return `${one.kind} ${one.entry.address}/${one.entry.prefix} ${one.entry.protocols}`
    case 'interface':
      return `interface ${one.entry.index} is ${one.entry.ifindex}`
    case 'removeInterface':
    case 'freeServer':
      return `${one.kind} ${one.index}`
    case 'timeouts':
      return `timeouts ${one.seconds.join(' ')}`
    default:
      return one.kind
  }
}

/** Plans one after another, each carried out. */
function sequence(...steps: [Service[], Facts][]): { plans: Plan[]; last: Plan } {
  const plans: Plan[] = []
  for (const [services, known] of steps) {
    const before = plans.at(-1)
    plans.push(plan(desired(...services), known, before?.next ?? blank, before?.basis))
  }
  return { plans, last: plans.at(-1) as Plan }
}

const web = service('web', 80, '11 x2', '12')
const mail = service('mail', 25, '11')
const all = facts([11, 12, 13])

t.test('empty maps are filled from what is named to what names it', async (t) => {
  t.strictSame(shown(plan(desired(web), all, blank).writes), [
    'timeouts 2 900 120 60 120 120 10 60 30 120 120 300 2 0 0 0',
    'interface 0 is 3',
    'server 1 10.0.0.11 up',
    'server 2 10.0.0.12 up',
    'layOut at 1: 1,1,2',
    'turnOn 1 at 1',
    'listener 1 of 1: 80',
    'vip 203.0.113.10/32 1',
  ])
})

// what happens to [web, mail] with all servers up, and what is written
const changes: Record<string, [Service[], Facts, string[]]> = {
  nothing: [[web, mail], all, []],
  'other objects of the same contents': [[{ ...web }, { ...mail }], facts([11, 12, 13]), []],
  'another order': [[mail, web], all, []],
  'another name': [[{ ...web, name: 'www' }, mail], all, []],
  'a weight': [[service('web', 80, '11', '12'), mail], all, ['layOut at 21: 1,2', 'turnOn 1 at 21']],
  'weights in the same ratio': [[service('web', 80, '11 x4', '12 x2'), mail], all, []],
  'a weight of 0': [
    [service('web', 80, '11 x2', '12 x0'), mail],
    all,
    ['server 2 10.0.0.12 draining', 'layOut at 21: 1', 'turnOn 1 at 21'],
  ],
  'a server more': [
    [service('web', 80, '11 x2', '12', '13'), mail],
    all,
    ['server 4 10.0.0.13 up', 'layOut at 21: 1,1,2,4', 'turnOn 1 at 21'],
  ],
  'a server less': [
    [service('web', 80, '11 x2'), mail],
    all,
    ['layOut at 21: 1', 'turnOn 1 at 21', 'server 2 10.0.0.12 removed'],
  ],
  'a server that does not answer': [
    [web, mail],
    facts([11, 13]),
    ['server 2 10.0.0.12 unresolved', 'layOut at 21: 1', 'turnOn 1 at 21'],
  ],
  'a server of two services': [
    [web, mail],
    facts([12]),
    [
      'server 1 10.0.0.11 unresolved',
      'server 3 10.0.0.11 unresolved',
      'layOut at 21: 2',
      'layOut at 31: ',
      'turnOn 1 at 21',
      'turnOn 2 at 31',
    ],
  ],
  'another MAC address': [
    [web, mail],
    { ...all, neighbours: new Map([...all.neighbours, ['10.0.0.12' as Address, { ...at(12), mac: '02:00:00:00:00:99' }]]) },
    ['server 2 10.0.0.12 up'],
  ],
  'an answer on an interface that is not ours': [
    [web, mail],
    { ...all, neighbours: new Map([...all.neighbours, ['10.0.0.12' as Address, at(12, 'eth9')]]) },
    ['server 2 10.0.0.12 unresolved', 'layOut at 21: 1', 'turnOn 1 at 21'],
  ],
  'another scheduler': [[{ ...web, scheduler: 'rr' }, mail], all, ['layOut at 21: 1,2', 'turnOn 1 at 21']],
  'another order of servers': [[service('web', 80, '12', '11 x2'), mail], all, ['layOut at 21: 1,2,1', 'turnOn 1 at 21']],
  strays: [[{ ...web, stray: 'drop' }, mail], all, ['layOut at 21: 1,1,2', 'turnOn 1 at 21']],
  'a service less': [[web], all, ['removeListener 2 of 2: 25', 'turnOn 2 at 0', 'server 3 10.0.0.11 removed']],
  'no service at all': [
    [],
    all,
    [
      'removeVip 203.0.113.10/32 1',
      'removeListener 1 of 1: 80',
      'removeListener 2 of 2: 25',
      'turnOn 1 at 0',
      'turnOn 2 at 0',
      'server 1 10.0.0.11 removed',
      'server 2 10.0.0.12 removed',
      'server 3 10.0.0.11 removed',
    ],
  ],
  'a service more': [
    [web, mail, { ...service('dns', 53), listeners: listeners('udp 203.0.113.10:53') }],
    all,
    ['layOut at 21: ', 'turnOn 3 at 21', 'listener 3 of 3: 53', 'vip 203.0.113.10/32 3'],
  ],
  'another interface': [
    [web, mail],
    { ...all, interfaces: [eth1] },
    [
      'interface 1 is 4',
      'server 1 10.0.0.11 unresolved',
      'server 2 10.0.0.12 unresolved',
      'server 3 10.0.0.11 unresolved',
      'layOut at 21: ',
      'layOut at 22: ',
      'turnOn 1 at 21',
      'turnOn 2 at 22',
      'removeInterface 0',
    ],
  ],
  'an interface more': [[web, mail], { ...all, interfaces: [eth1, eth0] }, ['interface 1 is 4']],
  'an interface’s own MAC address': [
    [web, mail],
    { ...all, interfaces: [{ ...eth0, mac: '02:00:00:00:00:77' }] },
    ['interface 0 is 3'],
  ],
}

t.test('only what differs is written', async (t) => {
  for (const [name, [services, known, writes]] of Object.entries(changes)) {
    const { last } = sequence([[web, mail], all], [services, known])
    t.strictSame(shown(last.writes), writes, name)
  }
})

t.test('without a basis the same is found by contents', async (t) => {
  const { plans } = sequence([[web, mail], all])
  const { next } = plans[0] as Plan
  for (const [name, [services, known, writes]] of Object.entries(changes))
    t.strictSame(shown(plan(desired(...services), known, next).writes), writes, name)
})

t.test('timeouts are written when they differ', async (t) => {
  const { last } = sequence([[], all])
  const other: Desired = { ...desired(), timeouts: { tcp: 10, tcpFin: 20, udp: 30 } }
  t.strictSame(shown(plan(other, all, last.next, last.basis).writes), ['timeouts 2 10 120 60 20 120 10 60 30 120 120 30 2 0 0 0'])
})

t.test('an adopted schedule goes on where it was', async (t) => {
  const maps = fakeMaps()
  const first = plan(desired(web, mail), all, blank)
  maps.write(first.writes)
  t.strictSame(plan(desired(web, mail), all, maps.adopt()).writes, [])
})

t.test('an adopted schedule of other contents is laid out again', async (t) => {
  const { next } = plan(desired(web), all, blank)
  const one = next.schedules.get(1) as Schedule
  const other: Schedule[] = [
    { ...one, hashRing: one.hashRing.toReversed() },
    { ...one, ring: one.ring.toReversed() },
    { ...one, lookahead: 1 },
  ]
  for (const schedule of other) {
    const actual = { ...next, schedules: new Map([[1, schedule]]) }
    t.strictSame(shown(plan(desired(web), all, actual).writes), ['layOut at 11: 1,1,2', 'turnOn 1 at 11'])
  }
})

t.test('what a dead controller left behind is taken away', async (t) => {
  const maps = fakeMaps()
  maps.write(plan(desired(web, mail), all, blank).writes)
  maps.write(maps.adopt().listeners.size ? plan(desired(web), all, maps.adopt()).writes.slice(0, 1) : [])
  t.strictSame(shown(plan(desired(web), all, maps.adopt()).writes), ['turnOn 2 at 0', 'server 3 10.0.0.11 removed'])
})

t.test('an index is taken until a whole sweep has passed', async (t) => {
  const { last } = sequence([[web], all], [[], all])
  t.strictSame([...last.next.retired.listeners], [1])
  t.strictSame([...last.next.retired.servers], [1, 2])
  const meanwhile = plan(desired(web), all, last.next, last.basis)
  t.match(shown(meanwhile.writes), [/^server 3 /, /^server 4 /, /^layOut/, 'turnOn 2 at 11', 'listener 2 of 2: 80', /^vip/])
  const swept = afterSweep(last.next, last.next.retired)
  t.strictSame(shown(swept.writes), ['freeServer 1', 'freeServer 2'])
  t.strictSame(swept.next.retired, { listeners: new Set(), servers: new Set() })
  t.match(shown(plan(desired(web), all, swept.next).writes), [
    /^server 1 /,
    /^server 2 /,
    /^layOut/,
    /^turnOn 1 /,
    'listener 1 of 1: 80',
  ])
})

t.test('a sweep frees only what was retired when it began', async (t) => {
  const { plans, last } = sequence([[web, mail], all], [[web], all], [[], all])
  const [, second] = plans as [Plan, Plan]
  const swept = afterSweep(last.next, second.next.retired)
  t.strictSame(shown(swept.writes), ['freeServer 3'])
  t.strictSame([...swept.next.retired.listeners], [1])
  t.strictSame([...swept.next.retired.servers], [1, 2])
  t.equal(afterSweep(last.next, blank.retired).next, last.next, 'nothing was retired')
})

t.test('ring lines rest until a grace period is over', async (t) => {
  const heavier = service('web', 80, '11 x3', '12')
  const { last } = sequence([[web], all], [[heavier], all])
  t.strictSame(last.next.resting, [[1, 10]])
  const back = plan(desired(web), all, last.next, last.basis)
  t.match(shown(back.writes), [/^layOut at 21:/, 'turnOn 1 at 21'])
  const rested = afterGrace(last.next, last.next.resting)
  t.strictSame(rested.resting, [])
  t.match(shown(plan(desired(web), all, rested, last.basis).writes), [/^layOut at 1:/, 'turnOn 1 at 1'])
  t.strictSame(afterGrace(back.next, last.next.resting).resting, [[11, 10]])
})

t.test('a gap that is too short is left', async (t) => {
  const small = service('a', 81)
  const { last } = sequence([[small, web], all], [[service('a', 81, '13'), web], all])
  const rested = { ...last.next, resting: [] }
  t.match(shown(plan(desired(small, web, mail), all, rested, last.basis).writes), [
    /^server 4 /,
    'layOut at 1: ',
    /^layOut at 22: 4/,
    ...Array(3).fill(/./),
    /^server 3 .* removed/,
  ])
})

// limits, services, the error
const full: Record<string, [Partial<Desired['limits']>, Service[], string]> = {
  services: [{ services: 1 }, [web, mail], 'limits.services: 2 services, but at most 1'],
  servers: [{ servers: 2 }, [web, mail], 'limits.servers: all 2 servers are in use'],
  'ring slots': [{ ringSlots: 19 * 32 }, [web, mail], 'limits.ringSlots: 608 ring slots are too few'],
}

t.test('a full table is told by name, before anything is written', async (t) => {
  for (const [name, [limits, services, message]] of Object.entries(full)) {
    const tight = { ...desired(...services), limits: { ...desired().limits, ...limits } }
    const [path] = message.split(':')
    t.throws(() => plan(tight, all, blank), { code: 'tooMany', message: new RegExp(`^${message}`), errors: [{ path }] }, name)
  }
  const { last } = sequence([[web, mail], all], [[web], all])
  const tight = { ...desired(web, service('dns', 53)), limits: { ...desired().limits, services: 2 } }
  t.throws(() => plan(tight, all, last.next, last.basis), /all 2 services are in use; .* free again after some seconds/)
})

t.test('just enough is enough', async (t) => {
  const tight = { ...desired(web, mail), limits: { ...desired().limits, services: 2, servers: 3, ringSlots: 21 * 32 } }
  t.equal(plan(tight, all, blank).writes.length, 12)
})

t.test('rounded weights come with a warning', async (t) => {
  const uneven = service('web', 80, '11 x65537', '12')
  t.match(plan({ ...desired(uneven), limits: { ...desired().limits, ringSlots: 1_000_000 } }, all, blank).warnings, [
    /^web: the weights/,
  ])
})

t.test('all 64 interfaces may change at once', async (t) => {
  const many = (from: number) => Array.from({ length: 64 }, (_, place) => ({ ...eth0, name: `e${place}`, ifindex: from + place }))
  const { last } = sequence([[], facts([], many(1))], [[], facts([], many(33))])
  const interfaces: Actual['interfaces'] = last.next.interfaces
  t.equal(new Set([...interfaces.values()].map(({ ifindex }) => ifindex)).size, 64)
  t.equal(interfaces.get(63)?.ifindex, 64, 'one that stays keeps its index')
  t.ok(shown(last.writes).every((line) => line.startsWith('interface ')))
})
