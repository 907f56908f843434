// SPDX-License-Identifier: Apache-2.0
// Where a service listens: a VIP or a network of them, and a port, a range of ports, or all.
import { endpoint, familyOf, parseAddress } from './address.js'
import type { Address, Protocol } from './desired.js'
import { addressBytes, addressOf, widths } from './network.js'

export interface Listener {
  readonly protocol: Protocol
  /** The VIP; of a network, its first address. */
  readonly address: Address
  /** How many bits of the address count: all 32 or 128 for a single VIP. */
  readonly prefix: number
  /** 1–65535, twice the same for a single port; 0 and 65535 for every port. */
  readonly firstPort: number
  readonly lastPort: number
}

export type Network = Pick<Listener, 'address' | 'prefix'>
export type Ports = Pick<Listener, 'firstPort' | 'lastPort'>

export const everyPort: Ports = { firstPort: 0, lastPort: 65_535 }

export function isNetwork({ address, prefix }: Network): boolean {
  return prefix < widths[familyOf(address)]
}

/** Several ports, but not every one. */
export function isRange({ firstPort, lastPort }: Ports): boolean {
  return firstPort !== lastPort && firstPort !== 0
}

/** One VIP, and one port or every port: what `address` and `port` of a service say. */
export function isPlain(listener: Listener): boolean {
  return !isNetwork(listener) && !isRange(listener)
}

/** The one port of all these listeners, or 0: servers get the port that the client used. */
export function commonPort(listeners: readonly Listener[]): number {
  const [first] = listeners
  const same = listeners.every(({ firstPort, lastPort }) => firstPort === lastPort && firstPort === first?.firstPort)
  return first && same ? first.firstPort : 0
}

/** The VIPs that are single addresses; whole networks are routed to a director, not assigned. */
export function vipsOf(services: readonly { readonly listeners: readonly Listener[] }[]): Address[] {
  const all = services.flatMap(({ listeners }) => listeners.filter((listener) => !isNetwork(listener)))
  return [...new Set(all.map(({ address }) => address))]
}

const names = new WeakMap<Listener, string>()

/** `tcp 203.0.113.10:80`, `udp [2001:db8::/64]:8000-8100`: what a listener is known by. Kept beside it, for every change asks for all. */
export function listenerName(listener: Listener): string {
  const known = names.get(listener)
  if (known !== undefined) return known
  const name = `${listener.protocol} ${endpoint(writtenNetwork(listener), writtenPorts(listener))}`
  names.set(listener, name)
  return name
}

/** `203.0.113.10`, `203.0.113.0/24` */
export function writtenNetwork({ address, prefix }: Network): string {
  return isNetwork({ address, prefix }) ? `${address}/${prefix}` : address
}

/** 80, `8000-8100`, or 0 for every port */
export function writtenPorts({ firstPort, lastPort }: Ports): number | string {
  return isRange({ firstPort, lastPort }) ? `${firstPort}-${lastPort}` : firstPort
}

/** A single address, or a network as `address/bits`, whose other bits may be set; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [, before = '', bits] = /^([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? []
  const address = parseAddress(before)
  if (address === undefined) return undefined
  const width = widths[familyOf(address)]
  const prefix = bits === undefined ? width : Number(bits)
  return prefix <= width ? { address, prefix } : undefined
}

/** The first address of the network that `address` is in. */
export function firstAddress({ address, prefix }: Network): Address {
  const bits = prefix + widths.IPv6 - widths[familyOf(address)]
  return addressOf(addressBytes(address).map((byte, place) => byte & firstBits(bits - place * 8)))
}

/** A byte with its first `count` bits set. */
function firstBits(count: number): number {
  return (0xff00 >> Math.min(Math.max(count, 0), 8)) & 0xff
}

/** A number from 0 to 65535, or a range as `8000-8100`, from the lower to the higher; undefined for anything else. */
export function parsePorts(value: unknown): Ports | undefined {
  if (typeof value === 'number') return isPort(value) ? single(value) : undefined
  const [, first, last] = (typeof value === 'string' && /^([1-9]\d{0,4})-([1-9]\d{0,4})$/.exec(value)) || []
  const [firstPort, lastPort] = [Number(first), Number(last)]
  return firstPort < lastPort && lastPort <= 65_535 ? { firstPort, lastPort } : undefined
}

function single(port: number): Ports {
  return port === 0 ? everyPort : { firstPort: port, lastPort: port }
}

export function isPort(port: unknown): port is number {
  return Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535
}
