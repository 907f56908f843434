// SPDX-License-Identifier: Apache-2.0
// Which ways to forward go with which addresses, protocols and ports: what a configuration is held to, and the README's table.
import type { Family } from './address.js'
import type { Forwarding, Protocol } from './desired.js'

export interface Combination {
  readonly forwarding: Forwarding
  readonly protocol: Protocol
  /** Of the VIP, and of the server. */
  readonly vip: Family
  readonly server: Family
  /** Whether the VIP is any address of a network. */
  readonly network: boolean
  /** Whether the server has another port than the one that clients use. */
  readonly remapped: boolean
}

/** The field of the server that is wrong, and why. */
export interface Refusal {
  readonly field: 'address' | 'port' | 'forwarding'
  readonly reason: string
}

/** Why this combination is none, or undefined when it works. */
export function refusal({ forwarding, protocol, vip, server, network, remapped }: Combination): Refusal | undefined {
  // The words are ipvsadm's.
  if (vip !== server && forwarding !== 'tun')
    return { field: 'address', reason: 'Different address family is allowed only for tunneling servers' }
  if (forwarding === 'fullnat' && protocol === 'sctp')
    return { field: 'forwarding', reason: `full NAT changes the client's port, and ${checksum}` }
  if (network && vip === 'IPv6' && (forwarding === 'nat' || forwarding === 'fullnat'))
    return {
      field: 'forwarding',
      reason: 'a connection entry has no room for which address of an IPv6 network a reply must come from',
    }
  if (!remapped) return undefined
  if (forwarding === 'dr') return { field: 'port', reason: 'direct routing changes no port' }
  if (forwarding === 'tun') return { field: 'port', reason: 'a tunnel changes no port' }
  return protocol === 'sctp' ? { field: 'port', reason: checksum } : undefined
}

/** RFC 9260, section 6.8: over the common header, so over the ports, and the whole data, but over no address. */
const checksum = "SCTP's checksum (CRC32c) covers the ports, so that a new one would take reading the whole packet"
