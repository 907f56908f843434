// SPDX-License-Identifier: Apache-2.0
// Servers behind a router with a smaller MTU: what it says to the director of tunnels' outer packets, or of packets that full NAT sent,
// the clients hear in their own words.
import t from 'tap'
import type { ServiceEntry } from '../../vagrant/controller.js'
import { offerDownload, putUpload, takeDownload } from '../../vagrant/download.js'
import type { Lab } from '../../vagrant/lab.js'
import { readTopology } from '../../vagrant/topology.js'
import { askDatagrams, serveDatagrams } from '../../vagrant/traffic.js'
import { placeServers, withMtu } from '../../vagrant/variants.js'
import { addSources, sources } from './matrix_scene.js'
import { outcomes, stage } from './stage.js'

const ECHO = 9000
const NARROW = 1400

//    what goes where               VIP                   server     what fits
const ways: [name: string, vip: string, server: string, family: 4 | 6, mtu: number][] = [
  ['IPv4 within IPv4', '203.0.113.10', 'server1', 4, NARROW - 20],
  ['IPv4 within IPv6', '203.0.113.11', 'server1', 6, NARROW - 40],
  ['IPv6 within IPv4', '2001:db8:203::12', 'server1', 4, NARROW - 20],
  ['IPv6 within IPv6', '2001:db8:203::13', 'server1', 6, NARROW - 40],
  ['full NAT by IPv4', '203.0.113.14', 'server2', 4, NARROW],
  ['full NAT by IPv6', '2001:db8:203::15', 'server2', 6, NARROW],
]

function topology() {
  const vips = ways.map(([, vip]) => vip)
  const bare = {
    ...readTopology(),
    vips: vips.filter((vip) => !vip.includes(':')),
    vips6: vips.filter((vip) => vip.includes(':')),
  }
  const placed = placeServers(placeServers(bare, 'tun', 'remote', ['server1']), 'fullnat', 'remote', ['server2'])
  return withMtu(placed, 'remote', NARROW)
}

function services(lab: Lab): ServiceEntry[] {
  return ways.flatMap(([, address, server, family], place) =>
    (['tcp', 'udp'] as const).map((protocol) => {
      const port = protocol === 'tcp' ? 80 : ECHO
      const forwarding = server === 'server1' ? ('tun' as const) : ('fullnat' as const)
      const servers = [{ address: lab.address(server, family), port, forwarding }]
      return { name: `${protocol}${place}`, protocol, address, port, servers }
    }),
  )
}

const { lab, controller } = await stage(t, { topology: topology(), services, settings: { sources }, before: addSources })
await serveDatagrams(lab, ECHO)
offerDownload(lab, 1 << 20)

t.test('datagrams: the client learns what fits', async (t) => {
  const ask = (vip: string) => askDatagrams(lab, { vip, port: ECHO, count: 6, size: 1430, perSecond: 20, flows: 1 })
  const answers = await Promise.all(ways.map(([, vip]) => ask(vip)))
  for (const [place, [name, vip, server, , mtu]] of ways.entries()) {
    t.equal(answers[place]?.at(-1), server, `${name}: ${answers[place]?.join(' ')}`)
    t.match(lab.do('client', 'ip', 'route', 'get', vip), new RegExp(` mtu ${mtu}\\b`), name)
  }
})

t.test('transfers, begun without knowing', async (t) => {
  for (const family of ['-4', '-6']) lab.do('client', 'ip', family, 'route', 'flush', 'cache')
  const uploads = await Promise.all(ways.map(([, vip]) => putUpload(lab, { vip })))
  const downloads = await Promise.all(ways.map(([, vip]) => takeDownload(lab, { vip, full: true }).whole))
  for (const [place, [name, , server]] of ways.entries()) {
    t.match(uploads[place], { whole: true, server }, `${name}: an upload`)
    t.ok(downloads[place], `${name}: a download`)
  }
})

t.test('it is tunnels that answer themselves', async (t) => {
  const { icmp_sent: sent = 0, fragment } = await outcomes(controller)
  t.ok(sent >= 8, `${sent} answers`)
  t.equal(fragment, 0)
})
