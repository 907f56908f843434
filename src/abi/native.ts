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

/** struct xlvs_arp_ask, 20 bytes. */
export interface ArpAsk {
  readonly sender: number
  readonly target: number
  readonly source: readonly number[]
  readonly destination: readonly number[]
}
export const ArpAsk = {
  size: 20,
  at: {
    sender: 0,
    target: 4,
    source: 8,
    destination: 14,
  },
  zero: {
    sender: 0,
    target: 0,
    source: [],
    destination: [],
  } as ArpAsk,
  read(view: DataView, offset = 0): ArpAsk {
    return {
      sender: view.getUint32(offset),
      target: view.getUint32(offset + 4),
      source: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + 8 + i * 1)),
      destination: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + 14 + i * 1)),
    }
  },
  write(view: DataView, offset: number, value: ArpAsk): void {
    view.setUint32(offset, value.sender)
    view.setUint32(offset + 4, value.target)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 8 + i * 1, value.source[i] ?? 0)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 14 + i * 1, value.destination[i] ?? 0)
  },
}

/** struct xlvs_arp_heard, 12 bytes. */
export interface ArpHeard {
  readonly sender: number
  readonly mac: readonly number[]
}
export const ArpHeard = {
  size: 12,
  at: {
    sender: 0,
    mac: 4,
  },
  zero: {
    sender: 0,
    mac: [],
  } as ArpHeard,
  read(view: DataView, offset = 0): ArpHeard {
    return {
      sender: view.getUint32(offset),
      mac: Array.from({ length: 6 }, (_, i) => view.getUint8(offset + 4 + i * 1)),
    }
  },
  write(view: DataView, offset: number, value: ArpHeard): void {
    view.setUint32(offset, value.sender)
    for (let i = 0; i < 6; i++) view.setUint8(offset + 4 + i * 1, value.mac[i] ?? 0)
    view.setUint16(offset + 10, 0, true)
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
