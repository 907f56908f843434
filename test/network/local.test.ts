// SPDX-License-Identifier: Apache-2.0
// VIPs that xlvsd assigns, and a director that is one of its own servers.
import t from 'tap'
import { bracketed, type Family } from '../../vagrant/topology.js'
import { requests, serverEntries, tally, webService } from '../../vagrant/traffic.js'
import { outcomes, serverStates, stage, until } from './stage.js'

const families: Family[] = [4, 6]
const { lab, controller } = await stage(t, {
  services: (lab) =>
    families.map((family) => {
      const servers = serverEntries(lab, { family }).slice(0, 2)
      const here = { address: lab.address('director', family), port: 80 }
      const address = family === 4 ? lab.vip : lab.vip6
      return webService(lab, [], { name: family === 4 ? 'web' : 'web6', address, servers: [...servers, here] })
    }),
})
const addresses = () => lab.do('director', 'ip', '-o', 'address', 'show', 'dev', 'eth1')

// as quick as nginx, and as simple
const page = `require('node:http').createServer((_, answer) => answer.end('director\\n')).listen(80, '::', () => console.log('ready'))`
const own = lab.start('director', process.execPath, ['-e', page])
await new Promise((resolve) => own.stdout?.once('data', resolve))

for (const family of families) {
  const vip = family === 4 ? lab.vip : lab.vip6

  t.test(`the VIP is on the interface, and neighbours find it, by IPv${family}`, async (t) => {
    t.match(addresses(), ` ${vip}/${family === 4 ? 32 : 128} `)
    t.equal((await lab.run('client', 'ping', ['-c', '1', '-W', '2', vip])).code, 0)
  })

  t.test(`the director takes its turns among its servers, by IPv${family}`, async (t) => {
    t.strictSame(await serverStates(controller, family === 4 ? 'web' : 'web6'), ['up', 'up', 'up'])
    const before = (await outcomes(controller)).delivered ?? 0
    const { answers, failures } = await requests(lab, 9, { vip })
    t.equal(failures, 0)
    t.strictSame(Object.fromEntries(tally(answers)), { server1: 3, server2: 3, director: 3 })
    t.ok(((await outcomes(controller)).delivered ?? 0) - before >= 3 * 4, 'its packets are delivered')
  })

  t.test(`its own connections are its own: what it asks of the VIP it answers itself, by IPv${family}`, async (t) => {
    const { stdout } = await lab.run('director', 'curl', ['-s', '--max-time', '3', `http://${bracketed(vip)}/`])
    t.equal(stdout, 'director\n')
  })
}

t.test('a service that goes takes its VIP with it', async (t) => {
  t.equal((await controller.api('DELETE', '/v1/services/web6')).status, 204)
  await until('the VIP is gone', () => !addresses().includes(` ${lab.vip6}/`))
  t.match(addresses(), ` ${lab.vip}/`)
})

t.test('so does detach', async (t) => {
  const { body } = await controller.api('GET', '/v1/config')
  const again = webService(lab, [], { name: 'web6', address: lab.vip6 })
  t.equal((await controller.api('POST', '/v1/services', again)).status, 201, JSON.stringify(body.services.length))
  await until('the VIP is back', () => addresses().includes(` ${lab.vip6}/`))
  await controller.stop('SIGTERM')
  t.equal((await controller.detach()).code, 0)
  for (const vip of [lab.vip, lab.vip6]) t.notMatch(addresses(), ` ${vip}/`)
})
