// SPDX-License-Identifier: Apache-2.0
// What each forwarding method may do to a packet on its way to a server, and to a reply on its way to the client. Each function
// returns what is wrong, or undefined.
import { macText } from '../../src/abi/codec.js'
import type { Forwarding, GivenServer, InterfaceName } from './given.js'
import { isLater, networkAt, type Reading, readFrame, wrongChecksums } from './reading.js'
import { rewritingOf } from './rewriting.js'
import { isListener, listens, type Placed, type Scene, stations } from './scene.js'
import { IP6, IPIP } from './transport.js'

type Fault = string | undefined
type Method = (sent: Buffer, received: Buffer, placed: Placed, scene: Scene) => Fault

const methods: Readonly<Record<Forwarding, Method>> = { dr: direct, nat: nat, fullnat: nat, tun: tunnel }

/** A packet was sent to a server; which one, its MAC address tells, and services that share it may differ in their methods. */
export function faultToServer(sent: Buffer, received: Buffer, scene: Scene): Fault {
  const candidates = scene.servers.filter(({ server }) => isBetween(received, server.mac, server.interface))
  if (candidates.length === 0) return 'no server has these MAC addresses'
  const faults = candidates.map((placed) => methods[placed.forwarding](sent, received, placed, scene))
  return faults.includes(undefined) ? undefined : [...new Set(faults)].join('; ')
}

function isBetween(frame: Buffer, destination: string | null, on: InterfaceName): boolean {
  return macText([...frame.subarray(0, 6)]) === destination && macText([...frame.subarray(6, 12)]) === stations[on].mac
}

function direct(sent: Buffer, received: Buffer): Fault {
  return sent.subarray(12).equals(received.subarray(12)) ? undefined : 'more than the MAC addresses changed'
}

/** The endpoint that a service's packets for this port go to. */
function portOf(server: GivenServer, asked: number): number {
  return server.port ?? asked
}

function nat(sent: Buffer, received: Buffer, { server, service, forwarding }: Placed, scene: Scene): Fault {
  const rewriting = rewritingOf(sent, received)
  if (typeof rewriting === 'string') return rewriting
  const { before, after } = rewriting
  const senders = forwarding === 'fullnat' ? scene.sources : [before.source]
  if (before.quoted && after.quoted) {
    // full NAT's server hears of its packet from where that went
    const teller = forwarding === 'fullnat' ? after.quoted.destination : before.source
    if (after.source !== teller) return `${after.source} became its source`
    return errorToServer(before.quoted, after.quoted, after, server)
  }
  if (!listens(service, before.destination, before.protocol, before.ports?.destination)) return 'it was for another service'
  if (after.destination !== server.address) return `${after.destination} is not the address of its server`
  if (!senders.includes(after.source)) return `${after.source} became its source`
  if (!before.ports || !after.ports) return undefined
  if (after.ports.destination !== portOf(server, before.ports.destination)) return `its port became ${after.ports.destination}`
  const kept = forwarding === 'fullnat' || before.ports.source === after.ports.source
  return kept ? undefined : `its source port became ${after.ports.source}`
}

/** What the client's side answered to a reply: it is about a packet that came from the server. */
function errorToServer(before: Reading, after: Reading, outer: Reading, server: GivenServer): Fault {
  if (outer.destination !== server.address) return `${outer.destination} is not the address of its server`
  if (after.source !== server.address) return `it quotes a packet of ${after.source}`
  if (after.ports && before.ports && after.ports.source !== portOf(server, before.ports.source))
    return `it quotes a packet from port ${after.ports.source}`
  return undefined
}

function isNat(forwarding: Forwarding): boolean {
  return forwarding === 'nat' || forwarding === 'fullnat'
}

/** A reply has its service's address again; so has what an error quotes. */
export function faultToClient(sent: Buffer, received: Buffer, scene: Scene): Fault {
  if (!Object.values(stations).some(({ mac }) => mac === macText([...received.subarray(6, 12)]))) return 'it comes from nobody'
  const rewriting = rewritingOf(sent, received)
  if (typeof rewriting === 'string') return rewriting
  const { before, after } = rewriting
  if (before.quoted && after.quoted) {
    const { destination, protocol, ports } = after.quoted
    // the server's own errors come from the VIP, and so do all in full NAT; else those of routers before it from themselves
    const isVips = before.source === before.quoted.destination || scene.sources.includes(before.quoted.source)
    if (after.source !== (isVips ? destination : before.source)) return `${after.source} became its source`
    return isListener(scene, destination, protocol, ports?.destination) ? undefined : `it quotes a packet to ${destination}`
  }
  const from = scene.servers.filter(({ server, forwarding }) => server.address === before.source && isNat(forwarding))
  if (from.length === 0 && !(isLater(before) && scene.former.has(before.source))) return `${before.source} is no server of NAT`
  // A later fragment follows its first one for a moment, whatever has become of the service.
  if (!isLater(before) && !from.some(({ service }) => listens(service, after.source, after.protocol, after.ports?.source)))
    return `${after.source}:${after.ports?.source} is no service of its server`
  const kept = before.destination === after.destination && before.ports?.destination === after.ports?.destination
  return kept || scene.sources.includes(before.destination) ? undefined : `${after.destination} became its client`
}

/** One more header around the packet, which has at most one hop less and lost its frame's padding. */
function tunnel(sent: Buffer, received: Buffer, { server }: Placed): Fault {
  const [before, outer] = [readFrame(sent), readFrame(received)]
  const tags = networkAt(sent)?.at
  if (!before || !outer || tags === undefined) return 'it has no sound IP header'
  if (networkAt(received)?.at !== tags || !sent.subarray(12, tags - 2).equals(received.subarray(12, tags - 2)))
    return 'its VLAN tags changed'
  if (outer.protocol !== (before.version === 6 ? IP6 : IPIP)) return `its outer header leads to protocol ${outer.protocol}`
  if (!stations[server.interface].addresses.includes(outer.source) || outer.destination !== server.address)
    return `a tunnel from ${outer.source} to ${outer.destination}`
  if (wrongChecksums(received, outer).length > 0) return 'its outer checksum is wrong'
  const inner = received.subarray(outer.transport, outer.end)
  const was = sent.subarray(before.network, before.end)
  return was.equals(inner) || oneHopLess(was, before.version).equals(inner) ? undefined : 'the packet in the tunnel is another'
}

/** RFC 1624 for the one word that changes. */
function oneHopLess(packet: Buffer, version: 4 | 6): Buffer {
  const copy = Buffer.from(packet)
  copy[version === 4 ? 8 : 7] = (packet[version === 4 ? 8 : 7] as number) - 1
  if (version === 4) {
    const sum = packet.readUInt16BE(10) + 0x100
    copy.writeUInt16BE((sum & 0xffff) + (sum >> 16), 10)
  }
  return copy
}
