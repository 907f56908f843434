// SPDX-License-Identifier: Apache-2.0
// The lab's variations by themselves: no director at work, only kernels that route. What fails here fails without xlvs.
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { offerDownload, putUpload, takeDownload } from '../../vagrant/download.js'
import { type Lab, startLab } from '../../vagrant/lab.js'
import { type Family, type Forwarding, interfacesOf, readTopology, type Topology } from '../../vagrant/topology.js'
import { requests } from '../../vagrant/traffic.js'
import { placeServers, type Stand, withMtu, withNarrowPath, withNeighbour, withTags } from '../../vagrant/variants.js'

const families: Family[] = [4, 6]

function labOf(t: Test, topology: Topology): Lab {
  const lab = startLab({ topology })
  t.teardown(() => lab.close())
  return lab
}

//          method, where              the way from a client to a server, and back
const ways: [Forwarding, Stand, there: string[], back: string[]][] = [
  ['dr', 'one-arm', ['router', 'server1'], ['router', 'client']],
  ['dr', 'two-arm', ['router', 'server1'], ['router', 'client']],
  ['nat', 'one-arm', ['router', 'server1'], ['director', 'router', 'client']],
  ['nat', 'two-arm', ['router', 'director', 'server1'], ['director', 'router', 'client']],
  ['fullnat', 'one-arm', ['router', 'server1'], ['router', 'client']],
  ['fullnat', 'two-arm', ['router', 'server1'], ['router', 'client']],
  ['fullnat', 'remote', ['router', 'server1'], ['router', 'client']],
  ['tun', 'one-arm', ['router', 'server1'], ['router', 'client']],
  ['tun', 'remote', ['router', 'server1'], ['router', 'client']],
]

for (const [forwarding, stand, there, back] of ways) {
  t.test(`servers for ${forwarding}, ${stand}`, async (t) => {
    const lab = labOf(t, withNeighbour(placeServers(readTopology(), forwarding, stand)))
    for (const family of families) {
      t.strictSame(hops(lab, 'client', 'server1', family), there, `there by IPv${family}`)
      t.strictSame(hops(lab, 'server1', 'client', family), back, `back by IPv${family}`)
      for (const from of ['client', 'neighbour', 'director']) {
        for (const port of [80, 8080]) {
          const { answers } = await requests(lab, 1, { from, vip: lab.address('server2', family), port })
          t.strictSame(answers, ['server2'], `${from} to port ${port} by IPv${family}`)
        }
      }
    }
  })
}

t.test('what no server can be reached by', async (t) => {
  for (const forwarding of ['dr', 'nat'] as const)
    t.throws(() => placeServers(readTopology(), forwarding, 'remote'), /no server beyond the router/)
})

t.test('a VIP is its director’s: servers that have it on lo say nothing of it', async (t) => {
  const lab = labOf(t, readTopology())
  const ping = (vip: string) => lab.run('client', 'ping', ['-c', '1', '-W', '1', vip])
  for (const vip of [lab.vip, lab.vip6]) t.equal((await ping(vip)).code, 1, `nobody answers for ${vip}`)
  lab.do('director', 'ip', 'address', 'add', `${lab.vip}/32`, 'dev', 'eth1')
  lab.do('director', 'ip', 'address', 'add', `${lab.vip6}/128`, 'dev', 'eth1', 'nodad')
  await delay(1100)
  for (const vip of [lab.vip, lab.vip6]) t.equal((await ping(vip)).code, 0, `then the director does for ${vip}`)
  const [mac] = interfacesOf(lab.topology, 'director').map((each) => each.mac)
  const neighbours = lab.do('router', 'ip', 'neigh', 'show', 'dev', 'eth2').split('\n')
  for (const vip of [lab.vip, lab.vip6])
    t.match(
      neighbours.find((line) => line.startsWith(`${vip} `)),
      new RegExp(`lladdr ${mac}`),
    )
})

t.test('a path with a smaller MTU: full segments are sent, and kernels find out', async (t) => {
  const lab = labOf(t, withNarrowPath(placeServers(readTopology(), 'nat', 'two-arm')))
  offerDownload(lab, 1 << 20)
  for (const family of families) {
    const source = lab.address('server1', family)
    t.ok(await takeDownload(lab, { from: 'far', vip: source, full: true }).whole, `a download by IPv${family}`)
    t.match(lab.do('server1', 'ip', 'route', 'get', lab.address('far', family)), / mtu 1280/, 'the server has learnt the MTU')
    // from a server that has, the client would hear of it at once
    const sink = lab.address('server2', family)
    t.match(await putUpload(lab, { from: 'far', vip: sink }), { whole: true, server: 'server2' }, `an upload by IPv${family}`)
    t.match(lab.do('far', 'ip', 'route', 'get', sink), / mtu 1280/, 'and so has the client')
  }
})

t.test('a smaller MTU on the way to remote servers: the router tells the director', async (t) => {
  const lab = labOf(t, withMtu(placeServers(readTopology(), 'tun', 'remote'), 'remote', 1400))
  for (const family of families) {
    const ping = await lab.run('director', 'ping', [
      '-c',
      '1',
      '-W',
      '1',
      '-M',
      'do',
      '-s',
      '1400',
      lab.address('server1', family),
    ])
    t.match(ping.stdout, /Frag needed and DF set \(mtu = 1400\)|Packet too big: mtu=1400/, `IPv${family}`)
  }
})

for (const tags of [1, 2] as const) {
  t.test(`${tags === 1 ? 'a VLAN tag' : 'two VLAN tags'} on the director’s cables`, async (t) => {
    const lab = labOf(t, withTags(placeServers(readTopology(), 'nat', 'two-arm'), tags))
    offerDownload(lab, 1 << 20)
    const frames = await seen(lab, 'director', async () => {
      for (const family of families) {
        const vip = lab.address('server1', family)
        t.ok(await takeDownload(lab, { vip, full: true }).whole, `a download by IPv${family}`)
        t.ok((await putUpload(lab, { vip })).whole, `an upload by IPv${family}`)
      }
    })
    const tagged = tags === 1 ? /ethertype 802.1Q \(0x8100\).* vlan 100,/ : /802.1Q-QinQ \(0x88a8\).* vlan 200,.* vlan 100,/
    t.ok(frames.length > 100)
    t.strictSame(
      frames.filter((line) => !tagged.test(line)),
      [],
      'each frame has what it should',
    )
  })
}

/** The machines that a packet meets on its way, the last one included. */
function hops(lab: Lab, from: string, to: string, family: Family): string[] {
  const owners = new Map(
    Object.keys(lab.topology.machines).flatMap((name) =>
      interfacesOf(lab.topology, name).flatMap(({ address, address6 = '' }) => [
        [address, name],
        [address6, name],
      ]),
    ) as [string, string][],
  )
  const path: string[] = []
  for (let limit = 1; limit < 6 && path.at(-1) !== to; limit++) {
    const printed = lab.do(from, 'sh', '-c', `ping -n -c 1 -W 1 -t ${limit} ${lab.address(to, family)} || true`)
    const [, address = ''] = /[Ff]rom ([0-9a-f.:]+?):? icmp_seq/.exec(printed) ?? []
    path.push(owners.get(address) ?? address)
  }
  return path
}

/** What passes eth1 while something goes on, a line each. */
async function seen(lab: Lab, machine: string, meanwhile: () => Promise<void>): Promise<string[]> {
  const capture = lab.start(machine, 'tcpdump', ['-l', '-n', '-e', '-t', '-i', 'eth1', '--immediate-mode'])
  let printed = ''
  capture.stdout?.on('data', (text) => {
    printed += text
  })
  await new Promise((resolve) => capture.stderr?.once('data', resolve))
  await meanwhile()
  await delay(200)
  capture.kill('SIGINT')
  await new Promise((resolve) => capture.once('close', resolve))
  return printed.split('\n').filter(Boolean)
}
