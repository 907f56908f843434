// SPDX-License-Identifier: Apache-2.0
// Flows that went by their hash: they stay where they are for as long as they may live.
import { ServerFlag } from '../../src/abi/layout.js'
import { Director } from './director.js'
import { ethernet } from './frame.js'
import { realServer, service } from './given.js'
import { packetTest } from './packet_test.js'

const SLOTS = 16
const director = Director.load({ connections: SLOTS / 2 })
const frame = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const servers = [realServer('10.0.0.11', '02:00:00:00:00:11'), realServer('10.0.0.12', '02:00:00:00:00:12')]
const hashedPorts = Array.from({ length: 8 }, (_, i) => 40_000 + i)

packetTest(
  'UDP that went by its hash stays with its server once there is room',
  {
    given: [service('192.0.2.1:53', { protocol: 'udp' }), ...servers],
    strip: [],
    finally: () => {
      // Two packets each: nobody displaces them.
      for (let port = 1; port <= SLOTS; port++) for (const _ of 'ab') director.send(frame.udp(port, 53))
      const before = hashedPorts.map((port) => director.send(frame.udp(port, 53)))
      for (let port = 1; port <= SLOTS; port++) director.connections.change(`198.51.100.7:${port}`, { age: 301 })
      const after = hashedPorts.map((port) => director.send(frame.udp(port, 53)))
      const moved = hashedPorts.filter((_, i) => director.serverOf(before[i] as never) !== director.serverOf(after[i] as never))
      return [before.map(({ outcome }) => outcome), after.map(({ outcome }) => outcome), moved]
    },
    leaves: [hashedPorts.map(() => 'HASHED'), hashedPorts.map(() => 'FORWARDED'), []],
  },
  () => director,
)

packetTest(
  'a search of the flow-hash ring finds the one who is left',
  {
    given: [service('192.0.2.1:80', { stray: 'hash' }), ...servers, realServer('10.0.0.13', '02:00:00:00:00:13')],
    strip: [],
    finally: () => {
      const { servers: entries } = director.maps
      const indices = [...Array(entries.entries).keys()].filter((index) => entries.read(index).service !== 0)
      for (const index of indices.slice(0, 2)) {
        const server = entries.read(index)
        entries.write(index, { ...server, route: { ...server.route, flags: ServerFlag.SERVER_REACHABLE } })
      }
      const verdicts = Array.from({ length: 64 }, (_, i) => director.send(frame.tcp(50_000 + i, 80, 'FA')))
      return [...new Set(verdicts.map((verdict) => `${verdict.outcome} ${director.serverOf(verdict)}`))]
    },
    leaves: ['HASHED 10.0.0.13'],
  },
  () => director,
)
