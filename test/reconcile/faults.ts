// SPDX-License-Identifier: Apache-2.0
// What a packet would stumble over in maps that say this.
import { familyOf, isIPv6 } from '../../src/model/address.js'
import { isNetwork, listenerName } from '../../src/model/listener.js'
import type { Actual, ListenerEntry, ServerEntry } from '../../src/reconcile/actual.js'
import { endpointName } from '../../src/reconcile/endpoints.js'

/** ENDPOINT_… of bpf/abi.h. */
const NARROW = 4
const WIDE = 8
const FULL = 16
const TUNNEL = 32

/** `found`: what packets find, which of a listener with several ports may be of two minds for a moment. */
export function faultsOf(actual: Actual, found: readonly ListenerEntry[]): string[] {
  const { listeners, servers, interfaces, sources, hops, vips } = actual
  const faults: string[] = []
  for (const listener of found) faults.push(...faultsOfListener(listenerName(listener), listener, actual))
  for (const { index, route, forwarding, address, sources: run, removed } of servers.values()) {
    if (route && !interfaces.has(route.interface)) faults.push(`server ${index} is on interface ${route.interface}`)
    if (forwarding !== 'fullnat' || removed) continue
    for (let source = run.first; source < run.first + run.count; source++) {
      const own = sources.get(source)
      if (own === undefined || familyOf(own) !== familyOf(address)) faults.push(`server ${index} has source ${source}: ${own}`)
    }
  }
  for (const { route, address } of [...hops.lists.IPv4, ...hops.lists.IPv6])
    if (route && !interfaces.has(route.interface)) faults.push(`clients in ${address} are on interface ${route.interface}`)
  const numbers = [...vips.values()].map(({ block }) => block).filter((block) => block !== 0)
  if (new Set(numbers).size < numbers.length) faults.push('two networks of one number')
  const indices = [...listeners.values()].map(({ index }) => index)
  if (new Set(indices).size < indices.length) faults.push('two listeners of one index')
  return faults
}

function faultsOfListener(name: string, listener: ListenerEntry, { schedules, servers, endpoints }: Actual): string[] {
  const faults: string[] = []
  const schedule = schedules.get(listener.service)
  if (!schedule) faults.push(`${name} has no schedule`)
  if (!listener.wide && (isIPv6(listener.address) || isNetwork(listener))) faults.push(`${name} has flows in the narrow table`)
  for (const index of new Set([...(schedule?.ring ?? []), ...(schedule?.hashRing ?? [])])) {
    const server = servers.get(index)
    if (!server || server.removed || server.service !== listener.service) {
      faults.push(`${name} leads to server ${index}`)
      continue
    }
    if (server.forwarding === 'fullnat' && !listener.wide) faults.push(`${name} has no room for source ports`)
    const { wanted, flag } = endpointFor(server, listener)
    if (wanted !== undefined && ((endpoints.get(wanted)?.flags ?? 0) & flag) === 0)
      faults.push(`replies from ${wanted} are not looked for where those of ${name} are`)
  }
  return faults
}

/** Where the server's replies to this listener's clients come from, and the flag that lets them be found. */
function endpointFor(server: ServerEntry, listener: ListenerEntry): { wanted: string | undefined; flag: number } {
  const { forwarding, address, port } = server
  const { protocol, firstPort, lastPort, wide } = listener
  if (forwarding === 'dr') return { wanted: undefined, flag: 0 }
  if (forwarding === 'tun') return { wanted: endpointName({ protocol: 'ipip', address, port: 0 }), flag: TUNNEL }
  const own = port === 0 && firstPort === lastPort ? firstPort : port
  return { wanted: endpointName({ protocol, address, port: own }), flag: forwarding === 'fullnat' ? FULL : wide ? WIDE : NARROW }
}
