// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { questionsFor, refreshInterval } from '../../src/neighbours/pace.js'
import { findPath, type Link, type Surroundings } from '../../src/neighbours/path.js'

const at = (address: string, prefix: number) => ({ address: address as Address, prefix })
const eth1: Link = {
  name: 'eth1',
  mac: '02:00:00:00:00:01',
  addresses: [at('10.0.0.2', 8), at('10.0.1.2', 24), at('203.0.113.10', 32)],
}
const eth2: Link = { name: 'eth2', mac: '02:00:00:00:00:02', addresses: [at('192.0.2.10', 24), at('10.0.2.2', 16)] }
const surroundings: Surroundings = {
  links: [eth1, eth2],
  own: new Set(['127.0.0.1', '10.0.0.2', '10.0.1.2', '10.0.2.2'] as Address[]),
  vips: new Set(['203.0.113.10', '192.0.2.10'] as Address[]),
}

//   server                interface and address to ask from, or why none
const ways: [string, [string, string] | RegExp][] = [
  ['10.9.0.1', ['eth1', '10.0.0.2']],
  ['10.0.1.11', ['eth1', '10.0.1.2']],
  ['10.0.9.11', ['eth2', '10.0.2.2']],
  ['10.0.0.2', /an address of this director itself/],
  ['198.51.100.1', /in the network of no attached interface/],
  ['192.0.2.11', /with VIPs of this director alone/],
]
for (const [server, expected] of ways)
  t.test(`the way to ${server}`, async (t) => {
    const found = findPath(server as Address, surroundings)
    if (expected instanceof RegExp) t.match(found, expected)
    else t.match(found, { interface: expected[0], source: expected[1] })
  })

t.test('a thousand servers a second are kept fresh, few of them every 1.5 s', async (t) => {
  t.strictSame([1, 1000, 1500, 20_000].map(refreshInterval), [1500, 1500, 1500, 20_000])
})

t.test('four thousand questions a second at most, whatever the pause', async (t) => {
  t.strictSame([0, 1, 25, 250, 10_000].map(questionsFor), [0, 4, 100, 1000, 1000])
})
