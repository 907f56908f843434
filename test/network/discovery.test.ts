// SPDX-License-Identifier: Apache-2.0
// Neighbours of both families, on the link and behind routers, and how a VIP of IPv6 is announced.
import { createInterface } from 'node:readline'
import t from 'tap'
import type { Address } from '../../src/model/desired.js'
import { finished, startLab } from '../../vagrant/lab.js'
import { interfacesOf } from '../../vagrant/topology.js'
import { portOf } from '../../vagrant/wiring.js'
import type { Known, Order } from './part.js'
import { until } from './stage.js'

const lab = startLab()
t.teardown(() => lab.close())

/** On the servers' network. */
const on = (machine: string) => {
  const found = interfacesOf(lab.topology, machine).find(({ network }) => network === 'servers')
  if (!found) throw new Error(`${machine} is not on the servers' network`)
  return found as typeof found & { readonly address: Address; readonly address6: Address }
}
const near = Object.fromEntries(
  ['router', 'director', 'server1', 'server2', 'server3'].map((machine) => [machine, on(machine).address6]),
)
const mac = (machine: string) => on(machine).mac
const { device } = on('router')
/** Behind the router. */
const far = ['2001:db8:2::10', '2001:db8:2::11'] as Address[]
const vip = '2001:db8:f::10' as Address

const part = lab.start('director', process.execPath, [new URL('part.js', import.meta.url).pathname, 'eth1'], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
let known: Known = { servers: {}, hops: { IPv4: [], IPv6: [] }, egress: {}, warnings: [] }
if (part.stdout) createInterface({ input: part.stdout }).on('line', (line) => (known = JSON.parse(line)))
const order = (order: Order) => void part.stdin?.write(`${JSON.stringify(order)}\n`)
const place = (server: Address | undefined) => (server === undefined ? undefined : known.servers[server])
const at = (server: Address | undefined, where: string) => () => place(server)?.mac === where

const hopTo = (network: string) => known.hops.IPv6?.find((hop) => hop.network === network)

const servers = [near.server1, near.server2, near.server3] as Address[]
const watch = [...servers, on('server1').address, ...far]
const routed = far

t.test('servers of both families are found, on the link and behind a router', async (t) => {
  order({ watch, routed })
  const took = await until('all are found', () => watch.every((server) => place(server)))
  t.ok(took < 3000, `found after ${took} ms`)
  for (const name of ['server1', 'server2', 'server3'])
    t.strictSame(place(near[name]), { mac: mac(name), interface: 'eth1', source: near.director }, name)
  t.match(place(on('server1').address), { mac: mac('server1'), interface: 'eth1', source: on('director').address })
  const behind = { mac: mac('router'), interface: 'eth1', gateway: near.router, source: near.director }
  for (const server of far) t.strictSame(place(server), behind, server)
})

t.test('clients are behind the router, whose MAC address is known', async (t) => {
  t.equal(known.hops.IPv6?.length, 2)
  t.strictSame(known.egress, { eth1: { mtu: 1500, sources: { IPv4: on('director').address, IPv6: near.director } } })
  t.match(hopTo('2001:db8:10::'), { prefix: 64, via: 'link', interface: 'eth1' })
  t.match(hopTo('::'), { prefix: 0, via: near.router, interface: 'eth1', mac: mac('router') })
  t.match(known.hops.IPv4, [
    { network: '10.0.0.0', prefix: 24, via: 'link' },
    { network: '0.0.0.0', prefix: 0, via: on('router').address, mac: mac('router') },
  ])
})

t.test('one who is silent is lost, and found again when it answers', async (t) => {
  const port = portOf(lab.topology, 'server2', 'servers')
  lab.do('switch', 'ip', 'link', 'set', port, 'down')
  const took = await until('lost', () => place(near.server2) === undefined)
  t.ok(took > 1500 && took < 8000, `noticed after ${took} ms`)
  t.ok(servers.filter((server) => place(server)).length === 2, 'the others are where they were')
  lab.do('switch', 'ip', 'link', 'set', port, 'up')
  const back = await until('found again', at(near.server2, mac('server2')))
  t.ok(back < 5000, `noticed after ${back} ms`)
})

t.test('one that gets another MAC address is followed', async (t) => {
  const other = '02:00:00:00:00:99'
  lab.do('server1', 'ip', 'link', 'set', 'eth1', 'address', other)
  const took = await until('followed', at(near.server1, other))
  t.ok(took < 6000, `followed after ${took} ms`)
})

t.test('an unsolicited advertisement is believed at once', async (t) => {
  const other = '02:00:00:00:00:77'
  lab.do('server1', 'sysctl', '-qw', 'net.ipv6.conf.eth1.ndisc_notify=1')
  lab.do('server1', 'ip', 'link', 'set', 'eth1', 'address', other)
  const took = await until('followed', at(near.server1, other))
  t.ok(took < 1000, `followed after ${took} ms`)
})

t.test("a router's new MAC address counts for all behind it", async (t) => {
  const other = '02:00:00:00:00:66'
  lab.do('router', 'ip', 'link', 'set', device, 'address', other)
  await until('followed', () => far.every((server) => place(server)?.mac === other))
  t.equal(hopTo('::')?.mac, other)
})

t.test('routes are followed', async (t) => {
  lab.do('director', 'ip', 'route', 'add', '2001:db8:2::/64', 'via', on('server3').address6)
  const took = await until('followed', () => far.every((server) => place(server)?.gateway === near.server3))
  t.ok(took < 3000, `followed after ${took} ms`)
  t.equal(place(far[0])?.mac, mac('server3'))
  t.match(hopTo('2001:db8:2::'), { prefix: 64, via: near.server3, mac: mac('server3') })
  order({ watch })
  await until('servers for direct routing are unresolved', () => place(far[0]) === undefined)
  t.match(known.warnings.join('\n'), /2001:db8:2::10 is behind the router 2001:db8:10::13: direct routing needs it on a network/)
  order({ watch, routed })
  lab.do('director', 'ip', 'route', 'replace', 'unreachable', '2001:db8:2::/64', 'metric', '1')
  await until('the reason is told', () =>
    known.warnings.includes('unresolved: the route to 2001:db8:2::/64 leads nowhere: unreachable'),
  )
})

t.test('a VIP of IPv6 is added without delay, and announced', async (t) => {
  lab.do('router', 'ip', 'route', 'add', `${vip}/128`, 'dev', device)
  lab.do('server3', 'ip', 'address', 'add', `${vip}/128`, 'dev', 'eth1', 'nodad')
  lab.do('router', 'ping', '-c', '1', '-W', '2', vip)
  const neighbour = () => lab.do('router', 'ip', '-6', 'neighbour', 'show', vip)
  t.match(neighbour(), mac('server3'))
  lab.do('server3', 'ip', 'address', 'del', `${vip}/128`, 'dev', 'eth1')
  const tcpdump = ['-i', device, '-c', '4', '-nnvv', '--immediate-mode', `icmp6 and src ${vip} and dst ff02::1`]
  const capture = lab.start('router', 'tcpdump', tcpdump)
  const captured = finished(capture)
  await new Promise((resolve) => capture.stderr?.once('data', resolve))
  order({ assign: [vip] })
  const took = await until('the router has heard', () => neighbour().includes(mac('director')))
  t.ok(took < 1500, `after ${took} ms`)
  lab.do('router', 'ping', '-c', '1', '-W', '2', vip)
  const shown = lab.do('director', 'ip', '-6', 'address', 'show', 'dev', 'eth1')
  t.match(shown, new RegExp(`inet6 ${vip}/128 scope global .*deprecated`), 'not what the director itself sends from')
  t.notMatch(shown, /tentative/)
  t.notMatch(lab.do('director', 'ip', '-6', 'route', 'show'), vip)
  const { stdout } = await captured
  const announcements = stdout.match(/hlim 255, .* > ff02::1: \[icmp6 sum ok\].*neighbor advertisement.*Flags \[override\]/g)
  t.equal(announcements?.length, 4, stdout)
  order({ assign: [] })
  await until('it is taken away', () => !lab.do('director', 'ip', '-6', 'address', 'show', 'dev', 'eth1').includes(vip))
})
