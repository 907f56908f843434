// SPDX-License-Identifier: Apache-2.0
// Addresses: text in, canonical text out; and what an address may be used for.
import ipaddr from 'ipaddr.js'
import type { Address } from './desired.js'

/** The address in canonical text, or undefined. IPv4 is four decimal numbers without leading zeros; IPv6 follows RFC 5952. */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text as Address
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined
  return ipaddr.IPv6.parse(text).toRFC5952String() as Address
}

export function isIPv6(address: Address): boolean {
  return address.includes(':')
}

/** Why no packet can be sent to one host by this IPv4 address, or undefined when it can. */
export function unusable(address: Address): string | undefined {
  const first = Number.parseInt(address, 10)
  if (first === 0) return 'names no host'
  if (first === 127) return 'is a loopback address'
  if (first >= 224 && first < 240) return 'is a multicast address'
  if (first >= 240) return 'is a reserved or broadcast address'
  return undefined
}
