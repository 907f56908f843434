// SPDX-License-Identifier: Apache-2.0
// Listeners of many addresses and ports: the most exact one wins, all of a service share its ring, and each client hears the VIP
// that it called.
import { endpoint } from './addresses.js'
import type { Director } from './director.js'
import { forEachFamily } from './families.js'
import { DIRECTOR, ethernet, type Frame, ROUTER } from './frame.js'
import { type Given, realServer, service } from './given.js'
import { configured, packetTest, type Step } from './packet_test.js'

const macOf = (number: number) => `02:00:00:00:00:${number}`

/** From the most exact to the least, each with a server of its own: A has .11, B has .12 and so on. */
const nested = {
  IPv4: ['192.0.2.1:80', '192.0.2.1:80-90', '192.0.2.1:0', '192.0.2.0/28:80', '192.0.2.0/24:0', '192.0.0.0/16:80'],
  IPv6: [
    '[2001:db8::1]:80',
    '[2001:db8::1]:80-90',
    '[2001:db8::1]:0',
    '[2001:db8::/124]:80',
    '[2001:db8::/64]:0',
    '[2001:db8::/32]:80',
  ],
}

/** Where packets go, and whose they are: `A` to `F`, or nobody's. */
const called = {
  IPv4: {
    '192.0.2.1:80': 'A',
    '192.0.2.1:81': 'B',
    '192.0.2.1:90': 'B',
    '192.0.2.1:79': 'C',
    '192.0.2.1:91': 'C',
    '192.0.2.1:65535': 'C',
    '192.0.2.2:80': 'D',
    '192.0.2.15:80': 'D',
    '192.0.2.2:81': 'E',
    '192.0.2.16:80': 'E',
    '192.0.2.255:1': 'E',
    '192.0.3.1:80': 'F',
    '192.0.3.1:81': '-',
    '192.1.0.1:80': '-',
  },
  IPv6: {
    '[2001:db8::1]:80': 'A',
    '[2001:db8::1]:81': 'B',
    '[2001:db8::1]:91': 'C',
    '[2001:db8::2]:80': 'D',
    '[2001:db8::f]:80': 'D',
    '[2001:db8::f]:81': 'E',
    '[2001:db8::10]:80': 'E',
    '[2001:db8::ffff:ffff:ffff:ffff]:9': 'E',
    '[2001:db8:0:1::]:80': 'F',
    '[2001:db8:ffff::1]:80': 'F',
    '[2001:db8:ffff::1]:81': '-',
    '[2001:db9::1]:80': '-',
  },
} as const

forEachFamily((family, name) => {
  const { client, vip, server, otherServer, clients } = family
  const isIpv6 = name === 'IPv6'
  const last = isIpv6 ? ':' : '.'
  const a = realServer(server, macOf(11))
  const b = realServer(otherServer, macOf(12))
  const network = isIpv6 ? '[2001:db8::/64]' : '192.0.2.0/24'
  const neighbour = family.otherVip
  const to = (address: string, from = client) => ethernet().ip(from, address)
  const serviceAt = (number: number): Given[] => [
    service(nested[name][number] as string),
    realServer(isIpv6 ? `fd00::${11 + number}` : `10.0.0.${11 + number}`, macOf(11 + number)),
  ]
  const rows = (whose: Readonly<Record<string, string>>): Step[] =>
    Object.entries(whose).map(([place, letter]) => {
      const [, bracketed, plain, port] = /^(?:\[(.+)\]|(.+)):(\d+)$/.exec(place) ?? []
      const sent = to((bracketed ?? plain) as string).tcp(40000, Number(port))
      return [sent, letter === '-' ? 'NOT_OURS' : `FORWARDED ${last}${11 + 'ABCDEF'.indexOf(letter)}`]
    })
  const six = [0, 1, 2, 3, 4, 5]

  packetTest(`${name}: of all listeners that a packet may be for, the most exact has it`, {
    given: six.flatMap(serviceAt),
    strip: rows(called[name]),
  })

  packetTest(`${name}: in whatever order they are given`, {
    given: six.toReversed().flatMap(serviceAt),
    strip: rows(called[name]),
  })

  for (const gone of six)
    packetTest(`${name}: without ${nested[name][gone]} the next one around it has what was its`, {
      given: six.flatMap(serviceAt),
      strip: [
        configured(...six.filter((number) => number !== gone).flatMap(serviceAt)),
        ...rows(
          Object.fromEntries(
            Object.entries(called[name]).filter(([, letter]) => letter !== 'ABCDEF'[gone]) as [string, string][],
          ),
        ),
        ...rows(instead(name)[gone] as Readonly<Record<string, string>>),
      ],
    })

  packetTest(`${name}: another protocol has its own`, {
    given: [service(`${network}:0`), a, service(`${network}:50-60`, { protocol: 'udp' }), b],
    strip: [
      [to(neighbour).tcp(40000, 53), `FORWARDED ${last}11`],
      [to(neighbour).udp(40000, 53), `FORWARDED ${last}12`],
      [to(neighbour).udp(40000, 61), 'NOT_OURS'],
      [to(neighbour).sctp(40000, 53), 'NOT_OURS'],
    ],
  })

  packetTest(`${name}: all listeners of a service take turns in one ring`, {
    given: [
      service([endpoint(vip, 80), `udp ${endpoint(vip, 53)}`, `${network}:8000-8100`, `sctp ${endpoint(neighbour, 2905)}`]),
      a,
      b,
    ],
    strip: [
      [to(vip).tcp(40000, 80), `FORWARDED ${last}11`],
      [to(neighbour).tcp(40000, 8000), `FORWARDED ${last}12`],
      [to(vip).udp(40000, 53), `FORWARDED ${last}11`],
      [to(neighbour).sctp(40000, 2905), `FORWARDED ${last}12`],
      [to(vip).tcp(40000, 8100), `FORWARDED ${last}11`],
      [to(vip).tcp(40000, 8101), 'NOT_OURS'],
      // each flow goes on where it began
      [to(vip).udp(40000, 53), `FORWARDED ${last}11`],
      [to(neighbour).tcp(40000, 8000, 'A'), `FORWARDED ${last}12`],
      [to(vip).tcp(40000, 80, 'A'), `FORWARDED ${last}11`],
      [to(vip).tcp(40000, 8100, 'A'), `FORWARDED ${last}11`],
    ],
  })

  packetTest(`${name}: a client port to two ports of a range is two flows`, {
    given: [service(endpoint(vip, 0).replace(/0$/, '8000-8001')), a, b],
    strip: [
      [to(vip).tcp(40000, 8000), `FORWARDED ${last}11`],
      [to(vip).tcp(40000, 8001), `FORWARDED ${last}12`],
      [to(vip).tcp(40000, 8000, 'A'), `FORWARDED ${last}11`],
      [to(vip).tcp(40000, 8001, 'A'), `FORWARDED ${last}12`],
    ],
  })

  if (!isIpv6)
    packetTest(`${name}: a client port to two VIPs of a network is two flows, which the wide table tells apart`, {
      given: [service(`${network}:80`), a, b],
      strip: [
        [to(vip).tcp(40000, 80), `FORWARDED ${last}11`],
        [to(neighbour).tcp(40000, 80), `FORWARDED ${last}12`],
        [to(vip).tcp(40000, 80, 'A'), `FORWARDED ${last}11`],
        [to(neighbour).tcp(40000, 80, 'A'), `FORWARDED ${last}12`],
      ],
      finally: ({ connections }: Director) => connections.of(endpoint(client, 40000)).map(({ wide }) => wide),
      leaves: [true, true],
    })

  const port = (number: number): Frame => ethernet(DIRECTOR, macOf(11)).ip(server, client).tcp(number, 40000, 'SA')
  const heard = (address: string, number: number): Frame =>
    ethernet(ROUTER).ip(address, client, { hops: 63 }).tcp(number, 40000, 'SA')
  const range = service(endpoint(vip, 0).replace(/0$/, '8000-8100'), 'nat')

  packetTest(`${name}: a server without a port of its own has the one that the client used`, {
    given: [range, a, clients],
    strip: [
      {
        sent: to(vip).tcp(40000, 8005),
        expect: { outcome: 'FORWARDED', packet: ethernet(macOf(11)).ip(client, server, { hops: 63 }).tcp(40000, 8005) },
      },
      // to its server that is another connection
      [to(vip).tcp(40000, 8006), `FORWARDED ${last}11`],
      { sent: port(8005), expect: { outcome: 'REPLIED', packet: heard(vip, 8005) } },
      { sent: port(8006), expect: { outcome: 'REPLIED', packet: heard(vip, 8006) } },
      [port(8007), 'NOT_A_REPLY'],
    ],
  })

  packetTest(`${name}: it is told from another service's server at that very port`, {
    given: [range, a, service(endpoint(neighbour, 80), 'nat'), realServer(endpoint(server, 8005), macOf(11)), clients],
    strip: [
      [to(vip).tcp(40000, 8005), `FORWARDED ${last}11`],
      { sent: port(8005), expect: { outcome: 'REPLIED', packet: heard(vip, 8005) } },
      [to(neighbour).tcp(40000, 80), 'TUPLE_TAKEN'],
      [to(neighbour).tcp(40001, 80), `FORWARDED ${last}11`],
      [to(vip).tcp(40001, 8005), 'TUPLE_TAKEN'],
      [to(vip).tcp(40001, 8006), `FORWARDED ${last}11`],
    ],
  })

  packetTest(`${name}: one client port to TCP and UDP of one service is two flows, each with its replies`, {
    given: [
      service([endpoint(vip, 53), `udp ${endpoint(vip, 53)}`], 'nat'),
      realServer(endpoint(server, 5353), macOf(11)),
      clients,
    ],
    strip: [
      [to(vip).tcp(40000, 53), `FORWARDED ${last}11`],
      [to(vip).udp(40000, 53), `FORWARDED ${last}11`],
      [port(5353), 'REPLIED'],
      {
        sent: ethernet(DIRECTOR, macOf(11)).ip(server, client).udp(5353, 40000),
        expect: { outcome: 'REPLIED', packet: ethernet(ROUTER).ip(vip, client, { hops: 63 }).udp(53, 40000) },
      },
    ],
  })
})

/** Whose the packets become that a listener has lost, in the order of `nested`. */
function instead(name: 'IPv4' | 'IPv6'): Readonly<Record<string, string>>[] {
  const [one, two, three] =
    name === 'IPv4' ? ['192.0.2.1', '192.0.2.2', '192.0.3.1'] : ['[2001:db8::1]', '[2001:db8::2]', '[2001:db8:1::1]']
  return [
    { [`${one}:80`]: 'B' },
    { [`${one}:81`]: 'C' },
    { [`${one}:91`]: 'E' },
    { [`${two}:80`]: 'E' },
    { [`${two}:81`]: '-', [`${two}:80`]: 'D', [`${name === 'IPv4' ? '192.0.2.16' : '[2001:db8::10]'}:80`]: 'F' },
    { [`${three}:80`]: '-' },
  ]
}

const web = service('192.0.2.0/24:80', 'nat')
const asked = (vip: string, from = 40000) => ethernet().ipv4('198.51.100.7', vip).tcp(from, 80)
const answered = (server: string, to = 40000) => ethernet(DIRECTOR, macOf(11)).ipv4(server, '198.51.100.7').tcp(8080, to, 'SA')
const from = (vip: string, to = 40000) => ({
  outcome: 'REPLIED' as const,
  packet: ethernet(ROUTER).ipv4(vip, '198.51.100.7', { ttl: 63 }).tcp(80, to, 'SA'),
})
const routed: Given = { kind: 'route', network: '198.51.100.0/24', mac: ROUTER, interface: 'in' }

packetTest('NAT through a network of VIPs: each client hears the one that it called', {
  given: [web, realServer('10.0.0.11:8080', macOf(11)), realServer('10.0.0.12:8080', macOf(12)), routed],
  strip: [
    [asked('192.0.2.9'), 'FORWARDED .11'],
    [asked('192.0.2.200'), 'FORWARDED .12'],
    [asked('192.0.2.255', 40001), 'FORWARDED .11'],
    { sent: answered('10.0.0.11'), expect: from('192.0.2.9') },
    { sent: answered('10.0.0.12'), expect: from('192.0.2.200') },
    { sent: answered('10.0.0.11', 40001), expect: from('192.0.2.255', 40001) },
  ],
})

packetTest('a client port to a VIP and to a network, one endpoint for both, is refused the second time', {
  given: [
    service('198.18.0.1:80', 'nat'),
    realServer('10.0.0.11:8080', macOf(11)),
    web,
    realServer('10.0.0.11:8080', macOf(11)),
    routed,
  ],
  strip: [
    [asked('198.18.0.1'), 'FORWARDED .11'],
    [asked('192.0.2.9'), 'TUPLE_TAKEN'],
    [asked('192.0.2.9', 40001), 'FORWARDED .11'],
    [asked('198.18.0.1', 40001), 'TUPLE_TAKEN'],
  ],
})

packetTest('so it is where one of them has servers of whatever port is asked for', {
  given: [
    service('198.18.0.1:80', 'nat'),
    realServer('10.0.0.11:80', macOf(11)),
    service('192.0.2.0/24:80-90', 'nat'),
    realServer('10.0.0.11', macOf(11)),
    routed,
  ],
  strip: [
    [asked('198.18.0.1'), 'FORWARDED .11'],
    [asked('192.0.2.9'), 'TUPLE_TAKEN'],
    [ethernet().ipv4('198.51.100.7', '192.0.2.9').tcp(40000, 81), 'FORWARDED .11'],
    [asked('192.0.2.9', 40001), 'FORWARDED .11'],
    [asked('198.18.0.1', 40001), 'TUPLE_TAKEN'],
  ],
})
