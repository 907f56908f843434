// SPDX-License-Identifier: Apache-2.0
// Where a service listens, as users write it: one address and port by its own fields, or a list of listeners.
import { isIPv6, parseAddress, unusable } from '../model/address.js'
import { repeatedListeners } from '../model/conflicts.js'
import type { Address } from '../model/desired.js'
import type { FieldError } from '../model/errors.js'
import {
  firstAddress,
  isNetwork,
  type Listener,
  type Network,
  type Ports,
  parseNetwork,
  parsePorts,
  writtenNetwork,
} from '../model/listener.js'
import { contains } from '../model/network.js'
import type { ListenerBody, ServiceBody } from './schema.js'
import { type Fields, isFields, listOf, type Read, shown } from './shape.js'

/** The director's addresses for full NAT; unknown where a journal is read, which was held to them when it was written. */
export type Sources = readonly Address[] | 'unknown'

/** Listeners that can't be read are left out. */
export function readListeners(fields: unknown, at: string, sources: Sources): Read<readonly Listener[]> {
  if (!isFields(fields)) return { value: [], errors: [] }
  const { protocol, listeners } = fields as unknown as ServiceBody
  if (listeners === undefined) return collected([readListener(fields, at, sources, ['protocol', 'address', 'port'])])
  const both = ['address', 'port'].filter((name) => fields[name] !== undefined)
  const listed = listOf(listeners).map((item, index) => {
    const own = isFields(item) ? item : {}
    return readListener({ protocol, ...own }, `${at}listeners[${index}].`, sources, ['protocol'])
  })
  const { value, errors } = collected(listed)
  const refused = both.map((name) => ({ path: `${at}${name}`, message: 'is what listeners say: leave one of the two out' }))
  const isWhole = value.length === listed.length
  return { value, errors: [...refused, ...errors, ...(isWhole ? repeatedListeners(value, `${at}listeners`) : [])] }
}

function collected(read: readonly Read<Listener | undefined>[]): Read<readonly Listener[]> {
  return { value: read.flatMap(({ value }) => value ?? []), errors: read.flatMap(({ errors }) => errors) }
}

/** `required`: what the schema leaves open here. */
function readListener(fields: Fields, at: string, sources: Sources, required: readonly string[]): Read<Listener | undefined> {
  const body = fields as Partial<ListenerBody>
  const network = readNetwork(body.address, `${at}address`, sources)
  const ports = readPorts(body.port, `${at}port`)
  const missing = required
    .filter((name) => fields[name] === undefined)
    .map((name) => ({ path: `${at}${name}`, message: 'is required' }))
  const errors = [...missing, ...network.errors, ...ports.errors]
  if (!network.value || !ports.value || !body.protocol) return { value: undefined, errors }
  return { value: { protocol: body.protocol, ...network.value, ...ports.value }, errors }
}

function readNetwork(text: unknown, at: string, sources: Sources): Read<Network | undefined> {
  if (typeof text !== 'string') return { value: undefined, errors: [] }
  const refuse = (message: string) => ({ value: undefined, errors: [{ path: at, message }] })
  const network = parseNetwork(text)
  if (network === undefined)
    return refuse(`must be an IPv4 or IPv6 address, or a network such as 203.0.113.0/24, got ${shown(text)}`)
  const why = unusable(network.address)
  if (why !== undefined) return refuse(`${network.address} ${why}`)
  const first = { ...network, address: firstAddress(network) }
  if (first.address !== network.address)
    return refuse(`${writtenNetwork(network)} is in the network ${writtenNetwork(first)}: write that, or the address alone`)
  if (isIPv6(network.address) && contains(network.address, network.prefix, mapped))
    return refuse(
      `${writtenNetwork(network)} holds the IPv4 addresses mapped into IPv6: write a network of IPv4, or a smaller one`,
    )
  return { value: network, errors: ownSources(network, at, sources) }
}

/** The program looks IPv4 addresses up under ::ffff:0:0/96. */
const mapped = '::ffff:0:0' as Address

/** Replies to a source address are told from clients' packets by that address alone. */
function ownSources(network: Network, path: string, sources: Sources): FieldError[] {
  if (sources === 'unknown') return []
  return sources
    .filter((source) => contains(network.address, network.prefix, source))
    .map((source) => ({
      path,
      message: `${isNetwork(network) ? `${source} of ${writtenNetwork(network)}` : source} is in sources: full NAT needs it for itself`,
    }))
}

/** A range the wrong way round has the right shape. */
function readPorts(value: unknown, path: string): Read<Ports | undefined> {
  const ports = parsePorts(value)
  const isReversed = ports === undefined && typeof value === 'string' && /^[1-9]\d{0,4}-[1-9]\d{0,4}$/.test(value)
  if (!isReversed) return { value: ports, errors: [] }
  return { value: undefined, errors: [{ path, message: `must be a range from a lower to a higher port, got ${shown(value)}` }] }
}

/** An address of a single host. */
export function readAddress(text: unknown, at: string): Read<Address | undefined> {
  if (typeof text !== 'string') return { value: undefined, errors: [] }
  const refuse = (message: string) => ({ value: undefined, errors: [{ path: at, message }] })
  const address = parseAddress(text)
  if (address === undefined) return refuse(`must be an IPv4 or IPv6 address, got ${shown(text)}`)
  const why = unusable(address)
  return why === undefined ? { value: address, errors: [] } : refuse(`${address} ${why}`)
}
