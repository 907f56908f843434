// SPDX-License-Identifier: Apache-2.0
// Blocks and their parents: networks in networks, ranges in ranges, and the numbers that they keep.
import t from 'tap'
import { type Actual, blank } from '../../src/reconcile/actual.js'
import { mostPorts, mostVips, planVips } from '../../src/reconcile/vips.js'
import { desired } from '../model/example.js'
import { entries, placed } from './example.js'

const { limits } = desired()

/** Each of these listeners, which are all of service 1. */
function after(listeners: readonly string[], actual: Actual = blank) {
  const plan = planVips(entries(...listeners.map((text) => [text, '1'] as const)), limits, actual)
  return { ...plan, actual: { ...actual, vips: plan.vips, ports: plan.ports, blocks: plan.blocks } }
}

// listeners before and now; what is added, and what is removed
const rows: Record<string, [string[], string[], string[], string[]]> = {
  'an exact listener needs no block': [[], ['tcp 203.0.113.10:80'], ['vip 203.0.113.10/32 block 0 in 0 for 1'], []],
  'a VIP is there once, whatever listens': [
    [],
    ['tcp 203.0.113.10:80', 'udp 203.0.113.10:53', 'sctp 203.0.113.10:80'],
    ['vip 203.0.113.10/32 block 0 in 0 for 7'],
    [],
  ],
  'every port of a VIP': [
    [],
    ['tcp 203.0.113.10:0'],
    ['blocks 1', 'port 1 tcp 0/0 of 1', 'block 1 in 0', 'vip 203.0.113.10/32 block 1 in 0 for 1'],
    [],
  ],
  'a network, and a VIP in it: what it has listeners for, the VIP has as well': [
    [],
    ['udp 203.0.113.0/24:53', 'tcp 203.0.113.10:80'],
    [
      'blocks 1',
      'port 1 udp 53/16 of 1',
      'block 1 in 0',
      'vip 203.0.113.10/32 block 0 in 1 for 3',
      'vip 203.0.113.0/24 block 1 in 0 for 2',
    ],
    [],
  ],
  'networks in networks: ways on from the shortest prefix, VIPs from the longest': [
    [],
    ['tcp 203.0.113.0/24:80', 'tcp 203.0.113.10:0', 'tcp 203.0.0.0/16:80', 'udp 198.51.100.0/24:53'],
    [
      'blocks 4',
      'port 1 tcp 80/16 of 1',
      'port 2 tcp 0/0 of 2',
      'port 3 tcp 80/16 of 3',
      'port 4 udp 53/16 of 4',
      'block 3 in 0',
      'block 1 in 3',
      'block 4 in 0',
      'block 2 in 1',
      'vip 203.0.113.10/32 block 2 in 1 for 1',
      'vip 198.51.100.0/24 block 4 in 0 for 2',
      'vip 203.0.113.0/24 block 1 in 3 for 1',
      'vip 203.0.0.0/16 block 3 in 0 for 1',
    ],
    [],
  ],
  'a range in a range: where both come to the same ports, the narrower has them': [
    [],
    ['tcp 203.0.113.0/24:8001', 'tcp 203.0.113.0/24:8001-8002'],
    ['blocks 1', 'port 1 tcp 8001/16 of 1', 'port 1 tcp 8002/16 of 2', 'block 1 in 0', 'vip 203.0.113.0/24 block 1 in 0 for 1'],
    [],
  ],
  'IPv6 and IPv4 are no networks of each other': [
    [],
    ['tcp [2001:db8::/64]:80', 'tcp [2001:db8::10]:80', 'tcp 203.0.113.10:80'],
    [
      'blocks 1',
      'port 1 tcp 80/16 of 1',
      'block 1 in 0',
      'vip 2001:db8::10/128 block 0 in 1 for 1',
      'vip 2001:db8::/64 block 1 in 0 for 1',
      'vip 203.0.113.10/32 block 0 in 0 for 1',
    ],
    [],
  ],
  'nothing changes': [['tcp 203.0.113.0/24:80', 'tcp 203.0.113.10:0'], ['tcp 203.0.113.0/24:80', 'tcp 203.0.113.10:0'], [], []],
  'a network between two': [
    ['tcp 203.0.0.0/16:80', 'tcp 203.0.113.10:0'],
    ['tcp 203.0.0.0/16:80', 'tcp 203.0.113.10:0', 'tcp 203.0.113.0/24:80'],
    [
      'blocks 3',
      'port 3 tcp 80/16 of 3',
      'block 3 in 1',
      'block 2 in 3',
      'vip 203.0.113.10/32 block 2 in 3 for 1',
      'vip 203.0.113.0/24 block 3 in 1 for 1',
    ],
    [],
  ],
  'and gone again: the others go on to the next larger one first': [
    ['tcp 203.0.0.0/16:80', 'tcp 203.0.113.10:0', 'tcp 203.0.113.0/24:80'],
    ['tcp 203.0.0.0/16:80', 'tcp 203.0.113.10:0'],
    ['block 2 in 1', 'vip 203.0.113.10/32 block 2 in 1 for 1'],
    ['removePort 3 tcp 80/16 of 3', 'removeVip 203.0.113.0/24 block 3 in 1 for 1', 'blocks 2'],
  ],
  'a VIP keeps its exact listener alone': [
    ['tcp 203.0.113.10:80', 'udp 203.0.113.10:0'],
    ['tcp 203.0.113.10:80'],
    ['vip 203.0.113.10/32 block 0 in 0 for 1'],
    ['removePort 1 udp 0/0 of 2', 'blocks 0'],
  ],
  'no listener at all: the larger network first': [
    ['tcp 203.0.113.10:0', 'tcp 203.0.113.0/24:80'],
    [],
    [],
    [
      'removePort 1 tcp 0/0 of 1',
      'removePort 2 tcp 80/16 of 2',
      'removeVip 203.0.113.0/24 block 2 in 0 for 1',
      'removeVip 203.0.113.10/32 block 1 in 2 for 1',
      'blocks 0',
    ],
  ],
}

for (const [name, [before, now, added, removed]] of Object.entries(rows))
  t.test(name, async (t) => {
    const plan = after(now, after(before).actual)
    t.strictSame(placed(plan.added), added)
    t.strictSame(placed(plan.removed), removed)
  })

t.test('another listener of the same ports, another service, and wide slots', async (t) => {
  const range = 'tcp 203.0.113.10:8000-8001'
  const first = planVips(entries([range, '1']), limits, blank)
  const actual = { ...blank, ...first }
  for (const [service, expected] of [
    ['1', []],
    ['2', ['port 1 tcp 8000/15 of 1']],
    ['1*', ['port 1 tcp 8000/15 of 1*']],
  ] as const)
    t.strictSame(placed(planVips(entries([range, service]), limits, actual).added), expected, service)
})

t.test('a number is nobody else’s while anything in the maps says it', async (t) => {
  const dead = after(['tcp 203.0.113.0/24:80', 'tcp 203.0.113.10:0']).actual
  const leftovers: Record<string, Actual> = {
    'ports without their VIPs': { ...dead, vips: new Map() },
    'a VIP, and the way on to one that is gone': {
      ...dead,
      vips: new Map([...dead.vips].filter(([name]) => name === '203.0.113.10/32')),
      ports: new Map(),
    },
  }
  for (const [name, actual] of Object.entries(leftovers))
    t.equal(after(['tcp 198.51.100.0/24:80'], actual).vips.get('198.51.100.0/24')?.block, 3, name)
})

const nested = (count: number) => Array.from({ length: count }, (_, place) => `tcp 10.0.0.0/${16 + place}:80`)

t.test('no more networks one inside the other than packets are looked up in', async (t) => {
  const message = 'limits.services: 9 networks and ranges around 10.0.0.0/24, one inside the other, but at most 8'
  t.equal(after(nested(8)).vips.size, 8)
  t.doesNotThrow(() => after([...nested(8), 'tcp 10.0.0.1:80']), 'an exact listener is none')
  t.throws(() => after(nested(9)), { code: 'tooMany', message })
  t.throws(() => after([...nested(8), 'tcp 10.0.0.1:0']), { code: 'tooMany', message: /around 10\.0\.0\.1\/32/ })
})

t.test('no more VIPs and ports than the maps have room for', async (t) => {
  const vips = Array.from({ length: mostVips(limits) + 1 }, (_, n) => `tcp 10.0.${n >> 8}.${n & 255}:80`)
  t.equal(after(vips.slice(1)).vips.size, mostVips(limits))
  t.throws(() => after(vips), { code: 'tooMany', message: 'limits.services: 1025 VIPs and networks of them, but at most 1024' })
  const ranges = Array.from({ length: 35 }, (_, n) => `tcp 10.0.0.${n}:1-65534`)
  t.equal(mostPorts(limits), 1024)
  t.equal(after(ranges.slice(1)).ports.size, 34 * 30)
  t.throws(() => after(ranges), { code: 'tooMany', message: /^limits\.services: 1050 entries for the ports .* at most 1024/ })
  t.ok(mostVips({ services: 4096 }) > 4096 && mostPorts({ services: 4096 }) > 4096 * 8)
})
