// SPDX-License-Identifier: Apache-2.0
// A service that gets its first server of full NAT needs the wide table from then on; connections that it has keep their entries.
import type { Director } from './director.js'
import { icmpError } from './families.js'
import { DIRECTOR, ethernet, ROUTER } from './frame.js'
import { type Given, realServer, route, service, sources } from './given.js'
import { after, configured, entryIs, packetTest, type Step } from './packet_test.js'
import { stations } from './scene.js'

const mac = '02:00:00:00:00:11'
const client = '198.51.100.7'
const vip = '192.0.2.1'
const [director = ''] = stations.in.addresses
const routed = route('198.51.100.0/24', ROUTER)
const a = realServer('10.0.0.11', mac)
const behindOther = realServer('10.0.0.12', '02:00:00:00:00:12', { forwarding: 'fullnat' })

const asked = (flags = 'S', from = 40000) => ethernet().ipv4(client, vip).tcp(from, 80, flags)
const heard = ethernet(ROUTER).ipv4(vip, client, { ttl: 63 })
const answered = (flags = 'SA', to = 40000) => ethernet(DIRECTOR, mac).ipv4('10.0.0.11', client).tcp(80, to, flags)
const unreachable = icmpError(ethernet().ipv4('203.0.113.1', vip), 'unreachable', false)
const error = unreachable.quoting(ethernet().ipv4(vip, client).tcp(80, 40000, 'A'), 28)

/** `narrow` and `wide`: where the client's entries are. */
const tables =
  (leaves: readonly string[]) =>
  ({ connections }: Director): boolean => {
    const found = connections.of(`${client}:40000`).map(({ wide }) => (wide ? 'wide' : 'narrow'))
    return `${found}` === `${leaves}`
  }

/** Before it had one server of NAT or direct routing, now it has one of full NAT as well. */
const grown = (method: 'nat' | 'dr'): { before: Given[]; after: Given[] } => {
  const web = service('192.0.2.1:80', method)
  return { before: [web, a, routed], after: [sources(director), web, a, behindOther, routed] }
}

for (const method of ['dr', 'nat'] as const) {
  const { before, after: now } = grown(method)

  packetTest(`${method}: a connection goes on in the table where it is`, {
    given: before,
    strip: [
      [asked(), 'FORWARDED .11', 'SYN_RECEIVED?'],
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED?'],
      configured(...now),
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED?'],
      [asked('S'), 'FORWARDED .11', 'ESTABLISHED?'],
      after(1),
      [asked('PA'), 'FORWARDED .11', 'ESTABLISHED'],
      [asked('R'), 'FORWARDED .11', 'CLOSE'],
    ],
    finally: tables(['narrow']),
    leaves: true,
  })

  packetTest(`${method}: once it is over, the next one of that client port is in the other`, {
    given: before,
    strip: [
      [asked(), 'FORWARDED .11'],
      [asked('R'), 'FORWARDED .11'],
      entryIs(`${client}:40000`, { state: 'CLOSE' }),
      configured(...now),
      [asked('A'), 'FORWARDED .11', 'CLOSE?'],
      [asked(), 'FORWARDED .11', 'SYN_RECEIVED?'],
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
    ],
    finally: tables(['wide']),
    leaves: true,
  })

  packetTest(`${method}: so it is when time ended it`, {
    given: before,
    strip: [[asked()], configured(...now), after(61), [asked('A'), 'RESET_SENT', '-'], [asked(), 'FORWARDED .11']],
    finally: tables(['wide']),
    leaves: true,
  })

  packetTest(`${method}: new ones are in the wide table, and go to either server`, {
    given: now,
    strip: [
      [asked(), 'FORWARDED .11'],
      [asked('S', 40001), 'FORWARDED .12'],
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED?'],
    ],
    finally: tables(['wide']),
    leaves: true,
  })

  packetTest(`${method}: an error about a connection finds it in either table`, {
    given: before,
    strip: [
      [asked()],
      configured(...now),
      [error, 'FORWARDED .11'],
      after(61),
      [error, 'NOT_OURS'],
      [asked(), 'FORWARDED .11'],
      [error, 'FORWARDED .11'],
    ],
  })
}

const { before, after: now } = grown('nat')

const replies: Step[] = [
  { sent: answered(), expect: { outcome: 'REPLIED', packet: heard.tcp(80, 40000, 'SA') } },
  { sent: answered('A'), expect: { outcome: 'REPLIED', packet: heard.tcp(80, 40000, 'A') } },
]

packetTest('replies find the connection in either table', {
  given: before,
  strip: [[asked()], configured(...now), ...replies, after(901), [asked(), 'FORWARDED .11'], ...replies],
})

packetTest('a connection whose server was removed begins again in the wide table', {
  given: before,
  strip: [
    [asked(), 'FORWARDED .11'],
    configured(sources(director), service('192.0.2.1:80', 'nat'), behindOther, routed),
    [asked(), 'FORWARDED .12', 'SYN_RECEIVED?'],
    [asked('A'), 'FORWARDED .12', 'ESTABLISHED?'],
  ],
  finally: tables(['wide']),
  leaves: true,
})
