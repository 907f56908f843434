// SPDX-License-Identifier: Apache-2.0
// VLAN tags are kept: what is under one or two of them is treated as if they were not there.
import { endpoint } from './addresses.js'
import { forEachFamily, icmpAnswer, icmpError } from './families.js'
import { CUSTOMER, DIRECTOR, ethernet, type Frame, PROVIDER, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { type Exchange, packetTest } from './packet_test.js'

const mac = '02:00:00:00:00:11'

type Tagging = (frame: Frame) => Frame

/** Priority and all: the whole words. */
const taggings: Readonly<Record<string, Tagging>> = {
  'a VLAN': (frame) => frame.vlan(0x2007),
  "a provider's VLAN": (frame) => frame.vlan(100, PROVIDER),
  'a VLAN in another': (frame) => frame.vlan(100, PROVIDER).vlan(7),
  'two tags of one kind': (frame) => frame.vlan(100).vlan(7, CUSTOMER),
  'a priority without a VLAN': (frame) => frame.vlan(0xe000),
}

forEachFamily((family, name) => {
  const { client, vip, server, director, router, clients } = family

  for (const [what, tagged] of Object.entries(taggings)) {
    const asked = (hops = 64) => tagged(ethernet()).ip(client, vip, { hops })

    packetTest(`${name}, ${what}: direct routing`, {
      given: [service(endpoint(vip, 80)), realServer(server, mac)],
      sent: asked().tcp(40000, 80).payload(30),
      expect: { outcome: 'FORWARDED', packet: asked().tcp(40000, 80).payload(30).sentTo(mac) },
    })

    packetTest(`${name}, ${what}: NAT, there and back`, {
      given: [service(endpoint(vip, 80), 'nat'), realServer(endpoint(server, 8080), mac), clients],
      strip: [
        {
          sent: asked().tcp(40000, 80),
          expect: { outcome: 'FORWARDED', packet: tagged(ethernet(mac)).ip(client, server, { hops: 63 }).tcp(40000, 8080) },
        },
        {
          sent: tagged(ethernet(DIRECTOR, mac)).ip(server, client).tcp(8080, 40000, 'SA'),
          expect: { outcome: 'REPLIED', packet: tagged(ethernet(ROUTER)).ip(vip, client, { hops: 63 }).tcp(80, 40000, 'SA') },
        },
      ],
    })

    packetTest(`${name}, ${what}: a tunnel is inside the tags`, {
      given: [service(endpoint(vip, 80), 'tun'), realServer(server, mac)],
      sent: dontFragment(tagged(ethernet()), client, vip).tcp(40000, 80),
      expect: {
        outcome: 'FORWARDED',
        packet: dontFragment(tagged(ethernet(mac)), director, server, 0).encapsulating(
          dontFragment(ethernet(), client, vip).tcp(40000, 80),
        ),
      },
    })

    packetTest(`${name}, ${what}: answers are tagged as well`, {
      given: [service(endpoint(vip, 80), 'nat'), realServer(server, mac), clients],
      strip: [
        {
          sent: asked(1).tcp(40000, 80),
          expect: {
            outcome: 'ICMP_SENT',
            packet: tagged(icmpAnswer(family, 'time exceeded', ethernet().ip(client, vip, { hops: 1 }).tcp(40000, 80))),
          },
        },
        [asked().tcp(40001, 80, 'A'), 'RESET_SENT'],
      ],
    })

    packetTest(`${name}, ${what}: a fragment follows its first one`, {
      given: [service(endpoint(vip, 53), { protocol: 'udp' }), realServer(server, mac)],
      strip: asked()
        .udp(40000, 53)
        .payload(2000)
        .fragments(1480)
        .map((fragment) => ({ sent: fragment, expect: { outcome: 'FORWARDED', packet: fragment.sentTo(mac) } })),
    })

    packetTest(`${name}, ${what}: fragments through NAT, there and back`, {
      given: [service(endpoint(vip, 53), 'nat', { protocol: 'udp' }), realServer(endpoint(server, 5353), mac), clients],
      strip: [
        ...pairs(asked().udp(40000, 53), tagged(ethernet(mac)).ip(client, server, { hops: 63 }).udp(40000, 5353), 'FORWARDED'),
        ...pairs(
          tagged(ethernet(DIRECTOR, mac)).ip(server, client).udp(5353, 40000),
          tagged(ethernet(ROUTER)).ip(vip, client, { hops: 63 }).udp(53, 40000),
          'REPLIED',
        ),
      ],
    })

    const isIpv6 = name === 'IPv6'
    packetTest(`${name}, ${what}: an error reaches the NAT server`, {
      given: [service(endpoint(vip, 80), 'nat'), realServer(endpoint(server, 8080), mac), clients],
      strip: [
        [asked().tcp(40000, 80)],
        {
          sent: icmpError(tagged(ethernet()).ip(router, vip), 'too big', isIpv6).quoting(
            ethernet().ip(vip, client).tcp(80, 40000, 'A'),
          ),
          expect: {
            outcome: 'FORWARDED',
            packet: icmpError(tagged(ethernet(mac)).ip(router, server, { hops: 63 }), 'too big', isIpv6).quoting(
              ethernet().ip(server, client).tcp(8080, 40000, 'A'),
            ),
          },
        },
      ],
    })

    packetTest(`${name}, ${what}: what is not ours passes as it is`, {
      given: [service(endpoint(vip, 80)), realServer(server, mac)],
      sent: asked().tcp(40000, 22),
      expect: { outcome: 'NOT_OURS', packet: asked().tcp(40000, 22) },
    })
  }

  packetTest(`${name}: under three tags nobody looks`, {
    given: [service(endpoint(vip, 80)), realServer(server, mac)],
    sent: ethernet().vlan(1, PROVIDER).vlan(2).vlan(3).ip(client, vip).tcp(40000, 80),
    expect: { outcome: 'NOT_IP' },
  })
})

/** A long datagram's pieces, one by one, and what each becomes. */
function pairs(sent: Frame, received: Frame, outcome: 'FORWARDED' | 'REPLIED'): Exchange[] {
  const pieces = received.payload(3000).fragments(1480)
  return sent
    .payload(3000)
    .fragments(1480)
    .map((fragment, i) => ({ sent: fragment, expect: { outcome, packet: pieces[i] as Frame } }))
}

function dontFragment(frame: Frame, from: string, to: string, id = 0x1234): Frame {
  return from.includes(':') ? frame.ipv6(from, to) : frame.ipv4(from, to, { fragment: 0x4000, id })
}
