// SPDX-License-Identifier: Apache-2.0
// A director with two interfaces and jumbo frames: servers on either side, frames larger than a page.
import t from 'tap'
import { machineOf, readTopology, type Topology, withMachine, withNetwork } from '../../vagrant/topology.js'
import { askDatagrams, echoService, requests, sequence, serveDatagrams, webService } from '../../vagrant/traffic.js'
import { outcomes, stage } from './stage.js'

/** Another network behind director and router, with a fourth server on it. */
function withBack(topology: Topology): Topology {
  const onBack = (name: string, address: string) => {
    const machine = machineOf(topology, name)
    return { ...machine, addresses: { ...machine.addresses, back: address } }
  }
  const wider = withNetwork(topology, 'back', { prefix: '10.0.1.0/24' })
  const joined = withMachine(
    withMachine(wider, 'router', onBack('router', '10.0.1.1')),
    'director',
    onBack('director', '10.0.1.2'),
  )
  return withMachine(joined, 'server4', { role: 'server', addresses: { back: '10.0.1.14' }, gateway: '10.0.1.1' })
}

const { lab, controller } = await stage(t, {
  topology: { ...withBack(readTopology()), mtu: 9000 },
  services: (lab) => [webService(lab), echoService(lab, 9000)],
})
await serveDatagrams(lab, 9000)

t.test('both interfaces carry the program in native mode', async (t) => {
  const { interfaces } = (await controller.api('GET', '/v1/status')).body
  t.match(interfaces, [
    { name: 'eth1', mode: 'native' },
    { name: 'eth2', mode: 'native' },
  ])
})

t.test('a server on the other interface takes its turns, by redirect', async (t) => {
  const before = await outcomes(controller)
  const { answers, failures } = await requests(lab, 12)
  t.equal(failures, 0)
  t.equal(sequence(answers), '1234'.repeat(3))
  const after = await outcomes(controller)
  t.ok((after.redirected ?? 0) - (before.redirected ?? 0) >= 3 * 4, 'its packets are counted as redirected')
  t.ok((after.forwarded ?? 0) - (before.forwarded ?? 0) >= 9 * 4, "the others' as forwarded")
  const { body } = await controller.api('GET', `/v1/services/web/servers/${lab.address('server4')}:80`)
  t.match(body.status, { state: 'up', interface: 'eth2' })
})

/** Who has answered, and `-` for a datagram that nobody did; how often each is for chance, for a port may have been another flow's. */
const everyone = (answers: readonly string[]) => [...new Set(sequence(answers))].sort().join('')

for (const size of [1400, 3500, 4200, 8900]) {
  t.test(`datagrams of ${size} bytes arrive whole, each in one frame`, async (t) => {
    const answers = await askDatagrams(lab, { port: 9000, count: 8, size, perSecond: 50 })
    t.equal(everyone(answers), '1234')
  })
}

t.test('a datagram larger than the MTU arrives, in fragments of more than a page', async (t) => {
  const before = await outcomes(controller)
  const answers = await askDatagrams(lab, { port: 9000, count: 8, size: 12000, perSecond: 50 })
  t.equal(everyone(answers), '1234')
  t.equal((await outcomes(controller)).fragment, before.fragment, 'each later fragment follows its first')
})
