// SPDX-License-Identifier: Apache-2.0
// Weight 0: nothing new, and what is there goes on.
import t from 'tap'
import { offerDownload, takeDownload } from '../../vagrant/download.js'
import { requests, sequence } from '../../vagrant/traffic.js'
import { outcomes, serverStates, stage, until } from './stage.js'

const { lab, controller } = await stage(t)
offerDownload(lab, 8 << 20)

const connections = async (query = '') =>
  (await controller.api('GET', `/v1/connections?service=web&limit=1000${query}`)).body.items

t.test('a server set to weight 0 keeps its downloads and gets no more', async (t) => {
  const download = takeDownload(lab)
  await until('the download is connected', async () => (await connections()).length === 1)
  const [{ server, state }] = await connections()
  t.equal(state, 'ESTABLISHED')
  const drained = await controller.api('PATCH', `/v1/services/web/servers/${server}`, { weight: 0 })
  t.equal(drained.status, 200)
  t.equal(drained.body.status.state, 'draining')
  t.equal(drained.body.status.activeConnections, 1)
  const { answers, failures } = await requests(lab, 20)
  t.equal(failures, 0)
  const name = ['server1', 'server2', 'server3'].find((each) => server.startsWith(`${lab.address(each)}:`)) ?? ''
  t.notOk(answers.includes(name), `${name} gets nothing new`)
  t.ok(await download.whole, 'the download is whole')
  await controller.api('PATCH', `/v1/services/web/servers/${server}`, { weight: 1 })
  t.match(sequence((await requests(lab, 6)).answers), /^(123){2}$/, 'it takes its turn again, from the head of the list')
})

t.test('a service whose servers all have weight 0 refuses new connections by name', async (t) => {
  const { body } = await controller.api('GET', '/v1/services/web')
  const weighted = (weight: number) =>
    body.servers.map(({ address, port }: { address: string; port: number }) => ({ address, port, weight }))
  const download = takeDownload(lab)
  await until('the download is connected', async () =>
    (await connections()).some((each: { state: string }) => each.state === 'ESTABLISHED'),
  )
  t.equal((await controller.api('PATCH', '/v1/services/web', { servers: weighted(0) })).status, 200)
  const before = (await outcomes(controller)).no_real_server ?? 0
  t.equal((await requests(lab, 1, { seconds: 1 })).failures, 1)
  const after = (await outcomes(controller)).no_real_server ?? 0
  t.ok(after > before, 'the drop is counted as no_real_server')
  t.ok(await download.whole, 'the download is whole')
  await controller.api('PATCH', '/v1/services/web', { servers: weighted(1) })
  t.strictSame(await serverStates(controller), ['up', 'up', 'up'])
})

t.test('active and inactive connections are exact at rest', async (t) => {
  const listed: { server: string; state: string }[] = await connections()
  const { body } = await controller.api('GET', '/v1/services/web')
  for (const { address, port, status } of body.servers) {
    const mine = listed.filter((each) => each.server === `${address}:${port}`)
    const active = mine.filter((each) => each.state === 'ESTABLISHED').length
    t.equal(status.activeConnections, active)
    t.equal(status.inactiveConnections, mine.length - active)
  }
  t.ok(listed.length >= 26, 'those that were closed are still listed')
})
