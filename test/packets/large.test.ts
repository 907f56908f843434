// SPDX-License-Identifier: Apache-2.0
// Frames that are longer than a page, which XDP sees in pieces, and frames with options and padding: forwarded whole.
import t from 'tap'
import { ethernet } from './frame.js'
import { realServer, service } from './given.js'
import { packetTest, usual } from './packet_test.js'

const client = '198.51.100.7'
const vip = '192.0.2.1'
const mac = '02:00:00:00:00:11'
const given = [
  service('192.0.2.1:80'),
  realServer('10.0.0.11', mac),
  service('192.0.2.1:53', { protocol: 'udp' }),
  realServer('10.0.0.11', mac),
]
const options = Buffer.from([7, 39, 4, ...Array(36).fill(0), 0])

/** Past 3,520 bytes BPF_PROG_RUN cuts a frame into pieces of a page. */
for (const length of [1, 1460, 3466, 3467, 4096, 8960, 40_000, 65_495])
  packetTest(`TCP with ${length} bytes`, {
    given,
    sent: ethernet().ipv4(client, vip).tcp(40000, 80).payload(length),
    expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip).tcp(40000, 80).payload(length) },
  })

for (const length of [0, 1472, 8972, 65_507])
  packetTest(`UDP with ${length} bytes`, {
    given,
    sent: ethernet().ipv4(client, vip).udp(40000, 53).payload(length),
    expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip).udp(40000, 53).payload(length) },
  })

packetTest('a large frame whose IP length is longer still', {
  given,
  sent: ethernet().ipv4(client, vip).tcp(40000, 80).payload(8960).with(2, 0x24, 0),
  expect: { outcome: 'BROKEN_IP_HEADER' },
})

packetTest('a small packet in a large frame', {
  given,
  strip: [[ethernet().ipv4(client, vip).tcp(40000, 80, 'F').padded(9000), 'RESET_SENT']],
})

packetTest('IP options are carried along', {
  given,
  sent: ethernet().ipv4(client, vip, { options }).tcp(40000, 80),
  expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip, { options }).tcp(40000, 80) },
})

packetTest('IP options and TCP options', {
  given,
  sent: ethernet().ipv4(client, vip, { options }).tcp(40000, 80, 'S', { options }).payload(9),
  expect: {
    outcome: 'FORWARDED',
    packet: ethernet(mac).ipv4(client, vip, { options }).tcp(40000, 80, 'S', { options }).payload(9),
  },
})

packetTest('padding is carried along', {
  given,
  sent: ethernet().ipv4(client, vip).udp(40000, 53).payload('short').padded(60),
  expect: { outcome: 'FORWARDED', packet: ethernet(mac).ipv4(client, vip).udp(40000, 53).payload('short').padded(60) },
})

t.test('every length of an IPv4 header', async (t) => {
  const director = usual()
  for (let words = 5; words <= 15; words++) {
    director.reset()
    director.configure(given)
    const frame = ethernet().ipv4(client, vip, { options: Buffer.alloc((words - 5) * 4, 1) })
    t.equal(director.send(frame.tcp(40000, 80)).outcome, 'FORWARDED', `TCP after ${words} words`)
    t.equal(director.send(frame.udp(40000, 53)).outcome, 'FORWARDED', `UDP after ${words} words`)
    t.same(
      director.connections
        .of(`${client}:40000`)
        .map(({ servicePort }) => servicePort)
        .sort(),
      [53, 80],
    )
  }
})
