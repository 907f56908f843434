// SPDX-License-Identifier: Apache-2.0
// Whether a server can be one of its service: by where the service listens, and by what the two have to go through.
import { familyOf } from '../model/address.js'
import { refusal } from '../model/compatibility.js'
import type { Address, RealServer, Service } from '../model/desired.js'
import type { FieldError } from '../model/errors.js'
import { commonPort, firstAddress, isNetwork, isPort, type Listener, writtenNetwork } from '../model/listener.js'
import { widths } from '../model/network.js'
import type { Sources } from './listening.js'

/** What a server takes from its service, and the service from its director. */
export interface Around extends Pick<Service, 'listeners' | 'forwarding'> {
  readonly sources: Sources
}

/** What the servers of a service are held to: of thousands of listeners, those that make a difference. */
interface Ground {
  readonly vips: ReadonlySet<string>
  readonly prefixes: readonly number[]
  /** One for each protocol, family, and VIP or network. */
  readonly kinds: readonly Listener[]
  readonly port: number
}

const grounds = new WeakMap<readonly Listener[], Ground>()

function groundOf(listeners: readonly Listener[]): Ground {
  const known = grounds.get(listeners)
  if (known) return known
  const kinds = new Map(listeners.map((one) => [`${one.protocol} ${familyOf(one.address)} ${isNetwork(one)}`, one]))
  const ground: Ground = {
    vips: new Set(listeners.map(writtenNetwork)),
    prefixes: [...new Set(listeners.map(({ prefix }) => prefix))],
    kinds: [...kinds.values()],
    port: commonPort(listeners),
  }
  grounds.set(listeners, ground)
  return ground
}

/** The port of a server that has none of its own: the service's, or 0 where that is the one that the client used. */
export function defaultPort(service: Around): number {
  return groundOf(service.listeners).port
}

/** What makes a server no server of this service. */
export function misplaced(server: RealServer, at: string, service: Around): FieldError[] {
  const ground = groundOf(service.listeners)
  const vip = ownVip(server.address, ground)
  if (vip !== undefined) return [{ path: `${at}address`, message: whoseAddress(server.address, vip) }]
  if (!isPort(server.port)) return []
  const refused = ground.kinds.flatMap((listener) => refusedBy(listener, server, ground) ?? [])
  const [first] = refused
  if (first) return [{ path: `${at}${first.field}`, message: first.message }]
  return server.forwarding === 'fullnat' ? withoutSource(server.address, `${at}forwarding`, service.sources) : []
}

/** The VIP, or the network of them, that `address` is in. */
function ownVip(address: Address, { vips, prefixes }: Ground): string | undefined {
  const width = widths[familyOf(address)]
  const networks = prefixes.map((prefix) =>
    prefix >= width ? address : writtenNetwork({ address: firstAddress({ address, prefix }), prefix }),
  )
  return networks.find((network) => vips.has(network))
}

function whoseAddress(address: Address, vip: string): string {
  return address === vip ? `${address} is the service's own address` : `${address} is in the service's own network ${vip}`
}

function refusedBy(listener: Listener, server: RealServer, { port }: Ground) {
  const { forwarding, address } = server
  const { protocol } = listener
  const refused = refusal({
    forwarding,
    protocol,
    vip: familyOf(listener.address),
    server: familyOf(address),
    network: isNetwork(listener),
    remapped: server.port !== port,
  })
  if (!refused) return undefined
  const { field, reason } = refused
  const messages = {
    address: `${reason}: the VIP is ${writtenNetwork(listener)}, the server ${address}`,
    port: `must be ${port === 0 ? 'absent, or 0 for the port that the client used' : `the service's port ${port}`}, got ${server.port}: ${reason}`,
    forwarding: `${forwarding} is not for ${isNetwork(listener) ? writtenNetwork(listener) : protocol}: ${reason}`,
  }
  return { field, message: messages[field] }
}

function withoutSource(server: Address, path: string, sources: Sources): FieldError[] {
  const family = familyOf(server)
  if (sources === 'unknown' || sources.some((source) => familyOf(source) === family)) return []
  return [{ path, message: `fullnat needs an ${family} address of this director in sources` }]
}
