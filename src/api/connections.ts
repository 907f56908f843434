// SPDX-License-Identifier: Apache-2.0
// /v1/connections
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { NameSchema } from '../config/schema.js'
import type { Director } from '../director/view.js'
import { serverName } from '../model/desired.js'
import { parseClient, parseEndpoint } from './bodies.js'
import { answers } from './openapi.js'
import { ConnectionsSchema } from './schemas.js'

const QuerySchema = Type.Object(
  {
    service: Type.Optional(NameSchema),
    server: Type.Optional(Type.String({ description: 'address:port of a server', maxLength: 64 })),
    client: Type.Optional(Type.String({ description: 'the address of a client', maxLength: 64 })),
    limit: Type.Optional(Type.Integer({ description: 'a number between 1 and 1000', minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ description: 'the nextCursor of the page before', pattern: '^[A-Za-z0-9._-]{1,64}$' })),
  },
  { additionalProperties: false },
)

export function connectionRoutes(app: FastifyInstance, director: Director): void {
  app.get<{ Querystring: Static<typeof QuerySchema> }>(
    '/v1/connections',
    {
      schema: {
        tags: ['observe'],
        summary: 'Connections, a page at a time',
        querystring: QuerySchema,
        response: answers(200, ConnectionsSchema),
      },
    },
    ({ query: { service, server, client, limit = 100, cursor } }) =>
      director.connections({
        limit,
        ...(service !== undefined && { service }),
        ...(server !== undefined && { server: serverName(parseEndpoint(server, 'server')) }),
        ...(client !== undefined && { client: parseClient(client) }),
        ...(cursor !== undefined && { cursor }),
      }),
  )
}
