// SPDX-License-Identifier: Apache-2.0
// Services and servers as the API answers them: what is desired, in canonical form, with the status of the moment.
import type { Static } from 'typebox'
import type { Director, ServerStatus, ServiceStatus, Statistics } from '../director/view.js'
import { type RealServer, type Service, serverName } from '../model/desired.js'
import { written } from '../model/written.js'
import type { ServerDocumentSchema, ServiceDocumentSchema } from './schemas.js'

export type ServiceDocument = Static<typeof ServiceDocumentSchema>
export type ServerDocument = Static<typeof ServerDocumentSchema>

/** All services, from one reading of the director. */
export function serviceDocuments(director: Director): ServiceDocument[] {
  const { services } = director.statistics()
  return director.desired().services.map((service, place) => {
    const told = services[place] as Statistics['services'][number]
    return documentOf(
      service,
      told.status,
      told.servers.map(({ status }) => status),
    )
  })
}

/** One service; its status is asked of the director now. */
export function serviceDocument(director: Director, service: Service): ServiceDocument {
  const statuses = service.servers.map((server) => director.serverStatus(service.name, serverName(server)))
  return documentOf(service, director.serviceStatus(service.name), statuses)
}

export function serverDocuments(director: Director, service: Service): ServerDocument[] {
  return serviceDocument(director, service).servers
}

export function serverDocument(director: Director, service: Service, server: RealServer): ServerDocument {
  return { ...server, status: director.serverStatus(service.name, serverName(server)) }
}

function documentOf(service: Service, status: ServiceStatus, statuses: readonly ServerStatus[]): ServiceDocument {
  const { servers: _, ...fields } = written(service)
  const own = 'listeners' in fields ? { ...fields, listeners: [...fields.listeners] } : fields
  const servers = service.servers.map((server, place) => ({ ...server, status: statuses[place] as ServerStatus }))
  return { ...own, servers, status: { ...status, warnings: [...status.warnings] } }
}
