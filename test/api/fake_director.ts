// SPDX-License-Identifier: Apache-2.0
// A director in memory: keeps services as told, journals summaries, and answers fixed numbers.
import { parseDesired } from '../../src/config/parse.js'
import type { Change, ConnectionView, Director, ServerStatus, ServiceStatus, TrafficStatus } from '../../src/director/view.js'
import { type Service, serverName } from '../../src/model/desired.js'
import { UserError } from '../../src/model/errors.js'

export const traffic: TrafficStatus = {
  activeConnections: 3,
  inactiveConnections: 1,
  connections: 1234,
  packets: 5_678_901,
  bytes: 4_200_000_000,
  connectionsPerSecond: 12.5,
  packetsPerSecond: 1500,
  bytesPerSecond: 2_000_000,
  replyPackets: 4_567_890,
  replyBytes: 80_000_000_000,
  replyPacketsPerSecond: 1200,
  replyBytesPerSecond: 9_000_000,
}

export const serverStatus: ServerStatus = {
  state: 'up',
  weight: 1,
  mac: '02:00:00:00:00:11',
  interface: 'eth0',
  ...traffic,
}

export const serviceStatus: ServiceStatus = { state: 'up', warnings: [], ...traffic }

/** Two services: web with two servers, dns with one of weight 0. */
export const twoServices = [
  {
    name: 'web',
    protocol: 'tcp',
    address: '203.0.113.10',
    port: 80,
    scheduler: 'wrr',
    servers: [{ address: '10.0.0.11', weight: 3 }, { address: '10.0.0.12' }],
  },
  { name: 'dns', protocol: 'udp', address: '203.0.113.10', port: 53, servers: [{ address: '10.0.0.11', weight: 0 }] },
]

export interface FakeDirector extends Director {
  /** What was asked for and accepted. */
  readonly summaries: string[]
  /** The queries that reached `connections`. */
  readonly queries: unknown[]
  resets: number
  isReady: boolean
}

export function fakeDirector(
  services: unknown = twoServices,
  connections: readonly ConnectionView[] = someConnections(3),
): FakeDirector {
  let desired = parseDesired({ interfaces: ['eth0'], services })
  let turn: Promise<unknown> = Promise.resolve()
  const find = (name: string) => {
    const service = desired.services.find((one) => one.name === name)
    if (!service) throw new UserError('notFound', `There is no service named ${name}`)
    return service
  }
  const director: FakeDirector = {
    summaries: [],
    queries: [],
    resets: 0,
    isReady: true,
    ready: () => director.isReady,
    desired: () => desired,
    change(summary, next) {
      const apply = async () => {
        const services = next(desired.services)
        await new Promise(setImmediate)
        const changes = compare(desired.services, services)
        desired = { ...desired, services }
        director.summaries.push(summary)
        return changes
      }
      const result = turn.then(apply)
      turn = result.catch(() => undefined)
      return result
    },
    dryRun: (next) => compare(desired.services, next(desired.services)),
    status: () => ({
      version: '0.1.0',
      startedAt: '2026-01-02T03:04:05.000Z',
      uptimeSeconds: 93_784,
      interfaces: [
        { name: 'eth0', ifindex: 2, mac: '02:00:00:00:00:01', mode: 'generic', reason: 'the driver has no native XDP' },
      ],
      table: { slots: 2_097_152, used: 4, established: 3, probationary: 1, bytes: 33_554_432, lastSweepMilliseconds: 12.5 },
      wideTable: { slots: 1_048_576, used: 2, established: 2, probationary: 0, bytes: 33_554_432 },
      limits: desired.limits,
      services: desired.services.length,
      servers: desired.services.reduce((sum, service) => sum + service.servers.length, 0),
      warnings: ['the VIP 203.0.113.10 is on no interface'],
    }),
    serviceStatus: (name) => (find(name) ? serviceStatus : serviceStatus),
    serverStatus: (service, server) => {
      const found = find(service).servers.find((one) => serverName(one) === server)
      if (!found) throw new UserError('notFound', `Service ${service} has no server ${server}`)
      return { ...serverStatus, weight: found.weight, state: found.weight === 0 ? 'draining' : 'up' }
    },
    statistics: () => ({
      outcomes: { forwarded: { packets: 5_678_901, packetsPerSecond: 1500 }, not_ours: { packets: 7, packetsPerSecond: 0 } },
      services: desired.services.map((service) => ({
        name: service.name,
        status: serviceStatus,
        servers: service.servers.map((server) => ({
          address: server.address,
          port: server.port,
          status: director.serverStatus(service.name, serverName(server)),
        })),
      })),
    }),
    resetStatistics: () => {
      director.resets += 1
    },
    connections: async (query) => {
      director.queries.push(query)
      if (query.service !== undefined) find(query.service)
      const start = Number(query.cursor?.slice('0.'.length) ?? 0)
      const items = connections.slice(start, start + query.limit)
      const end = start + items.length
      return end < connections.length ? { items, nextCursor: `0.${end}` } : { items }
    },
  }
  return director
}

export function someConnections(count: number): ConnectionView[] {
  return Array.from({ length: count }, (_, index) => ({
    protocol: 'tcp',
    client: `198.51.100.7:${40_000 + index}`,
    virtual: '203.0.113.10:80',
    server: '10.0.0.11:80',
    forwarding: 'dr',
    state: 'ESTABLISHED',
    expiresIn: 899,
  }))
}

function compare(before: readonly Service[], after: readonly Service[]): Change[] {
  const names = (services: readonly Service[]) => new Set(services.map(({ name }) => name))
  const [old, young] = [names(before), names(after)]
  return [
    ...after.filter(({ name }) => !old.has(name)).map(({ name }): Change => ({ action: 'add', path: `services/${name}` })),
    ...before.filter(({ name }) => !young.has(name)).map(({ name }): Change => ({ action: 'remove', path: `services/${name}` })),
  ]
}
