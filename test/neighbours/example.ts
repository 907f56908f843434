// SPDX-License-Identifier: Apache-2.0
// What the tests of this folder look at: routes written as `ip route` shows them, and two interfaces.
import type { Address } from '../../src/model/desired.js'
import type { InterfaceAddress, Link, Surroundings } from '../../src/neighbours/path.js'
import type { Route, Routes, Table } from '../../src/neighbours/routes.js'

const kinds: readonly string[] = ['local', 'blackhole', 'unreachable', 'prohibit', 'throw']

/** `10.0.0.0/24 dev eth1`, `0.0.0.0/0 via 10.0.0.1 dev eth1 metric 100 src 10.0.0.2 table default`, `blackhole 192.0.2.0/24` */
export function route(text: string): Route {
  const words = text.split(' ')
  const kind = kinds.includes(words[0] ?? '') ? (words.shift() as Route['kind']) : 'unicast'
  const [network, prefix] = (words.shift() ?? '').split('/')
  const said = new Map(words.flatMap((word, i) => (i % 2 ? [] : [[word, words[i + 1] ?? '']])))
  return {
    network: network as Address,
    prefix: Number(prefix),
    kind,
    table: (said.get('table') ?? (kind === 'local' ? 'local' : 'main')) as Table,
    metric: Number(said.get('metric') ?? 0),
    ...(said.has('via') ? { gateway: said.get('via') as Address } : {}),
    ...(said.has('dev') ? { interface: said.get('dev') as string } : {}),
    ...(said.has('src') ? { source: said.get('src') as Address } : {}),
  }
}

export function routes(...texts: string[]): Routes {
  return { routes: texts.map(route), more: false, policy: false }
}

/** `10.0.0.2/24`, `2001:db8::9/128 deprecated` */
export function at(text: string): InterfaceAddress {
  const [cidr = '', deprecated] = text.split(' ')
  const [address, prefix] = cidr.split('/')
  return { address: address as Address, prefix: Number(prefix), ...(deprecated ? { deprecated: true } : {}) }
}

export const eth1: Link = {
  name: 'eth1',
  mac: '02:00:00:00:00:01',
  mtu: 1500,
  addresses: ['10.0.0.2/8', '10.0.1.2/24', '203.0.113.10/32', '2001:db8:1::2/64', 'fe80::1/64'].map(at),
}
export const eth2: Link = {
  name: 'eth2',
  mac: '02:00:00:00:00:02',
  mtu: 9000,
  addresses: ['192.0.2.10/24', '10.0.2.2/16', '2001:db8::10/128', 'fe80::2/64'].map(at),
}
/** Nothing but VIPs. */
const eth3: Link = { name: 'eth3', mac: '02:00:00:00:00:03', mtu: 1500, addresses: ['192.0.2.10/24'].map(at) }

export const surroundings: Surroundings = {
  links: [eth1, eth2, eth3],
  routes: {
    IPv4: routes(
      'local 127.0.0.0/8 dev lo',
      'local 198.18.0.0/24 dev lo',
      '10.0.0.0/8 dev eth1',
      '10.0.1.0/24 dev eth1',
      '10.0.0.0/16 dev eth9 metric 5',
      '10.0.0.0/16 dev eth2 metric 10',
      '10.0.0.0/16 dev eth1 metric 20',
      '10.1.0.0/16 via 10.0.1.1 dev eth1 src 10.0.1.2',
      '10.2.0.0/16 via 2001:db8:1::1 dev eth1',
      '172.16.0.0/12 dev eth9',
      '192.0.2.0/24 dev eth2',
      '192.0.3.0/24 dev eth3',
      'unreachable 198.51.100.0/24',
      '198.51.101.0/24 metric 1',
      'throw 100.64.0.0/10',
      '100.64.0.0/10 via 10.0.1.9 dev eth1 table default',
    ),
    IPv6: routes('2001:db8:1::/64 dev eth1', '2001:db8:2::/64 dev eth2', '::/0 via fe80::99 dev eth1', 'fe80::/64 dev eth1'),
  },
  own: new Set(['127.0.0.1', '10.0.0.2', '10.0.1.2', '10.0.2.2', '2001:db8:1::2'] as Address[]),
  vips: new Set(['203.0.113.10', '192.0.2.10', '2001:db8::10'] as Address[]),
}
