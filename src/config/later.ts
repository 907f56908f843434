// SPDX-License-Identifier: Apache-2.0
// What LVS has and this version has not: refused by name, and not as a spelling mistake.
import { isIPv6 } from '../model/address.js'
import type { Address, Forwarding, Protocol, RealServer, Service } from '../model/desired.js'
import type { FieldError } from '../model/errors.js'
import { isNetwork, isRange, type Listener, writtenNetwork, writtenPorts } from '../model/listener.js'

const later: Readonly<Record<string, readonly string[]>> = {
  scheduler: ['lc', 'wlc', 'sed', 'nq', 'fo', 'ovf', 'twos', 'dh', 'sh', 'mh', 'lblc', 'lblcr'],
}

const laterFields: ReadonlySet<string> = new Set(['persistence', 'upperThreshold', 'lowerThreshold'])

/** Is `value` one that this field will take in a later version? */
export function comesLater(field: string, value: unknown): boolean {
  return later[field]?.includes(value as string) ?? false
}

/** Is this the name of a field of a later version? */
export function fieldComesLater(field: string): boolean {
  return laterFields.has(field)
}

const protocols: ReadonlySet<Protocol> = new Set(['tcp', 'udp'])
const methods: ReadonlySet<Forwarding> = new Set(['dr'])

/** What is right in a service, but beyond the data plane of this version. */
export function unsupported(service: Service, at: string): FieldError[] {
  const { listeners, forwarding, servers } = service
  const place = (index: number) => (listeners.length === 1 ? at : `${at}listeners[${index}].`)
  return [
    ...listeners.flatMap((listener, index) => unsupportedListener(listener, place(index))),
    ...unsupportedMethod(forwarding, `${at}forwarding`),
    ...servers.flatMap((server, index) => unsupportedServer(server, `${at}servers[${index}].`, forwarding)),
  ]
}

function unsupportedListener(listener: Listener, at: string): FieldError[] {
  const { protocol, address, firstPort } = listener
  return [
    ...(protocols.has(protocol) ? [] : [refused(`${at}protocol`, protocol)]),
    ...unsupportedAddress(address, `${at}address`),
    ...(isNetwork(listener) ? [refused(`${at}address`, `${writtenNetwork(listener)}: a network`)] : []),
    ...(isRange(listener) ? [refused(`${at}port`, `${writtenPorts(listener)}: a range`)] : []),
    ...(firstPort === 0 ? [refused(`${at}port`, 'port 0 (every port)')] : []),
  ]
}

/** `told`: the way to forward that is refused already, or is not. */
export function unsupportedServer({ address, forwarding }: RealServer, at: string, told?: Forwarding): FieldError[] {
  return [
    ...unsupportedAddress(address, `${at}address`),
    ...(forwarding === told ? [] : unsupportedMethod(forwarding, `${at}forwarding`)),
  ]
}

function unsupportedMethod(forwarding: Forwarding, path: string): FieldError[] {
  return methods.has(forwarding) ? [] : [refused(path, forwarding)]
}

function unsupportedAddress(address: Address, path: string): FieldError[] {
  return isIPv6(address) ? [refused(path, `${address}: IPv6`)] : []
}

function refused(path: string, what: string): FieldError {
  return { path, message: `${what} is not supported by this version` }
}
