// SPDX-License-Identifier: Apache-2.0
// Where the servers are: one that falls silent, one that comes back, one that gets another NIC.
import t from 'tap'
import { interfacesOf } from '../../vagrant/topology.js'
import { requests, sequence } from '../../vagrant/traffic.js'
import { portOf } from '../../vagrant/wiring.js'
import { serverStates, stage, until } from './stage.js'

const { lab, controller } = await stage(t)
const port = portOf(lab.topology, 'server2', 'servers')
const cable = (state: 'up' | 'down') => lab.do('switch', 'ip', 'link', 'set', port, state)
const server2 = async () => (await controller.api('GET', `/v1/services/web/servers/${lab.address('server2')}:80`)).body

t.test('a server knows its MAC and interface', async (t) => {
  const { status } = await server2()
  t.match(status, { state: 'up', mac: interfacesOf(lab.topology, 'server2')[0]?.mac, interface: 'eth1', weight: 1 })
})

t.test('a server that does not answer is unresolved and gets nothing', async (t) => {
  cable('down')
  const took = await until('unresolved', async () => (await server2()).status.state === 'unresolved')
  t.ok(took < 8000, `noticed after ${took} ms`)
  t.equal((await controller.api('GET', '/v1/services/web')).body.status.state, 'degraded')
  const { answers, failures } = await requests(lab, 8)
  t.equal(failures, 0)
  t.match(sequence(answers), /^(13){4}$/)
})

t.test('and is back once it answers', async (t) => {
  cable('up')
  const took = await until('up', async () => (await server2()).status.state === 'up')
  t.ok(took < 5000, `noticed after ${took} ms`)
  t.strictSame(await serverStates(controller), ['up', 'up', 'up'])
  t.match(sequence((await requests(lab, 6)).answers), /^(123){2}$/)
})

t.test('a server that changes its NIC is followed, with its connections', async (t) => {
  const mac = '02:00:00:00:00:99'
  lab.do('server2', 'ip', 'link', 'set', 'eth1', 'address', mac)
  const took = await until('followed', async () => (await server2()).status.mac === mac)
  t.ok(took < 6000, `followed after ${took} ms`)
  const { answers, failures } = await requests(lab, 6)
  t.equal(failures, 0)
  t.match(sequence(answers), /^([123])(?!\1)([123])(?!\1|\2)([123])\1\2\3$/, 'it has its turns')
})

t.test('a gratuitous ARP is believed at once', async (t) => {
  const mac = '02:00:00:00:00:77'
  lab.do('server2', 'sysctl', '-qw', 'net.ipv4.conf.eth1.arp_notify=1')
  lab.do('server2', 'ip', 'link', 'set', 'eth1', 'address', mac)
  const took = await until('followed', async () => (await server2()).status.mac === mac)
  t.ok(took < 1000, `followed after ${took} ms`)
})
