// SPDX-License-Identifier: Apache-2.0
// Checksums as the RFCs say them, by the longest way.

/** RFC 1071: the sum of 16-bit words in ones' complement, 0 to 0xffff; right when all that a checksum covers sums up to 0xffff. */
export function onesSum(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] as number) << 8) + (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return sum
}

export function checksum(bytes: Uint8Array): number {
  return ~onesSum(bytes) & 0xffff
}

/** What TCP's and UDP's checksums cover besides the segment (RFC 9293, 3.1), and ICMPv6's as well (RFC 8200, 8.1). */
export function pseudoHeader(addresses: Uint8Array, protocol: number, length: number): Buffer {
  const rest = Buffer.alloc(8)
  rest.writeUInt32BE(length, 0)
  rest.writeUInt32BE(protocol, 4)
  return Buffer.concat([addresses, rest])
}

/** SCTP's (RFC 9260, appendix A): the polynomial of Castagnoli, bits reflected. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffff_ffff
  for (const byte of bytes) {
    remainder ^= byte
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f6_3b78 : 0)
  }
  return ~remainder >>> 0
}
