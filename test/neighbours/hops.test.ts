// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import type { Hop } from '../../src/model/facts.js'
import { addressOf, contains } from '../../src/model/network.js'
import { layHops, MOST_HOPS } from '../../src/neighbours/hops.js'
import type { Route } from '../../src/neighbours/routes.js'
import { route, routes } from './example.js'

const around = { family: 'IPv4' as const, attached: new Set(['eth1', 'eth2']), own: new Set<Address>() }
const shown = (hops: readonly Hop[] | undefined) =>
  hops?.map(({ network, prefix, via, interface: name }) => `${network}/${prefix} ${via} ${name}`)

//   name, routes, hops
const layouts: [string, string[], string[]][] = [
  [
    'a network and a router',
    ['0.0.0.0/0 via 10.0.0.1 dev eth1', '10.0.0.0/24 dev eth1'],
    ['10.0.0.0/24 link eth1', '0.0.0.0/0 10.0.0.1 eth1'],
  ],
  [
    'what a larger network says too',
    ['0.0.0.0/0 via 10.0.0.1 dev eth1', '10.1.0.0/16 via 10.0.0.1 dev eth1'],
    ['0.0.0.0/0 10.0.0.1 eth1'],
  ],
  [
    'the same router on another interface',
    ['0.0.0.0/0 via 10.0.0.1 dev eth1', '10.1.0.0/16 via 10.0.0.1 dev eth2'],
    ['10.1.0.0/16 10.0.0.1 eth2', '0.0.0.0/0 10.0.0.1 eth1'],
  ],
  ['the kernel chooses among links', ['10.0.0.0/8 dev eth1', '10.1.0.0/16 dev eth2'], ['10.0.0.0/8 link eth1']],
  [
    "what leads nowhere, or over another interface, is the kernel's",
    ['0.0.0.0/0 via 10.0.0.1 dev eth1', 'blackhole 192.0.2.0/24', '172.16.0.0/12 via 10.9.0.1 dev eth9'],
    ['192.0.2.0/24 link ', '172.16.0.0/12 link eth9', '0.0.0.0/0 10.0.0.1 eth1'],
  ],
  [
    'the lower metric, but an attached interface first',
    ['0.0.0.0/0 via 10.0.0.9 dev eth9', '0.0.0.0/0 via 10.0.0.2 dev eth1 metric 2', '0.0.0.0/0 via 10.0.0.1 dev eth1 metric 1'],
    ['0.0.0.0/0 10.0.0.1 eth1'],
  ],
  [
    'but not before a route that leads nowhere by its metric',
    ['blackhole 10.0.0.0/8 metric 1', '10.0.0.0/8 via 10.0.0.2 dev eth1 metric 2'],
    ['10.0.0.0/8 link '],
  ],
  [
    'the table default comes after main, as far as main says nothing',
    [
      '10.0.0.0/8 via 10.0.0.1 dev eth1',
      '0.0.0.0/0 via 10.0.0.2 dev eth1 table default',
      '10.1.0.0/16 via 10.0.0.3 dev eth1 table default',
    ],
    ['10.0.0.0/8 10.0.0.1 eth1', '0.0.0.0/0 10.0.0.2 eth1'],
  ],
  ['this machine is no client', ['local 198.18.0.0/24 dev lo', '10.0.0.0/24 dev eth1'], ['10.0.0.0/24 link eth1']],
]
for (const [name, texts, expected] of layouts)
  t.test(name, async (t) => t.strictSame(shown(layHops(routes(...texts), around)), expected))

t.test('IPv6: neither link-local networks nor own addresses', async (t) => {
  const texts = [
    'fe80::/64 dev eth1',
    '2001:db8::10/128 dev eth1',
    '2001:db8::11/128 via fe80::2 dev eth1',
    '::/0 via fe80::1 dev eth1',
  ]
  const ours = { ...around, family: 'IPv6' as const, own: new Set(['2001:db8::10' as Address]) }
  t.strictSame(shown(layHops(routes(...texts), ours)), ['2001:db8::11/128 fe80::2 eth1', '::/0 fe80::1 eth1'])
})

const networks = (count: number) => Array.from({ length: count }, (_, i) => `10.${i}.0.0/16 via 10.255.0.${i} dev eth1`)

t.test('no list where the kernel has to be asked', async (t) => {
  t.equal(layHops(routes(...networks(MOST_HOPS)), around)?.length, MOST_HOPS)
  t.equal(layHops(routes(...networks(MOST_HOPS + 1)), around), undefined, 'too many')
  t.equal(layHops({ ...routes(), more: true }, around), undefined, 'more than were read')
  t.equal(layHops({ ...routes(), policy: true }, around), undefined, 'rules choose among tables')
})

/** What a route says of its clients. */
const said = ({ kind, gateway, interface: name }: Route) =>
  kind === 'unicast' && gateway !== undefined && name !== 'eth9' ? `${gateway} ${name}` : 'link'

const elsewhere = ({ kind, interface: name }: Route) => Number(kind === 'unicast' && name === 'eth9')

/** The longest prefix, the attached interface, the lowest metric, table after table: as it is written, without an index. */
function naive(list: readonly Route[], client: Address): string | undefined {
  for (const table of ['main', 'default']) {
    const [best] = list
      .filter((route) => route.table === table && contains(route.network, route.prefix, client))
      .sort((a, b) => b.prefix - a.prefix || elsewhere(a) - elsewhere(b) || a.metric - b.metric)
    if (best) return said(best)
  }
  return undefined
}

/** Few bits, so that networks lie in one another. */
const bits = fc.integer({ min: 0, max: 15 })
const inFamily = {
  IPv4: (bits: number) => `${bits << 4}.0.0.0` as Address,
  IPv6: (bits: number) => addressOf([bits << 4, ...Array(15).fill(0)]),
}

for (const family of ['IPv4', 'IPv6'] as const) {
  const routeOf = fc
    .record({
      bits,
      prefix: fc.integer({ min: 0, max: 4 }),
      dev: fc.constantFrom('eth1', 'eth2', 'eth9'),
      via: fc.constantFrom(undefined, 1, 2),
      table: fc.constantFrom('main', 'main', 'main', 'default'),
      metric: fc.nat(2),
      kind: fc.constantFrom('', '', '', 'blackhole '),
    })
    .map(({ bits, prefix, dev, via, table, metric, kind }) => {
      const network = inFamily[family](prefix === 0 ? 0 : (bits >> (4 - prefix)) << (4 - prefix))
      const gateway = via === undefined ? '' : ` via ${inFamily[family](via)}`
      return route(`${kind}${network}/${prefix}${gateway} dev ${dev} table ${table} metric ${metric}`)
    })
  // Two of the same place and metric are none that a kernel has.
  const lists = fc.uniqueArray(routeOf, {
    maxLength: 40,
    selector: ({ network, prefix, table, metric }) => `${network}/${prefix} ${table} ${metric}`,
  })
  t.test(`${family}: the first hop that contains a client says what the routes say`, async (t) => {
    let laid = 0
    fc.assert(
      fc.property(lists, bits, (list, bits) => {
        const client = inFamily[family](bits)
        const hops = layHops({ routes: list, more: false, policy: false }, { ...around, family })
        if (!hops) return list.length > MOST_HOPS
        laid++
        const hop = hops.find(({ network, prefix }) => contains(network, prefix, client))
        const verdict = hop && (hop.via === 'link' ? 'link' : `${hop.via} ${hop.interface}`)
        return hops.length <= MOST_HOPS && verdict === naive(list, client)
      }),
      { numRuns: 3000 },
    )
    t.ok(laid > 1000, `${laid} lists`)
  })
}
