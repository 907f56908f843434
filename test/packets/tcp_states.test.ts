// SPDX-License-Identifier: Apache-2.0
// TCP's states for traffic that is seen in one direction: IPVS's table, cell by cell, and how real conversations walk through it.
import type { StateName } from './connection_table.js'
import { ethernet } from './frame.js'
import { realServer, service } from './given.js'
import { after, type Event, entryIs, packetTest, type Row } from './packet_test.js'

const client = '198.51.100.7:40000'
const segment = (flags: string) => ethernet().ipv4('198.51.100.7', '192.0.2.1').tcp(40000, 80, flags)
const given = [
  service('192.0.2.1:80'),
  realServer('10.0.0.11', '02:00:00:00:00:11'),
  realServer('10.0.0.12', '02:00:00:00:00:12'),
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

const columns = 'NO ES SS SR FW TW CL CW LA LI SA'
/** IPVS's rows for packets from the client; RST over SYN over FIN over ACK. */
const table: readonly [flags: readonly string[], row: string][] = [
  [['S', 'SA', 'SF', 'SFA'], 'SR ES ES SR SR SR SR SR SR SR SR'],
  [['F', 'FA', 'FPA'], 'CL FW SS TW FW TW CL CW LA LI TW'],
  [['A', 'PA'], 'ES ES SS ES FW TW CL CW CL LI ES'],
  [['R', 'RA', 'RS', 'RSFA'], 'CL CL CL SR CL CL CL CL LA LI CL'],
  // says nothing, changes nothing
  [['', 'P'], 'NO ES SS SR FW TW CL CW LA LI SA'],
]

/** A SYN, alone, on these begins a new connection: with the next server, on probation. The others' entries stay where they are. */
const closing: readonly string[] = ['FW', 'TW', 'CL', 'CW', 'LA']

const nothing: Event = (director) => director.connections.clear()
const first: Row = [segment('S'), 'FORWARDED .11']
const next: Row = [ethernet().ipv4('198.51.100.99', '192.0.2.1').tcp(40000, 80), 'FORWARDED .12']

for (const [kinds, row] of table)
  for (const flags of kinds)
    packetTest(`every state meets ${flags || 'no flag'}`, {
      given,
      strip: columns.split(' ').flatMap((state, at) => cell(state as Short, flags, row.split(' ')[at] as Short)),
    })

/** One cell: the flow has an entry at .11 in this state, and a packet comes. */
function cell(from: Short, flags: string, to: Short) {
  const afresh = flags === 'S' && closing.includes(from)
  const sent: Row = [segment(flags), `FORWARDED ${afresh ? '.12' : '.11'}`, `${short[to]}${afresh ? '?' : ''}`]
  return [
    nothing,
    first,
    entryIs(client, { state: short[from], probation: false }),
    sent,
    // Whose turn it is must not depend on the cell before.
    ...(afresh ? [] : [next]),
  ]
}

packetTest('a conversation that the client ends', {
  given,
  strip: [
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?', '0+1 0+0'],
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
    [segment('PA').payload(100), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
    after(1),
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED', '1+0 0+0'],
    [segment('FA'), 'FORWARDED .11', 'FIN_WAIT', '0+1 0+0'],
    [segment('A'), 'FORWARDED .11', 'FIN_WAIT', '0+1 0+0'],
    after(120),
    [segment('A'), 'FORWARDED .11', 'FIN_WAIT', '0+1 0+0'],
    after(121),
    [segment('A'), 'RESET_SENT', 'FIN_WAIT', '0+1 0+0'],
  ],
})

packetTest('a handshake that the client breaks off', {
  given,
  strip: [
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?', '0+1 0+0'],
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?', '0+1 0+0'],
    // IPVS keeps it: a RST does not show that the handshake was this client's
    [segment('R'), 'FORWARDED .11', 'SYN_RECEIVED?', '0+1 0+0'],
    [segment('F'), 'FORWARDED .11', 'TIME_WAIT?', '0+1 0+0'],
  ],
})

packetTest('a connection that the client resets, and its next one', {
  given,
  strip: [
    [segment('S'), 'FORWARDED .11', 'SYN_RECEIVED?', '0+1 0+0'],
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
    [segment('R'), 'FORWARDED .11', 'CLOSE?', '0+1 0+0'],
    [segment('S'), 'FORWARDED .12', 'SYN_RECEIVED?', '0+0 0+1'],
    [segment('A'), 'FORWARDED .12', 'ESTABLISHED?', '0+0 1+0'],
  ],
})

packetTest('a SYN on an established connection stays with its server', {
  given,
  strip: [
    [segment('S'), 'FORWARDED .11'],
    [segment('A'), 'FORWARDED .11', 'ESTABLISHED?'],
    [segment('S'), 'FORWARDED .11', 'ESTABLISHED?', '1+0 0+0'],
  ],
})
