// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import type { Hop } from '../../src/model/facts.js'
import { findPath } from '../../src/neighbours/path.js'
import { callRoster } from '../../src/neighbours/roster.js'
import { surroundings } from './example.js'

const names = (servers: string[], hops: Hop[] = []) => [
  ...callRoster(
    servers.map((server) => findPath(server as Address, surroundings, { onLink: false })),
    hops,
    surroundings,
  ).keys(),
]
const hop = (via: string, name: string): Hop => ({ network: '::' as Address, prefix: 0, via: via as Address, interface: name })

t.test('each server on the link is asked for', async (t) => {
  t.strictSame(names(['10.0.1.11', '2001:db8:1::11']), ['10.0.1.11%eth1', '2001:db8:1::11%eth1'])
})

t.test('several servers behind one router are one question', async (t) => {
  t.strictSame(names(['10.1.0.11', '10.1.0.12', '2001:db8:3::11']), ['10.0.1.1%eth1', 'fe80::99%eth1'])
})

t.test('nobody is asked for a server without a way', async (t) => {
  t.strictSame(names(['203.0.113.99']), [])
})

t.test("clients' routers are asked for too, once", async (t) => {
  const hops = [
    hop('fe80::99', 'eth1'),
    hop('fe80::99', 'eth2'),
    hop('link', 'eth1'),
    hop('10.9.9.9', 'eth9'),
    hop('192.0.2.1', 'eth3'),
  ]
  t.strictSame(names(['2001:db8:3::11'], hops), ['fe80::99%eth1', 'fe80::99%eth2'], 'none where nobody can be asked from')
  const asked = callRoster([], [hop('fe80::99', 'eth2')], surroundings).get('fe80::99%eth2')
  t.strictSame(asked, { address: 'fe80::99', path: { interface: 'eth2', asker: 'fe80::2', mac: '02:00:00:00:00:02' } })
})
