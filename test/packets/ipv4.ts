// SPDX-License-Identifier: Apache-2.0
// IPv4's header and its fragments.
import { addressBytes } from './addresses.js'
import { checksum } from './checksum.js'

export interface Ipv4Options {
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

export interface Ipv4 extends Ipv4Options {
  readonly version: 4
  readonly from: string
  readonly to: string
}

export const MORE_FRAGMENTS = 0x2000

export function ipv4Packet(ipv4: Ipv4, protocol: number, content: Uint8Array): Buffer {
  const header = Buffer.concat([Buffer.alloc(20), ipv4.options ?? Buffer.alloc(0)])
  header[0] = 0x40 | (header.length / 4)
  header[1] = ipv4.tos ?? 0
  header.writeUInt16BE(header.length + content.length, 2)
  header.writeUInt16BE(ipv4.id ?? 0x1234, 4)
  header.writeUInt16BE(ipv4.fragment ?? 0, 6)
  header[8] = ipv4.ttl ?? 64
  header[9] = protocol
  header.set(addressBytes(ipv4.from), 12)
  header.set(addressBytes(ipv4.to), 16)
  header.writeUInt16BE(checksum(header), 10)
  return Buffer.concat([header, content])
}

/** The header of the fragment at `offset`, in bytes. Every option is copied, as a router may not do and a host may. */
export function ipv4Fragment(ipv4: Ipv4, offset: number, more: boolean): Ipv4 {
  return { ...ipv4, fragment: offset / 8 + (more ? MORE_FRAGMENTS : 0) }
}
