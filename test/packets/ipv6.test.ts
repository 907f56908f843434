// SPDX-License-Identifier: Apache-2.0
// IPv6 in direct routing: forwarded as it is, extension headers walked to a bound, and what is broken treated as IPv4's is.
import { ethernet, type Frame, ROUTER } from './frame.js'
import { realServer, service } from './given.js'
import { authentication, destinationOptions, type Extension, fragmentHeader, hopByHop, routing } from './ipv6.js'
import { packetTest } from './packet_test.js'
import type { ExpectedOutcome } from './verdict.js'

const client = '2001:db8:c::7'
const vip = '2001:db8::1'
const mac = '02:00:00:00:00:11'
const a = realServer('fd00::11', mac)
const web = service('[2001:db8::1]:80')
const given = [
  web,
  a,
  service('[2001:db8::1]:53', { protocol: 'udp' }),
  a,
  service('[2001:db8::1]:2905', { protocol: 'sctp' }),
  a,
]
const base = ethernet().ipv6(client, vip)

const forwarded: Readonly<Record<string, Frame>> = {
  TCP: base.tcp(40000, 80),
  UDP: base.udp(40000, 53).payload(1),
  SCTP: base.sctp(40000, 2905),
  'traffic class, flow label and the last hop': ethernet()
    .ipv6(client, vip, { trafficClass: 0xb8, flowLabel: 0xabcde, hopLimit: 1 })
    .tcp(40000, 80),
  'a jumbo frame': base.tcp(40000, 80).payload(8900),
}

for (const [what, frame] of Object.entries(forwarded))
  packetTest(`direct routing changes only the MAC addresses: ${what}`, {
    given,
    sent: frame,
    expect: { outcome: 'FORWARDED', packet: frame.sentTo(mac) },
  })

packetTest('a connection goes on, and another service is another', {
  given,
  strip: [
    [base.tcp(40000, 80), 'FORWARDED :11', 'SYN_RECEIVED?'],
    [base.tcp(40000, 80, 'A'), 'FORWARDED :11', 'ESTABLISHED?'],
    [base.udp(40000, 53), 'FORWARDED :11', 'UDP?'],
    [base.tcp(40000, 81), 'NOT_OURS', '-'],
  ],
})

packetTest('clients that differ in any byte are others', {
  given: [web, a, realServer('fd00::12', '02:00:00:00:00:12')],
  strip: [
    [ethernet().ipv6('2001:db8:c::7', vip).tcp(40000, 80), 'FORWARDED :11'],
    [ethernet().ipv6('2001:db8:c::8', vip).tcp(40000, 80), 'FORWARDED :12'],
    [ethernet().ipv6('2001:db8:c:1::7', vip).tcp(40000, 80), 'FORWARDED :11'],
    [ethernet().ipv6('2001:db9:c::7', vip).tcp(40000, 80), 'FORWARDED :12'],
    [ethernet().ipv6('2001:db8:c::7', vip).tcp(40000, 80, 'A'), 'FORWARDED :11'],
    [ethernet().ipv6('2001:db8:c::8', vip).tcp(40000, 80, 'A'), 'FORWARDED :12'],
  ],
})

packetTest('a stray segment is answered', {
  given,
  sent: base.tcp(40000, 80, 'A', { acknowledged: 7777 }),
  expect: {
    outcome: 'RESET_SENT',
    packet: ethernet(ROUTER).ipv6(vip, client).tcp(80, 40000, 'R', { sequence: 7777, acknowledged: 0, window: 0 }),
  },
})

packetTest('what was sent without ACK is acknowledged, extension headers do not count', {
  given,
  sent: ethernet()
    .ipv6(client, vip, { extensions: [destinationOptions(24)] })
    .tcp(40000, 80, 'F')
    .payload(5),
  expect: {
    outcome: 'RESET_SENT',
    packet: ethernet(ROUTER).ipv6(vip, client).tcp(80, 40000, 'RA', { sequence: 0, acknowledged: 1006, window: 0 }),
  },
})

/** Extension headers in a row, and what becomes of TCP behind them. */
const headers: Readonly<Record<string, readonly [extensions: readonly Extension[], outcome: ExpectedOutcome]>> = {
  'hop-by-hop options': [[hopByHop()], 'FORWARDED'],
  'destination options': [[destinationOptions(40)], 'FORWARDED'],
  'a routing header that is done': [[routing(0)], 'FORWARDED'],
  'a routing header with segments left': [[routing(1)], 'EXTENSION_HEADERS'],
  'authentication, which direct routing keeps': [[authentication()], 'FORWARDED'],
  'a fragment that is whole': [[fragmentHeader()], 'FORWARDED'],
  'all of them': [
    [hopByHop(), destinationOptions(), routing(), fragmentHeader(), authentication(), destinationOptions()],
    'FORWARDED',
  ],
  'eight of them': [Array(8).fill(destinationOptions()), 'FORWARDED'],
  'nine of them': [Array(9).fill(destinationOptions()), 'EXTENSION_HEADERS'],
  'up to the bound in length': [[hopByHop(248), destinationOptions(256)], 'FORWARDED'],
  'longer than the bound': [[hopByHop(256), destinationOptions(264)], 'EXTENSION_HEADERS'],
}

for (const [what, [extensions, outcome]] of Object.entries(headers)) {
  const sent = ethernet().ipv6(client, vip, { extensions }).tcp(40000, 80)
  packetTest(`${what}: ${outcome}`, {
    given,
    sent,
    expect: outcome === 'FORWARDED' ? { outcome, packet: sent.sentTo(mac) } : { outcome },
  })
}

packetTest('as many headers for nobody here pass', {
  given,
  sent: ethernet()
    .ipv6(client, '2001:db8::9', { extensions: Array(9).fill(destinationOptions()) })
    .tcp(40000, 80),
  expect: { outcome: 'NOT_OURS' },
})

/** Offsets count from IPv6's header, which has 40 bytes. */
const syn = base.tcp(40000, 80).payload(20)
const query = base.udp(40000, 53).payload(20)
const broken: Readonly<Record<string, readonly [frame: Buffer, outcome: ExpectedOutcome]>> = {
  'version 4': [syn.with(0, 0x40), 'BROKEN_IP_HEADER'],
  'version 0': [syn.with(0, 0x00), 'BROKEN_IP_HEADER'],
  'payload length 1 too long': [syn.with(4, 0, 41), 'BROKEN_IP_HEADER'],
  'payload length 65535': [syn.with(4, 0xff, 0xff), 'BROKEN_IP_HEADER'],
  'payload length 0: nothing in it': [syn.with(4, 0, 0), 'MALFORMED'],
  'payload length 3: half of the ports': [syn.with(4, 0, 3), 'MALFORMED'],
  'payload length 19: not all of TCP': [syn.with(4, 0, 19), 'MALFORMED'],
  'payload length 20: TCP without data': [syn.with(4, 0, 20), 'FORWARDED'],
  'no next header': [syn.with(6, 59), 'NOT_OURS'],
  'an encrypted payload': [syn.with(6, 50), 'NOT_OURS'],
  'a TCP header that is too short': [syn.with(40 + 12, 0x40), 'MALFORMED'],
  'a TCP header beyond the packet': [syn.with(40 + 12, 0xb0), 'MALFORMED'],
  'a UDP length that is too short': [query.with(40 + 4, 0, 7), 'MALFORMED'],
  'a UDP length beyond the packet': [query.with(40 + 4, 0, 29), 'MALFORMED'],
  'cut off in its header': [syn.bytes().subarray(0, 14 + 39), 'BROKEN_IP_HEADER'],
  'cut off behind extension headers': [
    ethernet()
      .ipv6(client, vip, { extensions: Array(9).fill(destinationOptions()) })
      .tcp(40000, 80)
      .bytes()
      .subarray(0, 90),
    'BROKEN_IP_HEADER',
  ],
  'a header that leads beyond the packet': [
    ethernet()
      .ipv6(client, vip, { extensions: [destinationOptions()] })
      .tcp(40000, 80)
      .with(41, 40),
    'EXTENSION_HEADERS',
  ],
}

for (const [what, [sent, outcome]] of Object.entries(broken)) packetTest(what, { given, sent, expect: { outcome } })

packetTest('neighbour discovery and pings are the kernel’s', {
  given,
  strip: [
    [ethernet().ipv6(client, vip).icmpv6(128, 0, { rest: 1 }).payload(56), 'NOT_OURS'],
    [ethernet('33:33:ff:00:00:01', ROUTER).ipv6(client, 'ff02::1:ff00:1', { hopLimit: 255 }).icmpv6(135), 'NOT_UNICAST'],
    [ethernet().ipv6(client, vip, { hopLimit: 255 }).icmpv6(136), 'NOT_OURS'],
  ],
})
