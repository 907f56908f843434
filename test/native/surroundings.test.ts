// SPDX-License-Identifier: Apache-2.0
// Interfaces, addresses and routes as a real kernel lists them, in a network namespace that ends with the command.
import { spawnSync } from 'node:child_process'
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import type { Link } from '../../src/neighbours/path.js'
import type { Route, Routes } from '../../src/neighbours/routes.js'
import { route } from '../neighbours/example.js'

interface Seen {
  readonly links: readonly Link[]
  readonly own: readonly Address[]
  readonly routes: { readonly IPv4: Routes; readonly IPv6: Routes }
}

const list = new URL('list_surroundings.js', import.meta.url).pathname

const scene = `
set -e
ip link set lo up
ip link add east mtu 9000 address 02:00:00:00:00:01 type veth peer name east-end mtu 9000
ip link add west address 02:00:00:00:00:02 type veth peer name west-end
for name in east east-end west west-end; do ip link set "$name" up; done
ip address add 10.0.0.2/24 dev east
ip address add 10.1.0.2/24 dev west
ip address add 2001:db8:1::2/64 dev east nodad
`

/** What is seen once these commands have run too. */
function see(...commands: string[]): Seen {
  const script = [scene, ...commands, `exec "$NODE" "$LIST" east west`].join('\n')
  const env = { ...process.env, NODE: process.execPath, LIST: list }
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', script], {
    encoding: 'utf8',
    env,
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Seen
}

const has = (routes: Routes, expected: Route) =>
  routes.routes.find((route) => route.network === expected.network && route.table === expected.table)

t.test('interfaces with their addresses', async (t) => {
  const { links, own } = see(
    'ip address add 2001:db8:1::3/64 dev east nodad preferred_lft 0',
    'ip address add 2001:db8:2::2/64 dev west', // its duplicates are still looked for
    'ip address add 10.9.0.2 peer 10.9.0.3/32 dev west',
    'ip address add 10.7.0.1/32 dev lo',
    'ip link add idle type veth peer name idle-end',
    'ip address add 10.8.0.1/24 dev idle', // it is down
  )
  const [east, west] = links
  t.match(east, { name: 'east', mac: '02:00:00:00:00:01', mtu: 9000 })
  t.match(west, { name: 'west', mtu: 1500 })
  const shown = ({ addresses }: Link) =>
    addresses.map(({ address, prefix, deprecated }) => `${address}/${prefix}${deprecated ? ' old' : ''}`)
  t.strictSame(
    east &&
      shown(east)
        .filter((text) => !text.startsWith('fe80'))
        .sort(),
    ['10.0.0.2/24', '2001:db8:1::2/64', '2001:db8:1::3/64 old'],
  )
  t.strictSame(west && shown(west).filter((text) => !text.startsWith('fe80')), ['10.1.0.2/24', '10.9.0.2/32'])
  t.strictSame(own.filter((address) => !address.startsWith('fe80')).sort(), [
    '10.0.0.2',
    '10.1.0.2',
    '10.7.0.1',
    '10.9.0.2',
    '127.0.0.1',
    '2001:db8:1::2',
    '2001:db8:1::3',
    '::1',
  ])
})

//  what is added, and what is then read
const additions: [string, string][] = [
  ['0.0.0.0/0 via 10.0.0.1', '0.0.0.0/0 via 10.0.0.1 dev east'],
  ['::/0 via 2001:db8:1::1 metric 7', '::/0 via 2001:db8:1::1 dev east metric 7'],
  ['192.0.2.0/24 via 10.0.0.1 src 10.1.0.2 metric 9', '192.0.2.0/24 via 10.0.0.1 dev east metric 9 src 10.1.0.2'],
  ['192.0.2.0/24 dev west scope link', '192.0.2.0/24 dev west'],
  ['192.0.2.0/24 via inet6 2001:db8:1::9 dev east', '192.0.2.0/24 via 2001:db8:1::9 dev east'],
  ['192.0.2.0/24 via 10.0.0.1 table default', '192.0.2.0/24 via 10.0.0.1 dev east table default'],
  ['192.0.2.0/24 nexthop via 10.0.0.7 nexthop via 10.1.0.7', '192.0.2.0/24 via 10.0.0.7 dev east'],
  [
    '2001:db8:9::/48 nexthop via 2001:db8:1::7 nexthop via 2001:db8:1::8',
    '2001:db8:9::/48 via 2001:db8:1::7 dev east metric 1024',
  ],
  ['blackhole 192.0.2.0/24', 'blackhole 192.0.2.0/24'],
  ['unreachable 2001:db8:9::/48', 'unreachable 2001:db8:9::/48 dev lo metric 1024'],
  ['prohibit 192.0.2.0/24', 'prohibit 192.0.2.0/24'],
  ['throw 192.0.2.0/24', 'throw 192.0.2.0/24'],
  ['local 192.0.2.0/24 dev lo', 'local 192.0.2.0/24 dev lo'],
  ['local 2001:db8:9::/48 dev lo', 'local 2001:db8:9::/48 dev lo metric 1024'],
]
t.test('routes', async (t) => {
  for (const [added, expected] of additions) {
    const family = /^\S*:|^\w+ \S*:/.test(added) ? '-6' : '-4'
    const { routes } = see(`ip ${family} route add ${added}`)
    const wanted = route(expected)
    t.strictSame(has(family === '-6' ? routes.IPv6 : routes.IPv4, wanted), wanted, added)
  }
})

t.test('what every machine has', async (t) => {
  const { routes } = see()
  const text = ({ table, network, prefix }: Route) => `${table} ${network}/${prefix}`
  t.strictSame(routes.IPv4.routes.map(text), ['local 127.0.0.0/8', 'main 10.0.0.0/24', 'main 10.1.0.0/24'])
  t.strictSame(new Set(routes.IPv6.routes.map(text)), new Set(['main 2001:db8:1::/64', 'main fe80::/64']))
  for (const { more, policy } of [routes.IPv4, routes.IPv6]) t.strictSame({ more, policy }, { more: false, policy: false })
})

t.test('a next hop whose interface is down is not the first', async (t) => {
  const { routes } = see('ip route add 192.0.2.0/24 nexthop via 10.0.0.7 nexthop via 10.1.0.7', 'ip link set east-end down')
  t.match(has(routes.IPv4, route('192.0.2.0/24')), { gateway: '10.1.0.7', interface: 'west' })
})

t.test('a nexthop object is read as far as the kernel shows it', async (t) => {
  const add = ['ip nexthop add id 5 via 10.0.0.7 dev east', 'ip route add 192.0.2.0/24 nhid 5']
  t.match(has(see(...add).routes.IPv4, route('192.0.2.0/24')), { gateway: '10.0.0.7', interface: 'east' })
  const { routes } = see(...add, 'sysctl -qw net.ipv4.nexthop_compat_mode=0')
  t.strictSame(has(routes.IPv4, route('192.0.2.0/24')), route('192.0.2.0/24'))
})

t.test('rules beside those of every machine are policy', async (t) => {
  for (const rule of ['from 10.0.0.9 lookup main', 'lookup 100', 'fwmark 1 lookup main', 'iif east lookup main', 'unreachable'])
    t.equal(see(`ip rule add ${rule} priority 100`).routes.IPv4.policy, true, rule)
  const { routes } = see('ip -6 rule add from 2001:db8::/32 lookup 100')
  t.strictSame([routes.IPv4.policy, routes.IPv6.policy], [false, true])
})

t.test('of too many routes some are read, and that there are more', async (t) => {
  const many = (count: number) =>
    `i=0; while [ $i -lt ${count} ]; do echo "route add 11.$((i / 256)).$((i % 256)).0/24 via 10.0.0.1"; i=$((i + 1)); done | ip -batch -`
  // beside three that every machine has
  const most = see(many(4093)).routes.IPv4
  t.strictSame([most.routes.length, most.more], [4096, false])
  const more = see(many(4094)).routes.IPv4
  t.strictSame([more.routes.length, more.more], [4096, true])
})
