// SPDX-License-Identifier: Apache-2.0
// The judges of the packet tests are judged: they accept what is right, and no bit of it can be another unnoticed.
import t from 'tap'
import { faultOfIcmp, faultOfReset } from './answers.js'
import { ethernet, type Frame, ROUTER } from './frame.js'
import { realServer, service, sources } from './given.js'
import { faultToClient, faultToServer } from './methods.js'
import { type Scene, sceneOf, stations } from './scene.js'
import { verdictOf } from './verdict.js'

const client = '198.51.100.7'
const vip = '192.0.2.1'
const server = '10.0.0.11'
const client6 = '2001:db8:c::7'
const vip6 = '2001:db8::1'
const server6 = 'fd00::11'
const mac = '02:00:00:00:00:11'

const scene = sceneOf([
  service('192.0.2.1:80'),
  realServer('10.0.0.12', '02:00:00:00:00:12'),
  service('192.0.2.1:8000', 'nat'),
  realServer('10.0.0.11:8080', mac),
  service('192.0.2.1:8000', 'nat', { protocol: 'udp' }),
  realServer('10.0.0.11:8080', mac),
  service('[2001:db8::1]:8000', 'nat'),
  realServer('[fd00::11]:8080', mac),
  service('192.0.2.1:2905', 'nat', { protocol: 'sctp' }),
  realServer('10.0.0.11', mac),
  service('192.0.2.1:90', 'tun'),
  realServer('10.0.0.13', '02:00:00:00:00:13'),
  realServer('fd00::13', '02:00:00:00:00:14'),
  service('192.0.2.1:91', 'fullnat'),
  realServer('10.0.0.15:8080', '02:00:00:00:00:15', { on: 'other' }),
  sources('10.1.0.1'),
])

type Judge = (sent: Buffer, received: Buffer, scene: Scene) => string | undefined

interface Case {
  readonly judge: Judge
  readonly sent: Frame
  readonly received: Frame
  /** Bytes that nothing is said about. */
  readonly free?: readonly number[]
}

const asked = ethernet().ipv4(client, vip)
const asked6 = ethernet().ipv6(client6, vip6)
const got = ethernet(mac).ipv4(client, server, { ttl: 63 })
const got6 = ethernet(mac).ipv6(client6, server6, { hopLimit: 63 })
const answer = ethernet().ipv4(vip, client, { ttl: 60 }).tcp(8000, 40000, 'A').payload(50)
const behind = ethernet().ipv4(server, client, { ttl: 60 }).tcp(8080, 40000, 'A').payload(50)
const large = asked.udp(40000, 90).payload(600)
/** Traffic class, flow label and hop limit are nobody's business in what the director says itself; nor are, here, clients' MACs. */
const unchecked6 = [14, 15, 16, 17, 21]
const macs = [0, 1, 2, 3, 4, 5, 11]

const cases: Readonly<Record<string, Case>> = {
  'direct routing': {
    judge: faultToServer,
    sent: asked.tcp(40000, 80),
    received: asked.tcp(40000, 80).sentTo('02:00:00:00:00:12'),
  },
  'direct routing in a VLAN': {
    judge: faultToServer,
    sent: ethernet().vlan(7).ipv4(client, vip).tcp(40000, 80),
    received: ethernet('02:00:00:00:00:12').vlan(7).ipv4(client, vip).tcp(40000, 80),
  },
  NAT: { judge: faultToServer, sent: asked.tcp(40000, 8000).payload(9), received: got.tcp(40000, 8080).payload(9) },
  'NAT in two VLANs': {
    judge: faultToServer,
    sent: ethernet().vlan(7, 0x88a8).vlan(8).ipv4(client, vip).udp(40000, 8000),
    received: ethernet(mac).vlan(7, 0x88a8).vlan(8).ipv4(client, server, { ttl: 63 }).udp(40000, 8080),
  },
  'NAT without a checksum': {
    judge: faultToServer,
    sent: asked.udp(40000, 8000, { checksum: 0 }),
    received: got.udp(40000, 8080, { checksum: 0 }),
  },
  'NAT of IPv6': { judge: faultToServer, sent: asked6.tcp(40000, 8000), received: got6.tcp(40000, 8080) },
  'NAT of SCTP, whose port stays': { judge: faultToServer, sent: asked.sctp(40000, 2905), received: got.sctp(40000, 2905) },
  'NAT of a fragment': {
    judge: faultToServer,
    sent: asked.udp(40000, 8000).payload(100).fragments(48)[0] as Frame,
    received: got.udp(40000, 8080).payload(100).fragments(48)[0] as Frame,
  },
  'NAT of a later fragment': {
    judge: faultToServer,
    sent: asked.udp(40000, 8000).payload(100).fragments(48)[1] as Frame,
    received: got.udp(40000, 8080).payload(100).fragments(48)[1] as Frame,
  },
  'an error through NAT': {
    judge: faultToServer,
    sent: asked.icmp(3, 4, { rest: 1400 }).quoting(answer, 28),
    received: got.icmp(3, 4, { rest: 1400 }).quoting(behind, 28),
  },
  'an error that quotes a checksum, through NAT': {
    judge: faultToServer,
    sent: asked.icmp(3, 4, { rest: 1400 }).quoting(answer, 60),
    received: got.icmp(3, 4, { rest: 1400 }).quoting(behind, 60),
  },
  'full NAT': {
    judge: faultToServer,
    sent: asked.tcp(40000, 91),
    received: ethernet('02:00:00:00:00:15', stations.other.mac).ipv4('10.1.0.1', '10.0.0.15', { ttl: 63 }).tcp(20000, 8080),
  },
  'a tunnel': {
    judge: faultToServer,
    sent: large,
    received: ethernet('02:00:00:00:00:13').ipv4('10.0.0.1', '10.0.0.13', { id: 0 }).encapsulating(large),
  },
  'a tunnel with a hop less in it': {
    judge: faultToServer,
    sent: large,
    received: ethernet('02:00:00:00:00:13')
      .ipv4('10.0.0.1', '10.0.0.13', { id: 0 })
      .encapsulating(ethernet().ipv4(client, vip, { ttl: 63 }).udp(40000, 90).payload(600)),
  },
  'a tunnel of another family': {
    judge: faultToServer,
    sent: large,
    received: ethernet('02:00:00:00:00:14').ipv6('fd00::1', 'fd00::13').encapsulating(large),
    free: unchecked6,
  },
  'a reply': {
    judge: faultToClient,
    sent: ethernet().ipv4(server, client).tcp(8080, 40000, 'SA'),
    received: ethernet(ROUTER).ipv4(vip, client, { ttl: 63 }).tcp(8000, 40000, 'SA'),
  },
  'a reply of IPv6': {
    judge: faultToClient,
    sent: ethernet().ipv6(server6, client6).tcp(8080, 40000, 'SA'),
    received: ethernet(ROUTER).ipv6(vip6, client6, { hopLimit: 63 }).tcp(8000, 40000, 'SA'),
  },
  'a reply of full NAT': {
    judge: faultToClient,
    sent: ethernet().ipv4('10.0.0.15', '10.1.0.1').tcp(8080, 20000, 'SA'),
    received: ethernet(ROUTER).ipv4(vip, client, { ttl: 63 }).tcp(91, 40000, 'SA'),
  },
  'an error of a server': {
    judge: faultToClient,
    sent: ethernet().ipv4(server, client).icmp(3, 3).quoting(got.udp(40000, 8080).payload(20), 36),
    received: ethernet(ROUTER)
      .ipv4(vip, client, { ttl: 63 })
      .icmp(3, 3)
      .quoting(ethernet().ipv4(client, vip, { ttl: 63 }).udp(40000, 8000).payload(20), 36),
  },
  "an error of a router on the servers' side": {
    judge: faultToClient,
    sent: ethernet().ipv4('10.9.0.1', client).icmp(11).quoting(got.udp(40000, 8080).payload(20), 36),
    received: ethernet(ROUTER)
      .ipv4('10.9.0.1', client, { ttl: 63 })
      .icmp(11)
      .quoting(ethernet().ipv4(client, vip, { ttl: 63 }).udp(40000, 8000).payload(20), 36),
  },
  'a RST': {
    judge: faultOfReset,
    sent: asked.tcp(40000, 80, 'A'),
    received: ethernet(ROUTER).ipv4(vip, client).tcp(80, 40000, 'R'),
  },
  'time exceeded': {
    judge: faultOfIcmp,
    sent: large,
    received: ethernet(ROUTER).ipv4('10.0.0.1', client).icmp(11).quoting(large, 548),
  },
  'too big': {
    judge: faultOfIcmp,
    sent: asked6.tcp(40000, 90).payload(1400),
    received: ethernet(ROUTER)
      .ipv6('fd00::1', client6)
      .icmpv6(2, 0, { rest: 1400 })
      .quoting(asked6.tcp(40000, 90).payload(1400), 1232),
    free: unchecked6,
  },
  'too big in a VLAN': {
    judge: faultOfIcmp,
    sent: ethernet().vlan(9).ipv4(client, vip).udp(40000, 90).payload(1400),
    received: ethernet(ROUTER)
      .vlan(9)
      .ipv4('10.0.0.1', client)
      .icmp(3, 4, { rest: 1400 })
      .quoting(asked.udp(40000, 90).payload(1400), 28),
  },
}

for (const [name, { judge, sent, received, free = [] }] of Object.entries(cases))
  t.test(`${name}: right, and wrong with any bit turned`, async (t) => {
    const [before, after] = [sent.bytes(), received.bytes()]
    t.equal(judge(before, after, scene), undefined)
    const ignored = [...free, ...(judge === faultToClient ? macs : [])]
    const unnoticed = Array.from({ length: after.length * 8 }, (_, bit) => bit)
      .filter((bit) => !ignored.includes(bit >> 3))
      .filter((bit) => judge(before, flipped(after, bit), scene) === undefined)
      .map((bit) => `byte ${bit >> 3}, bit ${bit & 7}`)
    t.same(unnoticed, [])
  })

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
  return copy
}

t.test('a checksum that was wrong is wrong by as much, and never mended', async (t) => {
  const wrong = asked.tcp(40000, 8000, 'A', { checksum: 0x1234 }).bytes()
  const right = asked.tcp(40000, 8000, 'A').bytes()
  const mended = got.tcp(40000, 8080, 'A').bytes()
  const off = wrong.readUInt16BE(50) - right.readUInt16BE(50)
  const kept = Buffer.from(mended)
  kept.writeUInt16BE((mended.readUInt16BE(50) + off + 0xffff) % 0xffff, 50)
  t.equal(faultToServer(wrong, kept, scene), undefined)
  t.match(faultToServer(wrong, mended, scene), /transport checksum/)
})

const passes = 2
const counts = (counted: Record<string, bigint>) => new Map(Object.entries(counted))
const frame = asked.tcp(40000, 80).bytes()
const changed = flipped(frame, 100)

t.test('an outcome is counted once, has a rule and its action', async (t) => {
  t.equal(verdictOf(frame, passes, frame, counts({ NOT_OURS: 1n, STRAY: 0n }), scene).outcome, 'NOT_OURS')
  t.throws(() => verdictOf(frame, passes, frame, counts({ NOT_OURS: 1n, STRAY: 1n }), scene), /counted once/)
  t.throws(() => verdictOf(frame, passes, frame, counts({ NOT_OURS: 2n }), scene), /counted once/)
  t.throws(() => verdictOf(frame, passes, frame, counts({}), scene), /counted nothing/)
  t.throws(() => verdictOf(frame, passes, frame, counts({ CONTINUE: 1n }), scene), /without a rule/)
  t.throws(() => verdictOf(frame, passes, frame, counts({ NOVEL: 1n }), scene), /without a rule/)
  t.throws(() => verdictOf(frame, passes, frame, counts({ STRAY: 1n }), scene), /not the action/)
  t.throws(() => verdictOf(frame, passes, changed, counts({ NOT_OURS: 1n }), scene), /must stay as it is/)
})
