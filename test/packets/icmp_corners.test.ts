// SPDX-License-Identifier: Apache-2.0
// ICMP errors that are not as plain as most: behind extension headers, about fragments, in pieces themselves, about listeners of many
// addresses and ports.
import { endpoint } from './addresses.js'
import { families, forEachFamily, icmpError } from './families.js'
import { DIRECTOR, ethernet, type Frame, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { destinationOptions, fragmentHeader, hopByHop } from './ipv6.js'
import { packetTest, type Step } from './packet_test.js'

const mac = '02:00:00:00:00:11'

forEachFamily((family, name) => {
  const { client, vip, otherVip, server, router, clients } = family
  const isIpv6 = name === 'IPv6'
  const last = isIpv6 ? ':11' : '.11'
  const a = realServer(endpoint(server, 5353), mac)
  const nat = [service(endpoint(vip, 53), 'nat', { protocol: 'udp' }), a, clients]
  const opens: Step = [ethernet().ip(client, vip).udp(40000, 53)]
  const tooBig = (quoted: Frame, bytes?: number) =>
    icmpError(ethernet().ip(router, vip), 'too big', isIpv6).quoting(quoted, bytes)
  const toServer = (quoted: Frame, bytes?: number) =>
    icmpError(ethernet(mac).ip(router, server, { hops: 63 }), 'too big', isIpv6).quoting(quoted, bytes)
  const answer = ethernet().ip(vip, client).udp(53, 40000).payload(3000).fragments(1480)
  const serversAnswer = ethernet().ip(server, client).udp(5353, 40000).payload(3000).fragments(1480)
  const piece = (pieces: readonly Frame[], number: number) => pieces[number] as Frame

  packetTest(`${name}: about a first fragment, which is how a long datagram learns of its path`, {
    given: nat,
    strip: [
      opens,
      ...[60, 100, undefined].map(
        (bytes): Step => ({
          sent: tooBig(piece(answer, 0), bytes),
          expect: { outcome: 'FORWARDED', packet: toServer(piece(serversAnswer, 0), bytes) },
        }),
      ),
    ],
  })

  packetTest(`${name}: of a server about a client's first fragment`, {
    given: nat,
    strip: [
      opens,
      {
        sent: icmpError(ethernet(DIRECTOR, mac).ip(server, client), 'time exceeded', isIpv6).quoting(
          piece(ethernet().ip(client, server).udp(40000, 5353).payload(3000).fragments(1480), 0),
        ),
        expect: {
          outcome: 'REPLIED',
          packet: icmpError(ethernet(ROUTER).ip(vip, client, { hops: 63 }), 'time exceeded', isIpv6).quoting(
            piece(ethernet().ip(client, vip).udp(40000, 53).payload(3000).fragments(1480), 0),
          ),
        },
      },
    ],
  })

  packetTest(`${name}: about a later fragment, whose ports nobody knows, it is the kernel's`, {
    given: nat,
    strip: [opens, [tooBig(piece(answer, 1)), 'NOT_OURS'], [tooBig(piece(answer, 2)), 'NOT_OURS']],
  })

  packetTest(`${name}: one in pieces is the kernel's`, {
    given: nat,
    strip: [
      opens,
      ...tooBig(piece(answer, 0))
        .fragments(400)
        .map((fragment): Step => [fragment, 'NOT_OURS']),
    ],
  })

  packetTest(`${name}: about a port of a range`, {
    given: [service(endpoint(vip, 0).replace(/0$/, '8000-8100'), 'nat'), realServer(server, mac), clients],
    strip: [
      [ethernet().ip(client, vip).tcp(40000, 8005)],
      {
        sent: tooBig(ethernet().ip(vip, client).tcp(8005, 40000, 'A')),
        expect: { outcome: 'FORWARDED', packet: toServer(ethernet().ip(server, client).tcp(8005, 40000, 'A')) },
      },
      [tooBig(ethernet().ip(vip, client).tcp(8006, 40000, 'A')), 'NOT_OURS'],
      {
        sent: icmpError(ethernet(DIRECTOR, mac).ip(server, client), 'unreachable', isIpv6).quoting(
          ethernet().ip(client, server).tcp(40000, 8005),
        ),
        expect: {
          outcome: 'REPLIED',
          packet: icmpError(ethernet(ROUTER).ip(vip, client, { hops: 63 }), 'unreachable', isIpv6).quoting(
            ethernet().ip(client, vip).tcp(40000, 8005),
          ),
        },
      },
    ],
  })

  packetTest(`${name}: about an address of a network`, {
    given: [service(isIpv6 ? '[2001:db8::/64]:80' : '192.0.2.0/24:80', 'dr'), realServer(server, mac)],
    strip: [
      [ethernet().ip(client, otherVip).tcp(40000, 80)],
      [
        icmpError(ethernet().ip(router, otherVip), 'too big', isIpv6).quoting(ethernet().ip(otherVip, client).tcp(80, 40000)),
        `FORWARDED ${last}`,
      ],
    ],
  })
})

const { client, vip, server, router, clients } = families.IPv6
const web = service(endpoint(vip, 80), 'nat')

for (const [what, extensions] of Object.entries({
  'hop-by-hop options': [hopByHop()],
  'several headers': [hopByHop(24), destinationOptions(), fragmentHeader()],
}))
  packetTest(`an error behind ${what} is one`, {
    given: [web, realServer(endpoint(server, 8080), mac), clients],
    strip: [
      [ethernet().ipv6(client, vip).tcp(40000, 80)],
      {
        sent: icmpError(ethernet().ipv6(router, vip, { extensions }), 'too big', true).quoting(
          ethernet().ipv6(vip, client).tcp(80, 40000, 'A'),
        ),
        expect: {
          outcome: 'FORWARDED',
          packet: icmpError(ethernet(mac).ipv6(router, server, { extensions, hopLimit: 63 }), 'too big', true).quoting(
            ethernet().ipv6(server, client).tcp(8080, 40000, 'A'),
          ),
        },
      },
    ],
  })

packetTest('about a packet with options before its ports it is the kernel’s', {
  given: [web, realServer(endpoint(server, 8080), mac), clients],
  strip: [
    [ethernet().ipv6(client, vip).tcp(40000, 80)],
    [
      icmpError(ethernet().ipv6(router, vip), 'too big', true).quoting(
        ethernet()
          .ipv6(vip, client, { extensions: [destinationOptions()] })
          .tcp(80, 40000, 'A'),
      ),
      'NOT_OURS',
    ],
  ],
})
