// SPDX-License-Identifier: Apache-2.0
// The same places in both families, for tests that hold in either.
import { ethernet, type Frame, ROUTER } from './frame.js'
import { type GivenRoute, type ProtocolName, route } from './given.js'
import { stations } from './scene.js'

export interface Family {
  readonly client: string
  readonly vip: string
  readonly otherVip: string
  readonly server: string
  readonly otherServer: string
  /** The director's own, on the interface that packets come in by and on the other one. */
  readonly director: string
  readonly directorOnOther: string
  /** Some router on the way. */
  readonly router: string
  readonly clients: GivenRoute
}

export const families: Readonly<Record<'IPv4' | 'IPv6', Family>> = {
  IPv4: {
    client: '198.51.100.7',
    vip: '192.0.2.1',
    otherVip: '192.0.2.2',
    server: '10.0.0.11',
    otherServer: '10.0.0.12',
    director: stations.in.addresses[0] as string,
    directorOnOther: stations.other.addresses[0] as string,
    router: '203.0.113.1',
    clients: route('198.51.100.0/24', ROUTER),
  },
  IPv6: {
    client: '2001:db8:c::7',
    vip: '2001:db8::1',
    otherVip: '2001:db8::2',
    server: 'fd00::11',
    otherServer: 'fd00::12',
    director: stations.in.addresses[1] as string,
    directorOnOther: stations.other.addresses[1] as string,
    router: '2001:db8:f::1',
    clients: route('2001:db8:c::/64', ROUTER),
  },
}

export type FamilyName = keyof typeof families
export const familyNames = Object.keys(families) as FamilyName[]

/** Each test of `tests` for either family. */
export function forEachFamily(tests: (family: Family, name: FamilyName) => void): void {
  for (const name of familyNames) tests(families[name], name)
}

/** A segment of any protocol that has ports, with some payload. */
export function carrying(frame: Frame, protocol: ProtocolName, from: number, to: number, flags = 'S'): Frame {
  if (protocol === 'udp') return frame.udp(from, to).payload('who is it?')
  return protocol === 'sctp' ? frame.sctp(from, to) : frame.tcp(from, to, flags)
}

/** An ICMP error of the packet's family: `too big` with its MTU, or `unreachable` (port), or `time exceeded`. */
export function icmpError(frame: Frame, what: 'too big' | 'unreachable' | 'time exceeded', isIpv6: boolean, mtu = 1400): Frame {
  const [type, code] = messages[what][isIpv6 ? 'IPv6' : 'IPv4']
  const options = what === 'too big' ? { rest: mtu } : {}
  return isIpv6 ? frame.icmpv6(type, code, options) : frame.icmp(type, code, options)
}

const messages = {
  'too big': { IPv4: [3, 4], IPv6: [2, 0] },
  unreachable: { IPv4: [3, 3], IPv6: [1, 4] },
  'time exceeded': { IPv4: [11, 0], IPv6: [3, 0] },
} as const

/** What the director answers itself about `sent`, which is quoted as far as it may be. */
export function icmpAnswer(
  family: Family,
  what: 'too big' | 'time exceeded',
  sent: Frame,
  to = family.client,
  mtu?: number,
): Frame {
  const isIpv6 = family.vip.includes(':')
  const bytes = Math.min(sent.packet().length, isIpv6 ? 1232 : 548)
  const frame = isIpv6 ? ethernet(ROUTER).ipv6(family.director, to) : ethernet(ROUTER).ipv4(family.director, to, { id: 0 })
  // whole words are quoted
  return icmpError(frame, what, isIpv6, mtu).quoting(sent, bytes - (bytes % 4))
}
