// SPDX-License-Identifier: Apache-2.0
// Two directors in one kernel, each in a namespace and with pins of its own.
import t from 'tap'
import { Controller } from '../../vagrant/controller.js'
import { readTopology, withMachine } from '../../vagrant/topology.js'
import { requests, sequence, webService } from '../../vagrant/traffic.js'
import { serverStates, stage, until } from './stage.js'

const topology = withMachine(readTopology(), 'director2', {
  role: 'director',
  addresses: { servers: '10.0.0.3' },
  gateway: '10.0.0.1',
})
const { lab, controller: first } = await stage(t, { topology })
const otherVip = lab.topology.vips[1] ?? ''
const second = new Controller(lab, 'director2')
second.configure([webService(lab, [2, 1, 0], { address: otherVip, scheduler: 'wrr' })])
await second.start()
await until('the second has found the servers', async () => !(await serverStates(second)).includes('unresolved'))
const other = { url: `http://${otherVip}/` }

t.test('each balances its own VIP by its own rules', async (t) => {
  const [one, two] = await Promise.all([requests(lab, 12), requests(lab, 12, other)])
  t.equal(sequence(one.answers), '123'.repeat(4))
  t.equal(sequence(two.answers), '112'.repeat(4))
})

t.test('they know only their own connections', async (t) => {
  for (const [controller, vip] of [
    [first, lab.vip],
    [second, otherVip],
  ] as const) {
    const { items } = (await controller.api('GET', '/v1/connections?limit=100')).body
    t.equal(items.length, 12)
    t.ok(items.every((item: { virtual: string }) => item.virtual === `${vip}:80`))
  }
})

t.test('one is taken away, the other does not notice', async (t) => {
  const going = requests(lab, 60, { ...other, perSecond: 60 })
  await first.stop('SIGTERM')
  t.equal((await first.detach()).code, 0)
  t.equal((await going).failures, 0)
  t.equal(sequence((await requests(lab, 6, other)).answers).length, 6)
})
