// SPDX-License-Identifier: Apache-2.0
// Until when an entry is on probation: what a client that does not exist can bring about ends no probation.
import { ethernet } from './frame.js'
import { realServer, service } from './given.js'
import { after, packetTest } from './packet_test.js'

const frame = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const segment = (flags: string) => frame.tcp(40000, 80, flags)
const query = frame.udp(40000, 53)
const servers = [realServer('10.0.0.11', '02:00:00:00:00:11')]
const web = [service('192.0.2.1:80'), ...servers]

packetTest('TCP is proven by a packet of an established entry in a later second', {
  given: web,
  strip: [
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?'],
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?'],
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?'],
    after(1),
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED'],
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED'],
  ],
})

packetTest('SYN and ACK are no proof, even in two seconds', {
  given: web,
  strip: [
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?'],
    after(1),
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?'],
    [segment('PA'), 'FORWARDED .11', 'ESTABLISHED?'],
    after(1),
    [segment('PA'), 'FORWARDED .11', 'ESTABLISHED'],
  ],
})

packetTest('nor are SYNs, however many', {
  given: web,
  strip: [
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?'],
    after(1),
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?'],
    after(3),
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?'],
  ],
})

packetTest('a lone ACK under hash is on probation as well', {
  given: [service('192.0.2.1:80', { stray: 'hash' }), ...servers],
  strip: [
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?'],
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?'],
    after(1),
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED'],
  ],
})

packetTest('a connection that begins anew is on probation again', {
  given: web,
  strip: [
    [segment('S'), 'FORWARDED .11'],
    [segment('A'), 'FORWARDED .11'],
    after(1),
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED'],
    [segment('R'), 'FORWARDED .11', 'CLOSE'],
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?'],
    after(1),
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?'],
  ],
})

packetTest('UDP is proven by its second packet', {
  given: [service('192.0.2.1:53', { protocol: 'udp' }), ...servers],
  strip: [
    [query, 'FORWARDED .11', 'UDP?'],
    [query, 'FORWARDED .11', 'UDP'],
    [query, 'FORWARDED .11', 'UDP'],
    after(301),
    [query, 'FORWARDED .11', 'UDP?'],
  ],
})
