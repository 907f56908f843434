// SPDX-License-Identifier: Apache-2.0
// The lists that replies are matched with: always written beside the pair that is walked.
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import type { Facts, Hop } from '../../src/model/facts.js'
import { blank, type HopLists } from '../../src/reconcile/actual.js'
import { planHops } from '../../src/reconcile/hops.js'

const interfaces = new Map([
  ['eth0', 0],
  ['eth1', 1],
])
const router = '02:00:00:00:02:54'

function hop(network: string, prefix: number, more: Partial<Hop> = {}): Hop {
  return { network: network as Address, prefix, via: '10.0.0.254' as Address, interface: 'eth0', mac: router, ...more }
}

const both = (IPv4: Hop[] | undefined, IPv6: Hop[] | undefined = undefined): Facts['hops'] => ({ IPv4, IPv6 })
const { mac: _, ...silent } = hop('0.0.0.0', 0)

const shown = ({ at, lists }: HopLists) => [
  at,
  ...[...lists.IPv4, ...lists.IPv6].map(
    ({ address, prefix, route }) => `${address}/${prefix} ${route ? `${route.mac} ${route.interface}` : 'kernel'}`,
  ),
]

// what is known, and what is turned on
const rows: Record<string, [Facts['hops'], unknown[]]> = {
  'the kernel is asked': [both(undefined), [0]],
  'and where there is nothing to say': [both([], []), [0]],
  'a router': [both([hop('0.0.0.0', 0)]), [2, `0.0.0.0/0 ${router} 0`]],
  'a router that has not answered': [both([silent]), [2, '0.0.0.0/0 kernel']],
  'a router on an interface that is not ours': [both([hop('0.0.0.0', 0, { interface: 'eth9' })]), [2, '0.0.0.0/0 kernel']],
  'in the order of the routes, both families': [
    both(
      [{ ...silent, network: '10.0.0.0' as Address, prefix: 8, via: 'link' }, hop('0.0.0.0', 0)],
      [hop('::', 0, { interface: 'eth1' })],
    ),
    [2, '10.0.0.0/8 kernel', `0.0.0.0/0 ${router} 0`, `::/0 ${router} 1`],
  ],
}

for (const [name, [hops, expected]] of Object.entries(rows))
  t.test(name, async (t) => {
    const { next, writes } = planHops(hops, interfaces, blank.hops)
    t.strictSame(shown(next), expected)
    t.strictSame(writes, next === blank.hops ? [] : [{ kind: 'hops', hops: next }])
    t.strictSame(planHops(hops, interfaces, next), { next, writes: [] }, 'and stays so')
  })

t.test('one pair after the other', async (t) => {
  const first = planHops(both([hop('0.0.0.0', 0)]), interfaces, blank.hops).next
  const second = planHops(both([hop('0.0.0.0', 0, { mac: '02:00:00:00:02:55' })]), interfaces, first).next
  const third = planHops(both(undefined), interfaces, second).next
  t.strictSame([first.at, second.at, third.at], [2, 0, 2])
})

t.test('every difference counts', async (t) => {
  const { next } = planHops(both([hop('10.0.0.0', 8), hop('0.0.0.0', 0)]), interfaces, blank.hops)
  const others: Record<string, Hop[]> = {
    network: [hop('11.0.0.0', 8), hop('0.0.0.0', 0)],
    prefix: [hop('10.0.0.0', 9), hop('0.0.0.0', 0)],
    MAC: [hop('10.0.0.0', 8), hop('0.0.0.0', 0, { mac: '02:00:00:00:02:55' })],
    interface: [hop('10.0.0.0', 8), hop('0.0.0.0', 0, { interface: 'eth1' })],
    'one less': [hop('10.0.0.0', 8)],
  }
  for (const [name, hops] of Object.entries(others)) t.equal(planHops(both(hops), interfaces, next).writes.length, 1, name)
})
