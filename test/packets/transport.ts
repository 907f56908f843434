// SPDX-License-Identifier: Apache-2.0
// What IP carries: headers that are finished once payload and addresses are known.
import { checksum, crc32c, pseudoHeader } from './checksum.js'

export const ICMP = 1
export const IPIP = 4
export const TCP = 6
export const UDP = 17
export const IP6 = 41
export const ICMPV6 = 58
export const SCTP = 132

export interface Transport {
  readonly protocol: number
  /** Header and payload; `addresses` are source and destination of the packet. */
  bytes(payload: Uint8Array, addresses: Uint8Array): Buffer
}

interface Checked {
  /** In place of the right one; 0: a UDP datagram without. */
  readonly checksum?: number
}

export interface TcpOptions extends Checked {
  readonly sequence?: number
  readonly acknowledged?: number
  readonly window?: number
  /** A multiple of four bytes, up to 40. */
  readonly options?: Uint8Array
}

export type UdpOptions = Checked

/** In the order of their bits. */
const tcpFlags = 'FSRPAUEC'

export function tcp(from: number, to: number, flags: string, options: TcpOptions): Transport {
  const header = Buffer.concat([Buffer.alloc(20), options.options ?? Buffer.alloc(0)])
  header.writeUInt16BE(from, 0)
  header.writeUInt16BE(to, 2)
  header.writeUInt32BE(options.sequence ?? 1000, 4)
  header.writeUInt32BE(options.acknowledged ?? (flags.includes('A') ? 2000 : 0), 8)
  header[12] = (header.length / 4) << 4
  header[13] = [...flags].reduce((bits, flag) => bits | (1 << tcpFlags.indexOf(flag)), 0)
  header.writeUInt16BE(options.window ?? 8192, 14)
  return {
    protocol: TCP,
    bytes(payload, addresses) {
      const segment = Buffer.concat([header, payload])
      segment.writeUInt16BE(options.checksum ?? sumOf(segment, addresses, TCP), 16)
      return segment
    },
  }
}

export function udp(from: number, to: number, options: UdpOptions): Transport {
  return {
    protocol: UDP,
    bytes(payload, addresses) {
      const datagram = Buffer.concat([Buffer.alloc(8), payload])
      datagram.writeUInt16BE(from, 0)
      datagram.writeUInt16BE(to, 2)
      datagram.writeUInt16BE(datagram.length, 4)
      // RFC 768: 0 would say that there is no checksum.
      datagram.writeUInt16BE(options.checksum ?? (sumOf(datagram, addresses, UDP) || 0xffff), 6)
      return datagram
    },
  }
}

function sumOf(segment: Buffer, addresses: Uint8Array, protocol: number): number {
  return checksum(Buffer.concat([pseudoHeader(addresses, protocol, segment.length), segment]))
}

/** RFC 9260, 3.2, with the bytes of their own fields. */
const chunks = {
  DATA: { type: 0, fields: 12 },
  INIT: { type: 1, fields: 16 },
  INIT_ACK: { type: 2, fields: 16 },
  SACK: { type: 3, fields: 12 },
  HEARTBEAT: { type: 4, fields: 0 },
  HEARTBEAT_ACK: { type: 5, fields: 0 },
  ABORT: { type: 6, fields: 0 },
  SHUTDOWN: { type: 7, fields: 4 },
  SHUTDOWN_ACK: { type: 8, fields: 0 },
  ERROR: { type: 9, fields: 0 },
  COOKIE_ECHO: { type: 10, fields: 0 },
  COOKIE_ACK: { type: 11, fields: 0 },
  SHUTDOWN_COMPLETE: { type: 14, fields: 0 },
} as const

export type ChunkName = keyof typeof chunks
export const chunkNames = Object.keys(chunks) as ChunkName[]

export interface SctpOptions extends Checked {
  /** The verification tag; INIT has none. */
  readonly tag?: number
  readonly flags?: number
}

/** One chunk, which the payload belongs to. */
export function sctp(from: number, to: number, chunk: ChunkName | number, options: SctpOptions): Transport {
  const { type, fields } = typeof chunk === 'number' ? { type: chunk, fields: 0 } : chunks[chunk]
  return {
    protocol: SCTP,
    bytes(payload) {
      const length = 4 + fields + payload.length
      const packet = Buffer.alloc(12 + Math.ceil(length / 4) * 4)
      packet.writeUInt16BE(from, 0)
      packet.writeUInt16BE(to, 2)
      packet.writeUInt32BE(options.tag ?? (chunk === 'INIT' ? 0 : 0x5ca1ab1e), 4)
      packet.set([type, options.flags ?? 0, length >> 8, length & 255], 12)
      packet.set(payload, 16 + fields)
      packet.writeUInt32LE(options.checksum ?? crc32c(packet), 8)
      return packet
    },
  }
}

export interface IcmpOptions extends Checked {
  /** The four bytes behind the checksum: an MTU, or identifier and sequence number. */
  readonly rest?: number
}

export function icmp(type: number, code: number, options: IcmpOptions): Transport {
  return message(ICMP, type, code, options)
}

export function icmpv6(type: number, code: number, options: IcmpOptions): Transport {
  return message(ICMPV6, type, code, options)
}

function message(protocol: number, type: number, code: number, options: IcmpOptions): Transport {
  return {
    protocol,
    bytes(payload, addresses) {
      const bytes = Buffer.concat([Buffer.from([type, code, 0, 0, 0, 0, 0, 0]), payload])
      bytes.writeUInt32BE(options.rest ?? 0, 4)
      const right = protocol === ICMP ? checksum(bytes) : sumOf(bytes, addresses, ICMPV6)
      bytes.writeUInt16BE(options.checksum ?? right, 2)
      return bytes
    },
  }
}

/** The payload alone: another packet, or a piece of one. */
export function nothingBut(protocol: number): Transport {
  return { protocol, bytes: (payload) => Buffer.from(payload) }
}
