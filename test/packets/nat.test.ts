// SPDX-License-Identifier: Apache-2.0
// NAT in both directions: a request's destination becomes the server's endpoint, a reply's source the service's again; one hop less,
// checksums right where they were right. Bytes are held against frames built anew and, in a batch, against scapy's.
import t from 'tap'
import { endpoint } from './addresses.js'
import { OTHER } from './director.js'
import { carrying, forEachFamily, icmpAnswer } from './families.js'
import { DIRECTOR, ethernet, ROUTER } from './frame.js'
import { type Given, type GivenService, realServer, service } from './given.js'
import { type Change, hex, rewritten } from './oracle.js'
import { after, configured, packetTest, usual } from './packet_test.js'
import { randomFrom } from './random.js'

const mac = '02:00:00:00:00:11'
const otherMac = '02:00:00:00:00:12'

forEachFamily((family, name) => {
  const { client, vip, otherVip, server, otherServer, clients } = family
  const asked = (hops = 64) => ethernet().ip(client, vip, { hops })
  const got = (hops = 63) => ethernet(mac).ip(client, server, { hops })
  const answered = (hops = 64) => ethernet(DIRECTOR, mac).ip(server, client, { hops })
  const heard = (hops = 63) => ethernet(ROUTER).ip(vip, client, { hops })
  const sent = `FORWARDED ${name === 'IPv6' ? ':11' : '.11'}`
  const web = service(endpoint(vip, 80), 'nat')
  const a = realServer(endpoint(server, 8080), mac)

  for (const protocol of ['tcp', 'udp'] as const)
    packetTest(`${name}, ${protocol}: there with another port, and back with the first`, {
      given: [service(endpoint(vip, 80), 'nat', { protocol }), a, clients],
      strip: [
        {
          sent: carrying(asked(), protocol, 40000, 80),
          expect: { outcome: 'FORWARDED', packet: carrying(got(), protocol, 40000, 8080) },
        },
        {
          sent: carrying(answered(), protocol, 8080, 40000, 'SA'),
          expect: { outcome: 'REPLIED', packet: carrying(heard(), protocol, 80, 40000, 'SA') },
        },
        {
          sent: carrying(asked(), protocol, 40000, 80, 'A'),
          expect: { outcome: 'FORWARDED', packet: carrying(got(), protocol, 40000, 8080, 'A') },
        },
      ],
    })

  packetTest(`${name}: a server on another interface`, {
    given: [web, realServer(endpoint(server, 8080), mac, { on: 'other' }), clients],
    sent: asked().tcp(40000, 80),
    expect: { outcome: 'REDIRECTED', packet: ethernet(mac, OTHER).ip(client, server, { hops: 63 }).tcp(40000, 8080) },
  })

  packetTest(`${name}: a reply leaves by the interface that its client is behind`, {
    given: [web, a, { ...clients, interface: 'other' }],
    strip: [
      [asked().tcp(40000, 80), sent],
      {
        sent: answered().tcp(8080, 40000, 'SA'),
        expect: {
          outcome: 'REPLY_REDIRECTED',
          packet: ethernet(ROUTER, OTHER).ip(vip, client, { hops: 63 }).tcp(80, 40000, 'SA'),
        },
      },
    ],
  })

  packetTest(`${name}: packets of both ways move a connection's state`, {
    given: [web, a, clients],
    strip: [
      [asked().tcp(40000, 80), sent, 'SYN_RECEIVED?'],
      [answered().tcp(8080, 40000, 'SA'), 'REPLIED'],
      [asked().tcp(40000, 80, 'A'), sent, 'ESTABLISHED?'],
      [answered().tcp(8080, 40000, 'FA'), 'REPLIED'],
      [asked().tcp(40000, 80, 'A'), sent, 'FIN_WAIT?'],
      [asked().tcp(40000, 80, 'FA'), sent, 'TIME_WAIT?'],
    ],
  })

  packetTest(`${name}: a server's own traffic is no reply`, {
    given: [web, a, clients],
    strip: [
      [answered().tcp(8080, 40000), 'NOT_A_REPLY'],
      [answered().tcp(50000, 443), 'NOT_OURS'],
      [answered().udp(8080, 53), 'NOT_OURS'],
      [asked().tcp(40000, 80)],
      [answered().tcp(8080, 40001, 'A'), 'NOT_A_REPLY'],
      [answered().tcp(8080, 40000, 'A'), 'REPLIED'],
    ],
  })

  packetTest(`${name}: a reply after its connection is over`, {
    given: [web, a, clients],
    strip: [[asked().tcp(40000, 80)], after(61), [answered().tcp(8080, 40000, 'A'), 'NOT_A_REPLY']],
  })

  packetTest(`${name}: one hop left is none for the server`, {
    given: [web, a, clients],
    sent: asked(1).tcp(40000, 80),
    expect: { outcome: 'ICMP_SENT', packet: icmpAnswer(family, 'time exceeded', asked(1).tcp(40000, 80)) },
  })

  packetTest(`${name}: two hops left are one`, {
    given: [web, a, clients],
    sent: asked(2).tcp(40000, 80),
    expect: { outcome: 'FORWARDED', packet: got(1).tcp(40000, 8080) },
  })

  packetTest(`${name}: a reply with one hop left is told to its server`, {
    given: [web, a, clients],
    strip: [[asked().tcp(40000, 80)], [answered(1).tcp(8080, 40000, 'SA'), 'ICMP_SENT']],
  })

  packetTest(`${name}: several services share a server, and each gets its own source back`, {
    given: [web, a, service(endpoint(otherVip, 81), 'nat'), a, clients],
    strip: [
      [asked().tcp(40000, 80)],
      [ethernet().ip(client, otherVip).tcp(40001, 81)],
      { sent: answered().tcp(8080, 40000, 'SA'), expect: { outcome: 'REPLIED', packet: heard().tcp(80, 40000, 'SA') } },
      {
        sent: answered().tcp(8080, 40001, 'SA'),
        expect: { outcome: 'REPLIED', packet: ethernet(ROUTER).ip(otherVip, client, { hops: 63 }).tcp(81, 40001, 'SA') },
      },
    ],
  })

  packetTest(`${name}: one client port to two services with one endpoint is refused the second time`, {
    given: [web, a, service(endpoint(otherVip, 81), 'nat'), a, clients],
    strip: [
      [asked().tcp(40000, 80)],
      [ethernet().ip(client, otherVip).tcp(40000, 81), 'TUPLE_TAKEN', '-'],
      [answered().tcp(8080, 40000, 'SA'), 'REPLIED'],
      after(61),
      [ethernet().ip(client, otherVip).tcp(40000, 81), sent],
    ],
  })

  packetTest(`${name}: a service may have servers of several methods`, {
    given: [web, { ...a, forwarding: 'nat' }, { ...realServer(otherServer, otherMac), forwarding: 'dr' }, clients],
    strip: [
      { sent: asked().tcp(1, 80), expect: { outcome: 'FORWARDED', packet: got().tcp(1, 8080) } },
      { sent: asked().tcp(2, 80), expect: { outcome: 'FORWARDED', packet: asked().tcp(2, 80).sentTo(otherMac) } },
    ],
  })

  packetTest(`${name}: a server that was removed is told so, and so is its client`, {
    given: [web, a, clients],
    strip: [
      [asked().tcp(40000, 80)],
      [answered().tcp(8080, 40000, 'SA'), 'REPLIED'],
      [asked().tcp(40000, 80, 'A')],
      configured(web, realServer(endpoint(otherServer, 8080), otherMac), clients),
      [answered().tcp(8080, 40000, 'A'), 'RESET_SENT'],
      [asked().tcp(40000, 80, 'A'), 'RESET_SENT'],
    ],
  })

  t.test(`${name}: 200 requests and their replies are what scapy makes of them`, async (t) => {
    const director = usual()
    const random = randomFrom(3)
    director.reset()
    director.configure([web, a, service(endpoint(vip, 53), 'nat', { protocol: 'udp' }), a, clients])
    const request: Change = { to: mac, from: DIRECTOR, hops: 1, destination: server, destinationPort: 8080 }
    const reply: Change = { to: ROUTER, from: DIRECTOR, hops: 1, source: vip }
    const pairs = Array.from({ length: 200 }, (_, i) => {
      const payload = random.bytes(random.below(1400))
      const udp = random.once(2)
      const there = asked().payload(payload)
      const back = answered().payload(payload)
      return udp
        ? { sent: there.udp(1000 + i, 53), change: request, back: back.udp(8080, 1000 + i), again: { ...reply, sourcePort: 53 } }
        : {
            sent: there.tcp(1000 + i, 80),
            change: request,
            back: back.tcp(8080, 1000 + i, 'SA'),
            again: { ...reply, sourcePort: 80 },
          }
    })
    const seen = pairs.flatMap(({ sent, back }) => [director.send(sent), director.send(back)])
    const steps = pairs.flatMap(({ sent, change, back, again }) => [[sent, change] as const, [back, again] as const])
    t.same([...new Set(seen.map(({ outcome }) => outcome))], ['FORWARDED', 'REPLIED'])
    t.same(
      seen.map(({ packet }) => hex(packet)),
      rewritten(steps),
    )
  })
})

const web: GivenService = service('192.0.2.1:80', 'nat', { protocol: 'udp' })
const given: readonly Given[] = [web, realServer('10.0.0.11:8080', mac)]
const base = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const rewrittenBase = ethernet(mac).ipv4('198.51.100.7', '10.0.0.11', { ttl: 63 })
const options = Buffer.from([7, 39, 4, ...Array(36).fill(0), 0])

packetTest('UDP without a checksum stays without', {
  given,
  sent: base.udp(40000, 80, { checksum: 0 }).payload(5),
  expect: { outcome: 'FORWARDED', packet: rewrittenBase.udp(40000, 8080, { checksum: 0 }).payload(5) },
})

/** The payload that makes the rewritten datagram's checksum 0, which is written 0xffff. */
const zero = rewrittenBase
  .udp(40000, 8080)
  .payload(Buffer.from([0, 0]))
  .packet()
  .subarray(26, 28)

packetTest('a UDP checksum that becomes 0 is 0xffff', {
  given,
  sent: base.udp(40000, 80).payload(zero),
  expect: { outcome: 'FORWARDED', packet: rewrittenBase.udp(40000, 8080).payload(zero) },
})

packetTest('a wrong checksum stays wrong', {
  given,
  strip: [[base.udp(40000, 80, { checksum: 0x1234 }).payload(5), 'FORWARDED .11']],
})

packetTest('IP options are carried along', {
  given,
  sent: ethernet().ipv4('198.51.100.7', '192.0.2.1', { options }).udp(40000, 80),
  expect: {
    outcome: 'FORWARDED',
    packet: ethernet(mac).ipv4('198.51.100.7', '10.0.0.11', { options, ttl: 63 }).udp(40000, 8080),
  },
})

for (const length of [1472, 8972, 40_000])
  packetTest(`${length} bytes`, {
    given,
    sent: base.udp(40000, 80).payload(length),
    expect: { outcome: 'FORWARDED', packet: rewrittenBase.udp(40000, 8080).payload(length) },
  })
