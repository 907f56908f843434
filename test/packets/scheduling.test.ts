// SPDX-License-Identifier: Apache-2.0
// Whose turn it is: sequences of new flows, counted in packets; and what becomes of flows when servers come, go and fall silent.
import type { Director } from './director.js'
import { ethernet } from './frame.js'
import { type GivenServer, realServer, service } from './given.js'
import { configured, type Event, packetTest } from './packet_test.js'

const macs = ['02:00:00:00:00:11', '02:00:00:00:00:12', '02:00:00:00:00:13']
const addresses = ['10.0.0.11', '10.0.0.12', '10.0.0.13']

const web = service('192.0.2.1:80')
const dns = service('192.0.2.1:53', { protocol: 'udp' })
const frame = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const tcp = (port: number, flags = 'S') => frame.tcp(port, 80, flags)
const udp = (port: number) => frame.udp(port, 53)

/** A, B and C by their weights; null: does not answer ARP. */
function pool(...weights: readonly (number | null)[]): GivenServer[] {
  return weights.map((weight, i) =>
    realServer(addresses[i] as string, weight === null ? null : (macs[i] as string), { weight: weight ?? 1 }),
  )
}

/** The servers of so many new flows. */
const takes = [
  ['rr', [1, 1, 1], 'ABCABCABC'],
  ['rr', [5, 1, 1], 'ABCABC'],
  ['rr', [1, 0, 1], 'ACACAC'],
  ['rr', [1, null, 1], 'ACACAC'],
  ['rr', [7], 'AAAA'],
  ['rr', [0, 0], '---'],
  ['wrr', [4, 3, 2], 'AABABCABCAABABCABC'],
  ['wrr', [5, 1, 1], 'AAAAABCAAAAABC'],
  ['wrr', [10, 5], 'AABAAB'],
  ['wrr', [3, 0, 2], 'AACACAACAC'],
  ['wrr', [6, 4], 'AABABAABAB'],
  ['wrr', [1, 1, 1], 'ABCABC'],
  ['wrr', [4, null, 2], 'AACAAC'],
] as const

for (const [scheduler, weights, sequence] of takes)
  for (const protocol of ['tcp', 'udp'] as const)
    packetTest(`${scheduler} ${weights.join(',')} over ${protocol}: ${sequence}`, {
      given: [service('192.0.2.1:80', { scheduler, protocol }), ...pool(...weights)],
      strip: [],
      finally: (director) => [...sequence].map((_, flow) => letterOf(director, protocol, flow)).join(''),
      leaves: sequence,
    })

/** Where a new flow goes. */
function letterOf(director: Director, protocol: 'tcp' | 'udp', flow: number): string {
  const verdict = director.send(protocol === 'tcp' ? frame.tcp(flow + 1, 80) : frame.udp(flow + 1, 80))
  if (verdict.outcome === 'NO_REAL_SERVER') return '-'
  return 'ABC'[addresses.indexOf(director.serverOf(verdict) ?? '')] ?? verdict.outcome
}

/** Servers that are in the ring and can't be had just now: each of their slots costs a turn. */
const skips = [
  ['wrr', [4, 3, 2], 'B', 'AAACACAAACAC'],
  ['wrr', [4, 3, 2], 'A', 'BBCBCBBCBC'],
  ['wrr', [4, 3, 2], 'AC', 'BBBBBB'],
  ['rr', [1, 1, 1], 'A', 'BCBCBC'],
  ['rr', [1, 1, 1], 'ABC', '---'],
] as const

for (const [scheduler, weights, gone, sequence] of skips)
  packetTest(`${scheduler} ${weights.join(',')} while ${gone} is out: ${sequence}`, {
    given: [service('192.0.2.1:80', { scheduler }), ...pool(...weights)],
    strip: [quiesced(...gone)],
    finally: (director) => [...sequence].map((_, flow) => letterOf(director, 'tcp', flow)).join(''),
    leaves: sequence,
  })

function quiesced(...letters: readonly string[]): Event {
  return (director) => {
    for (const letter of letters) director.quiesce(addresses['ABC'.indexOf(letter)] as string)
  }
}

packetTest('a server of weight 0 keeps its connections and gets no new ones', {
  given: [web, ...pool(1, 1)],
  strip: [
    [tcp(1), 'FORWARDED .11'],
    [tcp(2), 'FORWARDED .12'],
    configured(web, ...pool(0, 1)),
    [tcp(1, 'A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+1'],
    [tcp(3), 'FORWARDED .12'],
    [tcp(4), 'FORWARDED .12'],
    // an established connection is the client's to end
    [tcp(1, 'FA'), 'FORWARDED .11', 'FIN_WAIT?', '0+1 0+3'],
    [tcp(1), 'FORWARDED .12', 'SYN_RECEIVED?', '0+0 0+4'],
  ],
})

packetTest('UDP of a server of weight 0 stays, too', {
  given: [dns, ...pool(1, 1)],
  strip: [[udp(1), 'FORWARDED .11'], configured(dns, ...pool(0, 1)), [udp(1), 'FORWARDED .11', 'UDP'], [udp(2), 'FORWARDED .12']],
})

packetTest("a removed server's connections are strays, and its clients may begin anew elsewhere", {
  given: [web, ...pool(1, 1)],
  strip: [
    [tcp(1), 'FORWARDED .11', 'SYN_RECEIVED?', '0+1 0+0'],
    [tcp(1, 'A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
    configured(web, realServer('10.0.0.12', macs[1] as string)),
    [tcp(1, 'A'), 'RESET_SENT'],
    [tcp(1), 'FORWARDED .12', 'SYN_RECEIVED?', '0+0 0+1'],
    [tcp(1, 'A'), 'FORWARDED .12', 'ESTABLISHED?', '0+0 1+0'],
  ],
})

packetTest("a removed server's UDP moves at once", {
  given: [dns, ...pool(1, 1)],
  strip: [
    [udp(1), 'FORWARDED .11', 'UDP?', '0+1 0+0'],
    configured(dns, realServer('10.0.0.12', macs[1] as string)),
    [udp(1), 'FORWARDED .12', 'UDP?', '0+0 0+1'],
  ],
})

packetTest('a server that answers ARP no more: connections wait, SYNs and UDP move', {
  given: [web, ...pool(1, 1), dns, ...pool(1, 1)],
  strip: [
    [tcp(1), 'FORWARDED .11'],
    [tcp(1, 'A'), 'FORWARDED .11'],
    [tcp(2), 'FORWARDED .12'],
    [tcp(3), 'FORWARDED .11'],
    [udp(1), 'FORWARDED .11'],
    configured(web, ...pool(null, 1), dns, ...pool(null, 1)),
    [tcp(1, 'PA'), 'SERVER_UNRESOLVED', 'ESTABLISHED?'],
    [tcp(3), 'FORWARDED .12', 'SYN_RECEIVED?'],
    [udp(1), 'FORWARDED .12', 'UDP?'],
    configured(web, ...pool(1, 1), dns, ...pool(1, 1)),
    [tcp(1, 'PA'), 'FORWARDED .11', 'ESTABLISHED?'],
    [tcp(3, 'A'), 'FORWARDED .12', 'ESTABLISHED?'],
  ],
})

packetTest('a server that answers from another MAC address is followed', {
  given: [web, ...pool(1)],
  strip: [
    [tcp(1), 'FORWARDED .11'],
    configured(web, realServer('10.0.0.11', '02:00:00:00:00:77')),
    [tcp(1, 'A'), 'FORWARDED .11', 'ESTABLISHED?'],
    configured(web, realServer('10.0.0.11', '02:00:00:00:00:77', { on: 'other' })),
    [tcp(1, 'A'), 'REDIRECTED .11', 'ESTABLISHED?', '1+0'],
  ],
})

packetTest('flows are told apart by client, port, protocol and listener', {
  given: [web, ...pool(1, 1), dns, ...pool(1, 1), service('192.0.2.1:53'), ...pool(1, 1), service('192.0.2.2:80'), ...pool(1, 1)],
  strip: [
    [frame.tcp(7, 80), 'FORWARDED .11'],
    [ethernet().ipv4('198.51.100.8', '192.0.2.1').tcp(7, 80), 'FORWARDED .12'],
    [ethernet().ipv4('198.51.100.7', '192.0.2.2').tcp(7, 80), 'FORWARDED .11'],
    [frame.tcp(7, 53), 'FORWARDED .11'],
    [frame.udp(7, 53), 'FORWARDED .11'],
    [frame.tcp(8, 80), 'FORWARDED .11'],
    [frame.tcp(7, 80, 'A'), 'FORWARDED .11', 'ESTABLISHED? and SYN_RECEIVED?'],
  ],
  finally: (director) => director.connections.entries().length,
  leaves: 6,
})

packetTest('a change of the ring begins at its head', {
  given: [web, ...pool(1, 1, 1)],
  strip: [
    [tcp(1), 'FORWARDED .11'],
    [tcp(2), 'FORWARDED .12'],
    configured(web, ...pool(1, 1)),
    [tcp(3), 'FORWARDED .11'],
    [tcp(4), 'FORWARDED .12'],
  ],
})
