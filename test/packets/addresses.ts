// SPDX-License-Identifier: Apache-2.0
// Addresses of both families, as bytes and as text.
import ipaddr from 'ipaddr.js'

/** 4 or 16 bytes. */
export function addressBytes(text: string): Buffer {
  return Buffer.from(ipaddr.parse(text).toByteArray())
}

/** Of 4 or 16 bytes: canonical text (RFC 5952). */
export function addressText(bytes: Uint8Array): string {
  const address = ipaddr.fromByteArray([...bytes])
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString()
}

/** `192.0.2.1:80`, `[2001:db8::1]:80` */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
