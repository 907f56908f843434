// SPDX-License-Identifier: Apache-2.0
// A service that gets its first server of full NAT, in the order that packets need.
import t from 'tap'
import type { Address, Service } from '../../src/model/desired.js'
import { type Facts, unknownFacts } from '../../src/model/facts.js'
import type { ListenerEntry, MapWrite } from '../../src/reconcile/actual.js'
import { plan } from '../../src/reconcile/plan.js'
import { portName } from '../../src/reconcile/vips.js'
import { foundListeners } from '../../src/reconcile/widening.js'
import { desired, listeners, service } from '../model/example.js'
import { entries, placed } from './example.js'
import { blank } from './maps.js'

const facts: Facts = {
  ...unknownFacts,
  interfaces: [{ name: 'eth0', ifindex: 3, mac: '02:00:00:00:00:03', mode: 'native' }],
  neighbours: new Map(
    ['11', '12'].map((host) => [`10.0.0.${host}` as Address, { mac: `02:00:00:00:00:${host}`, interface: 'eth0' }]),
  ),
}
const sources = ['10.0.0.2' as Address]
const ranged: Service = {
  ...service('web', 80, '11'),
  listeners: listeners('tcp 203.0.113.10:80', 'tcp 203.0.113.10:8000-8002', 'tcp 203.0.113.10:25'),
}
const full: Service = {
  ...ranged,
  listeners: ranged.listeners.slice(0, 2),
  servers: [...ranged.servers, { address: '10.0.0.12' as Address, port: 80, weight: 1, forwarding: 'fullnat' }],
}

const told = (writes: readonly MapWrite[]) =>
  writes.map((one, place) =>
    one.kind === 'listener' ? `listener ${one.entry.firstPort}${one.entry.wide ? '*' : ''}` : placed(writes)[place],
  )

t.test('its listeners’ flows have room for a source port first, even those of one that goes', async (t) => {
  const first = plan({ ...desired(ranged), sources }, facts, blank)
  const second = plan({ ...desired(full), sources }, facts, first.next, first.basis)
  t.strictSame(told(second.writes), [
    'server',
    'endpoint tcp 10.0.0.12:80 16',
    'listener 80*',
    'listener 8000*',
    'listener 25*',
    'port 1 tcp 8000/15 of 2*',
    'port 1 tcp 8002/16 of 2*',
    'layOut',
    'turnOn',
    'removeListener',
  ])
  const third = plan({ ...desired(ranged), sources }, facts, second.next, second.basis)
  t.notOk(
    told(third.writes).some((line) => line?.endsWith('*') && line !== 'listener 25*'),
    'and it stays so',
  )
  t.ok([...third.next.listeners.values()].filter(({ firstPort }) => firstPort !== 25).every(({ wide }) => wide))
})

t.test('ports that a dead controller left to another service are found by that one', async (t) => {
  const [listener] = entries(['tcp 203.0.113.10:8000-8002', '2']).values()
  const port = { block: 1, protocol: 'tcp', port: 8000, bits: 15, listener: 1, service: 1, wide: false } as const
  const ports = new Map([port, { ...port, port: 8002, bits: 16, service: 2 }].map((entry) => [portName(entry), entry]))
  const found = foundListeners({ listeners: new Map([['x', listener as ListenerEntry]]), ports })
  t.strictSame(
    found.map(({ service }) => service),
    [2, 1],
  )
})
