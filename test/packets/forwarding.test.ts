// SPDX-License-Identifier: Apache-2.0
// What direct routing does to a packet that it takes: two MAC addresses, nothing else.
import t from 'tap'
import { Director, OTHER } from './director.js'
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

const onPort = (port: number) => [service(`192.0.2.1:${port}`), realServer('10.0.0.11', mac)]

let few: Director | undefined
function withFewListeners(): Director {
  few ??= Director.load({ services: 8, servers: 8 })
  return few
}

/** Eight ports whose listeners want the same line of the listener table, twice as many as fit into it. */
function colliding(director: Director): number[] {
  const byLine = new Map<number, number[]>()
  for (let port = 1; ; port++) {
    director.reset()
    director.configure(onPort(port))
    const [line = 0] = director.listenerLines()
    const ports = [...(byLine.get(line) ?? []), port]
    if (ports.length === 8) return ports
    byLine.set(line, ports)
  }
}

t.test('every listener is found, wherever its hash has put it, and no other', async (t) => {
  const director = withFewListeners()
  const ports = colliding(director)
  director.configure(ports.flatMap(onPort))
  t.ok(new Set(director.listenerLines()).size > 1, 'one line does not hold them all')
  const found = Array.from({ length: 200 }, (_, i) => i + 1).filter(
    (port) => director.send(ethernet().ipv4(client, vip).tcp(40000, port)).outcome === 'FORWARDED',
  )
  t.same(found, ports)
})
