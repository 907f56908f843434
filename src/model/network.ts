// SPDX-License-Identifier: Apache-2.0
// Addresses of both families as 16 bytes, an IPv4 address mapped into IPv6 (::ffff:0:0/96); and the networks that hold them.
import ipaddr from 'ipaddr.js'
import { type Family, familyOf, isIPv6 } from './address.js'
import type { Address } from './desired.js'
import { ipv4Number } from './ipv4.js'

/** How many bits an address of the family has. */
export const widths: Readonly<Record<Family, number>> = { IPv4: 32, IPv6: 128 }

/** `10.0.0.1` → ::ffff:10.0.0.1, `2001:db8::1` → itself: 16 bytes in network order. */
export function addressBytes(address: Address): number[] {
  if (isIPv6(address)) return ipaddr.IPv6.parse(address).toByteArray()
  return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...address.split('.').map(Number)]
}

/** 16 bytes → the address in canonical text. */
export function addressOf(bytes: readonly number[]): Address {
  const isMapped = bytes[10] === 255 && bytes[11] === 255 && bytes.slice(0, 10).every((byte) => byte === 0)
  if (isMapped) return bytes.slice(12).join('.') as Address
  return new ipaddr.IPv6([...bytes]).toRFC5952String() as Address
}

/** An address as a number of as many bits as its family has. */
export function addressNumber(address: Address): bigint {
  if (!isIPv6(address)) return BigInt(ipv4Number(address))
  return ipaddr.IPv6.parse(address).parts.reduce((number, part) => (number << 16n) | BigInt(part), 0n)
}

/** The first `prefix` of an address's bits, given as its number: equal for all addresses of a network, and for no others. */
export function networkNumber(number: bigint, family: Family, prefix: number): bigint {
  return number >> BigInt(widths[family] - prefix)
}

/** Whether `network`/`prefix`, any address of a network and the length of its prefix, names one that contains `address`. */
export function contains(network: Address, prefix: number, address: Address): boolean {
  const family = familyOf(network)
  const first = (of: Address) => networkNumber(addressNumber(of), family, prefix)
  return familyOf(address) === family && first(network) === first(address)
}

/** fe80::/10: means something on one link alone. */
export function isLinkLocal(address: Address): boolean {
  return isIPv6(address) && contains('fe80::' as Address, 10, address)
}
