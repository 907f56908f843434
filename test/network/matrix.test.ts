// SPDX-License-Identifier: Apache-2.0
// The matrix of forwarding: plain packets, fragments, ICMP errors, each way that there is; and what is refused.
import t from 'tap'
import { cells, holeAt } from './matrix.js'
import { entryFor, nameOf } from './matrix_scene.js'
import { tryCells } from './matrix_tests.js'
import { until } from './stage.js'

const { lab, controller } = await tryCells(0, ['plain', 'fragments', 'ICMP errors'])

const places = cells.filter(({ kind, stand }) => kind === 'plain' && stand === 'one-arm')

t.test('what cannot work is refused before it is tried, with the reason', async (t) => {
  const { services } = (await controller.api('GET', '/v1/config')).body
  for (const cell of places) {
    const { status, body } = await controller.api('PUT', '/v1/config?dryRun=true', {
      services: [...services, entryFor(lab, cell)],
    })
    const hole = holeAt(cell)
    if (hole) t.match({ status, body }, { status: 400, body: { errors: [{ message: hole.reason }] } }, nameOf(cell))
    else t.equal(status, 200, `${nameOf(cell)} is not`)
  }
})

t.test('a server behind a router that direct routing does not reach gets nothing, and the log says why', async (t) => {
  const entry = entryFor(lab, { forwarding: 'dr', vip: 'IPv4', server: 'IPv4', protocol: 'tcp', stand: 'remote' })
  t.equal((await controller.api('POST', '/v1/services', entry)).status, 201)
  await until('the log has it', () =>
    /unresolved: .* is behind the router 10\.0\.0\.1: direct routing needs it on a network/.test(controller.log()),
  )
  const { body } = await controller.api('GET', `/v1/services/${entry.name}`)
  t.match(body.servers, [{ status: { state: 'unresolved' } }])
})
