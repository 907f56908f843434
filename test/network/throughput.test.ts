// SPDX-License-Identifier: Apache-2.0
// iperf3 through each way to forward, by each family: TCP up and down, UDP at a rate whose bursts the queues of a busy machine hold.
import t from 'tap'
import type { ServiceEntry } from '../../vagrant/controller.js'
import type { Lab } from '../../vagrant/lab.js'
import { iperfPort, type Load, measureThroughput } from '../../vagrant/throughput.js'
import type { Family, Forwarding } from '../../vagrant/topology.js'
import { readTopology, type Topology, withMachine } from '../../vagrant/topology.js'
import { placeServers } from '../../vagrant/variants.js'
import { addSources, sources } from './matrix_scene.js'
import { stage } from './stage.js'

const families: Family[] = [4, 6]
const forwardings: [Forwarding, string][] = [
  ['dr', 'server1'],
  ['nat', 'server2'],
  ['fullnat', 'server3'],
  ['tun', 'server4'],
]
const vips = forwardings.map((_, place) => ({ 4: `203.0.113.${10 + place}`, 6: `2001:db8:203::${10 + place}` }))
const vipOf = (server: string, family: Family) => vips[forwardings.findIndex(([, name]) => name === server)]?.[family] as string

function topology(): Topology {
  const bare = { ...readTopology(), vips: vips.map((each) => each[4]), vips6: vips.map((each) => each[6]) }
  const four = withMachine(bare, 'server4', { role: 'server', addresses: { servers: '10.0.0.14' } })
  return forwardings.reduce((lab, [forwarding, server]) => placeServers(lab, forwarding, 'two-arm', [server]), four)
}

function services(lab: Lab): ServiceEntry[] {
  return forwardings.flatMap(([forwarding, server]) =>
    families.flatMap((family) =>
      (['tcp', 'udp'] as const).map((protocol) => ({
        name: `${forwarding}${family}-${protocol}`,
        protocol,
        address: vipOf(server, family),
        port: iperfPort,
        forwarding,
        servers: [{ address: lab.address(server, family), port: iperfPort }],
      })),
    ),
  )
}

const { lab } = await stage(t, { topology: topology(), services, settings: { sources }, before: addSources })

const loads: Record<string, Load> = {
  'TCP up': {},
  'TCP down': { reverse: true },
  'UDP up': { protocol: 'udp', megabits: 4 },
  'UDP down': { protocol: 'udp', megabits: 4, reverse: true },
}

for (const [name, load] of Object.entries(loads)) {
  for (const family of families) {
    t.test(`${name} by IPv${family}`, async (t) => {
      // all at once: what is asked is that it goes, and benchmarks say how fast
      const measured = await Promise.all(
        forwardings.map(([, server]) => measureThroughput(lab, server, { ...load, vip: vipOf(server, family) })),
      )
      for (const [place, { bitsPerSecond, lostPercent }] of measured.entries()) {
        const [forwarding] = forwardings[place] ?? []
        const megabits = Math.round(bitsPerSecond / 1e6)
        t.ok(megabits >= 3 && lostPercent < 2, `${forwarding}: ${megabits} Mbit/s, ${lostPercent} % lost`)
      }
    })
  }
}
