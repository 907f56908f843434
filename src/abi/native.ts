// SPDX-License-Identifier: Apache-2.0
// Generated from the BTF of native/shim.h and native/table.h by src/abi/generate.ts: do not edit.
// An object has the size, the offsets (`at`) and a codec over a DataView; multi-byte fields are little-endian unless they are
// __be16 or __be32, whose numbers are those of the host (port 80 is 80).

/** enum xlvs_mode */
export const Mode = {
  XLVS_NATIVE: 1,
  XLVS_GENERIC: 2,
} as const
export type Mode = (typeof Mode)[keyof typeof Mode]

/** struct xlvs_carried, 8 bytes. */
export interface Carried {
  readonly program: number
  readonly mode: number
}
export const Carried = {
  size: 8,
  at: {
    program: 0,
    mode: 4,
  },
  zero: {
    program: 0,
    mode: 0,
  } as Carried,
  read(view: DataView, offset = 0): Carried {
    return {
      program: view.getUint32(offset, true),
      mode: view.getUint32(offset + 4, true),
    }
  },
  write(view: DataView, offset: number, value: Carried): void {
    view.setUint32(offset, value.program, true)
    view.setUint32(offset + 4, value.mode, true)
  },
}

/** struct xlvs_link, 8 bytes. */
export interface Link {
  readonly interface: number
  readonly program: number
}
export const Link = {
  size: 8,
  at: {
    interface: 0,
    program: 4,
  },
  zero: {
    interface: 0,
    program: 0,
  } as Link,
  read(view: DataView, offset = 0): Link {
    return {
      interface: view.getUint32(offset, true),
      program: view.getUint32(offset + 4, true),
    }
  },
  write(view: DataView, offset: number, value: Link): void {
    view.setUint32(offset, value.interface, true)
    view.setUint32(offset + 4, value.program, true)
  },
}

/** struct xlvs_interface, 12 bytes. */
export interface Interface {
  readonly index: number
  readonly mac: readonly number[]
  readonly up: number
}
export const Interface = {
  size: 12,
  at: {
    index: 0,
    mac: 4,
    up: 10,
  },
  zero: {
    index: 0,
    mac: [],
    up: 0,
  } as Interface,
  read(view: DataView, offset = 0): Interface {
    return {
      index: view.getUint32(offset, true),
      mac: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + 4 + i * 1)),
      up: view.getUint8(offset + 10),
    }
  },
  write(view: DataView, offset: number, value: Interface): void {
    view.setUint32(offset, value.index, true)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 4 + i * 1, value.mac[i] ?? 0)
    view.setUint8(offset + 10, value.up)
    view.setUint8(offset + 11, 0)
  },
}

/** struct xlvs_device, 32 bytes. */
export interface Device {
  readonly index: number
  readonly mtu: number
  readonly mac: readonly number[]
  readonly up: number
  readonly name: readonly number[]
}
export const Device = {
  size: 32,
  at: {
    index: 0,
    mtu: 4,
    mac: 8,
    up: 14,
    name: 16,
  },
  zero: {
    index: 0,
    mtu: 0,
    mac: [],
    up: 0,
    name: [],
  } as Device,
  read(view: DataView, offset = 0): Device {
    return {
      index: view.getUint32(offset, true),
      mtu: view.getUint32(offset + 4, true),
      mac: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + 8 + i * 1)),
      up: view.getUint8(offset + 14),
      name: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + 16 + i * 1)),
    }
  },
  write(view: DataView, offset: number, value: Device): void {
    view.setUint32(offset, value.index, true)
    view.setUint32(offset + 4, value.mtu, true)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 8 + i * 1, value.mac[i] ?? 0)
    view.setUint8(offset + 14, value.up)
    view.setUint8(offset + 15, 0)
    for (let i = 0; i < 16; i++) view.setUint8(offset + 16 + i * 1, value.name[i] ?? 0)
  },
}

/** struct xlvs_address, 24 bytes. */
export interface Address {
  readonly address: readonly number[]
  readonly interface: number
  readonly prefix: number
  readonly tentative: number
  readonly deprecated: number
}
export const Address = {
  size: 24,
  at: {
    address: 0,
    interface: 16,
    prefix: 20,
    tentative: 21,
    deprecated: 22,
  },
  zero: {
    address: [],
    interface: 0,
    prefix: 0,
    tentative: 0,
    deprecated: 0,
  } as Address,
  read(view: DataView, offset = 0): Address {
    return {
      address: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + i * 1)),
      interface: view.getUint32(offset + 16, true),
      prefix: view.getUint8(offset + 20),
      tentative: view.getUint8(offset + 21),
      deprecated: view.getUint8(offset + 22),
    }
  },
  write(view: DataView, offset: number, value: Address): void {
    for (let i = 0; i < 16; i++) view.setUint8(offset + i * 1, value.address[i] ?? 0)
    view.setUint32(offset + 16, value.interface, true)
    view.setUint8(offset + 20, value.prefix)
    view.setUint8(offset + 21, value.tentative)
    view.setUint8(offset + 22, value.deprecated)
    view.setUint8(offset + 23, 0)
  },
}

/** enum xlvs_route_kind */
export const RouteKind = {
  XLVS_ROUTE_OTHER: 0,
  XLVS_ROUTE_UNICAST: 1,
  XLVS_ROUTE_LOCAL: 2,
  XLVS_ROUTE_BLACKHOLE: 3,
  XLVS_ROUTE_UNREACHABLE: 4,
  XLVS_ROUTE_PROHIBIT: 5,
  XLVS_ROUTE_THROW: 6,
} as const
export type RouteKind = (typeof RouteKind)[keyof typeof RouteKind]

/** struct xlvs_route, 60 bytes. */
export interface Route {
  readonly network: readonly number[]
  readonly gateway: readonly number[]
  readonly source: readonly number[]
  readonly interface: number
  readonly metric: number
  readonly prefix: number
  readonly kind: RouteKind
  readonly table: number
}
export const Route = {
  size: 60,
  at: {
    network: 0,
    gateway: 16,
    source: 32,
    interface: 48,
    metric: 52,
    prefix: 56,
    kind: 57,
    table: 58,
  },
  zero: {
    network: [],
    gateway: [],
    source: [],
    interface: 0,
    metric: 0,
    prefix: 0,
    kind: 0 as RouteKind,
    table: 0,
  } as Route,
  read(view: DataView, offset = 0): Route {
    return {
      network: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + i * 1)),
      gateway: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + 16 + i * 1)),
      source: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + 32 + i * 1)),
      interface: view.getUint32(offset + 48, true),
      metric: view.getUint32(offset + 52, true),
      prefix: view.getUint8(offset + 56),
      kind: view.getUint8(offset + 57) as RouteKind,
      table: view.getUint8(offset + 58),
    }
  },
  write(view: DataView, offset: number, value: Route): void {
    for (let i = 0; i < 16; i++) view.setUint8(offset + i * 1, value.network[i] ?? 0)
    for (let i = 0; i < 16; i++) view.setUint8(offset + 16 + i * 1, value.gateway[i] ?? 0)
    for (let i = 0; i < 16; i++) view.setUint8(offset + 32 + i * 1, value.source[i] ?? 0)
    view.setUint32(offset + 48, value.interface, true)
    view.setUint32(offset + 52, value.metric, true)
    view.setUint8(offset + 56, value.prefix)
    view.setUint8(offset + 57, value.kind)
    view.setUint8(offset + 58, value.table)
    view.setUint8(offset + 59, 0)
  },
}

/** struct xlvs_ask, 48 bytes. */
export interface Ask {
  readonly sender: readonly number[]
  readonly target: readonly number[]
  readonly source: readonly number[]
  readonly destination: readonly number[]
  readonly router: number
}
export const Ask = {
  size: 48,
  at: {
    sender: 0,
    target: 16,
    source: 32,
    destination: 38,
    router: 44,
  },
  zero: {
    sender: [],
    target: [],
    source: [],
    destination: [],
    router: 0,
  } as Ask,
  read(view: DataView, offset = 0): Ask {
    return {
      sender: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + i * 1)),
      target: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + 16 + i * 1)),
      source: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + 32 + i * 1)),
      destination: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + 38 + i * 1)),
      router: view.getUint8(offset + 44),
    }
  },
  write(view: DataView, offset: number, value: Ask): void {
    for (let i = 0; i < 16; i++) view.setUint8(offset + i * 1, value.sender[i] ?? 0)
    for (let i = 0; i < 16; i++) view.setUint8(offset + 16 + i * 1, value.target[i] ?? 0)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 32 + i * 1, value.source[i] ?? 0)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 38 + i * 1, value.destination[i] ?? 0)
    view.setUint8(offset + 44, value.router)
    for (let i = 0; i < 3; i++) view.setUint8(offset + 45 + i, 0)
  },
}

/** struct xlvs_heard, 24 bytes. */
export interface Heard {
  readonly sender: readonly number[]
  readonly mac: readonly number[]
  readonly overrides: number
}
export const Heard = {
  size: 24,
  at: {
    sender: 0,
    mac: 16,
    overrides: 22,
  },
  zero: {
    sender: [],
    mac: [],
    overrides: 0,
  } as Heard,
  read(view: DataView, offset = 0): Heard {
    return {
      sender: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + i * 1)),
      mac: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + 16 + i * 1)),
      overrides: view.getUint8(offset + 22),
    }
  },
  write(view: DataView, offset: number, value: Heard): void {
    for (let i = 0; i < 16; i++) view.setUint8(offset + i * 1, value.sender[i] ?? 0)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 16 + i * 1, value.mac[i] ?? 0)
    view.setUint8(offset + 22, value.overrides)
    view.setUint8(offset + 23, 0)
  },
}

/** struct xlvs_sweep_report, 72 bytes. */
export interface SweepReport {
  readonly used: bigint
  readonly established: bigint
  readonly probationary: bigint
  readonly wideUsed: bigint
  readonly wideEstablished: bigint
  readonly wideProbationary: bigint
  readonly expired: bigint
  readonly mended: bigint
  readonly nanoseconds: bigint
}
export const SweepReport = {
  size: 72,
  at: {
    used: 0,
    established: 8,
    probationary: 16,
    wideUsed: 24,
    wideEstablished: 32,
    wideProbationary: 40,
    expired: 48,
    mended: 56,
    nanoseconds: 64,
  },
  zero: {
    used: 0n,
    established: 0n,
    probationary: 0n,
    wideUsed: 0n,
    wideEstablished: 0n,
    wideProbationary: 0n,
    expired: 0n,
    mended: 0n,
    nanoseconds: 0n,
  } as SweepReport,
  read(view: DataView, offset = 0): SweepReport {
    return {
      used: view.getBigUint64(offset, true),
      established: view.getBigUint64(offset + 8, true),
      probationary: view.getBigUint64(offset + 16, true),
      wideUsed: view.getBigUint64(offset + 24, true),
      wideEstablished: view.getBigUint64(offset + 32, true),
      wideProbationary: view.getBigUint64(offset + 40, true),
      expired: view.getBigUint64(offset + 48, true),
      mended: view.getBigUint64(offset + 56, true),
      nanoseconds: view.getBigUint64(offset + 64, true),
    }
  },
  write(view: DataView, offset: number, value: SweepReport): void {
    view.setBigUint64(offset, value.used, true)
    view.setBigUint64(offset + 8, value.established, true)
    view.setBigUint64(offset + 16, value.probationary, true)
    view.setBigUint64(offset + 24, value.wideUsed, true)
    view.setBigUint64(offset + 32, value.wideEstablished, true)
    view.setBigUint64(offset + 40, value.wideProbationary, true)
    view.setBigUint64(offset + 48, value.expired, true)
    view.setBigUint64(offset + 56, value.mended, true)
    view.setBigUint64(offset + 64, value.nanoseconds, true)
  },
}

/** struct xlvs_filter, 24 bytes. */
export interface Filter {
  readonly client: readonly number[]
  readonly listener: number
  readonly server: number
}
export const Filter = {
  size: 24,
  at: {
    client: 0,
    listener: 16,
    server: 18,
  },
  zero: {
    client: [],
    listener: 0,
    server: 0,
  } as Filter,
  read(view: DataView, offset = 0): Filter {
    return {
      client: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + i * 1)),
      listener: view.getUint16(offset + 16, true),
      server: view.getUint16(offset + 18, true),
    }
  },
  write(view: DataView, offset: number, value: Filter): void {
    for (let i = 0; i < 16; i++) view.setUint8(offset + i * 1, value.client[i] ?? 0)
    view.setUint16(offset + 16, value.listener, true)
    view.setUint16(offset + 18, value.server, true)
    view.setUint32(offset + 20, 0, true)
  },
}

/** struct xlvs_connection, 48 bytes. */
export interface Connection {
  readonly client: readonly number[]
  readonly vip: readonly number[]
  readonly clientPort: number
  readonly servicePort: number
  readonly ownPort: number
  readonly source: number
  readonly listener: number
  readonly server: number
  readonly second: number
  readonly state: number
  readonly flags: number
}
export const Connection = {
  size: 48,
  at: {
    client: 0,
    vip: 16,
    clientPort: 32,
    servicePort: 34,
    ownPort: 36,
    source: 38,
    listener: 40,
    server: 42,
    second: 44,
    state: 46,
    flags: 47,
  },
  zero: {
    client: [],
    vip: [],
    clientPort: 0,
    servicePort: 0,
    ownPort: 0,
    source: 0,
    listener: 0,
    server: 0,
    second: 0,
    state: 0,
    flags: 0,
  } as Connection,
  read(view: DataView, offset = 0): Connection {
    return {
      client: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + i * 1)),
      vip: Array.from({ length: 16 }, (_, i) => view.getUint8(offset + 16 + i * 1)),
      clientPort: view.getUint16(offset + 32),
      servicePort: view.getUint16(offset + 34),
      ownPort: view.getUint16(offset + 36),
      source: view.getUint8(offset + 38),
      listener: view.getUint16(offset + 40, true),
      server: view.getUint16(offset + 42, true),
      second: view.getUint16(offset + 44, true),
      state: view.getUint8(offset + 46),
      flags: view.getUint8(offset + 47),
    }
  },
  write(view: DataView, offset: number, value: Connection): void {
    for (let i = 0; i < 16; i++) view.setUint8(offset + i * 1, value.client[i] ?? 0)
    for (let i = 0; i < 16; i++) view.setUint8(offset + 16 + i * 1, value.vip[i] ?? 0)
    view.setUint16(offset + 32, value.clientPort)
    view.setUint16(offset + 34, value.servicePort)
    view.setUint16(offset + 36, value.ownPort)
    view.setUint8(offset + 38, value.source)
    view.setUint8(offset + 39, 0)
    view.setUint16(offset + 40, value.listener, true)
    view.setUint16(offset + 42, value.server, true)
    view.setUint16(offset + 44, value.second, true)
    view.setUint8(offset + 46, value.state)
    view.setUint8(offset + 47, value.flags)
  },
}
