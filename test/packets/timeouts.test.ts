// SPDX-License-Identifier: Apache-2.0
// How long an entry stands, by its state: to the second.
import type { StateName } from './connection_table.js'
import { ethernet } from './frame.js'
import { realServer, service, timeouts } from './given.js'
import { after, entryIs, packetTest } from './packet_test.js'

const client = '198.51.100.7:40000'
const frame = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const servers = [realServer('10.0.0.11', '02:00:00:00:00:11'), realServer('10.0.0.12', '02:00:00:00:00:12')]
const web = [service('192.0.2.1:80'), ...servers]
const dns = [service('192.0.2.1:53', { protocol: 'udp' }), ...servers]
const query = frame.udp(40000, 53)

/** IPVS's, in seconds. */
const seconds: Readonly<Partial<Record<StateName, number>>> = {
  NONE: 2,
  ESTABLISHED: 900,
  SYN_SENT: 120,
  SYN_RECEIVED: 60,
  FIN_WAIT: 120,
  TIME_WAIT: 120,
  CLOSE: 10,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  LISTEN: 120,
  SYN_ACK: 120,
}

for (const [state, timeout] of Object.entries(seconds) as [StateName, number][])
  packetTest(`${state} ends after ${timeout} s`, {
    given: web,
    strip: [
      [frame.tcp(40000, 80), 'FORWARDED .11'],
      // A segment without flags leaves the state as it is, and begins its time anew.
      entryIs(client, { state, age: timeout }),
      [frame.tcp(40000, 80, ''), 'FORWARDED .11', `${state}?`.replace('ESTABLISHED?', 'ESTABLISHED')],
      entryIs(client, { state, age: timeout }),
      [frame.tcp(40000, 80, ''), 'FORWARDED .11'],
      entryIs(client, { state, age: timeout + 1 }),
      [frame.tcp(40000, 80, ''), 'RESET_SENT'],
    ],
  })

packetTest('UDP ends after 300 s', {
  given: dns,
  strip: [
    [query, 'FORWARDED .11', 'UDP?', '0+1 0+0'],
    after(300),
    [query, 'FORWARDED .11', 'UDP', '0+1 0+0'],
    after(300),
    [query, 'FORWARDED .11', 'UDP', '0+1 0+0'],
    after(301),
    [query, 'FORWARDED .12', 'UDP?', '0+0 0+1'],
  ],
})

packetTest('the timeouts of the configuration count', {
  given: [timeouts({ tcp: 30, tcpFin: 7, udp: 5 }), ...web, ...dns],
  strip: [
    [frame.tcp(40000, 80), 'FORWARDED .11'],
    [frame.tcp(40000, 80, 'A'), 'FORWARDED .11', 'ESTABLISHED?'],
    after(30),
    [frame.tcp(40000, 80, 'FA'), 'FORWARDED .11', 'FIN_WAIT'],
    after(7),
    [frame.tcp(40000, 80, 'A'), 'FORWARDED .11', 'FIN_WAIT'],
    after(8),
    [frame.tcp(40000, 80, 'A'), 'RESET_SENT'],
    [query, 'FORWARDED .11', 'UDP?'],
    after(6),
    [query, 'FORWARDED .12', 'UDP?'],
    [frame.tcp(40000, 80), 'FORWARDED .12', 'SYN_RECEIVED?'],
    [frame.tcp(40000, 80, 'A'), 'FORWARDED .12', 'ESTABLISHED?'],
    after(31),
    [frame.tcp(40000, 80, 'A'), 'RESET_SENT'],
  ],
})

packetTest('the longest timeout there is, 16 hours', {
  given: [timeouts({ tcp: 57_600, udp: 57_600 }), ...web],
  strip: [
    [frame.tcp(40000, 80), 'FORWARDED .11'],
    [frame.tcp(40000, 80, 'A'), 'FORWARDED .11'],
    after(57_600),
    [frame.tcp(40000, 80, 'A'), 'FORWARDED .11', 'ESTABLISHED'],
    after(57_601),
    [frame.tcp(40000, 80, 'A'), 'RESET_SENT'],
  ],
})

packetTest('a second that another CPU has already seen is no great age', {
  given: web,
  strip: [
    [frame.tcp(40000, 80), 'FORWARDED .11'],
    entryIs(client, { age: -1 }),
    [frame.tcp(40000, 80, 'A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
    entryIs(client, { age: -64 }),
    [frame.tcp(40000, 80, 'A'), 'FORWARDED .11', 'ESTABLISHED'],
  ],
})

packetTest('a SYN after the end is scheduled afresh, and the old entry gone', {
  given: web,
  strip: [
    [frame.tcp(40000, 80), 'FORWARDED .11', 'SYN_RECEIVED?', '0+1 0+0'],
    [frame.tcp(40000, 80, 'A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
    after(901),
    [frame.tcp(40000, 80), 'FORWARDED .12', 'SYN_RECEIVED?', '0+0 0+1'],
  ],
})
