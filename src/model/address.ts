// SPDX-License-Identifier: Apache-2.0
// Addresses: text in, canonical text out; and what an address may be used for.
import ipaddr from 'ipaddr.js'
import type { Address } from './desired.js'

export type Family = 'IPv4' | 'IPv6'

/** The address in canonical text, or undefined. IPv4 is four decimal numbers without leading zeros; IPv6 follows RFC 5952. */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text as Address
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined
  return ipaddr.IPv6.parse(text).toRFC5952String() as Address
}

export function isIPv6(address: Address): boolean {
  return address.includes(':')
}

export function familyOf(address: Address): Family {
  return isIPv6(address) ? 'IPv6' : 'IPv4'
}

/** Why no packet can be sent to one host by this address wherever it is, or undefined when it can. */
export function unusable(address: Address): string | undefined {
  return isIPv6(address) ? unusableIPv6(address) : unusableIPv4(address)
}

function unusableIPv4(address: Address): string | undefined {
  const first = Number.parseInt(address, 10)
  if (first === 0) return 'names no host'
  if (first === 127) return 'is a loopback address'
  if (first >= 224 && first < 240) return 'is a multicast address'
  if (first >= 240) return 'is a reserved or broadcast address'
  return undefined
}

/** By the address blocks of RFC 4291. */
const unusableBlocks: readonly (readonly [block: RegExp, why: string])[] = [
  [/^::$/, 'names no host'],
  [/^::1$/, 'is a loopback address'],
  [/^ff[0-9a-f]{2}:/, 'is a multicast address'],
  [/^fe[89ab][0-9a-f]:/, 'is a link-local address, which means another host on each interface'],
  [/^::ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}$/, 'is an IPv4 address mapped into IPv6: write the IPv4 address'],
]

function unusableIPv6(address: Address): string | undefined {
  return unusableBlocks.find(([block]) => block.test(address))?.[1]
}
