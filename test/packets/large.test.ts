// SPDX-License-Identifier: Apache-2.0
// Frames that are longer than a page, which XDP sees in pieces, and frames with options and padding: forwarded whole.
import t from 'tap'
import { endpoint } from './addresses.js'
import { forEachFamily, icmpAnswer } from './families.js'
import { DIRECTOR, ethernet, ROUTER } from './frame.js'
import { type Forwarding, mtu, realServer, service, sources } from './given.js'
import { packetTest, usual } from './packet_test.js'
import { poolOf } from './roles.js'

const client = '198.51.100.7'
const vip = '192.0.2.1'
const mac = '02:00:00:00:00:11'
const given = [
  service('192.0.2.1:80'),
  realServer('10.0.0.11', mac),
  service('192.0.2.1:53', { protocol: 'udp' }),
  realServer('10.0.0.11', mac),
]
const isIpv6 = (address: string) => address.includes(':')
const options = Buffer.from([7, 39, 4, ...Array(36).fill(0), 0])

/** Past 3,520 bytes BPF_PROG_RUN cuts a frame into pieces of a page. */
for (const length of [1, 1460, 3466, 3467, 4096, 8960, 40_000, 65_495])
  packetTest(`TCP with ${length} bytes`, {
    given,
    sent: ethernet().ipv4(client, vip).tcp(40000, 80).payload(length),
    expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip).tcp(40000, 80).payload(length) },
  })

for (const length of [0, 1472, 8972, 65_507])
  packetTest(`UDP with ${length} bytes`, {
    given,
    sent: ethernet().ipv4(client, vip).udp(40000, 53).payload(length),
    expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip).udp(40000, 53).payload(length) },
  })

forEachFamily((family, name) => {
  const { client, vip, server, director, clients } = family
  const asked = ethernet().ip(client, vip).tcp(40000, 80, 'S')
  const a = realServer(server, mac)
  const web = (method: Forwarding) => service(endpoint(vip, 80), method)

  for (const length of [3400, 3600, 8900, 20_000, 40_000]) {
    packetTest(`${name}: ${length} bytes by direct routing`, {
      given: [web('dr'), a],
      sent: asked.payload(length),
      expect: { outcome: 'FORWARDED', packet: asked.payload(length).sentTo(mac) },
    })

    packetTest(`${name}: ${length} bytes through NAT, there and back`, {
      given: [web('nat'), a, clients],
      strip: [
        {
          sent: asked.payload(length),
          expect: { outcome: 'FORWARDED', packet: ethernet(mac).ip(client, server, { hops: 63 }).tcp(40000, 80).payload(length) },
        },
        {
          sent: ethernet(DIRECTOR, mac).ip(server, client).tcp(80, 40000, 'A').payload(length),
          expect: {
            outcome: 'REPLIED',
            packet: ethernet(ROUTER).ip(vip, client, { hops: 63 }).tcp(80, 40000, 'A').payload(length),
          },
        },
      ],
    })

    packetTest(`${name}: ${length} bytes through full NAT, there and back`, {
      given: [sources(director), web('fullnat'), a, clients],
      strip: [
        poolOf(1, 2000),
        {
          sent: asked.payload(length),
          expect: {
            outcome: 'FORWARDED',
            packet: ethernet(mac).ip(director, server, { hops: 63 }).tcp(2000, 80).payload(length),
          },
        },
        {
          sent: ethernet(DIRECTOR, mac).ip(server, director).tcp(80, 2000, 'A').payload(length),
          expect: {
            outcome: 'REPLIED',
            packet: ethernet(ROUTER).ip(vip, client, { hops: 63 }).tcp(80, 40000, 'A').payload(length),
          },
        },
      ],
    })

    const whole = isIpv6(client) ? ethernet().ipv6(client, vip) : ethernet().ipv4(client, vip, { fragment: 0x4000 })
    const outer = isIpv6(client)
      ? ethernet(mac).ipv6(director, server)
      : ethernet(mac).ipv4(director, server, { fragment: 0x4000, id: 0 })
    packetTest(`${name}: ${length} bytes through a tunnel`, {
      given: [web('tun'), a],
      sent: whole.tcp(40000, 80).payload(length),
      expect: { outcome: 'FORWARDED', packet: outer.encapsulating(whole.tcp(40000, 80).payload(length)) },
    })

    const tooLong = isIpv6(client) ? ethernet().ipv6(client, vip) : ethernet().ipv4(client, vip)
    packetTest(`${name}: ${length} bytes that are too many are quoted as far as may be`, {
      given: [web('nat'), a, clients, mtu('in', 1500)],
      sent: tooLong.tcp(40000, 80).payload(length),
      expect: {
        outcome: 'ICMP_SENT',
        packet: icmpAnswer(family, 'too big', tooLong.tcp(40000, 80).payload(length), client, 1500),
      },
    })

    packetTest(`${name}: a stray of ${length} bytes is answered`, {
      given: [web('nat'), a],
      strip: [[ethernet().ip(client, vip).tcp(40000, 80, 'A').payload(length), 'RESET_SENT']],
    })

    packetTest(`${name}: ${length} bytes in a VLAN`, {
      given: [web('nat'), a, clients],
      sent: ethernet().vlan(7).ip(client, vip).tcp(40000, 80).payload(length),
      expect: {
        outcome: 'FORWARDED',
        packet: ethernet(mac).vlan(7).ip(client, server, { hops: 63 }).tcp(40000, 80).payload(length),
      },
    })
  }
})

packetTest('a large frame whose IP length is longer still', {
  given,
  sent: ethernet().ipv4(client, vip).tcp(40000, 80).payload(8960).with(2, 0x24, 0),
  expect: { outcome: 'BROKEN_IP_HEADER' },
})

packetTest('a small packet in a large frame', {
  given,
  strip: [[ethernet().ipv4(client, vip).tcp(40000, 80, 'F').padded(9000), 'RESET_SENT']],
})

packetTest('IP options are carried along', {
  given,
  sent: ethernet().ipv4(client, vip, { options }).tcp(40000, 80),
  expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip, { options }).tcp(40000, 80) },
})

packetTest('IP options and TCP options', {
  given,
  sent: ethernet().ipv4(client, vip, { options }).tcp(40000, 80, 'S', { options }).payload(9),
  expect: {
    outcome: 'FORWARDED',
    packet: ethernet(mac).ipv4(client, vip, { options }).tcp(40000, 80, 'S', { options }).payload(9),
  },
})

packetTest('padding is carried along', {
  given,
  sent: ethernet().ipv4(client, vip).udp(40000, 53).payload('short').padded(60),
  expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip).udp(40000, 53).payload('short').padded(60) },
})

t.test('every length of an IPv4 header', async (t) => {
  const director = usual()
  for (let words = 5; words <= 15; words++) {
    director.reset()
    director.configure(given)
    const frame = ethernet().ipv4(client, vip, { options: Buffer.alloc((words - 5) * 4, 1) })
    t.equal(director.send(frame.tcp(40000, 80)).outcome, 'FORWARDED', `TCP after ${words} words`)
    t.equal(director.send(frame.udp(40000, 53)).outcome, 'FORWARDED', `UDP after ${words} words`)
    t.same(
      director.connections
        .of(`${client}:40000`)
        .map(({ servicePort }) => servicePort)
        .sort(),
      [53, 80],
    )
  }
})
