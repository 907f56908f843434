// SPDX-License-Identifier: Apache-2.0
// A full table: who must make room, in which order, who never does, and what becomes of flows that find none.
import type { Change } from './connection_table.js'
import { Director } from './director.js'
import { ethernet } from './frame.js'
import { realServer, service } from './given.js'
import { after, configured, type Event, packetTest, type Row } from './packet_test.js'

/** Four lines, so that each flow's two buckets are the whole table. */
const SLOTS = 16
let cramped: Director | undefined
function small(): Director {
  cramped ??= Director.load({ connections: SLOTS / 2 })
  return cramped
}

const frame = ethernet().ipv4('198.51.100.7', '192.0.2.1')
const tcp = (port: number, flags = 'S') => frame.tcp(port, 80, flags)
const servers = [realServer('10.0.0.11', '02:00:00:00:00:11'), realServer('10.0.0.12', '02:00:00:00:00:12')]
const given = [service('192.0.2.1:80'), ...servers]
const withUdp = [...given, service('192.0.2.1:53', { protocol: 'udp' }), ...servers]

/** Enters flows by SYNs from ports 1, 2, … and then makes their entries so. */
function filled(...changes: readonly Change[]): Event {
  return (director) => {
    for (const i of changes.keys()) director.send(tcp(i + 1))
    for (const [i, change] of changes.entries()) director.connections.change(`198.51.100.7:${i + 1}`, change)
  }
}

const established: Change = { state: 'ESTABLISHED', probation: false }
const times = (count: number, change: Change): Change[] => Array.from({ length: count }, () => change)

/** The client ports that are in the table. */
function ports({ connections }: Director): number[] {
  return connections
    .entries()
    .map(({ client }) => Number(client.split(':')[1]))
    .sort((a, b) => a - b)
}

/** The ports that new flows displace one after another; each of them is then established, so that nobody displaces it. */
function displaced(director: Director, flows: number): (number | string)[] {
  return Array.from({ length: flows }, (_, i) => {
    const before = ports(director)
    const { outcome } = director.send(tcp(1000 + i))
    director.connections.change(`198.51.100.7:${1000 + i}`, established)
    const gone = before.filter((port) => !ports(director).includes(port))
    return gone.length === 1 ? (gone[0] as number) : gone.length === 0 ? outcome : gone.join(' ')
  })
}

/** From the first to be displaced to the last. */
const orders: Readonly<Record<string, readonly Change[]>> = {
  'expired ones first': [
    { state: 'ESTABLISHED', age: 901, probation: false },
    { state: 'CLOSE', age: 10 },
    { state: 'SYN_RECEIVED', age: 60 },
    { state: 'ESTABLISHED', age: 50, probation: true },
  ],
  'closing ones before half-open ones, however old those are': [
    { state: 'FIN_WAIT', age: 0, probation: false },
    { state: 'SYN_RECEIVED', age: 60 },
  ],
  'of closing ones the oldest': [
    { state: 'FIN_WAIT', age: 100, probation: false },
    { state: 'TIME_WAIT', age: 80, probation: true },
    { state: 'LAST_ACK', age: 20 },
    { state: 'CLOSE_WAIT', age: 15 },
    { state: 'CLOSE', age: 9 },
    { state: 'FIN_WAIT', age: 0 },
  ],
  'of half-open ones the oldest': [
    { state: 'SYN_SENT', age: 100 },
    { state: 'SYN_ACK', age: 90 },
    { state: 'SYN_RECEIVED', age: 50 },
    { state: 'SYN_RECEIVED', age: 1 },
    { state: 'SYN_RECEIVED', age: 0 },
  ],
  'half-open and probationary ones by their age': [
    { state: 'ESTABLISHED', age: 90, probation: true },
    { state: 'SYN_RECEIVED', age: 40 },
    { state: 'ESTABLISHED', age: 30, probation: true },
    { state: 'SYN_RECEIVED', age: 20 },
    { state: 'UDP', age: 10, probation: true },
  ],
  'of equal age the half-open one': [
    { state: 'SYN_RECEIVED', age: 7 },
    { state: 'ESTABLISHED', age: 7, probation: true },
    { state: 'SYN_RECEIVED', age: 6 },
    { state: 'UDP', age: 6, probation: true },
    { state: 'SYN_RECEIVED', age: 0 },
    { state: 'ESTABLISHED', age: 0, probation: true },
  ],
}

for (const [rule, changes] of Object.entries(orders))
  for (const turned of [false, true])
    packetTest(
      `displaced: ${rule}${turned ? ', whatever their places' : ''}`,
      {
        given,
        strip: [filled(...times(SLOTS - changes.length, established), ...(turned ? changes.toReversed() : changes))],
        finally: (director) => displaced(director, changes.length + 1),
        leaves: [...inOrder(changes.length, turned), 'HASHED'],
      },
      small,
    )

function inOrder(count: number, turned: boolean): number[] {
  const first = SLOTS - count + 1
  return Array.from({ length: count }, (_, i) => (turned ? SLOTS - i : first + i))
}

packetTest(
  'an empty slot is taken before anybody is displaced',
  {
    given,
    strip: [filled(...times(SLOTS - 1, { state: 'CLOSE', age: 9 })), [tcp(99), 'FORWARDED .12', 'SYN_RECEIVED?']],
    finally: (director) => ports(director).length,
    leaves: SLOTS,
  },
  small,
)

packetTest(
  'established connections and proven UDP are never displaced, whatever comes',
  {
    given: withUdp,
    strip: [
      filled(...times(14, established), ...times(2, { state: 'UDP', probation: false })),
      after(250),
      ...Array.from({ length: 40 }, (_, i): Row => [tcp(2000 + i)]),
      ...Array.from({ length: 40 }, (_, i): Row => [frame.udp(2000 + i, 53)]),
    ],
    finally: ports,
    leaves: Array.from({ length: SLOTS }, (_, i) => i + 1),
  },
  small,
)

packetTest(
  'the loads follow who is displaced',
  {
    given,
    strip: [
      filled({ state: 'CLOSE', age: 5 }, ...times(SLOTS - 1, { state: 'CLOSE' })),
      [tcp(99), 'FORWARDED .11', 'SYN_RECEIVED?', '0+8 0+8'],
      configured(given[0] as (typeof given)[0], servers[1] as (typeof servers)[0]),
      ...Array.from({ length: 15 }, (_, i): Row => [tcp(100 + i), 'FORWARDED .12', 'SYN_RECEIVED?']),
      [tcp(99), 'FORWARDED .12', 'SYN_RECEIVED?', '0+0 0+16'],
    ],
  },
  small,
)

const full = [filled(...times(SLOTS, established))]

packetTest(
  'a flow without a slot goes by its hash, packet by packet to the same server',
  {
    given,
    strip: full,
    finally: (director) => {
      const flags = ['S', 'A', 'PA', 'A', 'FA', 'A', 'R']
      const verdicts = flags.map((flag) => director.send(tcp(40_000, flag)))
      const to = new Set(verdicts.map((verdict) => director.serverOf(verdict)))
      return [verdicts.every(({ outcome }) => outcome === 'HASHED'), to.size, director.connections.of('198.51.100.7:40000')]
    },
    leaves: [true, 1, []],
  },
  small,
)

packetTest(
  'and over two interfaces',
  {
    given: [service('192.0.2.1:80'), realServer('10.0.0.11', '02:00:00:00:00:11', { on: 'other' })],
    strip: [...full, [tcp(40_000), 'HASH_REDIRECTED .11'], [tcp(40_000, 'A'), 'HASH_REDIRECTED .11']],
  },
  small,
)

packetTest(
  'hashed flows are spread over the servers',
  {
    given,
    strip: full,
    finally: (director) => {
      const to = Array.from({ length: 200 }, (_, i) => director.serverOf(director.send(tcp(3000 + i))))
      const first = to.filter((server) => server === '10.0.0.11').length
      return first > 60 && first < 140
    },
    leaves: true,
  },
  small,
)

packetTest(
  'UDP without a slot goes by its hash, too',
  {
    given: withUdp,
    strip: full,
    finally: (director) => {
      const verdicts = Array.from({ length: 4 }, () => director.send(frame.udp(40_000, 53)))
      return [new Set(verdicts.map(({ outcome }) => outcome)), new Set(verdicts.map((v) => director.serverOf(v))).size]
    },
    leaves: [new Set(['HASHED']), 1],
  },
  small,
)

/** Gives the client of port 1 its slot back. */
const room = entriesGone(1)

function entriesGone(...gone: readonly number[]): Event {
  return (director) => {
    for (const port of gone) director.connections.change(`198.51.100.7:${port}`, { state: 'CLOSE', age: 11 })
  }
}

packetTest(
  'once there is room again, a hashed flow is entered where it was, and is no stray for as long as a connection may last',
  {
    given,
    strip: full,
    finally: (director) => {
      const first = director.serverOf(director.send(tcp(40_000)))
      room(director)
      director.age(899)
      for (let port = 2; port <= SLOTS; port++) director.send(tcp(port, 'A'))
      director.age(1)
      const second = director.send(tcp(40_000, 'A'))
      return [first === director.serverOf(second), second.outcome, director.connections.of('198.51.100.7:40000').length]
    },
    leaves: [true, 'FORWARDED', 1],
  },
  small,
)

packetTest(
  'after that time strays are strays again',
  {
    given,
    strip: [...full, [tcp(40_000)], after(901), [tcp(40_000, 'A'), 'RESET_SENT'], [tcp(40_001), 'FORWARDED .12']],
  },
  small,
)

packetTest(
  'a full table without an overflow: strays go by their hash, for nobody knows whether they were there before',
  {
    given,
    strip: [...full, [tcp(40_000, 'FA')]],
    finally: (director) => director.send(tcp(40_000, 'A')).outcome,
    leaves: 'HASHED',
  },
  small,
)

packetTest(
  'one service that overflowed makes no strays of another go by their hash',
  {
    given: [...given, service('192.0.2.1:81'), ...servers],
    strip: [...full, [tcp(40_000)], room, entriesGone(2), [frame.tcp(50_000, 81, 'A'), 'RESET_SENT'], [tcp(50_000, 'A')]],
    finally: (director) => director.connections.of('198.51.100.7:50000').length,
    leaves: 1,
  },
  small,
)

packetTest(
  'UDP goes by turns again once no hashed flow can be alive',
  {
    given: withUdp,
    strip: [
      ...full,
      [frame.udp(40_000, 53)],
      after(301),
      entriesGone(1, 2, 3, 4),
      ...Array.from({ length: 4 }, (_, i): Row => [frame.udp(50_000 + i, 53), i % 2 ? 'FORWARDED .11' : 'FORWARDED .12', 'UDP?']),
    ],
  },
  small,
)
