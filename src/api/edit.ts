// SPDX-License-Identifier: Apache-2.0
// What a request makes of the list of services: functions from one list to the next, for Director.change.
import { conflictingListeners } from '../model/conflicts.js'
import { type RealServer, type Service, serverName } from '../model/desired.js'
import { type FieldError, UserError } from '../model/errors.js'
import { told } from './errors.js'

type Services = readonly Service[]

export function findService(services: Services, name: string): Service {
  const found = services.find((service) => service.name === name)
  if (!found) throw new UserError('notFound', `There is no service named ${name}`)
  return found
}

export function findServer(service: Service, name: string): RealServer {
  const found = service.servers.find((server) => serverName(server) === name)
  if (!found) throw new UserError('notFound', `Service ${service.name} has no server ${name}`)
  return found
}

/** The list with `service` at its end; its name and its listeners must be free. */
export function addService(services: Services, service: Service): Services {
  refuseTaken([...takenName(services, service), ...conflictingListeners(services, service)])
  return [...services, service]
}

/** The list with `service` in the place of the one of that name, or at the end. */
export function putService(services: Services, service: Service): Services {
  const others = services.filter((other) => other.name !== service.name)
  refuseTaken(conflictingListeners(others, service))
  if (others.length === services.length) return [...services, service]
  return services.map((other) => (other.name === service.name ? service : other))
}

export function removeService(services: Services, name: string): Services {
  const removed = findService(services, name)
  return services.filter((service) => service !== removed)
}

export function addServer(services: Services, service: Service, server: RealServer): Services {
  if (service.servers.some((other) => serverName(other) === serverName(server))) refuseTaken([takenServer(service, server)])
  return putService(services, { ...service, servers: [...service.servers, server] })
}

/** The list with `server` in the place of the one of that address and port, which keeps its turn, or at the service's end. */
export function putServer(services: Services, service: Service, server: RealServer): Services {
  const name = serverName(server)
  if (!service.servers.some((other) => serverName(other) === name)) return addServer(services, service, server)
  const servers = service.servers.map((other) => (serverName(other) === name ? server : other))
  return putService(services, { ...service, servers })
}

export function removeServer(services: Services, service: Service, name: string): Services {
  const removed = findServer(service, name)
  return putService(services, { ...service, servers: service.servers.filter((server) => server !== removed) })
}

function takenName(services: Services, { name }: Service): FieldError[] {
  if (!services.some((other) => other.name === name)) return []
  return [{ path: 'name', message: `there is a service named ${name} already` }]
}

function takenServer(service: Service, server: RealServer): FieldError {
  return { path: 'address', message: `service ${service.name} has a server ${serverName(server)} already` }
}

function refuseTaken(taken: readonly FieldError[]): void {
  if (taken.length > 0) throw new UserError('conflict', told(taken), taken)
}
