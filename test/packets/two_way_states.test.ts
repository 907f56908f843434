// SPDX-License-Identifier: Apache-2.0
// TCP's states where both directions are seen, which is behind NAT: IPVS's table, cell by cell, and how conversations walk through it.
import type { StateName } from './connection_table.js'
import { DIRECTOR, ethernet, ROUTER } from './frame.js'
import { realServer, route, service, sources } from './given.js'
import { after, type Event, entryIs, packetTest, type Row } from './packet_test.js'
import { poolOf } from './roles.js'
import { stations } from './scene.js'

const client = '198.51.100.7:40000'
const mac = '02:00:00:00:00:11'
const [director = ''] = stations.in.addresses
const asked = (flags: string) => ethernet().ipv4('198.51.100.7', '192.0.2.1').tcp(40000, 80, flags)
const answered = (flags: string) => ethernet(DIRECTOR, mac).ipv4('10.0.0.11', '198.51.100.7').tcp(8080, 40000, flags)
const given = [
  service('192.0.2.1:80', 'nat'),
  realServer('10.0.0.11:8080', mac),
  realServer('10.0.0.12:8080', '02:00:00:00:00:12'),
  route('198.51.100.0/24', ROUTER),
]
const fullNat = [
  sources(director),
  ...given.map((item) => (item.kind === 'service' ? { ...item, forwarding: 'fullnat' as const } : item)),
]

const short = {
  NO: 'NONE',
  ES: 'ESTABLISHED',
  SS: 'SYN_SENT',
  SR: 'SYN_RECEIVED',
  FW: 'FIN_WAIT',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  LI: 'LISTEN',
  SA: 'SYN_ACK',
} as const satisfies Record<string, StateName>
type Short = keyof typeof short

const columns = 'NO ES SS SR FW TW CL CW LA LI SA'.split(' ') as Short[]
type Table = readonly (readonly [flags: readonly string[], row: string])[]

const fromClient: Table = [
  [['S', 'SA', 'SF', 'SFA'], 'SR ES ES SR SR SR SR SR SR SR SR'],
  [['F', 'FA', 'FPA'], 'CL CW SS TW TW TW CL CW LA LI TW'],
  [['A', 'PA'], 'ES ES SS ES FW TW CL CW CL LI ES'],
  [['R', 'RA', 'RS', 'RSFA'], 'CL CL CL SR CL CL CL CL LA LI SR'],
  [['', 'P'], 'NO ES SS SR FW TW CL CW LA LI SA'],
]
const fromServer: Table = [
  [['S', 'SA', 'SF', 'SFA'], 'SS ES SS SR SS SS SS SS SS LI SR'],
  [['F', 'FA', 'FPA'], 'TW FW SS TW FW TW CL TW LA LI TW'],
  [['A', 'PA'], 'ES ES SS ES FW TW CL CW LA ES ES'],
  [['R', 'RA', 'RS', 'RSFA'], 'CL CL SS CL CL TW CL CL CL CL CL'],
  [['', 'P'], 'NO ES SS SR FW TW CL CW LA LI SA'],
]

/** A SYN, alone, on these begins a new connection; FIN_WAIT and CLOSE_WAIT are the other side's to end yet. */
const closing: readonly Short[] = ['TW', 'CL', 'LA']

const nothing: Event = (program) => program.connections.clear()
const first: Row = [asked('S'), 'FORWARDED .11']
const next: Row = [ethernet().ipv4('198.51.100.99', '192.0.2.1').tcp(40000, 80), 'FORWARDED .12']

for (const [flagsOf, row] of fromClient)
  for (const flags of flagsOf)
    packetTest(`every state meets a client's ${flags || 'no flag'}`, {
      given,
      strip: columns.flatMap((state, at) => {
        const afresh = flags === 'S' && closing.includes(state)
        const to = short[row.split(' ')[at] as Short]
        return [
          nothing,
          first,
          entryIs(client, { state: short[state], probation: false }),
          [asked(flags), `FORWARDED ${afresh ? '.12' : '.11'}`, `${to}${afresh ? '?' : ''}`] as Row,
          // Whose turn it is must not depend on the cell before.
          ...(afresh ? [] : [next]),
        ]
      }),
    })

for (const [flagsOf, row] of fromServer)
  for (const flags of flagsOf)
    packetTest(`every state meets a server's ${flags || 'no flag'}`, {
      given,
      strip: columns.flatMap((state, at) => [
        nothing,
        first,
        entryIs(client, { state: short[state], probation: false }),
        [answered(flags), 'REPLIED'] as Row,
        // An entry's column is the client's: says nothing, changes nothing.
        [asked(''), 'FORWARDED .11', short[row.split(' ')[at] as Short]] as Row,
        next,
      ]),
    })

for (const [method, place, from] of [
  ['NAT', given, answered],
  ['full NAT', fullNat, (flags: string) => ethernet(DIRECTOR, mac).ipv4('10.0.0.11', director).tcp(8080, 2000, flags)],
] as const) {
  const begun = [poolOf(1, 2000), [asked('S'), 'FORWARDED .11', 'SYN_RECEIVED?', '0+1 0+0']] as const
  const replied = (flags: string): Row => [from(flags), 'REPLIED']

  packetTest(`${method}: a conversation that the client ends`, {
    given: place,
    strip: [
      ...begun,
      replied('SA'),
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
      [asked('FA'), 'FORWARDED .11', 'CLOSE_WAIT?', '0+1 0+0'],
      replied('A'),
      [asked('A'), 'FORWARDED .11', 'CLOSE_WAIT?'],
      replied('FA'),
      [asked('A'), 'FORWARDED .11', 'TIME_WAIT?', '0+1 0+0'],
      [asked('S'), 'FORWARDED .12', 'SYN_RECEIVED?', '0+0 0+1'],
    ],
  })

  packetTest(`${method}: a conversation that the server ends`, {
    given: place,
    strip: [
      ...begun,
      replied('SA'),
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED?'],
      replied('FA'),
      [asked('A'), 'FORWARDED .11', 'FIN_WAIT?'],
      // half closed: the client may send for long, and its SYN is none that begins anything
      [asked('S'), 'FORWARDED .11', 'SYN_RECEIVED?'],
    ],
  })

  packetTest(`${method}: a server that refuses`, {
    given: place,
    strip: [...begun, replied('RA'), [asked('S'), 'FORWARDED .12', 'SYN_RECEIVED?', '0+0 0+1']],
  })

  packetTest(`${method}: a server that goes on in a later second shows that the client is real; its SYN does not`, {
    given: place,
    strip: [
      ...begun,
      replied('SA'),
      after(1),
      replied('SA'),
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED?'],
      replied('A'),
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED?'],
      after(1),
      replied('SA'),
      [asked(''), 'FORWARDED .11', 'ESTABLISHED?'],
      after(1),
      replied('PA'),
      [asked(''), 'FORWARDED .11', 'ESTABLISHED'],
    ],
  })

  packetTest(`${method}: replies keep a connection alive`, {
    given: place,
    strip: [
      ...begun,
      [asked('A'), 'FORWARDED .11'],
      after(800),
      replied('A'),
      after(800),
      replied('A'),
      after(800),
      [asked('A'), 'FORWARDED .11', 'ESTABLISHED'],
      after(901),
      [from('A'), 'NOT_A_REPLY'],
    ],
  })
}
