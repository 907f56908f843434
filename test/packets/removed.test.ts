// SPDX-License-Identifier: Apache-2.0
// Servers that were removed, or that nobody finds any more: what becomes of their connections, by method and policy.
import { endpoint } from './addresses.js'
import { forEachFamily } from './families.js'
import { DIRECTOR, ethernet, ROUTER } from './frame.js'
import { type Forwarding, type Given, realServer, service, sources } from './given.js'
import { configured, packetTest, type Step } from './packet_test.js'
import { poolOf } from './roles.js'

const mac = '02:00:00:00:00:11'
const otherMac = '02:00:00:00:00:12'
const methods: readonly Forwarding[] = ['dr', 'nat', 'fullnat', 'tun']

forEachFamily((family, name) => {
  const { client, vip, server, otherServer, director, clients } = family
  const last = name === 'IPv6' ? ':' : '.'
  const asked = (flags = 'S') => ethernet().ip(client, vip).tcp(40000, 80, flags)
  const query = ethernet().ip(client, vip).udp(40000, 53).payload(9)

  for (const method of methods) {
    const a = realServer(server, mac)
    const b = realServer(otherServer, otherMac)
    const rest = [sources(director), clients]
    const web = (policy: 'reset' | 'drop' | 'hash') => service(endpoint(vip, 80), method, { stray: policy })
    const dns = service(endpoint(vip, 53), method, { protocol: 'udp' })
    const removed = (policy: 'reset' | 'drop' | 'hash'): Step => configured(web(policy), b, ...rest)

    packetTest(`${name}, ${method}: a client of a removed server is told so`, {
      given: [web('reset'), a, ...rest],
      strip: [
        [asked()],
        [asked('A')],
        removed('reset'),
        {
          sent: ethernet().ip(client, vip).tcp(40000, 80, 'A', { acknowledged: 7777 }),
          expect: {
            outcome: 'RESET_SENT',
            packet: answerTo(vip, client).tcp(80, 40000, 'R', { sequence: 7777, acknowledged: 0, window: 0 }),
          },
        },
        // it may begin again
        [asked(), `FORWARDED ${last}12`, 'SYN_RECEIVED?'],
      ],
    })

    packetTest(`${name}, ${method}: or not, where strays are dropped`, {
      given: [web('drop'), a, ...rest],
      strip: [[asked()], removed('drop'), [asked('A'), 'STRAY'], [asked(), `FORWARDED ${last}12`]],
    })

    packetTest(`${name}, ${method}: or goes on elsewhere, where they go by their hash`, {
      given: [web('hash'), a, ...rest],
      strip: [
        [asked()],
        [asked('A')],
        removed('hash'),
        [asked('A'), `FORWARDED ${last}12`, 'ESTABLISHED?'],
        [asked('A'), `FORWARDED ${last}12`, 'ESTABLISHED?'],
      ],
    })

    packetTest(`${name}, ${method}: UDP moves with the next packet`, {
      given: [dns, a, ...rest],
      strip: [
        [query, `FORWARDED ${last}11`],
        configured(dns, b, ...rest),
        [query, `FORWARDED ${last}12`],
        [query, `FORWARDED ${last}12`],
      ],
    })

    packetTest(`${name}, ${method}: later fragments of what went to it go nowhere`, {
      given: [dns, a, ...rest],
      strip: [
        [datagram(query, 0), `FORWARDED ${last}11`],
        configured(dns, b, ...rest),
        [datagram(query, 1), 'FRAGMENT'],
        [datagram(query, 0), `FORWARDED ${last}12`],
        [datagram(query, 1), `FORWARDED ${last}12`],
      ],
    })

    packetTest(`${name}, ${method}: a server that answers ARP no more keeps its connections, and gets nothing that is new`, {
      given: [web('reset'), a, b, dns, a, b, ...rest],
      strip: [
        [asked(), `FORWARDED ${last}11`],
        [query, `FORWARDED ${last}11`],
        [datagram(query, 0), `FORWARDED ${last}11`],
        configured(web('reset'), { ...a, mac: null }, b, dns, { ...a, mac: null }, b, ...rest),
        [asked('A'), 'SERVER_UNRESOLVED'],
        [datagram(query, 1), 'SERVER_UNRESOLVED'],
        [query, `FORWARDED ${last}12`],
        [asked(), `FORWARDED ${last}12`],
      ],
    })

    packetTest(`${name}, ${method}: another method is another server`, {
      given: [service(endpoint(vip, 80), method), a, ...rest],
      strip: [
        [asked(), `FORWARDED ${last}11`],
        configured(service(endpoint(vip, 80), method === 'dr' ? 'tun' : 'dr'), a, ...rest),
        [asked('A'), 'RESET_SENT'],
        [asked(), `FORWARDED ${last}11`],
      ],
    })
  }

  const answered = (flags: string) => ethernet(DIRECTOR, mac).ip(server, client).tcp(80, 40000, flags, { acknowledged: 5 })
  for (const [policy, outcome] of [
    ['reset', 'RESET_SENT'],
    ['drop', 'STRAY'],
    ['hash', 'STRAY'],
  ] as const) {
    const web = service(endpoint(vip, 80), 'nat', { stray: policy })
    const given: Given[] = [web, realServer(server, mac), clients]
    packetTest(`${name}: what a removed NAT server still sends, where strays meet ${policy}`, {
      given,
      strip: [
        [asked()],
        [answered('SA'), 'REPLIED'],
        configured(web, realServer(otherServer, otherMac), clients),
        [answered('A'), outcome],
        [answered('R'), 'STRAY'],
        [ethernet(DIRECTOR, mac).ip(server, client).tcp(80, 40001), 'NOT_A_REPLY'],
      ],
    })
  }

  packetTest(`${name}: the RST to a removed NAT server comes from the client`, {
    given: [service(endpoint(vip, 80), 'nat'), realServer(server, mac), clients],
    strip: [
      [asked()],
      configured(service(endpoint(vip, 80), 'nat'), realServer(otherServer, otherMac), clients),
      {
        sent: answered('A'),
        expect: {
          outcome: 'RESET_SENT',
          packet: answerTo(client, server, mac).tcp(40000, 80, 'R', { sequence: 5, acknowledged: 0, window: 0 }),
        },
      },
    ],
  })

  packetTest(`${name}: and of full NAT from the director`, {
    given: [sources(director), service(endpoint(vip, 80), 'fullnat'), realServer(server, mac), clients],
    strip: [
      poolOf(1, 2000),
      [asked()],
      configured(sources(director), service(endpoint(vip, 80), 'fullnat'), realServer(otherServer, otherMac), clients),
      {
        sent: ethernet(DIRECTOR, mac).ip(server, director).tcp(80, 2000, 'A', { acknowledged: 5 }),
        expect: {
          outcome: 'RESET_SENT',
          packet: answerTo(director, server, mac).tcp(2000, 80, 'R', { sequence: 5, acknowledged: 0, window: 0 }),
        },
      },
    ],
  })
})

/** The header that the director's own segments have. */
function answerTo(from: string, to: string, station = ROUTER) {
  if (from.includes(':')) return ethernet(station).ipv6(from, to)
  return ethernet(station).ipv4(from, to, { id: 0, fragment: 0x4000 })
}

function datagram(query: ReturnType<typeof ethernet>, piece: number) {
  return query.payload(2000).fragments(1400, 3)[piece] as ReturnType<typeof ethernet>
}
