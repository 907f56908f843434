// SPDX-License-Identifier: Apache-2.0
// What direct routing does to a packet that it takes: two MAC addresses, nothing else.
import { OTHER } from './director.js'
import { ethernet } from './frame.js'
import { realServer, service } from './given.js'
import { packetTest } from './packet_test.js'

const client = '198.51.100.7'
const vip = '192.0.2.1'
const mac = '02:00:00:00:00:11'

packetTest('direct routing changes only the MAC addresses', {
  given: [service('192.0.2.1:80'), realServer('10.0.0.11', mac)],
  sent: ethernet().ipv4(client, vip).tcp(40000, 80),
  expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip).tcp(40000, 80) },
})

packetTest('a server on another interface gets the frame with that interface as its source', {
  given: [service('192.0.2.1:80'), realServer('10.0.0.11', mac, { on: 'other' })],
  sent: ethernet().ipv4(client, vip).tcp(40000, 80),
  expect: { outcome: 'REDIRECTED', packet: ethernet(mac, OTHER).ipv4(client, vip).tcp(40000, 80) },
})
