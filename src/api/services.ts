// SPDX-License-Identifier: Apache-2.0
// /v1/services
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { ServiceSchema } from '../config/schema.js'
import type { Director } from '../director/view.js'
import type { Service } from '../model/desired.js'
import { bodyService, patchedService } from './bodies.js'
import { serviceDocument, serviceDocuments } from './documents.js'
import { addService, findService, putService, removeService } from './edit.js'
import { answers, answersNothing, answersPut, mergePatchOf } from './openapi.js'
import { ServiceDocumentSchema } from './schemas.js'

interface Named {
  Params: { name: string }
}

const params = Type.Object({ name: Type.String({ description: "The service's name" }) })
const tags = ['services']

export function serviceRoutes(app: FastifyInstance, director: Director): void {
  routesOfAll(app, director)
  routesOfOne(app, director)
}

function routesOfAll(app: FastifyInstance, director: Director): void {
  app.get(
    '/v1/services',
    {
      schema: {
        tags,
        summary: 'All services, in the order of the configuration',
        response: answers(200, Type.Array(ServiceDocumentSchema)),
      },
    },
    () => serviceDocuments(director),
  )

  app.post(
    '/v1/services',
    { schema: { tags, summary: 'Add a service', body: ServiceSchema, response: answers(201, ServiceDocumentSchema) } },
    async (request, reply) => {
      const service = bodyService(request.body, director.desired())
      await director.change(`add service ${service.name}`, (services) => addService(services, service))
      return reply.code(201).header('Location', location(service)).send(serviceDocument(director, service))
    },
  )
}

function routesOfOne(app: FastifyInstance, director: Director): void {
  app.get<Named>(
    '/v1/services/:name',
    { schema: { tags, summary: 'One service', params, response: answers(200, ServiceDocumentSchema) } },
    ({ params: { name } }) => serviceDocument(director, findService(director.desired().services, name)),
  )

  app.put<Named>(
    '/v1/services/:name',
    {
      schema: {
        tags,
        summary: 'Add a service or replace all of it',
        params,
        body: ServiceSchema,
        response: answersPut(ServiceDocumentSchema),
      },
    },
    async ({ params: { name }, body }, reply) => {
      const service = bodyService(body, director.desired(), name)
      let created = false
      await director.change(`put service ${name}`, (services) => {
        created = !services.some((other) => other.name === name)
        return putService(services, service)
      })
      if (created) reply.code(201).header('Location', location(service))
      return serviceDocument(director, service)
    },
  )

  app.patch<Named>(
    '/v1/services/:name',
    {
      schema: {
        tags,
        summary: 'Change some fields: a JSON merge patch (RFC 7396)',
        params,
        ...mergePatchOf(ServiceSchema),
        response: answers(200, ServiceDocumentSchema),
      },
    },
    async ({ params: { name }, body }) => {
      await director.change(`patch service ${name}`, (services) =>
        putService(services, patchedService(findService(services, name), director.desired(), body)),
      )
      return serviceDocument(director, findService(director.desired().services, name))
    },
  )

  app.delete<Named>(
    '/v1/services/:name',
    { schema: { tags, summary: 'Remove a service and its servers', params, response: answersNothing } },
    async ({ params: { name } }, reply) => {
      await director.change(`remove service ${name}`, (services) => removeService(services, name))
      return reply.code(204).send()
    },
  )
}

function location(service: Service): string {
  return `/v1/services/${service.name}`
}
