// SPDX-License-Identifier: Apache-2.0
// Services at several addresses and ports under one schedule: ranges of ports, networks of VIPs; the most exact listener wins.
import t from 'tap'
import type { ServiceEntry } from '../../vagrant/controller.js'
import type { Lab } from '../../vagrant/lab.js'
import { readTopology } from '../../vagrant/topology.js'
import { requests, sequence } from '../../vagrant/traffic.js'
import { placeServers } from '../../vagrant/variants.js'
import { addSources, sources } from './matrix_scene.js'
import { stage } from './stage.js'

const networks = { direct: '203.0.113.64/28', nat: '203.0.113.80/28', full: '203.0.113.96/28', direct6: '2001:db8:203:f::/64' }

/** Networks are routed to the director, and to themselves on the servers that answer in their name. */
function before(lab: Lab): void {
  addSources(lab)
  for (const network of Object.values(networks)) {
    lab.do('router', 'ip', 'route', 'add', network, 'via', lab.address('director', network.includes(':') ? 6 : 4))
    for (const server of ['server1', 'server2']) lab.do(server, 'ip', 'route', 'add', 'local', network, 'dev', 'lo')
  }
}

function services(lab: Lab): ServiceEntry[] {
  const server = (name: string, family: 4 | 6 = 4) => ({ address: lab.address(name, family), port: 0 })
  const group = (name: string, listeners: { address: string; port: number | string }[], servers: object[]) =>
    ({ name, protocol: 'tcp', listeners, scheduler: 'rr', servers }) as unknown as ServiceEntry
  return [
    group(
      'direct',
      [
        { address: lab.vip, port: '8000-8100' },
        { address: networks.direct, port: 0 },
      ],
      [server('server1'), server('server2')],
    ),
    {
      name: 'exact',
      protocol: 'tcp',
      address: '203.0.113.65',
      port: 80,
      servers: [{ address: lab.address('server3'), port: 8080, forwarding: 'nat' }],
    },
    group('nat', [{ address: networks.nat, port: '80-8080' }], [{ ...server('server3'), forwarding: 'nat' }]),
    group('full', [{ address: networks.full, port: 0 }], [{ ...server('server2'), forwarding: 'fullnat' }]),
    group('direct6', [{ address: networks.direct6, port: 0 }], [server('server1', 6), server('server2', 6)]),
  ]
}

const topology = placeServers(readTopology(), 'nat', 'one-arm', ['server3'])
const { lab, controller } = await stage(t, { topology, services, settings: { sources }, before })

/** Who answers at `address:port`, asked there so often. */
async function asked(vip: string, port: number, times = 1): Promise<string> {
  return sequence((await requests(lab, times, { vip, port })).answers)
}

t.test('all listeners of a service share its turns', async (t) => {
  const turns = [
    await asked(lab.vip, 8080),
    await asked('203.0.113.64', 80),
    await asked('203.0.113.79', 8080),
    await asked('203.0.113.70', 80, 2),
    await asked(lab.vip, 8080),
  ]
  t.equal(turns.join(''), '121212')
})

t.test('the most exact listener wins', async (t) => {
  t.equal(await asked('203.0.113.65', 80, 3), '333')
  t.match(await asked('203.0.113.65', 8080, 2), /^12|21$/)
})

t.test('what is next to a range or a network is nobody’s', async (t) => {
  const { code } = await lab.run('client', 'curl', ['-s', '--max-time', '3', `http://${lab.vip}:8101/`])
  t.equal(code, 7, 'a port behind the range is refused by the director')
})

t.test('replies come from the address that was asked', async (t) => {
  for (const vip of ['203.0.113.81', '203.0.113.82', '203.0.113.97', '203.0.113.98']) {
    for (const port of [80, 8080]) {
      const args = ['-s', '--max-time', '5', '-w', '%{remote_ip}', `http://${vip}:${port}/`]
      t.match((await lab.run('client', 'curl', args)).stdout, new RegExp(`^server[23]\\n${vip}$`), `${vip}:${port}`)
    }
  }
  const { body } = await controller.api('GET', '/v1/connections?service=nat')
  t.match(body.items[0], { virtual: /^203\.0\.113\.8[12]:/, server: `${lab.address('server3')}:0` })
})

t.test('a network of IPv6', async (t) => {
  const turns = [
    await asked('2001:db8:203:f::1', 80),
    await asked('2001:db8:203:f:1:2:3:4', 8080),
    await asked('2001:db8:203:f::1', 80),
  ]
  t.match(turns.join(''), /^121|212$/)
})

t.test('a change of the listeners leaves their turns and connections alone', async (t) => {
  const listeners = [{ address: networks.direct, port: '80-90' }]
  t.equal((await controller.api('PATCH', '/v1/services/direct', { listeners })).status, 200)
  t.match(await asked('203.0.113.70', 80, 4), /^1212|2121$/)
  const { code } = await lab.run('client', 'curl', ['-s', '--max-time', '3', `http://${lab.vip}:8080/`])
  t.not(code, 0, 'what is no listener any more')
})
