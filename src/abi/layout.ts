// SPDX-License-Identifier: Apache-2.0
// Generated from the BTF of bpf/abi.h by src/abi/generate.ts: do not edit.
// An object has the size, the offsets (`at`) and a codec over a DataView; multi-byte fields are little-endian unless they are
// __be16 or __be32, whose numbers are those of the host (port 80 is 80).

/** enum abi_limit */
export const AbiLimit = {
  ABI_VERSION: 2,
  SLOTS_PER_LINE: 4,
  LISTENER_LINES_PER_LISTENER: 2,
  SERVERS_PER_LINE: 32,
  MAXIMUM_INTERFACES: 64,
  MAXIMUM_LOOKAHEAD: 1024,
  MAXIMUM_TIMEOUT_SECONDS: 57600,
  BUSY_SECONDS: 2,
  STATES: 16,
  NO_INDEX: 0,
  MAXIMUM_HOPS: 15,
  MAXIMUM_SOURCES: 255,
  PORTS: 65536,
} as const
export type AbiLimit = (typeof AbiLimit)[keyof typeof AbiLimit]

/** enum outcome */
export const Outcome = {
  CONTINUE: 0,
  NOT_IP: 1,
  NOT_UNICAST: 2,
  NOT_OURS: 3,
  NOT_MASTER: 4,
  NOT_A_REPLY: 5,
  BROKEN_IP_HEADER: 6,
  DELIVERED: 7,
  FORWARDED: 8,
  REDIRECTED: 9,
  HASHED: 10,
  HASH_REDIRECTED: 11,
  REPLIED: 12,
  REPLY_REDIRECTED: 13,
  RESET_SENT: 14,
  ICMP_SENT: 15,
  MALFORMED: 16,
  FRAGMENT: 17,
  STRAY: 18,
  NO_REAL_SERVER: 19,
  SERVER_UNRESOLVED: 20,
  NO_EGRESS: 21,
  NOT_CONFIGURED: 22,
  TUPLE_TAKEN: 23,
  NO_SLOT: 24,
  NO_SOURCE_PORT: 25,
  ICMP_WITHHELD: 26,
  NO_NEXT_HOP: 27,
  EXTENSION_HEADERS: 28,
  OUTCOMES: 29,
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

/** struct address, 16 bytes. */
export interface Address {
  readonly bytes: readonly number[]
}
export const Address = {
  size: 16,
  at: {
    bytes: 0,
    words: 0,
    quads: 0,
  },
  zero: {
    bytes: [],
  } as Address,
  read(view: DataView, offset = 0): Address {
    return {
      bytes: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + i * 1)),
    }
  },
  write(view: DataView, offset: number, value: Address): void {
    for (let i = 0; i < 16; i++) view.setUint8(offset + i * 1, value.bytes[i] ?? 0)
  },
}

/** struct wide_ports, 8 bytes. */
export interface WidePorts {
  readonly clientPort: number
  readonly servicePort: number
  readonly ownPort: number
  readonly source: number
  readonly check: number
}
export const WidePorts = {
  size: 8,
  at: {
    clientPort: 0,
    servicePort: 2,
    ownPort: 4,
    source: 6,
    check: 7,
  },
  zero: {
    clientPort: 0,
    servicePort: 0,
    ownPort: 0,
    source: 0,
    check: 0,
  } as WidePorts,
  read(view: DataView, offset = 0): WidePorts {
    return {
      clientPort: view.getUint16(offset),
      servicePort: view.getUint16(offset + 2),
      ownPort: view.getUint16(offset + 4),
      source: view.getUint8(offset + 6),
      check: view.getUint8(offset + 7),
    }
  },
  write(view: DataView, offset: number, value: WidePorts): void {
    view.setUint16(offset, value.clientPort)
    view.setUint16(offset + 2, value.servicePort)
    view.setUint16(offset + 4, value.ownPort)
    view.setUint8(offset + 6, value.source)
    view.setUint8(offset + 7, value.check)
  },
}

/** enum wide_check */
export const WideCheck = {
  CHECK_IPV6: 128,
} as const
export type WideCheck = (typeof WideCheck)[keyof typeof WideCheck]

/** struct wide_key, 24 bytes. */
export interface WideKey {
  readonly client: Address
  readonly ports: WidePorts
}
export const WideKey = {
  size: 24,
  at: {
    client: 0,
    clientWords: 0,
    ports: 16,
    portsWord: 16,
  },
  zero: {
    client: Address.zero,
    ports: WidePorts.zero,
  } as WideKey,
  read(view: DataView, offset = 0): WideKey {
    return {
      client: Address.read(view, offset),
      ports: WidePorts.read(view, offset + 16),
    }
  },
  write(view: DataView, offset: number, value: WideKey): void {
    Address.write(view, offset, value.client)
    WidePorts.write(view, offset + 16, value.ports)
  },
}

/** struct wide_slot, 32 bytes. */
export interface WideSlot {
  readonly key: WideKey
  readonly owner: ConnectionOwner
}
export const WideSlot = {
  size: 32,
  at: {
    key: 0,
    owner: 24,
    ownerWord: 24,
  },
  zero: {
    key: WideKey.zero,
    owner: ConnectionOwner.zero,
  } as WideSlot,
  read(view: DataView, offset = 0): WideSlot {
    return {
      key: WideKey.read(view, offset),
      owner: ConnectionOwner.read(view, offset + 24),
    }
  },
  write(view: DataView, offset: number, value: WideSlot): void {
    WideKey.write(view, offset, value.key)
    ConnectionOwner.write(view, offset + 24, value.owner)
  },
}

/** struct wide_line, 128 bytes. */
export interface WideLine {
  readonly slots: readonly WideSlot[]
}
export const WideLine = {
  size: 128,
  at: {
    slots: 0,
  },
  zero: {
    slots: [],
  } as WideLine,
  read(view: DataView, offset = 0): WideLine {
    return {
      slots: Array.from({ length: 4 }, (_, i) => WideSlot.read(view, offset + i * 32)),
    }
  },
  write(view: DataView, offset: number, value: WideLine): void {
    for (let i = 0; i < 4; i++) WideSlot.write(view, offset + i * 32, value.slots[i] ?? WideSlot.zero)
  },
}

/** enum listener_kind */
export const ListenerKind = {
  KIND_LISTENER: 0,
  KIND_ENDPOINT: 1,
  KIND_SOURCE: 2,
} as const
export type ListenerKind = (typeof ListenerKind)[keyof typeof ListenerKind]

/** struct listener_key, 8 bytes. */
export interface ListenerKey {
  readonly address: number
  readonly port: number
  readonly protocol: number
  readonly kind: ListenerKind
}
export const ListenerKey = {
  size: 8,
  at: {
    address: 0,
    port: 4,
    protocol: 6,
    kind: 7,
  },
  zero: {
    address: 0,
    port: 0,
    protocol: 0,
    kind: 0 as ListenerKind,
  } as ListenerKey,
  read(view: DataView, offset = 0): ListenerKey {
    return {
      address: view.getUint32(offset),
      port: view.getUint16(offset + 4),
      protocol: view.getUint8(offset + 6),
      kind: view.getUint8(offset + 7) as ListenerKind,
    }
  },
  write(view: DataView, offset: number, value: ListenerKey): void {
    view.setUint32(offset, value.address)
    view.setUint16(offset + 4, value.port)
    view.setUint8(offset + 6, value.protocol)
    view.setUint8(offset + 7, value.kind)
  },
}

/** enum listener_flag */
export const ListenerFlag = {
  LISTENER_PASSIVE: 1,
  LISTENER_WIDE: 2,
  ENDPOINT_NARROW: 4,
  ENDPOINT_WIDE: 8,
  ENDPOINT_FULL: 16,
  ENDPOINT_TUNNEL: 32,
} as const
export type ListenerFlag = (typeof ListenerFlag)[keyof typeof ListenerFlag]

/** struct listener, 8 bytes. */
export interface Listener {
  readonly index: number
  readonly service: number
  readonly flags: number
}
export const Listener = {
  size: 8,
  at: {
    index: 0,
    service: 2,
    flags: 4,
  },
  zero: {
    index: 0,
    service: 0,
    flags: 0,
  } as Listener,
  read(view: DataView, offset = 0): Listener {
    return {
      index: view.getUint16(offset, true),
      service: view.getUint16(offset + 2, true),
      flags: view.getUint8(offset + 4),
    }
  },
  write(view: DataView, offset: number, value: Listener): void {
    view.setUint16(offset, value.index, true)
    view.setUint16(offset + 2, value.service, true)
    view.setUint8(offset + 4, value.flags)
    for (let i = 0; i < 3; i++) view.setUint8(offset + 5 + i, 0)
  },
}

/** struct listener_place, 32 bytes. */
export interface ListenerPlace {
  readonly address: Address
  readonly firstPort: number
  readonly lastPort: number
  readonly prefix: number
  readonly protocol: number
  readonly flags: number
}
export const ListenerPlace = {
  size: 32,
  at: {
    address: 0,
    firstPort: 16,
    lastPort: 18,
    prefix: 20,
    protocol: 21,
    flags: 22,
  },
  zero: {
    address: Address.zero,
    firstPort: 0,
    lastPort: 0,
    prefix: 0,
    protocol: 0,
    flags: 0,
  } as ListenerPlace,
  read(view: DataView, offset = 0): ListenerPlace {
    return {
      address: Address.read(view, offset),
      firstPort: view.getUint16(offset + 16, true),
      lastPort: view.getUint16(offset + 18, true),
      prefix: view.getUint8(offset + 20),
      protocol: view.getUint8(offset + 21),
      flags: view.getUint8(offset + 22),
    }
  },
  write(view: DataView, offset: number, value: ListenerPlace): void {
    Address.write(view, offset, value.address)
    view.setUint16(offset + 16, value.firstPort, true)
    view.setUint16(offset + 18, value.lastPort, true)
    view.setUint8(offset + 20, value.prefix)
    view.setUint8(offset + 21, value.protocol)
    view.setUint8(offset + 22, value.flags)
    for (let i = 0; i < 9; i++) view.setUint8(offset + 23 + i, 0)
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

/** struct wide_listener_port, 8 bytes. */
export interface WideListenerPort {
  readonly port: number
  readonly protocol: number
  readonly kind: ListenerKind
  readonly taken: number
}
export const WideListenerPort = {
  size: 8,
  at: {
    port: 0,
    protocol: 2,
    kind: 3,
    taken: 4,
  },
  zero: {
    port: 0,
    protocol: 0,
    kind: 0 as ListenerKind,
    taken: 0,
  } as WideListenerPort,
  read(view: DataView, offset = 0): WideListenerPort {
    return {
      port: view.getUint16(offset),
      protocol: view.getUint8(offset + 2),
      kind: view.getUint8(offset + 3) as ListenerKind,
      taken: view.getUint32(offset + 4, true),
    }
  },
  write(view: DataView, offset: number, value: WideListenerPort): void {
    view.setUint16(offset, value.port)
    view.setUint8(offset + 2, value.protocol)
    view.setUint8(offset + 3, value.kind)
    view.setUint32(offset + 4, value.taken, true)
  },
}

/** struct wide_listener_key, 24 bytes. */
export interface WideListenerKey {
  readonly address: Address
  readonly port: WideListenerPort
}
export const WideListenerKey = {
  size: 24,
  at: {
    address: 0,
    port: 16,
    portWord: 16,
  },
  zero: {
    address: Address.zero,
    port: WideListenerPort.zero,
  } as WideListenerKey,
  read(view: DataView, offset = 0): WideListenerKey {
    return {
      address: Address.read(view, offset),
      port: WideListenerPort.read(view, offset + 16),
    }
  },
  write(view: DataView, offset: number, value: WideListenerKey): void {
    Address.write(view, offset, value.address)
    WideListenerPort.write(view, offset + 16, value.port)
  },
}

/** struct wide_listener_slot, 32 bytes. */
export interface WideListenerSlot {
  readonly key: WideListenerKey
  readonly value: Listener
}
export const WideListenerSlot = {
  size: 32,
  at: {
    key: 0,
    value: 24,
    valueWord: 24,
  },
  zero: {
    key: WideListenerKey.zero,
    value: Listener.zero,
  } as WideListenerSlot,
  read(view: DataView, offset = 0): WideListenerSlot {
    return {
      key: WideListenerKey.read(view, offset),
      value: Listener.read(view, offset + 24),
    }
  },
  write(view: DataView, offset: number, value: WideListenerSlot): void {
    WideListenerKey.write(view, offset, value.key)
    Listener.write(view, offset + 24, value.value)
  },
}

/** struct wide_listener_line, 128 bytes. */
export interface WideListenerLine {
  readonly slots: readonly WideListenerSlot[]
}
export const WideListenerLine = {
  size: 128,
  at: {
    slots: 0,
  },
  zero: {
    slots: [],
  } as WideListenerLine,
  read(view: DataView, offset = 0): WideListenerLine {
    return {
      slots: Array.from({ length: 4 }, (_, i) => WideListenerSlot.read(view, offset + i * 32)),
    }
  },
  write(view: DataView, offset: number, value: WideListenerLine): void {
    for (let i = 0; i < 4; i++) WideListenerSlot.write(view, offset + i * 32, value.slots[i] ?? WideListenerSlot.zero)
  },
}

/** struct vip_key, 20 bytes. */
export interface VipKey {
  readonly bits: number
  readonly address: readonly number[]
}
export const VipKey = {
  size: 20,
  at: {
    bits: 0,
    address: 4,
  },
  zero: {
    bits: 0,
    address: [],
  } as VipKey,
  read(view: DataView, offset = 0): VipKey {
    return {
      bits: view.getUint32(offset, true),
      address: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + 4 + i * 1)),
    }
  },
  write(view: DataView, offset: number, value: VipKey): void {
    view.setUint32(offset, value.bits, true)
    for (let i = 0; i < 16; i++) view.setUint8(offset + 4 + i * 1, value.address[i] ?? 0)
  },
}

/** enum vip_protocol */
export const VipProtocol = {
  VIP_TCP: 1,
  VIP_UDP: 2,
  VIP_SCTP: 4,
} as const
export type VipProtocol = (typeof VipProtocol)[keyof typeof VipProtocol]

/** struct vip, 8 bytes. */
export interface Vip {
  readonly block: number
  readonly parent: number
  readonly protocols: number
}
export const Vip = {
  size: 8,
  at: {
    block: 0,
    parent: 2,
    protocols: 4,
  },
  zero: {
    block: 0,
    parent: 0,
    protocols: 0,
  } as Vip,
  read(view: DataView, offset = 0): Vip {
    return {
      block: view.getUint16(offset, true),
      parent: view.getUint16(offset + 2, true),
      protocols: view.getUint16(offset + 4, true),
    }
  },
  write(view: DataView, offset: number, value: Vip): void {
    view.setUint16(offset, value.block, true)
    view.setUint16(offset + 2, value.parent, true)
    view.setUint16(offset + 4, value.protocols, true)
    view.setUint16(offset + 6, 0, true)
  },
}

/** struct block, 8 bytes. */
export interface Block {
  readonly parent: number
}
export const Block = {
  size: 8,
  at: {
    parent: 0,
  },
  zero: {
    parent: 0,
  } as Block,
  read(view: DataView, offset = 0): Block {
    return {
      parent: view.getUint16(offset, true),
    }
  },
  write(view: DataView, offset: number, value: Block): void {
    view.setUint16(offset, value.parent, true)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 2 + i, 0)
  },
}

/** struct port_key, 12 bytes. */
export interface PortKey {
  readonly bits: number
  readonly block: number
  readonly protocol: number
  readonly port: number
}
export const PortKey = {
  size: 12,
  at: {
    bits: 0,
    block: 4,
    protocol: 6,
    port: 8,
  },
  zero: {
    bits: 0,
    block: 0,
    protocol: 0,
    port: 0,
  } as PortKey,
  read(view: DataView, offset = 0): PortKey {
    return {
      bits: view.getUint32(offset, true),
      block: view.getUint16(offset + 4),
      protocol: view.getUint16(offset + 6),
      port: view.getUint16(offset + 8),
    }
  },
  write(view: DataView, offset: number, value: PortKey): void {
    view.setUint32(offset, value.bits, true)
    view.setUint16(offset + 4, value.block)
    view.setUint16(offset + 6, value.protocol)
    view.setUint16(offset + 8, value.port)
    view.setUint16(offset + 10, 0, true)
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
  SERVER_NAT: 8,
  SERVER_TUNNEL: 16,
  SERVER_LOCAL: 32,
  SERVER_IPV6: 64,
  SERVER_METHOD: 56,
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

/** struct server, 32 bytes. */
export interface Server {
  readonly route: ServerRoute
  readonly service: number
  readonly port: number
  readonly protocol: number
  readonly source: number
  readonly sources: number
  readonly address: Address
}
export const Server = {
  size: 32,
  at: {
    route: 0,
    routeWord: 0,
    service: 8,
    port: 10,
    protocol: 12,
    source: 13,
    sources: 14,
    address: 16,
  },
  zero: {
    route: ServerRoute.zero,
    service: 0,
    port: 0,
    protocol: 0,
    source: 0,
    sources: 0,
    address: Address.zero,
  } as Server,
  read(view: DataView, offset = 0): Server {
    return {
      route: ServerRoute.read(view, offset),
      service: view.getUint16(offset + 8, true),
      port: view.getUint16(offset + 10),
      protocol: view.getUint8(offset + 12),
      source: view.getUint8(offset + 13),
      sources: view.getUint8(offset + 14),
      address: Address.read(view, offset + 16),
    }
  },
  write(view: DataView, offset: number, value: Server): void {
    ServerRoute.write(view, offset, value.route)
    view.setUint16(offset + 8, value.service, true)
    view.setUint16(offset + 10, value.port)
    view.setUint8(offset + 12, value.protocol)
    view.setUint8(offset + 13, value.source)
    view.setUint8(offset + 14, value.sources)
    view.setUint8(offset + 15, 0)
    Address.write(view, offset + 16, value.address)
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

/** struct interface, 32 bytes. */
export interface Interface {
  readonly mac: readonly number[]
  readonly mtu: number
  readonly ifindex: number
  readonly address: number
  readonly address6: Address
}
export const Interface = {
  size: 32,
  at: {
    mac: 0,
    mtu: 6,
    ifindex: 8,
    address: 12,
    address6: 16,
  },
  zero: {
    mac: [],
    mtu: 0,
    ifindex: 0,
    address: 0,
    address6: Address.zero,
  } as Interface,
  read(view: DataView, offset = 0): Interface {
    return {
      mac: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + i * 1)),
      mtu: view.getUint16(offset + 6, true),
      ifindex: view.getUint32(offset + 8, true),
      address: view.getUint32(offset + 12),
      address6: Address.read(view, offset + 16),
    }
  },
  write(view: DataView, offset: number, value: Interface): void {
    for (let i = 0; i < 6; i++) view.setUint8(offset + i * 1, value.mac[i] ?? 0)
    view.setUint16(offset + 6, value.mtu, true)
    view.setUint32(offset + 8, value.ifindex, true)
    view.setUint32(offset + 12, value.address)
    Address.write(view, offset + 16, value.address6)
  },
}

/** struct hop, 40 bytes. */
export interface Hop {
  readonly network: Address
  readonly mask: Address
  readonly route: ServerRoute
}
export const Hop = {
  size: 40,
  at: {
    network: 0,
    mask: 16,
    route: 32,
    routeWord: 32,
  },
  zero: {
    network: Address.zero,
    mask: Address.zero,
    route: ServerRoute.zero,
  } as Hop,
  read(view: DataView, offset = 0): Hop {
    return {
      network: Address.read(view, offset),
      mask: Address.read(view, offset + 16),
      route: ServerRoute.read(view, offset + 32),
    }
  },
  write(view: DataView, offset: number, value: Hop): void {
    Address.write(view, offset, value.network)
    Address.write(view, offset + 16, value.mask)
    ServerRoute.write(view, offset + 32, value.route)
  },
}

/** struct hops, 608 bytes. */
export interface Hops {
  readonly count: number
  readonly hops: readonly Hop[]
}
export const Hops = {
  size: 608,
  at: {
    count: 0,
    hops: 8,
  },
  zero: {
    count: 0,
    hops: [],
  } as Hops,
  read(view: DataView, offset = 0): Hops {
    return {
      count: view.getUint32(offset, true),
      hops: Array.from({ length: 15 }, (_, i) => Hop.read(view, offset + 8 + i * 40)),
    }
  },
  write(view: DataView, offset: number, value: Hops): void {
    view.setUint32(offset, value.count, true)
    view.setUint32(offset + 4, 0, true)
    for (let i = 0; i < 15; i++) Hop.write(view, offset + 8 + i * 40, value.hops[i] ?? Hop.zero)
  },
}

/** struct source, 16 bytes. */
export interface Source {
  readonly address: Address
}
export const Source = {
  size: 16,
  at: {
    address: 0,
  },
  zero: {
    address: Address.zero,
  } as Source,
  read(view: DataView, offset = 0): Source {
    return {
      address: Address.read(view, offset),
    }
  },
  write(view: DataView, offset: number, value: Source): void {
    Address.write(view, offset, value.address)
  },
}

/** struct port_holder, 8 bytes. */
export interface PortHolder {
  readonly slot: number
  readonly turn: number
}
export const PortHolder = {
  size: 8,
  at: {
    slot: 0,
    turn: 4,
  },
  zero: {
    slot: 0,
    turn: 0,
  } as PortHolder,
  read(view: DataView, offset = 0): PortHolder {
    return {
      slot: view.getUint32(offset, true),
      turn: view.getUint32(offset + 4, true),
    }
  },
  write(view: DataView, offset: number, value: PortHolder): void {
    view.setUint32(offset, value.slot, true)
    view.setUint32(offset + 4, value.turn, true)
  },
}

/** struct source_port, 8 bytes. */
export interface SourcePort {
  readonly holder: PortHolder
}
export const SourcePort = {
  size: 8,
  at: {
    holder: 0,
    word: 0,
  },
  zero: {
    holder: PortHolder.zero,
  } as SourcePort,
  read(view: DataView, offset = 0): SourcePort {
    return {
      holder: PortHolder.read(view, offset),
    }
  },
  write(view: DataView, offset: number, value: SourcePort): void {
    PortHolder.write(view, offset, value.holder)
  },
}

/** struct settings, 48 bytes. */
export interface Settings {
  readonly timeouts: readonly number[]
  readonly blocks: number
  readonly hops: number
  readonly firstPort: number
  readonly ports: number
}
export const Settings = {
  size: 48,
  at: {
    timeouts: 0,
    blocks: 32,
    hops: 36,
    firstPort: 40,
    ports: 42,
  },
  zero: {
    timeouts: [],
    blocks: 0,
    hops: 0,
    firstPort: 0,
    ports: 0,
  } as Settings,
  read(view: DataView, offset = 0): Settings {
    return {
      timeouts: Array.from({ length: 16 }, (_, i) => view.getUint16(offset + i * 2, true)),
      blocks: view.getUint32(offset + 32, true),
      hops: view.getUint32(offset + 36, true),
      firstPort: view.getUint16(offset + 40, true),
      ports: view.getUint16(offset + 42, true),
    }
  },
  write(view: DataView, offset: number, value: Settings): void {
    for (let i = 0; i < 16; i++) view.setUint16(offset + i * 2, value.timeouts[i] ?? 0, true)
    view.setUint32(offset + 32, value.blocks, true)
    view.setUint32(offset + 36, value.hops, true)
    view.setUint16(offset + 40, value.firstPort, true)
    view.setUint16(offset + 42, value.ports, true)
    view.setUint32(offset + 44, 0, true)
  },
}

/** struct identity, 48 bytes. */
export interface Identity {
  readonly version: number
  readonly lines: number
  readonly wideLines: number
  readonly listenerLines: number
  readonly wideListenerLines: number
  readonly seeds: readonly bigint[]
}
export const Identity = {
  size: 48,
  at: {
    version: 0,
    lines: 4,
    wideLines: 8,
    listenerLines: 12,
    wideListenerLines: 16,
    seeds: 24,
  },
  zero: {
    version: 0,
    lines: 0,
    wideLines: 0,
    listenerLines: 0,
    wideListenerLines: 0,
    seeds: [],
  } as Identity,
  read(view: DataView, offset = 0): Identity {
    return {
      version: view.getUint32(offset, true),
      lines: view.getUint32(offset + 4, true),
      wideLines: view.getUint32(offset + 8, true),
      listenerLines: view.getUint32(offset + 12, true),
      wideListenerLines: view.getUint32(offset + 16, true),
      seeds: Array.from({ length: 3 }, (_, i) => view.getBigUint64(offset + 24 + i * 8, true)),
    }
  },
  write(view: DataView, offset: number, value: Identity): void {
    view.setUint32(offset, value.version, true)
    view.setUint32(offset + 4, value.lines, true)
    view.setUint32(offset + 8, value.wideLines, true)
    view.setUint32(offset + 12, value.listenerLines, true)
    view.setUint32(offset + 16, value.wideListenerLines, true)
    view.setUint32(offset + 20, 0, true)
    for (let i = 0; i < 3; i++) view.setBigUint64(offset + 24 + i * 8, value.seeds[i] ?? 0n, true)
  },
}

/** struct traffic, 40 bytes. */
export interface Traffic {
  readonly packets: bigint
  readonly bytes: bigint
  readonly connections: bigint
  readonly replyPackets: bigint
  readonly replyBytes: bigint
}
export const Traffic = {
  size: 40,
  at: {
    packets: 0,
    bytes: 8,
    connections: 16,
    replyPackets: 24,
    replyBytes: 32,
  },
  zero: {
    packets: 0n,
    bytes: 0n,
    connections: 0n,
    replyPackets: 0n,
    replyBytes: 0n,
  } as Traffic,
  read(view: DataView, offset = 0): Traffic {
    return {
      packets: view.getBigUint64(offset, true),
      bytes: view.getBigUint64(offset + 8, true),
      connections: view.getBigUint64(offset + 16, true),
      replyPackets: view.getBigUint64(offset + 24, true),
      replyBytes: view.getBigUint64(offset + 32, true),
    }
  },
  write(view: DataView, offset: number, value: Traffic): void {
    view.setBigUint64(offset, value.packets, true)
    view.setBigUint64(offset + 8, value.bytes, true)
    view.setBigUint64(offset + 16, value.connections, true)
    view.setBigUint64(offset + 24, value.replyPackets, true)
    view.setBigUint64(offset + 32, value.replyBytes, true)
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
