// SPDX-License-Identifier: Apache-2.0
// Full NAT: the client's address becomes one of the director's, with a port from a pool, so that replies come back without the director
// being the server's gateway.
import { endpoint } from './addresses.js'
import type { Director } from './director.js'
import { carrying, forEachFamily, icmpError } from './families.js'
import { DIRECTOR, ethernet, type Frame, ROUTER } from './frame.js'
import { type ProtocolName, realServer, service, sources } from './given.js'
import { hex } from './oracle.js'
import { after, packetTest } from './packet_test.js'
import { readFrame } from './reading.js'

const mac = '02:00:00:00:00:11'

/** The port that a request got, by the packet itself. */
function ownPort(director: Director, sent: Frame): number {
  return readFrame(director.send(sent).packet)?.ports?.source ?? 0
}

forEachFamily((family, name) => {
  const { client, vip, server, otherVip, router, clients } = family
  const source = family.director
  const isIpv6 = name === 'IPv6'
  const asked = ethernet().ip(client, vip)
  const web = (protocol: ProtocolName = 'tcp') => service(endpoint(vip, 80), 'fullnat', { protocol })
  const a = realServer(endpoint(server, 8080), mac)
  const given = (protocol: ProtocolName) => [sources(source), web(protocol), a, clients]

  for (const protocol of ['tcp', 'udp'] as const) {
    packetTest(`${name}, ${protocol}: both addresses change, there and back`, {
      given: given(protocol),
      strip: [],
      finally: (director) => {
        const there = director.send(carrying(asked, protocol, 40000, 80))
        const port = readFrame(there.packet)?.ports?.source ?? 0
        const back = director.send(carrying(ethernet(DIRECTOR, mac).ip(server, source), protocol, 8080, port, 'SA'))
        return {
          there: [
            there.outcome,
            hex(there.packet) === hex(carrying(ethernet(mac).ip(source, server, { hops: 63 }), protocol, port, 8080)),
          ],
          back: [
            back.outcome,
            hex(back.packet) === hex(carrying(ethernet(ROUTER).ip(vip, client, { hops: 63 }), protocol, 80, 40000, 'SA')),
          ],
        }
      },
      leaves: { there: ['FORWARDED', true], back: ['REPLIED', true] },
    })

    packetTest(`${name}, ${protocol}: a flow keeps its port, another gets another`, {
      given: given(protocol),
      strip: [],
      finally: (director) => {
        const first = ownPort(director, carrying(asked, protocol, 40000, 80))
        const again = ownPort(director, carrying(asked, protocol, 40000, 80, 'A'))
        const others = Array.from({ length: 50 }, (_, i) => ownPort(director, carrying(asked, protocol, 41000 + i, 80)))
        return [first > 0, first === again, new Set([first, ...others]).size]
      },
      leaves: [true, true, 51],
    })

    packetTest(`${name}, ${protocol}: an error about a reply reaches the server in its own words, as from its client`, {
      given: given(protocol),
      strip: [],
      finally: (director) => {
        const port = ownPort(director, carrying(asked, protocol, 40000, 80))
        const quoted = carrying(ethernet().ip(vip, client, { hops: 60 }), protocol, 80, 40000, 'A')
        const inside = carrying(ethernet().ip(server, source, { hops: 60 }), protocol, 8080, port, 'A')
        const sent = icmpError(ethernet().ip(router, vip), 'too big', isIpv6).quoting(quoted, isIpv6 ? 48 : 28)
        const expected = icmpError(ethernet(mac).ip(source, server, { hops: 63 }), 'too big', isIpv6).quoting(
          inside,
          isIpv6 ? 48 : 28,
        )
        const { outcome, packet } = director.send(sent)
        return [outcome, hex(packet) === hex(expected)]
      },
      leaves: ['FORWARDED', true],
    })

    for (const [whose, from] of [
      ['the server', server],
      ['a router before it', router],
    ] as const) {
      packetTest(`${name}, ${protocol}: an error of ${whose} reaches the client from the VIP`, {
        given: given(protocol),
        strip: [],
        finally: (director) => {
          const port = ownPort(director, carrying(asked, protocol, 40000, 80))
          const quoted = carrying(ethernet().ip(source, server, { hops: 63 }), protocol, port, 8080)
          const heard = carrying(ethernet().ip(client, vip, { hops: 63 }), protocol, 40000, 80)
          const length = isIpv6 ? 48 : 28
          const sent = icmpError(ethernet(DIRECTOR, mac).ip(from, source), 'unreachable', isIpv6).quoting(quoted, length)
          const answer = ethernet(ROUTER).ip(vip, client, { hops: 63 })
          const { outcome, packet } = director.send(sent)
          return [outcome, hex(packet) === hex(icmpError(answer, 'unreachable', isIpv6).quoting(heard, length))]
        },
        leaves: ['REPLIED', true],
      })
    }
  }

  packetTest(`${name}: one client port to two services with one endpoint is no matter`, {
    given: [...given('tcp'), service(endpoint(otherVip, 81), 'fullnat'), a],
    strip: [],
    finally: (director) => {
      const first = ownPort(director, asked.tcp(40000, 80))
      const second = ownPort(director, ethernet().ip(client, otherVip).tcp(40000, 81))
      const answer = (port: number) =>
        readFrame(director.send(ethernet(DIRECTOR, mac).ip(server, source).tcp(8080, port, 'SA')).packet)
      return [first !== second, answer(first)?.source, answer(second)?.source]
    },
    leaves: [true, vip, otherVip],
  })

  packetTest(`${name}: what comes to a source and belongs to nothing is the kernel's`, {
    given: given('tcp'),
    strip: [
      [ethernet(DIRECTOR, mac).ip(server, source).tcp(8080, 33333, 'A'), 'NOT_A_REPLY'],
      [ethernet(DIRECTOR, mac).ip(server, source).tcp(50000, 22), 'NOT_OURS'],
      [ethernet().ip(client, source).tcp(40000, 22), 'NOT_OURS'],
    ],
  })

  packetTest(`${name}: a port is free again once its connection is over`, {
    given: given('tcp'),
    strip: [],
    finally: (director) => {
      const port = ownPort(director, asked.tcp(40000, 80))
      after(61)(director)
      return director.send(ethernet(DIRECTOR, mac).ip(server, source).tcp(8080, port, 'A')).outcome
    },
    leaves: 'NOT_A_REPLY',
  })
})
