// SPDX-License-Identifier: Apache-2.0
// The shape of what users write, in the file and over REST: one schema for validation, error messages and OpenAPI.
// A leaf's description completes the sentence "must be …".
import Type from 'typebox'
import { bounds, defaults } from './defaults.js'

const number = (description: string, minimum: number, maximum: number) => Type.Integer({ description, minimum, maximum })

const path = (description: string) => Type.String({ description, pattern: '^/', maxLength: 4096 })

export const PortsSchema = Type.Union(
  [Type.Integer({ minimum: 0, maximum: 65_535 }), Type.String({ pattern: '^[1-9][0-9]{0,4}-[1-9][0-9]{0,4}$' })],
  { description: 'a port, a range such as "8000-8100", or 0 for every port' },
)

export const ServerPortSchema = number('a port, or 0 for the one that the client used', 0, 65_535)

export const AddressSchema = Type.String({ description: 'an IPv4 or IPv6 address', maxLength: 64 })

export const NetworkSchema = Type.String({
  description: 'an IPv4 or IPv6 address, or a network such as 203.0.113.0/24',
  maxLength: 64,
})

export const NameSchema = Type.String({
  description: 'a DNS label: up to 63 lower-case letters, digits and inner hyphens',
  pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
})

export const DurationSchema = Type.Union([Type.String({ maxLength: 32 }), Type.Number()], {
  description: 'a duration such as 500ms, 2s or 5m; a bare number is seconds',
})

export const ProtocolSchema = Type.Enum(['tcp', 'udp', 'sctp'], { description: 'tcp, udp or sctp' })
export const SchedulerSchema = Type.Enum(['rr', 'wrr'], { description: 'rr or wrr' })
export const ForwardingSchema = Type.Enum(['dr', 'nat', 'fullnat', 'tun'], { description: 'dr, nat, fullnat or tun' })
export const StraySchema = Type.Enum(['reset', 'drop', 'hash'], { description: 'reset, drop or hash' })
export const WeightSchema = number('a weight between 0 and 2147483647', 0, bounds.weight)

const closed = { additionalProperties: false }

/** A real server as a user writes it. */
export const ServerSchema = Type.Object(
  {
    address: AddressSchema,
    port: Type.Optional(ServerPortSchema),
    weight: Type.Optional({ ...WeightSchema, default: defaults.weight }),
    forwarding: Type.Optional(ForwardingSchema),
  },
  { ...closed, description: 'a server: address, port, weight and forwarding' },
)

/** One place where a service listens, as a user writes it; without a protocol it has the service's. */
const ListenerSchema = Type.Object(
  { protocol: Type.Optional(ProtocolSchema), address: NetworkSchema, port: PortsSchema },
  { ...closed, description: 'a listener: protocol, address and port' },
)

/** A service as a user writes it: by protocol, address and port, or by listeners. */
export const ServiceSchema = Type.Object(
  {
    name: Type.Optional(NameSchema),
    protocol: Type.Optional(ProtocolSchema),
    address: Type.Optional(NetworkSchema),
    port: Type.Optional(PortsSchema),
    listeners: Type.Optional(
      Type.Array(ListenerSchema, {
        description: `a list of 1 to ${bounds.listeners} listeners`,
        minItems: 1,
        maxItems: bounds.listeners,
      }),
    ),
    scheduler: Type.Optional({ ...SchedulerSchema, default: defaults.scheduler }),
    schedulerFlags: Type.Optional(Type.Array(Type.String(), { maxItems: 0, description: 'empty in this version' })),
    forwarding: Type.Optional({ ...ForwardingSchema, default: defaults.forwarding }),
    stray: Type.Optional({ ...StraySchema, default: defaults.stray }),
    servers: Type.Optional(Type.Array(ServerSchema, { description: 'a list of servers' })),
  },
  { ...closed, description: 'a service: protocol, address, port, servers and the like' },
)

export const ServicesSchema = Type.Array(ServiceSchema, { description: 'a list of services' })

const limit = (of: keyof typeof defaults.limits, description: string, least: number, most: number) =>
  Type.Optional({ ...number(description, least, most), default: defaults.limits[of] })

const LimitsSchema = Type.Object(
  {
    connections: limit('connections', 'a number between 1 and 268435456', 1, bounds.connections),
    wideConnections: limit('wideConnections', 'a number between 1 and 134217728', 1, bounds.wideConnections),
    services: limit('services', 'a number between 1 and 65535', 1, bounds.index),
    servers: limit('servers', 'a number between 1 and 65535', 1, bounds.index),
    ringSlots: limit('ringSlots', 'a number between 4096 and 268435456', bounds.leastRingSlots, bounds.ringSlots),
    sources: limit('sources', 'a number between 1 and 255', 1, bounds.sources),
  },
  { ...closed, description: 'the limits: connections, wideConnections, services, servers, ringSlots and sources' },
)

const timeout = (seconds: number) => Type.Optional({ ...DurationSchema, default: `${seconds}s` })

const TimeoutsSchema = Type.Object(
  {
    tcp: timeout(defaults.timeouts.tcp),
    tcpFin: timeout(defaults.timeouts.tcpFin),
    udp: timeout(defaults.timeouts.udp),
  },
  { ...closed, description: 'the timeouts: tcp, tcpFin and udp' },
)

const ApiSchema = Type.Object(
  {
    listen: Type.Optional(Type.String({ description: 'unix:/path or address:port', maxLength: 120, default: defaults.listen })),
    tokens: Type.Optional(path('the absolute path of a file with tokens')),
  },
  { ...closed, description: 'the API: listen and tokens' },
)

export const SourcesSchema = Type.Array(AddressSchema, {
  description: `a list of up to ${bounds.sources} addresses of this director`,
  maxItems: bounds.sources,
})

const InterfaceSchema = Type.String({
  description: 'an interface name of 1 to 15 characters',
  pattern: `^(?!\\.{1,2}$)[^\\s/:]{1,${bounds.interfaceName}}$`,
})

/** The whole configuration as a user writes it. */
export const ConfigSchema = Type.Object(
  {
    interfaces: Type.Array(InterfaceSchema, {
      description: `a list of 1 to ${bounds.interfaces} interfaces`,
      minItems: 1,
      maxItems: bounds.interfaces,
    }),
    vips: Type.Optional(Type.Enum(['manual', 'assign'], { description: 'manual or assign', default: defaults.vips })),
    xdpMode: Type.Optional(
      Type.Enum(['auto', 'native', 'generic'], { description: 'auto, native or generic', default: defaults.xdpMode }),
    ),
    api: Type.Optional(ApiSchema),
    stateDir: Type.Optional({ ...path('an absolute path'), default: defaults.stateDir }),
    pinDir: Type.Optional({ ...path('an absolute path'), default: defaults.pinDir }),
    sources: Type.Optional(SourcesSchema),
    limits: Type.Optional(LimitsSchema),
    timeouts: Type.Optional(TimeoutsSchema),
    services: Type.Optional(ServicesSchema),
  },
  { ...closed, description: 'a mapping of fields: interfaces, services and the like' },
)

export type ListenerBody = Type.Static<typeof ListenerSchema>
export type ServerBody = Type.Static<typeof ServerSchema>
export type ServiceBody = Type.Static<typeof ServiceSchema>
export type ConfigBody = Type.Static<typeof ConfigSchema>
