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

/** struct xlvs_sweep_report, 48 bytes. */
export interface SweepReport {
  readonly used: bigint
  readonly established: bigint
  readonly probationary: bigint
  readonly expired: bigint
  readonly mended: bigint
  readonly nanoseconds: bigint
}
export const SweepReport = {
  size: 48,
  at: {
    used: 0,
    established: 8,
    probationary: 16,
    expired: 24,
    mended: 32,
    nanoseconds: 40,
  },
  zero: {
    used: 0n,
    established: 0n,
    probationary: 0n,
    expired: 0n,
    mended: 0n,
    nanoseconds: 0n,
  } as SweepReport,
  read(view: DataView, offset = 0): SweepReport {
    return {
      used: view.getBigUint64(offset, true),
      established: view.getBigUint64(offset + 8, true),
      probationary: view.getBigUint64(offset + 16, true),
      expired: view.getBigUint64(offset + 24, true),
      mended: view.getBigUint64(offset + 32, true),
      nanoseconds: view.getBigUint64(offset + 40, true),
    }
  },
  write(view: DataView, offset: number, value: SweepReport): void {
    view.setBigUint64(offset, value.used, true)
    view.setBigUint64(offset + 8, value.established, true)
    view.setBigUint64(offset + 16, value.probationary, true)
    view.setBigUint64(offset + 24, value.expired, true)
    view.setBigUint64(offset + 32, value.mended, true)
    view.setBigUint64(offset + 40, value.nanoseconds, true)
  },
}

/** struct xlvs_filter, 8 bytes. */
export interface Filter {
  readonly client: number
  readonly listener: number
  readonly server: number
}
export const Filter = {
  size: 8,
  at: {
    client: 0,
    listener: 4,
    server: 6,
  },
  zero: {
    client: 0,
    listener: 0,
    server: 0,
  } as Filter,
  read(view: DataView, offset = 0): Filter {
    return {
      client: view.getUint32(offset),
      listener: view.getUint16(offset + 4, true),
      server: view.getUint16(offset + 6, true),
    }
  },
  write(view: DataView, offset: number, value: Filter): void {
    view.setUint32(offset, value.client)
    view.setUint16(offset + 4, value.listener, true)
    view.setUint16(offset + 6, value.server, true)
  },
}
