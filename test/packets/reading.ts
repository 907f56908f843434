// SPDX-License-Identifier: Apache-2.0
// Packets read as the RFCs say and no other way: where their headers are, and what their checksums are about.
import { addressText } from './addresses.js'
import { onesSum, pseudoHeader } from './checksum.js'
import { AUTHENTICATION, DESTINATION_OPTIONS, FRAGMENT, HOP_BY_HOP, ROUTING } from './ipv6.js'
import { ICMP, ICMPV6, SCTP, TCP, UDP } from './transport.js'

export interface Reading {
  readonly version: 4 | 6
  /** Where the IP header begins, and where the packet ends: by its own length, or by what there is of it. */
  readonly network: number
  readonly end: number
  readonly source: string
  readonly destination: string
  /** What the headers lead to, and where it begins; of a fragment but the first, where its bytes begin. */
  readonly protocol: number
  readonly transport: number
  readonly extensions: number
  readonly fragment?: { readonly offset: number; readonly more: boolean }
  /** There where they are readable. */
  readonly ports?: { readonly source: number; readonly destination: number }
  /** What an ICMP error is about, as far as it is there. */
  readonly quoted?: Reading
}

const TAGS = [0x8100, 0x88a8]

/** Where tags end and what their frame carries begins; undefined when the frame ends before. */
export function networkAt(frame: Buffer): { etherType: number; at: number } | undefined {
  for (let at = 12; at + 2 <= frame.length; at += 4) {
    const etherType = frame.readUInt16BE(at)
    if (!TAGS.includes(etherType)) return { etherType, at: at + 2 }
  }
  return undefined
}

/** The IP packet of a frame, behind whatever tags; undefined when there is none, or its header is broken. */
export function readFrame(frame: Buffer): Reading | undefined {
  const found = networkAt(frame)
  if (found?.etherType === 0x0800) return readIpv4(frame, found.at, false)
  if (found?.etherType === 0x86dd) return readIpv6(frame, found.at, false)
  return undefined
}

/** The packet at `at`; `cut`: it may be longer than what there is of it. */
export function readPacket(bytes: Buffer, at: number, cut: boolean): Reading | undefined {
  const version = (bytes[at] ?? 0) >> 4
  if (version === 4) return readIpv4(bytes, at, cut)
  return version === 6 ? readIpv6(bytes, at, cut) : undefined
}

function readIpv4(bytes: Buffer, network: number, cut: boolean): Reading | undefined {
  if (network + 20 > bytes.length) return undefined
  const header = ((bytes[network] as number) & 15) * 4
  const total = bytes.readUInt16BE(network + 2)
  if ((bytes[network] as number) >> 4 !== 4 || header < 20 || total < header) return undefined
  if (network + total > bytes.length && !cut) return undefined
  const word = bytes.readUInt16BE(network + 6)
  return finished(bytes, {
    version: 4,
    network,
    end: Math.min(network + total, bytes.length),
    source: addressText(bytes.subarray(network + 12, network + 16)),
    destination: addressText(bytes.subarray(network + 16, network + 20)),
    protocol: bytes[network + 9] as number,
    transport: network + header,
    extensions: 0,
    ...fragmentOf((word & 0x1fff) * 8, (word & 0x2000) !== 0),
  })
}

/** An atomic fragment (RFC 6946) is none. */
function fragmentOf(offset: number, more: boolean): Pick<Reading, 'fragment'> {
  return offset === 0 && !more ? {} : { fragment: { offset, more } }
}

function readIpv6(bytes: Buffer, network: number, cut: boolean): Reading | undefined {
  if (network + 40 > bytes.length || (bytes[network] as number) >> 4 !== 6) return undefined
  const claimed = network + 40 + bytes.readUInt16BE(network + 4)
  if (claimed > bytes.length && !cut) return undefined
  const end = Math.min(claimed, bytes.length)
  return finished(bytes, {
    version: 6,
    network,
    end,
    source: addressText(bytes.subarray(network + 8, network + 24)),
    destination: addressText(bytes.subarray(network + 24, network + 40)),
    ...walked(bytes, bytes[network + 6] as number, network + 40, end),
  })
}

/** Behind the extension headers, as far as they can be followed. */
function walked(bytes: Buffer, first: number, at: number, end: number) {
  let [protocol, transport, extensions] = [first, at, 0]
  let fragment: Pick<Reading, 'fragment'> = {}
  const walkable = [HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS, AUTHENTICATION]
  while (walkable.includes(protocol) && transport + 8 <= end && (fragment.fragment?.offset ?? 0) === 0) {
    const length = lengthOf(protocol, bytes[transport + 1] as number)
    // with segments left this is not the packet's last destination (RFC 8200, 4.4)
    if (transport + length > end || (protocol === ROUTING && bytes[transport + 3] !== 0)) break
    if (protocol === FRAGMENT) {
      const word = bytes.readUInt16BE(transport + 2)
      // of several, one that says something counts
      fragment = { ...fragment, ...fragmentOf(word & 0xfff8, (word & 1) !== 0) }
    }
    protocol = bytes[transport] as number
    transport += length
    extensions++
  }
  return { protocol, transport, extensions, ...fragment }
}

function lengthOf(type: number, field: number): number {
  if (type === FRAGMENT) return 8
  return type === AUTHENTICATION ? (field + 2) * 4 : (field + 1) * 8
}

/** With what is behind IP's headers. */
function finished(bytes: Buffer, reading: Reading): Reading {
  const { protocol, transport, end } = reading
  if (isLater(reading)) return reading
  if ([TCP, UDP, SCTP].includes(protocol) && transport + 4 <= end)
    return { ...reading, ports: { source: bytes.readUInt16BE(transport), destination: bytes.readUInt16BE(transport + 2) } }
  if (!isError(bytes, reading)) return reading
  const quoted = readPacket(bytes.subarray(0, end), transport + 8, true)
  return quoted ? { ...reading, quoted } : reading
}

/** A fragment without its datagram's transport header. */
export function isLater({ fragment }: Reading): boolean {
  return fragment !== undefined && fragment.offset > 0
}

/** RFC 792 and RFC 4443: errors that quote what they are about. */
function isError(bytes: Buffer, { version, protocol, transport, end }: Reading): boolean {
  if (transport + 8 > end) return false
  const type = bytes[transport] as number
  if (version === 4) return protocol === ICMP && [3, 4, 5, 11, 12].includes(type)
  return protocol === ICMPV6 && type < 128
}

/** Where a checksum is, in the header of its protocol. */
const checksumIn: Readonly<Record<number, number>> = { [TCP]: 16, [UDP]: 6, [ICMP]: 2, [ICMPV6]: 2 }

export interface Sum {
  readonly what: string
  readonly at: number
  /** Of all that it covers and that is there, itself as well: 0xffff when it is right and all is there. Undefined: UDP without. */
  readonly sum: number | undefined
}

/** Every checksum of a packet, and of what it quotes. SCTP's is no sum: nobody changes what it covers. */
export function sumsOf(bytes: Buffer, reading: Reading, what = ''): Sum[] {
  const { version, network, transport, protocol, end, quoted } = reading
  const sums: Sum[] = []
  const headerEnd = network + ((bytes[network] as number) & 15) * 4
  if (version === 4 && headerEnd <= bytes.length)
    sums.push({ what: `${what}IP`, at: network + 10, sum: onesSum(bytes.subarray(network, headerEnd)) })
  const at = transport + (checksumIn[protocol] ?? Number.POSITIVE_INFINITY)
  if (!isLater(reading) && at + 2 <= end) {
    const covered = bytes.subarray(transport, end)
    const pseudo = protocol === ICMP ? [] : [pseudoHeader(addressesIn(bytes, reading), protocol, covered.length)]
    const none = protocol === UDP && bytes.readUInt16BE(at) === 0
    sums.push({ what: `${what}transport`, at, sum: none ? undefined : onesSum(Buffer.concat([...pseudo, covered])) })
  }
  return quoted ? [...sums, ...sumsOf(bytes, quoted, `${what}quoted `)] : sums
}

export function addressesIn(bytes: Buffer, { version, network }: Reading): Buffer {
  return version === 4 ? bytes.subarray(network + 12, network + 20) : bytes.subarray(network + 8, network + 40)
}

/** Checksums that are wrong; those of fragments and of what is cut off can't be told. */
export function wrongChecksums(bytes: Buffer, reading: Reading): string[] {
  const whole = reading.fragment === undefined
  return sumsOf(bytes, reading)
    .filter(
      ({ what, sum }) =>
        sum !== undefined && sum !== 0xffff && (what === 'IP' || what === 'quoted IP' || (what === 'transport' && whole)),
    )
    .map(({ what }) => what)
}
