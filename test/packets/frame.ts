// SPDX-License-Identifier: Apache-2.0
// Frames as they are on the wire: `ethernet().ipv4(client, vip).tcp(40000, 80)`. Lengths and checksums follow from the parts.
import { macBytes } from '../../src/abi/codec.js'
import { addressBytes } from './addresses.js'
import { type Ipv4, type Ipv4Options, ipv4Fragment, ipv4Packet } from './ipv4.js'
import { fragmentable, type Ipv6, type Ipv6Options, ipv6Fragment, ipv6Packet } from './ipv6.js'
import {
  type ChunkName,
  type IcmpOptions,
  IP6,
  IPIP,
  icmp,
  icmpv6,
  nothingBut,
  type SctpOptions,
  sctp,
  TCP,
  type TcpOptions,
  type Transport,
  tcp,
  type UdpOptions,
  udp,
} from './transport.js'

/** The interface that packets come in by, and the station that they come from. */
export const DIRECTOR = '02:00:00:00:00:01'
export const ROUTER = '02:00:00:00:00:fe'

/** Tags of IEEE 802.1Q: a customer's, and a provider's around it. */
export const CUSTOMER = 0x8100
export const PROVIDER = 0x88a8

/** Payload of any length, of bytes that are worth telling apart. */
const anything = Uint8Array.from({ length: 65_536 }, (_, i) => i * 7 + (i >> 8))

type Network = Ipv4 | Ipv6

interface Parts {
  readonly destination: string
  readonly source: string
  /** Tag protocol and the word behind it, the outermost first. */
  readonly tags: readonly (readonly [tpid: number, word: number])[]
  /** Of what is not IP. */
  readonly etherType: number
  readonly network?: Network
  readonly transport?: Transport
  readonly payload: Uint8Array
}

/** Immutable: each step gives another frame; a step said twice replaces the first. */
export class Frame {
  constructor(private readonly parts: Parts) {}

  /** One more tag, inside those there are; `id` may have the priority in its upper bits. */
  vlan(id: number, tpid = CUSTOMER): Frame {
    return new Frame({ ...this.parts, tags: [...this.parts.tags, [tpid, id]] })
  }

  ipv4(from: string, to: string, options: Ipv4Options = {}): Frame {
    return new Frame({ ...this.parts, network: { ...options, version: 4, from, to } })
  }

  ipv6(from: string, to: string, options: Ipv6Options = {}): Frame {
    return new Frame({ ...this.parts, network: { ...options, version: 6, from, to } })
  }

  /** By the family of the addresses. */
  ip(from: string, to: string, { hops = 64 } = {}): Frame {
    return from.includes(':') ? this.ipv6(from, to, { hopLimit: hops }) : this.ipv4(from, to, { ttl: hops })
  }

  /** `flags` are letters: `S`, `SA`, `FA`, `R`, `PA`; none is an empty text. */
  tcp(from: number, to: number, flags = 'S', options: TcpOptions = {}): Frame {
    return this.carrying(tcp(from, to, flags, options))
  }

  udp(from: number, to: number, options: UdpOptions = {}): Frame {
    return this.carrying(udp(from, to, options))
  }

  /** With one chunk, by name or number. */
  sctp(from: number, to: number, chunk: ChunkName | number = 'INIT', options: SctpOptions = {}): Frame {
    return this.carrying(sctp(from, to, chunk, options))
  }

  icmp(type: number, code = 0, options: IcmpOptions = {}): Frame {
    return this.carrying(icmp(type, code, options))
  }

  icmpv6(type: number, code = 0, options: IcmpOptions = {}): Frame {
    return this.carrying(icmpv6(type, code, options))
  }

  private carrying(transport: Transport): Frame {
    return new Frame({ ...this.parts, transport })
  }

  /** Bytes, a text, or so many bytes that differ from each other. */
  payload(content: number | string | Uint8Array): Frame {
    const payload = typeof content === 'number' ? anything.subarray(0, content) : Buffer.from(content as string)
    return new Frame({ ...this.parts, payload })
  }

  /** The first bytes of another frame's IP packet as payload, as an ICMP error has them. */
  quoting(frame: Frame, bytes?: number): Frame {
    return this.payload(frame.packet().subarray(0, bytes))
  }

  /** Another frame's whole IP packet as what this IP header carries: a tunnel. */
  encapsulating(frame: Frame): Frame {
    return this.payload(frame.packet()).carrying(nothingBut(frame.parts.network?.version === 6 ? IP6 : IPIP))
  }

  /** The same between two other stations: the director and `destination` unless said otherwise. */
  sentTo(destination: string, source = DIRECTOR): Frame {
    return new Frame({ ...this.parts, destination, source })
  }

  /** The datagram in pieces of at most `size` bytes, a multiple of eight; IPv4 has its id already. */
  fragments(size: number, id = 0x1234_5678): Frame[] {
    const { network } = this.parts
    if (!network) throw new Error('only IP has fragments')
    const whole = { header: network, protocol: this.protocol(), content: this.segment() }
    const { header, protocol, content } = network.version === 6 ? fragmentable(network, whole.protocol, whole.content) : whole
    const pieces = Array.from({ length: Math.ceil(content.length / size) }, (_, i) => i * size)
    return pieces.map((offset) => {
      const more = offset + size < content.length
      const part = header.version === 6 ? ipv6Fragment(header, id, offset, more) : ipv4Fragment(header, offset, more)
      const payload = content.subarray(offset, offset + size)
      return new Frame({ ...this.parts, network: part, transport: nothingBut(protocol), payload })
    })
  }

  bytes(): Buffer {
    return Buffer.concat([this.ethernet(), this.packet()])
  }

  /** What follows Ethernet's header and tags, with ones' bytes replaced: `with(6, 0x20, 0x00)` sets IPv4's fragment word. */
  with(offset: number, ...values: number[]): Buffer {
    const bytes = this.bytes()
    bytes.set(values, this.ethernet().length + offset)
    return bytes
  }

  /** At least `length` bytes long, as a network card pads short frames. */
  padded(length: number): Buffer {
    const bytes = this.bytes()
    return Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length), 0xee)])
  }

  /** What Ethernet carries. */
  packet(): Buffer {
    const { network, payload } = this.parts
    if (!network) return Buffer.from(payload)
    if (network.version === 6) return ipv6Packet(network, this.protocol(), this.segment())
    return ipv4Packet(network, this.protocol(), this.segment())
  }

  private ethernet(): Buffer {
    const { destination, source, tags, network } = this.parts
    const etherType = network ? { 4: 0x0800, 6: 0x86dd }[network.version] : this.parts.etherType
    const words = [...tags.flat(), etherType].flatMap((word) => [word >> 8, word & 255])
    return Buffer.from([...macBytes(destination), ...macBytes(source), ...words])
  }

  private protocol(): number {
    return this.parts.transport?.protocol ?? this.parts.network?.protocol ?? TCP
  }

  private segment(): Buffer {
    const { network, transport, payload } = this.parts
    if (!network || !transport) return Buffer.from(payload)
    return transport.bytes(payload, Buffer.concat([addressBytes(network.from), addressBytes(network.to)]))
  }
}

/** From the router to the director; or from the director to `destination`. */
export function ethernet(destination = DIRECTOR, source = destination === DIRECTOR ? ROUTER : DIRECTOR): Frame {
  return new Frame({ destination, source, tags: [], etherType: 0x88b5, payload: Buffer.alloc(0) })
}

/** A frame of another kind, such as ARP's 0x0806. */
export function otherFrame(etherType: number, payload: Uint8Array): Frame {
  return new Frame({ destination: DIRECTOR, source: ROUTER, tags: [], etherType, payload })
}
