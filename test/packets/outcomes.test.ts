// SPDX-License-Identifier: Apache-2.0
// Every outcome, reached by a packet at least; the compiler and a test see to it that none is left out.
import t from 'tap'
import { Outcome } from '../../src/abi/layout.js'
import { ethernet, type Frame, otherFrame } from './frame.js'
import { type Given, realServer, service } from './given.js'
import { configured, type Event, packetTest, type Row } from './packet_test.js'
import type { OutcomeName } from './verdict.js'

const vip = '192.0.2.1'
const web = service('192.0.2.1:80')
const dns = service('192.0.2.1:53', { protocol: 'udp' })
const a = realServer('10.0.0.11', '02:00:00:00:00:11')
const b = realServer('10.0.0.12', '02:00:00:00:00:12')
const onOther = realServer('10.0.0.11', '02:00:00:00:00:11', { on: 'other' })
const onGone = realServer('10.0.0.11', '02:00:00:00:00:11', { on: 'gone' })
const silent = realServer('10.0.0.11', null)

const from = (client = '198.51.100.7', to = vip): Frame => ethernet().ipv4(client, to)
const syn = from().tcp(40000, 80)
const ack = from().tcp(40000, 80, 'A')
const query = from().udp(40000, 53).payload('who is it?')

/** What there is, what comes, and what becomes of the last of it. */
type Case = readonly [name: string, given: readonly Given[], ...steps: readonly (Frame | Buffer | Event)[]]

const cases: Readonly<Record<OutcomeName, readonly Case[]>> = {
  NOT_IP: [
    ['ARP', [web, a], otherFrame(0x0806, Buffer.alloc(46))],
    ['IPv6', [web, a], otherFrame(0x86dd, Buffer.concat([Buffer.from([0x60]), Buffer.alloc(59)]))],
    ['a VLAN tag', [web, a], otherFrame(0x8100, Buffer.concat([Buffer.from([0, 5, 8, 0]), syn.bytes().subarray(14)]))],
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
    ['a service that was removed', [web, a], configured(), syn],
    [
      'a fragment for a VIP that was removed',
      [web, a],
      configured(),
      ethernet().ipv4('1.2.3.4', vip, { fragment: 1 }).tcp(1, 80),
    ],
  ],
  BROKEN_IP_HEADER: [
    ['another version', [web, a], syn.with(0, 0x65)],
    ['a header that is too short', [web, a], syn.with(0, 0x44)],
    ['a length beyond the frame', [web, a], syn.with(2, 0x40, 0x00)],
    ['a length that is too short', [web, a], syn.with(2, 0x00, 0x10)],
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
  HASHED: [['a stray FIN goes by its hash', [{ ...web, stray: 'hash' }, a], from().tcp(40000, 80, 'FA')]],
  HASH_REDIRECTED: [['a stray RST goes by its hash', [{ ...web, stray: 'hash' }, onOther], from().tcp(40000, 80, 'R')]],
  RESET_SENT: [
    ['a stray ACK', [web, a], ack],
    ['nobody to ask: strays are answered all the same', [web, silent], ack],
  ],
  MALFORMED: [
    ['no port in it', [web, a], ethernet().payload('abc').ipv4('198.51.100.7', vip, { protocol: 6 })],
    ['a TCP header that is too short', [web, a], syn.with(20 + 12, 0x40)],
    ['a TCP header beyond the packet', [web, a], syn.with(20 + 12, 0x60)],
    ['a UDP length that is too short', [dns, a], query.with(20 + 4, 0, 7)],
    ['a UDP length beyond the packet', [dns, a], query.with(20 + 4, 0, 19)],
  ],
  FRAGMENT: [
    ['a first fragment', [web, a], ethernet().ipv4('198.51.100.7', vip, { fragment: 0x2000 }).tcp(40000, 80)],
    ['a later one', [web, a], ethernet().ipv4('198.51.100.7', vip, { fragment: 0x2001 }).tcp(40000, 80)],
    ['the last one', [dns, a], ethernet().ipv4('198.51.100.7', vip, { fragment: 0x0001 }).udp(40000, 53)],
    ['whatever its ports look like', [web, a], ethernet().ipv4('198.51.100.7', vip, { fragment: 1 }).tcp(1, 1)],
  ],
  STRAY: [
    ['the service drops strays', [{ ...web, stray: 'drop' }, a], ack],
    ['a RST is never answered', [web, a], from().tcp(40000, 80, 'R')],
    ['nor a RST with ACK', [web, a], from().tcp(40000, 80, 'RA')],
  ],
  NO_REAL_SERVER: [
    ['a service without servers', [web], syn],
    ['all of weight 0', [web, { ...a, weight: 0 }], syn],
    ['nobody answers ARP', [web, silent], syn],
    ['UDP', [dns, silent], query],
    ['a stray that should go by its hash', [{ ...web, stray: 'hash' }, silent], ack],
  ],
  SERVER_UNRESOLVED: [['a connection whose server answers ARP no more', [web, a, b], syn, configured(web, silent, b), ack]],
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
