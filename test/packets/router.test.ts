// SPDX-License-Identifier: Apache-2.0
// NAT is a router between two networks: what does not fit, or has no hop left, is told to its sender, whichever way it goes.
import { endpoint } from './addresses.js'
import { OTHER } from './director.js'
import { forEachFamily, icmpAnswer } from './families.js'
import { DIRECTOR, ethernet, type Frame, ROUTER } from './frame.js'
import { type Given, mtu, realServer, route, service, sources } from './given.js'
import { packetTest } from './packet_test.js'
import { poolOf } from './roles.js'

const mac = '02:00:00:00:00:11'

forEachFamily((family, name) => {
  const { client, vip, server, director, clients } = family
  const isIpv6 = name === 'IPv6'
  /** With so much payload that the packet has `bytes` in all. */
  const filled = (frame: Frame, bytes: number) => frame.payload(bytes - frame.packet().length)
  const asked = (hops = 64) => ethernet().ip(client, vip, { hops }).udp(40000, 53)
  const clientsOnOther = route(clients.network, ROUTER, 'other')

  for (const method of ['nat', 'fullnat'] as const) {
    const seen = method === 'nat' ? { address: client, port: 40000 } : { address: director, port: 2000 }
    const dns = service(endpoint(vip, 53), method, { protocol: 'udp' })
    const a = realServer(endpoint(server, 5353), mac)
    const given: Given[] = [sources(director), dns, a, clients]
    const got = (hops = 63) => ethernet(mac).ip(seen.address, server, { hops }).udp(seen.port, 5353)
    const answered = (hops = 64) => ethernet(DIRECTOR, mac).ip(server, seen.address, { hops }).udp(5353, seen.port)
    const heard = (hops = 63) => ethernet(ROUTER).ip(vip, client, { hops }).udp(53, 40000)
    const told = (what: 'too big' | 'time exceeded', about: Frame, bytes?: number) =>
      icmpAnswer(family, what, about, client, bytes)
    const serverTold = (what: 'too big' | 'time exceeded', about: Frame, bytes?: number) =>
      icmpAnswer(family, what, about, server, bytes).sentTo(mac)

    packetTest(`${name}, ${method}: a request as long as the way to its server allows, and one byte more`, {
      given: [...given, mtu('in', 1400)],
      strip: [
        poolOf(1, 2000),
        { sent: filled(asked(), 1400), expect: { outcome: 'FORWARDED', packet: filled(got(), 1400) } },
        {
          sent: filled(asked(), 1401),
          expect: { outcome: 'ICMP_SENT', packet: told('too big', filled(asked(), 1401), 1400) },
        },
      ],
    })

    packetTest(`${name}, ${method}: the interface that it leaves by is what counts`, {
      given: [
        sources(director),
        dns,
        realServer(endpoint(server, 5353), mac, { on: 'other' }),
        clients,
        mtu('in', 1280),
        mtu('other', 9000),
      ],
      strip: [
        poolOf(1, 2000),
        { sent: filled(asked(), 9000), expect: { outcome: 'REDIRECTED', packet: filled(got(), 9000).sentTo(mac, OTHER) } },
        {
          sent: filled(asked(), 9001),
          expect: { outcome: 'ICMP_SENT', packet: told('too big', filled(asked(), 9001), 9000) },
        },
      ],
    })

    packetTest(`${name}, ${method}: so is a reply's`, {
      given: [sources(director), dns, a, clientsOnOther, mtu('in', 9000), mtu('other', 1400)],
      strip: [
        poolOf(1, 2000),
        [asked()],
        {
          sent: filled(answered(), 1400),
          expect: { outcome: 'REPLY_REDIRECTED', packet: filled(heard(), 1400).sentTo(ROUTER, OTHER) },
        },
        {
          sent: filled(answered(), 1401),
          expect: { outcome: 'ICMP_SENT', packet: serverTold('too big', filled(answered(), 1401), 1400) },
        },
      ],
    })

    packetTest(`${name}, ${method}: hops are counted in both directions`, {
      given,
      strip: [
        poolOf(1, 2000),
        { sent: asked(2), expect: { outcome: 'FORWARDED', packet: got(1) } },
        { sent: asked(255), expect: { outcome: 'FORWARDED', packet: got(254) } },
        { sent: asked(1), expect: { outcome: 'ICMP_SENT', packet: told('time exceeded', asked(1)) } },
        { sent: asked(0), expect: { outcome: 'ICMP_SENT', packet: told('time exceeded', asked(0)) } },
        { sent: answered(2), expect: { outcome: 'REPLIED', packet: heard(1) } },
        { sent: answered(1), expect: { outcome: 'ICMP_SENT', packet: serverTold('time exceeded', answered(1)) } },
        { sent: answered(0), expect: { outcome: 'ICMP_SENT', packet: serverTold('time exceeded', answered(0)) } },
      ],
    })

    packetTest(`${name}, ${method}: a datagram without a checksum stays without, though IPv6 knows none`, {
      given,
      strip: [
        poolOf(1, 2000),
        {
          sent: ethernet().ip(client, vip).udp(40000, 53, { checksum: 0 }).payload(9),
          expect: {
            outcome: 'FORWARDED',
            packet: ethernet(mac).ip(seen.address, server, { hops: 63 }).udp(seen.port, 5353, { checksum: 0 }).payload(9),
          },
        },
      ],
    })

    /** The payload that makes the datagram's checksum 0, which is written 0xffff. */
    const zero = (frame: Frame) => {
      const bytes = frame.payload(Buffer.from([0, 0])).packet()
      return bytes.subarray(isIpv6 ? 46 : 26, isIpv6 ? 48 : 28)
    }
    packetTest(`${name}, ${method}: one that comes to 0 is 0xffff, there and back`, {
      given,
      strip: [
        poolOf(1, 2000),
        { sent: asked().payload(zero(got())), expect: { outcome: 'FORWARDED', packet: got().payload(zero(got())) } },
        { sent: answered().payload(zero(heard())), expect: { outcome: 'REPLIED', packet: heard().payload(zero(heard())) } },
      ],
    })
  }

  packetTest(`${name}: direct routing and tunnels count no hops`, {
    given: [
      service(endpoint(vip, 53), 'dr', { protocol: 'udp' }),
      realServer(server, mac),
      service(endpoint(vip, 54), 'tun', { protocol: 'udp' }),
      realServer(server, mac),
    ],
    strip: [
      { sent: asked(1), expect: { outcome: 'FORWARDED', packet: asked(1).sentTo(mac) } },
      [ethernet().ip(client, vip, { hops: 1 }).udp(40000, 54), `FORWARDED ${isIpv6 ? ':' : '.'}11`],
    ],
  })
})
