// SPDX-License-Identifier: Apache-2.0
// What is counted for services and servers: packets, bytes of IP, connections.
import type { Director } from './director.js'
import { ethernet } from './frame.js'
import { realServer, service } from './given.js'
import { after, configured, packetTest } from './packet_test.js'

const frame = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const tcp = (port: number, flags = 'S') => frame.tcp(port, 80, flags)
const a = realServer('10.0.0.11', '02:00:00:00:00:11')
const b = realServer('10.0.0.12', '02:00:00:00:00:12')
const web = service('192.0.2.1:80')
const dns = service('192.0.2.1:53', { protocol: 'udp' })

/** `packets/bytes/connections` of each service, then of each server. */
function traffic(director: Director): string {
  const texts = (list: ReturnType<Director['serverTraffic']>) =>
    list.map(({ packets, bytes, connections }) => `${packets}/${bytes}/${connections}`).join(' ')
  return `services ${texts(director.serviceTraffic())} servers ${texts(director.serverTraffic())}`
}

packetTest('every packet, with its IP header and without padding; every connection once', {
  given: [web, a, b],
  strip: [
    [tcp(1), 'FORWARDED .11'],
    [tcp(1, 'A').payload(60), 'FORWARDED .11'],
    [tcp(2).padded(60), 'FORWARDED .12'],
    [tcp(2), 'FORWARDED .12'],
    [tcp(3).payload(8000), 'FORWARDED .11'],
  ],
  finally: traffic,
  leaves: 'services 5/8260/3 servers 3/8180/2 2/80/1',
})

packetTest('services and protocols apart', {
  given: [web, a, dns, a],
  strip: [
    [tcp(1), 'FORWARDED .11'],
    [frame.udp(1, 53).payload(12), 'FORWARDED .11'],
    [frame.udp(1, 53), 'FORWARDED .11'],
  ],
  finally: traffic,
  leaves: 'services 1/40/1 2/68/1 servers 1/40/1 2/68/1',
})

packetTest('a connection that begins anew is another one', {
  given: [web, a, b],
  strip: [
    [tcp(1), 'FORWARDED .11'],
    [tcp(1, 'A'), 'FORWARDED .11'],
    [tcp(1, 'R'), 'FORWARDED .11'],
    [tcp(1), 'FORWARDED .12'],
    after(61),
    [tcp(1), 'FORWARDED .11'],
  ],
  finally: traffic,
  leaves: 'services 5/200/3 servers 4/160/2 1/40/1',
})

packetTest("what goes to nobody is nobody's", {
  given: [web, a],
  strip: [
    [tcp(1, 'A'), 'RESET_SENT'],
    [tcp(1, 'R'), 'STRAY'],
    [frame.tcp(1, 81), 'NOT_OURS'],
    [tcp(1).with(20 + 12, 0x40), 'MALFORMED'],
  ],
  finally: traffic,
  leaves: 'services 0/0/0 servers 0/0/0',
})

packetTest('a flow that goes by its hash has packets and no connection', {
  given: [{ ...web, stray: 'hash' }, a],
  strip: [
    [tcp(1, 'FA'), 'HASHED .11', '-', '0+0'],
    [tcp(1, 'R'), 'HASHED .11', '-', '0+0'],
  ],
  finally: traffic,
  leaves: 'services 2/80/0 servers 2/80/0',
})

packetTest('a server of weight 0 goes on counting', {
  given: [web, a, b],
  strip: [
    [tcp(1), 'FORWARDED .11'],
    configured(web, { ...a, weight: 0 }, b),
    [tcp(1, 'A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
  ],
  finally: traffic,
  leaves: 'services 2/80/1 servers 2/80/1 0/0/0',
})
