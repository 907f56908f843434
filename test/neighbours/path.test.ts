// SPDX-License-Identifier: Apache-2.0
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { findPath, type Link, primaryAddress, type Surroundings } from '../../src/neighbours/path.js'
import { at, eth1, eth2, surroundings } from './example.js'

//   server                interface, next hop, address to ask from, and the director's own towards it
const ways: [string, [string, string, string, string | undefined]][] = [
  ['10.9.0.1', ['eth1', '10.9.0.1', '10.0.0.2', '10.0.0.2']],
  ['10.0.1.11', ['eth1', '10.0.1.11', '10.0.1.2', '10.0.1.2']],
  ['10.0.9.11', ['eth2', '10.0.9.11', '10.0.2.2', '10.0.2.2']],
  ['10.1.0.11', ['eth1', '10.0.1.1', '10.0.1.2', '10.0.1.2']],
  ['10.2.0.11', ['eth1', '2001:db8:1::1', '2001:db8:1::2', '10.0.0.2']],
  ['192.0.2.11', ['eth2', '192.0.2.11', '10.0.2.2', '10.0.2.2']],
  ['100.64.0.1', ['eth1', '10.0.1.9', '10.0.1.2', '10.0.0.2']],
  ['2001:db8:1::11', ['eth1', '2001:db8:1::11', '2001:db8:1::2', '2001:db8:1::2']],
  ['2001:db8:2::11', ['eth2', '2001:db8:2::11', 'fe80::2', '2001:db8:1::2']],
  ['2001:db8:3::11', ['eth1', 'fe80::99', 'fe80::1', '2001:db8:1::2']],
]
for (const [server, [name, nextHop, asker, source]] of ways)
  t.test(`the way to ${server}`, async (t) => {
    const found = findPath(server as Address, surroundings, { onLink: false })
    const { mac } = name === 'eth1' ? eth1 : eth2
    t.strictSame(found, { interface: name, mac, asker, nextHop, ...(source === undefined ? {} : { source }) })
  })

//   server           why there is none
const none: [string, RegExp][] = [
  ['10.0.0.2', /^10.0.0.2 is an address of this director itself$/],
  ['198.18.0.1', /^198.18.0.1 is in 198.18.0.0\/24, which is local to this director$/],
  ['203.0.113.99', /^no route leads to 203.0.113.99$/],
  ['172.16.0.1', /^172.16.0.1 is reached over eth9, which is no attached interface that is up$/],
  ['192.0.3.11', /^192.0.3.11 cannot be asked for from a VIP: give eth3 an IPv4 address of its own$/],
  ['198.51.100.1', /^the route to 198.51.100.0\/24 leads nowhere: unreachable$/],
  ['198.51.101.1', /^the route to 198.51.101.0\/24 names no interface: .*nexthop_compat_mode=1$/],
]
for (const [server, reason] of none)
  t.test(`no way to ${server}`, async (t) => t.match(findPath(server as Address, surroundings, { onLink: false }), reason))

t.test('direct routing needs a server on the link', async (t) => {
  const reason = '10.1.0.11 is behind the router 10.0.1.1: direct routing needs it on a network of this director'
  t.equal(findPath('10.1.0.11' as Address, surroundings, { onLink: true }), reason)
  t.match(findPath('10.9.0.1' as Address, surroundings, { onLink: true }), { nextHop: '10.9.0.1' })
})

t.test('with too many routes to read, the networks of the interfaces are left', async (t) => {
  const many = { ...surroundings.routes.IPv4, more: true }
  const crowded = { ...surroundings, routes: { ...surroundings.routes, IPv4: many } }
  const way = (server: string) => findPath(server as Address, crowded, { onLink: true })
  t.match(way('10.0.1.11'), { interface: 'eth1', nextHop: '10.0.1.11' })
  t.match(way('10.0.9.11'), { interface: 'eth2', nextHop: '10.0.9.11' })
  t.equal(way('198.51.100.1'), '198.51.100.1 is in no network of ours, and there are too many routes to read')
  t.match(findPath('2001:db8:1::11' as Address, crowded, { onLink: true }), { interface: 'eth1' }, 'the other family goes on')
})

const alone = (addresses: readonly string[], own: readonly string[] = []): Surroundings => ({
  ...surroundings,
  links: [{ ...eth1, addresses: addresses.map(at) }],
  own: new Set(own as Address[]),
})

t.test('what the director sends from', async (t) => {
  //   addresses of the interface, of the machine, and those that ask and send
  const choices: [string[], string[], [string, string | undefined]][] = [
    [['2001:db8:1::2/64'], [], ['2001:db8:1::2', '2001:db8:1::2']],
    [['2001:db8:1::2/64 deprecated', '2001:db8:1::3/64'], [], ['2001:db8:1::3', '2001:db8:1::3']],
    [['2001:db8:1::2/64 deprecated', 'fe80::1/64'], [], ['2001:db8:1::2', undefined]],
    [['fe80::1/64'], ['::1', '2001:db8::10', '2001:db8:9::9'], ['fe80::1', '2001:db8:9::9']],
    [['2001:db8:7::7/128'], [], ['2001:db8:7::7', '2001:db8:7::7']],
    [['2001:db8:7::7/128', 'fe80::1/64'], [], ['fe80::1', '2001:db8:7::7']],
  ]
  for (const [addresses, own, [asker, source]] of choices) {
    const { source: found, ...way } = findPath('2001:db8:1::11' as Address, alone(addresses, own), { onLink: true }) as Exclude<
      ReturnType<typeof findPath>,
      string
    >
    t.strictSame([way.asker, found], [asker, source], addresses.join())
  }
})

t.test('an interface has one address for each family', async (t) => {
  const primary = (link: Link, family: 'IPv4' | 'IPv6') => primaryAddress(link, family, surroundings)
  t.equal(primary(eth1, 'IPv4'), '10.0.0.2')
  t.equal(primary(eth2, 'IPv4'), '10.0.2.2', 'no VIP')
  t.equal(primary(eth1, 'IPv6'), '2001:db8:1::2')
  t.equal(primary(eth2, 'IPv6'), '2001:db8:1::2', "no link-local one: rather another interface's")
  t.equal(primaryAddress(eth2, 'IPv6', { own: new Set(), vips: surroundings.vips }), undefined)
  const aged: Link = { ...eth1, addresses: [at('2001:db8::1/64 deprecated'), at('2001:db8::2/64')] }
  t.equal(primary(aged, 'IPv6'), '2001:db8::2')
})
