// SPDX-License-Identifier: Apache-2.0
// Clients on the link: no router leads to them, and the kernel, which never saw their packets, may not know them. Replies go where
// requests came from.
import { endpoint } from './addresses.js'
import { forEachFamily, icmpError } from './families.js'
import { DIRECTOR, ethernet, type Frame } from './frame.js'
import { realServer, route, service, sources } from './given.js'
import { after, packetTest, type Step } from './packet_test.js'
import { poolOf } from './roles.js'

const mac = '02:00:00:00:00:11'
const NEIGHBOUR = '02:00:00:00:00:71'
const MOVED = '02:00:00:00:00:72'

forEachFamily((family, name) => {
  const { client, vip, server, director, clients } = family
  const isIpv6 = name === 'IPv6'
  const last = isIpv6 ? ':11' : '.11'
  const given = [service(endpoint(vip, 80), 'nat'), realServer(endpoint(server, 8080), mac)]
  const asked = (station = NEIGHBOUR, flags = 'S') => ethernet(DIRECTOR, station).ip(client, vip).tcp(40000, 80, flags)
  const answered = ethernet(DIRECTOR, mac).ip(server, client).tcp(8080, 40000, 'A')
  const heardAt = (station: string): Frame => ethernet(station).ip(vip, client, { hops: 63 }).tcp(80, 40000, 'A')
  const replied = (station: string): Step => ({ sent: answered, expect: { outcome: 'REPLIED', packet: heardAt(station) } })

  packetTest(`${name}: a reply goes to the station that its request came from`, {
    given,
    strip: [[asked()], replied(NEIGHBOUR), [asked(NEIGHBOUR, 'A')], replied(NEIGHBOUR)],
  })

  packetTest(`${name}: within a second it follows a client to another station`, {
    given,
    strip: [[asked()], replied(NEIGHBOUR), [asked(MOVED, 'A')], after(1), [asked(MOVED, 'A')], replied(MOVED)],
  })

  packetTest(`${name}: a new connection tells it at once`, {
    given,
    strip: [[asked()], [ethernet(DIRECTOR, MOVED).ip(client, vip).tcp(40001, 80)], replied(MOVED)],
  })

  packetTest(`${name}: where a router leads to the client, whoever sent the request does not matter`, {
    given: [...given, clients],
    strip: [[asked()], replied(clients.mac)],
  })

  packetTest(`${name}: a route for others leaves it where it is`, {
    given: [...given, route(isIpv6 ? '2001:db8:d::/64' : '203.0.113.0/24', '02:00:00:00:00:fd')],
    strip: [[asked()], replied(NEIGHBOUR)],
  })

  packetTest(`${name}: each client has a station of its own`, {
    given,
    strip: [
      [asked(NEIGHBOUR)],
      [ethernet(DIRECTOR, MOVED).ip(client.replace(/7$/, '8'), vip).tcp(40000, 80), `FORWARDED ${last}`],
      replied(NEIGHBOUR),
    ],
  })

  const quoted = ethernet().ip(client, server, { hops: 63 }).tcp(40000, 8080)
  const heard = ethernet().ip(client, vip, { hops: 63 }).tcp(40000, 80)
  packetTest(`${name}: a server's error, too`, {
    given,
    strip: [
      [asked()],
      {
        sent: icmpError(ethernet(DIRECTOR, mac).ip(server, client), 'unreachable', isIpv6).quoting(quoted),
        expect: {
          outcome: 'REPLIED',
          packet: icmpError(ethernet(NEIGHBOUR).ip(vip, client, { hops: 63 }), 'unreachable', isIpv6).quoting(heard),
        },
      },
    ],
  })

  packetTest(`${name}: in a VLAN`, {
    given,
    strip: [
      [ethernet(DIRECTOR, NEIGHBOUR).vlan(7).ip(client, vip).tcp(40000, 80)],
      {
        sent: ethernet(DIRECTOR, mac).vlan(7).ip(server, client).tcp(8080, 40000, 'A'),
        expect: {
          outcome: 'REPLIED',
          packet: ethernet(NEIGHBOUR).vlan(7).ip(vip, client, { hops: 63 }).tcp(80, 40000, 'A'),
        },
      },
    ],
  })

  packetTest(`${name}: a datagram's fragments`, {
    given: [service(endpoint(vip, 53), 'nat', { protocol: 'udp' }), realServer(endpoint(server, 5353), mac)],
    strip: [
      [ethernet(DIRECTOR, NEIGHBOUR).ip(client, vip).udp(40000, 53)],
      ...fragments(ethernet(DIRECTOR, mac).ip(server, client).udp(5353, 40000)).map((sent, i): Step => {
        const packet = fragments(ethernet(NEIGHBOUR).ip(vip, client, { hops: 63 }).udp(53, 40000))[i] as Frame
        return { sent, expect: { outcome: 'REPLIED', packet } }
      }),
    ],
  })

  packetTest(`${name}: full NAT`, {
    given: [sources(director), service(endpoint(vip, 80), 'fullnat'), realServer(endpoint(server, 8080), mac)],
    strip: [
      poolOf(1, 2000),
      [asked()],
      {
        sent: ethernet(DIRECTOR, mac).ip(server, director).tcp(8080, 2000, 'A'),
        expect: { outcome: 'REPLIED', packet: heardAt(NEIGHBOUR) },
      },
    ],
  })
})

function fragments(datagram: Frame): Frame[] {
  return datagram.payload(3000).fragments(1480, 5)
}
