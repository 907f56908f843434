// SPDX-License-Identifier: Apache-2.0
// Every outcome, reached by a packet at least; the compiler and a test see to it that none is left out.
import t from 'tap'
import { Outcome } from '../../src/abi/layout.js'
import { DIRECTOR, ethernet, type Frame, otherFrame, PROVIDER } from './frame.js'
import { type Given, mtu, realServer, route, service, sources } from './given.js'
import { destinationOptions, type Extension, routing } from './ipv6.js'
import { configured, type Event, packetTest, type Row } from './packet_test.js'
import { becomesPassive, poolOf } from './roles.js'
import { stations } from './scene.js'
import type { OutcomeName } from './verdict.js'

const vip = '192.0.2.1'
const web = service('192.0.2.1:80')
const dns = service('192.0.2.1:53', { protocol: 'udp' })
const a = realServer('10.0.0.11', '02:00:00:00:00:11')
const b = realServer('10.0.0.12', '02:00:00:00:00:12')
const onOther = realServer('10.0.0.11', '02:00:00:00:00:11', { on: 'other' })
const onGone = realServer('10.0.0.11', '02:00:00:00:00:11', { on: 'gone' })
const silent = realServer('10.0.0.11', null)
const nat = service('192.0.2.1:80', 'nat')
const natDns = service('192.0.2.1:53', 'nat', { protocol: 'udp' })
const full = service('192.0.2.1:80', 'fullnat')
const tunnel = service('192.0.2.1:80', 'tun')
const web6 = service('[2001:db8::1]:80')
const a6 = realServer('fd00::11', '02:00:00:00:00:11')
const [director = '', director6 = ''] = stations.in.addresses
const self = realServer(director, null)
const clients = route('198.51.100.0/24', '02:00:00:00:00:fe')
const clientsOnOther = route('198.51.100.0/24', '02:00:00:00:00:fe', 'other')

const from = (client = '198.51.100.7', to = vip): Frame => ethernet().ipv4(client, to)
const syn = from().tcp(40000, 80)
const ack = from().tcp(40000, 80, 'A')
const query = from().udp(40000, 53).payload('who is it?')
const syn6 = (extensions: readonly Extension[] = []) =>
  ethernet().ipv6('2001:db8:c::7', '2001:db8::1', { extensions }).tcp(40000, 80)
const reply = ethernet(DIRECTOR, '02:00:00:00:00:11').ipv4('10.0.0.11', '198.51.100.7').tcp(80, 40000, 'SA')
const atItsEnd = ethernet().ipv4('198.51.100.7', vip, { ttl: 1 }).tcp(40000, 80)
const datagram = from().udp(40000, 53).payload(3000).fragments(1480)
const [first, second] = datagram as [Frame, Frame]
/** About what a server has sent. */
const unreachable = ethernet()
  .ipv4('203.0.113.1', vip)
  .icmp(3, 3)
  .quoting(ethernet().ipv4(vip, '198.51.100.7').tcp(80, 40000, 'A'))
const occupied: Event = ({ connections }) => connections.occupy()
const often =
  (frame: Frame): Event =>
  (director) =>
    director.repeat(frame, 1000)

/** What there is, what comes, and what becomes of the last of it. */
type Case = readonly [name: string, given: readonly Given[], ...steps: readonly (Frame | Buffer | Event)[]]

const cases: Readonly<Record<OutcomeName, readonly Case[]>> = {
  NOT_IP: [
    ['ARP', [web, a], otherFrame(0x0806, Buffer.alloc(46))],
    ['ARP in a VLAN', [web, a], otherFrame(0x8100, Buffer.concat([Buffer.from([0, 5, 8, 6]), Buffer.alloc(46)]))],
    ['three tags', [web, a], ethernet().vlan(1, PROVIDER).vlan(2).vlan(3).ipv4('198.51.100.7', vip).tcp(40000, 80)],
    ['half a tag', [web, a], otherFrame(0x8100, Buffer.from([0, 5]))],
    ['nothing after Ethernet', [web, a], otherFrame(0x88b5, Buffer.alloc(0))],
  ],
  NOT_UNICAST: [
    ['a broadcast frame', [web, a], ethernet('ff:ff:ff:ff:ff:ff', '02:00:00:00:00:fe').ipv4('198.51.100.7', vip).tcp(40000, 80)],
    ['a multicast frame', [web, a], ethernet('01:00:5e:00:00:01', '02:00:00:00:00:fe').ipv4('198.51.100.7', vip).tcp(40000, 80)],
  ],
  NOT_OURS: [
    ['another address', [web, a], from('198.51.100.7', '192.0.2.2').tcp(40000, 80)],
    ['another port of the VIP', [web, a], from().tcp(40000, 22)],
    ['the same port, another protocol', [web, a], from().udp(40000, 80)],
    ['ping to the VIP', [web, a], from('198.51.100.7').payload(64).ipv4('198.51.100.7', vip, { protocol: 1 })],
    ['a fragment for another address', [web, a], ethernet().ipv4('198.51.100.7', '192.0.2.2', { fragment: 0x2000 }).tcp(1, 80)],
    ['a fragment of UDP for a VIP of TCP', [web, a], ethernet().ipv4('198.51.100.7', vip, { fragment: 0x2000 }).udp(1, 80)],
    ['ping to an IPv6 VIP', [web6, a6], ethernet().ipv6('2001:db8:c::7', '2001:db8::1').icmpv6(128).payload(56)],
    ['an error about nothing that we know', [web, a], unreachable],
    ['IPv6 without anything in it', [web6, a6], otherFrame(0x86dd, Buffer.concat([Buffer.from([0x60]), Buffer.alloc(59)]))],
    ['a service that was removed', [web, a], configured(), syn],
    [
      'a fragment for a VIP that was removed',
      [web, a],
      configured(),
      ethernet().ipv4('1.2.3.4', vip, { fragment: 1 }).tcp(1, 80),
    ],
  ],
  NOT_MASTER: [
    ['another director answers for the VIP', [web, a], becomesPassive, syn],
    ['and for the connections that were here', [nat, a, clients], syn, becomesPassive, ack],
    ['an IPv6 VIP', [web6, a6], becomesPassive, syn6()],
    ['a network of VIPs', [service('192.0.2.0/24:80'), a], becomesPassive, syn],
    ['an error about a connection', [web, a], syn, becomesPassive, unreachable],
  ],
  NOT_A_REPLY: [
    ['a server begins a conversation', [nat, a, clients], reply],
    ['with somebody who is its client', [nat, a, clients], syn, reply.tcp(80, 40001)],
    ['a reply of yesterday', [nat, a, clients], syn, ({ connections }) => connections.clear(), reply],
    ['to the address of full NAT', [sources(director), full, a], reply.ipv4('10.0.0.11', director)],
  ],
  BROKEN_IP_HEADER: [
    ['another version', [web, a], syn.with(0, 0x65)],
    ['a header that is too short', [web, a], syn.with(0, 0x44)],
    ['a length beyond the frame', [web, a], syn.with(2, 0x40, 0x00)],
    ['a length that is too short', [web, a], syn.with(2, 0x00, 0x10)],
    ['an IPv6 header of another version', [web6, a6], syn6().with(0, 0x40)],
    ['a tag, and no more than the name of what it is on', [web6, a6], otherFrame(0x8100, Buffer.from([0, 5, 0x86, 0xdd]))],
    ['two of them', [web, a], otherFrame(0x88a8, Buffer.from([0, 5, 0x81, 0, 0, 7, 8, 0]))],
  ],
  DELIVERED: [
    ['the director is the real server itself', [web, self], syn],
    ['a connection goes on', [web, self], syn, ack],
    ['IPv6', [web6, realServer(director6, null)], syn6()],
    ['in a VLAN', [web, self], ethernet().vlan(7).ipv4('198.51.100.7', vip).tcp(40000, 80)],
    ['a later fragment', [dns, self], first, second],
  ],
  FORWARDED: [
    ['SYN', [web, a], syn],
    ['a connection goes on', [web, a], syn, ack],
    ['UDP', [dns, a], query],
  ],
  REDIRECTED: [
    ['SYN', [web, onOther], syn],
    ['a connection goes on', [web, onOther], syn, ack],
    ['UDP', [dns, onOther], query],
  ],
  REPLIED: [
    ['NAT', [nat, a, clients], syn, reply],
    [
      'full NAT',
      [sources(director), full, a, clients],
      poolOf(1, 2000),
      syn,
      reply.ipv4('10.0.0.11', director).tcp(80, 2000, 'SA'),
    ],
    ['a client on the link', [nat, a], syn, reply],
    [
      'a server’s error',
      [nat, a, clients],
      syn,
      reply.icmp(3, 3).quoting(ethernet().ipv4('198.51.100.7', '10.0.0.11').tcp(40000, 80)),
    ],
  ],
  REPLY_REDIRECTED: [['a client behind another interface', [nat, a, clientsOnOther], syn, reply]],
  HASHED: [
    ['a stray FIN goes by its hash', [{ ...web, stray: 'hash' }, a], from().tcp(40000, 80, 'FA')],
    ['a connection for which there is no slot', [web, a], query, syn, occupied, from('198.51.100.8').tcp(40000, 80)],
  ],
  HASH_REDIRECTED: [['a stray RST goes by its hash', [{ ...web, stray: 'hash' }, onOther], from().tcp(40000, 80, 'R')]],
  RESET_SENT: [
    ['a stray ACK', [web, a], ack],
    ['nobody to ask: strays are answered all the same', [web, silent], ack],
    ['a client of a NAT server that was removed', [nat, a, clients], syn, configured(nat, b, clients), ack],
    ['a NAT server that was removed', [nat, a, clients], syn, configured(nat, b, clients), reply.tcp(80, 40000, 'A')],
  ],
  ICMP_SENT: [
    ['NAT is a router: its last hop', [nat, a, clients], atItsEnd],
    [
      'a reply’s last hop',
      [nat, a, clients],
      syn,
      ethernet(DIRECTOR).ipv4('10.0.0.11', '198.51.100.7', { ttl: 1 }).tcp(80, 40000, 'SA'),
    ],
    ['too long for the way to a NAT server', [nat, a, mtu('in', 1500)], syn.payload(1461)],
    ['too long for the way to a client', [nat, a, clients, mtu('in', 1500)], syn, reply.payload(1461)],
    ['too long for a tunnel', [tunnel, a, mtu('in', 1500)], syn.payload(1441)],
  ],
  MALFORMED: [
    ['no port in it', [web, a], ethernet().payload('abc').ipv4('198.51.100.7', vip, { protocol: 6 })],
    ['a TCP header that is too short', [web, a], syn.with(20 + 12, 0x40)],
    ['a TCP header beyond the packet', [web, a], syn.with(20 + 12, 0x60)],
    ['a UDP length that is too short', [dns, a], query.with(20 + 4, 0, 7)],
    ['a UDP length beyond the packet', [dns, a], query.with(20 + 4, 0, 19)],
  ],
  FRAGMENT: [
    ['a later one before the first', [web, a], ethernet().ipv4('198.51.100.7', vip, { fragment: 0x2001 }).tcp(40000, 80)],
    ['the last one', [dns, a], ethernet().ipv4('198.51.100.7', vip, { fragment: 0x0001 }).udp(40000, 53)],
    ['whatever its ports look like', [web, a], ethernet().ipv4('198.51.100.7', vip, { fragment: 1 }).tcp(1, 1)],
  ],
  STRAY: [
    ['the service drops strays', [{ ...web, stray: 'drop' }, a], ack],
    ['a RST is never answered', [web, a], from().tcp(40000, 80, 'R')],
    ['nor a RST with ACK', [web, a], from().tcp(40000, 80, 'RA')],
    ['a RST whose reply could not come back', [{ ...nat, stray: 'hash' }, a, clients], from().tcp(40000, 80, 'R')],
    ['SCTP knows no RST', [service('192.0.2.1:2905', { protocol: 'sctp' }), a], from().sctp(40000, 2905, 'DATA')],
    ['a RST of a NAT server that was removed', [nat, a, clients], syn, configured(nat, b, clients), reply.tcp(80, 40000, 'R')],
    ['UDP of one', [natDns, a, clients], query, configured(natDns, b, clients), reply.udp(53, 40000)],
  ],
  NO_REAL_SERVER: [
    ['a service without servers', [web], syn],
    ['all of weight 0', [web, { ...a, weight: 0 }], syn],
    ['nobody answers ARP', [web, silent], syn],
    ['UDP', [dns, silent], query],
    ['a stray that should go by its hash', [{ ...web, stray: 'hash' }, silent], ack],
  ],
  SERVER_UNRESOLVED: [['a connection whose server answers ARP no more', [web, a, b], syn, configured(web, silent, b), ack]],
  TUPLE_TAKEN: [
    [
      'one client port to one endpoint by two services',
      [nat, a, service('192.0.2.2:80', 'nat'), a, clients],
      syn,
      from('198.51.100.7', '192.0.2.2').tcp(40000, 80),
    ],
    [
      'by two addresses of a network',
      [service('192.0.2.0/24:80', 'nat'), a, clients],
      syn,
      from('198.51.100.7', '192.0.2.2').tcp(40000, 80),
    ],
  ],
  NO_SLOT: [
    ['NAT needs an entry', [nat, a, clients], syn, occupied, from('198.51.100.8').tcp(40000, 80)],
    ['so does full NAT', [sources(director), full, a, clients], syn, occupied, from('198.51.100.8').tcp(40000, 80)],
    ['UDP as well', [natDns, a, clients], query, occupied, from('198.51.100.8').udp(40000, 53)],
  ],
  NO_SOURCE_PORT: [
    [
      'every port of full NAT is taken',
      [sources(director), full, a, clients],
      poolOf(2),
      ...[1, 2, 3].map((port) => from().tcp(port, 80)),
    ],
    ['and nobody has set any up', [sources(director), full, a, clients], poolOf(0), syn],
  ],
  ICMP_WITHHELD: [
    ['a later fragment', [natDns, a, mtu('in', 1500)], first, configured(natDns, a, mtu('in', 1400)), second],
    [
      'an ICMP error',
      [nat, a, clients],
      syn,
      ethernet()
        .ipv4('203.0.113.1', vip, { ttl: 1 })
        .icmp(3, 3)
        .quoting(ethernet().ipv4(vip, '198.51.100.7').tcp(80, 40000, 'A')),
    ],
    ['a source that no host has', [nat, a], ethernet().ipv4('224.0.0.1', vip, { ttl: 1 }).tcp(40000, 80)],
    ['more than a thousand a second', [nat, a, clients], often(atItsEnd), atItsEnd],
  ],
  NO_NEXT_HOP: [
    ['nobody knows the way to the client any more', [nat, a, clients], syn, configured(nat, a), reply],
    [
      'nor to whom a server’s error is for',
      [nat, a, clients],
      syn,
      configured(nat, a),
      reply.icmp(3, 3).quoting(ethernet().ipv4('198.51.100.7', '10.0.0.11').tcp(40000, 80)),
    ],
  ],
  EXTENSION_HEADERS: [
    ['more than are looked at', [web6, a6], syn6(Array(9).fill(destinationOptions()))],
    ['longer than is looked at', [web6, a6], syn6([destinationOptions(520)])],
    ['on the way to somebody else first', [web6, a6], syn6([routing(1)])],
    ['for a network of VIPs', [service('[2001:db8::/64]:80'), a6], syn6(Array(9).fill(destinationOptions()))],
    ['one that leads beyond the packet', [web6, a6], syn6([destinationOptions()]).with(41, 40)],
  ],
  NO_EGRESS: [
    ['an interface that went away', [web, onGone], syn],
    ['and did so later', [web, a], syn, configured(web, onGone), ack],
  ],
  NOT_CONFIGURED: [['a controller died half-way', [web, a], (director) => director.turnOff(), syn]],
}

const isEvent = (step: unknown): step is Event => typeof step === 'function'

for (const [outcome, list] of Object.entries(cases))
  for (const [name, given, ...steps] of list)
    packetTest(`${outcome}: ${name}`, {
      given,
      strip: steps.map((step, at): Row | Event => {
        if (isEvent(step)) return step
        return at === steps.length - 1 ? [step, /^(FORW|HASH|REDIR)/.test(outcome) ? `${outcome} .11` : outcome] : [step]
      }),
    })

t.test('every outcome of the program has a case', async (t) => {
  const ends = Object.keys(Outcome).filter((name) => name !== 'CONTINUE' && name !== 'OUTCOMES')
  t.same(ends.sort(), Object.keys(cases).sort())
  t.ok(Object.values(cases).every((list) => list.length > 0))
  t.equal(ends.length, Outcome.OUTCOMES - 1)
})
