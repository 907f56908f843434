// SPDX-License-Identifier: Apache-2.0
// The frames of these tests, against an implementation that is not ours: scapy takes lengths and checksums away and works them out
// anew; and against bytes that scapy once made by itself.
import t from 'tap'
import { CUSTOMER, ethernet, type Frame, PROVIDER, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { authentication, destinationOptions, fragmentHeader, hopByHop, routing } from './ipv6.js'
import { hex, reassembled, reread } from './oracle.js'
import { usual } from './packet_test.js'
import { chunkNames } from './transport.js'

const base = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const base6 = ethernet().ipv6('2001:db8:c::7', '2001:db8::1')
const options = Buffer.from([1, 1, 1, 0])
const server = ethernet('02:00:00:00:00:11')

const segment = base.tcp(40000, 80, 'PA').payload(600)
const segment6 = base6.tcp(40000, 80, 'PA').payload(600)
const reply = ethernet().ipv4('192.0.2.1', '198.51.100.7').udp(53, 40000).payload(600)
const reply6 = ethernet().ipv6('2001:db8::1', '2001:db8:c::7').udp(53, 40000).payload(600)

const ipv4 = {
  'TCP 198.51.100.7:40000 > 192.0.2.1:80 S, 0 bytes': base.tcp(40000, 80),
  'TCP 198.51.100.7:40000 > 192.0.2.1:80 PA, 101 bytes': base.tcp(40000, 80, 'PA').payload(101),
  'TCP 198.51.100.7:40000 > 192.0.2.1:80 FA, 3 bytes': base.tcp(40000, 80, 'FA', { options }).payload('odd'),
  'UDP 198.51.100.7:40000 > 192.0.2.1:9000, 1472 bytes': base.udp(40000, 9000).payload(1472),
  'UDP 198.51.100.7:1 > 192.0.2.1:2, 0 bytes': base.udp(1, 2),
  'UDP 198.51.100.7:1 > 192.0.2.1:2, 5 bytes': base.udp(1, 2, { checksum: 0 }).payload('plain'),
  'TCP 1.2.3.4:65535 > 255.0.0.1:1 SRU, 0 bytes': ethernet()
    .ipv4('1.2.3.4', '255.0.0.1', { options, ttl: 1, tos: 0xff, id: 0xffff, fragment: 0x4000 })
    .tcp(65535, 1, 'SRU', { sequence: 0xffff_ffff, acknowledged: 0xffff_ffff, window: 0xffff }),
  'SCTP 198.51.100.7:40000 > 192.0.2.1:2905, 20 bytes': base.sctp(40000, 2905),
  'SCTP 198.51.100.7:40000 > 192.0.2.1:2905, 24 bytes': base.sctp(40000, 2905, 'DATA').payload('padded'),
  'ICMP 198.51.100.7 > 192.0.2.1 8/0, 57 bytes': base.icmp(8, 0, { rest: 0x0007_0001 }).payload(57),
  'ICMP 203.0.113.1 > 192.0.2.1 3/4, 28 bytes': ethernet()
    .ipv4('203.0.113.1', '192.0.2.1')
    .icmp(3, 4, { rest: 1400 })
    .quoting(reply, 28),
  'ICMP 203.0.113.1 > 192.0.2.1 11/0, 628 bytes': ethernet().ipv4('203.0.113.1', '192.0.2.1').icmp(11).quoting(reply),
  'fragment at 0 of more: UDP 198.51.100.7:1 > 192.0.2.1:2, 40 bytes': base.udp(1, 2).payload(100).fragments(48)[0] as Frame,
  'fragment at 48 of more': base.udp(1, 2).payload(100).fragments(48)[1] as Frame,
  'fragment at 96': base.udp(1, 2).payload(100).fragments(48)[2] as Frame,
}

const ipv6 = {
  'TCP [2001:db8:c::7]:40000 > [2001:db8::1]:80 S, 0 bytes': base6.tcp(40000, 80),
  'TCP [2001:db8:c::7]:40000 > [2001:db8::1]:80 PA, 600 bytes': segment6,
  'UDP [2001:db8:c::7]:40000 > [2001:db8::1]:53, 9 bytes': base6.udp(40000, 53).payload(9),
  'UDP [2001:db8:c::7]:1 > [2001:db8::1]:2, 0 bytes': ethernet()
    .ipv6('2001:db8:c::7', '2001:db8::1', { hopLimit: 1, trafficClass: 0xff, flowLabel: 0xf_ffff })
    .udp(1, 2),
  'SCTP [2001:db8:c::7]:40000 > [2001:db8::1]:2905, 4 bytes': base6.sctp(40000, 2905, 'COOKIE_ACK'),
  'ICMPv6 2001:db8:c::7 > 2001:db8::1 128/0, 0 bytes': base6.icmpv6(128, 0, { rest: 0x0007_0001 }),
  'ICMPv6 2001:db8:f::1 > 2001:db8::1 2/0, 1232 bytes': ethernet()
    .ipv6('2001:db8:f::1', '2001:db8::1')
    .icmpv6(2, 0, { rest: 1400 })
    .quoting(reply6.payload(1400), 1232),
  'ICMPv6 2001:db8:f::1 > 2001:db8::1 1/4, 48 bytes': ethernet()
    .ipv6('2001:db8:f::1', '2001:db8::1')
    .icmpv6(1, 4)
    .quoting(reply6, 48),
  'hop-by-hop: destination options: UDP [2001:db8:c::7]:1 > [2001:db8::1]:2, 5 bytes': ethernet()
    .ipv6('2001:db8:c::7', '2001:db8::1', { extensions: [hopByHop(), destinationOptions(24)] })
    .udp(1, 2)
    .payload('hello'),
  'hop-by-hop: routing: destination options: TCP [2001:db8:c::7]:1 > [2001:db8::1]:2 S, 0 bytes': ethernet()
    .ipv6('2001:db8:c::7', '2001:db8::1', { extensions: [hopByHop(264), routing(), destinationOptions(512)] })
    .tcp(1, 2),
  // scapy looks no further
  authentication: ethernet()
    .ipv6('2001:db8:c::7', '2001:db8::1', { extensions: [authentication()] })
    .udp(1, 2),
  'fragment at 0 of more: UDP [2001:db8:c::7]:1 > [2001:db8::1]:2, 40 bytes': base6
    .udp(1, 2)
    .payload(100)
    .fragments(48)[0] as Frame,
  'fragment at 48 of more': base6.udp(1, 2).payload(100).fragments(48)[1] as Frame,
}

const tagged = {
  'VLAN 7: TCP 198.51.100.7:40000 > 192.0.2.1:80 S, 0 bytes': ethernet().vlan(7).ipv4('198.51.100.7', '192.0.2.1').tcp(40000, 80),
  'VLAN 100: VLAN 4094: UDP [2001:db8:c::7]:1 > [2001:db8::1]:2, 0 bytes': ethernet()
    .vlan(0xe064, PROVIDER)
    .vlan(4094, CUSTOMER)
    .ipv6('2001:db8:c::7', '2001:db8::1')
    .udp(1, 2),
}

const tunnels = {
  'tunnel 10.0.0.1 > 10.0.0.11: TCP 198.51.100.7:40000 > 192.0.2.1:80 PA, 600 bytes': server
    .ipv4('10.0.0.1', '10.0.0.11', { id: 0 })
    .encapsulating(segment),
  'tunnel 10.0.0.1 > 10.0.0.11: TCP [2001:db8:c::7]:40000 > [2001:db8::1]:80 PA, 600 bytes': server
    .ipv4('10.0.0.1', '10.0.0.11')
    .encapsulating(segment6),
  'tunnel fd00::1 > fd00::11: TCP 198.51.100.7:40000 > 192.0.2.1:80 PA, 600 bytes': server
    .ipv6('fd00::1', 'fd00::11')
    .encapsulating(segment),
  'tunnel fd00::1 > fd00::11: TCP [2001:db8:c::7]:40000 > [2001:db8::1]:80 PA, 600 bytes': server
    .ipv6('fd00::1', 'fd00::11')
    .encapsulating(segment6),
}

/** By scapy 2.5.0: `Ether(…)/IP(…)/TCP(…)`; beside it, how it is said here. */
const golden = {
  '0200000000010200000000fe0800450000281234000040067c60c6336407c00002019c400050000003e80000000050022000032e0000': base.tcp(
    40000,
    80,
  ),
  '0200000000010200000000fe0800450000261234000040117c57c6336407c00002019c4000350012927377686f2069732069743f': base
    .udp(40000, 53)
    .payload('who is it?'),
  '0200000000fe0200000000010800450000280000400040064e94c0000201c633640700509c40000000000000040a5014000022fa0000': ethernet(ROUTER)
    .ipv4('192.0.2.1', '198.51.100.7', { id: 0, fragment: 0x4000 })
    .tcp(80, 40000, 'RA', { sequence: 0, acknowledged: 1034, window: 0 }),
}

t.test('frames that scapy once made', async (t) => {
  for (const [bytes, frame] of Object.entries(golden)) t.equal(hex(frame), bytes)
})

for (const [kind, frames] of Object.entries({ ipv4, ipv6, tagged, tunnels }))
  t.test(`scapy reads our frames as they are meant, and makes the same bytes of them: ${kind}`, async (t) => {
    const expected = Object.entries(frames).map(([text, frame]) => ({ text, frame: hex(frame) }))
    t.same(reread(Object.values(frames)), expected)
  })

t.test('and so it does of a UDP checksum that would be 0, and of 300 payloads', async (t) => {
  const many = [base, base6].flatMap((frame) =>
    Array.from({ length: 300 }, (_, i) => frame.udp(40000, 80).payload(Buffer.from([i >> 8, i, 0x5a, i * 31]))),
  )
  const zeros = [base, base6].map((frame) => {
    // The word that makes up what is missing to 0xffff.
    const plain = frame
      .udp(40000, 80)
      .payload(Buffer.from([0, 0]))
      .packet()
    const zero = frame.udp(40000, 80).payload(plain.subarray(-4, -2))
    t.equal(zero.packet().readUInt16BE(zero.packet().length - 4), 0xffff)
    return zero
  })
  const all = [...many, ...zeros]
  t.same(
    reread(all).map(({ frame }) => frame),
    all.map(hex),
  )
})

t.test('and of every SCTP chunk', async (t) => {
  const all = chunkNames.map((chunk) => base.sctp(1, 2, chunk, { tag: 0x0102_0304 }).payload(chunk === 'DATA' ? 32 : 0))
  t.same(
    reread(all).map(({ frame }) => frame),
    all.map(hex),
  )
})

t.test('scapy puts fragments together to the datagram that they were', async (t) => {
  const datagrams = [
    base.udp(1, 2).payload(3000),
    base.tcp(1, 2).payload(777),
    base6.udp(1, 2).payload(3000),
    base6.icmpv6(128).payload(2001),
  ]
  for (const size of [8, 512, 1480])
    t.same(
      reassembled(datagrams.map((datagram) => datagram.fragments(size))).map(({ text }) => text),
      reread(datagrams).map(({ text }) => text),
    )
})

t.test('extension headers up to the routing header are in every fragment', async (t) => {
  const [first, second] = ethernet()
    .ipv6('2001:db8:c::7', '2001:db8::1', { extensions: [hopByHop(), destinationOptions(), routing(), destinationOptions(16)] })
    .udp(1, 2)
    .payload(32)
    .fragments(32)
  const kept = (more: boolean, offset: number) => ({
    extensions: [hopByHop(), destinationOptions(), routing(), fragmentHeader({ more, offset })],
  })
  const cut = ethernet()
    .ipv6('2001:db8:c::7', '2001:db8::1', { extensions: [destinationOptions(16)] })
    .udp(1, 2)
    .payload(32)
  const content = cut.packet().subarray(40)
  t.equal(
    hex(first as Frame),
    hex(
      ethernet()
        .ipv6('2001:db8:c::7', '2001:db8::1', { ...kept(true, 0), protocol: 60 })
        .payload(content.subarray(0, 32)),
    ),
  )
  t.equal(
    hex(second as Frame),
    hex(
      ethernet()
        .ipv6('2001:db8:c::7', '2001:db8::1', { ...kept(false, 32), protocol: 60 })
        .payload(content.subarray(32)),
    ),
  )
})

t.test('scapy finds nothing wrong with the RSTs of the program', async (t) => {
  const director = usual()
  director.configure([service('192.0.2.1:80'), realServer('10.0.0.11', '02:00:00:00:00:11')])
  const strays = Array.from({ length: 200 }, (_, i) =>
    ethernet()
      .ipv4(`198.51.${i}.7`, '192.0.2.1')
      .tcp(i * 300 + 1, 80, i % 2 ? 'A' : 'F', {
        sequence: i * 21_474_836,
        acknowledged: i % 2 ? 4_294_967_295 - i * 19_088_743 : 0,
      }),
  )
  const answers = strays.map((frame) => director.send(frame)).map(({ packet }) => packet)
  const found = reread(answers)
  t.same(
    found.map(({ frame }) => frame),
    answers.map(hex),
  )
  t.equal(found[1]?.text, 'TCP 192.0.2.1:80 > 198.51.1.7:301 R, 0 bytes')
  t.equal(found[2]?.text, 'TCP 192.0.2.1:80 > 198.51.2.7:601 RA, 0 bytes')
})
