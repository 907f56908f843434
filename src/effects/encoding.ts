// SPDX-License-Identifier: Apache-2.0
// The model's words as the packet program's numbers, and back.
import { macBytes, macText } from '../abi/codec.js'
import {
  type ConnectionState,
  type Hop,
  type Hops,
  type Interface,
  type Listener,
  ListenerFlag,
  type ListenerPlace,
  type PortKey,
  type Server,
  ServerFlag,
  Stray,
  type VipKey,
} from '../abi/layout.js'
import { familyOf, isIPv6 } from '../model/address.js'
import type { Address, Forwarding, Protocol, StrayPolicy } from '../model/desired.js'
import { ipv4Address, ipv4Number } from '../model/ipv4.js'
import type { Network } from '../model/listener.js'
import { addressBytes, addressOf, widths } from '../model/network.js'
import type { EndpointProtocol, HopEntry, InterfaceEntry, ListenerEntry, PortEntry, ServerEntry } from '../reconcile/actual.js'

const protocolNumbers: Readonly<Record<EndpointProtocol, number>> = { tcp: 6, udp: 17, sctp: 132, ipip: 4 }
const protocolNames = new Map(Object.entries(protocolNumbers).map(([name, number]) => [number, name as EndpointProtocol]))

const strayNumbers: Readonly<Record<StrayPolicy, Stray>> = {
  reset: Stray.STRAY_RESET,
  drop: Stray.STRAY_DROP,
  hash: Stray.STRAY_HASH,
}
const strayNames = new Map(Object.entries(strayNumbers).map(([name, number]) => [number, name as StrayPolicy]))

/** IPVS's names, by enum connection_state. */
const stateNames: Readonly<Record<ConnectionState, string>> = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
  'UDP',
  'BUSY',
]

export function stateName(state: ConnectionState): string {
  return stateNames[state]
}

export function strayNumber(policy: StrayPolicy): Stray {
  return strayNumbers[policy]
}

export function strayPolicy(stray: Stray): StrayPolicy {
  return strayNames.get(stray) ?? 'reset'
}

export function protocolNumber(protocol: EndpointProtocol): number {
  return protocolNumbers[protocol]
}

export function endpointProtocol(number: number): EndpointProtocol {
  const name = protocolNames.get(number)
  if (!name) throw new Error(`the pinned maps name protocol ${number}, which this version does not know`)
  return name
}

export function protocolName(number: number): Protocol {
  return endpointProtocol(number) as Protocol
}

export function encodeAddress(address: Address): { readonly bytes: readonly number[] } {
  return { bytes: addressBytes(address) }
}

export function decodeAddress({ bytes }: { readonly bytes: readonly number[] }): Address {
  return addressOf(bytes)
}

/** An address of an IPv6 only field: all zero for none. */
export function decodeOptional(address: { readonly bytes: readonly number[] }): Address | undefined {
  return address.bytes.some((byte) => byte !== 0) ? decodeAddress(address) : undefined
}

/** How many bits of a mapped address an IPv4 prefix is. */
function bitsBefore(address: Address): number {
  return widths.IPv6 - widths[familyOf(address)]
}

export function encodePlace({ protocol, address, prefix, firstPort, lastPort, wide }: ListenerEntry): ListenerPlace {
  const flags = wide ? ListenerFlag.LISTENER_WIDE : 0
  return { address: encodeAddress(address), firstPort, lastPort, prefix, protocol: protocolNumbers[protocol], flags }
}

/** Its flags are the program's to read; what a listener's are is told by how packets find it. */
export function decodePlace({
  address,
  firstPort,
  lastPort,
  prefix,
  protocol,
}: ListenerPlace): Omit<ListenerEntry, 'index' | 'service' | 'wide'> {
  return { protocol: protocolName(protocol), address: decodeAddress(address), prefix, firstPort, lastPort }
}

/** IPv6's flows are all in the one table, and need no flag for it. */
export function encodeListener({
  index,
  service,
  address,
  wide,
}: Pick<ListenerEntry, 'index' | 'service' | 'address' | 'wide'>): Listener {
  return { index, service, flags: wide && !isIPv6(address) ? ListenerFlag.LISTENER_WIDE : 0 }
}

/** Flows to a network are always in the table of wide slots, those to a range of ports where their listener says. */
export function encodePort({ listener, service, wide }: PortEntry): Listener {
  return { index: listener, service, flags: wide ? ListenerFlag.LISTENER_WIDE : 0 }
}

export function decodePort({ index, service, flags }: Listener): Pick<PortEntry, 'listener' | 'service' | 'wide'> {
  return { listener: index, service, wide: (flags & ListenerFlag.LISTENER_WIDE) !== 0 }
}

/** What was published last counts: where packets look, whatever was noted of the listener before. */
export function isWide(address: Address, { flags }: Listener): boolean {
  return isIPv6(address) || (flags & ListenerFlag.LISTENER_WIDE) !== 0
}

export function encodeVipKey({ address, prefix }: Network): VipKey {
  return { bits: prefix + bitsBefore(address), address: addressBytes(address) }
}

export function decodeVipKey({ bits, address }: VipKey): Network {
  const decoded = addressOf(address)
  return { address: decoded, prefix: bits - bitsBefore(decoded) }
}

/** Block and protocol, and a byte between, come before the port. */
const BITS_BEFORE_PORT = 32

export function encodePortKey({ block, protocol, port, bits }: PortEntry): PortKey {
  return { bits: BITS_BEFORE_PORT + bits, block, protocol: protocolNumbers[protocol], port }
}

export function decodePortKey({ bits, block, protocol, port }: PortKey): Pick<PortEntry, 'block' | 'protocol' | 'port' | 'bits'> {
  return { block, protocol: protocolName(protocol), port, bits: bits - BITS_BEFORE_PORT }
}

const methods: Readonly<Record<Forwarding, number>> = {
  dr: 0,
  nat: ServerFlag.SERVER_NAT,
  tun: ServerFlag.SERVER_TUNNEL,
  fullnat: ServerFlag.SERVER_NAT | ServerFlag.SERVER_TUNNEL,
}
const METHODS = methods.fullnat
const methodNames = new Map(Object.entries(methods).map(([name, flags]) => [flags, name as Forwarding]))

export function encodeServer(entry: ServerEntry): Server {
  const { address, port, service, protocol, forwarding, local, sources, route, eligible, removed } = entry
  const flags =
    methods[forwarding] |
    (eligible ? ServerFlag.SERVER_ELIGIBLE : 0) |
    (route || (local && !removed) ? ServerFlag.SERVER_REACHABLE : 0) |
    (removed ? ServerFlag.SERVER_REMOVED : 0) |
    (local ? ServerFlag.SERVER_LOCAL : 0) |
    (isIPv6(address) ? ServerFlag.SERVER_IPV6 : 0)
  return {
    route: { mac: route ? macBytes(route.mac) : [], interface: route?.interface ?? 0, flags },
    service,
    port,
    protocol: protocol === undefined ? 0 : protocolNumbers[protocol],
    source: sources.first,
    sources: sources.count,
    address: encodeAddress(address),
  }
}

export function decodeServer(index: number, server: Server): ServerEntry {
  const { route, address, port, service, protocol, source, sources } = server
  const has = (flag: number) => (route.flags & flag) !== 0
  const found = { mac: macText(route.mac), interface: route.interface }
  const local = has(ServerFlag.SERVER_LOCAL)
  return {
    index,
    address: decodeAddress(address),
    port,
    service,
    ...(protocol === 0 ? {} : { protocol: protocolName(protocol) }),
    forwarding: methodNames.get(route.flags & METHODS) as Forwarding,
    local,
    sources: { first: source, count: sources },
    ...(has(ServerFlag.SERVER_REACHABLE) && !local ? { route: found } : {}),
    eligible: has(ServerFlag.SERVER_ELIGIBLE),
    removed: has(ServerFlag.SERVER_REMOVED),
  }
}

export function encodeInterface({ ifindex, mac, mtu, addresses }: InterfaceEntry): Interface {
  const { IPv4, IPv6 } = addresses
  return {
    mac: macBytes(mac),
    mtu,
    ifindex,
    address: IPv4 === undefined ? 0 : ipv4Number(IPv4),
    address6: IPv6 === undefined ? { bytes: [] } : encodeAddress(IPv6),
  }
}

export function decodeInterface(index: number, { mac, mtu, ifindex, address, address6 }: Interface): InterfaceEntry {
  const long = decodeOptional(address6)
  const addresses = { ...(address === 0 ? {} : { IPv4: ipv4Address(address) }), ...(long === undefined ? {} : { IPv6: long }) }
  return { index, ifindex, mac: macText(mac), mtu, addresses }
}

export function encodeHops(entries: readonly HopEntry[]): Hops {
  return { count: entries.length, hops: entries.map(encodeHop) }
}

function encodeHop({ address, prefix, route }: HopEntry): Hop {
  const flags = route ? ServerFlag.SERVER_REACHABLE : 0
  return {
    network: encodeAddress(address),
    mask: { bytes: maskBytes(prefix + bitsBefore(address)) },
    route: { mac: route ? macBytes(route.mac) : [], interface: route?.interface ?? 0, flags },
  }
}

/** The first `bits` of 128 set. */
function maskBytes(bits: number): number[] {
  return Array.from({ length: 16 }, (_, byte) => (0xff00 >> Math.min(Math.max(bits - byte * 8, 0), 8)) & 0xff)
}

function countBits(bytes: readonly number[]): number {
  return bytes.reduce((count, byte) => count + byte.toString(2).replaceAll('0', '').length, 0)
}

export function decodeHops({ count, hops }: Hops): HopEntry[] {
  return hops.slice(0, count).map(({ network, mask, route }) => {
    const address = decodeAddress(network)
    const place = { address, prefix: countBits(mask.bytes) - bitsBefore(address) }
    const found = { mac: macText(route.mac), interface: route.interface }
    return (route.flags & ServerFlag.SERVER_REACHABLE) === 0 ? place : { ...place, route: found }
  })
}
