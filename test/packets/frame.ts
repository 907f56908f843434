// SPDX-License-Identifier: Apache-2.0
// Frames as they are on the wire: `ethernet().ipv4(client, vip).tcp(40000, 80)`. Lengths and checksums follow from the parts.
import { macBytes } from '../../src/abi/codec.js'

/** The interface that packets come in by, and the station that they come from. */
export const DIRECTOR = '02:00:00:00:00:01'
export const ROUTER = '02:00:00:00:00:fe'

export const TCP = 6
export const UDP = 17

/** In the order of their bits. */
const tcpFlags = 'FSRPAUEC'

/** Payload of any length, of bytes that are worth telling apart. */
const anything = Uint8Array.from({ length: 65_536 }, (_, i) => i * 7 + (i >> 8))

interface Ipv4Options {
  readonly ttl?: number
  readonly tos?: number
  readonly id?: number
  /** The whole 16-bit word: 0x4000 don't fragment, 0x2000 more fragments, the offset in eights. */
  readonly fragment?: number
  /** A multiple of four bytes, up to 40. */
  readonly options?: Uint8Array
  /** When no transport says it. */
  readonly protocol?: number
}

interface TcpOptions {
  readonly sequence?: number
  readonly acknowledged?: number
  readonly window?: number
  /** A multiple of four bytes, up to 40. */
  readonly options?: Uint8Array
}

interface Parts {
  readonly destination: string
  readonly source: string
  readonly etherType: number
  readonly ipv4?: Ipv4Options & { readonly from: string; readonly to: string }
  readonly transport?: { readonly protocol: number; readonly header: Buffer; readonly checksumAt: number }
  readonly payload: Uint8Array
}

/** Immutable: each step gives another frame. */
export class Frame {
  constructor(private readonly parts: Parts) {}

  ipv4(from: string, to: string, options: Ipv4Options = {}): Frame {
    return new Frame({ ...this.parts, etherType: 0x0800, ipv4: { ...options, from, to } })
  }

  /** `flags` are letters: `S`, `SA`, `FA`, `R`, `PA`; none is an empty text. */
  tcp(from: number, to: number, flags = 'S', options: TcpOptions = {}): Frame {
    const header = Buffer.concat([Buffer.alloc(20), options.options ?? Buffer.alloc(0)])
    header.writeUInt16BE(from, 0)
    header.writeUInt16BE(to, 2)
    header.writeUInt32BE(options.sequence ?? 1000, 4)
    header.writeUInt32BE(options.acknowledged ?? (flags.includes('A') ? 2000 : 0), 8)
    header[12] = (header.length / 4) << 4
    header[13] = [...flags].reduce((bits, flag) => bits | (1 << tcpFlags.indexOf(flag)), 0)
    header.writeUInt16BE(options.window ?? 8192, 14)
    return new Frame({ ...this.parts, transport: { protocol: TCP, header, checksumAt: 16 } })
  }

  udp(from: number, to: number): Frame {
    const header = Buffer.alloc(8)
    header.writeUInt16BE(from, 0)
    header.writeUInt16BE(to, 2)
    return new Frame({ ...this.parts, transport: { protocol: UDP, header, checksumAt: 6 } })
  }

  /** Bytes, a text, or so many bytes that differ from each other. */
  payload(content: number | string | Uint8Array): Frame {
    const payload = typeof content === 'number' ? anything.subarray(0, content) : Buffer.from(content as string)
    return new Frame({ ...this.parts, payload })
  }

  bytes(): Buffer {
    const { destination, source, etherType } = this.parts
    const ethernet = [...macBytes(destination), ...macBytes(source), etherType >> 8, etherType & 255]
    return Buffer.concat([Buffer.from(ethernet), this.network()])
  }

  /** What follows Ethernet's header, with ones' bytes replaced: `with(6, 0x20, 0x00)` sets IPv4's fragment word. */
  with(offset: number, ...values: number[]): Buffer {
    const bytes = this.bytes()
    bytes.set(values, 14 + offset)
    return bytes
  }

  /** At least `length` bytes long, as a network card pads short frames. */
  padded(length: number): Buffer {
    const bytes = this.bytes()
    return Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length), 0xee)])
  }

  private network(): Buffer {
    const { ipv4, payload } = this.parts
    if (!ipv4) return Buffer.from(payload)
    const addresses = Buffer.from([...ipv4.from.split('.'), ...ipv4.to.split('.')].map(Number))
    const segment = this.segment(addresses)
    const header = Buffer.concat([Buffer.alloc(20), ipv4.options ?? Buffer.alloc(0)])
    header[0] = 0x40 | (header.length / 4)
    header[1] = ipv4.tos ?? 0
    header.writeUInt16BE(header.length + segment.length, 2)
    header.writeUInt16BE(ipv4.id ?? 0x1234, 4)
    header.writeUInt16BE(ipv4.fragment ?? 0, 6)
    header[8] = ipv4.ttl ?? 64
    header[9] = this.parts.transport?.protocol ?? ipv4.protocol ?? TCP
    header.set(addresses, 12)
    header.writeUInt16BE(checksum(header), 10)
    return Buffer.concat([header, segment])
  }

  /** Transport header and payload, with the checksum over both and the pseudo-header of these addresses. */
  private segment(addresses: Buffer): Buffer {
    const { transport, payload } = this.parts
    if (!transport) return Buffer.from(payload)
    const segment = Buffer.concat([transport.header, payload])
    if (transport.protocol === UDP) segment.writeUInt16BE(segment.length, 4)
    const pseudo = Buffer.concat([addresses, Buffer.from([0, transport.protocol, segment.length >> 8, segment.length & 255])])
    const sum = checksum(Buffer.concat([pseudo, segment]))
    // RFC 768: 0 would say that there is no checksum.
    segment.writeUInt16BE(transport.protocol === UDP && sum === 0 ? 0xffff : sum, transport.checksumAt)
    return segment
  }
}

/** From the router to the director; or from the director to `destination`. */
export function ethernet(destination = DIRECTOR, source = destination === DIRECTOR ? ROUTER : DIRECTOR): Frame {
  return new Frame({ destination, source, etherType: 0x88b5, payload: Buffer.alloc(0) })
}

/** A frame of another kind, such as ARP's 0x0806. */
export function otherFrame(etherType: number, payload: Uint8Array): Frame {
  return new Frame({ destination: DIRECTOR, source: ROUTER, etherType, payload })
}

/** RFC 1071. */
function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] as number) << 8) + (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}
