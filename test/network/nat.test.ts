// SPDX-License-Identifier: Apache-2.0
// NAT with the director as the servers' gateway: transfers, clients near and far, the servers' own traffic, deaths of the controller.
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { watchChecksums } from '../../vagrant/checksums.js'
import { offerDownload, takeDownload } from '../../vagrant/download.js'
import type { Lab } from '../../vagrant/lab.js'
import { bracketed, type Family, interfacesOf } from '../../vagrant/topology.js'
import { echoService, requests, tally } from '../../vagrant/traffic.js'
import { withNeighbour } from '../../vagrant/variants.js'
import { moveWhileWeightsChange, natServices, natTopology } from './soak.js'
import { outcomes, stage, until } from './stage.js'

/** Nobody listens there: a datagram from there is the server's own. */
const SILENT = 7001
const families: Family[] = [4, 6]
const vipOf = (lab: Lab, family: Family) => (family === 4 ? lab.vip : lab.vip6)

const made = await stage(t, {
  topology: withNeighbour(natTopology()),
  services: (lab) => [
    ...natServices(lab),
    echoService(lab, SILENT, { name: 'silent' }),
    echoService(lab, SILENT, { name: 'silent6', address: lab.vip6 }),
  ],
})
const { lab, controller } = made
const ends = ['client', 'neighbour', 'server1', 'server2', 'server3'] as const
const watches = await Promise.all(ends.map((end) => watchChecksums(lab, end)))

for (const family of families) {
  const vip = vipOf(lab, family)

  t.test(`clients behind the router and on the link are answered, by IPv${family}`, async (t) => {
    for (const from of ['client', 'neighbour']) {
      const { answers, failures } = await requests(lab, 9, { from, vip })
      t.equal(failures, 0, from)
      t.strictSame([...tally(answers).values()], [3, 3, 3], from)
    }
  })

  t.test(`a client on the link is answered that the kernel has never met, by IPv${family}`, async (t) => {
    const mac = interfacesOf(lab.topology, 'director')[0]?.mac ?? ''
    lab.do('neighbour', 'ip', 'neigh', 'replace', vip, 'lladdr', mac, 'dev', 'eth1', 'nud', 'permanent')
    lab.do('director', 'ip', 'neigh', 'flush', 'to', lab.address('neighbour', family))
    t.equal(lab.do('director', 'ip', 'neigh', 'show', 'to', lab.address('neighbour', family)), '', 'it has no entry')
    t.equal((await requests(lab, 3, { from: 'neighbour', vip })).failures, 0)
    lab.do('neighbour', 'ip', 'neigh', 'del', vip, 'dev', 'eth1')
  })

  t.test(`servers see the client, clients see the VIP, by IPv${family}`, async (t) => {
    const { stdout } = await lab.run('client', 'curl', [
      '-s',
      '--max-time',
      '5',
      '-w',
      '%{remote_ip}',
      `http://${bracketed(vip)}/`,
    ])
    t.equal(stdout.split('\n')[1], vip)
    const own = lab.address('client', family)
    await until('a log says so', () =>
      ['server1', 'server2', 'server3'].some((server) =>
        lab.answered(server).some((line) => line.startsWith(`${own}:`) && line.includes(` ${lab.address(server, family)}:8080 `)),
      ),
    )
  })

  t.test(`the VIP answers ping, by IPv${family}`, async (t) => {
    for (const from of ['client', 'neighbour']) t.equal((await lab.run(from, 'ping', ['-c', '1', '-W', '2', vip])).code, 0, from)
  })

  t.test(`a closed port of a server refuses the client's datagrams, by IPv${family}`, async (t) => {
    t.equal(await refusal(family), 'ECONNREFUSED', 'the error quotes what the client sent')
  })

  t.test(`what a server sends by itself passes, by IPv${family}`, async (t) => {
    const before = (await outcomes(controller)).not_a_reply ?? 0
    const server = lab.address('server1', family)
    t.equal(await talk(family), `${server} ${SILENT}`, 'as it was sent, from an address and port that clients are answered from')
    t.ok(((await outcomes(controller)).not_a_reply ?? 0) > before)
    t.equal((await lab.run('server1', 'ping', ['-c', '1', '-W', '2', lab.address('client', family)])).code, 0)
  })
}

t.test('what a server sends by itself can be masqueraded by the kernel', async (t) => {
  const rules = 'table ip own { chain out { type nat hook postrouting priority 100; ip saddr 10.1.0.0/24 masquerade; }; }'
  lab.do('director', 'nft', rules)
  t.match(await talk(4), new RegExp(`^${lab.address('director')} `))
  t.equal((await requests(lab, 3)).failures, 0, 'and replies are none of its business')
  lab.do('director', 'nft', 'delete table ip own')
})

t.test('100 MB each way by each family arrive whole while weights change', async (t) => {
  const { whole, changes } = await moveWhileWeightsChange(made, 100 << 20, 100)
  t.strictSame(Object.values(whole), [true, true, true, true], JSON.stringify(whole))
  t.ok(changes > 30, `${changes} changes`)
})

const downloaded = 32 << 20 // at 4 MiB a second
t.test('kill -9 and a restart lose no packet and no connection', async (t) => {
  offerDownload(lab, downloaded)
  const downloads = families.map((family) => takeDownload(lab, { vip: vipOf(lab, family) }))
  const web = families.map((family) => requests(lab, 120, { vip: vipOf(lab, family), perSecond: 20 }))
  await delay(500)
  await controller.stop('SIGKILL')
  await delay(500)
  await controller.start()
  for (const { failures } of await Promise.all(web)) t.equal(failures, 0, 'no request is lost')
  for (const { whole } of downloads) t.ok(await whole, 'a download is whole')
})

t.test("the router's network card is changed: replies follow within seconds", async (t) => {
  const downloads = families.map((family) => takeDownload(lab, { vip: vipOf(lab, family) }))
  await delay(500)
  lab.do('router', 'ip', 'link', 'set', 'eth2', 'address', '02:00:0a:00:00:99')
  for (const family of families) {
    const took = await until(
      `answers by IPv${family}`,
      async () => (await requests(lab, 1, { vip: vipOf(lab, family), seconds: 1 })).failures === 0,
    )
    t.comment(`${took} ms`)
  }
  for (const { whole } of downloads) t.ok(await whole, 'a download is whole')
})

t.test('no checksum was wrong at either end', async (t) => {
  for (const [place, watch] of watches.entries()) {
    const { frames, bad, missed } = await watch.stop()
    t.strictSame({ bad, missed }, { bad: [], missed: 0 }, `${ends[place]}: ${frames} frames`)
  }
})

/** What becomes of datagrams to a port where nobody is. */
async function refusal(family: Family): Promise<string> {
  const script = `
    const socket = require('node:dgram').createSocket('udp${family}')
    socket.on('error', ({ code }) => { console.log(code); process.exit() })
    socket.connect(${SILENT}, '${vipOf(lab, family)}', () => setInterval(() => socket.send('x'), 200))
    setTimeout(() => process.exit(), 3000)`
  return (await lab.run('client', process.execPath, ['-e', script])).stdout.trim()
}

/** A server sends to a client, which answers what it knows it by. */
async function talk(family: Family): Promise<string> {
  const client = lab.address('client', family)
  const ear = lab.start('client', process.execPath, [
    '-e',
    `const socket = require('node:dgram').createSocket('udp${family}')
    socket.on('message', (_, { address, port }) => socket.send(address + ' ' + port, port, address))
    socket.bind(7000, '${client}', () => console.log('ready'))`,
  ])
  await new Promise((resolve) => ear.stdout?.once('data', resolve))
  const script = `
    const socket = require('node:dgram').createSocket('udp${family}')
    socket.on('message', (text) => { console.log(text.toString()); process.exit() })
    socket.bind(${SILENT}, '${lab.address('server1', family)}', () => socket.send('x', 7000, '${client}'))
    setTimeout(() => process.exit(), 3000)`
  const { stdout } = await lab.run('server1', process.execPath, ['-e', script])
  ear.kill()
  return stdout.trim()
}
