// SPDX-License-Identifier: Apache-2.0
// Whose packet a frame is, by the words of the documentation: what is for a listener of ours never passes, what is not always does.

import { AUTHENTICATION, DESTINATION_OPTIONS, FRAGMENT, HOP_BY_HOP, ROUTING } from './ipv6.js'
import { isLater, networkAt, type Reading, readFrame } from './reading.js'
import { isListener, type Scene } from './scene.js'
import { SCTP, TCP, UDP } from './transport.js'

/** `either`: it depends on what came before, which this does not look at. */
export type Whose = 'ours' | 'not ours' | 'either'

/** What a program looks into. */
export interface Sight {
  readonly ipv6: boolean
  /** Of how many VLAN tags. */
  readonly tags: number
  /** How many extension headers, and of how many bytes in all. */
  readonly extensions: { readonly headers: number; readonly bytes: number }
  /** Errors about connections, and fragments by the first of them. */
  readonly related: boolean
}

const PORTS = [TCP, UDP, SCTP]
const HEADERS = [HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION_OPTIONS, AUTHENTICATION, 50, 135, 139, 140]

export function whose(frame: Buffer, scene: Scene, sight: Sight): Whose {
  if (((frame[0] as number) & 1) === 1) return 'not ours'
  const tags = ((networkAt(frame)?.at ?? 14) - 14) / 4
  const reading = readFrame(frame)
  if (!reading || tags > sight.tags || (reading.version === 6 && !sight.ipv6)) return 'not ours'
  if (mayBeReply(reading, scene)) return 'either'
  if (reading.extensions > sight.extensions.headers || extensionBytes(reading) > sight.extensions.bytes) return 'either'
  if (reading.fragment) return ofFragment(reading, scene, sight)
  if (reading.quoted) return sight.related ? 'either' : 'not ours'
  return ofWhole(reading, scene)
}

function extensionBytes({ version, network, transport }: Reading): number {
  return version === 6 ? transport - network - 40 : 0
}

/** A server's packet may belong to a connection, unless it is one to a VIP itself. */
function mayBeReply(reading: Reading, scene: Scene): boolean {
  if (scene.sources.includes(reading.destination)) return true
  const rewritten = scene.servers.filter(({ forwarding }) => forwarding === 'nat' || forwarding === 'fullnat')
  const addresses = new Set([...rewritten.map(({ server }) => server.address), ...scene.former])
  return [reading.source, reading.quoted?.destination ?? ''].some((address) => addresses.has(address))
}

function ofFragment(reading: Reading, scene: Scene, { related }: Sight): Whose {
  const { destination, protocol, ports } = reading
  // Its first one may have been for a listener that is gone since.
  if (related && isLater(reading)) return 'either'
  if (!isListener(scene, destination, protocol)) return reading.version === 6 && !PORTS.includes(protocol) ? 'either' : 'not ours'
  if (!related) return 'ours'
  if (!ports) return 'either'
  return isListener(scene, destination, protocol, ports.destination) ? 'ours' : 'not ours'
}

function ofWhole({ destination, protocol, ports, version }: Reading, scene: Scene): Whose {
  // Behind headers that are not followed there may be ports of ours.
  if (version === 6 && HEADERS.includes(protocol)) return 'either'
  return isListener(scene, destination, protocol, ports?.destination) ? 'ours' : 'not ours'
}
