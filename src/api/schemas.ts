// SPDX-License-Identifier: Apache-2.0
// What the API answers, as JSON Schema: the source of /docs. A test holds every answer to it.
import { Type } from 'typebox'
import {
  AddressSchema,
  ConfigSchema as Body,
  DurationSchema,
  ForwardingSchema,
  NameSchema,
  NetworkSchema,
  PortsSchema,
  ProtocolSchema,
  SchedulerSchema,
  ServerPortSchema,
  SourcesSchema,
  StraySchema,
  WeightSchema,
} from '../config/schema.js'

const closed = { additionalProperties: false }

const count = (description: string) => Type.Integer({ minimum: 0, description })
const rate = (description: string) => Type.Number({ minimum: 0, description })

const traffic = {
  activeConnections: count('Connections in state ESTABLISHED, or UDP'),
  inactiveConnections: count('Connections in any other state'),
  connections: count('New connections since the counters were made or reset'),
  packets: count('Packets forwarded'),
  bytes: count('Bytes of IP forwarded'),
  connectionsPerSecond: rate('New connections a second, over the last few seconds'),
  packetsPerSecond: rate('Packets a second'),
  bytesPerSecond: rate('Bytes a second'),
  replyPackets: count('Packets from servers that answer through the director'),
  replyBytes: count('Bytes of IP of these'),
  replyPacketsPerSecond: rate('Such packets a second'),
  replyBytesPerSecond: rate('Such bytes a second'),
}

export const ServerStatusSchema = Type.Object(
  {
    state: Type.Enum(['up', 'down', 'draining', 'unresolved']),
    weight: Type.Integer({ minimum: 0, description: 'In effect now' }),
    mac: Type.Optional(Type.String({ description: 'Where packets for the server are sent' })),
    interface: Type.Optional(Type.String({ description: 'The interface that it was found on' })),
    ...traffic,
  },
  closed,
)

export const ServiceStatusSchema = Type.Object(
  {
    state: Type.Enum(['up', 'down', 'degraded'], {
      description: 'up: every server of positive weight can be sent to; degraded: some; down: none',
    }),
    warnings: Type.Array(Type.String()),
    ...traffic,
  },
  closed,
)

const LimitsSchema = Type.Object(
  {
    connections: count('Connections that the table is made for'),
    wideConnections: count('The same of the table for IPv6, prefixes and full NAT'),
    services: count('Services at most'),
    servers: count('Servers at most, of all services'),
    ringSlots: count('Slots for schedules'),
    sources: count('Addresses for full NAT'),
  },
  closed,
)

const VipPortSchema = Type.Integer({ minimum: 0, maximum: 65_535, description: '0: every port' })

const server = { address: AddressSchema, port: ServerPortSchema, weight: WeightSchema, forwarding: ForwardingSchema }

const service = {
  name: NameSchema,
  protocol: Type.Optional(ProtocolSchema),
  address: Type.Optional(AddressSchema),
  port: Type.Optional(VipPortSchema),
  listeners: Type.Optional(
    Type.Array(Type.Object({ protocol: ProtocolSchema, address: NetworkSchema, port: PortsSchema }, closed), {
      description: 'In place of protocol, address and port: of a service with several, with a network, or with a range of ports',
    }),
  ),
  scheduler: SchedulerSchema,
  forwarding: ForwardingSchema,
  stray: StraySchema,
}

/** A server as the API answers it: everything desired, and how it is. */
export const ServerDocumentSchema = Type.Object({ ...server, status: ServerStatusSchema }, closed)

export const ServiceDocumentSchema = Type.Object(
  { ...service, servers: Type.Array(ServerDocumentSchema), status: ServiceStatusSchema },
  closed,
)

const DesiredServiceSchema = Type.Object({ ...service, servers: Type.Array(Type.Object(server, closed)) }, closed)

const wanted = Body.properties

/** The whole desired state; what config/schema.ts leaves open to users is filled in. */
export const ConfigDocumentSchema = Type.Object(
  {
    interfaces: wanted.interfaces,
    vips: Type.Enum(['manual', 'assign']),
    xdpMode: Type.Enum(['auto', 'native', 'generic']),
    api: Type.Object({ listen: Type.String(), tokens: Type.Optional(Type.String({ description: "The tokens' file" })) }, closed),
    stateDir: Type.String(),
    pinDir: Type.String(),
    sources: SourcesSchema,
    limits: LimitsSchema,
    timeouts: Type.Object({ tcp: DurationSchema, tcpFin: DurationSchema, udp: DurationSchema }, closed),
    services: Type.Array(DesiredServiceSchema),
  },
  closed,
)

export const ChangesSchema = Type.Object(
  {
    dryRun: Type.Boolean(),
    changes: Type.Array(
      Type.Object(
        {
          action: Type.Enum(['add', 'change', 'remove']),
          path: Type.String({ examples: ['services/web/servers/10.0.0.11:80'] }),
          before: Type.Optional(Type.Unknown()),
          after: Type.Optional(Type.Unknown()),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const ConnectionsSchema = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          protocol: ProtocolSchema,
          client: Type.String({ examples: ['198.51.100.7:40312'] }),
          virtual: Type.String(),
          server: Type.String(),
          forwarding: ForwardingSchema,
          state: Type.String({ examples: ['ESTABLISHED'] }),
          expiresIn: rate('Seconds'),
        },
        closed,
      ),
    ),
    nextCursor: Type.Optional(Type.String({ description: 'Where the next page starts; absent at the end' })),
  },
  closed,
)

export const StatisticsSchema = Type.Object(
  {
    outcomes: Type.Record(
      Type.String(),
      Type.Object({ packets: count('Packets that ended so'), packetsPerSecond: rate('Packets a second') }, closed),
    ),
    services: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          status: ServiceStatusSchema,
          servers: Type.Array(Type.Object({ address: server.address, port: server.port, status: ServerStatusSchema }, closed)),
        },
        closed,
      ),
    ),
  },
  closed,
)

const table = {
  slots: count('How many connections it could hold at the very most'),
  used: count('Slots in use'),
  established: count('Established connections'),
  probationary: count('Connections not yet proven, which a flood may displace'),
  bytes: count('Memory'),
}

export const StatusSchema = Type.Object(
  {
    version: Type.String(),
    startedAt: Type.String({ description: 'ISO 8601' }),
    uptimeSeconds: rate('Seconds'),
    interfaces: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          ifindex: Type.Integer(),
          mac: Type.String(),
          mode: Type.Enum(['native', 'generic']),
          reason: Type.Optional(Type.String({ description: 'Why not native, where it was wanted' })),
        },
        closed,
      ),
    ),
    table: Type.Object({ ...table, lastSweepMilliseconds: rate('How long the last sweep took') }, closed),
    wideTable: Type.Object(table, { ...closed, description: 'The same of IPv6, networks of VIPs, and full NAT' }),
    limits: LimitsSchema,
    services: count('Services configured'),
    servers: count('Servers configured'),
    warnings: Type.Array(Type.String()),
  },
  closed,
)

export const ReadySchema = Type.Object({ status: Type.Literal('ok') }, closed)

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Array(Type.Object({ path: Type.String({ examples: ['servers[0].weight'] }), message: Type.String() }, closed)),
  },
  { ...closed, description: 'A refusal (RFC 9457). It changed nothing.' },
)
