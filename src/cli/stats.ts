// SPDX-License-Identifier: Apache-2.0
// xlvs stats
import type { Statistics, TrafficStatus } from '../director/view.js'
import { serverName } from '../model/desired.js'
import { type Column, table } from './columns.js'
import { bytes, count, rate } from './quantity.js'

interface Row {
  readonly name: string
  readonly status: TrafficStatus
}

const trafficColumns: readonly Column<Row>[] = [
  { title: 'SERVICE / SERVER', show: ({ name }) => name },
  { title: 'CONNECTIONS', show: ({ status }) => count(status.connections), right: true },
  { title: 'PACKETS', show: ({ status }) => count(status.packets), right: true },
  { title: 'BYTES', show: ({ status }) => bytes(status.bytes), right: true },
  { title: 'REPLIES', show: ({ status }) => count(status.replyPackets), right: true },
  { title: 'REPLY BYTES', show: ({ status }) => bytes(status.replyBytes), right: true },
  { title: 'CONN/S', show: ({ status }) => rate(status.connectionsPerSecond), right: true },
  { title: 'PACKETS/S', show: ({ status }) => rate(status.packetsPerSecond), right: true },
  { title: 'BYTES/S', show: ({ status }) => bytes(status.bytesPerSecond), right: true },
]

type Outcome = readonly [name: string, Statistics['outcomes'][string]]

const outcomeColumns: readonly Column<Outcome>[] = [
  { title: 'OUTCOME', show: ([name]) => name },
  { title: 'PACKETS', show: ([, { packets }]) => count(packets), right: true },
  { title: 'PACKETS/S', show: ([, { packetsPerSecond }]) => rate(packetsPerSecond), right: true },
]

/** Traffic by service and server, and every outcome that a packet has had. */
export function showStatistics({ services, outcomes }: Statistics): string {
  const traffic = services.flatMap(({ name, status, servers }) => [
    { name, status },
    ...servers.map((server) => ({ name: `  ${serverName(server)}`, status: server.status })),
  ])
  const seen = Object.entries(outcomes).filter(([, { packets }]) => packets > 0)
  return [table(trafficColumns, traffic), table(outcomeColumns, seen)].join('\n')
}
