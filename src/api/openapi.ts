// SPDX-License-Identifier: Apache-2.0
// The description of the API, OpenAPI 3.1: what each route declares, and what all of them share.
import type { SwaggerOptions } from '@fastify/swagger'
import Type, { type TObject, type TSchema } from 'typebox'
import { ProblemSchema } from './schemas.js'

export const openApi: SwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'xlvs',
      version: '1',
      description: 'Virtual services and their real servers. Every refusal is a problem document, and changes nothing.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'services', description: 'Virtual services: an address, a port, a protocol' },
      { name: 'servers', description: 'The real servers of a service' },
      { name: 'observe', description: 'What goes on' },
      { name: 'config', description: 'The whole desired state' },
      { name: 'probes', description: 'For supervisors and Prometheus' },
    ],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Over TCP only; on the unix socket its file mode decides' },
      },
    },
    security: [{ token: [] }, {}],
  },
}

const problem = (description: string) => ({ description, content: { 'application/problem+json': { schema: ProblemSchema } } })

const anyProblem = { '4xx': problem('Refused; `errors` names the field'), '5xx': problem('Not possible now') }

/** The responses of a route: `schema` on success under `status`, a problem else. */
export function answers<Schema>(status: 200 | 201, schema: Schema): { [code: string]: unknown } {
  return { [status]: schema, ...anyProblem }
}

/** The responses of a route that creates or replaces. */
export function answersPut(schema: object): { [code: string]: unknown } {
  return { 200: schema, 201: { ...schema, description: 'Created' }, ...anyProblem }
}

export const answersNothing = { 204: { type: 'null', description: 'Done' }, ...anyProblem }

/** The body of a merge patch of what `schema` describes. */
export function mergePatchOf(schema: TObject): { consumes: string[]; body: TSchema } {
  return { consumes: ['application/merge-patch+json', 'application/json'], body: Type.Partial(schema) }
}
