// SPDX-License-Identifier: Apache-2.0
// Tunnels: the packet goes whole inside another one to its server, of either family in either; what is too long is told its sender.
import t from 'tap'
import { endpoint } from './addresses.js'
import { families, familyNames, icmpAnswer } from './families.js'
import { DIRECTOR, ethernet, type Frame } from './frame.js'
import { mtu, realServer, service } from './given.js'
import { hex, rewritten } from './oracle.js'
import { packetTest, usual } from './packet_test.js'

const mac = '02:00:00:00:00:11'

for (const outer of familyNames)
  for (const inner of familyNames) {
    const family = families[inner]
    const { client, vip } = family
    const { director, server, router } = families[outer]
    const name = `${inner} in ${outer}`
    const overhead = outer === 'IPv6' ? 40 : 20
    const asked = (tos = 0) =>
      inner === 'IPv6'
        ? ethernet().ipv6(client, vip, { trafficClass: tos })
        : ethernet().ipv4(client, vip, { tos, fragment: 0x4000 })
    const around = (tos = 0) =>
      outer === 'IPv6'
        ? ethernet(mac).ipv6(director, server, { trafficClass: tos })
        : ethernet(mac).ipv4(director, server, { tos, id: 0, fragment: 0x4000 })
    const web = service(endpoint(vip, 80), 'tun')
    const given = [web, realServer(server, mac), service(endpoint(vip, 53), 'tun', { protocol: 'udp' }), realServer(server, mac)]
    const wrapped = (frame: Frame, tos = 0) => ({ outcome: 'FORWARDED', packet: around(tos).encapsulating(frame) }) as const

    packetTest(`${name}: a new connection, and on`, {
      given,
      strip: [
        { sent: asked().tcp(40000, 80), expect: wrapped(asked().tcp(40000, 80)) },
        { sent: asked().tcp(40000, 80, 'PA').payload(999), expect: wrapped(asked().tcp(40000, 80, 'PA').payload(999)) },
        { sent: asked().udp(40000, 53).payload(12), expect: wrapped(asked().udp(40000, 53).payload(12)) },
      ],
    })

    packetTest(`${name}: the outer header has the inner one's class of service`, {
      given,
      sent: asked(0xb9).tcp(40000, 80),
      expect: wrapped(asked(0xb9).tcp(40000, 80), 0xb9),
    })

    packetTest(`${name}: what fits just so goes`, {
      given: [...given, mtu('in', 1500)],
      sent: filled(asked().udp(40000, 53), 1500 - overhead),
      expect: wrapped(filled(asked().udp(40000, 53), 1500 - overhead)),
    })

    packetTest(`${name}: what does not is answered with what would`, {
      given: [...given, mtu('in', 1500)],
      sent: filled(asked().udp(40000, 53), 1501 - overhead),
      expect: {
        outcome: 'ICMP_SENT',
        packet: icmpAnswer(family, 'too big', filled(asked().udp(40000, 53), 1501 - overhead), client, 1500 - overhead),
      },
    })

    const lost = around().encapsulating(asked().udp(40000, 53).payload(1400))
    const error = ethernet().ip(router, director)
    const tooBig =
      outer === 'IPv6' ? error.icmpv6(2, 0, { rest: 1400 }).quoting(lost, 48) : error.icmp(3, 4, { rest: 1400 }).quoting(lost, 28)

    packetTest(`${name}: an error from inside the tunnel is remembered for the server, though it quotes no client`, {
      given: [...given, mtu('in', 1500)],
      strip: [
        [
          asked()
            .udp(40000, 53)
            .payload(1390 - 28),
          `FORWARDED ${outer === 'IPv6' ? ':11' : '.11'}`,
        ],
        [tooBig, 'NOT_OURS'],
        {
          sent: filled(asked().udp(40000, 53), 1400),
          expect: {
            outcome: 'ICMP_SENT',
            packet: icmpAnswer(family, 'too big', filled(asked().udp(40000, 53), 1400), client, 1400 - overhead),
          },
        },
        {
          sent: filled(asked().udp(40000, 53), 1400 - overhead),
          expect: wrapped(filled(asked().udp(40000, 53), 1400 - overhead)),
        },
      ],
    })

    t.test(`${name}: scapy wraps 100 packets as the program does`, async (t) => {
      const program = usual()
      program.reset()
      program.configure(given)
      const frames = Array.from({ length: 100 }, (_, i) =>
        asked()
          .udp(1000 + i, 53)
          .payload(i * 11),
      )
      const change = { to: mac, from: DIRECTOR, outer: { source: director, destination: server, dontFragment: true } }
      t.same(
        frames.map((frame) => hex(program.send(frame).packet)),
        rewritten(frames.map((frame) => [frame, change])),
      )
    })
  }

/** With so much payload that the packet has `bytes` in all. */
function filled(frame: Frame, bytes: number): Frame {
  return frame.payload(bytes - frame.packet().length)
}

const { client, vip, server } = families.IPv4
const given = [service(endpoint(vip, 53), 'tun', { protocol: 'udp' }), realServer(server, mac), mtu('in', 1500)]

packetTest('what may be fragmented is, later: the outer header allows it, and is as long as it must be', {
  given,
  strip: [[ethernet().ipv4(client, vip).udp(40000, 53).payload(1400), 'FORWARDED .11']],
})

packetTest('a fragment goes through the tunnel of its first one', {
  given,
  strip: ethernet()
    .ipv4(client, vip)
    .udp(40000, 53)
    .payload(2000)
    .fragments(1400)
    .map((fragment) => [fragment, 'FORWARDED .11'] as const),
})

packetTest('the hops of the packet inside are its own', {
  given,
  strip: [[ethernet().ipv4(client, vip, { ttl: 1 }).udp(40000, 53), 'FORWARDED .11']],
})
