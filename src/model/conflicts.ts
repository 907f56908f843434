// SPDX-License-Identifier: Apache-2.0
// What two services, or two servers of one service, may not share.
import { listenerName, type RealServer, type Service, serverName } from './desired.js'
import type { FieldError } from './errors.js'

/** Every later service that takes an earlier one's name or listener, with both places: `services[3].name`. */
export function conflictingServices(services: readonly Service[], at = 'services'): FieldError[] {
  const names = new Map<string, number>()
  const listeners = new Map<string, number>()
  const found: FieldError[] = []
  services.forEach((service, index) => {
    const listener = listenerName(service)
    const sameName = names.get(service.name)
    const sameListener = listeners.get(listener)
    if (sameListener !== undefined)
      found.push({ path: `${at}[${index}].address`, message: `${listener} is taken by ${at}[${sameListener}]` })
    if (sameName !== undefined)
      found.push({ path: `${at}[${index}].name`, message: `the name ${service.name} is taken by ${at}[${sameName}]` })
    names.set(service.name, sameName ?? index)
    listeners.set(listener, sameListener ?? index)
  })
  return found
}

/** Every later server that has an earlier one's address and port, with both places. */
export function conflictingServers(servers: readonly RealServer[], at = 'servers'): FieldError[] {
  const seen = new Map<string, number>()
  const found: FieldError[] = []
  servers.forEach((server, index) => {
    const name = serverName(server)
    const same = seen.get(name)
    if (same === undefined) seen.set(name, index)
    else found.push({ path: `${at}[${index}]`, message: `${name} is already in ${at}[${same}]` })
  })
  return found
}
