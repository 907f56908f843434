// SPDX-License-Identifier: Apache-2.0
// Generated from the BTF of bpf/abi.h by src/abi/generate.ts: do not edit.
// An object has the size, the offsets (`at`) and a codec over a DataView; multi-byte fields are little-endian unless they are
// __be16 or __be32, whose numbers are those of the host (port 80 is 80).

/** enum abi_limit */
export const AbiLimit = {
  ABI_VERSION: 1,
  SLOTS_PER_LINE: 4,
  LISTENER_LINES_PER_LISTENER: 2,
  SERVERS_PER_LINE: 32,
  MAXIMUM_INTERFACES: 64,
  MAXIMUM_LOOKAHEAD: 1024,
  MAXIMUM_TIMEOUT_SECONDS: 57600,
  BUSY_SECONDS: 2,
  STATES: 16,
  NO_INDEX: 0,
} as const
export type AbiLimit = (typeof AbiLimit)[keyof typeof AbiLimit]

/** enum outcome */
export const Outcome = {
  CONTINUE: 0,
  NOT_IPV4: 1,
  NOT_UNICAST: 2,
  NOT_OURS: 3,
  BROKEN_IP_HEADER: 4,
  FORWARDED: 5,
  REDIRECTED: 6,
  HASHED: 7,
  HASH_REDIRECTED: 8,
  RESET_SENT: 9,
  MALFORMED: 10,
  FRAGMENT: 11,
  STRAY: 12,
  NO_REAL_SERVER: 13,
  SERVER_UNRESOLVED: 14,
  NO_EGRESS: 15,
  NOT_CONFIGURED: 16,
  OUTCOMES: 17,
} as const
export type Outcome = (typeof Outcome)[keyof typeof Outcome]

/** enum connection_state */
export const ConnectionState = {
  STATE_NONE: 0,
  STATE_ESTABLISHED: 1,
  STATE_SYN_SENT: 2,
  STATE_SYN_RECEIVED: 3,
  STATE_FIN_WAIT: 4,
  STATE_TIME_WAIT: 5,
  STATE_CLOSE: 6,
  STATE_CLOSE_WAIT: 7,
  STATE_LAST_ACK: 8,
  STATE_LISTEN: 9,
  STATE_SYN_ACK: 10,
  STATE_UDP: 11,
  STATE_BUSY: 12,
} as const
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState]

/** enum connection_flag */
export const ConnectionFlag = {
  FLAG_PROBATION: 1,
} as const
export type ConnectionFlag = (typeof ConnectionFlag)[keyof typeof ConnectionFlag]

/** struct connection_key, 8 bytes. */
export interface ConnectionKey {
  readonly client: number
  readonly clientPort: number
  readonly servicePort: number
}
export const ConnectionKey = {
  size: 8,
  at: {
    client: 0,
    clientPort: 4,
    servicePort: 6,
  },
  zero: {
    client: 0,
    clientPort: 0,
    servicePort: 0,
  } as ConnectionKey,
  read(view: DataView, offset = 0): ConnectionKey {
    return {
      client: view.getUint32(offset),
      clientPort: view.getUint16(offset + 4),
      servicePort: view.getUint16(offset + 6),
    }
  },
  write(view: DataView, offset: number, value: ConnectionKey): void {
    view.setUint32(offset, value.client)
    view.setUint16(offset + 4, value.clientPort)
    view.setUint16(offset + 6, value.servicePort)
  },
}

/** struct connection_owner, 8 bytes. */
export interface ConnectionOwner {
  readonly listener: number
  readonly server: number
  readonly second: number
  readonly state: ConnectionState
  readonly flags: number
}
export const ConnectionOwner = {
  size: 8,
  at: {
    listener: 0,
    server: 2,
    second: 4,
    state: 6,
    flags: 7,
  },
  zero: {
    listener: 0,
    server: 0,
    second: 0,
    state: 0 as ConnectionState,
    flags: 0,
  } as ConnectionOwner,
  read(view: DataView, offset = 0): ConnectionOwner {
    return {
      listener: view.getUint16(offset, true),
      server: view.getUint16(offset + 2, true),
      second: view.getUint16(offset + 4, true),
      state: view.getUint8(offset + 6) as ConnectionState,
      flags: view.getUint8(offset + 7),
    }
  },
  write(view: DataView, offset: number, value: ConnectionOwner): void {
    view.setUint16(offset, value.listener, true)
    view.setUint16(offset + 2, value.server, true)
    view.setUint16(offset + 4, value.second, true)
    view.setUint8(offset + 6, value.state)
    view.setUint8(offset + 7, value.flags)
  },
}

/** struct connection_slot, 16 bytes. */
export interface ConnectionSlot {
  readonly key: ConnectionKey
  readonly owner: ConnectionOwner
}
export const ConnectionSlot = {
  size: 16,
  at: {
    key: 0,
    keyWord: 0,
    owner: 8,
    ownerWord: 8,
  },
  zero: {
    key: ConnectionKey.zero,
    owner: ConnectionOwner.zero,
  } as ConnectionSlot,
  read(view: DataView, offset = 0): ConnectionSlot {
    return {
      key: ConnectionKey.read(view, offset),
      owner: ConnectionOwner.read(view, offset + 8),
    }
  },
  write(view: DataView, offset: number, value: ConnectionSlot): void {
    ConnectionKey.write(view, offset, value.key)
    ConnectionOwner.write(view, offset + 8, value.owner)
  },
}

/** struct connection_line, 64 bytes. */
export interface ConnectionLine {
  readonly slots: readonly ConnectionSlot[]
}
export const ConnectionLine = {
  size: 64,
  at: {
    slots: 0,
  },
  zero: {
    slots: [],
  } as ConnectionLine,
  read(view: DataView, offset = 0): ConnectionLine {
    return {
      slots: Array.from({ length: 4 }, (_, i) => ConnectionSlot.read(view, offset + i * 16)),
    }
  },
  write(view: DataView, offset: number, value: ConnectionLine): void {
    for (let i = 0; i < 4; i++) ConnectionSlot.write(view, offset + i * 16, value.slots[i] ?? ConnectionSlot.zero)
  },
}

/** struct listener_key, 8 bytes. */
export interface ListenerKey {
  readonly address: number
  readonly port: number
  readonly protocol: number
}
export const ListenerKey = {
  size: 8,
  at: {
    address: 0,
    port: 4,
    protocol: 6,
  },
  zero: {
    address: 0,
    port: 0,
    protocol: 0,
  } as ListenerKey,
  read(view: DataView, offset = 0): ListenerKey {
    return {
      address: view.getUint32(offset),
      port: view.getUint16(offset + 4),
      protocol: view.getUint8(offset + 6),
    }
  },
  write(view: DataView, offset: number, value: ListenerKey): void {
    view.setUint32(offset, value.address)
    view.setUint16(offset + 4, value.port)
    view.setUint8(offset + 6, value.protocol)
    view.setUint8(offset + 7, 0)
  },
}

/** struct listener, 8 bytes. */
export interface Listener {
  readonly index: number
  readonly service: number
}
export const Listener = {
  size: 8,
  at: {
    index: 0,
    service: 2,
  },
  zero: {
    index: 0,
    service: 0,
  } as Listener,
  read(view: DataView, offset = 0): Listener {
    return {
      index: view.getUint16(offset, true),
      service: view.getUint16(offset + 2, true),
    }
  },
  write(view: DataView, offset: number, value: Listener): void {
    view.setUint16(offset, value.index, true)
    view.setUint16(offset + 2, value.service, true)
    view.setUint32(offset + 4, 0, true)
  },
}

/** struct listener_slot, 16 bytes. */
export interface ListenerSlot {
  readonly key: ListenerKey
  readonly value: Listener
}
export const ListenerSlot = {
  size: 16,
  at: {
    key: 0,
    keyWord: 0,
    value: 8,
    valueWord: 8,
  },
  zero: {
    key: ListenerKey.zero,
    value: Listener.zero,
  } as ListenerSlot,
  read(view: DataView, offset = 0): ListenerSlot {
    return {
      key: ListenerKey.read(view, offset),
      value: Listener.read(view, offset + 8),
    }
  },
  write(view: DataView, offset: number, value: ListenerSlot): void {
    ListenerKey.write(view, offset, value.key)
    Listener.write(view, offset + 8, value.value)
  },
}

/** struct listener_line, 64 bytes. */
export interface ListenerLine {
  readonly slots: readonly ListenerSlot[]
}
export const ListenerLine = {
  size: 64,
  at: {
    slots: 0,
  },
  zero: {
    slots: [],
  } as ListenerLine,
  read(view: DataView, offset = 0): ListenerLine {
    return {
      slots: Array.from({ length: 4 }, (_, i) => ListenerSlot.read(view, offset + i * 16)),
    }
  },
  write(view: DataView, offset: number, value: ListenerLine): void {
    for (let i = 0; i < 4; i++) ListenerSlot.write(view, offset + i * 16, value.slots[i] ?? ListenerSlot.zero)
  },
}

/** struct vip_key, 8 bytes. */
export interface VipKey {
  readonly address: number
  readonly protocol: number
}
export const VipKey = {
  size: 8,
  at: {
    address: 0,
    protocol: 4,
  },
  zero: {
    address: 0,
    protocol: 0,
  } as VipKey,
  read(view: DataView, offset = 0): VipKey {
    return {
      address: view.getUint32(offset),
      protocol: view.getUint8(offset + 4),
    }
  },
  write(view: DataView, offset: number, value: VipKey): void {
    view.setUint32(offset, value.address)
    view.setUint8(offset + 4, value.protocol)
    for (let i = 0; i < 3; i++) view.setUint8(offset + 5 + i, 0)
  },
}

/** enum start */
export const Start = {
  START_COUNTER: 0,
} as const
export type Start = (typeof Start)[keyof typeof Start]

/** enum stray */
export const Stray = {
  STRAY_RESET: 0,
  STRAY_DROP: 1,
  STRAY_HASH: 2,
} as const
export type Stray = (typeof Stray)[keyof typeof Stray]

/** struct schedule, 64 bytes. */
export interface Schedule {
  readonly turn: bigint
  readonly slots: number
  readonly hashLine: number
  readonly hashSlots: number
  readonly lookahead: number
  readonly start: Start
  readonly stray: Stray
}
export const Schedule = {
  size: 64,
  at: {
    turn: 0,
    slots: 8,
    hashLine: 12,
    hashSlots: 16,
    lookahead: 20,
    start: 22,
    stray: 23,
  },
  zero: {
    turn: 0n,
    slots: 0,
    hashLine: 0,
    hashSlots: 0,
    lookahead: 0,
    start: 0 as Start,
    stray: 0 as Stray,
  } as Schedule,
  read(view: DataView, offset = 0): Schedule {
    return {
      turn: view.getBigUint64(offset, true),
      slots: view.getUint32(offset + 8, true),
      hashLine: view.getUint32(offset + 12, true),
      hashSlots: view.getUint32(offset + 16, true),
      lookahead: view.getUint16(offset + 20, true),
      start: view.getUint8(offset + 22) as Start,
      stray: view.getUint8(offset + 23) as Stray,
    }
  },
  write(view: DataView, offset: number, value: Schedule): void {
    view.setBigUint64(offset, value.turn, true)
    view.setUint32(offset + 8, value.slots, true)
    view.setUint32(offset + 12, value.hashLine, true)
    view.setUint32(offset + 16, value.hashSlots, true)
    view.setUint16(offset + 20, value.lookahead, true)
    view.setUint8(offset + 22, value.start)
    view.setUint8(offset + 23, value.stray)
    for (let i = 0; i < 40; i++) view.setUint8(offset + 24 + i, 0)
  },
}

/** struct ring_line, 64 bytes. */
export interface RingLine {
  readonly servers: readonly number[]
}
export const RingLine = {
  size: 64,
  at: {
    servers: 0,
  },
  zero: {
    servers: [],
  } as RingLine,
  read(view: DataView, offset = 0): RingLine {
    return {
      servers: Array.from({ length: 32 }, (_, i) => view.getUint16(offset + i * 2, true)),
    }
  },
  write(view: DataView, offset: number, value: RingLine): void {
    for (let i = 0; i < 32; i++) view.setUint16(offset + i * 2, value.servers[i] ?? 0, true)
  },
}

/** struct service, 8 bytes. */
export interface Service {
  readonly schedule: number
  readonly overflowed: number
}
export const Service = {
  size: 8,
  at: {
    schedule: 0,
    overflowed: 4,
  },
  zero: {
    schedule: 0,
    overflowed: 0,
  } as Service,
  read(view: DataView, offset = 0): Service {
    return {
      schedule: view.getUint32(offset, true),
      overflowed: view.getUint32(offset + 4, true),
    }
  },
  write(view: DataView, offset: number, value: Service): void {
    view.setUint32(offset, value.schedule, true)
    view.setUint32(offset + 4, value.overflowed, true)
  },
}

/** enum server_flag */
export const ServerFlag = {
  SERVER_ELIGIBLE: 1,
  SERVER_REACHABLE: 2,
  SERVER_REMOVED: 4,
} as const
export type ServerFlag = (typeof ServerFlag)[keyof typeof ServerFlag]

/** struct server_route, 8 bytes. */
export interface ServerRoute {
  readonly mac: readonly number[]
  readonly interface: number
  readonly flags: number
}
export const ServerRoute = {
  size: 8,
  at: {
    mac: 0,
    interface: 6,
    flags: 7,
  },
  zero: {
    mac: [],
    interface: 0,
    flags: 0,
  } as ServerRoute,
  read(view: DataView, offset = 0): ServerRoute {
    return {
      mac: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + i * 1)),
      interface: view.getUint8(offset + 6),
      flags: view.getUint8(offset + 7),
    }
  },
  write(view: DataView, offset: number, value: ServerRoute): void {
    for (let i = 0; i < 6; i++) view.setUint8(offset + i * 1, value.mac[i] ?? 0)
    view.setUint8(offset + 6, value.interface)
    view.setUint8(offset + 7, value.flags)
  },
}

/** struct server, 16 bytes. */
export interface Server {
  readonly route: ServerRoute
  readonly address: number
  readonly port: number
  readonly service: number
}
export const Server = {
  size: 16,
  at: {
    route: 0,
    routeWord: 0,
    address: 8,
    port: 12,
    service: 14,
  },
  zero: {
    route: ServerRoute.zero,
    address: 0,
    port: 0,
    service: 0,
  } as Server,
  read(view: DataView, offset = 0): Server {
    return {
      route: ServerRoute.read(view, offset),
      address: view.getUint32(offset + 8),
      port: view.getUint16(offset + 12),
      service: view.getUint16(offset + 14, true),
    }
  },
  write(view: DataView, offset: number, value: Server): void {
    ServerRoute.write(view, offset, value.route)
    view.setUint32(offset + 8, value.address)
    view.setUint16(offset + 12, value.port)
    view.setUint16(offset + 14, value.service, true)
  },
}

/** struct load_counts, 8 bytes. */
export interface LoadCounts {
  readonly inactive: number
  readonly active: number
}
export const LoadCounts = {
  size: 8,
  at: {
    inactive: 0,
    active: 4,
  },
  zero: {
    inactive: 0,
    active: 0,
  } as LoadCounts,
  read(view: DataView, offset = 0): LoadCounts {
    return {
      inactive: view.getUint32(offset, true),
      active: view.getUint32(offset + 4, true),
    }
  },
  write(view: DataView, offset: number, value: LoadCounts): void {
    view.setUint32(offset, value.inactive, true)
    view.setUint32(offset + 4, value.active, true)
  },
}

/** struct load, 8 bytes. */
export interface Load {
  readonly counts: LoadCounts
}
export const Load = {
  size: 8,
  at: {
    counts: 0,
    word: 0,
  },
  zero: {
    counts: LoadCounts.zero,
  } as Load,
  read(view: DataView, offset = 0): Load {
    return {
      counts: LoadCounts.read(view, offset),
    }
  },
  write(view: DataView, offset: number, value: Load): void {
    LoadCounts.write(view, offset, value.counts)
  },
}

/** struct interface, 12 bytes. */
export interface Interface {
  readonly mac: readonly number[]
  readonly ifindex: number
}
export const Interface = {
  size: 12,
  at: {
    mac: 0,
    ifindex: 8,
  },
  zero: {
    mac: [],
    ifindex: 0,
  } as Interface,
  read(view: DataView, offset = 0): Interface {
    return {
      mac: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + i * 1)),
      ifindex: view.getUint32(offset + 8, true),
    }
  },
  write(view: DataView, offset: number, value: Interface): void {
    for (let i = 0; i < 6; i++) view.setUint8(offset + i * 1, value.mac[i] ?? 0)
    view.setUint16(offset + 6, 0, true)
    view.setUint32(offset + 8, value.ifindex, true)
  },
}

/** struct settings, 32 bytes. */
export interface Settings {
  readonly timeouts: readonly number[]
}
export const Settings = {
  size: 32,
  at: {
    timeouts: 0,
  },
  zero: {
    timeouts: [],
  } as Settings,
  read(view: DataView, offset = 0): Settings {
    return {
      timeouts: Array.from({ length: 16 }, (_, i) => view.getUint16(offset + i * 2, true)),
    }
  },
  write(view: DataView, offset: number, value: Settings): void {
    for (let i = 0; i < 16; i++) view.setUint16(offset + i * 2, value.timeouts[i] ?? 0, true)
  },
}

/** struct identity, 40 bytes. */
export interface Identity {
  readonly version: number
  readonly lines: number
  readonly listenerLines: number
  readonly seeds: readonly bigint[]
}
export const Identity = {
  size: 40,
  at: {
    version: 0,
    lines: 4,
    listenerLines: 8,
    seeds: 16,
  },
  zero: {
    version: 0,
    lines: 0,
    listenerLines: 0,
    seeds: [],
  } as Identity,
  read(view: DataView, offset = 0): Identity {
    return {
      version: view.getUint32(offset, true),
      lines: view.getUint32(offset + 4, true),
      listenerLines: view.getUint32(offset + 8, true),
      seeds: Array.from({ length: 3 }, (_, i) => view.getBigUint64(offset + 16 + i * 8, true)),
    }
  },
  write(view: DataView, offset: number, value: Identity): void {
    view.setUint32(offset, value.version, true)
    view.setUint32(offset + 4, value.lines, true)
    view.setUint32(offset + 8, value.listenerLines, true)
    view.setUint32(offset + 12, 0, true)
    for (let i = 0; i < 3; i++) view.setBigUint64(offset + 16 + i * 8, value.seeds[i] ?? 0n, true)
  },
}

/** struct traffic, 24 bytes. */
export interface Traffic {
  readonly packets: bigint
  readonly bytes: bigint
  readonly connections: bigint
}
export const Traffic = {
  size: 24,
  at: {
    packets: 0,
    bytes: 8,
    connections: 16,
  },
  zero: {
    packets: 0n,
    bytes: 0n,
    connections: 0n,
  } as Traffic,
  read(view: DataView, offset = 0): Traffic {
    return {
      packets: view.getBigUint64(offset, true),
      bytes: view.getBigUint64(offset + 8, true),
      connections: view.getBigUint64(offset + 16, true),
    }
  },
  write(view: DataView, offset: number, value: Traffic): void {
    view.setBigUint64(offset, value.packets, true)
    view.setBigUint64(offset + 8, value.bytes, true)
    view.setBigUint64(offset + 16, value.connections, true)
  },
}

/** struct outcome_count, 8 bytes. */
export interface OutcomeCount {
  readonly packets: bigint
}
export const OutcomeCount = {
  size: 8,
  at: {
    packets: 0,
  },
  zero: {
    packets: 0n,
  } as OutcomeCount,
  read(view: DataView, offset = 0): OutcomeCount {
    return {
      packets: view.getBigUint64(offset, true),
    }
  },
  write(view: DataView, offset: number, value: OutcomeCount): void {
    view.setBigUint64(offset, value.packets, true)
  },
}
