// SPDX-License-Identifier: Apache-2.0
// IPv6's header, its extension headers (RFC 8200, 4) and its fragments.
import { addressBytes } from './addresses.js'

/** All of an extension header but its first byte, which says what comes next. */
export interface Extension {
  readonly type: number
  readonly bytes: Buffer
}

export interface Ipv6Options {
  readonly hopLimit?: number
  readonly trafficClass?: number
  readonly flowLabel?: number
  /** In the order of the wire: `[hopByHop(), fragmentHeader({ more: true })]`. */
  readonly extensions?: readonly Extension[]
  /** What the last header says comes next, when no transport says it. */
  readonly protocol?: number
}

export interface Ipv6 extends Ipv6Options {
  readonly version: 6
  readonly from: string
  readonly to: string
}

export const HOP_BY_HOP = 0
export const ROUTING = 43
export const FRAGMENT = 44
export const AUTHENTICATION = 51
export const DESTINATION_OPTIONS = 60

/** One option that pads (RFC 8200, 4.2), in `length` bytes, a multiple of eight. */
function padded(type: number, length: number): Extension {
  const bytes = Buffer.alloc(length - 1)
  bytes[0] = length / 8 - 1
  // An option says its own length in one byte: long headers need several.
  for (let at = 1; at < bytes.length; ) {
    const content = Math.min(bytes.length - at - 2, 254)
    bytes.set([1, content], at)
    at += content + 2
    if (bytes.length - at === 1) bytes[at++] = 0
  }
  return { type, bytes }
}

export function hopByHop(length = 8): Extension {
  return padded(HOP_BY_HOP, length)
}

export function destinationOptions(length = 8): Extension {
  return padded(DESTINATION_OPTIONS, length)
}

/** Of an experimental type (RFC 4727) unless said otherwise; without a list of addresses. */
export function routing(segmentsLeft = 0, type = 253): Extension {
  return { type: ROUTING, bytes: Buffer.from([0, type, segmentsLeft, 0, 0, 0, 0]) }
}

/** `offset` in bytes, a multiple of eight. */
export function fragmentHeader({ id = 0x1234_5678, offset = 0, more = false } = {}): Extension {
  const bytes = Buffer.alloc(7)
  bytes.writeUInt16BE(offset | (more ? 1 : 0), 1)
  bytes.writeUInt32BE(id, 3)
  return { type: FRAGMENT, bytes }
}

/** RFC 4302, with an integrity check value of 12 bytes that nobody checks. */
export function authentication(): Extension {
  return { type: AUTHENTICATION, bytes: Buffer.from([4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, ...Array(12).fill(0xa5)]) }
}

/** Extension headers in a row, the last of which leads to `protocol`; `first` is what leads to them. */
function chained(extensions: readonly Extension[], protocol: number): { first: number; bytes: Buffer } {
  const nexts = [...extensions.slice(1).map(({ type }) => type), protocol]
  const headers = extensions.flatMap(({ bytes }, i) => [Buffer.from([nexts[i] as number]), bytes])
  return { first: extensions[0]?.type ?? protocol, bytes: Buffer.concat(headers) }
}

export function ipv6Packet(ipv6: Ipv6, protocol: number, content: Uint8Array): Buffer {
  const { first, bytes } = chained(ipv6.extensions ?? [], protocol)
  const header = Buffer.alloc(40)
  header.writeUInt32BE((6 << 28) + ((ipv6.trafficClass ?? 0) << 20) + (ipv6.flowLabel ?? 0), 0)
  header.writeUInt16BE(bytes.length + content.length, 4)
  header[6] = first
  header[7] = ipv6.hopLimit ?? 64
  header.set(addressBytes(ipv6.from), 8)
  header.set(addressBytes(ipv6.to), 24)
  return Buffer.concat([header, bytes, content])
}

/** What every fragment has of the headers, and what is cut: extension headers behind the routing header, and all that follows. */
export function fragmentable(ipv6: Ipv6, protocol: number, content: Uint8Array) {
  const extensions = ipv6.extensions ?? []
  const kept = extensions.findLastIndex(({ type }) => type === HOP_BY_HOP || type === ROUTING) + 1
  const { first, bytes } = chained(extensions.slice(kept), protocol)
  return { header: { ...ipv6, extensions: extensions.slice(0, kept) }, protocol: first, content: Buffer.concat([bytes, content]) }
}

/** The header of the fragment at `offset`, in bytes. */
export function ipv6Fragment(ipv6: Ipv6, id: number, offset: number, more: boolean): Ipv6 {
  return { ...ipv6, extensions: [...(ipv6.extensions ?? []), fragmentHeader({ id, offset, more })] }
}
