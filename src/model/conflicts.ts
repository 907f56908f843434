// SPDX-License-Identifier: Apache-2.0
// What two services, or two servers or listeners of one service, may not share.
import { type Clash, clashes } from './clashes.js'
import { type RealServer, type Service, serverName } from './desired.js'
import type { FieldError } from './errors.js'
import { isPlain, type Listener, listenerName } from './listener.js'

/** Every later service that takes an earlier one's name or listener, with both places: `services[3].name`. */
export function conflictingServices(services: readonly Service[], at = 'services'): FieldError[] {
  const found = [...takenListeners(services, at), ...takenNames(services, at)]
  return found.sort((a, b) => a.service - b.service).map(({ error }) => error)
}

/** The listeners of the last of these services that others of them have. */
export function conflictingListeners(others: readonly Service[], service: Service): FieldError[] {
  const last = others.length
  return clashesBetween([...others, service])
    .filter(({ claim }) => claim.service === last)
    .map((clash) => {
      const { name } = others[clash.holder.service] as Service
      return { path: listenerPath(service, clash.claim.place), message: told(clash, `service ${name}`) }
    })
}

/** Every later listener of one service that clashes with an earlier one. */
export function repeatedListeners(listeners: readonly Listener[], at = 'listeners'): FieldError[] {
  return clashes([{ listeners }]).map((clash) => ({
    path: `${at}[${clash.claim.place}]`,
    message: told(clash, `${at}[${clash.holder.place}]`),
  }))
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

interface Found {
  /** Place of the service. */
  readonly service: number
  readonly error: FieldError
}

function takenListeners(services: readonly Service[], at: string): Found[] {
  return clashesBetween(services).map((clash) => {
    const { claim, holder } = clash
    const path = `${at}[${claim.service}].${listenerPath(services[claim.service] as Service, claim.place)}`
    const held = listenerPath(services[holder.service] as Service, holder.place)
    const place = held === 'address' ? `${at}[${holder.service}]` : `${at}[${holder.service}].${held}`
    return { service: claim.service, error: { path, message: told(clash, place) } }
  })
}

function takenNames(services: readonly Service[], at: string): Found[] {
  const names = new Map<string, number>()
  const found: Found[] = []
  services.forEach(({ name }, service) => {
    const same = names.get(name)
    const error = { path: `${at}[${service}].name`, message: `the name ${name} is taken by ${at}[${same}]` }
    if (same === undefined) names.set(name, service)
    else found.push({ service, error })
  })
  return found
}

/** A service's own listeners were compared when it was read. */
function clashesBetween(services: readonly Service[]): Clash[] {
  return clashes(services).filter(({ claim, holder }) => claim.service !== holder.service)
}

/** Where the canonical form of a service has its listener. */
function listenerPath({ listeners }: Service, place: number): string {
  return listeners.length === 1 && isPlain(listeners[0] as Listener) ? 'address' : `listeners[${place}]`
}

function told({ claim, holder, kind }: Clash, whose: string): string {
  const name = listenerName(claim.listener)
  if (kind === 'same') return `${name} is taken by ${whose}`
  return `${name} overlaps ${listenerName(holder.listener)} of ${whose}, and neither is inside the other`
}
