// SPDX-License-Identifier: Apache-2.0
// /metrics, for Prometheus: names end in their unit, counters in _total; everything is read at the scrape.
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Counter, Gauge, Registry } from 'prom-client'
import Type from 'typebox'
import type { Director, DirectorStatus, Statistics, TableStatus, TrafficStatus } from '../director/view.js'
import { serverName } from '../model/desired.js'
import { answers } from './openapi.js'

/** What one scrape reads: every metric of it from the same moment. */
interface Reading {
  readonly ready: boolean
  readonly status: DirectorStatus
  readonly statistics: Statistics
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

interface Metric {
  readonly kind: 'counter' | 'gauge'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: (reading: Reading) => readonly Sample[]
}

const text = { description: 'The metrics', content: { 'text/plain': { schema: Type.String() } } }

export function metricsRoutes(app: FastifyInstance, director: Director): void {
  const schema = { tags: ['probes'], summary: 'Prometheus metrics', response: answers(200, text) }
  app.get('/metrics', { schema }, (_, reply) => {
    const reading = { ready: director.ready(), status: director.status(), statistics: director.statistics() }
    return reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(Readable.from(exposition(reading)))
  })
}

/** One metric at a time, for thousands of servers make each of them long: other requests get their turn between. */
async function* exposition(reading: Reading): AsyncGenerator<string> {
  for (const metric of metrics) {
    yield await exposed(metric, reading)
    await setImmediate()
  }
}

/** In a registry of its own, so that series of removed servers go with them. */
function exposed({ kind, name, help, labels, samples }: Metric, reading: Reading): Promise<string> {
  const registry = new Registry()
  const options = { name, help, labelNames: labels, registers: [registry] }
  const metric = kind === 'counter' ? new Counter(options) : new Gauge(options)
  for (const [values, value] of samples(reading)) metric.inc(values, value)
  return registry.metrics()
}

const metrics: readonly Metric[] = [
  gauge('xlvs_ready', 'Whether the desired state has reached the data plane', ({ ready }) => Number(ready)),
  {
    kind: 'gauge',
    name: 'xlvs_info',
    help: 'The running version',
    labels: ['version'],
    samples: ({ status }) => [[{ version: status.version }, 1]],
  },
  gauge('xlvs_start_time_seconds', 'When xlvsd started, since the epoch', ({ status }) => Date.parse(status.startedAt) / 1000),
  {
    kind: 'gauge',
    name: 'xlvs_interface_info',
    help: 'Interfaces that carry the program, and how',
    labels: ['interface', 'mode'],
    samples: ({ status }) => status.interfaces.map(({ name, mode }) => [{ interface: name, mode }, 1]),
  },
  ...ofTable('xlvs_table', 'the connection table', ({ table }) => table),
  ...ofTable('xlvs_wide_table', 'the connection table of IPv6, networks and full NAT', ({ wideTable }) => wideTable),
  gauge('xlvs_table_sweep_seconds', 'How long the last sweep took', ({ status }) => status.table.lastSweepMilliseconds / 1000),
  {
    kind: 'counter',
    name: 'xlvs_outcome_packets_total',
    help: 'Packets by how they ended',
    labels: ['outcome'],
    samples: ({ statistics }) => Object.entries(statistics.outcomes).map(([outcome, { packets }]) => [{ outcome }, packets]),
  },
  ofServices('counter', 'packets_total', 'Packets forwarded', ({ packets }) => packets),
  ofServices('counter', 'bytes_total', 'Bytes of IP forwarded', ({ bytes }) => bytes),
  ofServices('counter', 'reply_packets_total', 'Packets from servers that answer through the director', repliesOf),
  ofServices(
    'counter',
    'reply_bytes_total',
    'Bytes of IP from servers that answer through the director',
    ({ replyBytes }) => replyBytes,
  ),
  ofServices('counter', 'connections_total', 'New connections', ({ connections }) => connections),
  ofServices('gauge', 'active_connections', 'Active connections', ({ activeConnections }) => activeConnections),
  ofServices('gauge', 'inactive_connections', 'Inactive connections', ({ inactiveConnections }) => inactiveConnections),
  ofServices('gauge', 'up', 'Whether any server can be sent to', ({ state }) => Number(state !== 'down')),
  ofServers('counter', 'packets_total', 'Packets forwarded', ({ packets }) => packets),
  ofServers('counter', 'bytes_total', 'Bytes of IP forwarded', ({ bytes }) => bytes),
  ofServers('counter', 'reply_packets_total', 'Packets from servers that answer through the director', repliesOf),
  ofServers(
    'counter',
    'reply_bytes_total',
    'Bytes of IP from servers that answer through the director',
    ({ replyBytes }) => replyBytes,
  ),
  ofServers('counter', 'connections_total', 'New connections', ({ connections }) => connections),
  ofServers('gauge', 'active_connections', 'Active connections', ({ activeConnections }) => activeConnections),
  ofServers('gauge', 'inactive_connections', 'Inactive connections', ({ inactiveConnections }) => inactiveConnections),
  ofServers('gauge', 'up', 'Whether the server can be sent to', ({ state }) => Number(state === 'up' || state === 'draining')),
]

type ValueOf = (status: TrafficStatus & { readonly state: string }) => number

function repliesOf({ replyPackets }: TrafficStatus): number {
  return replyPackets
}

function ofTable(name: string, what: string, table: (status: DirectorStatus) => TableStatus): Metric[] {
  const of = (value: (table: TableStatus) => number) => (reading: Reading) => value(table(reading.status))
  return [
    gauge(
      `${name}_slots`,
      `Slots of ${what}`,
      of(({ slots }) => slots),
    ),
    gauge(
      `${name}_used_slots`,
      `Slots in use of ${what}`,
      of(({ used }) => used),
    ),
    gauge(
      `${name}_established_connections`,
      `Established connections in ${what}`,
      of(({ established }) => established),
    ),
    gauge(
      `${name}_probationary_connections`,
      `Connections in ${what} that a flood may displace`,
      of(({ probationary }) => probationary),
    ),
    gauge(
      `${name}_bytes`,
      `Memory of ${what}`,
      of(({ bytes }) => bytes),
    ),
  ]
}

function gauge(name: string, help: string, value: (reading: Reading) => number): Metric {
  return { kind: 'gauge', name, help, labels: [], samples: (reading) => [[{}, value(reading)]] }
}

function ofServices(kind: Metric['kind'], name: string, help: string, value: ValueOf): Metric {
  const samples = ({ statistics }: Reading) =>
    statistics.services.map((service): Sample => [{ service: service.name }, value(service.status)])
  return { kind, name: `xlvs_service_${name}`, help: `${help}, by service`, labels: ['service'], samples }
}

function ofServers(kind: Metric['kind'], name: string, help: string, value: ValueOf): Metric {
  const samples = ({ statistics }: Reading) =>
    statistics.services.flatMap((service) =>
      service.servers.map((server): Sample => [{ service: service.name, server: serverName(server) }, value(server.status)]),
    )
  return { kind, name: `xlvs_server_${name}`, help: `${help}, by server`, labels: ['service', 'server'], samples }
}
