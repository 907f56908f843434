// SPDX-License-Identifier: Apache-2.0
// Where native XDP is not to be had, generic does, and status says so.
import t from 'tap'
import { requests, sequence, webService } from '../../vagrant/traffic.js'
import { stage } from './stage.js'

t.test('generic mode when it is asked for', async (t) => {
  const { lab, controller } = await stage(t, { settings: { xdpMode: 'generic' } })
  t.match((await controller.api('GET', '/v1/status')).body.interfaces, [{ name: 'eth1', mode: 'generic' }])
  t.equal(sequence((await requests(lab, 6)).answers), '123123')
})

t.test('generic mode where the driver has no native one, with the reason', async (t) => {
  const { lab, controller } = await stage(t)
  t.match((await controller.api('GET', '/v1/status')).body.interfaces, [{ name: 'eth1', mode: 'native' }])
  await controller.stop('SIGTERM')
  t.equal((await controller.detach()).code, 0)
  const director = lab.topology.machines.director
  for (const words of [
    'link add br0 type bridge',
    'link set br0 address 02:00:0a:00:00:02 up',
    'link set eth1 master br0',
    `address del ${lab.address('director')}/24 dev eth1`,
    `address add ${lab.address('director')}/24 dev br0`,
    `route replace default via ${director?.gateway}`,
  ]) {
    lab.do('director', 'ip', ...words.split(' '))
  }
  controller.configure([webService(lab)], { interfaces: ['br0'], xdpMode: 'auto' })
  await controller.start()
  const [entry] = (await controller.api('GET', '/v1/status')).body.interfaces
  t.match(entry, { name: 'br0', mode: 'generic', reason: /\w/ })
  await t.resolveMatch(
    requests(lab, 6).then(({ answers }) => sequence(answers)),
    '123123',
  )
  await controller.stop('SIGTERM')
  controller.configure([webService(lab)], { interfaces: ['br0'], xdpMode: 'native', pinDir: `${lab.pins('director')}` })
  await controller.detach()
  await t.rejects(controller.start(), /br0/, 'native, where it is insisted on, fails and names the interface')
})
