// SPDX-License-Identifier: Apache-2.0
// Scapy's rewriting, by which packet tests judge the program, says the same as the frames that they expect.
import t, { type Test } from 'tap'
import { DIRECTOR, ethernet, type Frame } from './frame.js'
import { type Change, hex, rewritten } from './oracle.js'

const client = '198.51.100.7'
const vip = '192.0.2.1'
const server = '10.0.0.11'
const client6 = '2001:db8:c::7'
const vip6 = '2001:db8::1'
const server6 = 'fd00::11'
const mac = '02:00:00:00:00:11'

const request: Change = { to: mac, from: DIRECTOR, hops: 1, destination: server, destinationPort: 8080 }
const request6: Change = { ...request, destination: server6 }
const asked = ethernet().ipv4(client, vip)
const asked6 = ethernet().ipv6(client6, vip6)
const got = ethernet(mac).ipv4(client, server, { ttl: 63 })
const got6 = ethernet(mac).ipv6(client6, server6, { hopLimit: 63 })

type Case = readonly [sent: Frame | Buffer, change: Change, expected: Frame]

const nat: Readonly<Record<string, Case>> = {
  TCP: [asked.tcp(40000, 80).payload(7), request, got.tcp(40000, 8080).payload(7)],
  UDP: [asked.udp(40000, 80).payload(7), request, got.udp(40000, 8080).payload(7)],
  'UDP without a checksum': [
    asked.udp(40000, 80, { checksum: 0 }),
    request,
    ethernet(mac).ipv4(client, server, { ttl: 63 }).udp(40000, 8080, { checksum: 0 }),
  ],
  'TCP over IPv6': [asked6.tcp(40000, 80).payload(7), request6, got6.tcp(40000, 8080).payload(7)],
  'UDP over IPv6': [asked6.udp(40000, 80).payload(7), request6, got6.udp(40000, 8080).payload(7)],
  'a reply': [
    ethernet().ipv4(server, client).tcp(8080, 40000, 'SA'),
    { to: mac, from: DIRECTOR, hops: 1, source: vip, sourcePort: 80 },
    ethernet(mac).ipv4(vip, client, { ttl: 63 }).tcp(80, 40000, 'SA'),
  ],
  'a VLAN': [
    ethernet().vlan(7).ipv4(client, vip).tcp(40000, 80),
    request,
    ethernet(mac).vlan(7).ipv4(client, server, { ttl: 63 }).tcp(40000, 8080),
  ],
}

const answer = (from: string) => ethernet().ipv4(from, client, { ttl: 60 })
const answer6 = (from: string) => ethernet().ipv6(from, client6, { hopLimit: 60 })

/** What came back from the client's side about a packet of 128 bytes or more, cut to each length. */
function quoting(length: number): readonly Case[] {
  const quoted = { source: server, sourcePort: 8080 }
  const quoted6 = { source: server6, sourcePort: 8080 }
  return [
    [
      asked.icmp(3, 3).quoting(answer(vip).udp(80, 40000).payload(100), length),
      { ...request, quoted: { ...quoted, whole: answer(vip).udp(80, 40000).payload(100) } },
      got.icmp(3, 3).quoting(answer(server).udp(8080, 40000).payload(100), length),
    ],
    [
      asked.icmp(3, 4, { rest: 1400 }).quoting(answer(vip).tcp(80, 40000).payload(100), length),
      { ...request, quoted: { ...quoted, whole: answer(vip).tcp(80, 40000).payload(100) } },
      got.icmp(3, 4, { rest: 1400 }).quoting(answer(server).tcp(8080, 40000).payload(100), length),
    ],
    [
      asked6.icmpv6(2, 0, { rest: 1400 }).quoting(answer6(vip6).tcp(80, 40000).payload(100), length + 20),
      { ...request6, quoted: { ...quoted6, whole: answer6(vip6).tcp(80, 40000).payload(100) } },
      got6.icmpv6(2, 0, { rest: 1400 }).quoting(answer6(server6).tcp(8080, 40000).payload(100), length + 20),
    ],
  ]
}

const outers = [
  {
    outer: { source: '10.0.0.1', destination: server, ttl: 61, tos: 8, dontFragment: true },
    frame: ethernet(mac).ipv4('10.0.0.1', server, { ttl: 61, tos: 8, id: 0, fragment: 0x4000 }),
  },
  {
    outer: { source: 'fd00::1', destination: server6, ttl: 61, tos: 8 },
    frame: ethernet(mac).ipv6('fd00::1', server6, { hopLimit: 61, trafficClass: 8 }),
  },
]

/** The padding of a short frame stays behind. */
const tunnels: readonly Case[] = outers.flatMap(({ outer, frame }) =>
  [asked.udp(40000, 80).payload(3), asked6.tcp(40000, 80)].flatMap((inner) =>
    [inner.bytes(), inner.padded(100)].map(
      (sent): Case => [sent, { to: mac, from: DIRECTOR, outer }, frame.encapsulating(inner)],
    ),
  ),
)

function check(t: Test, cases: readonly Case[]): void {
  t.same(
    rewritten(cases.map(([sent, change]) => [sent, change])),
    cases.map(([, , expected]) => hex(expected)),
  )
}

t.test('NAT', async (t) => check(t, Object.values(nat)))
t.test('errors and what they quote', async (t) => check(t, [28, 36, 48, 128].flatMap(quoting)))
t.test('tunnels', async (t) => check(t, tunnels))
t.test('a fragment is refused: its checksum is about what is not there', async (t) => {
  const [first] = asked.udp(40000, 80).payload(100).fragments(48)
  t.throws(() => rewritten([[first as Frame, request]]))
})
