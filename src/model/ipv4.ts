// SPDX-License-Identifier: Apache-2.0
// IPv4 addresses as numbers of 32 bits.
import type { Address } from './desired.js'

/** `10.0.0.1` → 0x0a000001 */
export function ipv4Number(address: Address): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** 0x0a000001 → `10.0.0.1` */
export function ipv4Address(number: number): Address {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.') as Address
}
