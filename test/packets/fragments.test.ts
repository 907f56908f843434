// SPDX-License-Identifier: Apache-2.0
// Fragments: the first bears the ports and is directed like any packet, later ones follow it; without it they are dropped by name.
import { endpoint } from './addresses.js'
import { forEachFamily } from './families.js'
import { DIRECTOR, ethernet, type Frame, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { packetTest, type Step } from './packet_test.js'

const mac = '02:00:00:00:00:11'
const otherMac = '02:00:00:00:00:12'
const server2 = (address: string) => realServer(address, otherMac)

forEachFamily((family, name) => {
  const { client, vip, server, otherServer, clients } = family
  const last = name === 'IPv6' ? ':' : '.'
  const datagram = (frame: Frame, from: number, to: number) => frame.udp(from, to).payload(3000)
  const dns = (method: 'dr' | 'nat') => service(endpoint(vip, 53), method, { protocol: 'udp' })
  const sent = (id = 1) => datagram(ethernet().ip(client, vip), 40000, 53).fragments(1480, id)

  /** Each fragment and what becomes of it, in the order of the first list. */
  const pairs = (from: readonly Frame[], to: readonly Frame[], outcome: 'FORWARDED' | 'REPLIED'): Step[] =>
    from.map((fragment, i) => ({ sent: fragment, expect: { outcome, packet: to[i] as Frame } }))

  packetTest(`${name}: direct routing sends all to one server`, {
    given: [dns('dr'), realServer(server, mac), server2(otherServer)],
    strip: pairs(
      sent(),
      sent().map((fragment) => fragment.sentTo(mac)),
      'FORWARDED',
    ),
  })

  packetTest(`${name}: NAT rewrites all of them, and the datagram is whole`, {
    given: [dns('nat'), realServer(endpoint(server, 5353), mac), clients],
    strip: pairs(sent(), datagram(ethernet(mac).ip(client, server, { hops: 63 }), 40000, 5353).fragments(1480, 1), 'FORWARDED'),
  })

  packetTest(`${name}: replies come in fragments as well`, {
    given: [dns('nat'), realServer(endpoint(server, 5353), mac), clients],
    strip: [
      [ethernet().ip(client, vip).udp(40000, 53)],
      ...pairs(
        datagram(ethernet(DIRECTOR, mac).ip(server, client), 5353, 40000).fragments(1480, 7),
        datagram(ethernet(ROUTER).ip(vip, client, { hops: 63 }), 53, 40000).fragments(1480, 7),
        'REPLIED',
      ),
    ],
  })

  const [first, second, third] = sent() as [Frame, Frame, Frame]

  packetTest(`${name}: a later fragment before its first is dropped, and follows it afterwards`, {
    given: [dns('dr'), realServer(server, mac)],
    strip: [
      [second, 'FRAGMENT'],
      [third, 'FRAGMENT'],
      [first, `FORWARDED ${last}11`],
      [third, `FORWARDED ${last}11`],
      [second, `FORWARDED ${last}11`],
      [second, `FORWARDED ${last}11`],
    ],
  })

  packetTest(`${name}: fragments of another datagram, client or protocol do not follow`, {
    given: [dns('dr'), realServer(server, mac), service(endpoint(vip, 53), 'dr'), realServer(server, mac)],
    strip: [
      [first, `FORWARDED ${last}11`],
      [
        datagram(ethernet().ip(client, vip), 40000, 53).fragments(1480, 2)[1] as Frame,
        name === 'IPv6' ? 'FRAGMENT' : `FORWARDED ${last}11`,
      ],
      [datagram(ethernet().ip(client.replace(/7$/, '8'), vip), 40000, 53).fragments(1480, 1)[1] as Frame, 'FRAGMENT'],
      [ethernet().ip(client, vip).tcp(40000, 53).payload(3000).fragments(1480, 1)[1] as Frame, 'FRAGMENT'],
    ],
  })

  packetTest(`${name}: a first fragment without a whole header is malformed, and nothing follows it`, {
    given: [service(endpoint(vip, 80), 'dr'), realServer(server, mac)],
    strip: ethernet()
      .ip(client, vip)
      .tcp(40000, 80)
      .payload(40)
      .fragments(8)
      .map((fragment, i): Step => [fragment, i === 0 ? 'MALFORMED' : 'FRAGMENT']),
  })

  packetTest(`${name}: TCP in fragments is a connection like any other`, {
    given: [service(endpoint(vip, 80), 'dr'), realServer(server, mac), server2(otherServer)],
    strip: [
      [ethernet().ip(client, vip).tcp(40000, 80), `FORWARDED ${last}11`],
      ...ethernet()
        .ip(client, vip)
        .tcp(40000, 80, 'A')
        .payload(2000)
        .fragments(512, 9)
        .map((fragment): Step => [fragment, `FORWARDED ${last}11`]),
    ],
  })

  packetTest(`${name}: what is for nobody here passes, with its later fragments`, {
    given: [dns('dr'), realServer(server, mac)],
    strip: ethernet()
      .ip(client, family.otherVip)
      .udp(40000, 53)
      .payload(3000)
      .fragments(1480)
      .map((fragment): Step => [fragment, 'NOT_OURS']),
  })
})
