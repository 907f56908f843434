// SPDX-License-Identifier: Apache-2.0
// /v1/config: the whole desired state. Only its services can change here; the rest is read at the start.
import type { FastifyInstance } from 'fastify'
import Type, { type Static } from 'typebox'
import { formatConfig } from '../config/format.js'
import { parseDesired } from '../config/parse.js'
import { ConfigSchema, ServicesSchema } from '../config/schema.js'
import { type Fields, isFields } from '../config/shape.js'
import type { Director } from '../director/view.js'
import type { Desired, Service } from '../model/desired.js'
import type { FieldError } from '../model/errors.js'
import { answers } from './openapi.js'
import { refusal } from './requests.js'
import { ChangesSchema, ConfigDocumentSchema } from './schemas.js'

const QuerySchema = Type.Object(
  { dryRun: Type.Optional(Type.Boolean({ description: 'true or false', default: false })) },
  { additionalProperties: false },
)

const BodySchema = Type.Object(
  { ...Type.Partial(ConfigSchema).properties, services: ServicesSchema },
  { additionalProperties: false, description: 'As GET answers it. Fields other than services may be absent, and cannot change.' },
)

const tags = ['config']

export function configRoutes(app: FastifyInstance, director: Director): void {
  app.get(
    '/v1/config',
    { schema: { tags, summary: 'The whole desired state', response: answers(200, ConfigDocumentSchema) } },
    () => formatConfig(director.desired()),
  )

  app.put<{ Querystring: Static<typeof QuerySchema> }>(
    '/v1/config',
    {
      schema: {
        tags,
        summary: 'Replace all services at once; a dry run only lists the changes',
        querystring: QuerySchema,
        body: BodySchema,
        response: answers(200, ChangesSchema),
      },
    },
    async ({ body, query: { dryRun = false } }) => {
      const services = bodyServices(body, director.desired())
      const changes = dryRun ? director.dryRun(() => services) : await director.change('put config', () => services)
      return { dryRun, changes }
    },
  )
}

/** The services of a configuration whose other settings, where present, are the running ones. */
function bodyServices(body: unknown, running: Desired): readonly Service[] {
  if (!isFields(body)) return parseDesired(body).services
  if (body.services === undefined) throw refusal([{ path: 'services', message: 'is required' }])
  const { services, ...settings } = parseDesired(completed(body, running))
  const { services: _, ...runningSettings } = running
  const changed = differences(runningSettings, settings, '')
  if (changed.length > 0) throw refusal(changed.map((path) => fixed(path)))
  return services
}

/** `body` with the running settings wherever it says nothing. */
function completed(body: Fields, running: Desired): Fields {
  const base: Fields = formatConfig(running)
  const whole = Object.entries({ ...base, ...body })
  return Object.fromEntries(
    whole.map(([name, value]) => [name, isFields(value) && isFields(base[name]) ? { ...base[name], ...value } : value]),
  )
}

/** The paths of the leaves in which two settings differ; a list is a leaf. */
function differences(before: unknown, after: unknown, at: string): string[] {
  if (isFields(before) && isFields(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...names].flatMap((name) => differences(before[name], after[name], at === '' ? name : `${at}.${name}`))
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [at]
}

function fixed(path: string): FieldError {
  return { path, message: 'cannot be changed over the API; edit the file and restart' }
}
