// SPDX-License-Identifier: Apache-2.0
// /v1/services/{name}/servers
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { ServerSchema } from '../config/schema.js'
import type { Director } from '../director/view.js'
import { type Service, serverName } from '../model/desired.js'
import { bodyServer, parseEndpoint, patchedServer } from './bodies.js'
import { serverDocument, serverDocuments } from './documents.js'
import { addServer, findServer, findService, putServer, removeServer } from './edit.js'
import { answers, answersNothing, answersPut, mergePatchOf } from './openapi.js'
import { ServerDocumentSchema } from './schemas.js'

interface OfService {
  Params: { name: string }
}
interface Named {
  Params: { name: string; server: string }
}

/** The service of that name as it is now. */
type Find = (name: string) => Service

const name = Type.String({ description: "The service's name" })
const ofService = Type.Object({ name })
const params = Type.Object({
  name,
  server: Type.String({ description: '{address}:{port}', examples: ['10.0.0.11:80', '[2001:db8::11]:80'] }),
})
const tags = ['servers']

export function serverRoutes(app: FastifyInstance, director: Director): void {
  const service: Find = (name) => findService(director.desired().services, name)
  routesOfAll(app, director, service)
  routesOfOne(app, director, service)
}

function routesOfAll(app: FastifyInstance, director: Director, service: Find): void {
  app.get<OfService>(
    '/v1/services/:name/servers',
    {
      schema: {
        tags,
        summary: 'The servers of a service, in list order',
        params: ofService,
        response: answers(200, Type.Array(ServerDocumentSchema)),
      },
    },
    ({ params: { name } }) => serverDocuments(director, service(name)),
  )

  app.post<OfService>(
    '/v1/services/:name/servers',
    {
      schema: {
        tags,
        summary: 'Add a server',
        params: ofService,
        body: ServerSchema,
        response: answers(201, ServerDocumentSchema),
      },
    },
    async ({ params: { name }, body }, reply) => {
      const server = bodyServer(body, service(name), director.desired())
      await director.change(`add server ${serverName(server)} to ${name}`, (services) =>
        addServer(services, findService(services, name), server),
      )
      return reply
        .code(201)
        .header('Location', location(name, serverName(server)))
        .send(serverDocument(director, service(name), server))
    },
  )
}

function routesOfOne(app: FastifyInstance, director: Director, service: Find): void {
  app.get<Named>(
    '/v1/services/:name/servers/:server',
    { schema: { tags, summary: 'One server', params, response: answers(200, ServerDocumentSchema) } },
    ({ params: { name, server } }) => serverDocument(director, service(name), findServer(service(name), parseName(server))),
  )

  app.put<Named>(
    '/v1/services/:name/servers/:server',
    {
      schema: {
        tags,
        summary: 'Add a server or replace its weight and its way to forward',
        params,
        body: Type.Partial(ServerSchema),
        response: answersPut(ServerDocumentSchema),
      },
    },
    async ({ params, body }, reply) => {
      const at = parseEndpoint(params.server, 'server')
      const address = serverName(at)
      const server = bodyServer(body, service(params.name), director.desired(), at)
      let created = false
      await director.change(`put server ${address} of ${params.name}`, (services) => {
        const parent = findService(services, params.name)
        created = !parent.servers.some((other) => serverName(other) === address)
        return putServer(services, parent, server)
      })
      if (created) reply.code(201).header('Location', location(params.name, address))
      return serverDocument(director, service(params.name), server)
    },
  )

  app.patch<Named>(
    '/v1/services/:name/servers/:server',
    {
      schema: {
        tags,
        summary: 'Change some fields: a JSON merge patch (RFC 7396)',
        params,
        ...mergePatchOf(ServerSchema),
        response: answers(200, ServerDocumentSchema),
      },
    },
    async ({ params, body }) => {
      const address = parseName(params.server)
      await director.change(`patch server ${address} of ${params.name}`, (services) => {
        const parent = findService(services, params.name)
        return putServer(services, parent, patchedServer(findServer(parent, address), parent, director.desired(), body))
      })
      return serverDocument(director, service(params.name), findServer(service(params.name), address))
    },
  )

  app.delete<Named>(
    '/v1/services/:name/servers/:server',
    { schema: { tags, summary: 'Remove a server', params, response: answersNothing } },
    async ({ params }, reply) => {
      const address = parseName(params.server)
      await director.change(`remove server ${address} from ${params.name}`, (services) =>
        removeServer(services, findService(services, params.name), address),
      )
      return reply.code(204).send()
    },
  )
}

/** The brackets of an IPv6 address may stand in no path (RFC 3986). */
function location(service: string, server: string): string {
  return `/v1/services/${service}/servers/${server.replaceAll(/[[\]]/g, encodeURIComponent)}`
}

/** A server's name in canonical form. */
function parseName(text: string): string {
  return serverName(parseEndpoint(text, 'server'))
}
