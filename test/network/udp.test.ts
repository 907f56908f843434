// SPDX-License-Identifier: Apache-2.0
// UDP through the VIP: a flow stays with its server, flows take turns.
import t from 'tap'
import { askDatagrams, sequence, serveDatagrams, webService } from '../../vagrant/traffic.js'
import { stage } from './stage.js'

const { lab, controller } = await stage(t, {
  services: (lab) => [
    webService(lab),
    webService(lab, [3, 2, 1], {
      name: 'echo',
      protocol: 'udp',
      port: 9000,
      scheduler: 'wrr',
      servers: webService(lab, [3, 2, 1]).servers.map((server) => ({ ...server, port: 9000 })),
    }),
  ],
})
await serveDatagrams(lab, 9000)

t.test('flows take weighted turns', async (t) => {
  const answers = await askDatagrams(lab, { port: 9000, count: 18, perSecond: 100 })
  t.equal(sequence(answers), '112123'.repeat(3))
})

t.test('a flow stays where it began', async (t) => {
  const answers = await askDatagrams(lab, { port: 9000, count: 60, flows: 6 })
  t.equal(answers.length, 60)
  for (let flow = 0; flow < 6; flow++) {
    const servers = new Set(answers.filter((_, number) => number % 6 === flow))
    t.equal(servers.size, 1, `flow ${flow} has one server`)
    t.notOk(servers.has('-'), `and loses nothing`)
  }
})

t.test('its connections are listed', async (t) => {
  const { body } = await controller.api('GET', '/v1/connections?service=echo&limit=100')
  t.equal(body.items.length, 24)
  t.ok(body.items.every((item: { protocol: string; state: string }) => item.protocol === 'udp' && item.state === 'UDP'))
})
